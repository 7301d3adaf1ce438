using FsCheck;
using FsCheck.Fluent;

namespace MicroGrad.Net.Tests;

public class SplitTests
{
    [Fact]
    public void Parts_are_disjoint_and_together_all_rows() =>
        Prop.ForAll(Gen.Choose(2, 500).ToArbitrary(), Gen.Choose(1, 99).ToArbitrary(), (count, percent) =>
        {
            var test = (int)Math.Round(count * (percent / 100.0));
            if (test == 0 || test == count) return true;
            var (train, held) = Split.Train(count, percent / 100.0, new Rng(3));
            return held.Length == test
                && train.Concat(held).Order().SequenceEqual(Enumerable.Range(0, count));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void The_order_is_random_and_repeats_per_seed()
    {
        var (train, test) = Split.Train(1000, 0.25, new Rng(3));
        Assert.Equal((750, 250), (train.Length, test.Length));
        Assert.NotEqual(test.Order(), test);
        Assert.Equal(train, Split.Train(1000, 0.25, new Rng(3)).Train);
        Assert.NotEqual(train, Split.Train(1000, 0.25, new Rng(4)).Train);
        Assert.InRange(test.Average(), 430, 570);
    }

    [Theory]
    [InlineData(100, 0.0)]
    [InlineData(100, 1.0)]
    [InlineData(100, -0.2)]
    [InlineData(100, double.NaN)]
    public void Fractions_outside_0_to_1_are_errors(int count, double fraction) => Assert.Contains("testFraction",
        Assert.Throws<ArgumentOutOfRangeException>(() => Split.Train(count, fraction, new Rng(1))).Message);

    [Fact]
    public void A_part_without_rows_is_an_error()
    {
        Assert.Equal("Split.Train: a test fraction of 0.1 of 3 rows leaves the test part empty.",
            Assert.Throws<ArgumentException>(() => Split.Train(3, 0.1, new Rng(1))).Message);
        Assert.Equal("Split.Train: a test fraction of 0.9 of 3 rows leaves the training part empty.",
            Assert.Throws<ArgumentException>(() => Split.Train(3, 0.9, new Rng(1))).Message);
        Assert.Throws<ArgumentException>(() => Split.Train(0, 0.5, new Rng(1)));
    }
}
