namespace MicroGrad.Net.Tests;

public class FeatureEncoderTests : TemporaryFiles
{
    const string People = """
        age,town,flat,note,income
        10,Ulm,3,,1
        20,Bonn,3,x,2
        ,Ulm,3,y,3
        60,Köln,3,,4
        1000,Jena,9,z,5

        """;

    CsvTable Read(string text = People) => CsvTable.Read(Write("people.csv", text));

    [Fact]
    public void Statistics_come_from_the_training_rows_only()
    {
        var table = Read();
        var encoder = FeatureEncoder.Fit(table, "income", trainRows: [0, 1, 2, 3], ignore: ["note"]);
        Assert.Equal(["age", "town=Bonn", "town=Köln", "town=Ulm", "flat"], encoder.FeatureNames);

        // Known ages 10, 20, 60: median 20, which fills the third. Of 10, 20, 20, 60 the mean is 27.5.
        double[] ages = [10, 20, 20, 60];
        var deviation = Math.Sqrt(ages.Average(a => (a - 27.5) * (a - 27.5)));
        var x = encoder.Transform(table, [0, 1, 2, 3, 4]);
        Assert.Equal(Shape.Of(5, 5), x.Shape);
        Assert.Equal(DType.Float32, x.DType);
        double[][] expected =
        [
            [(10 - 27.5) / deviation, 0, 0, 1, 0],
            [(20 - 27.5) / deviation, 1, 0, 0, 0],
            [(20 - 27.5) / deviation, 0, 0, 1, 0],
            [(60 - 27.5) / deviation, 0, 1, 0, 0],
            [(1000 - 27.5) / deviation, 0, 0, 0, 0],     // Jena was not seen; flat was constant in training
        ];
        Assert.All(expected.SelectMany(row => row).Zip(x.ToDoubles()),
            pair => Assert.Equal(pair.First, pair.Second, 1e-5));
    }

    [Fact]
    public void What_stands_in_other_rows_changes_nothing()
    {
        int[] train = [0, 1, 2, 3];
        var a = Read();
        var b = Read(People.Replace("1000,Jena,9,z", "-5,Trier,0,q"));
        Assert.Equal(FeatureEncoder.Fit(a, "income", train).Transform(a, train).ToArray<float>(),
            FeatureEncoder.Fit(b, "income", train).Transform(b, train).ToArray<float>());
        Assert.NotEqual(FeatureEncoder.Fit(a, "income", [0, 1, 2, 3, 4]).Transform(a, [0]).ToArray<float>(),
            FeatureEncoder.Fit(b, "income", [0, 1, 2, 3, 4]).Transform(b, [0]).ToArray<float>());
    }

    [Fact]
    public void It_says_what_it_did()
    {
        var encoder = FeatureEncoder.Fit(Read(), "income", trainRows: [0, 1, 2, 3]);
        Assert.Equal(
        [
            "age: 1 missing cell filled with the training median 20",
            "age: standardised with the training mean 27.5 and deviation 19.2029",
            "town: one feature for each of the 3 training categories: Bonn, Köln, Ulm",
            "town: 1 unseen cell (categories outside the training rows) encoded as all zeros",
            "flat: constant in the training rows (3), so always 0",
            "note: one feature for each of the 2 training categories: x, y",
            "note: 2 missing cells encoded as all zeros",
            "note: 1 unseen cell (categories outside the training rows) encoded as all zeros",
        ], encoder.Describe());
    }

    [Fact]
    public void Columns_without_anything_to_learn_are_harmless()
    {
        var table = Read("a,b,y\n,,1\n,,2\n5,t,3\n");
        var encoder = FeatureEncoder.Fit(table, "y", [0, 1]);
        Assert.Equal(["a"], encoder.FeatureNames);
        Assert.Equal([0, 0, 0], encoder.Transform(table, [0, 1, 2]).ToDoubles());
        Assert.Equal(["a: no number in the training rows, so always 0", "b: no text in the training rows, so left out",
            "b: 2 missing cells encoded as all zeros",
            "b: 1 unseen cell (categories outside the training rows) encoded as all zeros"], encoder.Describe());
    }

