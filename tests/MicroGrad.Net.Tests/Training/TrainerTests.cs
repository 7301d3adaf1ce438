namespace MicroGrad.Net.Tests;

public class TrainerTests
{
    static (Tensor X, Tensor Y) Line(int rows, ulong seed = 1, DType dtype = DType.Float32)
    {
        var rng = new Rng(seed);
        var x = Tensor.Normal([rows, 3], rng: rng, dtype: dtype);
        return (x, x.Sum(1, keepDims: true) * 0.5 + Tensor.Normal([rows, 1], 0, 0.1, rng, dtype));
    }

    static Sequential Net(ulong seed = 1, int width = 8)
    {
        var rng = new Rng(seed);
        return new Sequential(new Linear(3, width, rng: rng), new Tanh(), new Linear(width, 1, rng: rng));
    }

    static Tensor Mse(Tensor prediction, Tensor target) => Losses.MeanSquaredError(prediction, target);

    static double[][] Weights(Module model) => [.. model.State().Select(named => named.Variable.ToDoubles())];

    [Fact]
    public void Fit_does_what_a_hand_written_loop_does()
    {
        var (x, y) = Line(50);
        var (byHand, byTrainer) = (Net(), Net());
        var optimizer = new Adam(byHand.Parameters(), 0.01);
        var losses = new List<double>();
        var batches = Batches.Of(x, y, 16, rng: new Rng(2));
        for (var epoch = 0; epoch < 4; epoch++)
        {
            var sum = 0.0;
            foreach (var (input, target) in batches)
            {
                var loss = Mse(byHand.Forward(input), target);
                optimizer.ZeroGrad();
                loss.Backward();
                optimizer.Step();
                sum += loss.Item() * target.Shape[0];
            }
            losses.Add(sum / 50);
        }
        var history = new Trainer<Tensor>(byTrainer, new Adam(byTrainer.Parameters(), 0.01), Mse)
            .Fit(Batches.Of(x, y, 16, rng: new Rng(2)), epochs: 4);
        Assert.Equal(Weights(byHand), Weights(byTrainer));
        Assert.Equal(losses, history[History.Loss], (a, b) => Math.Abs(a - b) < 1e-12);
        Assert.Equal(["loss", "learning rate", "seconds"], history.Names);
    }

    [Fact]
    public void Metrics_are_those_of_the_whole_epoch_as_one_batch()
    {
        var (x, y) = Line(50);
        var model = Net();
        var trainer = new Trainer<Tensor>(model, new Sgd(model.Parameters(), 0), Mse)
        {
            Metrics = { { "mae", Metrics.AbsoluteError }, { "rmse", Metrics.SquaredError, Math.Sqrt } },
        };
        var history = trainer.Fit(Batches.Of(x, y, 16), Batches.Of(x, y, 7), epochs: 1);
        using var off = Gradients.Off();
        var prediction = model.Forward(x);
        foreach (var prefix in new[] { "", "validation " })
        {
            Assert.Equal(Mse(prediction, y).Item(), history.Last[prefix + "loss"], 5);
            Assert.Equal(Math.Sqrt(Mse(prediction, y).Item()), history.Last[prefix + "rmse"], 5);
            Assert.Equal(Losses.MeanAbsoluteError(prediction, y).Item(), history.Last[prefix + "mae"], 5);
        }
        Assert.Equal(history.Last["validation rmse"], trainer.Evaluate(Batches.Of(x, y, 7))["rmse"], 6);
    }

