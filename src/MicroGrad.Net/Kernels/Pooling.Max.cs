using System.Numerics;
using System.Runtime.CompilerServices;

namespace MicroGrad.Net;

static unsafe partial class Pooling
{
    /// <summary>
    /// result = the largest number under the window at each position, and <paramref name="cells"/> = the cell of the
    /// window (counted row by row) that it is in: the first of ties; a NaN counts as larger than every number. Nothing
    /// is taken from the padding.
    /// </summary>
    public static void Max<T>(ReadOnlySpan<T> x, Sliding rows, Sliding columns, Span<T> result, Span<T> cells)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        Sizes.Require("max pool", Fits(rows, columns, x.Length, result.Length) && cells.Length == result.Length);
        if (result.IsEmpty) return;
        var planes = result.Length / (rows.Output * columns.Output);
        fixed (T* px = x, pr = result, pc = cells)
        {
            var (ax, ar, ac, length) = ((nint)px, (nint)pr, (nint)pc, x.Length);
            Work.Split(planes, PlanesPerChunk(rows.Input * columns.Input), (low, high) =>
                MaxPlanes(rows, columns, low, high, (T*)ax, (T*)ax + length, (T*)ar, (T*)ac));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void MaxPlanes<T>(
        Sliding rows, Sliding columns, int low, int high, T* x, T* xEnd, T* result, T* cells)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        var (lanes, width, positions) = (Vector<T>.Count, columns.Output, rows.Output * columns.Output);
        // The positions at which all columns of the window lie on the image.
        var left = columns.Inside(0).Low;
        var right = Math.Max(left, columns.Inside(columns.Window - 1).High);
        // With a single output, the stride may be of any size.
        var reach = (lanes - 1L) * columns.Stride + (columns.Window - 1L) * columns.Dilation + Extra<T>(columns.Stride);
        var lineStep = (long)rows.Dilation * columns.Input;
        var end = result + (long)high * positions;
        for (var plane = low; plane < high; plane++)
            for (var row = 0; row < rows.Output; row++)
            {
                var (first, last) = rows.Seen(row);
                var image = x + (long)plane * rows.Input * columns.Input;
                var at = (long)plane * positions + row * width;
                T* values = result + at, places = cells + at;
                var column = 0;
                for (; column < left; column++) MaxAt(rows, columns, row, column, image, values, places);
                // A whole vector at a time. The last of a row may run on into the next, which is written later.
                var corner = image + (long)(row * rows.Stride + rows.Offset(first)) * columns.Input + columns.Offset(0);
                for (; column < right; column += lanes)
                {
                    var from = corner + (long)column * columns.Stride;
                    if (values + column + lanes > end || from + (last - first) * lineStep + reach >= xEnd) break;
                    MaxOfLanes(from, lineStep, columns, first, last, values + column, places + column);
                }
                for (column = Math.Min(column, right); column < width; column++)
                    MaxAt(rows, columns, row, column, image, values, places);
            }
    }

