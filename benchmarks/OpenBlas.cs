using System.Runtime.InteropServices;

namespace MicroGrad.Net.Benchmarks;

/// <summary>The matrix product of OpenBLAS, where the machine has it: only to compare with.</summary>
static unsafe class OpenBlas
{
    const int RowMajor = 101, Plain = 111, Transposed = 112;

    /// <summary>The addresses of both functions; of neither where one is missing.</summary>
    static readonly (nint Sgemm, nint SetThreads) s_found = Find();

    public static bool IsPresent => s_found.Sgemm != 0;

    public static int Threads
    {
        set => ((delegate* unmanaged[Cdecl]<int, void>)s_found.SetThreads)(value);
    }

    static (nint, nint) Find()
    {
        foreach (var name in (string[])["libopenblas.so.0", "libopenblas.so", "libopenblas.dylib", "libopenblas.dll"])
            if (NativeLibrary.TryLoad(name, out var library)
                && NativeLibrary.TryGetExport(library, "cblas_sgemm", out var sgemm)
                && NativeLibrary.TryGetExport(library, "openblas_set_num_threads", out var setThreads))
                return (sgemm, setThreads);
        return default;
    }

    /// <summary>c = op(a)·op(b), with the arguments of <see cref="MatMul.Multiply"/>.</summary>
    public static void Multiply(bool transposeA, bool transposeB, int m, int n, int k, float* a, float* b, float* c) =>
        ((delegate* unmanaged[Cdecl]<int, int, int, int, int, int, float, float*, int, float*, int, float, float*, int, void>)s_found.Sgemm)(
        RowMajor, transposeA ? Transposed : Plain, transposeB ? Transposed : Plain, m, n, k,
        1, a, transposeA ? m : k, b, transposeB ? k : n, 0, c, n);
}
