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
    /// <summary>Makes the layer that a row proves: its parameters are inputs of the row too, after the layer's own.</summary>
    public Func<ModuleBase>? Layer { get; init; }

    /// <summary>How the layer is called, where not by its Forward of one tensor.</summary>
    public Func<ModuleBase, Tensor, Tensor> Call { get; init; } = (layer, input) => ((Module)layer).Forward(input);

    /// <summary>1 where there is no second derivative worth checking; <see cref="Because"/> says why.</summary>
    public int Order { get; init; } = 2;

    /// <summary>Why a check is left out.</summary>
    public string? Because { get; init; }

    /// <summary>The member this row proves: <c>Sum</c> of <c>Sum: first axis</c>.</summary>
    public string Member => Name.Split(": ")[0];

    /// <summary>The row at random shapes and values; what fails shrinks to simpler shapes, then seeds.</summary>
    public Arbitrary<GradientCase> Cases => Arb.From(
        from shapes in Shapes.Gen
        from seed in Arbitraries.Seeds.Generator
        select new GradientCase(this, shapes, seed.Value),
        one => Shapes.Shrink(one.Shapes).Select(shapes => one with { Shapes = shapes })
            .Concat(Shrinks.Seed(one.Seed).Select(seed => one with { Seed = seed })));

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

    /// <summary>
    /// The row's function at values (which may go on after the inputs'), with the inputs as leaves of a tape if asked
    /// for.
    /// </summary>
    public (Tensor[] Inputs, Tensor Output) Evaluate(double[] values, bool leaves, DType dtype = DType.Float64)
    {
        var inputs = Tensors(values, dtype);
        if (Row.Layer is not null)
        {
            var layer = Row.Layer().To(dtype);
            foreach (var (parameter, value) in layer.Parameters().Zip(inputs.Skip(1))) parameter.Assign(value);
            inputs = [inputs[0], .. layer.Parameters()];
            foreach (var input in inputs) input.RequiresGrad = leaves;
            return (inputs, Row.Call(layer, inputs[0]));
        }
        foreach (var input in inputs) input.RequiresGrad = leaves;
        return (inputs, Row.Function(inputs));
    }

    /// <summary>Constants of the inputs' shapes, from values that may go on after them.</summary>
    public Tensor[] Tensors(double[] values, DType dtype = DType.Float64)
    {
        var (tensors, start) = (new Tensor[Shapes.Length], 0);
        for (var i = 0; i < tensors.Length; i++)
        {
            tensors[i] = Tensor.From(Shapes[i], values.AsSpan(start, Count(Shapes[i]))).To(dtype);
            start += tensors[i].Length;
        }
        return tensors;
    }

    public override string ToString() =>
        $"{Row.Name} at {string.Join(" and ", Shapes.Select(shape => $"[{string.Join(", ", shape)}]"))}, values of seed {Seed}";

    static int Count(int[] shape) => shape.Aggregate(1, (count, size) => count * size);
}
