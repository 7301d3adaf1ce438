using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace MicroGrad.Net;

static unsafe partial class MatMul
{
    /// <summary>A number as a type: lets one source of a micro-kernel be compiled for each tile size.</summary>
    interface INumber
    {
        static abstract int Value { get; }
    }

    readonly struct One : INumber { public static int Value => 1; }

    readonly struct Two : INumber { public static int Value => 2; }

    readonly struct Four : INumber { public static int Value => 4; }

    readonly struct Six : INumber { public static int Value => 6; }

    readonly struct Eight : INumber { public static int Value => 8; }

    readonly struct Twelve : INumber { public static int Value => 12; }

    static partial class Kernel<TSimd, TVector, T>
    {
        /// <summary>The sums of one row of a tile: one or two vectors, which the JIT keeps in registers.</summary>
        struct RowSums
        {
            TVector _left, _right;

            /// <summary>sums += a·b, one element of a's row against a row of b.</summary>
            [MethodImpl(MethodImplOptions.AggressiveInlining)]
            public void MultiplyAdd<TVectors>(byte* a, TVector left, TVector right)
                where TVectors : INumber
            {
                var factor = TSimd.Broadcast(*(T*)a);
                _left = TSimd.MultiplyAdd(factor, left, _left);
                if (TVectors.Value > 1) _right = TSimd.MultiplyAdd(factor, right, _right);
            }

            [MethodImpl(MethodImplOptions.AggressiveInlining)]
            public readonly void Write<TVectors>(T* c, int columns, bool accumulate)
                where TVectors : INumber
            {
                Put(c, _left, columns, accumulate);
                if (TVectors.Value > 1) Put(c + TSimd.Width, _right, columns - TSimd.Width, accumulate);
            }
        }

