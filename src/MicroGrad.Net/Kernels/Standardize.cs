using System.Numerics;
using System.Runtime.CompilerServices;

namespace MicroGrad.Net;

/// <summary>
/// Bringing each channel of arrays [outer, channels, inner] to mean 0 and variance 1, then scaling and shifting it; and
/// the way back. What a channel's sums are made of depends on the sizes alone; threads take whole channels.
/// </summary>
/// <remarks>
/// A channel is runs of neighbours, added up in the lanes of vectors; or, where inner is 1, a column of a table, and
/// then each lane has a column of its own. All passes over a channel follow each other, while it is in the cache. The
/// loops over elements are in <c>Standardize.Loops</c>. The entries check that arrays over all elements are equally long
/// and made of whole channels, and those over channels have one number for each.
/// </remarks>
static unsafe partial class Standardize
{
    const int Grain = 32 * 1024;    // elements that one thread takes at a time
    const int LeastColumns = 32;    // of a table that a thread takes: two cache lines of each row
    const int MostColumns = 256;    // of a table at a time, so that their sums stay in the first cache

    /// <summary>
    /// y = (x − mean)/√(variance + epsilon)·weight + bias, with the mean and the biased variance of each channel;
    /// weight 1 or bias 0 where that is empty.
    /// </summary>
    public static void Forward<T>(ReadOnlySpan<T> x, int channels, int inner, double epsilon,
        ReadOnlySpan<T> weight, ReadOnlySpan<T> bias, Span<T> mean, Span<T> variance, Span<T> y)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        Sizes.Require("standardize", Whole(x.Length, channels, inner) && y.Length == x.Length
            && mean.Length == channels && variance.Length == channels && OneEach(weight.Length, channels)
            && OneEach(bias.Length, channels));
        fixed (T* px = x, pw = weight, pb = bias, pm = mean, pv = variance, py = y)
        {
            var call = new Call<T>(channels, inner, x.Length, epsilon)
            {
                X = px, G = px, Weight = pw, Bias = pb, Mean = pm, Variance = pv, Result = py,
            };
            Work.Split(channels, call.Grain, (low, high) => Forward(call, low, high));
        }
    }

    /// <summary>
    /// The gradients of x (not where <paramref name="toX"/> is empty), weight and bias from the gradient g of y.
    /// </summary>
    public static void Backward<T>(ReadOnlySpan<T> x, ReadOnlySpan<T> g, int inner, double epsilon,
        ReadOnlySpan<T> weight, ReadOnlySpan<T> mean, ReadOnlySpan<T> variance,
        Span<T> toX, Span<T> toWeight, Span<T> toBias)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        var channels = mean.Length;
        Sizes.Require("standardize", Whole(x.Length, channels, inner) && g.Length == x.Length
            && OneEach(toX.Length, x.Length) && variance.Length == channels && OneEach(weight.Length, channels)
            && OneEach(toWeight.Length, channels) && OneEach(toBias.Length, channels));
        fixed (T* px = x, pg = g, pw = weight, pm = mean, pv = variance, py = toX, pu = toWeight, pb = toBias)
        {
            var call = new Call<T>(mean.Length, inner, x.Length, epsilon)
            {
                X = px, G = pg, Weight = pw, Mean = pm, Variance = pv, Result = py, ToWeight = pu, ToBias = pb,
            };
            Work.Split(mean.Length, call.Grain, (low, high) => Backward(call, low, high));
        }
    }

    static bool Whole(int length, int channels, int inner) =>
        Sizes.Product(channels, inner) is var sample && (sample == 0 ? length == 0 : length % sample == 0);

    /// <summary>Whether an array is empty, or has one number for each of so many.</summary>
    static bool OneEach(int length, int count) => length == 0 || length == count;

    /// <summary>The arrays of a call, and how channels lie in them.</summary>
    readonly struct Call<T>(int channels, int inner, int length, double epsilon)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        public T* X { get; init; }
        public T* G { get; init; }
        public T* Weight { get; init; }
        public T* Bias { get; init; }
        public T* Mean { get; init; }
        public T* Variance { get; init; }
        public T* Result { get; init; }
        public T* ToWeight { get; init; }
        public T* ToBias { get; init; }

        public int Inner => inner;

        /// <summary>Whether each channel is a column of a table.</summary>
        public bool AreColumns => inner == 1;

        /// <summary>The elements of a channel.</summary>
        public int Count { get; } = channels == 0 ? 0 : length / channels;

        /// <summary>How many runs of neighbours they are.</summary>
        public int Runs { get; } = inner == 0 || channels == 0 ? 0 : length / channels / inner;

        /// <summary>From one run or row of a channel to the next.</summary>
        public long Step => (long)channels * inner;

        /// <summary>How many channels a thread takes at a time.</summary>
        public int Grain => !AreColumns ? Math.Max(1, Standardize.Grain / Math.Max(1, Count))
            : Math.Clamp(
                Standardize.Grain / Math.Max(1, Count) / LeastColumns * LeastColumns, LeastColumns, MostColumns);

        /// <summary>How many it works on together, at most.</summary>
        public int Together => AreColumns ? MostColumns : 1;

        /// <summary>1/√(variance + epsilon).</summary>
        public double Root(int channel)
        {
            var variance = double.CreateTruncating(Variance[channel]);
            if (!double.IsFinite(variance)) variance = Moments(channel).Variance;
            return 1 / Math.Sqrt(variance + epsilon);
        }

        /// <summary>What (x − mean) is multiplied by on the way forward.</summary>
        public double Scale(int channel) =>
            Weight is null ? Root(channel) : Root(channel) * double.CreateTruncating(Weight[channel]);

        /// <summary>
        /// Mean and biased variance in double, one by one: for numbers whose squares are beyond their own type.
        /// </summary>
        public (double Mean, double Variance) Moments(int channel) =>
            Standardize.Moments(X + (long)channel * inner, Runs, Step, inner);
    }

    static (double Mean, double Variance) Moments<T>(T* x, int runs, long step, int length)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        var (sum, squares, count) = (0.0, 0.0, (double)runs * length);
        for (var run = 0; run < runs; run++)
            for (var i = 0; i < length; i++) sum += double.CreateTruncating(x[run * step + i]);
        var mean = sum / count;
        for (var run = 0; run < runs; run++)
            for (var i = 0; i < length; i++)
            {
                var deviation = double.CreateTruncating(x[run * step + i]) - mean;
                squares += deviation * deviation;
            }
        return (mean, squares / count);
    }

    /// <summary>Numbers of some channels, for <see cref="Shifted"/> and <see cref="WithGradient"/>.</summary>
    readonly struct Coefficients<T>(T* memory, int channels) where T : unmanaged
    {
        public T* Center => memory;
        public T* A => memory + channels;
        public T* B => memory + 2 * channels;
        public T* C => memory + 3 * channels;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void Forward<T>(in Call<T> call, int low, int high) where T : unmanaged, IFloatingPointIeee754<T>
    {
        var (most, count) = (call.Together, (double)call.Count);
        double* first = stackalloc double[most], second = stackalloc double[most];
        var memory = stackalloc T[4 * most + Vector<T>.Count];
        var by = new Coefficients<T>(memory, most);
        for (int width; low < high; low += width)
        {
            width = Math.Min(most, high - low);
            Sum<T, Value>(call, low, width, by.Center, first, second);
            for (var i = 0; i < width; i++) by.Center[i] = T.CreateTruncating(first[i] / count);
            // A second pass: the mean of the squares less the square of the mean would lose all digits where the mean
            // is large. What the deviations come to on average is the rounding error of the first.
            Sum<T, Deviation>(call, low, width, by.Center, first, second);
            for (var i = 0; i < width; i++)
            {
                var error = first[i] / count;
                var (mean, variance) = (double.CreateTruncating(by.Center[i]) + error, second[i] / count - error * error);
                if (!double.IsFinite(variance)) (mean, variance) = call.Moments(low + i);
                by.Center[i] = call.Mean[low + i] = T.CreateTruncating(mean);
                call.Variance[low + i] = T.CreateTruncating(Math.Max(0, variance));
                by.A[i] = T.CreateTruncating(call.Scale(low + i));
                by.C[i] = call.Bias is null ? T.Zero : call.Bias[low + i];
            }
            Combine<T, Shifted>(call, low, width, by);
        }
    }

    // With s = scale, r = root, x̂ = (x − mean)·r and means over the channel: dx = s·(g − mean(g) − x̂·mean(g·x̂)).
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void Backward<T>(in Call<T> call, int low, int high) where T : unmanaged, IFloatingPointIeee754<T>
    {
        var (most, count) = (call.Together, (double)call.Count);
        double* first = stackalloc double[most], second = stackalloc double[most];
        var memory = stackalloc T[4 * most + Vector<T>.Count];
        var by = new Coefficients<T>(memory, most);
        for (int width; low < high; low += width)
        {
            width = Math.Min(most, high - low);
            new Span<T>(call.Mean + low, width).CopyTo(new Span<T>(by.Center, width));
            Sum<T, Gradient>(call, low, width, by.Center, first, second);
            for (var i = 0; i < width; i++)
            {
                var (root, scale) = (call.Root(low + i), call.Scale(low + i));
                if (call.ToWeight is not null)
                    call.ToWeight[low + i] = count == 0 ? T.Zero : T.CreateTruncating(second[i] * root);
                if (call.ToBias is not null) call.ToBias[low + i] = T.CreateTruncating(first[i]);
                by.A[i] = T.CreateTruncating(-root * root * second[i] / count);
                by.B[i] = T.CreateTruncating(scale);
                by.C[i] = T.CreateTruncating(first[i] / count);
            }
            if (call.Result is not null) Combine<T, WithGradient>(call, low, width, by);
        }
    }
}
