using static MicroGrad.Net.Tests.Numbers;

namespace MicroGrad.Net.Tests;

public sealed class LayerTests
{
    [Fact]
    public void Linear_is_the_input_times_the_transposed_weight_plus_the_bias()
    {
        var layer = new Linear(3, 2);
        layer.Weight.Assign(Tensor.From([2, 3], [1f, 2, 3, 4, 5, 6]));
        layer.Bias!.Assign(Tensor.From([2], [10f, 20]));
        Equal([1, 2], [24, 52], layer.Forward(Tensor.From([1, 3], [1f, 2, 3])));
        Equal([2], [24, 52], layer.Forward(Tensor.From([3], [1f, 2, 3])));
        Equal([2, 1, 2], [24, 52, 16, 35], layer.Forward(Tensor.From([2, 1, 3], [1f, 2, 3, 1, 1, 1])));
        Assert.Equal(Shape.Of(0, 2), layer.Forward(Tensor.Zeros([0, 3])).Shape);
        Assert.Null(new Linear(3, 2, bias: false).Bias);
    }

    [Fact]
    public void Linear_says_what_it_expects()
    {
        var layer = new Linear(784, 128);
        Assert.Equal("Linear(784 -> 128) expects [..., 784] but got [32, 1, 28, 28]: flatten first?",
            Message<ShapeException>(() => layer.Forward(Tensor.Zeros([32, 1, 28, 28]))));
        Assert.Equal("Linear(784 -> 128) expects [..., 784] but got [32, 10].",
            Message<ShapeException>(() => layer.Forward(Tensor.Zeros([32, 10]))));
        Assert.Equal("Linear(784 -> 128) expects [..., 784] but got [].", Message<ShapeException>(() => layer.Forward(Tensor.Scalar(1))));
        Assert.Equal("Linear(2 -> 1, no bias)", new Linear(2, 1, bias: false).Describe());
        Assert.Equal("Linear: inputs is 0, but must be positive.", Message<ArgumentOutOfRangeException>(() => new Linear(0, 1)));
        Assert.Equal("Linear: outputs is -1, but must be positive.", Message<ArgumentOutOfRangeException>(() => new Linear(1, -1)));
    }

    [Fact]
    public void Linear_starts_within_one_over_the_root_of_its_inputs()
    {
        var layer = new Linear(400, 300, rng: new Rng(1));
        foreach (var parameter in layer.Parameters())
        {
            var values = parameter.ToDoubles();
            Assert.InRange(values.Max(), 0.045, 0.05);
            Assert.InRange(values.Min(), -0.05, -0.045);
        }
        SameBits(layer.Weight, new Linear(400, 300, rng: new Rng(1)).Weight);
    }

    [Fact]
    public void Dropout_drops_in_training_and_keeps_the_expectation()
    {
        var dropout = new Dropout(0.3, new Rng(1));
        var y = dropout.Forward(Tensor.Full([100_000], 2)).ToDoubles();
        var kept = y.Where(v => v != 0).ToArray();
        Assert.All(kept, v => Assert.Equal(2 / 0.7, v, 1e-6));
        Assert.Equal(0.7, kept.Length / 100_000.0, 0.01);
        Assert.Equal(2, y.Average(), 0.02);
    }

    [Fact]
    public void Dropout_draws_anew_each_time_and_by_its_seed()
    {
        var (x, a, b) = (Tensor.Ones([100]), new Dropout(0.5, new Rng(1)), new Dropout(0.5, new Rng(1)));
        var first = a.Forward(x);
        SameBits(first, b.Forward(x));
        Assert.NotEqual(Bits(first), Bits(a.Forward(x)));
    }

    [Fact]
    public void Dropout_passes_gradients_where_it_passed_values()
    {
        var x = Leaf(Tensor.Normal([50], rng: new Rng(2)));
        var y = new Dropout(0.5, new Rng(1)).Forward(x);
        y.Sum().Backward();
        Assert.Equal(y.ToDoubles().Select(v => v != 0 ? 2.0 : 0), x.Grad!.ToDoubles());
    }

