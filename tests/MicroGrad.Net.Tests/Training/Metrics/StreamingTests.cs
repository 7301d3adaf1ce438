namespace MicroGrad.Net.Tests;

/// <summary>What all metrics that are built up over batches have in common, and how a trainer uses them.</summary>
[Properties(Arbitrary = [typeof(Arbitraries)])]
public class StreamingTests
{
    static IMetric<int[]>[] OfLabels() =>
    [
        new ConfusionMatrix(4), new TopKAccuracy(2), new RocAuc(), new AveragePrecision(), new LogLoss(),
        new Perplexity(),
        new BrierScore(), new Calibration(),
    ];

    static IMetric<Tensor>[] OfTensors() =>
        [new ConfusionMatrix(2), new RocAuc(), new AveragePrecision(), new LogLoss(), new BrierScore(),
            new Calibration(), new RegressionErrors()];

    static Tensor Logits(Rng rng, int rows, int classes) =>
        // Few distinct values, so that there are ties.
        Tensor.From([rows, classes],
            [.. Enumerable.Range(0, rows * classes).Select(_ => rng.Next(7) / 2.0 - 1)]).To(RandomShapes.AnyType(rng));

    static double[] Figures<T>(IMetric<T>[] metrics) =>
        [.. metrics.Select(metric => metric.Value), .. metrics.SelectMany(Parts)];

    static double[] Parts<T>(IMetric<T> metric) => metric switch
    {
        ConfusionMatrix m => [m.FScore(), m.MeanIou(), m.Precision(ClassAverage.Weighted), m.Recall(0)],
        RankingMetric m => m.PerClass(),
        RegressionErrors m => [m.MeanAbsolute, m.MeanSquared, m.MeanAbsolutePercentage, m.R2],
        _ => [],
    };

    [Property(MaxTest = 150)]
    public void How_rows_are_batched_does_not_change_a_bit(Seed seed)
    {
        var rng = seed.Rng();
        var rows = 2 + rng.Next(30);
        var logits = Logits(rng, rows, 4);
        int[] labels = [.. Enumerable.Range(0, rows).Select(_ => rng.Next(4))];
        var (score, target) = (Logits(rng, rows, 2),
            Tensor.From([rows, 2], [.. Enumerable.Range(0, 2 * rows).Select(_ => (double)rng.Next(2))]));
        Same(OfLabels, (metric, from, to) => metric.Add(logits[from..to], labels[from..to]));
        Same(OfTensors, (metric, from, to) => metric.Add(score[from..to], target[from..to]));

        void Same<T>(Func<IMetric<T>[]> all, Action<IMetric<T>, int, int> add)
        {
            var (whole, parts) = (all(), all());
            foreach (var metric in whole) add(metric, 0, rows);
            // What a Reset leaves behind would show.
            foreach (var metric in parts) add(metric, 0, 1);
            foreach (var metric in parts) metric.Reset();
            for (int from = 0, to; from < rows; from = to)
            {
                to = Math.Min(rows, from + 1 + rng.Next(6));
                foreach (var metric in parts) add(metric, from, to);
            }
            Assert.Equal(Figures(whole).Select(BitConverter.DoubleToInt64Bits),
                Figures(parts).Select(BitConverter.DoubleToInt64Bits));
        }
    }

    [Property(MaxTest = 150)]
    public void The_order_of_the_rows_does_not_matter(Seed seed)
    {
        var rng = seed.Rng();
        var rows = 2 + rng.Next(30);
        var (logits, order) = (Logits(rng, rows, 4), rng.Permutation(rows));
        int[] labels = [.. Enumerable.Range(0, rows).Select(_ => rng.Next(4))];
        var (one, other) = (OfLabels(), OfLabels());
        foreach (var metric in one) metric.Add(logits, labels);
        foreach (var metric in other) metric.Add(logits.Select(order), [.. order.Select(row => labels[row])]);
        Assert.Equal(Figures(one), Figures(other), (a, b) => a.Equals(b) || Math.Abs(a - b) < 1e-12);
        Assert.Equal(one[2].Value, other[2].Value);         // AUC counts in whole numbers
    }

    [Fact]
    public void NaN_is_an_error_that_says_where_or_comes_out()
    {
        var bad = Tensor.From([2, 4], [1.0, 2, 3, 4, 1, 2, double.NaN, 4]);
        foreach (var metric in OfLabels())
            Assert.Contains("row 1 is NaN", Assert.Throws<ArgumentException>(() => metric.Add(bad, [0, 1])).Message);
        foreach (var metric in OfTensors()[..^1])
            Assert.Contains("element 1 is NaN",
                Assert.Throws<ArgumentException>(() =>
                    metric.Add(Numbers.Vector(1, double.NaN), Numbers.Vector(0, 1))).Message);
        var errors = new RegressionErrors();
        errors.Add(Numbers.Vector(1, double.NaN, 3), Numbers.Vector(2, 2, 2));
        Assert.All([errors.MeanAbsolute, errors.Value, errors.R2, errors.MeanAbsolutePercentage],
            figure => Assert.Equal(double.NaN, figure));
    }

    [Fact]
    public void Nothing_gives_NaN()
    {
        Assert.All(OfLabels(), metric => Assert.Equal(double.NaN, metric.Value));
        Assert.All(OfTensors(), metric => Assert.Equal(double.NaN, metric.Value));
        Assert.Equal((double.NaN, double.NaN), (new Bleu().Value, new DetectionPrecision().Value));
        Assert.Equal((double.NaN, double.NaN), (new ConfusionMatrix(2).FScore(), new ConfusionMatrix(2).Precision(1)));
    }

