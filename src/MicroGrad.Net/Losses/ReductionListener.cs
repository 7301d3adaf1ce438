namespace MicroGrad.Net;

/// <summary>
/// Hears, on its thread and until it is disposed, what reduced losses are over: who combines those of several batches
/// must know, since the mean of two means weighs each by what it is over.
/// </summary>
sealed class ReductionListener : IDisposable
{
    [ThreadStatic]
    static ReductionListener? t_innermost;

    readonly ReductionListener? _outer = t_innermost;
    readonly List<(Tensor Result, double? Over)> _heard = [];

    public ReductionListener() => t_innermost = this;

    /// <summary>The results, and the number of elements (or the sum of weights) that each is the mean over; null for a
    /// sum.</summary>
    public IReadOnlyList<(Tensor Result, double? Over)> Heard => _heard;

    /// <summary>Tells of a result, and gives it back.</summary>
    public static Tensor Tell(Tensor result, double? over)
    {
        t_innermost?._heard.Add((result, over));
        return result;
    }

    public void Dispose() => t_innermost = _outer;
}
