namespace MicroGrad.Net.Tests;

/// <summary>Tables as people have them: other decimal marks, marks that cannot be seen, missing cells, odd headers.</summary>
public partial class TableDialectTests : TemporaryFiles
{
    CsvTable Read(string text, char? decimalMark = null, IReadOnlyCollection<string>? missing = null) =>
        CsvTable.Read(Write("t.csv", text), decimalMark: decimalMark, missing: missing);

    string ErrorOf(string text, Action<CsvTable>? use = null, Func<string, CsvTable>? read = null)
    {
        var path = Write("t.csv", text);
        return ErrorOf(path, () =>
        {
            var table = (read ?? (p => CsvTable.Read(p)))(path);
            use?.Invoke(table);
        });
    }

    static FeatureEncoder Fit(CsvTable table, string target = "y") =>
        FeatureEncoder.Fit(table, target, [.. Enumerable.Range(0, table.RowCount)]);

    // ---- numbers ----

    [Theory]
    [InlineData("x;y\n1,5;2,5\n-3;4,25\n")]
    [InlineData("x\ty\n1,5\t2,5\n-3\t4,25\n")]
    [InlineData("x|y\n1,5|2,5\n-3|4,25\n")]
    [InlineData("x;y;z\n1,5;2,5;a, b\n-3;4,25;1.2.3\n")]
    [InlineData("x;y\n+1,5e0;2,5\n-3,0;425,0E-2\n")]
    [InlineData("sep=;\nx;y\n1,5;2,5\n-3;4,25\n")]
    public void Decimal_commas_are_seen_where_nothing_else_is_possible(string text)
    {
        var table = Read(text);
        Assert.Equal([1.5, -3], table.Numbers("x"));
        Assert.Equal([2.5, 4.25], table.Numbers("y"));
    }

    [Fact]
    public void Rows_of_decimal_commas_without_a_header_are_not_split_at_the_commas()
    {
        var table = CsvTable.Read(Write("t.csv", "1,5;2,5\n3,5;4,5\n"), hasHeader: false);
        Assert.Equal(2, table.Columns.Count);
        Assert.Equal([2.5, 4.5], table.Numbers("column 2"));
    }

    [Theory]
    [InlineData("x;y\n1,500;1\n2,500;2\n")]                  // 1.5 or 1500?
    [InlineData("x;y\n1,5;1.5\n2,5;2\n")]                    // a point as well
    [InlineData("x,y\n\"1,5\",1\n\"2,5\",2\n")]              // quoted for the comma's sake
    [InlineData("x;y\n1.234,56;1\n2.234,56;2\n")]
    [InlineData("x;y;n\n1,500;1;1,5\n2,500;2;a, b\n")]      // the 1,5 is among texts
    public void A_comma_that_may_mean_something_else_is_an_error_until_it_is_said(string text)
    {
        Assert.False(Read(text).IsNumeric("x"));
        Assert.Contains("is not a number", ErrorOf(text, table => table.Numbers("x")));
        var error = ErrorOf(text, table => Fit(table));
        Assert.Contains("line 2, column 'x'", error);
        Assert.Contains("look like numbers or dates that are written in another way", error);
    }

    [Fact]
    public void The_decimal_mark_can_be_said()
    {
        Assert.Equal([1.5, 2.5], Read("x;y\n1,500;1\n2,500;2\n", decimalMark: ',').Numbers("x"));
        Assert.Equal([1.5, 2.5], Read("x,y\n\"1,5\",1\n\"2,5\",2\n", decimalMark: ',').Numbers("x"));
        Assert.Contains("'1.5' is not a number", ErrorOf("x;y\n1.5;1\n", table => table.Numbers("x"),
            path => CsvTable.Read(path, decimalMark: ',')));
        Assert.False(Read("x;y\n1,5;1\n", decimalMark: '.').IsNumeric("x"));
        Assert.Contains("pass 'decimalMark: ',''", ErrorOf("x,y\n\"1,5\",1\n", table => table.Numbers("x")));
        Assert.Throws<ArgumentException>(() => Read("x;y\n1;2\n", decimalMark: ';'));
    }

