namespace MicroGrad.Net;

/// <summary>
/// What a model is at a moment, put back to the very bits when asked to or when disposed:
/// <c>using (ModelState.Of(model)) { … }</c> around what tries something out. Values, number types and gradients of
/// parameters and buffers, the states of random generators, <see cref="Rng.Default"/> among them, and the mode of each module.
/// </summary>
public sealed class ModelState : IDisposable
{
    readonly Variable[] _variables;
    readonly Tensor[] _values;
    readonly Tensor?[]? _gradients;
    readonly (Rng Generator, RngState State)[] _random;
    readonly (ModuleBase Module, bool Training)[] _modes;

    ModelState(IEnumerable<Variable> variables, bool gradients, IEnumerable<Rng> generators, IEnumerable<ModuleBase> modules)
    {
        _variables = [.. variables.Distinct()];
        _values = Array.ConvertAll(_variables, variable => variable.Keep());
        _gradients = gradients ? Array.ConvertAll(_variables, variable => variable.Grad) : null;
        _random = [.. generators.Distinct().Select(rng => (rng, rng.State))];
        _modes = [.. modules.Select(module => (module, module.Mode))];
    }

    /// <summary>All that a model holds, and variables beside it that an optimizer changes.</summary>
    /// <exception cref="InvalidOperationException">As in <see cref="ModuleBase.State"/>.</exception>
    public static ModelState Of(ModuleBase model, params IEnumerable<Variable> others) => new(
        model.State().Select(named => named.Variable).Concat(others), gradients: true,
        model.Generators().Select(named => named.Rng).Append(Rng.Default), model.Modules());

    /// <summary>Some variables with their gradients, and some generators beside <see cref="Rng.Default"/>.</summary>
    public static ModelState Of(IEnumerable<Variable> variables, params IEnumerable<Rng> generators) =>
        new(variables, gradients: true, generators.Append(Rng.Default), []);

    /// <summary>The values of some variables alone, whatever their gradients.</summary>
    public static ModelState OfValues(IEnumerable<Variable> variables) => new(variables, gradients: false, [], []);

    /// <summary>The modes of a module and of those inside it alone.</summary>
    internal static ModelState OfModes(ModuleBase model) => new([], gradients: false, [], model.Modules());

    /// <summary>The values kept of a variable.</summary>
    /// <exception cref="ArgumentException">It is none of those that were kept.</exception>
    public Tensor this[Variable variable]
    {
        get
        {
            var place = Array.IndexOf(_variables, variable);
            if (place < 0) Throw.Value(nameof(ModelState), $"{variable.Describe()} is not among the variables that were kept.");
            return _values[place];
        }
    }

    /// <summary>Keeps the values as they are now in place of those kept before.</summary>
    public void TakeValues()
    {
        for (var i = 0; i < _variables.Length; i++)
            if (_variables[i].DType == _values[i].DType) _variables[i].CopyTo(_values[i]);
            else _values[i] = _variables[i].Keep();
    }

    /// <summary>Puts all of it back.</summary>
    public void Restore()
    {
        foreach (var (generator, state) in _random) generator.State = state;
        foreach (var (module, training) in _modes) module.IsTraining = training;
        for (var i = 0; i < _variables.Length; i++)
        {
            var variable = _variables[i];
            variable.ConvertTo(_values[i].DType);
            variable.Assign(_values[i]);
            if (_gradients is not null && !ReferenceEquals(variable.Grad, _gradients[i])) variable.Grad = _gradients[i];
        }
    }

    /// <summary>Puts generators and buffers back, no more: the next forward draws the same numbers as the first, and
    /// starts from the same running statistics.</summary>
    public void Rewind()
    {
        foreach (var (generator, state) in _random) generator.State = state;
        foreach (var (variable, values) in _variables.Zip(_values))
            if (variable is ModuleBuffer) variable.Assign(values.To(variable.DType));
    }

    /// <inheritdoc cref="Restore"/>
    public void Dispose() => Restore();
}
