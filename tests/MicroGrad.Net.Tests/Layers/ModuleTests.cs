using static MicroGrad.Net.Tests.Numbers;

namespace MicroGrad.Net.Tests;

public sealed class ModuleTests
{
    class Base : Module
    {
        protected readonly Parameter _baseWeight = new(Tensor.Zeros([1]));

        protected override Tensor Compute(Tensor input) => input;
    }

    sealed class Everything : Base
    {
        readonly Parameter _hidden = new(Tensor.Zeros([2]));
        public Parameter RunningMean { get; } = new(Tensor.Zeros([3]));
        public Parameter W1 = new(Tensor.Zeros([4]));
        readonly List<Linear> _layers = [new(2, 3), new(3, 2, bias: false)];
        readonly Module?[] blocks = [new Sequential(new Linear(1, 1)), null, new Relu()];
        readonly Dictionary<string, Module> _byName = new() { ["left"] = new Linear(1, 2), ["right"] = new Dropout() };
        public (Linear Gate, string Label) Pair { get; } = (new Linear(1, 1, bias: false), "gate");
        public readonly Tensor Constant = Tensor.Ones([5]);
        public string Text = "text";
        public int[] Numbers = [1, 2];
        public Func<Tensor, Tensor>? Function = x => x;
        public Parameter? Missing { get; set; }

        public Parameter Hidden => _hidden;
    }

    [Fact]
    public void Parameters_come_in_order_with_the_names_of_their_paths() => Assert.Equal(
        [
            "base_weight", "hidden", "running_mean", "w1", "layers.0.weight", "layers.0.bias", "layers.1.weight", "blocks.0.0.weight",
            "blocks.0.0.bias", "by_name.left.weight", "by_name.left.bias", "pair.0.weight",
        ], new Everything().NamedParameters().Select(named => named.Name));

    [Fact]
    public void A_sequence_names_as_PyTorch_does()
    {
        var model = new Sequential(new Linear(2, 3), new Relu(), new Sequential(new Linear(3, 1, bias: false)));
        Assert.Equal(["0.weight", "0.bias", "2.0.weight"], model.NamedParameters().Select(named => named.Name));
        Assert.Equal(["0.weight", "0.bias", "2.0.weight"], model.Parameters().Select(parameter => parameter.Name));
        Assert.Equal((3, 3), (model.Count, model.Parameters().Count));
        Assert.IsType<Relu>(model[1]);
    }

    [Fact]
    public void Modules_and_generators_come_with_their_paths()
    {
        var rng = new Rng(1);
        var model = new Sequential(new Linear(2, 3), new Sequential(new Dropout(0.5, rng)));
        Assert.Equal([("", model), ("0", model[0]), ("1", model[1]), ("1.0", ((Sequential)model[1])[0])], model.NamedModules());
        Assert.Same(rng, Assert.Single(model.Generators()).Rng);
    }

    [Fact]
    public void A_name_given_by_the_user_stays()
    {
        var model = new Sequential(new Linear(2, 3));
        ((Linear)model[0]).Weight.Name = "mine";
        Assert.Equal("0.weight", model.NamedParameters()[0].Name);
        Assert.Equal("mine", model.Parameters()[0].Name);
    }

    [Fact]
    public void A_shared_parameter_comes_once_by_its_first_path()
    {
        var shared = new Linear(2, 2);
        var model = new Sequential(shared, new Tanh(), shared);
        Assert.Equal(["0.weight", "0.bias"], model.NamedParameters().Select(named => named.Name));
        Assert.Equal(3, model.Modules().Count);     // the sequence, the shared layer, the tanh
    }

    sealed class Tied : Module
    {
        public Parameter Embedding = new(Tensor.Zeros([2]));
        public Module Inner { get; } = new Circular();
        public Parameter Output;

        public Tied() => Output = Embedding;

        protected override Tensor Compute(Tensor input) => input;
    }

    [Fact]
    public void Tied_parameters_come_once_so_that_an_optimizer_takes_them()
    {
        var model = new Tied();
        Assert.Equal(["embedding", "inner.weight"], model.NamedParameters().Select(named => named.Name));
        Assert.Equal(2, new Sgd(model.Parameters(), 0.1).Parameters.Count);
    }

    sealed class Changing : Module
    {
        public Module Inner { get; set; } = new Linear(1, 1);
        public List<Module> More { get; } = [];

        protected override Tensor Compute(Tensor input) => Inner.Forward(input);
    }

    [Fact]
    public void A_module_put_in_later_is_found()
    {
        var model = new Changing();
        Assert.Equal(2, model.Parameters().Count);
        model.Inner = new Linear(1, 7, bias: false);
        model.More.Add(new Linear(7, 1));
        Assert.Equal([[7, 1], [1, 7], [1]], model.Parameters().Select(parameter => parameter.Shape.ToArray()));
        Assert.Equal(["inner.weight", "more.0.weight", "more.0.bias"], model.Parameters().Select(parameter => parameter.Name));
        model.Eval();
        Assert.False(model.More[0].IsTraining);
    }

    sealed class Circular : Module
    {
        public Circular? Next { get; set; }
        public Parameter Weight = new(Tensor.Zeros([1]));

        protected override Tensor Compute(Tensor input) => input;
    }

    [Fact]
    public void Modules_that_know_each_other_are_walked_once()
    {
        var (a, b) = (new Circular(), new Circular());
        (a.Next, b.Next) = (b, a);
        Assert.Equal(["next.weight", "weight"], a.NamedParameters().Select(named => named.Name));
    }