    [Theory]
    [InlineData("$5")]
    [InlineData("-$ 5.50")]
    [InlineData("5 €")]
    [InlineData("5%")]
    [InlineData("1'000")]
    [InlineData("1 000")]
    [InlineData("1\u00A0000")]
    [InlineData("1_000")]
    [InlineData("\"1,000\"")]
    [InlineData("\"1.000,50\"")]
    [InlineData("1.5f")]
    [InlineData("5 kg")]
    [InlineData("0x1F")]
    [InlineData("(5)")]
    [InlineData("5-")]
    [InlineData("∞")]
    [InlineData("-inf")]
    [InlineData("EUR 5")]
    [InlineData("<0.5")]
    [InlineData("'5'")]
    [InlineData("\"=\"\"001\"\"\"")]
    [InlineData("1٫5")]
    [InlineData("31.12.2024")]
    [InlineData("2024-12-31")]
    [InlineData("12/31/2024 11:59 PM")]
    [InlineData("2024-12-31T23:59:59.5+01:00")]
    [InlineData("23:59")]
    public void Numbers_written_in_another_way_do_not_become_categories(string cell)
    {
        var text = $"x,y\n{cell},1\n{cell},2\n{cell},3\n";
        Assert.Contains("line 2, column 'x'", ErrorOf(text, table => Fit(table)));
        Assert.Contains("'categories' or 'ignore'", ErrorOf(text, table => Fit(table)));
        var table = Read(text);
        Assert.Single(FeatureEncoder.Fit(table, "y", [0, 1, 2], categories: ["x"]).FeatureNames);
    }

    [Fact]
    public void Texts_with_digits_in_them_are_categories()
    {
        var table = Read("age,class,size,c,y\n18-24,1st,A1,PM,1\n25-34,2nd,B2,<,2\n65+,2nd,A1,Z,3\n18-24,3rd,B2,T,4\n");
        Assert.Equal(12, Fit(table).FeatureNames.Count);
    }

    [Theory]
    [InlineData("\u22125", -5)]             // the minus sign of typography
    [InlineData("\u20135", -5)]
    [InlineData("\u00A05", 5)]
    [InlineData("5\u202F", 5)]
    [InlineData("\u200B5", 5)]
    [InlineData("5\u00AD", 5)]
    [InlineData("\uFEFF5", 5)]
    [InlineData("\u200E-5\u200F", -5)]
    [InlineData("１２．５", 12.5)]
    [InlineData("٣", 3)]
    [InlineData("\"5\u3000\"", 5)]
    [InlineData("\"\t5 \"", 5)]
    public void A_number_is_read_as_it_looks(string cell, double expected)
    {
        var table = Read($"x,y\n{cell},1\n{cell},2\n");
        Assert.True(table.IsNumeric("x"));
        Assert.Equal([expected, expected], table.Numbers("x"));
    }

    [Theory]
    [InlineData("1\u00A0234", "'1[U+00A0]234' is not a number.")]
    [InlineData("\u22121\u2212", "'[U+2212]1[U+2212]' is not a number.")]
    [InlineData("1\u0007x", "'1[U+0007]x' is not a number.")]
    [InlineData("a\u200Bb", "'a[U+200B]b' is not a number.")]
    public void What_cannot_be_seen_is_shown_by_its_code(string cell, string expected) =>
        Assert.Equal($"line 2, column 'x': {expected}", ErrorOf($"x,y\n{cell},1\n", table => table.Numbers("x")));

