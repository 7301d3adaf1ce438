namespace MicroGrad.Net.Tests;

public class ModelStateTests
{
    [Fact]
    public void All_that_a_model_holds_is_put_back_to_the_bits()
    {
        var model = new Sequential(new Linear(2, 3, rng: new Rng(1)), new BatchNorm1D(3), new Dropout(0.5, new Rng(2)), new Linear(3, 1, rng: new Rng(3)));
        model[1].Eval();
        var x = Tensor.Normal([4, 2], rng: new Rng(4));
        model.Forward(x).Sum().Backward();
        object All() => (
            string.Join(';', model.State().Select(named => $"{named.Variable.DType} {string.Join(' ', named.Variable.ToDoubles())}")),
            string.Join(';', model.Parameters().Select(parameter => string.Join(' ', parameter.Grad!.ToDoubles()))),
            string.Join(';', model.Generators().Select(named => named.Rng.State.ToString())), Rng.Default.State.ToString(),
            string.Join(' ', model.Modules().Select(module => module.IsTraining)));
        var before = All();
        using (ModelState.Of(model))
        {
            model.Train();
            model.Forward(x).Sum().Backward();
            new Sgd(model.Parameters(), 0.1).Step();
            model.To(DType.Float64);
            Rng.Default.NextDouble();
            Assert.NotEqual(before, (object)model.State()[0].Variable.DType);
            model.Parameters()[0].Grad = null;
            model.Forward(x.To(DType.Float64)).Sum().Backward();
        }
        Assert.Equal(before, All());
    }

    [Fact]
    public void Rewinding_repeats_a_forward_and_keeps_what_was_learnt()
    {
        var model = new Sequential(new BatchNorm1D(2), new Dropout(0.5, new Rng(2)));
        var x = Tensor.Normal([8, 2], rng: new Rng(4));
        using var state = ModelState.Of(model);
        var first = model.Forward(x).ToDoubles();
        var parameter = model.Parameters()[0];
        Assert.NotEqual(first, model.Forward(x).ToDoubles());
        state.Rewind();
        Assert.Equal(first, model.Forward(x).ToDoubles());
        parameter.Assign(parameter * 2);
        state.Rewind();
        Assert.Equal(2, parameter.ToDoubles()[0]);
        state.Restore();
        Assert.Equal(1, parameter.ToDoubles()[0]);
    }

    [Fact]
    public void Values_alone_are_taken_again_and_leave_gradients()
    {
        var parameter = new Parameter(Tensor.Ones([2]));
        var state = ModelState.OfValues([parameter]);
        parameter.Assign(Tensor.Full([2], 5));
        state.TakeValues();
        Assert.Equal("ModelState: parameter (unnamed) [1] is not among the variables that were kept.",
            Assert.Throws<ArgumentException>(() => state[new Parameter(Tensor.Ones([1]))]).Message);
        (parameter * 3).Sum().Backward();
        parameter.Assign(Tensor.Zeros([2]));
        Assert.Equal([5, 5], state[parameter].ToDoubles());
        state.Restore();
        Assert.Equal([5, 5], parameter.ToDoubles());
        Assert.Equal([3, 3], parameter.Grad!.ToDoubles());
    }
}
