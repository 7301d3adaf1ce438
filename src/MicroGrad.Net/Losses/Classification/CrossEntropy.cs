namespace MicroGrad.Net;

public static partial class Losses
{
    /// <summary>
    /// −w[label] · log softmax(logits)[label]: how surprised the model is by the right class. With label smoothing ε
    /// the target is (1 − ε) on the label and ε/classes everywhere. The mean is Σ losses / Σ w[label].
    /// </summary>
    /// <param name="logits">Unnormalised scores, [n, classes], or [n, classes, d₁, …], or [classes] for one sample.</param>
    /// <param name="labels">The right classes, one per sample and place, in row-major order.</param>
    /// <param name="weights">A weight per class, [classes], for rare ones; all 1 by default.</param>
    /// <param name="labelSmoothing">ε in [0, 1] (Szegedy et al., 2016).</param>
    /// <param name="ignoreIndex">A label that says: leave this one out.</param>
    /// <param name="reduction">The weighted mean, the sum, or one loss per label. A mean over nothing is NaN.</param>
    /// <exception cref="ShapeException">Labels or weights do not fit the logits.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A label is no class (the message says which), a weight is
    /// negative, or ε is outside [0, 1].</exception>
    public static Tensor CrossEntropy(Tensor logits, int[] labels, Tensor? weights = null, double labelSmoothing = 0,
        int ignoreIndex = -100, Reduction reduction = Reduction.Mean)
    {
        const string Loss = "cross-entropy";
        RequireSmoothing(Loss, labelSmoothing);
        var axis = ClassAxis(Loss, logits);
        var logProbabilities = logits.LogSoftmax(axis);
        var (losses, labelWeights) = OfLabels(Loss, logProbabilities, labels, weights, ignoreIndex);
        if (labelSmoothing > 0)
        {
            var perClass = weights is null ? logProbabilities : logProbabilities * AlongClasses(weights, logits, axis);
            var everyClass = Tensor.Where(labelWeights.Kept, -perClass.Sum(axis), 0);
            losses = (1 - labelSmoothing) * losses + labelSmoothing / logits.Shape[axis] * everyClass;
        }
        return reduction == Reduction.Mean ? losses.Sum() / labelWeights.Weights.Sum() : Reduce(losses, reduction);
    }

    /// <summary>
    /// −Σ w[c] · target[c] · log softmax(logits)[c], for targets that are distributions over the classes. The mean is
    /// over samples, whatever their weights.
    /// </summary>
    /// <param name="logits">Unnormalised scores, as in the overload for labels.</param>
    /// <param name="target">The probability of each class, of the same shape.</param>
    /// <param name="weights">A weight per class, [classes]; all 1 by default.</param>
    /// <param name="labelSmoothing">ε in [0, 1]: mixes the target with the uniform distribution.</param>
    /// <param name="reduction">The mean, the sum, or one loss per sample.</param>
    /// <exception cref="ShapeException">The shapes differ, or the weights do not fit.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A weight is negative, or ε is outside [0, 1].</exception>
    public static Tensor CrossEntropy(Tensor logits, Tensor target, Tensor? weights = null, double labelSmoothing = 0,
        Reduction reduction = Reduction.Mean)
    {
        const string Loss = "cross-entropy";
        RequireTarget(Loss, logits, target);
        RequireSmoothing(Loss, labelSmoothing);
        var axis = ClassAxis(Loss, logits);
        RequireDistributions(Loss, nameof(target), target, axis);
        RequireClassWeights(Loss, weights, logits.Shape[axis]);
        if (labelSmoothing > 0) target = (1 - labelSmoothing) * target + labelSmoothing / logits.Shape[axis];
        if (weights is not null) target *= AlongClasses(weights, logits, axis);
        return Reduce(-(target * logits.LogSoftmax(axis)).Sum(axis), reduction);
    }

    /// <summary>
    /// −w[label] · logProbabilities[label]: cross-entropy after a log-softmax of one's own. The mean is
    /// Σ losses / Σ w[label].
    /// </summary>
    /// <param name="logProbabilities">[n, classes], or [n, classes, d₁, …], or [classes] for one sample.</param>
    /// <param name="labels">The right classes, one per sample and place, in row-major order.</param>
    /// <param name="weights">A weight per class, [classes]; all 1 by default.</param>
    /// <param name="ignoreIndex">A label that says: leave this one out.</param>
    /// <param name="reduction">The weighted mean, the sum, or one loss per label. A mean over nothing is NaN.</param>
    /// <exception cref="ShapeException">Labels or weights do not fit.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A label is no class, or a weight is negative.</exception>
    public static Tensor NegativeLogLikelihood(Tensor logProbabilities, int[] labels, Tensor? weights = null,
        int ignoreIndex = -100, Reduction reduction = Reduction.Mean)
    {
        var (losses, labelWeights) = OfLabels("negative log-likelihood", logProbabilities, labels, weights, ignoreIndex);
        return reduction == Reduction.Mean ? losses.Sum() / labelWeights.Weights.Sum() : Reduce(losses, reduction);
    }

