namespace MicroGrad.Net;

/// <summary>What the convolution layers have in common: weights, a bias, and how they are drawn and printed.</summary>
public abstract class ConvolutionLayer : Module
{
    readonly string _text;

    /// <summary>The weights; their shape stands at each layer.</summary>
    public Parameter Weight { get; }

    /// <summary>The bias, [outputs]; null without.</summary>
    public Parameter? Bias { get; }

    private protected ConvolutionLayer(
        string window, int inputs, int outputs, Shape weight, int groups, bool bias, string settings, Rng? rng,
        DType dtype)
    {
        // PyTorch's default, whose fan is the second axis of the weights even where they are transposed.
        var bound = 1 / Math.Sqrt(Shape.Of(weight.Sizes[1..]).Length);
        Weight = new Parameter(Tensor.Uniform(weight, -bound, bound, rng, dtype));
        if (bias) Bias = new Parameter(Tensor.Uniform([outputs], -bound, bound, rng, dtype));
        _text = $"{GetType().Name}({inputs} -> {outputs}, {window}{settings}{(groups == 1 ? "" : $", groups {groups}")}"
            + $"{(bias ? "" : ", no bias")})";
    }

    /// <summary>The shape of the weights, once the settings make sense.</summary>
    private protected static Shape WeightShape(string layer, int first, int second, int groups, ReadOnlySpan<int> window,
        string firstName = "outputs", string secondName = "inputs")
    {
        Positive(layer, firstName, first);
        Positive(layer, secondName, second);
        Positive(layer, nameof(groups), groups);
        foreach (var size in window) Positive(layer, nameof(window), size);
        if (first % groups != 0) Throw.Value(layer, $"{groups} groups do not divide {first} {firstName}.");
        if (second % groups != 0) Throw.Value(layer, $"{groups} groups do not divide {second} {secondName}.");
        return Shape.Of([first, second / groups, .. window]);
    }

    static void Positive(string layer, string name, int value)
    {
        if (value <= 0) Throw.OutOfRange(layer, name, value, "positive");
    }

    /// <summary>Refuses an input without the layer's number of channels, in words of the layer.</summary>
    private protected void Require(Tensor input, int inputs, int rank)
    {
        if (input.Rank == rank && input.Shape[1] == inputs) return;
        var wants = rank == 4 ? $"[n, {inputs}, height, width]" : $"[n, {inputs}, length]";
        var mend = input.Rank == rank - 1 && input.Shape[0] == inputs ? "Unsqueeze(0) makes a batch of one?"
            : input.Rank == rank - 1 && inputs == 1 ? "Unsqueeze(1) makes a channel?"
            : input.Rank == rank && input.Shape[^1] == inputs ? "are the channels last? Permute them to the second axis."
            : null;
        Throw.LayerInput(Describe(), wants, input.Shape, mend);
    }

    /// <summary>A setting for printing, unless it is the default, the least that makes sense.</summary>
    private protected static string Setting(string layer, string name, Size2D size, int least)
    {
        if (Math.Min(size.Height, size.Width) is var smaller && smaller < least)
            Throw.OutOfRange(layer, name, smaller, least > 0 ? "positive" : "at least 0");
        return size == least ? "" : $", {name} {(size.Height == size.Width ? $"{size.Height}" : size.ToString())}";
    }

    private protected static string Setting(string layer, Padding padding) =>
        padding.IsSame ? ", padding same" : Setting(layer, "padding", padding.Size, 0);

    /// <inheritdoc/>
    public override string Describe() => _text;
}

/// <summary>
/// A convolution over images, <see cref="Tensor.Conv2D"/>: [n, inputs, height, width] becomes [n, outputs, …]. The
/// weights are [outputs, inputs/groups, window height, window width].
/// </summary>
public sealed class Conv2D : ConvolutionLayer
{
    readonly int _inputs, _groups;
    readonly Size2D _stride, _dilation;
    readonly Padding _padding;

