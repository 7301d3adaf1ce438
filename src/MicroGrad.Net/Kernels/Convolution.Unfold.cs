using System.Numerics;
using System.Runtime.CompilerServices;

namespace MicroGrad.Net;

static unsafe partial class Convolution
{
    /// <summary>
    /// Writes the numbers under the window at positions start to start + count − 1 (row by row of the output) as the
    /// columns of a matrix [taps, count]; zeros for what lies in the padding. The adjoint of <see cref="Fold"/>.
    /// </summary>
    static void Unfold<T>(ConvolutionSizes sizes, T* x, int start, int count, T* columns) where T : unmanaged
    {
        for (var channel = 0; channel < sizes.GroupChannels; channel++, x += sizes.Plane)
            for (var i = 0; i < sizes.Rows.Window; i++)
                for (var j = 0; j < sizes.Columns.Window; j++, columns += count)
                    if (Shifted(sizes, i, j, start, count, out var shift, out var from, out var to))
                    {
                        new Span<T>(columns, from).Clear();
                        new ReadOnlySpan<T>(x + shift + from, to - from).CopyTo(new Span<T>(columns + from, to - from));
                        new Span<T>(columns + to, count - to).Clear();
                        ClearSides(sizes.Columns, j, start, count, columns);
                    }
                    else UnfoldTap(sizes, i, j, x, start, count, columns);
    }

    /// <summary>
    /// Adds the columns back to where they came from. The adjoint of <see cref="Unfold"/>; overwrites the columns.
    /// </summary>
    static void Fold<T>(ConvolutionSizes sizes, T* columns, int start, int count, T* x)
        where T : unmanaged, INumberBase<T>
    {
        for (var channel = 0; channel < sizes.GroupChannels; channel++, x += sizes.Plane)
            for (var i = 0; i < sizes.Rows.Window; i++)
                for (var j = 0; j < sizes.Columns.Window; j++, columns += count)
                    if (Shifted(sizes, i, j, start, count, out var shift, out var from, out var to))
                    {
                        ClearSides(sizes.Columns, j, start, count, columns);
                        Add(columns + from, x + shift + from, to - from);
                    }
                    else FoldTap(sizes, i, j, columns, start, count, x);
    }

    /// <summary>
    /// With stride 1 and an output as large as the input, a cell of the window sees the whole input shifted: one copy
    /// then serves all rows at once, and what came around the sides is cleared. Gives the run of positions whose
    /// inputs exist.
    /// </summary>
    static bool Shifted(
        ConvolutionSizes sizes, int i, int j, int start, int count, out long shift, out int from, out int to)
    {
        var (rows, columns) = (sizes.Rows, sizes.Columns);
        (shift, from, to) = (0, 0, 0);
        if (!rows.IsShift || !columns.IsShift) return false;
        var (top, bottom) = rows.Inside(i);
        var (left, right) = columns.Inside(j);
        if (top == bottom || left == right) return true;
        from = Math.Clamp(top * columns.Output + left - start, 0, count);
        to = Math.Clamp((bottom - 1) * columns.Output + right - start, from, count);
        shift = (long)rows.Offset(i) * columns.Input + columns.Offset(j) + start;
        return true;
    }

    /// <summary>Sets to zero the positions at which cell j of the window lies left or right of the input.</summary>
    static void ClearSides<T>(Sliding sliding, int j, int start, int count, T* values) where T : unmanaged
    {
        var (low, high) = sliding.Inside(j);
        for (var side = 0; side < sliding.Output; side++)
        {
            if (side == low) side = high;
            if (side >= sliding.Output) return;
            var first = (side - start % sliding.Output + (long)sliding.Output) % sliding.Output;
            for (var position = first; position < count; position += sliding.Output) values[position] = default;
        }
    }

    /// <summary>One row of the matrix of columns, in general: for each row of the output, zeros, inputs, zeros.</summary>
    static void UnfoldTap<T>(ConvolutionSizes sizes, int i, int j, T* x, int start, int count, T* target)
        where T : unmanaged
    {
        for (var done = 0; done < count;)
        {
            var run = Inside(sizes, i, j, start + done, count - done);
            T* source = x + run.Origin, row = target + done;
            var seen = run.To - run.From;
            new Span<T>(row, run.From).Clear();
            if (run.Step == 1) new ReadOnlySpan<T>(source + run.From, seen).CopyTo(new Span<T>(row + run.From, seen));
            else
                for (var k = run.From; k < run.To; k++) row[k] = source[(long)k * run.Step];
            new Span<T>(row + run.To, run.Length - run.To).Clear();
            done += run.Length;
        }
    }

    static void FoldTap<T>(ConvolutionSizes sizes, int i, int j, T* source, int start, int count, T* x)
        where T : unmanaged, INumberBase<T>
    {
        for (var done = 0; done < count;)
        {
            var run = Inside(sizes, i, j, start + done, count - done);
            var target = x + run.Origin;
            if (run.Step == 1) Add(source + done + run.From, target + run.From, run.To - run.From);
            else
                for (var k = run.From; k < run.To; k++) target[(long)k * run.Step] += source[done + k];
            done += run.Length;
        }
    }

    /// <summary>
    /// The next positions within one row of the output: Length of them, of which From to before To see inputs: position
    /// k the one at Origin + k·Step.
    /// </summary>
    static (int Length, int From, int To, long Origin, int Step) Inside(
        ConvolutionSizes sizes, int i, int j, int position, int count)
    {
        var (row, column) = Math.DivRem(position, sizes.Columns.Output);
        var length = Math.Min(sizes.Columns.Output - column, count);
        var (top, bottom) = sizes.Rows.Inside(i);
        if (row < top || row >= bottom) return (length, 0, 0, 0, 1);
        var (left, right) = sizes.Columns.Inside(j);
        var from = Math.Clamp(left - column, 0, length);
        var to = Math.Clamp(right - column, from, length);
        var y = row * sizes.Rows.Stride + sizes.Rows.Offset(i);
        var x = column * sizes.Columns.Stride + sizes.Columns.Offset(j);
        return (length, from, to, (long)y * sizes.Columns.Input + x, sizes.Columns.Stride);
    }

    /// <summary>target += source.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void Add<T>(T* source, T* target, int count) where T : unmanaged, INumberBase<T>
    {
        var i = 0;
        for (; i <= count - Vector<T>.Count; i += Vector<T>.Count)
            Vector.Store(Vector.Load(target + i) + Vector.Load(source + i), target + i);
        for (; i < count; i++) target[i] += source[i];
    }
}
