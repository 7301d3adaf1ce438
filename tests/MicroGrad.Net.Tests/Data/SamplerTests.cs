using MathNet.Numerics.Distributions;

namespace MicroGrad.Net.Tests;

public class SamplerTests
{
    /// <summary>What a fair draw exceeds once in 10⁹.</summary>
    static double Limit(int classes) => new ChiSquared(classes - 1).InverseCumulativeDistribution(1 - 1e-9);

    /// <summary>Pearson's measure of how far counts are from what probabilities lead to expect.</summary>
    static double Distance(IEnumerable<int> counts, double[] probabilities, int draws) =>
        counts.Select((count, i) => Math.Pow(count - draws * probabilities[i], 2) / (draws * probabilities[i])).Sum();

    static int[] Counts(IEnumerable<int> rows, int count)
    {
        var counts = new int[count];
        foreach (var row in rows) counts[row]++;
        return counts;
    }

    [Fact]
    public void With_replacement_rows_come_in_proportion_to_their_weights()
    {
        double[] weights = [3, 0, 1, 0.5, 0, 0, 5.5, 0];
        var counts = Counts(new WeightedSampler(weights, count: 100_000).Draw(new Rng(1)), weights.Length);
        Assert.All(Enumerable.Range(0, 8).Where(i => weights[i] == 0), row => Assert.Equal(0, counts[row]));
        int[] drawn = [0, 2, 3, 6];
        double[] probabilities = [.. drawn.Select(i => weights[i] / 10)];
        Assert.True(Distance(drawn.Select(i => counts[i]), probabilities, 100_000) < Limit(4));
    }

    [Fact]
    public void Without_replacement_each_draw_is_by_the_weights_of_the_rows_that_are_left()
    {
        double[] weights = [1, 0, 2, 5];
        var sampler = new WeightedSampler(weights, count: 2, replacement: false);
        var rng = new Rng(2);
        const int Draws = 40_000;
        var pairs = Enumerable.Range(0, Draws).Select(_ => sampler.Draw(rng)).CountBy(rows => (rows[0], rows[1])).ToDictionary();
        (int First, int Second)[] possible = [(0, 2), (0, 3), (2, 0), (2, 3), (3, 0), (3, 2)];
        Assert.Equal(Draws, possible.Sum(pair => pairs[pair]));
        double[] probabilities =
            [.. possible.Select(pair => weights[pair.First] / 8 * weights[pair.Second] / (8 - weights[pair.First]))];
        Assert.True(Distance(possible.Select(pair => pairs[pair]), probabilities, Draws) < Limit(possible.Length));
    }

    [Fact]
    public void All_rows_without_replacement_are_an_order_of_them()
    {
        double[] weights = [.. Enumerable.Range(1, 50).Select(i => Math.Pow(10, i - 25))];
        Assert.Equal(Enumerable.Range(0, 50), new WeightedSampler(weights, replacement: false).Draw(new Rng(3)).Order());
    }

    [Theory]
    [InlineData(double.MaxValue)]
    [InlineData(double.Epsilon)]
    public void The_unit_of_the_weights_does_not_matter(double unit)
    {
        foreach (var replacement in new[] { true, false })
        {
            int[] Draw(double unit) =>
                new WeightedSampler([unit, unit, 0, unit, unit], count: 4, replacement).Draw(new Rng(4));
            Assert.Equal(Draw(1), Draw(unit));
            Assert.DoesNotContain(2, Draw(unit));
        }
    }

    [Fact]
    public void Balanced_epochs_have_as_many_rows_of_each_class_and_batches_too()
    {
        int[] labels = [.. Enumerable.Range(0, 100).Select(i => i < 90 ? 4 : i < 97 ? 0 : 2)];      // 90, 7 and 3
        var sampler = new BalancedSampler(labels);
        Assert.Equal((34, 102, 100), (sampler.PerClass, sampler.Count, sampler.RowCount));
        var (first, second) = (sampler.Draw(new Rng(1)), sampler.Draw(new Rng(2)));
        Assert.All(first.Chunk(3), group => Assert.Equal([0, 2, 4], group.Select(row => labels[row]).Order()));
        // Not always in the same order within a group.
        Assert.All([0, 2, 4], label => Assert.Contains(first.Chunk(3), group => labels[group[0]] == label));
        var counts = Counts(first, 100);
        Assert.All(counts[..90], count => Assert.InRange(count, 0, 1));
        Assert.All(counts[90..97], count => Assert.InRange(count, 4, 5));      // 34 = 4 · 7 + 6
        Assert.All(counts[97..], count => Assert.InRange(count, 11, 12));
        Assert.NotEqual(first.Where(row => row < 90).Order(), second.Where(row => row < 90).Order());
        Assert.Equal(first, sampler.Draw(new Rng(1)));
    }

    [Fact]
    public void Oversampling_has_all_rows_of_the_largest_class_and_undersampling_of_the_smallest()
    {
        int[] labels = [1, 0, 1, 1, 0, 1, 1];
        var over = BalancedSampler.Oversample(labels);
        var counts = Counts(over.Draw(new Rng(1)), 7);
        Assert.Equal(10, over.Count);
        Assert.All([0, 2, 3, 5, 6], row => Assert.Equal(1, counts[row]));
        Assert.Equal([2, 3], new[] { counts[1], counts[4] }.Order());

        var under = BalancedSampler.Undersample(labels);
        var rng = new Rng(1);
        var seen = new HashSet<int>();
        Assert.Equal(4, under.Count);
        for (var epoch = 0; epoch < 20; epoch++)
        {
            var rows = under.Draw(rng);
            Assert.Equal(4, rows.Distinct().Count());
            Assert.Equal([1, 4], rows.Where(row => labels[row] == 0).Order());
            seen.UnionWith(rows);
        }
        Assert.Equal(7, seen.Count);
    }

