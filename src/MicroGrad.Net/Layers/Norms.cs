namespace MicroGrad.Net;

/// <summary>
/// Normalises the last axes of each sample: y = (x − mean)/√(variance + epsilon)·weight + bias, mean and variance
/// being over these axes (Ba et al., 2016). The shape stays.
/// </summary>
public sealed class LayerNorm : Module
{
    readonly Shape _shape;
    readonly double _epsilon;

    /// <summary>The factors, of the normalised shape; null without.</summary>
    public Parameter? Weight { get; }

    /// <summary>The numbers added, of the normalised shape; null without.</summary>
    public Parameter? Bias { get; }

    /// <summary>A layer over the last axis.</summary>
    /// <param name="features">The size of the last axis.</param>
    /// <param name="epsilon">Added to the variance before the root is taken.</param>
    /// <param name="affine">Whether to learn weight and bias.</param>
    /// <param name="bias">Whether to learn a bias besides the weight.</param>
    /// <param name="dtype">The number type of the parameters.</param>
    /// <exception cref="ShapeException">The size is negative.</exception>
    public LayerNorm(int features, double epsilon = 1e-5, bool affine = true, bool bias = true,
        DType dtype = DType.Float32)
        : this(Shape.Of(features), epsilon, affine, bias, dtype)
    {
    }

    /// <summary>A layer over the last axes.</summary>
    /// <param name="shape">The sizes of the last axes.</param>
    /// <param name="epsilon">Added to the variance before the root is taken.</param>
    /// <param name="affine">Whether to learn weight and bias.</param>
    /// <param name="bias">Whether to learn a bias besides the weight.</param>
    /// <param name="dtype">The number type of the parameters.</param>
    /// <exception cref="ShapeException">There are no axes.</exception>
    public LayerNorm(Shape shape, double epsilon = 1e-5, bool affine = true, bool bias = true,
        DType dtype = DType.Float32)
    {
        if (shape.Rank == 0) Throw.Shapes(nameof(LayerNorm), "there is no axis to normalise.");
        (_shape, _epsilon) = (shape, epsilon);
        if (affine) Weight = new Parameter(Tensor.Ones(shape, dtype));
        if (affine && bias) Bias = new Parameter(Tensor.Zeros(shape, dtype));
    }

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor input)
    {
        Norms.RequireLast(this, _shape, input);
        return input.LayerNormalized(_shape, _epsilon, Weight, Bias);
    }

    /// <inheritdoc/>
    public override string Describe() =>
        $"LayerNorm({Norms.Text(_shape)}{(Weight is null ? ", no affine" : Bias is null ? ", no bias" : "")})";
}

/// <summary>
/// Divides the last axes of each sample by the root of their mean square: y = x/√(mean of x² + epsilon)·weight (Zhang
/// and Sennrich, 2019). The shape stays.
/// </summary>
public sealed class RmsNorm : Module
{
    readonly Shape _shape;
    readonly double? _epsilon;

    /// <summary>The factors, of the normalised shape; null without.</summary>
    public Parameter? Weight { get; }

    /// <summary>A layer over the last axis.</summary>
    /// <param name="features">The size of the last axis.</param>
    /// <param name="epsilon">Added to the mean square; by default the step from 1 to the number type's next number.</param>
    /// <param name="affine">Whether to learn the weight.</param>
    /// <param name="dtype">The number type of the parameters.</param>
    /// <exception cref="ShapeException">The size is negative.</exception>
    public RmsNorm(int features, double? epsilon = null, bool affine = true, DType dtype = DType.Float32)
        : this(Shape.Of(features), epsilon, affine, dtype)
    {
    }

    /// <summary>A layer over the last axes.</summary>
    /// <param name="shape">The sizes of the last axes.</param>
    /// <param name="epsilon">Added to the mean square; by default the step from 1 to the number type's next number.</param>
    /// <param name="affine">Whether to learn the weight.</param>
    /// <param name="dtype">The number type of the parameters.</param>
    /// <exception cref="ShapeException">There are no axes.</exception>
    public RmsNorm(Shape shape, double? epsilon = null, bool affine = true, DType dtype = DType.Float32)
    {
        if (shape.Rank == 0) Throw.Shapes(nameof(RmsNorm), "there is no axis to normalise.");
        (_shape, _epsilon) = (shape, epsilon);
        if (affine) Weight = new Parameter(Tensor.Ones(shape, dtype));
    }

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor input)
    {
        Norms.RequireLast(this, _shape, input);
        int[] last = [.. Enumerable.Range(input.Rank - _shape.Rank, _shape.Rank)];
        var epsilon = _epsilon ?? (input.DType == DType.Float32 ? Math.Pow(2, -23) : Math.Pow(2, -52));
        var result = input / input.RootOfSquares(last, keepDims: true, _shape.Length, epsilon);
        return Weight is null ? result : result * Weight;
    }

    /// <inheritdoc/>
    public override string Describe() => $"RmsNorm({Norms.Text(_shape)}{(Weight is null ? ", no affine" : "")})";
}

