namespace MicroGrad.Net;

// Two things at a time: which ranks higher, whether they are alike.
public static partial class Losses
{
    /// <summary>
    /// max(0, margin − target·(first − second)): the score that should be higher is to be so by the margin.
    /// </summary>
    /// <remarks>
    /// <para>Gradient: −target in first and target in second where the order is wrong or its margin too small, 0
    /// elsewhere; on the kink as where it is too small, so that equal scores are parted.</para>
    /// <para>Use: learning to rank from pairs: which of two is preferred is known, but no score.</para>
    /// <para>Beware: with margin 0 all scores equal is a perfect answer: give a margin, in the unit of the
    /// scores.</para>
    /// <para>Twin: torch.nn.functional.margin_ranking_loss; it broadcasts the target, this does not.</para>
    /// </remarks>
    /// <param name="first">Scores, of any shape.</param>
    /// <param name="second">The scores they are compared with, of the same shape.</param>
    /// <param name="target">1 where the first should rank higher, −1 where the second; of the same shape.</param>
    /// <param name="margin">By how much at least.</param>
    /// <param name="reduction">The mean, the sum, or one loss per pair.</param>
    /// <exception cref="ShapeException">The shapes differ.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A target is neither 1 nor −1.</exception>
    public static Tensor MarginRanking(Tensor first, Tensor second, Tensor target, double margin = 0,
        Reduction reduction = Reduction.Mean)
    {
        using var check = Checks.OfLoss("margin ranking");
        check.SameShape(first, second);
        check.Signs(first, target);
        check.Option(margin, Domain.Finite, first.DType);
        return Reduce((margin - target * (first - second)).Clamp(low: 0), reduction);
    }

    /// <summary>
    /// prediction where the target is 1, and max(0, margin − prediction) where it is −1: a distance that is to be
    /// small for what belongs together and at least the margin for what does not.
    /// </summary>
    /// <remarks>
    /// <para>Gradient: 1 where the target is 1; −1 where it is −1 and the prediction at most the margin; else 0.</para>
    /// <para>Use: learning embeddings from pairs known to be alike or not, with a distance of one's own.</para>
    /// <para>Beware: the prediction must be a distance, at least 0: below, the loss of a like pair is negative and
    /// has no bound.</para>
    /// <para>Twin: torch.nn.functional.hinge_embedding_loss.</para>
    /// </remarks>
    /// <param name="prediction">Distances, of any shape.</param>
    /// <param name="target">1 for alike, −1 for not alike, of the same shape.</param>
    /// <param name="margin">The distance from which on unlike ones are far enough apart.</param>
    /// <param name="reduction">The mean, the sum, or one loss per distance.</param>
    /// <exception cref="ShapeException">The shapes differ.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A target is neither 1 nor −1, or the margin is
    /// negative.</exception>
    public static Tensor HingeEmbedding(Tensor prediction, Tensor target, double margin = 1,
        Reduction reduction = Reduction.Mean)
    {
        using var check = Checks.OfLoss("hinge embedding");
        check.Signs(prediction, target);
        check.Option(margin, Domain.NotNegative, prediction.DType);
        return Reduce(Tensor.Where(target > 0, prediction, (margin - prediction).Clamp(low: 0)), reduction);
    }

