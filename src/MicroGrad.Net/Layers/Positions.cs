namespace MicroGrad.Net;

/// <summary>
/// Adds to each step a vector that says where it stands (Vaswani et al., 2017): sin(t/10000^(i/width)) at even
/// features i, and the cosine of the same angle at the odd ones after them. [steps, batch, width], or
/// [batch, steps, width] with the batch first, keeps its shape; so does one sequence [steps, width].
/// </summary>
/// <param name="width">The size of the last axis.</param>
/// <param name="batchFirst">Whether the batch is the first axis, and not the second.</param>
/// <exception cref="ArgumentOutOfRangeException">The size is not positive.</exception>
public sealed class SinusoidalPositions(int width, bool batchFirst = false) : Module
{
    readonly int _width = Positions.Positive(nameof(SinusoidalPositions), nameof(width), width);

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor input) => From(0, input);

    /// <summary>The same for steps that come after others: the first stands at <paramref name="start"/>.</summary>
    /// <exception cref="ShapeException">The input does not fit.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The start is negative.</exception>
    public Tensor Forward(Tensor input, int start) => Called((input, start), _ => From(start, input));

    Tensor From(int start, Tensor input)
    {
        var steps = Positions.Steps(this, input, _width, batchFirst, start);
        var angles = AttentionOps.PositionAngles(steps, _width, start, 10000);
        var table = Tensor.Stack([angles.Sin(), angles.Cos()], axis: 2).Flatten(1).To(input.DType);
        return input + Positions.Beside(input, table[.., .._width], batchFirst);
    }

    /// <inheritdoc/>
    public override string Describe() => $"SinusoidalPositions({_width})";
}

/// <summary>
/// Adds to each step a learned vector for its place. [steps, batch, width], or [batch, steps, width] with the batch
/// first, keeps its shape; so does one sequence [steps, width].
/// </summary>
public sealed class LearnedPositions : Module
{
    readonly bool _batchFirst;

    /// <summary>The vector of each place, [most, width].</summary>
    public Parameter Weight { get; }

    /// <summary>A table of vectors drawn from the normal distribution with deviation 0.02, as GPT-2's.</summary>
    /// <param name="most">The length of the longest sequence.</param>
    /// <param name="width">The size of the last axis.</param>
    /// <param name="batchFirst">Whether the batch is the first axis, and not the second.</param>
    /// <param name="rng">Where the vectors are drawn from; <see cref="Rng.Default"/> by default.</param>
    /// <param name="dtype">The number type of the parameters.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is not positive.</exception>
    public LearnedPositions(int most, int width, bool batchFirst = false, Rng? rng = null, DType dtype = DType.Float32)
    {
        Positions.Positive(nameof(LearnedPositions), nameof(most), most);
        Positions.Positive(nameof(LearnedPositions), nameof(width), width);
        (Weight, _batchFirst) = (new Parameter(Tensor.Normal([most, width], 0, 0.02, rng, dtype)), batchFirst);
    }

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor input) => From(0, input);

    /// <inheritdoc cref="SinusoidalPositions.Forward(Tensor, int)"/>
    public Tensor Forward(Tensor input, int start) => Called((input, start), _ => From(start, input));

    Tensor From(int start, Tensor input)
    {
        var (most, width) = (Weight.Shape[0], Weight.Shape[1]);
        var steps = Positions.Steps(this, input, width, _batchFirst, start);
        if (steps > most - start)
            Throw.LayerInput(Describe(), $"at most {most} steps{(start > 0 ? $", of which {start} went before," : "")}",
                input.Shape, null);
        return input + Positions.Beside(input, Weight[start..(start + steps)], _batchFirst);
    }

    /// <inheritdoc/>
    public override string Describe() => $"LearnedPositions({Weight.Shape[0]} x {Weight.Shape[1]})";
}

static class Positions
{
    public static int Positive(string layer, string name, int size)
    {
        if (size <= 0) Throw.OutOfRange(layer, name, size, "positive");
        return size;
    }

    /// <summary>The number of steps of a sequence or a batch of them.</summary>
    public static int Steps(ModuleBase layer, Tensor input, int width, bool batchFirst, int start)
    {
        if (start < 0) Throw.OutOfRange(layer.Describe(), nameof(start), start, "at least 0");
        if (input.Rank is not (2 or 3) || input.Shape[^1] != width)
            Throw.LayerInput(layer.Describe(), Throw.Sequences(batchFirst, width), input.Shape, null);
        return input.Shape[batchFirst ? input.Rank - 2 : 0];
    }

    /// <summary>A table [steps, width] with an axis for the batch where the input has it between the two.</summary>
    public static Tensor Beside(Tensor input, Tensor table, bool batchFirst) =>
        input.Rank == 3 && !batchFirst ? table.Unsqueeze(1) : table;
}
