namespace MicroGrad.Net;

/// <summary>
/// x·Wᵀ + b: every output is a weighted sum of all inputs. [..., inputs] becomes [..., outputs].
/// </summary>
public sealed class Linear : Module
{
    /// <summary>The weights W, [outputs, inputs].</summary>
    public Parameter Weight { get; }

    /// <summary>The bias b, [outputs]; null without.</summary>
    public Parameter? Bias { get; }

    /// <summary>A layer with weights and bias drawn uniformly from ±1/√inputs, PyTorch's default.</summary>
    /// <param name="inputs">The size of the input's last axis.</param>
    /// <param name="outputs">The size of the output's last axis.</param>
    /// <param name="bias">Whether to add a bias.</param>
    /// <param name="rng">Where the weights are drawn from; <see cref="Rng.Default"/> by default.</param>
    /// <param name="dtype">The number type of the parameters.</param>
    /// <exception cref="ArgumentOutOfRangeException">A width is not positive.</exception>
    public Linear(int inputs, int outputs, bool bias = true, Rng? rng = null, DType dtype = DType.Float32)
    {
        if (inputs <= 0) Throw.OutOfRange("Linear", nameof(inputs), inputs, "positive");
        if (outputs <= 0) Throw.OutOfRange("Linear", nameof(outputs), outputs, "positive");
        var bound = 1 / Math.Sqrt(inputs);
        Weight = new Parameter(Tensor.Uniform([outputs, inputs], -bound, bound, rng, dtype));
        if (bias) Bias = new Parameter(Tensor.Uniform([outputs], -bound, bound, rng, dtype));
    }

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor input)
    {
        var inputs = Weight.Shape[1];
        if (input.Rank == 0 || input.Shape[^1] != inputs)
            Throw.LayerInput(Describe(), $"[..., {inputs}]", input.Shape,
                input.Rank > 1 && Shape.Of(input.Shape.Sizes[1..]).Length == inputs ? "flatten first?" : null);
        return Bias is null ? input.MatMul(Weight, transposeRight: true) : input.Linear(Weight, Bias);
    }

    /// <inheritdoc/>
    public override string Describe() => $"Linear({Weight.Shape[1]} -> {Weight.Shape[0]}{(Bias is null ? ", no bias" : "")})";
}
