namespace MicroGrad.Net.Tests.Proof;

// Ranking and embedding losses. Their kinks are where a margin is just kept, so values are drawn to be clear of it.
static partial class GradientTable
{
    internal const string TripletOfNorm =
        "Losses.TripletMargin(Tensor, Tensor, Tensor, double, double, double, bool, Reduction)";
    internal const string TripletOfOwn =
        "Losses.TripletMargin(Tensor, Tensor, Tensor, Func<Tensor, Tensor, Tensor>, double, bool, Reduction)";

    /// <summary>Positive and well away from 0, so that no vector is short and no two are at right angles.</summary>
    static readonly Draw Long = Draws.Between(0.5, 2);

    static readonly Draw s_low = Draws.Between(-1, -0.1);

    static readonly Draw s_near = Draws.Between(-0.5, 0.5);

    static readonly Draw s_far = Draws.Between(-8, -7);

    static IEnumerable<GradientRow> RankingLosses =>
    [
        // Even and Odd keep differences away from multiples of 0.2.
        .. Reduced("Losses.MarginRanking:", "AB,AB",
            (x, y, how) => Losses.MarginRanking(x, y, Signs(x.Shape, x.DType), reduction: how), Draws.Even, Draws.Odd),
        .. Reduced("Losses.MarginRanking: margin 0.4,", "AB,AB",
            (x, y, how) => Losses.MarginRanking(x, y, Signs(x.Shape, x.DType), 0.4, how), Draws.Even, Draws.Odd),
        .. UnderEach("Losses.HingeEmbedding:", "AB",
            (x, how) => Losses.HingeEmbedding(x, Signs(x.Shape, x.DType), reduction: how), Draws.Between(0, 2, [1])),
        .. UnderEach("Losses.HingeEmbedding: margin 0.3,", "AB",
            (x, how) => Losses.HingeEmbedding(x, Signs(x.Shape, x.DType), 0.3, how), Draws.Between(0, 2, [0.3])),
        .. Reduced("Losses.CosineEmbedding:", "AB,AB", (x, y, how) =>
            Losses.CosineEmbedding(x, y, PairSigns(x), reduction: how), Long),
        .. Reduced("Losses.CosineEmbedding: margin 0.3,", "AB,AB", (x, y, how) =>
            Losses.CosineEmbedding(x, y, PairSigns(x), 0.3, how), Long),
        Row("Losses.CosineEmbedding: opposite", "AB,AB", (x, y) => Losses.CosineEmbedding(x, -y, PairSigns(x)), Long),
        Row("Losses.CosineEmbedding: one pair", "B,B", (x, y) => Losses.CosineEmbedding(x, y, PairSigns(x)), Long),
        .. Reduced("Losses.Contrastive:", "AB,AB", (x, y, how) =>
            Losses.Contrastive(x, y, PairSigns(x), reduction: how), Draws.Between(1.1, 2), s_low),
        .. Reduced("Losses.Contrastive: margin 8,", "AB,AB", (x, y, how) =>
            Losses.Contrastive(x, y, PairSigns(x), 8, how), Draws.Between(1.1, 2), s_low),

        .. Triplets($"{TripletOfNorm}: margin 60,", (a, p, n, how) =>
            Losses.TripletMargin(a, p, n, 60, reduction: how)),
        .. Triplets($"{TripletOfNorm}: p 1,", (a, p, n, how) =>
            Losses.TripletMargin(a, p, n, 60, p: 1, reduction: how)),
        .. Triplets($"{TripletOfNorm}: p 3,", (a, p, n, how) =>
            Losses.TripletMargin(a, p, n, 60, p: 3, reduction: how)),
        .. Triplets($"{TripletOfNorm}: margin kept,", (a, p, n, how) => Losses.TripletMargin(a, p, n, reduction: how)),
        .. Triplets($"{TripletOfNorm}: swap to no use,", (a, p, n, how) =>
            Losses.TripletMargin(a, p, n, 60, swap: true, reduction: how)),
        // The positive is the nearer one to the negative.
        .. Triplets($"{TripletOfNorm}: swap,", (a, p, n, how) =>
            Losses.TripletMargin(p, a, n, 60, swap: true, reduction: how)),
        Row($"{TripletOfNorm}: one triplet", "B,B,B",
            (a, p, n) => Losses.TripletMargin(a, p, n, 60), s_near, Long, s_far),
        .. Triplets($"{TripletOfOwn}:", (a, p, n, how) =>
            Losses.TripletMargin(a, p, n, SquaredDistance, 900, reduction: how)),
        .. Triplets($"{TripletOfOwn}: swap,", (a, p, n, how) =>
            Losses.TripletMargin(p, a, n, SquaredDistance, 900, true, how)),

        .. Reduced("Losses.InfoNce:", "AB,AB", (x, y, how) =>
            Losses.InfoNce(x, y, temperature: 0.5, reduction: how), Long),
        .. s_reductions.Select(how => Row($"Losses.InfoNce: negatives, {how}", "AB,AB,cB",
            (x, y, z) => Losses.InfoNce(x, y, z, 0.7, how), Long)),
        .. Reduced("Losses.NtXent:", "AB,AB", (x, y, how) => Losses.NtXent(x, y, reduction: how), Long),
        .. Reduced("Losses.NtXent: temperature 2,", "AB,AB", (x, y, how) => Losses.NtXent(x, y, 2, how), Long),

        .. Angles("Losses.ArcFace:", 1, (x, c, labels, how) => Losses.ArcFace(x, c, labels, scale: 4, reduction: how)),
        .. Angles("Losses.ArcFace: beyond a half turn,", 1, (x, c, labels, how) =>
            Losses.ArcFace(x, c, labels, 2.5, 4, reduction: how)),
        .. Angles("Losses.ArcFace: easy margin,", 1, (x, c, labels, how) =>
            Losses.ArcFace(x, c, labels, 0.5, 4, true, how)),
        .. Angles("Losses.ArcFace: easy margin, blunt angles,", -1, (x, c, labels, how) =>
            Losses.ArcFace(x, c, labels, 0.5, 4, true, how)),
        .. Angles("Losses.CosFace:", 1, (x, c, labels, how) => Losses.CosFace(x, c, labels, scale: 4, reduction: how)),

        // With constant weights the tape and numerical differentiation mean different slopes: see RankingLossTests.
        .. UnderEach("Losses.Circle:", "A2", (x, how) =>
            Losses.Circle(WithSome(x), CircleLabels(x), scale: 2, constantWeights: false, reduction: how), Long),
        .. UnderEach("Losses.Circle: margin 0.4,", "A2", (x, how) =>
            Losses.Circle(WithSome(x), CircleLabels(x), 0.4, 3, constantWeights: false, how), Long),
    ];