    /// <summary>A layer with weights and bias drawn uniformly from ±1/√(inputs/groups · window), PyTorch's default.</summary>
    /// <param name="inputs">The channels of the input.</param>
    /// <param name="outputs">The channels of the output.</param>
    /// <param name="window">The size of the window.</param>
    /// <param name="stride">The step of the window; 1 by default.</param>
    /// <param name="padding">The zeros around each image, or <see cref="Padding.Same"/>; none by default.</param>
    /// <param name="dilation">The step between the inputs under neighbouring weights; 1 by default.</param>
    /// <param name="groups">Into how many groups inputs and outputs are divided; each sees only itself.</param>
    /// <param name="bias">Whether to add a bias.</param>
    /// <param name="rng">Where the weights are drawn from; <see cref="Rng.Default"/> by default.</param>
    /// <param name="dtype">The number type of the parameters.</param>
    /// <exception cref="ArgumentException">A setting is not positive, or groups do not divide inputs and outputs.</exception>
    public Conv2D(int inputs, int outputs, Size2D window, Size2D? stride = null, Padding padding = default,
        Size2D? dilation = null, int groups = 1, bool bias = true, Rng? rng = null, DType dtype = DType.Float32)
        : base(window.ToString(), inputs, outputs,
            WeightShape(nameof(Conv2D), outputs, inputs, groups, [window.Height, window.Width]), groups, bias,
            Setting(nameof(Conv2D), "stride", stride ?? 1, 1) + Setting(nameof(Conv2D), padding)
            + Setting(nameof(Conv2D), "dilation", dilation ?? 1, 1), rng, dtype) =>
        (_inputs, _groups, _stride, _dilation, _padding) = (inputs, groups, stride ?? 1, dilation ?? 1, padding);

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor input)
    {
        Require(input, _inputs, rank: 4);
        return input.Conv2D(Weight, Bias, _stride, _padding, _dilation, _groups);
    }
}

/// <summary>
/// A convolution over sequences: [n, inputs, length] becomes [n, outputs, …]. The weights are [outputs,
/// inputs/groups, window].
/// </summary>
public sealed class Conv1D : ConvolutionLayer
{
    readonly int _inputs, _groups, _stride, _dilation;
    readonly Padding _padding;

    /// <summary>A layer with weights and bias drawn uniformly from ±1/√(inputs/groups · window), PyTorch's default.</summary>
    /// <param name="inputs">The channels of the input.</param>
    /// <param name="outputs">The channels of the output.</param>
    /// <param name="window">The length of the window.</param>
    /// <param name="stride">The step of the window.</param>
    /// <param name="padding">The zeros before and after each sequence, or <see cref="Padding.Same"/>.</param>
    /// <param name="dilation">The step between the inputs under neighbouring weights.</param>
    /// <param name="groups">Into how many groups inputs and outputs are divided; each sees only itself.</param>
    /// <param name="bias">Whether to add a bias.</param>
    /// <param name="rng">Where the weights are drawn from; <see cref="Rng.Default"/> by default.</param>
    /// <param name="dtype">The number type of the parameters.</param>
    /// <exception cref="ArgumentException">A setting is not positive, or groups do not divide inputs and outputs.</exception>
    public Conv1D(int inputs, int outputs, int window, int stride = 1, Padding padding = default, int dilation = 1,
        int groups = 1, bool bias = true, Rng? rng = null, DType dtype = DType.Float32)
        : base($"{window}", inputs, outputs,
            WeightShape(nameof(Conv1D), outputs, inputs, groups, [window]), groups, bias,
            Setting(nameof(Conv1D), "stride", stride, 1)
            + Setting(nameof(Conv1D), padding.IsSame ? padding : padding.Size.Width)
            + Setting(nameof(Conv1D), "dilation", dilation, 1), rng, dtype) =>
        (_inputs, _groups, _stride, _dilation, _padding) = (inputs, groups, stride, dilation, padding);

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor input)
    {
        Require(input, _inputs, rank: 3);
        return input.Conv1D(Weight, Bias, _stride, _padding, _dilation, _groups);
    }
}

/// <summary>
/// A transposed convolution, which enlarges images, <see cref="Tensor.ConvTranspose2D"/>: [n, inputs, height, width]
/// becomes [n, outputs, …]. The weights are [inputs, outputs/groups, window height, window width].
/// </summary>
public sealed class ConvTranspose2D : ConvolutionLayer
{
    readonly int _inputs, _groups;
    readonly Size2D _stride, _padding, _outputPadding, _dilation;

