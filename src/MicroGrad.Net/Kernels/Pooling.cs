using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace MicroGrad.Net;

/// <summary>What one output of an average sees of an axis: inputs Start to before End, whose sum it divides by Count.</summary>
readonly record struct Segment(int Start, int End, double Count);

/// <summary>The largest or the average number under a window that slides over planes [height, width].</summary>
static unsafe class Pooling
{
    const int Grain = 16 * 1024;    // elements that one thread takes at a time

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
            {
                for (var plane = low; plane < high; plane++) MaxPlane(plane, rows, columns, (T*)ax, (T*)ar, (int*)ap);
            });
        }
    }

    // All positions of a row at once. The place is kept as the number of the window's cell, in lanes beside the values.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void MaxPlane<T>(int plane, Sliding rows, Sliding columns, T* x, T* result, int* places)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        var lanes = Vector<T>.Count;
        var width = (columns.Output + lanes - 1) / lanes * lanes;
        var scratch = Scratch<T>.Of(3 * width + columns.Output);
        T* best = scratch, place = scratch + width, candidate = scratch + 2 * width, first = scratch + 3 * width;
        // The cell of the window that is the first one on the axis, for each position.
        for (var j = columns.Window - 1; j >= 0; j--)
        {
            var (left, right) = columns.Inside(j);
            new Span<T>(first + left, right - left).Fill(T.CreateTruncating(j));
        }
        var start = (long)plane * rows.Input * columns.Input;
        for (var row = 0; row < rows.Output; row++)
        {
            var began = false;
            for (var i = 0; i < rows.Window; i++)
            {
                var y = row * rows.Stride + rows.Offset(i);
                if (y < 0 || y >= rows.Input) continue;
                if (!began)
                {
                    began = true;
                    new Span<T>(best, width).Fill(T.NegativeInfinity);
                    for (var o = 0; o < columns.Output; o++) place[o] = first[o] + T.CreateTruncating(i * columns.Window);
                }
                for (var j = 0; j < columns.Window; j++)
                {
                    Candidates(columns, j, x + start + (long)y * columns.Input, candidate);
                    var cell = Vector.Create(T.CreateTruncating(i * columns.Window + j));
                    for (var o = 0; o < width; o += lanes)
                    {
                        var (value, old) = (Vector.Load(candidate + o), Vector.Load(best + o));
                        var wins = Vector.GreaterThan(value, old) | ~Vector.Equals(value, value);
                        Vector.Store(Vector.ConditionalSelect(wins, value, old), best + o);
                        Vector.Store(Vector.ConditionalSelect(wins, cell, Vector.Load(place + o)), place + o);
                    }
                }
            }
            var output = ((long)plane * rows.Output + row) * columns.Output;
            new ReadOnlySpan<T>(best, columns.Output).CopyTo(new Span<T>(result + output, columns.Output));
            var origin = start + (long)rows.Stride * row * columns.Input;
            for (var o = 0; o < columns.Output; o++)
            {
                var (i, j) = Math.DivRem(int.CreateTruncating(place[o]), columns.Window);
                places[output + o] = (int)(origin + (long)rows.Offset(i) * columns.Input + o * columns.Stride + columns.Offset(j));
            }
        }
    }

    /// <summary>The numbers of a row that lie under cell j at each position; −∞, which never wins, in the padding.</summary>
    static void Candidates<T>(Sliding columns, int j, T* row, T* candidate) where T : unmanaged, IFloatingPointIeee754<T>
    {
        var (left, right) = columns.Inside(j);
        if (left > 0) new Span<T>(candidate, left).Fill(T.NegativeInfinity);
        if (right < columns.Output) new Span<T>(candidate + right, columns.Output - right).Fill(T.NegativeInfinity);
        var source = row + columns.Offset(j);
        for (var o = left; o < right; o++) candidate[o] = source[o * columns.Stride];
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
        var plane = x.Length / planes;
        fixed (T* px = x, pr = result)
        {
            var (ax, ar) = ((nint)px, (nint)pr);
            Work.Split(planes, PlanesPerChunk(plane), (low, high) =>
            {
                for (var p = low; p < high; p++)
                    AveragePlane(width, rows, columns, (T*)ax + (long)p * plane, (T*)ar + (long)p * rows.Length * columns.Length);
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
        var plane = x.Length / planes;
        fixed (T* pg = g, px = x)
        {
            var (ag, ax) = ((nint)pg, (nint)px);
            Work.Split(planes, PlanesPerChunk(plane), (low, high) =>
            {
                for (var p = low; p < high; p++)
                {
                    new Span<T>((T*)ax + (long)p * plane, plane).Clear();
                    SpreadPlane(width, rows, columns, (T*)ag + (long)p * rows.Length * columns.Length, (T*)ax + (long)p * plane);
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
