namespace MicroGrad.Net.Tests.Layers;

/// <summary>Normalising layers: running statistics, training and evaluation, names, and what they refuse.</summary>
public class NormLayerTests
{
    static Tensor Random(params int[] sizes) => Tensor.Normal(sizes, 3, 2, new Rng(2), DType.Float64);

    [Fact]
    public void Running_statistics_are_those_one_computes_by_hand()
    {
        var layer = new BatchNorm1D(2, momentum: 0.25);
        layer.To(DType.Float64);
        layer.Forward(Tensor.From([3, 2], [1.0, 10, 2, 20, 6, 60]));
        // Means 3 and 30; unbiased variances ((−2)² + (−1)² + 3²)/2 = 7 and 700.
        Assert.Equal([0.25 * 3, 0.25 * 30], layer.RunningMean.ToDoubles(), Near);
        Assert.Equal([0.75 + 0.25 * 7, 0.75 + 0.25 * 700], layer.RunningVar.ToDoubles(), Near);
        Assert.Equal(1, layer.NumBatchesTracked.Item());
    }

    [Fact]
    public void Without_momentum_all_batches_count_the_same()
    {
        var layer = new BatchNorm2D(1, momentum: null);
        layer.To(DType.Float64);
        double[] means = [.. Enumerable.Range(0, 5).Select(i =>
        {
            var x = Tensor.Normal([2, 1, 3, 3], i, 1, new Rng((ulong)i), DType.Float64);
            layer.Forward(x);
            return x.Mean().Item();
        })];
        Assert.Equal(means.Average(), layer.RunningMean.Item(), 1e-12);
    }

    [Fact]
    public void In_training_a_batch_gets_mean_0_and_variance_1_and_in_evaluation_the_running_ones_count()
    {
        var layer = new BatchNorm2D(3, epsilon: 0);
        layer.To(DType.Float64);
        var x = Random(4, 3, 5, 5);
        var y = layer.Forward(x);
        Assert.Equal([0, 0, 0], y.Mean([0, 2, 3]).ToDoubles(), Near);
        Assert.Equal([1, 1, 1], y.Variance([0, 2, 3], 0).ToDoubles(), Near);

        layer.Weight!.Assign(Tensor.Full([3], 2, DType.Float64));
        layer.Bias!.Assign(Tensor.Full([3], 5, DType.Float64));
        layer.Eval();
        var (mean, variance) = (layer.RunningMean.Reshape(3, 1, 1), layer.RunningVar.Reshape(3, 1, 1));
        Assert.Equal(((x - mean) / variance.Sqrt() * 2 + 5).ToDoubles(), layer.Forward(x).ToDoubles(), Near);
        Assert.Equal(1, layer.NumBatchesTracked.Item());
        Assert.Equal(Shape.Of(1, 3, 1, 1), layer.Forward(Random(1, 3, 1, 1)).Shape);
    }

    [Fact]
    public void The_composed_formula_gives_the_same()
    {
        var x = Random(4, 3, 5);
        var (w, b) = (Random(3), Random(3));
        var y = x.Standardized(1e-5, w, b, out var mean, out var variance);
        var plain = (x - x.Mean([0, 2], keepDims: true)) / (x.Variance([0, 2], 0, keepDims: true) + 1e-5).Sqrt();
        Assert.Equal((plain * w.Reshape(3, 1) + b.Reshape(3, 1)).ToDoubles(), y.ToDoubles(), Near);
        Assert.Equal(x.Mean([0, 2]).ToDoubles(), mean.ToDoubles(), Near);
        Assert.Equal(x.Variance([0, 2], 0).ToDoubles(), variance.ToDoubles(), Near);
    }

    [Theory]
    [InlineData(4, 3, 5)]
    [InlineData(9, 7, 1)]
    public void The_fused_gradients_are_those_of_the_composed_formula(int outer, int channels, int inner)
    {
        var seed = Tensor.Normal([outer, channels, inner], rng: new Rng(5), dtype: DType.Float64);
        foreach (var (hasWeight, hasBias) in new[] { (true, true), (true, false), (false, true), (false, false) })
        {
            var x = new Parameter(Random(outer, channels, inner));
            var (weight, bias) = (hasWeight ? new Parameter(Random(channels)) : null, hasBias ? new Parameter(Random(channels)) : null);
            Tensor[] inputs = [.. ((Tensor?[])[x, weight, bias]).OfType<Tensor>()];
            var y = x.Standardized(1e-5, weight, bias, out _, out _);
            var fused = Gradients.Of(y, inputs, seed: seed, retainTape: true);
            var composed = Gradients.Of(y, inputs, seed: seed, createGraph: true);
            foreach (var (a, b) in fused.Zip(composed)) Assert.Equal(b.ToDoubles(), a.ToDoubles(), (p, q) => Math.Abs(p - q) <= 1e-12 * (1 + Math.Abs(p)));
        }
    }

    [Fact]
    public void A_large_mean_costs_no_digits()
    {
        var x = Tensor.Normal([64, 2, 30], 0, 1, new Rng(3));
        var far = new BatchNorm1D(2).Forward((x.To(DType.Float64) + 4096).To(DType.Float32));
        var near = new BatchNorm1D(2).Forward(x);
        Assert.Equal(near.ToDoubles(), far.ToDoubles(), (a, b) => Math.Abs(a - b) < 2e-3);     // 4096 leaves x 4 decimals
    }

