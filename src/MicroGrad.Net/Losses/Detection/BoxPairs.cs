namespace MicroGrad.Net;

/// <summary>Predicted boxes, each beside its target.</summary>
/// <param name="Prediction">The predicted boxes.</param>
/// <param name="Target">The true ones.</param>
/// <param name="Mismatch">What is wrong with their overlap: 1 − IoU, plus inversion.</param>
/// <param name="Union">The area that the two cover together.</param>
sealed record BoxPairs(Box Prediction, Box Target, Tensor Mismatch, Tensor Union)
{
    public static BoxPairs Of(Checks check, Tensor prediction, Tensor target, double epsilon)
    {
        check.SameShape(prediction, target);
        check.Boxes(target);
        check.Option(epsilon, Domain.Positive, prediction.DType);
        var (p, t) = (Box.Of(prediction), Box.Of(target));
        var (_, union, excess) = Box.Overlap(p, t);
        return new(p, t, (excess + epsilon) / (union + epsilon) + Inversion(prediction, t, epsilon), union);
    }

    /// <summary>Width and height of the smallest box around both.</summary>
    public (Tensor Width, Tensor Height) Enclosing() =>
        (Tensor.Max(Prediction.X2, Target.X2) - Tensor.Min(Prediction.X1, Target.X1),
            Tensor.Max(Prediction.Y2, Target.Y2) - Tensor.Min(Prediction.Y1, Target.Y1));

    /// <summary>ρ² / (c² + ε). The centres are at half the sums of the corners, so ρ² is a quarter of this.</summary>
    public Tensor CentreDistance((Tensor Width, Tensor Height) enclosing, double epsilon)
    {
        var (p, t) = (Prediction, Target);
        var (x, y) = (p.X1 + p.X2 - t.X1 - t.X2, p.Y1 + p.Y2 - t.Y1 - t.Y2);
        return 0.25 * (x.Square() + y.Square()) / (enclosing.Width.Square() + enclosing.Height.Square() + epsilon);
    }

    /// <summary>
    /// What an inverted prediction pays, so that its gradient turns it: d / (d + w) + e / (e + h), d = x1 − x2 and
    /// e = y1 − y2 being how far it is inverted, w and h the target's sides. 0 for others.
    /// </summary>
    static Tensor Inversion(Tensor prediction, Box target, double epsilon)
    {
        var at = prediction.Unstack(axis: -1);
        var (d, e) = ((at[0] - at[2]).Relu(), (at[1] - at[3]).Relu());
        return d / (d + target.Width + epsilon) + e / (e + target.Height + epsilon);
    }
}
