#!/usr/bin/env dotnet
#:project ../../src/MicroGrad.Net/MicroGrad.Net.csproj

// 12. Reading a report
//
// Training is an experiment, and its report answers four questions. Is anything wrong before I start? Diagnose trains
// for a few steps and tells, with evidence and what to do: here four faults of one cause, inputs that are large numbers
// of two scales, so we standardise them and ask again. Has it learned, and when should it have stopped? The verdict
// reads the two curves of the loss. Which layer did the work? The ledger splits each step's change of the loss among
// the layers, by slope and curvature, and its columns add up. Where is it wrong still? The page, 12-report.html, draws
// all of that, and the worst predictions; look first at its curves, then at the update-to-weight ratio of each layer
// (about 1e-3 is healthy). Try: a learning rate of 1, and of 0.0001, and see which part of the report tells.

using MicroGrad.Net;

Rng.Seed(12);
var (train, test) = (Toy.Spirals(90, noise: 0.6), Toy.Spirals(600, noise: 0.6));
static Tensor Raw(Tensor x) => (x * Tensor.From([2], [300f, 5f]) + 1000).To(DType.Float64);     // two scales, far off
static Tensor CrossEntropy(Tensor logits, int[] labels) => Losses.CrossEntropy(logits, labels);
static Sequential Network() =>
    (Sequential)new Sequential(new Linear(2, 48, rng: new Rng(1)), new Tanh(), new Linear(48, 48, rng: new Rng(2)),
        new Tanh(), new Linear(48, 3, rng: new Rng(3))).To(DType.Float64);

Console.WriteLine("1. Is anything wrong before I start? As measured:");
Report(Diagnose.Run(Network(), CrossEntropy, Batches.Of(Raw(train.X), train.Labels, size: 30)));

var scale = Standardizer.Fit(Raw(train.X));
var batches = Batches.Of(scale.Transform(Raw(train.X)), train.Labels, size: 30);
var validation = Batches.Of(scale.Transform(Raw(test.X)), test.Labels, size: 600, shuffle: false);
Console.WriteLine();
Console.WriteLine("Standardised:");
Report(Diagnose.Run(Network(), CrossEntropy, batches));

var model = Network();
var optimizer = new Adam(model.Parameters(), learningRate: 0.01);
var record = new TrainingRecord(model, optimizer) { Samples = 60 };
var history = new Trainer<int[]>(model, optimizer, CrossEntropy)
{
    Metrics = { { "accuracy", Metrics.Accuracy } }, Watch = record,
}.Fit(batches, validation, epochs: 100);

Console.WriteLine();
Console.WriteLine("2. Has it learned, and when should it have stopped?");
Console.WriteLine(history.Chart(width: 60, height: 10));
Console.WriteLine(history.Verdict);
Console.WriteLine($"accuracy in training {history.Last["accuracy"]:0.00}, "
    + $"in validation {history.Last["validation accuracy"]:0.00}");

Console.WriteLine();
Console.WriteLine("3. Which layer did the work? (At 60 of the 300 steps, spread evenly.)");
Console.WriteLine(record.Total);

Console.WriteLine("4. Where is it wrong still? See the page.");
history.SaveHtml(Path.Combine(args is ["--out", var folder] ? folder : ".", "12-report.html"), "Three spirals");
Console.WriteLine("page: 12-report.html");

static void Report(Diagnosis diagnosis)
{
    Console.WriteLine($"{diagnosis.Count} checks, {diagnosis.Faults.Count} faults");
    foreach (var fault in diagnosis.Faults) Console.WriteLine(fault);
}
