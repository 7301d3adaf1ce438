using System.Globalization;
using System.Text.Json;

namespace MicroGrad.Net.Tests;

[Properties(Arbitrary = [typeof(Arbitraries)])]
public sealed class EncodedRowTests
{
    const string Houses = """
        total_rooms,town,sea,code,price
        10,Ulm,0,01,1
        0.1,Bonn,1,2,2
        ,Ulm,1,01,3
        60,"NA",0,2,4

        """;

    sealed record House(float? TotalRooms, string? Town, bool Sea, int Code);

    static readonly FeatureEncoder s_houses = FeatureEncoder.Fit(
        CsvTable.Parse(Houses), "price", [0, 1, 2, 3], categories: ["code"]);

    static int[] Bits(Tensor x) => Array.ConvertAll(x.ToArray<float>(), BitConverter.SingleToInt32Bits);

    static Dictionary<string, object?> Row(object? rooms, object? town, object? sea, object? code) =>
        new() { ["total_rooms"] = rooms, ["town"] = town, ["sea"] = sea, ["code"] = code };

    static string Message(Action encode) => Assert.Throws<ArgumentException>(encode).Message;

    [Fact]
    public void A_row_is_encoded_whatever_form_it_has()
    {
        var expected = Bits(s_houses.Transform(CsvTable.Parse(Houses), [1]));
        var row = Row(0.1, "Bonn", 1, 2);
        Assert.Equal(expected, Bits(s_houses.Encode(row)));
        Assert.Equal(Shape.Of(1, s_houses.FeatureNames.Count), s_houses.Encode(row).Shape);
        Assert.Equal(expected, Bits(s_houses.EncodeValues(0.1m, "Bonn", true, "2")));
        Assert.Equal(expected, Bits(s_houses.Encode(new House(0.1f, "Bonn", true, 2))));
        Assert.Equal(expected, Bits(s_houses.Encode(new { total_rooms = "0.1", TOWN = " Bonn ", sea = 1L, Code = 2.0 })));
        var json = JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(
            """{"total_rooms":0.1,"Town":"Bonn","sea":true,"code":2,"more":[]}""")!;
        Assert.Equal(expected, Bits(s_houses.Encode(json)));
        Assert.Equal(expected, Bits(s_houses.Encode(
            new Dictionary<string, string> { ["TotalRooms"] = "0.1", ["town"] = "Bonn", ["sea"] = "1", ["code"] = "2" })));
        Assert.Equal([.. expected, .. expected], Bits(s_houses.EncodeAll([row, row])));
        Assert.Equal([.. expected, .. expected], Bits(s_houses.EncodeAll(Enumerable.Repeat(new House(0.1f, "Bonn", true, 2), 2))));
        Assert.Equal(["total_rooms", "town", "sea", "code"], s_houses.Columns);
    }

    [Fact]
    public void Missing_and_unseen_values_are_those_of_a_table()
    {
        // Quoted, NA is a town; 01 is the code 1, however it is written.
        var x = s_houses.EncodeAll([Row(null, "NA", 0, 1), Row(double.NaN, "Ulm", null, "01"), Row("NA", null, "", 7), Row(1, "Rom", 0, 2)]);
        Assert.Equal(["total_rooms", "town=Bonn", "town=NA", "town=Ulm", "sea", "code=01", "code=2"], s_houses.FeatureNames);
        var table = CsvTable.Parse("total_rooms,town,sea,code\n,\"NA\",0,01\n,Ulm,,01\nNA,,,7\n1,Rom,0,2\n");
        Assert.Equal(Bits(s_houses.Transform(table, [0, 1, 2, 3])), Bits(x));
        Assert.Equal(1, x[0, 2].Item());
        Assert.Equal(1, x[0, 5].Item());
    }

