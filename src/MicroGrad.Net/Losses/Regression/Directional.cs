namespace MicroGrad.Net;

// Losses for returns, where the sign decides between gain and loss.
public static partial class Losses
{
    /// <summary>
    /// (prediction − target)² + weight·max(0, −prediction·target): the squared error, and a penalty where the sign is
    /// wrong, in proportion to both sizes. The penalty is the perceptron's criterion (Rosenblatt, 1958).
    /// </summary>
    /// <remarks>
    /// <para>Gradient: 2·(prediction − target), less weight·target where the signs differ.</para>
    /// <para>Use: returns, changes and differences, where a prediction of the wrong sign loses money and its size is
    /// wanted too.</para>
    /// <para>Beware: the best constant is not the mean but nearer to 0, so predictions are too cautious. Both parts
    /// have the unit of the target squared, so one weight suits returns of any size.</para>
    /// <para>Twin: none; the formula is this library's: squared error plus the perceptron's criterion.</para>
    /// </remarks>
    /// <param name="prediction">Predicted returns, of any shape.</param>
    /// <param name="target">The true returns, of the same shape.</param>
    /// <param name="weight">The weight of a wrong sign; 0 leaves the squared error.</param>
    /// <param name="reduction">The mean, the sum, or one loss per element.</param>
    /// <exception cref="ShapeException">The shapes differ.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="weight"/> is negative or infinite, or a target is
    /// NaN.</exception>
    public static Tensor Directional(
        Tensor prediction, Tensor target, double weight = 1, Reduction reduction = Reduction.Mean)
    {
        using var check = Checks.OfLoss("directional");
        check.Target(prediction, target);
        check.Option(weight, Domain.NotNegative, prediction.DType);
        // By the signs, as the product of small numbers may round to 0.
        var wrong = (prediction > 0) * (target < 0) + (prediction < 0) * (target > 0);
        return Reduce((prediction - target).Square() + weight * Tensor.Where(wrong, -prediction * target, 0), reduction);
    }

    /// <summary>
    /// −(σ(steepness·prediction·target) − ½)·|target|^power: a reward for the right sign, as large as the return it
    /// catches; the generalized mean absolute directional loss (Michańków, Sakowski and Ślepaczuk, 2024). With
    /// x = steepness·prediction·target, that is −½·tanh(½x)·|target|^power.
    /// </summary>
    /// <remarks>
    /// <para>Gradient: −σ′(steepness·prediction·target)·steepness·target·|target|^power, σ′ being σ·(1 − σ).</para>
    /// <para>Use: signals to buy or sell, where only the sign of the prediction is acted on.</para>
    /// <para>Beware: the loss is negative where all is well, and the prediction's size means nothing: it grows without
    /// end. With returns of 0.01 the steepness has to be in the hundreds, or the loss is about linear and the
    /// prediction runs away; with predictions far too large it is flat and nothing is learned.</para>
    /// <para>Twin: none; formula of the paper, whose a and b are steepness and power (it tunes both).</para>
    /// </remarks>
    /// <param name="prediction">Predicted returns, of any shape.</param>
    /// <param name="target">The true returns, of the same shape.</param>
    /// <param name="steepness">How fast the reward turns with the sign; 1000 suits returns of about 0.01.</param>
    /// <param name="power">How much more large returns count; 1 gives the return that is won or lost.</param>
    /// <param name="reduction">The mean, the sum, or one loss per element.</param>
    /// <exception cref="ShapeException">The shapes differ.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="steepness"/> is not positive and finite,
    /// <paramref name="power"/> is negative or infinite, or a target is NaN.</exception>
    public static Tensor MeanAbsoluteDirectional(Tensor prediction, Tensor target, double steepness = 1000,
        double power = 1, Reduction reduction = Reduction.Mean)
    {
        using var check = Checks.OfLoss("mean absolute directional");
        check.Target(prediction, target);
        check.Option(steepness, Domain.Positive, prediction.DType);
        check.Option(power, Domain.NotNegative, prediction.DType);
        // By tanh, since σ − ½ would lose the digits of a small product.
        var side = (0.5 * steepness * (prediction * target)).Tanh();
        return Reduce(-0.5 * side * target.Abs().Pow(power), reduction);
    }
}
