namespace MicroGrad.Net;

/// <summary>What stands outside the tensor when it is padded.</summary>
public enum PadMode
{
    /// <summary>One value everywhere.</summary>
    Constant,

    /// <summary>The tensor mirrored at its edge items, which are not repeated: b a | a… reads c b | a b c.</summary>
    Reflect,

    /// <summary>The edge items repeated.</summary>
    Replicate,

    /// <summary>The tensor from its other end.</summary>
    Circular,
}

/// <summary>Movements composed of other ops.</summary>
public static class ComposedMovement
{
    extension(Tensor x)
    {
        /// <summary>A new axis of size 1 at a position; −1 appends one.</summary>
        /// <exception cref="ShapeException">There is no such position.</exception>
        public Tensor Unsqueeze(int axis)
        {
            if (axis < -x.Rank - 1 || axis > x.Rank)
                Throw.Shapes("unsqueeze", $"{x.Shape} takes a new axis at {-x.Rank - 1} to {x.Rank}, not at {axis}.");
            if (axis < 0) axis += x.Rank + 1;
            return x.Reshape(Shape.Of([.. x.Shape.Sizes[..axis], 1, .. x.Shape.Sizes[axis..]]));
        }

        /// <summary>Takes out axes of size 1: the named ones, or all of them.</summary>
        /// <exception cref="ShapeException">A named axis is not of size 1.</exception>
        public Tensor Squeeze(Axes axes = default)
        {
            var marked = x.Shape.Marked(axes.Named, "squeeze");
            for (var axis = 0; axis < x.Rank; axis++)
                if (marked[axis] && x.Shape[axis] != 1)
                    if (axes.Named.IsEmpty) marked[axis] = false;
                    else Throw.Shapes("squeeze", $"axis {axis} of {x.Shape} is not of size 1.");
            return x.Reshape(x.Shape.Without(marked, keepDims: false));
        }

        /// <summary>The axes from <paramref name="start"/> on joined into one.</summary>
        public Tensor Flatten(int start = 0)
        {
            if (x.Rank == 0) return x.Reshape(Shape.Of(1));
            start = x.Shape.Axis(start, "flatten");
            return x.Reshape(Shape.Of([.. x.Shape.Sizes[..start], Shape.Of(x.Shape.Sizes[start..]).Length]));
        }

        /// <summary>Parts of the given size along an axis; the last may be smaller.</summary>
        /// <exception cref="ArgumentOutOfRangeException">The size is not positive.</exception>
        public Tensor[] Split(int size, int axis = 0)
        {
            if (size <= 0) Throw.OutOfRange("split", nameof(size), size, "positive");
            var (count, sizes) = (x.Shape[x.Shape.Axis(axis, "split")], new List<int>());
            for (var left = count; left > 0; left -= size) sizes.Add(Math.Min(size, left));
            return x.Split([.. sizes], axis);
        }

        /// <summary>Parts of the given sizes along an axis.</summary>
        /// <exception cref="ShapeException">The sizes do not add up to the axis.</exception>
        public Tensor[] Split(ReadOnlySpan<int> sizes, int axis = 0)
        {
            axis = x.Shape.Axis(axis, "split");
            var (parts, start) = (new Tensor[sizes.Length], 0);
            for (var i = 0; i < parts.Length; i++)
            {
                if (sizes[i] < 0 || sizes[i] > x.Shape[axis] - start) break;
                parts[i] = x.Narrow(axis, start, sizes[i]);
                start += sizes[i];
            }
            if (start != x.Shape[axis] || parts.Contains(null))
                Throw.Shapes("split", $"sizes {Shape.Text(sizes)} do not add up to axis {axis} of {x.Shape}.");
            return parts;
        }

