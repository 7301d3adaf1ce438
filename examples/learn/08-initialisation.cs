#!/usr/bin/env dotnet
#:project ../../src/MicroGrad.Net/MicroGrad.Net.csproj

// 8. Initialisation, vanishing gradients, and what batch normalization does
//
// By the chain rule the gradient of an early layer is a product with one factor per layer above it. If the factors are
// about 0.5, after 20 layers a millionth is left, and the layer does not learn; if they are about 2, it explodes. The
// factor depends on the size of the weights: Xavier's initialisation (for tanh) and He's (for ReLU) choose it so that
// it is about 1. Batch normalization standardises what each layer passes on, so that the size of the weights hardly
// matters. Look down the columns: the norm of the gradient, layer by layer, before any training; and then at what 400
// steps make of each network. Try: 40 layers, or He's initialisation with tanh.

using MicroGrad.Net;

const int Depth = 20, Width = 32;
Rng.Seed(8);
var (points, classes) = Toy.Moons(count: 256, noise: 0.1);
var (x, y) = (points.To(DType.Float64), classes.To(DType.Float64));

(string Name, Func<Module> Activation, Func<Tensor> Weights, bool Norm)[] networks =
[
    ("tanh small", () => new Tanh(), () => Init.Normal([Width, Width], 0, 0.05), false),
    ("tanh large", () => new Tanh(), () => Init.Normal([Width, Width], 0, 1), false),
    ("tanh Xavier", () => new Tanh(), () => Init.XavierNormal([Width, Width]), false),
    ("relu small", () => new Relu(), () => Init.Normal([Width, Width], 0, 0.05), false),
    ("relu large", () => new Relu(), () => Init.Normal([Width, Width], 0, 1), false),
    ("relu He", () => new Relu(), () => Init.KaimingNormal([Width, Width], gain: Gain.Relu), false),
    ("small + BN", () => new Relu(), () => Init.Normal([Width, Width], 0, 0.05), true),
    ("large + BN", () => new Relu(), () => Init.Normal([Width, Width], 0, 1), true),
];

var norms = new List<double[]>();
var losses = new List<(double Start, double End)>();
foreach (var (_, activation, weights, norm) in networks)
{
    var layers = new List<Module> { new Linear(2, Width), activation() };
    var hidden = new List<Linear>();
    for (var layer = 0; layer < Depth; layer++)
    {
        hidden.Add(new Linear(Width, Width));
        hidden[^1].Weight.Assign(weights());
        layers.Add(hidden[^1]);
        if (norm) layers.Add(new BatchNorm1D(Width));
        layers.Add(activation());
    }
    var model = new Sequential([.. layers, new Linear(Width, 1)]).To(DType.Float64);
    Tensor Loss() => Losses.BinaryCrossEntropyWithLogits(model.Forward(x), y);

    var start = Loss();
    start.Backward();
    norms.Add([.. hidden.Select(layer => layer.Weight.Grad!.Norm().Item())]);
    var optimizer = new Sgd(model.Parameters(), learningRate: 0.1);
    for (var step = 0; step < 400; step++) optimizer.Step(Loss);
    losses.Add((start.Item(), Loss().Item()));
}

Console.WriteLine($"Norm of the gradient ∂L/∂W of {Depth} layers before training; 1/{Depth}: the first over the last");
Console.WriteLine("layer" + string.Concat(networks.Select(network => $"{network.Name,12}")));
for (var layer = 0; layer < Depth; layer++)
    if (layer % 4 == 0 || layer == Depth - 1)
        Console.WriteLine($"{layer + 1,5}" + string.Concat(norms.Select(norm => $"{norm[layer],12:0.0e+00}")));
Console.WriteLine($"1/{Depth} " + string.Concat(norms.Select(norm => $"{norm[0] / norm[^1],12:0.0e+00}")));
Console.WriteLine();
Console.WriteLine("Loss at the start and the end of 400 steps of gradient descent (0.69: a coin; NaN: exploded)");
Console.WriteLine("start" + string.Concat(losses.Select(loss => $"{loss.Start,12:g3}")));
Console.WriteLine("end  " + string.Concat(losses.Select(loss => $"{loss.End,12:0.00}")));

LineChart[] charts = [Chart("tanh"), Chart("ReLU"), Chart("ReLU + BN")];
foreach (var (i, network) in networks.Index())
    charts[i / 3].Add(network.Name, [.. Enumerable.Range(1, Depth)], [.. norms[i].Select(Math.Log10)]);
var folder = args is ["--out", var given] ? given : ".";
File.WriteAllText(Path.Combine(folder, "08-initialisation.svg"), LineChart.Row(charts));
Console.WriteLine();
Console.WriteLine("drawing: 08-initialisation.svg");

static LineChart Chart(string title) =>
    new($"{title}: log₁₀ ‖∂L/∂W‖ before training", "layer") { Height = 260, Width = 310, YRange = (-15, 12) };
