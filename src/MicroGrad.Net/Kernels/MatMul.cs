using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace MicroGrad.Net;

/// <summary>The instruction sets the matrix product is compiled for.</summary>
enum MatMulPath
{
    Vector128,
    Avx2,
    Avx512,
}

/// <summary>Matrix products c = op(a)·op(b) of row-major matrices, where op(x) is x or its transpose.</summary>
/// <remarks>
/// From the outside in: this file checks the arguments and chooses the instruction set; <c>Blocked</c> cuts a product
/// into blocks that fit the caches and shares them out to threads; <c>Packing</c> lays the operands out as the
/// innermost loop reads them; <c>Tile</c> is that loop, which keeps a small tile of c in registers; <c>Vector</c> is
/// the product of a matrix and a vector, which has nothing to reuse and so nothing to block; <c>Simd</c> is the vector
/// instructions. An element's terms are added in an order that depends only on the sizes of the product: threads never
/// change a bit.
/// </remarks>
static unsafe partial class MatMul
{
    // Vector512.IsHardwareAccelerated is false where the runtime prefers 256 bits; we gain from 512 even there.
    public static readonly MatMulPath BestPath =
        Avx512F.IsSupported ? MatMulPath.Avx512
        : Avx2.IsSupported && Fma.IsSupported ? MatMulPath.Avx2
        : MatMulPath.Vector128;

    /// <summary>The instruction set in use: the best there is, unless a test asks for a lesser one.</summary>
    public static MatMulPath Path
    {
        get;
        set => field = value <= BestPath
            ? value
            : throw new PlatformNotSupportedException($"This processor has no {value}; the best it has is {BestPath}.");
    } = BestPath;

