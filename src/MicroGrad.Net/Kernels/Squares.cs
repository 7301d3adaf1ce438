using System.Numerics;
using System.Runtime.CompilerServices;

namespace MicroGrad.Net;

/// <summary>What to make of the sum of squares of some numbers: s / Divisor + Epsilon, or its root.</summary>
readonly record struct SquaresResult(double Divisor, double Epsilon, bool Root)
{
    /// <summary>The result for numbers that were divided by <paramref name="scale"/> before they were squared.</summary>
    public double Of(double sum, double scale = 1)
    {
        var shift = Math.Sqrt(Epsilon) / scale;
        var mean = sum / Divisor + shift * shift;
        return Root ? scale * Math.Sqrt(mean) : scale * scale * mean;
    }
}

/// <summary>
/// Sums of squares along the middle axis of [outer, count, inner], in double: the squares of Float32 neither overflow
/// there nor round to 0, and those of Float64 are taken again of scaled numbers where they did.
/// </summary>
static unsafe class Squares
{
    const int Grain = 32 * 1024;        // elements that one thread takes at a time
    const int LeastColumns = 64;        // of a table that a thread takes
    const int Block = 4096;             // elements combined before a partial result is put aside
    const double Tiny = 1e-290;         // below, digits of some squares may be lost

    public static void Sums<T>(
        ReadOnlySpan<T> x, int outer, int count, int inner, SquaresResult what, Span<T> result)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        Sizes.Require("squares",
            x.Length == Sizes.Product(outer, count, inner) && result.Length == Sizes.Product(outer, inner));
        fixed (T* px = x, pr = result)
        {
            var (ax, ar) = ((nint)px, (nint)pr);
            if (inner == 1)
                Work.Split(outer, Math.Max(1, Grain / Math.Max(1, count)), (low, high) =>
                {
                    for (var o = low; o < high; o++)
                        ((T*)ar)[o] = Result(Line((T*)ax + (long)o * count, count), (T*)ax + (long)o * count, count, 1, what);
                });
            else
                for (var o = 0; o < outer; o++)
                {
                    var (from, to) = ((nint)((T*)ax + (long)o * count * inner), (nint)((T*)ar + (long)o * inner));
                    Work.Split(inner, Math.Max(LeastColumns, Grain / Math.Max(1, count)), (low, high) =>
                        Columns((T*)from + low, (T*)to + low, count, inner, high - low, what));
                }
        }
    }

    static T Result<T>(double sum, T* x, int count, long stride, SquaresResult what)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        if (typeof(T) == typeof(float) || (sum >= Tiny && double.IsFinite(sum))) return T.CreateTruncating(what.Of(sum));
        var largest = 0.0;
        for (var i = 0; i < count; i++) largest = Math.Max(largest, Math.Abs(double.CreateTruncating(x[i * stride])));
        if (largest == 0 || !double.IsFinite(largest)) return T.CreateTruncating(what.Of(largest * largest));
        var scaled = 0.0;
        for (var i = 0; i < count; i++)
        {
            var value = double.CreateTruncating(x[i * stride]) / largest;
            scaled += value * value;
        }
        return T.CreateTruncating(what.Of(scaled, largest));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static double Line<T>(T* x, int count) where T : unmanaged, IFloatingPointIeee754<T>
    {
        if (count > Block)
        {
            var half = (count / Block + 1) / 2 * Block;
            return Line(x, half) + Line(x + half, count - half);
        }
        var (low, high, i) = (Vector<double>.Zero, Vector<double>.Zero, 0);
        for (; i <= count - Vector<T>.Count; i += Vector<T>.Count)
        {
            var (a, b) = Widened(x + i);
            low += a * a;
            high += b * b;
        }
        var total = Vector.Sum(low + high);
        for (; i < count; i++) total += double.CreateTruncating(x[i]) * double.CreateTruncating(x[i]);
        return total;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void Columns<T>(T* x, T* result, int count, int stride, int width, SquaresResult what)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        // A few columns at a time, whose sums stay in registers.
        var i = 0;
        for (; i <= width - Vector<T>.Count; i += Vector<T>.Count)
        {
            var (low, high, from) = (Vector<double>.Zero, Vector<double>.Zero, (nint)(x + i));
            for (var row = 0; row < count; row++, from += (nint)stride * sizeof(T))
            {
                var (a, b) = Widened((T*)from);
                low += a * a;
                high += b * b;
            }
            for (var lane = 0; lane < Vector<T>.Count; lane++)
            {
                var half = Vector<double>.Count;
                var sum = lane < half ? low[lane] : high[lane - half];
                result[i + lane] = Result(sum, x + i + lane, count, stride, what);
            }
        }
        for (; i < width; i++)
        {
            var sum = 0.0;
            for (var row = 0; row < count; row++)
                sum += double.CreateTruncating(x[(long)row * stride + i]) * double.CreateTruncating(x[(long)row * stride + i]);
            result[i] = Result(sum, x + i, count, stride, what);
        }
    }

    /// <summary>A vector as doubles, of which the second half is 0 where one takes all.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static (Vector<double> Low, Vector<double> High) Widened<T>(T* x) where T : unmanaged
    {
        if (typeof(T) == typeof(double)) return (Vector.Load((double*)x), Vector<double>.Zero);
        Vector.Widen(Vector.Load((float*)x), out var low, out var high);
        return (low, high);
    }
}
