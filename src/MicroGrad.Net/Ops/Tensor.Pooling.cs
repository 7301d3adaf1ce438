namespace MicroGrad.Net;

// Pooling: a window slides over each channel of images [n, channels, height, width] and keeps one number per position.
public partial class Tensor
{
    static readonly Operation s_maxPool2D = new("max pool2d", "y = the largest in each window of a",
        "g where the largest was, else 0")
    { Words = "Only the largest number of each window mattered: it gets the window's gradient." };

    /// <summary>
    /// The largest number under a window, per channel. [n, channels, height, width] becomes [n, channels, ⌊(height +
    /// 2·padding − dilation·(window − 1) − 1)/stride⌋ + 1, …]. The gradient goes to the first of ties; a NaN wins;
    /// nothing is ever taken from the padding.
    /// </summary>
    /// <param name="window">The size of the window.</param>
    /// <param name="stride">The step of the window; its size by default.</param>
    /// <param name="padding">How far the window may begin before and end after the image; at most half its size.</param>
    /// <param name="dilation">The step between neighbouring cells of the window; 1 by default.</param>
    /// <param name="ceilMode">Round the size up instead of down, if the last window still begins on the image.</param>
    /// <exception cref="ShapeException">The window is larger than the padded image.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A setting is not positive, or the padding too large.</exception>
    public Tensor MaxPool2D(
        Size2D window, Size2D? stride = null, Size2D padding = default, Size2D? dilation = null, bool ceilMode = false)
    {
        var (rows, columns) = Pools(s_maxPool2D, window, stride, padding, dilation ?? 1, ceilMode);
        // Cells are counted in the type of the elements.
        var most = DType == DType.Float32 ? 1 << 24 : Sizes.Most;
        if ((long)rows.Window * columns.Window > most)
            Throw.Shapes(s_maxPool2D, $"the window {window} has more cells than the {most} that {DType} can number.");
        var result = Empty([Shape[0], Shape[1], rows.Output, columns.Output], DType);
        var cells = Empty(result.Shape, DType);
        if (DType == DType.Float32) Pooling.Max(Read<float>(), rows, columns, result.Write<float>(), cells.Write<float>());
        else Pooling.Max(Read<double>(), rows, columns, result.Write<double>(), cells.Write<double>());
        var shape = Shape;
        var operation = Described(s_maxPool2D.With("window", window), rows, columns);
        return Node.Record(operation, result, (this, g => g.PutBack(operation, cells, rows, columns, shape)));
    }

    /// <summary>
    /// Zeros of a shape, with each number added in the cell of its window: <see cref="Put"/>, plane by plane.
    /// </summary>
    Tensor PutBack(Operation op, Tensor cells, Sliding rows, Sliding columns, Shape shape)
    {
        var (result, source) = (Empty(shape, DType), Shape);
        if (DType == DType.Float32)
            Pooling.PutBack(Read<float>(), cells.Read<float>(), rows, columns, result.Write<float>());
        else Pooling.PutBack(Read<double>(), cells.Read<double>(), rows, columns, result.Write<double>());
        return Node.Record(op, result, (this, g => g.Taken(op, Places(), 1, source)));

        int[] Places()
        {
            var places = Sizes.New<int>(op, cells.Length);
            if (cells.DType == DType.Float32) Pooling.Places(cells.Read<float>(), rows, columns, places);
            else Pooling.Places(cells.Read<double>(), rows, columns, places);
            return places;
        }
    }

    static readonly Operation s_avgPool2D = new("avg pool2d", "y = the mean of each window of a",
        "g / window's size, summed over windows") { Words = "All numbers of a window share its gradient equally." };

