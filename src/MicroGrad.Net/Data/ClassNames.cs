using System.Collections;

namespace MicroGrad.Net;

/// <summary>
/// The names of classes in the order of their numbers: <c>names[2]</c> is a name, <c>names.IndexOf("setosa")</c> a
/// number. It goes into a model's file by <c>checkpoint.Add("classes", names)</c>, and is a list, as
/// <see cref="ConfusionMatrix"/> takes one.
/// </summary>
public sealed class ClassNames : IReadOnlyList<string>, IFitted<ClassNames>
{
    const int Version = 1;

    readonly string[] _names;
    readonly Dictionary<string, int> _indices = [];

    /// <summary>Names in the order of the classes, such as those of <see cref="CsvTable.Labels"/>.</summary>
    /// <exception cref="ArgumentException">There are none, one is empty, or one comes twice.</exception>
    public ClassNames(params IEnumerable<string> names)
    {
        _names = [.. names];
        if (_names.Length == 0) Throw.Value(nameof(ClassNames), "no names are given.");
        for (var i = 0; i < _names.Length; i++)
            if (string.IsNullOrWhiteSpace(_names[i])) Throw.Value(nameof(ClassNames), $"the name of class {i} is empty.");
            else if (!_indices.TryAdd(FittedText.Valid(_names[i]), i))
                Throw.Value(nameof(ClassNames),
                    $"'{_names[i]}' is the name of two classes, {_indices[_names[i]]} and {i}.");
    }

    /// <summary>The number of classes.</summary>
    public int Count => _names.Length;

    /// <summary>The name of a class.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such class.</exception>
    public string this[int index] => _names[Throw.IfNoItem(nameof(ClassNames), "the class", index, Count)];

    /// <summary>The class of a name.</summary>
    /// <exception cref="ArgumentException">There is no such class; the message suggests near ones.</exception>
    public int IndexOf(string name) => _indices.TryGetValue(name, out var index) ? index
        : throw new ArgumentException(
            $"ClassNames: there is no class '{name}'. {NearNames.Hint(name, _names, "The classes are")}");

    /// <summary>The classes of some names, such as of a column of another table: <c>names.IndicesOf(table.Text("species"))
    /// </c>.</summary>
    /// <exception cref="ArgumentException">There is no such class; the message suggests near ones.</exception>
    public int[] IndicesOf(IEnumerable<string> names) => [.. names.Select(IndexOf)];

    /// <inheritdoc/>
    public string SaveState() => FittedText.Write(nameof(ClassNames), Version, json => json.Text("names", _names));

    /// <inheritdoc/>
    public static ClassNames LoadState(string text) =>
        FittedText.Read(text, nameof(ClassNames), Version, json => new ClassNames(json.Texts("names")));

    /// <summary>The names in their order.</summary>
    public IEnumerator<string> GetEnumerator() => ((IEnumerable<string>)_names).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>The names in their order, of many the first.</summary>
    public override string ToString() => NearNames.List(_names);
}