        /// <summary>The items along an axis, each without that axis: the reverse of Stack.</summary>
        public Tensor[] Unstack(int axis = 0)
        {
            axis = x.Shape.Axis(axis, "unstack");
            var count = x.Shape[axis];
            var items = Sizes.New<Tensor>("unstack", count);
            // In two cuts: where gradients are recorded, that of a slice has the shape of what it was cut from, so that
            // n slices of the whole would cost n².
            var size = (int)Math.Ceiling(Math.Sqrt(count));
            for (var start = 0; start < count; start += size)
            {
                var part = x.Narrow(axis, start, Math.Min(size, count - start));
                for (var i = 0; i < part.Shape[axis]; i++) items[start + i] = part.Narrow(axis, i, 1).Squeeze(axis);
            }
            return items;
        }

        /// <summary>
        /// Items put around the last axes: <c>x.Pad([(1, 1), (2, 2)])</c> puts one row before and after, and two
        /// columns.
        /// </summary>
        /// <param name="padding">How many before and after, for each of the last axes, in their order.</param>
        /// <param name="mode">What stands there.</param>
        /// <param name="value">The value, for <see cref="PadMode.Constant"/>.</param>
        /// <exception cref="ShapeException">More pairs than axes, a negative count, or one too large for the mode.</exception>
        public Tensor Pad(ReadOnlySpan<(int Before, int After)> padding, PadMode mode = PadMode.Constant, double value = 0)
        {
            if (padding.Length > x.Rank) Throw.Shapes("pad", $"{x.Shape} has {x.Rank} axes, but {padding.Length} were to be padded.");
            var (before, after, front) = (new int[x.Rank], new int[x.Rank], x.Rank - padding.Length);
            for (var i = 0; i < padding.Length; i++)
            {
                if (padding[i].Before < 0 || padding[i].After < 0) Throw.Shapes("pad", $"{padding[i]} is negative: to cut, slice.");
                (before[front + i], after[front + i]) = padding[i];
            }
            if (mode == PadMode.Constant)
            {
                var padded = x.PadZeros(before, after);
                return value == 0 ? padded : Tensor.Where(Tensor.Ones(x.Shape, x.DType).PadZeros(before, after), padded, value);
            }
            for (var axis = front; axis < x.Rank; axis++)
                x = x.Select(Outside(x.Shape, axis, before[axis], after[axis], mode), axis);
            return x;
        }

        /// <summary>The matrix with zeros above a diagonal (0 the main one, positive to its right): a lower triangle.</summary>
        public Tensor Tril(int diagonal = 0) =>
            Tensor.Where(Triangle(x, "tril", (row, column) => column <= (long)row + diagonal), x, 0);

        /// <summary>The matrix with zeros below a diagonal (0 the main one, positive to its right): an upper triangle.</summary>
        public Tensor Triu(int diagonal = 0) =>
            Tensor.Where(Triangle(x, "triu", (row, column) => column >= (long)row + diagonal), x, 0);
    }

    extension(Tensor x)
    {
        /// <summary>
        /// The whole tensor repeated side by side, so many times along each axis: of [a, b], <c>x.Tile(2, 3)</c> makes
        /// [2·a, 3·b]; more counts than axes add axes in front, fewer concern the last. PyTorch's <c>repeat</c> and
        /// <c>tile</c>.
        /// </summary>
        /// <exception cref="ArgumentOutOfRangeException">A count is negative.</exception>
        /// <exception cref="ShapeException">The result is too large.</exception>
        public Tensor Tile(params ReadOnlySpan<int> counts)
        {
            var rank = Math.Max(x.Rank, counts.Length);
            var (apart, repeated, sizes) = (new int[2 * rank], new int[2 * rank], new int[rank]);
            for (var back = 1; back <= rank; back++)
            {
                var (count, size) = (back <= counts.Length ? counts[^back] : 1, back <= x.Rank ? x.Shape[^back] : 1);
                if (count < 0) Throw.OutOfRange("tile", nameof(counts), count, "at least 0");
                (apart[^(2 * back)], apart[^(2 * back - 1)]) = (1, size);
                (repeated[^(2 * back)], repeated[^(2 * back - 1)]) = (count, size);
                sizes[^back] = Sizes.Product("tile", "an axis", count, size);
            }
            return x.Reshape(Shape.Of(apart)).Expand(Shape.Of(repeated)).Reshape(Shape.Of(sizes));
        }

