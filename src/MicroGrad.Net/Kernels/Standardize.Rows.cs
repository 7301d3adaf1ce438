using System.Buffers;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace MicroGrad.Net;

// Layer normalisation: rows brought to mean 0 and variance 1, then scaled and shifted column by column. A row is read
// while it is in the first cache, so that each array goes through the processor once.
static unsafe partial class Standardize
{
    const int RowsGrain = 8 * 1024;     // elements that one thread takes at a time: the middle of a step has few rows
    const int RowsTogether = 64;        // rows at most whose sums of columns stay in their own type

    /// <summary>
    /// y = (x − mean)·root·weight + bias for each row, with root = 1/√(variance + epsilon); mean and root are kept.
    /// Without weight or bias where these are empty.
    /// </summary>
    public static void Rows<T>(ReadOnlySpan<T> x, int width, double epsilon, ReadOnlySpan<T> weight,
        ReadOnlySpan<T> bias, Span<T> mean, Span<T> root, Span<T> y)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        Sizes.Require("layer norm", width > 0 && x.Length == (long)mean.Length * width && y.Length == x.Length
            && root.Length == mean.Length && OneEach(weight.Length, width) && OneEach(bias.Length, width));
        fixed (T* px = x, pw = weight, pb = bias, pm = mean, pr = root, py = y)
        {
            var (ax, aw, ab, am, ar, ay) = ((nint)px, (nint)pw, (nint)pb, (nint)pm, (nint)pr, (nint)py);
            var rows = mean.Length;
            Work.Split(rows, Math.Max(1, RowsGrain / width), (low, high) =>
            {
                for (var row = low; row < high; row++)
                {
                    var from = (T*)ax + (long)row * width;
                    double sum = 0, deviations = 0, squares = 0;
                    Sum<T, Value>(from, from, width, T.Zero, &sum, &squares);
                    var center = T.CreateTruncating(sum / width);
                    Sum<T, Deviation>(from, from, width, center, &deviations, &squares);
                    // As for channels: what the deviations come to is the rounding error of the mean.
                    var error = deviations / width;
                    var (middle, variance) = (double.CreateTruncating(center) + error, squares / width - error * error);
                    if (!double.IsFinite(variance)) (middle, variance) = Moments(from, 1, 0, width);
                    center = T.CreateTruncating(middle);
                    var scale = T.CreateTruncating(1 / Math.Sqrt(Math.Max(0, variance) + epsilon));
                    (((T*)am)[row], ((T*)ar)[row]) = (center, scale);
                    RowForward(from, width, center, scale, (T*)aw, (T*)ab, (T*)ay + (long)row * width);
                }
            });
        }
    }

    /// <summary>
    /// From the gradient of <see cref="Rows"/> to that of x, root·(w·g − mean of w·g − s·mean of w·g·s), where
    /// s = (x − mean)·root; and to those of weight, Σ g·s, and bias, Σ g, over the rows.
    /// </summary>
    // The rows that are summed together, and the order in which these sums are, depend on the sizes alone.
    public static void RowsGradient<T>(ReadOnlySpan<T> x, int width, ReadOnlySpan<T> weight, ReadOnlySpan<T> mean,
        ReadOnlySpan<T> root, ReadOnlySpan<T> g, Span<T> toX, Span<T> toWeight, Span<T> toBias)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        Sizes.Require("layer norm", width > 0 && x.Length == (long)mean.Length * width && g.Length == x.Length
            && toX.Length == x.Length && root.Length == mean.Length && OneEach(weight.Length, width)
            && toWeight.Length == width && toBias.Length == width);
        var (rows, together) = (mean.Length, Math.Clamp(RowsGrain / width, 1, RowsTogether));
        var parts = (rows + together - 1) / together;
        var sums = Sizes.Rent<T>("layer norm", 2L * parts * width);
        sums.AsSpan(0, parts * 2 * width).Clear();
        fixed (T* px = x, pw = weight, pm = mean, pr = root, pg = g, pt = toX, ps = sums)
        {
            var (ax, aw, am, ar, ag, at, @as) = ((nint)px, (nint)pw, (nint)pm, (nint)pr, (nint)pg, (nint)pt, (nint)ps);
            Work.Split(rows, together, (low, high) =>
            {
                var part = (T*)@as + (long)(low / together) * 2 * width;
                for (var row = low; row < high; row++)
                    RowBackward((T*)ax + (long)row * width, (T*)ag + (long)row * width, (T*)aw, width, ((T*)am)[row],
                        ((T*)ar)[row], (T*)at + (long)row * width, part, part + width);
            });
        }
        var totals = Sizes.Rent<double>("layer norm", 2L * width);
        totals.AsSpan(0, 2 * width).Clear();
        for (var part = 0; part < parts; part++)
            for (var j = 0; j < 2 * width; j++) totals[j] += double.CreateTruncating(sums[part * 2 * width + j]);
        Move.Convert<double, T>(totals.AsSpan(0, width), toWeight);
        Move.Convert<double, T>(totals.AsSpan(width, width), toBias);
        ArrayPool<T>.Shared.Return(sums);
        ArrayPool<double>.Shared.Return(totals);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void RowForward<T>(T* x, int width, T mean, T root, T* weight, T* bias, T* y)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        var (center, scale, i) = (Vector.Create(mean), Vector.Create(root), 0);
        for (; i <= width - Vector<T>.Count; i += Vector<T>.Count)
        {
            var value = (Vector.Load(x + i) - center) * scale;
            if (weight is not null) value *= Vector.Load(weight + i);
            if (bias is not null) value += Vector.Load(bias + i);
            Vector.Store(value, y + i);
        }
        for (; i < width; i++)
        {
            var value = (x[i] - mean) * root;
            if (weight is not null) value *= weight[i];
            if (bias is not null) value += bias[i];
            y[i] = value;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void RowBackward<T>(
        T* x, T* g, T* weight, int width, T mean, T root, T* toX, T* toWeight, T* toBias)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        var (center, scale) = (Vector.Create(mean), Vector.Create(root));
        var (plain, weighted, i) = (Vector<T>.Zero, Vector<T>.Zero, 0);
        var (plainTotal, weightedTotal) = (0.0, 0.0);
        while (i <= width - Vector<T>.Count)
        {
            (plain, weighted) = (Vector<T>.Zero, Vector<T>.Zero);
            var end = Math.Min(width, i + Chain * Vector<T>.Count) - Vector<T>.Count;
            for (; i <= end; i += Vector<T>.Count)
            {
                var (slope, standard) = (Vector.Load(g + i), (Vector.Load(x + i) - center) * scale);
                Vector.Store(Vector.Load(toBias + i) + slope, toBias + i);
                Vector.Store(Vector.Load(toWeight + i) + slope * standard, toWeight + i);
                if (weight is not null) slope *= Vector.Load(weight + i);
                plain += slope;
                weighted += slope * standard;
            }
            plainTotal += double.CreateTruncating(Vector.Sum(plain));
            weightedTotal += double.CreateTruncating(Vector.Sum(weighted));
        }
        for (; i < width; i++)
        {
            var (slope, standard) = (g[i], (x[i] - mean) * root);
            toBias[i] += slope;
            toWeight[i] += slope * standard;
            if (weight is not null) slope *= weight[i];
            plainTotal += double.CreateTruncating(slope);
            weightedTotal += double.CreateTruncating(slope * standard);
        }

        var (plainSum, weightedSum) = (T.CreateTruncating(plainTotal / width), T.CreateTruncating(weightedTotal / width));
        (plain, weighted, i) = (Vector.Create(plainSum), Vector.Create(weightedSum), 0);
        for (; i <= width - Vector<T>.Count; i += Vector<T>.Count)
        {
            var (slope, standard) = (Vector.Load(g + i), (Vector.Load(x + i) - center) * scale);
            if (weight is not null) slope *= Vector.Load(weight + i);
            Vector.Store((slope - plain - standard * weighted) * scale, toX + i);
        }
        for (; i < width; i++)
        {
            var slope = weight is null ? g[i] : g[i] * weight[i];
            toX[i] = (slope - plainSum - (x[i] - mean) * root * weightedSum) * root;
        }
    }
}
