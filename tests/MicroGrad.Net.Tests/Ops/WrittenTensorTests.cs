using MathNet.Numerics.LinearAlgebra;
using static MicroGrad.Net.Tests.Numbers;

namespace MicroGrad.Net.Tests;

/// <summary>Tensors and shapes as people write them: that these lines compile is half of the test.</summary>
public sealed class WrittenTensorTests
{
    static void Is(Shape shape, double[] numbers, Tensor actual)
    {
        Equal(shape, numbers, actual);
        Assert.Equal(DType.Float32, actual.DType);
    }

    [Fact]
    public void Literals_of_any_number_and_depth_are_Float32()
    {
        Is([3], [1, 2, 3], Tensor.From([1f, 2f, 3f]));
        Is([3], [1, 2, 3], Tensor.From([1, 2, 3]));
        Is([3], [0.5, 1, 2.25], Tensor.From([0.5, 1, 2.25f]));
        Is([2, 2], [1, 2, 3, 4], Tensor.From([[1, 2], [3, 4]]));
        Is([2, 3], [0.5, 1, 2, 3, 4, -5], Tensor.From([[0.5, 1, 2], [3, 4, -5]]));
        Is([2, 1, 2], [1, 2, 3, 4], Tensor.From([[[1, 2]], [[3f, 4f]]]));
        Is([1, 1, 1, 1], [7], Tensor.From([[[[7]]]]));
        Is([], [2.5], Tensor.From(2.5));
        Is([0], [], Tensor.From([]));
        Is([2, 0], [], Tensor.From([[], []]));
        float[] some = [1, 2];
        Is([4], [1, 2, 3, 4], Tensor.From([.. some, 3, 4]));
        Is([2, 2], [1, 2, 3, 4], Tensor.From([some, [3, 4]]));
        Is([2, 2], [2, 3, 4, 5], Tensor.From([[1, 2], [3, 4]]) + Tensor.Ones([2, 2]));      // so these mix
    }

    [Fact]
    public void Arrays_keep_their_shape_and_become_Float32()
    {
        Is([2], [1, 2], Tensor.From((float[])[1, 2]));
        Is([2], [0.5, 2], Tensor.From((double[])[0.5, 2]));
        Is([2], [1, 2], Tensor.From((int[])[1, 2]));
        Is([2], [1, 255], Tensor.From((byte[])[1, 255]));
        Is([2], [1, 0], Tensor.From((bool[])[true, false]));
        Is([2, 3], [1, 2, 3, 4, 5, 6], Tensor.From(new float[,] { { 1, 2, 3 }, { 4, 5, 6 } }));
        Is([2, 3], [1, 2, 3, 4, 5, 6], Tensor.From(new double[,] { { 1, 2, 3 }, { 4, 5, 6 } }));
        Is([1, 2], [1, -2], Tensor.From(new long[,] { { 1, -2 } }));
        Is([2, 1, 2], [1, 2, 3, 4], Tensor.From(new float[,,] { { { 1, 2 } }, { { 3, 4 } } }));
        Is([2, 2], [1, 2, 3, 4], Tensor.From((int[][])[[1, 2], [3, 4]]));
        Is([2, 0], [], Tensor.From(new float[2, 0]));
        Is([0, 2], [], Tensor.From(new float[0, 2]));
    }

    [Fact]
    public void Float64_is_had_for_the_asking()
    {
        Assert.Equal([0.1, 0.2], Tensor.From([0.1, 0.2], DType.Float64).ToArray<double>());
        Assert.Equal([0.1, 0.2], Tensor.From((double[])[0.1, 0.2], dtype: DType.Float64).ToArray<double>());
        Assert.Equal([0.1, 0.2], Tensor.From(new double[,] { { 0.1, 0.2 } }, DType.Float64).ToArray<double>());
        Assert.Equal((float)0.1, Tensor.From([0.1]).ToArray<float>()[0]);
    }

    [Fact]
    public void With_a_shape_numbers_keep_their_type()
    {
        Assert.Equal(DType.Float64, Tensor.From([2], [0.5, 1]).DType);
        Assert.Equal(DType.Float32, Tensor.From([2], [0.5f, 1]).DType);
        Assert.Equal(DType.Float64, Tensor.From([2, 1], (double[])[0.5, 1]).DType);
        Assert.Equal(DType.Float64, Tensor.From(Shape.Of(2), new double[2].AsSpan()).DType);
    }

    [Fact]
    public void Matrices_and_vectors_of_Math_NET_are_Float64_as_ever()
    {
        var matrix = Matrix<double>.Build.DenseOfArray(new double[,] { { 1, 2, 3 }, { 4, 5, 6 } });
        Equal([2, 3], [1, 2, 3, 4, 5, 6], Tensor.From(matrix));
        Assert.Equal(DType.Float64, Tensor.From(matrix).DType);
        Equal([2], [1, 4], Tensor.From(matrix.Column(0)));
        Equal([3, 3], Tensor.From(matrix.Transpose() * matrix).ToDoubles(), Tensor.From(Tensor.From(matrix).ToMatrix().TransposeThisAndMultiply(matrix)));
    }