    [Fact]
    public void Accuracies_count_hits()
    {
        var logits = Tensor.From([3, 2], [1f, 2, 4, 3, 5, 6]);
        Assert.Equal(2 / 3.0, Metrics.Accuracy(logits, [1, 0, 0]), 12);
        Assert.Equal(0.75, Metrics.BinaryAccuracy(Tensor.From([4, 1], [-1f, 2, -3, 4]), Tensor.From([4, 1], [0f, 1, 1, 1])), 6);
        Assert.Contains("2 labels", Assert.Throws<ShapeException>(() => Metrics.Accuracy(logits, [1, 0])).Message);
        // A logit of 0 says no, as in a confusion matrix.
        Assert.Equal(1, Metrics.BinaryAccuracy(Numbers.Vector(0, 0), Numbers.Vector(0, 0)));
        Assert.Equal((double.NaN, double.NaN), (Metrics.Accuracy(Tensor.Zeros([0, 2]), []), Metrics.BinaryAccuracy(Tensor.Zeros([0]), Tensor.Zeros([0]))));
        Assert.Equal("accuracy: the prediction in row 1 is NaN.", Assert.Throws<ArgumentException>(
            () => Metrics.Accuracy(Tensor.From([2, 2], [1, 2, double.NaN, 0]), [0, 0])).Message);
        Assert.Contains("element 0 is NaN", Assert.Throws<ArgumentException>(
            () => Metrics.BinaryAccuracy(Numbers.Vector(double.NaN), Numbers.Vector(0))).Message);
        Assert.Equal("accuracy: label -100 at row 2 is not in 0..1.",
            Assert.Throws<ArgumentOutOfRangeException>(() => Metrics.Accuracy(logits, [0, 0, -100])).Message);
        Assert.Contains("BinaryAccuracy", Assert.Throws<ArgumentOutOfRangeException>(
            () => Metrics.Accuracy(Tensor.Zeros([2, 1]), [0, 1])).Message);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(3)]
    public void Accumulated_micro_batches_are_the_big_batch_also_where_the_last_is_smaller(int parts)
    {
        // 30 rows in batches of 12, 12 and 6, or in micro-batches of 12 / parts.
        var (x, y) = Line(30, dtype: DType.Float64);
        var (whole, split) = (Net(), Net());
        whole.To(DType.Float64);
        split.To(DType.Float64);
        var reports = new List<TrainingProgress>();
        var big = new Trainer<Tensor>(whole, new Adam(whole.Parameters(), 0.01), Mse)
            .Fit(Batches.Of(x, y, 12, shuffle: false), epochs: 3);
        var small = new Trainer<Tensor>(split, new Adam(split.Parameters(), 0.01), Mse) { Accumulate = parts, AfterStep = reports.Add }
            .Fit(Batches.Of(x, y, 12 / parts, shuffle: false), epochs: 3);
        Assert.Equal(big[History.Loss], small[History.Loss], (a, b) => Math.Abs(a - b) < 1e-12);
        foreach (var (a, b) in Weights(whole).Zip(Weights(split))) Assert.Equal(a, b, (p, q) => Math.Abs(p - q) < 1e-12);
        Assert.Equal([1, 2, 3], reports.Take(3).Select(report => report.Step));
        Assert.All(reports, report => Assert.Equal(3, report.Steps));
    }

    [Fact]
    public void Unequal_micro_batches_of_one_step_weigh_by_their_rows()
    {
        // Batches of 4, 4 and 2 rows, all in one step: the gradient of all ten.
        var (x, y) = Line(10, dtype: DType.Float64);
        var (whole, split) = (Net(), Net());
        whole.To(DType.Float64);
        split.To(DType.Float64);
        new Trainer<Tensor>(whole, new Sgd(whole.Parameters(), 0.1), Mse).Fit(Batches.Of(x, y, 10, shuffle: false), epochs: 1);
        new Trainer<Tensor>(split, new Sgd(split.Parameters(), 0.1), Mse) { Accumulate = 5 }
            .Fit(Batches.Of(x, y, 4, shuffle: false), epochs: 1);
        foreach (var (a, b) in Weights(whole).Zip(Weights(split))) Assert.Equal(a, b, (p, q) => Math.Abs(p - q) < 1e-14);
    }

