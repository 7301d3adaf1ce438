namespace MicroGrad.Net;

/// <summary>Units for sums of squares: dividing by a power of two changes no digit.</summary>
static class PowerOfTwo
{
    /// <summary>The power of two at or below the largest magnitude, by which no number overflows; 1 for zeros, and where
    /// a number is not finite.</summary>
    public static double Near(ReadOnlySpan<double> numbers)
    {
        var largest = 0.0;
        foreach (var number in numbers) largest = Math.Max(largest, Math.Abs(number));
        return largest > 0 && double.IsFinite(largest) ? Math.ScaleB(1, Math.Max(-1022, Math.ILogB(largest))) : 1;
    }
}
