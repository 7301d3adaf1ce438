namespace MicroGrad.Net;

// A convolution is linear in x and in w, and so are its two adjoints: three ops, each of whose rules are the other two.
public partial class Tensor
{
    /// <summary>
    /// The convolution (as in all frameworks: the cross-correlation) of images [n, channels, height, width] with
    /// weights [outputs, channels/groups, window height, window width]: y[n, o, i, j] = bias[o] + Σ over c, k, l of
    /// x[n, c, i·stride + k·dilation − padding, j·stride + l·dilation − padding] · weight[o, c, k, l], with zeros
    /// outside x. The result is [n, outputs, ⌊(height + 2·padding − dilation·(window − 1) − 1)/stride⌋ + 1, …].
    /// </summary>
    /// <param name="weight">The weights.</param>
    /// <param name="bias">A number added per output, [outputs]; none by default.</param>
    /// <param name="stride">The step of the window; 1 by default.</param>
    /// <param name="padding">The zeros around each image, or <see cref="Padding.Same"/>; none by default.</param>
    /// <param name="dilation">The step between the inputs under neighbouring weights; 1 by default.</param>
    /// <param name="groups">Into how many groups channels and outputs are divided; each sees only itself.</param>
    /// <exception cref="ShapeException">The channels do not fit, the window is larger than the padded image, or groups
    /// do not divide channels and outputs.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A stride, dilation or number of groups is not positive, or a
    /// padding is negative.</exception>
    public Tensor Conv2D(Tensor weight, Tensor? bias = null, Size2D? stride = null, Padding padding = default,
        Size2D? dilation = null, int groups = 1)
    {
        const string Op = "conv2d";
        var (rows, columns) = Axes2D(Op, weight, stride, dilation, groups);
        var channels = (long)weight.Shape[1] * groups;
        if (Shape[1] != channels)
            Throw.Shapes(Op, $"{Shape} has {Shape[1]} channels, but weights of {weight.Shape}"
                + (groups == 1 ? $" take {channels}." : $" in {groups} groups take {channels}."));
        if (weight.Shape[0] % groups != 0)
            Throw.Shapes(Op, $"{groups} groups do not divide the {weight.Shape[0]} outputs of {weight.Shape}.");
        var sizes = new ConvolutionSizes(Shape[0], Shape[1], weight.Shape[0], groups,
            AxisOver(Op, rows, Shape, weight.Shape, 2, padding.Size.Height, padding.IsSame),
            AxisOver(Op, columns, Shape, weight.Shape, 3, padding.Size.Width, padding.IsSame));
        if (bias is not null && bias.Shape != Shape.Of(sizes.Outputs))
            Throw.Shapes(Op, $"a bias of {bias.Shape} does not fit weights of {weight.Shape}: [{sizes.Outputs}] would.");
        return Convolve(this, weight, bias, sizes);
    }

