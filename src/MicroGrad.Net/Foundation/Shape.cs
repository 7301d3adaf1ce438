using System.Collections;
using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace MicroGrad.Net;

/// <summary>
/// The sizes of a tensor's axes, outermost first; <c>[]</c> is a scalar. Written as a collection expression:
/// <c>Tensor.Zeros([2, 3])</c>. Immutable; compared by value.
/// </summary>
[CollectionBuilder(typeof(Shape), nameof(Of))]
[DebuggerDisplay("{ToString(),nq}")]
public readonly struct Shape : IEquatable<Shape>, IReadOnlyList<int>
{
    readonly int[]? _sizes;

    // The product of the sizes, and of those that are not 0 if that is an int; 0 else.
    Shape(int[] sizes, int length, int volume) => (_sizes, Elements, Volume) = (sizes, length, volume);

    /// <summary>The shape with the given axis sizes.</summary>
    /// <exception cref="ShapeException">A size is negative, the elements would number more than 2³¹ − 1, or there are
    /// more than 64 axes.</exception>
    public static Shape Of(params ReadOnlySpan<int> sizes)
    {
        if (sizes.Length > MicroGrad.Net.Sizes.MostAxes) Throw.TooManyAxes(sizes.Length);
        var (volume, isEmpty) = (1L, false);
        foreach (var size in sizes)
        {
            if (size < 0) Throw.NegativeSize(sizes);
            if (size == 0) isEmpty = true;
            else volume = Math.Min(volume * size, 1L << 32);
        }
        if (volume > int.MaxValue && !isEmpty) Throw.TooManyElements(sizes);
        return new Shape(sizes.ToArray(), isEmpty ? 0 : (int)volume, volume > int.MaxValue ? 0 : (int)volume);
    }

    /// <summary>The shape of one number: no axes.</summary>
    public static Shape Scalar { get; } = Of();

    /// <summary>The number of axes; 0 for a scalar.</summary>
    public int Rank => _sizes?.Length ?? 0;

    // What the Length of ShapeLength says. A default(Shape) is a scalar too; its field says 0 where Of() says 1.
    internal int Elements { get => _sizes is null ? 1 : field; }

    /// <summary>Whether a tensor can have this shape: see <see cref="MicroGrad.Net.Sizes"/>.</summary>
    internal bool FitsTensor => _sizes is null || Volume is > 0 and <= MicroGrad.Net.Sizes.Most;

    int Volume { get; }

    /// <summary>The size of an axis; <c>^1</c> is the last one.</summary>
    /// <exception cref="ShapeException">There is no such axis.</exception>
    public int this[Index axis]
    {
        get
        {
            var at = axis.GetOffset(Rank);
            if ((uint)at >= (uint)Rank) Throw.NoSuchAxis("shape", this, axis);
            return Sizes[at];
        }
    }

    /// <summary>The size of an axis; −1 stands for the last one, as in the operations.</summary>
    /// <exception cref="ShapeException">There is no such axis.</exception>
    public int this[int axis] => Sizes[(uint)axis < (uint)Rank ? axis : Axis(axis, "shape")];

    /// <summary>The axis sizes.</summary>
    public ReadOnlySpan<int> Sizes => _sizes;

    /// <summary>The number of sizes: the rank. List patterns ask for it: <c>shape is [var n, 10]</c>.</summary>
    public int Count => Rank;

    /// <summary>The position of an axis counted from the front: −1 stands for the last axis.</summary>
    /// <exception cref="ShapeException">There is no such axis.</exception>
    internal int Axis(int axis, string op)
    {
        if (axis < -Rank || axis >= Rank) Throw.NoSuchAxis(op, this, axis);
        return axis < 0 ? axis + Rank : axis;
    }

    /// <summary>Marks, per axis, whether it is among <paramref name="axes"/>; none named means all of them.</summary>
    internal bool[] Marked(ReadOnlySpan<int> axes, string op)
    {
        var marked = new bool[Rank];
        if (axes.IsEmpty) Array.Fill(marked, true);
        foreach (var named in axes)
        {
            var axis = Axis(named, op);
            if (marked[axis]) Throw.AxisTwice(op, this, named);
            marked[axis] = true;
        }
        return marked;
    }

    /// <summary>This shape with the marked axes at size 1 (<paramref name="keepDims"/>) or taken out.</summary>
    internal Shape Without(ReadOnlySpan<bool> marked, bool keepDims)
    {
        Span<int> sizes = stackalloc int[Rank];
        var rank = 0;
        for (var axis = 0; axis < Rank; axis++)
            if (!marked[axis]) sizes[rank++] = Sizes[axis];
            else if (keepDims) sizes[rank++] = 1;
        return Of(sizes[..rank]);
    }

    /// <summary>This shape with one axis at another size.</summary>
    internal Shape With(int axis, int size)
    {
        Span<int> sizes = stackalloc int[Rank];
        Sizes.CopyTo(sizes);
        sizes[axis] = size;
        return Of(sizes);
    }

    /// <summary>Where an element stands, axis by axis, given its position in row-major order.</summary>
    internal int[] Position(int element)
    {
        var position = new int[Rank];
        for (var axis = Rank - 1; axis >= 0; axis--)
            (element, position[axis]) = Math.DivRem(element, Sizes[axis]);
        return position;
    }

    /// <summary>
    /// The shape two operands meet in, by NumPy's rule: aligned at the last axis, sizes must be equal or one of
    /// them 1.
    /// </summary>
    internal static Shape Broadcast(Shape a, Shape b, string op)
    {
        if (a == b || b.Rank == 0) return a;
        if (a.Rank == 0) return b;
        Span<int> sizes = stackalloc int[Math.Max(a.Rank, b.Rank)];
        for (var back = 1; back <= sizes.Length; back++)
        {
            var (p, q) = (back <= a.Rank ? a[^back] : 1, back <= b.Rank ? b[^back] : 1);
            if (p != q && p != 1 && q != 1) Throw.NoBroadcast(op, a, b, sizes.Length - back, p, q);
            sizes[^back] = p == 1 ? q : p;
        }
        return Of(sizes);
    }

    /// <summary>Whether a tensor of this shape can be repeated to fill <paramref name="target"/>.</summary>
    internal bool BroadcastsTo(Shape target)
    {
        if (Rank > target.Rank) return false;
        for (var back = 1; back <= Rank; back++)
            if (this[^back] != target[^back] && this[^back] != 1) return false;
        return true;
    }

    /// <inheritdoc/>
    public bool Equals(Shape other) => Sizes.SequenceEqual(other.Sizes);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Shape other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach (var size in Sizes) hash.Add(size);
        return hash.ToHashCode();
    }

    /// <summary>Whether two shapes have the same sizes.</summary>
    public static bool operator ==(Shape left, Shape right) => left.Equals(right);

    /// <summary>Whether two shapes differ.</summary>
    public static bool operator !=(Shape left, Shape right) => !left.Equals(right);

    /// <summary>A shape from an array of sizes.</summary>
    public static implicit operator Shape(int[] sizes) => Of(sizes);

    /// <inheritdoc/>
    public IEnumerator<int> GetEnumerator() => ((IEnumerable<int>)(_sizes ?? [])).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>The sizes in brackets: <c>[32, 1, 28, 28]</c>.</summary>
    public override string ToString() => Text(Sizes);

    internal static string Text(ReadOnlySpan<int> sizes) => $"[{string.Join(", ", sizes.ToArray())}]";
}

/// <summary>The number of elements of a shape.</summary>
// No member of Shape itself: C# takes a collection's own Length for the number of its items, and would get
// [.. shape] and "shape is [2, 3]" wrong.
public static class ShapeLength
{
    extension(Shape shape)
    {
        /// <summary>The number of elements: the product of the sizes, 1 for a scalar.</summary>
        public int Length => shape.Elements;
    }
}