    [Theory]
    [InlineData("9007199254740993")]
    [InlineData("-9007199254740993")]
    [InlineData("12345678901234567890")]
    [InlineData("9007199254740993.0")]
    [InlineData("\u22129007199254740993")]
    public void Whole_numbers_that_would_be_rounded_are_ids_and_an_error(string cell)
    {
        Assert.Contains("is a whole number of more digits than a double holds: read ids by Text or Labels",
            ErrorOf($"x,y\n{cell},1\n", table => table.Numbers("x")));
        Assert.Contains("read ids by Text or Labels", ErrorOf($"x,y\n{cell},1\n{cell},2\n", table => Fit(table)));
        Assert.Single(FeatureEncoder.Fit(Read($"x,y\n{cell},1\n"), "y", [0], categories: ["x"]).FeatureNames);
        Assert.Equal(cell, Read($"x,y\n{cell},1\n").Text("x")[0]);
    }

    [Fact]
    public void Numbers_that_are_only_rounded_as_decimals_are_read()
    {
        var table = Read("x,y\n9007199254740992,1\n10000000000000000,2\n1e300,3\n0.1234567890123456789,4\n-0,5\n");
        Assert.Equal([9007199254740992, 1e16, 1e300, 0.12345678901234568, 0], table.Numbers("x"));
        Assert.Contains("not a finite number", ErrorOf("x,y\n" + new string('9', 400) + ",1\n", t => t.Numbers("x")));
    }

    // ---- categories and labels ----

    [Fact]
    public void Texts_that_nearly_all_differ_become_no_categories_in_silence()
    {
        string Rows(int count, int different) => "id,y\n"
            + string.Concat(Enumerable.Range(0, count).Select(i => $"k{i % different:X}z,{i}\n"));
        foreach (var (count, different) in new[] { (5, 5), (10, 8), (100, 53), (1000, 1000) })
        {
            var error = ErrorOf(Rows(count, different), table => Fit(table));
            Assert.StartsWith($"column 'id': {different} different texts in {count} training rows, such as 'k0z', ", error);
            Assert.Contains("'ignore'", error);
            Assert.Equal(different, FeatureEncoder.Fit(Read(Rows(count, different)), "y",
                [.. Enumerable.Range(0, count)], categories: ["id"]).FeatureNames.Count);
        }
        foreach (var (count, different) in new[] { (4, 4), (10, 7), (100, 52), (1000, 100) })
            Assert.Equal(different, Fit(Read(Rows(count, different))).FeatureNames.Count);
    }

    [Theory]
    [InlineData("New York", "New\u00A0York")]
    [InlineData("Bonn", "Bo\u00ADnn")]
    [InlineData("Köln", "Ko\u0308ln")]
    [InlineData("18-24", "18\u201324")]
    [InlineData("\"a b\"", "\"a  b\"")]
    [InlineData("Bonn", "\"Bonn \"")]
    [InlineData("don't", "don\u2019t")]
    [InlineData("A1", "Ａ１")]
    public void Two_texts_that_look_the_same_are_not_two_classes(string a, string b)
    {
        var text = $"x,y\n{a},1\nZ,2\n{a},3\n{b},4\n";
        foreach (var use in new Action<CsvTable>[] { table => table.Labels("x"), table => Fit(table),
            table => FeatureEncoder.Fit(table, "y", [0, 1]) })
        {
            var error = ErrorOf(text, use);
            Assert.StartsWith("line 5, column 'x': ", error);
            Assert.Contains("elsewhere in the column, but is not the same text (", error);
        }
        var encoder = Fit(Read($"x,y\n{a},1\nZ,2\n"));
        Assert.Contains("is not the same text", ErrorOf($"x,y\n{b},1\n", table => encoder.Transform(table, [0])));
    }

    [Theory]
    [InlineData("Bonn\u00A0")]
    [InlineData("\u200BBonn")]
    [InlineData("\uFEFFBonn")]
    [InlineData("\u2003Bonn \t")]
    [InlineData("\uFEFF\"Bonn\"")]
    public void Blanks_of_every_kind_around_a_cell_are_left_out(string cell) =>
        Assert.Equal(["Bonn"], Read($"x,y\nBonn,1\n{cell},2\n").Labels("x").Classes);