    [Fact]
    public void Kept_modes_come_back_each_to_its_module()
    {
        var model = new Sequential(new Linear(1, 1), new Sequential(new Dropout(), new Tanh()), new BatchNorm1D(1));
        model[1].Eval();
        ((Sequential)model[1])[1].Train();
        var modes = model.Modules().Select(module => module.IsTraining).ToArray();
        Assert.Equal([true, true, false, false, true, true], modes);
        using (var kept = model.KeepModes())
        {
            model.Eval();
            kept.Restore();
            Assert.Equal(modes, model.Modules().Select(module => module.IsTraining));
            model.Eval();
        }
        Assert.Equal(modes, model.Modules().Select(module => module.IsTraining));
    }

    [Fact]
    public void Train_and_Eval_reach_nested_modules()
    {
        var dropout = new Dropout();
        var model = new Sequential(new Linear(1, 1), new Sequential(new Sequential(dropout)));
        Assert.True(dropout.IsTraining);
        Assert.Same(model, model.Eval());
        Assert.All(model.Modules(), module => Assert.False(module.IsTraining));
        model.Train();
        Assert.All(model.Modules(), module => Assert.True(module.IsTraining));
        model.Train(false);
        Assert.False(dropout.IsTraining);
    }

    [Fact]
    public void Conversion_to_another_number_type_keeps_identity_and_values()
    {
        var model = new Sequential(new Linear(2, 3), new Relu(), new Linear(3, 1));
        var weight = model.Parameters()[0];
        var frozen = model.Parameters()[1];
        frozen.RequiresGrad = false;
        var before = weight.ToDoubles();
        model.Forward(Tensor.Ones([1, 2])).Backward();
        model.To(DType.Float64);
        Assert.All(model.Parameters(), parameter => Assert.Equal((DType.Float64, null), (parameter.DType, parameter.Grad)));
        Assert.Same(weight, model.Parameters()[0]);
        Assert.Equal(before, weight.ToDoubles());
        Assert.False(frozen.RequiresGrad);
        model.Forward(Tensor.Ones([1, 2], DType.Float64)).Backward();
        Assert.Equal(DType.Float64, weight.Grad!.DType);
        Assert.Null(frozen.Grad);
        Assert.Throws<DTypeException>(() => model.Forward(Tensor.Ones([1, 2])));
    }

    [Fact]
    public void An_optimizer_goes_on_after_a_conversion()
    {
        var model = new Linear(2, 1);
        var adam = new Adam(model.Parameters(), 0.1);
        model.Forward(Tensor.Ones([1, 2])).Backward();
        adam.Step();
        model.To(DType.Float64);
        var before = model.Weight.ToDoubles();
        model.Forward(Tensor.Ones([1, 2], DType.Float64)).Backward();
        adam.Step();
        Assert.Equal(before[0] - 0.1, model.Weight.ToDoubles()[0], 1e-6);
    }

    [Fact]
    public void A_model_prints_as_a_tree_with_counts() => Assert.Equal("""
        Sequential                              1,234
          0: Linear(16 -> 64)                   1,088
          1: LeakyRelu(0.01)
          2: Sequential                           146
            0: Dropout(0.5)
            1: Linear(64 -> 2, no bias)           128
            2: Linear(2 -> 6)                      18
            3: Softmax(axis -1)
        """.ReplaceLineEndings("\n"),
        new Sequential(new Linear(16, 64), new LeakyRelu(),
            new Sequential(new Dropout(), new Linear(64, 2, bias: false), new Linear(2, 6), new Softmax())).ToString().ReplaceLineEndings("\n"));

    [Fact]
    public void Activation_modules_compute_what_their_ops_do()
    {
        var x = Tensor.Normal([3, 4], 0, 2, new Rng(1));
        foreach (var (module, expected) in new (Module, Tensor)[]
        {
            (new Relu(), x.Relu()), (new LeakyRelu(0.2), x.LeakyRelu(0.2)), (new Elu(2), x.Elu(2)), (new Selu(), x.Selu()),
            (new Celu(2), x.Celu(2)), (new Gelu(), x.Gelu()), (new Gelu(true), x.Gelu(true)), (new Silu(), x.Silu()), (new Mish(), x.Mish()),
            (new Tanh(), x.Tanh()), (new Sigmoid(), x.Sigmoid()), (new LogSigmoid(), x.LogSigmoid()), (new Softplus(2), x.Softplus(2)),
            (new Softsign(), x.Softsign()), (new HardTanh(-2, 1), x.HardTanh(-2, 1)), (new HardSigmoid(), x.HardSigmoid()),
            (new HardSwish(), x.HardSwish()), (new Softmax(0), x.Softmax(0)), (new LogSoftmax(), x.LogSoftmax()), (new Identity(), x),
            (new Lambda(t => t * 2), x * 2), (new Flatten(), x), (new Flatten(0), x.Reshape(12)),
        })
        {
            SameBits(expected, module.Forward(x));
            Assert.Empty(module.Parameters());
        }
        Assert.Equal(["Celu(2)", "Gelu(tanh)", "HardTanh(-1 to 1)", "LogSoftmax(axis 1)", "Flatten"],
            new Module[] { new Celu(2), new Gelu(true), new HardTanh(), new LogSoftmax(1), new Flatten() }.Select(module => module.Describe()));
    }
}
