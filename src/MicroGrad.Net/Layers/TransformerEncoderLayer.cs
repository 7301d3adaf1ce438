namespace MicroGrad.Net;

/// <summary>
/// A block of the transformer (Vaswani et al., 2017), with attention A and a network F = linear2(dropout(activation(
/// linear1(x)))) of two layers per step: x ← norm1(x + dropout(A(x))), x ← norm2(x + dropout(F(x))); or, the norm
/// first, x ← x + dropout(A(norm1(x))), x ← x + dropout(F(norm2(x))). [steps, batch, width], or [batch, steps, width]
/// with the batch first, keeps its shape.
/// </summary>
public sealed class TransformerEncoderLayer : Module
{
    readonly bool _normFirst;
    readonly Dropout _dropout;
    readonly Module _activation;

    /// <summary>The attention.</summary>
    public MultiheadAttention SelfAttn { get; }

    /// <summary>The first layer of the network.</summary>
    public Linear Linear1 { get; }

    /// <summary>The second layer of the network.</summary>
    public Linear Linear2 { get; }

    /// <summary>The norm of the attention.</summary>
    public LayerNorm Norm1 { get; }

    /// <summary>The norm of the network.</summary>
    public LayerNorm Norm2 { get; }

    /// <summary>A block with PyTorch's settings and names.</summary>
    /// <param name="width">The size of the last axis.</param>
    /// <param name="heads">How many heads share the width.</param>
    /// <param name="feedForward">The width of the network's hidden layer.</param>
    /// <param name="dropout">The probability to drop, in training, attention weights, hidden units and what is added.</param>
    /// <param name="activation">What the hidden layer applies; ReLU by default.</param>
    /// <param name="epsilon">Added to the variances before their roots are taken.</param>
    /// <param name="batchFirst">Whether the batch is the first axis, and not the second.</param>
    /// <param name="normFirst">Whether the norms stand before attention and network, which trains more easily, and
    /// not after the sums.</param>
    /// <param name="causal">Whether step i sees steps 0 to i only.</param>
    /// <param name="rotary">Whether queries and keys are turned by their positions.</param>
    /// <param name="rng">Where the weights are drawn from; <see cref="Rng.Default"/> by default.</param>
    /// <param name="dtype">The number type of the parameters.</param>
    /// <exception cref="ArgumentException">A setting is outside its range, or the heads do not divide the width.</exception>
    public TransformerEncoderLayer(int width, int heads, int feedForward = 2048, double dropout = 0.1,
        Module? activation = null, double epsilon = 1e-5, bool batchFirst = false, bool normFirst = false,
        bool causal = false, bool rotary = false, Rng? rng = null, DType dtype = DType.Float32)
    {
        SelfAttn = new MultiheadAttention(
            width, heads, dropout, batchFirst: batchFirst, causal: causal, rotary: rotary, rng: rng, dtype: dtype);
        Linear1 = new Linear(width, feedForward, rng: rng, dtype: dtype);
        Linear2 = new Linear(feedForward, width, rng: rng, dtype: dtype);
        (Norm1, Norm2) = (new LayerNorm(width, epsilon, dtype: dtype), new LayerNorm(width, epsilon, dtype: dtype));
        (_dropout, _activation, _normFirst) = (new Dropout(dropout, rng), activation ?? new Relu(), normFirst);
    }

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor input) => Block(input, null, null, null);

    /// <summary>The block, where not every step may see every other, or steps come after others.</summary>
    /// <param name="input">[steps, batch, width], or with the batch first.</param>
    /// <param name="mask">Which steps a step may not see, as in <see cref="MultiheadAttention.Attend"/>.</param>
    /// <param name="paddingMask">Which steps nobody may see, [batch, steps].</param>
    /// <param name="cache">Keys and values of the steps before these; for blocks that are causal.</param>
    /// <exception cref="ArgumentException">A shape does not fit, or there is a cache though the block is not
    /// causal.</exception>
    public Tensor Forward(Tensor input, Tensor? mask, Tensor? paddingMask = null, KeyValueCache? cache = null) =>
        Called((input, mask, paddingMask), _ => Block(input, mask, paddingMask, cache));

    Tensor Block(Tensor input, Tensor? mask, Tensor? paddingMask, KeyValueCache? cache)
    {
        var x = TransformerBlock.Residual(input, Norm1, _normFirst, _dropout, Attended);
        return TransformerBlock.Residual(x, Norm2, _normFirst, _dropout,
            x => TransformerBlock.Fed(x, Linear1, _activation, _dropout, Linear2));

        Tensor Attended(Tensor x) => mask is null && paddingMask is null && cache is null
            ? SelfAttn.Forward(x) : SelfAttn.Attend(x, x, x, mask, paddingMask, cache: cache).Output;
    }

    /// <inheritdoc/>
    public override string Describe() => $"TransformerEncoderLayer({(_normFirst ? "norm first" : "")})";
}
