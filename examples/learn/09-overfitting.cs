#!/usr/bin/env dotnet
#:project ../../src/MicroGrad.Net/MicroGrad.Net.csproj

// 9. Overfitting, seen and cured
//
// What counts is the loss on data that the network has never seen. A large network with few examples can learn them by
// heart, noise and all: its training loss falls to nothing, while the loss on other examples falls at first and then
// rises. That is overfitting, and the first chart shows it. Then four cures: stop where the validation loss was lowest;
// punish large weights (weight decay); let units drop out at random while training; and, best of all, more examples.
// Look at the last column of the table: how often it is right on 1000 fresh examples. Try: noise 0.1 in place of 0.35.
// The network still learns by heart, but there is less nonsense to learn, and it costs little.

using MicroGrad.Net;

const double Noise = 0.35;
const int Epochs = 150;
var (few, many, fresh) = (Moons(60, seed: 1), Moons(1000, seed: 2), Moons(1000, seed: 3));

var plain = Train("as it is", few, out var table);
Console.WriteLine("The loss by epoch, as it is");
Console.WriteLine(plain.Chart(width: 60, height: 12));
Console.WriteLine(plain.Verdict);

Train("early stopping", few, out var stopped, stop: new EarlyStopping(patience: 15));
var decayed = Train("weight decay", few, out var withDecay, decay: 0.5);
var dropped = Train("dropout", few, out var withDropout, dropout: 0.5);
var more = Train("1000 examples", many, out var withMore);
Console.WriteLine();
Console.WriteLine("                  training loss   unseen loss   right on unseen");
Console.WriteLine(string.Join('\n', table, stopped, withDecay, withDropout, withMore));

double[] epochs = [.. Enumerable.Range(1, Epochs)];
new LineChart("loss on unseen examples, by epoch", "epoch") { Width = 480, Height = 280, YRange = (0.2, 0.6) }
    .Add("as it is", epochs, plain[History.ValidationLoss]).Add("weight decay", epochs, decayed[History.ValidationLoss])
    .Add("dropout", epochs, dropped[History.ValidationLoss]).Add("1000 examples", epochs, more[History.ValidationLoss])
    .SaveSvg(Path.Combine(args is ["--out", var given] ? given : ".", "09-overfitting.svg"));
Console.WriteLine();
Console.WriteLine("drawing: 09-overfitting.svg");

static (Tensor X, Tensor Y) Moons(int count, ulong seed)
{
    var (x, y) = Toy.Moons(count, Noise, new Rng(seed));
    return (x.To(DType.Float64), y.To(DType.Float64));
}

History Train(string name, (Tensor X, Tensor Y) data, out string row, double dropout = 0, double decay = 0,
    EarlyStopping? stop = null)
{
    Rng.Seed(9);
    var model = new Sequential(new Linear(2, 64), new Tanh(), new Dropout(dropout), new Linear(64, 64), new Tanh(),
        new Dropout(dropout), new Linear(64, 1)).To(DType.Float64);
    var optimizer = new AdamW(model.Parameters(), learningRate: 0.01, weightDecay: decay);
    var trainer = new Trainer<Tensor>(model, optimizer,
        (logits, target) => Losses.BinaryCrossEntropyWithLogits(logits, target)) { EarlyStopping = stop };
    // Alike for all: 150 epochs; with more examples, larger batches, so that there are as many steps.
    var batches = Batches.Of(data.X, data.Y, size: data.Y.Length / 4);
    var unknown = Batches.Of(fresh.X, fresh.Y, size: 1000, shuffle: false);
    var history = trainer.Fit(batches, unknown, Epochs);
    var (seen, unseen) = (trainer.Evaluate(batches)["loss"], trainer.Evaluate(unknown)["loss"]);
    model.Eval();
    var right = (model.Forward(fresh.X) > 0).EqualTo(fresh.Y).Mean().Item();
    row = $"{name,-16} {seen,14:0.000} {unseen,13:0.000} {right,17:0.0%}"
        + (history.RestoredEpoch > 0 ? $"   (the weights of epoch {history.RestoredEpoch})" : "");
    return history;
}
