namespace MicroGrad.Net;

/// <summary>
/// How many values lie in each of 128 equal parts of a range. Ranges of values are powers of two around 0, so that
/// those of different times can be brought to one range exactly; those of sizes are decades.
/// </summary>
sealed class Histogram
{
    /// <summary>The number of parts.</summary>
    public const int Bins = 128;

    const int LeastExponent = -12, MostExponent = 4;

    /// <summary>The narrowest range of values is ±2^(this): about 1e-289.</summary>
    const int Narrowest = -960;

    /// <summary>Where each part of the sizes begins: a logarithm for each value would take longer than all
    /// else.</summary>
    static readonly double[] s_edges = [.. Enumerable.Range(0, Bins).Select(part =>
        Math.Pow(10, LeastExponent + (MostExponent - LeastExponent) * part / (double)Bins))];

    /// <summary>The part in which each power of two lies, by the exponent's bits.</summary>
    static readonly int[] s_firstPart = [.. Enumerable.Range(0, 2047).Select(exponent =>
        Math.Max(0, Array.FindLastIndex(s_edges, edge => edge <= Math.ScaleB(1, exponent - 1023))))];

    readonly int[] _counts = new int[Bins];

    Histogram(double low, double high) => (Low, High) = (low, high);

    /// <summary>Where the range begins: a value, or the decimal logarithm of a size.</summary>
    public double Low { get; }

    /// <summary>Where it ends.</summary>
    public double High { get; }

    /// <summary>How many values lie in each part.</summary>
    public IReadOnlyList<int> Counts => _counts;

    /// <summary>How many sizes are 0, and in no part.</summary>
    public int Zeros { get; private set; }

    /// <summary>The values, over ±2ᵏ, the smallest such range that holds them all; what is not finite is left
    /// out.</summary>
    public static Histogram OfValues(params IEnumerable<double[]> values)
    {
        var largest = 0.0;
        foreach (var part in values)
            foreach (var value in part)
                if (double.IsFinite(value)) largest = Math.Max(largest, Math.Abs(value));
        var high = Math.ScaleB(1, largest == 0 ? 0 : Math.Max(Narrowest, Math.ILogB(largest)));
        if (high < largest) high = Math.Min(2 * high, double.MaxValue);     // for 2¹⁰²⁴, which is none
        var histogram = new Histogram(-high, high);
        foreach (var part in values)
            foreach (var value in part) histogram.Count(value);
        return histogram;
    }

    /// <summary>The decimal logarithms of the sizes |value|, from 10⁻¹² to 10⁴; those beyond are at the ends.</summary>
    public static Histogram OfSizes(params IEnumerable<double[]> values)
    {
        var histogram = new Histogram(LeastExponent, MostExponent);
        foreach (var part in values)
            foreach (var value in part)
                if (value == 0) histogram.Zeros++;
                else if (double.IsFinite(value)) histogram._counts[PartOf(Math.Abs(value))]++;
        return histogram;
    }

    /// <summary>The same values over a wider range, 2ᵏ times this one.</summary>
    public Histogram Over(double high)
    {
        var wide = this;
        while (wide.High < high)
        {
            var twice = Math.Min(2 * wide.High, double.MaxValue);
            var next = new Histogram(-twice, twice);
            for (var i = 0; i < Bins; i++) next._counts[Bins / 2 + ((i - Bins / 2) >> 1)] += wide._counts[i];
            wide = next;
        }
        return wide;
    }

    static int PartOf(double size)
    {
        var part = s_firstPart[BitConverter.DoubleToUInt64Bits(size) >> 52];
        while (part < Bins - 1 && size >= s_edges[part + 1]) part++;
        return part;
    }

    void Count(double position)
    {
        if (!double.IsFinite(position)) return;
        var part = (int)Math.Floor(ChartAxis.Share(position, Low, High) * Bins);
        _counts[Math.Clamp(part, 0, Bins - 1)]++;
    }
}
