namespace MicroGrad.Net;

/// <summary>
/// Changes parameters so that the loss falls. Derived classes hold the formula for one parameter; the bookkeeping is
/// here.
/// </summary>
public abstract class Optimizer
{
    readonly Parameter[] _parameters;
    readonly ParameterState[] _states;

    /// <summary>What is remembered of one parameter: the number of updates and numbers per element.</summary>
    private protected sealed class ParameterState(Parameter parameter)
    {
        readonly Tensor?[] _slots = new Tensor?[3];

        /// <summary>How many updates the parameter has had, the present one included.</summary>
        public int Step { get; set; }

        /// <summary>One number per element, 0 at first; empty unless used.</summary>
        public Span<T> Slot<T>(int index, bool used = true) where T : unmanaged
        {
            if (!used) return default;
            if (_slots[index]?.DType != parameter.DType)
                _slots[index] = _slots[index]?.To(parameter.DType) ?? Tensor.Zeros(parameter.Shape, parameter.DType);
            return _slots[index]!.Write<T>();
        }
    }

    private protected Optimizer(IEnumerable<Parameter> parameters, double learningRate)
    {
        _parameters = [.. parameters];
        _states = Array.ConvertAll(_parameters, parameter => new ParameterState(parameter));
        if (_parameters.Length == 0) Throw.Value(GetType().Name, "there are no parameters to optimize.");
        if (_parameters.Distinct().Count() < _parameters.Length) Throw.Value(GetType().Name, "a parameter is given twice.");
        LearningRate = learningRate;
    }

    /// <summary>The step size; schedules change it between steps.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative or not finite.</exception>
    public double LearningRate
    {
        get;
        set
        {
            if (!(value >= 0 && double.IsFinite(value))) Throw.OutOfRange(GetType().Name, "learning rate", value, "0 or more, and finite");
            field = value;
        }
    }

    /// <summary>
    /// Whether a parameter without gradient is left as it is; by default it is an error at <see cref="Step"/>, since
    /// it mostly means that part of the network is not connected to the loss.
    /// </summary>
    public bool AllowMissingGradients { get; init; }

    /// <summary>Climb instead of descend.</summary>
    public bool Maximize { get; init; }

    /// <summary>The parameters, in the order given.</summary>
    public IReadOnlyList<Parameter> Parameters => _parameters;

    /// <summary>Drops all gradients, which otherwise add up from one backward to the next.</summary>
    public void ZeroGrad()
    {
        foreach (var parameter in _parameters) parameter.Grad = null;
    }

    /// <summary>Changes every parameter once, by its gradient.</summary>
    /// <exception cref="GradientException">A parameter that requires gradients has none; nothing was changed.</exception>
    public void Step()
    {
        if (!AllowMissingGradients)
            foreach (var parameter in _parameters)
                if (parameter.RequiresGrad && parameter.Grad is null) Throw.NoGradient(parameter.Describe());
        for (var i = 0; i < _parameters.Length; i++)
        {
            var (parameter, state) = (_parameters[i], _states[i]);
            if (!parameter.RequiresGrad || parameter.Grad is not { } gradient) continue;
            state.Step++;
            if (parameter.DType == DType.Float32) Update(parameter.Update<float>(), gradient.AsSpan<float>(), state);
            else Update(parameter.Update<double>(), gradient.AsSpan<double>(), state);
        }
    }

    /// <summary>Changes the values of one parameter in place.</summary>
    private protected abstract void Update<T>(Span<T> values, ReadOnlySpan<T> gradient, ParameterState state)
        where T : unmanaged, System.Numerics.IFloatingPointIeee754<T>;

    private protected static void RequireRange(string optimizer, string name, double value, double below = double.PositiveInfinity)
    {
        if (!(value >= 0 && value < below)) Throw.OutOfRange(optimizer, name, value, double.IsInfinity(below) ? "0 or more" : $"from 0 to below {below}");
    }
}
