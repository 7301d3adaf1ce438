using System.Buffers;
using System.Numerics;

namespace MicroGrad.Net;

/// <summary>
/// Where the elements of a strided view lie in a dense array: element [i, j, …] at Offset + i·Strides[0] +
/// j·Strides[1] + …. Slices, permutations, flips, diagonals and repetitions are all views.
/// </summary>
readonly record struct View(int Offset, int[] Sizes, int[] Strides)
{
    /// <summary>The strides of a dense array of a shape.</summary>
    public static int[] DenseStrides(Shape shape)
    {
        var strides = new int[shape.Rank];
        for (int axis = shape.Rank - 1, stride = 1; axis >= 0; axis--)
        {
            strides[axis] = stride;
            stride *= shape[axis];
        }
        return strides;
    }

    /// <summary>Whether it stays within an array of this length, and has as many elements as a dense one of that.</summary>
    public bool Fits(int length, int dense)
    {
        if (dense != MicroGrad.Net.Sizes.Product(Sizes)) return false;
        if (dense == 0) return true;
        var (first, last) = ((long)Offset, (long)Offset);
        for (var axis = 0; axis < Sizes.Length; axis++)
        {
            var way = (Sizes[axis] - 1L) * Strides[axis];
            if (way < 0) first += way;
            else last += way;
        }
        return first >= 0 && last < length;
    }

    /// <summary>The same elements with neighbouring axes joined where they lie evenly, and at least two axes.</summary>
    public View Joined()
    {
        // Filled from the end: joined axes, and before them axes of size 1 where there are fewer than two.
        Span<int> sizes = stackalloc int[Sizes.Length + 2], strides = stackalloc int[Sizes.Length + 2];
        var first = sizes.Length;
        for (var axis = Sizes.Length - 1; axis >= 0; axis--)
            if (Sizes[axis] == 1) continue;
            else if (first < sizes.Length && Strides[axis] == strides[first] * sizes[first]) sizes[first] *= Sizes[axis];
            else (sizes[--first], strides[first]) = (Sizes[axis], Strides[axis]);
        while (first > sizes.Length - 2) (sizes[--first], strides[first]) = (1, 0);
        return new View(Offset, sizes[first..].ToArray(), strides[first..].ToArray());
    }
}

/// <summary>
/// Copies between dense arrays and views, and between rows and chosen rows. The entries check that a view stays within
/// its array and has as many elements as the dense one.
/// </summary>
static class Move
{
    const int Tile = 32;    // a tile of a transposition: 32 x 32 doubles are 8 kB, well inside the first cache

    /// <summary>result = the view of x, dense. The adjoint of <see cref="Scatter"/>.</summary>
    public static unsafe void Gather<T>(ReadOnlySpan<T> x, View view, Span<T> result) where T : unmanaged
    {
        Sizes.Require("gather", view.Fits(x.Length, result.Length));
        if (result.IsEmpty) return;
        view = view.Joined();
        fixed (T* px = x, pr = result)
        {
            var plane = view.Sizes[^1] * view.Sizes[^2];
            for (var matrix = 0; matrix < result.Length / plane; matrix++)
                GatherPlane(px + PlaneOffset(view, matrix), view.Strides[^2], view.Strides[^1],
                    pr + (long)matrix * plane, view.Sizes[^2], view.Sizes[^1]);
        }
    }

