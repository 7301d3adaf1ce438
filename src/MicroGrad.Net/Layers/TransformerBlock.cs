namespace MicroGrad.Net;

/// <summary>What the blocks of the transformer have in common.</summary>
static class TransformerBlock
{
    /// <summary>norm(x + dropout(part(x))), or, the norm first, x + dropout(part(norm(x))).</summary>
    public static Tensor Residual(Tensor x, LayerNorm norm, bool normFirst, Dropout dropout, Func<Tensor, Tensor> part) =>
        normFirst ? x + dropout.Forward(part(norm.Forward(x))) : norm.Forward(x + dropout.Forward(part(x)));

    /// <summary>second(dropout(activation(first(x)))): a network for each step by itself.</summary>
    public static Tensor Fed(Tensor x, Linear first, Module activation, Dropout dropout, Linear second) =>
        second.Forward(dropout.Forward(activation.Forward(first.Forward(x))));
}
