using System.Text.RegularExpressions;

namespace MicroGrad.Net.Tests.Docs;

/// <summary>Which loss for which task: the table that docs/losses.md begins with.</summary>
static partial class LossTasks
{
    const string Introduction = """
        ## Which loss for which task

        The first loss of each line is the one to begin with. A metric is looked at on data that training has not seen:
        it says whether the task is done, the loss whether training goes on.

        | task | loss | what the model gives | target | metric |
        |---|---|---|---|---|

        """;

    // A task, its losses, what the model gives, the target, the metric.
    const string Table = """
        a number | MeanSquaredError | `Linear(…, 1)`, [n, 1] | the number, standardised, [n, 1] | `RegressionErrors.RootMeanSquared`, `RegressionErrors.R2`
        a number; some targets are far off (outliers) | Huber SmoothL1 LogCosh MeanAbsoluteError | the same | the same | `RegressionErrors.MeanAbsolute`
        a count | PoissonNegativeLogLikelihood | the logarithm of the expected count, no last activation | 0 or more, not standardised | the loss itself; `RegressionErrors.MeanAbsolute` of the expected counts
        a positive number over several powers of ten (prices, durations) | MeanSquaredLogarithmicError MeanAbsolutePercentageError SymmetricMeanAbsolutePercentageError | `Softplus` last | 0 or more, not standardised; no 0 where a share is taken | `RegressionErrors.MeanAbsolutePercentage`
        quantiles, an interval, errors that cost more on one side | Quantile Expectile | a column per level, [n, levels] | the number, [n]; of one level, the prediction's shape | the share of targets below each quantile: it should be the level
        a number, and how sure | GaussianNegativeLogLikelihood GaussianContinuousRankedProbabilityScore | a mean, and a variance (or a deviation) by `Softplus` | the number | the loss itself, which compares sure and unsure forecasts
        a number with several right answers | MixtureDensityNegativeLogLikelihood | logits, means and logarithms of deviations, each [n, k] | the number | the loss itself
        the direction of a change (returns) | Directional MeanAbsoluteDirectional | `Linear(…, 1)` | the change, its sign kept: divided by its deviation, no mean taken off | the share of right signs, beside that of always saying "up"
        two classes | BinaryCrossEntropyWithLogits Hinge | one logit, [n, 1], no sigmoid | 0 or 1, [n, 1]; for `Hinge` 1 or −1 | `Metrics.BinaryAccuracy`, `RocAuc`, `LogLoss`
        one of many classes | CrossEntropy MultiMargin CategoricalHinge | logits, [n, classes], no softmax | labels, `int[]` | `Metrics.Accuracy`, `TopKAccuracy`, `ConfusionMatrix`
        the next token of a text | CrossEntropy | logits, [n · steps, classes] or [n, classes, steps] | labels, `int[]`; `ignoreIndex` for padding | `Perplexity`; of translations `Bleu`
        several labels at once | BinaryCrossEntropyWithLogits Asymmetric MultiLabelSoftMargin MultiLabelMargin | a logit per label, [n, labels], no sigmoid | 0 or 1, [n, labels] | `AveragePrecision`, `RocAuc`
        a rare yes among noes | BinaryCrossEntropyWithLogits BinaryFocal | one logit, [n, 1] | 0 or 1, [n, 1] | `AveragePrecision`; then a threshold by `DecisionThreshold`
        rare ones among many classes | LogitAdjustedCrossEntropy ClassBalancedCrossEntropy Focal LabelDistributionAwareMargin | logits, [n, classes]; for the last, cosines | labels, and how often each occurs | `ConfusionMatrix.Recall`, `ConfusionMatrix.FScore`, both of `ClassAverage.Macro`
        labels of which some are wrong | GeneralizedCrossEntropy CrossEntropy | logits, [n, classes] | labels; for `CrossEntropy` with `labelSmoothing` | `Metrics.Accuracy` on labels that were checked
        probabilities as targets (a teacher, several votes) | CrossEntropy KullbackLeiblerDivergence JensenShannonDivergence | logits; for the divergences `LogSoftmax` last | probabilities that sum to 1, [n, classes] | `LogLoss`, `Calibration`, against labels that are known
        which of two is preferred (ranking) | MarginRanking | a score for each, [n] and [n] | 1 or −1 | the share of pairs in the right order
        embeddings; the identity is known (faces, products) | ArcFace CosFace Circle | vectors, [n, width]; the first two also a `Parameter` of centers | labels, `int[]` | `TopKAccuracy` of the cosines with known examples
        embeddings; pairs or triplets are known | TripletMargin Contrastive CosineEmbedding HingeEmbedding | vectors, [n, width]; for the last, their distances | what is alike and what is not: 1 or −1, or by place | `RocAuc` of the cosines of pairs
        embeddings without labels (two views, text and picture) | InfoNce NtXent | vectors of both sides, [n, width] | none: row i belongs to row i | `TopKAccuracy` of the cosines; a linear model on the embeddings
        which pixels: one region, or regions that overlap | Dice BinaryCrossEntropyWithLogits LovaszHinge Tversky FocalTversky | a map of logits per region, [n, regions, height, width]; `Sigmoid` for `Dice` and `Tversky` | 0 or 1, the same shape | `ConfusionMatrix.Iou`
        which pixels: one class for each | CrossEntropy Dice LovaszSoftmax | logits, [n, classes, height, width]; `Softmax(1)` for the last two | labels of all pixels, `int[]` | `ConfusionMatrix.MeanIou`
        boxes | CompleteIntersectionOverUnion DistanceIntersectionOverUnion GeneralizedIntersectionOverUnion EfficientIntersectionOverUnion SmoothL1 | corners x1, y1, x2, y2, [n, 4]; beside them `BinaryFocal` for "is something here" | corners | `DetectionPrecision`
        a sequence, nobody knows which step says what (speech, handwriting) | ConnectionistTemporalClassification | `LogSoftmax` last, [steps, n, classes], class 0 being blank | the labels of each, `int[][]` | the share of sequences read without a mistake
        a code to draw from (variational autoencoder) | GaussianKullbackLeiblerDivergence BinaryCrossEntropyWithLogits | mean and logarithm of the variance, [n, width]; the picture again | the picture itself, for the second | both losses apart; drawings from N(0, 1), looked at
        samples like the real ones (Wasserstein GAN) | WassersteinCritic WassersteinGradientPenalty | a score for each sample, no sigmoid | none: real and generated samples | the critic's loss, negated: the distance; samples, looked at
        """;

    public static IReadOnlyList<string[]> Rows { get; } =
        [.. Table.ReplaceLineEndings("\n").Split('\n').Select(line => line.Split(" | "))];

    /// <summary>The losses of a row.</summary>
    public static string[] LossesOf(string[] row) => row[1].Split(' ');

    /// <summary>The names in the metric column, as they stand in the code: a type or a member of one.</summary>
    public static IEnumerable<string> MetricsOf(string[] row) => Code().Matches(row[4]).Select(name => name.Groups[1].Value);

    public static string Markdown() => Introduction.ReplaceLineEndings("\n") + string.Concat(Rows.Select(row =>
        $"| {row[0]} | {string.Join(", ", LossesOf(row).Select(name => $"[{name}](#{name.ToLowerInvariant()})"))} | {
            string.Join(" | ", row[2..])} |\n"));

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Code();
}
