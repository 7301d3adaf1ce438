namespace MicroGrad.Net.Tests;

/// <summary>
/// However rows are cut into batches, a step and a figure are those of one batch, or an error says why they cannot be.
/// </summary>
public class BatchWeightTests
{
    const int Rows = 12, Ignored = -100;
    static readonly int[] s_labels = [0, Ignored, Ignored, Ignored, 1, 1, 2, Ignored, 0, 2, 1, Ignored];

    static readonly Tensor s_x = Tensor.Normal([Rows, 3], rng: new Rng(5), dtype: DType.Float64);
    static readonly Tensor s_classWeights = Tensor.From([3], [1.0, 3, 0.25]);

    /// <summary>A target, and beside it a weight for each row: an eighth of the rows weigh nothing.</summary>
    static readonly Tensor s_weighed = Tensor.From([Rows, 2],
        [.. Enumerable.Range(0, Rows).SelectMany(i => new[] { Math.Sin(i), i % 4 == 3 ? 0 : 1 + i % 3 })]);

    static readonly Dictionary<string, Func<Tensor, int[], Tensor>> s_labelled = new()
    {
        ["cross-entropy"] = (p, y) => Losses.CrossEntropy(p, y),
        ["cross-entropy, class weights"] = (p, y) => Losses.CrossEntropy(p, y, s_classWeights),
        ["cross-entropy, smoothed"] = (p, y) => Losses.CrossEntropy(p, y, s_classWeights, labelSmoothing: 0.1),
        ["cross-entropy, another ignored"] = (p, y) =>
            Losses.CrossEntropy(p, [.. y.Select(label => label < 0 ? 0 : label)], ignoreIndex: 0),
        ["negative log-likelihood"] = (p, y) => Losses.NegativeLogLikelihood(p.LogSoftmax(), y, s_classWeights),
        ["focal"] = (p, y) => Losses.Focal(p, y, s_classWeights),
        ["logit-adjusted"] = (p, y) => Losses.LogitAdjustedCrossEntropy(p, y, [5, 3, 2]),
        ["sum of cross-entropy"] = (p, y) => Losses.CrossEntropy(p, y, reduction: Reduction.Sum),
    };

    static readonly Dictionary<string, Func<Tensor, Tensor, Tensor>> s_measured = new()
    {
        ["weighted mean squared error"] = (p, t) =>
            Losses.MeanSquaredError(p[.., ..1], t[.., ..1], weights: t[.., 1..]),
        ["weighted mean absolute error"] = (p, t) =>
            Losses.MeanAbsoluteError(p[.., ..2], t[.., ..1].Expand([t.Shape[0], 2]), weights: t[.., 1..]),
        ["mean squared error"] = (p, t) => Losses.MeanSquaredError(p[.., ..2], t),
        ["sum of squares"] = (p, t) => Losses.MeanSquaredError(p[.., ..2], t, Reduction.Sum),
        ["of one's own"] = (p, t) => (p[.., ..2] - t).Square().Mean(),
        ["twice a mean"] = (p, t) => 2 * Losses.MeanSquaredError(p[.., ..2], t),
        ["two means"] = (p, t) => Losses.MeanSquaredError(p[.., ..2], t) + Losses.Huber(p[.., 1..], t),
        ["a loss of each row"] = (p, t) => Enumerable.Range(0, t.Shape[0])
            .Select(i => Losses.MeanSquaredError(p[i][..2], t[i])).Aggregate((sum, one) => sum + one) / t.Shape[0],
    };

    public static TheoryData<string> Labelled => [.. s_labelled.Keys];

    public static TheoryData<string> Measured => [.. s_measured.Keys];

