namespace MicroGrad.Net.Tests;

/// <summary>
/// Metrics beside numbers of others: scikit-learn 1.2.1 and NLTK 3.8 printed the literals, by the call that the comment
/// above each names, for the inputs that stand here.
/// </summary>
public class ReferenceMetricTests
{
    static readonly Tensor Answers = Numbers.Vector(0, 1, 0, 1, 1, 1, 0, 0, 0, 1, 1, 0);

    static readonly Tensor Sure = Numbers.Vector(0.1, 0.9, 0.4, 0.65, 0.3, 0.8, 0.05, 0.55, 0.2, 0.7, 0.95, 0.35);

    static readonly int[] Labels = [0, 1, 2, 0, 2, 0, 1, 1];

    static readonly Tensor Classes = Tensor.From([8, 3],
    [
        0.7, 0.2, 0.1, 0.1, 0.6, 0.3, 0.3, 0.3, 0.4, 0.2, 0.5, 0.3,
        0.05, 0.05, 0.9, 0.5, 0.25, 0.25, 0.4, 0.35, 0.25, 0.1, 0.2, 0.7,
    ]);

    static double Of(IMetric<Tensor> metric, Tensor prediction, Tensor target) =>
        Metrics.Of(metric, prediction, target).Value;

    static double Of(IMetric<int[]> metric) => Metrics.Of(metric, Classes, Labels).Value;

    [Fact]
    public void Rankings_with_ties()
    {
        var scores = Numbers.Vector(0.3, -1.1, 0.3, 2.0, 0.7, -0.4, 0.7, 0.7, -2.2, 0.0, 1.5, 0.3);
        var target = Numbers.Vector(1, 0, 0, 1, 0, 0, 1, 1, 0, 1, 0, 0);
        // roc_auc_score(target, scores), average_precision_score(target, scores)
        Assert.Equal(0.7142857142857143, Of(new RocAuc(), scores, target), 1e-14);
        Assert.Equal(0.6511111111111111, Of(new AveragePrecision(), scores, target), 1e-14);
        // roc_auc_score(…, multi_class='ovr'), average_precision_score(label_binarize(…), …), top_k_accuracy_score(k=2)
        Assert.Equal(0.8277777777777778, Of(new RocAuc(fromLogits: false)), 1e-14);
        Assert.Equal(0.7994708994708994, Of(new AveragePrecision(fromLogits: false)), 1e-14);
        Assert.Equal(0.875, Of(new TopKAccuracy(2)), 1e-14);
    }

    [Fact]
    public void Probabilities()
    {
        // log_loss, brier_score_loss; for classes, the latter is ((p - label_binarize(…)) ** 2).sum(1).mean()
        Assert.Equal(0.37426180192937597, Of(new LogLoss(fromLogits: false), Sure, Answers), 1e-14);
        Assert.Equal(0.11604166666666667, Of(new BrierScore(fromLogits: false), Sure, Answers), 1e-14);
        Assert.Equal(0.856374618145441, Of(new LogLoss(fromLogits: false)), 1e-14);
        Assert.Equal(0.5118750000000001, Of(new BrierScore(fromLogits: false)), 1e-14);
        // NumPy, edges = linspace(0, 1, bins + 1): sum of mean(in bin) * |mean(right in bin) - mean(confidence in bin)|
        Assert.Equal(0.16249999999999995, Of(new Calibration(5, fromLogits: false), Sure, Answers), 1e-14);
        Assert.Equal(0.2791666666666667, Of(new Calibration(15, fromLogits: false), Sure, Answers), 1e-14);
        Assert.Equal(0.13749999999999996, Of(new Calibration(5, fromLogits: false)), 1e-14);
    }

    [Fact]
    public void Shares_of_classes()
    {
        var matrix = new ConfusionMatrix(4);
        matrix.Add([0, 1, 2, 2, 0, 1, 1, 0, 2, 2, 1, 0, 3, 3, 1], [0, 1, 2, 1, 0, 2, 1, 1, 2, 0, 1, 0, 3, 0, 3]);
        // fbeta_score(beta=0.5, 1, 2), precision_score, recall_score, jaccard_score with average='macro' and so on
        Check(ClassAverage.Macro, 0.5851503759398496, 0.5845238095238096, 0.5875, 0.5875, 0.5916666666666667);
        Check(ClassAverage.Micro, 0.6, 0.6, 0.6, 0.6, 0.6);
        Check(ClassAverage.Weighted, 0.6100250626566416, 0.6031746031746031, 0.6, 0.6166666666666667, 0.6);
        Assert.Equal([0.71428571, 0.6, 0.52631579, 0.5],
            Enumerable.Range(0, 4).Select(c => Math.Round(matrix.FScore(c, 0.5), 8)));
        Assert.Equal(0.4154761904761905, matrix.MeanIou(), 1e-14);

        void Check(ClassAverage average, double half, double one, double two, double precision, double recall) =>
            Assert.Equal([half, one, two, precision, recall],
                [
                    matrix.FScore(average, 0.5), matrix.FScore(average), matrix.FScore(average, 2),
                    matrix.Precision(average), matrix.Recall(average),
                ], (a, b) => Math.Abs(a - b) < 1e-14);
    }

    [Fact]
    public void Numbers_predicted()
    {
        var errors = new RegressionErrors();
        errors.Add(Numbers.Vector(2.5, 0.1, 2, 8, 3.9), Numbers.Vector(3, -0.5, 2, 7, 4.2));
        // r2_score, mean_absolute_percentage_error, mean_absolute_error, mean_squared_error
        Assert.Equal([0.9444299163179917, 0.3161904761904762, 0.48, 0.34],
            [errors.R2, errors.MeanAbsolutePercentage, errors.MeanAbsolute, errors.MeanSquared],
            (a, b) => Math.Abs(a - b) < 1e-14);
        var two = new RegressionErrors();
        two.Add(Tensor.From([3, 2], [0.0, 2, -1, 2, 8, -5]), Tensor.From([3, 2], [0.5, 1, -1, 1, 7, -6]));
        Assert.Equal(0.9368005266622779, two.R2, 1e-14);
    }

    [Fact]
    public void Translations()
    {
        // corpus_bleu(references, candidates), with weights=(.5, .5), and with SmoothingFunction().method2 and .method3.
        // None is shorter than four words: such a sentence counts as one n-gram there.
        (string Candidate, string[] References)[] corpus =
        [
            ("the quick brown fox jumped over the dog",
                ["the quick brown fox jumps over the lazy dog", "a quick brown fox jumped over a dog"]),
            ("it is raining cats and dogs today again", ["it rains cats and dogs today"]),
            ("a small test it was", ["this is a small test", "a small test it is"]),
        ];
        Assert.Equal(0.5884796692321209, Score(new Bleu(), corpus), 1e-14);
        Assert.Equal(0.7346308866924529, Score(new Bleu(2), corpus), 1e-14);
        Assert.Equal(0.6157968325573735, Score(new Bleu(smoothing: BleuSmoothing.AddOne), corpus), 1e-14);
        Assert.Equal(0.2753476574515919, Score(new Bleu(smoothing: BleuSmoothing.Exponential),
            ("the cat sat here", ["the cat was sitting here"])), 1e-14);

        static double Score(Bleu bleu, params (string Candidate, string[] References)[] sentences)
        {
            foreach (var (candidate, references) in sentences)
                bleu.Add(candidate.Split(' '), [.. references.Select(reference => reference.Split(' '))]);
            return bleu.Value;
        }
    }
}
