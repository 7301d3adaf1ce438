using static MicroGrad.Net.Tests.Numbers;

namespace MicroGrad.Net.Tests.Docs;

/// <summary>A picture per loss: what one number does to it.</summary>
static class LossPictures
{
    const string Error = "prediction − target", Logit = "logit of the right class", Probability = "prediction";

    static readonly Tensor s_zero = Tensor.Scalar(0, DType.Float64), s_one = Tensor.Scalar(1, DType.Float64);

    public static IReadOnlyDictionary<string, LossPicture> All { get; } = new Dictionary<string, LossPicture>
    {
        ["MeanSquaredError"] = new(Error, -3, 3, x => Losses.MeanSquaredError(x, s_zero)),
        ["MeanAbsoluteError"] = new(Error, -3, 3, x => Losses.MeanAbsoluteError(x, s_zero)),
        ["Huber"] = new(Error, -3, 3, ("delta 0.5", x => Losses.Huber(x, s_zero, 0.5)), ("1", x => Losses.Huber(x, s_zero)),
            ("2", x => Losses.Huber(x, s_zero, 2))),
        ["CrossEntropy"] = new(Logit, -4, 6, ("", x => Losses.CrossEntropy(Classes(x), [0])),
            ("smoothing 0.1", x => Losses.CrossEntropy(Classes(x), [0], labelSmoothing: 0.1))),
        ["NegativeLogLikelihood"] = new("log probability", -4, 0, x => Losses.NegativeLogLikelihood(Classes(x), [0])),
        ["BinaryCrossEntropyWithLogits"] = new("logit", -5, 5, ("target 1", x => Losses.BinaryCrossEntropyWithLogits(x, s_one)),
            ("0", x => Losses.BinaryCrossEntropyWithLogits(x, s_zero)),
            ("1, positive weight 3", x => Losses.BinaryCrossEntropyWithLogits(x, s_one, positiveWeight: 3 * s_one))),
    };

    /// <summary>Scores of three classes, [1, 3], of which the first is the number and the others are 0.</summary>
    static Tensor Classes(Tensor x) => Tensor.Concat([x.Reshape(1, 1), Tensor.Zeros([1, 2], DType.Float64)], axis: 1);
}
