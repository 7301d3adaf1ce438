using System.Numerics;
using FsCheck;

namespace MicroGrad.Net.Tests.Kernels;

[Collection(nameof(ProcessSettings))]
[Properties(Arbitrary = [typeof(ConvolutionTests)])]
public sealed class ConvolutionTests : IDisposable
{
    readonly int _threads = Work.Threads;

    // Large enough for several tiles, parts and threads; the general path, the shifted one and the pointwise one.
    static readonly ConvolutionSizes[] s_large =
    [
        new(9, 6, 8, 2, new(40, 40, 3, 1, 1, 1), new(41, 41, 3, 1, 1, 1)),
        new(5, 64, 10, 1, new(30, 15, 3, 2, 1, 1), new(33, 16, 4, 2, 1, 1)),
        new(3, 300, 20, 1, new(28, 28, 1, 1, 0, 1), new(28, 28, 1, 1, 0, 1)),
        new(1, 70, 70, 1, new(40, 36, 3, 1, 0, 2), new(40, 36, 3, 1, 0, 2)),
        new(11, 1, 16, 1, new(28, 28, 3, 1, 1, 1), new(28, 28, 3, 1, 1, 1)),
    ];

    public void Dispose() => Work.Threads = _threads;

    [Property]
    public void Random_settings_give_what_plain_loops_give(Case one)
    {
        Check<double>(one.Sizes, 1e-12);
        Check<float>(one.Sizes, 1e-4);
    }

    [Fact]
    public void Large_sizes_give_what_plain_loops_give()
    {
        foreach (var sizes in s_large) Check<double>(sizes, 1e-10);
    }

    [Property]
    public void Each_primitive_is_the_adjoint_of_the_others(Case one)
    {
        var sizes = one.Sizes;
        var (x, w, g) = Operands<double>(sizes);
        var (y, dx, dw) = (new double[g.Length], new double[x.Length], new double[w.Length]);
        Convolution.Output<double>(sizes, x, w, [], y);
        Convolution.InputGradient<double>(sizes, g, w, dx);
        Convolution.WeightGradient<double>(sizes, x, g, dw);
        // <g, x * w> is one number, seen from three sides.
        var inner = Dot(g, y);
        Assert.Equal(inner, Dot(x, dx), 1e-9);
        Assert.Equal(inner, Dot(w, dw), 1e-9);
    }

    [Fact]
    public void Bits_do_not_depend_on_the_number_of_threads()
    {
        foreach (var sizes in s_large)
        {
            SameBits<float>(sizes);
            SameBits<double>(sizes);
        }
    }

    [Fact]
    public void A_bias_is_added_to_every_number_of_its_output()
    {
        var sizes = new ConvolutionSizes(2, 2, 4, 2, new(4, 4, 3, 1, 1, 1), new(5, 5, 3, 1, 1, 1));
        var (x, w, g) = Operands<double>(sizes);
        double[] bias = [1, 2, 3, 4];
        var (plain, biased) = (new double[g.Length], new double[g.Length]);
        Convolution.Output<double>(sizes, x, w, [], plain);
        Convolution.Output<double>(sizes, x, w, bias, biased);
        for (var i = 0; i < plain.Length; i++) Assert.Equal(plain[i] + bias[i / 20 % 4], biased[i], 1e-12);
    }

    [Fact]
    public void A_not_a_number_is_seen_by_the_windows_over_it_only()
    {
        var sizes = new ConvolutionSizes(1, 1, 1, 1, new(5, 5, 3, 1, 1, 1), new(5, 5, 3, 1, 1, 1));
        var (x, w, g) = Operands<float>(sizes);
        x[5 * 2 + 4] = float.NaN;
        Convolution.Output<float>(sizes, x, w, [], g);
        for (var i = 0; i < g.Length; i++) Assert.Equal(i / 5 is 1 or 2 or 3 && i % 5 >= 3, float.IsNaN(g[i]));
    }

    [Fact]
    public void No_images_give_no_output_and_no_gradient_of_the_weights()
    {
        var sizes = new ConvolutionSizes(0, 2, 3, 1, new(4, 2, 3, 1, 0, 1), new(4, 2, 3, 1, 0, 1));
        var w = Enumerable.Repeat(7f, 2 * 3 * 9).ToArray();
        Convolution.Output<float>(sizes, [], w, [], []);
        Convolution.InputGradient<float>(sizes, [], w, []);
        Convolution.WeightGradient<float>(sizes, [], [], w);
        Assert.All(w, value => Assert.Equal(0, value));
    }

    static void Check<T>(ConvolutionSizes sizes, double tolerance) where T : unmanaged, IFloatingPointIeee754<T>
    {
        var (x, w, g) = Operands<T>(sizes);
        var (y, dx, dw) = (new T[g.Length], new T[x.Length], new T[w.Length]);
        Array.Fill(y, T.NaN);
        Array.Fill(dx, T.NaN);
        Array.Fill(dw, T.NaN);
        Convolution.Output<T>(sizes, x, w, [], y);
        Convolution.InputGradient<T>(sizes, g, w, dx);
        Convolution.WeightGradient<T>(sizes, x, g, dw);
        var (plainY, plainX, plainW) = Plain(sizes, x, w, g);
        Near("y", plainY, y);
        Near("x", plainX, dx);
        Near("w", plainW, dw);

        void Near(string what, double[] expected, T[] actual)
        {
            for (var i = 0; i < expected.Length; i++)
                Assert.True(Math.Abs(expected[i] - double.CreateChecked(actual[i])) <= tolerance * (1 + Math.Abs(expected[i])),
                    $"{sizes}: {what}[{i}] is {actual[i]}, not {expected[i]}");
        }
    }

