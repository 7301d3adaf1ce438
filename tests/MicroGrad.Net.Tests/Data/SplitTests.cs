using FsCheck;
using FsCheck.Fluent;

namespace MicroGrad.Net.Tests;

[Properties(Arbitrary = [typeof(Case)])]
public class SplitTests
{
    /// <summary>How many rows, and how many in a hundred of them are to test.</summary>
    public sealed record Case(int Count, int Percent)
    {
        internal int Test => (int)Math.Round(Count * (Percent / 100.0));

        public static Arbitrary<Case> WithTwoParts { get; } = Arbitraries.Of(
            n => new Case(n[0], n[1]), one => [one.Count, one.Percent], (2, 500), (1, 99))
            .Filter(one => one.Test > 0 && one.Test < one.Count);
    }

    [Property]
    public void Parts_are_disjoint_and_together_all_rows(Case one)
    {
        var (train, held) = Split.Train(one.Count, one.Percent / 100.0, new Rng(3));
        Assert.Equal(one.Test, held.Length);
        Assert.Equal(Enumerable.Range(0, one.Count), train.Concat(held).Order());
    }

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
