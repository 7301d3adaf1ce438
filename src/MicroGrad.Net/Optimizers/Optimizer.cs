using System.Buffers;
using System.Globalization;
using System.Numerics;

namespace MicroGrad.Net;

/// <summary>
/// Changes parameters so that the loss falls. A derived class names what it remembers and states the formula for one
/// parameter; steps, groups, saving and loading are here:
/// <code>
/// sealed class SignDescent(IEnumerable&lt;IOptimizable&gt; parameters, double learningRate, double momentum = 0.9)
///     : Optimizer(parameters, learningRate, momentum: momentum)
/// {
///     protected override IReadOnlyList&lt;StateSlot&gt; Slots => ["momentum_buffer"];
///
///     protected override void Update&lt;T&gt;(Span&lt;T&gt; values, ReadOnlySpan&lt;T&gt; gradient, ParameterState state)
///     {
///         var m = state.Slot&lt;T&gt;("momentum_buffer");
///         var (rate, keep) = (T.CreateChecked(state.Group.LearningRate), T.CreateChecked(state.Group.Momentum));
///         for (var i = 0; i &lt; values.Length; i++)
///         {
///             m[i] = keep * m[i] + (T.One - keep) * gradient[i];
///             values[i] -= rate * T.CreateChecked(T.Sign(m[i]));
///         }
///     }
/// }
/// </code>
/// </summary>
public abstract class Optimizer
{
    readonly ParameterGroup[] _groups;
    readonly Parameter[] _parameters;

    /// <summary>Takes the parameters and the settings; a setting left out is one that the optimizer does not have.</summary>
    /// <param name="parameters">What to optimize: parameters, or groups of them, which may have these settings of their
    /// own.</param>
    /// <param name="learningRate">The step size, 0 or more.</param>
    /// <param name="weightDecay">How strongly weights are drawn to 0, 0 or more.</param>
    /// <param name="momentum">How much of the last direction is kept, 0 or more.</param>
    /// <param name="beta1">How slowly the mean of the gradients follows, 0 to below 1.</param>
    /// <param name="beta2">How slowly the mean of their squares follows, 0 to below 1.</param>
    /// <param name="epsilon">Keeps a division finite, 0 or more.</param>
    /// <exception cref="ArgumentException">There are no parameters, one is given twice, or a group has a setting that
    /// was left out.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A setting is outside its range.</exception>
    protected Optimizer(IEnumerable<IOptimizable> parameters, double learningRate, double? weightDecay = null,
        double? momentum = null, double? beta1 = null, double? beta2 = null, double? epsilon = null)
    {
        var name = GetType().Name;
        _groups = [.. InGroups(parameters)];
        _parameters = [.. _groups.SelectMany(group => group.Parameters)];
        if (_parameters.Length == 0) Throw.Value(name, "there are no parameters to optimize.");
        if (_parameters.Distinct().Count() < _parameters.Length) Throw.Value(name, "a parameter is given twice.");
        var defaults = ParameterGroup.Defaults(name, learningRate, weightDecay, momentum, beta1, beta2, epsilon);
        foreach (var group in _groups) group.RequireFit(name, defaults);
        LearningRate = learningRate;
        foreach (var group in _groups) group.Adopt(this, defaults);
    }

    /// <summary>
    /// The step size; schedules change it between steps. Groups with a learning rate of their own follow in
    /// proportion.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative or not finite.</exception>
    public double LearningRate
    {
        get;
        set
        {
            ParameterGroup.RequireRate(GetType().Name, value);
            field = value;
        }
    }

    /// <summary>What the learning rate follows; null where it is left alone.</summary>
    internal Scheduler? Scheduler { get; private set; }

    /// <summary>
    /// Whether a parameter without gradient is left as it is; by default it is an error at <see cref="Step()"/>, since
    /// it mostly means that part of the network is not connected to the loss.
    /// </summary>
    public bool AllowMissingGradients { get; init; }

    /// <summary>Climb instead of descend: formulas see the gradient with the other sign.</summary>
    public bool Maximize { get; init; }

    /// <summary>The parameters, in the order given.</summary>
    public IReadOnlyList<Parameter> Parameters => _parameters;

    /// <summary>The groups, in the order given; parameters given without a group are one, with the optimizer's
    /// settings.</summary>
    public IReadOnlyList<ParameterGroup> Groups => _groups;

    /// <summary>Drops all gradients, which otherwise add up from one backward to the next.</summary>
    public void ZeroGrad()
    {
        foreach (var parameter in _parameters) parameter.Grad = null;
    }

    /// <summary>Changes every parameter once, by its gradient.</summary>
    /// <exception cref="GradientException">A parameter that requires gradients has none; nothing was changed.</exception>
    public virtual void Step()
    {
        RequireGradients();
        foreach (var state in States)
        {
            if (!state.Parameter.RequiresGrad || state.Parameter.Gradient is not { } gradient) continue;
            if (gradient.DType == DType.Float32) Change<float>(state, gradient);
            else Change<double>(state, gradient);
        }
    }

    /// <summary>
    /// A whole step: drops old gradients, computes the loss and its gradients and changes the parameters. Returns the
    /// loss before the change.
    /// </summary>
    /// <exception cref="GradientException">A parameter that requires gradients has none; nothing was changed.</exception>
    public virtual double Step(Func<Tensor> loss)
    {
        var value = Evaluate(loss);
        Step();
        return value;
    }

