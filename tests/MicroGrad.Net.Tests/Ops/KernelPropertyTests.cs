using static MicroGrad.Net.Tests.RandomShapes;

namespace MicroGrad.Net.Tests;

/// <summary>The kernels against plain loops over random shapes.</summary>
[Properties(Arbitrary = [typeof(Arbitraries)])]
public sealed class KernelPropertyTests
{
    static double Round(DType dtype, double value) => dtype == DType.Float32 ? (float)value : value;

    [Property(MaxTest = 500)]
    public void Two_operands_broadcast_as_loops_do(BroadcastPair pair, DType dtype, Seed seed)
    {
        var (rng, full) = (seed.Rng(), pair.Full);
        var (x, y) = (Draw(rng, pair.X, dtype), Draw(rng, pair.Y, dtype));
        Assert.Equal(full, (x + y).Shape);
        // Sums, differences and products of floats are rounded once from their exact doubles; so are quotients.
        SameNumbers(Indices(full).Select(i => Round(dtype, At(x, i) + At(y, i))), x + y);
        SameNumbers(Indices(full).Select(i => Round(dtype, At(x, i) - At(y, i))), x - y);
        SameNumbers(Indices(full).Select(i => Round(dtype, At(x, i) * At(y, i))), x * y);
        SameNumbers(Indices(full).Select(i => Round(dtype, At(x, i) / At(y, i))), x / y);
        SameNumbers(Indices(full).Select(i => Math.Max(At(x, i), At(y, i))), Tensor.Max(x, y));
        SameNumbers(Indices(full).Select(i => At(x, i) >= At(y, i) ? 1.0 : 0), x >= y);
    }

    [Property(MaxTest = 200)]
    public void Three_operands_broadcast_as_loops_do(BroadcastTriple three, DType dtype, Seed seed)
    {
        var (rng, full) = (seed.Rng(), three.Full);
        var condition = Draw(rng, three.X, dtype) > 0;
        var (x, y) = (Draw(rng, three.Y, dtype), Draw(rng, three.Z, dtype));
        SameNumbers(Indices(full).Select(i => At(condition, i) != 0 ? At(x, i) : At(y, i)), Tensor.Where(condition, x, y));
        SameNumbers(Indices(full).Select(i => At(condition, i) != 0 ? At(y, i) : At(x, i)), Tensor.Where(condition, y, x));
    }

    [Property(MaxTest = 150)]
    public void Functions_of_one_operand_reach_every_element(Tensor x)
    {
        var (dtype, sizes) = (x.DType, x.Shape);
        SameNumbers(Indices(sizes).Select(i => -At(x, i)), -x);
        SameNumbers(Indices(sizes).Select(i => Math.Abs(At(x, i))), x.Abs());
        SameNumbers(Indices(sizes).Select(i => Math.Max(0, At(x, i))), x.Relu());
        SameNumbers(Indices(sizes).Select(i => Math.Clamp(At(x, i), -0.5, 0.25)), x.Clamp(-0.5, 0.25));
        SameNumbers(Indices(sizes).Select(i => Round(dtype, Math.Sqrt(Math.Abs(At(x, i))))), x.Abs().Sqrt());
        SameNumbers(Indices(sizes).Select(i => At(x, i)), x.To(DType.Float64));
    }

    [Property(MaxTest = 250)]
    public void Reductions_equal_plain_loops_over_any_axes(ShapeAndAxes some, Seed seed)
    {
        var (sizes, named) = (some.Shape.Sizes.ToArray(), some.Axes);
        var x = Draw(seed.Rng(), sizes);
        var axes = named.Select(axis => axis < 0 ? axis + sizes.Length : axis).ToArray();
        var gone = axes.Length == 0 ? [.. Enumerable.Range(0, sizes.Length)] : axes;
        var kept = sizes.Select((size, axis) => gone.Contains(axis) ? 1 : size).ToArray();
        var groups = Indices(sizes).GroupBy(i => string.Join(',', i.Select((at, axis) => gone.Contains(axis) ? 0 : at)))
            .ToDictionary(group => group.Key, group => group.Select(i => At(x, i)).ToArray());
        double[] Each(Func<double[], double> of) =>
            [.. Indices(kept).Select(i => of(groups.GetValueOrDefault(string.Join(',', i)) ?? []))];

        Assert.Equal(Shape.Of(kept), x.Sum(named, keepDims: true).Shape);
        Assert.Equal(Shape.Of([.. sizes.Where((_, axis) => !gone.Contains(axis))]), x.Sum(named).Shape);
        Numbers.Close(Each(v => v.Sum()), x.Sum(named));
        Numbers.Close(Each(v => v.Sum()), x.To(DType.Float32).Sum(named), 1e-4);
        if (x.Length == 0) return;
        Assert.Equal(Each(v => v.Max()), x.Max(named).ToDoubles());
        Assert.Equal(Each(v => v.Min()), x.Min(named, keepDims: true).ToDoubles());
        Numbers.Close(Each(v => v.Average()), x.Mean(named));
        Numbers.Close(Each(v => v.Aggregate(1.0, (a, b) => a * b)), x.Product(named), 1e-11);
        Numbers.Close(Each(v => Math.Log(v.Sum(Math.Exp))), x.LogSumExp(named));
        Numbers.Close(Each(v => v.Sum(e => (e - v.Average()) * (e - v.Average())) / v.Length), x.Variance(named, correction: 0));
    }

    [Property(MaxTest = 40)]
    public void Long_reductions_equal_plain_loops(Seed seed)
    {
        var rng = seed.Rng();
        // Across the blocks of 4096 elements and 128 rows.
        var sizes = rng.Next(3) switch
        {
            0 => new[] { 1 + rng.Next(3), 1 + rng.Next(20_000) },
            1 => [1 + rng.Next(2_000), 1 + rng.Next(12)],
            _ => [1 + rng.Next(3), 1 + rng.Next(600), 1 + rng.Next(9)],
        };
        var (x, axis) = (Draw(rng, sizes), sizes.Length == 2 && sizes[1] > sizes[0] ? 1 : sizes.Length - 2);
        var (sums, largest) = (new Dictionary<string, double>(), new Dictionary<string, double>());
        foreach (var i in Indices(sizes))
        {
            var key = string.Join(',', i.Where((_, a) => a != axis));
            sums[key] = sums.GetValueOrDefault(key) + At(x, i);
            largest[key] = Math.Max(largest.GetValueOrDefault(key, double.NegativeInfinity), At(x, i));
        }
        Numbers.Close([.. sums.Values], x.Sum(axis), 1e-11);
        Assert.Equal(largest.Values, x.Max(axis).ToDoubles());
    }

    [Property(MaxTest = 150)]
    public void Scans_equal_plain_loops(ShapeAndAxis one, Seed seed)
    {
        var (sizes, axis) = (one.Shape.Sizes.ToArray(), one.Axis);
        var x = Draw(seed.Rng(), sizes);
        var running = Indices(sizes).Select(i => Enumerable.Range(0, i[axis] + 1)
            .Sum(k => At(x, [.. i.Select((at, a) => a == axis ? k : at)])));
        Numbers.Close([.. running], x.CumulativeSum(axis));
        if (x.Length == 0) return;
        var others = sizes.Select((size, a) => a == axis ? 1 : size).ToArray();
        Assert.Equal(Indices(others).Select(i => Enumerable.Range(0, sizes[axis])
            .MaxBy(k => At(x, [.. i.Select((at, a) => a == axis ? k : at)]))), x.ArgMax(axis));
    }
}
