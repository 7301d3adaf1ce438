using static MicroGrad.Net.Tests.Numbers;

namespace MicroGrad.Net.Tests;

public sealed class MovementTests
{
    static readonly Tensor Cube = Tensor.Arange(24, DType.Float64).Reshape(2, 3, 4);

    [Fact]
    public void Slices_take_indices_ranges_and_ends()
    {
        Equal([2, 2], [7, 11, 19, 23], Cube[.., 1..3, ^1]);
        Equal([3, 4], [.. Enumerable.Range(12, 12)], Cube[1]);
        Equal([], [23], Cube[^1, ^1, ^1]);
        Equal([2, 3, 2], [0, 1, 4, 5, 8, 9, 12, 13, 16, 17, 20, 21], Cube[.., .., ..2]);
        Equal([1, 4], [8, 9, 10, 11], Cube[0, 2..]);
        Equal([2, 1, 4], [4, 5, 6, 7, 16, 17, 18, 19], Cube[.., ^2..^1]);
        Equal([2, 3, 4], [.. Enumerable.Range(0, 24)], Cube[..]);
    }

    [Fact]
    public void Slices_take_steps()
    {
        Equal([3], [0, 2, 4], Tensor.Arange(5)[AxisSlice.Every(2, ..)]);
        Equal([2], [1, 4], Tensor.Arange(5)[AxisSlice.Every(3, 1..)]);
        Equal([1], [2], Tensor.Arange(5)[AxisSlice.Every(9, 2..4)]);
        Equal([0], [], Tensor.Arange(5)[AxisSlice.Every(2, 3..3)]);
        Equal([2, 2], [0, 2, 8, 10], Cube[0][AxisSlice.Every(2, ..), AxisSlice.Every(2, ..)]);
        Assert.Throws<ArgumentOutOfRangeException>(() => AxisSlice.Every(0, ..));
        Assert.Throws<ArgumentOutOfRangeException>(() => AxisSlice.Every(-1, ..));
    }

    [Fact]
    public void Slices_can_be_empty_and_their_gradient_is_zero()
    {
        Equal([2, 0, 4], [], Cube[.., 1..1]);
        Equal([0], [], Tensor.Arange(3)[3..]);
        var x = Leaf([3], 1, 2, 3);
        (x[3..].Sum() + x[0]).Backward();
        Equal([3], [1, 0, 0], x.Grad);
    }

    [Fact]
    public void Slices_outside_their_axis_are_named()
    {
        Assert.Equal("slice: index 3 is outside axis 1 of [2, 3, 4].", Message<ShapeException>(() => Cube[0, 3]));
        Assert.Equal("slice: index ^4 is outside axis 1 of [2, 3, 4].", Message<ShapeException>(() => Cube[0, ^4]));
        Assert.Equal("slice: index ^0 is outside axis 0 of [2, 3, 4].", Message<ShapeException>(() => Cube[^0]));
        Assert.Equal("slice: range 1..5 is outside axis 2 of [2, 3, 4].", Message<ShapeException>(() => Cube[0, 0, 1..5]));
        Assert.Equal("slice: range 2..1 is outside axis 0 of [2, 3, 4].", Message<ShapeException>(() => Cube[2..1]));
        Assert.Equal("slice: range ^3..^0 is outside axis 0 of [2, 3, 4].", Message<ShapeException>(() => Cube[^3..]));
        Assert.Equal("slice: [2, 3, 4] has 3 axes, but 4 indices were given.", Message<ShapeException>(() => Cube[0, 0, 0, 0]));
        Assert.Equal("slice: index -1 is negative; items from the end are written ^1.", Message<ShapeException>(() => Cube[-1]));
        Assert.Throws<ShapeException>(() => Tensor.Zeros([0, 2])[0]);
    }

