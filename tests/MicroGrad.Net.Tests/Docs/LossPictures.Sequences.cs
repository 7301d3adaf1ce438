namespace MicroGrad.Net.Tests.Docs;

static partial class LossPictures
{
    static Dictionary<string, LossPicture> Sequences => new()
    {
        // Class 0 is the blank; every step is as sure of class 1, and class 2 has the logit 0.
        ["ConnectionistTemporalClassification"] = new("logit of class 1 in each of 4 steps", -4, 6,
            ("target 1", x => Spelled(x, 1)), ("1, 2", x => Spelled(x, 1, 2)), ("1, 1", x => Spelled(x, 1, 1))),
    };

    static Tensor Spelled(Tensor x, params int[] target) => Losses.ConnectionistTemporalClassification(
        Tensor.Concat([Row(0.0), x.Reshape(1, 1), Row(0.0)], axis: 1).Expand([4, 3]).Reshape(4, 1, 3).LogSoftmax(),
        new[] { target }, reduction: Reduction.Sum);
}
