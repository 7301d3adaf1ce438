using static MicroGrad.Net.Tests.Proof.Shapes;

namespace MicroGrad.Net.Tests.Proof;

// Losses, under each reduction; a mean over nothing is NaN, so there is always something.
static partial class GradientTable
{
    // Away from the ends, beyond which numerical differentiation would step.
    static readonly Draw Probability = Draws.Between(0.05, 0.95);

    static IEnumerable<GradientRow> LossFunctions =>
    [
        .. Reduced("Losses.MeanSquaredError:", "AB,AB", (x, y, how) => Losses.MeanSquaredError(x, y, reduction: how)),
        // Even and Odd keep errors away from 0, from ±0.4 and from ±1.
        .. Reduced("Losses.MeanAbsoluteError:", "AB,AB",
            (x, y, how) => Losses.MeanAbsoluteError(x, y, reduction: how), Draws.Even, Draws.Odd),
        .. Reduced("Losses.Huber:", "AB,AB", (x, y, how) => Losses.Huber(x, y, reduction: how), Draws.Even, Draws.Odd),
        .. Reduced("Losses.Huber: delta 0.4,", "AB,AB",
            (x, y, how) => Losses.Huber(x, y, 0.4, reduction: how), Draws.Even, Draws.Odd),
        .. Reduced("Losses.BinaryCrossEntropyWithLogits:", "AB,AB",
            (x, y, how) => Losses.BinaryCrossEntropyWithLogits(x, y, reduction: how), Draws.Between(-8, 8), Probability),
        Row("Losses.BinaryCrossEntropyWithLogits: in the weights", "AB,AB,B",
            (x, y, w) => Losses.BinaryCrossEntropyWithLogits(x, y, w), Draws.Between(-8, 8), Probability, Positive),
        Row("Losses.BinaryCrossEntropyWithLogits: in the positive weights", "AB,AB,B",
            (x, y, p) => Losses.BinaryCrossEntropyWithLogits(x, y, null, p), Draws.Between(-8, 8), Probability, Positive),
        .. Reduced($"{SoftCrossEntropy}:", "ABC,ABC",
            (x, y, how) => Losses.CrossEntropy(x, y.Softmax(1), reduction: how)),
        .. Reduced($"{SoftCrossEntropy}: smoothed,", "AB,AB",
            (x, y, how) => Losses.CrossEntropy(x, y.Softmax(1), labelSmoothing: 0.3, reduction: how)),
        Row($"{SoftCrossEntropy}: one sample", "A,A", (x, y) => Losses.CrossEntropy(x, y.Softmax())),
        Row($"{SoftCrossEntropy}: in the weights", "AB,AB,B",
            (x, y, w) => Losses.CrossEntropy(x, y.Softmax(1), w), third: Positive),
        .. OfLabels($"{HardCrossEntropy}:", (x, labels, how) => Losses.CrossEntropy(x, labels, reduction: how)),
        .. OfLabels($"{HardCrossEntropy}: weighted and smoothed,",
            (x, labels, how) => Losses.CrossEntropy(x, labels, ClassWeights(x), 0.3, reduction: how)),
        .. OfLabels($"{HardCrossEntropy}: some ignored,", (x, labels, how) =>
            Losses.CrossEntropy(x, Ignored(labels), ClassWeights(x), 0.3, ignoreIndex: -1, how)),
        .. OfLabels("Losses.NegativeLogLikelihood:", (x, labels, how) => Losses.NegativeLogLikelihood(-x.Softplus(), labels, reduction: how)),
        .. OfLabels("Losses.NegativeLogLikelihood: weighted, some ignored,", (x, labels, how) =>
            Losses.NegativeLogLikelihood(-x.Softplus(), Ignored(labels), ClassWeights(x), ignoreIndex: -1, how)),
    ];

    const string HardCrossEntropy = "Losses.CrossEntropy(Tensor, int[], Tensor, double, int, Reduction)";
    const string SoftCrossEntropy = "Losses.CrossEntropy(Tensor, Tensor, Tensor, double, Reduction)";

    static readonly Reduction[] s_reductions = [Reduction.Mean, Reduction.Sum, Reduction.None];

    static IEnumerable<GradientRow> Reduced(
        string name, Shapes shapes, Func<Tensor, Tensor, Reduction, Tensor> loss, Draw? draw = null, Draw? second = null) =>
        s_reductions.Select(how => Row($"{name} {how}", shapes, (x, y) => loss(x, y, how), draw, second));

    static IEnumerable<GradientRow> OfLabels(string name, Func<Tensor, int[], Reduction, Tensor> loss) =>
        s_reductions.Select(how => Row($"{name} {how}", "AB", x => loss(x, Labels(x), how)))
            .Append(Row($"{name} an image", "ABC", x => loss(x, Labels(x), Reduction.Mean)))
            .Append(Row($"{name} one sample", "B", x => loss(x, Labels(x), Reduction.Mean)));

    static int[] Labels(Tensor scores)
    {
        var classes = scores.Shape[scores.Rank == 1 ? 0 : 1];
        return Numbers(scores.Length / classes, below: classes);
    }

    /// <summary>Every third label left out, but not the first.</summary>
    static int[] Ignored(int[] labels) => [.. labels.Select((label, i) => i % 3 == 1 ? -1 : label)];

    static Tensor ClassWeights(Tensor scores) =>
        0.5 + Tensor.Arange(scores.Shape[scores.Rank == 1 ? 0 : 1], scores.DType) * 0.25;
}