    [Fact]
    public void What_makes_no_row_is_named()
    {
        Assert.Equal("FeatureEncoder.Encode: column 'town': the row has no such value; pass null where it is missing. Did you "
            + "mean 'twn'?", Message(() => s_houses.Encode(
                new Dictionary<string, int> { ["total_rooms"] = 1, ["twn"] = 1, ["sea"] = 1, ["code"] = 1 })));
        Assert.Contains("Its properties are Length", Message(() => s_houses.Encode("text")));
        Assert.Contains("row 1, column 'total_rooms': 'ten' is not a number.",
            Message(() => s_houses.EncodeAll([Row(1, "Ulm", 0, 1), Row("ten", "Ulm", 0, 1)])));
        Assert.Contains("column 'total_rooms': true is no number", Message(() => s_houses.EncodeValues(true, "Ulm", 0, 1)));
        Assert.Contains("column 'total_rooms': Infinity is not", Message(() => s_houses.EncodeValues(double.PositiveInfinity, "Ulm", 0, 1)));
        Assert.Contains("more digits than a double holds", Message(() => s_houses.EncodeValues((1L << 53) + 1, "Ulm", 0, 1)));
        Assert.Contains("column 'town': a DateTime is no cell", Message(() => s_houses.EncodeValues(1, DateTime.Now, 0, 1)));
        Assert.Contains("true is none of the categories Bonn, NA, Ulm", Message(() => s_houses.EncodeValues(1, true, 0, 1)));
        Assert.Contains("'U\u200Blm'".Replace("\u200B", "[U+200B]"), Message(() => s_houses.EncodeValues(1, "U\u200Blm", 0, 1)));
        Assert.Contains("3 values are given for the 4 columns total_rooms, town, sea, code.", Message(() => s_houses.EncodeValues(1, 2, 3)));
        Assert.Contains("'Sea' and 'SEA' may both be it", Message(() => s_houses.Encode(
            new Dictionary<string, int> { ["total_rooms"] = 1, ["town"] = 1, ["Sea"] = 1, ["SEA"] = 1, ["code"] = 1 })));
        var alike = FeatureEncoder.Fit(CsvTable.Parse("a_b,ab,y\n1,2,1\n2,1,2\n"), "y", [0, 1]);
        Assert.Contains("'AB' may be it or 'ab'", Message(() => alike.Encode(new { AB = 1 })));
    }

    /// <summary>Cells of a table: numbers of many forms, texts with blanks and quotes, marks of missing ones.</summary>
    static readonly string[] s_numbers = ["1", "-2.5", "1e-3", " 7", "", "NA", "0.1", "3.0", "\"12\""];
    static readonly string[] s_texts = ["a", "b,c", "\"quoted \"\"x\"\"\"", " a ", "", "?", "\"NA\"", "\" b\"", "ü", "unseen"];

    [Property]
    public void A_row_in_memory_has_the_bits_of_the_row_in_a_file(Seed seed)
    {
        var rng = seed.Rng();
        string Pick(string[] of) => of[rng.Next(of.Length)] is var cell && cell.Contains(',') ? $"\"{cell}\"" : cell;
        string[] rows = [.. Enumerable.Range(0, 8).Select(_ => $"{Pick(s_numbers)},{Pick(s_texts)},{rng.Next(2)},1")];
        CsvTable Table(IEnumerable<string> lines) => CsvTable.Parse("n,t,b,y\n" + string.Join('\n', lines) + "\n");
        var table = Table(rows);
        FeatureEncoder encoder;
        try
        {
            encoder = FeatureEncoder.Fit(table, "y", [0, 1, 2, 3, 4], categories: ["t"]);
        }
        catch (DataFileException)
        {
            return;         // a category that looks like another
        }
        encoder = FeatureEncoder.LoadState(encoder.SaveState());
        for (var row = 0; row < rows.Length; row++)
        {
            object?[] cells = [.. encoder.Columns.Select(column => table.IsMissing(column, row) ? null
                : column == "b" ? (object)int.Parse(table.Text(column)[row], CultureInfo.InvariantCulture)
                : column == "n" && row % 2 == 0 && double.IsFinite(table.Numbers("n")[row]) ? table.Numbers("n")[row] : table.Text(column)[row])];
            Assert.Equal(Bits(encoder.Transform(table, [row])), Bits(encoder.EncodeValues(cells)));
            Assert.Equal(Bits(encoder.Transform(table, [row])), Bits(encoder.Encode(
                encoder.Columns.Zip(cells).ToDictionary(pair => pair.First, pair => pair.Second))));
        }
    }

    [Fact]
    public void Tables_are_read_from_texts_and_streams_as_from_files()
    {
        var bytes = System.Text.Encoding.UTF8.GetBytes(Houses);
        var packed = new MemoryStream();
        using (var gzip = new System.IO.Compression.GZipStream(packed, System.IO.Compression.CompressionLevel.Fastest, leaveOpen: true))
            gzip.Write(bytes);
        packed.Position = 0;
        CsvTable[] tables = [CsvTable.Parse(Houses), CsvTable.Read(new StringReader(Houses)), CsvTable.Read(new MemoryStream(bytes)), CsvTable.Read(packed)];
        Assert.All(tables, table => Assert.Equal(["Ulm", "Bonn", "Ulm", "NA"], table.Text("town")));
        Assert.True(packed.CanRead);
        Assert.Equal([1.5], CsvTable.Parse("a;b\n1,5;x\n", delimiter: ';', decimalMark: ',').Numbers("a"));
        Assert.StartsWith("upload: line 2", Assert.Throws<DataFileException>(
            () => CsvTable.Read(new MemoryStream("a,b\n1\n"u8.ToArray()), source: "upload")).Message);
        Assert.StartsWith("text: line 2: character 4 is one half", Assert.Throws<DataFileException>(() => CsvTable.Parse("a,b\n\uD800,1\n")).Message);
        Assert.StartsWith("text: line 1: the file is empty", Assert.Throws<DataFileException>(() => CsvTable.Parse("")).Message);
    }
}
