namespace MicroGrad.Net;

// Reductions and scans. Axes left out means all; keepDims keeps reduced axes at size 1, so that results broadcast
// against the input.
public partial class Tensor
{
    static readonly Operation s_sum = new("sum", "y = Σ a", "g, to each term")
    { Words = "A sum hands the same gradient to each of its terms." };

    /// <summary>The sum over the axes; 0 over nothing.</summary>
    public Tensor Sum(Axes axes = default, bool keepDims = false)
    {
        var kept = Kept(s_sum, axes, out var marked);
        return Node.Record(s_sum.With("axes", axes).With("keepDims", keepDims),
            Fold(default(SumReduction), this, marked).As(Shape.Without(marked, keepDims)),
            (this, g => g.SpreadOver(Shape, kept)));
    }

    static readonly Operation s_mean = new("mean", "y = (1/n) Σ a", "g / n, to each term")
    { Words = "A mean of n hands each of its terms the n-th part of the gradient." };

    /// <summary>Σx / n over the axes; NaN over nothing.</summary>
    public Tensor Mean(Axes axes = default, bool keepDims = false)
    {
        var kept = Kept(s_mean, axes, out var marked);
        var count = CountOver(marked);
        var sum = Fold(default(SumReduction), this, marked).As(Shape.Without(marked, keepDims));
        return Node.Record(s_mean.With("axes", axes).With("keepDims", keepDims),
            Map(new RightNumber<Divide>(count), sum), (this, g => (g / count).SpreadOver(Shape, kept)));
    }

    /// <summary>How many elements the marked axes hold.</summary>
    internal int CountOver(ReadOnlySpan<bool> marked)
    {
        var count = 1;
        for (var axis = 0; axis < Rank; axis++)
            if (marked[axis]) count *= Shape[axis];
        return count;
    }

    /// <summary>Repeats a gradient over the axes that were reduced.</summary>
    /// <param name="shape">Of what was reduced.</param>
    /// <param name="kept">The same with the reduced axes at size 1.</param>
    Tensor SpreadOver(Shape shape, Shape kept) => Reshape(kept).Expand(shape);

    static readonly Operation s_max = new("max", "y = max a", "g where a = y, else 0")
    { Words = "Only the largest element mattered: it gets the gradient; equals share it." };

    /// <summary>The largest element over the axes. Ties share the gradient evenly; a NaN is the result.</summary>
    /// <exception cref="ShapeException">There is nothing to choose from.</exception>
    public Tensor Max(Axes axes = default, bool keepDims = false) => Extreme(s_max, default(MaxReduction), axes, keepDims);

    static readonly Operation s_min = new("min", "y = min a", "g where a = y, else 0")
    { Words = "Only the smallest element mattered: it gets the gradient; equals share it." };

    /// <summary>The smallest element over the axes. Ties share the gradient evenly; a NaN is the result.</summary>
    /// <exception cref="ShapeException">There is nothing to choose from.</exception>
    public Tensor Min(Axes axes = default, bool keepDims = false) => Extreme(s_min, default(MinReduction), axes, keepDims);

    Tensor Extreme<TOp>(Operation operation, TOp op, Axes axes, bool keepDims) where TOp : struct, IReduction
    {
        var kept = Kept(operation, axes, out var marked);
        if (Length == 0 && kept.Length > 0) Throw.Shapes(operation, $"{Shape} has no elements to choose from.");
        var extreme = Fold(op, this, marked);
        return Node.Record(operation.With("axes", axes).With("keepDims", keepDims), extreme.As(Shape.Without(marked, keepDims)), (this, g =>
        {
            var ties = Detach().EqualTo(extreme.As(kept));
            return g.Reshape(kept) * (ties / ties.Sum(axes, keepDims: true));
        }));
    }

    static readonly Operation s_logSumExp = new("log-sum-exp", "y = log Σ exp a", "g · softmax(a)")
    { Words = "The gradient is shared out by the softmax." };

