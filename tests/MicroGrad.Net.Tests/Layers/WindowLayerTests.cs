namespace MicroGrad.Net.Tests.Layers;

/// <summary>Convolution and pooling layers: shapes, names, printing and what they refuse.</summary>
public class WindowLayerTests
{
    public static TheoryData<Module, int[], int[]> Layers => new()
    {
        { new Conv2D(3, 8, 3), [2, 3, 9, 7], [2, 8, 7, 5] },
        { new Conv2D(3, 8, (3, 5), stride: (2, 1), padding: 1), [2, 3, 9, 7], [2, 8, 5, 5] },
        { new Conv2D(3, 8, 4, padding: Padding.Same, dilation: 2), [2, 3, 9, 7], [2, 8, 9, 7] },
        { new Conv1D(3, 8, 3, stride: 2, padding: 1), [2, 3, 9], [2, 8, 5] },
        { new ConvTranspose2D(3, 8, 3, stride: 2, padding: 1, outputPadding: 1), [2, 3, 7, 5], [2, 8, 14, 10] },
        { new ConvTranspose1D(3, 8, 3, stride: 2, padding: 1, outputPadding: 1), [2, 3, 7], [2, 8, 14] },
        { new ConvTranspose1D(3, 8, 4, dilation: 2), [2, 3, 7], [2, 8, 13] },
        { new MaxPool2D(2), [2, 3, 9, 7], [2, 3, 4, 3] },
        { new MaxPool2D(3, 2, 1), [2, 3, 9, 7], [2, 3, 5, 4] },
        { new MaxPool2D(2, ceilMode: true), [2, 3, 9, 7], [2, 3, 5, 4] },
        { new MaxPool1D(3), [2, 3, 9], [2, 3, 3] },
        { new AvgPool2D((1, 2)), [2, 3, 9, 7], [2, 3, 9, 3] },
        { new AdaptiveAvgPool2D((1, 5)), [2, 3, 9, 7], [2, 3, 1, 5] },
        { new AdaptiveMaxPool2D((1, 5)), [2, 3, 9, 7], [2, 3, 1, 5] },
        { new UpsampleBilinear((2, 3)), [2, 3, 4, 5], [2, 3, 8, 15] },
        { new PixelShuffle(2), [2, 8, 3, 4], [2, 2, 6, 8] },
        { new PixelUnshuffle(2), [2, 2, 6, 8], [2, 8, 3, 4] },
        { new GlobalAvgPool(), [2, 3, 9, 7], [2, 3] },
        { new Upsample((2, 3)), [2, 3, 9, 7], [2, 3, 18, 21] },
        { new Residual(new Conv2D(3, 3, 3, padding: 1)), [2, 3, 9, 7], [2, 3, 9, 7] },
        { new Residual(new Conv2D(3, 4, 3, stride: 2, padding: 1), new Conv2D(3, 4, 1, stride: 2)), [2, 3, 9, 7], [2, 4, 5, 4] },
        { new PRelu(3), [2, 3, 9, 7], [2, 3, 9, 7] },
    };

    [Theory, MemberData(nameof(Layers), DisableDiscoveryEnumeration = true)]
    public void Shapes_are_PyTorchs(Module layer, int[] input, int[] output)
    {
        var x = Tensor.Uniform(input, -1, 1, new Rng(1));
        Assert.Equal(Shape.Of(output), layer.Forward(x).Shape);
        Assert.Equal(Shape.Of([0, .. output[1..]]), layer.Forward(x[..0]).Shape);
    }

    [Fact]
    public void Names_and_shapes_of_parameters_are_PyTorchs()
    {
        var model = new Sequential(new Conv2D(4, 6, (3, 5), groups: 2), new ConvTranspose2D(6, 4, 3, groups: 2), new PRelu(4));
        Assert.Equal(["0.weight [6, 2, 3, 5]", "0.bias [6]", "1.weight [6, 2, 3, 3]", "1.bias [4]", "2.weight [4]"],
            model.NamedParameters().Select(named => $"{named.Name} {named.Parameter.Shape}"));
        Assert.Equal(["weight [6, 2, 3]", "bias [4]"],
            new ConvTranspose1D(6, 4, 3, groups: 2).NamedParameters().Select(named => $"{named.Name} {named.Parameter.Shape}"));
        Assert.Equal(["weight [8, 3, 5]"],
            new Conv1D(3, 8, 5, bias: false).NamedParameters().Select(named => $"{named.Name} {named.Parameter.Shape}"));
    }

    [Fact]
    public void Starting_values_fill_PyTorchs_bounds()
    {
        foreach (var (layer, fan) in new (ConvolutionLayer, int)[]
            { (new Conv2D(64, 64, 3, groups: 2), 32 * 9), (new ConvTranspose2D(64, 32, 3), 32 * 9), (new ConvTranspose1D(64, 64, 5, groups: 2), 32 * 5), (new Conv1D(64, 64, 5), 64 * 5) })
        {
            Assert.InRange(layer.Weight.ToDoubles().Max() * Math.Sqrt(fan), 0.99, 1);
            Assert.InRange(layer.Weight.ToDoubles().Min() * Math.Sqrt(fan), -1, -0.99);
            Assert.InRange(layer.Bias!.ToDoubles().Max() * Math.Sqrt(fan), 0.7, 1);
        }
    }

