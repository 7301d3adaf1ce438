#!/usr/bin/env dotnet
#:project ../src/MicroGrad.Net/MicroGrad.Net.csproj
#:project Support/Examples.Support.csproj

// One row in forty is of the rare class, and that class is what matters. The same network learns with five losses and
// from resampled rows; last, the plain one gets another threshold. How much is found, how much of that is right, and
// can the probabilities be believed? By default the rows are simulated; with --csv the last column of a file is the
// class.

using System.CommandLine;
using System.Globalization;
using MicroGrad.Net;
using MicroGrad.Net.Examples;

const int Folds = 5;

var csv = new Option<FileInfo?>("--csv")
{
    Description = "A table whose last column is one of two classes; gzipped or not.",
};
var rows = new Option<int>("--rows") { Description = "The rows to simulate.", DefaultValueFactory = _ => 30_000 };
var price = new Option<double?>("--price")
{
    Description = "How many false alarms are as bad as a rare row that is missed; by default the common rows per rare "
        + "one.",
};

const string Story = "A rare class: five losses, resampling and a moved threshold.";
return Example.Run(args, Story, epochs: 15, [csv, rows, price], example =>
{
    var (x, labels, train, test) = example.Value(csv) is { } file ? Read(example, file.FullName)
        : Simulate(example.Value(rows));
    var counts = ClassWeights.Count(Of(labels, train), classes: 2);
    var missCost = example.Value(price) ?? counts[0] / (double)counts[1];
    if (!(missCost > 0 && double.IsFinite(missCost)))
        throw new InvalidOptionException($"--price must be a positive number, not {Text(missCost)}.");
    example.Say($"{train.Length} rows to learn from, {counts[1]} of them rare; {test.Length} to be tested on. "
        + $"A rare row that is missed is as bad as {Text(missCost)} false alarms.");

    // The network has one output, the log-odds of the rare class. Losses over several classes see a 0 for the common
    // class beside it: the softmax of the two is the same sigmoid.
    Tensor Plain(Tensor z, int[] y) => Losses.BinaryCrossEntropyWithLogits(z, Target(y));
    var weight = Tensor.From([1], [(float)missCost]);
    Student[] students =
    [
        Enrol("plain", train, Plain),
        Enrol("weighted", train, (z, y) => Losses.BinaryCrossEntropyWithLogits(z, Target(y), positiveWeight: weight)),
        Enrol("focal", train, (z, y) => Losses.BinaryFocal(z, Target(y), alpha: null, gamma: 2)),
        Enrol("class-balanced", train, (z, y) => Losses.ClassBalancedCrossEntropy(BothClasses(z), y, counts)),
        Enrol("logit-adjusted", train, (z, y) => Losses.LogitAdjustedCrossEntropy(BothClasses(z), y, counts)),
        Enrol("resampled", train, Plain, new BalancedSampler(Of(labels, train))),
    ];
    // A threshold is chosen on rows that were not learned from, and not on those of the test. So five more learn the
    // plain way, each from four fifths of the rows, and score the fifth that they have not seen.
    var folds = Enumerable.Range(0, Folds).Select(number => Fold(train, number))
        .Select(fold => (Student: Enrol("fold", fold.Others, Plain), Unseen: fold.Part)).ToArray();

    Student[] others = [.. students[1..], .. folds.Select(fold => fold.Student)];
    var (testX, truth) = (x.Select(test), Target(Of(labels, test)));
    example.Watch(students[0].Model, students[0].Optimizer, students[0].Batches, students[0].Loss);
    example.Say("The loss of the plain network, and the share of the rare rows in the test that each network finds:");
    example.Train(["loss", .. students.Select(student => student.Name)], epoch =>
    {
        students[0].Learn(loss => epoch.Step(loss, students[0].Batches.Count));
        foreach (var student in others) student.Learn(_ => example.Stop.ThrowIfCancellationRequested());
        var found = students.Select(student => DecisionThreshold.At(0, student.Score(testX), truth).Recall);
        return [epoch.MeanLoss, .. found];
    });

    var tuned = DecisionThreshold.ForCost(
        Tensor.Concat([.. folds.Select(fold => fold.Student.Score(x.Select(fold.Unseen)))]),
        Target(Of(labels, [.. folds.SelectMany(fold => fold.Unseen)])), falsePositive: 1, falseNegative: missCost);
    Row[] table =
        [.. students.Select(student => Judge(student.Name, student, 0)), Judge("tuned", students[0], tuned.Value)];
    Draw.Table(["", "rare\nrecall", "common\nrecall", "precision", "PR-AUC", "ECE", "cost per\n1000 rows"],
        table.Select(row => new[]
        {
            row.Name, Share(row.Decisions.Recall), Share(row.Decisions.Specificity), Share(row.Decisions.Precision),
            Text(row.PrAuc, "0.000"), Text(row.CalibrationError, "0.000"), Cost(row),
        }));
    Explain(example, table, tuned, truth);
    example.Judge(students[0].Model, testX, Of(labels, test), students[0].Loss);
    static string Key(Row row, string figure) => $"{row.Name.Replace('-', '_')}_{figure}";
    example.Finish(
    [
        .. table.Select(row => (Key(row, "recall"), row.Decisions.Recall)),
        .. table[..2].SelectMany(row =>
            new[] { (Key(row, "pr_auc"), row.PrAuc), (Key(row, "ece"), row.CalibrationError) }),
    ]);

    Student Enrol(string name, int[] from, Func<Tensor, int[], Tensor> loss, Sampler? sampler = null)
    {
        var rng = new Rng(example.Seed);        // the same start for all
        var model = new Sequential(new Linear(x.Shape[1], 32, rng: rng), new Relu(), new Linear(32, 1, rng: rng));
        var (seen, known) = (x.Select(from), Of(labels, from));
        var batches = sampler is null ? Batches.Of(seen, known, size: 64, rng: rng)
            : Batches.Of(seen, known, sampler, size: 64, rng: rng);
        return new(name, model, new Adam(model.Parameters(), learningRate: 2e-3), batches, loss);
    }

    Row Judge(string name, Student student, double threshold)
    {
        var scores = student.Score(testX);
        var decisions = DecisionThreshold.At(threshold, scores, truth);
        var (precision, calibration) = (new AveragePrecision(), new Calibration());
        precision.Add(scores, truth);
        calibration.Add(scores, truth);
        return new(name, scores, decisions, decisions.Cost(falsePositive: 1, falseNegative: missCost),
            precision.Value, calibration.Value);
    }
});

