namespace MicroGrad.Net;

/// <summary>What a <see cref="FeatureEncoder"/> learned about one column.</summary>
abstract class ColumnEncoder(string name)
{
    protected string Name { get; } = name;

    /// <summary>The features the column becomes.</summary>
    public abstract string[] FeatureNames { get; }

    /// <summary>What was done, in words.</summary>
    public List<string> Lines { get; } = [];

    /// <summary>Writes the features into rows of zeros, each of a width, from a position on.</summary>
    public abstract void Encode(CsvTable table, int[] rows, Span<float> x, int position, int width);

    protected void Say(string line) => Lines.Add($"{Name}: {line}");

    protected static string Cells(int count, string kind) => $"{count} {kind} {(count == 1 ? "cell" : "cells")}";
}

/// <summary>A column of numbers: fills missing ones with the training median, then standardises.</summary>
sealed class NumberColumn : ColumnEncoder
{
    readonly double _median, _mean, _deviation;

    public NumberColumn(CsvTable table, string name, int[] trainRows) : base(name)
    {
        var numbers = table.Numbers(name);
        var train = Array.ConvertAll(trainRows, row => numbers[row]);
        var known = Array.FindAll(train, x => !double.IsNaN(x));
        if (known.Length == 0)
        {
            Say("no number in the training rows, so always 0");
            return;
        }
        _median = ColumnStatistics.Median(known);
        // Over the filled column, so that what the network gets has mean 0 and deviation 1.
        (_mean, _deviation) = ColumnStatistics.MeanAndDeviation(Array.ConvertAll(train, Filled));

        if (numbers.Count(double.IsNaN) is > 0 and var missing)
            Say($"{Cells(missing, "missing")} filled with the training median {ColumnStatistics.Text(_median)}");
        Say(_deviation == 0 ? $"constant in the training rows ({ColumnStatistics.Text(_mean)}), so always 0"
            : $"standardised with the training mean {ColumnStatistics.Text(_mean)} and deviation "
                + ColumnStatistics.Text(_deviation));
    }

    public override string[] FeatureNames => [Name];

    public override void Encode(CsvTable table, int[] rows, Span<float> x, int position, int width)
    {
        var numbers = table.Numbers(Name);
        if (_deviation == 0) return;
        for (var i = 0; i < rows.Length; i++)
        {
            var feature = (float)((Filled(numbers[rows[i]]) - _mean) / _deviation);
            if (!float.IsFinite(feature))
                throw table.BadCell(Name, rows[i], $"{ColumnStatistics.Text(numbers[rows[i]])} is so far from the "
                    + $"training mean {ColumnStatistics.Text(_mean)} that Float32 cannot hold the feature");
            x[i * width + position] = feature;
        }
    }

    double Filled(double x) => double.IsNaN(x) ? _median : x;
}

/// <summary>A column of text: one feature per category of the training rows, 1 where a cell is of it.</summary>
sealed class TextColumn : ColumnEncoder
{
    const int CategoriesToName = 8;

    readonly string[] _categories;
    readonly Dictionary<string, string> _seen;

    public TextColumn(CsvTable table, string name, int[] trainRows, bool declared) : base(name)
    {
        var cells = table.Cells(name);
        (_categories, _seen) = table.Categories(name, trainRows);
        var known = trainRows.Count(row => !table.IsMissing(name, row));
        // A few rows may all be different; of many, a text must occur twice on average.
        if (!declared && 2 * (_categories.Length - 2) > known)
            throw table.BadColumn(name, $"{_categories.Length} different texts in {known} training rows, such as "
                + string.Join(", ", _categories.Take(3).Select(text => $"'{CellText.Shown(text)}'"))
                + ": names, ids, dates and free text make no categories that other rows fall into. Name the column "
                + "under 'ignore', or under 'categories' if each text is to be a feature of its own");

        var (missing, unseen) = (0, 0);
        for (var row = 0; row < cells.Length; row++)
            if (table.IsMissing(name, row)) missing++;
            else if (Place(table, row) < 0) unseen++;
        var named = string.Join(", ", _categories.Take(CategoriesToName));
        Say(_categories.Length == 0 ? "no text in the training rows, so left out"
            : $"one feature for each of the {_categories.Length} training categories: {named}"
                + (_categories.Length > CategoriesToName ? ", …" : ""));
        if (missing > 0) Say($"{Cells(missing, "missing")} encoded as all zeros");
        if (unseen > 0) Say($"{Cells(unseen, "unseen")} (categories outside the training rows) encoded as all zeros");
    }

    public override string[] FeatureNames => Array.ConvertAll(_categories, category => $"{Name}={category}");

    public override void Encode(CsvTable table, int[] rows, Span<float> x, int position, int width)
    {
        for (var i = 0; i < rows.Length; i++)
            if (!table.IsMissing(Name, rows[i]) && Place(table, rows[i]) is >= 0 and var place)
                x[i * width + position + place] = 1;
    }

    int Place(CsvTable table, int row)
    {
        var place = Array.BinarySearch(_categories, table.Cells(Name)[row], StringComparer.Ordinal);
        if (place < 0) table.RequireSame(Name, row, _seen);
        return place;
    }
}
