namespace MicroGrad.Net.Tests.Training;

/// <summary>What was fitted goes with the model: texts, files, other processes.</summary>
public sealed class FittedTests : TemporaryFiles
{
    const string Flowers = "length,colour,kind\n1.1,red,rose\n2.7,blue,iris\n3.3,,rose\n0.1,red,iris\n";

    static readonly CsvTable s_table = CsvTable.Parse(Flowers);

    static FeatureEncoder Encoder(string text = Flowers) => FeatureEncoder.Fit(CsvTable.Parse(text), "kind", [0, 1, 2, 3]);

    static Sequential Model(int features) => new(new Linear(features, 4), new Tanh(), new Linear(4, 2));

    static Tensor Predict(Module model, Tensor x)
    {
        using var off = Gradients.Off();
        return model.Forward(x);
    }

    static T Again<T>(T fitted) where T : IFitted<T>
    {
        var again = T.LoadState(fitted.SaveState());
        Assert.Equal(fitted.SaveState(), again.SaveState());
        return again;
    }

    [Theory]
    [InlineData(DType.Float32)]
    [InlineData(DType.Float64)]
    public void A_standardizer_comes_back_with_every_bit(DType dtype)
    {
        var x = Tensor.Normal([50, 4], 3, 1.0 / 3, new Rng(1), dtype);
        x = Tensor.Concat([x, Tensor.Ones([50, 1]).To(dtype)], axis: 1);
        var fitted = Standardizer.Fit(x);
        var again = Again(fitted);
        Assert.Equal(Numbers.Bits(fitted.Transform(x)), Numbers.Bits(again.Transform(x)));
        Assert.Equal(Numbers.Bits(fitted.Inverse(x)), Numbers.Bits(again.Inverse(x)));
    }

    [Fact]
    public void An_encoder_comes_back_with_every_bit_and_word()
    {
        var (fitted, again) = (Encoder(), Again(Encoder()));
        Assert.Equal(fitted.Describe(), again.Describe());
        Assert.Equal(fitted.FeatureNames, again.FeatureNames);
        Assert.Equal("kind", again.TargetName);
        Assert.Equal(Numbers.Bits(fitted.Transform(s_table, [0, 1, 2, 3])), Numbers.Bits(again.Transform(s_table, [0, 1, 2, 3])));
        var commas = FeatureEncoder.Fit(CsvTable.Parse("a;y\n1,5;1\n-9;2\n3,5;3\n", decimalMark: ',', missing: ["-9"]), "y", [0, 1, 2]);
        Assert.Equal(Numbers.Bits(commas.EncodeValues("1,5")), Numbers.Bits(Again(commas).EncodeValues(1.5)));
        Assert.Equal(Numbers.Bits(commas.EncodeValues([null])), Numbers.Bits(Again(commas).EncodeValues(-9.0)));
    }

    [Fact]
    public void Thresholds_and_names_come_back()
    {
        var at = new DecisionThreshold(0.1 + 0.2, 1, 2, 3, 4);
        Assert.Equal(at, Again(at));
        Assert.Equal(double.NegativeInfinity, Again(at with { Value = double.NegativeInfinity }).Value);
        var names = Again(new ClassNames("rose", "iris \"é\""));
        Assert.Equal(["rose", "iris \"é\""], names);
        Assert.Equal((1, "rose"), (names.IndexOf("iris \"é\""), names[0]));
        Assert.Equal([1, 0], new ClassNames(s_table.Labels("kind").Classes).IndicesOf(["rose", "iris"]));
        Assert.Equal("ClassNames: there is no class 'rosa'. Did you mean 'rose'?",
            Assert.Throws<ArgumentException>(() => names.IndexOf("rosa")).Message);
        Assert.Throws<ArgumentOutOfRangeException>(() => names[2]);
        Assert.Contains("'a' is the name of two classes, 0 and 2.", Assert.Throws<ArgumentException>(() => new ClassNames("a", "b", "a")).Message);
        Assert.Throws<ArgumentException>(() => new ClassNames("a", ""));
        Assert.ThrowsAny<ArgumentException>(() => new ClassNames("\uD800"));
    }