    /// <summary>
    /// The largest numbers at as many neighbouring positions as a vector has lanes. The first line of the window that
    /// is on the image begins at <paramref name="corner"/>, for the first of them.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void MaxOfLanes<T>(
        T* corner, long lineStep, in Sliding columns, int first, int last, T* values, T* places)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        var (stride, step, width) = (columns.Stride, columns.Dilation, columns.Window);
        var cell = Vector.Create(T.CreateTruncating(first * width));
        var (best, cells) = (Every(corner, stride), cell);
        for (var i = first; i <= last; i++, corner += lineStep)
            for (var j = 0; j < width; j++, cell += Vector<T>.One)
            {
                var value = Every(corner + j * step, stride);
                var wins = Vector.GreaterThan(value, best) | ~Vector.Equals(value, value);
                best = Vector.ConditionalSelect(wins, value, best);
                cells = Vector.ConditionalSelect(wins, cell, cells);
            }
        Vector.Store(best, values);
        Vector.Store(cells, places);
    }

    /// <summary>The largest number at one position, where part of the window may lie in the padding.</summary>
    static void MaxAt<T>(Sliding rows, Sliding columns, int row, int column, T* image, T* values, T* places)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        var ((top, bottom), (left, right)) = (rows.Seen(row), columns.Seen(column));
        image += (long)row * rows.Stride * columns.Input + (long)column * columns.Stride;
        var (best, cell) = (T.Zero, -1);
        for (var i = top; i <= bottom; i++)
            for (var j = left; j <= right; j++)
            {
                var value = image[(long)rows.Offset(i) * columns.Input + columns.Offset(j)];
                if (cell < 0 || value > best || T.IsNaN(value)) (best, cell) = (value, i * columns.Window + j);
            }
        (values[column], places[column]) = (best, T.CreateTruncating(cell));
    }

    /// <summary>Whether arrays of these lengths are planes and what was taken from them: the same number of both.</summary>
    static bool Fits(Sliding rows, Sliding columns, int length, int taken)
    {
        var (plane, positions) = (Sizes.Product(rows.Input, columns.Input), Sizes.Product(rows.Output, columns.Output));
        return plane > 0 && positions > 0 && length % plane == 0 && taken % positions == 0
            && length / plane == taken / positions;
    }

    /// <summary>Where in x the largest numbers were, from their cells.</summary>
    public static void Places<T>(ReadOnlySpan<T> cells, Sliding rows, Sliding columns, Span<int> places)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        var offsets = Offsets(rows, columns);
        for (var i = 0; i < cells.Length; i++)
        {
            var (line, column) = Math.DivRem(i, columns.Output);
            var (plane, row) = Math.DivRem(line, rows.Output);
            places[i] = (int)(((long)plane * rows.Input + row * rows.Stride) * columns.Input + column * columns.Stride
                + offsets[T.ConvertToIntegerNative<int>(cells[i])]);
        }
    }

    /// <summary>How far from its position each cell of the window lies in x.</summary>
    static long[] Offsets(Sliding rows, Sliding columns)
    {
        var offsets = Sizes.New<long>("max pool", (long)rows.Window * columns.Window);
        for (var k = 0; k < offsets.Length; k++)
            offsets[k] = (long)rows.Offset(k / columns.Window) * columns.Input + columns.Offset(k % columns.Window);
        return offsets;
    }

    /// <summary>x = zeros, with each g added in the place where the largest number was, in its own plane.</summary>
    public static void PutBack<T>(
        ReadOnlySpan<T> g, ReadOnlySpan<T> cells, Sliding rows, Sliding columns, Span<T> x)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        Sizes.Require("max pool", Fits(rows, columns, x.Length, g.Length) && cells.Length == g.Length);
        if (x.IsEmpty) return;
        var plane = rows.Input * columns.Input;
        var offsets = Offsets(rows, columns);
        fixed (T* pg = g, pc = cells, px = x)
        {
            var (ag, ac, ax) = ((nint)pg, (nint)pc, (nint)px);
            Work.Split(x.Length / plane, PlanesPerChunk(plane), (low, high) =>
                PutBackPlanes(rows, columns, offsets, low, high, (T*)ag, (T*)ac, (T*)ax));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void PutBackPlanes<T>(
        Sliding rows, Sliding columns, long[] offsets, int low, int high, T* g, T* cells, T* x)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        var (plane, at) = (rows.Input * columns.Input, (long)low * rows.Output * columns.Output);
        for (var p = low; p < high; p++)
        {
            var image = x + (long)p * plane;
            new Span<T>(image, plane).Clear();
            for (var row = 0; row < rows.Output; row++)
            {
                var line = image + (long)row * rows.Stride * columns.Input;
                for (var column = 0; column < columns.Output; column++, at++, line += columns.Stride)
                    line[offsets[T.ConvertToIntegerNative<int>(cells[at])]] += g[at];
            }
        }
    }

    /// <summary>As many numbers as a vector has lanes, <paramref name="stride"/> apart.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector<T> Every<T>(T* source, int stride) where T : unmanaged
    {
        if (stride == 1) return Vector.Load(source);
        if (stride == 2 && IsPaired<T>())
        {
            var (low, high) = (Vector.Load((ulong*)source), Vector.Load((ulong*)source + Vector<ulong>.Count));
            return Vector.Narrow(low, high).As<uint, T>();
        }
        return Gathered(source, stride);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector<T> Gathered<T>(T* source, int stride) where T : unmanaged
    {
        Unsafe.SkipInit(out Vector<T> result);
        for (var i = 0; i < Vector<T>.Count; i++) ((T*)&result)[i] = source[(long)i * stride];
        return result;
    }

    /// <summary>How much further <see cref="Every"/> reads than it needs.</summary>
    static int Extra<T>(int stride) where T : unmanaged => stride == 2 && IsPaired<T>() ? 1 : 0;

    /// <summary>Whether two numbers make one of twice the size, the first of them its lower half.</summary>
    static bool IsPaired<T>() where T : unmanaged => sizeof(T) == sizeof(uint) && BitConverter.IsLittleEndian;
}
