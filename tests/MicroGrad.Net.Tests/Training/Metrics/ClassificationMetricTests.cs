namespace MicroGrad.Net.Tests;

/// <summary>Metrics of classes and of probabilities against their definitions, written here a second time.</summary>
[Properties(Arbitrary = [typeof(Arbitraries)])]
public class ClassificationMetricTests
{
    /// <summary>The share of pairs in the right order, ties one half.</summary>
    static double PairsInOrder(double[] scores, bool[] yes)
    {
        double right = 0, pairs = 0;
        for (var i = 0; i < scores.Length; i++)
            for (var j = 0; j < scores.Length; j++)
            {
                if (!yes[i] || yes[j]) continue;
                pairs++;
                right += scores[i] > scores[j] ? 1 : scores[i] == scores[j] ? 0.5 : 0;
            }
        return right / pairs;
    }

    /// <summary>The mean, over positives, of the precision among all with at least their score.</summary>
    static double MeanPrecision(double[] scores, bool[] yes)
    {
        var all = scores.Zip(yes).ToArray();
        return all.Where(one => one.Second)
            .Select(one => all.Where(other => other.First >= one.First).Average(other => other.Second ? 1.0 : 0))
            .DefaultIfEmpty(double.NaN).Average();
    }

    static Tensor Target(bool[] yes) => Tensor.From([yes.Length], [.. yes.Select(y => y ? 1.0 : 0)]);

    [Property(MaxTest = 150)]
    public void Rankings_are_their_definitions_also_with_ties(Seed seed)
    {
        var rng = seed.Rng();
        var (count, distinct) = (1 + rng.Next(40), 1 + rng.Next(12));
        double[] scores = [.. Enumerable.Range(0, count).Select(_ => rng.Next(distinct) - 3.0)];
        bool[] yes = [.. scores.Select(score => rng.Chance(0.3))];
        var (auc, precision, monotone) = (new RocAuc(), new AveragePrecision(), new RocAuc());
        auc.Add(Numbers.Vector(scores), Target(yes));
        precision.Add(Numbers.Vector(scores), Target(yes));
        monotone.Add(Numbers.Vector([.. scores.Select(score => Math.Exp(score / 2))]), Target(yes));
        Assert.Equal(PairsInOrder(scores, yes), auc.Value, 1e-12);
        Assert.Equal(MeanPrecision(scores, yes), precision.Value, 1e-12);
        Assert.Equal(auc.Value, monotone.Value);
        // Turned round, the share of pairs in order is the rest.
        var turned = new RocAuc();
        turned.Add(Numbers.Vector([.. scores.Select(score => -score)]), Target(yes));
        Assert.Equal(1 - auc.Value, turned.Value, 1e-12);
    }

    [Fact]
    public void Rankings_worked_by_hand()
    {
        // The example of scikit-learn's manual: roc_auc_score 0.75, average_precision_score 0.83.
        var (auc, precision) = (new RocAuc(), new AveragePrecision());
        auc.Add(Numbers.Vector(0.1, 0.4, 0.35, 0.8), Numbers.Vector(0, 0, 1, 1));
        precision.Add(Numbers.Vector(0.1, 0.4, 0.35, 0.8), Numbers.Vector(0, 0, 1, 1));
        Assert.Equal((0.75, 1 / 2.0 + 1 / 2.0 * (2 / 3.0)), (auc.Value, precision.Value));
        // Without positives or negatives there is nothing to order.
        foreach (var label in new[] { 0, 1 })
        {
            var one = new RocAuc();
            one.Add(Numbers.Vector(1, 2), Numbers.Vector(label, label));
            Assert.Equal(double.NaN, one.Value);
        }
        precision.Reset();
        precision.Add(Numbers.Vector(1, 2), Numbers.Vector(0, 0));
        Assert.Equal(double.NaN, precision.Value);
    }

