using static MicroGrad.Net.Tests.Numbers;

namespace MicroGrad.Net.Tests;

/// <summary>Parameters that a loss depends on and the optimizer does not have are told at the first step.</summary>
public sealed class UntrainedParameterTests
{
    sealed class Own(Func<Tensor, Tensor> forward, Module? part = null) : Module
    {
        public Linear Layer { get; } = new(2, 2);

        public Module? Part { get; set; } = part;

        protected override Tensor Compute(Tensor input) => forward(Layer.Forward(Part?.Forward(input) ?? input));
    }

    static Trainer<Tensor> Trainer(Module model, IEnumerable<IOptimizable>? parameters = null, bool allow = false) =>
        new(model, new Sgd(parameters ?? model.Parameters(), 0.1), (p, y) => Losses.MeanSquaredError(p, y)) { AllowUntrainedParameters = allow };

    static Batches<Tensor, Tensor> Data => Batches.Of(Tensor.Ones([4, 2]), Tensor.Ones([4, 2]), 2);

    static string Refusal(Trainer<Tensor> trainer) => Message<GradientException>(() => trainer.Fit(Data, epochs: 1));

    [Fact]
    public void A_captured_parameter_is_named()
    {
        var w = new Parameter(Tensor.Eye(2)) { Name = "w" };
        var model = new Sequential(new Linear(2, 2), new Lambda(x => x.MatMul(w)));
        var weights = model.Parameters()[0].ToDoubles();
        Assert.StartsWith("Trainer: the loss depends on parameter w [2, 2] (in matmul), which the optimizer does not have", Refusal(Trainer(model)), StringComparison.Ordinal);
        Assert.Equal(weights, model.Parameters()[0].ToDoubles());
        Assert.Null(w.Grad);
        Trainer(model, allow: true).Fit(Data, epochs: 1);
        Trainer(model, [.. model.Parameters(), w]).Fit(Data, epochs: 1);
        w.RequiresGrad = false;
        Trainer(model).Fit(Data, epochs: 1);
    }

    [Fact]
    public void A_layer_made_in_Forward_or_after_the_optimizer_is_named()
    {
        Assert.Contains("[2, 2] (in ", Refusal(Trainer(new Own(x => new Linear(2, 2, bias: false).Forward(x)))), StringComparison.Ordinal);
        var model = new Own(x => x);
        var trainer = Trainer(model);
        model.Part = new Linear(2, 2);
        Assert.Contains("parameter part.weight [2, 2] (in linear), parameter part.bias [2] (in linear)", Refusal(trainer), StringComparison.Ordinal);
        Assert.Contains("layer.weight", Refusal(Trainer(model, model.Part.Parameters())), StringComparison.Ordinal);
        foreach (var parameter in model.Layer.Parameters()) parameter.RequiresGrad = false;
        Trainer(model, model.Part.Parameters()).Fit(Data, epochs: 1);
    }

    [Fact]
    public void Inputs_that_require_gradients_are_no_parameters()
    {
        var push = Tensor.Zeros([2]);
        push.RequiresGrad = true;
        Trainer(new Own(x => x + push)).Fit(Data, epochs: 1);
        Assert.NotNull(push.Grad);
    }
}
