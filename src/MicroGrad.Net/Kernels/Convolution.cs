using System.Buffers;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace MicroGrad.Net;

/// <summary>
/// The sizes of a two-dimensional convolution of x [images, channels, height, width] with w [outputs,
/// channels/groups, window] to y [images, outputs, height, width]. Each group of outputs sees its own channels only.
/// </summary>
readonly record struct ConvolutionSizes(
    int Images, int Channels, int Outputs, int Groups, Sliding Rows, Sliding Columns)
{
    public int GroupChannels => Channels / Groups;
    public int GroupOutputs => Outputs / Groups;

    /// <summary>The weights of one output: the numbers under its window in all channels of its group.</summary>
    public int Taps => GroupChannels * Rows.Window * Columns.Window;

    /// <summary>The size of one channel of x.</summary>
    public int Plane => Rows.Input * Columns.Input;

    /// <summary>The size of one output of y.</summary>
    public int Positions => Rows.Output * Columns.Output;

    /// <summary>Whether the window is a single number that lies on every input once: then x itself is the matrix.</summary>
    public bool IsPointwise => Rows.IsIdentity && Columns.IsIdentity;

    /// <summary>Whether arrays of these lengths are x, w and y.</summary>
    public bool Fits(int x, int w, int y) => Groups > 0
        && x == Sizes.Product(Images, Channels, Rows.Input, Columns.Input)
        && w == Sizes.Product(Outputs, GroupChannels, Rows.Window, Columns.Window)
        && y == Sizes.Product(Images, Outputs, Rows.Output, Columns.Output);
}

/// <summary>
/// The convolution y = x∗w, which is bilinear, and its two adjoints, as products of matrices: with the numbers under
/// the window at each position as the columns of a matrix [taps, positions], y = w·columns.
/// </summary>
/// <remarks>
/// Only a tile of that matrix exists at a time, in scratch memory of the thread. The partition of the work, and with
/// it the order in which terms are added, follows from the sizes alone: threads never change a bit. The entries check
/// that the arrays have as many elements as the sizes ask for.
/// </remarks>
static unsafe partial class Convolution
{
    const int TileElements = 32 * 1024;     // of the matrix of columns: half a second-level cache or less
    const int TileColumns = 64;             // but no fewer columns, or the product of matrices would be slow
    const double SmallestChunk = 250_000;   // multiply-adds that are worth handing to a thread
    const int MostParts = 8;                // into which the images are cut for the gradient of the weights
    const int PartElements = 1 << 20;       // of all these parts' sums together
    const int Chain = 32;                   // products that are added up before the sum is put aside in double

