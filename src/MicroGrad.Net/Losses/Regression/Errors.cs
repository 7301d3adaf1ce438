namespace MicroGrad.Net;

public static partial class Losses
{
    /// <summary>
    /// (prediction − target)²: the squared error.
    /// </summary>
    /// <remarks>
    /// <para>Gradient: 2·(prediction − target).</para>
    /// <para>Use: regression with errors that are about normally distributed; the best constant is the mean.</para>
    /// <para>Beware: an outlier counts with its square, and its gradient grows with it; then Huber or the absolute
    /// error. The unit is that of the target, squared.</para>
    /// <para>Twin: torch.nn.functional.mse_loss.</para>
    /// </remarks>
    /// <exception cref="ShapeException">The shapes differ.</exception>
    public static Tensor MeanSquaredError(Tensor prediction, Tensor target, Reduction reduction = Reduction.Mean)
    {
        RequireTarget("mean squared error", prediction, target);
        return Reduce((prediction - target).Square(), reduction);
    }

    /// <summary>
    /// |prediction − target|: the absolute error.
    /// </summary>
    /// <remarks>
    /// <para>Gradient: sign(prediction − target), taken as 0 at 0.</para>
    /// <para>Use: regression with outliers; the best constant is the median. The unit is that of the target.</para>
    /// <para>Beware: the gradient is as large for a small error as for a big one, so the last steps overshoot: lower
    /// the learning rate towards the end, or use Huber.</para>
    /// <para>Twin: torch.nn.functional.l1_loss.</para>
    /// </remarks>
    /// <exception cref="ShapeException">The shapes differ.</exception>
    public static Tensor MeanAbsoluteError(Tensor prediction, Tensor target, Reduction reduction = Reduction.Mean)
    {
        RequireTarget("mean absolute error", prediction, target);
        return Reduce((prediction - target).Abs(), reduction);
    }

    /// <summary>
    /// ½e² for |e| ≤ delta and delta·(|e| − ½delta) beyond, e being prediction − target: squared near 0, absolute for
    /// outliers (Huber, 1964). With c = min(|e|, delta) that is ½c² + delta·(|e| − c).
    /// </summary>
    /// <remarks>
    /// <para>Gradient: e, limited to ±delta.</para>
    /// <para>Use: regression with some outliers: smooth at 0 as the squared error, mild far away as the absolute.</para>
    /// <para>Beware: delta is in the unit of the target; scale the target, or set delta to the size of an error that
    /// is still no outlier.</para>
    /// <para>Twin: torch.nn.functional.huber_loss.</para>
    /// </remarks>
    /// <exception cref="ShapeException">The shapes differ.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="delta"/> is not positive.</exception>
    public static Tensor Huber(Tensor prediction, Tensor target, double delta = 1, Reduction reduction = Reduction.Mean)
    {
        RequireTarget("huber", prediction, target);
        RequirePositive("huber", nameof(delta), delta);
        var error = (prediction - target).Abs();
        var core = error.Clamp(high: delta);
        return Reduce(0.5 * core.Square() + delta * (error - core), reduction);
    }
}