    [Fact]
    public void Early_stopping_puts_back_the_very_bits_of_the_best_epoch()
    {
        var (x, y) = Line(20);
        var (testX, testY) = Line(20, seed: 9);
        var model = new Sequential(new Linear(3, 4, rng: new Rng(1)), new CountsCalls(), new Linear(4, 1, rng: new Rng(2)));
        var perEpoch = new Dictionary<int, double[][]>();
        var (saved, last) = (new List<int>(), new List<int>());
        var trainer = new Trainer<Tensor>(model, new Sgd(model.Parameters(), 0.03, momentum: 0.9), Mse)
        {
            EarlyStopping = new EarlyStopping(patience: 4),
            AfterEpoch = report => perEpoch[report.Epoch] = Weights(model),
            SaveBest = report => saved.Add(report.Epoch),
            SaveLast = report => last.Add(report.Epoch),
        };
        var history = trainer.Fit(Batches.Of(x, y, 5, rng: new Rng(3)), Batches.Of(testX, testY, 20, shuffle: false), epochs: 100);
        var validation = history[History.ValidationLoss];
        var best = Array.IndexOf(validation, validation.Min()) + 1;
        Assert.Equal(best + 4, history.Count);
        Assert.Equal(best, history.RestoredEpoch);
        Assert.Equal(perEpoch[best], Weights(model));
        Assert.NotEqual(perEpoch[history.Count], Weights(model));
        Assert.Equal(best, saved[^1]);
        Assert.Equal(Enumerable.Range(1, history.Count), last);
        Assert.StartsWith("validation loss has not improved for 4 epochs", history.EndedBecause, StringComparison.Ordinal);
        Assert.Equal(validation.Min(), trainer.Evaluate(Batches.Of(testX, testY, 20, shuffle: false))["loss"]);
        Assert.True(model.State().Single(named => named.Name == "1.calls").Variable.Item() < 4 * history.Count);
    }

    [Fact]
    public void Small_improvements_do_not_count_but_the_best_epoch_is_still_the_best()
    {
        // The figure falls by 0.1 per epoch, in two epochs by less than the 0.25 asked for.
        var figure = 10.0;
        var model = Net();
        var (x, y) = Line(4);
        var history = new Trainer<Tensor>(model, new Sgd(model.Parameters(), 0.01), Mse)
        {
            Metrics = { { "figure", (_, _) => figure -= 0.1 } },
            EarlyStopping = new EarlyStopping(patience: 2) { Figure = "figure", MinimalImprovement = 0.25 },
        }.Fit(Batches.Of(x, y, 4), epochs: 50);
        Assert.Equal((3, 3), (history.Count, history.RestoredEpoch));
        var rising = new Trainer<Tensor>(model, new Sgd(model.Parameters(), 0.01), Mse)
        {
            Metrics = { { "figure", (_, _) => figure -= 0.1 } },
            EarlyStopping = new EarlyStopping(patience: 2) { Figure = "figure", HigherIsBetter = true },
        }.Fit(Batches.Of(x, y, 4), epochs: 50);
        Assert.Equal((3, 1), (rising.Count, rising.RestoredEpoch));
        Assert.Contains("there is no figure 'accuracy'", Assert.Throws<ArgumentException>(() => new Trainer<Tensor>(model,
            new Sgd(model.Parameters(), 0.01), Mse) { EarlyStopping = new() { Figure = "accuracy" } }.Fit(Batches.Of(x, y, 4))).Message);
    }

