namespace MicroGrad.Net;

public static partial class Losses
{
    /// <summary>
    /// −w · (p · target · log σ(logits) + (1 − target) · log σ(−logits)), for one or several yes-or-no questions;
    /// accurate for logits of any size. Targets may be probabilities.
    /// </summary>
    /// <remarks>
    /// <para>Gradient: w · (σ(logits) − target) for p = 1; in general w · ((1 − target)·σ(logits) −
    /// p·target·σ(−logits)).</para>
    /// <para>Use: yes or no (one output), or several labels that may hold at once (one output each). The model ends in
    /// plain scores, without a sigmoid.</para>
    /// <para>Beware: a sigmoid before it is taken twice. With few yeses the model learns to say no: raise p to
    /// negatives / positives, and do not read its outputs as probabilities then.</para>
    /// <para>Twin: torch.nn.functional.binary_cross_entropy_with_logits; ours refuses targets outside [0, 1].</para>
    /// </remarks>
    /// <param name="logits">Scores; positive means yes.</param>
    /// <param name="target">1 for yes, 0 for no, of the same shape.</param>
    /// <param name="weights">A weight w per element, broadcast to the shape; all 1 by default.</param>
    /// <param name="positiveWeight">The factor p on the yes part, broadcast: negatives / positives balances a rare
    /// yes.</param>
    /// <param name="reduction">The mean over elements (not divided by the weights), the sum, or one per
    /// element.</param>
    /// <exception cref="ShapeException">The shapes differ, or weights do not fit.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A target is no probability, or a weight is negative.</exception>
    public static Tensor BinaryCrossEntropyWithLogits(Tensor logits, Tensor target, Tensor? weights = null,
        Tensor? positiveWeight = null, Reduction reduction = Reduction.Mean)
    {
        using var check = Checks.OfLoss("binary cross-entropy");
        check.Target(logits, target, Domain.Probability);
        check.Weights(weights, logits);
        check.Weights(positiveWeight, logits);
        var losses = positiveWeight is null ? Tensor.BinaryCrossEntropy(logits, target)
            : -(Logs.Times(positiveWeight * target, logits.LogSigmoid()) + Logs.Times(1 - target, (-logits).LogSigmoid()));
        return Reduce(Weighed(losses, weights), reduction);
    }

    /// <summary>
    /// −w · (target · log prediction + (1 − target) · log(1 − prediction)), for predictions that are probabilities
    /// already. Logarithms are limited to −100, so that a certain and wrong prediction does not cost ∞.
    /// </summary>
    /// <remarks>
    /// <para>Gradient: w · (prediction − target) / (prediction · (1 − prediction)); where a logarithm is limited, its
    /// part is 0.</para>
    /// <para>Use: only where the probability is not a sigmoid of a score, as for a product of probabilities.</para>
    /// <para>Beware: after a sigmoid the digits near 0 and 1 are lost, and a prediction of exactly 0 or 1 that is wrong
    /// is not mended, its gradient being 0: leave the sigmoid out and take binary cross-entropy with logits.</para>
    /// <para>Twin: torch.nn.functional.binary_cross_entropy; at 0 and 1 its gradient is ±1e12 · weight where the
    /// prediction is wrong and 0 where it is right, ours that of the limited formula: 0 and ±weight.</para>
    /// </remarks>
    /// <param name="prediction">Probabilities of yes.</param>
    /// <param name="target">1 for yes, 0 for no, of the same shape; may be probabilities.</param>
    /// <param name="weights">A weight w per element, broadcast to the shape; all 1 by default.</param>
    /// <param name="reduction">The mean over elements (not divided by the weights), the sum, or one per
    /// element.</param>
    /// <exception cref="ShapeException">The shapes differ, or the weights do not fit.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A prediction or target is no probability, or a weight is
    /// negative.</exception>
    public static Tensor BinaryCrossEntropy(Tensor prediction, Tensor target, Tensor? weights = null,
        Reduction reduction = Reduction.Mean)
    {
        using var check = Checks.OfLoss("binary cross-entropy");
        check.Target(prediction, target, Domain.Probability);
        check.Elements(prediction, Domain.PredictedProbability,
            _ => "; for logits there is BinaryCrossEntropyWithLogits");
        check.Weights(weights, prediction);
        var losses = -(target * Logs.Limited(prediction) + (1 - target) * Logs.LimitedOfRest(prediction));
        return Reduce(Weighed(losses, weights), reduction);
    }
}
