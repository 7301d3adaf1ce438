using System.Buffers;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace MicroGrad.Net;

/// <summary>
/// What one output of an average sees of an axis: inputs Start to before End, whose sum it divides by Count.
/// </summary>
readonly record struct Segment(int Start, int End, double Count);

/// <summary>
/// The largest or the average number under a window that slides over planes [height, width]. The entries check that the
/// arrays are made of planes as large as windows or segments ask for.
/// </summary>
static unsafe partial class Pooling
{
    const int Grain = 16 * 1024;    // elements that one thread takes at a time
    const int Chain = 32;           // elements of a window's side that are summed in Float32; more are in double

    /// <summary>
    /// result[i, j] = the sum over the rows of segment i and the columns of segment j, divided by both counts. The
    /// adjoint of <see cref="Spread"/>.
    /// </summary>
    public static void Average<T>(
        int planes, int width, Segment[] rows, Segment[] columns, ReadOnlySpan<T> x, Span<T> result)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        Sizes.Require("average", Fits(planes, width, rows, columns, x.Length, result.Length));
        if (result.IsEmpty) return;
        var (plane, positions, isLong) = (x.Length / planes, (long)rows.Length * columns.Length, IsLong<T>(rows, columns));
        fixed (T* px = x, pr = result)
        {
            var (ax, ar) = ((nint)px, (nint)pr);
            Work.Split(planes, PlanesPerChunk(plane), (low, high) =>
            {
                for (var p = low; p < high; p++)
                {
                    T* from = (T*)ax + (long)p * plane, to = (T*)ar + p * positions;
                    if (!isLong) AveragePlane(width, rows, columns, from, to);
                    else
                        InDouble(from, plane, to, (int)positions, (x, result) =>
                            AveragePlane(width, rows, columns, (double*)x, (double*)result));
                }
            });
        }
    }

    /// <summary>Whether sums would be long in Float32.</summary>
    static bool IsLong<T>(Segment[] rows, Segment[] columns) =>
        typeof(T) == typeof(float) && (rows.Any(IsLong) || columns.Any(IsLong));

    static bool IsLong(Segment segment) => segment.End - segment.Start > Chain;

    /// <summary>Runs the body on doubles in place of a source and a target.</summary>
    static void InDouble<T>(T* source, int count, T* target, int results, Action<nint, nint> body)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        var (from, to) = (Sizes.Rent<double>("average pool", count), Sizes.Rent<double>("average pool", results));
        fixed (double* pf = from, pt = to)
        {
            Move.Convert(new ReadOnlySpan<T>(source, count), new Span<double>(pf, count));
            body((nint)pf, (nint)pt);
            Move.Convert(new ReadOnlySpan<double>(pt, results), new Span<T>(target, results));
        }
        ArrayPool<double>.Shared.Return(from);
        ArrayPool<double>.Shared.Return(to);
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
        Sizes.Require("average", Fits(planes, width, rows, columns, x.Length, g.Length));
        if (x.IsEmpty) return;
        var (plane, positions, isLong) = (x.Length / planes, (long)rows.Length * columns.Length, IsLong<T>(rows, columns));
        fixed (T* pg = g, px = x)
        {
            var (ag, ax) = ((nint)pg, (nint)px);
            Work.Split(planes, PlanesPerChunk(plane), (low, high) =>
            {
                for (var p = low; p < high; p++)
                {
                    T* from = (T*)ag + p * positions, to = (T*)ax + (long)p * plane;
                    if (!isLong) SpreadPlane(width, rows, columns, from, to, plane);
                    else
                        InDouble(from, (int)positions, to, plane, (g, x) =>
                            SpreadPlane(width, rows, columns, (double*)g, (double*)x, plane));
                }
            });
        }
    }

    static void SpreadPlane<T>(int width, Segment[] rows, Segment[] columns, T* g, T* x, int plane)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        new Span<T>(x, plane).Clear();
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

    /// <summary>Whether arrays of these lengths are the planes and their averages, and the segments lie on a plane.</summary>
    static bool Fits(int planes, int width, Segment[] rows, Segment[] columns, int length, int averages)
    {
        if (averages != Sizes.Product(planes, rows.Length, columns.Length)) return false;
        if (length == 0 || averages == 0) return length == 0 || Sizes.Product(planes, width) > 0;
        var line = Sizes.Product(planes, width);
        return length % line == 0 && Within(rows, (int)(length / line)) && Within(columns, width);

        static bool Within(Segment[] segments, int size)
        {
            foreach (var segment in segments)
                if (segment.Start < 0 || segment.End > size) return false;
            return true;
        }
    }

    static int PlanesPerChunk(int plane) => Math.Max(1, Grain / Math.Max(1, plane));

    /// <summary>Memory of this thread, kept from call to call.</summary>
    static class Scratch<T> where T : unmanaged
    {
        [ThreadStatic]
        static T[]? t_rows;

        public static T* Of(int count)
        {
            if (t_rows is null || t_rows.Length < count)
                t_rows = Sizes.New<T>("average", count, clear: false, pinned: true);
            return (T*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(t_rows));
        }
    }
}
