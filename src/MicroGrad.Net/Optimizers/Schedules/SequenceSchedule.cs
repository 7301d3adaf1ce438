namespace MicroGrad.Net;

/// <summary>
/// Schedules one after another, each starting at its own step 0; all from the same base rate. As PyTorch's SequentialLR:
/// <code>
/// optimizer.Follow(new SequenceSchedule([new LinearSchedule(steps: 5), new CosineSchedule(steps: 95)], switchAt: [5]))
/// </code>
/// </summary>
public sealed class SequenceSchedule : Schedule
{
    readonly Schedule[] _parts;
    readonly int[] _switchAt;

    /// <summary>Schedules one after another.</summary>
    /// <param name="parts">The schedules.</param>
    /// <param name="switchAt">The numbers of steps at which the next one takes over, rising.</param>
    /// <exception cref="ArgumentException">The numbers do not match the schedules, or one goes by a metric.</exception>
    public SequenceSchedule(IReadOnlyList<Schedule> parts, IReadOnlyList<int> switchAt)
    {
        if (parts.Count != switchAt.Count + 1)
            Throw.Value(nameof(SequenceSchedule), $"{parts.Count} schedules need {Math.Max(0, parts.Count - 1)} steps to "
                + $"switch at, but got {switchAt.Count}.");
        if (switchAt.Zip(switchAt.Skip(1)).Any(pair => pair.First >= pair.Second))
            Throw.Value(nameof(SequenceSchedule), $"the steps to switch at must rise, but are {string.Join(", ", switchAt)}.");
        if (switchAt.Any(step => step < 0))
            Throw.Value(nameof(SequenceSchedule), $"a step to switch at is negative: {string.Join(", ", switchAt)}.");
        if (parts.FirstOrDefault(part => part.NeedsMetric) is { } part)
            Throw.Value(nameof(SequenceSchedule), $"{part.GetType().Name} goes by a metric, not by steps: to have it act "
                + "with a warm-up, use a ChainedSchedule.");
        (_parts, _switchAt) = ([.. parts], [.. switchAt]);
    }

    /// <inheritdoc/>
    public override double Rate(double rate, int step)
    {
        var (part, own) = At(step);
        return part.Rate(rate, own);
    }

    /// <inheritdoc/>
    public override Func<int, double?>? Momentum => _parts.All(part => part.Momentum is null) ? null : step =>
    {
        var (part, own) = At(step);
        return part.Momentum?.Invoke(own);
    };

    /// <inheritdoc/>
    public override bool IgnoresRate => _parts.Any(part => part.IgnoresRate);

    /// <summary>The schedule of a step, and the step as it counts them.</summary>
    (Schedule Part, int Step) At(int step)
    {
        var index = _switchAt.Count(milestone => milestone <= step);
        return (_parts[index], index == 0 ? step : step - _switchAt[index - 1]);
    }
}
