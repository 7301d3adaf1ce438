namespace MicroGrad.Net;

// Margins between classes: the right ones must lead the others.
public static partial class Losses
{
    /// <summary>
    /// max(0, 1 + rival − prediction[label]), the rival being the largest of the other classes' scores, and 0 if they
    /// are all negative.
    /// </summary>
    /// <remarks>
    /// <para>Gradient: −1 on the label and 1 on the rival while the label does not lead by 1, else 0; equal rivals
    /// share theirs.</para>
    /// <para>Use: one right class out of several, where only the decision counts.</para>
    /// <para>Beware: the label's score must itself reach 1, since 0 stands for an absent rival. Per sample only two
    /// classes learn; with many of them multi-margin or cross-entropy is faster.</para>
    /// <para>Twin: tf.keras.losses.CategoricalHinge, with labels instead of one-hot rows.</para>
    /// </remarks>
    /// <param name="prediction">Scores, [n, classes], or [n, classes, d₁, …], or [classes] for one sample.</param>
    /// <param name="labels">The right classes, one per sample and place, in row-major order.</param>
    /// <param name="reduction">The mean, the sum, or one loss per label.</param>
    /// <exception cref="ShapeException">The labels do not fit the scores.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A label is no class.</exception>
    public static Tensor CategoricalHinge(Tensor prediction, int[] labels, Reduction reduction = Reduction.Mean)
    {
        using var check = Checks.OfLoss("categorical hinge");
        var places = LabelPlaces.Read(check, prediction, labels, weights: null, ignoreIndex: null);
        var rival = Tensor.Where(places.OneHot(prediction), 0, prediction).Max(places.Axis);
        return Reduce((1 + rival - places.Of(prediction)).Relu(), reduction);
    }

    /// <summary>
    /// w[label] · Σ max(0, margin − prediction[label] + prediction[c])ᵖ / classes over the classes c other than the
    /// label: the label must lead each of them by the margin (Weston and Watkins, 1999).
    /// </summary>
    /// <remarks>
    /// <para>Gradient: on each other class c within the margin, for p = 1, w[label]/classes, for p = 2 twice its lack
    /// of distance times that; on the label minus the sum of those.</para>
    /// <para>Use: one right class out of several, where only the decision counts; every class too near is pushed
    /// away.</para>
    /// <para>Beware: the mean is over samples, not over their weights as in cross-entropy; and with many classes the
    /// division by their number makes the loss small.</para>
    /// <para>Twin: torch.nn.functional.multi_margin_loss.</para>
    /// </remarks>
    /// <param name="prediction">Scores, [n, classes], or [n, classes, d₁, …], or [classes] for one sample.</param>
    /// <param name="labels">The right classes, one per sample and place, in row-major order.</param>
    /// <param name="p">1 or 2.</param>
    /// <param name="margin">By how much the label must lead.</param>
    /// <param name="weights">A weight per class, [classes]; all 1 by default.</param>
    /// <param name="reduction">The mean, the sum, or one loss per label.</param>
    /// <exception cref="ShapeException">Labels or weights do not fit the scores.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A label is no class, a weight is negative, or p is neither 1 nor
    /// 2.</exception>
    public static Tensor MultiMargin(Tensor prediction, int[] labels, int p = 1, double margin = 1,
        Tensor? weights = null, Reduction reduction = Reduction.Mean)
    {
        using var check = Checks.OfLoss("multi-margin");
        check.Option(p, Domain.OneOrTwo);
        check.Option(margin, Domain.Finite, prediction.DType);
        var places = LabelPlaces.Read(check, prediction, labels, weights, ignoreIndex: null);
        var lack = (margin - places.Of(prediction).Unsqueeze(places.Axis) + prediction).Relu();
        if (p == 2) lack = lack.Square();
        var ofOthers = Tensor.Where(places.OneHot(prediction), 0, lack).Sum(places.Axis);
        return Reduce(places.Weighted(ofOthers) / prediction.Shape[places.Axis], reduction);
    }

    /// <summary>
    /// Σ max(0, 1 − prediction[a] + prediction[b]) / classes over all pairs of a class a that holds and a class b that
    /// does not: each of the former must lead each of the latter by 1.
    /// </summary>
    /// <remarks>
    /// <para>Gradient: each pair that lacks distance adds −1/classes to its a and 1/classes to its b.</para>
    /// <para>Use: several labels per sample, when only their order counts: those that hold in front.</para>
    /// <para>Beware: it sets no threshold between yes and no. It looks at all pairs, [n, classes, classes] numbers. A
    /// sample of which all classes hold, or none, teaches nothing.</para>
    /// <para>Twin: torch.nn.functional.multilabel_margin_loss, which takes rows of indices, padded with −1, instead of
    /// zeros and ones.</para>
    /// </remarks>
    /// <param name="prediction">Scores, [n, classes], or [classes] for one sample.</param>
    /// <param name="target">1 for the classes that hold, 0 for the others, of the same shape.</param>
    /// <param name="reduction">The mean over samples, the sum, or one loss per sample.</param>
    /// <exception cref="ShapeException">The shapes differ, or there are not 1 or 2 axes.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A target is neither 0 nor 1.</exception>
    public static Tensor MultiLabelMargin(Tensor prediction, Tensor target, Reduction reduction = Reduction.Mean)
    {
        using var check = Checks.OfLoss("multi-label margin");
        check.Target(prediction, target, Domain.ZerosAndOnes);
        check.ClassRows(prediction);
        var lack = (1 - prediction.Unsqueeze(-1) + prediction.Unsqueeze(-2)).Relu();
        var pairs = target.Unsqueeze(-1) * (1 - target).Unsqueeze(-2);
        return Reduce((pairs * lack).Sum([-2, -1]) / prediction.Shape[^1], reduction);
    }

    /// <summary>
    /// −Σ w[c] · (target[c] · log σ(prediction[c]) + (1 − target[c]) · log σ(−prediction[c])) / classes: binary
    /// cross-entropy of every class, as one loss per sample.
    /// </summary>
    /// <remarks>
    /// <para>Gradient: w[c] · (σ(prediction[c]) − target[c]) / classes.</para>
    /// <para>Use: several labels that may hold at once, with a weight per class.</para>
    /// <para>Beware: there is nothing soft about a margin in it: it is binary cross-entropy with logits, but for one
    /// loss per sample where that has one per element. Few yeses among many classes drown, as there.</para>
    /// <para>Twin: torch.nn.functional.multilabel_soft_margin_loss; ours refuses targets outside [0, 1].</para>
    /// </remarks>
    /// <param name="prediction">Scores, [n, classes], or [classes] for one sample.</param>
    /// <param name="target">1 for the classes that hold, 0 for the others, of the same shape; may be
    /// probabilities.</param>
    /// <param name="weights">A weight per class, [classes]; all 1 by default.</param>
    /// <param name="reduction">The mean over samples, the sum, or one loss per sample.</param>
    /// <exception cref="ShapeException">The shapes differ, there are not 1 or 2 axes, or the weights do not
    /// fit.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A target is no probability, or a weight is negative.</exception>
    public static Tensor MultiLabelSoftMargin(Tensor prediction, Tensor target, Tensor? weights = null,
        Reduction reduction = Reduction.Mean)
    {
        using var check = Checks.OfLoss("multi-label soft margin");
        check.Target(prediction, target, Domain.Probability);
        check.ClassRows(prediction);
        check.ClassWeights(weights, prediction, prediction.Shape[^1]);
        var losses = Tensor.BinaryCrossEntropy(prediction, target);
        return Reduce(Weighed(losses, weights).Mean(-1), reduction);
    }
}
