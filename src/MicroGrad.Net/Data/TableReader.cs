using System.Text;
using CsvHelper;

namespace MicroGrad.Net;

/// <summary>Reads a <see cref="CsvTable"/>: CsvHelper finds delimiter and cells, this finds what is wrong.</summary>
sealed class TableReader
{
    const int MostPooledColumns = 1 << 12;      // a pool takes 3 kB per column

    readonly string _path;
    readonly byte[] _text;                      // UTF-8
    readonly TableFormat _format;
    readonly CsvReader _reader;
    readonly HashSet<(int Column, int Row)> _quotedMarks = [];
    bool _strayQuote;

    TableReader(string path, byte[] text, TableFormat format)
    {
        var delimiter = format.Delimiter
            ?? (format.DecimalMark == '.' ? null : DelimiterBesideCommas(text, format.Comment));
        (_path, _text, _format) = (path, text, format with { Delimiter = delimiter });
        using var first = Open(pool: false);
        first.Read();
        _reader = Open(pool: first.FieldCount <= MostPooledColumns);
    }

    /// <summary>The table in some bytes of text.</summary>
    /// <param name="source">What errors name: a path, or a name for what is no file.</param>
    /// <param name="bytes">Gives the bytes, unpacked.</param>
    /// <param name="format">What the caller says about them.</param>
    public static CsvTable Read(string source, Func<byte[]> bytes, TableFormat format)
    {
        format.Check();
        return new TableReader(source, TableText.Of(source, bytes()), format).Read();
    }

    /// <summary>The name of a column that has none.</summary>
    public static string NameOf(int column) => $"column {column + 1}";

    CsvTable Read()
    {
        using var reader = _reader;
        string[]? names = null, header = null;
        var (rows, lines) = (new List<string[]>(), new List<int>());
        while (Next())
        {
            var line = (int)reader.LineNumber;
            if (names is null && reader.RawRecord is [(byte)'s', (byte)'e', (byte)'p', (byte)'=', _]) continue;
            if (reader.FieldCount > _format.MaxColumns)
                throw Bad(line, $"{reader.FieldCount} cells in a row are more than the {_format.MaxColumns} that are "
                    + "read: if they are meant, pass a greater 'maxColumns'");
            if ((long)(rows.Count + 1) * (names?.Length ?? 1) > _format.MaxCells)
                throw Bad(line, $"the table has more than the {_format.MaxCells} cells that are read: if they are meant, pass "
                    + "a greater 'maxCells'");
            var cells = Cells(line, rows.Count);
            if (cells.Length == 0) continue;
            if (names is null)
            {
                names = Names(line, cells);
                if (_format.HasHeader)
                {
                    _quotedMarks.Clear();           // those of the header are of no interest
                    header = cells;
                    continue;
                }
            }
            if (cells.Length != names.Length)
                throw Bad(line, $"{cells.Length} {(cells.Length == 1 ? "cell" : "cells")}, but "
                    + (_format.Names is not null ? "'names' gives" : header is null ? "the first line has"
                        : "the header names") + $" {names.Length}{Hint(cells, names, first: rows.Count == 0)}");
            if (cells.Length > 1 && header is not null && _format.Names is null && cells.AsSpan().SequenceEqual(header))
                throw Bad(line, "the header again, as in files that were joined: leave this line out");
            rows.Add(cells);
            lines.Add(line);
        }
        if (names is null) throw Bad(1, "the file is empty");
        if (lines.Count == 0) throw Bad(1, "the file has a header, but no rows");
        var columns = Columns(rows, names.Length);
        RequireDelimiter(lines[0], names[0], columns);
        var guess = _format.DecimalMark ?? (reader.Separator == ',' ? '.' : DecimalMark(columns));
        return new CsvTable(_path, names, columns, [.. lines], _quotedMarks,
            new CellReading(_format.Missing, guess == ',' ? CellText.Comma : CellText.Point));
    }

    CsvReader Open(bool pool) => CsvReader.Create(_text, new CsvReaderOptions
    {
        Separator = _format.Delimiter,
        CommentPrefix = _format.Comment,
        HasHeader = false,                      // ours to look at
        TrimWhitespace = true,
        WhitespaceCharacters = _format.Delimiter == ' ' ? "\t" : " \t",
        TrackLineNumbers = true,
        PoolStrings = pool,
        OnMalformedRecord = record =>
        {
            // 5" disk: means what it says.
            if (record.Reason == CsvMalformedReason.StrayQuote) _strayQuote = true;
            else throw Bad(record.LineNumber, Problem(record.Reason, record.RawRecord));
        },
    });

    static string Problem(CsvMalformedReason reason, string record) => reason switch
    {
        CsvMalformedReason.TextAfterClosingQuote => "text after the closing quote of a cell" + Unseen(record),
        CsvMalformedReason.UnterminatedQuote => "a quoted cell that is never closed",
        _ => $"bad quoting ({reason})",
    };

