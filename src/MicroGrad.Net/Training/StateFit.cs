namespace MicroGrad.Net;

/// <summary>How far a saved state fits a module.</summary>
/// <param name="Missing">What the module has and the state has not.</param>
/// <param name="Unexpected">What the state has and the module has not.</param>
/// <param name="Misfits">What both have, but of another shape, or with values that the module's number type cannot
/// hold: each with the reason.</param>
public sealed record StateFit(
    IReadOnlyList<string> Missing, IReadOnlyList<string> Unexpected, IReadOnlyList<string> Misfits)
{
    /// <summary>Whether everything fits.</summary>
    public bool IsExact => Missing.Count + Unexpected.Count + Misfits.Count == 0;

    /// <summary>The lists, one per line; empty where everything fits.</summary>
    public override string ToString()
    {
        var lines = new List<string>();
        if (Missing.Count > 0) lines.Add($"  missing: {string.Join(", ", Missing)}");
        if (Unexpected.Count > 0) lines.Add($"  unexpected: {string.Join(", ", Unexpected)}");
        if (Misfits.Count > 0) lines.Add($"  does not fit: {string.Join("; ", Misfits)}");
        return string.Join('\n', lines);
    }

    /// <summary>Compares a state with a module's, and takes over what fits; when strict, all or nothing.</summary>
    internal static StateFit Load(
        Module module, IReadOnlyDictionary<string, Tensor> state, bool strict, Func<string, Exception> error)
    {
        // Not to be had before PyTorch 0.4.1; it counts for an average without momentum alone.
        const string Optional = "num_batches_tracked";
        var variables = module.State();
        var skipped = (state as NamedTensors)?.Skipped ?? new Dictionary<string, string>();
        var (missing, misfits) = (new List<string>(), new List<string>());
        var fitting = new List<(Variable Variable, Tensor Values)>();
        foreach (var (name, variable) in variables)
            if (skipped.TryGetValue(name, out var problem)) misfits.Add($"{name} cannot be read: {problem}");
            else if (!state.TryGetValue(name, out var values))
            {
                if (name.Split('.')[^1] != Optional) missing.Add(name);
            }
            else if (Misfit(variable, ref values) is { } reason) misfits.Add($"{name} {reason}");
            else fitting.Add((variable, values));
        string[] unexpected =
        [
            .. state.Keys.Concat(skipped.Keys).Except(variables.Select(named => named.Name))
                .Order(StringComparer.Ordinal),
        ];
        var fit = new StateFit(missing, unexpected, misfits);
        if (strict && !fit.IsExact)
            throw error($"the state does not fit this {module.Describe()}; nothing was changed:\n{fit}\n"
                + (PrefixOf(state, variables.Select(named => named.Name).ToHashSet()) is { } prefix
                    ? $"  (every name of the state begins with '{prefix}': take that off, and hand the rest to LoadState)"
                    : "  (strict: false takes what fits)"));
        foreach (var (variable, values) in fitting) variable.Assign(values);
        return fit;
    }

    /// <summary>What DataParallel and others put before every name: without it, the names are the module's.</summary>
    static string? PrefixOf(IReadOnlyDictionary<string, Tensor> state, HashSet<string> names)
    {
        if (state.Count == 0) return null;
        var first = state.Keys.First();
        for (var dot = first.IndexOf('.'); dot >= 0; dot = first.IndexOf('.', dot + 1))
        {
            var prefix = first[..(dot + 1)];
            if (state.Keys.All(name => name.StartsWith(prefix, StringComparison.Ordinal)
                && names.Contains(name[prefix.Length..]))) return prefix;
        }
        return null;
    }

    static string? Misfit(Variable variable, ref Tensor values)
    {
        if (values.Shape != variable.Shape) return $"is {values.Shape}, but must be {variable.Shape}";
        if (values.DType == variable.DType) return null;
        var converted = values.Detach().To(variable.DType);
        if (!values.ToDoubles().AsSpan().SequenceEqual(converted.ToDoubles()))
            return $"is {values.DType}, and rounding it to the module's {variable.DType} would change it: convert the "
                + $"module with .To(DType.{values.DType}) first, or the values with .To(DType.{variable.DType})";
        values = converted;
        return null;
    }
}