    /// <summary>
    /// The transposed convolution: the adjoint of <see cref="Conv2D"/> in its input, which takes images [n, channels,
    /// height, width] back to what a convolution with these settings would have made them of. Weights are [channels,
    /// outputs/groups, window height, window width]; the result is [n, outputs, (height − 1)·stride − 2·padding +
    /// dilation·(window − 1) + 1 + outputPadding, …].
    /// </summary>
    /// <param name="weight">The weights.</param>
    /// <param name="bias">A number added per output, [outputs]; none by default.</param>
    /// <param name="stride">How far apart the inputs stand in the result; 1 by default.</param>
    /// <param name="padding">How much is cut off each side of the result; none by default.</param>
    /// <param name="outputPadding">How much is left at the far sides, to choose among the sizes that a convolution
    /// takes to the same size; smaller than stride or dilation.</param>
    /// <param name="dilation">The step between the results of neighbouring weights; 1 by default.</param>
    /// <param name="groups">Into how many groups channels and outputs are divided; each sees only itself.</param>
    /// <exception cref="ShapeException">The channels do not fit, nothing is left of the result, or groups do not divide
    /// the channels.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A stride, dilation or number of groups is not positive, a padding
    /// negative, or the output padding too large.</exception>
    public Tensor ConvTranspose2D(Tensor weight, Tensor? bias = null, Size2D? stride = null, Size2D padding = default,
        Size2D outputPadding = default, Size2D? dilation = null, int groups = 1)
    {
        const string Op = "conv transpose2d";
        var (rows, columns) = Axes2D(Op, weight, stride, dilation, groups);
        if (Shape[1] != weight.Shape[0])
            Throw.Shapes(Op, $"{Shape} has {Shape[1]} channels, but weights of {weight.Shape} take {weight.Shape[0]}.");
        if (Shape[1] % groups != 0)
            Throw.Shapes(Op, $"{groups} groups do not divide the {Shape[1]} channels of {Shape}.");
        var outputs = Sizes.Product(Op, "the channels of the result", weight.Shape[1], groups);
        var sizes = new ConvolutionSizes(Shape[0], outputs, Shape[1], groups,
            AxisUnder(Op, rows, Shape, 2, padding.Height, outputPadding.Height),
            AxisUnder(Op, columns, Shape, 3, padding.Width, outputPadding.Width));
        if (bias is not null && bias.Shape != Shape.Of(sizes.Channels))
            Throw.Shapes(Op, $"a bias of {bias.Shape} does not fit weights of {weight.Shape}: [{sizes.Channels}] would.");
        var result = ConvolveBack(this, weight, sizes);
        return bias is null ? result : result + bias.Reshape(-1, 1, 1);
    }

    static Tensor Convolve(Tensor x, Tensor weight, Tensor? bias, ConvolutionSizes sizes)
    {
        const string Op = "conv2d";
        var dtype = SameDType(Op, x, weight);
        if (bias is not null) SameDType(Op, x, bias);
        var y = Empty([sizes.Images, sizes.Outputs, sizes.Rows.Output, sizes.Columns.Output], dtype);
        if (dtype == DType.Float32) Run<float>();
        else Run<double>();
        (Tensor, Func<Tensor, Tensor>) toX = (x, g => ConvolveBack(g, weight, sizes));
        (Tensor, Func<Tensor, Tensor>) toWeight = (weight, g => ConvolveAcross(x, g, sizes));
        return bias is null ? Node.Record(Op, y, toX, toWeight)
            : Node.Record(Op, y, toX, toWeight, (bias, g => g.Sum([0, 2, 3])));

        void Run<T>() where T : unmanaged, System.Numerics.IFloatingPointIeee754<T> => Convolution.Output(
            sizes, x.Read<T>(), weight.Read<T>(), bias is null ? [] : bias.Read<T>(), y.Write<T>());
    }

    static Tensor ConvolveBack(Tensor y, Tensor weight, ConvolutionSizes sizes)
    {
        const string Op = "conv transpose2d";
        var dtype = SameDType(Op, y, weight);
        var x = Empty([sizes.Images, sizes.Channels, sizes.Rows.Input, sizes.Columns.Input], dtype);
        if (x.DType == DType.Float32)
            Convolution.InputGradient(sizes, y.Read<float>(), weight.Read<float>(), x.Write<float>());
        else Convolution.InputGradient(sizes, y.Read<double>(), weight.Read<double>(), x.Write<double>());
        return Node.Record(Op, x,
            (y, g => Convolve(g, weight, null, sizes)), (weight, g => ConvolveAcross(g, y, sizes)));
    }

    static Tensor ConvolveAcross(Tensor x, Tensor y, ConvolutionSizes sizes)
    {
        const string Op = "conv2d weights";
        var dtype = SameDType(Op, x, y);
        var weight = Empty([sizes.Outputs, sizes.GroupChannels, sizes.Rows.Window, sizes.Columns.Window], dtype);
        if (x.DType == DType.Float32)
            Convolution.WeightGradient(sizes, x.Read<float>(), y.Read<float>(), weight.Write<float>());
        else Convolution.WeightGradient(sizes, x.Read<double>(), y.Read<double>(), weight.Write<double>());
        return Node.Record(Op, weight,
            (x, g => ConvolveBack(y, g, sizes)), (y, g => Convolve(x, g, null, sizes)));
    }