    /// <summary>Goes to the next record. Of its faults CsvHelper names the first, which a stray quote may be.</summary>
    bool Next()
    {
        _strayQuote = false;
        if (!_reader.Read()) return false;
        for (var i = 0; _strayQuote && i < _reader.FieldCount; i++)
            if (IsQuoted(i) && Fault(_reader.GetRawSpan(i).Trim(" \t"u8)) is { } reason)
                throw Bad(_reader.LineNumber, Problem(reason, Encoding.UTF8.GetString(_reader.GetRawSpan(i))));
        return true;
    }

    /// <summary>What is wrong with a cell that starts with a quote.</summary>
    static CsvMalformedReason? Fault(ReadOnlySpan<byte> cell)
    {
        for (var i = 1; i < cell.Length; i++)
            if (cell[i] != '"') continue;
            else if (i + 1 == cell.Length) return null;
            else if (cell[i + 1] != '"') return CsvMalformedReason.TextAfterClosingQuote;
            else i++;
        return CsvMalformedReason.UnterminatedQuote;
    }

    /// <summary>A blank that is no blank for RFC 4180, behind a quote.</summary>
    static string Unseen(string record)
    {
        for (var i = 1; i < record.Length; i++)
            if (record[i - 1] == '"' && record[i] > '~' && CellText.IsBlank(record[i]))
                return $": {CellText.Shown(record[i..(i + 1)])}, which cannot be seen";
        return "";
    }

    /// <summary>The cells of the present record; none of an empty line.</summary>
    string[] Cells(int line, int row)
    {
        var cells = new string[_reader.FieldCount];
        var count = 0;
        for (var i = 0; i < cells.Length; i++)
        {
            var text = _reader.GetString(i);
            var quoted = text.Length == 0 ? cells.Length == 1 && IsQuoted(i)
                : (CellText.IsBlank(text[0]) || CellText.IsBlank(text[^1]) || _format.Missing.Holds(text))
                    && IsQuoted(i);
            if (text.Length > 0 && !quoted)
            {
                text = CellText.Trim(text);
                if (text.StartsWith('"') && _reader.GetRawSpan(i).TrimStart(" \t"u8) is [not (byte)'"', ..])
                    throw Bad(line, $"cell {i + 1} has {CellText.Shown(_reader.GetString(i)[..1])}, which cannot be "
                        + "seen, before its quote");
            }
            // Blanks in a row are one delimiter; a line without anything is no row, but "" is an empty cell.
            if (text.Length == 0 && !quoted
                && (cells.Length == 1 || _format.Delimiter == ' ' && !IsQuoted(i))) continue;
            if (quoted && text.Length > 0 && _format.Missing.Holds(text)) _quotedMarks.Add((count, row));
            cells[count++] = text;
        }
        return count == cells.Length ? cells : cells[..count];
    }

    bool IsQuoted(int cell) => _reader.GetRawSpan(cell).TrimStart(" \t"u8) is [(byte)'"', ..];

    /// <summary>The names of the columns, by the first line with cells.</summary>
    string[] Names(int line, string[] first)
    {
        if (_format.Names is { } given) return [.. given];
        var names = new string[first.Length];
        if (!_format.HasHeader)
        {
            for (var i = 0; i < names.Length; i++) names[i] = NameOf(i);
            return names;
        }
        RequireNames(line, first);
        var columns = new Dictionary<string, int>();
        var repeats = new Dictionary<string, int>();
        for (var i = 0; i < names.Length; i++)
        {
            names[i] = first[i].Length == 0 ? NameOf(i) : first[i];
            while (!columns.TryAdd(CellText.Seen(names[i]), i))
            {
                var name = first[i].Length == 0 ? NameOf(i) : first[i];
                if (!_format.RenameRepeated)
                    throw Bad(line, $"columns {columns[CellText.Seen(name)] + 1} and {i + 1} have the same name "
                        + $"'{CellText.Shown(name)}': pass 'names' for all columns, or 'renameRepeated: true' to call "
                        + $"it '{CellText.Shown(name)} (2)'");
                var number = repeats[name] = repeats.GetValueOrDefault(name, 1) + 1;
                names[i] = $"{name} ({number})";
            }
        }
        return names;
    }

