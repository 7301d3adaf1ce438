using System.Globalization;
using FsCheck;
using FsCheck.Fluent;

namespace MicroGrad.Net.Tests.Proof;

/// <summary>
/// What a row of the gradient table gives in Float32, value and gradient, against Float64 at the same numbers, which
/// are of Float32. The error allowed is a few times what rounding the inputs would do to the exact result, and a few
/// units in its last place; how much more a row may need, and why, is in <see cref="AccuracyTable"/>.
/// </summary>
static class AccuracySweep
{
    /// <summary>The allowed error, in units of the rounding of inputs and result.</summary>
    public const double Usual = 16;

    const double Unit = 1.0 / (1 << 24);
    const double Smallest = 1e-37;          // below about 1e-38 numbers of Float32 lose digits, and then vanish

    /// <summary>All inputs, or one of them, as large as 10^k for every second k from −30 to 30.</summary>
    public static void Magnitudes(GradientRow row)
    {
        var shapes = ShapesOf(row);
        var inputs = row.Layer is null ? Math.Min(2, shapes[0].Length) : 1;
        for (var k = -30; k <= 30; k += 2)
            for (var which = -1; which < inputs; which++)
            {
                // Each alone at every third.
                if (which >= 0 && (inputs == 1 || (k + which) % 3 != 0)) continue;
                var scale = Math.Pow(10, k);
                Check(row, shapes, $"{Name(which)} as large as 1e{k}", k, (input, values) =>
                    which < 0 || input == which ? [.. values.Select(value => value * scale)] : values);
            }
    }

    /// <summary>Inputs next to 1, and two inputs next to each other: 10^k apart for k from −8 to 0.</summary>
    public static void SmallDifferences(GradientRow row)
    {
        var shapes = ShapesOf(row);
        for (var k = -8; k <= 0; k++)
        {
            var (apart, first) = (Math.Pow(10, k), Array.Empty<double>());
            Check(row, shapes, $"the first input within 1e{k} below 1", k, (input, values) =>
                input != 0 ? values : [.. values.Select(value => 1 - apart * Math.Abs(value))]);
            if (row.Layer is not null || shapes[0].Length < 2) continue;
            foreach (var scale in (double[])[1e-6, 1, 1e6])
                Check(row, shapes, $"the first inputs, as large as {scale:g1}, within 1e{k} of each other", k, (input, values) =>
                {
                    if (input == 0) return first = [.. values.Select(value => value * scale)];
                    if (input != 1 || values.Length != first.Length) return values;
                    return [.. values.Zip(first, (value, other) => other * (1 + apart * value))];
                });
        }
    }

    static string Name(int which) => which < 0 ? "inputs" : $"input {which}";

    /// <summary>A few shapes that have elements, and several along each axis where they may.</summary>
    static int[][][] ShapesOf(GradientRow row)
    {
        var samples = row.Shapes.Gen.Sample(60, new Rnd(7, 11), 50).ToArray();
        var large = samples.OrderByDescending(shapes => shapes.Sum(shape => shape.Count(size => size > 1)))
            .Where(shapes => shapes.All(shape => !shape.Contains(0))).Take(4).ToArray();
        return large.Length == 0 ? samples : large;
    }

