using static MicroGrad.Net.Tests.Numbers;

namespace MicroGrad.Net.Tests;

/// <summary>Orders, and elements taken from and put to places that differ from row to row.</summary>
public sealed class SortingTests
{
    const double NaN = double.NaN, Inf = double.PositiveInfinity;

    [Fact]
    public void Sort_orders_numbers_of_all_kinds_and_keeps_equals_in_order()
    {
        foreach (var dtype in Enum.GetValues<DType>())
        {
            var x = Vector(2, NaN, -Inf, 0, -0.0, Inf, -1.5, 2, NaN, 1e-30).To(dtype);
            var (values, indices) = x.Sort();
            Assert.Equal([2, 6, 3, 4, 9, 0, 7, 5, 1, 8], indices);
            Assert.Equal(indices.Select(i => x.ToDoubles()[i]), values.ToDoubles());
            (values, indices) = x.Sort(descending: true);
            Assert.Equal([1, 8, 5, 0, 7, 9, 3, 4, 6, 2], indices);
            Assert.Equal(indices.Select(i => x.ToDoubles()[i]), values.ToDoubles());
            Assert.Equal(indices, x.ArgSort(0, descending: true));
        }
    }

    [Fact]
    public void TopK_takes_the_first_of_what_Sort_gives()
    {
        var rng = new Rng(1);
        foreach (var count in (int[])[1, 2, 7, 100, 300])
            foreach (var k in (int[])[0, 1, 2, 5, 64, 65, 299])
            {
                if (k > count) continue;
                // Many ties.
                var x = Tensor.From([2, count, 3], [.. Enumerable.Range(0, 6 * count).Select(_ => (float)rng.Next(20))]);
                foreach (var largest in (bool[])[true, false])
                {
                    var (values, indices) = x.TopK(k, 1, largest);
                    var (sorted, order) = x.Sort(1, largest);
                    SameBits(sorted.Narrow(1, 0, k), values);
                    Equal(values.Shape, [.. indices.Select(i => (double)i)], Tensor.From(sorted.Shape, [.. order.Select(i => (float)i)]).Narrow(1, 0, k));
                }
            }
    }

    [Fact]
    public void Sort_agrees_with_a_stable_sort_of_NET_along_any_axis()
    {
        var rng = new Rng(2);
        foreach (var axis in (int[])[0, 1, 2])
        {
            // Rows so long that .NET's own sort would not keep equals in order.
            var x = Tensor.From([40, 30, 50], [.. Enumerable.Range(0, 60_000).Select(_ => rng.Next(9) - 4.0)]);
            var last = x.Transpose(axis, 2);
            var rows = last.ToDoubles().Chunk(last.Shape[2]).Select(row => row.OrderBy(value => value).ToArray()).SelectMany(row => row);
            Assert.Equal(rows, x.Sort(axis).Values.Transpose(axis, 2).ToDoubles());
            var places = last.ToDoubles().Chunk(last.Shape[2]).SelectMany(row => Enumerable.Range(0, row.Length).OrderBy(i => row[i]).Select(i => (double)i));
            Assert.Equal(places, Tensor.From(x.Shape, [.. x.ArgSort(axis).Select(i => (double)i)]).Transpose(axis, 2).ToDoubles());
        }
    }

    [Fact]
    public void Gradients_go_back_to_where_the_values_came_from()
    {
        var x = Leaf([2, 3], 3, 1, 2, 4, 6, 5);
        var (values, indices) = x.TopK(2);
        Equal([2, 2], [3, 2, 6, 5], values);
        Assert.Equal([0, 2, 1, 2], indices);
        values.Backward(Tensor.From([2, 2], [1.0, 10, 100, 1000]));
        Equal([2, 3], [1, 0, 10, 0, 100, 1000], x.Grad);
        Equal([2, 2], [30, 20, 60, 50], (10 * x).TakeAlong(indices));
    }

    [Fact]
    public void Nothing_has_an_order_too()
    {
        Equal([0], [], Tensor.Zeros([0]).Sort().Values);
        Equal([2, 0], [], Tensor.Zeros([2, 3]).TopK(0).Values);
        Equal([0, 3], [], Tensor.Zeros([0, 3]).Sort().Values);
        Equal([0, 2], [], Tensor.Zeros([0, 3]).TopK(2).Values);
        Equal([3, 0], [], Tensor.Zeros([3, 0]).Sort(0).Values);
        Equal([2, 0], [], Tensor.Zeros([2, 3]).TakeAlong([]));
        Equal([2], [1, 2], Vector(1, 2).ScatterAdd([], Vector()));
        Equal([2], [1, 2], Vector(1, 2).Scatter([], Vector()));
    }