    // ---- missing cells ----

    [Fact]
    public void Missing_means_the_same_for_numbers_labels_and_categories()
    {
        foreach (var mark in new[] { "", "?", "NA", "N/A", "n/a", "#N/A", "NaN", "nan", "null", "NULL", "None", "<NA>" })
        {
            var text = $"n,c,y\n1,a,1\n{mark},{mark},2\n3,b,3\n";
            Assert.Equal([1, double.NaN, 3], Read(text).Numbers("n"));
            Assert.Contains("class label is missing", ErrorOf(text, table => table.Labels("c")));
            Assert.Equal(["n", "c=a", "c=b"], Fit(Read(text)).FeatureNames);
            Assert.Equal([0, 0], Fit(Read(text)).Transform(Read(text), [1]).ToDoubles()[1..]);
            Assert.Contains("c: 1 missing cell encoded as all zeros", Fit(Read(text)).Describe());
        }
    }

    [Fact]
    public void The_caller_says_what_is_missing()
    {
        const string Text = "n,c,y\n1,-,1\n-,NA,2\n-999,b,3\n-999.0,-,4\n";
        var table = Read(Text, missing: ["-", "-999"]);
        Assert.Equal([1, double.NaN, double.NaN, double.NaN], table.Numbers("n"));
        Assert.Equal(["n", "c=NA", "c=b"], Fit(table).FeatureNames);
        Assert.Equal(["+", "-"], Read("c,y\n+,1\n-,2\n").Labels("c").Classes);
        Assert.EndsWith("'-' is not a number: if it means missing, name it in 'missing' on reading.",
            ErrorOf(Text, t => t.Numbers("n")));
        foreach (var mark in new[] { "na", "N.A.", "--", ".", "NONE", "#DIV/0!", "NAN" })
            Assert.Contains("name it in 'missing'", ErrorOf($"n,y\n1,1\n{mark},2\n", t => t.Numbers("n")));
        Assert.Throws<ArgumentException>(() => Read(Text, missing: [null!]));

        var nothing = Read("n,c\n1,NA\n2,\n", missing: []);
        Assert.Equal(["", "NA"], nothing.Labels("c").Classes);
        Assert.Contains("line 3, column 'n': '' is not a number", ErrorOf("n,c\n1,a\n,b\n", t => t.Numbers("n"),
            path => CsvTable.Read(path, missing: [])));
    }

    [Fact]
    public void In_quotes_a_mark_is_text_for_classes_and_missing_for_numbers()
    {
        var table = Read("n,c,y\n1,\"NA\",1\n\"NA\", \"null\" ,2\n3,b,3\n4,\"\",4\n");
        Assert.Equal([1, double.NaN, 3, 4], table.Numbers("n"));
        Assert.Equal(["n", "c=NA", "c=b", "c=null"], Fit(table).FeatureNames);
        Assert.Equal(["NA", "a"], Read("c,y\n\"NA\",1\na,2\n").Labels("c").Classes);
        Assert.Contains("class label is missing", ErrorOf("c,y\n\"NA\",1\nNA,2\n", t => t.Labels("c")));
        Assert.Equal(["Na", "na"], Read("c,y\nNa,1\nna,2\n").Labels("c").Classes);
        Assert.Equal(["NA", "b"], CsvTable.Read(Write("h.csv", "\"NA\",1\nb,2\n"), hasHeader: false, names: ["c", "y"])
            .Labels("c").Classes);
    }

    [Fact]
    public void An_empty_cell_in_quotes_is_a_row_of_one_column_and_an_empty_line_is_not() =>
        Assert.Equal([1, double.NaN, 3], Read("x\n1\n\"\"\n\n3\n").Numbers("x"));

