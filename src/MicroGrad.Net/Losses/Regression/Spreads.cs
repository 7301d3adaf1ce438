using System.Runtime.CompilerServices;

namespace MicroGrad.Net;

/// <summary>Variances or deviations beside a prediction.</summary>
static class Spreads
{
    /// <summary>
    /// Lifts what is below a bound to it; its gradient is as if it had been there, so that it can rise again.
    /// </summary>
    public static Tensor Lifted(Tensor x, double least) => Tensor.Where(x < least, x + (least - x.Detach()), x);

    /// <summary>One per element, one per row or one for all, none negative.</summary>
    public static void Spread(this Checks check, Tensor spread, Tensor prediction,
        [CallerArgumentExpression(nameof(spread))] string name = "")
    {
        var shape = prediction.Shape;
        var perRow = shape.Rank > 0 ? shape.With(shape.Rank - 1, 1) : shape;
        if (spread.Rank > 0 && spread.Shape != shape && spread.Shape != perRow)
            Throw.Shapes(check.Name, $"{name} {spread.Shape} does not fit {shape}: one per element, one per row "
                + "([..., 1]) or a scalar for all.");
        check.SameDType(prediction, spread, otherName: name);
        check.Elements(spread, Domain.PredictedNotNegative, input: name);
    }
}
