#!/usr/bin/env dotnet
#:project ../src/MicroGrad.Net/MicroGrad.Net.csproj
#:project Support/Examples.Support.csproj

// Handwritten digits by a small convolutional network: three layers of 3x3 windows with batch normalization, trained
// on images that are shifted, turned and scaled a little each time they are shown. By default on digits drawn on the
// spot; --data takes a folder with MNIST's files, --download fetches them once. After each epoch everything is saved,
// so that --resume goes on where a run was stopped, with the same bits.

using System.CommandLine;
using MicroGrad.Net;
using MicroGrad.Net.Examples;

var data = new Option<DirectoryInfo?>("--data") { Description = "A folder with MNIST's four IDX files, gzipped or not." };
var download = new Option<bool>("--download") { Description = "Fetch MNIST (11 MB) into a cache folder, once." };
var save = new Option<DirectoryInfo>("--save")
{
    Description = "Where checkpoints and the weights go.",
    DefaultValueFactory = _ => new DirectoryInfo(Path.Combine(Path.GetTempPath(), "micrograd-mnist")),
};
var resume = new Option<bool>("--resume") { Description = "Go on from the last checkpoint there." };

return Example.Run(args, "Handwritten digits, classified by a small convolutional network.", epochs: 8, [data, download, save, resume], example =>
{
    var (images, labels, testImages, testLabels) = Load(example);
    example.Say($"{labels.Length} digits to learn from, {testLabels.Length} to be tested on.");
    var model = new Sequential(
        new Conv2D(1, 16, window: 3, padding: 1), new BatchNorm2D(16), new Relu(), new MaxPool2D(2),
        new Conv2D(16, 32, window: 3, padding: 1), new BatchNorm2D(32), new Relu(), new MaxPool2D(2),
        new Conv2D(32, 64, window: 3, padding: 1), new BatchNorm2D(64), new Relu(),
        new Flatten(), new Dropout(0.3), new Linear(64 * 7 * 7, 10));
    example.Say(model.Summary([1, 28, 28]));

    var optimizer = new Adam(model.Parameters());
    var batches = Batches.Of(images, labels, size: 64).Augment(new Augmentation().Shift(2).Rotate(8).Scale(0.9, 1.1));
    var scheduler = optimizer.Follow(new OneCycleSchedule(maximum: 4e-3, steps: example.Epochs * batches.Count));
    var epochsDone = 0;
    var checkpoint = new Checkpoint(model).Add("optimizer", optimizer).Add("schedule", scheduler).Add("rng", Rng.Default)
        .Add("epochs", () => epochsDone, value => epochsDone = value);
    var folder = new CheckpointFolder(example.Value(save)!.FullName, keep: 1);
    if (example.Value(resume))
        example.Say(folder.LoadLatest(checkpoint) is { } path ? $"Going on after epoch {epochsDone}, from {path}." : "Nothing to resume: starting anew.");
    if (epochsDone >= example.Epochs) throw new InvalidOptionException($"the saved run has had {epochsDone} epochs; ask for more with --epochs.");

    example.Watch(model, optimizer, batches, (logits, y) => Losses.CrossEntropy(logits, y));
    example.Train(["loss", "test accuracy"], epoch =>
    {
        foreach (var (x, y) in batches)
        {
            var loss = Losses.CrossEntropy(model.Forward(x), y);
            optimizer.ZeroGrad();
            loss.Backward();
            optimizer.Step();
            scheduler.Step();
            epoch.Step(loss.Item(), batches.Count);
        }
        var accuracy = Metrics.Accuracy(Classify(model, testImages), testLabels);
        epochsDone = epoch.Epoch;
        folder.Save(checkpoint, score: 1 - accuracy);       // the lowest is kept as the best
        return [epoch.MeanLoss, accuracy];
    }, firstEpoch: epochsDone + 1);

    var logits = Classify(model, testImages);
    Draw.ConfusionMatrix(testLabels, logits.ArgMax(axis: 1), classes: 10);
    Draw.Mistakes(testImages, testLabels, logits);
    example.Judge(model, testImages, testLabels, (said, y) => Losses.CrossEntropy(said, y));
    var weights = Path.Combine(example.Value(save)!.FullName, "weights.safetensors");
    model.Save(weights);
    example.Say($"Weights, as PyTorch names them: {weights}");
    example.Finish(("accuracy", Metrics.Accuracy(logits, testLabels)), ("loss", Losses.CrossEntropy(logits, testLabels).Item()));
});

// In parts, to hold few activations at a time.
static Tensor Classify(Module model, Tensor images) => Tensor.Concat([.. images.Split(500).Select(model.Predict)]);

(Tensor, int[], Tensor, int[]) Load(Example example)
{
    if (example.Value(data) is null && !example.Value(download))
    {
        var (drawn, unseen) = (Toy.Digits(10_000), Toy.Digits(2_000));
        return (drawn.Images, drawn.Labels, unseen.Images, unseen.Labels);
    }
    var folder = example.Value(data)?.FullName;
    var (images, labels) = Mnist.Load(folder, train: true, cancellation: example.Stop);
    var (testImages, testLabels) = Mnist.Load(folder, train: false, cancellation: example.Stop);
    return (images, labels, testImages, testLabels);
}
