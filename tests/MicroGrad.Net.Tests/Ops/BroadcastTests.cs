using static MicroGrad.Net.Tests.Numbers;

namespace MicroGrad.Net.Tests;

/// <summary>NumPy's rules, with the numbers and the texts written out.</summary>
public sealed class BroadcastTests
{
    [Theory]
    [InlineData("2,3", "2,3", "2,3")]
    [InlineData("3,1", "1,4", "3,4")]
    [InlineData("2,3", "3", "2,3")]
    [InlineData("3", "2,3", "2,3")]
    [InlineData("2,3", "", "2,3")]
    [InlineData("", "2,3", "2,3")]
    [InlineData("", "", "")]
    [InlineData("1", "", "1")]
    [InlineData("1", "5", "5")]
    [InlineData("0", "1", "0")]
    [InlineData("0", "", "0")]
    [InlineData("3,0", "1,1", "3,0")]
    [InlineData("0,1", "1,4", "0,4")]
    [InlineData("2,1,4", "3,1", "2,3,4")]
    [InlineData("1,1,1", "2", "1,1,2")]
    [InlineData("5,1,4,1", "3,1,6", "5,3,4,6")]
    public void Shapes_meet_as_NumPys_do(string a, string b, string expected)
    {
        var (x, y) = (Tensor.Ones(Parse(a)), Tensor.Full(Parse(b), 2));
        var sum = x + y;
        Assert.Equal(Parse(expected), sum.Shape);
        Assert.All(sum.ToDoubles(), v => Assert.Equal(3, v));
        Assert.Equal(Parse(expected), Tensor.Where(x, y, x).Shape);
        Assert.Equal(Parse(expected), (x > y).Shape);
    }

    static Shape Parse(string sizes) =>
        Shape.Of([.. sizes.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(int.Parse)]);

    [Fact]
    public void A_column_and_a_row_make_a_table()
    {
        var (column, row) = (Tensor.From([3, 1], [10.0, 20, 30]), Tensor.From([1, 4], [1.0, 2, 3, 4]));
        Equal([3, 4], [11, 12, 13, 14, 21, 22, 23, 24, 31, 32, 33, 34], column + row);
        Equal([3, 4], [9, 8, 7, 6, 19, 18, 17, 16, 29, 28, 27, 26], column - row);
    }

    [Fact]
    public void Axes_repeat_in_the_middle_too()
    {
        var (x, y) = (Tensor.From([2, 1, 2], [1.0, 2, 3, 4]), Tensor.From([3, 1], [10.0, 20, 30]));
        Equal([2, 3, 2], [11, 12, 21, 22, 31, 32, 13, 14, 23, 24, 33, 34], x + y);
    }

    [Fact]
    public void Numbers_take_the_tensors_type()
    {
        Assert.Equal(DType.Float32, (Tensor.Ones([2]) * 0.1).DType);
        Assert.Equal(0.1f, (Tensor.Ones([2]) * 0.1).ToArray<float>()[0]);
        Assert.Equal(0.1, (Tensor.Ones([2], DType.Float64) * 0.1).ToArray<double>()[0]);
        Equal([2], [3, 1], 5 - Vector(2, 4));
        Equal([2], [3, 1.5], 6 / Vector(2, 4));
    }

    [Fact]
    public void Shapes_that_do_not_meet_are_named_with_the_axis()
    {
        var (a, b) = (Tensor.Ones([32, 10]), Tensor.Ones([32, 3]));
        Assert.Equal("add: [32, 10] and [32, 3] do not broadcast: axis 1 is 10 against 3.", Message<ShapeException>(() => a + b));
        Assert.Equal("subtract: [32, 10] and [32, 3] do not broadcast: axis 1 is 10 against 3.", Message<ShapeException>(() => a - b));
        Assert.Equal("multiply: [2, 3] and [2] do not broadcast: axis 1 is 3 against 2.",
            Message<ShapeException>(() => Tensor.Ones([2, 3]) * Tensor.Ones([2])));
        Assert.Equal("divide: [4, 2, 3] and [5, 1, 3] do not broadcast: axis 0 is 4 against 5.",
            Message<ShapeException>(() => Tensor.Ones([4, 2, 3]) / Tensor.Ones([5, 1, 3])));
        Assert.Equal("add: [3] and [4, 2, 3, 2] do not broadcast: axis 3 is 3 against 2.",
            Message<ShapeException>(() => Tensor.Ones([3]) + Tensor.Ones([4, 2, 3, 2])));
        Assert.Equal("maximum: [0] and [2] do not broadcast: axis 0 is 0 against 2.",
            Message<ShapeException>(() => Tensor.Max(Tensor.Ones([0]), Tensor.Ones([2]))));
        Assert.StartsWith("pow: ", Message<ShapeException>(() => Tensor.Pow(a, b)), StringComparison.Ordinal);
        Assert.StartsWith("greater: ", Message<ShapeException>(() => a > b), StringComparison.Ordinal);
        Assert.StartsWith("equal: ", Message<ShapeException>(() => a.EqualTo(b)), StringComparison.Ordinal);
        Assert.StartsWith("where: [32, 10] and [32, 3]", Message<ShapeException>(() => Tensor.Where(a, a, b)), StringComparison.Ordinal);
    }

