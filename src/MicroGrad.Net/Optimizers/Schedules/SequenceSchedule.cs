namespace MicroGrad.Net;

/// <summary>
/// Schedules one after another, each starting at its own step 0; all from the same base rate. As PyTorch's SequentialLR:
/// <code>
/// new SequenceSchedule(optimizer,
///     [new LinearSchedule(optimizer, steps: 5), new CosineSchedule(optimizer, steps: 95)], switchAt: [5])
/// </code>
/// Only the sequence is stepped.
/// </summary>
/// <param name="optimizer">Whose learning rate to change.</param>
/// <param name="parts">The schedules, all of this optimizer.</param>
/// <param name="switchAt">The numbers of steps at which the next one takes over, rising.</param>
/// <exception cref="ArgumentException">The numbers do not match the schedules, or a schedule is of another optimizer or
/// has no formula.</exception>
public sealed class SequenceSchedule(Optimizer optimizer, IReadOnlyList<Schedule> parts, IReadOnlyList<int> switchAt)
    : Schedule(optimizer, Rate(optimizer, parts, switchAt), Momentum(parts, switchAt))
{
    static Func<double, int, double> Rate(Optimizer optimizer, IReadOnlyList<Schedule> parts, IReadOnlyList<int> switchAt)
    {
        if (parts.Count != switchAt.Count + 1)
            Throw.Value(nameof(SequenceSchedule), $"{parts.Count} schedules need {Math.Max(0, parts.Count - 1)} steps to "
                + $"switch at, but got {switchAt.Count}.");
        if (switchAt.Zip(switchAt.Skip(1)).Any(pair => pair.First >= pair.Second))
            Throw.Value(nameof(SequenceSchedule), $"the steps to switch at must rise, but are {string.Join(", ", switchAt)}.");
        if (switchAt.Any(step => step < 0))
            Throw.Value(nameof(SequenceSchedule), $"a step to switch at is negative: {string.Join(", ", switchAt)}.");
        if (parts.Any(part => part.Optimizer != optimizer))
            Throw.Value(nameof(SequenceSchedule), "a schedule is of another optimizer.");
        Func<double, int, double>[] rates = [.. parts.Select(part => part.Formulas(nameof(SequenceSchedule)).Rate)];
        return (rate, step) => rates[Part(switchAt, step)](rate, step - Start(switchAt, step));
    }

    static Func<int, double?> Momentum(IReadOnlyList<Schedule> parts, IReadOnlyList<int> switchAt)
    {
        Func<int, double?>[] momenta = [.. parts.Select(part => part.Formulas(nameof(SequenceSchedule)).Momentum)];
        return step => momenta[Part(switchAt, step)](step - Start(switchAt, step));
    }

    static int Part(IReadOnlyList<int> switchAt, int step) => switchAt.Count(milestone => milestone <= step);

    static int Start(IReadOnlyList<int> switchAt, int step) => switchAt.LastOrDefault(milestone => milestone <= step);
}
