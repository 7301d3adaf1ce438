namespace MicroGrad.Net;

// Margins between yes and no: the target is 1 or −1, and being right is not enough.
public static partial class Losses
{
    /// <summary>
    /// max(0, 1 − target · prediction), target being 1 or −1: nothing to gain beyond a margin of 1 (the loss of support
    /// vector machines; Cortes and Vapnik, 1995).
    /// </summary>
    /// <remarks>
    /// <para>Gradient: −target while target · prediction is below 1, else 0 (at 1 itself, 0).</para>
    /// <para>Use: yes or no where only the decision counts; samples beyond the margin have no say.</para>
    /// <para>Beware: targets of 0 and 1 are an error here: 2 · target − 1 makes signs of them. The prediction is no
    /// probability, and nothing holds weights back but weight decay.</para>
    /// <para>Twin: tf.keras.losses.Hinge, which also takes 0 for −1, and without reduction means over the last
    /// axis.</para>
    /// </remarks>
    /// <param name="prediction">Scores; positive means yes.</param>
    /// <param name="target">1 for yes, −1 for no, of the same shape.</param>
    /// <param name="reduction">The mean over elements, the sum, or one per element.</param>
    /// <exception cref="ShapeException">The shapes differ.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A target is neither 1 nor −1.</exception>
    public static Tensor Hinge(Tensor prediction, Tensor target, Reduction reduction = Reduction.Mean)
    {
        using var check = Checks.OfLoss("hinge");
        check.Signs(prediction, target);
        return Reduce((1 - target * prediction).Relu(), reduction);
    }

    /// <summary>max(0, 1 − target · prediction)², target being 1 or −1: a hinge without a kink.</summary>
    /// <remarks>
    /// <para>Gradient: −2 · target · max(0, 1 − target · prediction).</para>
    /// <para>Use: as the hinge, with steps that get smaller towards the margin.</para>
    /// <para>Beware: an outlier on the wrong side counts with its square; a wrong label can bend the whole
    /// model.</para>
    /// <para>Twin: tf.keras.losses.SquaredHinge, which also takes 0 for −1, and without reduction means over the last
    /// axis.</para>
    /// </remarks>
    /// <param name="prediction">Scores; positive means yes.</param>
    /// <param name="target">1 for yes, −1 for no, of the same shape.</param>
    /// <param name="reduction">The mean over elements, the sum, or one per element.</param>
    /// <exception cref="ShapeException">The shapes differ.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A target is neither 1 nor −1.</exception>
    public static Tensor SquaredHinge(Tensor prediction, Tensor target, Reduction reduction = Reduction.Mean)
    {
        using var check = Checks.OfLoss("squared hinge");
        check.Signs(prediction, target);
        return Reduce((1 - target * prediction).Relu().Square(), reduction);
    }

    /// <summary>
    /// log(1 + e^(−target · prediction)), target being 1 or −1: the hinge with its corner rounded off, which is the
    /// loss of logistic regression.
    /// </summary>
    /// <remarks>
    /// <para>Gradient: −target · σ(−target · prediction).</para>
    /// <para>Use: where targets are signs; binary cross-entropy with logits is the same loss for targets of 0 and
    /// 1.</para>
    /// <para>Beware: there is no margin to reach: the gradient never ends, so scores grow as long as it trains.</para>
    /// <para>Twin: torch.nn.functional.soft_margin_loss, which overflows where target · prediction is below about −700
    /// (−88 in floats), ours not; and ours refuses targets other than 1 and −1.</para>
    /// </remarks>
    /// <param name="prediction">Scores; positive means yes.</param>
    /// <param name="target">1 for yes, −1 for no, of the same shape.</param>
    /// <param name="reduction">The mean over elements, the sum, or one per element.</param>
    /// <exception cref="ShapeException">The shapes differ.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A target is neither 1 nor −1.</exception>
    public static Tensor SoftMargin(Tensor prediction, Tensor target, Reduction reduction = Reduction.Mean)
    {
        using var check = Checks.OfLoss("soft margin");
        check.Signs(prediction, target);
        return Reduce((-target * prediction).Softplus(), reduction);
    }
}
