namespace MicroGrad.Net;

/// <summary>
/// Changes an optimizer's learning rate as training goes on. <see cref="Step()"/> is called after each epoch, or after
/// each step of the optimizer: whichever the schedule's numbers count. The rate follows from the number of calls and
/// the base rate, which is the optimizer's when its first schedule is made. As PyTorch's lr_scheduler.
/// </summary>
public abstract class Schedule
{
    readonly Func<double, int, double>? _rate;
    readonly Func<int, double?>? _momentum;

    /// <summary>A schedule by formula, which sets the rate of step 0.</summary>
    /// <param name="optimizer">Whose learning rate to change.</param>
    /// <param name="rate">The learning rate by the base rate and the number of steps so far.</param>
    protected Schedule(Optimizer optimizer, Func<double, int, double> rate) : this(optimizer, rate, null)
    {
    }

    /// <summary>A schedule by formulas of the rate and of the momentum, each null where it is left alone.</summary>
    private protected Schedule(Optimizer optimizer, Func<double, int, double>? rate, Func<int, double?>? momentum)
    {
        (Optimizer, _rate, _momentum) = (optimizer, rate, momentum);
        BaseLearningRate = optimizer.BaseLearningRate ??= optimizer.LearningRate;
        Apply();
    }

    /// <summary>Whose learning rate is changed.</summary>
    public Optimizer Optimizer { get; }

    /// <summary>What the formula starts from.</summary>
    public double BaseLearningRate { get; private set; }

    /// <summary>How often <see cref="Step()"/> was called.</summary>
    public int StepCount { get; private protected set; }

    /// <summary>Sets the learning rate of the next epoch or step.</summary>
    public virtual void Step()
    {
        Require(StepCount + 1);
        StepCount++;
        Apply();
    }

    /// <summary>As <see cref="Step()"/>, for loops that serve all schedules: only <see cref="PlateauSchedule"/> looks at
    /// the metric.</summary>
    public virtual void Step(double metric) => Step();

    /// <summary>The number of steps and all else that the schedule remembers, to be saved and loaded.</summary>
    public IReadOnlyDictionary<string, Tensor> State() => StateEntry.Save(Entries());

    /// <summary>Takes over what <see cref="State"/> gave for a schedule of the same settings, and sets the rate.</summary>
    /// <exception cref="ArgumentException">Entries are missing, unexpected or wrong; all of them are listed, and nothing
    /// was changed.</exception>
    public void LoadState(IReadOnlyDictionary<string, Tensor> state)
    {
        StateEntry.Load(GetType().Name, [.. Entries()], state);
        Apply();
    }

    private protected virtual IEnumerable<StateEntry> Entries()
    {
        yield return StateEntry.Count("step", () => StepCount, value => StepCount = value);
        yield return StateEntry.Number(
            "base_learning_rate", () => BaseLearningRate, value => BaseLearningRate = value, IsRate);
    }

    private protected static bool IsRate(double value) => value >= 0 && double.IsFinite(value);

    /// <summary>Throws if the schedule ends before a step.</summary>
    private protected virtual void Require(int step)
    {
    }

    void Apply()
    {
        if (_rate is not null) Optimizer.LearningRate = _rate(BaseLearningRate, StepCount);
        if (_momentum?.Invoke(StepCount) is not { } momentum) return;
        foreach (var group in Optimizer.Groups)
            if (group.Has(ParameterGroup.Setting.Momentum)) group.Momentum = momentum;
            else group.Beta1 = momentum;
    }

    /// <summary>The formulas, for a schedule made of schedules.</summary>
    internal (Func<double, int, double> Rate, Func<int, double?> Momentum) Formulas(string caller)
    {
        if (_rate is null) Throw.Value(caller, $"{GetType().Name} has no formula, so it cannot be a part of a schedule.");
        return (_rate, _momentum ?? (_ => null));
    }

    /// <summary>The formula, if asked for; throws unless the optimizer has a momentum to change.</summary>
    private protected static Func<int, double?>? Momentum(
        string schedule, Optimizer optimizer, bool wanted, Func<int, double?> formula)
    {
        var group = optimizer.Groups[0];
        if (wanted && !group.Has(ParameterGroup.Setting.Momentum) && !group.Has(ParameterGroup.Setting.Beta1))
            Throw.Value(schedule, $"{optimizer.GetType().Name} has no momentum to change; pass cycleMomentum: false.");
        return wanted ? formula : null;
    }

    private protected static int Positive(string schedule, string name, int value)
    {
        if (value < 1) Throw.OutOfRange(schedule, name, value, "1 or more");
        return value;
    }
}