    [Property(MaxTest = 150)]
    public void Classes_are_ranked_one_against_the_rest(Seed seed)
    {
        var rng = seed.Rng();
        var rows = 2 + rng.Next(30);
        var logits = Tensor.Normal([rows, 3], 0, 2, rng, DType.Float64);
        int[] labels = [.. Enumerable.Range(0, rows).Select(_ => rng.Next(rng.Chance(0.5) ? 3 : 2))];
        var (byLogits, byProbabilities, precision) = (new RocAuc(), new RocAuc(fromLogits: false),
            new AveragePrecision());
        byLogits.Add(logits, labels);
        byProbabilities.Add(logits.Softmax(), labels);
        precision.Add(logits, labels);
        var columns = Enumerable.Range(0, 3).Select(c => logits.Softmax()[.., c].ToDoubles()).ToArray();
        bool[] Is(int c) => [.. labels.Select(label => label == c)];
        var expected = columns.Select((column, c) => PairsInOrder(column, Is(c))).ToArray();
        Assert.Equal(expected, byLogits.PerClass(), (a, b) => a.Equals(b) || Math.Abs(a - b) < 1e-12);
        Assert.Equal(byLogits.PerClass(), byProbabilities.PerClass());
        Assert.Equal(expected.Where(double.IsFinite).DefaultIfEmpty(double.NaN).Average(), byLogits.Value, 1e-12);
        Assert.Equal(columns.Select((column, c) => MeanPrecision(column, Is(c))), precision.PerClass(),
            (a, b) => a.Equals(b) || Math.Abs(a - b) < 1e-12);
    }

    [Fact]
    public void Large_logits_do_not_tie_and_two_classes_are_one_question()
    {
        // Both softmaxes round to 1.
        var auc = new RocAuc();
        auc.Add(Tensor.From([2, 2], [0.0, 100, 0, 200]), [0, 1]);
        Assert.Equal(1, auc.Value);
        Assert.Single(auc.PerClass());
        var precision = new AveragePrecision();
        precision.Add(Tensor.From([3, 2], [0.0, 3, 0, 2, 0, 1]), [0, 1, 0]);
        Assert.Equal(0.5, precision.Value);
    }

    [Fact]
    public void The_confusion_matrix_is_scikit_learns()
    {
        // From its manual: precision, recall and F of [0, 1, 2, 0, 1, 2] against [0, 2, 1, 0, 0, 1].
        var matrix = new ConfusionMatrix(3, ["cat", "dog", "owl"]);
        matrix.Add([0, 2, 1, 0, 0, 1], [0, 1, 2, 0, 1, 2]);
        Assert.Equal([2 / 3.0, 0, 0], Enumerable.Range(0, 3).Select(c => matrix.Precision(c)));
        Assert.Equal((2 / 9.0, 1 / 3.0, 2 / 9.0),
            (matrix.Precision(), matrix.Precision(ClassAverage.Micro), matrix.Precision(ClassAverage.Weighted)));
        Assert.Equal([1, 0, 0], Enumerable.Range(0, 3).Select(c => matrix.Recall(c)));
        Assert.Equal(0.8 / 3, matrix.FScore(), 1e-12);
        Assert.Equal(5 * 2 / 3.0 / (4 * 2 / 3.0 + 1), matrix.FScore(0, beta: 2), 1e-12);
        Assert.Equal((2 / 3.0 + 0 + 0) / 3, matrix.MeanIou(), 1e-12);
        Assert.Equal("""
            label \ predicted    cat    dog    owl  recall
            cat                    2      ·      ·   1.000
            dog                    1      0      1   0.000
            owl                    ·      2      0   0.000
            precision          0.667  0.000  0.000   0.333
            """.ReplaceLineEndings(), matrix.ToString());
    }

    [Fact]
    public void Classes_that_do_not_occur_are_left_out_of_the_mean_and_shares_of_nothing_are_0()
    {
        // Class 3 is predicted but never a label; class 2 is neither.
        var matrix = new ConfusionMatrix(4);
        matrix.Add([0, 3, 1], [0, 0, 1]);
        Assert.Equal((0, 0), (matrix.Recall(3), matrix.Precision(2)));
        Assert.Equal(0, matrix.FScore(2));
        Assert.Equal((0.5 + 1 + 0) / 3, matrix.Recall(), 1e-12);
        Assert.Equal((0.5 + 1 + 0) / 3, matrix.MeanIou(), 1e-12);
        Assert.Equal(double.NaN, matrix.Iou(2));
    }

