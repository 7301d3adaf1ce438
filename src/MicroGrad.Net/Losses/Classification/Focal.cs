namespace MicroGrad.Net;

public static partial class Losses
{
    /// <summary>
    /// −α · target · (1 − p)ᵞ · log p − (1 − α) · (1 − target) · pᵞ · log(1 − p), p being σ(logits): binary
    /// cross-entropy in which easy samples fade away (Lin et al., 2017).
    /// </summary>
    /// <remarks>
    /// <para>Gradient: for a yes, α · (1 − p)ᵞ · (γ·p·log p + p − 1); for a no the same with 1 − p for p, 1 − α for α
    /// and the other sign. With γ = 2 and p = 0.9 a yes pulls 35 times less than in cross-entropy, α aside.</para>
    /// <para>Use: detection and other problems with very many easy noes.</para>
    /// <para>Beware: p is no longer calibrated: the model is less sure than it should be. α = 0.25 favours the noes,
    /// which suits γ = 2 only; tune both together. The loss is much smaller than cross-entropy, not better.</para>
    /// <para>Twin: torchvision.ops.sigmoid_focal_loss, whose default reduction is none and whose alpha is left out with
    /// −1, ours with null. For targets between 0 and 1 ours is the expected loss; theirs mixes inside the power.</para>
    /// </remarks>
    /// <param name="logits">Scores; positive means yes.</param>
    /// <param name="target">1 for yes, 0 for no, of the same shape; may be probabilities.</param>
    /// <param name="alpha">The weight α of a yes, in [0, 1], a no weighing 1 − α; null for no weighting at all.</param>
    /// <param name="gamma">The focus γ, 0 or more; with 0 it is weighted cross-entropy.</param>
    /// <param name="reduction">The mean over elements, the sum, or one per element.</param>
    /// <exception cref="ShapeException">The shapes differ.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A target is no probability, α is outside [0, 1], or γ is
    /// negative.</exception>
    public static Tensor BinaryFocal(Tensor logits, Tensor target, double? alpha = 0.25, double gamma = 2,
        Reduction reduction = Reduction.Mean)
    {
        using var check = Checks.OfLoss("binary focal");
        check.Target(logits, target, Domain.Probability);
        check.Option(alpha ?? 0, Domain.FromZeroToOne, input: nameof(alpha));
        check.Option(gamma, Domain.NotNegative, logits.DType);
        var (logYes, logNo) = (logits.LogSigmoid(), (-logits).LogSigmoid());
        // A power of a probability is taken in logarithms, where slopes stay finite.
        var yes = -Logs.Times(target * Logs.PowerOf(logNo, gamma), logYes);
        var no = -Logs.Times((1 - target) * Logs.PowerOf(logYes, gamma), logNo);
        return Reduce(alpha is { } weight ? weight * yes + (1 - weight) * no : yes + no, reduction);
    }

    /// <summary>
    /// −w[label] · (1 − p)ᵞ · log p, p being softmax(logits)[label]: cross-entropy in which easy samples fade away
    /// (Lin et al., 2017, for several classes). The mean is Σ losses / Σ w[label].
    /// </summary>
    /// <remarks>
    /// <para>Gradient: w[label] · (1 − p)ᵞ⁻¹ · (γ·p·log p + p − 1) · ([c = label] − softmax(logits)[c]) for class
    /// c.</para>
    /// <para>Use: a few hard samples among very many easy ones, rare classes among them; with weights of
    /// <see cref="ClassWeights"/> it is the class-balanced focal loss.</para>
    /// <para>Beware: a wrong label is a hard sample for ever, and gets ever more of the attention. Probabilities come
    /// out less sure than they should be.</para>
    /// <para>Twin: tf.keras.losses.CategoricalFocalCrossentropy, with labels instead of one-hot rows, weights instead
    /// of alpha = 0.25 (which scales all classes alike), and a weighted mean. PyTorch has none.</para>
    /// </remarks>
    /// <param name="logits">Unnormalised scores, [n, classes], or [n, classes, d₁, …], or [classes] for one
    /// sample.</param>
    /// <param name="labels">The right classes, one per sample and place, in row-major order.</param>
    /// <param name="weights">A weight per class, [classes]; all 1 by default.</param>
    /// <param name="gamma">The focus γ, 0 or more; with 0 it is cross-entropy.</param>
    /// <param name="ignoreIndex">A label that says: leave this one out.</param>
    /// <param name="reduction">The weighted mean, the sum, or one loss per label. A mean over nothing is 0.</param>
    /// <exception cref="ShapeException">Labels or weights do not fit the logits.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A label is no class, or a weight or γ is negative.</exception>
    public static Tensor Focal(Tensor logits, int[] labels, Tensor? weights = null, double gamma = 2,
        int ignoreIndex = -100, Reduction reduction = Reduction.Mean)
    {
        using var check = Checks.OfLoss("focal");
        check.Option(gamma, Domain.NotNegative, logits.DType);
        var places = LabelPlaces.Read(check, logits, labels, weights, ignoreIndex);
        var logP = places.Of(places.Scores(logits).LogSoftmax(places.Axis));
        return places.Reduce(places.OnlyKept(-places.Weighted(Logs.PowerOfRest(logP, gamma) * logP)), reduction);
    }

