using Ours = MicroGrad.Net.Losses;

namespace MicroGrad.Net.Tests.Oracle;

static partial class OpTable
{
    static Dictionary<string, Func<OpCall, Tensor>> Losses => new()
    {
        ["mse_loss"] = c => Ours.MeanSquaredError(c["input"], c["target"], reduction: Reduction(c)),
        ["l1_loss"] = c => Ours.MeanAbsoluteError(c["input"], c["target"], reduction: Reduction(c)),
        ["huber_loss"] = c => Ours.Huber(c["input"], c["target"], c.Number("delta", 1), reduction: Reduction(c)),
        ["cross_entropy"] = CrossEntropy,
        ["nll_loss"] = c => Ours.NegativeLogLikelihood(
            c.Case.Text("expr") == "nll(log_softmax(input))" ? c["input"].LogSoftmax(1) : c["input"],
            c.Ints("target"), c.Maybe("weight"), IgnoreIndex(c), Reduction(c)),
        ["binary_cross_entropy_with_logits"] = c => Ours.BinaryCrossEntropyWithLogits(
            c["input"], c["target"], c.Maybe("weight"), c.Maybe("pos_weight"), Reduction(c)),
    };

    static Tensor CrossEntropy(OpCall c)
    {
        var (logits, weights, smoothing) = (c["input"], c.Maybe("weight"), c.Number("label_smoothing", 0));
        return c.Case.Tensor("inputs", "target").IsIndex
            ? Ours.CrossEntropy(logits, c.Ints("target"), weights, smoothing, IgnoreIndex(c), Reduction(c))
            : Ours.CrossEntropy(logits, c["target"], weights, smoothing, Reduction(c));
    }

    static int IgnoreIndex(OpCall c) => (int)c.Number("ignore_index", -100);

    static Reduction Reduction(OpCall c) => Enum.Parse<Reduction>(c.Case.Text("reduction", "mean"), ignoreCase: true);
}
