namespace MicroGrad.Net.Tests;

public class BatchesTests
{
    static (Tensor X, int[] Labels) Numbered(int count)
    {
        // Row i holds i, i + 1/4, i + 1/2, its label is 2i.
        var values = Enumerable.Range(0, 3 * count).Select(k => k / 3 + k % 3 / 4f).ToArray();
        return (Tensor.From([count, 1, 3], values), [.. Enumerable.Range(0, count).Select(i => 2 * i)]);
    }

    [Theory]
    [InlineData(10, 3, false, 4)]
    [InlineData(10, 3, true, 3)]
    [InlineData(10, 5, true, 2)]
    [InlineData(10, 5, false, 2)]
    [InlineData(10, 10, true, 1)]
    [InlineData(10, 64, false, 1)]
    [InlineData(1, 1, true, 1)]
    public void An_epoch_has_every_row_once_with_its_label(int rows, int size, bool dropLast, int count)
    {
        var (x, labels) = Numbered(rows);
        var batches = Batches.Of(x, labels, size, dropLast: dropLast, rng: new Rng(1));
        Assert.Equal(count, batches.Count);
        var seen = new List<int>();
        var number = 0;
        foreach (var batch in batches)
        {
            var full = number++ < rows / size;
            Assert.Equal(full ? size : rows % size, batch.Count);
            Assert.Equal(Shape.Of(batch.Count, 1, 3), batch.X.Shape);
            for (var i = 0; i < batch.Count; i++)
            {
                var row = batch.Indices[i];
                Assert.Equal(2 * row, batch.Y[i]);
                Assert.Equal([row, row + 0.25f, row + 0.5f], batch.X.AsSpan<float>().Slice(3 * i, 3).ToArray());
            }
            seen.AddRange(batch.Indices);
        }
        Assert.Equal(count, number);
        Assert.Equal(dropLast ? rows / size * size : rows, seen.Distinct().Count());
        Assert.Equal(seen.Count, seen.Distinct().Count());
    }

    [Fact]
    public void Rows_asked_for_are_one_batch_and_move_nothing_on()
    {
        var data = Batches.Of(Tensor.Arange(0, 6).Reshape(6, 1), [10, 11, 12, 13, 14, 15], size: 2, rng: new Rng(1));
        var (state, position) = (data.Generator.State, data.Position);
        var batch = data.Rows(4, 1);
        Assert.Equal([4f, 1f], batch.X.ToArray<float>());
        Assert.Equal([14, 11], batch.Y);
        Assert.Equal([4, 1], batch.Indices);
        Assert.Equal((state, position), (data.Generator.State, data.Position));
        Assert.Contains("row is 6", Assert.Throws<ArgumentOutOfRangeException>(() => data.Rows(6)).Message);
    }

    [Fact]
    public void Batches_take_apart_into_rows_and_targets()
    {
        var (x, labels) = Numbered(7);
        var rows = 0;
        foreach (var (batchX, batchLabels) in Batches.Of(x, labels, 2))
        {
            Assert.Equal(batchX.Shape[0], batchLabels.Length);
            rows += batchLabels.Length;
        }
        foreach (var (batchX, batchY) in Batches.Of(x, x * 2, 2))
        {
            Assert.Equal((batchX * 2).ToArray<float>(), batchY.ToArray<float>());
            rows += batchY.Shape[0];
        }
        Assert.Equal(14, rows);
    }

    [Fact]
    public void Shuffled_order_differs_per_epoch_and_repeats_per_seed()
    {
        var (x, labels) = Numbered(100);
        static int[] Epoch(Batches<Tensor, int[]> batches) => [.. batches.SelectMany(batch => batch.Indices)];
        var first = Batches.Of(x, labels, 8, rng: new Rng(5));
        var again = Batches.Of(x, labels, 8, rng: new Rng(5));
        var (a1, a2, b1, b2) = (Epoch(first), Epoch(first), Epoch(again), Epoch(again));
        Assert.NotEqual(a1, a2);
        Assert.Equal(a1, b1);
        Assert.Equal(a2, b2);
        Assert.NotEqual(a1, Epoch(Batches.Of(x, labels, 8, rng: new Rng(6))));
        Assert.NotEqual(Enumerable.Range(0, 100), a1);
    }

    [Fact]
    public void An_epoch_follows_from_the_state_of_the_generator()
    {
        var (x, labels) = Numbered(50);
        var rng = new Rng(5);
        var batches = Batches.Of(x, labels, 8, rng: rng);
        Assert.Equal(2, batches.Last().Count);
        var state = rng.State;
        var order = batches.SelectMany(batch => batch.Indices).ToArray();
        rng.State = state;
        Assert.Equal(order, batches.SelectMany(batch => batch.Indices));
    }

