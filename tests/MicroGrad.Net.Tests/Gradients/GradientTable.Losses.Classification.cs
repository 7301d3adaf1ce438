namespace MicroGrad.Net.Tests.Proof;

// Losses of classification. Hinges are drawn so that no score stands at its margin.
static partial class GradientTable
{
    static IEnumerable<GradientRow> ClassificationLosses =>
    [
        .. Reduced("Losses.BinaryCrossEntropy:", "AB,AB",
            (x, y, how) => Losses.BinaryCrossEntropy(x, y, reduction: how), NearHalf),
        Row("Losses.BinaryCrossEntropy: in the weights", "AB,AB,B", (x, y, w) => Losses.BinaryCrossEntropy(x, y, w),
            NearHalf, Probability, Positive),

        .. Reduced("Losses.BinaryFocal:", "AB,AB", (x, y, how) => Losses.BinaryFocal(x, y, reduction: how),
            Scores, Probability),
        .. Reduced("Losses.BinaryFocal: alpha 0.6, gamma 0.5,", "AB,AB",
            (x, y, how) => Losses.BinaryFocal(x, y, 0.6, 0.5, how), Scores, Probability),
        Row("Losses.BinaryFocal: without alpha", "AB,AB", (x, y) => Losses.BinaryFocal(x, y, null, 3),
            Scores, Probability),
        .. OfLabels("Losses.Focal:", (x, labels, how) => Losses.Focal(x, labels, reduction: how)),
        .. OfLabels("Losses.Focal: weighted, gamma 0.5, some ignored,", (x, labels, how) =>
            Losses.Focal(x, Ignored(labels), ClassWeights(x), 0.5, ignoreIndex: -1, how)),
        Row("Losses.Focal: gamma 0", "AB", x => Losses.Focal(x, Labels(x), gamma: 0)),
        // A score of -2.944 has the probability 0.05, where the margin begins.
        .. Reduced("Losses.Asymmetric:", "AB,AB", (x, y, how) => Losses.Asymmetric(x, y, reduction: how),
            Draws.Between(-5, 5, [-2.944]), Probability),
        Row("Losses.Asymmetric: without margin, other powers", "AB,AB", (x, y) => Losses.Asymmetric(x, y, 0, 0.5, 0),
            Scores, Probability),

        .. OfLabels("Losses.GeneralizedCrossEntropy:",
            (x, labels, how) => Losses.GeneralizedCrossEntropy(x, labels, reduction: how)),
        .. OfLabels("Losses.GeneralizedCrossEntropy: q 1, weighted, some ignored,", (x, labels, how) =>
            Losses.GeneralizedCrossEntropy(x, Ignored(labels), 1, ClassWeights(x), ignoreIndex: -1, how)),
        .. OfLabels("Losses.ClassBalancedCrossEntropy:", (x, labels, how) =>
            Losses.ClassBalancedCrossEntropy(x, labels, Counts(x), reduction: how)),
        Row("Losses.ClassBalancedCrossEntropy: beta 0.9, some ignored", "AB", x =>
            Losses.ClassBalancedCrossEntropy(x, Ignored(Labels(x)), Counts(x), 0.9, ignoreIndex: -1)),
        .. OfLabels("Losses.LogitAdjustedCrossEntropy:", (x, labels, how) =>
            Losses.LogitAdjustedCrossEntropy(x, labels, Counts(x), reduction: how)),
        Row("Losses.LogitAdjustedCrossEntropy: tau 2, some ignored", "AB", x =>
            Losses.LogitAdjustedCrossEntropy(x, Ignored(Labels(x)), Counts(x), 2, ignoreIndex: -1)),
        .. OfLabels("Losses.LabelDistributionAwareMargin:", (x, labels, how) =>
            Losses.LabelDistributionAwareMargin(0.1 * x, labels, Counts(x), reduction: how)),
        .. OfLabels("Losses.LabelDistributionAwareMargin: margin 2, scale 1, weighted, some ignored,",
            (x, labels, how) => Losses.LabelDistributionAwareMargin(
                x, Ignored(labels), Counts(x), 2, 1, ClassWeights(x), ignoreIndex: -1, how)),

        .. Reduced("Losses.Hinge:", "AB,AB", (x, y, how) => Losses.Hinge(x, Signs(y), how), Draws.Odd),
        .. Reduced("Losses.SquaredHinge:", "AB,AB", (x, y, how) => Losses.SquaredHinge(x, Signs(y), how), Draws.Odd),
        .. Reduced("Losses.SoftMargin:", "AB,AB", (x, y, how) => Losses.SoftMargin(x, Signs(y), how),
            Scores, Draws.Odd),
        .. Hinges("Losses.CategoricalHinge:", (x, how) => Losses.CategoricalHinge(x, Labels(x), how)),
        Row("Losses.CategoricalHinge: an image", "ABC", x => Losses.CategoricalHinge(x / 0.55, Labels(x)),
            draw: Draws.DistinctMagnitudes),
        .. Hinges("Losses.MultiMargin:", (x, how) => Losses.MultiMargin(x, Labels(x), reduction: how)),
        .. Hinges("Losses.MultiMargin: squares, weighted, margin 0.64,", (x, how) =>
            Losses.MultiMargin(x, Labels(x), 2, 0.35 / 0.55, ClassWeights(x), how)),
        Row("Losses.MultiMargin: an image", "ABC", x => Losses.MultiMargin(x / 0.55, Labels(x)),
            draw: Draws.DistinctMagnitudes),
        Row("Losses.MultiMargin: one sample", "B", x => Losses.MultiMargin(x / 0.55, Labels(x)),
            draw: Draws.DistinctMagnitudes),
        .. Hinges("Losses.MultiLabelMargin:", (x, how) => Losses.MultiLabelMargin(x, Holds(x), how)),
        Row("Losses.MultiLabelMargin: one sample", "B", x => Losses.MultiLabelMargin(x / 0.55, Holds(x)),
            draw: Draws.DistinctMagnitudes),
        .. Reduced("Losses.MultiLabelSoftMargin:", "AB,AB",
            (x, y, how) => Losses.MultiLabelSoftMargin(x, y, reduction: how), Scores, Probability),
        Row("Losses.MultiLabelSoftMargin: in the weights", "AB,AB,B",
            (x, y, w) => Losses.MultiLabelSoftMargin(x, y, w), Scores, Probability, Positive),

        .. Reduced("Losses.KullbackLeiblerDivergence:", "AB,AB", (x, y, how) =>
            Losses.KullbackLeiblerDivergence(x.LogSoftmax(1), y.Softmax(1), reduction: how)),
        .. Reduced("Losses.KullbackLeiblerDivergence: log target,", "ABC,ABC", (x, y, how) =>
            Losses.KullbackLeiblerDivergence(x.LogSoftmax(1), y.LogSoftmax(1), logTarget: true, how)),
        .. Reduced("Losses.JensenShannonDivergence:", "AB,AB", (x, y, how) =>
            Losses.JensenShannonDivergence(x.LogSoftmax(1), y.Softmax(1), reduction: how)),
        .. Reduced("Losses.JensenShannonDivergence: log target,", "ABC,ABC", (x, y, how) =>
            Losses.JensenShannonDivergence(x.LogSoftmax(1), y.LogSoftmax(1), logTarget: true, how)),
        Row("Losses.JensenShannonDivergence: one sample", "A,A", (x, y) =>
            Losses.JensenShannonDivergence(x.LogSoftmax(), y.Softmax())),
    ];

