using MicroGrad.Net.Tests.Kernels;
using MicroGrad.Net.Tests.Optimizers;

namespace MicroGrad.Net.Tests.Study;

// Whoever draws from Rng.Default at the same time would be disturbed, and would disturb.
[Collection(nameof(ProcessSettings))]
public sealed class LossLedgerTests
{
    static readonly Tensor s_x = Tensor.Normal([12, 3], rng: new Rng(7)), s_y = Tensor.Normal([12, 1], rng: new Rng(8));

    static readonly double[] s_rates = [0.04, 0.02, 0.01];

    static Sequential Network(params Module[] middle) =>
        new([new Linear(3, 8, rng: new Rng(1)), new Tanh(), .. middle, new Linear(8, 1, rng: new Rng(2))]);

    static Sequential Noisy() => Network(new BatchNorm1D(8), new Dropout(0.3, new Rng(3)), new Dropout(0.1));

    static Func<Tensor> LossOf(Module model, DType dtype = DType.Float32)
    {
        var (x, y) = (s_x.To(dtype), s_y.To(dtype));
        return () => Losses.MeanSquaredError(model.Forward(x), y);
    }

    static double[] Numbers(Module model) => [.. model.State().SelectMany(named => named.Variable.ToDoubles())];

    /// <summary>A module that only names what the problems of the optimizers' tests are made of.</summary>
    sealed class Holder(IReadOnlyList<Parameter> weights) : Module
    {
        readonly IReadOnlyList<Parameter> _weights = weights;

        protected override Tensor Compute(Tensor input) => input * _weights[0].Sum();
    }

    public static TheoryData<string> OptimizerNames => OptimizerTable.Names;

    [Theory]
    [MemberData(nameof(OptimizerNames))]
    public void A_booked_step_is_the_step_and_its_parts_add_up(string name)
    {
        var (plain, booked) = (new OptimizerTable.Problem(), new OptimizerTable.Problem());
        var (alone, optimizer) = (OptimizerTable.All[name](plain.Weights), OptimizerTable.All[name](booked.Weights));
        var ledger = new LossLedger(new Holder(booked.Weights), optimizer);
        for (var i = 0; i < 4; i++)
        {
            var loss = alone.Step(plain.Loss);
            var step = ledger.Step(booked.Loss);
            Assert.Equal(loss, step.Loss);
            Assert.Equal(booked.Loss().Item() - loss, step.Actual);
            Assert.Equal(step.Actual, step.Layers.Sum(layer => layer.Change) + step.Remainder, 1e-14);
            Assert.Equal(plain.Weights.Select(weight => weight.Grad!.ToDoubles()), booked.Weights.Select(weight => weight.Grad!.ToDoubles()));
        }
        Assert.Equal(plain.Floats, booked.Floats);
        Assert.Equal(ledger.Steps.Sum(step => step.Actual), ledger.Total.Actual, 1e-14);
    }

    [Fact]
    public void The_remainder_shrinks_with_the_cube_of_the_step()
    {
        double[] remainders = [.. s_rates.Select(rate =>
        {
            var model = Network().To(DType.Float64);
            return new LossLedger(model, new Sgd(model.Parameters(), rate)).Step(LossOf(model, DType.Float64)).Remainder;
        })];
        Assert.All([remainders[0] / remainders[1], remainders[1] / remainders[2]], ratio => Assert.InRange(ratio, 7.2, 8.8));
    }