    // ---- headers, rows, hints ----

    [Theory]
    [InlineData("# made by hand\na,b\n1,2\n", "line 2: 2 cells, but the header names 1: if lines that start with # are comments, pass 'comment: '#''.")]
    [InlineData("a,b\n1,2\n# end\n", "line 3: 1 cell, but the header names 2: if lines that start with # are comments, pass 'comment: '#''.")]
    [InlineData("a,b\nr1,1,2\nr2,3,4\n", "line 2: 3 cells, but the header names 2: if rows start with a name of their own, as R writes them, pass 'names' for all columns.")]
    [InlineData("a,b\n1,2,\n3,4,\n", "line 2: 3 cells, but the header names 2: the rows end with a delimiter, the header does not; pass 'names' for all columns.")]
    [InlineData("Sales of the year\na;b\n1;2\n", "line 2: 2 cells, but the header names 1: the first line, 'Sales of the year', names no columns? Then leave it out.")]
    [InlineData("a,b\n1,5,2,5\n", "line 2: 4 cells, but the header names 2: if commas are decimal marks, cells that have one need quotes, or columns another delimiter, with 'decimalMark: ','' for either.")]
    [InlineData("a b\n1 2\n3 4\n", "line 2: one column only, of several numbers in each cell: pass 'delimiter: ' '' if blanks separate the columns.")]
    [InlineData("1.5,2\n3,4\n", "line 1: numbers only, as in a row of data, where the names of the columns belong: pass 'hasHeader: false' if there are none, else 'names'.")]
    [InlineData("5\n6\n", "line 1: numbers only, as in a row of data, where the names of the columns belong: pass 'hasHeader: false' if there are none, else 'names'.")]
    [InlineData("a,b\n1,2\n\uFEFFa,b\n3,4\n", "line 3: the header again, as in files that were joined: leave this line out.")]
    [InlineData("a,b\n1,\"x\"\u00A0\n", "line 2: text after the closing quote of a cell: [U+00A0], which cannot be seen.")]
    [InlineData("a,b\n1,\u00A0\"x\"\n", "line 2: cell 2 has [U+00A0], which cannot be seen, before its quote.")]
    [InlineData("a,b\n5\" disk,\"open\n2,3\n", "line 2: a quoted cell that is never closed.")]
    [InlineData("a,b\n5\" disk,\"x\"y\n2,3\n", "line 2: text after the closing quote of a cell.")]
    [InlineData("<!DOCTYPE html>\n<html>\n", "line 1: the file is a web page: download the table itself.")]
    public void The_likely_cause_is_named(string text, string expected) => Assert.Equal(expected, ErrorOf(text));

    [Fact]
    public void A_header_that_was_read_as_a_row_is_named() =>
        Assert.Equal("line 1, column 'column 1': 'a' is not a number: if the first line names the columns, pass "
            + "'hasHeader: true' on reading.", ErrorOf("a,b\n1,2\n", t => t.Numbers("column 1"),
            path => CsvTable.Read(path, hasHeader: false)));

    [Fact]
    public void A_wrong_delimiter_is_named()
    {
        foreach (var right in new[] { ';', '\t', '|', ',' })
            Assert.Contains("the delimiter? Then pass it as 'delimiter'", ErrorOf($"a{right}b\n1{right}2\n", null,
                path => CsvTable.Read(path, delimiter: right == ',' ? ';' : ',')));
        Assert.Equal(["a;b"], CsvTable.Read(Write("q.csv", "\"a;b\"\n1\n"), delimiter: ',').Columns);
    }