    /// <summary>y = x∗w, plus a number per output unless <paramref name="bias"/> is empty.</summary>
    public static void Output<T>(
        ConvolutionSizes sizes, ReadOnlySpan<T> x, ReadOnlySpan<T> w, ReadOnlySpan<T> bias, Span<T> y)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        Sizes.Require("conv2d",
            sizes.Fits(x.Length, w.Length, y.Length) && (bias.IsEmpty || bias.Length == sizes.Outputs));
        if (y.IsEmpty) return;
        fixed (T* px = x, pw = w, pb = bias, py = y)
        {
            var (ax, aw, ab, ay) = ((nint)px, (nint)pw, (nint)pb, (nint)py);
            var tile = Tile(sizes);
            var tiles = Chunks(sizes.Positions, tile);
            Work.Split(sizes.Images * sizes.Groups * tiles, Grain(sizes, tile), (low, high) =>
            {
                for (var i = low; i < high; i++)
                {
                    var (unit, start) = (i / tiles, i % tiles * tile);
                    OutputTile(sizes, unit, start, Math.Min(tile, sizes.Positions - start),
                        (T*)ax, (T*)aw, (T*)ab, (T*)ay);
                }
            });
        }
    }

    static void OutputTile<T>(ConvolutionSizes sizes, int unit, int start, int count, T* x, T* w, T* bias, T* y)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        var (group, outputs) = (unit % sizes.Groups, sizes.GroupOutputs);
        var result = y + (long)unit * outputs * sizes.Positions + start;
        if (bias is not null)
            for (var o = 0; o < outputs; o++)
                new Span<T>(result + (long)o * sizes.Positions, count).Fill(bias[group * outputs + o]);
        var columns = Columns(sizes, x + (long)unit * sizes.GroupChannels * sizes.Plane, start, count, out var stride);
        Product(false, false, outputs, count, sizes.Taps, w + (long)group * outputs * sizes.Taps, sizes.Taps,
            columns, stride, result, sizes.Positions, accumulate: bias is not null);
    }

    /// <summary>
    /// x = the adjoint in x: each g of y goes back, times the weights, to the inputs that were under its window. Seen
    /// forward, this is the transposed convolution.
    /// </summary>
    public static void InputGradient<T>(ConvolutionSizes sizes, ReadOnlySpan<T> g, ReadOnlySpan<T> w, Span<T> x)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        Sizes.Require("conv transpose2d", sizes.Fits(x.Length, w.Length, g.Length));
        if (x.IsEmpty) return;
        fixed (T* pg = g, pw = w, px = x)
        {
            var (ag, aw, ax) = ((nint)pg, (nint)pw, (nint)px);
            Work.Split(sizes.Images * sizes.Groups, Grain(sizes, sizes.Positions), (low, high) =>
            {
                for (var unit = low; unit < high; unit++) InputGradientUnit(sizes, unit, (T*)ag, (T*)aw, (T*)ax);
            });
        }
    }

    static void InputGradientUnit<T>(ConvolutionSizes sizes, int unit, T* g, T* w, T* x)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        var (outputs, positions, tile) = (sizes.GroupOutputs, sizes.Positions, Tile(sizes));
        w += (long)(unit % sizes.Groups) * outputs * sizes.Taps;
        g += (long)unit * outputs * positions;
        x += (long)unit * sizes.GroupChannels * sizes.Plane;
        if (sizes.IsPointwise)
        {
            Product(true, false, sizes.Taps, positions, outputs, w, sizes.Taps, g, positions, x, positions, false);
            return;
        }
        new Span<T>(x, sizes.GroupChannels * sizes.Plane).Clear();
        for (var start = 0; start < positions; start += tile)
        {
            var count = Math.Min(tile, positions - start);
            var columns = Scratch<T>.Columns(sizes.Taps * count);
            Product(
                true, false, sizes.Taps, count, outputs, w, sizes.Taps, g + start, positions, columns, count, false);
            Fold(sizes, columns, start, count, x);
        }
    }

    /// <summary>w = the adjoint in w: each g of y times the inputs that were under its window, summed over positions
    /// and images.</summary>
    public static void WeightGradient<T>(ConvolutionSizes sizes, ReadOnlySpan<T> x, ReadOnlySpan<T> g, Span<T> w)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        Sizes.Require("conv2d weights", sizes.Fits(x.Length, w.Length, g.Length));
        if (w.IsEmpty) return;
        // A fixed number of parts, each with a sum of its own; the sums are added in their order.
        var parts = Math.Clamp(Math.Min(sizes.Images, PartElements / w.Length), 1, MostParts);
        var sums = parts == 1 ? [] : Sizes.Rent<T>("conv2d weights", (parts - 1L) * w.Length);
        fixed (T* px = x, pg = g, pw = w, ps = sums)
        {
            var (ax, ag, aw, rest, length) = ((nint)px, (nint)pg, (nint)pw, (nint)ps, w.Length);
            var images = (double)sizes.Images / parts;
            Work.Split(sizes.Groups * parts, Grain(sizes, sizes.Positions * images), (low, high) =>
            {
                for (var i = low; i < high; i++)
                {
                    var (group, part) = (i / parts, i % parts);
                    var first = (int)((long)sizes.Images * part / parts);
                    var end = (int)((long)sizes.Images * (part + 1) / parts);
                    var sum = part == 0 ? (T*)aw : (T*)rest + (long)(part - 1) * length;
                    sum += (long)group * sizes.GroupOutputs * sizes.Taps;
                    WeightGradientPart(sizes, group, first, end, (T*)ax, (T*)ag, sum);
                }
            });
            for (var part = 1; part < parts; part++) Add(ps + (long)(part - 1) * length, pw, length);
        }
        if (parts > 1) ArrayPool<T>.Shared.Return(sums);
    }

    static void WeightGradientPart<T>(ConvolutionSizes sizes, int group, int first, int end, T* x, T* g, T* sum)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        var (outputs, positions, tile) = (sizes.GroupOutputs, sizes.Positions, Tile(sizes));
        var (length, products, totals) = (outputs * sizes.Taps, 0, (double[]?)null);
        new Span<T>(sum, length).Clear();
        for (var image = first; image < end; image++)
        {
            var unit = (long)image * sizes.Groups + group;
            var channels = x + unit * sizes.GroupChannels * sizes.Plane;
            for (var start = 0; start < positions; start += tile)
            {
                var count = Math.Min(tile, positions - start);
                var columns = Columns(sizes, channels, start, count, out var stride);
                Product(false, true, outputs, sizes.Taps, count, g + unit * outputs * positions + start, positions,
                    columns, stride, sum, sizes.Taps, accumulate: true);
                if (++products % Chain == 0) PutAside();
            }
        }
        if (totals is null) return;
        PutAside();
        for (var i = 0; i < length; i++) sum[i] = T.CreateTruncating(totals[i]);
        ArrayPool<double>.Shared.Return(totals);

        void PutAside()
        {
            if (totals is null) (totals = Sizes.Rent<double>("conv2d weights", length)).AsSpan(0, length).Clear();
            for (var i = 0; i < length; i++) totals[i] += double.CreateTruncating(sum[i]);
            new Span<T>(sum, length).Clear();
        }
    }

    /// <summary>The matrix of columns for some positions, with the step from row to row.</summary>
    static T* Columns<T>(ConvolutionSizes sizes, T* x, int start, int count, out int stride) where T : unmanaged
    {
        stride = sizes.IsPointwise ? sizes.Positions : count;
        if (sizes.IsPointwise) return x + start;
        var columns = Scratch<T>.Columns(sizes.Taps * count);
        Unfold(sizes, x, start, count, columns);
        return columns;
    }

    static void Product<T>(
        bool ta, bool tb, int m, int n, int k, T* a, int lda, T* b, int ldb, T* c, int ldc, bool accumulate)
        where T : unmanaged, IFloatingPointIeee754<T> =>
        MatMul.Multiply(ta, tb, m, n, k,
            new ReadOnlySpan<T>(a, Extent(ta ? k : m, ta ? m : k, lda)), lda,
            new ReadOnlySpan<T>(b, Extent(tb ? n : k, tb ? k : n, ldb)), ldb,
            new Span<T>(c, Extent(m, n, ldc)), ldc, accumulate);

    static int Extent(int rows, int columns, int stride) => rows == 0 ? 0 : (rows - 1) * stride + columns;

    /// <summary>How many positions to unfold at a time: tiles of about equal size.</summary>
    static int Tile(ConvolutionSizes sizes)
    {
        if (sizes.IsPointwise) return Math.Max(1, sizes.Positions);
        var taps = Math.Max(1, sizes.Taps);
        var most = Math.Min(Math.Max(TileColumns, TileElements / taps), Array.MaxLength / taps);
        var tiles = Math.Max(1, Chunks(sizes.Positions, Math.Max(1, most)));
        return Math.Max(1, Chunks(sizes.Positions, tiles));
    }

    /// <summary>How many units of so many positions a thread takes at a time.</summary>
    static int Grain(ConvolutionSizes sizes, double positions) => (int)Math.Clamp(
        SmallestChunk / Math.Max(1, positions * sizes.GroupOutputs * sizes.Taps), 1, int.MaxValue);

    static int Chunks(int count, int size) => (int)(((long)count + size - 1) / size);

    /// <summary>Memory of this thread, kept from call to call.</summary>
    static class Scratch<T> where T : unmanaged
    {
        [ThreadStatic]
        static T[]? t_columns;

        public static T* Columns(int count)
        {
            if (t_columns is null || t_columns.Length < count)
                t_columns = Sizes.New<T>("conv2d", count, clear: false, pinned: true);
            return (T*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(t_columns));
        }
    }
}
