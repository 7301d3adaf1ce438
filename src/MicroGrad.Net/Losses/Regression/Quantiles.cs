namespace MicroGrad.Net;

// Losses whose best constant is another place of the distribution than its middle.
public static partial class Losses
{
    /// <summary>
    /// level·max(e, 0) + (1 − level)·max(−e, 0), e being target − prediction: too low costs level, too high 1 − level,
    /// per unit. The best constant is the quantile of that level (Koenker and Bassett, 1978); also called pinball loss.
    /// </summary>
    /// <remarks>
    /// <para>Gradient: −level where the prediction is too low, 1 − level where it is too high, 0 where it is
    /// exact.</para>
    /// <para>Use: what is exceeded one time in ten (level 0.9); errors that cost more on one side, as an empty shelf
    /// against a full store.</para>
    /// <para>Beware: few targets lie beyond an extreme level, so 0.99 takes much data. The gradient does not fade near
    /// the answer, as that of the absolute error (level 0.5 is half of it): lower the learning rate towards the
    /// end.</para>
    /// <para>Twin: none in PyTorch and Keras; sklearn.metrics.mean_pinball_loss.</para>
    /// </remarks>
    /// <param name="prediction">Any shape.</param>
    /// <param name="target">The truth, of the same shape.</param>
    /// <param name="level">The probability to stay below the prediction, between 0 and 1.</param>
    /// <param name="reduction">The mean, the sum, or one loss per element.</param>
    /// <exception cref="ShapeException">The shapes differ.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="level"/> is not between 0 and 1, or a target is
    /// NaN.</exception>
    public static Tensor Quantile(
        Tensor prediction, Tensor target, double level = 0.5, Reduction reduction = Reduction.Mean)
    {
        using var check = Checks.OfLoss("quantile");
        check.Target(prediction, target);
        check.Option(level, Domain.BetweenZeroAndOne);
        var error = target - prediction;
        return Reduce(level * error.Relu() + (1 - level) * (-error).Relu(), reduction);
    }

    /// <summary>
    /// The quantile loss of several levels at once, each with its own place in the last axis of the prediction:
    /// levels[i]·max(e, 0) + (1 − levels[i])·max(−e, 0), e being target − prediction[…, i] (Koenker and Bassett, 1978).
    /// </summary>
    /// <remarks>
    /// <para>Gradient: −levels[i] where prediction[…, i] is too low, 1 − levels[i] where it is too high, 0 where it is
    /// exact.</para>
    /// <para>Use: intervals (levels 0.05 and 0.95 hold nine of ten), and whole distributions from one network. The mean
    /// over many even levels is half the continuous ranked probability score.</para>
    /// <para>Beware: nothing keeps the quantiles in order, and those of a network cross where data are few: sort them
    /// afterwards, or predict the lowest one and steps (Softplus, CumulativeSum) above it.</para>
    /// <para>Twin: none in PyTorch and Keras; the mean of sklearn.metrics.mean_pinball_loss over the levels.</para>
    /// </remarks>
    /// <param name="prediction">[…, levels].</param>
    /// <param name="target">The truth, […].</param>
    /// <param name="levels">The probabilities to stay below, each between 0 and 1.</param>
    /// <param name="reduction">The mean over everything, levels too; the sum; or one loss per element of the
    /// prediction.</param>
    /// <exception cref="ShapeException">The prediction is not the target's shape with one place per level.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A level is not between 0 and 1, or a target is NaN.</exception>
    public static Tensor Quantile(
        Tensor prediction, Tensor target, double[] levels, Reduction reduction = Reduction.Mean)
    {
        using var check = Checks.OfLoss("quantile");
        var wanted = Shape.Of([.. target.Shape.Sizes, levels.Length]);
        if (prediction.Shape != wanted)
            Throw.Shapes(check.Name, $"prediction is {prediction.Shape}, but must be {wanted}: for a target {target.Shape}, "
                + $"and {levels.Length} levels in the last axis.");
        check.SameDType(prediction, target);
        check.Elements(target, Domain.Finite);
        check.State(nameof(levels), Domain.BetweenZeroAndOne);
        if (levels.Length == 0) Throw.Value(check.Name, "levels are none, but at least one is needed.");
        for (var i = 0; i < levels.Length; i++) check.Option(levels[i], Domain.BetweenZeroAndOne, input: $"levels[{i}]");
        var level = Tensor.From([levels.Length], levels).To(prediction.DType);
        var error = target.Unsqueeze(-1) - prediction;
        return Reduce(level * error.Relu() + (1 - level) * (-error).Relu(), reduction);
    }

    /// <summary>
    /// level·max(e, 0)² + (1 − level)·max(−e, 0)², e being target − prediction: the squared error, weighed by its side.
    /// The best constant is the expectile of that level (Newey and Powell, 1987).
    /// </summary>
    /// <remarks>
    /// <para>Gradient: −2·level·e where the prediction is too low, −2·(1 − level)·e where it is too high.</para>
    /// <para>Use: errors that cost more on one side, with a gradient that fades near the answer; values of states in
    /// offline reinforcement learning (level 0.7 to 0.9). Level 0.5 is half the squared error.</para>
    /// <para>Beware: an expectile is no quantile: it is not exceeded with a fixed probability, and outliers move
    /// it.</para>
    /// <para>Twin: none; formula of the paper.</para>
    /// </remarks>
    /// <param name="prediction">Any shape.</param>
    /// <param name="target">The truth, of the same shape.</param>
    /// <param name="level">The weight of predictions that are too low, between 0 and 1.</param>
    /// <param name="reduction">The mean, the sum, or one loss per element.</param>
    /// <exception cref="ShapeException">The shapes differ.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="level"/> is not between 0 and 1, or a target is
    /// NaN.</exception>
    public static Tensor Expectile(
        Tensor prediction, Tensor target, double level = 0.5, Reduction reduction = Reduction.Mean)
    {
        using var check = Checks.OfLoss("expectile");
        check.Target(prediction, target);
        check.Option(level, Domain.BetweenZeroAndOne);
        var error = target - prediction;
        return Reduce(level * error.Relu().Square() + (1 - level) * (-error).Relu().Square(), reduction);
    }
}
