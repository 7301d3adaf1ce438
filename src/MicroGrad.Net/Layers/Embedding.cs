namespace MicroGrad.Net;

/// <summary>
/// A table of vectors, one per id, that are learned: the way words, characters or categories enter a network. Ids of
/// shape [...] become [..., width].
/// </summary>
public sealed class Embedding : Module
{
    readonly int? _padding;

    /// <summary>The vectors, [count, width].</summary>
    public Parameter Weight { get; }

    /// <summary>A table of vectors drawn from the standard normal distribution, PyTorch's default.</summary>
    /// <param name="count">How many ids there are: 0 to count − 1.</param>
    /// <param name="width">The size of a vector.</param>
    /// <param name="paddingIndex">An id that stands for nothing: its vector starts at zero and gets no gradient.
    /// Negative ones count from the end.</param>
    /// <param name="rng">Where the vectors are drawn from; <see cref="Rng.Default"/> by default.</param>
    /// <param name="dtype">The number type of the parameters.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is not positive, or the padding index is no id.</exception>
    public Embedding(int count, int width, int? paddingIndex = null, Rng? rng = null,
        DType dtype = DType.Float32)
    {
        if (count <= 0) Throw.OutOfRange("Embedding", nameof(count), count, "positive");
        if (width <= 0) Throw.OutOfRange("Embedding", nameof(width), width, "positive");
        Weight = new Parameter(Tensor.Normal([count, width], 0, 1, rng, dtype));
        if (paddingIndex is not { } padding) return;
        if (padding < -count || padding >= count)
            Throw.OutOfRange("Embedding", nameof(paddingIndex), padding, $"from {-count} to {count - 1}");
        _padding = padding < 0 ? padding + count : padding;
        if (dtype == DType.Float32) Weight.Update<float>().Slice(_padding.Value * width, width).Clear();
        else Weight.Update<double>().Slice(_padding.Value * width, width).Clear();
    }

    /// <summary>The vectors of ids, [ids, width].</summary>
    /// <exception cref="ArgumentOutOfRangeException">An id is outside the table; the message says which.</exception>
    public Tensor Forward(int[] ids) => Forward(ids, [ids.Length]);

    /// <summary>The vectors of ids that lie in a shape, in row-major order: [..., width].</summary>
    /// <exception cref="ShapeException">The shape takes another number of ids.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An id is outside the table; the message says which.</exception>
    public Tensor Forward(int[] ids, Shape shape) => Called((ids, shape), _ => Picked(ids, shape));

    Tensor Picked(int[] ids, Shape shape)
    {
        if (ids.Length != shape.Length) Throw.ElementCount(Describe(), shape, ids.Length);
        for (var i = 0; i < ids.Length; i++)
            if ((uint)ids[i] >= (uint)Weight.Shape[0]) Throw.IndexOutOfRange(Describe(), i, ids[i], Weight.Shape[0]);
        var rows = Weight.Select(ids);
        if (_padding is { } padding && ids.Contains(padding))
        {
            var padded = Array.ConvertAll(ids, id => id == padding ? 1.0 : 0);
            rows = Tensor.Where(Tensor.From([ids.Length, 1], padded).To(rows.DType), rows.Detach(), rows);
        }
        return rows.Reshape(Shape.Of([.. shape, Weight.Shape[1]]));
    }

    /// <summary>
    /// The vectors of ids that come as whole numbers in a tensor, so that an embedding can begin a
    /// <see cref="Sequential"/>. No gradient flows to them.
    /// </summary>
    /// <exception cref="ArgumentException">A number is not whole.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An id is outside the table; the message says which.</exception>
    protected override Tensor Compute(Tensor input)
    {
        var values = input.ToDoubles();
        for (var i = 0; i < values.Length; i++)
        {
            if (values[i] != Math.Round(values[i])) Throw.NoId(Describe(), i, values[i]);
            if (!(values[i] >= 0 && values[i] < Weight.Shape[0]))
                Throw.IndexOutOfRange(Describe(), i, values[i], Weight.Shape[0]);
        }
        return Picked(Array.ConvertAll(values, value => (int)value), input.Shape);
    }

    /// <inheritdoc/>
    public override string Describe() =>
        $"Embedding({Weight.Shape[0]} x {Weight.Shape[1]}{(_padding is null ? "" : $", padding {_padding}")})";
}
