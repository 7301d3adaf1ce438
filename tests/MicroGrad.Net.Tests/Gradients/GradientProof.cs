using System.Globalization;
using MathNet.Numerics.Differentiation;

namespace MicroGrad.Net.Tests.Proof;

/// <summary>
/// The proof of one row: what the tape says against what MathNet's numerical derivatives say, element by element.
/// A function's output becomes a number as Σ weights · output, with weights that make every element count
/// differently; they are the seed of the backward pass, so that no op but the row's takes part.
/// </summary>
static class GradientProof
{
    const double Tolerance = 1e-8;

    /// <summary>A row as a property: a check holds in all its cases.</summary>
    public static void ForCases(GradientRow row, int count, Action<GradientCase> check) =>
        Search.Check(row.Name, count, row.Cases, check);

    /// <summary>The first derivative, from the fused rules and from the recorded ones.</summary>
    public static void FirstOrder(GradientCase @case)
    {
        var values = @case.Values();
        var numeric = Numeric(Weighted, values);
        Compare(@case, "gradient", Flat(Gradient(@case, values, createGraph: false)), numeric, Tolerance);
        Compare(@case, "gradient with createGraph", Flat(Gradient(@case, values, createGraph: true)), numeric, Tolerance);

        double Weighted(double[] at)
        {
            var output = @case.Evaluate(at, leaves: false).Output.ToDoubles();
            return Dot(@case.Weights(output.Length, 1), output);
        }
    }

    /// <summary>The rule that runs fast and the one that is recorded are the same function.</summary>
    public static void RulesAgree(GradientCase @case)
    {
        var values = @case.Values();
        Compare(@case, "gradient without and with createGraph", Flat(Gradient(@case, values, createGraph: false)),
            Flat(Gradient(@case, values, createGraph: true)), 1e-12);
    }

    /// <summary>
    /// The derivative of v · gradient, in the inputs and in the weights too: a rule is a function of the gradient
    /// that comes in, and has to be recorded as such.
    /// </summary>
    public static void SecondOrder(GradientCase @case)
    {
        var values = @case.Values();
        var (inputs, output) = @case.Evaluate(values, leaves: true);
        var weights = Tensor.From(output.Shape, @case.Weights(output.Length, 1));
        weights.RequiresGrad = true;
        Tensor[] variables = [.. inputs, weights];
        var gradients = Net.Gradients.Of(output, inputs, createGraph: true, seed: weights, allowUnused: true);
        var direction = @case.Tensors(@case.Weights(values.Length, 2));

        var tape = new double[values.Length + weights.Length];
        for (var i = 0; i < gradients.Length; i++)
        {
            var parts = Net.Gradients.Of(gradients[i], variables, retainTape: true, seed: direction[i], allowUnused: true);
            tape = [.. tape.Zip(Flat(parts), (sum, part) => sum + part)];
        }
        double[] variableValues = [.. values, .. weights.ToDoubles()];
        Compare(@case, "second derivative", tape, Numeric(AlongDirection, variableValues), Tolerance, output.Shape);

        double AlongDirection(double[] at) =>
            Dot(Flat(direction), Flat(Gradient(@case, at, createGraph: false, weights: at.AsSpan(values.Length))));
    }

    /// <summary>Values and gradients in Float32 are those of Float64 but for rounding.</summary>
    public static void Float32Agrees(GradientCase @case)
    {
        var values = @case.Values();
        Near("value", dtype => @case.Evaluate(values, leaves: false, dtype).Output.ToDoubles());
        Near("gradient", dtype => Flat(Gradient(@case, values, createGraph: false, dtype)));

        void Near(string what, Func<DType, double[]> compute)
        {
            var (single, exact) = (compute(DType.Float32), compute(DType.Float64));
            var scale = Math.Max(1, exact.Where(double.IsFinite).Select(Math.Abs).DefaultIfEmpty(0).Max());
            for (var i = 0; i < exact.Length; i++)
                if (!(Math.Abs(single[i] - exact[i]) <= 1e-4 * scale) && !single[i].Equals(exact[i]))
                    Assert.Fail($"{@case}: {what} {i} is {single[i]:g9} in Float32 and {exact[i]:g9} in Float64.");
        }
    }

    /// <summary>The gradient in each input of Σ weights · output; the weights are drawn where none are given.</summary>
    static Tensor[] Gradient(GradientCase @case, double[] values, bool createGraph, DType dtype = DType.Float64,
        ReadOnlySpan<double> weights = default)
    {
        var (inputs, output) = @case.Evaluate(values, leaves: true, dtype);
        if (weights.Length != output.Length) weights = @case.Weights(output.Length, 1);
        var seed = Tensor.From(output.Shape, weights).To(dtype);
        return Net.Gradients.Of(output, inputs, createGraph, seed: seed, allowUnused: true);
    }

    /// <summary>∂f/∂xᵢ for all i, by MathNet's central differences over five points, a power of two apart.</summary>
    static double[] Numeric(Func<double[], double> f, double[] at)
    {
        var derivative = new NumericalDerivative(points: 5, center: 2) { StepType = StepType.Absolute, StepSize = 1.0 / 1024 };
        return [.. Enumerable.Range(0, at.Length).Select(i => derivative.EvaluatePartialDerivative(f, at, i, 1))];
    }

    static void Compare(
        GradientCase @case, string what, double[] tape, double[] expected, double tolerance, Shape output = default)
    {
        Assert.Equal(expected.Length, tape.Length);
        if (expected.Length == 0) return;
        var worst = Enumerable.Range(0, expected.Length).MaxBy(Error);
        if (Error(worst) > tolerance)
            Assert.Fail(string.Create(CultureInfo.InvariantCulture,
                $"{@case}: the {what} in {Place(@case, worst, output)} is {tape[worst]:r} by the tape, "
                + $"but should be {expected[worst]:r} (off by {tape[worst] - expected[worst]:g3})."));

        double Error(int i)
        {
            var error = Math.Abs(tape[i] - expected[i]) / Math.Max(1, Math.Abs(expected[i]));
            return double.IsNaN(error) ? double.PositiveInfinity : error;
        }
    }

    /// <summary>Which element of which input: <c>input 1, element [0, 2]</c>.</summary>
    static string Place(GradientCase @case, int flat, Shape output)
    {
        for (var i = 0; i <= @case.Shapes.Length; i++)
        {
            var shape = i < @case.Shapes.Length ? @case.Shapes[i] : output.Sizes.ToArray();
            var length = shape.Aggregate(1, (count, size) => count * size);
            if (flat >= length) flat -= length;
            else
            {
                var index = new int[shape.Length];
                for (var axis = shape.Length - 1; axis >= 0; axis--) (flat, index[axis]) = Math.DivRem(flat, shape[axis]);
                return $"{(i < @case.Shapes.Length ? $"input {i}" : "the weights")}, element [{string.Join(", ", index)}]";
            }
        }
        return $"element {flat}";
    }

    static double[] Flat(Tensor[] tensors) => [.. tensors.SelectMany(tensor => tensor.ToDoubles())];

    static double Dot(double[] x, double[] y) => x.Zip(y, (a, b) => a * b).Sum();
}