    [Fact]
    public void Layers_agree_where_their_groups_do()
    {
        var x = Random(3, 4, 5);
        var rows = new LayerNorm([4, 5], affine: false).Forward(x).ToDoubles();
        Assert.Equal(rows, new GroupNorm(1, 4, affine: false).Forward(x).ToDoubles(), Near);
        var channels = new InstanceNorm(4).Forward(x).ToDoubles();
        Assert.Equal(channels, new GroupNorm(4, 4, affine: false).Forward(x).ToDoubles(), Near);
        Assert.Equal(channels, new LayerNorm(5, affine: false).Forward(x).ToDoubles(), Near);
    }

    // Widths about a vector's, one whose rows are summed in several parts, and one wider than a block of a sum.
    [Theory]
    [InlineData(3, 1), InlineData(5, 3), InlineData(2, 8), InlineData(70, 19), InlineData(700, 100), InlineData(3, 9001)]
    public void Layer_norm_is_its_composed_form(int rows, int width)
    {
        var (x, seed) = (Random(rows, width), Random(rows, width));
        var layer = new LayerNorm(width);
        layer.To(DType.Float64);
        layer.Weight!.Assign(Random(width) + 3);
        layer.Bias!.Assign(Random(width));
        var deviation = x - x.Mean(1, keepDims: true);
        Assert.Equal((deviation / (x.Variance(1, 0, keepDims: true) + 1e-5).Sqrt() * layer.Weight + layer.Bias).ToDoubles(),
            layer.Forward(x).ToDoubles(), Near);

        x.RequiresGrad = true;
        Tensor[] inputs = [x, layer.Weight, layer.Bias];
        var fused = Gradients.Of(layer.Forward(x), inputs, seed: seed);
        var recorded = Gradients.Of(layer.Forward(x), inputs, createGraph: true, seed: seed);
        foreach (var (fast, slow) in fused.Zip(recorded)) Assert.Equal(slow.ToDoubles(), fast.ToDoubles(), Near);
    }

    [Fact]
    public void The_root_mean_square_becomes_1()
    {
        var y = new RmsNorm(6, affine: false).Forward(Random(3, 6));
        Assert.Equal([1, 1, 1], y.Square().Mean(1).ToDoubles(), Near);
    }

    [Fact]
    public void Names_and_shapes_of_the_state_are_PyTorchs()
    {
        var model = new Sequential(new BatchNorm2D(3), new LayerNorm([4, 5]), new GroupNorm(2, 4), new RmsNorm(5),
            new InstanceNorm(3), new InstanceNorm(3, affine: true), new BatchNorm1D(2, affine: false));
        Assert.Equal(
        [
            "0.weight [3]", "0.bias [3]", "0.running_mean [3]", "0.running_var [3]", "0.num_batches_tracked []",
            "1.weight [4, 5]", "1.bias [4, 5]", "2.weight [4]", "2.bias [4]", "3.weight [5]", "5.weight [3]", "5.bias [3]",
            "6.running_mean [2]", "6.running_var [2]", "6.num_batches_tracked []",
        ], model.State().Select(named => $"{named.Name} {named.Variable.Shape}"));
        Assert.DoesNotContain(model.NamedParameters(), named => named.Name.Contains("running", StringComparison.Ordinal));
    }

    public static TheoryData<string, Func<object>> Mistakes => new()
    {
        { "BatchNorm1D(3): a batch of 1 with 1 value(s) per channel has no variance to normalise by: train with larger batches "
            + "(drop the last one if it is small), or call Eval().", () => new BatchNorm1D(3).Forward(Tensor.Zeros([1, 3])) },
        { "BatchNorm1D(3) expects [n, 3] or [n, 3, length] but got [4, 5].", () => new BatchNorm1D(3).Forward(Tensor.Zeros([4, 5])) },
        { "BatchNorm2D(3) expects [n, 3, height, width] but got [4, 3].", () => new BatchNorm2D(3).Forward(Tensor.Zeros([4, 3])) },
        { "BatchNorm2D: channels is 0, but must be positive.", () => new BatchNorm2D(0) },
        { "BatchNorm2D: momentum is 2, but must be from 0 to 1.", () => new BatchNorm2D(1, momentum: 2) },
        { "LayerNorm(5) expects [..., 5] but got [5, 4].", () => new LayerNorm(5).Forward(Tensor.Zeros([5, 4])) },
        { "LayerNorm([4, 5]) expects [..., 4, 5] but got [5].", () => new LayerNorm([4, 5]).Forward(Tensor.Zeros([5])) },
        { "LayerNorm: there is no axis to normalise.", () => new LayerNorm([]) },
        { "RmsNorm(5) expects [..., 5] but got [].", () => new RmsNorm(5).Forward(Tensor.Scalar(1)) },
        { "GroupNorm: 2 groups do not divide 3 channels.", () => new GroupNorm(2, 3) },
        { "GroupNorm(2 groups of 4) expects [n, 4, ...] but got [2, 3].", () => new GroupNorm(2, 4).Forward(Tensor.Zeros([2, 3])) },
        { "InstanceNorm(3) expects more than one number per channel in training but got [2, 3, 1].",
            () => new InstanceNorm(3).Forward(Tensor.Zeros([2, 3, 1])) },
        { "InstanceNorm(3) expects [n, 3, ...] but got [2, 3].", () => new InstanceNorm(3).Forward(Tensor.Zeros([2, 3])) },
    };

    [Theory, MemberData(nameof(Mistakes), DisableDiscoveryEnumeration = true)]
    public void Mistakes_are_named(string message, Func<object> mistake) =>
        Assert.Equal(message, Assert.ThrowsAny<ArgumentException>(mistake).Message);

    static bool Near(double a, double b) => Math.Abs(a - b) <= 1e-10 * (1 + Math.Abs(a));
}
