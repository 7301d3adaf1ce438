namespace MicroGrad.Net.Tests;

public class NonFiniteTests
{
    static double[][] Weights(Module model) => [.. model.State().Select(named => named.Variable.ToDoubles())];

    /// <summary>Trains; the loss takes a logarithm of numbers that shrink until one is negative.</summary>
    static (string Message, Trainer<Tensor> Trainer, Sequential Model, List<double[][]> Before) Fail(Func<Tensor, Tensor, Tensor> loss,
        Module? inside = null, double rate = 0.1)
    {
        var model = new Sequential(new Linear(2, 1, rng: new Rng(1)), inside ?? new Identity());
        foreach (var parameter in model.Parameters()) parameter.Assign(Tensor.Ones(parameter.Shape));
        var before = new List<double[][]>();
        var trainer = new Trainer<Tensor>(model, new Sgd(model.Parameters(), rate), loss) { AfterStep = _ => before.Add(Weights(model)) };
        var x = Tensor.Ones([8, 2]);
        var error = Assert.Throws<NonFiniteException>(() => trainer.Fit(Batches.Of(x, x[.., 0].Reshape(8, 1), 4, shuffle: false), epochs: 100));
        return (error.Message, trainer, model, before);
    }

    [Fact]
    public void A_loss_that_becomes_NaN_is_named_with_its_origin_and_the_weights_stay()
    {
        var (message, trainer, model, before) = Fail((p, _) => p.Log().Mean());
        Assert.Matches(@"^Training stopped at epoch \d+, step [12]: the loss is NaN\. Origin: forward of 'log' gave \[4, 1\]", message);
        Assert.Contains("NonFiniteTests.cs:", message);
        Assert.Equal(before[^1], Weights(model));
        Assert.All(model.Parameters(), parameter => Assert.Null(parameter.Grad));
        Assert.True(trainer.History.Count > 0 && trainer.History[History.Loss].All(double.IsFinite));
        Assert.True(model.IsTraining && Gradients.Enabled);
    }

    [Fact]
    public void A_gradient_that_is_infinite_under_a_finite_loss_stops_before_the_step()
    {
        // The root of exactly 0: finite value, infinite slope.
        var (message, _, model, before) = Fail((p, _) => (p - 3).Sqrt().Mean());
        Assert.Matches(@"^Training stopped at epoch 1, step 1: the gradient of parameter 0\.weight \[1, 2\] is not finite\. Origin: backward of 'sqrt'", message);
        Assert.Empty(before);
        Assert.All(Weights(model), values => Assert.All(values, value => Assert.Equal(1, value)));
    }

    [Fact]
    public void Buffers_are_put_back_and_random_layers_repeat_their_numbers()
    {
        var (message, _, model, _) = Fail((p, _) => p.Log().Mean(), new Sequential(new Dropout(0.5), new Counts()), rate: 0);
        Assert.Contains("forward of 'log' gave [4, 1]", message);
        Assert.Contains("infinite", message);
        var calls = model.State().Single(named => named.Name == "1.1.calls").Variable.Item();
        Assert.Equal(0, calls % 1);
        // Dropout first leaves 0 somewhere in the first or second step: as many calls as completed steps.
        Assert.True(calls <= 1, $"{calls}");
    }

    [Theory]
    [InlineData("all ignored")]
    [InlineData("no pairs")]
    [InlineData("weights of 0")]
    public void A_batch_with_nothing_to_learn_from_does_not_end_a_training(string why)
    {
        var model = new Sequential(new Linear(2, 3, rng: new Rng(1)));
        var weights = Tensor.From([3], [0f, 1, 2]);
        var trainer = new Trainer<int[]>(model, new Sgd(model.Parameters(), 0.1), (p, y) => why switch
        {
            "all ignored" => Losses.CrossEntropy(p, y, ignoreIndex: 0),
            "no pairs" => Losses.Circle(p, y),
            _ => Losses.CrossEntropy(p, y, weights),
        });
        int[] labels = [0, 0, 0, 0, 1, 2, 1, 2];         // the first batch has nothing to say
        trainer.Fit(Batches.Of(Tensor.Normal([8, 2], rng: new Rng(2)), labels, 4, shuffle: false), epochs: 3);
        Assert.Equal(3, trainer.History.Count);
        Assert.All(trainer.History[History.Loss], loss => Assert.True(double.IsFinite(loss) && loss > 0));
    }

    [Fact]
    public void Data_that_is_not_finite_is_named_itself()
    {
        var x = Tensor.From([3, 1], [1f, float.NaN, 2]);
        var model = new Sequential(new Linear(1, 1));
        var trainer = new Trainer<Tensor>(model, new Sgd(model.Parameters(), 0.1), (p, t) => Losses.MeanSquaredError(p, t));
        Assert.Contains("the input of the batch [3, 1] has values that are not finite, the first in its row 1.",
            Assert.Throws<NonFiniteException>(() => trainer.Fit(Batches.Of(x, Tensor.Ones([3, 1]), 3, shuffle: false))).Message);
        var target = Assert.Throws<NonFiniteException>(() => trainer.Fit(Batches.Of(Tensor.Ones([3, 1]), x, 3, shuffle: false))).Message;
        Assert.StartsWith("Training stopped at epoch 1, step 1: the loss takes no such target (mean squared error: target[1, 0] is NaN, "
            + "but must be a number.). Origin: the target of the batch [3, 1] has values that are not finite, the first in its row 1.", target);
        model.Parameters()[1].Assign(Tensor.From([1], [float.PositiveInfinity]));
        Assert.Contains("0.bias [1] itself has values that are not finite",
            Assert.Throws<NonFiniteException>(() => trainer.Fit(Batches.Of(Tensor.Ones([3, 1]), Tensor.Ones([3, 1])))).Message);
    }

    sealed class Identity : Module
    {
        protected override Tensor Compute(Tensor input) => input;
    }

    sealed class Counts : Module
    {
        public ModuleBuffer Calls { get; } = new(Tensor.Zeros([]));

        protected override Tensor Compute(Tensor input)
        {
            Calls.Assign(Calls.Detach() + 1);
            return input;
        }
    }
}
