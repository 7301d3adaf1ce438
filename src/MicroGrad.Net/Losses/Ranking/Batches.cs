namespace MicroGrad.Net;

// A whole batch at a time: each row is compared with all others.
public static partial class Losses
{
    /// <summary>
    /// −log (exp(cos(q, k⁺)/T) / Σ exp(cos(q, k)/T)): of several keys, which is the one of this query? Cross-entropy
    /// over the cosines divided by the temperature T. The keys are those of all queries in the batch, or one's own
    /// key and the given negatives (van den Oord et al., 2018; He et al., 2020).
    /// </summary>
    /// <remarks>
    /// <para>Gradient: in the cosine of each key, (softmax of that key − [it is the right one])/T; from there, as of a
    /// cosine, at right angles to the query and divided by its length.</para>
    /// <para>Use: learning representations without labels, from two things that belong together: neighbouring
    /// frames, a text and its picture, a query and a memory of keys.</para>
    /// <para>Beware: it needs many negatives, thus large batches; a low temperature counts the nearest negative almost
    /// alone. Negatives that are in truth alike are pushed away too.</para>
    /// <para>Twin: none; formula of the paper with the cosine as the score, as in He et al. (MoCo). For both
    /// directions (CLIP) take half the sum with queries and keys exchanged.</para>
    /// </remarks>
    /// <param name="queries">[n, size]. A vector of zeros has cosine 0 with all.</param>
    /// <param name="keys">The right key of each query, [n, size].</param>
    /// <param name="negatives">Wrong keys for all queries, [m, size]; by default the other queries' keys.</param>
    /// <param name="temperature">T: the smaller, the more the hardest negatives count.</param>
    /// <param name="reduction">The mean, the sum, or one loss per query.</param>
    /// <exception cref="ShapeException">The shapes differ, or these are no rows of vectors.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The temperature is not positive.</exception>
    public static Tensor InfoNce(Tensor queries, Tensor keys, Tensor? negatives = null, double temperature = 0.07,
        Reduction reduction = Reduction.Mean)
    {
        using var check = Checks.OfLoss("InfoNCE");
        check.Vectors(queries);
        check.SameShape(queries, keys);
        check.Option(temperature, Domain.Positive, queries.DType);
        var (count, query, key) = (queries.Shape[0], UnitRows.Of(queries), UnitRows.Of(keys));
        if (negatives is null)
        {
            var cosines = query.MatMul(key.Transpose());
            return CrossEntropy(cosines / temperature, [.. Enumerable.Range(0, count)], reduction: reduction);
        }

        check.Vectors(negatives, size: queries.Shape[1]);
        check.SameDType(queries, negatives);
        var (right, wrong) = ((query * key).Sum(1, keepDims: true), query.MatMul(UnitRows.Of(negatives).Transpose()));
        return CrossEntropy(Tensor.Concat([right, wrong], 1) / temperature, new int[count], reduction: reduction);
    }

    /// <summary>
    /// The normalised, temperature-scaled cross-entropy: InfoNCE over the 2n views of n things, each view asking which
    /// of the other 2n − 1 is the other view of its thing (Sohn, 2016; Chen et al., 2020, SimCLR).
    /// </summary>
    /// <remarks>
    /// <para>Gradient: as of InfoNCE; each view is a query once and a key of all others.</para>
    /// <para>Use: learning representations from pictures without labels: two random augmentations of each.</para>
    /// <para>Beware: as for InfoNCE, large batches; and augmentations that leave a short cut (as the mean colour) are
    /// learned instead of the content.</para>
    /// <para>Twin: none; formula of the paper.</para>
    /// </remarks>
    /// <param name="first">One view of each thing, [n, size]. A vector of zeros has cosine 0 with all.</param>
    /// <param name="second">The other view of each, in the same order, [n, size].</param>
    /// <param name="temperature">T: the smaller, the more the hardest negatives count.</param>
    /// <param name="reduction">The mean, the sum, or one loss per view, [2n], those of the first views
    /// first.</param>
    /// <exception cref="ShapeException">The shapes differ, or these are no rows of vectors.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The temperature is not positive.</exception>
    public static Tensor NtXent(Tensor first, Tensor second, double temperature = 0.5,
        Reduction reduction = Reduction.Mean)
    {
        using var check = Checks.OfLoss("NT-Xent");
        check.Vectors(first);
        check.SameShape(first, second);
        check.Option(temperature, Domain.Positive, first.DType);
        var (count, views) = (first.Shape[0], UnitRows.Of(Tensor.Concat([first, second])));
        var cosines = views.MatMul(views.Transpose()) / temperature;
        var others = Tensor.Where(Tensor.Eye(2 * count, first.DType), double.NegativeInfinity, cosines);
        return CrossEntropy(others, [.. Enumerable.Range(0, 2 * count).Select(i => (i + count) % (2 * count))],
            reduction: reduction);
    }

