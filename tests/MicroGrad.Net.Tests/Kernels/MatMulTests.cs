using System.Numerics;
using FsCheck;
using FsCheck.Fluent;

namespace MicroGrad.Net.Tests.Kernels;

[Collection(nameof(ProcessSettings))]
public sealed class MatMulTests : IDisposable
{
    // Around vector widths, tile heights and panel widths; some share few factors with any of them.
    static readonly int[] Edges = [1, 2, 3, 4, 6, 7, 8, 9, 12, 13, 15, 16, 17, 31, 32, 33, 63, 65];

    // Beyond one block, in each direction.
    static readonly (int M, int N, int K)[] Large =
    [
        (121, 257, 65), (97, 33, 257), (13, 600, 31), (257, 65, 300), (100, 530, 20), (5, 3, 1030), (130, 1100, 17),
    ];

    readonly MatMulPath _path = MatMul.Path;
    readonly int _threads = Work.Threads;

    // All that this processor has. By name: a public test cannot take an internal type.
    public static TheoryData<string> Paths =>
        [.. Enum.GetValues<MatMulPath>().Where(path => path <= MatMul.BestPath).Select(path => path.ToString())];

    public void Dispose()
    {
        MatMul.Path = _path;
        Work.Threads = _threads;
    }

    [Theory]
    [MemberData(nameof(Paths))]
    public void Products_equal_the_plain_triple_loop_around_all_edges(string path)
    {
        MatMul.Path = Enum.Parse<MatMulPath>(path);
        foreach (var size in Edges)
        {
            foreach (var other in new[] { 1, 2, 5, 16, 37 })
            {
                CheckAll(new(size, other, 11));
                CheckAll(new(other, size, 5));
                CheckAll(new(other, 18, size));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Paths))]
    public void Products_beyond_one_block_equal_the_plain_triple_loop(string path)
    {
        MatMul.Path = Enum.Parse<MatMulPath>(path);
        foreach (var (m, n, k) in Large) CheckAll(new(m, n, k));
    }

    [Theory]
    [MemberData(nameof(Paths))]
    public void Products_of_random_shape_equal_the_plain_triple_loop(string path)
    {
        MatMul.Path = Enum.Parse<MatMulPath>(path);
        Search.Check(path, 100, s_cases, one =>
        {
            Check<float>(one);
            Check<double>(one);
        });
    }

    static readonly Gen<int> s_sizes =
        Gen.Frequency((4, Gen.Choose(0, 20)), (2, Gen.Choose(0, 70)), (1, Gen.Choose(0, 300)));

    static readonly Arbitrary<Case> s_cases = Arb.From(
        from m in s_sizes
        from n in s_sizes
        from k in s_sizes
        from flags in Gen.Choose(0, 7)
        from pad in Gen.Choose(0, 5)
        select new Case(m, n, k, (flags & 1) != 0, (flags & 2) != 0, (flags & 4) != 0, pad),
        one =>
        [
            .. Shrinks.Number(one.M, 0).Select(m => one with { M = m }),
            .. Shrinks.Number(one.N, 0).Select(n => one with { N = n }),
            .. Shrinks.Number(one.K, 0).Select(k => one with { K = k }),
            .. Shrinks.Number(one.Pad, 0).Select(pad => one with { Pad = pad }),
        ]);

    [Theory]
    [MemberData(nameof(Paths))]
    public void Bits_do_not_depend_on_the_number_of_threads(string path)
    {
        MatMul.Path = Enum.Parse<MatMulPath>(path);
        (int, int, int)[] sizes =
        [
            (257, 129, 300), (9, 1000, 70), (1000, 1, 700), (1, 900, 800), (130, 1100, 17), (3, 900, 400),
        ];
        foreach (var (m, n, k) in sizes)
        {
            foreach (var one in new Case(m, n, k).AllTransposes())
            {
                SameBitsForAnyThreads<float>(one);
                SameBitsForAnyThreads<double>(one);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Paths))]
    public void A_not_a_number_reaches_its_own_row_or_column_only(string path)
    {
        MatMul.Path = Enum.Parse<MatMulPath>(path);
        foreach (var (m, n, k) in new[] { (13, 17, 5), (1, 9, 3), (9, 1, 3), (25, 33, 16), (121, 70, 33) })
        {
            foreach (var one in new Case(m, n, k).AllTransposes())
            {
                foreach (var bad in new[] { float.NaN, float.PositiveInfinity })
                {
                    var (a, b, c) = Operands<float>(one);
                    a[one.IndexA(m / 2, k - 1)] = bad;
                    b[one.IndexB(0, n - 1)] = bad;
                    one.Run(a, b, c);
                    for (var i = 0; i < m; i++)
                        for (var j = 0; j < n; j++)
                            Assert.Equal(i != m / 2 && j != n - 1, float.IsFinite(c[i * one.Ldc + j]));
                }
            }
        }
    }

