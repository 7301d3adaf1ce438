using System.Globalization;

namespace MicroGrad.Net;

/// <summary>The comparison of <see cref="Verify"/> in which derivative and difference quotient differ most.</summary>
/// <param name="Passed">Whether all differences are within the tolerance.</param>
/// <param name="Order">1 for the gradient, 2 for its derivative.</param>
/// <param name="Name">The parameter along which the derivative was taken, or <c>input</c>; <c>input 2</c> is the
/// second of several tensors.</param>
/// <param name="Derivative">What the tape says.</param>
/// <param name="Difference">What differences of the function say.</param>
/// <param name="Comparisons">How many derivatives were compared.</param>
/// <param name="Kinks">How many could not be, since the function has a kink there.</param>
public sealed record VerifyReport(
    bool Passed, int Order, string Name, double Derivative, double Difference, int Comparisons, int Kinks)
{
    /// <summary>The verdict in words.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"{(Passed ? "passed" : "FAILED")} ({Comparisons} comparisons, {Kinks} at kinks), worst at {
            (Order == 1 ? "first" : "second")} order along {Name}: the tape says {Derivative:g10}, differences say {
            Difference:g10} (off by {Math.Abs(Derivative - Difference):g3}).");
}

/// <summary>First and second derivatives of one function along random directions, beside differences.</summary>
/// <param name="function">From the inputs to one number.</param>
/// <param name="parameters">What it depends on besides, Float64; those that are frozen are left out.</param>
/// <param name="inputs">Float64.</param>
/// <param name="tolerance">The allowed relative difference.</param>
sealed class SlopeCheck(Func<Tensor[], Tensor> function, IReadOnlyList<(string Name, Parameter Parameter)> parameters,
    Tensor[] inputs, double tolerance)
{
    const int Directions = 2;       // for each parameter and order

    // A kink that lies within a large step lies outside a smaller one; a wrong rule is wrong at all.
    static readonly double[] s_steps = [1e-4, 1e-5, 1e-6];

    readonly (string Name, Parameter Parameter)[] _parameters =
        [.. parameters.Where(named => named.Parameter.RequiresGrad)];
    readonly Rng _rng = new(7);
    VerifyReport _worst = new(true, 1, "(nothing)", 0, 0, 0, 0);
    double _worstError = -1;

    public VerifyReport Compare()
    {
        if (Leaves(inputs).Length == 0) return _worst;
        Compare(1, (x, _) => function(x));
        var vectors = Array.ConvertAll(Leaves(inputs), leaf => Direction(leaf.Shape));
        if (_worst.Passed) Compare(2, (x, create) =>
        {
            var slopes = Gradients.Of(function(x), Leaves(x), createGraph: create, allowUnused: true);
            return slopes.Zip(vectors, (slope, vector) => (slope * vector).Sum()).Aggregate((a, b) => a + b);
        });
        return _worst;
    }

    Tensor[] Leaves(Tensor[] x) => [.. x, .. _parameters.Select(named => named.Parameter)];

    /// <summary>Of length about 1.</summary>
    Tensor Direction(Shape shape) =>
        Tensor.Normal(shape, 0, 1 / Math.Sqrt(Math.Max(1, shape.Length)), _rng, DType.Float64);

    static Tensor Leaf(Tensor values)
    {
        var leaf = values.Detach();
        leaf.RequiresGrad = true;
        return leaf;
    }

    Tensor[] AsLeaves() => Array.ConvertAll(inputs, Leaf);

    /// <summary>Whether the function gives the same bits on the same input.</summary>
    public bool Repeats()
    {
        var first = function(AsLeaves()).Item();
        return Enumerable.Range(0, 3).All(_ => function(AsLeaves()).Item().Equals(first));
    }

    /// <param name="order">1 or 2, for the report.</param>
    /// <param name="value">The function at inputs, to be differentiated or not.</param>
    void Compare(int order, Func<Tensor[], bool, Tensor> value)
    {
        var x = AsLeaves();
        var start = value(x, true);
        var slopes = Gradients.Of(start, Leaves(x), allowUnused: true);
        var floor = 1e-5 * (1 + Math.Abs(start.Item()));
        for (var i = 0; i < slopes.Length; i++)
            for (var k = 0; k < Directions && slopes[i].Length > 0; k++)
            {
                var (leaf, direction) = (i, Direction(slopes[i].Shape));
                double At(double step) => Moved(leaf, direction * step, at => value(at, false).Item());
                try
                {
                    Judge(order, i, (slopes[i] * direction).Sum().Item(), start.Item(), At, floor);
                }
                catch (ArgumentException) when (i < inputs.Length)
                {
                    // Inputs that cannot be moved, such as ids.
                }
            }
    }

    void Judge(int order, int leaf, double derivative, double start, Func<double, double> at, double floor)
    {
        var (best, difference, kink) = (double.PositiveInfinity, double.NaN, false);
        foreach (var step in s_steps)
        {
            var (after, before) = (at(step), at(-step));
            var slope = (after - before) / (2 * step);
            var error = Math.Abs(derivative - slope) / (Math.Max(Math.Abs(derivative), Math.Abs(slope)) + floor);
            if (error < best) (best, difference) = (error, slope);
            else if (double.IsPositiveInfinity(best)) difference = slope;
            if (best <= tolerance) break;
            var (right, left) = ((after - start) / step, (start - before) / step);
            kink = Math.Abs(right - left) > 1e-3 * Math.Max(Math.Abs(right), Math.Abs(left)) + 100 * floor * tolerance;
        }
        if (best > tolerance && kink)
        {
            _worst = _worst with { Kinks = _worst.Kinks + 1 };
            return;
        }
        _worst = _worst with { Comparisons = _worst.Comparisons + 1 };
        if (best <= _worstError) return;
        _worstError = best;
        _worst = _worst with
        {
            Passed = best <= tolerance, Order = order, Derivative = derivative, Difference = difference,
            Name = leaf >= inputs.Length ? _parameters[leaf - inputs.Length].Name
                : inputs.Length == 1 ? "input" : $"input {leaf + 1}",
        };
    }

    /// <summary>What a function gives where an input, or a parameter, is moved.</summary>
    double Moved(int leaf, Tensor step, Func<Tensor[], double> function)
    {
        if (leaf < inputs.Length)
        {
            var moved = AsLeaves();
            moved[leaf] = Leaf(inputs[leaf] + step);
            return function(moved);
        }
        var parameter = _parameters[leaf - inputs.Length].Parameter;
        var values = parameter.Keep();
        try
        {
            parameter.Assign(values + step);
            return function(AsLeaves());
        }
        finally
        {
            parameter.Assign(values);
        }
    }
}
