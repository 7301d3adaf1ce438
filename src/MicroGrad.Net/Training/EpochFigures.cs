using System.Collections;

namespace MicroGrad.Net;

/// <summary>The figures of one epoch of a <see cref="History"/>, by name.</summary>
public sealed class EpochFigures : IReadOnlyDictionary<string, double>
{
    readonly string[] _names;
    readonly double[] _figures;

    internal EpochFigures(int epoch, string[] names, double[] figures) =>
        (Epoch, _names, _figures) = (epoch, names, figures);

    /// <summary>The number of the epoch.</summary>
    public int Epoch { get; }

    /// <summary>The number of figures.</summary>
    public int Count => _names.Length;

    /// <summary>The names of the figures.</summary>
    public IEnumerable<string> Keys => _names;

    /// <summary>The figures in the order of the names.</summary>
    public IEnumerable<double> Values => _figures;

    /// <summary>A figure.</summary>
    /// <exception cref="KeyNotFoundException">There is no such figure; the message suggests near ones.</exception>
    public double this[string key] =>
        TryGetValue(key, out var figure) ? figure : throw new KeyNotFoundException($"History: {History.NoFigure(key, _names)}");

    /// <summary>Whether there is a figure.</summary>
    public bool ContainsKey(string key) => _names.Contains(key);

    /// <summary>A figure, if there is one of this name.</summary>
    public bool TryGetValue(string key, out double value)
    {
        var place = Array.IndexOf(_names, key);
        value = place < 0 ? 0 : _figures[place];
        return place >= 0;
    }

    /// <summary>Names and figures.</summary>
    public IEnumerator<KeyValuePair<string, double>> GetEnumerator() =>
        _names.Zip(_figures, KeyValuePair.Create).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
