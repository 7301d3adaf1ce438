using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace MicroGrad.Net.Benchmarks;

/// <summary>The machine: what it is, and the most it can do.</summary>
static class Machine
{
    public static string Describe() =>
        $"{ProcessorName()}, {Environment.ProcessorCount} cores, matmul by {MatMul.BestPath}, elementwise by "
        + $"{System.Numerics.Vector<byte>.Count * 8} bits; {RuntimeInformation.FrameworkDescription} on "
        + $"{RuntimeInformation.OSDescription.Trim()}; load {Load()} when written.";

    static string ProcessorName()
    {
        try
        {
            var facts = File.ReadLines("/proc/cpuinfo").Take(30).Select(line => line.Split(':', 2)).Where(pair => pair.Length == 2)
                .DistinctBy(pair => pair[0].Trim()).ToDictionary(pair => pair[0].Trim(), pair => pair[1].Trim());
            return $"{facts["model name"]} (family {facts["cpu family"]}, model {facts["model"]})";
        }
        catch (Exception unknown) when (unknown is IOException or KeyNotFoundException)
        {
            return Environment.GetEnvironmentVariable("PROCESSOR_IDENTIFIER") ?? RuntimeInformation.ProcessArchitecture.ToString();
        }
    }

    static string Load()
    {
        try
        {
            return string.Join(' ', File.ReadAllText("/proc/loadavg").Split(' ')[..3]);
        }
        catch (IOException)
        {
            return "unknown";
        }
    }

    /// <summary>Multiply-adds in registers only, on all of <paramref name="threads"/>: operations per second.</summary>
    public static double PeakFlops(int threads)
    {
        const int Loops = 2_000_000;
        var (operations, run) = Avx512F.IsSupported ? (2.0 * 16 * 12 * Loops, (Func<int, float>)Multiply512)
            : (2.0 * 8 * 12 * Loops, Multiply256);
        return threads * operations / Measure.Least(1, () => OnThreads(threads, () => s_sink = run(Loops)))[0];
    }

    /// <summary>Bytes read and written per second by a copy of arrays of <paramref name="length"/> floats.</summary>
    public static double CopyBandwidth(int length)
    {
        var (from, to) = (new float[length], new float[length]);
        return 8.0 * length / Measure.Least(0.3, () => from.CopyTo(to, 0))[0];
    }

    static float s_sink;

    static void OnThreads(int count, Action body)
    {
        if (count == 1)
        {
            body();
            return;
        }
        var threads = Enumerable.Range(0, count).Select(_ => new Thread(() => body())).ToArray();
        foreach (var thread in threads) thread.Start();
        foreach (var thread in threads) thread.Join();
    }

    // Twelve independent sums: enough to keep two units with a latency of four busy.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static float Multiply512(int loops)
    {
        var (x, y) = (Vector512.Create(0.999f), Vector512.Create(1e-3f));
        Vector512<float> a = y, b = y, c = y, d = y, e = y, f = y, g = y, h = y, i = y, j = y, k = y, l = y;
        for (var n = 0; n < loops; n++)
        {
            a = Avx512F.FusedMultiplyAdd(a, x, y); b = Avx512F.FusedMultiplyAdd(b, x, y); c = Avx512F.FusedMultiplyAdd(c, x, y);
            d = Avx512F.FusedMultiplyAdd(d, x, y); e = Avx512F.FusedMultiplyAdd(e, x, y); f = Avx512F.FusedMultiplyAdd(f, x, y);
            g = Avx512F.FusedMultiplyAdd(g, x, y); h = Avx512F.FusedMultiplyAdd(h, x, y); i = Avx512F.FusedMultiplyAdd(i, x, y);
            j = Avx512F.FusedMultiplyAdd(j, x, y); k = Avx512F.FusedMultiplyAdd(k, x, y); l = Avx512F.FusedMultiplyAdd(l, x, y);
        }
        return Vector512.Sum(a + b + c + d + e + f + g + h + i + j + k + l);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static float Multiply256(int loops)
    {
        var (x, y) = (Vector256.Create(0.999f), Vector256.Create(1e-3f));
        Vector256<float> a = y, b = y, c = y, d = y, e = y, f = y, g = y, h = y, i = y, j = y, k = y, l = y;
        for (var n = 0; n < loops; n++)
        {
            a = Vector256.FusedMultiplyAdd(a, x, y); b = Vector256.FusedMultiplyAdd(b, x, y); c = Vector256.FusedMultiplyAdd(c, x, y);
            d = Vector256.FusedMultiplyAdd(d, x, y); e = Vector256.FusedMultiplyAdd(e, x, y); f = Vector256.FusedMultiplyAdd(f, x, y);
            g = Vector256.FusedMultiplyAdd(g, x, y); h = Vector256.FusedMultiplyAdd(h, x, y); i = Vector256.FusedMultiplyAdd(i, x, y);
            j = Vector256.FusedMultiplyAdd(j, x, y); k = Vector256.FusedMultiplyAdd(k, x, y); l = Vector256.FusedMultiplyAdd(l, x, y);
        }
        return Vector256.Sum(a + b + c + d + e + f + g + h + i + j + k + l);
    }
}
