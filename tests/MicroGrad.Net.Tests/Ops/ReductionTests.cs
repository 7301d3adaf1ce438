using static MicroGrad.Net.Tests.Numbers;

namespace MicroGrad.Net.Tests;

public sealed class ReductionTests
{
    const double NaN = double.NaN, Inf = double.PositiveInfinity;

    static readonly Dictionary<string, Func<Tensor, Tensor>> All = new()
    {
        ["sum"] = x => x.Sum(-1), ["mean"] = x => x.Mean(-1), ["max"] = x => x.Max(-1), ["min"] = x => x.Min(-1),
        ["log-sum-exp"] = x => x.LogSumExp(-1), ["variance"] = x => x.Variance(-1), ["deviation"] = x => x.StandardDeviation(-1),
        ["product"] = x => x.Product(-1), ["norm 0"] = x => x.Norm(0, -1), ["norm 1"] = x => x.Norm(1, -1), ["norm 2"] = x => x.Norm(2, -1),
        ["norm 3"] = x => x.Norm(3, -1), ["norm -2"] = x => x.Norm(-2, -1), ["norm inf"] = x => x.Norm(Inf, -1),
        ["norm -inf"] = x => x.Norm(-Inf, -1), ["softmax"] = x => x.Softmax()[.., 0], ["log-softmax"] = x => x.LogSoftmax()[.., 0],
        ["cumulative sum"] = x => x.CumulativeSum(-1)[.., ^1],
    };

