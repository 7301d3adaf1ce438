using System.Runtime.CompilerServices;

namespace MicroGrad.Net;

// Ops that move elements and compute nothing. Slices, permutations, flips and diagonals are all one op, a strided
// view, whose adjoint adds the elements back to where they came from.
public partial class Tensor
{
    /// <summary>The same numbers under another shape, shared, without a record on the tape.</summary>
    internal Tensor As(Shape shape) => new(shape, Storage);

    /// <summary>The same elements in row-major order under another shape; −1 stands for what fills it up:
    /// <c>x.Reshape(2, -1)</c> or <c>x.Reshape([2, -1])</c>.</summary>
    /// <exception cref="ShapeException">The numbers of elements differ.</exception>
    [OverloadResolutionPriority(1)]         // [2, 3] would do for a Shape as well
    public Tensor Reshape(params ReadOnlySpan<int> sizes)
    {
        if (sizes.Length > Sizes.MostAxes) Throw.TooManyAxes(sizes.Length);
        Span<int> full = stackalloc int[sizes.Length];
        sizes.CopyTo(full);
        var open = full.IndexOf(-1);
        if (open >= 0)
        {
            if (full[(open + 1)..].Contains(-1)) Throw.TwoUnknownSizes(sizes);
            full[open] = 1;
            var known = Shape.Of(full).Length;
            if (known == 0 || Length % known != 0) Throw.CannotReshape(Shape, sizes);
            full[open] = Length / known;
        }
        return Reshape(Shape.Of(full));
    }

    static readonly Operation s_reshape = new("reshape", "y = a in another shape", "g in the shape of a")
    { Words = Operation.Move };

    /// <summary>The same elements in row-major order under another shape.</summary>
    /// <exception cref="ShapeException">The numbers of elements differ.</exception>
    public Tensor Reshape(Shape shape)
    {
        if (shape == Shape) return this;
        if (shape.Length != Length) Throw.CannotReshape(Shape, shape.Sizes);
        return Node.Record(s_reshape.With("shape", shape), As(shape), (this, g => g.Reshape(Shape)));
    }

    static readonly Operation s_expand = new("expand", "y = a repeated", "Σ g")
    { Words = "What was repeated gets the sum of all its copies' gradients." };

    /// <summary>Repeated along new leading axes and axes of size 1 until it has the shape, as broadcasting would.</summary>
    /// <exception cref="ShapeException">An axis is neither equal nor of size 1.</exception>
    public Tensor Expand(Shape shape)
    {
        if (shape == Shape) return this;
        if (!Shape.BroadcastsTo(shape)) Throw.CannotExpand(Shape, shape);
        return Node.Record(s_expand.With("shape", shape), Length == 1 ? Full(shape, Item(), DType) : Repeated(shape), (this, g => g));
    }

    Tensor Repeated(Shape shape)
    {
        var (strides, dense) = (new int[shape.Rank], View.DenseStrides(Shape));
        for (var back = 1; back <= Rank; back++) strides[^back] = Shape[^back] == 1 ? 0 : dense[^back];
        return GatherView(this, new View(0, shape.Sizes.ToArray(), strides));
    }

    /// <summary>A strided view, copied; the gradient goes back to where the elements came from.</summary>
    Tensor Viewed(Operation op, View view)
    {
        var shape = Shape;
        return Node.Record(op, GatherView(this, view), (this, g => g.Scattered(op, view, shape)))
            .AddingUp((g, sum) => AddToView(g, view, sum));
    }

    /// <summary>
    /// Says, of what was just recorded with one input, how its gradient is added to those of other uses of the input:
    /// for rules whose result is mostly zeros.
    /// </summary>
    Tensor AddingUp(Action<Tensor, Tensor> addTo)
    {
        if (Node?.Edges is [var edge]) Node.Edges[0] = edge with { AddTo = addTo };
        return this;
    }

    /// <summary>The adjoint of <see cref="Viewed"/>: zeros of a shape, with these elements added in the view's places.</summary>
    Tensor Scattered(Operation op, View view, Shape shape) =>
        Node.Record(op, ScatterView(this, view, shape), (this, g => g.Viewed(op, view)));

    static readonly Operation s_permute = new("permute", "y = a with its axes in another order",
        "g with its axes back in order") { Words = Operation.Move };