    /// <summary>
    /// 1 − cos where the target is 1, and max(0, cos − margin) where it is −1, cos = a·b / (‖a‖·‖b‖) being the cosine
    /// of the angle between two vectors; ‖a‖ = √(Σa² + 10⁻¹²), so that a vector of zeros has cosine 0 with all.
    /// </summary>
    /// <remarks>
    /// <para>Gradient: −g where the target is 1, g where it is −1 and cos at least the margin, else 0; with
    /// g = (b/‖b‖ − cos·a/‖a‖) / ‖a‖ in the first vector.</para>
    /// <para>Use: embeddings of which only the direction counts, as of texts, from pairs alike or not.</para>
    /// <para>Beware: the shorter a vector, the steeper: up to 10⁶ at a vector of zeros.</para>
    /// <para>Twin: torch.nn.functional.cosine_embedding_loss.</para>
    /// </remarks>
    /// <param name="first">Vectors, [n, size]; or [size]; or with more axes before the last.</param>
    /// <param name="second">The vectors they are compared with, of the same shape.</param>
    /// <param name="target">1 for alike, −1 for not alike, one per pair: [n].</param>
    /// <param name="margin">The cosine up to which unlike ones are far enough apart, from −1 to 1.</param>
    /// <param name="reduction">The mean, the sum, or one loss per pair.</param>
    /// <exception cref="ShapeException">The shapes differ, or there is not one target per pair.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A target is neither 1 nor −1, or the margin is outside
    /// [−1, 1].</exception>
    public static Tensor CosineEmbedding(Tensor first, Tensor second, Tensor target, double margin = 0,
        Reduction reduction = Reduction.Mean)
    {
        using var check = Checks.OfLoss("cosine embedding");
        check.Pairs(first, second, target);
        check.Option(margin, Domain.From(-1, 1));
        const double Epsilon = 1e-12;
        var (a, b) = (Length(first), Length(second));
        var (u, v) = (first / a, second / b);
        // 1 − cos by the difference of the directions, which keeps the digits of small angles. They are shorter than 1
        // by a little: Σu² = 1 − ε/‖a‖².
        var lacking = ((Math.Sqrt(Epsilon) / a).Square() + (Math.Sqrt(Epsilon) / b).Square()).Squeeze(-1);
        var alike = 0.5 * ((u - v).Square().Sum(-1) + lacking);
        return Reduce(Tensor.Where(target > 0, alike, ((u * v).Sum(-1) - margin).Clamp(low: 0)), reduction);

        static Tensor Length(Tensor x) => x.RootOfSquares(-1, keepDims: true, epsilon: Epsilon);
    }

    /// <summary>
    /// ½d² where the target is 1, and ½·max(0, margin − d)² where it is −1, d = ‖first − second‖ being the distance of
    /// two vectors (Hadsell, Chopra and LeCun, 2006).
    /// </summary>
    /// <remarks>
    /// <para>Gradient: in the first vector, first − second where the target is 1; where it is −1,
    /// −max(0, margin − d)·(first − second)/d, taken as 0 where d is 0.</para>
    /// <para>Use: embeddings from pairs alike or not (siamese networks), as for signatures and faces.</para>
    /// <para>Beware: unlike vectors that are equal are not parted, since no direction is better than another; and all
    /// pairs alike let everything collapse into one point.</para>
    /// <para>Twin: none in PyTorch; formula of the paper, whose Y = 0 is target 1 here, and Y = 1 target −1.
    /// tfa.losses.ContrastiveLoss takes distances, has targets 1 and 0, and no ½.</para>
    /// </remarks>
    /// <param name="first">Vectors, [n, size]; or [size]; or with more axes before the last.</param>
    /// <param name="second">The vectors they are compared with, of the same shape.</param>
    /// <param name="target">1 for alike, −1 for not alike, one per pair: [n].</param>
    /// <param name="margin">The distance from which on unlike ones are far enough apart.</param>
    /// <param name="reduction">The mean, the sum, or one loss per pair.</param>
    /// <exception cref="ShapeException">The shapes differ, or there is not one target per pair.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A target is neither 1 nor −1, or the margin is not
    /// positive.</exception>
    public static Tensor Contrastive(Tensor first, Tensor second, Tensor target, double margin = 1,
        Reduction reduction = Reduction.Mean)
    {
        using var check = Checks.OfLoss("contrastive");
        check.Pairs(first, second, target);
        check.Option(margin, Domain.Positive, first.DType);
        var difference = first - second;
        var alike = difference.Square().Sum(-1);
        var unlike = (margin - difference.Norm(axes: -1)).Clamp(low: 0).Square();
        return Reduce(0.5 * Tensor.Where(target > 0, alike, unlike), reduction);
    }
}