    /// <summary>
    /// Sets the learning rate by a schedule: that of its step 0 at once, the next one at each
    /// <see cref="Scheduler.Step()"/> of what is returned. A later call replaces the schedule, from the same base rate;
    /// to have two of them act together, make them one: a <see cref="ChainedSchedule"/> or a
    /// <see cref="SequenceSchedule"/>.
    /// </summary>
    /// <exception cref="ArgumentException">The schedule changes the momentum, and this optimizer has none.</exception>
    public Scheduler Follow(Schedule schedule) =>
        Scheduler = new Scheduler(this, schedule, Scheduler?.BaseLearningRate ?? LearningRate);

    /// <summary>
    /// All that the optimizer remembers, to be saved and loaded to go on with the same bits: the learning rate and the
    /// settings of the groups, and per parameter the number of steps and its <see cref="Slots"/>, by PyTorch's names
    /// (<c>0.weight.exp_avg</c>). A parameter goes by its name, or, where it has none or shares it, by its position
    /// (<c>parameters.3.exp_avg</c>). Numbers are Float64 scalars; everything is a copy.
    /// </summary>
    public IReadOnlyDictionary<string, Tensor> State() => StateEntry.Save(Entries());

    /// <summary>Takes over what <see cref="State"/> gave for the same parameters and the same kind of optimizer.</summary>
    /// <exception cref="ArgumentException">Entries are missing, unexpected or of wrong shape or type; all of them are
    /// listed, and nothing was changed.</exception>
    public void LoadState(IReadOnlyDictionary<string, Tensor> state) => StateEntry.Load(GetType().Name, [.. Entries()], state);

    /// <summary>What is remembered of each parameter besides the number of its steps; nothing by default.</summary>
    protected virtual IReadOnlyList<StateSlot> Slots => [];

    /// <summary>Changes the values of one parameter in place.</summary>
    /// <typeparam name="T">The parameter's number type, float or double.</typeparam>
    /// <param name="values">The parameter's values, in row-major order.</param>
    /// <param name="gradient">What to descend along; with the other sign already, to <see cref="Maximize"/>.</param>
    /// <param name="state">What is remembered of the parameter, and its settings.</param>
    protected abstract void Update<T>(Span<T> values, ReadOnlySpan<T> gradient, ParameterState state)
        where T : unmanaged, IFloatingPointIeee754<T>;

    /// <summary>What is remembered, for the saved state.</summary>
    private protected virtual IEnumerable<StateEntry> Remembered() =>
        NamesOf(_parameters).Zip(States).SelectMany(pair => pair.Second.Entries(pair.First + "."));

    /// <summary><see cref="Slots"/>, asked for once: a property of a derived class is ready after its constructor.</summary>
    internal StateSlot[] StateSlots => field ??= Distinct([.. Slots]);

    ParameterState[] States => field ??= [.. _groups.SelectMany(group => group.Parameters,
        (group, parameter) => new ParameterState(this, group, parameter, StateSlots.Length))];

    /// <summary>The loss, with its gradients in the parameters.</summary>
    private protected double Evaluate(Func<Tensor> loss)
    {
        ZeroGrad();
        var value = loss();
        value.Backward();
        return value.Item();
    }

    private protected void RequireGradients()
    {
        if (AllowMissingGradients) return;
        foreach (var parameter in _parameters)
            if (parameter.RequiresGrad && parameter.Gradient is null) Throw.NoGradient(parameter.Describe());
    }

    private protected void RequireRange(string name, double value, double below = double.PositiveInfinity)
    {
        if (!(value >= 0 && value < below))
            Throw.OutOfRange(GetType().Name, name, value, double.IsInfinity(below) ? "0 or more" : $"from 0 to below {below}");
    }

    /// <summary>A name for each parameter: its own, or its position where that is missing or not the only one.</summary>
    internal static IEnumerable<string> NamesOf(IReadOnlyList<Variable> parameters)
    {
        var shared = parameters.CountBy(parameter => parameter.Name ?? "").ToDictionary();
        return parameters.Select((parameter, index) => parameter.Name is { Length: > 0 } name && shared[name] == 1
            ? name : string.Create(CultureInfo.InvariantCulture, $"parameters.{index}"));
    }

    StateSlot[] Distinct(StateSlot[] slots)
    {
        if (slots.CountBy(slot => slot.Name).FirstOrDefault(name => name.Value > 1) is { Value: > 1 } twice)
            Throw.Value(GetType().Name, $"two of its Slots are named '{twice.Key}'.");
        return slots;
    }

    void Change<T>(ParameterState state, Tensor gradient) where T : unmanaged, IFloatingPointIeee754<T>
    {
        state.Step++;
        var values = state.Parameter.Update<T>();
        if (!Maximize)
        {
            Update(values, gradient.Read<T>(), state);
            return;
        }
        var negative = ArrayPool<T>.Shared.Rent(gradient.Length);
        Elementwise.Map(default(Negate), gradient.Read<T>(), negative.AsSpan(0, gradient.Length));
        Update(values, negative.AsSpan(0, gradient.Length), state);
        ArrayPool<T>.Shared.Return(negative);
    }

    IEnumerable<StateEntry> Entries() =>
    [
        StateEntry.Number("learning_rate", () => LearningRate, value => LearningRate = value, ParameterGroup.IsRate),
        .. _groups.SelectMany((group, index) => group.Entries(FormattableString.Invariant($"groups.{index}."))),
        .. Remembered(),
    ];

    /// <summary>Makes neighbours without a group one group.</summary>
    static IEnumerable<ParameterGroup> InGroups(IEnumerable<IOptimizable> items)
    {
        var loose = new List<Parameter>();
        foreach (var item in items)
            if (item is ParameterGroup group)
            {
                if (loose.Count > 0) yield return new ParameterGroup(loose);
                loose = [];
                yield return group;
            }
            else loose.AddRange(item.Parameters);
        if (loose.Count > 0) yield return new ParameterGroup(loose);
    }
}