    /// <summary>
    /// The average of the numbers under a window, per channel. [n, channels, height, width] becomes [n, channels,
    /// ⌊(height + 2·padding − window)/stride⌋ + 1, …].
    /// </summary>
    /// <param name="window">The size of the window.</param>
    /// <param name="stride">The step of the window; its size by default.</param>
    /// <param name="padding">The zeros around the image; at most half the window.</param>
    /// <param name="ceilMode">Round the size up instead of down, if the last window still begins on the image.</param>
    /// <param name="countPadding">Divide by the size of the window, padding included, instead of by the numbers of
    /// the image alone.</param>
    /// <param name="divisor">Divide by this number instead.</param>
    /// <exception cref="ShapeException">The window is larger than the padded image.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A setting is not positive, or the padding too large.</exception>
    public Tensor AvgPool2D(Size2D window, Size2D? stride = null, Size2D padding = default, bool ceilMode = false,
        bool countPadding = true, double? divisor = null)
    {
        if (divisor == 0) Throw.OutOfRange(s_avgPool2D, nameof(divisor), 0, "other than 0");
        var (rows, columns) = Pools(s_avgPool2D, window, stride, padding, 1, ceilMode);
        // A divisor of one's own is that of a whole row.
        var operation = s_avgPool2D.With("window", window).With("stride", stride ?? window).With("padding", padding)
            .With("ceilMode", ceilMode).With("countPadding", countPadding).With("divisor", divisor);
        return Average(
            operation, Segments(rows, padding.Height, divisor is null ? null : 1), Segments(columns, padding.Width, divisor));

        Segment[] Segments(Sliding sliding, int after, double? count)
        {
            var segments = Sizes.New<Segment>(s_avgPool2D, sliding.Output);
            for (var o = 0; o < segments.Length; o++)
            {
                var begin = o * sliding.Stride - sliding.Before;
                // Rounding up, a window can end beyond the padding: what is there counts for nothing.
                var end = (int)Math.Min((long)begin + sliding.Window, sliding.Input + after);
                var (first, last) = (Math.Max(begin, 0), Math.Min(end, sliding.Input));
                segments[o] = new Segment(first, last, count ?? (countPadding ? end - begin : last - first));
            }
            return segments;
        }
    }

    static readonly Operation s_adaptiveAvgPool2D = new("adaptive avg pool2d", "y = the mean of each window of a",
        "g / window's size, summed over windows") { Words = "All numbers of a window share its gradient equally." };

    /// <summary>
    /// Averages over as many parts of each image as the result has numbers: part i of k begins at ⌊i·height/k⌋ and
    /// ends before ⌈(i + 1)·height/k⌉. [n, channels, height, width] becomes [n, channels, output height, output width].
    /// </summary>
    /// <param name="output">The size of the result.</param>
    /// <exception cref="ShapeException">The tensor has not 4 axes, or an image no numbers.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The size is not positive.</exception>
    public Tensor AdaptiveAvgPool2D(Size2D output)
    {
        Images(s_adaptiveAvgPool2D);
        Positive(s_adaptiveAvgPool2D, nameof(output), output);
        Sizes.Product(s_adaptiveAvgPool2D, "the result", Shape[0], Shape[1], output.Height, output.Width);
        return Average(s_adaptiveAvgPool2D.With("output", output),
            Parts(s_adaptiveAvgPool2D, Shape[2], output.Height), Parts(s_adaptiveAvgPool2D, Shape[3], output.Width));
    }

    static readonly Operation s_adaptiveMaxPool2D = new("adaptive max pool2d", "y = the largest in each window of a",
        "g where the largest was, else 0")
    { Words = "Only the largest number of each window mattered: it gets the window's gradient." };

    /// <summary>
    /// The largest number of as many parts of each image as the result has numbers, the parts being those of
    /// <see cref="AdaptiveAvgPool2D"/>; the gradient goes to the first of ties; a NaN wins. [n, channels, height, width]
    /// becomes [n, channels, output height, output width].
    /// </summary>
    /// <inheritdoc cref="AdaptiveAvgPool2D"/>
    public Tensor AdaptiveMaxPool2D(Size2D output)
    {
        Images(s_adaptiveMaxPool2D);
        Positive(s_adaptiveMaxPool2D, nameof(output), output);
        var places = Sizes.New<int>(s_adaptiveMaxPool2D,
            Sizes.Product(s_adaptiveMaxPool2D, "the result", Shape[0], Shape[1], output.Height, output.Width));
        var (rows, columns) = (Parts(s_adaptiveMaxPool2D, Shape[2], output.Height), Parts(s_adaptiveMaxPool2D, Shape[3], output.Width));
        var planes = Shape[0] * Shape[1];
        if (DType == DType.Float32) Pooling.AdaptiveMax(planes, Shape[3], rows, columns, Read<float>(), places);
        else Pooling.AdaptiveMax(planes, Shape[3], rows, columns, Read<double>(), places);
        return Taken(s_adaptiveMaxPool2D.With("output", output), places, 1, [Shape[0], Shape[1], output.Height, output.Width]);
    }

