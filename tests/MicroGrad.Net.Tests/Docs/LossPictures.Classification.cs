namespace MicroGrad.Net.Tests.Docs;

static partial class LossPictures
{
    static Dictionary<string, LossPicture> Classification => new()
    {
        ["CrossEntropy"] = new(RightLogit, -4, 6, ("plain", x => Losses.CrossEntropy(Row(x, 0, 0), [0])),
            ("smoothing 0.1", x => Losses.CrossEntropy(Row(x, 0, 0), [0], labelSmoothing: 0.1))),
        ["NegativeLogLikelihood"] = new("log probability", -4, 0, x => Losses.NegativeLogLikelihood(Row(x, -1, -1), [0])),
        ["BinaryCrossEntropyWithLogits"] = new(Logit, -5, 5,
            ("target 1", x => Losses.BinaryCrossEntropyWithLogits(x, Number(1))),
            ("0", x => Losses.BinaryCrossEntropyWithLogits(x, Number(0))),
            ("1, positive weight 3", x => Losses.BinaryCrossEntropyWithLogits(x, Number(1), positiveWeight: Number(3)))),
    };
}
