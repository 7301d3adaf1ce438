namespace MicroGrad.Net;

/// <summary>
/// One named part of what an optimizer, a schedule or an average remembers: what it looks like, how to read it and how
/// to put it back. One list of entries serves saving, checking and loading.
/// </summary>
/// <param name="Name">The name in the saved state.</param>
/// <param name="Shape">The shape it must have; null where <paramref name="Problem"/> looks at it.</param>
/// <param name="DType">The number type it must have.</param>
/// <param name="Read">The values as they are.</param>
/// <param name="Write">Takes over values that were found to fit.</param>
/// <param name="Problem">What is wrong with values of the right shape; null where nothing is.</param>
readonly record struct StateEntry(
    string Name, Shape? Shape, DType DType, Func<Tensor> Read, Action<Tensor> Write, Func<Tensor, string?>? Problem = null)
{
    /// <summary>A number, kept as a Float64 scalar.</summary>
    public static StateEntry Number(string name, Func<double> read, Action<double> write, Func<double, bool> valid) => new(
        name, MicroGrad.Net.Shape.Scalar, DType.Float64,
        () => Tensor.Scalar(read(), DType.Float64), value => write(value.Item()),
        value => valid(value.Item()) ? null : FormattableString.Invariant($"is {value.Item()}, which cannot be"));

    /// <summary>A whole number, 0 or more.</summary>
    public static StateEntry Count(string name, Func<int> read, Action<int> write) => Number(
        name, () => read(), value => write((int)value),
        value => value >= 0 && value <= int.MaxValue && value == Math.Floor(value));

    /// <summary>Numbers per element of a tensor.</summary>
    public static StateEntry Values(string name, Shape shape, DType dtype, Func<Tensor> read, Action<Tensor> write) =>
        new(name, shape, dtype, read, values => write(values.Keep()));

    /// <summary>A Float64 tensor of some rows, <paramref name="most"/> at most, each of a given shape.</summary>
    public static StateEntry Rows(
        string name, int most, Shape row,
        Func<IEnumerable<IEnumerable<double>>> read, Action<IEnumerable<double[]>> write) => new(
        name, null, DType.Float64,
        () =>
        {
            double[][] rows = [.. read().Select(values => values.ToArray())];
            return Tensor.From([rows.Length, .. row], [.. rows.SelectMany(values => values)]);
        },
        values => write(row.Length == 0 ? [] : values.ToDoubles().Chunk(row.Length)),
        values => values.Rank == row.Rank + 1 && values.Shape.Sizes[1..].SequenceEqual(row.Sizes) && values.Shape[0] <= most
            ? null : $"is {values.Shape}, but must be [0 to {most}, {row.ToString()[1..]}");

    /// <summary>The entries by name, each a copy that later steps do not change.</summary>
    public static IReadOnlyDictionary<string, Tensor> Save(IEnumerable<StateEntry> entries) =>
        entries.ToDictionary(entry => entry.Name, entry => entry.Read().Keep());

    /// <summary>Puts a saved state back, or says all that does not fit and changes nothing.</summary>
    /// <exception cref="ArgumentException">Entries are missing, unexpected or wrong.</exception>
    public static void Load(string owner, IReadOnlyList<StateEntry> entries, IReadOnlyDictionary<string, Tensor> state)
    {
        string[] missing = [.. entries.Select(entry => entry.Name).Where(name => !state.ContainsKey(name))];
        string[] unexpected = [.. state.Keys.Except(entries.Select(entry => entry.Name)).Order(StringComparer.Ordinal)];
        var wrong = new List<string>();
        foreach (var entry in entries)
            if (state.TryGetValue(entry.Name, out var values) && entry.Check(values) is { } problem)
                wrong.Add($"{entry.Name} {problem}");
        if (missing.Length + unexpected.Length + wrong.Count > 0) Throw.State(owner, missing, unexpected, wrong);
        foreach (var entry in entries) entry.Write(state[entry.Name]);
    }

    string? Check(Tensor values) =>
        Shape is { } shape && values.Shape != shape ? $"is {values.Shape}, but must be {shape}"
        : values.DType != DType ? $"is {values.DType}, but must be {DType}"
        : Problem?.Invoke(values);
}
