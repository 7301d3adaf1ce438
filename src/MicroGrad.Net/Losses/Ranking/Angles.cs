namespace MicroGrad.Net;

// Classification by the angle to a direction per class, with a margin that draws each class together.
public static partial class Losses
{
    /// <summary>
    /// Cross-entropy of scale·cos θ, θ being the angles between an embedding and the centers, but with
    /// cos(θ + margin) for the right class: its angle has to be smaller by the margin (Deng et al., 2019). Computed as
    /// cos θ·cos m − sin θ·sin m; where θ + m would pass π, cos θ − m·sin m, so that it goes on falling.
    /// </summary>
    /// <remarks>
    /// <para>Gradient: in the cosine of class c, scale·(softmax[c] − [c = label]), for the right class times
    /// cos m + sin m·cos θ/sin θ (1 where θ + m passes π).</para>
    /// <para>Use: embeddings for recognition (faces, products) when training has many classes and new ones come
    /// later: throw the centers away and compare embeddings by their cosine.</para>
    /// <para>Beware: with few dimensions, noisy labels or from scratch a margin of 0.5 may not converge: begin with
    /// less. The slope in cos θ is steep where θ is near 0; at θ = 0 the part of sin θ is taken as flat.</para>
    /// <para>Twin: none; formula of the paper, and of the authors' code where θ + m passes π.</para>
    /// </remarks>
    /// <param name="embeddings">[n, size]; their lengths do not count. A vector of zeros has cosine 0 with all.</param>
    /// <param name="centers">A direction per class, [classes, size]: a Parameter, trained with the rest.</param>
    /// <param name="labels">The right classes, [n].</param>
    /// <param name="margin">m in radians, from 0 to π.</param>
    /// <param name="scale">What cosines are multiplied with before the softmax.</param>
    /// <param name="easyMargin">Apply the margin only where θ is below π/2, and plain cos θ elsewhere.</param>
    /// <param name="reduction">The mean, the sum, or one loss per row.</param>
    /// <exception cref="ShapeException">The shapes do not fit.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A label is no class (the message says which), the margin is
    /// outside [0, π], or the scale is not positive.</exception>
    public static Tensor ArcFace(Tensor embeddings, Tensor centers, int[] labels, double margin = 0.5,
        double scale = 64, bool easyMargin = false, Reduction reduction = Reduction.Mean)
    {
        using var check = Checks.OfLoss("ArcFace");
        check.Option(margin, Domain.From(0, Math.PI, "from 0 to pi"));
        return MarginSoftmax(check, embeddings, centers, labels, scale, reduction, cosine =>
        {
            // Rounding may put cosines a little beyond 1.
            var sine = (1 - cosine.Square()).Clamp(low: 0).SqrtFlatAtZero();
            var wider = cosine * Math.Cos(margin) - sine * Math.Sin(margin);
            return easyMargin
                ? Tensor.Where(cosine > 0, wider, cosine)
                : Tensor.Where(cosine > Math.Cos(Math.PI - margin), wider, cosine - margin * Math.Sin(margin));
        });
    }

    /// <summary>
    /// Cross-entropy of scale·cos θ, θ being the angles between an embedding and the centers, but with
    /// cos θ − margin for the right class: its cosine has to be larger by the margin (Wang et al., 2018).
    /// </summary>
    /// <remarks>
    /// <para>Gradient: in the cosine of class c, scale·(softmax[c] − [c = label]).</para>
    /// <para>Use: as ArcFace; easier to train, since its slope is plain.</para>
    /// <para>Beware: the margin that can be kept shrinks as classes grow many for the size of the embeddings; the
    /// scale must be large, for a softmax of plain cosines is never sure.</para>
    /// <para>Twin: none; formula of the paper.</para>
    /// </remarks>
    /// <param name="embeddings">[n, size]; their lengths do not count. A vector of zeros has cosine 0 with all.</param>
    /// <param name="centers">A direction per class, [classes, size]: a Parameter, trained with the rest.</param>
    /// <param name="labels">The right classes, [n].</param>
    /// <param name="margin">By how much the right cosine should be larger, from 0 to 2.</param>
    /// <param name="scale">What cosines are multiplied with before the softmax.</param>
    /// <param name="reduction">The mean, the sum, or one loss per row.</param>
    /// <exception cref="ShapeException">The shapes do not fit.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A label is no class (the message says which), the margin is
    /// outside [0, 2], or the scale is not positive.</exception>
    public static Tensor CosFace(Tensor embeddings, Tensor centers, int[] labels, double margin = 0.35,
        double scale = 64, Reduction reduction = Reduction.Mean)
    {
        using var check = Checks.OfLoss("CosFace");
        check.Option(margin, Domain.From(0, 2));
        return MarginSoftmax(check, embeddings, centers, labels, scale, reduction, cosine => cosine - margin);
    }

    /// <summary>Cross-entropy of scaled cosines, those of the right classes made smaller.</summary>
    static Tensor MarginSoftmax(Checks check, Tensor embeddings, Tensor centers, int[] labels, double scale,
        Reduction reduction, Func<Tensor, Tensor> smaller)
    {
        check.Vectors(embeddings);
        check.Vectors(centers, size: embeddings.Shape[1]);
        check.SameDType(embeddings, centers);
        check.Option(scale, Domain.Positive, embeddings.DType);
        var (rows, classes) = (embeddings.Shape[0], centers.Shape[0]);
        check.Labels(labels, rows, classes);

        var cosines = UnitRows.Of(embeddings).MatMul(UnitRows.Of(centers).Transpose());
        var right = LabelPlaces.Mask(labels, rows, classes, 1, embeddings.DType).Reshape(rows, classes);
        var logits = Tensor.Where(right, smaller(cosines.Gather(labels)).Unsqueeze(1), cosines);
        return CrossEntropy(scale * logits, labels, reduction: reduction);
    }
}
