#!/usr/bin/env dotnet
#:project ../src/MicroGrad.Net/MicroGrad.Net.csproj
#:project Support/Examples.Support.csproj

// Predicting a number from a table: a network of two hidden layers beside the best that a straight line can do. By
// default the table is Friedman's first problem, whose truth is known (10 sin(πx₀x₁) + 20(x₂ − ½)² + 10x₃ + 5x₄, and
// five columns that do not matter); with --csv it is any table: text becomes categories, missing numbers the median.

using System.CommandLine;
using MicroGrad.Net;
using MicroGrad.Net.Examples;

var csv = new Option<FileInfo?>("--csv") { Description = "A table, gzipped or not; a header names its columns." };
var target = new Option<string?>("--target") { Description = "The column to predict; by default the last." };

return Example.Run(args, "A number predicted from a table, by a network and by a linear fit.", epochs: 40, [csv, target], example =>
{
    var (x, y, testX, testY) = example.Value(csv) is { } file ? Read(example, file.FullName, example.Value(target)) : Simulated();
    example.Say($"{x.Shape[0]} rows to learn from, {testX.Shape[0]} to be tested on, {x.Shape[1]} features.");

    // The network sees inputs and target with mean 0 and deviation 1; figures are in the target's own units.
    var (inputs, outputs) = (Standardizer.Fit(x), Standardizer.Fit(y));
    var model = new Sequential(
        new Linear(x.Shape[1], 64), new Relu(), new Linear(64, 64), new Relu(), new Linear(64, 1));
    var optimizer = new AdamW(model.Parameters(), learningRate: 2e-3);
    var batches = Batches.Of(inputs.Transform(x), outputs.Transform(y), size: 64);
    var unseen = inputs.Transform(testX);
    example.Watch(model, optimizer, batches, (p, t) => Losses.MeanSquaredError(p, t));
    example.Train(["loss", "test rmse"], epoch =>
    {
        optimizer.LearningRate = 2e-3 * (1 - (epoch.Epoch - 1.0) / example.Epochs);
        foreach (var (features, wanted) in batches)
        {
            var loss = Losses.MeanSquaredError(model.Forward(features), wanted);
            optimizer.ZeroGrad();
            loss.Backward();
            optimizer.Step();
            epoch.Step(loss.Item(), batches.Count);
        }
        return [epoch.MeanLoss, Rmse(Predict(), testY)];
    });

    Tensor Predict() => outputs.Inverse(model.Predict(unseen));

    example.Judge(model, unseen, testY, (p, t) => Losses.MeanSquaredError(p, t), x => outputs.Inverse(model.Forward(x)));
    var rmse = Rmse(Predict(), testY);
    var linear = Rmse(LinearFit(inputs.Transform(x), y, unseen), testY);
    example.Say($"Off by {rmse:0.####} in the root of the mean square; a linear fit by {linear:0.####}, "
        + $"so the network's error is {(rmse < linear ? $"{1 - rmse / linear:P1} smaller" : "not smaller")}.");
    var r2 = 1 - Math.Pow(rmse, 2) / Math.Pow(testY.StandardDeviation(correction: 0).Item(), 2);
    example.Finish(("rmse", rmse), ("linear_rmse", linear), ("r2", r2));
});

static double Rmse(Tensor prediction, Tensor truth) => Losses.MeanSquaredError(prediction, truth).Sqrt().Item();

// Least squares in closed form, by Math.NET. A little ridge keeps it unique when features depend on each other, as
// the categories of one column do: they add up to 1.
static Tensor LinearFit(Tensor x, Tensor y, Tensor testX)
{
    static Tensor WithOnes(Tensor t) => Tensor.Concat([t, Tensor.Ones([t.Shape[0], 1])], axis: 1);
    var a = WithOnes(x).ToMatrix();
    var normal = a.TransposeThisAndMultiply(a);
    for (var i = 0; i < normal.RowCount; i++) normal[i, i] += 1e-6 * x.Shape[0];
    var weights = normal.Cholesky().Solve(a.TransposeThisAndMultiply(y.ToMatrix()));
    return Tensor.From(WithOnes(testX).ToMatrix() * weights).To(DType.Float32);
}

static (Tensor, Tensor, Tensor, Tensor) Simulated()
{
    var (train, test) = (Toy.Friedman1(2000, noise: 1), Toy.Friedman1(2000, noise: 1));
    return (train.X, train.Y, test.X, test.Y);
}

static (Tensor, Tensor, Tensor, Tensor) Read(Example example, string path, string? target)
{
    var table = CsvTable.Read(path);
    target ??= table.Columns[^1];
    bool isNumeric;
    try
    {
        isNumeric = table.IsNumeric(target);
    }
    catch (ArgumentException noColumn)
    {
        throw new InvalidOptionException(noColumn.Message);
    }
    if (!isNumeric)
        throw new InvalidOptionException($"column {target} of {path} is text; --target must name a column of numbers.");
    var (train, test) = Split.Train(table.RowCount, testFraction: 0.2);
    var encoder = FeatureEncoder.Fit(table, target, train);
    foreach (var line in encoder.Describe()) example.Say("  " + line);
    return (encoder.Transform(table, train), encoder.Target(table, train), encoder.Transform(table, test), encoder.Target(table, test));
}
