using System.Numerics;

namespace MicroGrad.Net;

/// <summary>Running sums, and searches for the largest or smallest, along the middle axis of [outer, count, inner].</summary>
static class Scan
{
    /// <summary>
    /// result[o, i, n] = the sum of x[o, 0..i, n], or of x[o, i.., n] when <paramref name="reverse"/>; kept in double,
    /// as 2²⁴ ones in Float32 would take no more.
    /// </summary>
    public static void CumulativeSum<T>(
        ReadOnlySpan<T> x, int outer, int count, int inner, bool reverse, Span<T> result)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        for (var o = 0; o < outer; o++)
            for (var n = 0; n < inner; n++)
            {
                var total = 0.0;
                for (var step = 0; step < count; step++)
                {
                    var at = (o * count + (reverse ? count - 1 - step : step)) * inner + n;
                    result[at] = T.CreateTruncating(total += double.CreateTruncating(x[at]));
                }
            }
    }

    /// <summary>The first position of the largest (or smallest) element; a NaN counts as beyond every number.</summary>
    public static void ArgExtreme<T>(
        ReadOnlySpan<T> x, int outer, int count, int inner, bool largest, Span<int> result)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        for (var o = 0; o < outer; o++)
            for (var n = 0; n < inner; n++)
            {
                var best = 0;
                var extreme = x[o * count * inner + n];
                for (var i = 1; i < count && !T.IsNaN(extreme); i++)
                {
                    var value = x[(o * count + i) * inner + n];
                    if (!(largest ? value > extreme : value < extreme) && !T.IsNaN(value)) continue;
                    (best, extreme) = (i, value);
                }
                result[o * inner + n] = best;
            }
    }

    /// <summary>The smallest and largest finite element and how many are NaN or infinite.</summary>
    public static (double Min, double Max, int NaNs, int Infinities) Range<T>(ReadOnlySpan<T> x)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        var (min, max, nans, infinities) = (double.PositiveInfinity, double.NegativeInfinity, 0, 0);
        foreach (var item in x)
        {
            var value = double.CreateTruncating(item);
            if (double.IsNaN(value)) nans++;
            else if (double.IsInfinity(value)) infinities++;
            else (min, max) = (Math.Min(min, value), Math.Max(max, value));
        }
        return (min, max, nans, infinities);
    }

    /// <summary>Whether no element is NaN or infinite.</summary>
    public static bool AllFinite<T>(ReadOnlySpan<T> x) where T : unmanaged, IFloatingPointIeee754<T>
    {
        // v - v is 0 for finite v, NaN otherwise; the sum keeps any NaN.
        var i = 0;
        var sum = Vector<T>.Zero;
        for (; i <= x.Length - Vector<T>.Count; i += Vector<T>.Count)
        {
            var v = new Vector<T>(x[i..]);
            sum += v - v;
        }
        var rest = Vector.Sum(sum);
        for (; i < x.Length; i++) rest += x[i] - x[i];
        return rest == T.Zero;
    }

    /// <summary>The position of the first element that is not between low and high (a NaN is not); −1 if all are.</summary>
    public static int FirstOutside<T>(ReadOnlySpan<T> x, T low, T high) where T : unmanaged, IFloatingPointIeee754<T>
    {
        var i = 0;
        var (least, most) = (new Vector<T>(low), new Vector<T>(high));
        for (; i <= x.Length - Vector<T>.Count; i += Vector<T>.Count)
        {
            var v = new Vector<T>(x[i..]);
            if (!(Vector.GreaterThanOrEqualAll(v, least) && Vector.LessThanOrEqualAll(v, most))) break;
        }
        for (; i < x.Length; i++)
            if (!(x[i] >= low && x[i] <= high)) return i;
        return -1;
    }
}
