namespace MicroGrad.Net.Tests;

/// <summary>
/// Learning beside PyTorch's, by the rule in shared/oracle/reference_learning.md: the mean over our seeds is not worse
/// than the reference mean by more than 2·sd·√(1/n_ref + 1/n_ours).
/// </summary>
public partial class LearningTests(ITestOutputHelper output)
{
    const int Seeds = 5;

    [Fact]
    public void Digits_are_learned_as_well_as_by_PyTorch()
    {
        var table = CsvTable.Read(Path.Combine(Shared.Require("data"), "digits", "digits.csv.gz"), hasHeader: false);
        var x = Columns(table, [.. table.Columns.SkipLast(1)]) / 16;
        int[] labels = [.. table.Numbers(table.Columns[^1]).Select(label => (int)label)];
        var (train, test) = SplitA(table.RowCount);
        var results = new List<(double Accuracy, double Loss, double First)>();
        for (var seed = 0UL; seed < Seeds; seed++)
        {
            var rng = new Rng(seed);
            var model = new Sequential(new Linear(64, 64, rng: rng), new Relu(), new Linear(64, 10, rng: rng));
            var trainer = new Trainer<int[]>(model, new Adam(model.Parameters()), (logits, y) => Losses.CrossEntropy(logits, y))
            {
                Metrics = { { "accuracy", Metrics.Accuracy } },
            };
            var history = trainer.Fit(Batches.Of(x.Select(train), Of(labels, train), 32, rng: new Rng(1000 + seed)), epochs: 30);
            var accuracy = trainer.Evaluate(Batches.Of(x.Select(test), Of(labels, test), 360, shuffle: false))["accuracy"];
            results.Add((accuracy, history.Last["loss"], history["loss"][0]));
        }
        // sd floor for accuracies 0.003; for losses 1 %.
        NotWorse("digits_mlp test accuracy", -results.Average(result => result.Accuracy), -0.965, 0.003);
        NotWorse("digits_mlp final training loss", results.Average(result => result.Loss), 0.082555, 0.0038);
        NotWorse("digits_mlp first training loss", results.Average(result => result.First), 2.1697, 0.0217);
    }

    [Fact]
    public void Diabetes_is_predicted_as_well_as_by_PyTorch()
    {
        var folder = Path.Combine(Shared.Require("data"), "tabular");
        var table = CsvTable.Read(Path.Combine(folder, "diabetes_data_raw.csv.gz"), delimiter: ' ', hasHeader: false);
        var target = CsvTable.Read(Path.Combine(folder, "diabetes_target.csv.gz"), delimiter: ' ', hasHeader: false);
        NotWorse("diabetes_mlp test RMSE", Rmse(Columns(table, table.Columns), Columns(target, target.Columns), width: 16,
            tanh: true, epochs: 60, weightDecay: 0.1), 52.979, 0.53);
    }

    [Fact]
    public void Cars_consumption_is_predicted_as_well_as_by_PyTorch()
    {
        var table = CsvTable.Read(Path.Combine(Shared.Require("data"), "tabular", "auto_mpg.csv"));
        var power = table.Numbers("horsepower");
        int[] complete = [.. Enumerable.Range(0, table.RowCount).Where(row => !double.IsNaN(power[row]))];
        var features = Columns(table, ["cylinders", "displacement", "horsepower", "weight", "acceleration", "model_year"]);
        string[] origins = ["usa", "europe", "japan"];
        var origin = Tensor.Eye(3).Select([.. table.Text("origin").Select(name => Array.IndexOf(origins, name))]);
        NotWorse("auto_mpg_mlp test RMSE", Rmse(Tensor.Concat([features, origin], axis: 1).Select(complete),
            Columns(table, ["mpg"]).Select(complete), width: 32, tanh: false, epochs: 150, weightDecay: 0.01), 3.3129, 0.045);
    }

    static double Rmse(Tensor x, Tensor y, int width, bool tanh, int epochs, double weightDecay) => Rmse(x, y,
        rng => new Sequential(new Linear(x.Shape[1], width, rng: rng), tanh ? new Tanh() : new Relu(), new Linear(width, 1, rng: rng)),
        epochs, weightDecay, learningRate: 3e-3, batch: 32, Seeds);

    /// <summary>The mean test RMSE in the target's own units.</summary>
    static double Rmse(Tensor x, Tensor y, Func<Rng, Module> make, int epochs, double weightDecay, double learningRate, int batch, int seeds)
    {
        var (train, test) = SplitA(x.Shape[0]);
        var (inputs, outputs) = (Standardizer.Fit(x.Select(train)), Standardizer.Fit(y.Select(train)));
        return Enumerable.Range(0, seeds).Average(seed =>
        {
            var model = make(new Rng((ulong)seed));
            new Trainer<Tensor>(model, new AdamW(model.Parameters(), learningRate, weightDecay: weightDecay), (p, t) => Losses.MeanSquaredError(p, t))
                .Fit(Batches.Of(inputs.Transform(x.Select(train)), outputs.Transform(y.Select(train)), batch, rng: new Rng(1000 + (ulong)seed)), epochs: epochs);
            using var off = Gradients.Off();
            return Losses.MeanSquaredError(outputs.Inverse(model.Forward(inputs.Transform(x.Select(test)))), y.Select(test)).Sqrt().Item();
        });
    }

    void NotWorse(string what, double ours, double reference, double deviation, int references = 5, int seeds = Seeds)
    {
        var limit = reference + 2 * deviation * Math.Sqrt(1.0 / references + 1.0 / seeds);
        output.WriteLine(FormattableString.Invariant($"{what}: {Math.Abs(ours):g6}, PyTorch {Math.Abs(reference):g6}, limit {Math.Abs(limit):g6}"));
        Assert.True(ours <= limit, FormattableString.Invariant($"{what}: {Math.Abs(ours):g6}, limit {Math.Abs(limit):g6}"));
    }

    static Tensor Columns(CsvTable table, IReadOnlyList<string> names) =>
        Tensor.Stack([.. names.Select(name => Tensor.From([table.RowCount], table.Numbers(name)).To(DType.Float32))], axis: 1);

    /// <summary>Every fifth row is for testing.</summary>
    static (int[] Train, int[] Test) SplitA(int rows) =>
        ([.. Enumerable.Range(0, rows).Where(row => row % 5 != 0)], [.. Enumerable.Range(0, rows).Where(row => row % 5 == 0)]);
}
