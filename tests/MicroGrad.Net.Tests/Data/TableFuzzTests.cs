using System.Globalization;

namespace MicroGrad.Net.Tests;

/// <summary>
/// Random tables in random dialects, whole and damaged: what is read is what was written, or what another reader makes
/// of it; and everything else is one error that names file and line.
/// </summary>
public class TableFuzzTests : TemporaryFiles
{
    static readonly string[] Names = ["p", "q", "r", "s"];

    CsvTable Read(byte[] bytes, char? delimiter) =>
        CsvTable.Read(Write("t.csv", bytes), delimiter, hasHeader: false, missing: []);

    static string[][] Cells(CsvTable table) => [.. Enumerable.Range(0, table.RowCount)
        .Select(row => table.Columns.Select(name => table.Text(name)[row]).ToArray())];

    [Property(Arbitrary = [typeof(WrittenTable)], MaxTest = 300)]
    public void What_is_written_in_any_dialect_is_read_back(WrittenTable written)
    {
        var (dialect, rows) = (written.Dialect, written.Rows);
        // What cannot be seen at the ends of a cell without quotes is left out; two numbers in the only cell are refused.
        string[][] expected = dialect.QuoteAll ? rows
            : [.. rows.Select(row => row.Select(cell => cell.IndexOfAny([' ', '\t', '\u00A0', '\r', '\n', '"', dialect.Delimiter]) < 0
                ? cell.Trim('\u200B') : cell).ToArray())];
        if (expected.Any(row => row is [""]) && !dialect.QuoteAll) return;
        if (dialect.Delimiter == ' ' && !dialect.QuoteAll && expected.Any(row => row.Contains(""))) return;
        Assert.Equal(expected, Cells(Read(dialect.Bytes(dialect.Write(rows), Gzip), dialect.Delimiter)));
    }

    [Property(Arbitrary = [typeof(WrittenTable)], MaxTest = 800)]
    public void Damage_gives_what_another_reader_makes_of_it_or_an_error_with_file_and_line(WrittenTable written)
    {
        var (text, delimiter) = (written.Damaged(), written.Dialect.Delimiter);
        CsvTable table;
        try
        {
            table = Read(written.Dialect.Bytes(text, Gzip), delimiter);
        }
        catch (DataFileException error)
        {
            Assert.Matches(@"t\.csv: line \d+: ", error.Message);
            Assert.True(text.Contains('\0') || error.Message.Contains("one column only")
                || WrittenTable.Parse(text, delimiter) is null or [],
                $"{error.Message}\n{System.Text.Json.JsonSerializer.Serialize(text)}");
            return;
        }
        var expected = WrittenTable.Parse(text, delimiter);
        Assert.NotNull(expected);
        Assert.Equal(expected, Cells(table));
        Use(table);
    }

    [Property(Arbitrary = [typeof(WrittenTable)], MaxTest = 800)]
    public void Any_bytes_give_a_table_or_an_error_with_the_file(WrittenTable written)
    {
        var random = new Random(written.DamageSeed);
        var bytes = written.Dialect.Bytes(written.Dialect.Write([Names[..written.Rows[0].Length], .. written.Rows]), Gzip).ToList();
        for (var injury = random.Next(1, 6); injury > 0 && bytes.Count > 0; injury--)
        {
            var at = random.Next(bytes.Count);
            switch (random.Next(4))
            {
                case 0: bytes[at] ^= (byte)(1 << random.Next(8)); break;
                case 1: bytes.RemoveRange(at, random.Next(bytes.Count - at)); break;
                case 2: bytes.Insert(at, (byte)random.Next(256)); break;
                case 3: bytes.InsertRange(at, bytes.GetRange(0, at)); break;
            }
        }
        try
        {
            Use(CsvTable.Read(Write("t.csv", [.. bytes])));
        }
        catch (DataFileException error)
        {
            Assert.Contains("t.csv: ", error.Message);
        }
    }

    /// <summary>Every way to use a table gives something or says what is wrong.</summary>
    static void Use(CsvTable table)
    {
        int[] rows = [.. Enumerable.Range(0, table.RowCount)];
        foreach (var name in table.Columns)
        {
            Assert.Equal(table.RowCount, table.Text(name).Length);
            foreach (var use in new Action[]
            {
                () => Assert.All(table.Numbers(name), x => Assert.False(double.IsInfinity(x))),
                () =>
                {
                    var (labels, classes) = table.Labels(name);
                    Assert.Equal(table.Text(name), labels.Select(label => classes[label]));
                },
                () => Assert.DoesNotContain(FeatureEncoder.Fit(table, name, rows).Transform(table, rows).ToDoubles(),
                    x => !double.IsFinite(x)),
            })
                try
                {
                    use();
                }
                catch (DataFileException error)
                {
                    Assert.Contains("column '", error.Message);
                }
        }
    }

    [Property(MaxTest = 200)]
    public void Numbers_are_the_same_in_any_dialect_that_is_guessed(double[] numbers, bool comma, int tabs, bool packed)
    {
        double[] finite = [0.5, .. numbers.Where(double.IsFinite)];
        string Text(double x) => x.ToString("R", CultureInfo.InvariantCulture).Replace('.', comma ? ',' : '.');
        var dialect = new Dialect(";\t|"[(int)((uint)tabs % 3)], "\n", QuoteAll: false, "", LastLineEnds: true, 0, packed);
        string[][] rows = [["x", "name"], .. finite.Select(x => new[] { Text(x), "a" })];
        if (!comma && tabs % 2 == 0) dialect = dialect with { Delimiter = ',' };
        var table = CsvTable.Read(Write("t.csv", dialect.Bytes(dialect.Write(rows), Gzip)));
        Assert.Equal(finite, table.Numbers("x"));
    }
}
