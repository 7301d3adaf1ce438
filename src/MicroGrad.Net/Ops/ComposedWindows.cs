namespace MicroGrad.Net;

/// <summary>Convolution and pooling over sequences, and enlarging: composed of other ops.</summary>
public static class ComposedWindows
{
    extension(Tensor x)
    {
        /// <summary>
        /// <see cref="Tensor.Conv2D"/> over sequences [n, channels, length] with weights [outputs, channels/groups,
        /// window]: to [n, outputs, ⌊(length + 2·padding − dilation·(window − 1) − 1)/stride⌋ + 1].
        /// </summary>
        /// <param name="weight">The weights.</param>
        /// <param name="bias">A number added per output, [outputs]; none by default.</param>
        /// <param name="stride">The step of the window.</param>
        /// <param name="padding">The zeros before and after each sequence, or <see cref="Padding.Same"/>.</param>
        /// <param name="dilation">The step between the inputs under neighbouring weights.</param>
        /// <param name="groups">Into how many groups channels and outputs are divided.</param>
        /// <exception cref="ShapeException">As in <see cref="Tensor.Conv2D"/>.</exception>
        /// <exception cref="ArgumentOutOfRangeException">As in <see cref="Tensor.Conv2D"/>.</exception>
        public Tensor Conv1D(Tensor weight, Tensor? bias = null, int stride = 1, Padding padding = default,
            int dilation = 1, int groups = 1) =>
            AsImages(x, "conv1d").Conv2D(AsImages(weight, "conv1d"), bias, (1, stride),
                padding.IsSame ? padding : (0, padding.Size.Width), (1, dilation), groups).Squeeze(2);

        /// <summary>
        /// <see cref="Tensor.ConvTranspose2D"/> over sequences [n, channels, length] with weights [channels,
        /// outputs/groups, window]: to [n, outputs, (length − 1)·stride − 2·padding + dilation·(window − 1) + 1 +
        /// outputPadding].
        /// </summary>
        /// <param name="weight">The weights.</param>
        /// <param name="bias">A number added per output, [outputs]; none by default.</param>
        /// <param name="stride">How far apart the inputs stand in the result.</param>
        /// <param name="padding">How much is cut off each side of the result.</param>
        /// <param name="outputPadding">How much is left at the far side.</param>
        /// <param name="dilation">The step between the results of neighbouring weights.</param>
        /// <param name="groups">Into how many groups channels and outputs are divided.</param>
        /// <exception cref="ShapeException">As in <see cref="Tensor.ConvTranspose2D"/>.</exception>
        /// <exception cref="ArgumentOutOfRangeException">As in <see cref="Tensor.ConvTranspose2D"/>.</exception>
        public Tensor ConvTranspose1D(Tensor weight, Tensor? bias = null, int stride = 1, int padding = 0,
            int outputPadding = 0, int dilation = 1, int groups = 1) =>
            AsImages(x, "conv transpose1d").ConvTranspose2D(AsImages(weight, "conv transpose1d"), bias, (1, stride),
                (0, padding), (0, outputPadding), (1, dilation), groups).Squeeze(2);

        /// <summary><see cref="Tensor.MaxPool2D"/> over sequences [n, channels, length].</summary>
        /// <param name="window">The length of the window.</param>
        /// <param name="stride">The step of the window; its length by default.</param>
        /// <param name="padding">How far the window may begin before and end after the sequence.</param>
        /// <param name="dilation">The step between neighbouring cells of the window.</param>
        /// <param name="ceilMode">Round the size up instead of down, if the last window still begins on the sequence.</param>
        /// <exception cref="ShapeException">As in <see cref="Tensor.MaxPool2D"/>.</exception>
        /// <exception cref="ArgumentOutOfRangeException">As in <see cref="Tensor.MaxPool2D"/>.</exception>
        public Tensor MaxPool1D(
            int window, int? stride = null, int padding = 0, int dilation = 1, bool ceilMode = false) =>
            AsImages(x, "max pool1d")
                .MaxPool2D((1, window), (1, stride ?? window), (0, padding), (1, dilation), ceilMode).Squeeze(2);

        /// <summary><see cref="Tensor.AvgPool2D"/> over sequences [n, channels, length].</summary>
        /// <param name="window">The length of the window.</param>
        /// <param name="stride">The step of the window; its length by default.</param>
        /// <param name="padding">The zeros before and after each sequence.</param>
        /// <param name="ceilMode">Round the size up instead of down, if the last window still begins on the sequence.</param>
        /// <param name="countPadding">Divide by the length of the window, padding included.</param>
        /// <exception cref="ShapeException">As in <see cref="Tensor.AvgPool2D"/>.</exception>
        /// <exception cref="ArgumentOutOfRangeException">As in <see cref="Tensor.AvgPool2D"/>.</exception>
        public Tensor AvgPool1D(
            int window, int? stride = null, int padding = 0, bool ceilMode = false, bool countPadding = true) =>
            AsImages(x, "avg pool1d")
                .AvgPool2D((1, window), (1, stride ?? window), (0, padding), ceilMode, countPadding).Squeeze(2);

        /// <summary>
        /// Each number of images [n, channels, height, width] repeated to a block of the given size: [n, channels,
        /// height·scale, width·scale].
        /// </summary>
        /// <exception cref="ShapeException">The tensor has not 4 axes.</exception>
        /// <exception cref="ArgumentOutOfRangeException">The scale is not positive.</exception>
        public Tensor UpsampleNearest(Size2D scale)
        {
            if (x.Rank != 4) Throw.Shapes("upsample", $"expects [n, channels, height, width], but got {x.Shape}.");
            if (Math.Min(scale.Height, scale.Width) is var least and <= 0)
                Throw.OutOfRange("upsample", nameof(scale), least, "positive");
            var (n, channels, height, width) = (x.Shape[0], x.Shape[1], x.Shape[2], x.Shape[3]);
            return x.Reshape(n, channels, height, 1, width, 1)
                .Expand([n, channels, height, scale.Height, width, scale.Width])
                .Reshape(n, channels, height * scale.Height, width * scale.Width);
        }
    }

    /// <summary>Sequences as images of height 1.</summary>
    static Tensor AsImages(Tensor x, string op)
    {
        if (x.Rank != 3) Throw.Shapes(op, $"expects 3 axes (sequences are [n, channels, length]), but got {x.Shape}.");
        return x.Unsqueeze(2);
    }
}