    [Fact]
    public void Why_training_stopped_is_told_of_any_figures()
    {
        string Reason(EarlyStopping rule, params double[] figures)
        {
            var (model, (x, y), next) = (Net(), Line(4), 0);
            return new Trainer<Tensor>(model, new Sgd(model.Parameters(), 0), Mse)
            {
                Metrics = { { "figure", (_, _) => figures[next++] } }, EarlyStopping = rule,
            }.Fit(Batches.Of(x, y, 4), epochs: figures.Length).EndedBecause!;
        }
        Assert.Equal("figure has not improved for 3 epochs; it has been NaN in every epoch",
            Reason(new(3) { Figure = "figure" }, double.NaN, double.NaN, double.NaN));
        Assert.Equal("figure has not improved for 1 epoch; it was best, -2, in epoch 2",
            Reason(new(1) { Figure = "figure" }, -1, -2, -1.5));
        Assert.Equal("figure has not improved by more than 0.5 for 2 epochs; it was best, -1.4, in epoch 3",
            Reason(new(2) { Figure = "figure", MinimalImprovement = 0.5 }, -1, -1.2, -1.4));
        Assert.Equal("figure has not improved for 2 epochs; it was best, -1, in epoch 2",
            Reason(new(2) { Figure = "figure", HigherIsBetter = true }, -2, -1, -1, double.NaN));
        Assert.Equal("figure has not improved for 2 epochs; it was best, 3, in epoch 2",
            Reason(new(2) { Figure = "figure" }, double.PositiveInfinity, 3, double.PositiveInfinity, double.NaN));
        foreach (var wrong in new[] { -0.1, double.NaN, double.PositiveInfinity })
            Assert.Contains("MinimalImprovement", Assert.Throws<ArgumentOutOfRangeException>(
                () => new EarlyStopping { MinimalImprovement = wrong }).Message);
    }

    [Fact]
    public void Cancellation_ends_after_the_running_step_with_a_checkpoint()
    {
        var (x, y) = Line(40);
        var (model, same) = (Net(), Net());
        using var stop = new CancellationTokenSource();
        var saved = new List<TrainingProgress>();
        var history = new Trainer<Tensor>(model, new Adam(model.Parameters(), 0.01), Mse)
        {
            AfterStep = report => { if (report.TotalSteps == 6) stop.Cancel(); },
            SaveLast = saved.Add,
            EarlyStopping = new EarlyStopping(),
        }.Fit(Batches.Of(x, y, 10, rng: new Rng(3)), epochs: 9, cancellation: stop.Token);
        Assert.Equal(1, history.Count);
        Assert.Equal("cancelled in epoch 2 after 2 of its steps", history.EndedBecause);
        Assert.Equal([(1, 4), (2, 2)], saved.Select(report => (report.Epoch, report.Step)));
        Assert.Equal(0, history.RestoredEpoch);

        // The state is that of six whole steps.
        var steps = 0;
        var optimizer = new Adam(same.Parameters(), 0.01);
        var batches = Batches.Of(x, y, 10, rng: new Rng(3));
        for (var epoch = 0; epoch < 2; epoch++)
            foreach (var (input, target) in batches)
            {
                if (steps++ == 6) break;
                optimizer.ZeroGrad();
                Mse(same.Forward(input), target).Backward();
                optimizer.Step();
            }
        Assert.Equal(Weights(same), Weights(model));
        Assert.All(model.Parameters(), parameter => Assert.NotNull(parameter.Grad));

        var none = new Trainer<Tensor>(model, optimizer, Mse).Fit(Batches.Of(x, y, 10), cancellation: stop.Token);
        Assert.Equal((0, "cancelled in epoch 1 after 0 of its steps"), (none.Count, none.EndedBecause));
        Assert.Equal(Weights(same), Weights(model));
    }

