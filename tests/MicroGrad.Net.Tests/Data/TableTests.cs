using System.Text;

namespace MicroGrad.Net.Tests;

public class TableTests : TemporaryFiles
{
    CsvTable Read(string text, char? delimiter = null, bool hasHeader = true) =>
        CsvTable.Read(Write("t.csv", text), delimiter, hasHeader);

    string ErrorOf(string text, Action<CsvTable>? use = null)
    {
        var path = Write("t.csv", text);
        return ErrorOf(path, () =>
        {
            var table = CsvTable.Read(path);
            use?.Invoke(table);
        });
    }

    [Fact]
    public void Columns_are_found_by_name_as_text_or_numbers()
    {
        var table = Read("name,age,height\nAnn,31,1.75\nBob,-2,1e-3\n");
        Assert.Equal(["name", "age", "height"], table.Columns);
        Assert.Equal(2, table.RowCount);
        Assert.Equal(["Ann", "Bob"], table.Text("name"));
        Assert.Equal([31, -2], table.Numbers("age"));
        Assert.Equal([1.75, 0.001], table.Numbers("height"));
        Assert.False(table.IsNumeric("name"));
        Assert.True(table.IsNumeric("age"));
    }

    [Fact]
    public void Quoted_cells_hold_delimiters_quotes_and_line_breaks()
    {
        var table = Read("a,b\n\"x, y\",\"say \"\"hi\"\"\"\n\"two\nlines\",\"\"\n");
        Assert.Equal(["x, y", "two\nlines"], table.Text("a"));
        Assert.Equal(["say \"hi\"", ""], table.Text("b"));
        Assert.Equal(["5\" disk"], Read("a,b\n5\" disk,1\n").Text("a"));
    }

    [Theory]
    [InlineData("a,b\n1,2\n3,4\n")]
    [InlineData("a;b\n1;2\n3;4\n")]
    [InlineData("a\tb\n1\t2\n3\t4\n")]
    [InlineData("a|b\n1|2\n3|4\n")]
    [InlineData("a,b\r\n1,2\r\n3,4\r\n")]
    [InlineData("a,b\r\n1,2\r\n3,4")]
    [InlineData("a,b\r1,2\r3,4\r")]
    [InlineData("\uFEFFa,b\n1,2\n3,4\n")]
    [InlineData("\"a\",\"b\"\n\"1\",\"2\"\n\"3\",\"4\"\n")]
    [InlineData("\n\na,b\n\n1,2\n\n\n3,4\n\n")]
    [InlineData(" a , b \n 1, 2\n3 ,4 \n")]
    public void Delimiters_line_ends_blanks_and_byte_order_mark_are_seen_through(string text)
    {
        var table = Read(text);
        Assert.Equal(["a", "b"], table.Columns);
        Assert.Equal([1, 3], table.Numbers("a"));
        Assert.Equal([2, 4], table.Numbers("b"));
    }

    [Fact]
    public void The_delimiter_is_the_one_that_all_lines_agree_on()
    {
        Assert.Equal(["x", "y"], Read("x;y\n\"a,b,c\";1\n\"d,e\";2\n").Columns);
        var decimals = Read("x;y\n1,5;2,5\n3,5;4,5\n");
        Assert.Equal(["1,5", "3,5"], decimals.Text("x"));
        Assert.Equal([1, 2], Read("only\n1\n2\n").Numbers("only"));
    }

    [Fact]
    public void A_delimiter_can_be_named()
    {
        Assert.Equal([3, 4], Read("a b\n1 3\n2 4\n", ' ').Numbers("b"));
        Assert.Equal(["a,b"], Read("a,b;\n1;2\n", ';', hasHeader: false).Text("column 1")[..1]);
        Assert.Throws<ArgumentException>(() => Read("a,b\n1,2\n", '"'));
        Assert.Throws<ArgumentException>(() => Read("a,b\n1,2\n", '¦'));
    }

    [Fact]
    public void Without_a_header_columns_are_numbered()
    {
        var table = Read("1,2\n3,4\n", hasHeader: false);
        Assert.Equal(["column 1", "column 2"], table.Columns);
        Assert.Equal([2, 4], table.Numbers("column 2"));
        Assert.Equal(["column 1", "b"], Read(",b\n1,2\n").Columns);
    }

