using System.Globalization;
using System.Text.Json;

namespace MicroGrad.Net;

/// <summary>Where a value is: in a row of a table, or of memory, for errors.</summary>
/// <param name="Table">The table; null for rows in memory.</param>
/// <param name="Row">The row; of a single one in memory, −1.</param>
readonly record struct CellPlace(CsvTable? Table, int Row)
{
    public Exception Bad(string column, string problem) => Table?.BadCell(column, Row, problem)
        ?? (Exception)new ArgumentException($"FeatureEncoder.Encode: {(Row < 0 ? "" : $"row {Row}, ")}column "
            + $"'{CellText.Shown(column)}': {problem}.");
}

/// <summary>What a <see cref="FeatureEncoder"/> learned about one column.</summary>
abstract class ColumnEncoder(string name, IEnumerable<string> lines)
{
    /// <summary>The column.</summary>
    public string Name { get; } = name;

    /// <summary>The features the column becomes.</summary>
    public abstract string[] FeatureNames { get; }

    /// <summary>What was done, in words.</summary>
    public List<string> Lines { get; } = [.. lines];

    /// <summary>Writes the features into rows of zeros, each of a width, from a position on.</summary>
    public abstract void Encode(CsvTable table, int[] rows, Span<float> x, int position, int width);

    /// <summary>Writes the features of a value in memory into zeros.</summary>
    public abstract void Encode(MemoryCell cell, CellReading reading, CellPlace place, Span<float> x);

    /// <summary>Writes all that was learned.</summary>
    public abstract void Save(Utf8JsonWriter json);

    public static ColumnEncoder Load(JsonElement json) => json.Text("kind") switch
    {
        NumberColumn.Kind => new NumberColumn(json),
        TextColumn.Kind => new TextColumn(json),
        var other => throw new ArgumentException($"there is no kind of column '{other}'."),
    };

    protected void Save(Utf8JsonWriter json, string kind)
    {
        json.WriteString("name", FittedText.Valid(Name));
        json.WriteString("kind", kind);
        json.Text("lines", Lines);
    }

    protected void Say(string line) => Lines.Add($"{Name}: {line}");

    protected static string Cells(int count, string kind) => $"{count} {kind} {(count == 1 ? "cell" : "cells")}";
}

/// <summary>A column of numbers: fills missing ones with the training median, then standardises.</summary>
sealed class NumberColumn : ColumnEncoder
{
    public const string Kind = "numbers";

    readonly double _median, _mean, _deviation;
    readonly bool _zeroOrOne;                   // in training, so that true and false may stand for them

    public NumberColumn(CsvTable table, string name, int[] trainRows) : base(name, [])
    {
        var numbers = table.Numbers(name);
        var train = Array.ConvertAll(trainRows, row => numbers[row]);
        var known = Array.FindAll(train, x => !double.IsNaN(x));
        if (known.Length == 0)
        {
            Say("no number in the training rows, so always 0");
            return;
        }
        _zeroOrOne = known.All(x => x is 0 or 1);
        _median = ColumnStatistics.Median(known);
        // Over the filled column, so that what the network gets has mean 0 and deviation 1.
        (_mean, _deviation) = ColumnStatistics.MeanAndDeviation(Array.ConvertAll(train, Filled));

        if (numbers.Count(double.IsNaN) is > 0 and var missing)
            Say($"{Cells(missing, "missing")} filled with the training median {ColumnStatistics.Text(_median)}");
        Say(_deviation == 0 ? $"constant in the training rows ({ColumnStatistics.Text(_mean)}), so always 0"
            : $"standardised with the training mean {ColumnStatistics.Text(_mean)} and deviation "
                + ColumnStatistics.Text(_deviation));
    }

    public NumberColumn(JsonElement json) : base(json.Text("name"), json.Texts("lines"))
    {
        (_median, _mean) = (json.Number("median"), json.Number("mean"));
        (_deviation, _zeroOrOne) = (json.Number("deviation"), json.GetProperty("zeroOrOne").GetBoolean());
        if (_deviation < 0 || !double.IsFinite(_median + _mean + _deviation))
            throw new ArgumentException($"column '{Name}' has no such statistics.");
    }

    public override string[] FeatureNames => [Name];

    public override void Encode(CsvTable table, int[] rows, Span<float> x, int position, int width)
    {
        var numbers = table.Numbers(Name);
        for (var i = 0; i < rows.Length; i++)
            x[i * width + position] = Feature(numbers[rows[i]], new CellPlace(table, rows[i]));
    }

    public override void Encode(MemoryCell cell, CellReading reading, CellPlace place, Span<float> x)
    {
        if (cell.Kind == MemoryCell.Kinds.Bool)
            cell = _zeroOrOne ? new(cell.Text == "true" ? "1" : "0", MemoryCell.Kinds.Number)
                : throw place.Bad(Name, $"{cell} is no number: only a column of 0 and 1 takes true and false");
        if (cell.Kind == MemoryCell.Kinds.Number) reading = reading with { Format = CellText.Point };
        var (number, problem) = (double.NaN, default(string));
        if (cell.Text is { } text) number = reading.Number(CellText.Trim(text), out problem);
        if (problem is not null) throw place.Bad(Name, $"{cell} {problem}");
        x[0] = Feature(number, place);
    }

