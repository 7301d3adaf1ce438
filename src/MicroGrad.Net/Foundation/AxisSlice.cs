namespace MicroGrad.Net;

/// <summary>
/// What an indexer takes of one axis: an index (<c>2</c>, <c>^1</c>) or a range (<c>1..3</c>, <c>..</c>), or, with
/// <see cref="Every"/>, a range with a step. The default is the whole axis, <c>..</c>.
/// </summary>
public readonly struct AxisSlice
{
    readonly Range _range;
    readonly int _step;

    AxisSlice(Range range, int step, bool removesAxis) => (_range, _step, RemovesAxis) = (range, step, removesAxis);

    /// <summary>Whether this is an index, which removes the axis.</summary>
    internal bool RemovesAxis { get; }

    /// <summary>One item; the axis is removed.</summary>
    public static implicit operator AxisSlice(int index) =>
        new(new Range(index < 0 ? throw Negative(index) : index, 0), 1, true);

    /// <summary>One item; the axis is removed.</summary>
    public static implicit operator AxisSlice(Index index) => new(new Range(index, 0), 1, true);

    /// <summary>A run of items; the axis stays.</summary>
    public static implicit operator AxisSlice(Range range) => new(range, 1, false);

    /// <summary>Every <paramref name="step"/>-th item of a range, beginning with its first.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The step is not positive; to reverse, use Flip.</exception>
    public static AxisSlice Every(int step, Range range)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(step);
        return new AxisSlice(range, step, false);
    }

    static ShapeException Negative(int index) =>
        new($"slice: index {index} is negative; items from the end are written ^{-(long)index}.");

    /// <summary>As in an indexer: <c>^1</c>, <c>1..3</c>, <c>Every(2, ..)</c>.</summary>
    public override string ToString() =>
        RemovesAxis ? $"{_range.Start}" : _step == 0 ? ".." : _step == 1 ? $"{_range}" : $"Every({_step}, {_range})";

    /// <summary>The first item, the number of items and the step on an axis.</summary>
    internal (int Start, int Count, int Step) On(Shape shape, int axis)
    {
        var size = shape[axis];
        if (_step == 0) return (0, size, 1);        // the default
        var start = _range.Start.GetOffset(size);
        if (RemovesAxis)
        {
            if ((uint)start >= (uint)size) Throw.Shapes("slice", $"index {_range.Start} is outside axis {axis} of {shape}.");
            return (start, 1, 1);
        }
        var end = _range.End.GetOffset(size);
        if (start < 0 || end > size || start > end) Throw.Shapes("slice", $"range {_range} is outside axis {axis} of {shape}.");
        // One item or none has no step, which may be of any size.
        var items = end - start;
        return items <= _step ? (start, Math.Min(1, items), 1) : (start, (items - 1) / _step + 1, _step);
    }
}
