using System.Text;

namespace MicroGrad.Net.Tests;

// In bytes: encodings and sizes; and what becomes of extreme numbers.
public partial class TableDialectTests
{
    // ---- encodings ----

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Damaged_utf16_is_an_error_with_its_offset(bool bigEndian)
    {
        var encoding = new UnicodeEncoding(bigEndian, byteOrderMark: true);
        byte[] Bytes(string text) => [.. encoding.GetPreamble(), .. encoding.GetBytes(text)];
        string Error(byte[] bytes)
        {
            var path = Write("wide.csv", bytes);
            return ErrorOf(path, () => CsvTable.Read(path));
        }
        byte Unit(int high, int low, bool first) => (byte)(first == bigEndian ? high : low);
        Assert.Equal(["ü😀"], CsvTable.Read(Write("wide.csv", Bytes("a,b\nü😀,2\n"))).Text("a"));
        Assert.Contains("line 3: the last byte (offset 18)", Error([.. Bytes("a,b\n1,2\n"), 65]));
        byte[] lone = [.. Bytes("a,b\n"), Unit(0xD8, 0x3D, true), Unit(0xD8, 0x3D, false), .. encoding.GetBytes(",2\n")];
        Assert.Contains("line 2: D83D at offset 10 is one half of a UTF-16 character", Error(lone));
        byte[] last = [.. Bytes("a,b\n1,2\n3,"), Unit(0xD8, 0x3D, true), Unit(0xD8, 0x3D, false)];
        Assert.Contains("line 3: D83D at offset 22", Error(last));
        Assert.Contains("line 1: D83D at offset 2", Error([.. Bytes(""), Unit(0xD8, 0x3D, true), Unit(0xD8, 0x3D, false)]));
        Assert.Contains(bigEndian ? "line 1: byte 0x00 (offset 0)" : "line 2: byte 0x00 (offset 1)",
            Error(encoding.GetBytes("\na,b\n1,2\n")));
        Assert.Contains("character U+0000 (offset 4)", Error(Bytes("a\0,b\n")));
        Assert.Equal([1, 3], CsvTable.Read(Write("wide.csv", Bytes("a,b\n1,2\n\uFEFF3,4\n"))).Numbers("a"));
    }

    [Fact]
    public void Other_kinds_of_file_are_named()
    {
        string Error(params byte[] bytes)
        {
            var path = Write("odd.csv", bytes);
            return ErrorOf(path, () => CsvTable.Read(path));
        }
        Assert.Contains("line 2: byte 0x00 (offset 5) belongs in no text: if the file is UTF-16 without",
            Error([.. "a,b\n1\0,2\n"u8]));
        Assert.Contains("UTF-32", Error([0xFF, 0xFE, 0, 0, 65, 0, 0, 0]));
        Assert.Contains("zip archive", Error([.. "PK"u8, 3, 4, 20, 0]));
        Assert.Contains("line 2: byte 0xED (offset 4) is no UTF-8", Error([.. "a,b\n"u8, 0xED, 0xA0, 0x80]));    // a surrogate
        Assert.Contains("offset 4) is no UTF-8", Error([.. "a,b\n"u8, 0xC0, 0x80]));                              // overlong
        Assert.Contains("offset 4) is no UTF-8", Error([.. "a,b\n"u8, 0xE2, 0x82]));                              // cut off
        Assert.Equal([1, 3], CsvTable.Read(Write("twice.csv", "\uFEFF\uFEFFa,b\n1,2\n\uFEFF3,4\n")).Numbers("a"));
    }

    // ---- sizes ----

