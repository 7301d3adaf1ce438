using FsCheck.Fluent;

namespace MicroGrad.Net.Tests.Proof;

/// <summary>The shapes drawn for the gradient table hold the corners, and no more than was asked for.</summary>
public class ShapesTests
{
    [Fact]
    public void Any_shape_has_rank_0_to_4_and_sizes_0_1_2_3_5()
    {
        var shapes = Sample(Shapes.Any).Select(shapes => Assert.Single(shapes)).ToArray();
        Assert.Equal([0, 1, 2, 3, 4], shapes.Select(shape => shape.Length).Distinct().Order());
        Assert.Equal([0, 1, 2, 3, 5], shapes.SelectMany(shape => shape).Distinct().Order());
    }

    [Fact]
    public void Pairs_always_broadcast_and_in_every_way()
    {
        var pairs = Sample(Shapes.Pair).Select(pair => (X: Shape.Of(pair[0]), Y: Shape.Of(pair[1]))).ToArray();
        Assert.All(pairs, pair => Shape.Broadcast(pair.X, pair.Y, "pair"));
        Assert.Contains(pairs, pair => pair.X == pair.Y && pair.X.Rank > 0);
        Assert.Contains(pairs, pair => pair.X.Rank > pair.Y.Rank && pair.Y.Rank > 0);
        Assert.Contains(pairs, pair => pair.X.Rank < pair.Y.Rank && pair.X.Rank == 0);
        Assert.Contains(pairs, pair => pair.X.Rank > 1 && pair.Y.Rank > 1      // an outer product
            && pair.X[^2] == 1 && pair.X[^1] > 1 && pair.Y[^2] > 1 && pair.Y[^1] == 1);
        Assert.Contains(pairs, pair => pair.X.Length == 0 && pair.Y.Length == 1);
    }

    [Fact]
    public void Letters_are_sizes_capitals_are_not_0_and_digits_are_themselves()
    {
        foreach (var shapes in Sample("aB,C+1a"))
        {
            Assert.Equal([2, 3], shapes.Select(shape => shape.Length));
            Assert.Equal(shapes[0][0], shapes[1][2]);
            Assert.True(shapes[0][1] >= 1 && shapes[1][0] >= 2 && shapes[1][1] == 1);
        }
        Assert.All(Sample(","), shapes => Assert.All(shapes, Assert.Empty));
    }

    static int[][][] Sample(Shapes shapes) => [.. shapes.Gen.Sample(2000)];
}
