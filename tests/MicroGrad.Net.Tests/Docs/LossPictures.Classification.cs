namespace MicroGrad.Net.Tests.Docs;

static partial class LossPictures
{
    const string Score = "score";

    /// <summary>How many samples the three classes of a picture have.</summary>
    static readonly int[] s_counts = [900, 90, 10];

    static Dictionary<string, LossPicture> Classification => new()
    {
        ["CrossEntropy"] = new(RightLogit, -4, 6, ("plain", x => Losses.CrossEntropy(Row(x, 0, 0), [0])),
            ("smoothing 0.1", x => Losses.CrossEntropy(Row(x, 0, 0), [0], labelSmoothing: 0.1))),
        ["NegativeLogLikelihood"] = new("log probability", -4, 0, x => Losses.NegativeLogLikelihood(Row(x, -1, -1), [0])),
        ["GeneralizedCrossEntropy"] = new(RightLogit, -4, 6,
            ("q 0.3", x => Losses.GeneralizedCrossEntropy(Row(x, 0, 0), [0], 0.3)),
            ("0.7", x => Losses.GeneralizedCrossEntropy(Row(x, 0, 0), [0])),
            ("1", x => Losses.GeneralizedCrossEntropy(Row(x, 0, 0), [0], 1))),
        ["BinaryCrossEntropyWithLogits"] = new(Logit, -5, 5,
            ("target 1", x => Losses.BinaryCrossEntropyWithLogits(x, Number(1))),
            ("0", x => Losses.BinaryCrossEntropyWithLogits(x, Number(0))),
            ("1, positive weight 3", x => Losses.BinaryCrossEntropyWithLogits(x, Number(1), positiveWeight: Number(3)))),
        ["BinaryCrossEntropy"] = new("probability", 0.02, 0.98, ("target 1", x => Losses.BinaryCrossEntropy(x, Number(1))),
            ("0", x => Losses.BinaryCrossEntropy(x, Number(0)))),
        ["BinaryFocal"] = new(Logit, -4, 4, ("target 1, gamma 0", x => Losses.BinaryFocal(x, Number(1), alpha: null, gamma: 0)),
            ("2", x => Losses.BinaryFocal(x, Number(1), alpha: null)),
            ("5", x => Losses.BinaryFocal(x, Number(1), alpha: null, gamma: 5))),
        ["Focal"] = new(RightLogit, -4, 6, ("gamma 0", x => Losses.Focal(Row(x, 0, 0), [0], gamma: 0)),
            ("2", x => Losses.Focal(Row(x, 0, 0), [0])), ("5", x => Losses.Focal(Row(x, 0, 0), [0], gamma: 5))),
        ["Asymmetric"] = new(Logit, -5, 5, ("target 1", x => Losses.Asymmetric(x, Number(1))),
            ("0", x => Losses.Asymmetric(x, Number(0)))),
        ["ClassBalancedCrossEntropy"] = new(RightLogit, -4, 6, OfEachClass((x, label) =>
            Losses.ClassBalancedCrossEntropy(x, label, s_counts, reduction: Reduction.Sum))),
        ["LogitAdjustedCrossEntropy"] = new(RightLogit, -4, 10, OfEachClass((x, label) =>
            Losses.LogitAdjustedCrossEntropy(x, label, s_counts))),
        ["LabelDistributionAwareMargin"] = new("cosine of the right class", -1, 1, OfEachClass((x, label) =>
            Losses.LabelDistributionAwareMargin(x, label, s_counts, scale: 10))),
        ["Hinge"] = new(Score, -3, 3, ("target 1", x => Losses.Hinge(x, Number(1))), ("-1", x => Losses.Hinge(x, Number(-1)))),
        ["SquaredHinge"] = new(Score, -3, 3, ("target 1", x => Losses.SquaredHinge(x, Number(1))),
            ("-1", x => Losses.SquaredHinge(x, Number(-1)))),
        ["SoftMargin"] = new(Score, -3, 3, ("target 1", x => Losses.SoftMargin(x, Number(1))),
            ("-1", x => Losses.SoftMargin(x, Number(-1)))),
        ["CategoricalHinge"] = new("score of the right class", -3, 3, x => Losses.CategoricalHinge(Row(x, 0, -1), [0])),
        ["MultiMargin"] = new("score of the right class", -3, 3, ("p = 1", x => Losses.MultiMargin(Row(x, 0, -1), [0])),
            ("2", x => Losses.MultiMargin(Row(x, 0, -1), [0], p: 2))),
        ["MultiLabelMargin"] = new("score of one class that holds", -3, 3,
            x => Losses.MultiLabelMargin(Row(x, 1, 0, -1), Row(1, 1, 0, 0))),
        ["MultiLabelSoftMargin"] = new("score of one class that holds", -3, 3,
            x => Losses.MultiLabelSoftMargin(Row(x, 1, 0, -1), Row(1, 1, 0, 0))),
        ["KullbackLeiblerDivergence"] = new("logit of the first of two classes", -4, 4,
            ("target 0.5", x => Losses.KullbackLeiblerDivergence(Row(x, 0).LogSoftmax(), Row(0.5, 0.5))),
            ("0.9", x => Losses.KullbackLeiblerDivergence(Row(x, 0).LogSoftmax(), Row(0.9, 0.1)))),
        ["JensenShannonDivergence"] = new("logit of the first of two classes", -4, 4,
            ("target 0.5", x => Losses.JensenShannonDivergence(Row(x, 0).LogSoftmax(), Row(0.5, 0.5))),
            ("0.9", x => Losses.JensenShannonDivergence(Row(x, 0).LogSoftmax(), Row(0.9, 0.1)))),
    };

    /// <summary>A curve for each class as the right one, its score swept and the others 0.</summary>
    static (string, Func<Tensor, Tensor>)[] OfEachClass(Func<Tensor, int[], Tensor> loss) =>
        [.. s_counts.Select((count, label) => ($"{(label == 0 ? "samples " : "")}{count}",
            (Func<Tensor, Tensor>)(x => loss(Tensor.Concat(
                [.. Enumerable.Range(0, s_counts.Length).Select(c => c == label ? x.Reshape(1, 1) : Row(0.0))], axis: 1), [label]))))];
}