    [Property(MaxTest = 150)]
    public void Figures_of_the_confusion_matrix_are_shares_of_rows(Seed seed)
    {
        var rng = seed.Rng();
        var rows = 1 + rng.Next(40);
        int[] Draw() => [.. Enumerable.Range(0, rows).Select(_ => rng.Next(3))];
        var (predicted, labels, beta) = (Draw(), Draw(), rng.Uniform(0, 3));
        var matrix = new ConfusionMatrix(3);
        matrix.Add(predicted, labels);
        var pairs = predicted.Zip(labels).ToArray();
        Assert.Equal(rows, matrix.Count);
        Assert.Equal(pairs.Average(pair => pair.First == pair.Second ? 1.0 : 0), matrix.Accuracy, 1e-12);
        const ClassAverage Micro = ClassAverage.Micro;
        Assert.All([matrix.Precision(Micro), matrix.Recall(Micro), matrix.FScore(Micro, beta)],
            figure => Assert.Equal(matrix.Accuracy, figure, 1e-12));
        Assert.Equal(matrix.Accuracy, matrix.Recall(ClassAverage.Weighted), 1e-12);
        for (var c = 0; c < 3; c++)
        {
            var precision = pairs.Where(pair => pair.First == c)
                .Select(pair => pair.Second == c ? 1.0 : 0).DefaultIfEmpty(0).Average();
            var recall = pairs.Where(pair => pair.Second == c)
                .Select(pair => pair.First == c ? 1.0 : 0).DefaultIfEmpty(0).Average();
            var (p, q) = (pairs.Count(pair => pair.First == c && pair.Second == c),
                pairs.Count(pair => pair.First == c || pair.Second == c));
            Assert.Equal((precision, recall), (matrix.Precision(c), matrix.Recall(c)));
            var f = precision + recall == 0 ? 0
                : (1 + beta * beta) * precision * recall / (beta * beta * precision + recall);
            Assert.Equal(f, matrix.FScore(c, beta), 1e-12);
            Assert.Equal(q == 0 ? double.NaN : (double)p / q, matrix.Iou(c), 1e-12);
        }
    }