    [Fact]
    public void Texts_of_another_kind_and_damaged_ones_are_refused()
    {
        static string Message<T>(string text) where T : IFitted<T> => Assert.Throws<FormatException>(() => T.LoadState(text)).Message;
        var text = Encoder().SaveState();
        Assert.Equal("Standardizer.LoadState: expects the text of a Standardizer, version 1, but got that of 'FeatureEncoder', version 1.",
            Message<Standardizer>(text));
        Assert.Contains("version 1, but got that of 'FeatureEncoder', version 2.",
            Message<FeatureEncoder>(text.Replace("\"version\":1", "\"version\":2", StringComparison.Ordinal)));
        Assert.Contains("but got no JSON", Message<ClassNames>("names"));
        Assert.Contains("JSON without kind and version", Message<ClassNames>("[]"));
        // Cut off anywhere, and with any part taken out: never a half-made object.
        for (var length = 0; length < text.Length; length++) Message<FeatureEncoder>(text[..length]);
        foreach (var part in new[] { "median", "categories", "target", "name", "lines", "decimalMark" })
            Assert.Contains("the text is damaged", Message<FeatureEncoder>(
                text.Replace($"\"{part}\":", "\"other\":", StringComparison.Ordinal)));
        Assert.Contains("damaged", Message<FeatureEncoder>(text.Replace("[\"blue\",\"red\"]", "[\"red\",\"blue\"]", StringComparison.Ordinal)));
        Assert.Contains("damaged", Message<ClassNames>(new ClassNames("a", "b").SaveState().Replace("\"b\"", "\"a\"", StringComparison.Ordinal)));
        Assert.Contains("damaged", Message<Standardizer>(Standardizer.Fit(Tensor.From([2, 1], [1f, 2])).SaveState()
            .Replace("\"mean\":[1.5]", "\"mean\":[1.5,2]", StringComparison.Ordinal)));
    }

    string SaveAll()
    {
        var (path, encoder) = (Write("model.safetensors"), Encoder());
        var model = Model(encoder.FeatureNames.Count);
        new Checkpoint(model).Add("inputs", encoder).Add("classes", new ClassNames(s_table.Labels("kind").Classes))
            .Add("threshold", new DecisionThreshold(0.25, 1, 0, 1, 0)).Add("epoch", () => 3, _ => { }).Save(path);
        return path;
    }

    /// <summary>In another process: all from the file, and one row from memory.</summary>
    internal static void PredictAlone(string path, string output)
    {
        var encoder = Checkpoint.Read<FeatureEncoder>(path, "inputs");
        var model = Model(encoder.FeatureNames.Count);
        model.Load(path);
        var x = encoder.Encode(new Dictionary<string, object?> { ["Length"] = 2.7, ["Colour"] = "blue" });
        File.WriteAllLines(output, [.. Predict(model, x).ToArray<float>().Select(p => BitConverter.SingleToInt32Bits(p).ToString()),
            Checkpoint.Read<ClassNames>(path, "classes")[1]]);
    }

    [Fact]
    public void Another_process_predicts_the_same_bits_from_the_file_alone()
    {
        var (path, encoder, output) = (Write("m.safetensors"), Encoder(), Write("bits"));
        var model = Model(encoder.FeatureNames.Count);
        new Checkpoint(model).Add("inputs", encoder).Add("classes", new ClassNames("iris", "rose")).Save(path);
        using var child = ChildProcess.Start("predict alone", path, output);
        Assert.True(child.WaitForExit(TimeSpan.FromMinutes(2)));
        Assert.Equal([.. Predict(model, encoder.Transform(s_table, [1])).ToArray<float>()
            .Select(p => BitConverter.SingleToInt32Bits(p).ToString()), "rose"], File.ReadAllLines(output));
    }

    [Fact]
    public void Parts_that_are_not_there_are_named()
    {
        var path = SaveAll();
        Assert.Equal("there is no part 'input' of a text. Did you mean 'inputs'?", ErrorOf(path, () => Checkpoint.Read<FeatureEncoder>(path, "input")));
        Assert.EndsWith("The parts are classes, epoch, inputs, threshold.", ErrorOf(path, () => Checkpoint.Read<ClassNames>(path, "labels of rows")));
        Assert.Contains("'classes': Standardizer.LoadState: expects", ErrorOf(path, () => Checkpoint.Read<Standardizer>(path, "classes")));
        Assert.Contains("'epoch': ClassNames.LoadState", ErrorOf(path, () => Checkpoint.Read<ClassNames>(path, "epoch")));
        Assert.Equal(0.25, Checkpoint.Read<DecisionThreshold>(path, "threshold").Value);
    }

    [Fact]
    public void A_file_fitted_on_other_data_is_refused_and_nothing_changes()
    {
        var path = Write("model.safetensors");
        var model = Model(3);
        new Checkpoint(model).Add("inputs", Encoder()).Save(path);
        new Checkpoint(Model(3)).Add("inputs", Encoder()).Load(path);       // fitted anew on the same
        var other = Model(3);
        var before = Numbers.Bits(((Linear)other[0]).Weight);
        var error = ErrorOf(path, () => new Checkpoint(other).Add("inputs", Encoder(Flowers.Replace("1.1", "1.2", StringComparison.Ordinal))).Load(path));
        Assert.Contains("'inputs' is not the FeatureEncoder that is here: the file's was fitted on other data", error);
        Assert.Equal(before, Numbers.Bits(((Linear)other[0]).Weight));
    }

    [Fact]
    public void A_confusion_matrix_prints_whole_names()
    {
        var names = new ClassNames("a name that is longer than any column", "b");
        var matrix = new ConfusionMatrix(names.Count, names);
        matrix.Add([0, 1], [0, 0]);
        Assert.Equal(2, matrix.ToString().Split("a name that is longer than any column").Length - 1);
    }
}
