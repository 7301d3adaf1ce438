namespace MicroGrad.Net;

public static partial class Losses
{
    /// <summary>
    /// −w[label] · log softmax(logits)[label]: how surprised the model is by the right class. With label smoothing ε
    /// the target is (1 − ε) on the label and ε/classes everywhere. The mean is Σ losses / Σ w[label].
    /// </summary>
    /// <remarks>
    /// <para>Gradient: w[label] · (softmax(logits)[c] − target[c]) for class c, target being 1 on the label and 0
    /// elsewhere: never larger than the weight, and 0 only when the model is certain and right.</para>
    /// <para>Use: one right class out of several; the model ends in plain scores, without a softmax. With balanced
    /// data a fresh model starts at log(classes), and exp(loss) is the number of classes it hesitates between.</para>
    /// <para>Beware: a softmax before it is taken twice, and learning crawls. It can fall while accuracy stands still,
    /// and rise on new data by overconfidence alone; label smoothing dampens that. Rare classes get lost: see weights,
    /// focal and logit-adjusted.</para>
    /// <para>Twin: torch.nn.functional.cross_entropy with class indices.</para>
    /// </remarks>
    /// <param name="logits">Unnormalised scores, [n, classes], or [n, classes, d₁, …], or [classes] for one
    /// sample.</param>
    /// <param name="labels">The right classes, one per sample and place, in row-major order.</param>
    /// <param name="weights">A weight per class, [classes], for rare ones (see <see cref="ClassWeights"/>); all 1 by
    /// default.</param>
    /// <param name="labelSmoothing">ε in [0, 1] (Szegedy et al., 2016).</param>
    /// <param name="ignoreIndex">A label that says: leave this one out.</param>
    /// <param name="reduction">The weighted mean, the sum, or one loss per label. A mean over nothing is 0.</param>
    /// <exception cref="ShapeException">Labels or weights do not fit the logits.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A label is no class (the message says which), a weight is
    /// negative, or ε is outside [0, 1].</exception>
    public static Tensor CrossEntropy(Tensor logits, int[] labels, Tensor? weights = null, double labelSmoothing = 0,
        int ignoreIndex = -100, Reduction reduction = Reduction.Mean)
    {
        using var check = Checks.OfLoss("cross-entropy");
        return LabelCrossEntropy(check, logits, labels, weights, labelSmoothing, ignoreIndex, reduction);
    }

    static Tensor LabelCrossEntropy(Checks check, Tensor logits, int[] labels, Tensor? weights, double labelSmoothing,
        int ignoreIndex, Reduction reduction)
    {
        check.Option(labelSmoothing, Domain.FromZeroToOne, input: "label smoothing");
        var places = LabelPlaces.Read(check, logits, labels, weights, ignoreIndex);
        var scores = places.Scores(logits);
        var losses = places.OnlyKept(places.Weighted(places.CrossEntropy(scores)));
        if (labelSmoothing > 0)
        {
            var logProbabilities = scores.LogSoftmax(places.Axis);
            var perClass = weights is null ? logProbabilities
                : logProbabilities * ClassScores.Along(weights, logits, places.Axis);
            var everyClass = places.OnlyKept(-perClass.Sum(places.Axis));
            losses = (1 - labelSmoothing) * losses + labelSmoothing / logits.Shape[places.Axis] * everyClass;
        }
        return places.Reduce(losses, reduction);
    }

    /// <summary>
    /// −Σ w[c] · target[c] · log softmax(logits)[c], for targets that are distributions over the classes. The mean is
    /// over samples, whatever their weights.
    /// </summary>
    /// <remarks>
    /// <para>Gradient: softmax(logits)[c] − target[c] for class c (without weights; with them, Σ w·target ·
    /// softmax(logits)[c] − w[c]·target[c]).</para>
    /// <para>Use: soft labels: mixed images (mixup), the vote of several annotators, the output of a teacher.</para>
    /// <para>Beware: its least value is the entropy of the target, not 0; the Kullback-Leibler divergence is the same
    /// loss with that taken off.</para>
    /// <para>Twin: torch.nn.functional.cross_entropy with class probabilities; ours refuses targets that do not sum
    /// to 1.</para>
    /// </remarks>
    /// <param name="logits">Unnormalised scores, as in the overload for labels.</param>
    /// <param name="target">The probability of each class, of the same shape.</param>
    /// <param name="weights">A weight per class, [classes]; all 1 by default.</param>
    /// <param name="labelSmoothing">ε in [0, 1]: mixes the target with the uniform distribution.</param>
    /// <param name="reduction">The mean, the sum, or one loss per sample.</param>
    /// <exception cref="ShapeException">The shapes differ, or the weights do not fit.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The target is no distribution, a weight is negative, or ε is
    /// outside [0, 1].</exception>
    public static Tensor CrossEntropy(Tensor logits, Tensor target, Tensor? weights = null, double labelSmoothing = 0,
        Reduction reduction = Reduction.Mean)
    {
        using var check = Checks.OfLoss("cross-entropy");
        check.State(nameof(logits), Domain.Predicted);
        var axis = check.ClassAxis(logits);
        if (target.Shape == ClassScores.WithoutClasses(logits.Shape, axis) && target.Length != logits.Length)
            Throw.Shapes(check.Name, $"target {target.Shape} is one number for each row of logits {logits.Shape}: labels "
                + $"are an int[], and a tensor holds a probability per class, {logits.Shape}.");
        check.SameShape(logits, target, "prediction");
        check.Option(labelSmoothing, Domain.FromZeroToOne, input: "label smoothing");
        check.Distributions(target, axis);
        check.ClassWeights(weights, logits, logits.Shape[axis]);
        if (labelSmoothing > 0) target = (1 - labelSmoothing) * target + labelSmoothing / logits.Shape[axis];
        if (weights is not null) target *= ClassScores.Along(weights, logits, axis);
        return Reduce(-Logs.Times(target, logits.LogSoftmax(axis)).Sum(axis), reduction);
    }