    public override void Save(Utf8JsonWriter json)
    {
        Save(json, Kind);
        json.Number("median", _median);
        json.Number("mean", _mean);
        json.Number("deviation", _deviation);
        json.WriteBoolean("zeroOrOne", _zeroOrOne);
    }

    float Feature(double number, CellPlace place)
    {
        if (_deviation == 0) return 0;
        var feature = (float)((Filled(number) - _mean) / _deviation);
        if (!float.IsFinite(feature))
            throw place.Bad(Name, $"{ColumnStatistics.Text(number)} is so far from the training mean "
                + $"{ColumnStatistics.Text(_mean)} that Float32 cannot hold the feature");
        return feature;
    }

    double Filled(double x) => double.IsNaN(x) ? _median : x;
}

/// <summary>A column of text: one feature per category of the training rows, 1 where a cell is of it.</summary>
sealed class TextColumn : ColumnEncoder
{
    public const string Kind = "categories";

    const int CategoriesToName = 8;

    readonly string[] _categories;              // in ordinal order
    readonly Dictionary<string, string> _seen;

    public TextColumn(CsvTable table, string name, int[] trainRows, bool declared) : base(name, [])
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
            else if (Place(cells[row], new CellPlace(table, row)) < 0) unseen++;
        var named = string.Join(", ", _categories.Take(CategoriesToName));
        Say(_categories.Length == 0 ? "no text in the training rows, so left out"
            : $"one feature for each of the {_categories.Length} training categories: {named}"
                + (_categories.Length > CategoriesToName ? ", …" : ""));
        if (missing > 0) Say($"{Cells(missing, "missing")} encoded as all zeros");
        if (unseen > 0) Say($"{Cells(unseen, "unseen")} (categories outside the training rows) encoded as all zeros");
    }

    public TextColumn(JsonElement json) : base(json.Text("name"), json.Texts("lines"))
    {
        (_categories, _seen) = (json.Texts("categories"), []);
        for (var i = 0; i < _categories.Length; i++)
            if (!_seen.TryAdd(CellText.Seen(_categories[i]), _categories[i])
                || i > 0 && string.CompareOrdinal(_categories[i - 1], _categories[i]) > 0)
                throw new ArgumentException($"the categories of '{Name}' repeat, or are not in order.");
    }

    public override string[] FeatureNames => Array.ConvertAll(_categories, category => $"{Name}={category}");

    public override void Encode(CsvTable table, int[] rows, Span<float> x, int position, int width)
    {
        var cells = table.Cells(Name);
        for (var i = 0; i < rows.Length; i++)
            if (!table.IsMissing(Name, rows[i])
                && Place(cells[rows[i]], new CellPlace(table, rows[i])) is >= 0 and var place)
                x[i * width + position + place] = 1;
    }

    public override void Encode(MemoryCell cell, CellReading reading, CellPlace place, Span<float> x)
    {
        if (cell.Text is not { } text) return;
        // A category is meant as it is; else the text is read as a cell without quotes.
        var found = Array.BinarySearch(_categories, text, StringComparer.Ordinal);
        if (found < 0 && reading.Missing.Holds(text = CellText.Trim(text))) return;
        if (found < 0)
            found = cell.Kind switch
            {
                MemoryCell.Kinds.Text => Place(text, place),
                MemoryCell.Kinds.Number => Only(cell, place, category =>
                    CellText.TryNumber(category, reading.Format, out var number)
                    && number == double.Parse(text, CultureInfo.InvariantCulture)),
                _ when Only(cell, place, category =>
                    category.Equals(text, StringComparison.OrdinalIgnoreCase)) is >= 0 and var only => only,
                _ => throw place.Bad(Name, $"{cell} is none of the categories "
                    + $"{NearNames.List(_categories)}: pass one of these"),
            };
        if (found >= 0) x[found] = 1;
    }

    public override void Save(Utf8JsonWriter json)
    {
        Save(json, Kind);
        json.Text("categories", _categories);
    }

    /// <summary>The one category that a number or truth value stands for, however it is written: 01 or 1.0 for 1.</summary>
    int Only(MemoryCell cell, CellPlace place, Predicate<string> means)
    {
        var found = Array.FindIndex(_categories, means);
        if (found >= 0 && Array.FindLastIndex(_categories, means) is var last && last != found)
            throw place.Bad(Name, $"{cell} may be '{CellText.Shown(_categories[found])}' or "
                + $"'{CellText.Shown(_categories[last])}': pass it as text");
        return found;
    }

    /// <summary>The category of a text; negative if it was not seen, an error if it only looks like one.</summary>
    int Place(string text, CellPlace at)
    {
        var place = Array.BinarySearch(_categories, text, StringComparer.Ordinal);
        if (place < 0 && CsvTable.Resembles(text, _seen) is { } problem) throw at.Bad(Name, problem);
        return place;
    }
}
