using System.Text;
using FsCheck;
using FsCheck.Fluent;

namespace MicroGrad.Net.Tests;

/// <summary>How a table is written: what separates cells and lines, which cells have quotes, in which bytes.</summary>
public sealed record Dialect(char Delimiter, string LineEnd, bool QuoteAll, string Padding, bool LastLineEnds, int Encoding,
    bool Packed)
{
    const string Blanks = " \t";

    /// <summary>The text of a table in this dialect; a cell has quotes where it must or all shall have them.</summary>
    public string Write(IEnumerable<string[]> rows)
    {
        var padding = Blanks.Contains(Delimiter) ? "" : Padding;
        var lines = rows.Select(row => string.Join(Delimiter, row.Select(cell => padding + Quoted(cell, row.Length) + padding)));
        return string.Join(LineEnd, lines) + (LastLineEnds ? LineEnd : "");
    }

    string Quoted(string cell, int count) => QuoteAll || cell.Length == 0 && (count == 1 || Delimiter == ' ')
        || cell.IndexOfAny([Delimiter, '"', '\r', '\n', ' ', '\t', '\u00A0']) >= 0 ? $"\"{cell.Replace("\"", "\"\"")}\"" : cell;

    /// <summary>A text as bytes: UTF-8 with or without its mark, UTF-16 of both orders; gzip or not.</summary>
    public byte[] Bytes(string text, Func<byte[], byte[]> gzip)
    {
        Encoding encoding = Encoding switch
        {
            0 => new UTF8Encoding(encoderShouldEmitUTF8Identifier: false),
            1 => new UTF8Encoding(encoderShouldEmitUTF8Identifier: true),
            _ => new UnicodeEncoding(bigEndian: Encoding == 2, byteOrderMark: true),
        };
        byte[] bytes = [.. encoding.GetPreamble(), .. encoding.GetBytes(text)];
        return Packed ? gzip(bytes) : bytes;
    }
}

/// <summary>A table, how it is written, and what happens to the text on its way.</summary>
public sealed record WrittenTable(string[][] Rows, Dialect Dialect, int DamageSeed)
{
    static readonly string[] Fragments = ["a", "b", "12", "-0.5", "1,5", "1e9", "\"", ",", ";", "|", "\t", " ", "\u00A0", "\n",
        "\r\n", "\r", "ü", "😀", "\u2212", "\u200B", "NA", "?", "#", "="];

    static readonly string[] Injuries = ["\"", "\"\"", ",", ";", "\t", "\n", "\r", "\r\n\r\n", "\0", "\uFEFF", "\u00A0", "\u200B",
        " ", "#", "-", "9007199254740993", "1e999", "\U0001F600"];

    /// <summary>The text after a few injuries: pieces put in, taken out, doubled, exchanged.</summary>
    public string Damaged()
    {
        var (random, text) = (new System.Random(DamageSeed), Dialect.Write(Rows));
        for (var injury = random.Next(1, 4); injury > 0; injury--)
        {
            var (from, to) = (random.Next(text.Length + 1), random.Next(text.Length + 1));
            if (from > to) (from, to) = (to, from);
            var piece = random.Next(3) == 0 ? text[from..to] : Injuries[random.Next(Injuries.Length)];
            text = random.Next(3) switch
            {
                0 => text[..from] + piece + text[from..],
                1 => text[..from] + text[to..],
                _ => text[..from] + piece + text[to..],
            };
        }
        return System.Text.Encoding.UTF8.GetString(System.Text.Encoding.UTF8.GetBytes(text));       // no half characters
    }

    public override string ToString() => $"{Dialect} {DamageSeed}: "
        + string.Join(" / ", Rows.Select(row => string.Join(" & ", row.Select(cell => $"<{cell.ReplaceLineEndings("\\n")}>"))));

