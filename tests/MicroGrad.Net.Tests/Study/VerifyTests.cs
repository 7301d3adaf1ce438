using MicroGrad.Net.Tests.Proof;

namespace MicroGrad.Net.Tests.Study;

public sealed class VerifyTests
{
    /// <summary>tanh with a slope that is wrong by a factor.</summary>
    sealed class WrongTanh(double factor = 1.01) : Module
    {
        protected override Tensor Compute(Tensor input) => Node.Record("wrong tanh", input.Detach().Tanh(),
            (input, g => g * (1 - input.Tanh().Square()) * factor));
    }

    /// <summary>tanh with a slope that is right, but of which the tape does not know that it changes.</summary>
    sealed class ForgetfulTanh : Module
    {
        protected override Tensor Compute(Tensor input) => Node.Record("forgetful tanh", input.Detach().Tanh(),
            (input, g => g * (1 - input.Tanh().Square()).Detach()));
    }

    /// <summary>x·weight, the gradient of which is wrong in the weight alone.</summary>
    sealed class WrongScale : Module
    {
        public Parameter Weight { get; } = new(Tensor.From([3], [0.5f, 1, 2]));

        protected override Tensor Compute(Tensor input) => Node.Record("wrong scale", input.Detach() * Weight.Detach(),
            (input, g => g * Weight), (Weight, g => g * input * 2));
    }

    /// <summary>A module whose layers nobody sees from outside.</summary>
    sealed class Net(Module middle) : Module
    {
        readonly Linear _first = new(2, 3, rng: new Rng(1)), _last = new(3, 2, rng: new Rng(2));

        protected override Tensor Compute(Tensor input) => _last.Forward(middle.Forward(_first.Forward(input)));
    }

    /// <summary>A layer called as its row in the gradient table calls it.</summary>
    sealed class Called(GradientRow row, ModuleBase layer) : Module
    {
        protected override Tensor Compute(Tensor input) => row.Call(layer, input);
    }

    static readonly Tensor s_x = Tensor.Normal([5, 2], 0, 1, new Rng(8));

    static Linear Layer(int inputs, int outputs) => new(inputs, outputs, rng: new Rng(4));

    static Sequential Around(Module middle) => new(Layer(2, 3), middle, Layer(3, 2));

    static string Fault(Module model, Tensor? x = null) =>
        Numbers.Message<GradientException>(() => Verify.Gradients(model, x ?? s_x));

    public static TheoryData<string> Layers =>
        [.. GradientTable.Rows.Where(row => row.Layer is not null && row.Order == 2).Select(row => row.Name)];

    [Theory]
    [MemberData(nameof(Layers))]
    public void Every_layer_of_the_library_is_sound(string name)
    {
        var row = GradientTable.Named(name);
        GradientProof.ForCases(row, 2, @case =>
        {
            var (layer, values) = (row.Layer!(), @case.Tensors(@case.Values(), DType.Float32));
            foreach (var (parameter, value) in layer.Parameters().Zip(values.Skip(1))) parameter.Assign(value);
            var report = Verify.Gradients(new Called(row, layer), values[0]);
            Assert.True(report.Passed);
            Assert.True(report.Kinks == 0, $"{@case}: {report}");
        });
    }

    /// <summary>Of numbers, ids and numbers again to two outputs; the slope in the second numbers is wrong by a factor.</summary>
    sealed class Several(double factor = 1) : Module<(Tensor First, int[] Ids, Tensor Second), (Tensor Sum, Tensor Product)>
    {
        readonly Embedding _ids = new(4, 2, rng: new Rng(1));
        readonly Linear _layer = new(2, 2, rng: new Rng(2));

        protected override (Tensor Sum, Tensor Product) Compute((Tensor First, int[] Ids, Tensor Second) input)
        {
            var (x, y) = (_layer.Forward(input.First).Tanh(), input.Second.Sin());
            y = Node.Record("scaled", y.Detach(), (y, g => g * factor));
            return (x + _ids.Forward(input.Ids), x * y);
        }
    }

