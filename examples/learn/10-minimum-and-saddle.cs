#!/usr/bin/env dotnet
#:project ../../src/MicroGrad.Net/MicroGrad.Net.csproj

// 10. A local minimum and a saddle
//
// Descent ends where the gradient is 0, but not each such place is the lowest, or a valley at all. The second
// derivatives tell: the matrix of all of them, the Hessian, has an eigenvalue for each main direction, above 0 where
// the loss bends upwards along it, below 0 where downwards. All above 0: a minimum. Some of each: a saddle, a valley
// along one direction and a hilltop along another. First a function with two minima, of which descent finds the nearer,
// not the deeper. Then the smallest network with a hidden unit, v·tanh(w·x): with both weights 0 it sits on a saddle,
// where nothing is learned; a nudge of a thousandth frees it. Look how slowly at first: that is why weights start at
// random. Its two valleys are one function, since tanh(−z) = −tanh(z). Try: descent from (0.1, 1), and a nudge to
// (−0.001, 0).

using MicroGrad.Net;

// On paper: ∂f/∂x = 4x³ − 4x + 1/2, ∂f/∂y = 2y; second derivatives 12x² − 4 and 2, mixed 0: these are the eigenvalues.
var w = new Parameter(Tensor.From([2], [0.0, 0.0])) { Name = "x, y" };
Tensor F() => w[0].Square().Square() - 2 * w[0].Square() + 0.5 * w[0] + w[1].Square();

Console.WriteLine("f(x, y) = x⁴ − 2x² + x/2 + y², where its gradient is 0");
Console.WriteLine("     x      y        f   on paper: 12x² − 4      2   eigenvalues by tape   it bends like");
foreach (var start in (double[])[-1.1, 0.1, 0.9])
{
    // Newton's method for 4x³ − 4x + 1/2 = 0, on paper: x ← x − f'(x)/f''(x).
    var x = start;
    for (var step = 0; step < 20; step++) x -= (4 * x * x * x - 4 * x + 0.5) / (12 * x * x - 4);
    w.Assign(Tensor.From([2], [x, 0.0]));
    Console.WriteLine($"{x,6:0.000}  0.000 {F().Item(),8:0.0000} {12 * x * x - 4,20:0.000}  2.000   {Bends(F, w)}");
}
var function = Descend("function", F, w, [0.3, 1], (-1.6, 1.6), (-1.2, 1.2));

// The network v·tanh(w·x). On paper, at w = v = 0: ∂²L/∂w∂v = −2·mean(x·t) = −2.8, the others 0, so eigenvalues ±2.8.
var (inputs, wanted) = (Tensor.From([4], [-2.0, -1, 1, 2]), Tensor.From([4], [-1.0, -0.8, 0.8, 1]));
var weights = new Parameter(Tensor.From([2], [0.0, 0.0])) { Name = "w, v" };
Tensor Loss() => Losses.MeanSquaredError(weights[1] * (weights[0] * inputs).Tanh(), wanted);

Console.WriteLine();
Console.WriteLine("A network of two weights, v·tanh(w·x): from the saddle into a valley");
Console.WriteLine(" step       w       v     loss   slope   eigenvalues by tape   it bends like");
Report(0);
weights.Assign(Tensor.From([2], [0.001, 0.0]));
var optimizer = new Sgd([weights], learningRate: 0.1);
for (var step = 1; step <= 100; step++)
{
    optimizer.Step(Loss);
    if (step is 1 or 10 or 20 or 25 or 30 or 40 or 100) Report(step);
}
var network = Descend("network", Loss, weights, [0.001, 0], (-2, 2), (-2, 2));

Console.WriteLine();
Console.WriteLine("f: x from −1.6 to 1.6 across, y up     the network: w from −2 to 2 across, v up");
foreach (var (left, right) in function.Split('\n')[..^1].Zip(network.Split('\n')))
    Console.WriteLine($"{left}   {right}");
Console.WriteLine("drawings: 10-function.svg, 10-network.svg");

static string Bends(Func<Tensor> loss, Parameter at)
{
    var eigenvalues = Curvature.LargestEigenvalues(loss, [at], count: 2);
    return $"{eigenvalues[0],9:0.000} {eigenvalues[1],9:0.000}   {(eigenvalues[1] > 0 ? "a valley" : "a saddle")}";
}

void Report(int step) => Console.WriteLine($"{step,5} {weights[0].Item(),7:0.000} {weights[1].Item(),7:0.000} "
    + $"{Loss().Item(),8:0.0000} {Gradients.Of(Loss(), [weights])[0].Norm().Item(),7:0.0000}   {Bends(Loss, weights)}");

string Descend(string name, Func<Tensor> loss, Parameter at, double[] from, (double, double) x, (double, double) y)
{
    at.Assign(Tensor.From([2], from));
    var (path, descent) = (new ParameterPath([at]), new Sgd([at], learningRate: 0.05));
    for (var step = 0; step <= 100; step++)
    {
        path.Add();
        descent.Step(loss);
    }
    var picture = Landscape.Over(at, loss, x, y, points: 33, path);
    picture.Title = $"the {name}, descent from ({from[0]}, {from[1]})";
    picture.SaveSvg(Path.Combine(args is ["--out", var folder] ? folder : ".", $"10-{name}.svg"));
    return Landscape.Over(at, loss, x, y, points: 17, path).ToString();
}