    /// <summary>
    /// −w[label] · logProbabilities[label]: cross-entropy after a log-softmax of one's own. The mean is
    /// Σ losses / Σ w[label].
    /// </summary>
    /// <remarks>
    /// <para>Gradient: −w[label] on the label's log-probability, 0 on the others.</para>
    /// <para>Use: models that give log-probabilities themselves, such as mixtures or a hierarchical softmax.</para>
    /// <para>Beware: it takes what it gets for logarithms of probabilities. Given plain scores it falls without bound
    /// and teaches nothing; positive ones, such as probabilities, are refused.</para>
    /// <para>Twin: torch.nn.functional.nll_loss.</para>
    /// </remarks>
    /// <param name="logProbabilities">[n, classes], or [n, classes, d₁, …], or [classes] for one sample.</param>
    /// <param name="labels">The right classes, one per sample and place, in row-major order.</param>
    /// <param name="weights">A weight per class, [classes]; all 1 by default.</param>
    /// <param name="ignoreIndex">A label that says: leave this one out.</param>
    /// <param name="reduction">The weighted mean, the sum, or one loss per label. A mean over nothing is 0.</param>
    /// <exception cref="ShapeException">Labels or weights do not fit.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A label is no class, a weight is negative, or a logarithm is above
    /// 0 by more than rounding (10⁻⁶), except where the label is ignored.</exception>
    public static Tensor NegativeLogLikelihood(Tensor logProbabilities, int[] labels, Tensor? weights = null,
        int ignoreIndex = -100, Reduction reduction = Reduction.Mean)
    {
        using var check = Checks.OfLoss("negative log-likelihood");
        var places = LabelPlaces.Read(check, logProbabilities, labels, weights, ignoreIndex);
        check.Elements(logProbabilities, Domain.LogProbability, counts: places.Counts(logProbabilities));
        return places.Reduce(places.OnlyKept(-places.Weighted(places.Of(logProbabilities))), reduction);
    }

    /// <summary>
    /// w[label] · (1 − p^q)/q, p being softmax(logits)[label]: between cross-entropy (q → 0) and 1 − p, the absolute
    /// error (q = 1). The mean is Σ losses / Σ w[label] (Zhang and Sabuncu, 2018).
    /// </summary>
    /// <remarks>
    /// <para>Gradient: p^q times that of cross-entropy: p^q · (softmax(logits)[c] − [c = label]). What the model finds
    /// quite impossible, as a wrong label often is, pulls little.</para>
    /// <para>Use: labels of which some are wrong. No loss of a sample exceeds w/q.</para>
    /// <para>Beware: rare and hard samples look like wrong labels, and are left behind too. With q near 1 learning
    /// starts slowly, since p is small for all samples of a fresh model.</para>
    /// <para>Twin: none; formula of the paper (Lq, without truncation).</para>
    /// </remarks>
    /// <param name="logits">Unnormalised scores, [n, classes], or [n, classes, d₁, …], or [classes] for one
    /// sample.</param>
    /// <param name="labels">The labels, one per sample and place, in row-major order.</param>
    /// <param name="q">In (0, 1].</param>
    /// <param name="weights">A weight per class, [classes]; all 1 by default.</param>
    /// <param name="ignoreIndex">A label that says: leave this one out.</param>
    /// <param name="reduction">The weighted mean, the sum, or one loss per label. A mean over nothing is 0.</param>
    /// <exception cref="ShapeException">Labels or weights do not fit the logits.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A label is no class, a weight is negative, or q is outside (0,
    /// 1].</exception>
    public static Tensor GeneralizedCrossEntropy(Tensor logits, int[] labels, double q = 0.7, Tensor? weights = null,
        int ignoreIndex = -100, Reduction reduction = Reduction.Mean)
    {
        using var check = Checks.OfLoss("generalized cross-entropy");
        check.Option(q, Domain.AboveZeroToOne, logits.DType);
        var places = LabelPlaces.Read(check, logits, labels, weights, ignoreIndex);
        var logP = places.Of(places.Scores(logits).LogSoftmax(places.Axis));
        // 1 - p^q, accurate for small q too.
        return places.Reduce(places.OnlyKept(places.Weighted(-(q * logP).Expm1()) / q), reduction);
    }
}