    [Fact]
    public void TakeAlong_Scatter_and_ScatterAdd_follow_their_formulas()
    {
        var rng = new Rng(3);
        var (x, values) = (Tensor.Normal([3, 4, 5], rng: rng), Tensor.Normal([3, 6, 5], rng: rng));
        int[] indices = [.. Enumerable.Range(0, 90).Select(_ => (int)rng.Next(8) - 4)];
        var (taken, put, added) = (new double[90], x.ToDoubles(), x.ToDoubles());
        for (var i = 0; i < 3; i++)
            for (var j = 0; j < 6; j++)
                for (var k = 0; k < 5; k++)
                {
                    var from = (i * 6 + j) * 5 + k;
                    var at = (i * 4 + (indices[from] + 4) % 4) * 5 + k;
                    taken[from] = x.ToDoubles()[at];
                    put[at] = values.ToDoubles()[from];
                    added[at] += values.ToDoubles()[from];
                }
        Equal([3, 6, 5], taken, x.TakeAlong(indices, 1));
        Equal([3, 4, 5], put, x.Scatter(indices, values, 1));
        Assert.Equal([3, 4, 5], x.ScatterAdd(indices, values, 1).Shape);
        Close(added, x.ScatterAdd(indices, values, 1), 1e-5);
    }

    [Fact]
    public void Of_values_put_in_one_place_only_the_last_counts()
    {
        var (x, values) = (Leaf([2], 1, 2), Leaf([3], 10, 20, 30));
        var y = x.Scatter([1, 0, 1], values);
        Equal([2], [20, 30], y);
        y.Backward(Vector(5, 7));
        Equal([2], [0, 0], x.Grad);
        Equal([3], [0, 5, 7], values.Grad);
    }

    [Fact]
    public void What_does_not_fit_is_named()
    {
        var x = Tensor.Zeros([2, 3]);
        Assert.Equal("top-k: k is 4, but must be from 0 to 3, the size of axis 1 of [2, 3].", Message<ArgumentOutOfRangeException>(() => x.TopK(4)));
        Assert.Equal("sort: [2, 3] has no axis 2; its axes are -2 to 1.", Message<ShapeException>(() => x.Sort(2)));
        Assert.Equal("take along: index 3 at position 1 is not in -3..2.", Message<ArgumentOutOfRangeException>(() => x.TakeAlong([0, 3])));
        Assert.Equal("take along: [2, 3] has 2 rows along axis 1, which cannot have equal shares of 3 indices.",
            Message<ShapeException>(() => x.TakeAlong([0, 1, 2])));
        Assert.Equal("scatter: [2, 3] and the values [3, 1] differ beside axis 1.",
            Message<ShapeException>(() => x.Scatter([0, 0, 0], Tensor.Zeros([3, 1]))));
        Assert.Equal("scatter add: the values [2, 1] take 2 indices, but 1 were given.",
            Message<ShapeException>(() => x.ScatterAdd([0], Tensor.Zeros([2, 1]))));
        Assert.Throws<DTypeException>(() => x.ScatterAdd([0, 0], Tensor.Zeros([2, 1], DType.Float64)));
    }

    [Fact]
    public void Running_products_know_zeros()
    {
        var x = Leaf([2, 4], 2, 0, 3, 0, 1, 2, 3, 4);
        var y = x.CumulativeProduct(1);
        Equal([2, 4], [2, 0, 0, 0, 1, 2, 6, 24], y);
        y.Sum().Backward();
        Equal([2, 4], [1, 8, 0, 0, 33, 16, 10, 6], x.Grad);
        var powers = Tensor.Full([1000], 1.001, DType.Float64).CumulativeProduct(0).ToDoubles();
        Assert.All(powers.Index(), one => Assert.Equal(Math.Pow(1.001, one.Index + 1), one.Item, 1e-13 * one.Item));
    }

    [Fact]
    public void Normalize_gives_length_1_but_to_what_has_none()
    {
        Close([0.6, 0.8, 0, 0], Tensor.From([[3, 4], [0, 0]], DType.Float64).Normalize());
        Close([3.0 / 7, 4.0 / 7], Vector(3, 4).Normalize(1));
        Close([0.75, 1], Vector(3, 4).Normalize(Inf));
        Close([1, 0, 1, 0], Tensor.From([[3, 0], [4, 0]], DType.Float64).Normalize(double.PositiveInfinity, 1));
    }
}
