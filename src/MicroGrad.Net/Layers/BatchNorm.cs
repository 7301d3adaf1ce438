namespace MicroGrad.Net;

/// <summary>
/// Normalises each channel over the batch: y = (x − mean)/√(variance + epsilon)·weight + bias (Ioffe and Szegedy,
/// 2015). In training, mean and variance are those of the batch, and running averages of them are kept; in evaluation,
/// the running averages are used.
/// </summary>
public abstract class BatchNorm : Module
{
    readonly double _epsilon;
    readonly double? _momentum;
    readonly string _text;

    /// <summary>The factors, [channels]; null without.</summary>
    public Parameter? Weight { get; }

    /// <summary>The numbers added, [channels]; null without.</summary>
    public Parameter? Bias { get; }

    /// <summary>The running mean, [channels].</summary>
    public ModuleBuffer RunningMean { get; }

    /// <summary>The running variance (of the unbiased one), [channels].</summary>
    public ModuleBuffer RunningVar { get; }

    /// <summary>How many batches the averages were made of, a scalar.</summary>
    public ModuleBuffer NumBatchesTracked { get; }

    private protected BatchNorm(int channels, double epsilon, double? momentum, bool affine, DType dtype)
    {
        if (channels <= 0) Throw.OutOfRange(GetType().Name, nameof(channels), channels, "positive");
        if (!(epsilon >= 0)) Throw.OutOfRange(GetType().Name, nameof(epsilon), epsilon, "at least 0");
        if (momentum is { } given && given is not (>= 0 and <= 1))
            Throw.OutOfRange(GetType().Name, nameof(momentum), given, "from 0 to 1");
        (_epsilon, _momentum) = (epsilon, momentum);
        var (zeros, ones) = (Tensor.Zeros([channels], dtype), Tensor.Ones([channels], dtype));
        if (affine) (Weight, Bias) = (new Parameter(ones), new Parameter(zeros));
        (RunningMean, RunningVar) = (new ModuleBuffer(zeros), new ModuleBuffer(ones));
        NumBatchesTracked = new ModuleBuffer(Tensor.Zeros([], dtype));
        _text = $"{GetType().Name}({channels}{(affine ? "" : ", no affine")})";
    }

    private protected abstract bool Takes(int rank);

    private protected abstract string Wants { get; }

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor input)
    {
        var channels = RunningMean.Length;
        if (!Takes(input.Rank) || input.Shape[1] != channels)
            Throw.LayerInput(Describe(), Wants, input.Shape, null);
        var sequences = input.Reshape(Shape.Of(input.Shape[0], channels, Shape.Of(input.Shape.Sizes[2..]).Length));
        return (IsTraining ? Train(sequences) : Evaluate(sequences)).Reshape(input.Shape);
    }

    Tensor Train(Tensor x)
    {
        var count = x.Shape[0] * x.Shape[2];
        if (count < 2)
            Throw.Value(Describe(), $"a batch of {x.Shape[0]} with {x.Shape[2]} value(s) per channel has no variance to "
                + "normalise by: train with larger batches (drop the last one if it is small), or call Eval().");
        var result = x.Standardized(_epsilon, Weight, Bias, out var mean, out var variance);
        using (Gradients.Off())
        {
            NumBatchesTracked.Assign(NumBatchesTracked + 1);
            var share = _momentum ?? 1 / NumBatchesTracked.Item();
            RunningMean.Assign(RunningMean * (1 - share) + mean * share);
            RunningVar.Assign(RunningVar * (1 - share) + variance * (share * count / (count - 1)));
        }
        return result;
    }

    Tensor Evaluate(Tensor x)
    {
        var scale = (RunningVar + _epsilon).Rsqrt();
        if (Weight is not null) scale *= Weight;
        var result = (x - RunningMean.Reshape(-1, 1)) * scale.Reshape(-1, 1);
        return Bias is null ? result : result + Bias.Reshape(-1, 1);
    }

    /// <inheritdoc/>
    public override string Describe() => _text;
}

/// <summary>
/// Batch normalisation of features [n, channels] or sequences [n, channels, length], the shape of which stays.
/// </summary>
/// <param name="channels">The size of the second axis.</param>
/// <param name="epsilon">Added to the variance before the root is taken.</param>
/// <param name="momentum">The weight of a new batch in the running averages; null for the plain average of all.</param>
/// <param name="affine">Whether to learn weight and bias.</param>
/// <param name="dtype">The number type of the parameters.</param>
/// <exception cref="ArgumentOutOfRangeException">A setting makes no sense.</exception>
public sealed class BatchNorm1D(int channels, double epsilon = 1e-5, double? momentum = 0.1, bool affine = true,
    DType dtype = DType.Float32)
    : BatchNorm(channels, epsilon, momentum, affine, dtype)
{
    private protected override bool Takes(int rank) => rank is 2 or 3;

    private protected override string Wants => $"[n, {RunningMean.Length}] or [n, {RunningMean.Length}, length]";
}

/// <summary>Batch normalisation of images [n, channels, height, width], the shape of which stays.</summary>
/// <param name="channels">The channels of the images.</param>
/// <param name="epsilon">Added to the variance before the root is taken.</param>
/// <param name="momentum">The weight of a new batch in the running averages; null for the plain average of all.</param>
/// <param name="affine">Whether to learn weight and bias.</param>
/// <param name="dtype">The number type of the parameters.</param>
/// <exception cref="ArgumentOutOfRangeException">A setting makes no sense.</exception>
public sealed class BatchNorm2D(int channels, double epsilon = 1e-5, double? momentum = 0.1, bool affine = true,
    DType dtype = DType.Float32)
    : BatchNorm(channels, epsilon, momentum, affine, dtype)
{
    private protected override bool Takes(int rank) => rank == 4;

    private protected override string Wants => $"[n, {RunningMean.Length}, height, width]";
}
