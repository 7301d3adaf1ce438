using static MicroGrad.Net.Benchmarks.Report;

namespace MicroGrad.Net.Benchmarks;

/// <summary>Single kernels beside what the machine can do: matmul beside OpenBLAS, elementwise beside a copy.</summary>
static class Kernels
{
    /// <summary>A product c[m, n] = op(a)·op(b), a number of times on matrices that lie one after another.</summary>
    readonly record struct Size(string Where, int M, int N, int K, bool TransposeA, bool TransposeB, int Batch = 1)
    {
        public string Name => $"{Where} {(Batch > 1 ? $"{Batch}x " : "")}{M}x{N}x{K} {(TransposeA ? 'T' : 'N')}{(TransposeB ? 'T' : 'N')}";

        public double Operations => 2.0 * Batch * M * N * K;
    }

    public static void Run(int[] threads, bool write)
    {
        var report = new Report("Kernels");
        report.Say("The least time of several rounds, ours and theirs in turn. m x n x k; N or T: as stored, or transposed.");
        foreach (var count in threads) MatMuls(report, count);
        Parallelism.Threads = 1;
        Elementwises(report);
        report.Finish(write);
    }

    static void MatMuls(Report report, int threads)
    {
        Parallelism.Threads = threads;
        var peak = Machine.PeakFlops(threads) / 1e9;
        report.Say($"Matmul, {Plural(threads)}. Multiply-adds in registers: {peak:0} GFLOP/s. "
            + (OpenBlas.IsPresent ? "" : "OpenBLAS is not on this machine (apt-get install libopenblas0-pthread)."));
        if (OpenBlas.IsPresent) OpenBlas.Threads = threads;
        report.Table(["product", "ours", "GFLOP/s", "of peak", "OpenBLAS", "GFLOP/s", "ours / theirs in speed"],
            Sizes().Select(size =>
            {
                var times = Time(size);
                var speed = size.Operations / times[0] / 1e9;
                return (string[])[size.Name, Report.Time(times[0]), $"{speed:0.0}", $"{speed / peak:0.00}",
                    .. times.Length == 1 ? ["-", "-", "-"] : (string[])[
                        Report.Time(times[1]), $"{size.Operations / times[1] / 1e9:0.0}", $"{times[1] / times[0]:0.00}"]];
            }));
    }

    static IEnumerable<Size> Sizes()
    {
        foreach (var n in (int[])[32, 64, 128, 256, 512, 1024])
            foreach (var (a, b) in ((bool, bool)[])[(false, false), (false, true), (true, false), (true, true)])
                yield return new("square", n, n, n, a, b);
        (string Where, int Batch, int Inputs, int Outputs)[] layers =
        [
            ("micro", 100, 2, 16), ("micro", 100, 16, 16), ("micro", 100, 16, 1), ("mnist", 64, 784, 128), ("mnist", 64, 128, 10),
            ("wide", 256, 512, 1024), ("wide", 256, 1024, 1024), ("wide", 256, 1024, 10), ("lenet", 64, 1568, 10),
            ("gpt", 768, 128, 384), ("gpt", 768, 128, 128), ("gpt", 768, 128, 512), ("gpt", 768, 512, 128), ("gpt", 768, 128, 65),
            ("lstm", 1600, 32, 256), ("lstm", 32, 64, 256),
        ];
        foreach (var (where, batch, inputs, outputs) in layers)
        {
            yield return new(where + " forward", batch, outputs, inputs, false, true);
            yield return new(where + " to input", batch, inputs, outputs, false, false);
            yield return new(where + " to weight", outputs, inputs, batch, true, false);
        }
        yield return new("gpt scores", 64, 64, 32, false, true, Batch: 48);
        yield return new("gpt values", 64, 32, 64, false, false, Batch: 48);
        yield return new("gpt to values", 64, 32, 64, true, false, Batch: 48);
    }

