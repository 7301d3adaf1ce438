using static MicroGrad.Net.Tests.Proof.Shapes;

namespace MicroGrad.Net.Tests.Proof;

// What moves elements, and what chooses among them.
static partial class GradientTable
{
    static IEnumerable<GradientRow> Movements =>
    [
        Row("Reshape(Shape)", Any, x => x.Reshape(Shape.Of(1, x.Length))),
        Row("Reshape(ReadOnlySpan<int>)", "AB", x => x.Reshape(x.Shape[1], 1, -1)),
        Row("Flatten", Any, x => x.Flatten()),
        Row("Flatten: from axis 1", Ranked(2), x => x.Flatten(1)),
        Row("Expand: new axes", Any, x => x.Expand(Shape.Of([2, 3, .. x.Shape.Sizes]))),
        Row("Expand: axes of size 1", "1a1", x => x.Expand(Shape.Of(3, x.Shape[1], 2))),
        Row("Expand: to nothing", "a1", x => x.Expand(Shape.Of(2, x.Shape[0], 0))),
        Row("Permute: none", "", x => x.Permute()),
        Row("Permute: a cycle of three", "abc", x => x.Permute(2, 0, 1)),
        Row("Permute: four, from the end", "abcd", x => x.Permute(-1, 1, 0, 2)),
        Row("Transpose", Ranked(2), x => x.Transpose()),
        Row("Transpose: other axes", Ranked(3), x => x.Transpose(0, 2)),
        Row("Squeeze", Any, x => x.Squeeze()),
        Row("Squeeze: one axis", "a1b1", x => x.Squeeze(1)),
        Row("Squeeze: two axes", "a1b1", x => x.Squeeze([1, -1])),
        Row("Unsqueeze: in front", Any, x => x.Unsqueeze(0)),
        Row("Unsqueeze: behind", Any, x => x.Unsqueeze(-1)),
        Row("this[]: nothing", Any, x => x[[]]),
        Row("this[]: an index", "Abc", x => x[0]),
        Row("this[]: an index from the end", "abC", x => x[.., .., ^1]),
        Row("this[]: all indices", "AB", x => x[0, ^1]),
        Row("this[]: ranges", "ABc", x => x[1.., ..^1]),
        Row("this[]: an empty range", "ab", x => x[0..0]),
        Row("this[]: steps", "aBc", x => x[AxisSlice.Every(2, ..), AxisSlice.Every(3, 1..)]),
        Row("this[]: an index, a range and a step", "ABc", x => x[^1, ..^1, AxisSlice.Every(2, ..)]),
        Row("Narrow", "aB+c", x => x.Narrow(1, 1, x.Shape[1] - 1)),
        Row("Narrow: from the end", "aB+c", x => x.Narrow(-2, -2, 1)),
        Row("Narrow: nothing", "ab", x => x.Narrow(0, x.Shape[0], 0)),
        Row("Tile", "ab", x => x.Tile(2, 3)),
        Row("Tile: more counts than axes", "a", x => x.Tile(2, 1, 3)),
        Row("Tile: fewer, and none", "ab", x => x.Tile(0)),
        Row("RepeatInterleave", "abc", x => x.RepeatInterleave(3, 1)),
        Row("RepeatInterleave: last axis", "ab", x => x.RepeatInterleave(2, -1)),
        Row("Roll", "abc", x => x.Roll(1, 1)),
        Row("Roll: back, more than once round", "ab", x => x.Roll(-7, -1)),
        Row("Concat: first axis", "ac,bc", (x, y) => Tensor.Concat([x, y])),
        Row("Concat: last axis", "cab,cad", (x, y) => Tensor.Concat([x, y], -1)),
        Row("Concat: inner axis, one of them twice", "cab,cdb", (x, y) => Tensor.Concat([y, x, y], 1)),
        Row("Concat: three", "a,b,c", (x, y, z) => Tensor.Concat([x, y, z])),
        Row("Concat: one", Ranked(1), x => Tensor.Concat([x])),
        Row("Stack: in front", "ab,ab", (x, y) => Tensor.Stack([x, y])),
        Row("Stack: behind", "ab,ab,ab", (x, y, z) => Tensor.Stack([x, y, z], -1)),
        Row("Stack: between, one of them twice", "ab,ab", (x, y) => Tensor.Stack([x, y, x], 1)),
        Row("Stack: scalars", ",", (x, y) => Tensor.Stack([x, y])),
        Row("Split(int, int)", Ranked(1), x => Joined(x.Split(2))),
        Row("Split(int, int): last axis", Ranked(2), x => Joined(x.Split(2, -1))),
        Row("Split(ReadOnlySpan<int>, int)", "5a", x => Joined(x.Split([2, 0, 3]))),
        Row("Split(ReadOnlySpan<int>, int): one part unused", "a5", x => x.Split([1, 3, 1], 1)[1]),
        Row("Pad: zeros", Ranked(2), x => x.Pad([(1, 0), (2, 1)])),
        Row("Pad: a number", Ranked(1), x => x.Pad([(1, 2)], value: 1.5)),
        Row("Pad: reflect", "aB+C+", x => x.Pad([(1, 0), (1, 1)], PadMode.Reflect)),
        Row("Pad: replicate", "aBC", x => x.Pad([(1, 0), (2, 3)], PadMode.Replicate)),
        Row("Pad: circular", "aB+C", x => x.Pad([(2, 1), (1, 1)], PadMode.Circular)),
        Row("Flip", Any, x => x.Flip()),
        Row("Flip: first and last axis", Ranked(2), x => x.Flip([0, -1])),
        Row("Diagonal", "ii", x => x.Diagonal()),
        Row("Diagonal: of a batch", "aii", x => x.Diagonal()),
        Row("Diagonal: other axes", "iai", x => x.Diagonal(0, 2)),
        Row("Diagonal: not square", "ab", x => x.Diagonal()),
        Row("Diagonal: to the right", "cab", x => x.Diagonal(offset: 1)),
        Row("Diagonal: below, other axes", "acb", x => x.Diagonal(0, -1, -2)),
        Row("Tril", Ranked(2), x => x.Tril()),
        Row("Tril: another diagonal", Ranked(2), x => x.Tril(-1)),
        Row("Triu", Ranked(2), x => x.Triu()),
        Row("Triu: another diagonal", Ranked(2), x => x.Triu(1)),
        Row("Gather: one label per row", "aB", x => x.Gather(Numbers(x.Shape[0], below: x.Shape[1]))),
        Row("Gather: first axis", "Abc", x => x.Gather(Numbers(x.Shape[1] * x.Shape[2], below: x.Shape[0]), 0)),
        Row("Gather: inner axis", "aBc", x => x.Gather(Numbers(x.Shape[0] * x.Shape[2], below: x.Shape[1]), 1)),
        Row("Select", "Ab", x => x.Select(Numbers(x.Shape[0], below: x.Shape[0]))),
        Row("Select: with repeats", "Abc", x => x.Select(Numbers(7, below: x.Shape[0]))),
        Row("Select: last axis", "abC", x => x.Select(Numbers(4, below: x.Shape[2]), -1)),
        Row("Select: nothing", "ab", x => x.Select([])),
        Row("Select: from the end", "Ab", x => x.Select([-1, 0, -1])),
        Row("Gather: from the end", "ab+", x => x.Gather([.. Enumerable.Repeat(-1, x.Shape[0])])),
        Row("TakeAlong", "aB", x => x.TakeAlong(Numbers(3 * x.Shape[0], below: x.Shape[1]))),
        Row("TakeAlong: inner axis, from the end", "aBc", x => x.TakeAlong(
            [.. Numbers(2 * x.Shape[0] * x.Shape[2], below: x.Shape[1]).Select(i => i - x.Shape[1])], 1)),
        Row("TakeAlong: nothing", "ab", x => x.TakeAlong([])),
        Row("ScatterAdd", "aB,a3", (x, values) => x.ScatterAdd(Numbers(values.Length, below: x.Shape[1]), values)),
        Row("ScatterAdd: inner axis", "aBc,a2c", (x, values) => x.ScatterAdd(Numbers(values.Length, below: x.Shape[1]), values, 1)),
        Row("Scatter", "aB,a3", (x, values) => x.Scatter(Numbers(values.Length, below: x.Shape[1]), values)),
        Row("Scatter: first axis", "Ab,2b", (x, values) => x.Scatter(Numbers(values.Length, below: x.Shape[0]), values, 0)),
        Row("Scatter: each place once", "ab,ab", (x, values) => x.Scatter(x.ArgSort(), values), Draws.Distinct),
        Row("Sort", Ranked(1), x => x.Sort().Values, draw: Draws.Distinct),
        Row("Sort: the largest first, inner axis", Ranked(3), x => x.Sort(1, descending: true).Values, draw: Draws.Distinct),
        Row("TopK", "ab+", x => x.TopK(2).Values, draw: Draws.Distinct),
        Row("TopK: the smallest, first axis", "A+b", x => x.TopK(2, 0, largest: false).Values, draw: Draws.Distinct),
        Row("TopK: none", "ab", x => x.TopK(0).Values),
    ];