    [Fact]
    public void Codes_can_be_declared_categories()
    {
        var table = Read("origin,y\n1,1\n3,2\n1,3\n");
        var encoder = FeatureEncoder.Fit(table, "y", [0, 1, 2], categories: ["origin"]);
        Assert.Equal(["origin=1", "origin=3"], encoder.FeatureNames);
        Assert.Equal([1, 0, 0, 1, 1, 0], encoder.Transform(table, [0, 1, 2]).ToDoubles());
    }

    [Fact]
    public void A_mistyped_number_does_not_make_a_column_text()
    {
        var table = Read("age,y\n1,1\n2o,2\n3,3\n");
        var error = Assert.Throws<DataFileException>(() => FeatureEncoder.Fit(table, "y", [0, 1, 2]));
        Assert.Contains("line 3, column 'age': '2o' is not a number.", error.Message);
        Assert.Contains("2 of the column's 3 cells are numbers", error.Message);
        Assert.Equal(3, FeatureEncoder.Fit(table, "y", [0, 1, 2], categories: ["age"]).FeatureNames.Count);
    }

    [Fact]
    public void Targets_are_numbers_as_they_stand()
    {
        var table = Read("x,y\n1,10\n2,\n3,30\n");
        var encoder = FeatureEncoder.Fit(table, "y", [0, 2]);
        var y = encoder.Target(table, [2, 0]);
        Assert.Equal(Shape.Of(2, 1), y.Shape);
        Assert.Equal([30, 10], y.ToDoubles());
        Assert.Contains("line 3, column 'y': the target is missing.",
            Assert.Throws<DataFileException>(() => encoder.Target(table, [0, 1])).Message);
    }

    [Fact]
    public void Bad_arguments_are_named()
    {
        var table = Read();
        Assert.Contains("Did you mean 'income'", Assert.Throws<ArgumentException>(
            () => FeatureEncoder.Fit(table, "incom", [0])).Message);
        Assert.Contains("no column 'q'", Assert.Throws<ArgumentException>(
            () => FeatureEncoder.Fit(table, "income", [0], ignore: ["q"])).Message);
        Assert.Contains("no training rows", Assert.Throws<ArgumentException>(
            () => FeatureEncoder.Fit(table, "income", [])).Message);
        Assert.Contains("index 5 at position 1 is not in 0..4", Assert.Throws<ArgumentOutOfRangeException>(
            () => FeatureEncoder.Fit(table, "income", [0, 5])).Message);
        var encoder = FeatureEncoder.Fit(table, "income", [0, 1]);
        Assert.Throws<ArgumentOutOfRangeException>(() => encoder.Transform(table, [-1]));
        Assert.Throws<ArgumentException>(() => encoder.Transform(Read("age,income\n1,2\n"), [0]));
    }

    [Fact]
    public void California_housing_is_encoded_with_its_missing_bedrooms_filled()
    {
        var table = CsvTable.Read(Path.Combine(Shared.Require("data"), "tabular/california_housing.csv.gz"));
        int[] all = [.. Enumerable.Range(0, table.RowCount)];
        var encoder = FeatureEncoder.Fit(table, "median_house_value", all);
        Assert.Contains("total_bedrooms: 207 missing cells filled with the training median 435", encoder.Describe());
        Assert.Equal(13, encoder.FeatureNames.Count);

        var (train, test) = Split.Train(table.RowCount, 0.2, new Rng(1));
        encoder = FeatureEncoder.Fit(table, "median_house_value", train);
        var x = encoder.Transform(table, train);
        for (var feature = 0; feature < 8; feature++)
        {
            var column = x[.., feature..(feature + 1)].To(DType.Float64);
            Assert.Equal(0, column.Mean().Item(), 1e-5);
            Assert.Equal(1, column.StandardDeviation(correction: 0).Item(), 1e-5);
        }
        var held = encoder.Transform(table, test);
        Assert.Equal(Shape.Of(4128, 13), held.Shape);
        Assert.DoesNotContain(held.ToDoubles(), v => !double.IsFinite(v));
    }
}
