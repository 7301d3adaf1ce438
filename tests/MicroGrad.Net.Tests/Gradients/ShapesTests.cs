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

    [Fact]
    public void Simpler_shapes_are_still_such_shapes_and_fewer()
    {
        Check(Shapes.Any, _ => true, "[]");
        Check(Shapes.Ranked(2, smallest: 1), shapes => shapes[0].Length >= 2 && !shapes[0].Contains(0), "[1,1]");
        Check(Shapes.Pair, Broadcast, "[][]");
        Check(Shapes.Triple, Broadcast, "[][][]");
        Check("ij,jk", shapes => shapes[0][1] == shapes[1][0], "[1,1][1,1]");
        Check("aB,C+1a",
            shapes => shapes[0][0] == shapes[1][2] && shapes[1][0] >= 2 && shapes[1][1] == 1, "[1,1][2,1,1]");
        Check(((Shapes)"a3").With([[2, 3], [2]]),
            shapes => shapes[0][1] == 3 && Text(shapes[1..]) == "[2,3][2]", "[1,3][2,3][2]");

        static void Check(Shapes all, Func<int[][], bool> holds, string simplest)
        {
            foreach (var shapes in Sample(all).Take(300))
                Assert.All(all.Shrink(shapes), less => Assert.True(holds(less) && Weight(less) < Weight(shapes),
                    $"{Text(less)} after {Text(shapes)}"));
            // Where all shapes without an empty axis fail, the simplest is found.
            var last = Sample(all).First(shapes => shapes.All(shape => !shape.Contains(0)));
            while (all.Shrink(last).FirstOrDefault() is { } less) last = less;
            Assert.Equal(simplest, Text(last));
        }

        static bool Broadcast(int[][] shapes)
        {
            var full = Shape.Scalar;
            foreach (var shape in shapes) full = Shape.Broadcast(full, Shape.Of(shape), "shapes");      // else it throws
            return true;
        }

        static int Weight(int[][] shapes) => shapes.Sum(shape => 1000 * shape.Length + shape.Sum());

        static string Text(int[][] shapes) => string.Concat(shapes.Select(shape => $"[{string.Join(',', shape)}]"));
    }

    static int[][][] Sample(Shapes shapes) => Search.Draw("shapes", 2000, shapes.Gen);
}
