using System.Buffers;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace MicroGrad.Net;

/// <summary>An associative way to make one number of two, with the number that changes nothing.</summary>
interface IReduction
{
    T Identity<T>() where T : unmanaged, IFloatingPointIeee754<T>;
    Vector<T> Combine<T>(Vector<T> x, Vector<T> y) where T : unmanaged, IFloatingPointIeee754<T>;
    T Combine<T>(T x, T y) where T : unmanaged, IFloatingPointIeee754<T>;
}

readonly struct SumReduction : IReduction
{
    public T Identity<T>() where T : unmanaged, IFloatingPointIeee754<T> => T.Zero;
    public Vector<T> Combine<T>(Vector<T> x, Vector<T> y) where T : unmanaged, IFloatingPointIeee754<T> => x + y;
    public T Combine<T>(T x, T y) where T : unmanaged, IFloatingPointIeee754<T> => x + y;
}

// Max and Min follow IEEE 754-2019: a NaN anywhere is the result.
readonly struct MaxReduction : IReduction
{
    public T Identity<T>() where T : unmanaged, IFloatingPointIeee754<T> => T.NegativeInfinity;
    public Vector<T> Combine<T>(Vector<T> x, Vector<T> y) where T : unmanaged, IFloatingPointIeee754<T> => Vector.Max(x, y);
    public T Combine<T>(T x, T y) where T : unmanaged, IFloatingPointIeee754<T> => T.Max(x, y);
}

readonly struct MinReduction : IReduction
{
    public T Identity<T>() where T : unmanaged, IFloatingPointIeee754<T> => T.PositiveInfinity;
    public Vector<T> Combine<T>(Vector<T> x, Vector<T> y) where T : unmanaged, IFloatingPointIeee754<T> => Vector.Min(x, y);
    public T Combine<T>(T x, T y) where T : unmanaged, IFloatingPointIeee754<T> => T.Min(x, y);
}

/// <summary>
/// Reduces the middle axis of [outer, count, inner] arrays. The order of combining depends on the sizes alone, so
/// results are the same for any number of threads; blocks are combined pairwise, so the error of a long sum grows with
/// the logarithm of its length only. The entry checks that the arrays have outer·count·inner and outer·inner elements.
/// </summary>
static class Reduce
{
    const int Block = 4096;         // elements combined before a partial result is put aside
    const int RowBlock = 128;       // the same for rows
    const int Narrow = 128;         // columns that are combined in registers rather than in memory
    const int Grain = 32 * 1024;    // elements that one thread takes at a time

    public static unsafe void Run<T, TOp>(
        TOp op, ReadOnlySpan<T> x, int outer, int count, int inner, Span<T> result)
        where T : unmanaged, IFloatingPointIeee754<T> where TOp : struct, IReduction
    {
        Sizes.Require("reduce",
            x.Length == Sizes.Product(outer, count, inner) && result.Length == Sizes.Product(outer, inner));
        fixed (T* px = x, pr = result)
        {
            if (x.Length > Grain) Split<T, TOp>(op, (nint)px, (nint)pr, outer, count, inner);
            else if (inner == 1) Lines(op, px, pr, count, 0, outer);
            else
                for (var o = 0; o < outer; o++) Columns(op, px, pr, count, inner, o, 0, inner);
        }
    }

    // By itself, because a lambda's captures are allocated on entry to the method around it.
    static unsafe void Split<T, TOp>(TOp op, nint x, nint result, int outer, int count, int inner)
        where T : unmanaged, IFloatingPointIeee754<T> where TOp : struct, IReduction
    {
        if (inner == 1)
            Work.Split(outer, Math.Max(1, Grain / Math.Max(1, count)),
                (low, high) => Lines(op, (T*)x, (T*)result, count, low, high));
        else if (outer > 1)
            Work.Split(outer, Math.Max(1, Grain / Math.Max(1, count * inner)), (low, high) =>
            {
                for (var o = low; o < high; o++) Columns(op, (T*)x, (T*)result, count, inner, o, 0, inner);
            });
        else
            Work.Split(inner, Math.Max(64, Grain / Math.Max(1, count)), (low, high) =>
                Columns(op, (T*)x, (T*)result, count, inner, 0, low, high));
    }