        /// <summary>Each item of an axis repeated: a a b b c c for 2. PyTorch's <c>repeat_interleave</c>.</summary>
        /// <exception cref="ArgumentOutOfRangeException">The count is negative.</exception>
        /// <exception cref="ShapeException">There is no such axis, or the result is too large.</exception>
        public Tensor RepeatInterleave(int count, int axis)
        {
            axis = x.Shape.Axis(axis, "repeat interleave");
            if (count < 0) Throw.OutOfRange("repeat interleave", nameof(count), count, "at least 0");
            var size = Sizes.Product("repeat interleave", "an axis", count, x.Shape[axis]);
            return x.Unsqueeze(axis + 1)
                .Expand(Shape.Of([.. x.Shape.Sizes[..(axis + 1)], count, .. x.Shape.Sizes[(axis + 1)..]]))
                .Reshape(x.Shape.With(axis, size));
        }

        /// <summary>
        /// The items of an axis moved on by <paramref name="shift"/> places (negative: back); what leaves at the end
        /// enters at the beginning. PyTorch's <c>roll</c>.
        /// </summary>
        /// <exception cref="ShapeException">There is no such axis.</exception>
        public Tensor Roll(int shift, int axis)
        {
            axis = x.Shape.Axis(axis, "roll");
            var size = x.Shape[axis];
            if (size == 0 || shift % size == 0) return x;
            var front = (shift % size + size) % size;
            return Tensor.Concat([x.Narrow(axis, size - front, front), x.Narrow(axis, 0, size - front)], axis);
        }
    }

    extension(Tensor)
    {
        /// <summary>Tensors of one shape side by side along a new axis.</summary>
        /// <exception cref="ShapeException">The shapes differ, or there is nothing to stack.</exception>
        public static Tensor Stack(ReadOnlySpan<Tensor> parts, int axis = 0)
        {
            var rows = new Tensor[parts.Length];
            for (var i = 0; i < rows.Length; i++)
            {
                if (parts[i].Shape != parts[0].Shape)
                    Throw.Shapes("stack", $"{parts[0].Shape} and {parts[i].Shape} differ.");
                rows[i] = parts[i].Unsqueeze(axis);
            }
            if (rows.Length == 0) Throw.Shapes("stack", "there is no tensor to stack.");
            return Tensor.Concat(rows, axis < 0 ? axis + rows[0].Rank : axis);
        }
    }

    /// <summary>For each item of the padded axis, the item of the axis that stands there.</summary>
    static int[] Outside(Shape shape, int axis, int before, int after, PadMode mode)
    {
        var size = shape[axis];
        var most = mode switch { PadMode.Reflect => size - 1, PadMode.Circular => size, _ => size == 0 ? 0 : int.MaxValue };
        if (before > most || after > most)
            Throw.Shapes("pad", $"{mode} can put at most {most} items beside axis {axis} of {shape}, not ({before}, {after}).");
        var items = Sizes.New<int>("pad", Sizes.Sum("pad", "a padded axis", before, size, after));
        for (var i = 0; i < items.Length; i++)
        {
            var at = i - before;
            items[i] = mode switch
            {
                PadMode.Reflect => at < 0 ? -at : at >= size ? size - 1 - (at - (size - 1)) : at,
                PadMode.Circular => at < 0 ? at + size : at >= size ? at - size : at,
                _ => Math.Clamp(at, 0, size - 1),
            };
        }
        return items;
    }

    static Tensor Triangle(Tensor x, string op, Func<int, int, bool> inside)
    {
        if (x.Rank < 2) Throw.Shapes(op, $"expects a matrix or a batch of them, but got {x.Shape}.");
        var (rows, columns) = (x.Shape[^2], x.Shape[^1]);
        var mask = Sizes.New<double>(op, rows * columns);
        for (var i = 0; i < mask.Length; i++) mask[i] = inside(i / columns, i % columns) ? 1 : 0;
        return Tensor.From([rows, columns], mask).To(x.DType);
    }
}
