using System.Buffers;
using System.Numerics;

namespace MicroGrad.Net;

/// <summary>The order of elements along the middle axis of [outer, count, inner].</summary>
static class Sorting
{
    const int Few = 64;     // so many of the first are found by insertion, without sorting the others

    /// <summary>
    /// result[o, i, n] = the position of the i-th smallest (or largest) of x[o, .., n], for the first
    /// <paramref name="take"/> of them. Equals stay in their order; a NaN counts as larger than every number.
    /// </summary>
    public static void Order<T>(
        ReadOnlySpan<T> x, int outer, int count, int inner, int take, bool descending, Span<int> result)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        if (take == 0) return;
        var (keys, places) = (Sizes.Rent<ulong>("sort", count), Sizes.Rent<int>("sort", count));
        for (var o = 0; o < outer; o++)
            for (var n = 0; n < inner; n++)
            {
                for (var i = 0; i < count; i++)
                    (keys[i], places[i]) = (Key(double.CreateTruncating(x[(o * count + i) * inner + n]), descending), i);
                if (take <= Few && take < count) Insert(keys.AsSpan(0, count), places.AsSpan(0, take));
                else Sort(keys.AsSpan(0, count), places.AsSpan(0, count));
                for (var i = 0; i < take; i++) result[(o * take + i) * inner + n] = places[i];
            }
        ArrayPool<ulong>.Shared.Return(keys);
        ArrayPool<int>.Shared.Return(places);
    }

    /// <summary>Whole numbers in the order of the doubles.</summary>
    static ulong Key(double value, bool descending)
    {
        // The bits of a double grow with it, but for those of negative ones, which grow with its size. −0 + 0 is 0.
        var bits = BitConverter.DoubleToUInt64Bits(value + 0.0);
        var key = double.IsNaN(value) ? ulong.MaxValue : bits >> 63 == 1 ? ~bits : bits | 1UL << 63;
        return descending ? ~key : key;
    }

    static void Sort(Span<ulong> keys, Span<int> places)
    {
        keys.Sort(places);
        for (int i = 0, end; i < keys.Length; i = end)
        {
            for (end = i + 1; end < keys.Length && keys[end] == keys[i]; end++) { }
            places[i..end].Sort();
        }
    }

    /// <summary>The places of the smallest keys, kept in order while all are looked at once. Overwrites the first keys.</summary>
    static void Insert(Span<ulong> keys, Span<int> places)
    {
        var best = keys[..places.Length];       // never ahead of the key that is read
        for (int i = 0, filled = 0; i < keys.Length; i++)
        {
            var key = keys[i];
            if (filled == best.Length && key >= best[^1]) continue;
            var at = filled < best.Length ? filled++ : filled - 1;
            for (; at > 0 && best[at - 1] > key; at--) (best[at], places[at]) = (best[at - 1], places[at - 1]);
            (best[at], places[at]) = (key, i);
        }
    }
}
