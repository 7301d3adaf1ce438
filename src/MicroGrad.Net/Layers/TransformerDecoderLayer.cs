namespace MicroGrad.Net;

/// <summary>
/// A block of the transformer that writes one sequence, the target, with regard to another, the memory (Vaswani et al.,
/// 2017): with attention A of the target to itself, attention C of the target to the memory, and a network F =
/// linear2(dropout(activation(linear1(x)))) of two layers per step, x ← norm1(x + dropout(A(x))), x ← norm2(x +
/// dropout(C(x, memory))), x ← norm3(x + dropout(F(x))); or, the norm first, x ← x + dropout(A(norm1(x))), and so on.
/// Target [steps, batch, width] and memory [keys, batch, width], or both with the batch first, become a result of the
/// target's shape.
/// </summary>
public sealed class TransformerDecoderLayer : Module<(Tensor Target, Tensor Memory), Tensor>
{
    readonly bool _normFirst;
    readonly Dropout _dropout;
    readonly Module _activation;

    /// <summary>The attention of the target to itself.</summary>
    public MultiheadAttention SelfAttn { get; }

    /// <summary>The attention of the target to the memory.</summary>
    public MultiheadAttention MultiheadAttn { get; }

    /// <summary>The first layer of the network.</summary>
    public Linear Linear1 { get; }

    /// <summary>The second layer of the network.</summary>
    public Linear Linear2 { get; }

    /// <summary>The norm of the attention to itself.</summary>
    public LayerNorm Norm1 { get; }

    /// <summary>The norm of the attention to the memory.</summary>
    public LayerNorm Norm2 { get; }

    /// <summary>The norm of the network.</summary>
    public LayerNorm Norm3 { get; }

    /// <summary>A block with PyTorch's settings and names, but causal unless told otherwise.</summary>
    /// <param name="width">The size of the last axis.</param>
    /// <param name="heads">How many heads share the width.</param>
    /// <param name="feedForward">The width of the network's hidden layer.</param>
    /// <param name="dropout">The probability to drop, in training, attention weights, hidden units and what is added.</param>
    /// <param name="activation">What the hidden layer applies; ReLU by default.</param>
    /// <param name="epsilon">Added to the variances before their roots are taken.</param>
    /// <param name="batchFirst">Whether the batch is the first axis, and not the second.</param>
    /// <param name="normFirst">Whether the norms stand before attentions and network, which trains more easily, and
    /// not after the sums.</param>
    /// <param name="causal">Whether step i of the target sees its steps 0 to i only, as it must to be trained to write the
    /// next one; PyTorch asks for a mask at each call instead.</param>
    /// <param name="rotary">Whether queries and keys of the attention to itself are turned by their positions.</param>
    /// <param name="rng">Where the weights are drawn from; <see cref="Rng.Default"/> by default.</param>
    /// <param name="dtype">The number type of the parameters.</param>
    /// <exception cref="ArgumentException">A setting is outside its range, or the heads do not divide the width.</exception>
    public TransformerDecoderLayer(int width, int heads, int feedForward = 2048, double dropout = 0.1,
        Module? activation = null, double epsilon = 1e-5, bool batchFirst = false, bool normFirst = false,
        bool causal = true, bool rotary = false, Rng? rng = null, DType dtype = DType.Float32)
    {
        SelfAttn = new MultiheadAttention(
            width, heads, dropout, batchFirst: batchFirst, causal: causal, rotary: rotary, rng: rng, dtype: dtype);
        MultiheadAttn = new MultiheadAttention(width, heads, dropout, batchFirst: batchFirst, rng: rng, dtype: dtype);
        Linear1 = new Linear(width, feedForward, rng: rng, dtype: dtype);
        Linear2 = new Linear(feedForward, width, rng: rng, dtype: dtype);
        Norm1 = new LayerNorm(width, epsilon, dtype: dtype);
        Norm2 = new LayerNorm(width, epsilon, dtype: dtype);
        Norm3 = new LayerNorm(width, epsilon, dtype: dtype);
        (_dropout, _activation, _normFirst) = (new Dropout(dropout, rng), activation ?? new Relu(), normFirst);
    }

    /// <inheritdoc/>
    protected override Tensor Compute((Tensor Target, Tensor Memory) input) =>
        Block(input.Target, input.Memory, null, null, null, null, null);

    /// <summary>The block, with masks, or for steps of the target that come after others.</summary>
    /// <param name="target">[steps, batch, width], or with the batch first.</param>
    /// <param name="memory">[keys, batch, width], or with the batch first; what an encoder made of the other sequence.</param>
    /// <param name="targetMask">Which steps of the target a step may not see, besides the later ones: blocked where not 0, as
    /// in <see cref="MultiheadAttention.Attend"/>.</param>
    /// <param name="memoryMask">Which steps of the memory a step of the target may not see, likewise.</param>
    /// <param name="targetPaddingMask">Which steps of the target nobody may see, [batch, steps].</param>
    /// <param name="memoryPaddingMask">Which steps of the memory nobody may see, [batch, keys].</param>
    /// <param name="cache">Keys and values of the steps before these, and of the memory; for blocks that are causal.</param>
    /// <exception cref="ArgumentException">A shape does not fit, or there is a cache though the block is not
    /// causal.</exception>
    public Tensor Forward(Tensor target, Tensor memory, Tensor? targetMask = null, Tensor? memoryMask = null,
        Tensor? targetPaddingMask = null, Tensor? memoryPaddingMask = null, KeyValueCache? cache = null) => Called(
            (target, memory, targetMask, memoryMask, targetPaddingMask, memoryPaddingMask),
            _ => Block(target, memory, targetMask, memoryMask, targetPaddingMask, memoryPaddingMask, cache));

    Tensor Block(Tensor target, Tensor memory, Tensor? targetMask, Tensor? memoryMask, Tensor? targetPaddingMask,
        Tensor? memoryPaddingMask, KeyValueCache? cache)
    {
        var x = Residual(target, Norm1, x => targetMask is null && targetPaddingMask is null && cache is null
            ? SelfAttn.Forward(x) : SelfAttn.Attend(x, x, x, targetMask, targetPaddingMask, cache: cache).Output);
        x = Residual(x, Norm2, x => MultiheadAttn.Attend(
            x, memory, memory, memoryMask, memoryPaddingMask, cache: cache).Output);
        return Residual(x, Norm3, x => TransformerBlock.Fed(x, Linear1, _activation, _dropout, Linear2));

        Tensor Residual(Tensor x, LayerNorm norm, Func<Tensor, Tensor> part) =>
            TransformerBlock.Residual(x, norm, _normFirst, _dropout, part);
    }

    /// <inheritdoc/>
    public override string Describe() => $"TransformerDecoderLayer({(_normFirst ? "norm first" : "")})";
}