    /// <summary>c[m, n] = op(a)·op(b), or c += op(a)·op(b) when <paramref name="accumulate"/>.</summary>
    /// <remarks>
    /// a is stored as [m, k] with <paramref name="lda"/> elements from row to row, or as [k, m] when
    /// <paramref name="transposeA"/>; b as [k, n], or as [n, k] when <paramref name="transposeB"/>. With k = 0 the
    /// product is zero. c must not overlap a or b.
    /// </remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Multiply<T>(
        bool transposeA, bool transposeB, int m, int n, int k,
        ReadOnlySpan<T> a, int lda, ReadOnlySpan<T> b, int ldb, Span<T> c, int ldc, bool accumulate = false)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        Require(1, transposeA, transposeB, m, n, k, a.Length, lda, 0, b.Length, ldb, 0, c.Length, ldc, 0);
        fixed (T* pa = a, pb = b, pc = c)
            Multiply(Describe(transposeA, transposeB, m, n, k, pa, lda, pb, ldb, pc, ldc, accumulate));
    }

    /// <summary>
    /// <paramref name="batch"/> products of equal size, as one; from one to the next the matrices lie
    /// <paramref name="strideA"/>, <paramref name="strideB"/> and <paramref name="strideC"/> elements apart. A stride
    /// of 0 shares a or b among all products.
    /// </summary>
    public static void MultiplyBatch<T>(
        int batch, bool transposeA, bool transposeB, int m, int n, int k,
        ReadOnlySpan<T> a, int lda, long strideA, ReadOnlySpan<T> b, int ldb, long strideB,
        Span<T> c, int ldc, long strideC, bool accumulate = false)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        Require(
            batch, transposeA, transposeB, m, n, k,
            a.Length, lda, strideA, b.Length, ldb, strideB, c.Length, ldc, strideC);
        fixed (T* pa = a, pb = b, pc = c)
        {
            var first = Describe(transposeA, transposeB, m, n, k, pa, lda, pb, ldb, pc, ldc, accumulate);
            MultiplyBatch(first, batch, (nint)strideA, (nint)strideB, (nint)strideC);
        }
    }

    static void MultiplyBatch<T>(Product<T> first, int batch, nint strideA, nint strideB, nint strideC)
        where T : unmanaged, INumberBase<T>
    {
        // A shared b under evenly stacked rows is one tall product.
        if (strideB == 0 && first.A.Column == 1 && strideA == first.Rows * first.A.Row
            && strideC == first.Rows * first.C.Row && (long)first.Rows * batch <= int.MaxValue)
        {
            Multiply(first with { Rows = first.Rows * batch });
            return;
        }

        if (!IsParallel(batch * first.Cost) || (batch < 2 * Work.Threads && IsParallel(first.Cost)))
        {
            MultiplyRange(first, 0, batch, strideA, strideB, strideC);
            return;
        }

        SplitBatch(first, batch, strideA, strideB, strideC);
    }

    // A method of its own, because a lambda's captures are allocated on entry to the method around it.
    static void SplitBatch<T>(Product<T> first, int batch, nint strideA, nint strideB, nint strideC)
        where T : unmanaged, INumberBase<T>
    {
        var grain = (int)Math.Clamp(SmallestChunk / Math.Max(1, first.Cost), 1, batch);
        Work.Split(batch, grain, (low, high) => MultiplyRange(first, low, high, strideA, strideB, strideC));
    }

    static void MultiplyRange<T>(Product<T> first, int low, int high, nint strideA, nint strideB, nint strideC)
        where T : unmanaged, INumberBase<T>
    {
        for (nint i = low; i < high; i++)
        {
            Multiply(first with
            {
                A = first.A.Shifted(i * strideA), B = first.B.Shifted(i * strideB), C = first.C.Shifted(i * strideC),
            });
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void Multiply<T>(in Product<T> product)
        where T : unmanaged, INumberBase<T>
    {
        switch (Path)
        {
            case MatMulPath.Avx512 when Avx512F.IsSupported:
                Kernel<Simd512<T>, Vector512<T>, T>.Multiply(product);
                break;
            case MatMulPath.Avx2 when Avx2.IsSupported && Fma.IsSupported:
                Kernel<Simd256<T>, Vector256<T>, T>.Multiply(product);
                break;
            default:
                Kernel<Simd128<T>, Vector128<T>, T>.Multiply(product);
                break;
        }
    }

    // Pointers know no bounds, so they are checked here, once.
    static void Require(
        int batch, bool transposeA, bool transposeB, int m, int n, int k,
        int lengthA, int lda, long strideA, int lengthB, int ldb, long strideB, int lengthC, int ldc, long strideC)
    {
        if ((batch | m | n | k) < 0) throw new ArgumentOutOfRangeException(
            nameof(m), $"matmul: sizes must not be negative, but got {batch} x [{m}, {k}]·[{k}, {n}].");
        if (batch == 0 || m == 0 || n == 0) return;
        if (batch > 1 && strideC < (m - 1L) * ldc + n) throw new ArgumentException(
            $"matmul: results of [{m}, {n}] with row stride {ldc} overlap when {strideC} apart.", nameof(strideC));
        if (!Fits(transposeA ? k : m, transposeA ? m : k, lda, batch, strideA, lengthA)
            || !Fits(transposeB ? n : k, transposeB ? k : n, ldb, batch, strideB, lengthB)
            || !Fits(m, n, ldc, batch, strideC, lengthC)) throw new ArgumentException(
            $"matmul: {batch} x [{m}, {k}]·[{k}, {n}] do not fit the memory given: a has {lengthA} elements "
            + $"(row stride {lda}, batch stride {strideA}), b has {lengthB} ({ldb}, {strideB}), "
            + $"c has {lengthC} ({ldc}, {strideC}).");
    }

    static bool Fits(int rows, int columns, int stride, int batch, long batchStride, int length) =>
        rows == 0 || columns == 0 || (stride >= columns && batchStride >= 0
            && (batch - 1L) * batchStride + (rows - 1L) * stride + columns <= length);

    static Product<T> Describe<T>(
        bool transposeA, bool transposeB, int m, int n, int k,
        T* a, int lda, T* b, int ldb, T* c, int ldc, bool accumulate)
        where T : unmanaged =>
        new(m, n, k,
            transposeA ? new(a, 1, lda) : new(a, lda, 1), transposeB ? new(b, 1, ldb) : new(b, ldb, 1), new(c, ldc, 1),
            accumulate);

    /// <summary>A matrix in memory: element (i, j) is at Origin + i·Row + j·Column. One of the strides is 1.</summary>
    readonly struct View<T>(T* origin, nint row, nint column)
        where T : unmanaged
    {
        public readonly T* Origin = origin;
        public readonly nint Row = row, Column = column;

        public View<T> Transposed => new(Origin, Column, Row);

        public View<T> Shifted(nint elements) => new(Origin + elements, Row, Column);

        /// <summary>The part of the matrix right of and below element (row, column).</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public View<T> From(nint row, nint column) => Shifted(row * Row + column * Column);
    }

    /// <summary>One product to be done: C[Rows, Columns] = or += A[Rows, Depth]·B[Depth, Columns].</summary>
    readonly record struct Product<T>(
        int Rows, int Columns, int Depth, View<T> A, View<T> B, View<T> C, bool Accumulate)
        where T : unmanaged
    {
        /// <summary>How many multiply-adds it takes.</summary>
        public double Cost => (double)Rows * Columns * Depth;
    }
}