    public static TheoryData<string> Names => [.. All.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_NaN_anywhere_is_the_result_of_its_line_only(string name)
    {
        // Around the widths of vectors and their fourfold unrolling, in each position.
        var rng = new Rng(1);
        foreach (var dtype in Enum.GetValues<DType>())
            foreach (var count in Enumerable.Range(1, 40).Append(200).Append(4100))
                foreach (var place in Enumerable.Range(0, 4).Select(_ => rng.Next(count)).Append(0).Append(count - 1))
                {
                    var values = Enumerable.Range(0, 2 * count).Select(_ => rng.Normal()).ToArray();
                    values[place] = NaN;
                    var result = All[name](Tensor.From([2, count], values).To(dtype)).ToDoubles();
                    Assert.True(double.IsNaN(result[0]), $"{dtype}, NaN at {place} of {count} gave {result[0]}");
                    if (name is "variance" or "deviation" && count == 1) continue;
                    Assert.True(double.IsFinite(result[1]), $"{dtype}, the line beside gave {result[1]}");
                }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(64)]
    public void A_NaN_in_a_column_is_the_result_of_that_column_only(int inner)
    {
        foreach (var rows in Enumerable.Range(1, 5).Append(300))
        {
            var values = Enumerable.Range(0, rows * inner).Select(i => (double)i).ToArray();
            values[(rows - 1) * inner + inner - 1] = NaN;
            var x = Tensor.From([rows, inner], values);
            foreach (var result in new[] { x.Sum(0), x.Max(0), x.Min(0), x.LogSumExp(0) })
                Assert.Equal([inner - 1], result.ToDoubles().Index().Where(v => double.IsNaN(v.Item)).Select(v => v.Index));
        }
    }

    [Fact]
    public void Sums_over_nothing_are_zero_and_products_one()
    {
        var nothing = Tensor.Zeros([2, 0], DType.Float64);
        Equal([2], [0, 0], nothing.Sum(1));
        Equal([0], [], nothing.Sum(0));
        Equal([2], [1, 1], nothing.Product(1));
        Equal([2], [NaN, NaN], nothing.Mean(1));
        Equal([2], [-Inf, -Inf], nothing.LogSumExp(1));
        Equal([2, 0], [], nothing.Softmax());
        Equal([0], [], nothing.Max(0));
        Assert.Equal("max: [2, 0] has no elements to choose from.", Message<ShapeException>(() => nothing.Max(1)));
        Assert.Equal("min: [2, 0] has no elements to choose from.", Message<ShapeException>(() => nothing.Min()));
        Assert.Equal("argmax: axis 1 of [2, 0] has no elements to choose from.", Message<ShapeException>(() => nothing.ArgMax(1)));
        Assert.Throws<ShapeException>(() => nothing.ArgMin());
        Assert.Empty(nothing.ArgMax(0));
    }

    [Fact]
    public void Ties_of_max_and_min_share_the_gradient()
    {
        var x = Leaf([2, 3], 5, 5, 1, 2, 9, 2);
        (x.Max(1) * Vector(6, 10)).Sum().Backward();
        Equal([2, 3], [3, 3, 0, 0, 10, 0], x.Grad);
        x.Grad = null;
        x.Min(1).Sum().Backward();
        Equal([2, 3], [0, 0, 1, 0.5, 0, 0.5], x.Grad);
    }

    [Fact]
    public void Log_sum_exp_neither_overflows_nor_underflows()
    {
        Close([1000 + Math.Log(2)], Vector(1000, 1000).LogSumExp());
        Close([-1000 + Math.Log(2)], Vector(-1000, -1000).LogSumExp());
        Equal([], [0], Vector(0, -Inf).LogSumExp());
        Equal([], [Inf], Vector(0, Inf).LogSumExp());
        Equal([], [-Inf], Vector(-Inf, -Inf).LogSumExp());
        var x = Leaf([2], 0, -Inf);
        x.LogSumExp().Backward();
        Equal([2], [1, 0], x.Grad);
    }

    [Fact]
    public void Softmax_is_stable_and_sums_to_one()
    {
        Equal([3], [0.5, 0.5, 0], Vector(1e4, 1e4, -1e4).Softmax());
        Equal([2], [0, -2e4], Vector(1e4, -1e4).LogSoftmax());
        Equal([2], [1, 0], Vector(3, -Inf).Softmax());
        var x = Tensor.Normal([4, 5, 6], 0, 3, new Rng(1), DType.Float64);
        foreach (var axis in Enumerable.Range(-3, 6))
        {
            Assert.All(x.Softmax(axis).Sum(axis).ToDoubles(), sum => Assert.Equal(1, sum, 1e-14));
            Close(x.Softmax(axis).Log().ToDoubles(), x.LogSoftmax(axis), 1e-12);
        }
        Assert.Equal("softmax: [4, 5, 6] has no axis 3; its axes are -3 to 2.", Message<ShapeException>(() => x.Softmax(3)));
    }

    [Fact]
    public void The_gradient_of_softmax_does_not_see_a_shift()
    {
        var x = Leaf([3], 1, 2, 3);
        (x.Softmax() * Vector(5, -1, 2)).Sum().Backward();
        Assert.Equal(0, x.Grad!.ToDoubles().Sum(), 1e-15);
    }

    [Fact]
    public void Variance_and_deviation_take_a_correction()
    {
        var x = Vector(1, 2, 3, 6);
        Close([14.0 / 3], x.Variance());
        Close([14.0 / 4], x.Variance(correction: 0));
        Close([Math.Sqrt(14.0 / 3)], x.StandardDeviation());
        Equal([], [NaN], Vector(5).Variance());
        Equal([], [Inf], Vector(5, 6).Variance(correction: 2));
        Equal([], [Inf], Vector(5, 6).Variance(correction: 3));
        var constant = Leaf([3], 2, 2, 2);
        constant.StandardDeviation().Backward();
        Equal([3], [0, 0, 0], constant.Grad);
    }

    [Fact]
    public void Norms_have_their_formulas_and_slope_zero_at_zero()
    {
        var x = Vector(3, -4, 0);
        Assert.Equal((2, 7, 5, 4, 0), (x.Norm(0).Item(), x.Norm(1).Item(), x.Norm().Item(), x.Norm(Inf).Item(), x.Norm(-Inf).Item()));
        Close([Math.Cbrt(27 + 64)], x.Norm(3));
        Equal([], [0], x.Norm(-1));
        Close([1 / (1.0 / 3 + 1.0 / 4)], Vector(3, -4).Norm(-1));
        foreach (var p in new[] { 0, 0.5, 1, 1.5, 2, 3 })
        {
            var zeros = Leaf([2], 0, 0);
            zeros.Norm(p).Backward();
            Equal([2], [0, 0], zeros.Grad);
            var some = Leaf([2], 0, 2);
            some.Norm(p).Backward();
            Assert.Equal(0, some.Grad!.ToDoubles()[0]);
            Assert.Equal(p == 0 ? 0 : 1, some.Grad.ToDoubles()[1], 1e-14);
        }
    }

    [Fact]
    public void Products_have_gradients_with_zeros_among_the_factors()
    {
        var x = Leaf([3, 2], 2, 0, 3, 5, 0, 7);
        x.Product(0).Sum().Backward();
        Equal([3, 2], [0, 35, 0, 0, 6, 0], x.Grad);
        Equal([1, 1], [0], x.Product(keepDims: true));
        Equal([], [120], Vector(1, 2, 3, 4, 5).Product());
    }

    [Fact]
    public void Running_sums_go_along_an_axis()
    {
        var x = Leaf([2, 3], 1, 2, 3, 4, 5, 6);
        Equal([2, 3], [1, 3, 6, 4, 9, 15], x.CumulativeSum(1));
        Equal([2, 3], [1, 2, 3, 5, 7, 9], x.CumulativeSum(0));
        (x.CumulativeSum(1) * Vector(1, 10, 100)).Sum().Backward();
        Equal([2, 3], [111, 110, 100, 111, 110, 100], x.Grad);
    }

    [Fact]
    public void ArgMax_takes_the_first_of_ties_and_counts_NaN_as_beyond()
    {
        var x = Tensor.From([2, 3], [1.0, 7, 7, 4, 4, 2]);
        Assert.Equal([1, 0], x.ArgMax(1));
        Assert.Equal([1, 0, 0], x.ArgMax(0));
        Assert.Equal([0, 2], x.ArgMin(-1));
        Assert.Equal([0, 1, 1], x.ArgMin(0));
        Assert.Equal((1, 0), (x.ArgMax(), x.ArgMin()));
        var y = Vector(1, NaN, 9, NaN);
        Assert.Equal((1, 1), (y.ArgMax(), y.ArgMin()));
        Assert.Equal(0, Vector(NaN, 9).ArgMax());
        Assert.Equal(0, Vector(-Inf, -Inf).ArgMax());
        Assert.Equal([0, 0, 0], Vector(1, 2, 3).Reshape(1, 3).ArgMax(0));
        Assert.Equal("argmax: [2, 3] has no axis 2; its axes are -2 to 1.", Message<ShapeException>(() => x.ArgMax(2)));
    }

    [Fact]
    public void Long_sums_stay_accurate_in_Float32()
    {
        var x = Tensor.Full([1_000_000], 0.1);
        Assert.Equal(1_000_000 * (double)0.1f, x.Sum().Item(), 0.2);
        Assert.Equal(1_000_000 * (double)0.1f, x.Reshape(1_000_000, 1).Sum(0).Item(), 0.2);
        Assert.Equal(500_000 * (double)0.1f, x.Reshape(500_000, 2).Sum(0).ToDoubles()[1], 5.0);     // one by one: 500 off
        Assert.Equal(16_777_217, Tensor.Ones([16_777_217 / 31, 31]).Sum().Item() + 16_777_217 % 31, 0.0);
    }

    // Widths about a vector's, and enough rows for several threads.
    [Theory]
    [InlineData(3, 1), InlineData(5, 7), InlineData(4, 8), InlineData(2, 9), InlineData(300, 61)]
    public void Softmax_of_rows_is_its_composed_form(int rows, int width)
    {
        var x = Leaf(Tensor.Normal([rows, width], 0, 3, new Rng(7), DType.Float64));
        var powers = (x - x.Max(-1, keepDims: true)).Exp();
        Close((powers / powers.Sum(-1, keepDims: true)).ToDoubles(), x.Softmax());

        var seed = Tensor.Normal(x.Shape, rng: new Rng(8), dtype: DType.Float64);
        var fused = Gradients.Of(x.Softmax(), [x], seed: seed)[0];
        Close(Gradients.Of(x.Softmax(), [x], createGraph: true, seed: seed)[0].ToDoubles(), fused);
        Close(Gradients.Of(x.Transpose().Softmax(0).Transpose(), [x], seed: seed)[0].ToDoubles(), fused);
    }
}
