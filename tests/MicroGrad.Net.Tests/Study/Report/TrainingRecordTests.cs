using MicroGrad.Net.Tests.Kernels;
using MicroGrad.Net.Tests.Optimizers;

namespace MicroGrad.Net.Tests.Study.Report;

// Whoever draws from Rng.Default at the same time would be disturbed, and would disturb.
[Collection(nameof(ProcessSettings))]
public sealed class TrainingRecordTests
{
    static readonly Tensor s_x = Tensor.Normal([60, 3], rng: new Rng(7)), s_y = Tensor.Normal([60, 1], rng: new Rng(8));

    // Before the first test, never in the middle of a step, the memory of which is used again.
    static TrainingRecordTests()
    {
    }

    static Sequential Noisy() => new(new Linear(3, 8, rng: new Rng(1)), new BatchNorm1D(8), new Relu(), new Dropout(0.3, new Rng(3)),
        new Dropout(0.1), new Linear(8, 1, rng: new Rng(2)));

    static Tensor Loss(Tensor prediction, Tensor target) => Losses.MeanSquaredError(prediction, target);

    public static TheoryData<string> OptimizerNames => OptimizerTable.Names;

    /// <summary>All that a training leaves behind.</summary>
    static double[] Trained(Func<IEnumerable<Parameter>, Optimizer> make, bool watched, int accumulate)
    {
        Rng.Seed(11);
        var model = Noisy();
        var optimizer = make(model.Parameters());
        var scheduler = optimizer.Follow(new OneCycleSchedule(maximum: 0.1, steps: 40));
        var trainer = new Trainer<Tensor>(model, optimizer, Loss)
        {
            ClipGradients = parameters => GradientClipping.ByNorm(parameters, 0.5), AfterStep = _ => scheduler.Step(),
            Accumulate = accumulate, Watch = watched ? new TrainingRecord(model, optimizer) { Samples = 5 } : null,
            EarlyStopping = new EarlyStopping(patience: 2),
        };
        var history = trainer.Fit(Batches.Of(s_x, s_y, size: 9), Batches.Of(s_x, s_y), epochs: 4);
        Assert.Equal(watched, history.Watch is TrainingRecord { Steps.Count: > 0 });
        return [.. model.State().SelectMany(named => named.Variable.ToDoubles()), .. optimizer.State().SelectMany(named => named.Value.ToDoubles()),
            .. model.Parameters().SelectMany(one => one.Grad!.ToDoubles()), .. history[History.Loss], .. history[History.ValidationLoss],
            .. model.Generators().Select(named => named.Rng.NextDouble()), Rng.Default.NextDouble()];
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void A_training_that_is_watched_has_the_same_bits(int accumulate)
    {
        Func<IEnumerable<Parameter>, Optimizer>[] optimizers =
        [
            parameters => new Sgd(parameters, 0.05, momentum: 0.9, weightDecay: 0.01), parameters => new AdamW(parameters, 0.02),
            parameters => new RmsProp(parameters, 0.01, momentum: 0.5),
        ];
        Assert.All(optimizers, make => Assert.Equal(Trained(make, watched: false, accumulate), Trained(make, watched: true, accumulate)));
    }

    /// <summary>A module that only names what the problems of the optimizers' tests are made of.</summary>
    sealed class Holder(IReadOnlyList<Parameter> weights) : Module
    {
        readonly IReadOnlyList<Parameter> _weights = weights;

        protected override Tensor Compute(Tensor input) => input * _weights[0].Sum();
    }

    [Theory]
    [MemberData(nameof(OptimizerNames))]
    public void A_probe_foretells_the_next_step_and_leaves_no_trace(string name)
    {
        var (problem, optimizer) = OptimizerTable.After(3, name);
        var record = new TrainingRecord(new Holder(problem.Weights), optimizer);
        double[] All() => [.. problem.Weights.SelectMany(one => one.ToDoubles()), .. problem.Weights.SelectMany(one => one.Grad!.ToDoubles()),
            .. optimizer.State().SelectMany(named => named.Value.ToDoubles())];
        var (before, values) = (All(), Array.ConvertAll(problem.Weights, one => one.ToDoubles()));
        var foretold = record.Probe(problem.Loss);
        Assert.Equal(before, All());

        var loss = optimizer.Step(problem.Loss);
        Assert.Equal((loss, problem.Loss().Item() - loss), (foretold.Loss, foretold.Actual));
        var layer = Assert.Single(Assert.Single(record.Steps).Layers);
        double[] moved = [.. problem.Weights.Zip(values).SelectMany(pair => pair.First.ToDoubles().Zip(pair.Second, (now, then) => now - then))];
        Assert.Equal(Norm(moved), layer.Updates, 1e-6);
        Assert.Equal(Norm([.. values.SelectMany(one => one)]), layer.Weights, 1e-12);
    }

    static double Norm(double[] values) => Math.Sqrt(values.Sum(value => value * value));

    [Fact]
    public void Norms_units_and_histograms_are_those_of_the_formulas()
    {
        // y = v·relu(W·x): the second unit is dead, the first gives 1 and 2.
        var model = new Sequential(new Linear(1, 2, bias: false), new Relu(), new Linear(2, 1, bias: false)).To(DType.Float64);
        var (first, second) = (model.Parameters()[0], model.Parameters()[1]);
        first.Assign(Tensor.From([2, 1], new double[] { 1.0, -3 }));
        second.Assign(Tensor.From([1, 2], new double[] { 2.0, 5 }));
        var x = Tensor.From([2, 1], new double[] { 1.0, 2 });
        Tensor Sum() => model.Forward(x).Sum();     // 2·(1 + 2)
        var optimizer = new Sgd(model.Parameters(), 0.1, momentum: 0.5);
        var record = new TrainingRecord(model, optimizer);
        record.Probe(Sum);
        optimizer.Step(Sum);
        record.Probe(Sum, () =>
        {
            optimizer.ZeroGrad();
            Sum().Backward();
            GradientClipping.ByNorm(optimizer.Parameters, 1);
            optimizer.Step();
        }, step: 7);

        // ∂/∂W = (v₀·(1 + 2), 0) = (6, 0), ∂/∂v = (3, 0); the first step is 0.1 times that.
        var start = record.Steps[0];
        Assert.Equal([Math.Sqrt(10), Math.Sqrt(29)], start.Layers.Select(layer => layer.Weights), Close);
        Assert.Equal([6, 3], start.Layers.Select(layer => layer.Gradients), Close);
        Assert.Equal([0.6, 0.3], start.Layers.Select(layer => layer.Updates), Close);
        Assert.Equal([0.6 / Math.Sqrt(10), 0.3 / Math.Sqrt(29)], start.Layers.Select(layer => layer.Ratio), Close);
        // W: 1 and -3 over ±4; its gradients: 6, and one 0.
        Assert.Equal([(16, 1), (80, 1)], start.Layers[0].WeightValues.Counts.Index().Where(part => part.Item > 0));
        Assert.Equal((1, 1), (start.Layers[0].GradientSizes.Zeros, start.Layers[0].GradientSizes.Counts.Sum()));
        var relu = Assert.Single(start.Activations);
        Assert.Equal(("relu after 0.weight", 0.5, null), (relu.Name, relu.Dead, relu.Saturated));
        Assert.Equal([(64, 2), (96, 1), (127, 1)], relu.Values.Counts.Index().Where(part => part.Item > 0));

        // Now W₀ = 0.4 and v₀ = 1.7: gradients 5.1 and 1.2, scaled to length 1 together; momentum adds half of 6 and 3.
        var (then, length) = (record.Steps[1], Math.Sqrt(5.1 * 5.1 + 1.2 * 1.2));
        Assert.Equal(7, then.Step);
        Assert.Equal([5.1, 1.2], then.Layers.Select(layer => layer.Gradients), Close);
        Assert.Equal([0.1 * (5.1 / length + 3), 0.1 * (1.2 / length + 1.5)], then.Layers.Select(layer => layer.Updates),
            (a, b) => Math.Abs(a - b) < 1e-6);
        Assert.Equal(record.Steps.Sum(sample => sample.Change.Actual), record.Total.Actual, 1e-12);
        Assert.Equal(["0: Linear(1 -> 2, no bias)", "2: Linear(2 -> 1, no bias)"], record.Total.Layers.Select(layer => layer.Layer));

        static bool Close(double a, double b) => Math.Abs(a - b) < 1e-12;
    }

    [Fact]
    public void Weight_decay_is_part_of_the_update_but_not_of_the_gradient()
    {
        var model = new Sequential(new Linear(1, 1, bias: false)).To(DType.Float64);
        model.Parameters()[0].Assign(Tensor.From([1, 1], new double[] { 2.0 }));
        var record = new TrainingRecord(model, new AdamW(model.Parameters(), learningRate: 0.1, weightDecay: 0.5));
        record.Probe(() => (model.Forward(Tensor.From([1, 1], new double[] { 1.0 })) * 3).Sum());
        // AdamW's first step has length 0.1 whatever the gradient, and 0.1·0.5·2 is decay.
        var layer = record.Steps[0].Layers[0];
        Assert.Equal(3, layer.Gradients, 1e-12);
        Assert.Equal(0.2, layer.Updates, 1e-6);
    }

    [Fact]
    public void Tanh_at_the_ends_of_its_range_is_saturated()
    {
        var model = new Sequential(new Linear(1, 1, bias: false), new Tanh());
        model.Parameters()[0].Assign(Tensor.From([1, 1], new float[] { 1f }));
        var record = new TrainingRecord(model, new Sgd(model.Parameters(), 0.1));
        record.Probe(() => model.Forward(Tensor.From([4, 1], new float[] { -9f, 9f, 1f, 0f })).Sum());
        Assert.Equal((null, 0.5), (record.Steps[0].Activations[0].Dead, record.Steps[0].Activations[0].Saturated));
    }

    [Theory]
    [InlineData(1000, 100, 100)]
    [InlineData(250, 100, 100)]
    [InlineData(70, 100, 70)]
    [InlineData(100_003, 10, 10)]
    public void Steps_to_look_at_are_evenly_spread_over_a_training(int steps, int samples, int expected)
    {
        var model = Noisy();
        var record = new TrainingRecord(model, new Sgd(model.Parameters(), 0.1)) { Samples = samples };
        var due = Enumerable.Range(0, steps).Where(step => record.IsDue(step, steps)).ToArray();
        Assert.Equal((expected, 0), (due.Length, due[0]));
        var gaps = due.Zip(due.Skip(1), (one, next) => next - one).ToArray();
        Assert.InRange(gaps.Max() - gaps.Min(), 0, 1);
    }

    [Fact]
    public void Where_the_end_is_not_known_samples_stay_few_and_evenly_spaced()
    {
        var model = Noisy();
        var record = new TrainingRecord(model, new Sgd(model.Parameters(), 0.01)) { Samples = 5 };
        for (var step = 0; step < 100; step++)
            if (record.IsDue(step)) record.Probe(() => Loss(model.Forward(s_x), s_y), step: step);
        Assert.InRange(record.Steps.Count, 5, 10);
        var gaps = record.Steps.Zip(record.Steps.Skip(1), (one, next) => next.Step - one.Step).Distinct();
        Assert.Single(gaps);
    }

    [Fact]
    public void A_loss_that_is_another_each_time_is_an_error_and_leaves_no_trace()
    {
        var (model, count) = (Noisy(), 0);
        var record = new TrainingRecord(model, new Sgd(model.Parameters(), 0.1));
        var before = model.Parameters()[0].ToDoubles();
        Assert.Throws<InvalidOperationException>(() => record.Probe(() => Loss(model.Forward(s_x), s_y) * ++count));
        Assert.Equal(before, model.Parameters()[0].ToDoubles());
        Assert.Empty(record.Steps);
    }

    [Fact]
    public void A_trainer_that_fails_says_the_same_when_watched()
    {
        string Message(bool watched)
        {
            Rng.Seed(1);
            var model = Noisy();
            var optimizer = new Sgd(model.Parameters(), 0.1);
            var bad = s_x * 1;
            bad = Tensor.Where(bad > 2, double.NaN, bad);
            return Numbers.Message<NonFiniteException>(() => new Trainer<Tensor>(model, optimizer, Loss)
            {
                Watch = watched ? new TrainingRecord(model, optimizer) : null,
            }.Fit(Batches.Of(bad, s_y, size: 60)));
        }
        Assert.Equal(Message(false), Message(true));
    }
}
