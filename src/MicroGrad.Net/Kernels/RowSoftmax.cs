using System.Numerics;
using System.Runtime.CompilerServices;

namespace MicroGrad.Net;

/// <summary>
/// The softmax of rows, and its gradient, each row in one go. The entries check that all arrays have the same whole
/// number of rows.
/// </summary>
static unsafe class RowSoftmax
{
    const int Grain = 8 * 1024;     // elements that one thread takes at a time
    const int Chain = 64;           // vectors summed in their own type before the sum is put aside in double

    /// <summary>result = softmax(x) for rows of <paramref name="width"/> elements.</summary>
    public static void Forward<T>(ReadOnlySpan<T> x, int width, Span<T> result)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        Sizes.Require("softmax", width > 0 && x.Length % width == 0 && result.Length == x.Length);
        fixed (T* px = x, pr = result)
        {
            var (ax, ar) = ((nint)px, (nint)pr);
            Work.Split(x.Length / width, Math.Max(1, Grain / width), (low, high) =>
            {
                for (var at = (long)low * width; at < (long)high * width; at += width)
                    Row((T*)ax + at, (T*)ar + at, width, T.One);
            });
        }
    }

    /// <summary>result = y·(g − Σ y·g) for each row of a softmax y: from its gradient to that of what it was given.</summary>
    public static void Backward<T>(ReadOnlySpan<T> y, ReadOnlySpan<T> g, int width, Span<T> result)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        Sizes.Require("softmax", width > 0 && y.Length % width == 0 && g.Length == y.Length && result.Length == y.Length);
        fixed (T* py = y, pg = g, pr = result)
        {
            var (ay, ag, ar) = ((nint)py, (nint)pg, (nint)pr);
            Work.Split(y.Length / width, Math.Max(1, Grain / width), (low, high) =>
            {
                for (var at = (long)low * width; at < (long)high * width; at += width)
                    RowGradient((T*)ay + at, (T*)ag + at, (T*)ar + at, width, T.One);
            });
        }
    }

    /// <summary>result = softmax(x·scale) for one row, which the result may overwrite; the scale is positive.</summary>
    // The largest is taken out, to keep exp from overflowing. Lanes beyond the row are −∞, and so add nothing.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Row<T>(T* x, T* result, int length, T scale) where T : unmanaged, IFloatingPointIeee754<T>
    {
        var lanes = Vector<T>.Count;
        var whole = length / lanes * lanes;
        var rest = Part(x, whole, length, T.NegativeInfinity);
        var max = rest;
        for (var i = 0; i < whole; i += lanes) max = Vector.Max(max, Vector.Load(x + i));
        var largest = max[0];
        for (var lane = 1; lane < lanes; lane++) largest = T.Max(largest, max[lane]);

        var (center, factor) = (Vector.Create(largest), Vector.Create(scale));
        rest = VectorMath.Exp((rest - center) * factor);
        var total = double.CreateTruncating(Vector.Sum(rest));
        for (var i = 0; i < whole;)
        {
            var sum = Vector<T>.Zero;
            for (var end = Math.Min(whole, i + Chain * lanes); i < end; i += lanes)
            {
                var e = VectorMath.Exp((Vector.Load(x + i) - center) * factor);
                sum += e;
                Vector.Store(e, result + i);
            }
            total += double.CreateTruncating(Vector.Sum(sum));
        }

        factor = Vector.Create(T.CreateTruncating(1 / total));
        for (var i = 0; i < whole; i += lanes) Vector.Store(Vector.Load(result + i) * factor, result + i);
        if (whole < length) Elementwise.StorePart(rest * factor, result + whole, length - whole);
    }

    /// <summary>result = y·(g − Σ y·g)·scale for one row, which the result may overwrite.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void RowGradient<T>(T* y, T* g, T* result, int length, T scale)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        var lanes = Vector<T>.Count;
        var whole = length / lanes * lanes;
        var (restY, restG) = (Part(y, whole, length, T.Zero), Part(g, whole, length, T.Zero));
        var total = double.CreateTruncating(Vector.Sum(restY * restG));
        for (var i = 0; i < whole;)
        {
            var sum = Vector<T>.Zero;
            for (var end = Math.Min(whole, i + Chain * lanes); i < end; i += lanes)
                sum += Vector.Load(y + i) * Vector.Load(g + i);
            total += double.CreateTruncating(Vector.Sum(sum));
        }
        var (mean, factor) = (Vector.Create(T.CreateTruncating(total)), Vector.Create(scale));
        for (var i = 0; i < whole; i += lanes)
            Vector.Store(Vector.Load(y + i) * ((Vector.Load(g + i) - mean) * factor), result + i);
        if (whole < length)
            Elementwise.StorePart(restY * ((restG - mean) * factor), result + whole, length - whole);
    }

    /// <summary>The elements from start to length, fewer than a vector; the other lanes have a value of their own.</summary>
    static Vector<T> Part<T>(T* x, int start, int length, T other) where T : unmanaged, IFloatingPointIeee754<T>
    {
        var part = Vector.Create(other);
        Unsafe.CopyBlockUnaligned(&part, x + start, (uint)((length - start) * sizeof(T)));
        return part;
    }
}
