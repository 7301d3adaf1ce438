namespace MicroGrad.Net;

// Sorting, and elements taken from and put to places that differ from row to row. Places are chosen by the numbers, so
// they are constant between ties: gradients go back to where the elements came from.
public partial class Tensor
{
    static readonly Operation s_sort = new("sort", "y = a in order", "g back in place") { Words = Operation.Move };

    /// <summary>
    /// The elements along an axis from the smallest to the largest (or from the largest on), and where each stood.
    /// Equals stay in their order; a NaN counts as larger than every number. PyTorch's <c>sort</c>, always stable.
    /// </summary>
    /// <param name="axis">The axis; the last by default.</param>
    /// <param name="descending">The largest first.</param>
    /// <returns>The values, through which gradients flow, and their positions along the axis, in row-major order of the
    /// values: <c>other.TakeAlong(indices, axis)</c> puts another tensor in the same order.</returns>
    /// <exception cref="ShapeException">There is no such axis.</exception>
    public (Tensor Values, int[] Indices) Sort(int axis = -1, bool descending = false)
    {
        axis = Shape.Axis(axis, s_sort);
        return Ordered(s_sort.With("axis", axis).With("descending", descending), axis, Shape[axis], descending);
    }

    /// <summary>The second result of <see cref="Sort"/>: where the elements stand that come first, second, … along an
    /// axis. PyTorch's <c>argsort</c>.</summary>
    /// <exception cref="ShapeException">There is no such axis.</exception>
    public int[] ArgSort(int axis = -1, bool descending = false)
    {
        axis = Shape.Axis(axis, "argsort");
        return OrderAlong("argsort", axis, Shape[axis], descending);
    }

    static readonly Operation s_topK = new("top-k", "y = the k largest of a", "g back in place, else 0")
    { Words = "Only the largest mattered: they get the gradient; the rest gets 0." };

    /// <summary>
    /// The <paramref name="k"/> largest elements along an axis, the largest first (or the smallest, the smallest first),
    /// and where each stood; the first of ties; a NaN counts as larger than every number. PyTorch's <c>topk</c>.
    /// </summary>
    /// <param name="k">How many.</param>
    /// <param name="axis">The axis; the last by default.</param>
    /// <param name="largest">The largest; false for the smallest.</param>
    /// <returns>As of <see cref="Sort"/>.</returns>
    /// <exception cref="ShapeException">There is no such axis.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The axis has not as many elements.</exception>
    public (Tensor Values, int[] Indices) TopK(int k, int axis = -1, bool largest = true)
    {
        axis = Shape.Axis(axis, s_topK);
        if (k < 0 || k > Shape[axis]) Throw.OutOfRange(s_topK, nameof(k), k, $"from 0 to {Shape[axis]}, the size of axis {axis} of {Shape}");
        return Ordered(s_topK.With("k", k).With("axis", axis).With("largest", largest), axis, k, largest);
    }

    (Tensor Values, int[] Indices) Ordered(Operation op, int axis, int take, bool descending)
    {
        var indices = OrderAlong(op, axis, take, descending);
        return (Taken(op, PlacesAlong(op, indices, axis, take), 1, Shape.With(axis, take)), indices);
    }

    int[] OrderAlong(string op, int axis, int take, bool descending)
    {
        var (outer, count, inner) = Around(Shape, axis, axis);
        var result = Sizes.New<int>(op, outer * take * inner);
        if (DType == DType.Float32) Sorting.Order(Read<float>(), outer, count, inner, take, descending, result);
        else Sorting.Order(Read<double>(), outer, count, inner, take, descending, result);
        return result;
    }

    static readonly Operation s_takeAlong = new("take along", "y = a at given places", "g added in those places, else 0")
    { Words = "What was picked gets the gradient, summed where it was picked several times; the rest 0." };

