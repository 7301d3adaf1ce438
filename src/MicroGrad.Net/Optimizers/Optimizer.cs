using System.Numerics;
using Setting = MicroGrad.Net.ParameterGroup.Setting;

namespace MicroGrad.Net;

/// <summary>
/// Changes parameters so that the loss falls. Derived classes hold the formula for one parameter; the bookkeeping is
/// here.
/// </summary>
public abstract partial class Optimizer
{
    readonly ParameterGroup[] _groups;
    readonly Parameter[] _parameters;
    readonly ParameterState[] _states;

    /// <summary>Takes the parameters and the settings; a setting left out is one that the optimizer does not have.</summary>
    private protected Optimizer(IEnumerable<IOptimizable> parameters, double learningRate, double? weightDecay = null,
        double? momentum = null, double? beta1 = null, double? beta2 = null, double? epsilon = null)
    {
        var name = GetType().Name;
        double?[] settings = [learningRate, weightDecay, momentum, beta1, beta2, epsilon];
        _groups = [.. InGroups(parameters)];
        _parameters = [.. _groups.SelectMany(group => group.Parameters)];
        if (_parameters.Length == 0) Throw.Value(name, "there are no parameters to optimize.");
        if (_parameters.Distinct().Count() < _parameters.Length) Throw.Value(name, "a parameter is given twice.");
        foreach (var (index, value) in settings.Index())
            if (value is not null) ParameterGroup.Check(name, (Setting)index, value.Value);
        foreach (var group in _groups) group.CheckFits(name, settings);
        LearningRate = learningRate;
        foreach (var group in _groups) group.Adopt(this, settings);
        _states = [.. _groups.SelectMany(group => group.Parameters,
            (group, parameter) => new ParameterState(this, group, parameter))];
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
            ParameterGroup.Check(GetType().Name, Setting.LearningRate, value);
            field = value;
        }
    }

    /// <summary>What schedules scale: the learning rate that the first of them found.</summary>
    internal double? BaseLearningRate { get; set; }

    /// <summary>
    /// Whether a parameter without gradient is left as it is; by default it is an error at <see cref="Step()"/>, since
    /// it mostly means that part of the network is not connected to the loss.
    /// </summary>
    public bool AllowMissingGradients { get; init; }

    /// <summary>Climb instead of descend.</summary>
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
        for (var i = 0; i < _parameters.Length; i++)
        {
            var (parameter, state) = (_parameters[i], _states[i]);
            if (!parameter.RequiresGrad || parameter.Gradient is not { } gradient) continue;
            state.Step++;
            if (parameter.DType == DType.Float32) Update(parameter.Update<float>(), gradient.Read<float>(), state);
            else Update(parameter.Update<double>(), gradient.Read<double>(), state);
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

    /// <summary>Changes the values of one parameter in place.</summary>
    private protected abstract void Update<T>(Span<T> values, ReadOnlySpan<T> gradient, ParameterState state)
        where T : unmanaged, IFloatingPointIeee754<T>;

    /// <summary>The sign by which gradients count.</summary>
    private protected double Sign => Maximize ? -1 : 1;

    private protected void RequireRange(string name, double value, double below = double.PositiveInfinity)
    {
        if (!(value >= 0 && value < below))
            Throw.OutOfRange(GetType().Name, name, value, double.IsInfinity(below) ? "0 or more" : $"from 0 to below {below}");
    }

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