    static IEnumerable<GradientRow> UnderEach(
        string name, Shapes shapes, Func<Tensor, Reduction, Tensor> loss, Draw draw) =>
        s_reductions.Select(how => Row($"{name} {how}", shapes, x => loss(x, how), draw: draw));

    static IEnumerable<GradientRow> Triplets(string name, Func<Tensor, Tensor, Tensor, Reduction, Tensor> loss) =>
        s_reductions.Select(how =>
            Row($"{name} {how}", "AB,AB,AB", (a, p, n) => loss(a, p, n, how), s_near, Long, s_far));

    /// <summary>Two axes more keep angles between 45 and 90 degrees, or above if the centers are turned.</summary>
    static IEnumerable<GradientRow> Angles(
        string name, double turn, Func<Tensor, Tensor, int[], Reduction, Tensor> loss) =>
        s_reductions.Select(how => Row($"{name} {how}", "AB,CB", (x, c) => loss(
            x.Pad([(1, 0)], value: 3).Pad([(1, 0)]), (c * turn).Pad([(1, 0)]).Pad([(1, 0)], value: 3),
            Numbers(x.Shape[0], below: c.Shape[0]), how), Long));

    static Tensor SquaredDistance(Tensor a, Tensor b) => (a - b).Square().Sum(-1);

    /// <summary>1, −1, 1, −1, …</summary>
    static Tensor Signs(Shape shape, DType dtype) =>
        Tensor.From(shape, [.. Enumerable.Range(0, shape.Length).Select(i => i % 2 == 0 ? 1.0 : -1)]).To(dtype);

    static Tensor PairSigns(Tensor vectors) => Signs(Shape.Of([.. vectors.Shape.SkipLast(1)]), vectors.DType);

    /// <summary>Three rows more, so that each label has others alike and unlike.</summary>
    static Tensor WithSome(Tensor rows) =>
        Tensor.Concat([rows, Tensor.From([3, 2], [1.0, 0.5, 0.5, 1.5, 2, 0.7]).To(rows.DType)]);

    static int[] CircleLabels(Tensor rows) => [.. Numbers(rows.Shape[0], below: 2), 0, 1, 0];
}
