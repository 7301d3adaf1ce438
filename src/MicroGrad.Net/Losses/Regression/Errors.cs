namespace MicroGrad.Net;

// Errors measured in the unit of the target, squared or not.
public static partial class Losses
{
    /// <summary>
    /// w·(prediction − target)²: the squared error. The mean is Σ losses / Σ w.
    /// </summary>
    /// <remarks>
    /// <para>Gradient: 2·w·(prediction − target).</para>
    /// <para>Use: regression with errors that are about normally distributed; the best constant is the mean.</para>
    /// <para>Beware: an outlier counts with its square, and its gradient grows with it; then Huber or the absolute
    /// error. The unit is that of the target, squared.</para>
    /// <para>Twin: torch.nn.functional.mse_loss.</para>
    /// </remarks>
    /// <param name="prediction">Any shape.</param>
    /// <param name="target">The truth, of the same shape.</param>
    /// <param name="reduction">The weighted mean (0 over no weight), the sum, or one loss per element.</param>
    /// <param name="weights">A weight w per element, broadcast to the shape; all 1 by default.</param>
    /// <exception cref="ShapeException">The shapes differ, or the weights do not fit.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A weight is negative, or a target is NaN.</exception>
    public static Tensor MeanSquaredError(
        Tensor prediction, Tensor target, Reduction reduction = Reduction.Mean, Tensor? weights = null)
    {
        using var check = Checks.OfLoss("mean squared error");
        check.Target(prediction, target);
        check.Weights(weights, prediction);
        return Reduce(Weighed((prediction - target).Square(), weights), reduction, weights);
    }

    /// <summary>
    /// w·|prediction − target|: the absolute error. The mean is Σ losses / Σ w.
    /// </summary>
    /// <remarks>
    /// <para>Gradient: w·sign(prediction − target), taken as 0 at 0.</para>
    /// <para>Use: regression with outliers; the best constant is the median. The unit is that of the target.</para>
    /// <para>Beware: the gradient is as large for a small error as for a big one, so the last steps overshoot: lower
    /// the learning rate towards the end, or use Huber.</para>
    /// <para>Twin: torch.nn.functional.l1_loss.</para>
    /// </remarks>
    /// <param name="prediction">Any shape.</param>
    /// <param name="target">The truth, of the same shape.</param>
    /// <param name="reduction">The weighted mean (0 over no weight), the sum, or one loss per element.</param>
    /// <param name="weights">A weight w per element, broadcast to the shape; all 1 by default.</param>
    /// <exception cref="ShapeException">The shapes differ, or the weights do not fit.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A weight is negative, or a target is NaN.</exception>
    public static Tensor MeanAbsoluteError(
        Tensor prediction, Tensor target, Reduction reduction = Reduction.Mean, Tensor? weights = null)
    {
        using var check = Checks.OfLoss("mean absolute error");
        check.Target(prediction, target);
        check.Weights(weights, prediction);
        return Reduce(Weighed((prediction - target).Abs(), weights), reduction, weights);
    }

    /// <summary>
    /// w·½e² for |e| ≤ delta and w·delta·(|e| − ½delta) beyond, e being prediction − target: squared near 0, absolute
    /// for outliers (Huber, 1964).
    /// </summary>
    /// <remarks>
    /// <para>Gradient: w·e, e limited to ±delta.</para>
    /// <para>Use: regression with some outliers: smooth at 0 as the squared error, mild far away as the
    /// absolute.</para>
    /// <para>Beware: delta is in the unit of the target; scale the target, or set delta to the size of an error that
    /// is still no outlier.</para>
    /// <para>Twin: torch.nn.functional.huber_loss.</para>
    /// </remarks>
    /// <param name="prediction">Any shape.</param>
    /// <param name="target">The truth, of the same shape.</param>
    /// <param name="delta">Where the square ends, in the unit of the target.</param>
    /// <param name="reduction">The mean over elements (not divided by the weights, as in PyTorch), the sum, or one loss
    /// per element.</param>
    /// <param name="weights">A weight w per element, broadcast to the shape; all 1 by default.</param>
    /// <exception cref="ShapeException">The shapes differ, or the weights do not fit.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="delta"/> is not positive and finite, a weight is
    /// negative, or a target is NaN.</exception>
    public static Tensor Huber(Tensor prediction, Tensor target, double delta = 1,
        Reduction reduction = Reduction.Mean, Tensor? weights = null)
    {
        using var check = Checks.OfLoss("huber");
        check.Target(prediction, target);
        check.Option(delta, Domain.Positive, prediction.DType);
        check.Weights(weights, prediction);
        // Each part by itself: as ½c² + delta·(|e| − c), c = min(|e|, delta), the slope of small errors would be a
        // difference that loses their digits.
        var error = prediction - target;
        var isSmall = error.Abs() <= delta;
        var losses = Tensor.Where(isSmall, 0.5 * Tensor.Where(isSmall, error, 0).Square(), delta * (error.Abs() - 0.5 * delta));
        return Reduce(Weighed(losses, weights), reduction);
    }