    [Fact]
    public void Reshape_finds_the_open_size()
    {
        Assert.Equal(Shape.Of(6, 4), Cube.Reshape(6, -1).Shape);
        Assert.Equal(Shape.Of(24), Cube.Reshape(-1).Shape);
        Assert.Equal(Shape.Of(2, 1, 12), Cube.Reshape(2, -1, 12).Shape);
        Assert.Equal(Shape.Of(0, 3), Tensor.Zeros([3, 0]).Reshape(-1, 3).Shape);
        Assert.Equal(Shape.Scalar, Tensor.Ones([1, 1]).Reshape(Shape.Scalar).Shape);
        Assert.Equal([.. Enumerable.Range(0, 24)], Cube.Reshape(4, 6).ToDoubles());
    }

    [Fact]
    public void Reshape_says_what_does_not_fit()
    {
        Assert.Equal("reshape: [2, 3, 4] has 24 elements, which do not fill [5, 5].", Message<ShapeException>(() => Cube.Reshape(5, 5)));
        Assert.Equal("reshape: [2, 3, 4] has 24 elements, which do not fill [7, -1] for any size in place of -1.",
            Message<ShapeException>(() => Cube.Reshape(7, -1)));
        Assert.Equal("reshape: only one size of [-1, 2, -1] can be left open with -1.", Message<ShapeException>(() => Cube.Reshape(-1, 2, -1)));
        Assert.Throws<ShapeException>(() => Tensor.Zeros([0]).Reshape(0, -1));
        Assert.Throws<ShapeException>(() => Cube.Reshape(-2, 12));
    }

    [Fact]
    public void Permute_and_Transpose_move_axes()
    {
        var x = Tensor.From([2, 3], [1.0, 2, 3, 4, 5, 6]);
        Equal([3, 2], [1, 4, 2, 5, 3, 6], x.Transpose());
        Equal([3, 2], [1, 4, 2, 5, 3, 6], x.Permute(-1, 0));
        Assert.Equal(Shape.Of(4, 2, 3), Cube.Permute(2, 0, 1).Shape);
        Assert.Equal(13, Cube.Permute(2, 0, 1)[1, 1, 0].Item());
        Assert.Equal(Shape.Of(4, 3, 2), Cube.Transpose(0, 2).Shape);
        Assert.Equal("permute: [2, 3] has 2 axes, but 1 were named: [0].", Message<ShapeException>(() => x.Permute(0)));
        Assert.Equal("permute: axis -2 of [2, 3] is named twice.", Message<ShapeException>(() => x.Permute(0, -2)));
        Assert.Equal("transpose: a scalar has no axis -2.", Message<ShapeException>(() => Tensor.Scalar(1).Transpose()));
    }

    [Fact]
    public void Axes_of_size_one_come_and_go()
    {
        Assert.Equal(Shape.Of(1, 3), Vector(1, 2, 3).Unsqueeze(0).Shape);
        Assert.Equal(Shape.Of(3, 1), Vector(1, 2, 3).Unsqueeze(-1).Shape);
        Assert.Equal("unsqueeze: [3] takes a new axis at -2 to 1, not at 2.", Message<ShapeException>(() => Vector(1, 2, 3).Unsqueeze(2)));
        var x = Tensor.Zeros([1, 3, 1]);
        Assert.Equal(Shape.Of(3), x.Squeeze().Shape);
        Assert.Equal(Shape.Of(1, 3), x.Squeeze(-1).Shape);
        Assert.Equal("squeeze: axis 1 of [1, 3, 1] is not of size 1.", Message<ShapeException>(() => x.Squeeze(1)));
        Assert.Equal(Shape.Of(2, 12), Cube.Flatten(1).Shape);
        Assert.Equal(Shape.Of(24), Cube.Flatten().Shape);
        Assert.Equal(Shape.Of(1), Tensor.Scalar(1).Flatten().Shape);
        Assert.Equal(Shape.Of(0, 12), Tensor.Zeros([0, 3, 4]).Flatten(1).Shape);
    }

    [Fact]
    public void Expand_repeats_and_sums_the_gradient()
    {
        var x = Leaf([2, 1], 1, 2);
        var y = x.Expand([2, 2, 3]);
        Equal([2, 2, 3], [1, 1, 1, 2, 2, 2, 1, 1, 1, 2, 2, 2], y);
        y.Sum().Backward();
        Equal([2, 1], [6, 6], x.Grad);
        Assert.Equal("expand: [2, 1] cannot be repeated to [3, 1]: aligned at the last axis, each size must be equal or 1.",
            Message<ShapeException>(() => x.Expand([3, 1])));
        Assert.Throws<ShapeException>(() => x.Expand([2]));
    }

