namespace MicroGrad.Net;

/// <summary>Images of other sizes: composed of other ops.</summary>
public static class ComposedImages
{
    extension(Tensor x)
    {
        /// <summary>
        /// Channels turned into pixels: [n, channels·factor², h, w] becomes [n, channels, h·factor, w·factor], where the
        /// factor² channels of each make its blocks, row by row. PyTorch's <c>pixel_shuffle</c>.
        /// </summary>
        /// <exception cref="ShapeException">There are not 4 axes, or the channels cannot be shared out.</exception>
        /// <exception cref="ArgumentOutOfRangeException">The factor is not positive.</exception>
        public Tensor PixelShuffle(int factor)
        {
            var (n, channels, height, width) = Images(x, "pixel shuffle");
            if (factor <= 0) Throw.OutOfRange("pixel shuffle", nameof(factor), factor, "positive");
            if (channels % ((long)factor * factor) != 0)
                Throw.Shapes("pixel shuffle", $"the {channels} channels of {x.Shape} are no multiple of {factor}².");
            if (channels == 0) return x.Reshape(n, 0, Times(height, factor), Times(width, factor));
            return x.Reshape(n, channels / factor / factor, factor, factor, height, width)
                .Permute(0, 1, 4, 2, 5, 3)
                .Reshape(n, channels / factor / factor, Times(height, factor), Times(width, factor));
        }

        /// <summary>
        /// Pixels turned into channels, the reverse of <see cref="PixelShuffle"/>: [n, channels, h·factor, w·factor]
        /// becomes [n, channels·factor², h, w]. PyTorch's <c>pixel_unshuffle</c>.
        /// </summary>
        /// <exception cref="ShapeException">There are not 4 axes, or a side is no multiple of the factor.</exception>
        /// <exception cref="ArgumentOutOfRangeException">The factor is not positive.</exception>
        public Tensor PixelUnshuffle(int factor)
        {
            var (n, channels, height, width) = Images(x, "pixel unshuffle");
            if (factor <= 0) Throw.OutOfRange("pixel unshuffle", nameof(factor), factor, "positive");
            if (height % factor != 0 || width % factor != 0)
                Throw.Shapes("pixel unshuffle", $"height and width of {x.Shape} are no multiples of {factor}.");
            var more = Sizes.Product("pixel unshuffle", "the channels", channels, factor, factor);
            if (x.Length == 0) return x.Reshape(n, more, height / factor, width / factor);
            return x.Reshape(n, channels, height / factor, factor, width / factor, factor)
                .Permute(0, 1, 3, 5, 2, 4).Reshape(n, more, height / factor, width / factor);
        }

        /// <summary>
        /// Images [n, channels, h, w] enlarged to [n, channels, h·scale, w·scale], as <see cref="ResizeBilinear"/> does.
        /// </summary>
        /// <inheritdoc cref="ResizeBilinear"/>
        public Tensor UpsampleBilinear(Size2D scale, bool alignCorners = false)
        {
            var (_, _, height, width) = Images(x, "upsample");
            if (Math.Min(scale.Height, scale.Width) is var least and <= 0)
                Throw.OutOfRange("upsample", nameof(scale), least, "positive");
            return x.ResizeBilinear((Times(height, scale.Height), Times(width, scale.Width)), alignCorners);
        }

        /// <summary>
        /// Images [n, channels, h, w] of another size, [n, channels, height, width]: each pixel is looked up where it
        /// falls in the old image, between up to four pixels, weighted by nearness. PyTorch's
        /// <c>F.interpolate(mode="bilinear")</c>; shrinking by more than half leaves pixels out, as there.
        /// </summary>
        /// <param name="output">The new height and width.</param>
        /// <param name="alignCorners">Whether the middles of the corner pixels stay where they are: pixel i lies at
        /// i·(h − 1)/(height − 1); otherwise the image's edges do: (i + ½)·h/height − ½, but never outside.</param>
        /// <exception cref="ShapeException">There are not 4 axes, or the images have no pixels.</exception>
        /// <exception cref="ArgumentOutOfRangeException">A size is not positive.</exception>
        public Tensor ResizeBilinear(Size2D output, bool alignCorners = false)
        {
            var (n, channels, height, width) = Images(x, "resize");
            if (height == 0 || width == 0) Throw.Shapes("resize", $"the images of {x.Shape} have no pixels.");
            if (Math.Min(output.Height, output.Width) is var least and <= 0)
                Throw.OutOfRange("resize", nameof(output), least, "positive");
            Sizes.Product("resize", "the result", n, channels, output.Height, output.Width);
            return Stretched(Stretched(x, 2, output.Height, alignCorners), 3, output.Width, alignCorners);
        }
    }

    static Tensor Stretched(Tensor x, int axis, int count, bool alignCorners)
    {
        var size = x.Shape[axis];
        if (count == size) return x;
        var (below, above) = (Sizes.New<int>("resize", count), Sizes.New<int>("resize", count));
        var share = Sizes.New<double>("resize", count);         // of the pixel above
        for (var i = 0; i < count; i++)
        {
            var at = alignCorners ? (count == 1 ? 0 : (double)i * (size - 1) / (count - 1))
                : Math.Max(0, (i + 0.5) * size / count - 0.5);
            below[i] = (int)at;
            above[i] = Math.Min(below[i] + 1, size - 1);
            share[i] = at - below[i];
        }
        var weight = Tensor.From(axis == 2 ? [count, 1] : [count], share).To(x.DType);
        return x.Select(below, axis) * (1 - weight) + x.Select(above, axis) * weight;
    }

    static (int N, int Channels, int Height, int Width) Images(Tensor x, string op)
    {
        if (x.Rank != 4) Throw.Shapes(op, $"expects [n, channels, height, width], but got {x.Shape}.");
        return (x.Shape[0], x.Shape[1], x.Shape[2], x.Shape[3]);
    }

    static int Times(int size, int factor) => Sizes.Product("upsample", "a side", size, factor);
}
