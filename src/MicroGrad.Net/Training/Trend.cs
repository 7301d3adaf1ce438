using MathNet.Numerics.Distributions;

namespace MicroGrad.Net;

/// <summary>
/// The straight line through figures of successive epochs (least squares), and whether its slope stands out from their
/// noise: by Student's t-test, one-sided, at a level of 1 %.
/// </summary>
readonly struct Trend
{
    const double Level = 0.01;

    readonly double _t, _limit;

    /// <summary>The line through at least three figures.</summary>
    public Trend(ReadOnlySpan<double> figures)
    {
        var (n, middle) = (figures.Length, (figures.Length - 1) / 2.0);
        // In units of about the largest, since squares of figures overflow and vanish.
        var unit = PowerOfTwo.Near(figures);
        double mean = 0, product = 0, spread = 0, squares = 0;
        foreach (var figure in figures) mean += figure / unit / n;
        for (var i = 0; i < n; i++)
        {
            product += (i - middle) * (figures[i] / unit - mean);
            spread += (i - middle) * (i - middle);
        }
        var slope = product / spread;
        for (var i = 0; i < n; i++) squares += Math.Pow(figures[i] / unit - mean - slope * (i - middle), 2);
        var (change, scatter) = (slope * (n - 1), Math.Sqrt(squares / (n - 2)));
        (Change, End, Scatter) = (change * unit, (mean + slope * middle) * unit, scatter * unit);
        // Below the rounding error of the sums, neither slope nor noise means anything.
        _t = Math.Abs(change) <= 1e-12 * Math.Abs(mean) ? 0 : slope * Math.Sqrt(spread) / scatter;
        _limit = StudentT.InvCDF(0, 1, n - 2, 1 - Level);
    }

    /// <summary>How much the line rises from the first figure to the last.</summary>
    public double Change { get; }

    /// <summary>Where the line is at the last figure.</summary>
    public double End { get; }

    /// <summary>The deviation of the figures from the line.</summary>
    public double Scatter { get; }

    /// <summary>Whether the figures fall, beyond doubt.</summary>
    public bool Falls => _t < -_limit;

    /// <summary>Whether the figures rise, beyond doubt.</summary>
    public bool Rises => _t > _limit;
}
