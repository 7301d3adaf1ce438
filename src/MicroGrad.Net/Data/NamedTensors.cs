using System.Collections;
using System.Diagnostics.CodeAnalysis;

namespace MicroGrad.Net;

/// <summary>
/// The tensors of a file by name, in the order of the file, and what the file has besides that no tensor can hold.
/// </summary>
public sealed class NamedTensors : IReadOnlyDictionary<string, Tensor>
{
    readonly string _path;
    readonly Dictionary<string, Tensor> _tensors = [];
    readonly Dictionary<string, string> _skipped = [];

    internal NamedTensors(string path) => _path = path;

    /// <summary>What was left in the file, each with the reason: texts, complex numbers, numbers too large.</summary>
    public IReadOnlyDictionary<string, string> Skipped => _skipped;

    /// <summary>The tensor of a name.</summary>
    /// <exception cref="DataFileException">It was skipped; the message says why.</exception>
    /// <exception cref="KeyNotFoundException">The file has no such name; the message lists those it has.</exception>
    public Tensor this[string key]
    {
        get
        {
            if (_tensors.TryGetValue(key, out var tensor)) return tensor;
            if (_skipped.TryGetValue(key, out var reason))
                throw new DataFileException($"{_path}: '{key}' cannot be read: {reason}.");
            throw new KeyNotFoundException($"{_path} has no tensor '{key}'. It has "
                + (_tensors.Count == 0 ? "none." : $"{string.Join(", ", _tensors.Keys)}."));
        }
    }

    /// <summary>The names of the tensors; those of what was skipped are not among them.</summary>
    public IEnumerable<string> Keys => _tensors.Keys;

    /// <summary>The tensors.</summary>
    public IEnumerable<Tensor> Values => _tensors.Values;

    /// <summary>The number of tensors.</summary>
    public int Count => _tensors.Count;

    /// <inheritdoc/>
    public bool ContainsKey(string key) => _tensors.ContainsKey(key);

    /// <inheritdoc/>
    public bool TryGetValue(string key, [MaybeNullWhen(false)] out Tensor value) =>
        _tensors.TryGetValue(key, out value);

    /// <inheritdoc/>
    public IEnumerator<KeyValuePair<string, Tensor>> GetEnumerator() => _tensors.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>Adds a tensor, or the reason why there is none.</summary>
    internal void Add(string name, Tensor? tensor, string? problem)
    {
        if (tensor is not null) _tensors.Add(name, tensor);
        else _skipped.Add(name, problem ?? "it holds no numbers");
    }

    /// <summary>The tensors and what was skipped.</summary>
    public override string ToString() => string.Join('\n',
        [$"{_path}: {Count} tensors", .. _tensors.Select(pair => $"  {pair.Key} {pair.Value.Shape} {pair.Value.DType}"),
        .. _skipped.Select(pair => $"  {pair.Key} skipped: {pair.Value}")]);
}
