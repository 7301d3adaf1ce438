namespace MicroGrad.Net;

// What losses ask of their inputs; each error names the loss, the place and the value.
public static partial class Losses
{
    /// <summary>
    /// How far the sum of probabilities may be from 1: the rounding of a softmax over many classes in Float32.
    /// </summary>
    const double SumTolerance = 1e-3;

    /// <summary>A prediction and its target: of one shape, and no NaN in the target.</summary>
    static void RequireTarget(string loss, Tensor prediction, Tensor target)
    {
        RequireSameShape(loss, nameof(prediction), prediction, nameof(target), target);
        RequireNumbers(loss, nameof(target), target);
    }

    static void RequireSameShape(string loss, string name, Tensor tensor, string otherName, Tensor other)
    {
        if (tensor.Shape != other.Shape)
            Throw.Shapes(loss, $"{name} {tensor.Shape} and {otherName} {other.Shape} differ in shape, and losses never "
                + "broadcast" + (tensor.Length == other.Length ? $": {otherName}.Reshape({name}.Shape)?" : "."));
        if (tensor.DType != other.DType) Throw.MixedDTypes(loss, name, tensor.DType, otherName, other.DType);
    }

    static void RequireNumbers(string loss, string name, Tensor tensor) =>
        RequireWithin(loss, name, tensor, double.NegativeInfinity, double.PositiveInfinity, "a number");

    static void RequireProbabilities(string loss, string name, Tensor tensor) =>
        RequireWithin(loss, name, tensor, 0, 1, "a probability, from 0 to 1");

    /// <summary>Probabilities that a model predicts: a NaN among them passes, and comes out of the loss.</summary>
    static void RequirePredictedProbabilities(string loss, string name, Tensor tensor)
    {
        if (tensor.FirstOutside(0, 1) < 0) return;
        var values = tensor.ToDoubles();
        var first = Array.FindIndex(values, value => value is < 0 or > 1);
        if (first >= 0)
            Throw.OutOfRange(loss, Element(name, tensor.Shape, first), values[first],
                "a probability, from 0 to 1; for logits there is BinaryCrossEntropyWithLogits");
    }

    /// <summary>Targets that say yes with 1 and no with 0.</summary>
    static void RequireZerosAndOnes(string loss, string name, Tensor tensor)
    {
        var values = tensor.ToDoubles();
        var other = Array.FindIndex(values, value => value is not (0 or 1));
        if (other >= 0) Throw.OutOfRange(loss, Element(name, tensor.Shape, other), values[other], "0 or 1");
    }

    /// <summary>Targets that say yes with 1 and no with −1.</summary>
    static void RequireSigns(string loss, string name, Tensor tensor)
    {
        var values = tensor.ToDoubles();
        var other = Array.FindIndex(values, value => value is not (1 or -1));
        if (other < 0) return;
        var mend = values[other] == 0 ? $": 2 * {name} - 1 makes them of 0 and 1" : "";
        Throw.OutOfRange(loss, Element(name, tensor.Shape, other), values[other], "1 or -1" + mend);
    }

    /// <summary>Probabilities that sum to 1 along an axis.</summary>
    static void RequireDistributions(string loss, string name, Tensor tensor, int axis)
    {
        RequireProbabilities(loss, name, tensor);
        var sums = tensor.Detach().Sum(axis);
        var wrong = sums.FirstOutside(1 - SumTolerance, 1 + SumTolerance);
        if (wrong >= 0)
            Throw.OutOfRange(loss, $"the sum of {Element(name, sums.Shape, wrong)} over the classes",
                sums.ToDoubles()[wrong], "1");
    }

    /// <summary>Weights fit a shape (by broadcasting) and none is negative.</summary>
    static void RequireWeights(string loss, string name, Tensor? weights, Shape shape)
    {
        if (weights is null) return;
        if (!weights.Shape.BroadcastsTo(shape)) Throw.Shapes(loss, $"{name} {weights.Shape} does not fit {shape}.");
        RequireWithin(loss, name, weights, 0, double.PositiveInfinity, "0 or more");
    }

    static void RequireWithin(string loss, string name, Tensor tensor, double low, double high, string wants)
    {
        var first = tensor.FirstOutside(low, high);
        if (first >= 0) Throw.OutOfRange(loss, Element(name, tensor.Shape, first), tensor.ToDoubles()[first], wants);
    }

    /// <summary>For predictions: none is negative, but a NaN passes, since NaN in gives NaN out.</summary>
    static void RequireNoneNegative(string loss, string name, Tensor tensor)
    {
        var first = tensor.FirstOutside(0, double.PositiveInfinity);
        if (first < 0) return;
        var values = tensor.ToDoubles();
        first = Array.FindIndex(values, first, value => value < 0);
        if (first >= 0) Throw.OutOfRange(loss, Element(name, tensor.Shape, first), values[first], "0 or more");
    }

    static void RequirePositive(string loss, string name, double value)
    {
        if (!(value > 0)) Throw.OutOfRange(loss, name, value, "positive");
        RequireFinite(loss, name, value);
    }

    static void RequireNotNegative(string loss, string name, double value)
    {
        if (!(value >= 0)) Throw.OutOfRange(loss, name, value, "0 or more");
        RequireFinite(loss, name, value);
    }

    // An infinite option would give 0 · ∞ = NaN somewhere.
    static void RequireFinite(string loss, string name, double value)
    {
        if (!double.IsFinite(value)) Throw.OutOfRange(loss, name, value, "finite");
    }

    /// <summary>The name of an element: <c>target[2, 0]</c>; of a scalar, <c>target</c>.</summary>
    static string Element(string name, Shape shape, int position) =>
        shape.Rank == 0 ? name : name + Shape.Text(shape.Position(position));
}
