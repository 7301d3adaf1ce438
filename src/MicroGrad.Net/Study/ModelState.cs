namespace MicroGrad.Net;

/// <summary>The values of some variables and the states of some generators, to be put back.</summary>
sealed class ModelState(IEnumerable<Variable> variables, IEnumerable<Rng> generators)
{
    readonly (Variable Variable, Tensor Values)[] _values = [.. variables.Select(one => (one, one.Keep()))];
    readonly (Rng Rng, RngState State)[] _random = [.. generators.Distinct().Select(rng => (rng, rng.State))];

    /// <summary>The buffers of a model, and all that its layers draw from.</summary>
    public static ModelState Surroundings(Module model) =>
        new(model.State().Select(named => named.Variable).OfType<Buffer>(), GeneratorsOf(model));

    /// <summary>The default generator, and those of the layers.</summary>
    public static IEnumerable<Rng> GeneratorsOf(Module model) =>
        [Rng.Default, .. model.Generators().Select(named => named.Rng)];

    /// <summary>The values kept, in the order of the variables.</summary>
    public IReadOnlyList<Tensor> Values => [.. _values.Select(pair => pair.Values)];

    /// <summary>Puts all of it back.</summary>
    public void Restore()
    {
        foreach (var (variable, values) in _values) variable.Assign(values);
        foreach (var (rng, state) in _random) rng.State = state;
    }
}
