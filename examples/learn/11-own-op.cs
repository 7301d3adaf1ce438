#!/usr/bin/env dotnet
#:project ../../src/MicroGrad.Net/MicroGrad.Net.csproj

// 11. An operation of one's own
//
// A formula made of tensor operations needs no derivative from you: the tape knows all of theirs. But some functions
// are no formula. Here y solves y³ + y = x, which takes Newton's method some 20 rounds. Recording all rounds would
// work, but the derivative is far simpler than the way to the value: from y³ + y = x follows (3y² + 1)·y' = 1, so y' =
// 1/(3y² + 1). Node.Record states both together: the value, computed by any means, and for each input a rule that turns
// ∂L/∂y into ∂L/∂x. Since the rule is written in tensor operations, the second derivative needs no further word.
// GradientCheck compares it all with differences; look at what it says of the wrong rule. Try: the rule with y.Detach()
// in place of y.

using MicroGrad.Net;

static Tensor Root(Tensor x)
{
    var y = Tensor.From(x.Shape, Array.ConvertAll(x.ToDoubles(), SolveByNewton)).To(x.DType);
    return Node.Record("root", y, (x, g => g / (3 * y * y + 1)));       // ∂L/∂x = ∂L/∂y · 1/(3y² + 1)
}

static double SolveByNewton(double x)
{
    var y = 0.0;
    for (var round = 0; round < 20; round++) y -= (y * y * y + y - x) / (3 * y * y + 1);
    return y;
}

// The same with every round on the tape, and one with a mistake: y² in place of 3y².
static Tensor RootByRounds(Tensor x)
{
    var y = 0 * x;
    for (var round = 0; round < 20; round++) y -= (y * y * y + y - x) / (3 * y * y + 1);
    return y;
}
static Tensor WrongRoot(Tensor x)
{
    var y = Root(x).Detach();
    return Node.Record("wrong root", y, (x, g => g / (y * y + 1)));
}

Console.WriteLine("    x        y   y³ + y   y' by the rule   y' through all rounds");
foreach (var at in (double[])[-10, -2, 0, 1, 10])
{
    var y = Root(Leaf(at)).Item();
    Console.WriteLine($"{at,5} {y,8:0.0000} {y * y * y + y,8:0.0000} {Slope(Root, at),16:0.000000} "
        + $"{Slope(RootByRounds, at),23:0.000000}");
}

Console.WriteLine();
Console.WriteLine($"Operations on the tape: {Root(Leaf(2)).Tape.Count - 1} with a rule of its own, "
    + $"{RootByRounds(Leaf(2)).Tape.Count - 1} through all rounds. The tape of the square of y:");
Console.Write(Root(Leaf(2)).Square().Tape);
Console.WriteLine();
Console.WriteLine("GradientCheck, first and second order:");
Console.WriteLine($"root:        {GradientCheck.Check(Root, Tensor.From([4], [-2.0, 0.3, 1.0, 5.0]))}");
Console.WriteLine($"wrong root:  {GradientCheck.Check(WrongRoot, Tensor.From([4], [-2.0, 0.3, 1.0, 5.0]))}");

// It trains like any other: which x has a root of 1.5? On paper 1.5³ + 1.5 = 4.875.
var unknown = new Parameter(Tensor.Scalar(0));
var optimizer = new Adam([unknown], learningRate: 0.3);
for (var step = 0; step < 300; step++) optimizer.Step(() => (Root(unknown) - 1.5).Square());
Console.WriteLine();
Console.WriteLine($"The x with root 1.5: found by descent {unknown.Item():0.000}, on paper 4.875");

var x = Tensor.Arange(-6, 6.01, 0.1, DType.Float64);
x.RequiresGrad = true;
var first = Gradients.Of(Root(x).Sum(), [x], createGraph: true)[0];
var second = Gradients.Of(first.Sum(), [x])[0];
new LineChart("y³ + y = x, with both derivatives of y", "x") { Width = 420, Height = 260 }
    .Add("y", x, Root(x)).Add("y'", x, first).Add("y''", x, second)
    .SaveSvg(Path.Combine(args is ["--out", var given] ? given : ".", "11-own-op.svg"));
Console.WriteLine("drawing: 11-own-op.svg");

static double Slope(Func<Tensor, Tensor> function, double at)
{
    var leaf = Leaf(at);
    return Gradients.Of(function(leaf), [leaf])[0].Item();
}
static Tensor Leaf(double at) => new Parameter(Tensor.Scalar(at, DType.Float64));
