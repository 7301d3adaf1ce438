using System.Globalization;

namespace MicroGrad.Net;

/// <summary>Plain statistics of one column of finite numbers.</summary>
static class ColumnStatistics
{
    /// <summary>The mean and the population deviation √(Σ(x − mean)² / n), exactly 0 for equal numbers.</summary>
    public static (double Mean, double Deviation) MeanAndDeviation(ReadOnlySpan<double> column)
    {
        // The rounded mean of equal numbers may differ from them, which would pass for a tiny deviation.
        if (!column.ContainsAnyExcept(column[0])) return (column[0], 0);
        // In units of the largest, a power of two, squares neither overflow nor vanish, and nothing else changes.
        double largest = 0, sum = 0, squares = 0;
        foreach (var x in column) largest = Math.Max(largest, Math.Abs(x));
        var unit = Math.ScaleB(1, Math.ILogB(largest));
        foreach (var x in column) sum += x / unit;
        var mean = sum / column.Length;
        foreach (var x in column) squares += (x / unit - mean) * (x / unit - mean);
        return (mean * unit, Math.Sqrt(squares / column.Length) * unit);
    }

    /// <summary>The middle number, or the mean of the two in the middle.</summary>
    public static double Median(ReadOnlySpan<double> column)
    {
        var sorted = column.ToArray();
        Array.Sort(sorted);
        var upper = sorted[sorted.Length / 2];
        return sorted.Length % 2 == 1 ? upper : sorted[sorted.Length / 2 - 1] / 2 + upper / 2;
    }

    /// <summary>A number for a message: six digits are enough to read.</summary>
    public static string Text(double x) => x.ToString("G6", CultureInfo.InvariantCulture);
}
