using Ours = MicroGrad.Net.Losses;

namespace MicroGrad.Net.Tests.Oracle;

static partial class OpTable
{
    static Dictionary<string, Func<OpCall, Tensor>> ClassificationLosses => new()
    {
        ["binary_cross_entropy"] = c => Ours.BinaryCrossEntropy(c["input"], c["target"], c.Maybe("weight"), Reduction(c)),
        ["kl_div"] = KullbackLeibler,
        ["soft_margin_loss"] = c => Ours.SoftMargin(c["input"], c["target"], Reduction(c)),
        ["multi_margin_loss"] = c => Ours.MultiMargin(c["input"], c.Ints("target"), c.Case.Int("p"), c.Number("margin"),
            c.Maybe("weight"), Reduction(c)),
        ["multilabel_margin_loss"] = c => Ours.MultiLabelMargin(c["input"], ZerosAndOnes(c), Reduction(c)),
        ["multilabel_soft_margin_loss"] = c => Ours.MultiLabelSoftMargin(
            c["input"], c["target"], c.Maybe("weight"), Reduction(c)),
    };

    /// <summary>A batchmean is the sum divided by the number of samples.</summary>
    static Tensor KullbackLeibler(OpCall c)
    {
        var logTarget = c.Case.Flag("log_target");
        return c.Case.Text("reduction", "mean") == "batchmean"
            ? Ours.KullbackLeiblerDivergence(c["input"], c["target"], logTarget, Net.Reduction.Sum) / c["input"].Shape[0]
            : Ours.KullbackLeiblerDivergence(c["input"], c["target"], logTarget, Reduction(c));
    }

    /// <summary>PyTorch's rows name the classes that hold, up to the first -1.</summary>
    static Tensor ZerosAndOnes(OpCall c)
    {
        var (shape, labels) = (c["input"].Shape, c.Ints("target"));
        var holds = new double[shape.Length];
        for (var start = 0; start < holds.Length; start += shape[^1])
            foreach (var label in labels[start..(start + shape[^1])].TakeWhile(label => label >= 0))
                holds[start + label] = 1;
        return Tensor.From(shape, holds).To(c.DType);
    }
}
