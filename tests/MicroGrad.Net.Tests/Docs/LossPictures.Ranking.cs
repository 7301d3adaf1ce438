namespace MicroGrad.Net.Tests.Docs;

static partial class LossPictures
{
    const string Angle = "angle in degrees", Distance = "distance";

    static readonly Tensor s_centers = Tensor.Concat([Direction(0), Direction(120), Direction(240)]);

    static Dictionary<string, LossPicture> Ranking => new()
    {
        ["MarginRanking"] = new("first score − second", -3, 3,
            ("margin 0", x => Losses.MarginRanking(Row(x), Row(0.0), Row(1.0))),
            ("1", x => Losses.MarginRanking(Row(x), Row(0.0), Row(1.0), margin: 1))),
        ["HingeEmbedding"] = new(Distance, 0, 3, ("alike", x => Losses.HingeEmbedding(x, Number(1))),
            ("not alike", x => Losses.HingeEmbedding(x, Number(-1)))),
        ["CosineEmbedding"] = new(Angle, 1, 179, ("alike", x => Losses.CosineEmbedding(Direction(x), Direction(0), Tensor.From([1], [1.0]))),
            ("not alike", x => Losses.CosineEmbedding(Direction(x), Direction(0), Tensor.From([1], [-1.0])))),
        ["Contrastive"] = new(Distance, 0.01, 3, ("alike", x => Losses.Contrastive(Row(x), Row(0.0), Tensor.From([1], [1.0]))),
            ("not alike", x => Losses.Contrastive(Row(x), Row(0.0), Tensor.From([1], [-1.0])))),
        ["TripletMargin"] = new("distance to the positive; the negative is at 1.5", 0, 3,
            ("margin 0.5", x => Losses.TripletMargin(Row(0.0), Row(x), Row(-1.5), margin: 0.5)),
            ("1", x => Losses.TripletMargin(Row(0.0), Row(x), Row(-1.5)))),
        ["InfoNce"] = new(Angle, 1, 179, ("temperature 0.2", x => Losses.InfoNce(Direction(x), Direction(0), s_centers[1..], 0.2)),
            ("0.5", x => Losses.InfoNce(Direction(x), Direction(0), s_centers[1..], 0.5))),
        ["NtXent"] = new(Angle, 1, 179,
            ("temperature 0.2", x => Losses.NtXent(Tensor.Concat([Direction(x), Direction(150)]), Tensor.Concat([Direction(0), Direction(150)]), 0.2)),
            ("0.5", x => Losses.NtXent(Tensor.Concat([Direction(x), Direction(150)]), Tensor.Concat([Direction(0), Direction(150)])))),
        ["ArcFace"] = new(Angle, 1, 179, ("margin 0", x => Losses.ArcFace(Direction(x), s_centers, [0], 0, scale: 8)),
            ("0.5", x => Losses.ArcFace(Direction(x), s_centers, [0], scale: 8))),
        ["CosFace"] = new(Angle, 1, 179, ("margin 0", x => Losses.CosFace(Direction(x), s_centers, [0], 0, scale: 8)),
            ("0.35", x => Losses.CosFace(Direction(x), s_centers, [0], scale: 8))),
        ["Circle"] = new("angle between two of a kind; another at 100°", 1, 179,
            ("margin 0.25", x => CircleAt(x, 0.25)), ("0.4", x => CircleAt(x, 0.4))),
    };

    static Tensor CircleAt(Tensor x, double margin) =>
        Losses.Circle(Tensor.Concat([Direction(x), Direction(0), Direction(100)]), [0, 0, 1], margin, scale: 16);
}