    [Fact]
    public void Flip_and_Diagonal_pick_their_elements()
    {
        var x = Tensor.From([2, 3], [1.0, 2, 3, 4, 5, 6]);
        Equal([2, 3], [6, 5, 4, 3, 2, 1], x.Flip());
        Equal([2, 3], [3, 2, 1, 6, 5, 4], x.Flip(-1));
        Equal([0, 3], [], Tensor.Zeros([0, 3]).Flip());
        Equal([2], [1, 4], Tensor.From([2, 2], [1.0, 2, 3, 4]).Diagonal());
        Equal([2], [1, 5], x.Diagonal());
        Equal([2], [2, 6], x.Diagonal(offset: 1));
        Equal([1], [4], x.Diagonal(offset: -1));
        Equal([0], [], x.Diagonal(offset: 3));
        Equal([0], [], x.Diagonal(offset: int.MinValue));
        Assert.Equal("diagonal: axis 1 of [2, 3] is named twice.", Message<ShapeException>(() => x.Diagonal(1, -1)));
    }

    [Fact]
    public void Narrow_takes_items_of_an_axis_known_at_run_time()
    {
        SameBits(Cube[.., 1..3], Cube.Narrow(1, 1, 2));
        SameBits(Cube[.., .., ^2..], Cube.Narrow(-1, -2, 2));
        Equal([0, 3, 4], [], Cube.Narrow(0, 2, 0));
        Assert.Equal("narrow: axis 1 of [2, 3, 4] has no 2 items from 2 on.", Message<ShapeException>(() => Cube.Narrow(1, 2, 2)));
        Assert.Equal("narrow: axis 1 of [2, 3, 4] has no 1 items from -4 on.", Message<ShapeException>(() => Cube.Narrow(1, -4, 1)));
        Assert.Throws<ShapeException>(() => Cube.Narrow(1, 1, -1));
        Assert.Throws<ShapeException>(() => Cube.Narrow(3, 0, 1));
    }

    [Fact]
    public void Tile_RepeatInterleave_and_Roll_repeat_and_turn()
    {
        var x = Tensor.From([[1, 2], [3, 4]], DType.Float64);
        Equal([2, 4], [1, 2, 1, 2, 3, 4, 3, 4], x.Tile(2));
        Equal([4, 2], [1, 2, 3, 4, 1, 2, 3, 4], x.Tile(2, 1));
        Equal([2, 2, 2], [1, 2, 3, 4, 1, 2, 3, 4], x.Tile(2, 1, 1));
        Equal([2, 0], [], x.Tile(0));
        Equal([2], [5, 5], Tensor.Scalar(5).Tile(2));
        SameBits(x, x.Tile());
        Equal([2, 4], [1, 1, 2, 2, 3, 3, 4, 4], x.RepeatInterleave(2, 1));
        Equal([4, 2], [1, 2, 1, 2, 3, 4, 3, 4], x.RepeatInterleave(2, 0));
        Equal([2, 0], [], x.RepeatInterleave(0, -1));
        Equal([5], [4, 5, 1, 2, 3], Vector(1, 2, 3, 4, 5).Roll(2, 0));
        Equal([5], [2, 3, 4, 5, 1], Vector(1, 2, 3, 4, 5).Roll(-6, 0));
        Equal([2, 2], [3, 4, 1, 2], x.Roll(1, 0));
        Equal([0], [], Tensor.Zeros([0]).Roll(1, 0));
        Assert.Equal("tile: counts is -1, but must be at least 0.", Message<ArgumentOutOfRangeException>(() => x.Tile(-1)));
        Assert.Equal("repeat interleave: count is -1, but must be at least 0.", Message<ArgumentOutOfRangeException>(() => x.RepeatInterleave(-1, 0)));
    }

