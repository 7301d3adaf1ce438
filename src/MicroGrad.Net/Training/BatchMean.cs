using System.Globalization;

namespace MicroGrad.Net;

/// <summary>
/// The mean of a figure over the batches of a pass, as if they had been one batch. A batch weighs as much as its mean is
/// over: elements, labels that are not ignored, weights. A sum (<see cref="Reduction.Sum"/>) is added up. What no
/// <see cref="Losses"/> made counts as a mean over rows; so does what was computed from such means, as long as they are
/// over equally many elements per row.
/// </summary>
/// <param name="name">The figure, for errors.</param>
/// <param name="mend">What to do where the weight of a batch is not known, for errors.</param>
sealed class BatchMean(string name, string mend)
{
    double _sum, _weight, _perRow;
    double?[]? _partsPerRow;
    bool _isSum, _isMean, _isOther;

    /// <summary>The mean so far, or the sum; NaN for nothing.</summary>
    public double Value => _isSum ? _sum : _sum / _weight;

    /// <summary>Whether no batch weighed anything.</summary>
    public bool IsEmpty => !_isSum && _weight == 0;

    /// <summary>Whether the figure is a sum, whose weights are all 1.</summary>
    public bool IsSum => _isSum;

    /// <summary>Adds a batch.</summary>
    public void Add(double value, double weight)
    {
        if (weight == 0) return;        // a mean over nothing may be NaN
        _sum += value * weight;
        _weight += weight;
    }

    /// <summary>What a batch weighs beside the others of the pass, in rows where that can be.</summary>
    /// <param name="heard">What losses told while its figure was computed.</param>
    /// <param name="isIt">Whether a result of theirs is the figure itself.</param>
    /// <param name="rows">The rows of the batch.</param>
    /// <exception cref="ArgumentException">It cannot be known.</exception>
    public double Weigh(IReadOnlyList<(Tensor Result, double? Over)> heard, Func<Tensor, bool> isIt, int rows)
    {
        for (var i = heard.Count - 1; i >= 0; i--)
            if (isIt(heard[i].Result)) return heard[i].Over is { } over ? Mean(over, rows) : Sum();
        return Other(heard, rows);
    }

    double Sum()
    {
        _isSum = true;
        RequireOneKind();
        return 1;
    }

    double Mean(double over, int rows)
    {
        if (over == 0) return 0;
        _isMean = true;
        if (_perRow == 0) _perRow = over / Math.Max(1, rows);
        RequireOneKind();
        // In units of the first batch's: exactly the rows, where all have as many elements.
        return over / _perRow;
    }

    double Other(IReadOnlyList<(Tensor Result, double? Over)> heard, int rows)
    {
        if (rows == 0) return 0;
        _isOther = true;
        RequireOneKind();
        double?[] perRow = [.. heard.Select(one => one.Over / rows)];
        _partsPerRow ??= perRow;
        var first = ReferenceEquals(_partsPerRow, perRow);
        if (!first && perRow.Contains(null))
            Refuse("is computed from a sum (Reduction.Sum): whether it is one, or was divided by something, is not known");
        // A loss of each row gives as many parts as rows: then they are compared together.
        var alike = perRow.Length == _partsPerRow.Length
            ? perRow.Zip(_partsPerRow).All(pair => Near(pair.First ?? 0, pair.Second ?? 0))
            : Near(perRow.Sum() ?? 0, _partsPerRow.Sum() ?? 0);
        if (alike) return rows;
        static string Text(double?[] parts) =>
            string.Join(" and ", parts.Take(4).Select(part => string.Create(CultureInfo.InvariantCulture, $"{part:g4}")));
        Refuse($"is computed from means that are not over rows: over {Text(_partsPerRow)} elements (or weights) per row "
            + $"of the first batch, and {Text(perRow)} of another");
        return rows;
    }

    void RequireOneKind()
    {
        if (_isSum && (_isMean || _isOther)) Refuse("is a sum over one batch, and no sum over another");
        if (_isMean && _isOther) Refuse("is the mean of a loss over one batch, and computed otherwise of another");
    }

    void Refuse(string problem) => Throw.Value("Trainer", $"what batches weigh beside each other is not known: {name} "
        + $"{problem}. {mend}");

    static bool Near(double a, double b) => Math.Abs(a - b) <= 1e-6 * Math.Max(Math.Abs(a), Math.Abs(b));
}
