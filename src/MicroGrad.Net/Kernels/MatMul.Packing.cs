using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace MicroGrad.Net;

static unsafe partial class MatMul
{
    /// <summary>Scratch memory of this thread, kept from call to call and aligned to cache lines.</summary>
    static class Scratch<T>
        where T : unmanaged
    {
        const int CacheLine = 64;

        [ThreadStatic]
        static T[]? t_a, t_b;

        /// <summary>For a panel of a, which the running thread alone reads.</summary>
        public static T* ForA(int count) => Aligned(ref t_a, count);

        /// <summary>For panels of b; or a vector, which other threads may read while this one waits for them.</summary>
        public static T* ForB(int count) => Aligned(ref t_b, count);

        static T* Aligned(ref T[]? buffer, int count)
        {
            count += CacheLine / sizeof(T);
            if (buffer is null || buffer.Length < count)
                buffer = Sizes.New<T>("matmul", count, clear: false, pinned: true);
            var address = (nuint)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(buffer));
            return (T*)((address + CacheLine - 1) & ~(nuint)(CacheLine - 1));
        }
    }

    static partial class Kernel<TSimd, TVector, T>
    {
        /// <summary>
        /// Copies source[steps, width] to target, row after row without gaps, each padded with zeros to
        /// <paramref name="panelWidth"/>. The vector store of a last row may run past it, by less than one vector.
        /// </summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        static void Pack(View<T> source, int steps, int width, T* target, int panelWidth)
        {
            if (source.Column != 1)
            {
                if (width < panelWidth) new Span<T>(target, steps * panelWidth).Clear();
                PackTransposed(source, steps, width, target, panelWidth);
                return;
            }

            var row = source.Origin;
            for (var step = 0; step < steps; step++, row += source.Row, target += panelWidth)
            {
                for (var j = 0; j < panelWidth; j += TSimd.Width)
                {
                    var left = width - j;
                    var values = left >= TSimd.Width ? TSimd.Load(row + j) : TSimd.LoadFirst(row + j, left);
                    TSimd.Store(target + j, values);
                }
            }
        }

        // The source's columns are contiguous: turn small blocks within registers, the rest element by element.
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        static void PackTransposed(View<T> source, int steps, int width, T* target, int panelWidth)
        {
            var lane = 0;
            if (TSimd.Width >= Vector256<T>.Count)
            {
                var block = Vector128<T>.Count;
                for (; lane + 2 * block <= width; lane += 2 * block)
                {
                    var from = source.Origin + lane * source.Column;
                    var to = target + lane;
                    var step = 0;
                    for (; step + block <= steps; step += block, from += block, to += block * panelWidth)
                        TransposeBlock(from, source.Column, to, panelWidth);
                    for (; step < steps; step++, from++, to += panelWidth)
                        for (var i = 0; i < 2 * block; i++) to[i] = from[i * source.Column];
                }
                // Half a block more: 12 rows are one block and a half.
                if (lane + block <= width)
                {
                    var from = source.Origin + lane * source.Column;
                    var to = target + lane;
                    var step = 0;
                    for (; step + block <= steps; step += block, from += block, to += block * panelWidth)
                        TransposeHalfBlock(from, source.Column, to, panelWidth);
                    for (; step < steps; step++, from++, to += panelWidth)
                        for (var i = 0; i < block; i++) to[i] = from[i * source.Column];
                    lane += block;
                }
            }

            for (; lane < width; lane++)
            {
                var from = source.Origin + lane * source.Column;
                for (var step = 0; step < steps; step++) target[step * panelWidth + lane] = from[step];
            }
        }

        // Float: 8 columns of 4 elements become 4 rows of 8; double: 4 columns of 2 become 2 rows of 4. The two halves
        // of a 256-bit vector hold columns half a row apart, so that instructions that stay within halves do it all.
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        static void TransposeBlock(T* from, nint column, T* to, nint row)
        {
            if (typeof(T) == typeof(float))
            {
                var c0 = Halves((float*)from, 4 * column);
                var c1 = Halves((float*)(from + column), 4 * column);
                var c2 = Halves((float*)(from + 2 * column), 4 * column);
                var c3 = Halves((float*)(from + 3 * column), 4 * column);
                var low01 = Avx.UnpackLow(c0, c1).AsDouble();
                var low23 = Avx.UnpackLow(c2, c3).AsDouble();
                var high01 = Avx.UnpackHigh(c0, c1).AsDouble();
                var high23 = Avx.UnpackHigh(c2, c3).AsDouble();
                Avx.UnpackLow(low01, low23).Store((double*)to);
                Avx.UnpackHigh(low01, low23).Store((double*)(to + row));
                Avx.UnpackLow(high01, high23).Store((double*)(to + 2 * row));
                Avx.UnpackHigh(high01, high23).Store((double*)(to + 3 * row));
            }
            else
            {
                var c0 = Halves((double*)from, 2 * column);
                var c1 = Halves((double*)(from + column), 2 * column);
                Avx.UnpackLow(c0, c1).Store((double*)to);
                Avx.UnpackHigh(c0, c1).Store((double*)(to + row));
            }
        }

        // Float: 4 columns of 4 elements become 4 rows of 4; double: 2 columns of 2 become 2 rows of 2.
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        static void TransposeHalfBlock(T* from, nint column, T* to, nint row)
        {
            if (typeof(T) == typeof(float))
            {
                var c0 = Vector128.Load((float*)from);
                var c1 = Vector128.Load((float*)(from + column));
                var c2 = Vector128.Load((float*)(from + 2 * column));
                var c3 = Vector128.Load((float*)(from + 3 * column));
                var low01 = Sse.UnpackLow(c0, c1).AsDouble();
                var low23 = Sse.UnpackLow(c2, c3).AsDouble();
                var high01 = Sse.UnpackHigh(c0, c1).AsDouble();
                var high23 = Sse.UnpackHigh(c2, c3).AsDouble();
                Sse2.UnpackLow(low01, low23).Store((double*)to);
                Sse2.UnpackHigh(low01, low23).Store((double*)(to + row));
                Sse2.UnpackLow(high01, high23).Store((double*)(to + 2 * row));
                Sse2.UnpackHigh(high01, high23).Store((double*)(to + 3 * row));
            }
            else
            {
                var c0 = Vector128.Load((double*)from);
                var c1 = Vector128.Load((double*)(from + column));
                Sse2.UnpackLow(c0, c1).Store((double*)to);
                Sse2.UnpackHigh(c0, c1).Store((double*)(to + row));
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        static Vector256<TElement> Halves<TElement>(TElement* from, nint distance)
            where TElement : unmanaged =>
            Vector256.Create(Vector128.Load(from), Vector128.Load(from + distance));
    }
}