    static void SameBits<T>(ConvolutionSizes sizes) where T : unmanaged, IFloatingPointIeee754<T>
    {
        var (x, w, g) = Operands<T>(sizes);
        T[][]? expected = null;
        foreach (var threads in new[] { 1, 2, 4 })
        {
            Work.Threads = threads;
            var (y, dx, dw) = (new T[g.Length], new T[x.Length], new T[w.Length]);
            Convolution.Output<T>(sizes, x, w, [], y);
            Convolution.InputGradient<T>(sizes, g, w, dx);
            Convolution.WeightGradient<T>(sizes, x, g, dw);
            expected ??= [y, dx, dw];
            Assert.Equal(expected, [y, dx, dw]);
        }
    }

    /// <summary>The definition: every product of an input, a weight and an output that meet, in double.</summary>
    static (double[] Y, double[] X, double[] W) Plain<T>(ConvolutionSizes s, T[] x, T[] w, T[] g)
        where T : IFloatingPointIeee754<T>
    {
        var (y, dx, dw) = (new double[g.Length], new double[x.Length], new double[w.Length]);
        for (var n = 0; n < s.Images; n++)
            for (var o = 0; o < s.Outputs; o++)
                for (var c = 0; c < s.GroupChannels; c++)
                    for (var i = 0; i < s.Rows.Output; i++)
                        for (var j = 0; j < s.Columns.Output; j++)
                            for (var k = 0; k < s.Rows.Window; k++)
                                for (var l = 0; l < s.Columns.Window; l++)
                                {
                                    var row = i * s.Rows.Stride + k * s.Rows.Dilation - s.Rows.Before;
                                    var column = j * s.Columns.Stride + l * s.Columns.Dilation - s.Columns.Before;
                                    if (row < 0 || row >= s.Rows.Input || column < 0 || column >= s.Columns.Input) continue;
                                    var channel = o / s.GroupOutputs * s.GroupChannels + c;
                                    var at = ((n * s.Channels + channel) * s.Rows.Input + row) * s.Columns.Input + column;
                                    var tap = ((o * s.GroupChannels + c) * s.Rows.Window + k) * s.Columns.Window + l;
                                    var to = ((n * s.Outputs + o) * s.Rows.Output + i) * s.Columns.Output + j;
                                    var (vx, vw, vg) = (double.CreateChecked(x[at]), double.CreateChecked(w[tap]), double.CreateChecked(g[to]));
                                    y[to] += vx * vw;
                                    dx[at] += vg * vw;
                                    dw[tap] += vg * vx;
                                }
        return (y, dx, dw);
    }

    static (T[] X, T[] W, T[] G) Operands<T>(ConvolutionSizes sizes) where T : IFloatingPointIeee754<T>
    {
        var random = new Random(3);
        T[] Values(int count) => [.. Enumerable.Range(0, count).Select(_ => T.CreateChecked(random.NextSingle() - 0.5f))];
        return (Values(sizes.Images * sizes.Channels * sizes.Plane), Values(sizes.Outputs * sizes.Taps),
            Values(sizes.Images * sizes.Outputs * sizes.Positions));
    }

    /// <summary>Per group as many channels and outputs.</summary>
    public sealed record Case(int Images, int Groups, int Channels, int Outputs, Axis Rows, Axis Columns)
    {
        internal ConvolutionSizes Sizes =>
            new(Images, Channels * Groups, Outputs * Groups, Groups, Rows.Sliding, Columns.Sliding);
    }

    /// <summary>Any window; half of the time one that keeps the size, as 'same' does.</summary>
    public sealed record Axis(int Input, int Window, int Stride, int Before, int After, int Dilation, int Same)
    {
        int Extent => (Window - 1) * Dilation + 1;

        internal Sliding Sliding => Same == 1 ? new(Input, Input, Window, 1, (Extent - 1) / 2, Dilation)
            : new(Input, Math.Max(0, Input + Before + After - Extent) / Stride + 1, Window, Stride, Before, Dilation);

        internal static readonly (int, int)[] Ranges = [(1, 12), (1, 4), (1, 3), (0, 5), (0, 3), (1, 3), (0, 1)];

        internal static Axis Of(ReadOnlySpan<int> n) => new(n[0], n[1], n[2], n[3], n[4], n[5], n[6]);

        internal int[] Numbers => [Input, Window, Stride, Before, After, Dilation, Same];
    }

    public static Arbitrary<Case> Cases { get; } = Arbitraries.Of(
        n => new Case(n[0], n[1], n[2], n[3], Axis.Of(n.AsSpan(4, 7)), Axis.Of(n.AsSpan(11, 7))),
        one => [one.Images, one.Groups, one.Channels, one.Outputs, .. one.Rows.Numbers, .. one.Columns.Numbers],
        [(0, 4), (1, 3), (1, 4), (1, 4), .. Axis.Ranges, .. Axis.Ranges]);

    static double Dot(double[] a, double[] b) => a.Zip(b, (p, q) => p * q).Sum();
}
