namespace MicroGrad.Net.Tests;

/// <summary>Rows of the reference with other layers, losses and data. Deviations have the reference's floors.</summary>
public partial class LearningTests
{
    [Fact]
    public void Digits_are_learned_by_convolutions_as_well_as_by_PyTorch()
    {
        var table = CsvTable.Read(Path.Combine(Shared.Require("data"), "digits", "digits.csv.gz"), hasHeader: false);
        var x = (Columns(table, [.. table.Columns.SkipLast(1)]) / 16).Reshape(-1, 1, 8, 8);
        int[] labels = [.. table.Numbers(table.Columns[^1]).Select(label => (int)label)];
        var (train, test) = SplitA(table.RowCount);
        var results = Runs(Seeds, rng => new Sequential(
                new Conv2D(1, 16, 3, padding: 1, rng: rng), new BatchNorm2D(16), new Relu(), new MaxPool2D(2),
                new Conv2D(16, 32, 3, padding: 1, rng: rng), new BatchNorm2D(32), new Relu(), new MaxPool2D(2),
                new Flatten(), new Linear(128, 10, rng: rng)),
            (x.Select(train), Of(labels, train)), (x.Select(test), Of(labels, test)), batch: 32, epochs: 10);
        NotWorse("digits_cnn_bn test accuracy", -results.Accuracy, -0.98167, 0.0037);
        NotWorse("digits_cnn_bn final training loss", results.Loss, 0.036706, 0.0015);
    }

    [Fact]
    public void Handwriting_is_learned_as_well_as_by_PyTorch()
    {
        var folder = Path.Combine(Shared.Require("data"), "mnist");
        var results = Runs(2, rng => new Sequential(new Flatten(), new Linear(784, 128, rng: rng), new Relu(), new Linear(128, 10, rng: rng)),
            Mnist.Load(folder), Mnist.Load(folder, train: false), batch: 64, epochs: 3);
        NotWorse("mnist_mlp test accuracy", -results.Accuracy, -0.96868, 0.003, seeds: 2);
        NotWorse("mnist_mlp final training loss", results.Loss, 0.1113, 0.0024, seeds: 2);
    }

    [Fact]
    public void Prices_of_houses_are_predicted_as_well_as_by_PyTorch()
    {
        var table = CsvTable.Read(Path.Combine(Shared.Require("data"), "tabular", "california_housing.csv.gz"));
        var bedrooms = table.Numbers("total_bedrooms");
        int[] complete = [.. Enumerable.Range(0, table.RowCount).Where(row => !double.IsNaN(bedrooms[row]))];
        Tensor Column(string name) => Tensor.From([table.RowCount], table.Numbers(name)).Select(complete);
        var (households, population) = (Column("households"), Column("population"));
        var x = Tensor.Stack([
            Column("longitude"), Column("latitude"), Column("housing_median_age"), Column("total_rooms") / households,
            Column("total_bedrooms") / households, population.Log(), (population / households).Log(), Column("median_income"),
        ], axis: 1).To(DType.Float32);
        var y = (Column("median_house_value") / 1e5).To(DType.Float32).Unsqueeze(1);
        NotWorse("california_mlp test RMSE", Rmse(x, y, rng => new Sequential(
                new Linear(8, 64, rng: rng), new Relu(), new Linear(64, 64, rng: rng), new Relu(), new Linear(64, 1, rng: rng)),
            epochs: 20, weightDecay: 0.01, learningRate: 1e-3, batch: 128, seeds: 3), 0.54403, 0.00544, references: 3, seeds: 3);
    }

    [Fact]
    public void A_rare_class_is_found_as_well_as_by_PyTorch()
    {
        var table = CsvTable.Read(Path.Combine(Shared.Require("data"), "tabular", "mammography.csv.gz"), hasHeader: false);
        var x = Columns(table, [.. table.Columns.SkipLast(1)]);
        var y = Tensor.From([table.RowCount, 1], [.. table.Text(table.Columns[^1]).Select(cell => cell.Trim('\'') == "1" ? 1f : 0f)]);
        var (train, test) = SplitA(table.RowCount);
        var inputs = Standardizer.Fit(x.Select(train));
        var positives = y.Select(train).Sum().Item();
        double Recall(Tensor? positiveWeight) => Enumerable.Range(0, Seeds).Average(seed =>
        {
            var rng = new Rng((ulong)seed);
            var model = new Sequential(new Linear(6, 32, rng: rng), new Relu(), new Linear(32, 1, rng: rng));
            new Trainer<Tensor>(model, new Adam(model.Parameters(), 2e-3),
                    (logits, truth) => Losses.BinaryCrossEntropyWithLogits(logits, truth, positiveWeight: positiveWeight))
                .Fit(Batches.Of(inputs.Transform(x.Select(train)), y.Select(train), 64, rng: new Rng(1000 + (ulong)seed)), epochs: 15);
            using var off = Gradients.Off();
            var found = (model.Forward(inputs.Transform(x.Select(test))) > 0) * y.Select(test);
            return (found.Sum() / y.Select(test).Sum()).Item();
        });
        NotWorse("mammography_mlp_none recall", -Recall(null), -0.41176, 0.02);
        NotWorse("mammography_mlp_pos_weight recall", -Recall(Tensor.From([1], [(float)((train.Length - positives) / positives)])), -0.8902, 0.011);
    }

    /// <summary>The mean test accuracy and final training loss of a classifier.</summary>
    static (double Accuracy, double Loss) Runs(int seeds, Func<Rng, Module> make, (Tensor X, int[] Labels) train,
        (Tensor X, int[] Labels) test, int batch, int epochs)
    {
        var (accuracy, loss) = (0.0, 0.0);
        for (var seed = 0UL; seed < (ulong)seeds; seed++)
        {
            var model = make(new Rng(seed));
            var trainer = new Trainer<int[]>(model, new Adam(model.Parameters()), (logits, y) => Losses.CrossEntropy(logits, y))
            {
                Metrics = { { "accuracy", Metrics.Accuracy } },
            };
            loss += trainer.Fit(Batches.Of(train.X, train.Labels, batch, rng: new Rng(1000 + seed)), epochs: epochs).Last["loss"] / seeds;
            accuracy += trainer.Evaluate(Batches.Of(test.X, test.Labels, 500, shuffle: false))["accuracy"] / seeds;
        }
        return (accuracy, loss);
    }

    static int[] Of(int[] labels, int[] rows) => [.. rows.Select(row => labels[row])];
}