    /// <summary>
    /// −w · (p · target · log σ(logits) + (1 − target) · log σ(−logits)), for one or several yes-or-no questions;
    /// accurate for logits of any size. Targets may be probabilities.
    /// </summary>
    /// <param name="logits">Scores; positive means yes.</param>
    /// <param name="target">1 for yes, 0 for no, of the same shape.</param>
    /// <param name="weights">A weight w per element, broadcast to the shape; all 1 by default.</param>
    /// <param name="positiveWeight">The factor p on the yes part, broadcast: negatives / positives balances a rare yes.</param>
    /// <param name="reduction">The mean over elements (not divided by the weights), the sum, or one per element.</param>
    /// <exception cref="ShapeException">The shapes differ, or weights do not fit.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A weight is negative.</exception>
    public static Tensor BinaryCrossEntropyWithLogits(Tensor logits, Tensor target, Tensor? weights = null,
        Tensor? positiveWeight = null, Reduction reduction = Reduction.Mean)
    {
        const string Loss = "binary cross-entropy";
        RequireTarget(Loss, logits, target);
        RequireProbabilities(Loss, nameof(target), target);
        RequireWeights(Loss, nameof(weights), weights, logits.Shape);
        RequireWeights(Loss, nameof(positiveWeight), positiveWeight, logits.Shape);
        var yes = target * logits.LogSigmoid();
        if (positiveWeight is not null) yes = positiveWeight * yes;
        var losses = -(yes + (1 - target) * (-logits).LogSigmoid());
        return Reduce(weights is null ? losses : weights * losses, reduction);
    }

    /// <summary>The losses of labels, their weights (0 where ignored) and where they are kept.</summary>
    static (Tensor Losses, (Tensor Weights, Tensor Kept)) OfLabels(
        string loss, Tensor logProbabilities, int[] labels, Tensor? weights, int ignoreIndex)
    {
        var axis = ClassAxis(loss, logProbabilities);
        var classes = logProbabilities.Shape[axis];
        RequireClassWeights(loss, weights, classes);
        var places = Shape.Of([.. logProbabilities.Shape.Sizes[..axis], .. logProbabilities.Shape.Sizes[(axis + 1)..]]);
        if (labels.Length != places.Length)
            Throw.Shapes(loss, $"scores {logProbabilities.Shape} take {places.Length} labels, but {labels.Length} were given.");

        var (chosen, kept, weight) = (new int[labels.Length], new double[labels.Length], weights?.ToDoubles());
        for (var i = 0; i < labels.Length; i++)
        {
            if (labels[i] == ignoreIndex) continue;
            if ((uint)labels[i] >= (uint)classes) Throw.LabelOutOfRange(loss, i, labels[i], classes);
            (chosen[i], kept[i]) = (labels[i], 1);
        }
        var keptOnes = Tensor.From(places, kept).To(logProbabilities.DType);
        var perLabel = weight is null ? keptOnes
            : Tensor.From(places, [.. chosen.Zip(kept, (label, k) => k * weight[label])]).To(logProbabilities.DType);
        // Where, not a product with 0: an ignored place may hold an infinite score.
        return (Tensor.Where(keptOnes, -(perLabel * logProbabilities.Gather(chosen, axis)), 0), (perLabel, keptOnes));
    }

    static int ClassAxis(string loss, Tensor scores)
    {
        if (scores.Rank == 0) Throw.Shapes(loss, "expects scores [n, classes], but got a scalar.");
        return scores.Rank == 1 ? 0 : 1;
    }

    static Tensor AlongClasses(Tensor weights, Tensor scores, int axis)
    {
        Span<int> sizes = stackalloc int[scores.Rank];
        sizes.Fill(1);
        sizes[axis] = weights.Length;
        return weights.Reshape(sizes);
    }

    static void RequireClassWeights(string loss, Tensor? weights, int classes)
    {
        if (weights is not null && weights.Shape != Shape.Of(classes))
            Throw.Shapes(loss, $"weights are {weights.Shape}, but must be [{classes}], one per class.");
        RequireWeights(loss, nameof(weights), weights, Shape.Of(classes));
    }

    static void RequireSmoothing(string loss, double smoothing)
    {
        if (smoothing is not (>= 0 and <= 1)) Throw.OutOfRange(loss, "label smoothing", smoothing, "from 0 to 1");
    }
}
