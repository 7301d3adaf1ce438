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
    /// <para>Use: binary segmentation judged by the Jaccard index (IoU), best to finish what cross-entropy began.</para>
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
    public static Tensor LovaszHinge(Tensor logits, Tensor target, bool perImage = true, Reduction reduction = Reduction.Mean)
    {
        const string Loss = "lovasz hinge";
        RequireSameShape(Loss, nameof(logits), logits, nameof(target), target);
        if (logits.Rank == 0) Throw.Shapes(Loss, "expects logits [n, ...], but got a scalar.");
        var truth = target.ToDoubles();
        var other = Array.FindIndex(truth, value => value is not (0 or 1));
        if (other >= 0) Throw.OutOfRange(Loss, Element(nameof(target), target.Shape, other), truth[other], "0 or 1");

        var groups = perImage ? logits.Shape[0] : 1;
        var shape = Shape.Of(groups, Shape.Of(logits.Shape.Sizes[1..]).Length * (perImage ? 1 : logits.Shape[0]));
        var errors = (1 - logits * (2 * target - 1)).Reshape(shape);
        var weights = LovaszWeights(errors, truth, kept: null);
        var losses = (errors.Clamp(low: 0) * weights).Sum(1);
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
        const string Loss = "lovasz softmax";
        var shape = RegionShape(Loss, prediction);
        var (groups, classes, places) = (shape[0], shape[1], shape[2]);
        RequireLabelPerPlace(Loss, labels, groups * places, classes, ignoreIndex);
        var probabilities = prediction.Reshape(shape);
        if (!perImage)
        {
            probabilities = probabilities.Permute(1, 0, 2).Reshape(1, classes, groups * places);
            (groups, places) = (1, groups * places);
        }

        bool[] kept = [.. labels.Select(label => label != ignoreIndex)];
        // Each place's mark once per class, as the rows of errors want them.
        var keptOfClass = new bool[groups * classes * places];
        for (var i = 0; i < keptOfClass.Length; i++) keptOfClass[i] = kept[i / places / classes * places + i % places];
        var keptMask = Tensor.From([groups, classes, places], [.. keptOfClass.Select(k => k ? 1.0 : 0)]).To(prediction.DType);
        var truth = keptMask * Membership(labels, groups, classes, places, prediction.DType);

        // Masked before the difference: an ignored place may hold a NaN.
        var errors = (truth - Tensor.Where(keptMask, probabilities, 0)).Abs();
        var losses = (errors * LovaszWeights(errors, truth.ToDoubles(), keptOfClass)).Sum(2);
        var some = presentOnly ? truth : keptMask;
        var counted = some.Sum(2) > 0;
        losses = Tensor.Where(counted, losses, 0);
        if (reduction != Reduction.Mean) return Reduce(perImage ? losses : losses.Reshape(classes), reduction);
        // The mean of a group without a class is left out; of none at all it is NaN.
        var (classCounts, seen) = (counted.Sum(1), counted.Sum(1) > 0);
        var means = losses.Sum(1) / Tensor.Where(seen, classCounts, 1);
        return means.Sum() / seen.Sum();
    }

    /// <summary>
    /// For rows of errors along the last axis, the weight of each: by how much the Jaccard distance of its row grows
    /// when it is got wrong after all with larger errors. A constant of the errors' shape; 0 where not kept.
    /// </summary>
    static Tensor LovaszWeights(Tensor errors, double[] truth, bool[]? kept)
    {
        var (values, places) = (errors.ToDoubles(), errors.Shape[^1]);
        var (weights, order) = (new double[values.Length], new List<int>(places));
        for (var start = 0; start < values.Length; start += places)
        {
            order.Clear();
            for (var i = start; i < start + places; i++)
                if (kept?[i] != false) order.Add(i);
            order.Sort((a, b) => values[b].CompareTo(values[a]) is not 0 and var larger ? larger : a.CompareTo(b));
            // Got wrong so far: of the true places some are lost, and the union grows by others.
            var (intersection, union, before) = (order.Sum(i => truth[i]), order.Sum(i => truth[i]), 0.0);
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
