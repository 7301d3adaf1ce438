#!/usr/bin/env dotnet
#:project ../../src/MicroGrad.Net/MicroGrad.Net.csproj

// 6. Four losses, the same data, one outlier
//
// A loss says how bad an error is, and with that what a network tries to do. Eleven measurements lie near y = 2x + 1,
// but the eighth was written down wrongly: 60 in place of 15. The squared error asks that single point first, since its
// slope grows with the error; the absolute error pulls at every point alike, with slope 1 or −1; Huber and log-cosh are
// squared near 0 and absolute far away. Look at the pull of the outlier, ∂L/∂prediction times n, and at the line that
// each loss ends with. On paper: the constant with the least squared error is the mean, the one with the least absolute
// error the median; the last table holds that against what descent finds. Try: 600 in place of 60.

using MicroGrad.Net;

double[] measured = [1.2, 2.8, 5.1, 6.9, 9.2, 10.8, 13.1, 60, 17.1, 18.8, 21.2];
var x = Tensor.Arange(11, DType.Float64);
var y = Tensor.From([11], measured);

(string Name, Func<Tensor, Tensor, Tensor> Of)[] losses =
[
    ("squared", (prediction, target) => Losses.MeanSquaredError(prediction, target)),
    ("absolute", (prediction, target) => Losses.MeanAbsoluteError(prediction, target)),
    ("Huber", (prediction, target) => Losses.Huber(prediction, target)),
    ("log-cosh", (prediction, target) => Losses.LogCosh(prediction, target)),
];

// How hard one point pulls, from the prediction of the true line: 11 · ∂L/∂prediction, since L is a mean of 11.
Console.WriteLine("loss        pull of an error of 0.2   pull of the outlier, off by 45");
foreach (var (name, of) in losses)
{
    var prediction = 2 * x + 1;
    prediction.RequiresGrad = true;
    of(prediction, y).Backward();
    var pull = (11 * prediction.Grad!).ToDoubles();
    Console.WriteLine($"{name,-10} {-pull[0],20:0.00} {-pull[7],28:0.00}");
}

Console.WriteLine();
Console.WriteLine("loss        line found            off by, at x = 7     the true line is y = 2.00x + 1.00");
var chart = new LineChart("four lines through the same points", "x") { Width = 480, Height = 300, YRange = (0, 63) };
foreach (var (name, of) in losses)
{
    var (slope, start) = Fit(of, (a, b) => a * x + b);
    Console.WriteLine($"{name,-10}  y = {slope:0.00}x + {start:0.00} {Math.Abs(slope * 7 + start - 15),17:0.00}");
    chart.Add(name, x, slope * x + start);
}

Console.WriteLine();
var sorted = measured.Order().ToArray();
Console.WriteLine("the best constant     on paper     by descent");
Console.WriteLine($"squared    mean   {measured.Average(),12:0.00} {Fit(losses[0].Of, (_, b) => b + 0 * x).B,14:0.00}");
Console.WriteLine($"absolute   median {sorted[5],12:0.00} {Fit(losses[1].Of, (_, b) => b + 0 * x).B,14:0.00}");

chart.Add("measured", x, y, points: true).SaveSvg(Path.Combine(args is ["--out", var given] ? given : ".", "06-losses.svg"));
Console.WriteLine();
Console.WriteLine("drawing: 06-losses.svg");

(double A, double B) Fit(Func<Tensor, Tensor, Tensor> loss, Func<Tensor, Tensor, Tensor> predict)
{
    var (a, b) = (new Parameter(Tensor.Scalar(0, DType.Float64)), new Parameter(Tensor.Scalar(0, DType.Float64)));
    var optimizer = new Adam([a, b], learningRate: 0.3) { AllowMissingGradients = true };
    const int Steps = 3000;
    for (var step = 0; step < Steps; step++)
    {
        optimizer.LearningRate = 0.3 * (1 - (double)step / Steps);      // ever smaller steps, to settle
        optimizer.Step(() => loss(predict(a, b), y));
    }
    return (a.Item(), b.Item());
}
