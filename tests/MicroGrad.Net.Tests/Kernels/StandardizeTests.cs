using System.Numerics;
using FsCheck;

namespace MicroGrad.Net.Tests.Kernels;

[Collection(nameof(ProcessSettings))]
[Properties(Arbitrary = [typeof(StandardizeTests)])]
public sealed class StandardizeTests : IDisposable
{
    const double Epsilon = 0.01;

    readonly int _threads = Work.Threads;

    // Several blocks of runs and of rows, tiles of columns, threads, and what is left over at each of their ends.
    static readonly (int Outer, int Channels, int Inner)[] s_large =
        [(1, 9, 10_001), (30, 5, 203), (300, 517, 1), (1000, 3, 1), (40, 70, 3), (2, 3000, 9)];

    public void Dispose() => Work.Threads = _threads;

    public sealed record Case(int Outer, int Channels, int Inner, bool Affine);

    /// <summary>Half of the time one number per channel, as in a vector.</summary>
    public static Arbitrary<Case> Cases { get; } = Arbitraries.Of(
        n => new Case(n[0], n[1], Math.Max(1, n[2]) - (n[2] == -40 ? 1 : 0), n[3] == 1),
        one => [one.Outer, one.Channels, one.Inner == 0 ? -40 : one.Inner, one.Affine ? 1 : 0],
        (0, 9), (0, 40), (-40, 40), (0, 1));

    [Property]
    public void Random_sizes_give_what_plain_loops_give(Case one)
    {
        Check<double>(one.Outer, one.Channels, one.Inner, one.Affine, 1e-11);
        Check<float>(one.Outer, one.Channels, one.Inner, one.Affine, 2e-4);
    }

    [Fact]
    public void Large_sizes_give_what_plain_loops_give()
    {
        foreach (var (outer, channels, inner) in s_large)
        {
            Check<double>(outer, channels, inner, affine: true, 1e-10);
            Check<float>(outer, channels, inner, affine: true, 2e-3);
        }
    }

    [Fact]
    public void Bits_do_not_depend_on_the_number_of_threads()
    {
        foreach (var (outer, channels, inner) in s_large)
        {
            float[][]? expected = null;
            foreach (var threads in new[] { 1, 2, 4 })
            {
                Work.Threads = threads;
                var results = Run(Draw<float>(outer, channels, inner, affine: true), channels, inner);
                expected ??= results;
                Assert.Equal(expected, results);
            }
        }
    }

    [Theory]
    [InlineData(7, 19, 1)]
    [InlineData(3, 4, 21)]
    [InlineData(5, 2, 3)]
    public void A_not_a_number_is_seen_by_its_own_channel_only(int outer, int channels, int inner)
    {
        for (var place = 0; place < outer * channels * inner; place++)
        {
            var operands = Draw<float>(outer, channels, inner, affine: true);
            operands.X[place] = float.NaN;
            var results = Run(operands, channels, inner);
            var channel = place / inner % channels;
            foreach (var of in results[..3])    // y, dx, dweight; dbias does not see x
                for (var i = 0; i < of.Length; i++)
                    Assert.Equal((of.Length == channels ? i : i / inner % channels) == channel, float.IsNaN(of[i]));
        }
    }

    [Fact]
    public void A_constant_channel_becomes_its_bias_though_its_sum_is_rounded()
    {
        float[] x = [.. Enumerable.Repeat(0.1f, 4096)];
        var (y, mean, variance) = (new float[4096], new float[1], new float[1]);
        Standardize.Forward<float>(x, 1, 4096, 1e-12, [], [3f], mean, variance, y);
        Assert.All(variance, v => Assert.InRange(v, 0, 1e-15f));
        Assert.All(y, v => Assert.Equal(3, v, 0.02));
    }

    static void Check<T>(int outer, int channels, int inner, bool affine, double tolerance)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        var operands = Draw<T>(outer, channels, inner, affine);
        var actual = Run(operands, channels, inner);
        var expected = Plain(operands, outer, channels, inner);
        for (var k = 0; k < expected.Length; k++)
            for (var i = 0; i < expected[k].Length; i++)
            {
                var value = double.CreateChecked(actual[k][i]);
                Assert.True(double.IsNaN(expected[k][i]) ? double.IsNaN(value)
                    : Math.Abs(expected[k][i] - value) <= tolerance * (1 + Math.Abs(expected[k][i])),
                    $"[{outer}, {channels}, {inner}]: result {k}[{i}] is {value}, not {expected[k][i]}");
            }
    }

    static (T[] X, T[] G, T[] Weight, T[] Bias) Draw<T>(int outer, int channels, int inner, bool affine)
        where T : IFloatingPointIeee754<T>
    {
        var random = new Random(8);
        T[] Values(int count, double shift) =>
            [.. Enumerable.Range(0, count).Select(_ => T.CreateChecked(random.NextDouble() + shift))];
        var (length, some) = (outer * channels * inner, affine ? channels : 0);
        return (Values(length, 1), Values(length, -0.4), Values(some, 0.5), Values(some, -0.5));
    }

    /// <summary>y; the gradients of x, weight and bias; mean and variance.</summary>
    static T[][] Run<T>((T[] X, T[] G, T[] Weight, T[] Bias) given, int channels, int inner)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        var (y, dx, mean, variance) = (new T[given.X.Length], new T[given.X.Length], new T[channels], new T[channels]);
        var (dw, db) = (new T[channels], new T[channels]);
        Standardize.Forward<T>(given.X, channels, inner, Epsilon, given.Weight, given.Bias, mean, variance, y);
        Standardize.Backward<T>(given.X, given.G, inner, Epsilon, given.Weight, mean, variance, dx, dw, db);
        return [y, dx, dw, db, mean, variance];
    }

    static double[][] Plain<T>((T[] X, T[] G, T[] Weight, T[] Bias) given, int outer, int channels, int inner)
        where T : IFloatingPointIeee754<T>
    {
        double[] x = [.. given.X.Select(double.CreateChecked)], g = [.. given.G.Select(double.CreateChecked)];
        var (y, dx, count) = (new double[x.Length], new double[x.Length], (double)(outer * inner));
        double[] mean = new double[channels], variance = new double[channels];
        double[] dw = new double[channels], db = new double[channels];
        for (var c = 0; c < channels; c++)
        {
            int[] own = [.. from o in Enumerable.Range(0, outer)
                            from i in Enumerable.Range(0, inner)
                            select (o * channels + c) * inner + i];
            mean[c] = own.Sum(i => x[i]) / count;
            variance[c] = own.Sum(i => (x[i] - mean[c]) * (x[i] - mean[c])) / count;
            var root = 1 / Math.Sqrt(variance[c] + Epsilon);
            var weight = given.Weight.Length == 0 ? 1 : double.CreateChecked(given.Weight[c]);
            var bias = given.Bias.Length == 0 ? 0 : double.CreateChecked(given.Bias[c]);
            double Standard(int i) => (x[i] - mean[c]) * root;
            db[c] = own.Sum(i => g[i]);
            dw[c] = own.Sum(i => g[i] * Standard(i));
            foreach (var i in own)
            {
                y[i] = Standard(i) * weight + bias;
                dx[i] = weight * root * (g[i] - db[c] / count - Standard(i) * dw[c] / count);
            }
        }
        return [y, dx, dw, db, mean, variance];
    }
}