    static Segment[] Parts(string op, int size, int count)
    {
        var parts = Sizes.New<Segment>(op, count);
        for (var i = 0; i < count; i++)
        {
            var (first, end) = ((int)((long)i * size / count), (int)(((i + 1L) * size + count - 1) / count));
            parts[i] = new Segment(first, end, end - first);
        }
        return parts;
    }

    Tensor Average(Operation op, Segment[] rows, Segment[] columns)
    {
        var (shape, planes) = (Shape, Shape[0] * Shape[1]);
        var result = Empty([shape[0], shape[1], rows.Length, columns.Length], DType);
        if (DType == DType.Float32)
            Pooling.Average(planes, shape[3], rows, columns, Read<float>(), result.Write<float>());
        else Pooling.Average(planes, shape[3], rows, columns, Read<double>(), result.Write<double>());
        return Node.Record(op, result, (this, g => g.Spread(op, rows, columns, shape)));
    }

    /// <summary>The adjoint of <see cref="Average"/>: each number, divided, to all that it was the average of.</summary>
    Tensor Spread(Operation op, Segment[] rows, Segment[] columns, Shape shape)
    {
        var (result, planes) = (Empty(shape, DType), shape[0] * shape[1]);
        if (DType == DType.Float32)
            Pooling.Spread(planes, shape[3], rows, columns, Read<float>(), result.Write<float>());
        else Pooling.Spread(planes, shape[3], rows, columns, Read<double>(), result.Write<double>());
        return Node.Record(op, result, (this, g => g.Average(op, rows, columns)));
    }

    void Images(string op)
    {
        if (Rank != 4) Throw.Shapes(op, $"expects [n, channels, height, width], but got {Shape}.");
        if (Shape[2] == 0 || Shape[3] == 0) Throw.Shapes(op, $"the images of {Shape} have no numbers.");
    }

    (Sliding Rows, Sliding Columns) Pools(
        string op, Size2D window, Size2D? stride, Size2D padding, Size2D dilation, bool ceilMode)
    {
        Images(op);
        var (rows, columns) = Windows(op, window, stride ?? window, dilation);
        return (Pool(op, rows, 2, padding.Height, ceilMode), Pool(op, columns, 3, padding.Width, ceilMode));
    }

    Sliding Pool(string op, Sliding window, int axis, int padding, bool ceilMode)
    {
        if (padding < 0 || padding > window.Window / 2)
            Throw.OutOfRange(op, nameof(padding), padding, $"at least 0 and at most half the window of {window.Window}");
        var (input, extent) = (Shape[axis], Extent(window));
        var padded = Padded(op, Shape, axis, 2L * padding);
        var room = padded - extent;
        if (room < 0)
            Throw.Shapes(op, $"the window reaches over {extent}, more than axis {axis} of {Shape}"
                + (padding == 0 ? "." : $", which is {padded} with padding."));
        var output = room / window.Stride + 1;
        if (ceilMode && room % window.Stride != 0 && output * window.Stride < (long)input + padding) output++;
        var result = window with { Input = input, Output = (int)output, Before = padding };
        // With a dilation, the cells of a window can straddle a small image.
        for (var o = 0; o < result.Output && window.Dilation > 1; o++)
            if (result.Seen(o) is var (first, last) && first > last)
                Throw.Shapes(op, $"the window at position {o} sees nothing of axis {axis} of {Shape}, only padding.");
        return result;
    }
}
