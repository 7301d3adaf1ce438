namespace MicroGrad.Net.Tests;

/// <summary>
/// What is a little simpler than a given case, simplest first. FsCheck tries these on a case that fails, and goes on
/// from the first that fails too.
/// </summary>
static class Shrinks
{
    public static IEnumerable<int> Seed(int seed) => Enumerable.Range(0, Math.Min(seed, 3));

    /// <summary>Smaller numbers down to a least.</summary>
    public static IEnumerable<int> Number(int number, int least) =>
        number <= least ? [] : ((int[])[least, least + (number - least) / 2, number - 1]).Distinct();

    /// <summary>Smaller sizes of an axis. 1 is the simplest, and an axis without elements stays one.</summary>
    public static IEnumerable<int> Size(int size, int smallest = 0) => Number(size, Math.Max(1, smallest));

    /// <summary>Fewer axes, then smaller ones.</summary>
    public static IEnumerable<int[]> Sizes(int[] sizes, int leastRank = 0, int smallest = 0) =>
        (sizes.Length > leastRank ? Without(sizes) : []).Concat(
            from axis in Enumerable.Range(0, sizes.Length)
            from size in Size(sizes[axis], smallest)
            select With(sizes, axis, size));

    /// <summary>The same for shapes that broadcast, axes counted from the last; then 1 in place of an axis.</summary>
    public static IEnumerable<int[][]> Broadcasting(int[][] shapes)
    {
        var rank = shapes.Max(shape => shape.Length);
        foreach (var place in Enumerable.Range(1, rank))
            yield return Each(place, (shape, axis) => [.. shape[..axis], .. shape[(axis + 1)..]]);
        foreach (var (i, shape) in shapes.Index())
            if (shape.Length > 0) yield return With(shapes, i, shape[1..]);
        foreach (var place in Enumerable.Range(1, rank))
        {
            var full = shapes.Where(shape => shape.Length >= place).Select(shape => shape[^place])
                .Where(size => size != 1);
            foreach (var less in full.Take(1).SelectMany(size => Size(size)))
                yield return Each(place, (shape, axis) => shape[axis] == 1 ? shape : With(shape, axis, less));
        }
        foreach (var (i, shape) in shapes.Index())
            foreach (var (axis, size) in shape.Index())
                if (size > 1) yield return With(shapes, i, With(shape, axis, 1));

        int[][] Each(int place, Func<int[], int, int[]> change) =>
            [.. shapes.Select(shape => shape.Length < place ? shape : change(shape, shape.Length - place))];
    }

    /// <summary>Without an axis that is not named, then with smaller axes.</summary>
    public static IEnumerable<ShapeAndAxes> Axes(ShapeAndAxes one)
    {
        var sizes = one.Shape.Sizes.ToArray();
        int[] named = [.. one.Axes.Select(axis => axis < 0 ? axis + sizes.Length : axis)];
        return Enumerable.Range(0, sizes.Length).Except(named)
            .Select(gone => new ShapeAndAxes(Shape.Of([.. sizes[..gone], .. sizes[(gone + 1)..]]),
                [.. named.Select(axis => axis > gone ? axis - 1 : axis)]))
            .Concat(Sizes(sizes, leastRank: sizes.Length).Select(less => one with { Shape = Shape.Of(less) }));
    }

    /// <summary>Fewer and smaller axes with the first of the numbers; then the numbers 1, 2, 3…</summary>
    public static IEnumerable<Tensor> Tensor(Tensor tensor)
    {
        var values = tensor.ToDoubles();
        Tensor Of(Shape shape, bool plain) => Net.Tensor.From(shape, [.. Enumerable.Range(0, shape.Length)
            .Select(i => plain || i >= values.Length ? i + 1 : values[i])]).To(tensor.DType);
        foreach (var sizes in Sizes(tensor.Shape.Sizes.ToArray())) yield return Of(Shape.Of(sizes), plain: false);
        if (values.Index().Any(at => at.Item != at.Index + 1)) yield return Of(tensor.Shape, plain: true);
    }

    /// <summary>An array without one of its elements, each in turn.</summary>
    public static IEnumerable<T[]> Without<T>(T[] items) =>
        items.Select((_, gone) => (T[])[.. items[..gone], .. items[(gone + 1)..]]);

    /// <summary>An array with another element at a place.</summary>
    public static T[] With<T>(T[] items, int at, T item)
    {
        var result = items.ToArray();
        result[at] = item;
        return result;
    }
}
