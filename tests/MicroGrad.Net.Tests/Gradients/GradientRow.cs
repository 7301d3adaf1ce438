using FsCheck;
using FsCheck.Fluent;

namespace MicroGrad.Net.Tests.Proof;

/// <summary>
/// One line of the gradient table: a function of tensors whose derivatives are to be right, the shapes its inputs
/// may have, and how their values are drawn. The name begins with the member it proves, written as
/// <see cref="PublicOps"/> writes it; after ": " follows what is special about this row.
/// </summary>
sealed record GradientRow(string Name, Shapes Shapes, Func<Tensor[], Tensor> Function, Draw[] Draws)
{
    /// <summary>1 where there is no second derivative worth checking; <see cref="Because"/> says why.</summary>
    public int Order { get; init; } = 2;

    /// <summary>Why a check is left out.</summary>
    public string? Because { get; init; }

    /// <summary>The member this row proves: <c>Sum</c> of <c>Sum: first axis</c>.</summary>
    public string Member => Name.Split(": ")[0];

    /// <summary>The row at a random choice of shapes and values.</summary>
    public Gen<GradientCase> Cases =>
        from shapes in Shapes.Gen
        from seed in Gen.Choose(0, int.MaxValue - 1)
        select new GradientCase(this, shapes, seed);

    public override string ToString() => Name;
}

/// <summary>A row at given shapes. The seed decides the values: they are of Float32 accuracy, and the same each time.</summary>
sealed record GradientCase(GradientRow Row, int[][] Shapes, int Seed)
{
    /// <summary>The values of all inputs, one after another.</summary>
    public double[] Values()
    {
        var random = new Random(Seed);
        return [.. Shapes.SelectMany((shape, i) =>
            Row.Draws[Math.Min(i, Row.Draws.Length - 1)](random, Count(shape)).Select(value => (double)(float)value))];
    }

    /// <summary>Numbers to weigh elements with, so that each counts differently; none is near 0.</summary>
    public double[] Weights(int count, int stream)
    {
        var random = new Random(Seed ^ (stream * 7919));
        return [.. Enumerable.Range(0, count).Select(_ =>
            (double)(float)((random.Next(2) * 2 - 1) * (0.5 + random.NextDouble())))];
    }

    /// <summary>The inputs, as leaves of a tape if asked for; from <paramref name="values"/>, which may go on after them.</summary>
    public Tensor[] Inputs(double[] values, bool leaves, DType dtype = DType.Float64)
    {
        var (inputs, start) = (new Tensor[Shapes.Length], 0);
        for (var i = 0; i < inputs.Length; i++)
        {
            inputs[i] = Tensor.From(Shapes[i], values.AsSpan(start, Count(Shapes[i]))).To(dtype);
            inputs[i].RequiresGrad = leaves;
            start += inputs[i].Length;
        }
        return inputs;
    }

    public override string ToString() =>
        $"{Row.Name} at {string.Join(" and ", Shapes.Select(shape => $"[{string.Join(", ", shape)}]"))}, values of seed {Seed}";

    static int Count(int[] shape) => shape.Aggregate(1, (count, size) => count * size);
}