    [Fact]
    public void Gather_picks_one_element_per_row()
    {
        var x = Tensor.From([2, 3], [1.0, 2, 3, 4, 5, 6]);
        Equal([2], [3, 4], x.Gather([2, 0]));
        Equal([3], [4, 2, 6], x.Gather([1, 0, 1], 0));
        Equal([2], [3, 4], x.Gather([-1, -3]));
        Assert.Equal("gather: label 3 at row 1 is not in -3..2.", Message<ArgumentOutOfRangeException>(() => x.Gather([0, 3])));
        Assert.Equal("gather: label -4 at row 0 is not in -3..2.", Message<ArgumentOutOfRangeException>(() => x.Gather([-4, 3])));
        Assert.Equal("gather: [2, 3] along axis 1 takes 2 labels, but 3 were given.", Message<ShapeException>(() => x.Gather([0, 1, 2])));
    }

    [Fact]
    public void Select_picks_and_repeats_items_and_adds_their_gradients()
    {
        var x = Leaf([3, 2], 1, 2, 3, 4, 5, 6);
        var y = x.Select([2, 0, 2]);
        Equal([3, 2], [5, 6, 1, 2, 5, 6], y);
        y.Sum().Backward();
        Equal([3, 2], [1, 1, 0, 0, 2, 2], x.Grad);
        Equal([3, 1], [2, 4, 6], x.Select([1], -1));
        Equal([0, 2], [], x.Select([]));
        Equal([2, 2], [5, 6, 1, 2], x.Select([-1, -3]));
        Assert.Equal("select: index 3 at position 1 is not in -3..2.", Message<ArgumentOutOfRangeException>(() => x.Select([0, 3])));
        Assert.Equal("select: index -3 at position 0 is not in -2..1.", Message<ArgumentOutOfRangeException>(() => x.Select([-3], 1)));
    }

    [Fact]
    public void Concat_and_Stack_join()
    {
        var (a, b) = (Tensor.From([1, 2], [1.0, 2]), Tensor.From([2, 2], [3.0, 4, 5, 6]));
        Equal([3, 2], [1, 2, 3, 4, 5, 6], Tensor.Concat([a, b]));
        Equal([1, 4], [1, 2, 1, 2], Tensor.Concat([a, a], -1));
        Equal([2, 2], [3, 4, 5, 6], Tensor.Concat([Tensor.Zeros([0, 2], DType.Float64), b]));
        Equal([2, 2], [1, 2, 3, 4], Tensor.Stack([Vector(1, 2), Vector(3, 4)]));
        Equal([2, 2], [1, 3, 2, 4], Tensor.Stack([Vector(1, 2), Vector(3, 4)], -1));
    }

    [Fact]
    public void Concat_and_Stack_say_what_differs()
    {
        var (a, b) = (Tensor.Zeros([1, 2]), Tensor.Zeros([1, 3]));
        Assert.Equal("concat: [1, 2] and [1, 3] differ beside axis 0, along which they are joined.",
            Message<ShapeException>(() => Tensor.Concat([a, b])));
        Assert.Throws<ShapeException>(() => Tensor.Concat([a, Tensor.Zeros([2])]));
        Assert.Equal("concat: there is no tensor to join.", Message<ShapeException>(() => Tensor.Concat([])));
        Assert.Equal("concat: [1, 2] has no axis 2; its axes are -2 to 1.", Message<ShapeException>(() => Tensor.Concat([a], 2)));
        Assert.Equal("stack: [1, 2] and [1, 3] differ.", Message<ShapeException>(() => Tensor.Stack([a, b])));
        Assert.Equal("stack: there is no tensor to stack.", Message<ShapeException>(() => Tensor.Stack([])));
    }

    [Fact]
    public void Split_parts_by_size_or_sizes()
    {
        var x = Tensor.Arange(5, DType.Float64);
        Assert.Equal([[0, 1], [2, 3], [4]], x.Split(2).Select(part => part.ToDoubles()));
        Assert.Equal([[0, 1, 2], [], [3, 4]], x.Split([3, 0, 2]).Select(part => part.ToDoubles()));
        Assert.Equal("split: sizes [2, 2] do not add up to axis 0 of [5].", Message<ShapeException>(() => x.Split([2, 2])));
        Assert.Throws<ShapeException>(() => x.Split([6, -1]));
        Assert.Throws<ShapeException>(() => x.Split([2, 4]));
        Assert.Equal("split: size is 0, but must be positive.", Message<ArgumentOutOfRangeException>(() => x.Split(0)));
    }