    [Fact]
    public void Misfits_are_named()
    {
        var logits = Tensor.Zeros([2, 4]);
        foreach (var metric in OfLabels())
        {
            Assert.Contains("take 2 labels, but 3",
                Assert.Throws<ShapeException>(() => metric.Add(logits, [0, 1, 2])).Message);
            Assert.Contains("label 4 at row 1",
                Assert.Throws<ArgumentOutOfRangeException>(() => metric.Add(logits, [0, 4])).Message);
            Assert.Contains("as a tensor",
                Assert.Throws<ShapeException>(() => metric.Add(Tensor.Zeros([2]), [0, 1])).Message);
        }
        foreach (var metric in OfTensors())
            Assert.Contains("Reshape",
                Assert.Throws<ShapeException>(() => metric.Add(Tensor.Zeros([3, 1]), Tensor.Zeros([3]))).Message);
        foreach (var metric in OfTensors()[..^1])
            Assert.Contains("must be 0 or 1",
                Assert.Throws<ArgumentOutOfRangeException>(() =>
                    metric.Add(Numbers.Vector(1), Numbers.Vector(0.5))).Message);
        Assert.Contains("2 classes",
            Assert.Throws<ShapeException>(() =>
                new ConfusionMatrix(4).Add(Numbers.Vector(1), Numbers.Vector(1))).Message);
        Assert.Contains("expects 3 classes",
            Assert.Throws<ShapeException>(() => new ConfusionMatrix(3).Add(logits, [0, 1])).Message);
        Assert.Contains("fromLogits",
            Assert.Throws<ArgumentOutOfRangeException>(() =>
                new LogLoss(fromLogits: false).Add(Numbers.Vector(1.5), Numbers.Vector(1))).Message);
        Assert.Contains("sum of the probabilities in row 0",
            Assert.Throws<ArgumentOutOfRangeException>(() =>
                new BrierScore(fromLogits: false).Add(Tensor.From([1, 2], [0.5, 0.6]), [1])).Message);
        var auc = new RocAuc();
        auc.Add(logits, [0, 1]);
        Assert.Throws<ShapeException>(() => auc.Add(Tensor.Zeros([2, 3]), [0, 1]));
        auc.Reset();
        auc.Add(Tensor.Zeros([2, 3]), [0, 1]);
        Assert.Equal([0.5, 0.5, double.NaN], auc.PerClass());
        Assert.Contains("'auc' already", Assert.Throws<ArgumentException>(
            () => new MetricList<Tensor, int[]> { { "auc", auc }, { "auc", Metrics.Accuracy } }).Message);
        Assert.Throws<ArgumentException>(() =>
            new LogLoss().Add(Tensor.From([1, 2], [double.PositiveInfinity, 0]), [1]));
    }

    [Fact]
    public void A_trainer_gives_the_figures_of_the_whole_epoch()
    {
        var rng = new Rng(3);
        var x = Tensor.Normal([50, 3], rng: rng);
        int[] labels = [.. x.Sum(1).ToDoubles().Select(sum => sum + rng.Normal() > 1 ? 1 : 0)];
        var model = new Linear(3, 2, rng: rng);
        var (confusion, auc) = (new ConfusionMatrix(2), new RocAuc());
        var trainer = new Trainer<int[]>(model, new Sgd(model.Parameters(), 0),
            (logits, y) => Losses.CrossEntropy(logits, y))
        {
            Metrics =
            {
                { "accuracy", Metrics.Accuracy }, { "auc", auc }, { "f1", confusion, c => c.FScore() },
                { "recall", confusion, c => c.Recall(1) }, { "confused", confusion },
            },
        };
        var history = trainer.Fit(Batches.Of(x, labels, 7), Batches.Of(x[..30], labels[..30], 4), epochs: 2);
        Assert.Equal(["loss", "accuracy", "auc", "f1", "recall", "confused"], history.Names.Take(6));
        using var off = Gradients.Off();
        foreach (var (prefix, rows) in new[] { ("", 50), ("validation ", 30) })
        {
            var (wholeAuc, whole) = (new RocAuc(), new ConfusionMatrix(2));
            wholeAuc.Add(model.Forward(x[..rows]), labels[..rows]);
            whole.Add(model.Forward(x[..rows]), labels[..rows]);
            Assert.Equal([whole.Accuracy, wholeAuc.Value, whole.FScore(), whole.Recall(1), whole.Accuracy],
                trainer.Metrics.Select(name => history.Last[prefix + name]), (a, b) => Math.Abs(a - b) < 1e-12);
        }
        // Each batch was added once, and the last pass is there to be printed.
        Assert.Equal(30, confusion.Count);
        Assert.Equal(trainer.Evaluate(Batches.Of(x, labels, 50))["auc"], auc.Value);
    }

    [Fact]
    public void An_evaluation_amid_an_epoch_does_not_mix_with_it_silently()
    {
        var (x, y) = (Tensor.Normal([8, 1], rng: new Rng(1)), Tensor.Normal([8, 1], rng: new Rng(2)));
        var model = new Linear(1, 1);
        Trainer<Tensor> With(MetricList<Tensor, Tensor> metrics)
        {
            Trainer<Tensor>? trainer = null;
            return trainer = new(model, new Sgd(model.Parameters(), 0.1), (p, t) => Losses.MeanSquaredError(p, t))
            {
                Metrics = metrics, AfterStep = _ => trainer!.Evaluate(Batches.Of(x, y, 8)),
            };
        }
        With([]).Fit(Batches.Of(x, y, 4), epochs: 1);
        With(new() { { "mae", Metrics.AbsoluteError } }).Fit(Batches.Of(x, y, 4), epochs: 1);
        Assert.Contains("second trainer", Assert.Throws<InvalidOperationException>(() =>
            With(new() { { "errors", new RegressionErrors() } }).Fit(Batches.Of(x, y, 4), epochs: 1)).Message);
    }
}
