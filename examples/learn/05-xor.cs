#!/usr/bin/env dotnet
#:project ../../src/MicroGrad.Net/MicroGrad.Net.csproj

// 5. XOR, and why one layer fails
//
// XOR is 1 where exactly one of two inputs is 1. On paper the four points are the corners of a square, equal classes on
// the diagonals, and no straight line has one diagonal on its one side and the other on its other. A single layer can
// draw only a line, so the best it can do is to say ½ everywhere: the loss ends at ln 2 = 0.6931, that of a coin. A
// hidden layer first moves the points: its units are new coordinates, in which a line is enough. Look at the table of
// the hidden units, and at the two drawings (dots where the network says 1, ? where it says ½). Try: the hidden layer
// with 2 units; or without its Tanh, since layers without a bend between them are no more than one layer.

using MicroGrad.Net;

var x = Tensor.From([4, 2], [0f, 0f, 0f, 1f, 1f, 0f, 1f, 1f]);
var y = Tensor.From([4, 1], [0f, 1f, 1f, 0f]);

var rng = new Rng(4);
var oneLayer = new Sequential(new Linear(2, 1, rng: rng));
var hidden = new Sequential(new Linear(2, 3, rng: rng), new Tanh());
var twoLayers = new Sequential(hidden, new Linear(3, 1, rng: rng));

Train("one layer", oneLayer);
Train("two layers", twoLayers);

var (one, two) = (oneLayer.Forward(x).Sigmoid().ToDoubles(), twoLayers.Forward(x).Sigmoid().ToDoubles());
var units = hidden.Forward(x);
Console.WriteLine();
Console.WriteLine("inputs   wanted   one layer says   two layers say      hidden units");
for (var i = 0; i < 4; i++)
    Console.WriteLine($" {i / 2}, {i % 2}      {y[i].Item()}         {one[i],8:0.000}         {two[i],8:0.000}      "
        + string.Concat(units[i].ToDoubles().Select(unit => $"{unit,7:0.00}")));

Console.WriteLine();
Console.WriteLine("one layer" + new string(' ', 26) + "two layers");
var (left, right) = (Plane(oneLayer), Plane(twoLayers));
for (var line = 0; line < left.Length; line++) Console.WriteLine($"{left[line]}    {right[line]}");

void Train(string name, Module model)
{
    var optimizer = new Adam(model.Parameters(), learningRate: 0.05);
    Tensor Loss() => Losses.BinaryCrossEntropyWithLogits(model.Forward(x), y);
    Console.Write($"{name,-10}  loss at the start {Loss().Item():0.0000}");
    for (var step = 0; step < 500; step++) optimizer.Step(Loss);
    Console.WriteLine($", after 500 steps {Loss().Item():0.0000}");
}

// The square from −0.3 to 1.3, with what the network says (dots: 1) and the four points (x: 1, o: 0).
static string[] Plane(Module model)
{
    const int Width = 31, Height = 15;
    var lines = new string[Height];
    for (var row = 0; row < Height; row++)
    {
        var second = 1.3 - 1.6 * row / (Height - 1);
        var at = Tensor.From([Width, 2], Enumerable.Range(0, Width)
            .SelectMany(column => (float[])[-0.3f + 1.6f * column / (Width - 1), (float)second]).ToArray());
        var says = model.Forward(at).ToDoubles();
        lines[row] = "|" + string.Concat(says.Select((logit, column) => (row, column) switch
        {
            (3, 6) or (11, 24) => 'x',
            (3, 24) or (11, 6) => 'o',
            _ => Math.Abs(logit) < 0.01 ? '?' : logit > 0 ? '·' : ' ',
        })) + "|";
    }
    return lines;
}