    /// <summary>The axes in another order: <c>x.Permute(2, 0, 1)</c> puts the last axis first.</summary>
    /// <exception cref="ShapeException">Not each axis is named once.</exception>
    public Tensor Permute(params ReadOnlySpan<int> order)
    {
        if (order.Length != Rank)
            Throw.Shapes(s_permute, $"{Shape} has {Rank} axes, but {order.Length} were named: {Shape.Text(order)}.");
        Shape.Marked(order, s_permute);
        var (sizes, strides, dense) = (new int[Rank], new int[Rank], View.DenseStrides(Shape));
        var back = new int[Rank];
        for (var axis = 0; axis < Rank; axis++)
        {
            var from = Shape.Axis(order[axis], s_permute);
            (sizes[axis], strides[axis], back[from]) = (Shape[from], dense[from], axis);
        }
        return Node.Record(s_permute.With("order", order.ToArray()), GatherView(this, new View(0, sizes, strides)), (this, g => g.Permute(back)));
    }

    /// <summary>Two axes exchanged; by default the last two, the transpose of a matrix.</summary>
    /// <exception cref="ShapeException">There is no such axis.</exception>
    public Tensor Transpose(int first = -2, int second = -1)
    {
        (first, second) = (Shape.Axis(first, "transpose"), Shape.Axis(second, "transpose"));
        var order = new int[Rank];
        for (var axis = 0; axis < Rank; axis++) order[axis] = axis == first ? second : axis == second ? first : axis;
        return Permute(order);
    }

    static readonly Operation s_slice = new("slice", "y = a part of a", "g in its place, else 0")
    { Words = "The part gets the gradient; what was left out gets 0." };

    /// <summary>
    /// A part, by C# indices and ranges, one per axis from the first: <c>x[.., 1..3, ^1]</c> is all of axis 0, items
    /// 1 and 2 of axis 1 and the last of axis 2. An index removes its axis; axes not named are taken whole.
    /// </summary>
    /// <exception cref="ShapeException">More items than axes, or one outside its axis.</exception>
    [IndexerName("Part")]
    public Tensor this[params ReadOnlySpan<AxisSlice> slices]
    {
        get
        {
            if (slices.Length > Rank)
                Throw.Shapes(s_slice, $"{Shape} has {Rank} axes, but {slices.Length} indices were given.");
            var (offset, dense) = (0, View.DenseStrides(Shape));
            var (sizes, strides) = (new List<int>(), new List<int>());
            for (var axis = 0; axis < Rank; axis++)
            {
                var slice = axis < slices.Length ? slices[axis] : Range.All;
                var (start, count, step) = slice.On(Shape, axis);
                offset += start * dense[axis];
                if (slice.RemovesAxis) continue;
                sizes.Add(count);
                strides.Add(step * dense[axis]);
            }
            return Viewed(s_slice.With("slices", slices.ToArray()), new View(offset, [.. sizes], [.. strides]));
        }
    }

    static readonly Operation s_flip = new("flip", "y = a in reverse", "g in reverse") { Words = Operation.Move };

    /// <summary>The elements in reverse order along the axes; by default along all.</summary>
    public Tensor Flip(Axes axes = default)
    {
        var marked = Shape.Marked(axes.Named, s_flip);
        var (offset, strides) = (0, View.DenseStrides(Shape));
        for (var axis = 0; axis < Rank; axis++)
            if (marked[axis])
            {
                offset += Math.Max(0, Shape[axis] - 1) * strides[axis];
                strides[axis] = -strides[axis];
            }
        return Viewed(s_flip.With("axes", axes), new View(offset, Shape.Sizes.ToArray(), strides));
    }

    static readonly Operation s_diagonal = new("diagonal", "y = the diagonal of a", "g on the diagonal, else 0")
    { Words = "The diagonal gets the gradient; the rest gets 0." };

