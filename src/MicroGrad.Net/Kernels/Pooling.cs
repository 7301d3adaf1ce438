using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace MicroGrad.Net;

/// <summary>
/// What one output of an average sees of an axis: inputs Start to before End, whose sum it divides by Count.
/// </summary>
readonly record struct Segment(int Start, int End, double Count);

/// <summary>The largest or the average number under a window that slides over planes [height, width].</summary>
static unsafe class Pooling
{
    const int Grain = 16 * 1024;    // elements that one thread takes at a time
    const int MaxBlock = 1024;      // positions whose largest numbers are looked for at once

    /// <summary>
    /// result = the largest number under the window at each position, and <paramref name="places"/> = where in x it is:
    /// the first of ties; a NaN counts as larger than every number. Nothing is taken from the padding.
    /// </summary>
    public static void Max<T>(ReadOnlySpan<T> x, Sliding rows, Sliding columns, Span<T> result, Span<int> places)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        if (result.IsEmpty) return;
        var planes = result.Length / (rows.Output * columns.Output);
        fixed (T* px = x, pr = result)
        fixed (int* pp = places)
        {
            var (ax, ar, ap) = ((nint)px, (nint)pr, (nint)pp);
            Work.Split(planes, PlanesPerChunk(rows.Input * columns.Input), (low, high) =>
                MaxPlanes(low, high, rows, columns, (T*)ax, (T*)ar, (int*)ap));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void MaxPlanes<T>(int low, int high, Sliding rows, Sliding columns, T* x, T* result, int* places)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        // Where each cell of the window lies from its first one on, and at which positions it lies on the axes.
        var offsets = new int[rows.Window * columns.Window];
        for (var k = 0; k < offsets.Length; k++)
            offsets[k] = rows.Offset(k / columns.Window) * columns.Input + columns.Offset(k % columns.Window);
        var (above, beside) = (new (int Low, int High)[rows.Window], new (int Low, int High)[columns.Window]);
        for (var i = 0; i < above.Length; i++) above[i] = rows.Inside(i);
        for (var j = 0; j < beside.Length; j++) beside[j] = columns.Inside(j);

        var (lanes, width) = (Vector<T>.Count, columns.Output);
        var height = Math.Clamp(MaxBlock / width, 1, rows.Output);
        var padded = (height * width + lanes - 1) / lanes * lanes;
        T* best = Scratch<T>.Of(3 * padded), cells = best + padded, candidates = cells + padded;
        for (long begin = (long)low * rows.Output, end = (long)high * rows.Output; begin < end;)
        {
            var (plane, row) = Math.DivRem(begin, rows.Output);
            var count = (int)Math.Min(height, rows.Output - row);
            var origin = (plane * rows.Input + row * rows.Stride) * columns.Input;
            new Span<T>(best, padded).Fill(T.NegativeInfinity);
            new Span<T>(cells, padded).Fill(T.NegativeOne);
            // Cell by cell of the window, all positions of the block at once: the largest number so far is kept beside
            // the number of its cell, both in lanes of vectors.
            for (var k = 0; k < offsets.Length; k++)
            {
                var (vertical, (left, right)) = (above[k / columns.Window], beside[k % columns.Window]);
                for (var r = 0; r < count; r++)
                {
                    var target = candidates + r * width;
                    var source = x + origin + offsets[k] + (long)r * rows.Stride * columns.Input;
                    var (from, to) = row + r >= vertical.Low && row + r < vertical.High ? (left, right) : (0, 0);
                    for (var o = 0; o < from; o++) target[o] = T.NegativeInfinity;
                    for (var o = from; o < to; o++) target[o] = source[(long)o * columns.Stride];
                    for (var o = to; o < width; o++) target[o] = T.NegativeInfinity;
                }
                var cell = Vector.Create(T.CreateTruncating(k));
                for (var o = 0; o < count * width; o += lanes)
                {
                    var (value, old) = (Vector.Load(candidates + o), Vector.Load(best + o));
                    var wins = Vector.GreaterThan(value, old) | ~Vector.Equals(value, value);
                    Vector.Store(Vector.ConditionalSelect(wins, value, old), best + o);
                    Vector.Store(Vector.ConditionalSelect(wins, cell, Vector.Load(cells + o)), cells + o);
                }
            }
            for (var r = 0; r < count; r++, begin++, origin += rows.Stride * columns.Input)
                for (var o = 0; o < width; o++)
                {
                    var cell = T.ConvertToIntegerNative<int>(cells[r * width + o]);
                    if (cell < 0) cell = FirstCell((int)row + r, o, above, beside);
                    result[begin * width + o] = best[r * width + o];
                    places[begin * width + o] = (int)origin + o * columns.Stride + offsets[cell];
                }
        }
    }

