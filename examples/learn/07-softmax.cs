#!/usr/bin/env dotnet
#:project ../../src/MicroGrad.Net/MicroGrad.Net.csproj

// 7. Softmax and cross-entropy
//
// A network that chooses among classes gives one number per class, a logit, of any size and sign. Softmax makes
// probabilities of them, pᵢ = e^zᵢ / Σ e^zⱼ: all positive, sum 1. Cross-entropy is −log of the probability of the right
// class: 0 when sure and right, without end when sure and wrong. Together their gradient is as simple as it gets, p
// minus 1 at the right class, and the first table shows paper and tape agree. Look at what adding 1000 to all logits
// does: to the probabilities nothing, on paper; to the formula as it stands, e^1000 is infinite. So libraries subtract
// the largest logit first, and take loss and softmax as one. Try: another right class, or logits of (5, 0, 0).

using MicroGrad.Net;

string[] classes = ["cat", "dog", "bird"];
double[] z = [2, 1, -1];
const int Right = 1;                                    // it is a dog

// On paper.
var sum = z.Sum(Math.Exp);
var p = z.Select(logit => Math.Exp(logit) / sum).ToArray();
var gradient = p.Select((probability, i) => probability - (i == Right ? 1 : 0)).ToArray();

// On the tape.
var logits = Tensor.From([1, 3], z);
logits.RequiresGrad = true;
var loss = Losses.CrossEntropy(logits, [Right]);
loss.Backward();
var (softmax, onTape) = (logits.Softmax().ToDoubles(), logits.Grad!.ToDoubles());

Console.WriteLine("class   logit z       e^z   softmax p   by library   ∂L/∂z = p − right   on the tape");
for (var i = 0; i < 3; i++)
    Console.WriteLine($"{classes[i],-5} {z[i],9:0.0} {Math.Exp(z[i]),9:0.0000} {p[i],11:0.0000} {softmax[i],12:0.0000} "
        + $"{gradient[i],19:0.0000} {onTape[i],13:0.0000}");
Console.WriteLine();
Console.WriteLine($"It is a dog: on paper L = −log {p[Right]:0.0000} = {-Math.Log(p[Right]):0.0000}, "
    + $"by library {loss.Item():0.0000}.");
Console.WriteLine("The gradient sums to 0: what the right class gains, the others lose, the likeliest most.");

Console.WriteLine();
Console.WriteLine("How bad is it?   probability of the right class   loss");
foreach (var (how, q) in ((string, double)[])[("sure, and right", 0.99), ("", 0.9), ("a coin", 0.5),
    ("no idea, of 3", 1 / 3.0), ("", 0.1), ("", 0.01), ("sure, but wrong", 0.0001)])
    Console.WriteLine($"{how,-16} {q,30:0.0000} {-Math.Log(q),6:0.00}  {new string('#', (int)(-4 * Math.Log(q)))}");

// The same logits, moved up by 1000: softmax as it is written, and as it is computed.
var moved = logits.Detach() + 1000;
Console.WriteLine();
Console.WriteLine($"z + 1000, as written:  {Text(moved.Exp() / moved.Exp().Sum())}");
Console.WriteLine($"z + 1000, max first:   {Text((moved - moved.Max()).Exp() / (moved - moved.Max()).Exp().Sum())}");
Console.WriteLine($"z + 1000, by library:  {Text(moved.Softmax())}");

// The logits times a factor: near 0 all classes alike, large: all to the largest.
Console.WriteLine();
foreach (var factor in (double[])[0.01, 0.5, 1, 3, 10])
    Console.WriteLine($"softmax of {factor,5:0.##} · z:  {Text((logits.Detach() * factor).Softmax())}");

// Loss and gradient as the right logit goes from −6 to 6, the other two at 0.
var axis = Tensor.Arange(-6, 6.01, 0.1, DType.Float64);
var row = Tensor.Concat([axis.Reshape(-1, 1), Tensor.Zeros([axis.Length, 2], DType.Float64)], axis: 1);
row.RequiresGrad = true;
var each = Losses.CrossEntropy(row, new int[axis.Length], reduction: Reduction.None);
each.Sum().Backward();
new LineChart("one logit moves, the other two are 0", "logit of the right class") { Width = 420, Height = 260 }
    .Add("loss", axis, each).Add("softmax", axis, row.Detach().Softmax()[.., 0]).Add("∂L/∂z", axis, row.Grad![.., 0])
    .SaveSvg(Path.Combine(args is ["--out", var given] ? given : ".", "07-softmax.svg"));
Console.WriteLine();
Console.WriteLine("drawing: 07-softmax.svg");

static string Text(Tensor probabilities) =>
    string.Join("  ", probabilities.ToDoubles().Select(one => $"{one,6:0.0000}"));
