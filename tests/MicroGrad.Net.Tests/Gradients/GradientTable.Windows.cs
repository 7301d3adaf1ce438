using static MicroGrad.Net.Tests.Proof.Shapes;

namespace MicroGrad.Net.Tests.Proof;

// Windows that slide over sequences and images, and the layers made of them; normalising layers.
static partial class GradientTable
{
    static IEnumerable<GradientRow> Windows =>
    [
        .. Convolutions(1, 0, 1, 1),
        .. Convolutions(2, 1, 1, 1),
        .. Convolutions((1, 3), (2, 0), (2, 1), 1),
        .. Convolutions(2, (0, 2), 1, 2),
        .. Convolutions((3, 2), 2, (1, 2), 2),
        Row("Conv2D: same", "n234,3223,3", (x, w, b) => x.Conv2D(w, b, padding: Padding.Same)),
        Row("Conv2D: a window of one", "n234,3211,3", (x, w, b) => x.Conv2D(w, b)),
        Row("Conv2D: a picture and itself", "2222", x => x.Conv2D(x, padding: 1)),
        Row("ConvTranspose2D: output padding", "n222,2332,3", (x, w, b) => x.ConvTranspose2D(w, b, (3, 2), 1, (2, 1))),
        Row("Conv1D", "n24,323,3", (x, w, b) => x.Conv1D(w, b, 2, 1)),
        Row("Conv1D: same", "n24,322,3", (x, w, b) => x.Conv1D(w, b, padding: Padding.Same, dilation: 3)),
        Row("ConvTranspose1D", "n24,233,3", (x, w, b) => x.ConvTranspose1D(w, b, 2, 1, 1)),
        Row("MaxPool2D", "n234", x => x.MaxPool2D(2), draw: Draws.Distinct),
        Row("MaxPool2D: overlapping, rounded up", "ncD5", x => x.MaxPool2D((1, 3), 2, (0, 1), ceilMode: true), draw: Draws.Distinct),
        Row("MaxPool2D: dilated", "n145", x => x.MaxPool2D(2, 1, 1, 2), draw: Draws.Distinct),
        Row("MaxPool1D", "nc5", x => x.MaxPool1D(2, 1), draw: Draws.Distinct),
        Row("AvgPool2D", "n234", x => x.AvgPool2D(2)),
        Row("AvgPool2D: overlapping, rounded up", "ncD5", x => x.AvgPool2D((1, 3), 2, (0, 1), ceilMode: true)),
        Row("AvgPool2D: padding not counted", "n145", x => x.AvgPool2D(3, 1, 1, countPadding: false)),
        Row("AvgPool2D: divisor", "n145", x => x.AvgPool2D(2, 1, divisor: -3)),
        Row("AvgPool1D", "nc5", x => x.AvgPool1D(3, 2, 1)),
        Row("AdaptiveAvgPool2D", "ncHW", x => x.AdaptiveAvgPool2D((2, 3))),
        Row("AdaptiveMaxPool2D", "ncHW", x => x.AdaptiveMaxPool2D((2, 3)), draw: Draws.Distinct),
        Row("PixelShuffle", "n4hw", x => x.PixelShuffle(2)),
        Row("PixelUnshuffle", "nc24", x => x.PixelUnshuffle(2)),
        Row("UpsampleBilinear", "ncHW", x => x.UpsampleBilinear((2, 3))),
        Row("ResizeBilinear: corners aligned", "ncHW", x => x.ResizeBilinear((4, 3), alignCorners: true)),
        Row("ResizeBilinear: smaller, and to one", "nc35", x => x.ResizeBilinear((1, 3))),
        Row("UpsampleNearest", "nchw", x => x.UpsampleNearest((2, 3))),
    ];

    /// <summary>A convolution with settings, and its transpose.</summary>
    static IEnumerable<GradientRow> Convolutions(Size2D stride, Size2D padding, Size2D dilation, int groups)
    {
        var how = $"stride {stride}, padding {padding}, dilation {dilation}, groups {groups}";
        yield return Row($"Conv2D: {how}", $"n{2 * groups}34,{2 * groups}222,{2 * groups}",
            (x, w, b) => x.Conv2D(w, b, stride, padding, dilation, groups));
        yield return Row($"Conv2D: {how}, no bias", $"n{2 * groups}34,{groups}222",
            (x, w) => x.Conv2D(w, null, stride, padding, dilation, groups));
        yield return Row($"ConvTranspose2D: {how}", $"n{2 * groups}33,{2 * groups}132,{groups}",
            (x, w, b) => x.ConvTranspose2D(w, b, stride, padding, 0, dilation, groups));
    }

