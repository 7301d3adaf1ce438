using System.Globalization;

namespace MicroGrad.Net;

/// <summary>The outcome of a gradient check: the element on which derivative and difference quotient differ
/// most.</summary>
/// <param name="Passed">Whether all differences are within the tolerance.</param>
/// <param name="Order">1 for the gradient, 2 for its derivative: the order of the worst element.</param>
/// <param name="Input">The position of the input.</param>
/// <param name="Place">The element's index, such as <c>[2, 0]</c>; or which random direction was taken.</param>
/// <param name="Derivative">What the tape says.</param>
/// <param name="Difference">What differences of the function say.</param>
public sealed record GradientReport(
    bool Passed, int Order, int Input, string Place, double Derivative, double Difference)
{
    /// <summary>Why nothing could be compared; null where it could.</summary>
    public string? Problem { get; init; }

    /// <summary>The verdict in words.</summary>
    public override string ToString() => Problem is not null ? $"could not be made: {Problem}"
        : string.Create(CultureInfo.InvariantCulture, $"{(Passed ? "passed" : "FAILED")}: {(Order == 1 ? "first" : "second")} order, worst at input {Input}, {Place}: ")
        + string.Create(CultureInfo.InvariantCulture,
            $"the tape says {Derivative:g10}, differences say {Difference:g10} (off by {Math.Abs(Derivative - Difference):g3}).");
}

/// <summary>
/// Compares derivatives by the tape with difference quotients, so that a custom formula, layer or op can be trusted.
/// </summary>
public static class GradientCheck
{
    const int Directions = 8;       // for inputs too large to check element by element

    /// <summary>Checks a function of one tensor; see the overload for several.</summary>
    /// <exception cref="GradientException">The check failed; the message names the worst element and both
    /// numbers.</exception>
    public static void Require(Func<Tensor, Tensor> function, Tensor input, int order = 2, double tolerance = 1e-6) =>
        Require(inputs => function(inputs[0]), [input], order, tolerance);