    static IEnumerable<GradientRow> Choices =>
    [
        Row("Max(Tensor, Tensor)", Pair, Tensor.Max, Draws.Even, second: Draws.Odd),
        Row("Min(Tensor, Tensor)", Pair, Tensor.Min, Draws.Even, second: Draws.Odd),
        Row("Max(Tensor, double)", Any, x => Tensor.Max(x, 0.5), away: [0.5]),
        Row("Min(Tensor, double)", Any, x => Tensor.Min(x, 0.5), away: [0.5]),
        Row("Where(Tensor, Tensor, Tensor)", Pair, (x, y) => Tensor.Where(Mask(x + y), x, y)),
        Row("Where(Tensor, Tensor, Tensor): a condition that broadcasts", "bc,abc",
            (x, y) => Tensor.Where(Mask(x), x, y)),
        Row("Where(Tensor, Tensor, Tensor): a condition computed from an input", Triple,
            (x, y, z) => Tensor.Where(x > 0, y, z), Draws.Between(-2, 2, [0])),
        Row("Where(Tensor, Tensor, Tensor): a condition of another number type", "abc,abc",
            (x, y) => Tensor.Where(Mask(x).To(x.DType == DType.Float32 ? DType.Float64 : DType.Float32), x, y)),
        Row("Where(Tensor, double, double)", Any, x => x * Tensor.Where(Mask(x), 1.5, -0.5)),
        Row("Where(Tensor, Tensor, double)", Any, x => Tensor.Where(Mask(x), x, 0.5)),
        Row("Where(Tensor, double, Tensor)", Any, x => Tensor.Where(Mask(x), 0.5, x)),
        Row("To: the same type", Any, x => x.To(x.DType)),
    ];

    /// <summary>Zeros and ones, without regard to the values: every third is 0.</summary>
    static Tensor Mask(Tensor like) => Tensor.From(like.Shape,
        [.. Enumerable.Range(0, like.Length).Select(i => i % 3 == 1 ? 0.0 : 1)]).To(like.DType);

    /// <summary>Whole numbers that repeat and jump about.</summary>
    static int[] Numbers(int count, int below) => [.. Enumerable.Range(0, count).Select(i => (i * i + 2 * i + 3) % below)];

    /// <summary>The parts end to end, each seen flat, so that none is like another.</summary>
    static Tensor Joined(Tensor[] parts) =>
        parts.Length == 0 ? Tensor.Zeros([0], DType.Float64) : Tensor.Concat([.. parts.Select(part => part.Flatten())]);
}
