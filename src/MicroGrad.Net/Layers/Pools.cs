namespace MicroGrad.Net;

// Pooling and enlarging as modules. What they compute stands at the op they name.

/// <inheritdoc cref="Tensor.MaxPool2D"/>
public sealed class MaxPool2D(
    Size2D window, Size2D? stride = null, Size2D padding = default, Size2D? dilation = null, bool ceilMode = false)
    : Activation(x => x.MaxPool2D(window, stride, padding, dilation, ceilMode),
        Pools.Text(nameof(MaxPool2D), window, stride, padding));

/// <summary><see cref="Tensor.MaxPool2D"/> over sequences: [n, channels, length] becomes [n, channels, …].</summary>
public sealed class MaxPool1D(int window, int? stride = null, int padding = 0, int dilation = 1, bool ceilMode = false)
    : Activation(x => x.MaxPool1D(window, stride, padding, dilation, ceilMode),
        Pools.Text(nameof(MaxPool1D), window, stride is { } step ? step : null, padding));

/// <inheritdoc cref="Tensor.AvgPool2D"/>
public sealed class AvgPool2D(
    Size2D window, Size2D? stride = null, Size2D padding = default, bool ceilMode = false, bool countPadding = true)
    : Activation(x => x.AvgPool2D(window, stride, padding, ceilMode, countPadding),
        Pools.Text(nameof(AvgPool2D), window, stride, padding));

/// <inheritdoc cref="Tensor.AdaptiveAvgPool2D"/>
public sealed class AdaptiveAvgPool2D(Size2D output) : Activation(x => x.AdaptiveAvgPool2D(output), output.ToString());

/// <inheritdoc cref="Tensor.AdaptiveMaxPool2D"/>
public sealed class AdaptiveMaxPool2D(Size2D output) : Activation(x => x.AdaptiveMaxPool2D(output), output.ToString());

/// <summary>The average of each channel: [n, channels, …] becomes [n, channels].</summary>
public sealed class GlobalAvgPool : Module
{
    /// <inheritdoc/>
    protected override Tensor Compute(Tensor input)
    {
        if (input.Rank < 3) Throw.LayerInput(Describe(), "[n, channels, ...]", input.Shape, null);
        return input.Flatten(2).Mean(2);
    }
}

/// <summary>Each number of an image repeated: [n, channels, h, w] becomes [n, channels, h·scale, w·scale].</summary>
public sealed class Upsample(Size2D scale) : Activation(x => x.UpsampleNearest(scale), scale.ToString());

/// <inheritdoc cref="ComposedImages.UpsampleBilinear"/>
public sealed class UpsampleBilinear(Size2D scale, bool alignCorners = false)
    : Activation(x => x.UpsampleBilinear(scale, alignCorners), scale + (alignCorners ? ", corners aligned" : ""));

/// <inheritdoc cref="ComposedImages.PixelShuffle"/>
public sealed class PixelShuffle(int factor) : Activation(x => x.PixelShuffle(factor), $"{factor}");

/// <inheritdoc cref="ComposedImages.PixelUnshuffle"/>
public sealed class PixelUnshuffle(int factor) : Activation(x => x.PixelUnshuffle(factor), $"{factor}");

static class Pools
{
    /// <summary>The settings for printing: those that are not the default.</summary>
    public static string Text(string layer, Size2D window, Size2D? stride, Size2D padding) =>
        Text(Least(layer, nameof(window), window, 1))
        + (Least(layer, nameof(stride), stride ?? window, 1) is var step && step != window ? $", stride {Text(step)}" : "")
        + (Least(layer, nameof(padding), padding, 0) == default ? "" : $", padding {Text(padding)}");

    static Size2D Least(string layer, string name, Size2D size, int least)
    {
        if (Math.Min(size.Height, size.Width) is var smaller && smaller < least)
            Throw.OutOfRange(layer, name, smaller, least > 0 ? "positive" : "at least 0");
        return size;
    }

    static string Text(Size2D size) => size.Height == size.Width ? $"{size.Height}" : size.ToString();
}
