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
        return [epoch.MeanLoss, Accuracy(Classify(model, testImages).ArgMax(axis: 1), testLabels)];
    });

    var logits = Classify(model, testImages);
    var predicted = logits.ArgMax(axis: 1);
    Draw.ConfusionMatrix(testLabels, predicted, classes: 10);
    ShowWorst(testImages, testLabels, logits);
    example.Finish(("accuracy", Accuracy(predicted, testLabels)), ("loss", Losses.CrossEntropy(logits, testLabels).Item()));
});

static Tensor Classify(Module model, Tensor images)
{
    using var off = Gradients.Off();
    return model.Forward(images);
}

static double Accuracy(int[] predicted, int[] labels) => predicted.Zip(labels).Count(pair => pair.First == pair.Second) / (double)labels.Length;

// The mistakes that the network was surest of.
static void ShowWorst(Tensor images, int[] labels, Tensor logits)
{
    var (predicted, sureness) = (logits.ArgMax(axis: 1), logits.Softmax().Max(axes: 1).ToDoubles());
    var worst = Enumerable.Range(0, labels.Length).Where(i => predicted[i] != labels[i]).OrderByDescending(i => sureness[i]).Take(4).ToArray();
    if (worst.Length > 0)
        Draw.Images([.. worst.Select(i => ($"a {labels[i]}, taken for {predicted[i]} ({sureness[i]:P0})", images[i, 0]))]);
}

static (Tensor, int[], Tensor, int[]) Load(DirectoryInfo? folder)
{
    if (folder is null)
    {
        var (train, test) = (Toy.Digits(10_000), Toy.Digits(2_000));
        return (train.Images, train.Labels, test.Images, test.Labels);
    }
    if (!folder.Exists) throw new DirectoryNotFoundException($"there is no folder {folder.FullName}.");
    string File(string name) => new[] { name + ".gz", name }.Select(n => Path.Combine(folder.FullName, n)).FirstOrDefault(System.IO.File.Exists)
        ?? throw new FileNotFoundException($"{folder.FullName} has neither {name} nor {name}.gz.");
    var (images, labels) = Idx.ReadLabelled(File("train-images-idx3-ubyte"), File("train-labels-idx1-ubyte"), classes: 10);
    var (testImages, testLabels) = Idx.ReadLabelled(File("t10k-images-idx3-ubyte"), File("t10k-labels-idx1-ubyte"), classes: 10);
    return (images, labels, testImages, testLabels);
}
