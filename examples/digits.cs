#!/usr/bin/env dotnet
#:project ../src/MicroGrad.Net/MicroGrad.Net.csproj
#:project Support/Examples.Support.csproj

// Handwritten digits: 784 pixels in, 128 hidden units, ten classes out. By default the digits are drawn on the spot,
// by strokes with random slant, width, place and noise; with --data they are read from MNIST's four files.

using System.CommandLine;
using MicroGrad.Net;
using MicroGrad.Net.Examples;

var data = new Option<DirectoryInfo?>("--data") { Description = "A folder with MNIST's four IDX files, gzipped or not." };

return Example.Run(args, "Handwritten digits, classified by a network of one hidden layer.", epochs: 5, [data], example =>
{
    var (images, labels, testImages, testLabels) = Load(example.Value(data));
    example.Say($"{labels.Length} digits to learn from, {testLabels.Length} to be tested on.");
    var model = new Sequential(new Flatten(), new Linear(784, 128), new Relu(), new Linear(128, 10));
    var optimizer = new Adam(model.Parameters(), learningRate: 2e-3);
    example.Say($"{model}");

    var batches = Batches.Of(images, labels, size: 64);
    example.Watch(model, optimizer, batches, (logits, y) => Losses.CrossEntropy(logits, y));
    example.Train(["loss", "test accuracy"], epoch =>
    {
        // Large steps first, small ones to settle.
        optimizer.LearningRate = 2e-3 * (1 - (epoch.Epoch - 1.0) / example.Epochs);
        foreach (var (x, y) in batches)
        {
            var loss = Losses.CrossEntropy(model.Forward(x), y);
            optimizer.ZeroGrad();
            loss.Backward();
            optimizer.Step();
            epoch.Step(loss.Item(), batches.Count);
        }
        return [epoch.MeanLoss, Metrics.Accuracy(model.Predict(testImages), testLabels)];
    });

    var logits = model.Predict(testImages);
    Draw.ConfusionMatrix(testLabels, logits.ArgMax(axis: 1), classes: 10);
    Draw.Mistakes(testImages, testLabels, logits);
    example.Judge(model, testImages, testLabels, (said, y) => Losses.CrossEntropy(said, y));
    example.Finish(("accuracy", Metrics.Accuracy(logits, testLabels)), ("loss", Losses.CrossEntropy(logits, testLabels).Item()));
});

static (Tensor, int[], Tensor, int[]) Load(DirectoryInfo? folder)
{
    if (folder is null)
    {
        var (train, test) = (Toy.Digits(10_000), Toy.Digits(2_000));
        return (train.Images, train.Labels, test.Images, test.Labels);
    }
    var (images, labels) = Mnist.Load(folder.FullName, train: true);
    var (testImages, testLabels) = Mnist.Load(folder.FullName, train: false);
    return (images, labels, testImages, testLabels);
}