    [Fact]
    public void Yes_or_no_has_a_threshold_and_labels_can_be_left_out()
    {
        var (logits, probabilities, map) = (new ConfusionMatrix(2), new ConfusionMatrix(2, threshold: 0.5),
            new ConfusionMatrix(2, ignoreIndex: 255));
        logits.Add(Numbers.Vector(-1, 0, 0.2, 3), Numbers.Vector(0, 1, 0, 1));
        Assert.Equal((1, 1, 1, 1), (logits[0, 0], logits[0, 1], logits[1, 0], logits[1, 1]));
        probabilities.Add(Numbers.Vector(0.4, 0.5, 0.6), Numbers.Vector(0, 1, 1));
        Assert.Equal(2 / 3.0, probabilities.Accuracy);
        // A segmentation of one image of 1 x 3: class 1 where its plane is higher.
        map.Add(Tensor.From([1, 2, 1, 3], [0.0, 1, 0, 1, 0, 1]), [1, 0, 255]);
        Assert.Equal((2, 1.0), (map.Count, map.MeanIou()));
        map.Add([0, 1, 9], [0, 1, 255]);
        Assert.Equal((4, 1.0), (map.Count, map.Accuracy));
        // The first of ties, as for ArgMax.
        Assert.Equal(1, Metrics.Of(new ConfusionMatrix(3), Tensor.From([1, 3], [1.0, 2, 2]), [1]).Accuracy);
        Assert.Throws<ArgumentOutOfRangeException>(() => map.Add([0, 2], [0, 1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => map.FScore(0, beta: -1));
        Assert.Equal(4, map.Count);
    }

    [Fact]
    public void Top_k_counts_the_classes_before_the_label()
    {
        var logits = Tensor.From([3, 4], [1.0, 2, 3, 4, 5, 5, 5, 5, 9, 1, 2, 3]);
        double Of(int k)
        {
            var metric = new TopKAccuracy(k);
            metric.Add(logits, [2, 1, 1]);
            return metric.Value;
        }
        Assert.Equal([0, 2 / 3.0, 2 / 3.0, 1, 1], Enumerable.Range(1, 5).Select(Of));
        var first = new TopKAccuracy(1);
        first.Add(logits, [3, 0, 0]);
        Assert.Equal(Metrics.Accuracy(logits, [3, 0, 0]), first.Value);
        Assert.Throws<ArgumentOutOfRangeException>(() => new TopKAccuracy(0));
    }

    [Property(MaxTest = 150)]
    public void Likelihoods_are_those_of_the_losses(Seed seed)
    {
        var rng = seed.Rng();
        var rows = 1 + rng.Next(20);
        var (logits, answers) = (Tensor.Normal([rows, 5], 0, 4, rng, DType.Float64),
            Tensor.Normal([rows], 0, 4, rng, DType.Float64));
        int[] labels = [.. Enumerable.Range(0, rows).Select(_ => rng.Next(5))];
        var target = Target([.. labels.Select(label => label > 2)]);
        foreach (var fromLogits in Enumerable.Range(0, 2).Select(round => round == 0))
        {
            var (loss, perplexity, brier, yes, yesBrier) = (new LogLoss(fromLogits), new Perplexity(fromLogits),
                new BrierScore(fromLogits),
                new LogLoss(fromLogits), new BrierScore(fromLogits));
            var (scores, sure) = fromLogits ? (logits, answers) : (logits.Softmax(), answers.Sigmoid());
            loss.Add(scores, labels);
            perplexity.Add(scores, labels);
            brier.Add(scores, labels);
            yes.Add(sure, target);
            yesBrier.Add(sure, target);
            Assert.Equal(Losses.CrossEntropy(logits, labels).Item(), loss.Value, 1e-9);
            Assert.Equal(Math.Exp(Losses.CrossEntropy(logits, labels).Item()), perplexity.Value,
                1e-9 * perplexity.Value);
            Assert.Equal((logits.Softmax() - Tensor.Eye(5, DType.Float64).Select(labels)).Square().Sum().Item() / rows,
                brier.Value, 1e-12);
            Assert.Equal(Losses.BinaryCrossEntropyWithLogits(answers, target).Item(), yes.Value, 1e-9);
            Assert.Equal(Losses.MeanSquaredError(answers.Sigmoid(), target).Item(), yesBrier.Value, 1e-12);
        }
    }

    [Fact]
    public void Likelihoods_at_the_extremes()
    {
        var (loss, sure, guess) = (new LogLoss(), new LogLoss(fromLogits: false), new Perplexity(ignoreIndex: -1));
        loss.Add(Tensor.From([1, 2], [1e4, -1e4]), [1]);
        Assert.Equal(2e4, loss.Value);
        loss.Reset();
        loss.Add(Numbers.Vector(-1e4, 1e4), Numbers.Vector(1, 1));
        Assert.Equal(5e3, loss.Value);
        sure.Add(Numbers.Vector(0, 1), Numbers.Vector(1, 1));
        Assert.Equal(double.PositiveInfinity, sure.Value);
        guess.Add(Tensor.Full([1, 8, 3], 2), [5, -1, 0]);
        Assert.Equal(8, guess.Value, 1e-12);
    }

    [Fact]
    public void Calibration_by_hand_and_its_drawing()
    {
        var metric = new Calibration(bins: 4, fromLogits: false);
        metric.Add(Numbers.Vector(0, 0.25, 0.3, 0.75, 0.8, 1), Numbers.Vector(0, 1, 0, 1, 1, 0));
        Assert.Equal("2 1 1 2", string.Join(' ', metric.Bins.Select(bin => bin.Count)));
        Assert.Equal([0.125, 0.3, 0.75, 0.9], metric.Bins.Select(bin => bin.Confidence),
            (a, b) => Math.Abs(a - b) < 1e-12);
        Assert.Equal([0.5, 0.0, 1.0, 0.5], metric.Bins.Select(bin => bin.Accuracy));
        Assert.Equal((2 * 0.375 + 0.3 + 0.25 + 2 * 0.4) / 6, metric.Value, 1e-12);
        var drawing = metric.ToString().Split(Environment.NewLine);
        Assert.Equal("expected calibration error 0.3500", drawing[0]);
        Assert.Equal("0.00 to 0.25        2  0.125     0.500  " + "█████│" + new string('█', 14), drawing[2]);
        Assert.Equal("0.25 to 0.50        1  0.300     0.000  " + new string(' ', 12) + "│", drawing[3]);

        // Of labels: the winner's probability, and whether it was right.
        var classes = new Calibration(bins: 10, fromLogits: false);
        classes.Add(Tensor.From([2, 3], [0.7, 0.2, 0.1, 0.3, 0.15, 0.55]), [0, 1]);
        Assert.Equal(0.5 * (0.3 + 0.55), classes.Value, 1e-12);
        Assert.Throws<ArgumentOutOfRangeException>(() => new Calibration(bins: 0));
    }

    [Fact]
    public void Probabilities_that_come_true_are_calibrated()
    {
        var rng = new Rng(4);
        var (metric, sharper) = (new Calibration(), new Calibration());
        var logits = Tensor.Normal([20_000], 0, 2, rng, DType.Float64);
        var target = Target([.. logits.Sigmoid().ToDoubles().Select(rng.Chance)]);
        metric.Add(logits, target);
        sharper.Add(logits * 3, target);
        Assert.InRange(metric.Value, 0, 0.015);
        Assert.InRange(sharper.Value, 0.1, 1);
    }
}
