using System.Reflection;

namespace MicroGrad.Net.Tests;

/// <summary>
/// What every metric asks of its inputs and options: what is beside it is an error that names metric and place and adds
/// nothing; NaN is never swallowed.
/// </summary>
public sealed class MetricDomainTests
{
    const double NaN = double.NaN, Infinite = double.PositiveInfinity;

    static readonly Tensor s_logits = Tensor.From([3, 3], [1f, 2, 3, 3, 1, 2, 0, 5, 1]);
    static readonly Tensor s_probabilities = s_logits.Softmax(1);
    static readonly Tensor s_answers = Tensor.From([4], [0f, 1, 1, 0]);
    static readonly Tensor s_scores = Tensor.From([4], [0.1f, 0.4f, 0.8f, 0.6f]);

    /// <summary>Metrics of labels; the second of a pair takes probabilities.</summary>
    static (string Name, Func<IMetric<int[]>> Make, bool Probabilities)[] OfLabels =>
    [
        ("confusion matrix", () => new ConfusionMatrix(3), false), ("top-k accuracy", () => new TopKAccuracy(2), false),
        ("ROC-AUC", () => new RocAuc(), false), ("ROC-AUC", () => new RocAuc(fromLogits: false), false),
        ("average precision", () => new AveragePrecision(), false), ("log-loss", () => new LogLoss(), false),
        ("log-loss", () => new LogLoss(fromLogits: false), true), ("log-loss", () => new Perplexity(), false), ("Brier score", () => new BrierScore(), false),
        ("Brier score", () => new BrierScore(fromLogits: false), true),
        ("calibration", () => new Calibration(), false), ("calibration", () => new Calibration(fromLogits: false), true),
    ];

    static (string Name, Func<IMetric<Tensor>> Make, bool Probabilities)[] OfTensors =>
    [
        ("confusion matrix", () => new ConfusionMatrix(2), false), ("ROC-AUC", () => new RocAuc(), false),
        ("average precision", () => new AveragePrecision(), false), ("log-loss", () => new LogLoss(), false),
        ("log-loss", () => new LogLoss(fromLogits: false), true), ("Brier score", () => new BrierScore(), false),
        ("Brier score", () => new BrierScore(fromLogits: false), true), ("calibration", () => new Calibration(), false),
        ("calibration", () => new Calibration(fromLogits: false), true),
        ("regression errors", () => new RegressionErrors(), false),
    ];

    [Fact]
    public void Every_metric_is_walked()
    {
        var walked = OfLabels.Select(row => row.Make().GetType()).Concat(OfTensors.Select(row => row.Make().GetType())).ToHashSet();
        foreach (var type in typeof(RocAuc).Assembly.GetExportedTypes().Where(type => !type.IsAbstract && !type.IsInterface))
        {
            var takes = type.GetInterfaces().Where(one => one.IsGenericType && one.GetGenericTypeDefinition() == typeof(IMetric<>));
            foreach (var one in takes)
                Assert.Contains(type, one == typeof(IMetric<int[]>) ? OfLabels.Select(row => row.Make().GetType())
                    : OfTensors.Select(row => row.Make().GetType()));
        }
        // And the functions over rows.
        Assert.Equal(["AbsoluteError", "Accuracy", "BinaryAccuracy", "Of", "SquaredError"],
            typeof(Metrics).GetMethods(BindingFlags.Public | BindingFlags.Static).Select(one => one.Name).Distinct().Order());
    }

    [Fact]
    public void Scores_and_labels_beside_their_domain_are_named_and_add_nothing()
    {
        foreach (var (name, make, probabilities) in OfLabels)
        {
            var right = probabilities ? s_probabilities : s_logits;
            List<(Tensor, int[], string)> wrong =
            [
                (With(right, 5, NaN), [0, 1, 2], "row 1 is NaN"), (right, [0, 1, 3], "label 3 at row 2"),
                (right, [0, -1, 2], "label -1 at row 1"), (right, [int.MinValue, 1, 2], "at row 0"), (right, [0, 1], "2 were given"),
                (right, [0, 1, 2, 0], "4 were given"), (right[.., ..1], [0, 0, 0], "[3, 1]"), (right[0], [0], "[3]"),
                (Tensor.Scalar(1), [0], "[]"),
            ];
            if (probabilities)
                wrong.AddRange([(With(right, 5, -1e-3), [0, 1, 2], "row 1"), (With(right, 5, 1 + 1e-3), [0, 1, 2], "row 1"),
                    (With(right, 5, Infinite), [0, 1, 2], "row 1"), (right * 0.9, [0, 1, 2], "sum of the probabilities in row 0")]);
            foreach (var (prediction, labels, place) in wrong)
                Refused(name, place, make, metric => metric.Add(right, [0, 1, 2]), metric => metric.Add(prediction, labels));
            if (!probabilities && make() is not (ConfusionMatrix or TopKAccuracy or RankingMetric))
                Refused(name, "row 1", make, metric => metric.Add(right, [0, 1, 2]),
                    metric => metric.Add(With(right, 3, Infinite), [0, 1, 2]));
        }
    }

