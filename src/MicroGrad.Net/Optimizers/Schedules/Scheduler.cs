namespace MicroGrad.Net;

/// <summary>
/// Leads an optimizer along the schedule that it was told to <see cref="Optimizer.Follow"/>: counts the steps, and sets
/// the rate at each.
/// </summary>
public sealed class Scheduler
{
    internal Scheduler(Optimizer optimizer, Schedule schedule, double baseRate)
    {
        if (schedule.Momentum is not null && optimizer.Groups[0].AnyMomentum is null)
            Throw.Value(schedule.GetType().Name,
                $"{optimizer.GetType().Name} has no momentum to change; pass cycleMomentum: false.");
        (Optimizer, Schedule, BaseLearningRate) = (optimizer, schedule, baseRate);
        Apply(step: 0);
    }

    /// <summary>Whose learning rate is set.</summary>
    public Optimizer Optimizer { get; }

    /// <summary>By what it is set.</summary>
    public Schedule Schedule { get; }

    /// <summary>What the schedule starts from: the optimizer's rate before it followed any.</summary>
    public double BaseLearningRate { get; private set; }

    /// <summary>How many steps there were.</summary>
    public int StepCount { get; private set; }

    /// <summary>
    /// Sets the learning rate of the next epoch or step: to be called after each. A rate set by hand lasts until then.
    /// </summary>
    /// <exception cref="InvalidOperationException">The schedule goes by a metric, or has ended, or the optimizer follows
    /// another one since.</exception>
    public void Step()
    {
        if (Schedule.NeedsMetric)
            Throw.WrongCall("Step", "PlateauSchedule goes by a metric: pass it, Step(validationLoss).");
        Step(double.NaN);
    }

    /// <summary>As <see cref="Step()"/>, for loops that serve all schedules: only a <see cref="PlateauSchedule"/> looks
    /// at the metric.</summary>
    /// <exception cref="InvalidOperationException">As for <see cref="Step()"/>.</exception>
    public void Step(double metric)
    {
        if (Optimizer.Scheduler != this)
            Throw.WrongCall("Step", $"the optimizer follows a {Optimizer.Scheduler!.Schedule.GetType().Name} since, which "
                + $"this {Schedule.GetType().Name} would undo. To let both act, follow new ChainedSchedule(first, second), "
                + "which multiplies them; for one after the other, new SequenceSchedule([first, second], [steps]).");
        Schedule.See(metric);
        Apply(StepCount + 1);
    }

    /// <summary>The number of steps and all else that the schedule remembers, to be saved and loaded.</summary>
    public IReadOnlyDictionary<string, Tensor> State() => StateEntry.Save(Entries());

    /// <summary>Takes over what <see cref="State"/> gave for a schedule of the same settings, and sets the rate.</summary>
    /// <exception cref="ArgumentException">Entries are missing, unexpected or wrong; all of them are listed, and nothing
    /// was changed.</exception>
    public void LoadState(IReadOnlyDictionary<string, Tensor> state)
    {
        var (name, before) = (Schedule.GetType().Name, State());
        StateEntry.Load(name, [.. Entries()], state);
        try
        {
            Apply(StepCount);
        }
        catch (InvalidOperationException beyond)
        {
            StateEntry.Load(name, [.. Entries()], before);
            throw new ArgumentException($"{name}.LoadState: {beyond.Message}", beyond);
        }
    }

    IEnumerable<StateEntry> Entries() =>
    [
        StateEntry.Count("step", () => StepCount, value => StepCount = value),
        StateEntry.Number("base_learning_rate", () => BaseLearningRate, value => BaseLearningRate = value,
            ParameterGroup.IsRate),
        .. Schedule.Entries(""),
    ];

    void Apply(int step)
    {
        Optimizer.LearningRate = Schedule.Rate(BaseLearningRate, step);
        StepCount = step;
        if (Schedule.Momentum?.Invoke(step) is not { } momentum) return;
        foreach (var group in Optimizer.Groups) group.AnyMomentum!.Set(Optimizer.GetType().Name, momentum);
    }
}
