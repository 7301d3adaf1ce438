using System.Numerics;
using System.Runtime.CompilerServices;

namespace MicroGrad.Net;

/// <summary>
/// Shifting and scaling each channel of arrays [outer, channels, inner] to mean 0 and variance 1. What a channel's
/// sums are made of depends on the sizes alone; threads take whole channels.
/// </summary>
static unsafe partial class Standardize
{
    const int Grain = 32 * 1024;    // elements that one thread takes at a time
    const int Block = 4096;         // elements summed in their own type before the sum is put aside in double

    /// <summary>The mean and the mean square deviation of each channel.</summary>
    // Two passes: the mean of the squares less the square of the mean would lose all digits where the mean is large.
    public static void Statistics<T>(ReadOnlySpan<T> x, int channels, int inner, Span<T> mean, Span<T> variance)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        var count = channels == 0 ? 0 : x.Length / channels;
        fixed (T* px = x, pm = mean, pv = variance)
        {
            var (ax, am, av) = ((nint)px, (nint)pm, (nint)pv);
            Work.Split(channels, Math.Max(1, Grain / Math.Max(1, count)), (low, high) =>
            {
                for (var channel = low; channel < high; channel++)
                {
                    var center = Sum<T, Value>((T*)ax, null, channel, channels, inner, count, T.Zero) / count;
                    ((T*)am)[channel] = T.CreateTruncating(center);
                    var squares = Sum<T, SquareDeviation>((T*)ax, null, channel, channels, inner, count, ((T*)am)[channel]);
                    ((T*)av)[channel] = T.CreateTruncating(squares / count);
                }
            });
        }
    }

    /// <summary>Per channel, the sum of g and that of g·(x − mean).</summary>
    public static void Sums<T>(
        ReadOnlySpan<T> x, ReadOnlySpan<T> g, int inner, ReadOnlySpan<T> mean, Span<T> sum, Span<T> product)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        var channels = mean.Length;
        var count = channels == 0 ? 0 : x.Length / channels;
        fixed (T* px = x, pg = g, pm = mean, ps = sum, pp = product)
        {
            var (ax, ag, am, ar, ap) = ((nint)px, (nint)pg, (nint)pm, (nint)ps, (nint)pp);
            Work.Split(channels, Math.Max(1, Grain / Math.Max(1, count)), (low, high) =>
            {
                for (var channel = low; channel < high; channel++)
                {
                    var (plain, center) = (Sum<T, Value>((T*)ag, null, channel, channels, inner, count, T.Zero), ((T*)am)[channel]);
                    var weighted = Sum<T, WeightedDeviation>((T*)ax, (T*)ag, channel, channels, inner, count, center);
                    (((T*)ar)[channel], ((T*)ap)[channel]) = (T.CreateTruncating(plain), T.CreateTruncating(weighted));
                }
            });
        }
    }

    /// <summary>result = (x − center)·a + g·b + c, with numbers of each channel; without g where that is empty.</summary>
    public static void Combine<T>(ReadOnlySpan<T> x, ReadOnlySpan<T> g, int inner,
        ReadOnlySpan<T> center, ReadOnlySpan<T> a, ReadOnlySpan<T> b, ReadOnlySpan<T> c, Span<T> result)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        var channels = a.Length;
        fixed (T* px = x, pg = g, pm = center, pa = a, pb = b, pc = c, pr = result)
        {
            var (ax, ag, am, aa, ab, ac, ar) = ((nint)px, (nint)pg, (nint)pm, (nint)pa, (nint)pb, (nint)pc, (nint)pr);
            var rows = inner == 0 ? 0 : x.Length / inner;
            Work.Split(rows, Math.Max(1, Grain / Math.Max(1, inner)), (low, high) =>
            {
                for (var row = low; row < high; row++)
                {
                    var (channel, start) = (row % channels, (long)row * inner);
                    var (from, add, scale) = (((T*)am)[channel], ((T*)ac)[channel], ((T*)aa)[channel]);
                    if (ag == 0) Row((T*)ax + start, null, inner, from, scale, T.Zero, add, (T*)ar + start);
                    else Row((T*)ax + start, (T*)ag + start, inner, from, scale, ((T*)ab)[channel], add, (T*)ar + start);
                }
            });
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void Row<T>(T* x, T* g, int length, T center, T a, T b, T c, T* result)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        var i = 0;
        var (vm, va, vb, vc) = (Vector.Create(center), Vector.Create(a), Vector.Create(b), Vector.Create(c));
        if (g is null)
        {
            for (; i <= length - Vector<T>.Count; i += Vector<T>.Count)
                Vector.Store((Vector.Load(x + i) - vm) * va + vc, result + i);
            for (; i < length; i++) result[i] = (x[i] - center) * a + c;
            return;
        }
        for (; i <= length - Vector<T>.Count; i += Vector<T>.Count)
            Vector.Store((Vector.Load(x + i) - vm) * va + Vector.Load(g + i) * vb + vc, result + i);
        for (; i < length; i++) result[i] = (x[i] - center) * a + g[i] * b + c;
    }

    /// <summary>What is summed, of an element x, one of g beside it, and the channel's mean.</summary>
    interface ITerm
    {
        static abstract Vector<T> Of<T>(Vector<T> x, Vector<T> g, Vector<T> mean)
            where T : unmanaged, IFloatingPointIeee754<T>;
        static abstract T Of<T>(T x, T g, T mean) where T : unmanaged, IFloatingPointIeee754<T>;
    }

    readonly struct Value : ITerm
    {
        public static Vector<T> Of<T>(Vector<T> x, Vector<T> g, Vector<T> mean)
            where T : unmanaged, IFloatingPointIeee754<T> => x;
        public static T Of<T>(T x, T g, T mean) where T : unmanaged, IFloatingPointIeee754<T> => x;
    }

    readonly struct SquareDeviation : ITerm
    {
        public static Vector<T> Of<T>(Vector<T> x, Vector<T> g, Vector<T> mean)
            where T : unmanaged, IFloatingPointIeee754<T> => (x - mean) * (x - mean);
        public static T Of<T>(T x, T g, T mean) where T : unmanaged, IFloatingPointIeee754<T> => (x - mean) * (x - mean);
    }

    readonly struct WeightedDeviation : ITerm
    {
        public static Vector<T> Of<T>(Vector<T> x, Vector<T> g, Vector<T> mean)
            where T : unmanaged, IFloatingPointIeee754<T> => (x - mean) * g;
        public static T Of<T>(T x, T g, T mean) where T : unmanaged, IFloatingPointIeee754<T> => (x - mean) * g;
    }

    static double Sum<T, TTerm>(T* x, T* g, int channel, int channels, int inner, int count, T mean)
        where T : unmanaged, IFloatingPointIeee754<T> where TTerm : struct, ITerm
    {
        double total = 0;
        if (inner == 1)
        {
            // A column: its elements lie too far apart for vectors.
            for (var i = (long)channel; i < (long)count * channels; i += channels)
                total += double.CreateTruncating(TTerm.Of(x[i], g is null ? x[i] : g[i], mean));
            return total;
        }
        if (g is null) g = x;
        var step = (long)channels * inner;
        for (var start = (long)channel * inner; start < (long)count * channels; start += step)
            for (var done = 0; done < inner; done += Block)
                total += double.CreateTruncating(BlockSum<T, TTerm>(
                    x + start + done, g + start + done, Math.Min(Block, inner - done), mean));
        return total;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static T BlockSum<T, TTerm>(T* x, T* g, int length, T mean)
        where T : unmanaged, IFloatingPointIeee754<T> where TTerm : struct, ITerm
    {
        var lanes = Vector<T>.Count;
        var center = Vector.Create(mean);
        var (first, second) = (Vector<T>.Zero, Vector<T>.Zero);
        var i = 0;
        for (; i <= length - 2 * lanes; i += 2 * lanes)
        {
            first += TTerm.Of(Vector.Load(x + i), Vector.Load(g + i), center);
            second += TTerm.Of(Vector.Load(x + i + lanes), Vector.Load(g + i + lanes), center);
        }
        var sum = Vector.Sum(first + second);
        for (; i < length; i++) sum += TTerm.Of(x[i], g[i], mean);
        return sum;
    }
}
