#!/usr/bin/env dotnet
#:project ../../src/MicroGrad.Net/MicroGrad.Net.csproj

// 4. A neuron
//
// A neuron multiplies each input by a weight, adds a bias, and squashes the sum: p = σ(w₁x₁ + w₂x₂ + b), with σ(z) =
// 1/(1 + e⁻ᶻ) between 0 and 1, to be read as a probability. Twelve students tell how long they learned and how long
// they slept, and whether they passed. The loss −log(probability of what happened), averaged, has a gradient that one
// can derive on paper: the mean of (p − y)·x. Look at it beside the tape's, and then at the drawing: where p = ½, the
// sum is 0, which is a straight line. A neuron can draw one line and no more, so the student who slept and learned for
// 6 hours and failed stays on the wrong side. Try: let that one pass, and see the loss go on falling: the neuron
// becomes sure.

using MicroGrad.Net;

double[][] students =
[
    // hours of learning, hours of sleep, passed (1) or not (0)
    [1, 8, 0], [2, 5, 0], [3, 7, 0], [6, 6, 0], [4, 4, 0], [5, 3, 0],
    [4, 8, 1], [5, 6.5, 1], [6, 5.5, 1], [7, 8, 1], [8, 4.5, 1], [6.5, 7, 1],
];
var x = Tensor.From([12, 2], students.SelectMany(student => student[..2]).ToArray());
var y = Tensor.From([12, 1], students.Select(student => student[2]).ToArray());

var w = new Parameter(Tensor.Zeros([2, 1], DType.Float64)) { Name = "w" };
var b = new Parameter(Tensor.Zeros([1], DType.Float64)) { Name = "b" };
Tensor P(Tensor inputs) => (inputs.MatMul(w) + b).Sigmoid();
Tensor Loss() => -(y * P(x).Log() + (1 - y) * (1 - P(x)).Log()).Mean();

// The gradient before the first step, where w = 0 and b = 0, so that p = ½ for everyone.
var byHand = Enumerable.Range(0, 2).Select(i => students.Average(s => (0.5 - s[2]) * s[i])).ToArray();
Loss().Backward();
Console.WriteLine("gradient at the start   on paper   on the tape");
Console.WriteLine($"∂L/∂w₁ (learning)     {byHand[0],10:0.0000}  {w.Grad!.ToDoubles()[0],12:0.0000}");
Console.WriteLine($"∂L/∂w₂ (sleep)        {byHand[1],10:0.0000}  {w.Grad!.ToDoubles()[1],12:0.0000}");
Console.WriteLine($"∂L/∂b                 {students.Average(s => 0.5 - s[2]),10:0.0000}  {b.Grad!.Item(),12:0.0000}");
Console.WriteLine();

var optimizer = new Adam([w, b], learningRate: 0.1);
for (var step = 0; step <= 1000; step++)
{
    if (step is 0 or 10 or 100 or 1000)
        Console.WriteLine($"step {step,4}: loss {Loss().Item():0.0000}, right {Right()} of {students.Length}");
    optimizer.Step(Loss);
}

var (w1, w2, bias) = (w.ToDoubles()[0], w.ToDoubles()[1], b.Item());
Console.WriteLine();
Console.WriteLine($"p = σ({w1:0.00} · learning + {w2:0.00} · sleep − {-bias:0.00})");
Console.WriteLine($"An hour more of learning makes the odds p/(1 − p) {Math.Exp(w1):0.0} times as large, "
    + $"an hour more of sleep {Math.Exp(w2):0.0} times.");

// Sleep upwards, learning to the right; x passed, o did not; dots where the neuron says "passes".
Console.WriteLine();
Console.WriteLine("sleep");
for (var sleep = 9.0; sleep >= 2; sleep -= 0.5)
{
    var line = string.Concat(Enumerable.Range(0, 37).Select(column =>
    {
        var learning = column * 0.25;
        var student = students.FirstOrDefault(s => s[0] == learning && s[1] == sleep);
        var passes = w1 * learning + w2 * sleep + bias > 0;
        return student is null ? passes ? '·' : ' ' : student[2] > 0 ? 'x' : 'o';
    }));
    Console.WriteLine($"{sleep,5:0.0} |{line}|");
}
Console.WriteLine("       0   1   2   3   4   5   6   7   8   9  learning");

int Right() => P(x).ToDoubles().Zip(students, (p, student) => (p > 0.5) == (student[2] > 0)).Count(right => right);
