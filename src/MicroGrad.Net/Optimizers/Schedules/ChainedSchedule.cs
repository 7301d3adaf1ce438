namespace MicroGrad.Net;

/// <summary>
/// Schedules at once, each of the rate that the one before it gives: factors multiply. As PyTorch's ChainedScheduler:
/// <code>
/// optimizer.Follow(new ChainedSchedule(new LinearSchedule(steps: 5), new PlateauSchedule(patience: 3)))
/// </code>
/// </summary>
public sealed class ChainedSchedule : Schedule
{
    readonly Schedule[] _parts;

    /// <summary>Schedules at once, the first of the base rate.</summary>
    /// <exception cref="ArgumentException">There are none, or a later one would undo the earlier: it goes by rates, or
    /// sets a momentum, of its own.</exception>
    public ChainedSchedule(params IReadOnlyList<Schedule> parts)
    {
        if (parts.Count == 0) Throw.Value(nameof(ChainedSchedule), "there are no schedules.");
        if (parts.Skip(1).FirstOrDefault(part => part.IgnoresRate) is { } alone)
            Throw.Value(nameof(ChainedSchedule), $"{alone.GetType().Name} goes by rates of its own, which would undo the "
                + "schedules before it: put it first.");
        if (parts.Count(part => part.Momentum is not null) > 1)
            Throw.Value(nameof(ChainedSchedule), "two schedules set the momentum; pass cycleMomentum: false to one.");
        _parts = [.. parts];
    }

    /// <inheritdoc/>
    public override double Rate(double rate, int step) => _parts.Aggregate(rate, (rate, part) => part.Rate(rate, step));

    /// <inheritdoc/>
    public override Func<int, double?>? Momentum => _parts.Select(part => part.Momentum).FirstOrDefault(by => by is not null);

    /// <inheritdoc/>
    public override bool IgnoresRate => _parts[0].IgnoresRate;

    internal override bool NeedsMetric => _parts.Any(part => part.NeedsMetric);

    internal override void See(double metric)
    {
        foreach (var part in _parts) part.See(metric);
    }

    internal override IEnumerable<StateEntry> Entries(string path) =>
        _parts.SelectMany((part, index) => part.Entries(FormattableString.Invariant($"{path}{index}.")));
}
