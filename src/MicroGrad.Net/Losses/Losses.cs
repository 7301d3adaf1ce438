namespace MicroGrad.Net;

/// <summary>What becomes of the losses of single elements.</summary>
public enum Reduction
{
    /// <summary>Their mean; a weighted one where a loss says so.</summary>
    Mean,

    /// <summary>Their sum.</summary>
    Sum,

    /// <summary>Nothing: one loss per element.</summary>
    None,
}

/// <summary>
/// Loss functions: how far predictions are from the truth. Each is composed of differentiable ops, so no derivative
/// is written here. Predictions come first. Prediction and target must have the same shape: nothing is broadcast,
/// since [32, 1] against [32] would silently compare each with each.
/// </summary>
public static partial class Losses
{
    static Tensor Reduce(Tensor losses, Reduction reduction) => reduction switch
    {
        Reduction.Mean => losses.Mean(),
        Reduction.Sum => losses.Sum(),
        _ => losses,
    };

    static void RequireSameShape(string loss, Tensor prediction, Tensor target)
    {
        if (prediction.Shape == target.Shape) return;
        Throw.Shapes(loss, $"prediction {prediction.Shape} and target {target.Shape} differ in shape, and losses never "
            + "broadcast" + (prediction.Length == target.Length ? ": target.Reshape(prediction.Shape)?" : "."));
    }

    static void RequireWeights(string loss, string name, Tensor? weights, Shape shape)
    {
        if (weights is null) return;
        if (!weights.Shape.BroadcastsTo(shape))
            Throw.Shapes(loss, $"{name} {weights.Shape} does not fit {shape}.");
        var negative = Array.FindIndex(weights.ToDoubles(), w => !(w >= 0));
        if (negative >= 0) Throw.OutOfRange(loss, $"{name}[{negative}]", weights.ToDoubles()[negative], "0 or more");
    }
}