    [Fact]
    public void Wide_tables_take_time_as_their_width()
    {
        const int Width = 200_000;      // each with each would be 2·10¹⁰ comparisons
        var names = string.Join(",", Enumerable.Range(0, Width).Select(i => $"c{i}"));
        var table = Read($"{names}\n{string.Join(",", Enumerable.Range(0, Width))}\n");
        Assert.Equal([Width - 1], table.Numbers($"c{Width - 1}"));
        string[] ignored = [.. table.Columns.Take(Width - 1000)];
        var encoder = FeatureEncoder.Fit(table, "c0", [0], ignored, categories: ignored);
        Assert.Equal(1000, encoder.FeatureNames.Count);
        Assert.True(table.ToString().Length < 2000);
    }

    [Fact]
    public void Rows_and_tables_beyond_a_limit_are_refused_until_it_is_raised()
    {
        var commas = Write("bomb.csv.gz", Gzip([.. Enumerable.Repeat((byte)',', 8_000_000)]));
        Assert.Equal("line 1: 8000001 cells in a row are more than the 1048576 that are read: if they are meant, pass a "
            + "greater 'maxColumns'.", ErrorOf(commas, () => CsvTable.Read(commas)));
        var rows = Write("rows.csv", "a,b\n1,2\n3,4\n5,6\n");
        Assert.Equal("line 4: the table has more than the 4 cells that are read: if they are meant, pass a greater "
            + "'maxCells'.", ErrorOf(rows, () => CsvTable.Read(rows, maxCells: 4)));
        Assert.Equal(3, CsvTable.Read(rows, maxCells: 6, maxColumns: 2).RowCount);
        Assert.Contains("line 1: 2 cells in a row are more than the 1", ErrorOf(rows, () => CsvTable.Read(rows, maxColumns: 1)));
        var packed = Write("rows.csv.gz", Gzip([.. "a,b\n1,2\n3,4\n"u8]));
        Assert.Contains("unpack to more than 11: if they are no mistake, allow it with a larger maxBytes",
            ErrorOf(packed, () => CsvTable.Read(packed, maxBytes: 11)));
        Assert.Equal(2, CsvTable.Read(packed, maxBytes: 12).RowCount);
        Assert.Throws<ArgumentOutOfRangeException>(() => CsvTable.Read(rows, maxColumns: 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => CsvTable.Read(rows, maxCells: -1));
    }

    [Fact]
    public void A_cell_of_any_length_is_shown_short()
    {
        var error = ErrorOf($"a,b\n{new string('x', 3_000_000)},1\n", table => table.Numbers("a"));
        Assert.True(error.Length < 200, error.Length.ToString());
        Assert.Equal("line 2: a quoted cell that is never closed.", ErrorOf($"a,b\n\"{new string('x', 3_000_000)},1\n"));
    }

    // ---- encoding ----

    [Fact]
    public void A_feature_that_Float32_cannot_hold_is_an_error()
    {
        var table = Read("x,y\n1,1\n2,2\n1e300,1e39\n");
        var encoder = FeatureEncoder.Fit(table, "y", [0, 1]);
        var path = Write("t.csv", "x,y\n1,1\n2,2\n1e300,1e39\n");
        Assert.Contains("line 4, column 'x': 1E+300 is so far from the training mean 1.5",
            ErrorOf(path, () => encoder.Transform(table, [2])));
        Assert.Contains("line 4, column 'y': 1E+39 is too large for Float32", ErrorOf(path, () => encoder.Target(table, [2])));
    }

    [Theory]
    [InlineData(1e300)]
    [InlineData(1.7e308)]
    [InlineData(1e-200)]
    [InlineData(1e-300)]
    public void Numbers_of_any_size_are_standardised(double size)
    {
        var text = FormattableString.Invariant($"x,y\n{-size:R},1\n{size:R},2\n");
        var table = Read(text);
        Assert.Equal([-1, 1], Fit(table).Transform(table, [0, 1]).ToDoubles());
        var x = Tensor.From([2, 1], [-size, size]);
        Assert.All(Standardizer.Fit(x).Transform(x).ToDoubles(), z => Assert.Equal(1, Math.Abs(z), 1e-15));
    }
}