    static (double[][] Weights, double Loss, double Evaluated, double Metric) Train<TTarget>(
        Batches<Tensor, TTarget> batches, Func<Tensor, TTarget, Tensor> loss, int accumulate,
        Func<IBatch<Tensor, TTarget>, double>? weight = null, bool watched = false)
    {
        var rng = new Rng(7);
        var model = new Sequential(new Linear(3, 5, rng: rng), new Tanh(), new Linear(5, 3, rng: rng));
        model.To(DType.Float64);
        var optimizer = new Sgd(model.Parameters(), 0.1, momentum: 0.9);
        var trainer = new Trainer<TTarget>(model, optimizer, loss)
        {
            Accumulate = accumulate, BatchWeight = weight, Metrics = { { "same", (p, y) => loss(p, y).Item() } },
            ClipGradients = parameters => GradientClipping.ByNorm(parameters, 0.5),
            Watch = watched ? new TrainingRecord(model, optimizer) : null,
        };
        var history = trainer.Fit(batches, batches, epochs: 2);
        Assert.Equal(history[History.ValidationLoss][^1], trainer.Evaluate(batches)["loss"], 1e-12);
        if (weight is null) Assert.Equal(history[History.ValidationLoss][^1], history["validation same"][^1], 1e-12);
        return ([.. model.Parameters().Select(parameter => parameter.ToDoubles())], history[History.Loss][^1],
            history[History.ValidationLoss][^1], history["same"][^1]);
    }

    static void SameHoweverCut<TTarget>(Func<int, Batches<Tensor, TTarget>> cut, Func<Tensor, TTarget, Tensor> loss,
        Func<IBatch<Tensor, TTarget>, double>? weight = null)
    {
        var whole = Train(cut(Rows), loss, 1, weight);
        foreach (var size in new[] { 1, 2, 5, 6 })
        {
            var parts = Train(cut(size), loss, (Rows + size - 1) / size, weight, watched: size == 5);
            foreach (var (a, b) in whole.Weights.Zip(parts.Weights)) Assert.Equal(a, b, Close);
            Assert.Equal(whole.Loss, parts.Loss, 1e-12);
            Assert.Equal(whole.Evaluated, parts.Evaluated, 1e-12);
        }

        static bool Close(double a, double b) => Math.Abs(a - b) < 1e-12;
    }

    static Batches<Tensor, int[]> Labels(int size) => Batches.Of(s_x, s_labels, size, shuffle: false);

    static Batches<Tensor, Tensor> Targets(int size) => Batches.Of(s_x, s_weighed, size, shuffle: false);

    [Theory, MemberData(nameof(Labelled))]
    public void Labels_left_out_and_weights_of_classes_count_as_in_one_batch(string name) =>
        SameHoweverCut(Labels, s_labelled[name]);

    [Theory, MemberData(nameof(Measured))]
    public void Weights_sums_and_means_over_elements_count_as_in_one_batch(string name) =>
        SameHoweverCut(Targets, s_measured[name]);

    static readonly Dictionary<string, (Func<Tensor, int[], Tensor> Loss, string Says)> s_refused = new()
    {
        ["a penalty on the predictions"] = ((p, y) => Losses.CrossEntropy(p, y) + 0.1 * p.Square().Mean(), "not over rows"),
        ["twice"] = ((p, y) => 2 * Losses.CrossEntropy(p, y), "over 0.25 elements (or weights) per row of the first"),
        ["two losses"] = ((p, y) => Losses.CrossEntropy(p, y) + Losses.CrossEntropy(p, y, s_classWeights), "BatchWeight"),
        ["a sum, divided"] = ((p, y) => Losses.CrossEntropy(p, y, reduction: Reduction.Sum) / p.Shape[0], "Reduction.Sum"),
        ["now a sum, now a mean"] = ((p, y) => Losses.CrossEntropy(
            p, y, reduction: y[0] == 0 && y[1] < 0 ? Reduction.Sum : Reduction.Mean), "a sum over one batch, and no sum"),
        ["now itself, now not"] = ((p, y) => y[0] == 1 ? Losses.CrossEntropy(p, y) * 1 : Losses.CrossEntropy(p, y),
            "computed otherwise of another"),
    };

    public static TheoryData<string> Refused => [.. s_refused.Keys];

    [Theory, MemberData(nameof(Refused))]
    public void What_batches_weigh_must_be_said_where_it_cannot_be_known(string name)
    {
        var (loss, says) = s_refused[name];
        foreach (var accumulate in new[] { 1, 3 })
        {
            var message = Assert.Throws<ArgumentException>(() => Train(Labels(4), loss, accumulate)).Message;
            Assert.Contains("what batches weigh beside each other is not known", message, StringComparison.Ordinal);
            Assert.Contains(says, message, StringComparison.Ordinal);
        }
        // One batch has no other beside it.
        _ = Train(Labels(Rows), loss, 1);
    }

