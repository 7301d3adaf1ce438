using System.Buffers;

namespace MicroGrad.Net;

// Products with long sums: parts of a sum that are short enough for Float32, added in double.
static unsafe partial class MatMul
{
    const int LongDepth = 64 * BlockDepth;      // terms of a sum that are added in Float32, in blocks
    const int LongColumn = 128;                 // the same for a vector, for each lane
    const int LongElements = 1 << 20;           // of c at a time

    static partial class Kernel<TSimd, TVector, T>
    {
        static bool IsLong(int depth, int most) => depth > most && typeof(T) == typeof(float);

        static void MultiplyLong(Product<T> product)
        {
            var strip = Math.Clamp(LongElements / product.Columns, 1, product.Rows);
            var part = Sizes.Rent<T>("matmul", (long)strip * product.Columns);
            var totals = Sizes.Rent<double>("matmul", (long)strip * product.Columns);
            var depth = Share(product.Depth, Parts(product.Depth, LongDepth), 1);
            fixed (T* pp = part)
            fixed (double* pt = totals)
                for (var i = 0; i < product.Rows; i += strip)
                {
                    var rows = Math.Min(strip, product.Rows - i);
                    new Span<double>(pt, rows * product.Columns).Clear();
                    for (var p = 0; p < product.Depth; p += depth)
                    {
                        Multiply(new Product<T>(rows, product.Columns, Math.Min(depth, product.Depth - p),
                            product.A.From(i, p), product.B.From(p, 0), new(pp, product.Columns, 1), false));
                        AddTo(pt, pp, rows * product.Columns);
                    }
                    for (var row = 0; row < rows; row++)
                        PutTotals(pt + (long)row * product.Columns, product.C.From(i + row, 0).Transposed,
                            product.Columns, product.Accumulate);
                }
            ArrayPool<T>.Shared.Return(part);
            ArrayPool<double>.Shared.Return(totals);
        }

        static void MultiplyLongVector(
            View<T> matrix, T* x, View<T> result, int length, int depth, int most, bool accumulate)
        {
            var strip = 8 * TSimd.Width;
            var part = stackalloc T[strip];
            var totals = stackalloc double[strip];
            for (var i = 0; i < length; i += strip)
            {
                var rows = Math.Min(strip, length - i);
                new Span<double>(totals, rows).Clear();
                for (var p = 0; p < depth; p += most)
                {
                    MultiplyVector(
                        matrix.From(i, p), x + p, new View<T>(part, 1, 1), rows, Math.Min(most, depth - p), false);
                    AddTo(totals, part, rows);
                }
                PutTotals(totals, result.From(i, 0), rows, accumulate);
            }
        }

        static void AddTo(double* totals, T* part, int count)
        {
            for (var i = 0; i < count; i++) totals[i] += double.CreateTruncating(part[i]);
        }

        /// <summary>Writes a column.</summary>
        static void PutTotals(double* totals, View<T> column, int count, bool accumulate)
        {
            for (var i = 0; i < count; i++) Put(column.From(i, 0).Origin, T.CreateTruncating(totals[i]), accumulate);
        }
    }
}