    static unsafe void Lines<T, TOp>(TOp op, T* x, T* result, int count, int low, int high)
        where T : unmanaged, IFloatingPointIeee754<T> where TOp : struct, IReduction
    {
        for (var o = low; o < high; o++) result[o] = Line(op, x + (long)o * count, count);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static unsafe T Line<T, TOp>(TOp op, T* x, int count)
        where T : unmanaged, IFloatingPointIeee754<T> where TOp : struct, IReduction
    {
        if (count > Block)
        {
            // Pairwise over whole blocks: halve until a block is left.
            var half = (count / Block + 1) / 2 * Block;
            return op.Combine(Line(op, x, half), Line(op, x + half, count - half));
        }
        var total = op.Identity<T>();
        var i = 0;
        if (count >= 4 * Vector<T>.Count)
        {
            var (a, b) = (Vector.Load(x), Vector.Load(x + Vector<T>.Count));
            var (c, d) = (Vector.Load(x + 2 * Vector<T>.Count), Vector.Load(x + 3 * Vector<T>.Count));
            for (i = 4 * Vector<T>.Count; i <= count - 4 * Vector<T>.Count; i += 4 * Vector<T>.Count)
            {
                a = op.Combine(a, Vector.Load(x + i));
                b = op.Combine(b, Vector.Load(x + i + Vector<T>.Count));
                c = op.Combine(c, Vector.Load(x + i + 2 * Vector<T>.Count));
                d = op.Combine(d, Vector.Load(x + i + 3 * Vector<T>.Count));
            }
            a = op.Combine(op.Combine(a, b), op.Combine(c, d));
            for (var lane = 0; lane < Vector<T>.Count; lane++) total = op.Combine(total, a[lane]);
        }
        for (; i < count; i++) total = op.Combine(total, x[i]);
        return total;
    }

    /// <summary>The columns low to high of one outer index.</summary>
    static unsafe void Columns<T, TOp>(
        TOp op, T* x, T* result, int count, int inner, int outer, int low, int high)
        where T : unmanaged, IFloatingPointIeee754<T> where TOp : struct, IReduction =>
        Columns(op, x + (long)outer * count * inner + low, result + (long)outer * inner + low, count, inner, high - low);

    /// <summary>result = <paramref name="count"/> rows combined, which lie <paramref name="stride"/> apart.</summary>
    static unsafe void Columns<T, TOp>(TOp op, T* x, T* result, int count, int stride, int width)
        where T : unmanaged, IFloatingPointIeee754<T> where TOp : struct, IReduction
    {
        if (count <= RowBlock)
        {
            // Long rows are read one after another; of short ones, a few columns at a time.
            if (width <= Narrow)
            {
                Strips(op, x, result, count, stride, width);
                return;
            }
            new Span<T>(result, width).Fill(op.Identity<T>());
            for (var row = 0; row < count; row++) Into(op, x + (long)row * stride, result, width);
            return;
        }
        // Pairwise over whole blocks, as for lines.
        var half = (count / RowBlock + 1) / 2 * RowBlock;
        Columns(op, x, result, half, stride, width);
        var rest = Sizes.Rent<T>("reduce", width);
        fixed (T* pr = rest)
        {
            Columns(op, x + (long)half * stride, pr, count - half, stride, width);
            Into(op, pr, result, width);
        }
        ArrayPool<T>.Shared.Return(rest);
    }

    /// <summary>A few columns at a time, so that what is combined stays in registers; the order is that of rows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static unsafe void Strips<T, TOp>(TOp op, T* x, T* result, int count, int stride, int width)
        where T : unmanaged, IFloatingPointIeee754<T> where TOp : struct, IReduction
    {
        var (i, identity) = (0, Vector.Create(op.Identity<T>()));
        for (; i <= width - 2 * Vector<T>.Count; i += 2 * Vector<T>.Count)
        {
            var (a, b) = (identity, identity);
            var from = x + i;
            for (var row = 0; row < count; row++, from += stride)
            {
                a = op.Combine(a, Vector.Load(from));
                b = op.Combine(b, Vector.Load(from + Vector<T>.Count));
            }
            Vector.Store(a, result + i);
            Vector.Store(b, result + i + Vector<T>.Count);
        }
        for (; i <= width - Vector<T>.Count; i += Vector<T>.Count)
        {
            var a = identity;
            var from = x + i;
            for (var row = 0; row < count; row++, from += stride) a = op.Combine(a, Vector.Load(from));
            Vector.Store(a, result + i);
        }
        for (; i < width; i++)
        {
            var total = op.Identity<T>();
            var from = x + i;
            for (var row = 0; row < count; row++, from += stride) total = op.Combine(total, *from);
            result[i] = total;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static unsafe void Into<T, TOp>(TOp op, T* x, T* result, int width)
        where T : unmanaged, IFloatingPointIeee754<T> where TOp : struct, IReduction
    {
        var i = 0;
        for (; i <= width - Vector<T>.Count; i += Vector<T>.Count)
            Vector.Store(op.Combine(Vector.Load(result + i), Vector.Load(x + i)), result + i);
        for (; i < width; i++) result[i] = op.Combine(result[i], x[i]);
    }
}
