namespace MicroGrad.Net;

/// <summary>
/// x above 0, weight · x below, the weight being learned (He et al., 2015); the slope at 0 is the weight. The shape
/// stays.
/// </summary>
public sealed class PRelu : Module
{
    /// <summary>The slopes below 0, [channels].</summary>
    public Parameter Weight { get; }

    /// <summary>A layer with one slope for all, or one per channel of [n, channels, …].</summary>
    /// <param name="channels">How many slopes.</param>
    /// <param name="start">Their starting value.</param>
    /// <param name="dtype">The number type of the parameters.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no slope.</exception>
    public PRelu(int channels = 1, double start = 0.25, DType dtype = DType.Float32)
    {
        if (channels <= 0) Throw.OutOfRange(nameof(PRelu), nameof(channels), channels, "positive");
        Weight = new Parameter(Tensor.Full([channels], start, dtype));
    }

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor input)
    {
        if (Weight.Length > 1 && (input.Rank < 2 || input.Shape[1] != Weight.Length))
            Throw.LayerInput(Describe(), $"[n, {Weight.Length}, ...]", input.Shape, null);
        var slope = input.Rank <= 2 || Weight.Length == 1 ? Weight
            : Weight.Reshape(Shape.Of([Weight.Length, .. Enumerable.Repeat(1, input.Rank - 2)]));
        // Each side alone, so that an infinity on one is not multiplied by the other's 0.
        var above = input > 0;
        return Tensor.Where(above, input, 0) + slope * Tensor.Where(above, 0, input);
    }

    /// <inheritdoc/>
    public override string Describe() => $"PRelu({Weight.Length})";
}
