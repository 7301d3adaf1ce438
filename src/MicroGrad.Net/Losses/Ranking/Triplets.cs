namespace MicroGrad.Net;

// Three things at a time: one, something like it, and something unlike it.
public static partial class Losses
{
    /// <summary>
    /// max(0, d(anchor, positive) − d(anchor, negative) + margin), with the distance d(a, b) = ‖a − b + eps‖ₚ: what is
    /// alike is to be nearer than what is not, by the margin (Schroff et al., 2015; Balntas et al., 2016).
    /// </summary>
    /// <remarks>
    /// <para>Gradient: in the positive, the slope of its distance; in the negative, minus that of its own; in the
    /// anchor, the difference of both; all 0 where the margin is kept.</para>
    /// <para>Use: embeddings where only comparisons are known, as the pictures of one person against those of
    /// others.</para>
    /// <para>Beware: most random triplets soon keep the margin and teach nothing: choose hard ones. And all
    /// embeddings equal gives the loss margin, a place where training gets stuck.</para>
    /// <para>Twin: torch.nn.functional.triplet_margin_loss.</para>
    /// </remarks>
    /// <param name="anchor">Vectors, [n, size]; or [size]; or with more axes before the last.</param>
    /// <param name="positive">For each a vector that should be near, of the same shape.</param>
    /// <param name="negative">For each a vector that should be far, of the same shape.</param>
    /// <param name="margin">How much nearer.</param>
    /// <param name="p">The order of the norm; ∞ takes the largest difference.</param>
    /// <param name="eps">Added to each difference, to keep distances off 0.</param>
    /// <param name="swap">Take the distance of the negative from the positive instead, where that is smaller: the
    /// harder one (Balntas et al., 2016).</param>
    /// <param name="reduction">The mean, the sum, or one loss per triplet.</param>
    /// <exception cref="ShapeException">The shapes differ.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The margin or <paramref name="p"/> is not positive, or eps is
    /// negative.</exception>
    public static Tensor TripletMargin(Tensor anchor, Tensor positive, Tensor negative, double margin = 1, double p = 2,
        double eps = 1e-6, bool swap = false, Reduction reduction = Reduction.Mean)
    {
        using var check = Checks.OfLoss("triplet margin");
        // The norm of order ∞ is the largest difference.
        check.Option(p, Domain.PositiveOrInfinite, anchor.DType);
        check.Option(eps, Domain.NotNegative, anchor.DType);
        if (anchor.Rank == 0) Throw.Shapes(check.Name, "expects vectors [n, size], but got scalars.");
        return TripletMargin(anchor, positive, negative, (a, b) => (a - b + eps).Norm(p, -1), margin, swap, reduction);
    }

    /// <summary>
    /// max(0, d(anchor, positive) − d(anchor, negative) + margin), with a distance d of one's own.
    /// </summary>
    /// <param name="anchor">What is compared, of any shape that the distance takes.</param>
    /// <param name="positive">For each something that should be near, of the same shape.</param>
    /// <param name="negative">For each something that should be far, of the same shape.</param>
    /// <param name="distance">The distances of two tensors' items, made of differentiable ops.</param>
    /// <param name="margin">How much nearer.</param>
    /// <param name="swap">Take the distance of the negative from the positive instead, where that is smaller.</param>
    /// <param name="reduction">The mean, the sum, or one loss per triplet.</param>
    /// <exception cref="ShapeException">The shapes differ.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The margin is not positive.</exception>
    public static Tensor TripletMargin(Tensor anchor, Tensor positive, Tensor negative,
        Func<Tensor, Tensor, Tensor> distance, double margin = 1, bool swap = false,
        Reduction reduction = Reduction.Mean)
    {
        using var check = Checks.OfLoss("triplet margin");
        check.SameShape(anchor, positive);
        check.SameShape(anchor, negative);
        check.Option(margin, Domain.Positive, anchor.DType);
        var (near, far) = (distance(anchor, positive), distance(anchor, negative));
        if (swap) far = Tensor.Min(far, distance(positive, negative));
        check.SameShape(near, far, "distance(anchor, positive)", "distance(anchor, negative)");
        return Reduce((near - far + margin).Clamp(low: 0), reduction);
    }
}