    [Fact]
    public void What_is_said_is_taken()
    {
        SameHoweverCut(Labels, (p, y) => 2 * CrossEntropyOfOnesOwn(p, y), Kept);
        Assert.Contains("BatchWeight of a batch is -1", Assert.Throws<ArgumentOutOfRangeException>(
            () => Train(Labels(4), s_labelled["cross-entropy"], 1, _ => -1)).Message, StringComparison.Ordinal);

        static double Kept(IBatch<Tensor, int[]> batch) => batch.Y.Count(label => label >= 0);

        static Tensor CrossEntropyOfOnesOwn(Tensor p, int[] y)
        {
            int[] kept = [.. Enumerable.Range(0, y.Length).Where(i => y[i] >= 0)];
            return kept.Length == 0 ? p.Sum() * 0 : -p.Select(kept).LogSoftmax().Gather([.. kept.Select(i => y[i])], 1).Mean();
        }
    }

    [Fact]
    public void A_batch_with_nothing_to_learn_from_changes_nothing()
    {
        // The second of six batches of two is all ignored; momentum alone would move the weights there.
        var model = new Sequential(new Linear(3, 3, rng: new Rng(1)));
        model.To(DType.Float64);
        var (seen, reports) = (new List<double>(), new List<TrainingProgress>());
        new Trainer<int[]>(model, new Sgd(model.Parameters(), 0.1, momentum: 0.9), (p, y) => Losses.CrossEntropy(p, y))
        {
            AfterStep = report =>
            {
                reports.Add(report);
                seen.Add(model.Parameters()[0].ToDoubles()[0]);
            },
        }.Fit(Labels(2), epochs: 1);
        Assert.Equal(seen[0], seen[1]);
        Assert.NotEqual(seen[1], seen[2]);
        Assert.Equal([false, true, false, false, false, false], reports.Select(report => double.IsNaN(report.Loss)));
        Assert.All(reports, report => Assert.True(double.IsFinite(report.MeanLoss)));

        var nothing = Batches.Of(s_x, [.. Enumerable.Repeat(Ignored, Rows)], 4);
        var trainer = new Trainer<int[]>(model, new Sgd(model.Parameters(), 1), (p, y) => Losses.CrossEntropy(p, y));
        Assert.Contains("nothing to learn from", Assert.Throws<ArgumentException>(() => trainer.Fit(nothing)).Message);
        Assert.Contains("nothing to evaluate", Assert.Throws<ArgumentException>(() => trainer.Evaluate(nothing)).Message);
    }

    [Fact]
    public void One_batch_per_step_is_the_hand_written_loop_to_the_bit()
    {
        var (x, y) = (s_x.To(DType.Float32), s_weighed.To(DType.Float32));
        static Sequential Net() => new(new Linear(3, 4, rng: new Rng(1)), new Tanh(), new Linear(4, 2, rng: new Rng(2)));
        var (byHand, byTrainer, sum) = (Net(), Net(), 0.0);
        var optimizer = new Adam(byHand.Parameters(), 0.01);
        foreach (var (input, target) in Batches.Of(x, y, 5, shuffle: false))
        {
            var loss = Losses.MeanSquaredError(byHand.Forward(input), target);
            optimizer.ZeroGrad();
            loss.Backward();
            optimizer.Step();
            sum += loss.Item() * target.Shape[0];
        }
        var history = new Trainer<Tensor>(byTrainer, new Adam(byTrainer.Parameters(), 0.01),
            (p, t) => Losses.MeanSquaredError(p, t)).Fit(Batches.Of(x, y, 5, shuffle: false), epochs: 1);
        foreach (var (a, b) in byHand.Parameters().Zip(byTrainer.Parameters())) Numbers.SameBits(a, b);
        Assert.Equal(sum / Rows, history.Last[History.Loss]);
    }
}