    /// <summary>
    /// The elements x[…, i, …, i + offset, …] on two axes, as a new last axis; by default a matrix's diagonal. The axes
    /// may differ in size; there are as many elements as fit, maybe none. PyTorch's <c>diagonal</c>, of the last axes.
    /// </summary>
    /// <param name="first">The axis of rows.</param>
    /// <param name="second">The axis of columns.</param>
    /// <param name="offset">Which diagonal: 0 the main one, positive to its right.</param>
    /// <exception cref="ShapeException">The axes are the same.</exception>
    public Tensor Diagonal(int first = -2, int second = -1, int offset = 0)
    {
        (first, second) = (Shape.Axis(first, s_diagonal), Shape.Axis(second, s_diagonal));
        if (first == second) Throw.AxisTwice(s_diagonal, Shape, second);
        var dense = View.DenseStrides(Shape);
        var (row, column) = (Math.Max(0, -(long)offset), Math.Max(0, (long)offset));
        var count = (int)Math.Max(0, Math.Min(Shape[first] - row, Shape[second] - column));
        var start = count == 0 ? 0 : (int)(row * dense[first] + column * dense[second]);
        var (sizes, strides) = (new List<int>(), new List<int>());
        for (var axis = 0; axis < Rank; axis++)
            if (axis != first && axis != second)
            {
                sizes.Add(Shape[axis]);
                strides.Add(dense[axis]);
            }
        return Viewed(s_diagonal.With("first", first).With("second", second).With("offset", offset),
            new View(start, [.. sizes, count], [.. strides, dense[first] + dense[second]]));
    }

    static readonly Operation s_pad = new("pad", "y = a with a border", "g without border")
    { Words = "The border is no input: its gradients are dropped." };

    /// <summary>Zeros put around: before[i] items before and after[i] items after axis i.</summary>
    internal Tensor PadZeros(ReadOnlySpan<int> before, ReadOnlySpan<int> after)
    {
        var sizes = new int[Rank];
        for (var axis = 0; axis < Rank; axis++)
            sizes[axis] = Sizes.Sum("pad", "a padded axis", before[axis], Shape[axis], after[axis]);
        var shape = Shape.Of(sizes);
        var (offset, strides) = (0, View.DenseStrides(shape));
        for (var axis = 0; axis < Rank; axis++) offset += before[axis] * strides[axis];
        return Scattered(s_pad.With("before", before.ToArray()).With("after", after.ToArray()), new View(offset, Shape.Sizes.ToArray(), strides), shape);
    }

    static readonly Operation s_concat = new("concat", "y = a, b, … joined", "the part of g")
    { Words = "Each part gets the gradient of its own place." };

    /// <summary>Several tensors joined along an axis, on which alone their sizes may differ.</summary>
    /// <exception cref="ShapeException">Another axis differs, or there is nothing to join.</exception>
    /// <exception cref="DTypeException">The number types differ.</exception>
    public static Tensor Concat(ReadOnlySpan<Tensor> parts, int axis = 0)
    {
        if (parts.IsEmpty) Throw.Shapes(s_concat, "there is no tensor to join.");
        var first = parts[0];
        axis = first.Shape.Axis(axis, s_concat);
        var total = 0L;
        foreach (var part in parts)
        {
            SameDType(s_concat, first, part);
            if (part.Rank != first.Rank || part.Shape.With(axis, 0) != first.Shape.With(axis, 0))
                Throw.Shapes(s_concat, $"{first.Shape} and {part.Shape} differ beside axis {axis}, along which they are joined.");
            total += part.Shape[axis];
        }

        var size = Sizes.Fit(s_concat, "the joined axis", total);
        var result = Empty(first.Shape.With(axis, size), first.DType);
        var edges = new (Tensor, Func<Tensor, Tensor>)[parts.Length];
        var start = 0;
        for (var i = 0; i < parts.Length; i++)
        {
            var (from, count) = (start, parts[i].Shape[axis]);
            if (result.DType == DType.Float32) CopyInto<float>(parts[i], result, axis, from);
            else CopyInto<double>(parts[i], result, axis, from);
            edges[i] = (parts[i], g => g.Narrow(axis, from, count));
            start += count;
        }
        return Node.Record(s_concat.With("axis", axis), result, edges);

        static void CopyInto<T>(Tensor part, Tensor result, int axis, int from) where T : unmanaged
        {
            var (outer, count, inner) = Around(part.Shape, axis, axis);
            var source = part.Read<T>();
            var target = result.Write<T>();
            var stride = result.Shape[axis] * inner;
            for (var o = 0; o < outer; o++)
                source.Slice(o * count * inner, count * inner).CopyTo(target[(o * stride + from * inner)..]);
        }
    }