    /// <summary>
    /// log(1 + Σₙ exp(γ·αₙ·(sₙ − m)) · Σₚ exp(−γ·αₚ·(sₚ − (1 − m)))) for each row, sₚ being its cosines with the other
    /// rows of its label and sₙ with those of other labels; αₙ = max(0, sₙ + m) and αₚ = max(0, 1 + m − sₚ) weigh
    /// each by how far it is from where it should be (Sun et al., 2020). Rows without one of both are left out.
    /// </summary>
    /// <remarks>
    /// <para>Gradient: in sₙ, γ·αₙ·softmax(sₙ among the negatives)·σ(z), z being the logarithm of the product of both
    /// sums; in sₚ likewise, negative; α counts as constant.</para>
    /// <para>Use: embeddings from labelled batches (faces, retrieval); it pushes hardest what is furthest off, and
    /// needs no choice of triplets.</para>
    /// <para>Beware: each label must be in the batch at least twice, else it teaches nothing: draw batches by label.
    /// γ is large, so scale the learning rate, not the loss.</para>
    /// <para>Twin: none; formula of the paper, α constant as in the authors' code.</para>
    /// </remarks>
    /// <param name="embeddings">[n, size]. A vector of zeros has cosine 0 with all.</param>
    /// <param name="labels">What each row shows: rows of the same number belong together. Any numbers will do.</param>
    /// <param name="margin">m, from 0 to 1: 0.25 for faces, 0.4 for retrieval (in the paper).</param>
    /// <param name="scale">γ: 256 for faces, 80 for retrieval (in the paper).</param>
    /// <param name="constantWeights">Take α as a constant; if false, gradients flow through it too, which makes
    /// cos = 0 the aim for negatives in place of −m.</param>
    /// <param name="reduction">The mean over rows not left out, the sum, or one loss per row, 0 for those left
    /// out.</param>
    /// <exception cref="ShapeException">These are no rows of vectors, or there is not one label for each.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The margin is outside [0, 1], or the scale not
    /// positive.</exception>
    public static Tensor Circle(Tensor embeddings, int[] labels, double margin = 0.25, double scale = 256,
        bool constantWeights = true, Reduction reduction = Reduction.Mean)
    {
        using var check = Checks.OfLoss("circle");
        check.Vectors(embeddings);
        if (labels.Length != embeddings.Shape[0])
            Throw.Shapes(check.Name, $"expects {embeddings.Shape[0]} labels, but {labels.Length} were given.");
        check.State(nameof(labels), Domain.AnyLabels);
        check.Option(margin, Domain.FromZeroToOne);
        check.Option(scale, Domain.Positive, embeddings.DType);

        var directions = UnitRows.Of(embeddings);
        var cosines = directions.MatMul(directions.Transpose());
        var weighed = constantWeights ? cosines.Detach() : cosines;
        var negative = scale * (weighed + margin).Clamp(low: 0) * (cosines - margin);
        var positive = -scale * (1 + margin - weighed).Clamp(low: 0) * (cosines - (1 - margin));

        var numbers = Tensor.From([labels.Length], [.. labels.Select(label => (double)label)]);
        var alike = numbers.Unsqueeze(1).EqualTo(numbers.Unsqueeze(0)).To(embeddings.DType);
        var (same, other) = (alike - Tensor.Eye(labels.Length, embeddings.DType), 1 - alike);
        var counted = same.Max(1) * other.Max(1);
        var losses = Logs.SumOrNothing(Tensor.Where(other, negative, double.NegativeInfinity), 1)
            + Logs.SumOrNothing(Tensor.Where(same, positive, double.NegativeInfinity), 1);
        return Reduce(Tensor.Where(counted, losses.Softplus(), 0), reduction, counted);
    }
}
