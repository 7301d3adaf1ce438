namespace MicroGrad.Net;

/// <summary>
/// Parameters that an optimizer treats by settings of their own; a setting left open is the optimizer's:
/// <code>
/// new AdamW([new ParameterGroup(weights) { WeightDecay = 0.1 }, new ParameterGroup(biases) { WeightDecay = 0 }],
///     learningRate: 1e-3)
/// </code>
/// Only settings that the optimizer has can be set. After construction the optimizer's <see cref="Optimizer.Groups"/>
/// are these groups, with every setting filled in; changing one takes effect at the next step.
/// </summary>
/// <param name="parameters">What to optimize.</param>
public sealed class ParameterGroup(IEnumerable<Parameter> parameters) : IOptimizable
{
    readonly double?[] _values = new double?[Enum.GetValues<Setting>().Length];
    Optimizer? _owner;

    /// <summary>The settings' names in a saved state.</summary>
    static readonly string[] s_saved = ["learning_rate_factor", "weight_decay", "momentum", "beta1", "beta2", "epsilon"];

    string Name => _owner?.GetType().Name ?? nameof(ParameterGroup);

    /// <summary>The settings that can differ from group to group.</summary>
    internal enum Setting { LearningRate, WeightDecay, Momentum, Beta1, Beta2, Epsilon }

    /// <inheritdoc/>
    public IReadOnlyList<Parameter> Parameters { get; } = [.. parameters];

    /// <summary>
    /// The group's step size. It stays in proportion to <see cref="Optimizer.LearningRate"/>: a schedule that halves
    /// that one halves this one.
    /// </summary>
    public double LearningRate
    {
        get => _owner is null ? Get(Setting.LearningRate) : _owner.LearningRate * Factor;
        set
        {
            Set(Setting.LearningRate, value);
            if (_owner is not null) Factor = Proportion(value, _owner.LearningRate);
        }
    }

    /// <summary>How strongly weights are drawn to 0, in the optimizer's way.</summary>
    public double WeightDecay { get => Get(Setting.WeightDecay); set => Set(Setting.WeightDecay, value); }

    /// <summary>How much of the last direction is kept.</summary>
    public double Momentum { get => Get(Setting.Momentum); set => Set(Setting.Momentum, value); }

    /// <summary>How slowly the mean of the gradients follows, 0 to below 1.</summary>
    public double Beta1 { get => Get(Setting.Beta1); set => Set(Setting.Beta1, value); }

    /// <summary>How slowly the mean of their squares follows, 0 to below 1.</summary>
    public double Beta2 { get => Get(Setting.Beta2); set => Set(Setting.Beta2, value); }

    /// <summary>Keeps the optimizer's division finite.</summary>
    public double Epsilon { get => Get(Setting.Epsilon); set => Set(Setting.Epsilon, value); }

    /// <summary>The group's learning rate as a multiple of the optimizer's.</summary>
    internal double Factor { get; private set; } = 1;

    internal bool Has(Setting setting) => _values[(int)setting] is not null;

    /// <summary>Throws unless the group can be given to an optimizer with these settings.</summary>
    internal void CheckFits(string optimizer, double?[] defaults)
    {
        if (_owner is not null) Throw.Value(optimizer, $"a parameter group belongs to another optimizer ({Name}) already.");
        foreach (var setting in Enum.GetValues<Setting>())
            if (Has(setting) && defaults[(int)setting] is null)
                Throw.Value(optimizer, $"a parameter group sets {setting}, which {optimizer} does not have.");
        if (_values[0] is { } own) Proportion(own, defaults[0] ?? 0);
    }

    /// <summary>Fills in what was left open; from here on only what the optimizer has can be set.</summary>
    internal void Adopt(Optimizer owner, double?[] defaults)
    {
        if (_values[0] is { } own) Factor = Proportion(own, owner.LearningRate);
        for (var i = 0; i < _values.Length; i++) _values[i] ??= defaults[i];
        _owner = owner;
    }

    /// <summary>The settings as entries of the optimizer's state, under the group's path.</summary>
    internal IEnumerable<StateEntry> Entries(string path)
    {
        yield return StateEntry.Number(path + s_saved[0], () => Factor, value => Factor = value, IsRate);
        foreach (var setting in Enum.GetValues<Setting>()[1..])
            if (Has(setting))
                yield return StateEntry.Number(path + s_saved[(int)setting], () => Get(setting),
                    value => Set(setting, value), value => value >= 0 && value < Below(setting));

        static bool IsRate(double value) => value >= 0 && double.IsFinite(value);
    }

    /// <summary>Throws unless a setting is in its range.</summary>
    internal static void Check(string owner, Setting setting, double value)
    {
        if (value >= 0 && value < Below(setting)) return;
        var name = setting == Setting.LearningRate ? "learning rate"
            : char.ToLowerInvariant($"{setting}"[0]) + $"{setting}"[1..];
        Throw.OutOfRange(owner, name, value, Below(setting) == 1 ? "from 0 to below 1" : "0 or more, and finite");
    }

    static double Below(Setting setting) => setting is Setting.Beta1 or Setting.Beta2 ? 1 : double.PositiveInfinity;

    static double Proportion(double own, double whole)
    {
        if (own != whole && whole == 0)
            Throw.Value(nameof(ParameterGroup),
                "a group's learning rate is kept in proportion to the optimizer's, which is 0.");
        return own == whole ? 1 : own / whole;
    }

    double Get(Setting setting)
    {
        if (_values[(int)setting] is { } value) return value;
        Throw.WrongCall(Name, $"this group has no {setting}.");
        return 0;
    }

    void Set(Setting setting, double value)
    {
        Check(Name, setting, value);
        if (_owner is not null && !Has(setting)) Throw.WrongCall(Name, $"this optimizer has no {setting}.");
        _values[(int)setting] = value;
    }
}
