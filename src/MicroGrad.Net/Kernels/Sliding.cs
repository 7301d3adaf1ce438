namespace MicroGrad.Net;

/// <summary>
/// A window that slides along one axis: at output o, its cell k lies on input o·Stride + k·Dilation − Before. The axis
/// with its padding is no longer than <see cref="Sizes.Most"/>, the window reaches over no more than that, and no output
/// begins beyond it: so none of the sums of these numbers wraps around.
/// </summary>
/// <param name="Input">The size of the axis.</param>
/// <param name="Output">How many positions the window takes.</param>
/// <param name="Window">How many cells the window has.</param>
/// <param name="Stride">The step from one position to the next.</param>
/// <param name="Before">How far the first position begins before the axis: padding.</param>
/// <param name="Dilation">The step from one cell to the next.</param>
readonly record struct Sliding(int Input, int Output, int Window, int Stride, int Before, int Dilation)
{
    /// <summary>The input under cell <paramref name="k"/> at output 0; negative in the padding.</summary>
    public int Offset(int k) => k * Dilation - Before;

    /// <summary>The outputs, from Low to before High, at which cell <paramref name="k"/> lies on the axis.</summary>
    public (int Low, int High) Inside(int k)
    {
        var offset = Offset(k);
        var low = offset >= 0 ? 0 : Math.Min(Output, (-offset - 1) / Stride + 1);
        var high = offset >= Input ? 0 : Math.Min(Output, (Input - 1 - offset) / Stride + 1);
        return (low, Math.Max(low, high));
    }

    /// <summary>The cells, First to Last, that lie on the axis at output <paramref name="o"/>; at least one must.</summary>
    public (int First, int Last) Seen(int o)
    {
        var begin = o * Stride - Before;
        return (begin >= 0 ? 0 : (-begin - 1) / Dilation + 1,
            Math.Min(Window - 1, (Input - 1 - begin) / Dilation));
    }

    /// <summary>Whether output o lies on input o and nothing else.</summary>
    public bool IsIdentity => Window == 1 && Stride == 1 && Before == 0 && Input == Output;

    /// <summary>Whether each cell moves over the axis one by one, and there are as many outputs as inputs.</summary>
    public bool IsShift => Stride == 1 && Input == Output;
}