    [Fact]
    public void Packed_and_utf16_files_are_read_alike()
    {
        var bytes = Encoding.UTF8.GetBytes("a,ü\n1,2\n");
        Assert.Equal([2], CsvTable.Read(Write("packed.csv", Gzip(bytes))).Numbers("ü"));
        var wide = Encoding.Unicode.GetPreamble().Concat(Encoding.Unicode.GetBytes("a,ü\n1,2\n")).ToArray();
        Assert.Equal([2], CsvTable.Read(Write("wide.csv", wide)).Numbers("ü"));
    }

    [Fact]
    public void Missing_cells_are_NaN()
    {
        var table = Read("a,b\n,1\nNA,1\nNaN,1\nnull,1\n?,1\nnan,1\n \"\" ,1\n2,1\n");
        Assert.Equal([.. Enumerable.Repeat(double.NaN, 7), 2], table.Numbers("a"));
        Assert.True(table.IsNumeric("a"));
        Assert.False(Read("a,b\n?,1\n,2\n").IsNumeric("a"));
    }

    [Theory]
    [InlineData("a,b\n1,2\n3,four\n", "line 3, column 'b': 'four' is not a number.")]
    [InlineData("a,b\n\n\n1,2\n\n3,four\n", "line 6, column 'b': 'four' is not a number.")]
    [InlineData("a,b\r\n1,2\r\n3,\"1,000\"\r\n", "line 3, column 'b': '1,000' is not a number.")]
    [InlineData("a,b\n\"x\ny\",1\nz,$5\n", "line 4, column 'b': '$5' is not a number.")]
    [InlineData("a,b\nz,1\n\"x\ny\",$5\n", "line 4, column 'b': '$5' is not a number.")]
    [InlineData("a,b\n1,1e999\n", "line 2, column 'b': '1e999' is not a finite number.")]
    [InlineData("a,b\n1,Infinity\n", "line 2, column 'b': 'Infinity' is not a finite number.")]
    public void A_cell_that_is_no_number_is_an_error_with_line_column_and_text(string text, string expected) =>
        Assert.Equal(expected, ErrorOf(text, table => table.Numbers("b")));

    [Theory]
    [InlineData("", "line 1: the file is empty.")]
    [InlineData("\n \n\r\n", "line 1: the file is empty.")]
    [InlineData("\uFEFF", "line 1: the file is empty.")]
    [InlineData("a,b\n", "line 1: the file has a header, but no rows.")]
    [InlineData("a,b\n1,2\n3\n4,5\n", "line 3: 1 cell, but the header names 2.")]
    [InlineData("a,b\n1,2\n3,4,5\n", "line 3: 3 cells, but the header names 2.")]
    [InlineData("a,b,c,b\n1,2,3,4\n", "line 1: columns 2 and 4 have the same name 'b': pass 'names' for all columns, or "
        + "'renameRepeated: true' to call it 'b (2)'.")]
    [InlineData("a,b\n1,\"open\n2,3\n", "line 2: a quoted cell that is never closed.")]
    [InlineData("a,b\n1,2\n1,\"x\"y\n2,3\n", "line 3: text after the closing quote of a cell.")]
    public void A_bad_file_is_an_error_with_its_line(string text, string expected) =>
        Assert.Equal(expected, ErrorOf(text));

    [Fact]
    public void Ragged_rows_without_a_header_are_measured_by_the_first()
    {
        var path = Write("t.csv", "1,2\n3\n");
        Assert.Equal("line 2: 1 cell, but the first line has 2.",
            ErrorOf(path, () => CsvTable.Read(path, hasHeader: false)));
    }

    [Fact]
    public void Text_in_another_encoding_is_an_error_with_its_offset()
    {
        var path = Write("latin.csv", [.. "a,b\n1,"u8, 0xFC, (byte)'\n']);
        Assert.Equal("line 2: byte 0xFC (offset 6) is no UTF-8: save the file in that encoding.",
            ErrorOf(path, () => CsvTable.Read(path)));
    }

    [Fact]
    public void A_packed_file_that_is_cut_off_anywhere_is_an_error_not_a_shorter_table()
    {
        var packed = Gzip(Encoding.UTF8.GetBytes("a,b\n" + string.Concat(Enumerable.Repeat("1,2\n", 40))));
        for (var length = 2; length < packed.Length; length++)
        {
            var path = Write("cut.csv.gz", packed[..length]);
            Assert.Contains("the gzip data is damaged or cut off", ErrorOf(path, () => CsvTable.Read(path)));
        }
        Assert.Equal(40, CsvTable.Read(Write("whole.csv.gz", packed)).RowCount);
        var joined = Write("joined.csv.gz", [.. packed, .. Gzip("3,4\n"u8.ToArray())]);
        Assert.Equal(41, CsvTable.Read(joined).RowCount);
    }