    /// <summary>
    /// −target · (1 − p)ᵃ · log p − (1 − target) · qᵇ · log(1 − q), p being σ(logits), q = max(p − margin, 0), a and b
    /// the positive and the negative γ: a focal loss that dampens noes more than yeses, and drops those of p below the
    /// margin (Ridnik et al., 2021).
    /// </summary>
    /// <remarks>
    /// <para>Gradient: for a yes (1 − p)ᵃ · (a·p·log p + p − 1); for a no p·(1 − p) · qᵇ · (1/(1 − q) − b·log(1 −
    /// q)/q), which is 0 for p up to the margin, and small again for p near 1: a sure yes against the target may be a
    /// missing label.</para>
    /// <para>Use: many labels per sample, of which few hold (tags of images), and some are missing.</para>
    /// <para>Beware: with a large b hardly a no counts, and yeses are found everywhere: raise the threshold, or lower
    /// b. Probabilities are not calibrated.</para>
    /// <para>Twin: none; formula of the paper, defaults of its code, which sums, limits probabilities to 1e-8 and by
    /// default lets no gradient through the powers, while ours is the gradient of the formula.</para>
    /// </remarks>
    /// <param name="logits">Scores; positive means yes.</param>
    /// <param name="target">1 for yes, 0 for no, of the same shape; may be probabilities.</param>
    /// <param name="gammaPositive">The focus on hard yeses, 0 or more.</param>
    /// <param name="gammaNegative">The focus on hard noes, 0 or more.</param>
    /// <param name="margin">What is taken off the probability of a no, in [0, 1).</param>
    /// <param name="reduction">The mean over elements, the sum, or one per element.</param>
    /// <exception cref="ShapeException">The shapes differ.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A target is no probability, a γ is negative, or the margin is
    /// outside [0, 1).</exception>
    public static Tensor Asymmetric(Tensor logits, Tensor target, double gammaPositive = 1, double gammaNegative = 4,
        double margin = 0.05, Reduction reduction = Reduction.Mean)
    {
        using var check = Checks.OfLoss("asymmetric");
        check.Target(logits, target, Domain.Probability);
        check.Option(gammaPositive, Domain.NotNegative, logits.DType);
        check.Option(gammaNegative, Domain.NotNegative, logits.DType);
        check.Option(margin, Domain.ZeroToBelowOne);
        var (logYes, logNo) = (logits.LogSigmoid(), (-logits).LogSigmoid());
        // log(1 - q): by what q leaves where that is the smaller part, else by q.
        var logRest = margin == 0 ? logNo : Tensor.Where(logits > 0, ((-logits).Sigmoid() + margin).Clamp(high: 1).Log(),
            (-(logits.Sigmoid() - margin).Clamp(low: 0)).Log1p());
        var yes = Logs.Times(target * Logs.PowerOf(logNo, gammaPositive), logYes);
        var no = Logs.Times((1 - target) * Logs.PowerOfRest(logRest, gammaNegative), logRest);
        return Reduce(-(yes + no), reduction);
    }
}
