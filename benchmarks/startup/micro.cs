#!/usr/bin/env dotnet
#:project ../../src/MicroGrad.Net/MicroGrad.Net.csproj
#:property PublishAot=false

// The least program: 1,000 steps of the micro network. The command `startup` times it from start to end.

using MicroGrad.Net;

Rng.Seed(1);
var (x, y) = Toy.Moons(count: 100, noise: 0.1);
var model = new Sequential(new Linear(2, 16), new Tanh(), new Linear(16, 16), new Tanh(), new Linear(16, 1));
var optimizer = new Sgd(model.Parameters(), learningRate: 0.1);
var last = 0.0;
for (var step = 0; step < 1000; step++)
{
    var loss = Losses.BinaryCrossEntropyWithLogits(model.Forward(x), y);
    optimizer.ZeroGrad();
    loss.Backward();
    optimizer.Step();
    last = loss.Item();
}
Console.WriteLine($"loss {last:0.0000}");
