namespace MicroGrad.Net;

// Cross-entropy for classes of unequal frequency, from the counts of the training set.
public static partial class Losses
{
    /// <summary>
    /// Cross-entropy with w[c] ∝ (1 − β)/(1 − β^counts[c]), the inverse of the effective number of samples (Cui et
    /// al., 2019). The mean is Σ losses / Σ w[label].
    /// </summary>
    /// <remarks>
    /// <para>Gradient: w[label] · (softmax(logits)[c] − [c = label]) for class c.</para>
    /// <para>Use: rare classes, where plain inverse counts would weigh the rarest too much.</para>
    /// <para>Beware: a batch without rare samples is no smaller for it, since the mean is over the weights; a rare one
    /// then rules its batch, so take large batches or a lower β. Probabilities lean towards the rare classes.</para>
    /// <para>Twin: none; formula of the paper. It is
    /// <see cref="CrossEntropy(Tensor, int[], Tensor?, double, int, Reduction)"/> with weights of
    /// <see cref="ClassWeights.EffectiveNumber"/>; other losses take the same weights.</para>
    /// </remarks>
    /// <param name="logits">Unnormalised scores, [n, classes], or [n, classes, d₁, …], or [classes] for one
    /// sample.</param>
    /// <param name="labels">The right classes, one per sample and place, in row-major order.</param>
    /// <param name="counts">Samples of each class in the training set; see <see cref="ClassWeights.Count"/>.</param>
    /// <param name="beta">β in [0, 1): 0 weighs all classes alike, towards 1 by their inverse counts.</param>
    /// <param name="ignoreIndex">A label that says: leave this one out.</param>
    /// <param name="reduction">The weighted mean, the sum, or one loss per label. A mean over nothing is 0.</param>
    /// <exception cref="ShapeException">Labels or counts do not fit the logits.</exception>
    /// <exception cref="ArgumentException">A class has no samples.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A label is no class, or β is outside [0, 1).</exception>
    public static Tensor ClassBalancedCrossEntropy(Tensor logits, int[] labels, int[] counts, double beta = 0.999,
        int ignoreIndex = -100, Reduction reduction = Reduction.Mean)
    {
        using var check = Checks.OfLoss("class-balanced cross-entropy");
        check.ClassCounts(counts, logits);
        check.Option(beta, Domain.ZeroToBelowOne);
        var weights = ClassWeights.EffectiveNumber(counts, beta, logits.DType);
        return LabelCrossEntropy(check, logits, labels, weights, 0, ignoreIndex, reduction);
    }

    /// <summary>
    /// Cross-entropy of logits[c] + τ · log(counts[c] / Σ counts): what the frequency of a class says is added in
    /// training, so that the logits themselves need not learn it (Menon et al., 2021).
    /// </summary>
    /// <remarks>
    /// <para>Gradient: softmax(logits + τ·log prior)[c] − [c = label] for class c.</para>
    /// <para>Use: rare classes, when each class is to be recognised equally well: with τ = 1 the largest logit is the
    /// choice of least balanced error, that is, of best mean recall.</para>
    /// <para>Beware: predict with the plain logits, without the adjustment. Their softmax is the probability for
    /// classes equally frequent; for those of the data add the logarithm of the priors.</para>
    /// <para>Twin: none; formula of the paper.</para>
    /// </remarks>
    /// <param name="logits">Unnormalised scores, [n, classes], or [n, classes, d₁, …], or [classes] for one
    /// sample.</param>
    /// <param name="labels">The right classes, one per sample and place, in row-major order.</param>
    /// <param name="counts">Samples of each class in the training set; see <see cref="ClassWeights.Count"/>.</param>
    /// <param name="tau">The strength τ, 0 or more; with 0 it is cross-entropy.</param>
    /// <param name="ignoreIndex">A label that says: leave this one out.</param>
    /// <param name="reduction">The mean, the sum, or one loss per label. A mean over nothing is 0.</param>
    /// <exception cref="ShapeException">Labels or counts do not fit the logits.</exception>
    /// <exception cref="ArgumentException">A class has no samples.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A label is no class, or τ is negative.</exception>
    public static Tensor LogitAdjustedCrossEntropy(Tensor logits, int[] labels, int[] counts, double tau = 1,
        int ignoreIndex = -100, Reduction reduction = Reduction.Mean)
    {
        using var check = Checks.OfLoss("logit-adjusted cross-entropy");
        check.ClassCounts(counts, logits);
        check.Option(tau, Domain.NotNegative, logits.DType);
        var total = counts.Sum(count => (double)count);
        var adjustment = counts.Select(count => tau * Math.Log(count / total));
        return LabelCrossEntropy(check, logits + ClassScores.Along(adjustment, logits, check.ClassAxis(logits)), labels,
            null, 0, ignoreIndex, reduction);
    }

    /// <summary>
    /// Cross-entropy of scale · (logits[c] − Δ[c]·[c = label]), Δ[c] = maxMargin · (least count / counts[c])^¼: the
    /// label-distribution-aware margin loss (LDAM), under which a rare class must win by more (Cao et al., 2019). The
    /// mean is Σ losses / Σ w[label].
    /// </summary>
    /// <remarks>
    /// <para>Gradient: w[label] · scale · (softmax(scale · (logits − margins))[c] − [c = label]) for class c.</para>
    /// <para>Use: rare classes with few samples each; in the paper with weights from half of the training on.</para>
    /// <para>Beware: it is made for logits that are cosines (features and weights of length 1), between −1 and 1: with
    /// others the scale of 30 makes a softmax that is all or nothing.</para>
    /// <para>Twin: none; formula of the paper, defaults of its code.</para>
    /// </remarks>
    /// <param name="logits">Scores, [n, classes], or [n, classes, d₁, …], or [classes] for one sample.</param>
    /// <param name="labels">The right classes, one per sample and place, in row-major order.</param>
    /// <param name="counts">Samples of each class in the training set; see <see cref="ClassWeights.Count"/>.</param>
    /// <param name="maxMargin">The margin of the rarest class, 0 or more.</param>
    /// <param name="scale">What the logits are multiplied by, positive.</param>
    /// <param name="weights">A weight per class, [classes]; all 1 by default.</param>
    /// <param name="ignoreIndex">A label that says: leave this one out.</param>
    /// <param name="reduction">The weighted mean, the sum, or one loss per label. A mean over nothing is 0.</param>
    /// <exception cref="ShapeException">Labels, counts or weights do not fit the logits.</exception>
    /// <exception cref="ArgumentException">A class has no samples.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A label is no class, a weight or the margin is negative, or the
    /// scale is not positive.</exception>
    public static Tensor LabelDistributionAwareMargin(Tensor logits, int[] labels, int[] counts,
        double maxMargin = 0.5, double scale = 30, Tensor? weights = null, int ignoreIndex = -100,
        Reduction reduction = Reduction.Mean)
    {
        using var check = Checks.OfLoss("label-distribution-aware margin");
        check.ClassCounts(counts, logits);
        check.Option(maxMargin, Domain.NotNegative, logits.DType);
        check.Option(scale, Domain.Positive, logits.DType);
        var places = LabelPlaces.Read(check, logits, labels, weights, ignoreIndex);
        var least = (double)counts.Min();
        var margins = counts.Select(count => maxMargin * Math.Pow(least / count, 0.25));
        var harder = logits - ClassScores.Along(margins, logits, places.Axis) * places.OneHot(logits);
        return LabelCrossEntropy(check, scale * harder, labels, weights, 0, ignoreIndex, reduction);
    }
}
