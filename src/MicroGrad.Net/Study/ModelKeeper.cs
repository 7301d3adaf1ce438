namespace MicroGrad.Net;

/// <summary>What a study may change of a model: put back, to the very bits, when asked to or when disposed.</summary>
sealed class ModelKeeper(IEnumerable<Variable> variables, IEnumerable<Rng> generators) : IDisposable
{
    readonly (Variable Variable, Tensor Values, Tensor? Grad)[] _variables =
        [.. variables.Distinct().Select(variable => (variable, variable.Keep(), variable.Grad))];
    readonly (Rng Generator, RngState State)[] _random =
        [.. generators.Append(Rng.Default).Distinct().Select(rng => (rng, rng.State))];

    /// <summary>Keeps all that a model holds, and parameters beside it that an optimizer changes.</summary>
    public static ModelKeeper Of(ModuleBase model, params IEnumerable<Variable> others) => new(
        model.State().Select(named => named.Variable).Concat(others), model.Generators().Select(named => named.Rng));

    /// <summary>The values kept of a variable.</summary>
    public Tensor this[Variable variable] => Array.Find(_variables, kept => kept.Variable == variable).Values;

    /// <summary>Lets the next forward draw the same numbers, and start from the same buffers, as the first.</summary>
    public void Rewind()
    {
        foreach (var (generator, state) in _random) generator.State = state;
        foreach (var (variable, values, _) in _variables)
            if (variable is Buffer) variable.Assign(values.To(variable.DType));
    }

    /// <summary>Puts all of it back: values, number types, gradients and generators.</summary>
    public void Restore()
    {
        foreach (var (generator, state) in _random) generator.State = state;
        foreach (var (variable, values, grad) in _variables)
        {
            variable.ConvertTo(values.DType);
            variable.Assign(values);
            if (!ReferenceEquals(variable.Grad, grad)) variable.Grad = grad;
        }
    }

    /// <inheritdoc cref="Restore"/>
    public void Dispose() => Restore();
}
