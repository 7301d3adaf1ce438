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
/// results are the same for any number of threads. No number is combined with more than a few dozen others before the
/// partial result is put aside; these are combined in double and pairwise, so a long sum is as accurate as a short one,
/// whatever the width of a vector. The entry checks that the arrays have outer·count·inner and
/// outer·inner elements.
/// </summary>
static class Reduce
{
    const int Chain = 32;           // vectors that are combined one after another
    const int Block = 4096;         // elements combined in their own type
    const int RowBlock = 128;       // rows combined in their own type, four at a time
    const int Narrow = 128;         // columns that are combined in registers rather than in memory
    const int Grain = 32 * 1024;    // elements that one thread takes at a time

    public static unsafe void Fold<T, TOp>(
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

    // A method of its own, because a lambda's captures are allocated on entry to the method around it.
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
        for (var o = low; o < high; o++) result[o] = T.CreateTruncating(Line(op, x + (long)o * count, count));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static unsafe double Line<T, TOp>(TOp op, T* x, int count)
        where T : unmanaged, IFloatingPointIeee754<T> where TOp : struct, IReduction
    {
        if (count > Block)
        {
            // Pairwise over whole blocks: halve until a block is left.
            var half = (count / Block + 1) / 2 * Block;
            return op.Combine(Line(op, x, half), Line(op, x + half, count - half));
        }
        var (total, i, round) = (op.Identity<double>(), 0, 4 * Vector<T>.Count);
        if (count >= round)
        {
            var lanes = Vector.Create(op.Identity<T>());
            while (i <= count - round)
            {
                var (a, b) = (Vector.Load(x + i), Vector.Load(x + i + Vector<T>.Count));
                var (c, d) = (Vector.Load(x + i + 2 * Vector<T>.Count), Vector.Load(x + i + 3 * Vector<T>.Count));
                var end = Math.Min(count, i + Chain * round) - round;
                for (i += round; i <= end; i += round)
                {
                    a = op.Combine(a, Vector.Load(x + i));
                    b = op.Combine(b, Vector.Load(x + i + Vector<T>.Count));
                    c = op.Combine(c, Vector.Load(x + i + 2 * Vector<T>.Count));
                    d = op.Combine(d, Vector.Load(x + i + 3 * Vector<T>.Count));
                }
                lanes = op.Combine(lanes, op.Combine(op.Combine(a, b), op.Combine(c, d)));
            }
            for (var lane = 0; lane < Vector<T>.Count; lane++)
                total = op.Combine(total, double.CreateTruncating(lanes[lane]));
        }
        for (; i < count; i++) total = op.Combine(total, double.CreateTruncating(x[i]));
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
            Rows(op, x, result, count, stride, width);
            return;
        }
        var totals = Sizes.Rent<double>("reduce", width);
        fixed (double* pt = totals)
        {
            Pairwise(op, x, pt, result, count, stride, width);
            for (var i = 0; i < width; i++) result[i] = T.CreateTruncating(pt[i]);
        }
        ArrayPool<double>.Shared.Return(totals);
    }

    /// <summary>Pairwise over whole blocks, as for lines. The row of memory takes a block's results.</summary>
    static unsafe void Pairwise<T, TOp>(TOp op, T* x, double* totals, T* memory, int count, int stride, int width)
        where T : unmanaged, IFloatingPointIeee754<T> where TOp : struct, IReduction
    {
        if (count <= RowBlock)
        {
            Rows(op, x, memory, count, stride, width);
            for (var i = 0; i < width; i++) totals[i] = double.CreateTruncating(memory[i]);
            return;
        }
        var half = (count / RowBlock + 1) / 2 * RowBlock;
        Pairwise(op, x, totals, memory, half, stride, width);
        var rest = Sizes.Rent<double>("reduce", width);
        fixed (double* pr = rest)
        {
            Pairwise(op, x + (long)half * stride, pr, memory, count - half, stride, width);
            for (var i = 0; i < width; i++) totals[i] = op.Combine(totals[i], pr[i]);
        }
        ArrayPool<double>.Shared.Return(rest);
    }

    /// <summary>No more rows than a block: long ones one after another, of short ones a few columns at a time.</summary>
    static unsafe void Rows<T, TOp>(TOp op, T* x, T* result, int count, int stride, int width)
        where T : unmanaged, IFloatingPointIeee754<T> where TOp : struct, IReduction
    {
        if (width <= Narrow)
        {
            Strips(op, x, result, count, stride, width);
            return;
        }
        new Span<T>(result, width).Fill(op.Identity<T>());
        var row = 0;
        for (; row <= count - 4; row += 4) FourInto(op, x + (long)row * stride, stride, result, width);
        for (; row < count; row++) Into(op, x + (long)row * stride, result, width);
    }

    /// <summary>A few columns at a time, so that what is combined stays in registers; the order is that of rows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static unsafe void Strips<T, TOp>(TOp op, T* x, T* result, int count, int stride, int width)
        where T : unmanaged, IFloatingPointIeee754<T> where TOp : struct, IReduction
    {
        var (i, lanes, fours) = (0, Vector<T>.Count, count / 4 * 4);
        for (; i < width; i += lanes)
        {
            if (width - i < lanes)
            {
                for (; i < width; i++) result[i] = Column(op, x + i, count, stride);
                return;
            }
            var (total, row) = (Vector.Create(op.Identity<T>()), 0);
            var from = x + i;
            for (; row < fours; row += 4, from += 4L * stride)
                total = op.Combine(total, op.Combine(
                    op.Combine(Vector.Load(from), Vector.Load(from + stride)),
                    op.Combine(Vector.Load(from + 2L * stride), Vector.Load(from + 3L * stride))));
            for (; row < count; row++, from += stride) total = op.Combine(total, Vector.Load(from));
            Vector.Store(total, result + i);
        }
    }

    static unsafe T Column<T, TOp>(TOp op, T* x, int count, int stride)
        where T : unmanaged, IFloatingPointIeee754<T> where TOp : struct, IReduction
    {
        var (total, row) = (op.Identity<T>(), 0);
        for (; row <= count - 4; row += 4, x += 4L * stride)
            total = op.Combine(total, op.Combine(
                op.Combine(*x, x[stride]), op.Combine(x[2L * stride], x[3L * stride])));
        for (; row < count; row++, x += stride) total = op.Combine(total, *x);
        return total;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static unsafe void FourInto<T, TOp>(TOp op, T* x, long stride, T* result, int width)
        where T : unmanaged, IFloatingPointIeee754<T> where TOp : struct, IReduction
    {
        T* y = x + stride, z = y + stride, w = z + stride;
        var i = 0;
        for (; i <= width - Vector<T>.Count; i += Vector<T>.Count)
            Vector.Store(op.Combine(Vector.Load(result + i), op.Combine(
                op.Combine(Vector.Load(x + i), Vector.Load(y + i)),
                op.Combine(Vector.Load(z + i), Vector.Load(w + i)))), result + i);
        for (; i < width; i++)
            result[i] = op.Combine(result[i], op.Combine(op.Combine(x[i], y[i]), op.Combine(z[i], w[i])));
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
