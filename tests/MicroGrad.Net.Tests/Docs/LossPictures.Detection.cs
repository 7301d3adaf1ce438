namespace MicroGrad.Net.Tests.Docs;

static partial class LossPictures
{
    static Dictionary<string, LossPicture> Detection => new()
    {
        ["IntersectionOverUnion"] = Shifted((p, t) => Losses.IntersectionOverUnion(p, t)),
        ["GeneralizedIntersectionOverUnion"] = Shifted((p, t) => Losses.GeneralizedIntersectionOverUnion(p, t)),
        ["DistanceIntersectionOverUnion"] = Shifted((p, t) => Losses.DistanceIntersectionOverUnion(p, t)),
        ["CompleteIntersectionOverUnion"] = Shifted((p, t) => Losses.CompleteIntersectionOverUnion(p, t)),
        ["EfficientIntersectionOverUnion"] = Shifted((p, t) => Losses.EfficientIntersectionOverUnion(p, t)),
        ["PairwiseIntersectionOverUnion"] = Shifted((p, t) => Losses.PairwiseIntersectionOverUnion(p, t)),
    };

    /// <summary>Boxes 2 wide, one as high as its target and one half as high, pushed past it.</summary>
    static LossPicture Shifted(Func<Tensor, Tensor, Tensor> loss) => new("shift; both boxes are 2 wide", -5, 5,
        ("equal shapes", x => loss(Row(-1, -1, 1, 1) + Shift(x), Row(-1, -1, 1, 1))),
        ("half as high", x => loss(Row(-1, -0.5, 1, 0.5) + Shift(x), Row(-1, -1, 1, 1))));

    static Tensor Shift(Tensor x) => Row(1, 0, 1, 0) * x;
}