        /// <summary>target = or += the first <paramref name="count"/> lanes of value, or all it has.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        static void Put(T* target, TVector value, int count, bool accumulate)
        {
            if (count >= TSimd.Width)
                TSimd.Store(target, accumulate ? TSimd.Add(TSimd.Load(target), value) : value);
            else
                TSimd.StoreFirst(target, accumulate ? TSimd.Add(TSimd.LoadFirst(target, count), value) : value, count);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        static void Put(T* target, T value, bool accumulate) => *target = accumulate ? *target + value : value;

        /// <summary>
        /// The micro-kernel: a tile of c (TRows rows, TVectors vectors wide) = or += a[TRows, k]·b[k, TVectors·Width].
        /// Of the tile's columns only the first <paramref name="columns"/> belong to c and are written.
        /// </summary>
        /// <remarks>
        /// Every element is summed over k in order, by itself: its bits do not depend on the tile it falls into.
        /// The rows are named one by one because an array of sums would live in memory, not in registers; the
        /// comparisons with TRows are constants to the JIT.
        /// </remarks>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        static void Tile<TRows, TVectors>(
            int k, in View<T> a, in View<T> b, in View<T> c, int columns, bool accumulate)
            where TRows : INumber
            where TVectors : INumber
        {
            RowSums r0 = default, r1 = default, r2 = default, r3 = default, r4 = default, r5 = default;
            RowSums r6 = default, r7 = default, r8 = default, r9 = default, r10 = default, r11 = default;

            // Byte strides: any element of four neighbouring rows is then one addressing mode away.
            var row = a.Row * sizeof(T);
            var row3 = 3 * row;
            var step = a.Column * sizeof(T);
            var a0 = (byte*)a.Origin;
            var a4 = a0 + 4 * row;
            var a8 = a4 + 4 * row;
            var bRow = b.Origin;
            var bStep = b.Row;

            for (; k > 0; k--)
            {
                var left = TSimd.Load(bRow);
                var right = TVectors.Value > 1 ? TSimd.Load(bRow + TSimd.Width) : default;
                r0.MultiplyAdd<TVectors>(a0, left, right);
                if (TRows.Value > 1) r1.MultiplyAdd<TVectors>(a0 + row, left, right);
                if (TRows.Value > 2) r2.MultiplyAdd<TVectors>(a0 + 2 * row, left, right);
                if (TRows.Value > 3) r3.MultiplyAdd<TVectors>(a0 + row3, left, right);
                if (TRows.Value > 4) r4.MultiplyAdd<TVectors>(a4, left, right);
                if (TRows.Value > 5) r5.MultiplyAdd<TVectors>(a4 + row, left, right);
                if (TRows.Value > 6) r6.MultiplyAdd<TVectors>(a4 + 2 * row, left, right);
                if (TRows.Value > 7) r7.MultiplyAdd<TVectors>(a4 + row3, left, right);
                if (TRows.Value > 8) r8.MultiplyAdd<TVectors>(a8, left, right);
                if (TRows.Value > 9) r9.MultiplyAdd<TVectors>(a8 + row, left, right);
                if (TRows.Value > 10) r10.MultiplyAdd<TVectors>(a8 + 2 * row, left, right);
                if (TRows.Value > 11) r11.MultiplyAdd<TVectors>(a8 + row3, left, right);
                a0 += step;
                if (TRows.Value > 4) a4 += step;
                if (TRows.Value > 8) a8 += step;
                bRow += bStep;
            }

            var target = c.Origin;
            var next = c.Row;
            r0.Write<TVectors>(target, columns, accumulate);
            if (TRows.Value > 1) r1.Write<TVectors>(target += next, columns, accumulate);
            if (TRows.Value > 2) r2.Write<TVectors>(target += next, columns, accumulate);
            if (TRows.Value > 3) r3.Write<TVectors>(target += next, columns, accumulate);
            if (TRows.Value > 4) r4.Write<TVectors>(target += next, columns, accumulate);
            if (TRows.Value > 5) r5.Write<TVectors>(target += next, columns, accumulate);
            if (TRows.Value > 6) r6.Write<TVectors>(target += next, columns, accumulate);
            if (TRows.Value > 7) r7.Write<TVectors>(target += next, columns, accumulate);
            if (TRows.Value > 8) r8.Write<TVectors>(target += next, columns, accumulate);
            if (TRows.Value > 9) r9.Write<TVectors>(target += next, columns, accumulate);
            if (TRows.Value > 10) r10.Write<TVectors>(target += next, columns, accumulate);
            if (TRows.Value > 11) r11.Write<TVectors>(target + next, columns, accumulate);
        }

        /// <summary>One panel of rows (at most TileRows) against one of b, cut into tiles that exist as code.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        static void TileColumn<TVectors>(
            int rows, int k, View<T> a, in View<T> b, View<T> c, int columns, bool accumulate)
            where TVectors : INumber
        {
            while (rows > 0)
            {
                int done;
                if (TSimd.TileRows >= 12 && rows >= 12)
                {
                    Tile<Twelve, TVectors>(k, a, b, c, columns, accumulate);
                    done = 12;
                }
                else if (TSimd.TileRows >= 8 && rows >= 8)
                {
                    Tile<Eight, TVectors>(k, a, b, c, columns, accumulate);
                    done = 8;
                }
                else if (rows >= 6)
                {
                    Tile<Six, TVectors>(k, a, b, c, columns, accumulate);
                    done = 6;
                }
                else if (rows >= 4)
                {
                    Tile<Four, TVectors>(k, a, b, c, columns, accumulate);
                    done = 4;
                }
                else if (rows >= 2)
                {
                    Tile<Two, TVectors>(k, a, b, c, columns, accumulate);
                    done = 2;
                }
                else
                {
                    Tile<One, TVectors>(k, a, b, c, columns, accumulate);
                    done = 1;
                }

                rows -= done;
                a = a.From(done, 0);
                c = c.From(done, 0);
            }
        }
    }
}