    /// <summary>The windows of both axes, their sizes and places still open.</summary>
    (Sliding Rows, Sliding Columns) Axes2D(string op, Tensor weight, Size2D? stride, Size2D? dilation, int groups)
    {
        if (Rank != 4) Throw.Shapes(op, $"expects [n, channels, height, width], but got {Shape}.");
        if (weight.Rank != 4) Throw.Shapes(op, $"expects weights with 4 axes, but got {weight.Shape}.");
        if (groups <= 0) Throw.OutOfRange(op, nameof(groups), groups, "positive");
        return Windows(op, (weight.Shape[2], weight.Shape[3]), stride ?? 1, dilation ?? 1);
    }

    /// <summary>A window over each of the last two axes, whose sizes and places are still open.</summary>
    static (Sliding Rows, Sliding Columns) Windows(string op, Size2D window, Size2D stride, Size2D dilation)
    {
        Positive(op, nameof(window), window);
        Positive(op, nameof(stride), stride);
        Positive(op, nameof(dilation), dilation);
        return (new Sliding(0, 0, window.Height, stride.Height, 0, dilation.Height),
            new Sliding(0, 0, window.Width, stride.Width, 0, dilation.Width));
    }

    static void Positive(string op, string name, Size2D size)
    {
        if (Math.Min(size.Height, size.Width) is var least and <= 0) Throw.OutOfRange(op, name, least, "positive");
    }

    /// <summary>The window over an axis of x.</summary>
    static Sliding AxisOver(string op, Sliding window, Shape x, Shape weight, int axis, int padding, bool same)
    {
        if (padding < 0) Throw.OutOfRange(op, nameof(padding), padding, "at least 0");
        var (input, extent) = (x[axis], Extent(window));
        if (same && window.Stride != 1)
            Throw.Value(op, $"padding 'same' goes with stride 1, but the stride is {window.Stride}.");
        var padded = Padded(op, x, axis, same ? extent - 1 : 2L * padding);
        if (same) return window with { Input = input, Output = input, Before = (int)((extent - 1) / 2) };
        if (extent > padded)
            Throw.Shapes(op, $"the window of {weight} reaches over {extent}, more than axis {axis} of {x}"
                + (padding == 0 ? "." : $", which is {padded} with padding."));
        return window with { Input = input, Output = (int)((padded - extent) / window.Stride + 1), Before = padding };
    }

    /// <summary>The window over an axis of the result from which a convolution would have made y.</summary>
    static Sliding AxisUnder(string op, Sliding window, Shape y, int axis, int padding, int outputPadding)
    {
        if (padding < 0) Throw.OutOfRange(op, nameof(padding), padding, "at least 0");
        if (outputPadding < 0 || outputPadding >= Math.Max(window.Stride, window.Dilation))
            Throw.OutOfRange(op, nameof(outputPadding), outputPadding, "at least 0 and smaller than stride or dilation");
        var size = (y[axis] - 1L) * window.Stride - 2L * padding + Extent(window) + outputPadding;
        // The result with what is cut off must be a size too: see Sliding.
        if (size <= 0 || size + 2L * padding > Sizes.Most || Extent(window) > Sizes.Most)
            Throw.Shapes(op, $"axis {axis} of {y} would become {size} long"
                + (padding > 0 && size > 0 ? $", and {size + 2L * padding} before the padding is cut off." : "."));
        return window with { Input = (int)size, Output = y[axis], Before = padding };
    }

    /// <summary>The length of an axis with what is put around it.</summary>
    static long Padded(string op, Shape x, int axis, long padding)
    {
        var padded = x[axis] + padding;
        if (padded > Sizes.Most) Throw.TooLarge(op, $"axis {axis} of {x}, with its padding,", padded);
        return padded;
    }

    /// <summary>How many neighbouring inputs lie under the window, gaps included.</summary>
    static long Extent(Sliding window) => (window.Window - 1L) * window.Dilation + 1;
}