    /// <summary>A layer with weights and bias drawn uniformly from ±1/√(outputs/groups · window), PyTorch's default.</summary>
    /// <param name="inputs">The channels of the input.</param>
    /// <param name="outputs">The channels of the output.</param>
    /// <param name="window">The size of the window.</param>
    /// <param name="stride">How far apart the inputs stand in the result; 1 by default.</param>
    /// <param name="padding">How much is cut off each side of the result; none by default.</param>
    /// <param name="outputPadding">How much is left at the far sides; smaller than stride or dilation.</param>
    /// <param name="dilation">The step between the results of neighbouring weights; 1 by default.</param>
    /// <param name="groups">Into how many groups inputs and outputs are divided; each sees only itself.</param>
    /// <param name="bias">Whether to add a bias.</param>
    /// <param name="rng">Where the weights are drawn from; <see cref="Rng.Default"/> by default.</param>
    /// <param name="dtype">The number type of the parameters.</param>
    /// <exception cref="ArgumentException">A setting is not positive, or groups do not divide inputs and outputs.</exception>
    public ConvTranspose2D(int inputs, int outputs, Size2D window, Size2D? stride = null, Size2D padding = default,
        Size2D outputPadding = default, Size2D? dilation = null, int groups = 1, bool bias = true, Rng? rng = null, DType dtype = DType.Float32)
        : base(window.ToString(), inputs, outputs,
            WeightShape(nameof(ConvTranspose2D), inputs, outputs, groups, [window.Height, window.Width],
                nameof(inputs), nameof(outputs)), groups, bias,
            Setting(nameof(ConvTranspose2D), "stride", stride ?? 1, 1)
            + Setting(nameof(ConvTranspose2D), "padding", padding, 0)
            + Setting(nameof(ConvTranspose2D), "output padding", outputPadding, 0)
            + Setting(nameof(ConvTranspose2D), "dilation", dilation ?? 1, 1), rng, dtype) =>
        (_inputs, _groups, _stride, _padding, _outputPadding, _dilation)
            = (inputs, groups, stride ?? 1, padding, outputPadding, dilation ?? 1);

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor input)
    {
        Require(input, _inputs, rank: 4);
        return input.ConvTranspose2D(Weight, Bias, _stride, _padding, _outputPadding, _dilation, _groups);
    }
}

/// <summary>
/// A transposed convolution, which lengthens sequences, <see cref="ComposedWindows.ConvTranspose1D"/>: [n, inputs,
/// length] becomes [n, outputs, …]. The weights are [inputs, outputs/groups, window].
/// </summary>
public sealed class ConvTranspose1D : ConvolutionLayer
{
    readonly int _inputs, _groups, _stride, _padding, _outputPadding, _dilation;

    /// <summary>A layer with weights and bias drawn uniformly from ±1/√(outputs/groups · window), PyTorch's default.</summary>
    /// <param name="inputs">The channels of the input.</param>
    /// <param name="outputs">The channels of the output.</param>
    /// <param name="window">The length of the window.</param>
    /// <param name="stride">How far apart the inputs stand in the result.</param>
    /// <param name="padding">How much is cut off each side of the result.</param>
    /// <param name="outputPadding">How much is left at the far side; smaller than stride or dilation.</param>
    /// <param name="dilation">The step between the results of neighbouring weights.</param>
    /// <param name="groups">Into how many groups inputs and outputs are divided; each sees only itself.</param>
    /// <param name="bias">Whether to add a bias.</param>
    /// <param name="rng">Where the weights are drawn from; <see cref="Rng.Default"/> by default.</param>
    /// <param name="dtype">The number type of the parameters.</param>
    /// <exception cref="ArgumentException">A setting is not positive, or groups do not divide inputs and outputs.</exception>
    public ConvTranspose1D(int inputs, int outputs, int window, int stride = 1, int padding = 0, int outputPadding = 0,
        int dilation = 1, int groups = 1, bool bias = true, Rng? rng = null, DType dtype = DType.Float32)
        : base($"{window}", inputs, outputs,
            WeightShape(nameof(ConvTranspose1D), inputs, outputs, groups, [window], nameof(inputs), nameof(outputs)),
            groups, bias,
            Setting(nameof(ConvTranspose1D), "stride", stride, 1) + Setting(nameof(ConvTranspose1D), "padding", padding, 0)
            + Setting(nameof(ConvTranspose1D), "output padding", outputPadding, 0)
            + Setting(nameof(ConvTranspose1D), "dilation", dilation, 1), rng, dtype) =>
        (_inputs, _groups, _stride, _padding, _outputPadding, _dilation)
            = (inputs, groups, stride, padding, outputPadding, dilation);

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor input)
    {
        Require(input, _inputs, rank: 3);
        return input.ConvTranspose1D(Weight, Bias, _stride, _padding, _outputPadding, _dilation, _groups);
    }
}