/// <summary>
/// Normalises groups of channels of each sample: y = (x − mean)/√(variance + epsilon)·weight + bias, mean and variance
/// being over the channels of a group and all axes after them (Wu and He, 2018). [n, channels, …] keeps its shape.
/// </summary>
public class GroupNorm : Module
{
    readonly int _groups;
    readonly double _epsilon;

    private protected int Channels { get; }

    /// <summary>The factors, [channels]; null without.</summary>
    public Parameter? Weight { get; }

    /// <summary>The numbers added, [channels]; null without.</summary>
    public Parameter? Bias { get; }

    /// <summary>A layer over groups of channels.</summary>
    /// <param name="groups">Into how many groups the channels are divided.</param>
    /// <param name="channels">The size of the second axis.</param>
    /// <param name="epsilon">Added to the variance before the root is taken.</param>
    /// <param name="affine">Whether to learn weight and bias.</param>
    /// <param name="dtype">The number type of the parameters.</param>
    /// <exception cref="ArgumentException">A number is not positive, or the groups do not divide the channels.</exception>
    public GroupNorm(int groups, int channels, double epsilon = 1e-5, bool affine = true, DType dtype = DType.Float32)
    {
        if (groups <= 0) Throw.OutOfRange(GetType().Name, nameof(groups), groups, "positive");
        if (channels <= 0) Throw.OutOfRange(GetType().Name, nameof(channels), channels, "positive");
        if (channels % groups != 0) Throw.Value(GetType().Name, $"{groups} groups do not divide {channels} channels.");
        (_groups, Channels, _epsilon) = (groups, channels, epsilon);
        if (!affine) return;
        (Weight, Bias) = (new Parameter(Tensor.Ones([channels], dtype)), new Parameter(Tensor.Zeros([channels], dtype)));
    }

    private protected virtual int LeastRank => 2;

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor input)
    {
        if (input.Rank < LeastRank || input.Shape[1] != Channels)
            Throw.LayerInput(Describe(), $"[n, {Channels}, ...]", input.Shape, null);
        var inner = Shape.Of(input.Shape.Sizes[2..]).Length;
        var result = input.Reshape(Shape.Of(1, input.Shape[0] * _groups, Channels / _groups * inner))
            .Standardized(_epsilon, null, null, out _, out _);
        if (Weight is null || Bias is null) return result.Reshape(input.Shape);
        result = result.Reshape(Shape.Of(input.Shape[0], Channels, inner));
        return (result * Weight.Reshape(-1, 1) + Bias.Reshape(-1, 1)).Reshape(input.Shape);
    }

    /// <inheritdoc/>
    public override string Describe() =>
        $"GroupNorm({_groups} groups of {Channels}{(Weight is null ? ", no affine" : "")})";
}

/// <summary>
/// Normalises each channel of each sample by itself, over all axes after it (Ulyanov et al., 2016). [n, channels,
/// length, …] keeps its shape. Nothing is learned unless <c>affine</c> is set.
/// </summary>
/// <param name="channels">The size of the second axis.</param>
/// <param name="epsilon">Added to the variance before the root is taken.</param>
/// <param name="affine">Whether to learn weight and bias.</param>
/// <param name="dtype">The number type of the parameters.</param>
/// <exception cref="ArgumentOutOfRangeException">There is no channel.</exception>
public sealed class InstanceNorm(int channels, double epsilon = 1e-5, bool affine = false, DType dtype = DType.Float32)
    : GroupNorm(channels, channels, epsilon, affine, dtype)
{
    private protected override int LeastRank => 3;

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor input)
    {
        // PyTorch refuses it too: a single number less its mean is always 0.
        if (IsTraining && input.Rank >= 3 && Shape.Of(input.Shape.Sizes[2..]).Length == 1)
            Throw.LayerInput(Describe(), "more than one number per channel in training", input.Shape, null);
        return base.Compute(input);
    }

    /// <inheritdoc/>
    public override string Describe() => $"InstanceNorm({Channels}{(Weight is null ? "" : ", affine")})";
}

static class Norms
{
    public static void RequireLast(ModuleBase layer, Shape shape, Tensor input)
    {
        if (input.Rank < shape.Rank || !input.Shape.Sizes[^shape.Rank..].SequenceEqual(shape.Sizes))
            Throw.LayerInput(layer.Describe(), $"[..., {string.Join(", ", shape.Sizes.ToArray())}]", input.Shape, null);
    }

    public static string Text(Shape shape) => shape.Rank == 1 ? $"{shape[0]}" : shape.ToString();
}
