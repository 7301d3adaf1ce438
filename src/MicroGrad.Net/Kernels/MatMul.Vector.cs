using System.Runtime.CompilerServices;

namespace MicroGrad.Net;

static unsafe partial class MatMul
{
    static partial class Kernel<TSimd, TVector, T>
    {
        /// <summary>y = or += matrix·x: a product with one column; or with one row, a column transposed.</summary>
        /// <remarks>Each element of the matrix is used once, so that there is nothing to keep in caches.</remarks>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        static void MultiplyVector(in Product<T> product)
        {
            var columns = product.Columns == 1;
            var matrix = columns ? product.A : product.B.Transposed;
            var vector = columns ? product.B : product.A.Transposed;
            var result = columns ? product.C : product.C.Transposed;
            var length = columns ? product.Rows : product.Columns;
            var (depth, accumulate) = (product.Depth, product.Accumulate);

            var x = vector.Origin;
            if (vector.Row != 1)
            {
                x = Scratch<T>.ForB(depth);
                for (var p = 0; p < depth; p++) x[p] = vector.From(p, 0).Origin[0];
            }

            if (IsParallel(product.Cost)) MultiplyVectorParallel(matrix, x, result, length, depth, accumulate);
            else MultiplyVector(matrix, x, result, length, depth, accumulate);
        }

        static void MultiplyVectorParallel(
            View<T> matrix, T* x, View<T> result, int length, int depth, bool accumulate)
        {
            Work.Split(length, 8 * TSimd.Width, (low, high) => MultiplyVector(
                matrix.From(low, 0), x, result.From(low, 0), high - low, depth, accumulate));
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        static void MultiplyVector(View<T> matrix, T* x, View<T> result, int length, int depth, bool accumulate)
        {
            // Of a row, neighbours go to lanes of their own.
            var most = matrix.Column == 1 ? LongColumn * TSimd.Width : LongColumn;
            if (IsLong(depth, most))
            {
                MultiplyLongVector(matrix, x, result, length, depth, most, accumulate);
                return;
            }

            var i = 0;
            if (matrix.Column == 1)
            {
                for (; i + 4 <= length; i += 4)
                    DotRows<Four>(matrix.From(i, 0), x, result.From(i, 0), depth, accumulate);
                for (; i < length; i++) DotRows<One>(matrix.From(i, 0), x, result.From(i, 0), depth, accumulate);
                return;
            }

            // The results must be vectors in memory too.
            var y = result.Row == 1 ? result.Origin : Scratch<T>.ForA(length);
            var add = accumulate && result.Row == 1;
            for (; i + 8 * TSimd.Width <= length; i += 8 * TSimd.Width)
                AddColumns<Eight>(matrix.From(i, 0), x, y + i, 8 * TSimd.Width, depth, add);
            for (; i + 4 * TSimd.Width <= length; i += 4 * TSimd.Width)
                AddColumns<Four>(matrix.From(i, 0), x, y + i, 4 * TSimd.Width, depth, add);
            for (; i < length; i += TSimd.Width)
                AddColumns<One>(matrix.From(i, 0), x, y + i, length - i, depth, add);
            if (result.Row == 1) return;
            for (i = 0; i < length; i++) Put(result.From(i, 0).Origin, y[i], accumulate);
        }

        /// <summary>Contiguous rows: each result is a dot product, summed by lanes, then over them.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        static void DotRows<TRows>(View<T> matrix, T* x, View<T> result, int depth, bool accumulate)
            where TRows : INumber
        {
            TVector s0 = default, s1 = default, s2 = default, s3 = default;
            var m0 = matrix.Origin;
            var m1 = m0 + matrix.Row;
            var m2 = m1 + matrix.Row;
            var m3 = m2 + matrix.Row;
            var p = 0;
            for (; p + TSimd.Width <= depth; p += TSimd.Width)
            {
                var factor = TSimd.Load(x + p);
                s0 = TSimd.MultiplyAdd(TSimd.Load(m0 + p), factor, s0);
                if (TRows.Value == 1) continue;
                s1 = TSimd.MultiplyAdd(TSimd.Load(m1 + p), factor, s1);
                s2 = TSimd.MultiplyAdd(TSimd.Load(m2 + p), factor, s2);
                s3 = TSimd.MultiplyAdd(TSimd.Load(m3 + p), factor, s3);
            }

            if (p < depth)
            {
                var rest = depth - p;
                var factor = TSimd.LoadFirst(x + p, rest);
                s0 = TSimd.MultiplyAdd(TSimd.LoadFirst(m0 + p, rest), factor, s0);
                if (TRows.Value > 1)
                {
                    s1 = TSimd.MultiplyAdd(TSimd.LoadFirst(m1 + p, rest), factor, s1);
                    s2 = TSimd.MultiplyAdd(TSimd.LoadFirst(m2 + p, rest), factor, s2);
                    s3 = TSimd.MultiplyAdd(TSimd.LoadFirst(m3 + p, rest), factor, s3);
                }
            }

            var y = result.Origin;
            Put(y, TSimd.Sum(s0), accumulate);
            if (TRows.Value == 1) return;
            Put(y += result.Row, TSimd.Sum(s1), accumulate);
            Put(y += result.Row, TSimd.Sum(s2), accumulate);
            Put(y + result.Row, TSimd.Sum(s3), accumulate);
        }

        /// <summary>Contiguous columns: added up, each times its element of x, a few vectors at a time.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        static void AddColumns<TVectors>(View<T> matrix, T* x, T* y, int count, int depth, bool accumulate)
            where TVectors : INumber
        {
            TVector s0 = default, s1 = default, s2 = default, s3 = default;
            TVector s4 = default, s5 = default, s6 = default, s7 = default;
            var column = matrix.Origin;
            for (var p = 0; p < depth; p++, column += matrix.Column)
            {
                var factor = TSimd.Broadcast(x[p]);
                if (TVectors.Value == 1)
                {
                    var only = count < TSimd.Width ? TSimd.LoadFirst(column, count) : TSimd.Load(column);
                    s0 = TSimd.MultiplyAdd(only, factor, s0);
                    continue;
                }

                s0 = TSimd.MultiplyAdd(TSimd.Load(column), factor, s0);
                s1 = TSimd.MultiplyAdd(TSimd.Load(column + TSimd.Width), factor, s1);
                s2 = TSimd.MultiplyAdd(TSimd.Load(column + 2 * TSimd.Width), factor, s2);
                s3 = TSimd.MultiplyAdd(TSimd.Load(column + 3 * TSimd.Width), factor, s3);
                if (TVectors.Value == 4) continue;
                s4 = TSimd.MultiplyAdd(TSimd.Load(column + 4 * TSimd.Width), factor, s4);
                s5 = TSimd.MultiplyAdd(TSimd.Load(column + 5 * TSimd.Width), factor, s5);
                s6 = TSimd.MultiplyAdd(TSimd.Load(column + 6 * TSimd.Width), factor, s6);
                s7 = TSimd.MultiplyAdd(TSimd.Load(column + 7 * TSimd.Width), factor, s7);
            }

            Put(y, s0, count, accumulate);
            if (TVectors.Value == 1) return;
            Put(y += TSimd.Width, s1, count, accumulate);
            Put(y += TSimd.Width, s2, count, accumulate);
            Put(y += TSimd.Width, s3, count, accumulate);
            if (TVectors.Value == 4) return;
            Put(y += TSimd.Width, s4, count, accumulate);
            Put(y += TSimd.Width, s5, count, accumulate);
            Put(y += TSimd.Width, s6, count, accumulate);
            Put(y + TSimd.Width, s7, count, accumulate);
        }
    }
}
