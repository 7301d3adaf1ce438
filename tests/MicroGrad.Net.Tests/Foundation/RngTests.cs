using MathNet.Numerics.Distributions;
using static MicroGrad.Net.Tests.Numbers;

namespace MicroGrad.Net.Tests;

public sealed class RngTests
{
    /// <summary>xoshiro256** after its authors' C code, seeded by SplitMix64, written here a second time.</summary>
    static IEnumerable<ulong> Reference(ulong seed)
    {
        var s = new ulong[4];
        for (var i = 0; i < 4; i++)
        {
            seed += 0x9e3779b97f4a7c15;
            var z = seed;
            z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
            z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
            s[i] = z ^ (z >> 31);
        }
        static ulong Rotate(ulong x, int k) => (x << k) | (x >> (64 - k));
        while (true)
        {
            yield return Rotate(s[1] * 5, 7) * 9;
            var t = s[1] << 17;
            s[2] ^= s[0];
            s[3] ^= s[1];
            s[1] ^= s[2];
            s[0] ^= s[3];
            s[2] ^= t;
            s[3] = Rotate(s[3], 45);
        }
    }

    [Theory]
    [InlineData(0ul)]
    [InlineData(1ul)]
    [InlineData(ulong.MaxValue)]
    public void The_bits_are_those_of_the_published_generator(ulong seed)
    {
        var rng = new Rng(seed);
        Assert.Equal(Reference(seed).Take(1000), Enumerable.Range(0, 1000).Select(_ => rng.NextBits()));
    }

    [Fact]
    public void A_uniform_draw_is_never_the_upper_bound()
    {
        Assert.True(Tensor.Uniform([2_000_000], 0, 1, new Rng(1))[395951].Item() < 1);
        foreach (var (low, high) in ((double, double)[])[(0, 1), (1, 2), (-1, 0.1), (0.1, 0.30000001), (16777216, 16777218),
            (-3e38, 3e38), (1, 1 + 1e-7), (0.1f, Math.BitIncrement((double)0.1f)), (-1e-45, 1e-45)])
        {
            // The largest draw there is, and ordinary ones.
            var rng = new Rng(3);
            var draws = Tensor.Uniform([300], low, high, new Rng(2)).ToDoubles();
            Assert.All(draws, draw => Assert.InRange(draw, low, Math.BitDecrement(high)));
            for (var i = 0; i < 300; i++) Assert.InRange(rng.Uniform(low, high), low, Math.BitDecrement(high));
        }
        var doubles = Tensor.Uniform([300], -1.7e308, 1.7e308, new Rng(2), DType.Float64).ToDoubles();
        Assert.All(doubles, draw => Assert.InRange(draw, -1.7e308, Math.BitDecrement(1.7e308)));
        Assert.True(doubles.Min() < -1e308 && doubles.Max() > 1e308);
        Assert.All(Tensor.Uniform([9], 0.1, 0.1).ToDoubles(), draw => Assert.Equal(0.1f, draw));
    }

    [Fact]
    public void Bounds_that_are_no_range_are_named()
    {
        Assert.Equal("uniform: low is 2, but must be at most high (1).",
            Message<ArgumentOutOfRangeException>(() => Tensor.Uniform([2], 2, 1)));
        foreach (var bad in (double[])[double.NaN, double.PositiveInfinity, double.NegativeInfinity])
        {
            Assert.Throws<ArgumentOutOfRangeException>(() => Tensor.Uniform([2], bad, 1));
            Assert.Throws<ArgumentOutOfRangeException>(() => Tensor.Uniform([2], 0, bad, dtype: DType.Float64));
            Assert.Throws<ArgumentOutOfRangeException>(() => new Rng(1).Uniform(bad, 1));
            Assert.Throws<ArgumentOutOfRangeException>(() => Tensor.Normal([2], bad));
            Assert.Throws<ArgumentOutOfRangeException>(() => Tensor.Normal([2], 0, bad));
        }
        Assert.Throws<ArgumentOutOfRangeException>(() => Tensor.Normal([2], 0, -1));
        Assert.Equal("uniform: high is 1E+300, but must be a finite Float32.",
            Message<ArgumentOutOfRangeException>(() => Tensor.Uniform([2], 0, 1e300)));
    }

    [Fact]
    public void The_first_numbers_from_the_state_1_2_3_4_are_the_published_ones()
    {
        // The test vector that implementations of xoshiro256** share.
        var rng = new Rng(0) { State = new RngState(1, 2, 3, 4) };
        ulong[] expected =
        [
            11520, 0, 1509978240, 1215971899390074240, 1216172134540287360, 607988272756665600, 16172922978634559625,
            8476171486693032832, 10595114339597558777, 2904607092377533576,
        ];
        Assert.Equal(expected, Enumerable.Range(0, 10).Select(_ => rng.NextBits()));
    }

    [Fact]
    public void The_first_number_of_SplitMix64_is_the_published_one() =>
        Assert.Equal(0xE220A8397B1DCDAFul, new Rng(0).State.A);

    [Fact]
    public void The_state_resumes_the_sequence()
    {
        var rng = new Rng(5);
        for (var i = 0; i < 7; i++) rng.Normal();
        var state = rng.State;
        var (next, normal, order) = (rng.NextDouble(), rng.Normal(), rng.Permutation(9));
        var other = new Rng(99) { State = state };
        Assert.Equal((next, normal), (other.NextDouble(), other.Normal()));
        Assert.Equal(order, other.Permutation(9));
        Assert.Throws<ArgumentException>(() => rng.State = default);
        Assert.NotEqual(default, rng.State);
    }

