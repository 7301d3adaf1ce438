namespace MicroGrad.Net;

/// <summary>
/// A range of numbers along a side of a picture. Whatever it is made of, it has a length: equal numbers, and such that
/// rounding hardly tells apart, stand in the middle of a wider one, and numbers up to ±1.8e308 do not overflow.
/// </summary>
readonly record struct ChartAxis
{
    /// <summary>Below these lengths (as a share of the numbers, and at all) rounding would move what is drawn.</summary>
    const double LeastShare = 1e-12, Least = 1e-300;

    /// <summary>How far beyond an end something can be drawn, in lengths of the axis.</summary>
    const double Beyond = 1e6;

    /// <summary>From one number to another, not below it.</summary>
    public ChartAxis(double low, double high)
    {
        var size = Math.Max(Math.Abs(low), Math.Abs(high));
        if (high - low < Math.Max(LeastShare * size, Least))
        {
            var half = Math.Max(0.5, 1e-6 * size);
            (low, high) = (low - half, high + half);
        }
        (Low, High) = (Math.Max(low, double.MinValue), Math.Min(high, double.MaxValue));
    }

    public double Low { get; }

    public double High { get; }

    /// <summary>Over all finite numbers of some; from 0 to 1 if there are none.</summary>
    public static ChartAxis Of(IEnumerable<double> numbers)
    {
        var (low, high) = (double.PositiveInfinity, double.NegativeInfinity);
        foreach (var number in numbers)
            if (double.IsFinite(number)) (low, high) = (Math.Min(low, number), Math.Max(high, number));
        return low > high ? new(0, 1) : new(low, high);
    }

    /// <summary>A twentieth longer at both ends.</summary>
    public ChartAxis Padded()
    {
        var margin = Math.Min(0.05 * (High - Low), double.MaxValue);
        return new(Low - margin, High + margin);
    }

    /// <summary>Where a finite number is: 0 at the low end, 1 at the high one; far outside, some way beyond.</summary>
    public double At(double number) => Math.Clamp(Share(number, Low, High), -Beyond, Beyond);

    /// <summary>As <see cref="At"/>, from the high end.</summary>
    public double FromHigh(double number) => Math.Clamp(Share(number, High, Low), -Beyond, Beyond) + 0.0;

    /// <summary>How far a finite number is on the way from one to another: their distance may overflow.</summary>
    public static double Share(double number, double from, double to) => double.IsFinite(to - from)
        ? (number - from) / (to - from) : (number / 4 - from / 4) / (to / 4 - from / 4);

    /// <summary>The number at a share, from 0 to 1, of the way from one to another.</summary>
    public static double Number(double share, double from, double to) => double.IsFinite(to - from)
        ? from + (to - from) * share : from * (1 - share) + to * share;

    /// <summary>Two to six round numbers: multiples of 1, 2 or 5 times a power of ten.</summary>
    /// <param name="whole">Whole numbers only, however few: there is no epoch 1.5.</param>
    public double[] Ticks(bool whole = false)
    {
        var rough = High / 5 - Low / 5;
        var power = Math.Pow(10, Math.Floor(Math.Log10(rough)));
        var step = power * ((rough / power) switch { <= 1 => 1, <= 2 => 2, <= 5 => 5, _ => 10 });
        if (whole) step = Math.Max(1, step);
        // Counted in whole numbers: a sum of steps, or a double that counts, may not move at all.
        var (first, last) = ((long)Math.Ceiling(Low / step - 1e-9), (long)Math.Floor(High / step + 1e-9));
        List<double> ticks = [];
        for (var i = first; i <= last; i++) ticks.Add(Math.Clamp(i * step, double.MinValue, double.MaxValue));
        return [.. ticks];
    }
}