    /// <summary>
    /// log Σ eˣ over the axes, without overflow: the largest element is taken out first. −∞ over nothing.
    /// </summary>
    public Tensor LogSumExp(Axes axes = default, bool keepDims = false)
    {
        var kept = Kept(s_logSumExp, axes, out var marked);
        Tensor result, finite;
        using (Gradients.Off())
        {
            var max = Fold(default(MaxReduction), this, marked).As(kept);
            finite = Where((max - max).EqualTo(0), max, 0);         // an infinite one would give inf - inf
            result = (this - finite).Exp().Sum(axes, keepDims: true).Log() + finite;
        }
        return Node.Record(
            s_logSumExp.With("axes", axes).With("keepDims", keepDims), result.As(Shape.Without(marked, keepDims)), (this, g =>
        {
            // The softmax: the weight of each in the sum. Not exp(x - result), where a large result is rounded.
            var weights = (this - finite).Exp();
            return g.Reshape(kept) * (weights / weights.Sum(axes, keepDims: true));
        }));
    }

    static readonly Operation s_softmax = new("softmax", "yᵢ = exp aᵢ / Σₖ exp aₖ", "yᵢ · (gᵢ − Σₖ gₖ yₖ)")
    { Words = "The outputs of a row add up to 1, so what one gains the others lose." };

    /// <summary>The softmax eˣ / Σ eˣ along an axis: positive, summing to one.</summary>
    public Tensor Softmax(int axis = -1)
    {
        axis = Shape.Axis(axis, s_softmax);
        if (axis == Rank - 1 && Length > 0) return SoftmaxOfRows(Shape[axis]);
        Tensor y;
        using (Gradients.Off())
        {
            var e = (this - MaxOrZero(axis)).Exp();
            y = e / e.Sum(axis, keepDims: true);
        }
        return Node.Record(s_softmax.With("axis", axis), y, (this, g => y * (g - (g * y).Sum(axis, keepDims: true))));
    }

    /// <summary>The same along the last axis, row by row in one go.</summary>
    Tensor SoftmaxOfRows(int width)
    {
        var y = Empty(Shape, DType);
        if (DType == DType.Float32) RowSoftmax.Forward(Read<float>(), width, y.Write<float>());
        else RowSoftmax.Forward(Read<double>(), width, y.Write<double>());
        return Node.Record(s_softmax.With("axis", Rank - 1), y, (this, Node.Rule(Fast, g => y * (g - (g * y).Sum(-1, keepDims: true)))));

        Tensor Fast(Tensor g)
        {
            var result = Empty(Shape, DType);
            if (DType == DType.Float32) Run<float>();
            else Run<double>();
            return result;

            void Run<T>() where T : unmanaged, System.Numerics.IFloatingPointIeee754<T> =>
                RowSoftmax.Backward(y.Read<T>(), g.Read<T>(), width, result.Write<T>());
        }
    }

    static readonly Operation s_logSoftmax = new("log-softmax", "yᵢ = aᵢ − log Σₖ exp aₖ", "gᵢ − exp yᵢ · Σₖ gₖ")
    { Words = "Each logit gets its gradient less its share of the row's sum." };

    /// <summary>log softmax(x) = x − log Σ eˣ along an axis, accurate where the softmax rounds to 0.</summary>
    public Tensor LogSoftmax(int axis = -1)
    {
        axis = Shape.Axis(axis, s_logSoftmax);
        Tensor y;
        using (Gradients.Off())
        {
            var shifted = this - MaxOrZero(axis);
            y = shifted - shifted.Exp().Sum(axis, keepDims: true).Log();
        }
        return Node.Record(s_logSoftmax.With("axis", axis), y, (this, g => g - y.Exp() * g.Sum(axis, keepDims: true)));
    }

    // Softmax does not change when a constant is taken off; taking off the largest keeps exp from overflowing.
    Tensor MaxOrZero(int axis) => Length == 0 ? Like(0) : Detach().Max(axis, keepDims: true);

