using System.Runtime.CompilerServices;

namespace MicroGrad.Net;

/// <summary>The tensors in what models take and give.</summary>
static class Tensors
{
    /// <summary>A tensor itself, or those in a list of tensors or a tuple, and so on inward; none in anything else.</summary>
    public static IEnumerable<Tensor> In(object? value) => value switch
    {
        Tensor tensor => [tensor],
        ITuple tuple => Enumerable.Range(0, tuple.Length).SelectMany(i => In(tuple[i])),
        IEnumerable<Tensor> tensors => tensors,
        _ => [],
    };
}