    /// <summary>
    /// For each position of the other axes, the elements of an axis that its own indices name: for x [n, m] and n·k
    /// indices, y[i, j] = x[i, indices[i·k + j]], [n, k]. Undoes and applies the orders of <see cref="Sort"/> and
    /// <see cref="TopK"/>. PyTorch's <c>take_along_dim</c> and <c>gather</c>.
    /// </summary>
    /// <param name="indices">In row-major order of the result, which has the tensor's shape but along the axis, where it
    /// has as many elements as there are indices for it; negative ones count from the end.</param>
    /// <param name="axis">The axis; the last by default.</param>
    /// <exception cref="ShapeException">There is no such axis, or the indices are not equally many for each
    /// position.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An index is outside the axis.</exception>
    public Tensor TakeAlong(int[] indices, int axis = -1)
    {
        axis = Shape.Axis(axis, s_takeAlong);
        var (outer, _, inner) = Around(Shape, axis, axis);
        var (lines, take) = (outer * inner, 0);
        if (lines > 0) take = indices.Length / lines;
        if (take * lines != indices.Length)
            Throw.Shapes(s_takeAlong, $"{Shape} has {lines} rows along axis {axis}, which cannot have equal shares of {indices.Length} indices.");
        return Taken(s_takeAlong.With("indices", indices).With("axis", axis),
            PlacesAlong(s_takeAlong, indices, axis, take), 1, Shape.With(axis, take));
    }

    static readonly Operation s_scatterAdd = new("scatter add", "y = a, with b added at given places", "g",
        "g at those places") { Words = "What was added somewhere gets the gradient that arrives there." };

    /// <summary>
    /// The tensor with values added in the places that indices name along an axis, several to one place where it is
    /// named several times: y[i, indices[i·k + j]] += values[i, j]. PyTorch's <c>scatter_add</c>.
    /// </summary>
    /// <param name="indices">Where each value goes along the axis, in row-major order of the values; negative ones count
    /// from the end.</param>
    /// <param name="values">As the tensor in shape but along the axis.</param>
    /// <param name="axis">The axis; the last by default.</param>
    /// <exception cref="ShapeException">The shapes do not fit, or there are more or fewer indices than values.</exception>
    /// <exception cref="DTypeException">The number types differ.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An index is outside the axis.</exception>
    public Tensor ScatterAdd(int[] indices, Tensor values, int axis = -1)
    {
        var places = ScatterPlaces(s_scatterAdd, indices, values, ref axis);
        return this + values.Put(s_scatterAdd.With("indices", indices).With("axis", axis), places, 1, Shape);
    }

    static readonly Operation s_scatter = new("scatter", "b at given places", "g at those places")
    { Words = "What was put somewhere gets the gradient that arrives there." };

    /// <summary>
    /// The tensor with values put in the places that indices name along an axis: y[i, indices[i·k + j]] = values[i, j].
    /// Where a place is named several times, the last of its values stays, and gets the gradient. PyTorch's
    /// <c>scatter</c>.
    /// </summary>
    /// <inheritdoc cref="ScatterAdd"/>
    public Tensor Scatter(int[] indices, Tensor values, int axis = -1)
    {
        var places = ScatterPlaces(s_scatter, indices, values, ref axis);
        var (last, taken) = (Sizes.New<int>(s_scatter, Length), Sizes.New<double>(s_scatter, Length));
        for (var i = 0; i < places.Length; i++) (last[places[i]], taken[places[i]]) = (i, 1);
        var winners = Enumerable.Range(0, places.Length).Where(i => last[places[i]] == i).ToArray();
        var operation = s_scatter.With("indices", indices).With("axis", axis);
        if (winners.Length < places.Length)
            (values, places) = (values.Taken(operation, winners, 1, [winners.Length]), Array.ConvertAll(winners, i => places[i]));
        return Where(From(Shape, taken), values.Put(operation, places, 1, Shape), this);
    }

    int[] ScatterPlaces(Operation op, int[] indices, Tensor values, ref int axis)
    {
        axis = Shape.Axis(axis, op);
        SameDType(op, this, values);
        if (values.Rank != Rank || values.Shape.With(axis, 0) != Shape.With(axis, 0))
            Throw.Shapes(op, $"{Shape} and the values {values.Shape} differ beside axis {axis}.");
        if (indices.Length != values.Length)
            Throw.Shapes(op, $"the values {values.Shape} take {values.Length} indices, but {indices.Length} were given.");
        return PlacesAlong(op, indices, axis, values.Shape[axis]);
    }

    /// <summary>Where elements lie whose indices along an axis are given, in row-major order, for each position of the
    /// others.</summary>
    int[] PlacesAlong(string op, int[] indices, int axis, int take)
    {
        var (_, count, inner) = Around(Shape, axis, axis);
        var places = Sizes.New<int>(op, indices.Length);
        for (var i = 0; i < places.Length; i++)
        {
            var index = indices[i];
            if (index < -count || index >= count) Throw.IndexOutOfRange(op, i, index, count, least: -count);
            places[i] = (i / inner / take * count + (index < 0 ? index + count : index)) * inner + i % inner;
        }
        return places;
    }
}
