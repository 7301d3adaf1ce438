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
/// into blocks that fit the caches and shares them out to threads; <c>Packing</c> lays the operands out as the innermost
/// loop reads them; <c>Tile</c> is that loop, which keeps a small tile of c in registers; <c>Vector</c> is the product of
/// a matrix and a vector, which has nothing to reuse and so nothing to block; <c>Simd</c> is the vector instructions.
/// An element's terms are added in an order that depends only on the sizes of the product: threads never change a bit.
/// </remarks>
static unsafe partial class MatMul
{
    // Vector512.IsHardwareAccelerated is false where the runtime prefers 256 bits; the product gains from 512 all the same.
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
    /// <paramref name="transposeA"/>; b as [k, n], or as [n, k] when <paramref name="transposeB"/>. With k = 0 the product
    /// is zero. c must not overlap a or b.
    /// </remarks>
    public static void Run<T>(
        bool transposeA, bool transposeB, int m, int n, int k,
        ReadOnlySpan<T> a, int lda, ReadOnlySpan<T> b, int ldb, Span<T> c, int ldc, bool accumulate = false)
        where T : unmanaged, IFloatingPointIeee754<T> =>
        RunBatch(1, transposeA, transposeB, m, n, k, a, lda, 0, b, ldb, 0, c, ldc, 0, accumulate);

    /// <summary>
    /// <paramref name="batch"/> products of equal size, as <see cref="Run"/>; from one to the next the matrices lie
    /// <paramref name="strideA"/>, <paramref name="strideB"/> and <paramref name="strideC"/> elements apart. A stride
    /// of 0 shares a or b among all products.
    /// </summary>
    public static void RunBatch<T>(
        int batch, bool transposeA, bool transposeB, int m, int n, int k,
        ReadOnlySpan<T> a, int lda, long strideA, ReadOnlySpan<T> b, int ldb, long strideB,
        Span<T> c, int ldc, long strideC, bool accumulate = false)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        if (batch < 0 || m < 0 || n < 0 || k < 0) throw new ArgumentOutOfRangeException(
            nameof(m), $"matmul: sizes must not be negative, but got {batch} x [{m}, {k}]·[{k}, {n}].");
        if (batch == 0 || m == 0 || n == 0) return;
        if (batch > 1 && strideC < (m - 1L) * ldc + n) throw new ArgumentException(
            $"matmul: results of [{m}, {n}] with row stride {ldc} overlap when they are {strideC} apart.", nameof(strideC));
        RequireMatrix(nameof(a), a.Length, transposeA ? k : m, transposeA ? m : k, lda, batch, strideA);
        RequireMatrix(nameof(b), b.Length, transposeB ? n : k, transposeB ? k : n, ldb, batch, strideB);
        RequireMatrix(nameof(c), c.Length, m, n, ldc, batch, strideC);

        fixed (T* pa = a, pb = b, pc = c)
        {
            var product = new Product<T>(
                m, n, k, new View<T>(pa, lda, 1), new View<T>(pb, ldb, 1), new View<T>(pc, ldc, 1), accumulate);
            if (transposeA) product = product with { A = product.A.Transposed };
            if (transposeB) product = product with { B = product.B.Transposed };

            if (batch == 1) Multiply(product);
            else MultiplyBatch(product, batch, (nint)strideA, (nint)strideB, (nint)strideC);
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

        var grain = (int)Math.Clamp(ParallelWork / 4 / Math.Max(1, first.Cost), 1, batch);
        Work.Split(
            batch, grain, (low, high) => MultiplyRange(first, low, high, strideA, strideB, strideC));
    }

    static void MultiplyRange<T>(Product<T> first, int low, int high, nint strideA, nint strideB, nint strideC)
        where T : unmanaged, INumberBase<T>
    {
        for (nint i = low; i < high; i++)
        {
            Multiply(first with
            {
                A = first.A with { Origin = first.A.Origin + i * strideA },
                B = first.B with { Origin = first.B.Origin + i * strideB },
                C = first.C with { Origin = first.C.Origin + i * strideC },
            });
        }
    }

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
    static void RequireMatrix(string name, int length, int rows, int columns, int stride, int batch, long batchStride)
    {
        if (rows == 0 || columns == 0) return;
        var last = (batch - 1L) * batchStride + (rows - 1L) * stride + columns;
        if (stride < columns || batchStride < 0 || last > length) throw new ArgumentException(
            $"matmul: {batch} x [{rows}, {columns}] with row stride {stride} and batch stride {batchStride} does not fit "
            + $"the {length} elements given.", name);
    }

    /// <summary>A matrix in memory: element (i, j) is at Origin + i·Row + j·Column. One of the strides is 1.</summary>
    readonly record struct View<T>(nint Address, nint Row, nint Column)
        where T : unmanaged
    {
        public View(T* origin, nint row, nint column)
            : this((nint)origin, row, column)
        {
        }

        public T* Origin
        {
            get => (T*)Address;
            init => Address = (nint)value;
        }

        public View<T> Transposed => new(Address, Column, Row);

        /// <summary>The part of the matrix right of and below element (row, column).</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public View<T> From(nint row, nint column) => new(Origin + row * Row + column * Column, Row, Column);
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
