#!/usr/bin/env dotnet
#:project ../src/MicroGrad.Net/MicroGrad.Net.csproj
#:project Support/Examples.Support.csproj

// Two moons: a network of two small hidden layers learns to tell two interleaving crescents of points apart. No
// straight line does; the drawing at the end shows the curve that the network found. Try --noise 0.3.

using System.CommandLine;
using MicroGrad.Net;
using MicroGrad.Net.Examples;

var noise = new Option<double>("--noise") { Description = "How far points stray from their moon.", DefaultValueFactory = _ => 0.1 };

return Example.Run(args, "Two classes of points in the plane, told apart by a small network.", epochs: 60, [noise], example =>
{
    var (x, y) = Toy.Moons(count: 400, noise: example.Value(noise));
    var (testX, testY) = Toy.Moons(count: 1000, noise: example.Value(noise));
    var model = new Sequential(new Linear(2, 16), new Tanh(), new Linear(16, 16), new Tanh(), new Linear(16, 1));
    var optimizer = new Adam(model.Parameters(), learningRate: 0.01);
    example.Say($"{model}");

    double Accuracy(Tensor points, Tensor classes) => (model.Predict(points) > 0).EqualTo(classes).Mean().Item();

    var batches = Batches.Of(x, y, size: 100);
    example.Watch(model, optimizer, batches, (logits, classes) => Losses.BinaryCrossEntropyWithLogits(logits, classes));
    example.Train(["loss", "accuracy"], epoch =>
    {
        foreach (var (points, classes) in batches)
        {
            var loss = Losses.BinaryCrossEntropyWithLogits(model.Forward(points), classes);
            optimizer.ZeroGrad();
            loss.Backward();
            optimizer.Step();
            epoch.Step(loss.Item(), batches.Count);
        }
        return [epoch.MeanLoss, Accuracy(x, y)];
    });

    Draw.Plane(x, [.. y.ToDoubles().Select(c => (int)c)], points => model.Predict(points).Sigmoid().ToDoubles());
    example.Judge(model, testX, testY, (logits, classes) => Losses.BinaryCrossEntropyWithLogits(logits, classes));
    var testLoss = Losses.BinaryCrossEntropyWithLogits(model.Predict(testX), testY).Item();
    example.Finish(("accuracy", Accuracy(testX, testY)), ("loss", testLoss));
});
