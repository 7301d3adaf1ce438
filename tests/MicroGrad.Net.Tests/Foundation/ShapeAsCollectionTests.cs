namespace MicroGrad.Net.Tests;

/// <summary>A shape is a collection of sizes to C#, not of elements.</summary>
public class ShapeAsCollectionTests
{
    [Fact]
    public void Sizes_can_be_spread_into_an_array()
    {
        var (one, two, ones, empty) = (Shape.Of(5), Shape.Of(2, 3), Shape.Of(1, 1), Shape.Of(0, 4));
        int[] spread = [.. one, .. two, .. ones, .. empty, .. Shape.Scalar, .. default(Shape)];
        Assert.Equal([5, 2, 3, 1, 1, 0, 4], spread);
        Shape longer = [7, .. two];
        Assert.Equal(Shape.Of(7, 2, 3), longer);
    }

    [Fact]
    public void Sizes_can_be_matched_by_list_patterns()
    {
        Assert.True(Shape.Of(2, 3) is [2, 3]);
        Assert.True(Shape.Of(2, 3, 4) is [var first, .., var last] && first == 2 && last == 4);
        Assert.True(Shape.Of(0) is [0]);
        Assert.True(Shape.Scalar is [] && default(Shape) is []);
        Assert.False(Shape.Of(3, 1) is [_, _, _]);
    }

    [Fact]
    public void Length_is_the_number_of_elements_and_Count_that_of_sizes()
    {
        Assert.Equal((6, 2), (Shape.Of(2, 3).Length, Shape.Of(2, 3).Count));
        Assert.Equal((1, 0), (default(Shape).Length, default(Shape).Count));
        Assert.Equal((0, 2), (Shape.Of(0, 4).Length, Shape.Of(0, 4).Count));
    }
}
