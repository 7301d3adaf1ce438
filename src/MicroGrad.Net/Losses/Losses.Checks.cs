using System.Runtime.CompilerServices;

namespace MicroGrad.Net;

// What losses ask of their inputs; each error names the loss, the place and the value. Domains of single inputs are in
// Domain.cs; here stands how inputs fit each other.
public static partial class Losses
{
    /// <summary>
    /// How far the sum of probabilities may be from 1: the rounding of a softmax over many classes in Float32.
    /// </summary>
    const double SumTolerance = 1e-3;

    /// <summary>A prediction and its target: of one shape, and the target in its domain (finite by default).</summary>
    static void RequireTarget(string loss, Tensor prediction, Tensor target, Domain? domain = null,
        [CallerArgumentExpression(nameof(prediction))] string name = "")
    {
        Domain.Predicted.State(loss, name);
        RequireSameShape(loss, nameof(prediction), prediction, nameof(target), target);
        (domain ?? Domain.Finite).Require(loss, nameof(target), target);
    }

    static void RequireSameShape(string loss, string name, Tensor tensor, string otherName, Tensor other)
    {
        if (tensor.Shape != other.Shape)
            Throw.Shapes(loss, $"{name} {tensor.Shape} and {otherName} {other.Shape} differ in shape, and losses never "
                + "broadcast" + (tensor.Length == other.Length ? $": {otherName}.Reshape({name}.Shape)?" : "."));
        RequireSameDType(loss, name, tensor, otherName, other);
    }

    static void RequireSameDType(string loss, string name, Tensor tensor, string otherName, Tensor other)
    {
        Domain.Predicted.State(loss, name);         // for want of another domain
        Domain.Predicted.State(loss, otherName);
        if (tensor.DType != other.DType) Throw.MixedDTypes(loss, name, tensor.DType, otherName, other.DType);
    }

    /// <summary>A target of 1 and −1, of the shape of a prediction.</summary>
    static void RequireSigns(string loss, string name, Tensor prediction, Tensor target)
    {
        RequireSameShape(loss, name, prediction, nameof(target), target);
        RequireSigns(loss, target);
    }

    static void RequireSigns(string loss, Tensor target) => Domain.Signs.Require(loss, nameof(target), target,
        value => value == 0 ? ": 2 * target - 1 makes them of 0 and 1" : "");

    /// <summary>Probabilities that sum to 1 along an axis.</summary>
    static void RequireDistributions(
        string loss, string name, Tensor tensor, int axis, Domain? domain = null)
    {
        (domain ?? Domain.Distribution).Require(loss, name, tensor);
        var sums = tensor.Detach().Sum(axis);
        var wrong = sums.FirstOutside(1 - SumTolerance, 1 + SumTolerance);
        if (wrong >= 0)
            Throw.OutOfRange(loss, $"the sum of {Domain.Element(name, sums.Shape, wrong)} over the classes",
                sums.ToDoubles()[wrong], "1");
    }

    /// <summary>Weights fit a prediction (by broadcasting), and none is negative.</summary>
    static void RequireWeights(string loss, string name, Tensor? weights, Tensor prediction,
        [CallerArgumentExpression(nameof(prediction))] string predictionName = "")
    {
        if (weights is not null && !weights.Shape.BroadcastsTo(prediction.Shape))
            Throw.Shapes(loss, $"{name} {weights.Shape} does not fit {prediction.Shape}.");
        if (weights is not null) RequireSameDType(loss, predictionName, prediction, name, weights);
        Domain.Weights.Require(loss, name, weights);
    }
}