    /// <summary>A first line that looks like a row of data, or is split by another delimiter, is no header.</summary>
    void RequireNames(int line, string[] header)
    {
        if (header.Length == 1 && !IsQuoted(0) && header[0].IndexOfAny([',', ';', '\t', '|']) is >= 0 and var at)
            throw Bad(line, $"one column only, named '{CellText.Shown(header[0])}': is "
                + $"'{CellText.Shown(header[0][at..(at + 1)])}' the delimiter? Then pass it as 'delimiter'; else put the name in quotes");
        var numbers = new double[header.Length];
        for (var i = 0; i < header.Length; i++)
            if (!CellText.TryNumber(header[i], CellText.Point, out numbers[i])
                && !CellText.TryNumber(header[i], CellText.Comma, out numbers[i])) return;
        // Names all the same: 0, 1, 2, … as pandas counts columns, or years.
        if (numbers is [0, 1, 2, ..] or [>= 1800 and <= 2200, _, ..]
            && numbers.Index().All(number => number.Item == numbers[0] + number.Index)) return;
        throw Bad(line, "numbers only, as in a row of data, where the names of the columns belong: pass "
            + "'hasHeader: false' if there are none, else 'names'");
    }

    /// <summary>What may be the cause of a row of another length.</summary>
    string Hint(string[] cells, string[] names, bool first)
    {
        var delimiter = _reader.Separator;
        if (_format.Comment is null && (cells[0].StartsWith('#') || names[0].StartsWith('#')))
            return ": if lines that start with # are comments, pass 'comment: '#''";
        if (_format.Names is null && names.Length == 1 && cells.Length > 1 && _format.HasHeader && first
            && names[0].Contains(' '))
            return $": the first line, '{CellText.Shown(names[0])}', names no columns? Then leave it out";
        if (delimiter == ',' && cells.Length == 2 * names.Length
            && cells.All(cell => cell.All(c => char.IsAsciiDigit(c) || c is '-' or '+')))
            return ": if commas are decimal marks, cells that have one need quotes, or columns another delimiter, with "
                + "'decimalMark: ','' for either";
        if (!first || cells.Length != names.Length + 1) return "";
        return cells[^1].Length == 0
            ? ": the rows end with a delimiter, the header does not; pass 'names' for all columns"
            : ": if rows start with a name of their own, as R writes them, pass 'names' for all columns";
    }

    static string[][] Columns(List<string[]> rows, int count)
    {
        var columns = new string[count][];
        for (var i = 0; i < count; i++)
        {
            var column = columns[i] = new string[rows.Count];
            for (var row = 0; row < column.Length; row++) column[row] = rows[row][i];
        }
        return columns;
    }

    /// <summary>
    /// The delimiter of rows of numbers with decimal commas and without a header, which CsvHelper would split at the
    /// commas; else null.
    /// </summary>
    static char? DelimiterBesideCommas(byte[] text, char? comment)
    {
        const int Sample = 32;
        foreach (var delimiter in ";\t|")
        {
            using var reader = CsvReader.Create(text, new CsvReaderOptions
            {
                Separator = delimiter, CommentPrefix = comment, HasHeader = false, TrimWhitespace = true,
            });
            var (records, fields, commas, fits) = (0, 0, 0, true);
            while (fits && records < Sample && reader.Read())
            {
                if (records == 0) fields = reader.FieldCount;
                fits = fields > 1 && reader.FieldCount == fields;
                for (var i = 0; fits && i < fields; i++)
                    if (reader.GetSpan(i).Contains((byte)','))
                    {
                        commas++;
                        fits = CellText.TryNumber(reader.GetString(i), CellText.Comma, out _);
                    }
                records++;
            }
            if (fits && commas > 0) return delimiter;
        }
        return null;
    }

    /// <summary>One column whose cells are numbers with blanks between: the blank is the delimiter.</summary>
    void RequireDelimiter(int line, string name, string[][] columns)
    {
        if (columns.Length > 1 || _format.HasHeader && !name.Contains(' ') && !name.Contains('\t')) return;
        if (columns[0].All(cell => cell.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries) is
                { Length: > 1 } words && words.All(word => CellText.TryNumber(word, CellText.Point, out _))))
            throw Bad(line, "one column only, of several numbers in each cell: pass 'delimiter: ' '' if blanks "
                + "separate the columns");
    }

    /// <summary>
    /// The decimal mark of a file whose delimiter is no comma: a comma if some column can be read in no other way, and
    /// no cell of the file has a decimal point.
    /// </summary>
    char DecimalMark(string[][] columns)
    {
        if (!columns.Any(column => column.Any(cell => cell.Contains(',')))) return '.';
        var certain = false;
        foreach (var column in columns)
        {
            var (numbers, commas) = (true, false);
            foreach (var cell in column)
                if (_format.Missing.Holds(cell)) continue;
                else if (CellText.TryNumber(cell, CellText.Comma, out _)) commas |= CellText.HasDecimalComma(cell);
                else if (cell.Contains('.') && CellText.TryNumber(cell, CellText.Point, out _)) return '.';
                else numbers = false;
            certain |= numbers && commas;
        }
        return certain ? ',' : '.';
    }

    DataFileException Bad(long line, string problem) => new($"{_path}: line {line}: {problem}.");
}