    [Fact]
    public void Modes_are_switched_for_training_and_evaluation_and_put_back()
    {
        var (x, y) = Line(12);
        var (seen, frozen) = (new SeesModes(), new SeesModes());
        var model = new Sequential(new Linear(3, 1), seen, frozen);
        model.Eval();
        Run();
        Assert.Equal([true, true, false, true, true, false], seen.Modes);
        Assert.Equal([false, false, false], model.Modules().Skip(1).Select(module => module.IsTraining));

        // A part that the user put into evaluation, inside a model in training, stays so.
        model.Train();
        frozen.Eval();
        Run();
        Assert.Equal([true, true, false, true, true, false], seen.Modes);
        Assert.DoesNotContain(true, frozen.Modes);
        Assert.Equal([true, true, true, false], model.Modules().Select(module => module.IsTraining));
        Assert.True(Gradients.Enabled);

        void Run()
        {
            seen.Modes.Clear();
            frozen.Modes.Clear();
            new Trainer<Tensor>(model, new Sgd(model.Parameters(), 0.01), (p, t) =>
            {
                Assert.Equal(seen.IsTraining, Gradients.Enabled);
                return Mse(p, t);
            }).Fit(Batches.Of(x, y, 6), Batches.Of(x, y, 12), epochs: 2);
        }
    }

    [Fact]
    public void Hooks_come_in_order_and_clip_before_the_step()
    {
        var (x, y) = Line(8);
        var model = Net();
        var events = new List<string>();
        var trainer = new Trainer<Tensor>(model, new Sgd(model.Parameters(), 1), Mse)
        {
            ClipGradients = parameters =>
            {
                events.Add("clip");
                foreach (var parameter in parameters) parameter.Grad = Tensor.Zeros(parameter.Shape);
            },
            AfterStep = report => events.Add($"step {report.TotalSteps}"),
            AfterEpoch = report => events.Add($"epoch {report.Epoch} {report.Figures!.Count}"),
            SaveBest = report => events.Add("best"),
            SaveLast = report => events.Add("last"),
            Progress = new Listener(report => events.Add(report.Figures is null ? "progress" : "progress of an epoch")),
        };
        var before = Weights(model);
        trainer.Fit(Batches.Of(x, y, 4), epochs: 11, firstEpoch: 11);
        Assert.Equal(before, Weights(model));
        Assert.Equal(["clip", "step 1", "progress", "clip", "step 2", "progress", "epoch 11 3", "best", "last", "progress of an epoch"], events);
        Assert.Equal(11, trainer.History.FirstEpoch);
    }

    [Fact]
    public void Bad_arguments_are_named()
    {
        var (x, y) = Line(8);
        var model = Net();
        var trainer = new Trainer<Tensor>(model, new Sgd(model.Parameters(), 1), (p, t) => (p - t).Square());
        Assert.Contains("the loss must be one number, but is [8, 1]", Assert.Throws<ShapeException>(() => trainer.Fit(Batches.Of(x, y, 8))).Message);
        Assert.Contains("no batches", Assert.Throws<ArgumentException>(() => trainer.Fit(Array.Empty<Batch<Tensor, Tensor>>())).Message);
        Assert.Contains("epochs is 0", Assert.Throws<ArgumentOutOfRangeException>(() => trainer.Fit(Batches.Of(x, y), epochs: 0)).Message);
        Assert.Throws<ArgumentException>(() => new MetricList<Tensor, Tensor> { { "loss", Metrics.AbsoluteError } });
        Assert.Throws<ArgumentOutOfRangeException>(() => new EarlyStopping(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Trainer<Tensor>(model, new Sgd(model.Parameters(), 1), Mse) { Accumulate = 0 });
    }

    /// <summary>Counts its calls in training in a buffer, as running statistics would.</summary>
    sealed class CountsCalls : Module
    {
        public ModuleBuffer Calls { get; } = new(Tensor.Zeros([]));

        protected override Tensor Compute(Tensor input)
        {
            if (IsTraining) Calls.Assign(Calls.Detach() + 1);
            return input;
        }
    }

    sealed class SeesModes : Module
    {
        public List<bool> Modes { get; } = [];

        protected override Tensor Compute(Tensor input)
        {
            Modes.Add(IsTraining);
            return input;
        }
    }

    sealed class Listener(Action<TrainingProgress> listen) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => listen(value);
    }
}