    static readonly Operation s_cumulativeSum = new("cumulative sum", "yᵢ = a₀ + … + aᵢ", "Σ gₖ over k ≥ i")
    { Words = "An element is in all sums from its place on, and gets all their gradients." };

    /// <summary>The running sums x₀, x₀ + x₁, … along an axis.</summary>
    public Tensor CumulativeSum(int axis) => CumulativeSum(Shape.Axis(axis, s_cumulativeSum), reverse: false);

    Tensor CumulativeSum(int axis, bool reverse)
    {
        var (outer, count, inner) = Around(Shape, axis, axis);
        var result = Empty(Shape, DType);
        if (DType == DType.Float32) Scan.CumulativeSum(Read<float>(), outer, count, inner, reverse, result.Write<float>());
        else Scan.CumulativeSum(Read<double>(), outer, count, inner, reverse, result.Write<double>());
        return Node.Record(s_cumulativeSum.With("axis", axis).With("reverse", reverse), result, (this, g => g.CumulativeSum(axis, !reverse)));
    }

    /// <summary>The position of the largest element along an axis, one for each position of the other axes in row-major
    /// order (a result of <c>Max(axis)</c> has their shape); the first of ties; a NaN counts as larger than every
    /// number.</summary>
    /// <exception cref="ShapeException">The axis is empty.</exception>
    public int[] ArgMax(int axis) => ArgExtreme("argmax", Shape.Axis(axis, "argmax"), largest: true);

    /// <summary>The position of the largest element of all, counted in row-major order as in <c>x.Flatten()</c>: of a
    /// matrix, row · columns + column. Along an axis: <see cref="ArgMax(int)"/>.</summary>
    /// <exception cref="ShapeException">The tensor is empty.</exception>
    public int ArgMax() => Reshape(Length).ArgExtreme("argmax", 0, largest: true)[0];

    /// <summary>The position of the smallest element along an axis, one for each position of the other axes in row-major
    /// order (a result of <c>Min(axis)</c> has their shape); the first of ties; a NaN counts as smaller than every
    /// number.</summary>
    /// <exception cref="ShapeException">The axis is empty.</exception>
    public int[] ArgMin(int axis) => ArgExtreme("argmin", Shape.Axis(axis, "argmin"), largest: false);

    /// <summary>The position of the smallest element of all, counted in row-major order as in <c>x.Flatten()</c>: of a
    /// matrix, row · columns + column. Along an axis: <see cref="ArgMin(int)"/>.</summary>
    /// <exception cref="ShapeException">The tensor is empty.</exception>
    public int ArgMin() => Reshape(Length).ArgExtreme("argmin", 0, largest: false)[0];

    int[] ArgExtreme(string name, int axis, bool largest)
    {
        var (outer, count, inner) = Around(Shape, axis, axis);
        if (count == 0) Throw.Shapes(name, $"axis {axis} of {Shape} has no elements to choose from.");
        var result = Sizes.New<int>(name, outer * inner);
        if (DType == DType.Float32) Scan.ArgExtreme(Read<float>(), outer, count, inner, largest, result);
        else Scan.ArgExtreme(Read<double>(), outer, count, inner, largest, result);
        return result;
    }

    /// <summary>The shape with the reduced axes kept at size 1.</summary>
    Shape Kept(string op, Axes axes, out bool[] marked)
    {
        marked = Shape.Marked(axes.Named, op);
        return Shape.Without(marked, keepDims: true);
    }

    /// <summary>Sums a gradient down to the shape of what was repeated to fill this one.</summary>
    internal Tensor SumTo(Shape shape)
    {
        if (shape == Shape) return this;
        var (marked, front) = (new bool[Rank], Rank - shape.Rank);
        for (var axis = 0; axis < Rank; axis++)
            marked[axis] = axis < front || (shape[axis - front] == 1 && Shape[axis] != 1);
        return Node.Record(s_sum, Fold(default(SumReduction), this, marked).As(shape),
            (this, g => g.SpreadOver(Shape, Shape.Without(marked, keepDims: true))));
    }
}