    [Fact]
    public void A_layer_prints_what_is_not_the_default()
    {
        Assert.Equal("Conv2D(1 -> 16, 3x3)", new Conv2D(1, 16, 3).Describe());
        Assert.Equal("Conv2D(2 -> 16, 3x5, stride 2, padding 1x2, dilation 2x1, groups 2, no bias)",
            new Conv2D(2, 16, (3, 5), 2, (1, 2), (2, 1), 2, bias: false).Describe());
        Assert.Equal("Conv1D(1 -> 2, 5, padding same)", new Conv1D(1, 2, 5, padding: Padding.Same).Describe());
        Assert.Equal("ConvTranspose2D(1 -> 2, 3x3, stride 2, padding 1, output padding 1)", new ConvTranspose2D(1, 2, 3, 2, 1, 1).Describe());
        Assert.Equal("ConvTranspose1D(4 -> 2, 3, stride 2, padding 1, output padding 1, dilation 3, groups 2)",
            new ConvTranspose1D(4, 2, 3, 2, 1, 1, 3, 2).Describe());
        Assert.Equal("MaxPool2D(2)", new MaxPool2D(2).Describe());
        Assert.Equal("AvgPool2D(3, stride 2x1, padding 1)", new AvgPool2D(3, (2, 1), 1).Describe());
        Assert.Equal("AdaptiveMaxPool2D(1x5)", new AdaptiveMaxPool2D((1, 5)).Describe());
        Assert.Equal("UpsampleBilinear(2x2)", new UpsampleBilinear(2).Describe());
        Assert.Equal("UpsampleBilinear(2x3, corners aligned)", new UpsampleBilinear((2, 3), alignCorners: true).Describe());
        Assert.Equal("PixelShuffle(2)", new PixelShuffle(2).Describe());
        Assert.Equal("PixelUnshuffle(3)", new PixelUnshuffle(3).Describe());
        Assert.Equal("AdaptiveAvgPool2D(1x5)", new AdaptiveAvgPool2D((1, 5)).Describe());
    }

    public static TheoryData<string, Func<object>> Mistakes => new()
    {
        { "Conv2D(3 -> 8, 3x3) expects [n, 3, height, width] but got [3, 9, 9]: Unsqueeze(0) makes a batch of one?",
            () => new Conv2D(3, 8, 3).Forward(Tensor.Zeros([3, 9, 9])) },
        { "Conv2D(1 -> 8, 3x3) expects [n, 1, height, width] but got [5, 9, 9]: Unsqueeze(1) makes a channel?",
            () => new Conv2D(1, 8, 3).Forward(Tensor.Zeros([5, 9, 9])) },
        { "Conv2D(3 -> 8, 3x3) expects [n, 3, height, width] but got [5, 9, 9, 3]: are the channels last? Permute them to the second axis.",
            () => new Conv2D(3, 8, 3).Forward(Tensor.Zeros([5, 9, 9, 3])) },
        { "Conv1D(3 -> 8, 3) expects [n, 3, length] but got [5, 2, 9].", () => new Conv1D(3, 8, 3).Forward(Tensor.Zeros([5, 2, 9])) },
        { "ConvTranspose2D(3 -> 8, 3x3) expects [n, 3, height, width] but got [5, 2].",
            () => new ConvTranspose2D(3, 8, 3).Forward(Tensor.Zeros([5, 2])) },
        { "ConvTranspose1D(3 -> 8, 3) expects [n, 3, length] but got [3, 5]: Unsqueeze(0) makes a batch of one?",
            () => new ConvTranspose1D(3, 8, 3).Forward(Tensor.Zeros([3, 5])) },
        { "ConvTranspose1D: 3 groups do not divide 8 inputs.", () => new ConvTranspose1D(8, 3, 3, groups: 3) },
        { "ConvTranspose1D: stride is 0, but must be positive.", () => new ConvTranspose1D(8, 3, 3, stride: 0) },
        { "Conv2D: inputs is 0, but must be positive.", () => new Conv2D(0, 8, 3) },
        { "Conv2D: window is -1, but must be positive.", () => new Conv2D(1, 8, (3, -1)) },
        { "Conv2D: 2 groups do not divide 3 inputs.", () => new Conv2D(3, 8, 3, groups: 2) },
        { "Conv2D: 3 groups do not divide 8 outputs.", () => new Conv2D(3, 8, 3, groups: 3) },
        { "ConvTranspose2D: 3 groups do not divide 8 inputs.", () => new ConvTranspose2D(8, 3, 3, groups: 3) },
        { "GlobalAvgPool expects [n, channels, ...] but got [2, 3].", () => new GlobalAvgPool().Forward(Tensor.Zeros([2, 3])) },
        { "PRelu(3) expects [n, 3, ...] but got [2, 4].", () => new PRelu(3).Forward(Tensor.Zeros([2, 4])) },
        { "PRelu: channels is 0, but must be positive.", () => new PRelu(0) },
        { "Residual: the body makes [2, 5] of [2, 3], which is to be added to [2, 3]: a shortcut (such as a Conv2D with window 1) "
            + "can bring the input to the same shape.", () => new Residual(new Linear(3, 5)).Forward(Tensor.Zeros([2, 3])) },
    };

    [Theory, MemberData(nameof(Mistakes), DisableDiscoveryEnumeration = true)]
    public void Mistakes_are_named(string message, Func<object> mistake) =>
        Assert.Equal(message, Assert.ThrowsAny<ArgumentException>(mistake).Message);

    [Fact]
    public void A_slope_below_zero_is_learned_and_infinities_do_not_meet_zeros()
    {
        var layer = new PRelu();
        var x = Tensor.From([4], [-2f, 0f, 3f, float.PositiveInfinity]);
        var y = layer.Forward(x);
        Assert.Equal([-0.5f, 0, 3, float.PositiveInfinity], y.ToArray<float>());
        y.Sum().Backward();
        Assert.Equal(-2, layer.Weight.Grad!.Item());
    }
}