    [Fact]
    public void Parts_of_a_quadratic_are_those_of_the_formula()
    {
        // L = a² + 3ab + 2b: g = (2a + 3b, 3a + 2), H = [[2, 3], [3, 0]].
        Parameter a = new(Tensor.Scalar(1, DType.Float64)) { Name = "a" }, b = new(Tensor.Scalar(2, DType.Float64)) { Name = "b" };
        var ledger = new LossLedger(new Holder([a]), new Sgd([a, b], 0.1));
        var step = ledger.Step(() => a * a + 3 * a * b + 2 * b);
        double da = -0.8, db = -0.5;
        Assert.Equal([8 * da, 5 * db], step.Parameters.Select(part => part.FirstOrder), (x, y) => Math.Abs(x - y) < 1e-12);
        Assert.Equal([da * (2 * da + 3 * db) / 2, db * 3 * da / 2], step.Parameters.Select(part => part.Curvature),
            (x, y) => Math.Abs(x - y) < 1e-12);
        Assert.Equal(0, step.Remainder, 1e-12);
        Assert.Equal(["Holder", "b"], step.Layers.Select(layer => layer.Name));
    }

    [Fact]
    public void Batch_norm_and_dropout_go_on_as_if_unbooked()
    {
        double[] Run(bool books)
        {
            Rng.Seed(11);
            var model = Noisy();
            var optimizer = new Adam(model.Parameters(), 0.01);
            var (ledger, loss) = (new LossLedger(model, optimizer), LossOf(model));
            for (var i = 0; i < 3; i++)
            {
                if (books) ledger.Step(loss);
                else optimizer.Step(loss);
            }
            return [.. Numbers(model), Rng.Default.NextDouble()];
        }
        Assert.Equal(Run(false), Run(true));
    }

    [Fact]
    public void With_the_same_random_numbers_the_remainder_is_cubic_under_batch_norm_and_dropout()
    {
        double Remainder(double rate)
        {
            Rng.Seed(12);
            var model = Noisy().To(DType.Float64);
            return new LossLedger(model, new Sgd(model.Parameters(), rate)).Step(LossOf(model, DType.Float64)).Remainder;
        }
        Assert.InRange(Remainder(4e-4) / Remainder(2e-4), 7.2, 8.8);
    }

    [Fact]
    public void A_loss_that_is_another_each_time_is_an_error()
    {
        var (model, count) = (Network(), 0);
        var (ledger, loss) = (new LossLedger(model, new Sgd(model.Parameters(), 0.1)), LossOf(model));
        var error = Assert.Throws<InvalidOperationException>(() => ledger.Step(() => loss() * ++count));
        Assert.Contains("draw the batch before the step", error.Message);
        Assert.Empty(ledger.Steps);
    }

    [Fact]
    public void A_step_of_ones_own_is_booked_and_frozen_parameters_are_not()
    {
        var model = Network();
        var frozen = ((Linear)model[0]).Weight;
        frozen.RequiresGrad = false;
        var (optimizer, loss) = (new Sgd(model.Parameters(), 0.1), LossOf(model));
        var ledger = new LossLedger(model, optimizer);
        ledger.Step(loss, () =>
        {
            optimizer.ZeroGrad();
            loss().Backward();
            GradientClipping.ByNorm(optimizer.Parameters, 1e-3);
            optimizer.Step();
        });
        var step = Assert.Single(ledger.Steps);
        // The step is along the clipped gradient: its first order is at most rate · norm · |g|, far below that of a whole step.
        Assert.InRange(step.FirstOrder, -1e-3, -1e-9);
        Assert.Equal(["0.bias", "2.weight", "2.bias"], step.Parameters.Select(part => part.Name));
    }

    [Fact]
    public void The_table_and_the_totals_name_the_layers()
    {
        var model = Network();
        var (ledger, loss) = (new LossLedger(model, new Sgd(model.Parameters(), 0.05)), LossOf(model));
        for (var i = 0; i < 5; i++) ledger.Step(loss);
        Assert.Equal(["0: Linear(3 -> 8)", "2: Linear(8 -> 1)"], ledger.Total.Layers.Select(layer => layer.Layer));
        var text = ledger.Total.ToString();
        Assert.StartsWith("5 steps: the loss fell by 0.", text);
        Assert.Contains(" earned ", text);
        Assert.Contains("100.0 %", text);
        Assert.Contains("remainder", ledger.Steps[0].ToString());
    }
}