    [Fact]
    public void Zero_times_infinity_is_not_a_number()
    {
        foreach (var n in new[] { 1, 4, 40 })
        {
            var c = new float[3 * n];
            MatMul.Multiply<float>(false, false, 3, n, 2, new float[6], 2, Filled(2 * n, float.PositiveInfinity), n, c, n);
            Assert.All(c, value => Assert.True(float.IsNaN(value)));
        }
    }

    [Fact]
    public void No_terms_give_zeros_or_leave_an_accumulated_result()
    {
        foreach (var (m, n) in new[] { (3, 5), (1, 5), (5, 1) })
        {
            var c = Filled(m * n, -0f);
            MatMul.Multiply<float>(false, false, m, n, 0, [], 0, [], n, c, n, accumulate: true);
            Assert.All(c, value => Assert.True(float.IsNegative(value)));
            MatMul.Multiply<float>(false, false, m, n, 0, [], 0, [], n, c, n);
            Assert.All(c, value => Assert.False(float.IsNegative(value)));
        }
    }

    [Fact]
    public void An_empty_result_is_left_alone()
    {
        MatMul.Multiply<float>(false, false, 0, 5, 3, [], 3, new float[15], 5, [], 5);
        MatMul.Multiply<double>(true, true, 5, 0, 3, new double[15], 5, [], 3, [], 0);
        MatMul.MultiplyBatch<double>(0, false, false, 2, 2, 2, [], 2, 4, [], 2, 4, [], 2, 4);
    }

    [Theory]
    [InlineData(3, 4, 5, 6)]
    [InlineData(7, 1, 9, 12)]
    [InlineData(40, 20, 33, 30)]
    [InlineData(3, 90, 90, 90)]
    public void A_batch_equals_its_products_one_by_one(int batch, int m, int n, int k)
    {
        foreach (var threads in new[] { 1, 4 })
        {
            Work.Threads = threads;
            foreach (var one in new Case(m, n, k).AllTransposes())
            {
                foreach (var (sharedA, sharedB) in new[] { (false, false), (true, false), (false, true), (true, true) })
                    CheckBatch(one, batch, sharedA, sharedB);
            }
        }
    }

    [Fact]
    public void Operands_that_are_too_short_are_refused()
    {
        float[] six = new float[6], five = new float[5];
        Assert.Throws<ArgumentException>(() => MatMul.Multiply<float>(false, false, 2, 2, 3, five, 3, six, 2, six, 2));
        Assert.Throws<ArgumentException>(() => MatMul.Multiply<float>(false, false, 2, 2, 3, six, 3, five, 2, six, 2));
        Assert.Throws<ArgumentException>(() => MatMul.Multiply<float>(false, false, 2, 3, 2, six, 2, six, 3, five, 3));
        Assert.Throws<ArgumentException>(() => MatMul.Multiply<float>(false, false, 2, 2, 3, six, 2, six, 2, six, 2));
        Assert.Throws<ArgumentException>(() =>
            MatMul.MultiplyBatch<float>(2, false, false, 2, 2, 2, six, 2, 0, six, 2, 0, six, 2, 2));
        Assert.Throws<ArgumentOutOfRangeException>(() =>
            MatMul.Multiply<float>(false, false, -1, 2, 3, six, 3, six, 2, six, 2));
    }

