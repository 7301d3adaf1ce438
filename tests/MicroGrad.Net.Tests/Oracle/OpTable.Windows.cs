namespace MicroGrad.Net.Tests.Oracle;

static partial class OpTable
{
    static Dictionary<string, Func<OpCall, Tensor>> Windows => new()
    {
        ["conv1d"] = c => c.X.Conv1D(
            c["weight"], c.Maybe("bias"), One(c, "stride", 1), PaddingOf(c), One(c, "dilation", 1), One(c, "groups", 1)),
        ["conv2d"] = c => c.X.Conv2D(
            c["weight"], c.Maybe("bias"), Two(c, "stride", 1), PaddingOf(c), Two(c, "dilation", 1), One(c, "groups", 1)),
        ["conv_transpose1d"] = c => c.Filled(new ConvTranspose1D(c["weight"].Shape[0],
            c["weight"].Shape[1] * One(c, "groups", 1), c["weight"].Shape[2], One(c, "stride", 1), One(c, "padding", 0),
            One(c, "output_padding", 0), One(c, "dilation", 1), One(c, "groups", 1), bias: c.Maybe("bias") is not null)).Forward(c.X),
        ["conv_transpose2d"] = c => c.X.ConvTranspose2D(c["weight"], c.Maybe("bias"), Two(c, "stride", 1),
            Two(c, "padding", 0), Two(c, "output_padding", 0), Two(c, "dilation", 1), One(c, "groups", 1)),
        ["max_pool1d"] = c => c.X.MaxPool1D(One(c, "kernel_size", 0), One(c, "stride", One(c, "kernel_size", 0)),
            One(c, "padding", 0), One(c, "dilation", 1), c.Case.Flag("ceil_mode")),
        ["max_pool2d"] = c => c.X.MaxPool2D(Two(c, "kernel_size", 0), c.Case.Attribute("stride") is null ? null : Two(c, "stride", 0),
            Two(c, "padding", 0), Two(c, "dilation", 1), c.Case.Flag("ceil_mode")),
        ["avg_pool1d"] = c => c.X.AvgPool1D(One(c, "kernel_size", 0), One(c, "stride", One(c, "kernel_size", 0)),
            One(c, "padding", 0), c.Case.Flag("ceil_mode"), c.Case.Flag("count_include_pad", true)),
        ["avg_pool2d"] = c => c.X.AvgPool2D(Two(c, "kernel_size", 0), c.Case.Attribute("stride") is null ? null : Two(c, "stride", 0),
            Two(c, "padding", 0), c.Case.Flag("ceil_mode"), c.Case.Flag("count_include_pad", true),
            c.Case.Attribute("divisor_override") is null ? null : c.Number("divisor_override")),
        ["adaptive_avg_pool2d"] = c => c.X.AdaptiveAvgPool2D(Two(c, "output_size", 0)),
        ["adaptive_max_pool2d"] = c => c.X.AdaptiveMaxPool2D(Two(c, "output_size", 0)),
        ["interpolate"] = c => c.X.UpsampleNearest(Two(c, "scale", 0)),
    };

    static int One(OpCall c, string name, int otherwise) => (int)c.Number(name, otherwise);

    static Size2D Two(OpCall c, string name, int otherwise) => c.Case.Ints(name) switch
    {
        [] => otherwise,
        [var both] => both,
        [var height, var width] => (height, width),
        var more => throw new InvalidDataException($"{c.Case.Name}: {name} has {more.Length} numbers."),
    };

    static Padding PaddingOf(OpCall c) => c.Case.Attribute("padding") is { ValueKind: System.Text.Json.JsonValueKind.String }
        ? Padding.Same : Two(c, "padding", 0);
}
