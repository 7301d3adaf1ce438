#!/usr/bin/env dotnet
#:project ../src/MicroGrad.Net/MicroGrad.Net.csproj
#:project Support/Examples.Support.csproj

// Digits through a narrow bottleneck: a network learns to give back what it is shown, 784 pixels, but has to pass them
// on in a few numbers. What those numbers keep is what digits have in common; what they lose is drawn beside it.

using System.CommandLine;
using MicroGrad.Net;
using MicroGrad.Net.Examples;

const int Pixels = 28 * 28;

var width = new Option<int>("--bottleneck") { Description = "How many numbers a digit passes through.", DefaultValueFactory = _ => 16 };
width.Validators.Add(result =>
{
    if (result.Tokens.Count > 0 && int.TryParse(result.Tokens[0].Value, out var given) && given is < 1 or > Pixels)
        result.AddError($"--bottleneck must be from 1 to {Pixels}, not {given}.");
});

return Example.Run(args, "Digits passed through a few numbers and drawn again.", epochs: 12, [width], example =>
{
    var (train, test) = (Toy.Digits(8_000).Images.Reshape(-1, Pixels), Toy.Digits(1_000).Images.Reshape(-1, Pixels));
    var bottleneck = example.Value(width);
    var model = new Sequential(
        new Linear(Pixels, 256), new Relu(), new Linear(256, bottleneck),       // what to keep
        new Linear(bottleneck, 256), new Relu(), new Linear(256, Pixels), new Sigmoid());   // and what it looked like
    example.Say($"{model}");

    var optimizer = new Adam(model.Parameters(), learningRate: 2e-3);
    // The target of an image is the image.
    var (batches, unseen) = (Batches.Of(train, train, size: 64), Batches.Of(test, test, size: 500, shuffle: false));
    var history = example.Train([History.Loss, History.ValidationLoss], (progress, stop) =>
        new Trainer<Tensor>(model, optimizer, (drawn, image) => Losses.MeanSquaredError(drawn, image))
        {
            Progress = progress,
            Watch = example.Record(model, optimizer),
            AfterEpoch = report => optimizer.LearningRate = 2e-3 * (1 - (double)report.Epoch / report.Epochs),
        }.Fit(batches, unseen, example.Epochs, cancellation: stop));
    example.Say(history.Chart(height: 10));
    example.Say(history.Verdict.Text);

    var drawn = model.Predict(test);
    for (var first = 0; first < 8; first += 4)
    {
        Draw.Images([.. Enumerable.Range(first, 4).Select(i => ("shown", test[i].Reshape(28, 28)))]);
        Draw.Images([.. Enumerable.Range(first, 4).Select(i => ("drawn again", drawn[i].Reshape(28, 28)))]);
    }
    // What is to beat: always to draw the same, the mean of all digits.
    var mean = train.Mean(0, keepDims: true).Expand(test.Shape);
    example.Finish(
        ("reconstruction_mse", Losses.MeanSquaredError(drawn, test).Item()),
        ("mean_image_mse", Losses.MeanSquaredError(mean, test).Item()));
});