    [Fact]
    public void Answers_beside_their_domain_are_named_and_add_nothing()
    {
        foreach (var (name, make, probabilities) in OfTensors)
        {
            var numbers = make() is RegressionErrors;
            List<(Tensor, Tensor, string)> wrong =
            [
                (s_scores, With(s_answers, 3, NaN), "3"), (s_scores, With(s_answers, 3, Infinite), "3"),
                (s_scores, s_answers[..3], "[3]"), (s_scores, s_answers.Reshape(4, 1), "[4, 1]"),
            ];
            if (!numbers)
                wrong.AddRange([(With(s_scores, 2, NaN), s_answers, "element 2 is NaN"), (s_scores, With(s_answers, 1, 0.5), "element 1"),
                    (s_scores, With(s_answers, 1, -1), "element 1")]);
            if (probabilities)
                wrong.AddRange([(With(s_scores, 2, -1e-3), s_answers, "2"), (With(s_scores, 2, 1 + 1e-3), s_answers, "2"),
                    (With(s_scores, 2, Infinite), s_answers, "2")]);
            foreach (var (prediction, target, place) in wrong)
                Refused(name, place, make, metric => metric.Add(s_scores, s_answers), metric => metric.Add(prediction, target));
            if (!numbers) continue;
            var errors = new RegressionErrors();
            errors.Add(With(s_scores, 1, NaN), s_answers);
            errors.Add(s_scores, s_answers);
            Assert.All([errors.Value, errors.MeanAbsolute, errors.MeanSquared, errors.MeanAbsolutePercentage, errors.R2],
                figure => Assert.Equal(NaN, figure));
        }
    }

    [Fact]
    public void Functions_over_rows_refuse_the_same()
    {
        Func<object?>[] refused =
        [
            () => Metrics.Accuracy(With(s_logits, 4, NaN), [0, 1, 2]), () => Metrics.Accuracy(s_logits, [0, 1, 3]),
            () => Metrics.Accuracy(s_logits, [0, 1]), () => Metrics.Accuracy(Tensor.Scalar(1), [0]),
            () => Metrics.Accuracy(Tensor.Zeros([2, 0]), [0, 0]),
            () => Metrics.BinaryAccuracy(With(s_scores, 0, NaN), s_answers), () => Metrics.BinaryAccuracy(s_scores, s_scores),
            () => Metrics.BinaryAccuracy(s_scores, s_answers[..2]),
            () => Metrics.SquaredError(s_scores, With(s_answers, 0, NaN)), () => Metrics.SquaredError(s_scores, s_answers[..2]),
            () => Metrics.AbsoluteError(s_scores, With(s_answers, 0, Infinite)), () => Metrics.AbsoluteError(s_scores, s_answers[..2]),
        ];
        string[] names = ["accuracy: ", "binary accuracy: ", "mean squared error: ", "mean absolute error: "];
        foreach (var call in refused)
        {
            var error = Assert.ThrowsAny<ArgumentException>(() => { call(); }).Message;
            Assert.Contains(names, name => error.StartsWith(name, StringComparison.Ordinal));
        }
        Assert.Equal((NaN, NaN), (Metrics.SquaredError(With(s_scores, 0, NaN), s_answers), Metrics.AbsoluteError(With(s_scores, 0, NaN), s_answers)));
    }

