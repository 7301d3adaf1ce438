namespace MicroGrad.Net.Tests.Study.Report;

public sealed class HistogramTests
{
    static (int Part, int Count)[] Filled(Histogram histogram) =>
        [.. histogram.Counts.Index().Where(part => part.Item > 0)];

    [Fact]
    public void Values_are_counted_over_the_smallest_power_of_two_that_holds_them()
    {
        // 128 parts over ±4: each is 1/16 wide, and 0 begins part 64.
        var histogram = Histogram.OfValues([0, 0.01, 1, -1, 2.5], [-2.5, double.NaN, double.PositiveInfinity]);
        Assert.Equal((-4, 4), (histogram.Low, histogram.High));
        Assert.Equal([(24, 1), (48, 1), (64, 2), (80, 1), (104, 1)], Filled(histogram));
        Assert.Equal((-4, 4), (Histogram.OfValues([4, -4]).Low, Histogram.OfValues([4, -4]).High));
        Assert.Equal([(0, 1), (127, 1)], Filled(Histogram.OfValues([4, -4])));
        Assert.Equal(0.25, Histogram.OfValues([0.2]).High);
        Assert.Equal([(64, 3)], Filled(Histogram.OfValues([0, 0, 0])));
        Assert.Empty(Filled(Histogram.OfValues()));
    }

    [Fact]
    public void A_wider_range_gives_what_counting_over_it_would_have_given()
    {
        double[] values = [.. Enumerable.Range(0, 500).Select(i => Math.Sin(i) * 0.9)];
        Assert.Equal(Histogram.OfValues([.. values, 7.9]).Counts.Sum() - 1, Histogram.OfValues(values).Over(8).Counts.Sum());
        var (wide, direct) = (Histogram.OfValues(values).Over(8), Histogram.OfValues([.. values, 7.9]));
        Assert.Equal(direct.Counts.Take(127), wide.Counts.Take(127));
        Assert.Equal((-8, 8), (wide.Low, wide.High));
    }

    [Fact]
    public void Sizes_are_counted_by_their_decimal_logarithm_and_zeros_apart()
    {
        // Eight parts for each power of ten, from -12: 1 begins part 96.
        var histogram = Histogram.OfSizes([1, -1, 10, 0, 0, 1e-20], [1e9, -1e-12]);
        Assert.Equal([(0, 2), (96, 2), (104, 1), (127, 1)], Filled(histogram));
        Assert.Equal(2, histogram.Zeros);
        // Many sizes, beside the logarithm.
        var rng = new Rng(3);
        double[] sizes = [.. Enumerable.Range(0, 10_000).Select(_ => Math.Pow(10, rng.Uniform(-14, 6)))];
        var counts = new int[Histogram.Bins];
        foreach (var size in sizes) counts[Math.Clamp((int)Math.Floor((Math.Log10(size) + 12) * 8), 0, 127)]++;
        Assert.Equal(counts, Histogram.OfSizes(sizes, [double.NaN, double.PositiveInfinity]).Counts);
    }
}