    [Fact]
    public void Number_types_do_not_mix_in_any_family()
    {
        var (a, b) = (Tensor.Ones([2, 2]), Tensor.Ones([2, 2], DType.Float64));
        Assert.Equal("add: Float32 and Float64 do not mix: convert one with .To(DType.Float32) or .To(DType.Float64).",
            Message<DTypeException>(() => a + b));
        foreach (var (op, call) in new (string, Func<object?>)[]
        {
            ("subtract", () => a - b), ("multiply", () => a * b), ("divide", () => b / a), ("pow", () => Tensor.Pow(a, b)),
            ("maximum", () => Tensor.Max(a, b)), ("minimum", () => Tensor.Min(a, b)), ("greater", () => a > b),
            ("less", () => a < b), ("greater or equal", () => a >= b), ("less or equal", () => a <= b),
            ("equal", () => a.EqualTo(b)), ("where", () => Tensor.Where(a, a, b)), ("where", () => Tensor.Where(b, a, b)),
            ("remainder", () => Tensor.Remainder(a, b)), ("fmod", () => Tensor.Fmod(a, b)), ("atan2", () => Tensor.Atan2(a, b)),
            ("log-add-exp", () => Tensor.LogAddExp(a, b)), ("scatter", () => a.Scatter([0, 1, 0, 1], b)),
            ("matmul", () => a.MatMul(b)), ("concat", () => Tensor.Concat([a, b])), ("concat", () => Tensor.Stack([a, b])),
            ("matmul", () => Tensor.Einsum("ij,jk->ik", a, b)),
        })
            Assert.StartsWith($"{op}: Float", Message<DTypeException>(call), StringComparison.Ordinal);
    }

    [Fact]
    public void A_tensor_is_read_as_what_it_is()
    {
        var x = Tensor.Ones([2]);
        Assert.Equal("A Float32 tensor holds float, not Double: read it as that, or convert it with .To(...) first.",
            Message<DTypeException>(() => x.ToArray<double>()));
        Assert.Throws<DTypeException>(() => x.To(DType.Float64).ToArray<float>());
        Assert.Throws<DTypeException>(() => x.ToArray<int>());
        Assert.Same(x, x.To(DType.Float32));
    }

    [Fact]
    public void Conversions_round_and_carry_the_gradient_back()
    {
        var x = Leaf([2], 0.1, 3);
        var singles = x.To(DType.Float32);
        Assert.Equal([0.1f, 3f], singles.ToArray<float>());
        (singles * singles).Sum().Backward();
        Equal([2], [2 * 0.1f, 6], x.Grad);
        Assert.Equal(DType.Float64, x.Grad!.DType);
    }

    [Fact]
    public void Comparisons_give_ones_and_zeros_and_NaN_is_unequal_to_all()
    {
        var (x, y) = (Vector(1, 2, 3, double.NaN), Vector(2, 2, 2, double.NaN));
        Equal([4], [0, 0, 1, 0], x > y);
        Equal([4], [1, 0, 0, 0], x < y);
        Equal([4], [0, 1, 1, 0], x >= y);
        Equal([4], [1, 1, 0, 0], x <= y);
        Equal([4], [0, 1, 0, 0], x.EqualTo(y));
        Equal([4], [1, 0, 1, 1], x.NotEqualTo(y));
        Equal([4], [0, 0, 1, 0], x > 2);
        Equal([4], [1, 1, 0, 0], x <= 2);
        Assert.Null((Leaf(1) > Leaf(2)).Node);
    }

    [Fact]
    public void Where_takes_a_condition_of_any_number_but_zero()
    {
        Equal([4], [1, 20, 3, 4], Tensor.Where(Vector(1, 0, -2, double.NaN), Vector(1, 2, 3, 4), Vector(10, 20, 30, 40)));
        Equal([2, 2], [1, 9, 3, 9], Tensor.Where(Vector(1, 0), Tensor.From([2, 2], [1.0, 2, 3, 4]), 9));
        Equal([2], [9, 2], Tensor.Where(Vector(1, 0), 9, Vector(1, 2)));
        Equal([3], [1, 2, 2], Tensor.Where(Vector(1, 0, 0), Tensor.Scalar(1, DType.Float64), Tensor.Scalar(2, DType.Float64)));
        Equal([3], [0, 1, 0], Tensor.Where(Vector(1, 0, -0.0), Vector(0, 0, 0), Vector(1, 1, 0)));
    }

    [Fact]
    public void Values_must_fill_the_shape() =>
        Assert.Equal("From: [2, 3] takes 6 values, but 5 were given.",
            Message<ShapeException>(() => Tensor.From([2, 3], [1.0, 2, 3, 4, 5])));

    [Fact]
    public void Tensors_can_be_made_of_patterns()
    {
        Equal([4], [0, 1, 2, 3], Tensor.Arange(4));
        Equal([3], [1, 1.5, 2], Tensor.Arange(1, 2.5, 0.5));
        Equal([2], [3, 1], Tensor.Arange(3, -1, -2));
        Equal([0], [], Tensor.Arange(3, 1));
        Assert.Equal("arange: step is 0, but must be finite and not 0.", Message<ArgumentOutOfRangeException>(() => Tensor.Arange(0, 1, 0)));
        Equal([3, 3], [1, 0, 0, 0, 1, 0, 0, 0, 1], Tensor.Eye(3));
        Equal([2], [7, 7], Tensor.Full([2], 7));
    }
}