    /// <summary>
    /// ½e²/beta for |e| ≤ beta and |e| − ½beta beyond, e being prediction − target; |e| for beta = 0 (Girshick,
    /// 2015). That is Huber's loss divided by its delta.
    /// </summary>
    /// <remarks>
    /// <para>Gradient: e/beta, limited to ±1; sign(e) for beta = 0.</para>
    /// <para>Use: corners of boxes, and wherever the slope for outliers shall be 1 whatever the width of the smooth
    /// part.</para>
    /// <para>Beware: a smaller beta makes the slope near 0 steeper (1/beta), where Huber's stays 1 and the slope far
    /// away shrinks: the two are not to be mixed up when learning rates are copied.</para>
    /// <para>Twin: torch.nn.functional.smooth_l1_loss.</para>
    /// </remarks>
    /// <param name="prediction">Any shape.</param>
    /// <param name="target">The truth, of the same shape.</param>
    /// <param name="beta">Where the square ends, in the unit of the target; 0 for the absolute error.</param>
    /// <param name="reduction">The mean, the sum, or one loss per element.</param>
    /// <exception cref="ShapeException">The shapes differ.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="beta"/> is negative or infinite, or a target is
    /// NaN.</exception>
    public static Tensor SmoothL1(
        Tensor prediction, Tensor target, double beta = 1, Reduction reduction = Reduction.Mean)
    {
        using var check = Checks.OfLoss("smooth l1");
        check.Target(prediction, target);
        check.Option(beta, Domain.NotNegative, prediction.DType);
        var error = prediction - target;
        if (beta == 0) return Reduce(error.Abs(), reduction);
        var isSmall = error.Abs() <= beta;
        var small = Tensor.Where(isSmall, error, 0);
        return Reduce(Tensor.Where(isSmall, 0.5 * small * (small / beta), error.Abs() - 0.5 * beta), reduction);
    }

    /// <summary>
    /// log cosh(e), e being prediction − target: about ½e² near 0 and |e| − log 2 far away, and smooth everywhere.
    /// </summary>
    /// <remarks>
    /// <para>Gradient: tanh(e).</para>
    /// <para>Use: as Huber with delta 1, where second derivatives shall be smooth too (L-BFGS, gradients of
    /// gradients).</para>
    /// <para>Beware: the bend is at errors of about 1 in the unit of the target, and cannot be moved: scale the
    /// target.</para>
    /// <para>Twin: tf.keras.losses.LogCosh.</para>
    /// </remarks>
    /// <param name="prediction">Any shape.</param>
    /// <param name="target">The truth, of the same shape.</param>
    /// <param name="reduction">The mean, the sum, or one loss per element.</param>
    /// <exception cref="ShapeException">The shapes differ.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A target is NaN.</exception>
    public static Tensor LogCosh(Tensor prediction, Tensor target, Reduction reduction = Reduction.Mean)
    {
        using var check = Checks.OfLoss("log-cosh");
        check.Target(prediction, target);
        return Reduce((prediction - target).LogCosh(), reduction);
    }
}