    [Fact]
    public void An_unknown_column_suggests_the_nearest()
    {
        var table = Read("median_income,median_age,rooms\n1,2,3\n");
        string Message(string name) => Assert.Throws<ArgumentException>(() => table.Numbers(name)).Message;
        Assert.EndsWith("has no column 'median_incme'. Did you mean 'median_income'?", Message("median_incme"));
        Assert.EndsWith("Did you mean 'rooms'?", Message("Rooms"));
        Assert.EndsWith("Did you mean 'median_income' or 'median_age'?", Message("median"));
        Assert.EndsWith("Its columns are median_income, median_age, rooms.", Message("zzz"));
        Assert.Throws<ArgumentException>(() => table.Text("x"));
        Assert.Throws<ArgumentException>(() => table.IsNumeric("x"));
    }

    [Fact]
    public void Labels_are_numbered_in_the_order_of_their_text()
    {
        var (labels, classes) = Read("y\nb\na\nc\nb\n").Labels("y");
        Assert.Equal(["a", "b", "c"], classes);
        Assert.Equal([1, 0, 2, 1], labels);
        Assert.Equal("line 3, column 'y': a class label is missing.",
            ErrorOf("x,y\n1,b\n2,\n", table => table.Labels("y")));
        Assert.StartsWith("line 3, column 'y': a class label is missing: 'NA' stands for that; if it is a class, put it in "
            + "quotes", ErrorOf("x,y\n1,b\n2,NA\n", table => table.Labels("y")));
    }

    [Fact]
    public void Numbers_do_not_depend_on_the_culture()
    {
        var before = Thread.CurrentThread.CurrentCulture;
        var comma = (System.Globalization.CultureInfo)System.Globalization.CultureInfo.InvariantCulture.Clone();
        comma.NumberFormat.NumberDecimalSeparator = ",";
        comma.NumberFormat.NumberGroupSeparator = ".";
        Thread.CurrentThread.CurrentCulture = comma;
        try
        {
            Assert.Equal([1.5], Read("a,b\n1.5,2\n").Numbers("a"));
        }
        finally
        {
            Thread.CurrentThread.CurrentCulture = before;
        }
    }

    [Fact]
    public void California_housing_is_what_its_readme_says()
    {
        var table = CsvTable.Read(Path.Combine(Shared.Require("data"), "tabular/california_housing.csv.gz"));
        Assert.Equal(20640, table.RowCount);
        Assert.Equal(10, table.Columns.Count);
        Assert.Equal(207, table.Numbers("total_bedrooms").Count(double.IsNaN));
        Assert.Equal(206855.817, table.Numbers("median_house_value").Average(), 5e-4);
        Assert.Equal(["ocean_proximity"], table.Columns.Where(name => !table.IsNumeric(name)));
        Assert.Equal(5, table.Labels("ocean_proximity").Classes.Length);
    }

    [Fact]
    public void Other_real_tables_are_what_their_readme_says()
    {
        var folder = Shared.Require("data");
        var cars = CsvTable.Read(Path.Combine(folder, "tabular/auto_mpg.csv"));
        Assert.Equal(398, cars.RowCount);
        Assert.Equal(6, cars.Numbers("horsepower").Count(double.IsNaN));
        Assert.Equal(23.5146, cars.Numbers("mpg").Average(), 5e-5);

        var mammography = CsvTable.Read(Path.Combine(folder, "tabular/mammography.csv.gz"), hasHeader: false);
        Assert.Equal(11183, mammography.RowCount);
        var (labels, classes) = mammography.Labels("column 7");
        Assert.Equal(["'-1'", "'1'"], classes);
        Assert.Equal(260, labels.Sum());

        var diabetes = CsvTable.Read(Path.Combine(folder, "tabular/diabetes_data_raw.csv.gz"), ' ', hasHeader: false);
        Assert.Equal(442, diabetes.RowCount);
        Assert.Equal(48.518, diabetes.Numbers("column 1").Average(), 5e-4);

        var digits = CsvTable.Read(Path.Combine(folder, "digits/digits.csv.gz"), hasHeader: false);
        Assert.Equal((1797, 65), (digits.RowCount, digits.Columns.Count));
        Assert.Equal([178, 182, 177, 183, 181, 182, 181, 179, 174, 180],
            digits.Numbers("column 65").CountBy(label => label).OrderBy(c => c.Key).Select(c => c.Value));
    }
}