    [Fact]
    public void Several_inputs_and_outputs_are_checked_each()
    {
        var input = (First: s_x, Ids: (int[])[0, 3, 1, 1, 2], Second: s_x.Cos());
        var report = Verify.Gradients(new Several(), input);
        Assert.True(report.Passed);
        // 2 orders, 2 directions of each: two tensors, three parameters.
        Assert.Equal(2 * 2 * 5, report.Comparisons);
        Assert.Equal(DType.Float32, input.First.DType);
        Assert.Contains("first order along input 2", Numbers.Message<GradientException>(() => Verify.Gradients(new Several(1.1), input)),
            StringComparison.Ordinal);
        Assert.True(Verify.Gradients(new Several(), input, (Price: s_x.Exp(), Kind: (int[])[0, 1, 1, 0, 0]), (said, truth) =>
            Losses.MeanSquaredError(said.Sum, truth.Price) + Losses.CrossEntropy(said.Product, truth.Kind)).Passed);
        Assert.Contains("the loss: FAILED", Numbers.Message<GradientException>(() => Verify.Gradients(new Several(), input, 0,
            (said, _) => (said.Sum * said.Product.Detach()).Mean())), StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_of_ids_alone_is_checked_in_its_parameters()
    {
        var report = Verify.Gradients(new Looked(), [0, 2, 2]);
        Assert.Equal(2 * 2, report.Comparisons);
    }

    sealed class Looked : Module<int[], Tensor>
    {
        readonly Embedding _ids = new(4, 2, rng: new Rng(1));

        protected override Tensor Compute(int[] input) => _ids.Forward(input).Tanh();
    }

    [Fact]
    public void Sound_models_pass_with_their_loss()
    {
        var rng = new Rng(3);
        var model = new Sequential(new Conv2D(1, 3, 3, rng: rng), new BatchNorm2D(3), new Relu(), new MaxPool2D(2),
            new Flatten(), new Dropout(0.2, rng), new Residual(new Linear(12, 12, rng: rng)), new Linear(12, 4, rng: rng));
        var batch = new Batch<Tensor, int[]>(Tensor.Normal([6, 1, 6, 6], 0, 1, rng), [0, 1, 2, 3, 0, 1], [0, 1, 2, 3, 4, 5]);
        var report = Verify.Gradients(model, batch, (output, labels) => Losses.CrossEntropy(output, labels));
        Assert.True(report.Passed);
        Assert.True(report.Comparisons >= 36, report.ToString());

        var regression = Verify.Gradients(Around(new Tanh()), s_x, Tensor.Ones([5, 2]), (output, target) => Losses.MeanSquaredError(output, target));
        Assert.Equal(2 * 2 * 5, regression.Comparisons);        // orders, directions; four parameters and the input
        Assert.StartsWith("passed (20 comparisons, 0 at kinks), worst at ", regression.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Ids_cannot_be_moved_and_their_vectors_are_checked()
    {
        var model = new Sequential(new Embedding(4, 3, rng: new Rng(2)), new Gru(3, 2, rng: new Rng(2)));
        Assert.Equal(2 * 2 * 5, Verify.Gradients(model, Tensor.From([2, 3], [0f, 1, 3, 3, 0, 2])).Comparisons);
    }

    [Fact]
    public void The_layer_at_fault_is_named()
    {
        Assert.StartsWith("Verify.Gradients: the gradient is wrong in layer 1 (WrongTanh): FAILED", Fault(Around(new WrongTanh())), StringComparison.Ordinal);
        Assert.Contains("first order along input", Fault(Around(new WrongTanh(1.001))), StringComparison.Ordinal);
        Assert.Contains("layer 1 (WrongScale)", Fault(Around(new WrongScale())), StringComparison.Ordinal);
        Assert.Contains("along weight", Fault(Around(new WrongScale())), StringComparison.Ordinal);
        Assert.True(Verify.Gradients(Around(new WrongTanh(1)), s_x).Passed);
    }

    [Fact]
    public void A_slope_that_is_right_but_not_recorded_fails_at_second_order()
    {
        var message = Fault(Around(new ForgetfulTanh()));
        Assert.Contains("layer 1 (ForgetfulTanh)", message, StringComparison.Ordinal);
        Assert.Contains("second order", message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_innermost_layer_is_named()
    {
        var body = new Sequential(Layer(3, 3), new Sequential(new Tanh(), new WrongTanh()));
        Assert.Contains("layer 1.body.1.1 (WrongTanh)", Fault(Around(new Residual(body))), StringComparison.Ordinal);
        Assert.Contains("layer middle (WrongTanh)", Fault(new Net(new WrongTanh())), StringComparison.Ordinal);
        Assert.Contains("layer middle.1 (WrongScale)", Fault(new Net(new Sequential(new Tanh(), new WrongScale()))), StringComparison.Ordinal);
        Assert.Contains("the model itself (WrongTanh)", Fault(new WrongTanh()), StringComparison.Ordinal);
    }

    [Fact]
    public void A_gradient_that_is_cut_off_is_found() =>
        Assert.Contains("layer 1 (Lambda", Fault(Around(new Lambda(x => x.Detach().Tanh() + x))), StringComparison.Ordinal);

    [Fact]
    public void A_wrong_loss_is_named() =>
        Assert.Contains("the gradient is wrong in the loss: FAILED", Numbers.Message<GradientException>(() =>
            Verify.Gradients(Around(new Tanh()), s_x, 0, (output, _) => (output * output.Detach()).Mean())), StringComparison.Ordinal);

    [Fact]
    public void A_kink_is_not_taken_for_a_fault()
    {
        var report = Verify.Gradients(new Relu(), Tensor.Zeros([2, 3]));
        Assert.Equal((true, 4), (report.Passed, report.Kinks));
        Assert.Equal(0, Verify.Gradients(new Relu(), s_x).Kinks);
    }

    [Fact]
    public void NaN_fails() => Assert.Contains("NaN", Fault(new Lambda(x => (x - 100).Log())), StringComparison.Ordinal);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_model_is_left_as_it_was(bool fails)
    {
        var rng = new Rng(6);
        var model = new Sequential(new Linear(2, 4, rng: rng), new BatchNorm1D(4), new Dropout(0.5, rng), fails ? new WrongTanh() : new Tanh());
        model.Forward(s_x).Sum().Backward();
        var (state, random) = (model.State(), rng.State);
        var values = state.Select(named => Numbers.Bits(named.Variable)).ToArray();
        var grads = state.Select(named => named.Variable.Grad).ToArray();
        if (fails) Fault(model);
        else Verify.Gradients(model, s_x);
        Assert.All(state, named => Assert.Equal(DType.Float32, named.Variable.DType));
        Assert.Equal(values, state.Select(named => Numbers.Bits(named.Variable)));
        Assert.Equal(grads, state.Select(named => named.Variable.Grad));
        Assert.Equal(random, rng.State);
        Assert.True(model.IsTraining);
    }

    [Fact]
    public void It_works_where_recording_is_off()
    {
        using var off = Gradients.Off();
        Assert.True(Verify.Gradients(Around(new Tanh()), s_x).Passed);
    }

    sealed class Noise : Module
    {
        [NotAPart] readonly Rng _rng = new(1);

        protected override Tensor Compute(Tensor input) => input + Tensor.Normal(input.Shape, rng: _rng, dtype: input.DType);
    }

    [Fact]
    public void A_model_that_gives_other_values_each_time_is_not_called_wrong()
    {
        var message = Numbers.Message<GradientException>(() => Verify.Gradients(Around(new Noise()), s_x));
        Assert.Contains("other values each time", message, StringComparison.Ordinal);
        Assert.DoesNotContain("FAILED", message, StringComparison.Ordinal);
    }
}