    [Fact]
    public void Dropout_does_nothing_in_evaluation_or_at_0_and_everything_at_1()
    {
        var x = Tensor.Normal([20], rng: new Rng(1));
        Assert.Same(x, new Dropout(0.9).Eval().Forward(x));
        Assert.Same(x, new Dropout(0).Forward(x));
        Assert.All(new Dropout(1).Forward(x).ToDoubles(), v => Assert.Equal(0, v));
        Assert.Same(x, new Dropout(1).Eval().Forward(x));
        Assert.Equal("Dropout: probability is 1.5, but must be from 0 to 1.", Message<ArgumentOutOfRangeException>(() => new Dropout(1.5)));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Dropout(double.NaN));
    }

    static void Bounded(double bound, Tensor values)
    {
        var v = values.ToDoubles();
        Assert.InRange(v.Max(), 0.97 * bound, bound);
        Assert.InRange(v.Min(), -bound, -0.97 * bound);
        Assert.Equal(bound / Math.Sqrt(3), Math.Sqrt(v.Average(e => e * e)), 0.03 * bound);
    }

    static void Spread(double deviation, Tensor values)
    {
        var v = values.ToDoubles();
        Assert.Equal(0, v.Average(), 0.05 * deviation);
        Assert.Equal(deviation, Math.Sqrt(v.Average(e => e * e)), 0.03 * deviation);
        Assert.True(v.Max() > 2.5 * deviation);
    }

    [Fact]
    public void Initialisers_have_PyTorchs_bounds_and_deviations()
    {
        var rng = new Rng(1);
        Bounded(Math.Sqrt(6.0 / 50), Init.KaimingUniform([100, 50], rng: rng));
        Bounded(Math.Sqrt(6.0 / 100), Init.KaimingUniform([100, 50], mode: FanMode.Out, rng: rng));
        Bounded(5.0 / 3 * Math.Sqrt(3.0 / 50), Init.KaimingUniform([100, 50], gain: Gain.Tanh, rng: rng));
        Bounded(Math.Sqrt(6.0 / (5 * 9)), Init.KaimingUniform([100, 5, 3, 3], rng: rng));
        Bounded(Math.Sqrt(6.0 / 150), Init.XavierUniform([100, 50], rng: rng));
        Bounded(2 * Math.Sqrt(6.0 / (9 * 105)), Init.XavierUniform([100, 5, 3, 3], gain: 2, rng: rng));
        Spread(Math.Sqrt(2.0 / 50), Init.KaimingNormal([100, 50], rng: rng));
        Spread(1 / Math.Sqrt(100), Init.KaimingNormal([100, 50], gain: Gain.Linear, mode: FanMode.Out, rng: rng));
        Spread(Math.Sqrt(2.0 / 150), Init.XavierNormal([100, 50], rng: rng));
        Spread(3, Init.Normal([5000], 0, 3, rng));
        Bounded(4, Init.Uniform([5000], -4, 4, rng));
        Assert.All(Init.Zeros([3]).ToDoubles(), v => Assert.Equal(0, v));
        Assert.Equal(DType.Float64, Init.XavierNormal([2, 2], dtype: DType.Float64).DType);
        Assert.Equal("init: fans need [outputs, inputs, ...], but got [5].", Message<ShapeException>(() => Init.XavierUniform([5])));
    }

    [Fact]
    public void Gains_are_PyTorchs()
    {
        Assert.Equal((1, 5.0 / 3, Math.Sqrt(2), 0.75), (Gain.Linear, Gain.Tanh, Gain.Relu, Gain.Selu));
        Assert.Equal(Math.Sqrt(2 / 1.04), Gain.LeakyRelu(0.2), 1e-15);
    }

    [Theory]
    [InlineData(5, 3, 1.0)]
    [InlineData(3, 5, 1.0)]
    [InlineData(4, 4, 2.0)]
    [InlineData(1, 6, 1.0)]
    public void Orthogonal_matrices_are_orthogonal_whichever_way_they_are_longer(int rows, int columns, double gain)
    {
        var q = Init.Orthogonal([rows, columns], gain, new Rng(1), DType.Float64);
        var product = rows >= columns ? q.MatMul(q, transposeLeft: true) : q.MatMul(q, transposeRight: true);
        Close((Tensor.Eye(Math.Min(rows, columns), DType.Float64) * (gain * gain)).ToDoubles(), product, 1e-13);
        SameBits(q, Init.Orthogonal([rows, columns], gain, new Rng(1), DType.Float64));
    }

    [Fact]
    public void Orthogonal_takes_windows_as_columns_and_refuses_vectors()
    {
        var q = Init.Orthogonal([4, 3, 2, 2], rng: new Rng(1), dtype: DType.Float64);
        Assert.Equal(Shape.Of(4, 3, 2, 2), q.Shape);
        var flat = q.Reshape(4, 12);
        Close(Tensor.Eye(4).ToDoubles(), flat.MatMul(flat, transposeRight: true), 1e-13);
        Assert.Equal("orthogonal: expects [outputs, inputs, ...], but got [4].", Message<ShapeException>(() => Init.Orthogonal([4])));
    }

    [Fact]
    public void Orthogonal_matrices_favour_no_rotation()
    {
        // Without the signs of R the first entry would be of one sign: its mean would not vanish.
        var rng = new Rng(3);
        Assert.Equal(0, Enumerable.Range(0, 400).Average(_ => Init.Orthogonal([2, 2], rng: rng, dtype: DType.Float64)[0, 0].Item()), 0.12);
    }
}