    [Fact]
    public void Comments_are_left_out_if_they_are_declared()
    {
        var table = CsvTable.Read(Write("t.csv", "# c1; c2, c3\na;b\n1;2\n#3;4\n5;x\n"), comment: '#');
        Assert.Equal([1, 5], table.Numbers("a"));
        Assert.StartsWith("line 5, column 'b'", ErrorOf("# c1\n\na;b\n1;2\n5;x\n", t => t.Numbers("b"),
            path => CsvTable.Read(path, comment: '#')));
        Assert.Throws<ArgumentException>(() => CsvTable.Read("no.csv", delimiter: '#', comment: '#'));
        Assert.Throws<ArgumentException>(() => CsvTable.Read("no.csv", comment: '"'));
    }

    [Fact]
    public void Columns_can_be_named_by_the_caller()
    {
        CsvTable Named(string text, string[] names, bool hasHeader = true) =>
            CsvTable.Read(Write("t.csv", text), names: names, hasHeader: hasHeader);
        Assert.Equal([3], Named("a,b,b\n1,2,3\n", ["a", "b", "c"]).Numbers("c"));
        Assert.Equal([2], Named("a,b\nr1,1,2\n", ["row", "a", "b"]).Numbers("b"));
        Assert.Equal([1, 3], Named("1,2\n3,4\n", ["x", "y"], hasHeader: false).Numbers("x"));
        Assert.Equal([3], Named("1,2\n3,4\n", ["x", "y"]).Numbers("x"));
        Assert.Equal("line 2: 2 cells, but 'names' gives 3.", ErrorOf("a,b\n1,2\n", null,
            path => CsvTable.Read(path, names: ["a", "b", "c"])));
        Assert.Contains("'a', is given twice", Assert.Throws<ArgumentException>(() => Named("a,b\n", ["a", "a"])).Message);
        Assert.Contains("names[1] is empty", Assert.Throws<ArgumentException>(() => Named("a,b\n", ["a", " "])).Message);
    }

    [Fact]
    public void Repeated_names_can_be_numbered()
    {
        CsvTable Renamed(string text) => CsvTable.Read(Write("t.csv", text), renameRepeated: true);
        Assert.Equal(["x", "x (2)", "y", "x (3)"], Renamed("x,x,y,x\n1,2,3,4\n").Columns);
        Assert.Equal(["x", "x (2)", "x (3)"], Renamed("x,x (2),x\n1,2,3\n").Columns);
        Assert.Equal(["column 2", "column 2 (2)"], Renamed("column 2,\n1,2\n").Columns);
        var many = string.Join(",", Enumerable.Repeat("x", 30_000));
        Assert.Equal("x (30000)", Renamed($"{many}\n{many.Replace('x', '1')}\n").Columns[^1]);
    }

    [Fact]
    public void A_column_is_found_by_the_look_of_its_name()
    {
        var table = Read("median\u00A0income,size\u200B,a\n1,2,3\n");
        Assert.Equal([1], table.Numbers("median income"));
        Assert.Equal([2], table.Numbers("size"));
        Assert.Equal(["a"], FeatureEncoder.Fit(table, "size", [0], ignore: ["median income"]).FeatureNames);
        Assert.Contains("columns 1 and 2 have the same name 'a[U+00A0]b'", ErrorOf("a b,a\u00A0b\n1,2\n"));
    }

    [Fact]
    public void Blanks_in_a_row_are_one_delimiter()
    {
        var table = CsvTable.Read(Write("t.txt", " 0.00632  18.00   2.310\n 0.02731   0.00   7.070  \n"), delimiter: ' ',
            hasHeader: false);
        Assert.Equal(3, table.Columns.Count);
        Assert.Equal([18, 0], table.Numbers("column 2"));
    }

    [Theory]
    [InlineData("a,b\rx,1\r\"p\rq\",z\r", 3)]
    [InlineData("a,b\r\nx,1\n\"p\r\nq\",2\r\"\n\r\",z\n", 5)]
    public void Lines_are_counted_whatever_ends_them(string text, int line) =>
        Assert.StartsWith($"line {line + (text.Contains("\r\n") ? 2 : 1)}, column 'b'", ErrorOf(text, t => t.Numbers("b")));
}