    static unsafe double[] Time(Size size)
    {
        var (ta, tb, m, n, k, batch) = (size.TransposeA, size.TransposeB, size.M, size.N, size.K, size.Batch);
        var (a, b, c) = (Random(batch * m * k), Random(batch * k * n), new float[batch * m * n]);
        Action ours = () => MatMul.MultiplyBatch<float>(batch, ta, tb, m, n, k,
            a, ta ? m : k, m * k, b, tb ? k : n, k * n, c, n, m * n);
        if (!OpenBlas.IsPresent) return Measure.Least(0.3, ours);
        Action theirs = () =>
        {
            fixed (float* pa = a, pb = b, pc = c)
                for (var i = 0; i < batch; i++) OpenBlas.Multiply(ta, tb, m, n, k, pa + i * m * k, pb + i * k * n, pc + i * m * n);
        };
        return Measure.Least(0.3, TimeSpan.FromMilliseconds(Parallelism.Threads > 1 ? 50 : 0), [ours, theirs]);
    }

    static void Elementwises(Report report)
    {
        foreach (var length in (int[])[1 << 10, 1 << 16, 1 << 22])
        {
            var bandwidth = Machine.CopyBandwidth(length) / 1e9;
            report.Say($"Elementwise, one thread, {length:n0} floats ({Bytes(4.0 * length)} an array). A copy moves {bandwidth:0.0} GB/s.");
            report.Table(["kernel", "time", "ns an element", "GB/s", "of a copy"], Maps(length).Select(kernel =>
            {
                var time = Measure.Least(0.2, kernel.Run)[0];
                var speed = 4.0 * kernel.Arrays * length / time / 1e9;
                return (string[])[kernel.Name, Report.Time(time), $"{time / length * 1e9:0.000}", $"{speed:0.0}", $"{speed / bandwidth:0.00}"];
            }));
        }
    }

    /// <summary>Kernels with the number of arrays that they read and write.</summary>
    static (string Name, int Arrays, Action Run)[] Maps(int length)
    {
        var (x, y, z, one) = (Random(length), Random(length), new float[length], new float[1]);
        var shape = Shape.Of(length);
        var plan = new BroadcastPlan(shape, shape, shape);
        // Rows of 1,024: what a softmax or a bias is over.
        var rows = Shape.Of(length / 1024, 1024);
        var biasPlan = new BroadcastPlan(rows, rows, Shape.Of(1024));
        var matrix = Tensor.From(rows, x);
        return
        [
            ("add", 3, () => Elementwise.Zip<float, Add>(default, plan, x, y, z)),
            ("add a bias", 2, () => Elementwise.Zip<float, Add>(default, biasPlan, x, y.AsSpan(0, 1024), z)),
            ("multiply", 3, () => Elementwise.Zip<float, Multiply>(default, plan, x, y, z)),
            ("relu", 2, () => Elementwise.Map<float, Rectifier>(default, x, z)),
            ("exp", 2, () => Elementwise.Map<float, Exponential>(default, x, z)),
            ("log", 2, () => Elementwise.Map<float, NaturalLogarithm>(default, x, z)),
            ("tanh", 2, () => Elementwise.Map<float, HyperbolicTangent>(default, x, z)),
            ("sigmoid", 2, () => Elementwise.Map<float, Logistic>(default, x, z)),
            ("gelu", 2, () => Elementwise.Map<float, GaussianErrorLinear>(default, x, z)),
            ("sum of all", 1, () => Reduce.Fold<float, SumReduction>(default, x, 1, length, 1, one)),
            ("sum of rows of 1,024", 1, () => Reduce.Fold<float, SumReduction>(default, x, length / 1024, 1024, 1, z.AsSpan(0, length / 1024))),
            ("sum over rows, to 1,024", 1, () => Reduce.Fold<float, SumReduction>(default, x, 1, length / 1024, 1024, z.AsSpan(0, 1024))),
            ("softmax of rows of 1,024, the op", 2, () => matrix.Softmax()),
        ];
    }

    static float[] Random(int length) => Tensor.Normal([length]).ToArray<float>();

    static string Plural(int threads) => threads == 1 ? "1 thread" : $"{threads} threads";
}
