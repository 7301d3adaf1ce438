namespace MicroGrad.Net;

/// <summary>
/// A table of named columns read from a text file; cells are kept as they were written and turned into numbers when
/// asked for.
/// </summary>
public sealed partial class CsvTable
{
    readonly string _path;
    readonly string[][] _cells;         // per column
    readonly int[] _lines;              // where each row starts in the file
    readonly HashSet<(int Column, int Row)> _quotedMarks;
    readonly Dictionary<string, int> _positions = [];       // by what is seen of the name

    internal CsvTable(string path, string[] columns, string[][] cells, int[] lines,
        HashSet<(int Column, int Row)> quotedMarks, CellReading reading)
    {
        (_path, Columns, _cells, _lines) = (path, columns, cells, lines);
        (_quotedMarks, Reading) = (quotedMarks, reading);
        for (var i = 0; i < columns.Length; i++) _positions.Add(CellText.Seen(columns[i]), i);
    }

    /// <summary>
    /// Reads a file of comma-separated values (RFC 4180: quoted cells may hold delimiters, quotes and line breaks),
    /// plain or gzip, UTF-8, or UTF-16 with a byte order mark. Blanks of any kind around cells, empty lines, byte order
    /// marks within (of files that were joined) and a first line <c>sep=;</c> are left out.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="delimiter">What separates cells; if null, the one of comma, semicolon, tab and bar that the first
    /// lines agree on. Of blanks, any number in a row is one.</param>
    /// <param name="hasHeader">Whether the first line names the columns; else they are <c>column 1</c>, ….</param>
    /// <param name="names">The names of all columns, in place of those of the header, which may then repeat or lack
    /// some.</param>
    /// <param name="renameRepeated">Whether a column with the name of an earlier one, <c>x</c>, becomes
    /// <c>x (2)</c>.</param>
    /// <param name="decimalMark"><c>'.'</c> or <c>','</c>; if null, a point, or a comma if that is not the delimiter,
    /// no number has a point, and the numbers of some column can be read in no other way (1,500 can: it may be
    /// 1500).</param>
    /// <param name="missing">The cells that mean "not known", for numbers, labels and categories alike, in place of
    /// the usual: empty, ?, NA, N/A, n/a, #N/A, &lt;NA&gt;, NaN, nan, NULL, null, None. One in quotes, such as
    /// <c>"NA"</c>, is text for labels and categories; in a column of numbers it is missing all the same. One that is a
    /// number, such as -999, stands for -999.0 too.</param>
    /// <param name="comment">What lines that are to be left out start with, such as <c>'#'</c>; null for none.</param>
    /// <param name="maxColumns">How many cells a row may have: a small file can unpack to millions.</param>
    /// <param name="maxCells">How many cells the table may have.</param>
    /// <param name="maxBytes">How many bytes a gzip file may unpack to; if null, 256 MB, or a hundred times its own
    /// length where that is more.</param>
    /// <exception cref="ArgumentException">A delimiter, mark or name that cannot be meant.</exception>
    /// <exception cref="DataFileException">The file is empty, not text, damaged, has rows of unequal length, a header
    /// of numbers, columns of the same name, quotes that do not pair up or too many cells; the message names file and
    /// line, and the likely cause.</exception>
    public static CsvTable Read(string path, char? delimiter = null, bool hasHeader = true,
        IReadOnlyList<string>? names = null, bool renameRepeated = false, char? decimalMark = null,
        IReadOnlyCollection<string>? missing = null, char? comment = null, int maxColumns = 1 << 20,
        long maxCells = 1 << 27, long? maxBytes = null) =>
        TableReader.Read(path, () => DataFile.ReadAll(path, maxBytes), new TableFormat(delimiter, hasHeader, names,
            renameRepeated, decimalMark, new MissingMarks(missing), comment, maxColumns, maxCells));

    /// <summary>The names of the columns, in the order of the file.</summary>
    public IReadOnlyList<string> Columns { get; }

    /// <summary>What cells mean here.</summary>
    internal CellReading Reading { get; }

    /// <summary>The number of rows, the header not counted.</summary>
    public int RowCount => _lines.Length;

    /// <summary>The cells of a column as they were written, without the quotes.</summary>
    /// <exception cref="ArgumentException">There is no such column; the message suggests near ones.</exception>
    public string[] Text(string name) => [.. Cells(name)];

    /// <summary>
    /// The cells of a column as numbers, NaN where one is missing. Read as they look: minus signs, digits and blanks
    /// of any alphabet. Not read: thousands separators, units, and whole numbers that a double would round (from 2^53
    /// on), which are ids rather than amounts.
    /// </summary>
    /// <exception cref="ArgumentException">There is no such column; the message suggests near ones.</exception>
    /// <exception cref="DataFileException">A cell is neither a finite number nor missing; the message names line,
    /// column and cell.</exception>
    public double[] Numbers(string name)
    {
        var cells = Cells(name);
        var numbers = new double[cells.Length];
        for (var row = 0; row < cells.Length; row++)
        {
            numbers[row] = Reading.Number(cells[row], out var problem);
            if (problem is not null)
                throw BadCell(name, row, $"'{CellText.Shown(cells[row])}' {problem}{Hint(cells[row], row)}");
        }
        return numbers;
    }

    string Hint(string cell, int row) => MissingMarks.Resemble(cell)
            ? ": if it means missing, name it in 'missing' on reading"
        : Reading.Format != CellText.Comma && CellText.HasDecimalComma(cell)
            ? ": if the comma is a decimal mark, pass 'decimalMark: ','' on reading"
        : row == 0 && Columns[0] == TableReader.NameOf(0) && char.IsLetter(cell[0])
            ? ": if the first line names the columns, pass 'hasHeader: true' on reading" : "";

