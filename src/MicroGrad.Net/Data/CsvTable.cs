using System.Globalization;

namespace MicroGrad.Net;

/// <summary>
/// A table of named columns read from a text file; cells are kept as they were written and turned into numbers when
/// asked for.
/// </summary>
public sealed class CsvTable
{
    readonly string _path;
    readonly string[][] _cells;         // per column
    readonly int[] _lines;              // where each row starts in the file
    readonly Dictionary<string, int> _positions = [];

    internal CsvTable(string path, string[] columns, string[][] cells, int[] lines)
    {
        (_path, Columns, _cells, _lines) = (path, columns, cells, lines);
        for (var i = 0; i < columns.Length; i++) _positions.Add(columns[i], i);
    }

    /// <summary>
    /// Reads a file of comma-separated values (RFC 4180: quoted cells may hold delimiters, quotes and line breaks),
    /// plain or gzip, UTF-8 or UTF-16 with a byte order mark. Blanks around cells and empty lines are left out.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="delimiter">What separates cells; if null, the one of comma, semicolon, tab and bar that the first
    /// lines agree on.</param>
    /// <param name="hasHeader">Whether the first line names the columns; else they are <c>column 1</c>, ….</param>
    /// <exception cref="DataFileException">The file is empty, not text, has rows of unequal length, columns of the
    /// same name or quotes that do not pair up; the message names file and line.</exception>
    public static CsvTable Read(string path, char? delimiter = null, bool hasHeader = true) =>
        TableReader.Read(path, delimiter, hasHeader);

    /// <summary>The names of the columns, in the order of the file.</summary>
    public IReadOnlyList<string> Columns { get; }

    /// <summary>The number of rows, the header not counted.</summary>
    public int RowCount => _lines.Length;

    /// <summary>The cells of a column as they were written, without the quotes.</summary>
    /// <exception cref="ArgumentException">There is no such column; the message suggests near ones.</exception>
    public string[] Text(string name) => [.. Cells(name)];

    /// <summary>
    /// The cells of a column as numbers (decimal point, no thousands separators), NaN where one is missing: empty, NA,
    /// NaN, null or ?.
    /// </summary>
    /// <exception cref="ArgumentException">There is no such column; the message suggests near ones.</exception>
    /// <exception cref="DataFileException">A cell is neither a finite number nor missing; the message names line,
    /// column and cell.</exception>
    public double[] Numbers(string name)
    {
        var cells = Cells(name);
        var numbers = new double[cells.Length];
        for (var row = 0; row < cells.Length; row++)
            if (IsMissing(cells[row])) numbers[row] = double.NaN;
            else if (!TryNumber(cells[row], out numbers[row]))
                throw BadCell(name, row, $"'{cells[row]}' is not a number");
            else if (!double.IsFinite(numbers[row]))
                throw BadCell(name, row, $"'{cells[row]}' is not a finite number");
        return numbers;
    }

    /// <summary>
    /// The cells of a column as class labels: each distinct cell is a class, numbered in ordinal order of its text.
    /// </summary>
    /// <exception cref="ArgumentException">There is no such column; the message suggests near ones.</exception>
    /// <exception cref="DataFileException">A cell is missing; the message names line and column.</exception>
    public (int[] Labels, string[] Classes) Labels(string name)
    {
        var cells = Cells(name);
        for (var row = 0; row < cells.Length; row++)
            if (IsMissing(cells[row])) throw BadCell(name, row, "a class label is missing");
        string[] classes = [.. cells.Distinct().Order(StringComparer.Ordinal)];
        return (Array.ConvertAll(cells, cell => Array.BinarySearch(classes, cell, StringComparer.Ordinal)), classes);
    }

    /// <summary>Whether a column has numbers and nothing else but missing cells.</summary>
    /// <exception cref="ArgumentException">There is no such column; the message suggests near ones.</exception>
    public bool IsNumeric(string name)
    {
        var (numbers, present) = CountNumbers(name);
        return numbers > 0 && numbers == present;
    }

    /// <summary>How many cells of a column are numbers, and how many are not missing.</summary>
    internal (int Numbers, int Present) CountNumbers(string name)
    {
        var present = Cells(name).Where(cell => !IsMissing(cell)).ToList();
        return (present.Count(cell => TryNumber(cell, out _)), present.Count);
    }

    /// <summary>The error that a cell is bad: <paramref name="problem"/> says how.</summary>
    internal DataFileException BadCell(string name, int row, string problem)
    {
        // A quoted cell further left may have line breaks of its own.
        var line = _lines[row];
        for (var column = 0; column < _positions[name]; column++) line += _cells[column][row].Count(c => c == '\n');
        return new DataFileException($"{_path}: line {line}, column '{name}': {problem}.");
    }

    /// <summary>Whether a cell stands for "not known".</summary>
    internal static bool IsMissing(string cell) => cell.Trim() is var text && (text.Length == 0 || text == "?"
        || text.Equals("NA", StringComparison.OrdinalIgnoreCase)
        || text.Equals("NaN", StringComparison.OrdinalIgnoreCase)
        || text.Equals("null", StringComparison.OrdinalIgnoreCase));

    static bool TryNumber(string cell, out double number) =>
        double.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture, out number);

    internal string[] Cells(string name)
    {
        if (_positions.TryGetValue(name, out var position)) return _cells[position];
        var near = Nearest(name);
        throw new ArgumentException($"{_path} has no column '{name}'. "
            + (near.Count > 0 ? $"Did you mean {string.Join(" or ", near.Select(n => $"'{n}'"))}?"
                : $"Its columns are {string.Join(", ", Columns)}."));
    }

    /// <summary>The names that differ from a wrong one by few letters, or contain it; nearest first.</summary>
    List<string> Nearest(string name) =>
    [
        .. Columns.Select(column => (Column: column, Distance: column.Contains(name, StringComparison.OrdinalIgnoreCase)
                ? 1 : EditDistance(column.ToUpperInvariant(), name.ToUpperInvariant())))
            .Where(near => near.Distance <= Math.Max(1, name.Length / 4))
            .OrderBy(near => near.Distance).Take(3).Select(near => near.Column),
    ];

    /// <summary>How many letters must be put in, taken out or changed (Levenshtein, 1966).</summary>
    static int EditDistance(string a, string b)
    {
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
                (diagonal, row[j]) = (row[j], Math.Min(Math.Min(row[j], row[j - 1]) + 1,
                    diagonal + (a[i - 1] == b[j - 1] ? 0 : 1)));
        }
        return row[^1];
    }

    /// <summary>The file, its size and its columns.</summary>
    public override string ToString() => $"CsvTable {_path}: {RowCount} rows, {Columns.Count} columns: "
        + string.Join(", ", Columns);
}
