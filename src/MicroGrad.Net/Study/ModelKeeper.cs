namespace MicroGrad.Net;

/// <summary>What a study may change of a model: put back, to the very bits, when disposed.</summary>
sealed class ModelKeeper : IDisposable
{
    readonly (Variable Variable, Tensor Values, Tensor? Grad)[] _variables;
    readonly (Rng Generator, RngState State)[] _random;

    public ModelKeeper(IEnumerable<Variable> variables, IEnumerable<Rng> generators)
    {
        _variables = [.. variables.Select(variable => (variable, variable.Keep(), variable.Grad))];
        _random = [.. generators.Append(Rng.Default).Distinct().Select(rng => (rng, rng.State))];
    }

    public static ModelKeeper Of(Module model) =>
        new(model.State().Select(named => named.Variable), model.Generators().Select(named => named.Rng));

    /// <summary>Lets the next forward draw the same numbers, and start from the same buffers, as the first.</summary>
    public void Rewind()
    {
        foreach (var (generator, state) in _random) generator.State = state;
        foreach (var (variable, values, _) in _variables)
            if (variable is Buffer) variable.Assign(values.To(variable.DType));
    }

    public void Dispose()
    {
        foreach (var (generator, state) in _random) generator.State = state;
        foreach (var (variable, values, grad) in _variables)
        {
            variable.ConvertTo(values.DType);
            variable.Assign(values);
            if (!ReferenceEquals(variable.Grad, grad)) variable.Grad = grad;
        }
    }
}