    [Fact]
    public void The_same_seed_gives_the_same_tensors_and_another_seed_others()
    {
        Tensor Draw(ulong seed) => Tensor.Normal([50], rng: new Rng(seed));
        Numbers.SameBits(Draw(3), Draw(3));
        Assert.NotEqual(Numbers.Bits(Draw(3)), Numbers.Bits(Draw(4)));
    }

    [Fact]
    public void A_fork_goes_its_own_way()
    {
        var rng = new Rng(1);
        var fork = rng.Fork();
        var (own, forked) = (new HashSet<ulong>(), new List<ulong>());
        for (var i = 0; i < 1000; i++)
        {
            own.Add(rng.NextBits());
            forked.Add(fork.NextBits());
        }
        Assert.DoesNotContain(forked, own.Contains);
    }

    [Fact]
    public void Uniform_numbers_have_the_right_moments_and_bounds()
    {
        var rng = new Rng(11);
        var draws = Enumerable.Range(0, 200_000).Select(_ => rng.Uniform(2, 5)).ToArray();
        Assert.InRange(draws.Min(), 2, 2.001);
        Assert.InRange(draws.Max(), 4.999, 5);
        Assert.True(draws.Max() < 5);
        Assert.Equal(3.5, draws.Average(), 0.01);
        Assert.Equal(9.0 / 12, draws.Average(d => (d - 3.5) * (d - 3.5)), 0.01);
    }

    [Fact]
    public void Normal_numbers_have_the_right_moments_and_tails()
    {
        var rng = new Rng(12);
        var draws = Enumerable.Range(0, 200_000).Select(_ => rng.Normal(1, 2)).Select(d => (d - 1) / 2).ToArray();
        Assert.Equal(0, draws.Average(), 0.01);
        Assert.Equal(1, draws.Average(d => d * d), 0.015);
        Assert.Equal(0, draws.Average(d => d * d * d), 0.03);
        Assert.Equal(3, draws.Average(d => d * d * d * d), 0.1);
        Assert.Equal(2 * Normal.CDF(0, 1, -2), draws.Count(d => Math.Abs(d) > 2) / 200_000.0, 0.002);
        // Neighbours are independent.
        Assert.Equal(0, draws.Zip(draws.Skip(1), (a, b) => a * b).Average(), 0.01);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(7)]
    [InlineData(1000)]
    public void Whole_numbers_are_equally_likely(int count)
    {
        var rng = new Rng(13);
        var (seen, draws) = (new int[count], 200 * count);
        for (var i = 0; i < draws; i++) seen[rng.Next(count)]++;
        var chiSquare = seen.Sum(n => (n - 200.0) * (n - 200) / 200);
        Assert.InRange(ChiSquared.CDF(count - 1, chiSquare), 0.001, 0.999);
    }

    [Fact]
    public void Whole_numbers_below_a_large_bound_do_not_favour_small_ones()
    {
        // Without rejection, a bound of 3·2^29 makes every third number twice as likely.
        const int Count = 3 << 29;
        var rng = new Rng(14);
        var seen = new int[3];
        for (var i = 0; i < 60_000; i++) seen[rng.Next(Count) % 3]++;
        Assert.InRange(ChiSquared.CDF(2, seen.Sum(n => (n - 20_000.0) * (n - 20_000) / 20_000)), 0, 0.999);
    }

    [Fact]
    public void Bounds_must_be_positive()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new Rng(1).Next(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Rng(1).Next(-3));
        Assert.Equal(0, new Rng(1).Next(1));
    }

    [Fact]
    public void Chance_is_never_at_0_and_always_at_1()
    {
        var rng = new Rng(15);
        Assert.DoesNotContain(Enumerable.Range(0, 1000), _ => rng.Chance(0));
        Assert.All(Enumerable.Range(0, 1000), _ => Assert.True(rng.Chance(1)));
        Assert.Equal(0.3, Enumerable.Range(0, 50_000).Count(_ => rng.Chance(0.3)) / 50_000.0, 0.01);
    }

    [Fact]
    public void Shuffles_are_permutations_each_equally_likely()
    {
        var rng = new Rng(16);
        var order = rng.Permutation(1000);
        Assert.Equal(Enumerable.Range(0, 1000), order.Order());
        Assert.NotEqual(Enumerable.Range(0, 1000), order);
        Assert.Empty(rng.Permutation(0));

        var seen = new Dictionary<string, int>();
        for (var i = 0; i < 24 * 500; i++)
        {
            char[] letters = ['a', 'b', 'c', 'd'];
            rng.Shuffle(letters.AsSpan());
            var word = new string(letters);
            seen[word] = seen.GetValueOrDefault(word) + 1;
        }
        Assert.Equal(24, seen.Count);
        Assert.InRange(ChiSquared.CDF(23, seen.Values.Sum(n => (n - 500.0) * (n - 500) / 500)), 0.001, 0.999);
    }

    [Fact]
    public void A_state_is_written_and_read_exactly()
    {
        var state = new RngState(1, ulong.MaxValue, 0x0123456789ABCDEF, 0);
        Assert.Equal("0000000000000001 ffffffffffffffff 0123456789abcdef 0000000000000000", state.ToString());
        Assert.Equal(state, RngState.Parse(state.ToString()));
        foreach (var bad in new[] { "", "1 2 3", "1 2 3 4 5", "1 2 3 x", "1 2 3 11111111111111111" })
            Assert.Throws<FormatException>(() => RngState.Parse(bad));
    }
}
