using static MicroGrad.Net.Tests.Numbers;

namespace MicroGrad.Net.Tests;

public sealed class ShapeTests
{
    [Fact]
    public void Shapes_are_compared_by_value()
    {
        Shape a = [2, 3];
        Assert.Equal(a, Shape.Of(2, 3));
        Assert.True(a == Shape.Of(2, 3));
        Assert.Equal(a.GetHashCode(), Shape.Of(2, 3).GetHashCode());
        Assert.True(a != Shape.Of(3, 2));
        Assert.True(a != Shape.Of(2, 3, 1));
        Assert.False(a.Equals("[2, 3]"));
        Assert.NotEqual(Shape.Of(), Shape.Of(1));
    }

    [Fact]
    public void The_default_shape_is_that_of_a_scalar()
    {
        Assert.Equal(Shape.Scalar, default);
        Assert.Equal((0, 1), (default(Shape).Rank, default(Shape).Length));
        Assert.Equal((0, 1), (Shape.Scalar.Rank, Shape.Scalar.Length));
        Assert.Equal("[]", default(Shape).ToString());
        Assert.Equal(Shape.Scalar.GetHashCode(), default(Shape).GetHashCode());
        Assert.Empty(default(Shape));
    }

    [Fact]
    public void Shapes_are_written_as_collections_and_read_as_lists()
    {
        Shape shape = [.. Shape.Of(4, 5), 6];
        Assert.Equal("[4, 5, 6]", shape.ToString());
        Assert.Equal([4, 5, 6], shape);
        Assert.Equal((6, 4, 120), (shape[^1], shape[0], shape.Length));
        Shape fromArray = (int[])[7, 8];
        Assert.Equal(Shape.Of(7, 8), fromArray);
    }

    [Fact]
    public void A_shape_does_not_follow_the_array_it_came_from()
    {
        int[] sizes = [2, 3];
        Shape shape = sizes;
        sizes[0] = 9;
        Assert.Equal("[2, 3]", shape.ToString());
    }

    [Fact]
    public void Negative_sizes_are_refused() =>
        Assert.Equal("A shape cannot have a negative size: [2, -1].", Message<ShapeException>(() => Shape.Of(2, -1)));

    [Fact]
    public void More_elements_than_an_array_holds_are_refused()
    {
        Assert.Equal("[65536, 32768] has more elements than fit a tensor (2^31 - 1).",
            Message<ShapeException>(() => Shape.Of(65536, 32768)));
        Assert.Throws<ShapeException>(() => Shape.Of(int.MaxValue, int.MaxValue, int.MaxValue));
        Assert.Equal(int.MaxValue, Shape.Of(int.MaxValue, 1).Length);
    }

    [Fact]
    public void A_size_of_zero_makes_an_empty_shape_whatever_the_others()
    {
        Assert.Equal(0, Shape.Of(0, 3).Length);
        Assert.Equal(0, Shape.Of(int.MaxValue, int.MaxValue, 0).Length);
        Assert.Equal(0, Shape.Of(0, int.MaxValue, int.MaxValue).Length);
    }

    [Fact]
    public void Axes_are_one_several_or_all()
    {
        var x = Tensor.From([2, 3], [1.0, 2, 3, 4, 5, 6]);
        Equal([3], [5, 7, 9], x.Sum(0));
        Equal([2], [6, 15], x.Sum(-1));
        Equal([], [21], x.Sum([0, 1]));
        Equal([], [21], x.Sum([-1, -2]));
        Equal([], [21], x.Sum());
        Equal([], [21], x.Sum(Axes.All));
        Equal([1, 1], [21], x.Sum(keepDims: true));
        int[] fromArray = [1];
        Equal([2, 1], [6, 15], x.Sum(fromArray, keepDims: true));
    }

    [Fact]
    public void Axes_that_do_not_exist_or_repeat_are_named()
    {
        var x = Tensor.Zeros([2, 3]);
        Assert.Equal("sum: [2, 3] has no axis 2; its axes are -2 to 1.", Message<ShapeException>(() => x.Sum(2)));
        Assert.Equal("max: [2, 3] has no axis -3; its axes are -2 to 1.", Message<ShapeException>(() => x.Max(-3)));
        Assert.Equal("sum: axis -1 of [2, 3] is named twice.", Message<ShapeException>(() => x.Sum([1, -1])));
        Assert.Equal("sum: a scalar has no axis 0.", Message<ShapeException>(() => Tensor.Scalar(1).Sum(0)));
    }
}
