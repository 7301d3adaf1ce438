#!/usr/bin/env dotnet
#:project ../../src/MicroGrad.Net/MicroGrad.Net.csproj

// 2. The chain rule, on paper and on the tape
//
// The derivative of a function of a function is the product of the two derivatives, and where a variable is used twice
// its derivatives add up. That is all of backpropagation. Below, L = (sin(a·b) + a)² is taken apart into four steps, as
// one would on paper; each line of the backward pass multiplies what came from the right, ∂L/∂(result), by the slope of
// one step. The tape keeps the same derivatives in between (RetainGrad asks for them): look at both columns, line by
// line, and at the last line, where the two ways to a meet. Try: use b twice as well, in q = p + a·b, and mend the
// paper until the columns agree again.

using MicroGrad.Net;

var a = Leaf(0.5);
var b = Leaf(2.0);

// Forward, step by step.
var m = (a * b).RetainGrad();
var p = m.Sin().RetainGrad();
var q = (p + a).RetainGrad();
var loss = q * q;

// Backward on paper: from the loss to the leaves.
double va = a.Item(), vb = b.Item(), vm = va * vb, vp = Math.Sin(vm), vq = vp + va;
var dq = 2 * vq;                            // L = q²         ∂L/∂q = 2q
var dp = dq * 1;                            // q = p + a      ∂L/∂p = ∂L/∂q · 1
var dm = dp * Math.Cos(vm);                 // p = sin m      ∂L/∂m = ∂L/∂p · cos m
var db = dm * va;                           // m = a·b        ∂L/∂b = ∂L/∂m · a
var da = dm * vb + dq * 1;                  // a is used in m and in q: both ways count

loss.Backward();

Console.WriteLine("L = (sin(a·b) + a)²  at  a = 0.5, b = 2");
Console.WriteLine();
Console.WriteLine("step         value   rule                          on paper   on the tape");
Row("L = q²", loss.Item(), "start with 1", 1, 1);
Row("q = p + a", vq, "∂L/∂q = 2q", dq, q.Grad!.Item());
Row("p = sin m", vp, "∂L/∂p = ∂L/∂q · 1", dp, p.Grad!.Item());
Row("m = a·b", vm, "∂L/∂m = ∂L/∂p · cos m", dm, m.Grad!.Item());
Row("b", vb, "∂L/∂b = ∂L/∂m · a", db, b.Grad!.Item());
Row("a", va, "∂L/∂a = ∂L/∂m · b + ∂L/∂q", da, a.Grad!.Item());

Console.WriteLine();
Console.WriteLine($"What it means: if a grows by 0.01, L grows by about 0.01 · {da:0.0000} = {0.01 * da:0.0000};");
Console.WriteLine($"computed anew, L(0.51, 2) − L(0.5, 2) = {L(0.51, 2) - L(0.5, 2):0.0000}.");
Console.WriteLine();
Console.WriteLine("The same as a graph. The gradient flows against the arrows; at a two ways meet, and add up.");
Console.WriteLine("""

    b ──► m = a·b ──► p = sin m ──► q = p + a ──► L = q²
             ▲                           ▲
    a ───────┴───────────────────────────┘
    """);

static Tensor Leaf(double value)
{
    var leaf = Tensor.Scalar(value, DType.Float64);
    leaf.RequiresGrad = true;
    return leaf;
}

static double L(double a, double b) => Math.Pow(Math.Sin(a * b) + a, 2);

static void Row(string step, double value, string rule, double paper, double tape) =>
    Console.WriteLine($"{step,-10} {value,7:0.0000}   {rule,-27} {paper,10:0.0000} {tape,13:0.0000}");