    [Fact]
    public void Options_beside_their_domain_are_named()
    {
        (string Name, Func<object?> Call)[] refused =
        [
            .. new[] { 1, 0, -1, int.MinValue, int.MaxValue, 1 << 16 }.Select(n => ("confusion matrix: classes is ", (Func<object?>)(() => new ConfusionMatrix(n)))),
            ("confusion matrix: threshold is NaN", () => new ConfusionMatrix(2, threshold: NaN)),
            ("confusion matrix: there are 1 names", () => new ConfusionMatrix(2, ["a"])),
            .. new[] { -1, NaN, Infinite }.Select(beta => ("confusion matrix: beta is ", (Func<object?>)(() => new ConfusionMatrix(2).FScore(beta: beta)))),
            .. new[] { -1, 2 }.Select(c => ("confusion matrix: the class is ", (Func<object?>)(() => new ConfusionMatrix(2).Recall(c)))),
            .. new[] { 0, -1, int.MinValue }.Select(k => ("top-k accuracy: k is ", (Func<object?>)(() => new TopKAccuracy(k)))),
            .. new[] { 0, -1, int.MaxValue }.Select(n => ("calibration: bins is ", (Func<object?>)(() => new Calibration(n)))),
            .. new[] { 0, -1, int.MaxValue }.Select(n => ("BLEU: length is ", (Func<object?>)(() => new Bleu(n)))),
            .. new[] { 0, -1, 1.001, NaN, Infinite }.Select(iou => ("mAP: iou is ", (Func<object?>)(() => new DetectionPrecision().At(iou)))),
            .. new[] { 0, NaN }.Select(iou => ("mAP: iou is ", (Func<object?>)(() => new DetectionPrecision().At(iou, 0)))),
            .. new[] { -1, NaN, Infinite }.Select(beta =>
                ("DecisionThreshold: beta is ", (Func<object?>)(() => DecisionThreshold.ForFScore(s_scores, s_answers, beta)))),
            .. new[] { 0, -1, 1.001, NaN }.SelectMany(share => new (string, Func<object?>)[]
            {
                ("DecisionThreshold: atLeast is ", () => DecisionThreshold.ForRecall(s_scores, s_answers, share)),
                ("DecisionThreshold: atLeast is ", () => DecisionThreshold.ForPrecision(s_scores, s_answers, share)),
            }),
            .. new[] { -1, NaN, Infinite }.SelectMany(cost => new (string, Func<object?>)[]
            {
                ("DecisionThreshold: falsePositive is ", () => DecisionThreshold.ForCost(s_scores, s_answers, cost, 1)),
                ("DecisionThreshold: falseNegative is ", () => DecisionThreshold.ForCost(s_scores, s_answers, 1, cost)),
            }),
            ("DecisionThreshold: value is NaN", () => DecisionThreshold.At(NaN, s_scores, s_answers)),
            .. new[] { 0, 1, -0.5, NaN }.SelectMany(level => new (string, Func<object?>)[]
            {
                ("Compare.Losses: confidence is ", () => Compare.Losses([1, 2], [2, 3], confidence: level)),
                ("Compare.Classifiers: confidence is ", () => Compare.Classifiers([1, 2], [2, 1], [1, 1], confidence: level)),
                ("Compare.Seeds: confidence is ", () => Compare.Seeds([1, 2], [2, 3], confidence: level)),
            }),
            .. new[] { NaN, Infinite, -Infinite }.SelectMany(bad => new (string, Func<object?>)[]
            {
                ("Compare.Losses: number 1 of B", () => Compare.Losses([1, 2], [2, bad])),
                ("Compare.Losses: number 0 of A", () => Compare.Losses([bad, 2], [2, 1])),
                ("Compare.Seeds: number 1 of B", () => Compare.Seeds([1, 2], [2, bad])),
            }),
            ("Compare.Losses: ", () => Compare.Losses([], [])), ("Compare.Seeds: ", () => Compare.Seeds([1], [2, 3])),
            ("Compare.Classifiers: ", () => Compare.Classifiers([1, 2], [1, 2], [1])),
        ];
        foreach (var (start, call) in refused)
            Assert.StartsWith(start, Assert.ThrowsAny<ArgumentException>(() => { call(); }).Message);
    }

    [Fact]
    public void Empty_batches_add_nothing_and_one_class_alone_has_no_order()
    {
        foreach (var (_, make, probabilities) in OfLabels)
        {
            var (one, other, right) = (make(), make(), probabilities ? s_probabilities : s_logits);
            one.Add(Tensor.Zeros([0, 3]), []);
            Assert.Equal(NaN, one.Value);
            one.Add(right, [0, 1, 2]);
            other.Add(right, [0, 1, 2]);
            Assert.Equal(other.Value, one.Value);
        }
        foreach (var (_, make, _) in OfTensors)
        {
            var (one, other) = (make(), make());
            one.Add(Tensor.Zeros([0]), Tensor.Zeros([0]));
            Assert.Equal(NaN, one.Value);
            one.Add(s_scores, s_answers);
            other.Add(s_scores, s_answers);
            Assert.Equal(other.Value, one.Value);
        }
        Assert.Equal(NaN, Metrics.Of(new RocAuc(), s_scores, Tensor.Ones([4])).Value);
        Assert.Equal(NaN, Metrics.Of(new RocAuc(), s_scores, Tensor.Zeros([4])).Value);
        Assert.Equal((1, NaN), (Metrics.Of(new AveragePrecision(), s_scores, Tensor.Ones([4])).Value,
            Metrics.Of(new AveragePrecision(), s_scores, Tensor.Zeros([4])).Value));
        Assert.Equal(0.5, Metrics.Of(new RocAuc(), Tensor.Ones([4]), s_answers).Value);         // all ties
        Assert.Throws<ArgumentException>(() => DecisionThreshold.ForFScore(s_scores, Tensor.Ones([4])));
        Assert.Throws<ArgumentException>(() => DecisionThreshold.ForFScore(Tensor.Zeros([0]), Tensor.Zeros([0])));
    }

    static void Refused<TMetric>(string name, string place, Func<TMetric> make, Action<TMetric> right, Action<TMetric> wrong)
    {
        var metric = make();
        right(metric);
        var before = Figure(metric);
        var error = Assert.ThrowsAny<ArgumentException>(() => wrong(metric)).Message;
        Assert.StartsWith(name + ": ", error);
        Assert.Contains(place, error);
        Assert.Equal(before, Figure(metric));

        static double Figure(TMetric metric) => metric is IMetric<int[]> labels ? labels.Value : ((IMetric<Tensor>)(object)metric!).Value;
    }

    static Tensor With(Tensor tensor, int place, double value)
    {
        var values = tensor.ToDoubles();
        values[place] = value;
        return Tensor.From(tensor.Shape, values).To(tensor.DType);
    }
}
