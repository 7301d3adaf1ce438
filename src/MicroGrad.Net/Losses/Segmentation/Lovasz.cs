namespace MicroGrad.Net;

// The Lovász extension of the Jaccard index: its true value at 0 and 1, and straight between.
public static partial class Losses
{
    /// <summary>
    /// Σ max(0, e)·w over the places, with errors e = 1 − logit·(2·target − 1) and w the growth of 1 − Jaccard index
    /// as places are got wrong one after another, the largest error first: the Lovász hinge (Berman et al., 2018).
    /// </summary>
    /// <remarks>
    /// <para>Gradient: −w·(2·target − 1) where the error is at least 0, else 0; the order of the errors counts as
    /// constant.</para>
    /// <para>Use: binary segmentation judged by the Jaccard index (IoU); best to finish what cross-entropy
    /// began.</para>
    /// <para>Beware: only the order of the errors within a picture counts, so it starts slowly from random weights; and
    /// sorts all places.</para>
    /// <para>Twin: none; formula of the paper, as lovasz_hinge of the authors' code.</para>
    /// </remarks>
    /// <param name="logits">Scores; positive means yes. [n, …].</param>
    /// <param name="target">1 for yes, 0 for no, of the same shape.</param>
    /// <param name="perImage">One loss for each item of the first axis; if false, one for all places together.</param>
    /// <param name="reduction">The mean, the sum, or one loss per item (perImage) or for all.</param>
    /// <exception cref="ShapeException">The shapes differ, or are of scalars.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A target is neither 0 nor 1.</exception>
    public static Tensor LovaszHinge(Tensor logits, Tensor target, bool perImage = true,
        Reduction reduction = Reduction.Mean)
    {
        using var check = Checks.OfLoss("lovasz hinge");
        check.SameShape(logits, target);
        if (logits.Rank == 0) Throw.Shapes(check.Name, "expects logits [n, ...], but got a scalar.");
        check.Elements(target, Domain.ZerosAndOnes);

        var shape = perImage
            ? Shape.Of(logits.Shape[0], Shape.Of(logits.Shape.Sizes[1..]).Length) : Shape.Of(1, logits.Length);
        var errors = (1 - logits * (2 * target - 1)).Reshape(shape);
        var losses = (errors.Clamp(low: 0) * Lovasz.Weights(errors, target.ToDoubles())).Sum(1);
        return Reduce(perImage ? losses : losses.Reshape(Shape.Scalar), reduction);
    }

    /// <summary>
    /// Σ |t − p|·w over the places for each class, p being the probabilities, t 1 where the label is the class, else
    /// 0, and w the growth of 1 − Jaccard index as places are got wrong one after another, the largest error first:
    /// the Lovász softmax loss (Berman et al., 2018).
    /// </summary>
    /// <remarks>
    /// <para>Gradient: −w where the label is the class, w elsewhere; the order of the errors counts as constant.</para>
    /// <para>Use: segmentation in several classes judged by the mean Jaccard index (IoU), often added to
    /// cross-entropy.</para>
    /// <para>Beware: takes probabilities: logits.Softmax(1). In small batches few classes are present, and the mean
    /// over those is not the data set's; it sorts all places once for each class.</para>
    /// <para>Twin: none; formula of the paper, as lovasz_softmax of the authors' code.</para>
    /// </remarks>
    /// <param name="prediction">Probabilities, [n, classes, …].</param>
    /// <param name="labels">The right classes, one per sample and place, in row-major order.</param>
    /// <param name="presentOnly">Leave out classes that no label has; if false, they count.</param>
    /// <param name="perImage">One loss for each sample; if false, one for all places of the batch together.</param>
    /// <param name="ignoreIndex">A label that says: leave this place out.</param>
    /// <param name="reduction">The mean over the classes (then over samples, if perImage), the sum, or one loss per
    /// class: [classes], or [n, classes] if perImage, 0 for those left out.</param>
    /// <exception cref="ShapeException">The labels do not fit the prediction.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A probability is outside [0, 1], or a label is no class (the
    /// message says which).</exception>
    public static Tensor LovaszSoftmax(Tensor prediction, int[] labels, bool presentOnly = true, bool perImage = false,
        int ignoreIndex = -100, Reduction reduction = Reduction.Mean)
    {
        using var check = Checks.OfLoss("lovasz softmax");
        var regions = Regions.Of(check, prediction, labels, ignoreIndex);
        var (p, t, seen) = (regions.Prediction, regions.Target, regions.Seen);
        if (!perImage) (p, t, seen) = (Together(p), Together(t), seen.Sum(0, keepDims: true) > 0);
        // Ignored places have error 0, so they come after all that count.
        var errors = (t - p).Abs();
        var counted = presentOnly ? t.Sum(2) > 0 : seen.Expand(Shape.Of(p.Shape.Sizes[..2]));
        var losses = Tensor.Where(counted, (errors * Lovasz.Weights(errors, t.ToDoubles())).Sum(2), 0);
        if (reduction != Reduction.Mean) return Reduce(perImage ? losses : losses.Squeeze(0), reduction);

        // A sample of which nothing counts has no part in the mean.
        var (classes, some) = (counted.Sum(1), counted.Sum(1) > 0);
        var means = losses.Sum(1) / Tensor.Where(some, classes, 1);
        return perImage ? Reduce(means, reduction, some) : Reduce(means.Squeeze(0), reduction);

        static Tensor Together(Tensor x) => x.Permute(1, 0, 2).Reshape(1, x.Shape[1], x.Shape[0] * x.Shape[2]);
    }
}

/// <summary>The Lovász extension of the Jaccard distance, as weights of sorted errors.</summary>
static class Lovasz
{
    /// <summary>
    /// For rows of errors along the last axis, the weight of each: by how much the Jaccard distance of its row grows
    /// when it is got wrong after all with larger errors. A constant of the errors' shape.
    /// </summary>
    public static Tensor Weights(Tensor errors, double[] truth)
    {
        var (values, places) = (errors.ToDoubles(), errors.Shape[^1]);
        var (weights, order) = (new double[values.Length], new int[places]);
        for (var start = 0; start < values.Length; start += places)
        {
            for (var i = 0; i < places; i++) order[i] = start + i;
            // At ties the first comes first.
            Array.Sort(order, (a, b) => values[b].CompareTo(values[a]) is not 0 and var larger ? larger : a - b);
            // Places got wrong take true ones out of the intersection, and put others into the union.
            var (intersection, before) = (Enumerable.Sum(truth[start..(start + places)]), 0.0);
            var union = intersection;
            foreach (var i in order)
            {
                intersection -= truth[i];
                union += 1 - truth[i];
                var distance = 1 - intersection / union;
                weights[i] = distance - before;
                before = distance;
            }
        }
        return Tensor.From(errors.Shape, weights).To(errors.DType);
    }
}
