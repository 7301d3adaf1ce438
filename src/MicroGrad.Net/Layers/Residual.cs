using System.Runtime.CompilerServices;

namespace MicroGrad.Net;

/// <summary>
/// x + body(x): what the body computes is added to its input, so that gradients pass it by (He et al., 2016).
/// </summary>
/// <param name="body">What to add.</param>
/// <param name="shortcut">What to do with the input before, where the body changes its shape; nothing by default.</param>
public sealed class Residual(Module body, Module? shortcut = null) : Module
{
    /// <summary>What is added.</summary>
    public Module Body { get; } = body;

    /// <summary>What is done with the input before; null for nothing.</summary>
    public Module? Shortcut { get; } = shortcut;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.NoInlining)]      // stays visible to Tape.Detailed
    public override Tensor Forward(Tensor input) =>
        Add(input, Shortcut is null ? input : Run("shortcut", Shortcut, input),
            Run("body", Body, input));

    Tensor Add(Tensor input, Tensor kept, Tensor added)
    {
        if (kept.Shape != added.Shape)
            Throw.Shapes(Describe(), $"the body makes {added.Shape} of {input.Shape}, which is to be added to "
                + $"{kept.Shape}: a shortcut (such as a Conv2D with window 1) can bring the input to the same shape.");
        return kept + added;
    }
}
