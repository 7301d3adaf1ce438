namespace MicroGrad.Net;

// Errors relative to the size of what is predicted.
public static partial class Losses
{
    /// <summary>
    /// 100·|prediction − target| / max(|target|, eps): the absolute error in percent of the target.
    /// </summary>
    /// <remarks>
    /// <para>Gradient: 100·sign(prediction − target) / max(|target|, eps).</para>
    /// <para>Use: targets of many sizes, none near 0, where being off by a tenth is as bad for a small one as for a big
    /// one; numbers that are reported in percent.</para>
    /// <para>Beware: a target near 0 drowns all others. Too low costs at most 100 %, too high any amount, so
    /// the best predictions are too low: the weighted median leans to small targets. Squared logarithmic errors do
    /// not.</para>
    /// <para>Twin: tf.keras.losses.MeanAbsolutePercentageError (torchmetrics has it as a fraction).</para>
    /// </remarks>
    /// <param name="prediction">Any shape.</param>
    /// <param name="target">The truth, of the same shape.</param>
    /// <param name="eps">The least target to divide by.</param>
    /// <param name="reduction">The mean, the sum, or one loss per element.</param>
    /// <exception cref="ShapeException">The shapes differ.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="eps"/> is not positive and finite, or a target is
    /// NaN.</exception>
    public static Tensor MeanAbsolutePercentageError(
        Tensor prediction, Tensor target, double eps = 1e-7, Reduction reduction = Reduction.Mean)
    {
        using var check = Checks.OfLoss("mean absolute percentage error");
        check.Target(prediction, target);
        check.Option(eps, Domain.Positive, prediction.DType);
        return Reduce(100 * (prediction - target).Abs() / target.Abs().Clamp(low: eps), reduction);
    }

    /// <summary>
    /// 200·|prediction − target| / max(|prediction| + |target|, eps): the absolute error in percent of the mean of both
    /// sizes, from 0 to 200; 0 where both are 0 (Makridakis, 1993).
    /// </summary>
    /// <remarks>
    /// <para>Gradient: 200·(sign(prediction − target)/s − sign(prediction)·|prediction − target|/s²), s being
    /// |prediction| + |target|.</para>
    /// <para>Use: to compare forecasts of series of unlike size, targets of 0 among them (the M competitions
    /// do).</para>
    /// <para>Beware: where prediction and target differ in sign, or the target is 0, the loss is 200 and its gradient
    /// 0: such a prediction never finds home. Start near the targets, or train with another loss and report this
    /// one.</para>
    /// <para>Twin: none in PyTorch and Keras (torchmetrics has it as a fraction of 2); formula of the
    /// competitions.</para>
    /// </remarks>
    /// <param name="prediction">Any shape.</param>
    /// <param name="target">The truth, of the same shape.</param>
    /// <param name="eps">The least sum of sizes to divide by.</param>
    /// <param name="reduction">The mean, the sum, or one loss per element.</param>
    /// <exception cref="ShapeException">The shapes differ.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="eps"/> is not positive and finite, or a target is
    /// NaN.</exception>
    public static Tensor SymmetricMeanAbsolutePercentageError(
        Tensor prediction, Tensor target, double eps = 1e-7, Reduction reduction = Reduction.Mean)
    {
        using var check = Checks.OfLoss("symmetric mean absolute percentage error");
        check.Target(prediction, target);
        check.Option(eps, Domain.Positive, prediction.DType);
        var sizes = prediction.Abs() + target.Abs();
        return Reduce(200 * (prediction - target).Abs() / sizes.Clamp(low: eps), reduction);
    }

    /// <summary>
    /// (log(1 + prediction) − log(1 + target))²: the squared error of the logarithms, for amounts of 0 and more.
    /// </summary>
    /// <remarks>
    /// <para>Gradient: 2·(log(1 + prediction) − log(1 + target)) / (1 + prediction).</para>
    /// <para>Use: counts and prices over several powers of ten: off by a factor costs the same for small and
    /// big.</para>
    /// <para>Beware: amounts well below 1 are treated as by the squared error: choose the unit accordingly. A negative
    /// prediction is an error: end the network with Softplus, or predict the logarithm and use the squared
    /// error.</para>
    /// <para>Twin: tf.keras.losses.MeanSquaredLogarithmicError, which lifts negative numbers to 1e-7 without a
    /// word.</para>
    /// </remarks>
    /// <param name="prediction">Amounts of 0 and more, of any shape.</param>
    /// <param name="target">The true amounts, of the same shape.</param>
    /// <param name="reduction">The mean, the sum, or one loss per element.</param>
    /// <exception cref="ShapeException">The shapes differ.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A prediction or a target is negative, or a target is
    /// NaN.</exception>
    public static Tensor MeanSquaredLogarithmicError(
        Tensor prediction, Tensor target, Reduction reduction = Reduction.Mean)
    {
        using var check = Checks.OfLoss("mean squared logarithmic error");
        check.Target(prediction, target, Domain.NotNegative);
        check.Elements(prediction, Domain.PredictedNotNegative);
        // As log1p of the relative error, for the difference of the logarithms would lose the digits of a small one.
        var above = prediction >= target;
        var (more, less) = (Tensor.Where(above, prediction - target, 0), Tensor.Where(above, 0, target - prediction));
        var error = (more / (target + 1)).Log1p() - (less / (prediction + 1)).Log1p();
        return Reduce(error.Square(), reduction);
    }
}