// What the figures say, in words.
static void Explain(Example example, Row[] table, DecisionThreshold tuned, Tensor truth)
{
    var (plain, weighted, moved, cheapest) = (table[0], table[1], table[^1], table.MinBy(row => row.Cost)!);
    var (before, after) = (plain.Decisions, weighted.Decisions);
    var buys = after.Recall > before.Recall && after.Precision < before.Precision;
    example.Say($"{(buys ? "Weighting buys recall with precision" : "What weighting changes")}: it finds "
        + $"{Share(after.Recall)} of the rare rows instead of {Share(before.Recall)}, and {Share(after.Precision)} of "
        + $"its alarms are right instead of {Share(before.Precision)}.");
    var astray = weighted.CalibrationError > plain.CalibrationError;
    example.Say($"Its probabilities are off by {Share(weighted.CalibrationError)} on average (ECE), those of the plain "
        + $"network by {Share(plain.CalibrationError)}"
        + (astray ? ": it has learned a world in which rare rows are not rare." : "."));
    example.Say($"The plain network with another threshold (tuned), an alarm above a probability of "
        + $"{Share(1 / (1 + Math.Exp(-tuned.Value)))} instead of 50 %, finds {Share(moved.Decisions.Recall)}, "
        + $"{Share(moved.Decisions.Precision)} of its alarms are right, and its probabilities stay as they are.");
    if (after.Recall > 0)
    {
        var there = DecisionThreshold.ForRecall(plain.Scores, truth, atLeast: after.Recall).Precision;
        var better = there > after.Precision ? "plain" : "weighted";
        example.Say($"With a threshold by which it finds as many as the weighted one, {Share(there)} of its alarms are "
            + $"right, against {Share(after.Precision)}: "
            + (Math.Abs(there - after.Precision) < 0.05
                ? "weighting moved along the curve that thresholds move along too."
                : $"there the {better} network tells the classes apart better."));
    }
    example.Say($"At this price of a miss the cheapest on these rows is \"{cheapest.Name}\", with {Cost(cheapest)} per "
        + $"1000 rows; plain costs {Cost(plain)}.");
}