    /// <summary>Draws tables of up to 5 rows and 4 columns; failures shrink to fewer rows and shorter cells.</summary>
    public static Arbitrary<WrittenTable> Tables()
    {
        var dialects =
            from delimiter in Gen.Elements(',', ';', '\t', '|', ' ')
            from lineEnd in Gen.Elements("\n", "\r\n", "\r")
            from quoteAll in Gen.Elements(true, false)
            from padding in Gen.Elements("", " ", "\t ")
            from lastLineEnds in Gen.Elements(true, false)
            from encoding in Gen.Choose(0, 3)
            from packed in Gen.Elements(true, false)
            select new Dialect(delimiter, lineEnd, quoteAll, padding, lastLineEnds, encoding, packed);
        var tables =
            from columns in Gen.Choose(1, 4)
            from rows in Gen.Choose(1, 5)
            from cells in Gen.Elements(Fragments).ArrayOf().Resize(4).Select(string.Concat).ArrayOf(columns).ArrayOf(rows)
            from dialect in dialects
            from seed in Gen.Choose(0, int.MaxValue)
            select new WrittenTable(cells, dialect, seed);
        return Arb.From(tables, table => table.Smaller());
    }

    IEnumerable<WrittenTable> Smaller()
    {
        for (var i = 0; i < Rows.Length && Rows.Length > 1; i++) yield return this with { Rows = [.. Rows[..i], .. Rows[(i + 1)..]] };
        if (Rows[0].Length > 1) yield return this with { Rows = [.. Rows.Select(row => row[1..])] };
        if (Rows[0].Length > 1) yield return this with { Rows = [.. Rows.Select(row => row[..^1])] };
        for (var i = 0; i < Rows.Length; i++)
            for (var j = 0; j < Rows[i].Length; j++)
                if (Rows[i][j].Length > 0)
                {
                    string[][] rows = [.. Rows.Select(row => row.ToArray())];
                    rows[i][j] = char.IsSurrogate(rows[i][j][0]) ? rows[i][j][2..] : rows[i][j][1..];
                    yield return this with { Rows = rows };
                }
    }

    /// <summary>
    /// The rows of a text by the grammar, a character at a time: another reader than the one that is tested. Null where
    /// quotes do not pair up or rows are of unequal length.
    /// </summary>
    public static List<string[]>? Parse(string text, char delimiter)
    {
        text = text.Replace("\uFEFF", "", StringComparison.Ordinal);
        var (rows, row, at, anyQuoted) = (new List<string[]>(), new List<string>(), 0, false);
        bool IsPadding(char c) => c == '\t' && delimiter != '\t' || c == ' ' && delimiter != ' ';
        while (at < text.Length)
        {
            while (at < text.Length && IsPadding(text[at])) at++;
            var (cell, quoted) = (new StringBuilder(), at < text.Length && text[at] == '"');
            anyQuoted |= quoted;
            if (quoted)
            {
                for (at++; ; at++)
                    if (at == text.Length) return null;
                    else if (text[at] != '"') cell.Append(text[at]);
                    else if (at + 1 < text.Length && text[at + 1] == '"') cell.Append(text[at++]);
                    else break;
                at++;
                while (at < text.Length && IsPadding(text[at])) at++;
                if (at < text.Length && text[at] != delimiter && text[at] is not ('\r' or '\n')) return null;
            }
            else
                while (at < text.Length && text[at] != delimiter && text[at] is not ('\r' or '\n')) cell.Append(text[at++]);
            var value = quoted ? cell.ToString() : cell.ToString().Trim(
                [' ', '\t', '\u00A0', '\u200B', '\u000B', '\f']);
            if (!quoted && value.StartsWith('"')) return null;
            if (quoted || value.Length > 0 || delimiter != ' ') row.Add(value);
            var separated = at < text.Length && text[at] == delimiter;
            if (separated)
            {
                at++;
                if (at < text.Length) continue;
                if (delimiter != ' ') row.Add("");
            }
            else if (at < text.Length) at += text[at] == '\r' && at + 1 < text.Length && text[at + 1] == '\n' ? 2 : 1;
            if (row.Count > 0 && !(row.Count == 1 && row[0].Length == 0 && !anyQuoted)) rows.Add([.. row]);
            row.Clear();
            anyQuoted = false;
        }
        return rows.All(cells => cells.Length == rows[0].Length) ? rows : null;
    }
}