    static void Check(GradientRow row, int[][][] shapes, string what, int seed, Func<int, double[], double[]> place)
    {
        var one = new GradientCase(row, shapes[(seed + 100) % shapes.Length], seed + 100);
        var values = one.Values();
        for (var (i, start) = (0, 0); i < one.Shapes.Length; i++)
        {
            var count = one.Shapes[i].Aggregate(1, (product, size) => product * size);
            place(i, values[start..(start + count)]).Select(value => (double)(float)value).ToArray().CopyTo(values, start);
            start += count;
        }
        if (values.Any(value => !double.IsFinite(value))) return;
        var exception = AccuracyTable.For(row);
        if (exception is not null && values.Any(value => Math.Abs(value) > exception.Largest
            || (value != 0 && Math.Abs(value) < exception.Smallest))) return;
        double[] weights = [.. one.Weights(64, 1)];
        if (Results(one, values, weights, DType.Float64) is not { } exact) return;      // outside the domain
        if (Results(one, values, weights, DType.Float32) is not { } single)
            throw new Xunit.Sdk.XunitException($"{one}, {what}: an error in Float32, but none in Float64.");

        Lazy<Parts> rounding = new(() => Rounding(one, values, weights, exact));
        var strict = GradientTable.Elementwise.Contains(row.Name);
        var largest = Largest(exact[0]);
        for (var part = 0; part < exact.Count; part++)
            for (var i = 0; i < exact[part].Length; i++)
            {
                var (got, right) = (single[part][i], exact[part][i]);
                var own = Unit * Math.Abs(right);
                if (Agree(got, right, 4 * own + Smallest)) continue;
                var scale = strict ? 0 : Largest(exact[part]);
                // The slope of what is as steep as a proportion.
                if (!strict && part > 0 && i < one.Shapes[part - 1].Aggregate(1, (product, size) => product * size))
                    scale += largest / Math.Abs(values[i + one.Shapes.Take(part - 1).Sum(shape => shape.Aggregate(1, (product, size) => product * size))]);
                var most = (exception?.Allowed ?? Usual) * (rounding.Value[part][i] + own + Unit * scale)
                    + Unit * (exception?.Absolute ?? 0) + Smallest;
                if (Agree(got, right, most)) continue;
                Assert.Fail(string.Create(CultureInfo.InvariantCulture,
                    $"{one}, {what}: {(part == 0 ? "value" : $"gradient in input {part - 1}")}, element {i}, is {got:g9} in "
                    + $"Float32 and {right:g9} in Float64: off by {Math.Abs(got - right):g3}, where {most:g3} is allowed. "
                    + $"Inputs: {string.Join(", ", values.Take(8))}"));
            }
    }

    static double Largest(double[] values) => values.Where(double.IsFinite).Select(Math.Abs).DefaultIfEmpty(0).Max();

    static bool Agree(double single, double exact, double allowed)
    {
        if (double.IsNaN(exact) || single.Equals(exact)) return true;
        // Beyond the range, or so near its end that a part of the result may be beyond it.
        if (Math.Abs(exact) > float.MaxValue / 1000 && !double.IsFinite(single)) return true;
        return Math.Abs(single - exact) <= allowed;
    }

    /// <summary>How much each result changes when inputs, and weights of outputs, change by a unit in the last place.</summary>
    static Parts Rounding(GradientCase one, double[] values, double[] weights, Parts exact)
    {
        var (random, most) = (new Random(5), new Parts(exact.Select(part => new double[part.Length])));
        for (var trial = 0; trial < 6; trial++)
        {
            if (Results(one, Moved(values), Moved(weights), DType.Float64) is not { } other) continue;
            for (var part = 0; part < most.Count; part++)
                for (var i = 0; i < most[part].Length; i++)
                    if (Math.Abs(other[part][i] - exact[part][i]) is var change && change > most[part][i])
                        most[part][i] = change;
        }
        return most;

        double[] Moved(double[] numbers) =>
            [.. numbers.Select(number => number * (1 + (random.Next(2) * 2 - 1) * Unit))];
    }

    /// <summary>The output, then the gradients in each input; null where the inputs are refused.</summary>
    static Parts? Results(GradientCase one, double[] values, double[] weights, DType dtype)
    {
        try
        {
            var (inputs, output) = one.Evaluate(values, leaves: true, dtype);
            double[] cycled = [.. Enumerable.Range(0, output.Length).Select(i => weights[i % weights.Length])];
            var seed = Tensor.From(output.Shape, cycled).To(dtype);
            var gradients = Net.Gradients.Of(output, inputs, seed: seed, allowUnused: true);
            return [output.ToDoubles(), .. gradients.Select(gradient => gradient.ToDoubles())];
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    /// <summary>The numbers of several tensors.</summary>
    sealed class Parts : List<double[]>
    {
        public Parts() { }

        public Parts(IEnumerable<double[]> parts) : base(parts) { }
    }
}