static int[] Of(int[] labels, int[] rows) => Array.ConvertAll(rows, row => labels[row]);

static Tensor Target(int[] labels) => Tensor.From([labels.Length, 1], Array.ConvertAll(labels, label => (float)label));

static Tensor BothClasses(Tensor logOdds) => Tensor.Concat([Tensor.Zeros(logOdds.Shape), logOdds], axis: 1);

static (int[] Others, int[] Part) Fold(int[] rows, int number) =>
    ([.. rows.Where((_, i) => i % Folds != number)], [.. rows.Where((_, i) => i % Folds == number)]);

// Two small clouds of rare rows within one wide cloud of common ones: nowhere are rare rows alone.
static (Tensor X, int[] Labels, int[] Train, int[] Test) Simulate(int rows)
{
    const int Features = 4;
    if (rows < 1000) throw new InvalidOptionException($"--rows must be at least 1000, not {rows}.");
    var rng = Rng.Default;
    var (x, labels) = (new float[rows * Features], new int[rows]);
    for (var row = 0; row < rows; row++)
    {
        labels[row] = rng.Chance(0.025) ? 1 : 0;
        var side = rng.Chance(0.5) ? 1.4 : -1.4;
        for (var feature = 0; feature < Features; feature++)
        {
            var value = labels[row] == 0 ? rng.Normal() : rng.Normal(feature % 2 == 0 ? side : 1, 0.6);
            x[row * Features + feature] = (float)value;
        }
    }
    var (train, test) = Fold([.. Enumerable.Range(0, rows)], 0);
    return (Tensor.From([rows, Features], x), labels, train, test);
}

static (Tensor X, int[] Labels, int[] Train, int[] Test) Read(Example example, string path)
{
    var table = CsvTable.Read(path, hasHeader: false);
    // A first line without any number is a header.
    if (!table.Columns.Any(column => double.TryParse(table.Text(column)[0], CultureInfo.InvariantCulture, out _)))
        table = CsvTable.Read(path);
    var (labels, classes) = table.Labels(table.Columns[^1]);
    if (classes.Length != 2)
        throw new InvalidOptionException(
            $"the last column of {path} has {classes.Length} different values; two classes are needed.");
    var rare = labels.Count(label => label == 1) * 2 <= labels.Length ? 1 : 0;
    labels = Array.ConvertAll(labels, label => label == rare ? 1 : 0);
    example.Say($"The rare class is {classes[rare]}, the common one {classes[1 - rare]}.");
    var (train, test) = Fold([.. Enumerable.Range(0, table.RowCount)], 0);
    if (Of(labels, train).Sum() < Folds || Of(labels, test).Sum() < 1)
        throw new InvalidOptionException(
            $"{path} has {labels.Sum()} rows of the rare class, too few to learn from and to test on.");
    var encoder = FeatureEncoder.Fit(table, table.Columns[^1], train);
    foreach (var line in encoder.Describe()) example.Say("  " + line);
    return (encoder.Transform(table, [.. Enumerable.Range(0, table.RowCount)]), labels, train, test);
}

static string Text(double figure, string format = "0.###") => figure.ToString(format, CultureInfo.InvariantCulture);

static string Share(double figure) => Text(figure, "0.0 %");

static string Cost(Row row) => Text(1000 * row.Cost, "0.0");

sealed record Row(
    string Name, Tensor Scores, DecisionThreshold Decisions, double Cost, double PrAuc, double CalibrationError);

sealed record Student(
    string Name, Module Model, Optimizer Optimizer, Batches<Tensor, int[]> Batches, Func<Tensor, int[], Tensor> Loss)
{
    // Once over the rows.
    public void Learn(Action<double> afterStep)
    {
        foreach (var (x, labels) in Batches)
        {
            var loss = Loss(Model.Forward(x), labels);
            Optimizer.ZeroGrad();
            loss.Backward();
            Optimizer.Step();
            afterStep(loss.Item());
        }
    }

    // The log-odds of the rare class.
    public Tensor Score(Tensor x) => Model.Predict(x);
}
