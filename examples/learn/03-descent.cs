#!/usr/bin/env dotnet
#:project ../../src/MicroGrad.Net/MicroGrad.Net.csproj

// 3. Gradient descent on two parameters
//
// The gradient points uphill, so a small step against it goes down: θ ← θ − rate · ∂L/∂θ. Here the loss is a long
// narrow valley over two numbers, L(x, y) = (x² + 50y²)/2, steep across and nearly flat along. Plain gradient descent
// (SGD) must keep its rate below 2/50, or each step would land higher on the other side, and so it creeps along the
// valley. Momentum adds up past steps: pushes along the valley gather, those across cancel. Adam divides each
// parameter's step by the size of its recent gradients, so both parameters move alike. Look at the paths: S is the
// start, o a step, E the end after 40 of them, and the ink is the height. Try: SGD with a rate of 0.039, then 0.041.

using MicroGrad.Net;

var folder = args is ["--out", var given] ? given : ".";

(string Name, Func<Parameter, Optimizer> Make)[] methods =
[
    ("SGD, rate 0.036", w => new Sgd([w], learningRate: 0.036)),
    ("momentum 0.7, rate 0.036", w => new Sgd([w], learningRate: 0.036, momentum: 0.7)),
    ("Adam, rate 0.3", w => new Adam([w], learningRate: 0.3)),
];

var losses = new List<double[]>();
var drawings = new List<string[]>();
foreach (var (name, make) in methods)
{
    var w = new Parameter(Tensor.From([2], [-4f, 1f])) { Name = "x, y" };
    Tensor Loss() => (w[0].Square() + 50 * w[1].Square()) / 2;
    var optimizer = make(w);
    var path = new ParameterPath([w]);
    path.Add();
    var course = new List<double> { Loss().Item() };
    for (var step = 1; step <= 40; step++)
    {
        optimizer.Step(Loss);               // zero the gradient, backward, move
        path.Add();
        course.Add(Loss().Item());
    }
    losses.Add([.. course]);

    Landscape Draw(int points) => Landscape.Over(w, Loss, x: (-5, 2), y: (-1.5, 1.5), points, path);
    var lines = Draw(15).ToString().Split('\n')[..^1];
    drawings.Add([name.PadRight(lines[0].Length), .. lines]);
    var picture = Draw(41);
    picture.Title = name;
    picture.SaveSvg(Path.Combine(folder, $"03-descent-{name.Split([' ', ','])[0].ToLowerInvariant()}.svg"));
}

Console.WriteLine("The loss after some steps (0 is the best there is):");
Console.WriteLine();
Console.WriteLine("step" + string.Concat(methods.Select(method => $"{method.Name,26}")));
foreach (var step in (int[])[0, 1, 2, 5, 10, 20, 30, 40])
    Console.WriteLine($"{step,4}" + string.Concat(losses.Select(course => $"{course[step],26:0.0000}")));

Console.WriteLine();
Console.WriteLine("Where they went: x from −5 to 2 across, y from −1.5 to 1.5 up");
Console.WriteLine();
for (var line = 0; line < drawings[0].Length; line++)
    Console.WriteLine(string.Join("  ", drawings.Select(drawing => drawing[line])).TrimEnd());

// The first step of SGD by hand: ∂L/∂x = x, ∂L/∂y = 50y.
var byHand = (X: -4 - 0.036 * -4, Y: 1 - 0.036 * 50 * 1);
Console.WriteLine();
Console.WriteLine($"SGD's first step by hand: from (-4, 1) to ({byHand.X:0.00}, {byHand.Y:0.00}), "
    + $"where L = {(byHand.X * byHand.X + 50 * byHand.Y * byHand.Y) / 2:0.0000}:");
Console.WriteLine("across the valley and up the other side, while x has hardly moved.");
Console.WriteLine("drawings: 03-descent-sgd.svg, 03-descent-momentum.svg, 03-descent-adam.svg");