    [Theory]
    [InlineData(PadMode.Constant, "0 0 1 2 3 0")]
    [InlineData(PadMode.Reflect, "3 2 1 2 3 2")]
    [InlineData(PadMode.Replicate, "1 1 1 2 3 3")]
    [InlineData(PadMode.Circular, "2 3 1 2 3 1")]
    public void Pad_puts_items_around(PadMode mode, string expected)
    {
        var padded = Vector(1, 2, 3).Pad([(2, 1)], mode);
        Assert.Equal(expected, string.Join(' ', padded.ToDoubles()));
        // The same along the first of two axes, in each column.
        var table = Tensor.From([3, 2], [1.0, 10, 2, 20, 3, 30]).Pad([(2, 1), (0, 0)], mode);
        Equal([6, 2], [.. expected.Split(' ').Select(double.Parse).SelectMany(v => new[] { v, 10 * v })], table);
    }

    [Fact]
    public void Pad_takes_a_value_and_leaves_what_is_inside()
    {
        Equal([2, 4], [9, 1, 2, 9, 9, 0, 4, 9], Tensor.From([2, 2], [1.0, 2, 0, 4]).Pad([(1, 1)], value: 9));
        Equal([3], [1, double.NaN, 5], Tensor.From([1], [double.NaN]).Pad([(0, 1)], value: 5).Pad([(1, 0)], value: 1));
        Equal([2], [0, double.PositiveInfinity], Tensor.From([1], [0.0]).Pad([(0, 1)], value: double.PositiveInfinity));
    }

    [Fact]
    public void Pad_says_what_it_cannot_do()
    {
        var x = Vector(1, 2, 3);
        Assert.Equal("pad: [3] has 1 axes, but 2 were to be padded.", Message<ShapeException>(() => x.Pad([(1, 1), (1, 1)])));
        Assert.Equal("pad: (-1, 0) is negative: to cut, slice.", Message<ShapeException>(() => x.Pad([(-1, 0)])));
        Assert.Equal("pad: Reflect can put at most 2 items beside axis 0 of [3], not (3, 0).",
            Message<ShapeException>(() => x.Pad([(3, 0)], PadMode.Reflect)));
        Assert.Equal("pad: Circular can put at most 3 items beside axis 0 of [3], not (0, 4).",
            Message<ShapeException>(() => x.Pad([(0, 4)], PadMode.Circular)));
        Assert.Throws<ShapeException>(() => Tensor.Zeros([0]).Pad([(1, 0)], PadMode.Replicate));
    }

    [Fact]
    public void Triangles_are_zero_outside_even_over_infinities()
    {
        var x = Tensor.From([2, 3], [1.0, double.PositiveInfinity, double.NaN, 4, 5, 6]);
        Equal([2, 3], [1, 0, 0, 4, 5, 0], x.Tril());
        Equal([2, 3], [0, 0, 0, 4, 0, 0], x.Tril(-1));
        Equal([2, 3], [1, double.PositiveInfinity, double.NaN, 0, 5, 6], x.Triu());
        Equal([2, 3], [0, double.PositiveInfinity, double.NaN, 0, 0, 6], x.Triu(1));
        Assert.Equal("tril: expects a matrix or a batch of them, but got [3].", Message<ShapeException>(() => Vector(1, 2, 3).Tril()));
    }

    [Fact]
    public void Rows_taken_twice_get_both_gradients()
    {
        var x = Leaf(Tensor.Zeros([3, 19], DType.Float64));     // wider than a vector
        var seed = Tensor.Normal([4, 19], rng: new Rng(2), dtype: DType.Float64);
        x.Select([2, 0, 2, 2]).Backward(seed);
        Close((seed[0] + seed[2] + seed[3]).ToDoubles(), x.Grad![2]);
        Close(seed[1].ToDoubles(), x.Grad[0]);
        Close(new double[19], x.Grad[1]);
    }
}