    static IEnumerable<GradientRow> WindowLayers =>
    [
        LayerRow("new Conv2D", "n234", () => new Conv2D(2, 3, (2, 3), padding: Padding.Same)),
        LayerRow("new Conv2D: no bias", "n234", () => new Conv2D(2, 2, 2, 2, 1, groups: 2, bias: false)),
        LayerRow("new Conv1D", "n25", () => new Conv1D(2, 3, 3, 2, 1)),
        LayerRow("new ConvTranspose1D", "n24", () => new ConvTranspose1D(2, 3, 3, 2, 1, 1)),
        LayerRow("new ConvTranspose1D: dilated, groups, no bias", "n23",
            () => new ConvTranspose1D(2, 4, 2, dilation: 2, groups: 2, bias: false)),
        LayerRow("new ConvTranspose2D", "n222", () => new ConvTranspose2D(2, 3, 3, 2, 1, 1)),
        LayerRow("new MaxPool2D", "n144", () => new MaxPool2D(2), Draws.Distinct),
        LayerRow("new MaxPool1D", "nc4", () => new MaxPool1D(2), Draws.Distinct),
        LayerRow("new AvgPool2D", "n144", () => new AvgPool2D(2)),
        LayerRow("new AdaptiveAvgPool2D", "n145", () => new AdaptiveAvgPool2D(2)),
        LayerRow("new AdaptiveMaxPool2D", "n145", () => new AdaptiveMaxPool2D(2), Draws.Distinct),
        LayerRow("new UpsampleBilinear", "n123", () => new UpsampleBilinear(2)),
        LayerRow("new UpsampleBilinear: corners aligned", "n123", () => new UpsampleBilinear((2, 1), alignCorners: true)),
        LayerRow("new PixelShuffle", "n412", () => new PixelShuffle(2)),
        LayerRow("new PixelUnshuffle", "n124", () => new PixelUnshuffle(2)),
        LayerRow("new GlobalAvgPool", "ncHW", () => new GlobalAvgPool()),
        LayerRow("new Upsample", "nchw", () => new Upsample(2)),
        LayerRow("new PRelu", Any, () => new PRelu(), NoKinks),
        LayerRow("new PRelu: channels", "n3a", () => new PRelu(3), NoKinks),
        LayerRow("new Residual", "a3", () => new Residual(new Sequential(new Linear(3, 3), new Tanh()))),
        LayerRow("new Residual: shortcut", "a3", () => new Residual(new Linear(3, 2), new Linear(3, 2, bias: false))),
    ];

    static IEnumerable<GradientRow> NormLayers =>
    [
        LayerRow("new BatchNorm1D", "N+3", () => new BatchNorm1D(3, 0.1), Draws.Distinct),
        LayerRow("new BatchNorm1D: sequences", "N22", () => new BatchNorm1D(2, 0.1), Draws.Distinct),
        LayerRow("new BatchNorm1D: evaluation", "n3", () => new BatchNorm1D(3).Eval()),
        LayerRow("new BatchNorm1D: no affine", "N32", () => new BatchNorm1D(3, 0.1, affine: false), Draws.Distinct),
        LayerRow("new BatchNorm2D", "N232", () => new BatchNorm2D(2, 0.1), Draws.Distinct),
        LayerRow("new BatchNorm2D: evaluation", "n2hw", () => new BatchNorm2D(2).Eval()),
        LayerRow("new LayerNorm", "ab3", () => new LayerNorm(3, 0.1), Draws.Distinct),
        LayerRow("new LayerNorm: two axes", "a23", () => new LayerNorm([2, 3], 0.1, bias: false), Draws.Distinct),
        LayerRow("new LayerNorm: no affine", "5", () => new LayerNorm(5, 0.1, affine: false), Draws.Distinct),
        LayerRow("new GroupNorm", "n4a", () => new GroupNorm(2, 4, 0.1), Draws.Distinct),
        LayerRow("new InstanceNorm", "n2h3", () => new InstanceNorm(2, 0.1), Draws.Distinct),
        LayerRow("new InstanceNorm: affine", "n24", () => new InstanceNorm(2, 0.1, affine: true), Draws.Distinct),
        LayerRow("new RmsNorm", "ab3", () => new RmsNorm(3, 0.1)),
        LayerRow("new RmsNorm: two axes", "a23", () => new RmsNorm([2, 3], 0.1, affine: false)),
    ];
}
