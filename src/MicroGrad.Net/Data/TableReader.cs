using System.Text;
using System.Text.Unicode;
using CsvHelper;

namespace MicroGrad.Net;

/// <summary>Reads a <see cref="CsvTable"/>: CsvHelper finds delimiter and cells, this finds what is wrong.</summary>
static class TableReader
{
    public static CsvTable Read(string path, char? delimiter, bool hasHeader)
    {
        if (delimiter is '"' or '\r' or '\n' or > '~')
            Throw.Value("CsvTable.Read", $"the delimiter must be an ASCII character other than a quote or line break, "
                + $"but is '{delimiter}'.");
        string[]? names = null;
        var (rows, lines) = (new List<string[]>(), new List<int>());
        foreach (var (line, cells) in Records(path, delimiter))
        {
            var first = names is null;
            names ??= hasHeader ? Named(path, line, cells) : Named(path, line, new string[cells.Length]);
            if (cells.Length != names.Length)
                throw Bad(path, line, $"{cells.Length} {(cells.Length == 1 ? "cell" : "cells")}, but the "
                    + $"{(hasHeader ? "header names" : "first line has")} {names.Length}");
            if (first && hasHeader) continue;
            rows.Add(cells);
            lines.Add(line);
        }
        if (names is null) throw Bad(path, 1, "the file is empty");
        if (lines.Count == 0) throw Bad(path, 1, "the file has a header, but no rows");
        return new CsvTable(path, names, Columns(rows, names.Length), [.. lines]);
    }

    static IEnumerable<(int Line, string[] Cells)> Records(string path, char? delimiter)
    {
        using var reader = CsvReader.Create(ReadText(path), new CsvReaderOptions
        {
            Separator = delimiter,
            HasHeader = false,                      // ours to look at
            TrimWhitespace = true,
            WhitespaceCharacters = delimiter == ' ' ? "\t" : " \t",
            TrackLineNumbers = true,
            PoolStrings = true,
            OnMalformedRecord = record =>
            {
                if (Problem(record.Reason) is { } problem) throw Bad(path, record.LineNumber, problem);
            },
        });
        while (reader.Read())
        {
            var cells = new string[reader.FieldCount];
            for (var i = 0; i < cells.Length; i++) cells[i] = reader.GetString(i);
            if (cells is not [""]) yield return ((int)reader.LineNumber, cells);
        }
    }

    static string? Problem(CsvMalformedReason reason) => reason switch
    {
        CsvMalformedReason.StrayQuote => null,      // 5" disk: means what it says
        CsvMalformedReason.TextAfterClosingQuote => "text after the closing quote of a cell",
        CsvMalformedReason.UnterminatedQuote => "a quoted cell that is never closed",
        _ => $"bad quoting ({reason})",
    };

    static string[] Named(string path, int line, string?[] header)
    {
        var names = header.Select((name, i) => string.IsNullOrEmpty(name) ? $"column {i + 1}" : name).ToArray();
        for (var i = 0; i < names.Length; i++)
            if (Array.IndexOf(names, names[i]) is var earlier && earlier < i)
                throw Bad(path, line, $"columns {earlier + 1} and {i + 1} have the same name '{names[i]}'");
        return names;
    }

    static string[][] Columns(List<string[]> rows, int count)
    {
        var columns = new string[count][];
        for (var i = 0; i < count; i++) columns[i] = [.. rows.Select(row => row[i])];
        return columns;
    }

    static byte[] ReadText(string path)
    {
        var bytes = DataFile.ReadAll(path);
        // CsvHelper decodes UTF-16 by its byte order mark, and would replace what is no UTF-8 in silence.
        if (bytes is [0xFF, 0xFE, ..] or [0xFE, 0xFF, ..] || Utf8.IsValid(bytes)) return bytes;
        var offset = FirstInvalid(bytes);
        throw Bad(path, 1 + bytes.AsSpan(0, offset).Count((byte)'\n'),
            $"byte 0x{bytes[offset]:X2} (offset {offset}) is no UTF-8: save the file in that encoding");
    }

    static int FirstInvalid(byte[] bytes)
    {
        var offset = 0;
        while (Rune.DecodeFromUtf8(bytes.AsSpan(offset), out _, out var length) == System.Buffers.OperationStatus.Done)
            offset += length;
        return offset;
    }

    static DataFileException Bad(string path, long line, string problem) => new($"{path}: line {line}: {problem}.");
}
