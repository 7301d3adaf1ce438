using FsCheck;
using FsCheck.Fluent;

namespace MicroGrad.Net.Tests;

/// <summary>A seed to draw the rest of a case from.</summary>
public sealed record Seed(int Value)
{
    public Rng Rng() => new((ulong)Value);
}

/// <summary>Two shapes that broadcast: axes of size 1 and missing leading axes on either side.</summary>
public sealed record BroadcastPair(Shape X, Shape Y)
{
    public Shape Full => Shape.Broadcast(X, Y, "pair");
}

/// <summary>Three shapes that broadcast.</summary>
public sealed record BroadcastTriple(Shape X, Shape Y, Shape Z)
{
    public Shape Full => Shape.Broadcast(Shape.Broadcast(X, Y, "triple"), Z, "triple");
}

/// <summary>A shape and one of its axes.</summary>
public sealed record ShapeAndAxis(Shape Shape, int Axis);

/// <summary>A shape and some of its axes or none, in any order, counted from the front or from the end.</summary>
public sealed record ShapeAndAxes(Shape Shape, int[] Axes)
{
    public override string ToString() => $"axes [{string.Join(", ", Axes)}] of {Shape}";
}

/// <summary>
/// What properties are tried on, for <c>[Properties(Arbitrary = [typeof(Arbitraries)])]</c>: shapes of up to four
/// axes, with sizes around 1 and the width of a vector, now and then 0. What fails shrinks to fewer axes and smaller
/// sizes, to numbers 1, 2, 3… and to seed 0.
/// </summary>
public static class Arbitraries
{
    static readonly Gen<int> s_size = Gen.Frequency(
        (3, Gen.Constant(0)), (20, Gen.Constant(1)), (54, Gen.Choose(1, 5)), (23, Gen.Choose(1, 19)));

    public static Arbitrary<Seed> Seeds { get; } = Arb.From(
        Gen.Choose(0, int.MaxValue - 1).Select(value => new Seed(value)),
        seed => Shrinks.Seed(seed.Value).Select(value => new Seed(value)));

    public static Arbitrary<Shape> Shapes { get; } =
        Arb.From(Sizes(0), sizes => Shrinks.Sizes(sizes))
            .Convert(sizes => Shape.Of(sizes), shape => shape.Sizes.ToArray());

    public static Arbitrary<BroadcastPair> Pairs { get; } = Broadcasting(2).Convert(
        all => new BroadcastPair(Shape.Of(all[0]), Shape.Of(all[1])),
        pair => [pair.X.Sizes.ToArray(), pair.Y.Sizes.ToArray()]);

    public static Arbitrary<BroadcastTriple> Triples { get; } = Broadcasting(3).Convert(
        all => new BroadcastTriple(Shape.Of(all[0]), Shape.Of(all[1]), Shape.Of(all[2])),
        triple => [triple.X.Sizes.ToArray(), triple.Y.Sizes.ToArray(), triple.Z.Sizes.ToArray()]);

    public static Arbitrary<ShapeAndAxes> SomeAxes { get; } = Arb.From(
        from sizes in Sizes(0)
        from named in Gen.Choose(0, 2).ArrayOf(sizes.Length)
        from order in Gen.Shuffle(Enumerable.Range(0, sizes.Length))
        select new ShapeAndAxes(Shape.Of(sizes),
            [.. order.Where(axis => named[axis] > 0).Select(axis => named[axis] == 1 ? axis : axis - sizes.Length)]),
        one => Shrinks.Without(one.Axes).Select(axes => one with { Axes = axes }).Concat(Shrinks.Axes(one)));

    public static Arbitrary<ShapeAndAxis> OneAxis { get; } = Arb.From(
        from sizes in Sizes(1)
        from axis in Gen.Choose(0, sizes.Length - 1)
        select new ShapeAndAxis(Shape.Of(sizes), axis),
        one => Shrinks.Axes(new(one.Shape, [one.Axis])).Select(less => new ShapeAndAxis(less.Shape, less.Axes[0])));

    /// <summary>Normal numbers of either type.</summary>
    public static Arbitrary<Tensor> Tensors { get; } = Arb.From(
        from sizes in Sizes(0)
        from seed in Seeds.Generator
        from dtype in Gen.Elements(DType.Float32, DType.Float64)
        select Tensor.Normal(sizes, 0, 1, seed.Rng(), dtype), Shrinks.Tensor);

    /// <summary>
    /// Whole numbers from a least to a most, each, as what they make; shrinks one at a time towards the least. What
    /// takes the numbers back out of it gives them in the same order.
    /// </summary>
    public static Arbitrary<T> Of<T>(Func<int[], T> make, Func<T, int[]> take, params (int Least, int Most)[] ranges) =>
        Arb.From(Gen.CollectToArray(ranges, range => Gen.Choose(range.Least, range.Most)), numbers =>
                from i in Enumerable.Range(0, numbers.Length)
                from less in Shrinks.Number(numbers[i], ranges[i].Least)
                select Shrinks.With(numbers, i, less))
            .Convert(make, take);

    static Gen<int[]> Sizes(int least) =>
        from rank in Gen.Choose(least, 4)
        from sizes in s_size.ArrayOf(rank)
        select sizes;

    static Arbitrary<int[][]> Broadcasting(int inputs) => Arb.From(
        from full in Sizes(0)
        from shapes in Part(full).ArrayOf(inputs)
        select shapes, Shrinks.Broadcasting);

    /// <summary>A shape that broadcasts with all other parts of the same one: zero does as any size does.</summary>
    internal static Gen<int[]> Part(int[] full) =>
        from drop in Gen.Frequency((3, Gen.Constant(0)), (2, Gen.Choose(0, full.Length)))
        from ones in Gen.Choose(0, 2).ArrayOf(full.Length)
        select full.Select((size, axis) => ones[axis] == 0 ? 1 : size).Skip(drop).ToArray();
}