    [Fact]
    public void What_is_no_block_of_numbers_is_named()
    {
        Assert.Equal("From: rows must be equally long, but the first is of [2], and that at [1] of [1].",
            Message<ShapeException>(() => Tensor.From([[1, 2], [3]])));
        Assert.Equal("From: rows must be equally long, but the first is of [2], and that at [1] a number.",
            Message<ShapeException>(() => Tensor.From([[1, 2], 3])));
        Assert.Equal("From: rows must be equally long, but the first is a number, and that at [1] of [1].",
            Message<ShapeException>(() => Tensor.From([1, [2]])));
        Assert.Equal("From: rows must be equally long, but the first is of [1], and that at [0, 1] of [2].",
            Message<ShapeException>(() => Tensor.From((int[][][])[[[1], [2, 3]]])));
        Assert.Throws<ShapeException>(() => Tensor.From([new float[1, 2], new float[2, 1]]));
        Assert.Throws<ShapeException>(() => Tensor.From([[], [1]]));
        Assert.Equal("From: an array of String holds no numbers.", Message<ArgumentException>(() => Tensor.From((string[])["1"])));
        Assert.Equal("From: there is no array (null).", Message<ArgumentException>(() => Tensor.From((float[])null!)));
        Assert.Equal("From: there is no array (null).", Message<ArgumentException>(() => Tensor.From((int[][])[[1], null!])));
    }

    [Fact]
    public void Shapes_and_axes_are_written_in_brackets_or_one_by_one()
    {
        var x = Tensor.Arange(6);
        Shape shape = [2, 3];
        int[] sizes = [2, 3];
        foreach (var y in (Tensor[])[x.Reshape(2, 3), x.Reshape([2, 3]), x.Reshape(shape), x.Reshape(sizes), x.Reshape([.. sizes]),
            x.Reshape(Shape.Of(2, 3)), x.Reshape(-1, 3), x.Reshape([2, -1]), x.Reshape((int[])[-1, 3])])
            Equal([2, 3], [0, 1, 2, 3, 4, 5], y);
        Assert.Equal([6], x.Reshape(2, 3).Reshape(6).Shape);
        Assert.Equal([], x[..1].Reshape().Shape);
        Assert.Equal([], x[..1].Reshape([]).Shape);
        var table = x.Reshape([2, 3]);
        Assert.Equal([4, 2, 3], table.Expand([4, 2, 3]).Shape);
        Assert.Equal([4, 2, 3], table.Expand(Shape.Of(4, 2, 3)).Shape);
        Assert.Equal([3, 2], table.Permute(1, 0).Shape);
        Assert.Equal([3, 2], table.Permute([1, 0]).Shape);
        Assert.Equal([], table.Sum([0, 1]).Shape);
        Assert.Equal([3], table.Sum(0).Shape);
        Assert.Equal([2, 3], table.Flip([0, 1]).Shape);
        Assert.Equal([4, 3], table.Tile([2, 1]).Shape);
        Assert.Equal([2, 3], Tensor.Zeros([2, 3]).Shape);
        Assert.Equal([1, 1, 1], table.Split([1, 1, 1], 1).Select(part => part.Shape[1]));
    }

    [Fact]
    public void Linspace_meets_both_ends()
    {
        Equal([5], [0, 0.25, 0.5, 0.75, 1], Tensor.Linspace(0, 1, 5));
        Equal([1], [3], Tensor.Linspace(3, 9, 1));
        Equal([0], [], Tensor.Linspace(3, 9, 0));
        Equal([3], [2, 0, -2], Tensor.Linspace(2, -2, 3, DType.Float64));
        var many = Tensor.Linspace(0.1, 0.7, 1000, DType.Float64).ToDoubles();
        Assert.Equal((0.1, 0.7), (many[0], many[^1]));
        Assert.All(many.Index(), one => Assert.Equal(0.1 + 0.6 * one.Index / 999, one.Item, 1e-15));
        Assert.Equal([-1.7e308, 0, 1.7e308], Tensor.Linspace(-1.7e308, 1.7e308, 3, DType.Float64).ToDoubles());
        Assert.Equal("linspace: count is -1, but must be at least 0.", Message<ArgumentOutOfRangeException>(() => Tensor.Linspace(0, 1, -1)));
        Assert.Throws<ArgumentOutOfRangeException>(() => Tensor.Linspace(0, double.NaN, 2));
    }

    [Fact]
    public void OneHot_puts_a_one_at_each_label()
    {
        Is([3, 3], [0, 0, 1, 1, 0, 0, 0, 0, 1], Tensor.OneHot([2, 0, 2], 3));
        Assert.Equal(DType.Float64, Tensor.OneHot([0], 1, DType.Float64).DType);
        Assert.Equal([0, 3], Tensor.OneHot([], 3).Shape);
        Assert.Equal("one-hot: label 3 at row 1 is not in 0..2.", Message<ArgumentOutOfRangeException>(() => Tensor.OneHot([0, 3], 3)));
        Assert.Equal("one-hot: label -1 at row 0 is not in 0..2.", Message<ArgumentOutOfRangeException>(() => Tensor.OneHot([-1], 3)));
    }

    [Fact]
    public void Where_chooses_between_numbers_and_by_any_condition()
    {
        var x = Tensor.From([-1, 0, 2]);
        Is([3], [-1, -1, 1], Tensor.Where(x > 0, 1, -1));
        Assert.Equal(DType.Float64, Tensor.Where(x.To(DType.Float64), 1, -1).DType);
        Is([3], [-1, 7, 2], Tensor.Where(x.To(DType.Float64), x, 7));
        // 1e-300 is not 0, though it is in Float32.
        Is([2], [1, 2], Tensor.Where(Tensor.From([1e-300, 0], DType.Float64), Tensor.From([1, 1]), 2));
        Assert.Throws<DTypeException>(() => Tensor.Where(x, x, x.To(DType.Float64)));
    }
}