    /// <summary>The first cell of the window on the image: the place of −∞ where there is nothing larger.</summary>
    static int FirstCell(int row, int column, (int Low, int High)[] above, (int Low, int High)[] beside) =>
        Array.FindIndex(above, range => range.Low <= row && row < range.High) * beside.Length
            + Array.FindIndex(beside, range => range.Low <= column && column < range.High);

    /// <summary>x = zeros, with each g added in the place where the largest number was, in its own plane.</summary>
    public static void PutBack<T>(int planes, ReadOnlySpan<T> g, ReadOnlySpan<int> places, Span<T> x)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        if (x.IsEmpty) return;
        var (plane, positions) = (x.Length / planes, g.Length / planes);
        fixed (T* pg = g, px = x)
        fixed (int* pp = places)
        {
            var (ag, ax, ap) = ((nint)pg, (nint)px, (nint)pp);
            Work.Split(planes, PlanesPerChunk(plane), (low, high) =>
            {
                T* from = (T*)ag, to = (T*)ax;
                var at = (int*)ap;
                new Span<T>(to + (long)low * plane, (high - low) * plane).Clear();
                for (var i = (long)low * positions; i < (long)high * positions; i++) to[at[i]] += from[i];
            });
        }
    }

    /// <summary>
    /// result[i, j] = the sum over the rows of segment i and the columns of segment j, divided by both counts. The
    /// adjoint of <see cref="Spread"/>.
    /// </summary>
    public static void Average<T>(
        int planes, int width, Segment[] rows, Segment[] columns, ReadOnlySpan<T> x, Span<T> result)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        if (result.IsEmpty) return;
        var (plane, positions) = (x.Length / planes, (long)rows.Length * columns.Length);
        fixed (T* px = x, pr = result)
        {
            var (ax, ar) = ((nint)px, (nint)pr);
            Work.Split(planes, PlanesPerChunk(plane), (low, high) =>
            {
                for (var p = low; p < high; p++)
                    AveragePlane(width, rows, columns, (T*)ax + (long)p * plane, (T*)ar + p * positions);
            });
        }
    }

    static void AveragePlane<T>(int width, Segment[] rows, Segment[] columns, T* x, T* result)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        var sums = Scratch<T>.Of(width);
        foreach (var row in rows)
        {
            new Span<T>(sums, width).Clear();
            for (var y = row.Start; y < row.End; y++) Add(x + (long)y * width, sums, width);
            foreach (var column in columns)
            {
                var sum = T.Zero;
                for (var i = column.Start; i < column.End; i++) sum += sums[i];
                *result++ = sum / T.CreateTruncating(row.Count * column.Count);
            }
        }
    }

    /// <summary>
    /// x = each g[i, j], divided by both counts, added to the rows of segment i and the columns of segment j. The
    /// adjoint of <see cref="Average"/>.
    /// </summary>
    public static void Spread<T>(
        int planes, int width, Segment[] rows, Segment[] columns, ReadOnlySpan<T> g, Span<T> x)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        if (x.IsEmpty) return;
        var (plane, positions) = (x.Length / planes, (long)rows.Length * columns.Length);
        fixed (T* pg = g, px = x)
        {
            var (ag, ax) = ((nint)pg, (nint)px);
            Work.Split(planes, PlanesPerChunk(plane), (low, high) =>
            {
                for (var p = low; p < high; p++)
                {
                    new Span<T>((T*)ax + (long)p * plane, plane).Clear();
                    SpreadPlane(width, rows, columns, (T*)ag + p * positions, (T*)ax + (long)p * plane);
                }
            });
        }
    }

    static void SpreadPlane<T>(int width, Segment[] rows, Segment[] columns, T* g, T* x)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        var parts = Scratch<T>.Of(width);
        foreach (var row in rows)
        {
            new Span<T>(parts, width).Clear();
            foreach (var column in columns)
            {
                var part = *g++ / T.CreateTruncating(row.Count * column.Count);
                for (var i = column.Start; i < column.End; i++) parts[i] += part;
            }
            for (var y = row.Start; y < row.End; y++) Add(parts, x + (long)y * width, width);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void Add<T>(T* source, T* target, int count) where T : unmanaged, IFloatingPointIeee754<T>
    {
        var i = 0;
        for (; i <= count - Vector<T>.Count; i += Vector<T>.Count)
            Vector.Store(Vector.Load(target + i) + Vector.Load(source + i), target + i);
        for (; i < count; i++) target[i] += source[i];
    }

    static int PlanesPerChunk(int plane) => Math.Max(1, Grain / Math.Max(1, plane));

    /// <summary>Memory of this thread, kept from call to call.</summary>
    static class Scratch<T> where T : unmanaged
    {
        [ThreadStatic]
        static T[]? t_rows;

        public static T* Of(int count)
        {
            if (t_rows is null || t_rows.Length < count) t_rows = GC.AllocateUninitializedArray<T>(count, pinned: true);
            return (T*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(t_rows));
        }
    }
}