    static readonly Draw Scores = Draws.Between(-5, 5);

    // Towards 0 and 1 logarithms are too steep for the accuracy asked of numerical differentiation.
    static readonly Draw NearHalf = Draws.Between(0.25, 0.75);

    // Differences of DistinctMagnitudes are within 0.04 of multiples of 0.1; divided by 0.55, they miss a margin of 1.
    static IEnumerable<GradientRow> Hinges(string name, Func<Tensor, Reduction, Tensor> loss) =>
        s_reductions.Select(how =>
            Row($"{name} {how}", "AB", x => loss(x / 0.55, how), draw: Draws.DistinctMagnitudes));

    static int[] Counts(Tensor scores) =>
        [.. Enumerable.Range(0, scores.Shape[scores.Rank == 1 ? 0 : 1]).Select(c => 1 + 4 * c)];

    static Tensor Signs(Tensor values) =>
        Tensor.Where(values.Detach() > 0, 1, Tensor.Full(values.Shape, -1, values.DType));

    /// <summary>Every third class holds.</summary>
    static Tensor Holds(Tensor scores) =>
        Tensor.From(scores.Shape, [.. Enumerable.Range(0, scores.Length).Select(i => i % 3 == 0 ? 1.0 : 0)])
            .To(scores.DType);
}
