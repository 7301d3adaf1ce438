namespace MicroGrad.Net;

public static partial class Losses
{
    /// <summary>
    /// (prediction − target)²: for errors that are normally distributed; an outlier counts with its square.
    /// </summary>
    /// <exception cref="ShapeException">The shapes differ.</exception>
    public static Tensor MeanSquaredError(Tensor prediction, Tensor target, Reduction reduction = Reduction.Mean)
    {
        RequireSameShape("mean squared error", prediction, target);
        return Reduce((prediction - target).Square(), reduction);
    }

    /// <summary>
    /// |prediction − target|: for errors with outliers; the best constant prediction is the median. The slope at 0
    /// is taken as 0.
    /// </summary>
    /// <exception cref="ShapeException">The shapes differ.</exception>
    public static Tensor MeanAbsoluteError(Tensor prediction, Tensor target, Reduction reduction = Reduction.Mean)
    {
        RequireSameShape("mean absolute error", prediction, target);
        return Reduce((prediction - target).Abs(), reduction);
    }

    /// <summary>
    /// ½e² for |e| ≤ delta and delta·(|e| − ½delta) beyond, e being prediction − target: squared near 0, absolute for
    /// outliers (Huber, 1964). With c = min(|e|, delta) that is ½c² + delta·(|e| − c).
    /// </summary>
    /// <exception cref="ShapeException">The shapes differ.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="delta"/> is not positive.</exception>
    public static Tensor Huber(Tensor prediction, Tensor target, double delta = 1, Reduction reduction = Reduction.Mean)
    {
        RequireSameShape("huber", prediction, target);
        if (!(delta > 0)) Throw.OutOfRange("huber", nameof(delta), delta, "positive");
        var error = (prediction - target).Abs();
        var core = error.Clamp(high: delta);
        return Reduce(0.5 * core.Square() + delta * (error - core), reduction);
    }
}