    [Fact]
    public void A_product_allocates_nothing_once_its_scratch_exists()
    {
        Work.Threads = 1;
        float[] a = new float[200 * 200], c = new float[200 * 200];
        MatMul.Multiply<float>(true, true, 200, 200, 200, a, 200, a, 200, c, 200);
        long Allocated()
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < 10; i++) MatMul.Multiply<float>(true, true, 200, 200, 200, a, 200, a, 200, c, 200);
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }

        // A collection in between can charge the rest of the thread's allocation budget to it: the least counts.
        Assert.Equal(0, Enumerable.Range(0, 5).Min(_ => Allocated()));
    }

    static void CheckAll(Case sizes)
    {
        var index = 0;
        foreach (var one in sizes.AllTransposes())
        {
            // Padding and accumulation alternate: their crossing with the rest is left to the random shapes.
            var varied = one with { Accumulate = index % 2 == 1, Pad = index++ / 2 * 3 };
            Check<float>(varied);
            Check<double>(varied);
        }
    }

    static void Check<T>(Case one)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        var (a, b, c) = Operands<T>(one);
        var expected = Reference(one, a, b, c);
        var tolerance = (typeof(T) == typeof(float) ? 1e-6 : 1e-15) * (one.K + 4);
        one.Run(a, b, c);
        for (var i = 0; i < c.Length; i++)
        {
            var difference = Math.Abs(double.CreateChecked(c[i]) - expected[i]);
            if (!(difference <= tolerance))
                Assert.Fail($"{one} of {typeof(T).Name}: c[{i}] is {c[i]}, not {expected[i]}");
        }
    }

    static void SameBitsForAnyThreads<T>(Case one)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        var (a, b, start) = Operands<T>(one);
        T[]? expected = null;
        foreach (var threads in new[] { 1, 2, 4 })
        {
            Work.Threads = threads;
            var c = start.ToArray();
            one.Run(a, b, c);
            expected ??= c;
            Assert.Equal(expected, c);
        }
    }

    static void CheckBatch(Case one, int batch, bool sharedA, bool sharedB)
    {
        var random = new Random(1);
        var (strideA, strideB, strideC) = (sharedA ? 0 : one.LengthA, sharedB ? 0 : one.LengthB, one.M * one.Ldc);
        var a = Values<double>(random, one.LengthA * batch);
        var b = Values<double>(random, one.LengthB * batch);
        var (actual, expected) = (new double[strideC * batch], new double[strideC * batch]);
        MatMul.MultiplyBatch<double>(
            batch, one.TransposeA, one.TransposeB, one.M, one.N, one.K,
            a, one.Lda, strideA, b, one.Ldb, strideB, actual, one.Ldc, strideC);
        for (var i = 0; i < batch; i++)
            one.Run<double>(a.AsSpan(i * strideA), b.AsSpan(i * strideB), expected.AsSpan(i * strideC));
        for (var i = 0; i < actual.Length; i++) Assert.Equal(expected[i], actual[i], 1e-13 * one.K);
    }

    static (T[] A, T[] B, T[] C) Operands<T>(Case one)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        var random = new Random(one.GetHashCode());
        return (Values<T>(random, one.LengthA), Values<T>(random, one.LengthB), Values<T>(random, one.M * one.Ldc + 3));
    }

    static T[] Values<T>(Random random, int count)
        where T : IFloatingPointIeee754<T> =>
        [.. Enumerable.Range(0, count).Select(_ => T.CreateChecked(random.NextSingle() - 0.5f))];

    static float[] Filled(int count, float value) => [.. Enumerable.Repeat(value, count)];

    // The plain triple loop, in double. Elements of c that are not part of the result keep their value.
    static double[] Reference<T>(Case one, T[] a, T[] b, T[] c)
        where T : IFloatingPointIeee754<T>
    {
        double[] x = [.. a.Select(double.CreateChecked)], y = [.. b.Select(double.CreateChecked)];
        double[] result = [.. c.Select(double.CreateChecked)];
        for (var i = 0; i < one.M; i++)
        {
            for (var j = 0; j < one.N; j++)
            {
                var sum = one.Accumulate ? result[i * one.Ldc + j] : 0;
                for (var p = 0; p < one.K; p++) sum += x[one.IndexA(i, p)] * y[one.IndexB(p, j)];
                result[i * one.Ldc + j] = sum;
            }
        }

        return result;
    }

    sealed record Case(
        int M, int N, int K, bool TransposeA = false, bool TransposeB = false, bool Accumulate = false, int Pad = 0)
    {
        public int Lda => (TransposeA ? M : K) + Pad;

        public int Ldb => (TransposeB ? K : N) + Pad;

        public int Ldc => N + Pad;

        // As short as may be: the last row ends with its last element, not with its padding.
        public int LengthA => Math.Max(0, (TransposeA ? K : M) * Lda - Pad);

        public int LengthB => Math.Max(0, (TransposeB ? N : K) * Ldb - Pad);

        public int IndexA(int row, int column) => TransposeA ? column * Lda + row : row * Lda + column;

        public int IndexB(int row, int column) => TransposeB ? column * Ldb + row : row * Ldb + column;

        public void Run<T>(ReadOnlySpan<T> a, ReadOnlySpan<T> b, Span<T> c)
            where T : unmanaged, IFloatingPointIeee754<T> =>
            MatMul.Multiply(TransposeA, TransposeB, M, N, K, a, Lda, b, Ldb, c, Ldc, Accumulate);

        public IEnumerable<Case> AllTransposes() =>
            from bits in Enumerable.Range(0, 4)
            select this with { TransposeA = (bits & 1) != 0, TransposeB = (bits & 2) != 0 };
    }
}
