#!/usr/bin/env dotnet
#:project ../../src/MicroGrad.Net/MicroGrad.Net.csproj

// 1. A derivative, by hand and by tape
//
// The derivative of a function says how fast its value changes when its argument moves a little. We take f(x) = x³ − 2x
// + 1, derive it by the rules from school, and let the tape do the same: a tensor that is told to require a gradient
// remembers each operation made with it, and Backward() walks these operations from the last to the first. Look at the
// columns of f', which agree to the last digit, and at the last column, which comes close but not quite: it is a
// difference over a small step, as one would measure a slope. Try: change f, and the derivative by hand with it.

using MicroGrad.Net;

static Tensor F(Tensor x) => x * x * x - 2 * x + 1;
static double ByHand(double x) => 3 * x * x - 2;        // (x³)' = 3x², (−2x)' = −2, (1)' = 0

static double ByTape(double at)
{
    var x = Tensor.Scalar(at, DType.Float64);
    x.RequiresGrad = true;                              // record what is done with x
    F(x).Backward();                                    // walk back from f(x) to x
    return x.Grad!.Item();
}

static double BySmallStep(double x)
{
    const double h = 0.001;
    return (F(Tensor.Scalar(x + h, DType.Float64)).Item() - F(Tensor.Scalar(x, DType.Float64)).Item()) / h;
}

Console.WriteLine("f(x) = x³ − 2x + 1");
Console.WriteLine();
Console.WriteLine("    x      f(x)   f' by hand   f' by tape   (f(x + 0.001) − f(x)) / 0.001");
for (var x = -2.0; x <= 2; x += 0.5)
    Console.WriteLine($"{x,5:0.0}  {F(Tensor.Scalar(x, DType.Float64)).Item(),8:0.000}  {ByHand(x),11:0.0000}"
        + $"  {ByTape(x),11:0.0000}  {BySmallStep(x),11:0.0000}");

// Where the derivative is 0 the curve is level, a hill or a valley: 3x² − 2 = 0 at x = −√(2/3) and x = √(2/3).
var level = Math.Sqrt(2.0 / 3);
Console.WriteLine();
Console.WriteLine($"At x = √(2/3) = {level:0.0000} the curve is level: f' is {Math.Abs(ByTape(level)):0.0000}.");

// The tape itself: each line is one operation, and %0 is x.
var recorded = Tensor.Scalar(2, DType.Float64);
recorded.RequiresGrad = true;
Console.WriteLine();
Console.WriteLine("What the tape of f(2) remembers:");
Console.Write(F(recorded).Tape);

// Both curves: where f' is above 0, f rises; where f' crosses 0, f turns.
var axis = Tensor.Arange(-2, 2.001, 0.05, DType.Float64);
axis.RequiresGrad = true;
var curve = F(axis);
curve.Sum().Backward();         // of a sum, each element's gradient is its own derivative
var folder = args is ["--out", var given] ? given : ".";
new LineChart("f(x) = x³ − 2x + 1 and its derivative", "x") { Width = 420, Height = 260 }
    .Add("f(x)", axis, curve).Add("f'(x) by tape", axis, axis.Grad!)
    .SaveSvg(Path.Combine(folder, "01-derivative.svg"));
Console.WriteLine();
Console.WriteLine("drawing: 01-derivative.svg");