    [Fact]
    public void Batches_hold_the_rows_that_the_sampler_draws_with_their_targets()
    {
        int[] labels = [0, 0, 0, 0, 0, 0, 0, 1, 1];
        var x = Tensor.Arange(9);
        var sampler = BalancedSampler.Oversample(labels);
        var batches = Batches.Of(x, labels, sampler, size: 4, rng: new Rng(1));
        Assert.Equal((9, 14, 4, true), (batches.RowCount, batches.EpochRows, batches.Count, batches.Shuffle));
        Assert.Equal(sampler.Draw(new Rng(1)), batches.SelectMany(batch =>
        {
            Assert.Equal(batch.Indices.Select(row => (float)row), batch.X.ToArray<float>());
            Assert.Equal(batch.Indices.Select(row => labels[row]), batch.Y);
            Assert.Equal(batch.Count / 2, batch.Y.Sum());
            return batch.Indices;
        }));
        Assert.Equal([4, 4, 4, 2], batches.Select(batch => batch.Count));
        Assert.Equal([4, 4, 4], Batches.Of(x, labels, sampler, size: 4, dropLast: true).Select(batch => batch.Count));

        var outer = new WeightedSampler([1, 0, 0, 0, 0, 0, 0, 0, 1], count: 50);
        var tensors = Batches.Of(x, x * 2, outer, size: 50, rng: new Rng(1)).Single();
        Assert.Equal([0, 8], tensors.Indices.Distinct().Order());
        Assert.Equal((tensors.X * 2).ToArray<float>(), tensors.Y.ToArray<float>());
    }

    [Fact]
    public void A_position_resumes_the_rest_of_a_drawn_epoch_and_a_checkpoint_keeps_it()
    {
        var path = Path.Combine(Directory.CreateTempSubdirectory("micrograd").FullName, "x.safetensors");
        var sampler = new WeightedSampler([.. Enumerable.Range(1, 10).Select(i => (double)i)], count: 12);
        Batches<Tensor, Tensor> New(ulong seed) => Batches.Of(Tensor.Arange(10), Tensor.Arange(10), sampler, size: 3, rng: new Rng(seed))
            .Map((x, random) => x + random.NextDouble(), prefetch: 0);
        static double[] Rest(IEnumerable<Batch<Tensor, Tensor>> batches) =>
            [.. batches.SelectMany(batch => batch.X.ToDoubles())];
        var (whole, stopped, resumed) = (New(5), New(5), New(99));
        var (epoch, next) = (Rest(whole), Rest(whole));
        Assert.Equal(12, epoch.Length);
        var first = Rest(stopped.Take(2));
        static Checkpoint Of(Batches<Tensor, Tensor> batches) => new Checkpoint(new Linear(1, 1)).Add("batches", batches);
        Of(stopped).Save(path);
        Of(resumed).Load(path);
        Assert.Equal(2, resumed.Position.Next);
        Assert.Equal(epoch, first.Concat(Rest(resumed)));
        Assert.Equal(next, Rest(resumed));
        Directory.Delete(Path.GetDirectoryName(path)!, recursive: true);
    }

    sealed class Wrong(int rowCount, int count, int[] drawn) : Sampler(rowCount, count)
    {
        public override int[] Draw(Rng rng) => drawn;
    }

    [Fact]
    public void Bad_arguments_are_named()
    {
        static string Range(Func<object> call) => Assert.Throws<ArgumentOutOfRangeException>(call).Message;
        static string Value(Func<object> call) => Assert.Throws<ArgumentException>(call).Message;
        Assert.Equal("WeightedSampler: weights[1] is -0.5, but must be finite, and 0 or more.",
            Range(() => new WeightedSampler([1, -0.5])));
        Assert.Equal("WeightedSampler: weights[0] is NaN, but must be finite, and 0 or more.",
            Range(() => new WeightedSampler([double.NaN, 1])));
        Assert.Contains("weights[0] is Infinity", Range(() => new WeightedSampler([double.PositiveInfinity])));
        Assert.Equal("WeightedSampler: all 3 weights are 0, so no row can be drawn.",
            Value(() => new WeightedSampler([0, 0, 0])));
        Assert.Equal("WeightedSampler: count is 3, but must be at most 2 without replacement, since no more weights are "
            + "positive.", Range(() => new WeightedSampler([1, 0, 2], replacement: false)));
        Assert.Contains("number of rows is 0", Range(() => new WeightedSampler([])));
        Assert.Contains("count is 0", Range(() => new WeightedSampler([1], count: 0)));
        Assert.Equal("BalancedSampler: labels[1] is -100, but must be 0 or more.",
            Range(() => new BalancedSampler([1, -100])));
        Assert.Contains("number of labels is 0", Range(() => BalancedSampler.Oversample([])));
        Assert.Contains("perClass is -1", Range(() => new BalancedSampler([1, 0], perClass: -1)));

        var x = Tensor.Arange(3);
        Assert.Equal("Batches: the sampler draws from 2 rows, but there are 3.",
            Value(() => Batches.Of(x, [1, 1, 0], new BalancedSampler([1, 0]))));
        Assert.Contains("at most 4, the number of rows of an epoch",
            Range(() => Batches.Of(x, [1, 1, 0], BalancedSampler.Oversample([1, 1, 0]), size: 5, dropLast: true)));
        Assert.Equal("Batches: the sampler drew 2 rows, but its Count is 3.",
            Value(() => Batches.Of(x, x, new Wrong(3, 3, [0, 1])).First()));
        Assert.Contains("index 7 at position 1", Range(() => Batches.Of(x, x, new Wrong(3, 2, [0, 7])).First()));
    }
}