    /// <summary>
    /// The cells of a column as class labels: each distinct cell is a class, numbered in ordinal order of its text.
    /// </summary>
    /// <exception cref="ArgumentException">There is no such column; the message suggests near ones.</exception>
    /// <exception cref="DataFileException">A cell is missing, or looks like another but is not the same; the message
    /// names line and column.</exception>
    public (int[] Labels, string[] Classes) Labels(string name)
    {
        var cells = Cells(name);
        for (var row = 0; row < cells.Length; row++)
            if (IsMissing(name, row))
                throw BadCell(name, row, "a class label is missing" + (cells[row].Length == 0 ? "" :
                    $": '{CellText.Shown(cells[row])}' stands for that; if it is a class, put it in quotes, or say "
                    + "what is missing by 'missing' on reading"));
        var classes = Categories(name, Enumerable.Range(0, cells.Length)).Distinct;
        return (Array.ConvertAll(cells, cell => Array.BinarySearch(classes, cell, StringComparer.Ordinal)), classes);
    }

    /// <summary>Whether a column has numbers and nothing else but missing cells.</summary>
    /// <exception cref="ArgumentException">There is no such column; the message suggests near ones.</exception>
    public bool IsNumeric(string name)
    {
        var (numbers, _, present) = CountNumbers(name);
        return numbers > 0 && numbers == present;
    }

    /// <summary>
    /// How many cells of a column are numbers, how many are, or look like numbers that are written otherwise, and how
    /// many are not missing.
    /// </summary>
    internal (int Numbers, int Alike, int Present) CountNumbers(string name)
    {
        var (numbers, alike, present, withUnit, commonUnit) = (0, 0, 0, 0, (string?)null);
        foreach (var cell in Cells(name))
        {
            if (Reading.Missing.Holds(cell)) continue;
            present++;
            if (CellText.TryNumber(cell, Reading.Format, out _)) numbers++;
            else if (!CellText.LooksLikeNumber(cell, out var unit)) continue;
            else if (unit.Length == 0) alike++;
            else if (unit == (commonUnit ??= unit)) withUnit++;
        }
        alike += numbers;
        // 5 kg, 7 kg are numbers; 1st, 2nd, A are not.
        return (numbers, alike + withUnit == present ? present : alike, present);
    }

    /// <summary>The distinct cells of some rows in ordinal order, without missing ones, and by their looks.</summary>
    /// <exception cref="DataFileException">Two look the same, but are not.</exception>
    internal (string[] Distinct, Dictionary<string, string> Seen) Categories(string name, IEnumerable<int> rows)
    {
        var cells = Cells(name);
        var seen = new Dictionary<string, string>();
        foreach (var row in rows)
            if (!IsMissing(name, row) && !seen.TryAdd(CellText.Seen(cells[row]), cells[row]))
                RequireSame(name, row, seen);
        return ([.. seen.Values.Order(StringComparer.Ordinal)], seen);
    }

    /// <summary>Refuses a cell that looks like one of the categories, but differs from it.</summary>
    void RequireSame(string name, int row, Dictionary<string, string> seen)
    {
        if (Resembles(Cells(name)[row], seen) is { } problem) throw BadCell(name, row, problem);
    }

    /// <summary>What is wrong with a text that looks like one of the categories, but differs from it; else null.
    /// </summary>
    internal static string? Resembles(string cell, Dictionary<string, string> seen) =>
        !seen.TryGetValue(CellText.Seen(cell), out var known) || known == cell ? null
            : $"'{CellText.Shown(cell)}' looks like '{CellText.Shown(known)}' elsewhere in the column, but is not the "
                + $"same text ({Code(cell, known)}): write both alike";

    /// <summary>The first characters by which two texts differ.</summary>
    static string Code(string a, string b)
    {
        var at = a.AsSpan().CommonPrefixLength(b);
        string Of(string text) => at < text.Length ? $"U+{(int)text[at]:X4}" : "the end";
        return $"{Of(a)} against {Of(b)} after {at} {(at == 1 ? "character" : "characters")}";
    }

    /// <summary>Whether a cell stands for "not known"; in quotes it is text, unless empty.</summary>
    internal bool IsMissing(string name, int row) => Position(name) is var column
        && Reading.Missing.Holds(_cells[column][row])
        && (_quotedMarks.Count == 0 || !_quotedMarks.Contains((column, row)));

    /// <summary>The error that a cell is bad: <paramref name="problem"/> says how.</summary>
    internal DataFileException BadCell(string name, int row, string problem)
    {
        // A quoted cell further left may have line breaks of its own.
        var line = _lines[row];
        for (var column = 0; column < Position(name); column++) line += LineBreaks(_cells[column][row]);
        return new DataFileException($"{_path}: line {line}, column '{CellText.Shown(name)}': {problem}.");
    }

    /// <summary>The error that a column is bad: <paramref name="problem"/> says how.</summary>
    internal DataFileException BadColumn(string name, string problem) =>
        new($"{_path}: column '{CellText.Shown(name)}': {problem}.");

    static int LineBreaks(string text) => text.Count(c => c == '\n')
        + text.Index().Count(c => c.Item == '\r' && (c.Index + 1 == text.Length || text[c.Index + 1] != '\n'));

    internal string[] Cells(string name) => _cells[Position(name)];

    internal int Position(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (_positions.TryGetValue(CellText.Seen(name), out var position)) return position;
        throw new ArgumentException(
            $"{_path} has no column '{name}'. {NearNames.Hint(name, Columns, "Its columns are")}");
    }

    /// <summary>The file, its size and its columns.</summary>
    public override string ToString() => $"CsvTable {_path}: {RowCount} rows, {Columns.Count} columns: "
        + NearNames.List(Columns);
}