    /// <summary>Adds the dense x to the elements of a view of the result. The adjoint of <see cref="Gather"/>.</summary>
    public static unsafe void Scatter<T>(ReadOnlySpan<T> x, View view, Span<T> result)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        Sizes.Require("scatter", view.Fits(result.Length, x.Length));
        if (x.IsEmpty) return;
        view = view.Joined();
        fixed (T* px = x, pr = result)
        {
            var (rows, columns) = (view.Sizes[^2], view.Sizes[^1]);
            for (var matrix = 0; matrix < x.Length / (rows * columns); matrix++)
            {
                var at = px + (long)matrix * rows * columns;
                var target = pr + PlaneOffset(view, matrix);
                for (var i = 0; i < rows; i++)
                    AddRow(at + i * columns, target + i * view.Strides[^2], view.Strides[^1], columns);
            }
        }
    }

    static unsafe void AddRow<T>(T* source, T* target, int step, int count) where T : unmanaged, IFloatingPointIeee754<T>
    {
        var i = 0;
        if (step == 1)
            for (; i <= count - Vector<T>.Count; i += Vector<T>.Count)
                Vector.Store(Vector.Load(target + i) + Vector.Load(source + i), target + i);
        for (; i < count; i++) target[i * step] += source[i];
    }

    static int PlaneOffset(View view, int matrix)
    {
        var offset = view.Offset;
        for (var axis = view.Sizes.Length - 3; axis >= 0; axis--)
        {
            (matrix, var index) = Math.DivRem(matrix, view.Sizes[axis]);
            offset += index * view.Strides[axis];
        }
        return offset;
    }

    static unsafe void GatherPlane<T>(T* x, int rowStride, int columnStride, T* result, int rows, int columns)
        where T : unmanaged
    {
        if (columnStride == 1)
        {
            for (var i = 0; i < rows; i++)
                new ReadOnlySpan<T>(x + (long)i * rowStride, columns).CopyTo(new Span<T>(result + (long)i * columns, columns));
            return;
        }
        // In tiles, so that both sides of a transposition stay in the cache.
        for (var i0 = 0; i0 < rows; i0 += Tile)
            for (var j0 = 0; j0 < columns; j0 += Tile)
            {
                var (i1, j1) = (Math.Min(rows, i0 + Tile), Math.Min(columns, j0 + Tile));
                for (var i = i0; i < i1; i++)
                    for (var j = j0; j < j1; j++)
                        result[(long)i * columns + j] = x[(long)i * rowStride + (long)j * columnStride];
            }
    }

    /// <summary>result[i] = x[rows[i]], in rows of <paramref name="width"/> elements. The adjoint of <see cref="PutRows"/>.</summary>
    public static void TakeRows<T>(ReadOnlySpan<T> x, ReadOnlySpan<int> rows, int width, Span<T> result)
        where T : unmanaged
    {
        if (width == 1)
            for (var i = 0; i < rows.Length; i++) result[i] = x[rows[i]];
        else
            for (var i = 0; i < rows.Length; i++)
                x.Slice(rows[i] * width, width).CopyTo(result[(i * width)..]);
    }

    const int MostInOwnType = 32;   // rows added to one in their own type

    /// <summary>Adds x[i] to result[rows[i]]: a row named twice gets both. The adjoint of <see cref="TakeRows"/>.</summary>
    public static unsafe void PutRows<T>(ReadOnlySpan<T> x, ReadOnlySpan<int> rows, int width, Span<T> result)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        if (rows.Length > MostInOwnType && width > 0 && typeof(T) != typeof(double)
            && MostToOne(rows, result.Length / width) > MostInOwnType)
        {
            SumRows(x, rows, width, result);
            return;
        }
        if (width == 1)
        {
            for (var i = 0; i < rows.Length; i++) result[rows[i]] += x[i];
            return;
        }
        for (var i = 0; i < rows.Length; i++)
            // Slices check their bounds.
            fixed (T* source = x.Slice(i * width, width), target = result.Slice(rows[i] * width, width))
                AddRow(source, target, 1, width);
    }

    /// <summary>How often the row that is named most is named.</summary>
    static int MostToOne(ReadOnlySpan<int> rows, int targets)
    {
        var counts = Sizes.Rent<int>("put rows", targets);
        counts.AsSpan(0, targets).Clear();
        var most = 0;
        foreach (var row in rows) most = Math.Max(most, ++counts[row]);
        ArrayPool<int>.Shared.Return(counts);
        return most;
    }

    /// <summary>The same where many rows go to one, as one token's in a text: each row's sum by itself, in double.</summary>
    static void SumRows<T>(ReadOnlySpan<T> x, ReadOnlySpan<int> rows, int width, Span<T> result)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        // The sources of each row as a list in their order: the first of them, and for each the next.
        var (targets, none) = (result.Length / width, -1);
        var (first, next) = (Sizes.Rent<int>("put rows", targets), Sizes.Rent<int>("put rows", rows.Length));
        var sums = Sizes.Rent<double>("put rows", width);
        first.AsSpan(0, targets).Fill(none);
        for (var i = rows.Length - 1; i >= 0; i--) (next[i], first[rows[i]]) = (first[rows[i]], i);
        for (var row = 0; row < targets; row++)
        {
            if (first[row] == none) continue;
            var target = result.Slice(row * width, width);
            for (var j = 0; j < width; j++) sums[j] = double.CreateTruncating(target[j]);
            for (var i = first[row]; i != none; i = next[i])
            {
                var source = x.Slice(i * width, width);
                for (var j = 0; j < source.Length; j++) sums[j] += double.CreateTruncating(source[j]);
            }
            for (var j = 0; j < width; j++) target[j] = T.CreateTruncating(sums[j]);
        }
        ArrayPool<int>.Shared.Return(first);
        ArrayPool<int>.Shared.Return(next);
        ArrayPool<double>.Shared.Return(sums);
    }

    /// <summary>Fills the result with x, over and over.</summary>
    public static void Repeat<T>(ReadOnlySpan<T> x, Span<T> result)
    {
        if (result.IsEmpty) return;
        x.CopyTo(result);
        // What is filled already, doubled each time: short rows are too short to be copied one by one.
        for (var done = x.Length; done < result.Length; done += Math.Min(done, result.Length - done))
            result[..Math.Min(done, result.Length - done)].CopyTo(result[done..]);
    }

    /// <summary>Converts each element to another number type.</summary>
    public static void Convert<TFrom, TTo>(ReadOnlySpan<TFrom> x, Span<TTo> result)
        where TFrom : unmanaged, INumberBase<TFrom> where TTo : unmanaged, INumberBase<TTo>
    {
        for (var i = 0; i < x.Length; i++) result[i] = TTo.CreateTruncating(x[i]);
    }
}
