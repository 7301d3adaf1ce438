namespace MicroGrad.Net.Tests.Ops;

/// <summary>Convolution and pooling of tensors: corners and error texts. Their derivatives stand in the gradient table.</summary>
public class ConvolutionOpTests
{
    static Tensor Random(params int[] sizes) => Tensor.Uniform(sizes, -1, 1, new Rng(4), DType.Float64);

    [Fact]
    public void Averages_do_not_count_what_lies_beyond_the_padding()
    {
        var x = Tensor.Ones([1, 1, 1, 5], DType.Float64);
        Assert.Equal([1, 1, 1], x.AvgPool2D((1, 2), ceilMode: true).ToDoubles());
        Assert.Equal([0.5, 1, 1], x.AvgPool2D((1, 2), 2, (0, 1)).ToDoubles());
        Assert.Equal([1, 1, 1], x.AvgPool2D((1, 2), 2, (0, 1), countPadding: false).ToDoubles());
    }

    [Fact]
    public void Same_padding_keeps_the_size_and_puts_the_odd_zero_at_the_end()
    {
        var x = Tensor.From([1, 1, 4], [1.0, 2, 3, 4]);
        var y = x.Conv1D(Tensor.Ones([1, 1, 2], DType.Float64), padding: Padding.Same);
        Assert.Equal([3, 5, 7, 4], y.ToDoubles());
        Assert.Equal(Shape.Of(2, 3, 9, 8), Random(2, 1, 9, 8).Conv2D(Random(3, 1, 4, 3), padding: Padding.Same, dilation: 2).Shape);
    }

    [Fact]
    public void An_empty_batch_passes()
    {
        var (x, w) = (Tensor.Zeros([0, 2, 5, 5]), new Parameter(Tensor.Ones([3, 2, 3, 3])));
        var y = x.Conv2D(w, padding: 1).MaxPool2D(2).AvgPool2D(2);
        Assert.Equal(Shape.Of(0, 3, 1, 1), y.Shape);
        y.Sum().Backward();
        Assert.All(w.Grad!.ToArray<float>(), value => Assert.Equal(0, value));
    }

    [Fact]
    public void A_first_order_gradient_of_a_convolution_takes_no_detour()
    {
        var (x, w) = (Random(1, 1, 4, 4), new Parameter(Random(1, 1, 3, 3)));
        var y = x.Conv2D(w);
        Assert.Equal(["parameter", "conv2d"], y.Tape.Select(node => node.Op));
    }

    public static TheoryData<string, Func<Tensor, Tensor>> Mistakes => new()
    {
        { "conv2d: [2, 3, 6, 6] has 3 channels, but weights of [4, 2, 3, 3] take 2.", x => x.Conv2D(Random(4, 2, 3, 3)) },
        { "conv2d: [2, 3, 6, 6] has 3 channels, but weights of [4, 2, 3, 3] in 2 groups take 4.",
            x => x.Conv2D(Random(4, 2, 3, 3), groups: 2) },
        { "conv2d: 3 groups do not divide the 4 outputs of [4, 1, 3, 3].", x => x.Conv2D(Random(4, 1, 3, 3), groups: 3) },
        { "conv2d: the window of [4, 3, 9, 3] reaches over 9, more than axis 2 of [2, 3, 6, 6], which is 8 with padding.",
            x => x.Conv2D(Random(4, 3, 9, 3), padding: 1) },
        { "conv2d: the window of [4, 3, 3, 3] reaches over 9, more than axis 2 of [2, 3, 6, 6].",
            x => x.Conv2D(Random(4, 3, 3, 3), dilation: 4) },
        { "conv2d: a bias of [3] does not fit weights of [4, 3, 3, 3]: [4] would.", x => x.Conv2D(Random(4, 3, 3, 3), Random(3)) },
        { "conv2d: expects weights with 4 axes, but got [4, 3, 3].", x => x.Conv2D(Random(4, 3, 3)) },
        { "conv2d: expects [n, channels, height, width], but got [2, 108].", x => x.Reshape(2, 108).Conv2D(Random(4, 3, 3, 3)) },
        { "conv2d: stride is 0, but must be positive.", x => x.Conv2D(Random(4, 3, 3, 3), stride: (1, 0)) },
        { "conv2d: dilation is -1, but must be positive.", x => x.Conv2D(Random(4, 3, 3, 3), dilation: -1) },
        { "conv2d: groups is 0, but must be positive.", x => x.Conv2D(Random(4, 3, 3, 3), groups: 0) },
        { "conv2d: padding is -1, but must be at least 0.", x => x.Conv2D(Random(4, 3, 3, 3), padding: -1) },
        { "conv2d: padding 'same' goes with stride 1, but the stride is 2.",
            x => x.Conv2D(Random(4, 3, 3, 3), stride: 2, padding: Padding.Same) },
        { "conv2d: Float64 and Float32 do not mix: convert one with .To(DType.Float64) or .To(DType.Float32).",
            x => x.Conv2D(Random(4, 3, 3, 3).To(DType.Float32)) },
        { "conv transpose2d: [2, 3, 6, 6] has 3 channels, but weights of [4, 2, 3, 3] take 4.", x => x.ConvTranspose2D(Random(4, 2, 3, 3)) },
        { "conv transpose2d: 2 groups do not divide the 3 channels of [2, 3, 6, 6].", x => x.ConvTranspose2D(Random(3, 2, 3, 3), groups: 2) },
        { "conv transpose2d: outputPadding is 2, but must be at least 0 and smaller than stride or dilation.",
            x => x.ConvTranspose2D(Random(3, 2, 3, 3), stride: 2, outputPadding: 2) },
        { "conv transpose2d: axis 2 of [2, 3, 6, 6] would become -4 long.", x => x.ConvTranspose2D(Random(3, 2, 3, 3), padding: 6) },
        { "max pool2d: the window reaches over 7, more than axis 2 of [2, 3, 6, 6].", x => x.MaxPool2D(7) },
        { "max pool2d: padding is 2, but must be at least 0 and at most half the window of 3.", x => x.MaxPool2D(3, padding: 2) },
        { "max pool2d: window is 0, but must be positive.", x => x.MaxPool2D((0, 2)) },
        { "max pool2d: the images of [2, 3, 0, 6] have no numbers.", x => x[.., .., ..0].MaxPool2D(1) },
        { "max pool2d: the window at position 0 sees nothing of axis 2 of [2, 3, 6, 6], only padding.",
            x => x.MaxPool2D(2, padding: 1, dilation: 7) },
        { "avg pool2d: expects [n, channels, height, width], but got [3, 6, 6].", x => x[0].AvgPool2D(2) },
        { "avg pool2d: divisor is 0, but must be other than 0.", x => x.AvgPool2D(2, divisor: 0) },
        { "adaptive avg pool2d: output is 0, but must be positive.", x => x.AdaptiveAvgPool2D((0, 1)) },
        { "upsample: scale is 0, but must be positive.", x => x.UpsampleNearest(0) },
        { "conv1d: expects 3 axes (sequences are [n, channels, length]), but got [2, 3, 6, 6].", x => x.Conv1D(Random(1, 3, 3)) },
    };

    [Theory, MemberData(nameof(Mistakes), DisableDiscoveryEnumeration = true)]
    public void Mistakes_are_named(string message, Func<Tensor, Tensor> mistake) =>
        Assert.Equal(message, Assert.ThrowsAny<ArgumentException>(() => mistake(Random(2, 3, 6, 6))).Message);
}