    /// <summary>Checks a function of several tensors and throws where it fails.</summary>
    /// <exception cref="GradientException">The check failed; the message names the worst element and both
    /// numbers.</exception>
    public static void Require(
        Func<Tensor[], Tensor> function, ReadOnlySpan<Tensor> inputs, int order = 2, double tolerance = 1e-6)
    {
        var report = Check(function, inputs, order, tolerance);
        if (!report.Passed)
            throw new GradientException($"GradientCheck {report}{(report.Problem is not null ? ""
                : " A kink of the function within about 0.001 of the input also looks like this: move the input away from it.")}");
    }

    /// <summary>Checks a function of one tensor; see the overload for several.</summary>
    public static GradientReport Check(Func<Tensor, Tensor> function, Tensor input, int order = 2, double tolerance = 1e-6) =>
        Check(inputs => function(inputs[0]), [input], order, tolerance);

    /// <summary>
    /// Compares the gradient of Σ wᵢ·function(inputs)ᵢ, with fixed random weights w, with five-point difference
    /// quotients; and, for second order, the derivative of its product with a random vector likewise.
    /// </summary>
    /// <param name="function">Of any output shape. It must be deterministic: one that gives other values each time, as
    /// dropout does, cannot be checked, and the report says so.</param>
    /// <param name="inputs">Float64, at least 0.01 away from kinks. Their tape, if any, is not touched.</param>
    /// <param name="order">1, or 2 to check gradients of gradients too.</param>
    /// <param name="tolerance">The allowed difference, relative to the larger of the two numbers and 1.</param>
    /// <param name="maxElements">Inputs with more elements are checked along 8 random directions instead.</param>
    /// <exception cref="DTypeException">An input is Float32, too coarse for differences.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The order is another.</exception>
    public static GradientReport Check(Func<Tensor[], Tensor> function, ReadOnlySpan<Tensor> inputs, int order = 2,
        double tolerance = 1e-6, int maxElements = 256)
    {
        if (order is not (1 or 2)) Throw.OutOfRange("GradientCheck", nameof(order), order, "1 or 2");
        var values = new double[inputs.Length][];
        var shapes = new Shape[inputs.Length];
        for (var i = 0; i < inputs.Length; i++)
        {
            if (inputs[i].DType != DType.Float64)
                throw new DTypeException($"GradientCheck: input {i} is {inputs[i].DType}, too coarse for differences: "
                    + "use DType.Float64, also in what the function captures.");
            (values[i], shapes[i]) = (inputs[i].ToArray<double>(), inputs[i].Shape);
        }
        var rng = new Rng(7);
        Tensor? weights = null;
        Tensor Weighted(Tensor[] at)
        {
            var output = function(at);
            weights ??= Tensor.Uniform(output.Shape, 0.5, 1.5, rng, DType.Float64);
            return (output * weights).Sum();
        }

        GradientReport Judged(Func<Tensor[], Tensor> compared, int level)
        {
            var report = Compare(compared, values, shapes, level, tolerance, maxElements, rng);
            return report.Passed ? report : Differing(compared, values, shapes) ?? report;
        }

        var worst = Judged(Weighted, 1);
        if (order < 2 || !worst.Passed) return worst;
        var vectors = Array.ConvertAll(shapes, shape => Tensor.Normal(shape, 0, 1, rng, DType.Float64));
        Tensor Projected(Tensor[] at)
        {
            // Differences need values of the gradient only, but run with recording off: gradients need it on.
            using var recording = Gradients.On();
            foreach (var tensor in at) tensor.RequiresGrad = true;
            var gradients = Gradients.Of(Weighted(at), at, createGraph: true, allowUnused: true);
            return gradients.Zip(vectors, (gradient, vector) => (gradient * vector).Sum()).Aggregate((a, b) => a + b);
        }
        var second = Judged(Projected, 2);
        return !second.Passed || Error(second) > Error(worst) ? second : worst;
    }

    /// <summary>A report, where the function does not give the same bits each time; else null.</summary>
    static GradientReport? Differing(Func<Tensor[], Tensor> function, double[][] values, Shape[] shapes)
    {
        const int Times = 16;       // few values may agree by chance
        using var off = Gradients.Off();
        double[]? before = null;
        for (var i = 0; i < Times; i++)
        {
            var now = function(At(values, shapes)).ToDoubles();
            if (before is not null && !before.AsSpan().SequenceEqual(now))
                return new GradientReport(false, 1, 0, "(nothing)", double.NaN, double.NaN)
                {
                    Problem = "the function gives other values each time on the same inputs. Put dropout and the like into "
                        + "evaluation mode, or let each call draw the same numbers, from a new Rng(seed).",
                };
            before = now;
        }
        return null;
    }

    static Tensor[] At(double[][] values, Shape[] shapes) => [.. values.Select((v, i) => Tensor.From(shapes[i], v))];

    static double Error(GradientReport report) => Error(report.Derivative, report.Difference);

    static double Error(double derivative, double difference) =>
        derivative == difference ? 0        // equal infinities; a NaN never passes
        : Math.Abs(derivative - difference) / Math.Max(1, Math.Max(Math.Abs(derivative), Math.Abs(difference)));

    /// <summary>The worst element of all inputs for a function that gives one number.</summary>
    static GradientReport Compare(Func<Tensor[], Tensor> function, double[][] values, Shape[] shapes, int order,
        double tolerance, int maxElements, Rng rng)
    {
        double ValueAt(int input, double[] moved)
        {
            using var off = Gradients.Off();
            return function(At([.. values.Select((v, i) => i == input ? moved : v)], shapes)).Item();
        }

        var leaves = At(values, shapes);
        foreach (var leaf in leaves) leaf.RequiresGrad = true;
        var gradients = Gradients.Of(function(leaves), leaves, allowUnused: true);
        var worst = new GradientReport(true, order, 0, "(no elements)", 0, 0);
        for (var input = 0; input < values.Length; input++)
        {
            var gradient = gradients[input].ToArray<double>();
            var all = gradient.Length <= maxElements;
            for (var k = 0; k < (all ? gradient.Length : Directions); k++)
            {
                var direction = new double[gradient.Length];
                if (all) direction[k] = 1;
                else for (var i = 0; i < direction.Length; i++) direction[i] = rng.Normal() / Math.Sqrt(direction.Length);
                var derivative = gradient.Zip(direction, (g, d) => g * d).Sum();
                var difference = Slope(t => ValueAt(input, [.. values[input].Zip(direction, (v, d) => v + t * d)]));
                var error = Error(derivative, difference);
                if (error <= Error(worst)) continue;       // a NaN error is not smaller: it becomes the worst
                worst = new GradientReport(error <= tolerance, order, input,
                    all ? $"element {Shape.Text(shapes[input].Position(k))}" : $"random direction {k}", derivative, difference);
                if (double.IsNaN(error)) return worst;
            }
        }
        return worst;
    }

    /// <summary>f'(0) by the five-point formula, whose error is of fourth order in the step.</summary>
    static double Slope(Func<double, double> f)
    {
        const double h = 1e-3;
        return (8 * (f(h) - f(-h)) - (f(2 * h) - f(-2 * h))) / (12 * h);
    }
}
