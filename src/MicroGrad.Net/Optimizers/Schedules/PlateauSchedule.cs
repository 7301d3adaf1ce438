namespace MicroGrad.Net;

/// <summary>
/// Lowers the rate when a metric, such as the loss on validation data, stops improving: after more than
/// <c>patience</c> epochs in a row that were not better than the best, rate ← max(rate·factor, minimum). Better is
/// below best − threshold·|best|, or, absolute, below best − threshold; above best + … to maximize. A NaN is not
/// better. Stepped with the metric; it remembers how often the rate fell, so each optimizer needs one of its own:
/// <code>
/// var scheduler = optimizer.Follow(new PlateauSchedule(patience: 3));
/// …
/// scheduler.Step(validationLoss);
/// </code>
/// </summary>
/// <remarks>
/// As PyTorch's ReduceLROnPlateau, but for negative metrics, such as log-likelihoods: there PyTorch takes
/// best·(1 − threshold), by which worse is better (and best·(1 + threshold) to maximize).
/// </remarks>
public sealed class PlateauSchedule : Schedule
{
    readonly double _factor, _threshold, _minimum, _epsilon;
    readonly int _patience, _cooldown;
    readonly bool _absolute, _maximize;
    int _badEpochs, _cooling, _falls;

    /// <summary>Lowers the rate when a metric stops improving.</summary>
    /// <param name="factor">What the rate is multiplied by, below 1.</param>
    /// <param name="patience">How many epochs without improvement are put up with.</param>
    /// <param name="threshold">How much better is better, 0 or more.</param>
    /// <param name="absolute">Whether the threshold is a difference rather than a share of the best, which means nothing
    /// for metrics about 0.</param>
    /// <param name="maximize">Whether larger is better, as for an accuracy.</param>
    /// <param name="cooldown">For how many epochs after a fall nothing is counted.</param>
    /// <param name="minimum">The smallest rate.</param>
    /// <param name="epsilon">A fall that is not larger is left out.</param>
    /// <exception cref="ArgumentOutOfRangeException">A setting is outside its range.</exception>
    public PlateauSchedule(double factor = 0.1, int patience = 10, double threshold = 1e-4,
        bool absolute = false, bool maximize = false, int cooldown = 0, double minimum = 0, double epsilon = 1e-8)
    {
        if (!(factor >= 0 && factor < 1))
            Throw.OutOfRange(nameof(PlateauSchedule), nameof(factor), factor, "from 0 to below 1");
        NotNegative(nameof(patience), patience);
        NotNegative(nameof(threshold), threshold);
        NotNegative(nameof(cooldown), cooldown);
        NotNegative(nameof(minimum), minimum);
        NotNegative(nameof(epsilon), epsilon);
        (_factor, _patience, _threshold, _absolute) = (factor, patience, threshold, absolute);
        (_maximize, _cooldown, _minimum, _epsilon) = (maximize, cooldown, minimum, epsilon);
        Best = maximize ? double.NegativeInfinity : double.PositiveInfinity;
    }

    /// <summary>The best metric so far.</summary>
    public double Best { get; private set; }

    /// <inheritdoc/>
    public override double Rate(double rate, int step)
    {
        for (var fall = 0; fall < _falls; fall++)
        {
            var lower = Math.Max(rate * _factor, _minimum);
            if (!(rate - lower > _epsilon)) break;      // nor would the next fall be larger
            rate = lower;
        }
        return rate;
    }

    internal override bool NeedsMetric => true;

    internal override void See(double metric)
    {
        if (IsBetter(metric)) (Best, _badEpochs) = (metric, 0);
        else _badEpochs++;
        if (_cooling > 0) (_cooling, _badEpochs) = (_cooling - 1, 0);
        if (_badEpochs > _patience) (_cooling, _badEpochs, _falls) = (_cooldown, 0, _falls + 1);
    }

    bool IsBetter(double metric)
    {
        // Before the first metric the best is infinite, of which no share can be taken off.
        var margin = double.IsInfinity(Best) ? 0 : _absolute ? _threshold : _threshold * Math.Abs(Best);
        return _maximize ? metric > Best + margin : metric < Best - margin;
    }

    static void NotNegative(string name, double value)
    {
        if (!(value >= 0 && double.IsFinite(value)))
            Throw.OutOfRange(nameof(PlateauSchedule), name, value, "0 or more, and finite");
    }

    internal override IEnumerable<StateEntry> Entries(string path) =>
    [
        StateEntry.Number(path + "best", () => Best, value => Best = value, value => !double.IsNaN(value)),
        StateEntry.Count(path + "num_bad_epochs", () => _badEpochs, value => _badEpochs = value),
        StateEntry.Count(path + "cooldown_counter", () => _cooling, value => _cooling = value),
        StateEntry.Count(path + "num_falls", () => _falls, value => _falls = value),
    ];
}