    /// <summary>
    /// Items <paramref name="start"/> to start + length − 1 of one axis, for an axis known only at run time; else
    /// <c>x[.., 1..3]</c> says it shorter. PyTorch's <c>narrow</c>.
    /// </summary>
    /// <param name="axis">The axis; −1 is the last.</param>
    /// <param name="start">The first item; negative ones count from the end.</param>
    /// <param name="length">How many items.</param>
    /// <exception cref="ShapeException">The axis has not these items.</exception>
    public Tensor Narrow(int axis, int start, int length)
    {
        axis = Shape.Axis(axis, "narrow");
        var size = Shape[axis];
        if (start < -size || start > size || length < 0 || length > size - (start < 0 ? start + size : start))
            Throw.Shapes("narrow", $"axis {axis} of {Shape} has no {length} items from {start} on.");
        if (start < 0) start += size;
        var strides = View.DenseStrides(Shape);
        return Viewed(s_slice.With("axis", axis).With("start", start).With("count", length), new View(start * strides[axis], Shape.With(axis, length).Sizes.ToArray(), strides));
    }

    static readonly Operation s_gather = new("gather", "y = a at given places", "g added in those places, else 0")
    { Words = "What was picked gets the gradient, summed where it was picked several times; the rest 0." };

    /// <summary>
    /// One element of an axis per position of the others, as labels choose: for x [n, classes] the vector of
    /// x[i, labels[i]]. Labels run over the other axes in row-major order; negative ones count from the end; the axis is
    /// removed. Several per position: <see cref="TakeAlong"/>.
    /// </summary>
    /// <exception cref="ShapeException">There are more or fewer labels than positions.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A label is outside the axis; the message names row and label.</exception>
    public Tensor Gather(int[] labels, int axis = -1)
    {
        axis = Shape.Axis(axis, s_gather);
        var (outer, count, inner) = Around(Shape, axis, axis);
        if (labels.Length != outer * inner)
            Throw.Shapes(s_gather, $"{Shape} along axis {axis} takes {outer * inner} labels, but {labels.Length} were given.");
        var places = new int[labels.Length];
        for (var i = 0; i < labels.Length; i++)
        {
            if (labels[i] < -count || labels[i] >= count) Throw.LabelOutOfRange(s_gather, i, labels[i], count, least: -count);
            var label = labels[i] < 0 ? labels[i] + count : labels[i];
            places[i] = (i / inner * count + label) * inner + i % inner;
        }
        var marked = new bool[Rank];
        marked[axis] = true;
        return Taken(s_gather.With("labels", labels).With("axis", axis), places, 1, Shape.Without(marked, keepDims: false));
    }

    static readonly Operation s_select = new("select", "y = given rows of a", "g added in those rows, else 0")
    { Words = "What was picked gets the gradient, summed where it was picked several times; the rest 0." };

    /// <summary>Items of an axis in the order of the indices, repeated where an index is: rows of a matrix by default.
    /// Negative indices count from the end. PyTorch's <c>index_select</c>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An index is outside the axis.</exception>
    public Tensor Select(int[] indices, int axis = 0)
    {
        axis = Shape.Axis(axis, s_select);
        var (outer, count, inner) = Around(Shape, axis, axis);
        var shape = Shape.With(axis, indices.Length);
        var rows = Sizes.New<int>("select", (long)outer * indices.Length);
        for (var i = 0; i < rows.Length; i++)
        {
            var index = indices[i % indices.Length];
            if (index < -count || index >= count)
                Throw.IndexOutOfRange(s_select, i % indices.Length, index, count, least: -count);
            rows[i] = i / indices.Length * count + (index < 0 ? index + count : index);
        }
        return Taken(s_select.With("indices", indices).With("axis", axis), rows, inner, shape);
    }

    Tensor Taken(Operation op, int[] rows, int width, Shape shape)
    {
        var source = Shape;
        return Node.Record(op, TakeRows(this, rows, width, shape), (this, g => g.Put(op, rows, width, source)));
    }

    /// <summary>The adjoint of <see cref="Taken"/>: zeros of a shape, with each row added in the place it was taken from.</summary>
    Tensor Put(Operation op, int[] rows, int width, Shape shape)
    {
        var source = Shape;
        return Node.Record(op, PutRows(this, rows, width, shape), (this, g => g.Taken(op, rows, width, source)));
    }
}
