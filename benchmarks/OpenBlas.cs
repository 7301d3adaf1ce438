using System.Runtime.InteropServices;

namespace MicroGrad.Net.Benchmarks;

/// <summary>The matrix product of OpenBLAS, where the machine has it: only to compare with.</summary>
static unsafe class OpenBlas
{
    const int RowMajor = 101, Plain = 111, Transposed = 112;

    static readonly delegate* unmanaged[Cdecl]<int, int, int, int, int, int, float, float*, int, float*, int, float, float*, int, void> s_sgemm;
    static readonly delegate* unmanaged[Cdecl]<int, void> s_setThreads;

    public static bool IsPresent => s_sgemm is not null;

    public static int Threads
    {
        set => s_setThreads(value);
    }

#pragma warning disable CA1810 // The fields are pointers found together or not at all.
    static OpenBlas()
    {
        foreach (var name in (string[])["libopenblas.so.0", "libopenblas.so", "libopenblas.dylib", "libopenblas.dll"])
        {
            if (!NativeLibrary.TryLoad(name, out var library)
                || !NativeLibrary.TryGetExport(library, "cblas_sgemm", out var sgemm)
                || !NativeLibrary.TryGetExport(library, "openblas_set_num_threads", out var setThreads)) continue;
            s_sgemm = (delegate* unmanaged[Cdecl]<int, int, int, int, int, int, float, float*, int, float*, int, float, float*, int, void>)sgemm;
            s_setThreads = (delegate* unmanaged[Cdecl]<int, void>)setThreads;
            return;
        }
    }
#pragma warning restore CA1810

    /// <summary>c = op(a)·op(b), with the arguments of <see cref="MatMul.Run"/>.</summary>
    public static void Multiply(bool transposeA, bool transposeB, int m, int n, int k, float* a, float* b, float* c) => s_sgemm(
        RowMajor, transposeA ? Transposed : Plain, transposeB ? Transposed : Plain, m, n, k,
        1, a, transposeA ? m : k, b, transposeB ? k : n, 0, c, n);
}