    [Fact]
    public void Without_shuffling_rows_keep_their_order_and_no_random_number_is_drawn()
    {
        var (x, labels) = Numbered(9);
        var rng = new Rng(5);
        var batches = Batches.Of(x, labels, 4, shuffle: false, rng: rng);
        Assert.Equal(Enumerable.Range(0, 9), batches.SelectMany(batch => batch.Indices));
        Assert.Equal(labels, batches.SelectMany(batch => batch.Y));
        Assert.Equal(new Rng(5).State, rng.State);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_position_resumes_the_rest_of_its_epoch_and_then_whole_ones(bool shuffle)
    {
        var (x, labels) = Numbered(10);
        Batches<Tensor, int[]> New(Rng rng) => Batches.Of(x, labels, 3, shuffle, rng: rng);
        for (var stop = 0; stop <= 4; stop++)
        {
            var rng = new Rng(5);
            var batches = New(rng);
            Assert.Equal(default, batches.Position);
            var first = new List<int>();
            if (stop > 0)
                foreach (var batch in batches)
                {
                    first.AddRange(batch.Indices);
                    if (batches.Position.Next == stop) break;
                }
            var (position, state) = (batches.Position, rng.State);
            Assert.Equal(stop, position.Next);

            var again = new Rng(99) { State = state };
            var resumed = New(again);
            resumed.Position = position;
            Assert.Equal(position, resumed.Position);
            var rest = resumed.SelectMany(batch => batch.Indices).ToArray();
            var whole = New(new Rng(5)).SelectMany(batch => batch.Indices).ToArray();
            Assert.Equal(whole, first.Concat(rest));
            if (stop > 0) Assert.Equal(state, again.State);
            Assert.Equal(default, resumed.Position);
            Assert.Equal(10, resumed.SelectMany(batch => batch.Indices).Distinct().Count());
        }
        Assert.Throws<ArgumentOutOfRangeException>(() => New(new Rng(1)).Position = new BatchPosition(new Rng(1).State, 5));
        Assert.Throws<ArgumentOutOfRangeException>(() => New(new Rng(1)).Position = new BatchPosition(new Rng(1).State, -1));
        if (shuffle) Assert.Throws<ArgumentException>(() => New(new Rng(1)).Position = new BatchPosition(default, 1));
    }

    [Fact]
    public void An_enumeration_that_was_left_does_not_shorten_the_next()
    {
        var (x, labels) = Numbered(10);
        var batches = Batches.Of(x, labels, 3, rng: new Rng(5));
        Assert.Equal(3, batches.First().Count);
        Assert.Equal(10, batches.Sum(batch => batch.Count));
    }

    [Fact]
    public void Rows_of_doubles_and_of_parameters_carry_no_gradient()
    {
        var x = new Parameter(Tensor.Normal([6, 2], rng: new Rng(1), dtype: DType.Float64));
        var batch = Batches.Of(x, x, 6, shuffle: false).Single();
        Assert.False(batch.X.RequiresGrad || batch.Y.RequiresGrad);
        Assert.Equal(x.ToArray<double>(), batch.X.ToArray<double>());
    }

    [Fact]
    public void Bad_arguments_are_named()
    {
        var (x, labels) = Numbered(4);
        var error = Assert.Throws<ShapeException>(() => Batches.Of(x, [1, 2, 3]));
        Assert.Equal("Batches: x [4, 1, 3] has 4 rows, but there are 3 targets.", error.Message);
        error = Assert.Throws<ShapeException>(() => Batches.Of(x, Tensor.Zeros([5, 1])));
        Assert.Equal("Batches: x [4, 1, 3] has 4 rows, but there are 5 targets.", error.Message);
        Assert.Throws<ShapeException>(() => Batches.Of(Tensor.Zeros([0, 3]), []));
        Assert.Throws<ShapeException>(() => Batches.Of(Tensor.Scalar(1), [1]));
        Assert.Throws<ShapeException>(() => Batches.Of(x, Tensor.Scalar(1)));
        Assert.Contains("size is 0", Assert.Throws<ArgumentOutOfRangeException>(
            () => Batches.Of(x, labels, 0)).Message);
        Assert.Contains("at most 4", Assert.Throws<ArgumentOutOfRangeException>(
            () => Batches.Of(x, labels, 5, dropLast: true)).Message);
    }

    [Fact]
    public void A_batch_that_was_read_in_a_scope_is_read_anew_after_it()
    {
        var (x, y) = (Tensor.Arange(4).Reshape(4, 1), Tensor.Arange(4) * 2);
        var batch = Batches.Of(x, y, 2, shuffle: false).Last();
        Tensor inside;
        using (new StepScope())
        {
            inside = batch.X;
            Assert.Same(inside, batch.X);
            Assert.Equal([4, 6], batch.Y.ToDoubles());
        }
        Assert.Throws<InvalidOperationException>(() => inside.ToDoubles());
        var (inputs, targets) = batch;
        Assert.Equal([2, 3], inputs.ToDoubles());
        Assert.Equal([4, 6], targets.ToDoubles());
    }

    [Fact]
    public void Inputs_of_any_kind_are_put_together_by_functions_of_the_rows()
    {
        var (images, ids) = (Tensor.Arange(6), new[] { 5, 4, 3, 2, 1, 0 });
        var batches = Batches.Of(6, rows => (Image: images.Select(rows), Ids: Array.ConvertAll(rows, row => ids[row])),
            rows => Array.ConvertAll(rows, row => row % 2), size: 4, rng: new Rng(1));
        Assert.Equal(2, batches.Count);
        var seen = new List<int>();
        foreach (var batch in batches)
        {
            var (x, y) = batch;
            Assert.Equal(batch.Indices.Select(row => (double)row), x.Image.ToDoubles());
            Assert.Equal(batch.Indices.Select(row => 5 - row), x.Ids);
            Assert.Equal(batch.Indices.Select(row => row % 2), y);
            seen.AddRange(batch.Indices);
        }
        Assert.Equal([0, 1, 2, 3, 4, 5], seen.Order());
        var doubled = batches.Map((x, _) => (x.Image * 2, x.Ids), prefetch: 1).First();
        Assert.Equal(doubled.Indices.Select(row => 2.0 * row), doubled.X.Image.ToDoubles());
        Assert.Throws<ArgumentOutOfRangeException>(() => Batches.Of(0, rows => rows, rows => rows));
    }
}
