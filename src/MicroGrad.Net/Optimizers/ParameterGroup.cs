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
    readonly Setting _weightDecay = new(nameof(WeightDecay), "weight_decay"), _momentum = new(nameof(Momentum), "momentum"),
        _beta1 = new(nameof(Beta1), "beta1", 1), _beta2 = new(nameof(Beta2), "beta2", 1),
        _epsilon = new(nameof(Epsilon), "epsilon");
    double? _ownRate;
    Optimizer? _owner;

    /// <inheritdoc/>
    public IReadOnlyList<Parameter> Parameters { get; } = [.. parameters];

    /// <summary>
    /// The group's step size. It stays in proportion to <see cref="Optimizer.LearningRate"/>: a schedule that halves
    /// that one halves this one.
    /// </summary>
    public double LearningRate
    {
        get => _owner is null ? Known(nameof(LearningRate), _ownRate) : _owner.LearningRate * Factor;
        set
        {
            RequireRate(Name, value);
            if (_owner is null) _ownRate = value;
            else Factor = Proportion(value, _owner.LearningRate);
        }
    }

    /// <summary>How strongly weights are drawn to 0, in the optimizer's way.</summary>
    public double WeightDecay { get => Get(_weightDecay); set => Set(_weightDecay, value); }

    /// <summary>How much of the last direction is kept.</summary>
    public double Momentum { get => Get(_momentum); set => Set(_momentum, value); }

    /// <summary>How slowly the mean of the gradients follows, 0 to below 1.</summary>
    public double Beta1 { get => Get(_beta1); set => Set(_beta1, value); }

    /// <summary>How slowly the mean of their squares follows, 0 to below 1.</summary>
    public double Beta2 { get => Get(_beta2); set => Set(_beta2, value); }

    /// <summary>Keeps the optimizer's division finite.</summary>
    public double Epsilon { get => Get(_epsilon); set => Set(_epsilon, value); }

    /// <summary>The group's learning rate as a multiple of the optimizer's.</summary>
    internal double Factor { get; private set; } = 1;

    /// <summary>The momentum, or else β₁, which stands in for it; null where the optimizer has neither.</summary>
    internal Setting? AnyMomentum => _momentum.Value is not null ? _momentum : _beta1.Value is not null ? _beta1 : null;

    string Name => _owner?.GetType().Name ?? nameof(ParameterGroup);

    Setting[] Settings => [_weightDecay, _momentum, _beta1, _beta2, _epsilon];

    /// <summary>The settings of an optimizer, null for one that it does not have: what its groups take over.</summary>
    internal static ParameterGroup Defaults(string optimizer, double learningRate, double? weightDecay, double? momentum,
        double? beta1, double? beta2, double? epsilon)
    {
        RequireRate(optimizer, learningRate);
        var group = new ParameterGroup([]) { _ownRate = learningRate };
        double?[] values = [weightDecay, momentum, beta1, beta2, epsilon];
        foreach (var (setting, value) in group.Settings.Zip(values)) setting.Set(optimizer, value);
        return group;
    }

    /// <summary>Throws unless the group can be given to an optimizer with these settings.</summary>
    internal void RequireFit(string optimizer, ParameterGroup defaults)
    {
        if (_owner is not null) Throw.Value(optimizer, $"a parameter group belongs to another optimizer ({Name}) already.");
        foreach (var (own, theirs) in Settings.Zip(defaults.Settings))
            if (own.Value is not null && theirs.Value is null)
                Throw.Value(optimizer, $"a parameter group sets {own.Name}, which {optimizer} does not have.");
        if (_ownRate is { } rate) Proportion(rate, defaults.LearningRate);
    }

    /// <summary>Fills in what was left open; from here on only what the optimizer has can be set.</summary>
    internal void Adopt(Optimizer owner, ParameterGroup defaults)
    {
        if (_ownRate is { } rate) Factor = Proportion(rate, defaults.LearningRate);
        foreach (var (own, theirs) in Settings.Zip(defaults.Settings)) own.Value ??= theirs.Value;
        _owner = owner;
    }

    /// <summary>The settings as entries of the optimizer's state, under the group's path.</summary>
    internal IEnumerable<StateEntry> Entries(string path) =>
    [
        StateEntry.Number(path + "learning_rate_factor", () => Factor, value => Factor = value, IsRate),
        .. from setting in Settings where setting.Value is not null select StateEntry.Number(
            path + setting.Saved, () => Get(setting), value => Set(setting, value), setting.Allows),
    ];

    internal static bool IsRate(double value) => value >= 0 && double.IsFinite(value);

    internal static void RequireRate(string owner, double value)
    {
        if (!IsRate(value)) Throw.OutOfRange(owner, "learning rate", value, "0 or more, and finite");
    }

    static double Proportion(double own, double whole)
    {
        if (own != whole && whole == 0)
            Throw.Value(nameof(ParameterGroup),
                "a group's learning rate is kept in proportion to the optimizer's, which is 0.");
        return own == whole ? 1 : own / whole;
    }

    double Get(Setting setting) => Known(setting.Name, setting.Value);

    double Known(string name, double? value)
    {
        if (value is null) Throw.WrongCall(Name, $"this group has no {name}.");
        return value.Value;
    }

    void Set(Setting setting, double value)
    {
        if (_owner is not null && setting.Value is null) Throw.WrongCall(Name, $"this optimizer has no {setting.Name}.");
        setting.Set(Name, value);
    }

    /// <summary>A setting: null where it is left open, or where the optimizer has none such.</summary>
    internal sealed class Setting(string name, string saved, double below = double.PositiveInfinity)
    {
        public string Name => name;

        /// <summary>The name in a saved state.</summary>
        public string Saved => saved;

        public double? Value { get; set; }

        public bool Allows(double value) => value >= 0 && value < below;

        public void Set(string owner, double? value)
        {
            if (value is { } given && !Allows(given))
                Throw.OutOfRange(owner, char.ToLowerInvariant(name[0]) + name[1..], given,
                    below == 1 ? "from 0 to below 1" : "0 or more, and finite");
            Value = value;
        }
    }
}
