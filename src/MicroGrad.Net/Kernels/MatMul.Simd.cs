using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace MicroGrad.Net;

static unsafe partial class MatMul
{
    /// <summary>
    /// What the micro-kernels need of an instruction set. Each implementation is an empty struct used as a type
    /// argument, so that the JIT compiles the one source of the kernels anew for it, with every call inlined.
    /// </summary>
    interface ISimd<TVector, T>
        where TVector : struct
        where T : unmanaged
    {
        /// <summary>Elements in a vector.</summary>
        static abstract int Width { get; }

        /// <summary>Rows of the largest tile: with two vectors a row, its sums must all stay in registers.</summary>
        static abstract int TileRows { get; }

        static abstract TVector Load(T* source);
        static abstract void Store(T* target, TVector value);

        /// <summary>Loads the first <paramref name="count"/> elements only; the other lanes are zero.</summary>
        static abstract TVector LoadFirst(T* source, int count);

        /// <summary>Stores the first <paramref name="count"/> lanes only.</summary>
        static abstract void StoreFirst(T* target, TVector value, int count);

        static abstract TVector Broadcast(T value);
        static abstract TVector Add(TVector left, TVector right);

        /// <summary>left·right + sum.</summary>
        static abstract TVector MultiplyAdd(TVector left, TVector right, TVector sum);

        /// <summary>The sum of all lanes.</summary>
        static abstract T Sum(TVector value);
    }

    /// <summary>AVX-512: 32 registers, of which a 12 x 2 tile uses 24 for its sums.</summary>
    readonly struct Simd512<T> : ISimd<Vector512<T>, T>
        where T : unmanaged
    {
        public static int Width => Vector512<T>.Count;
        public static int TileRows => 12;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector512<T> Load(T* source) => Vector512.Load(source);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static void Store(T* target, Vector512<T> value) => value.Store(target);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector512<T> LoadFirst(T* source, int count) => typeof(T) == typeof(float)
            ? Avx512F.MaskLoad((float*)source, First32(count), Vector512<float>.Zero).As<float, T>()
            : Avx512F.MaskLoad((double*)source, First64(count), Vector512<double>.Zero).As<double, T>();

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static void StoreFirst(T* target, Vector512<T> value, int count)
        {
            if (typeof(T) == typeof(float)) Avx512F.MaskStore((float*)target, First32(count), value.AsSingle());
            else Avx512F.MaskStore((double*)target, First64(count), value.AsDouble());
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector512<T> Broadcast(T value) => Vector512.Create(value);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector512<T> Add(Vector512<T> left, Vector512<T> right) => left + right;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector512<T> MultiplyAdd(Vector512<T> left, Vector512<T> right, Vector512<T> sum) =>
            typeof(T) == typeof(float)
                ? Avx512F.FusedMultiplyAdd(left.AsSingle(), right.AsSingle(), sum.AsSingle()).As<float, T>()
                : Avx512F.FusedMultiplyAdd(left.AsDouble(), right.AsDouble(), sum.AsDouble()).As<double, T>();

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static T Sum(Vector512<T> value) => Vector256.Sum(value.GetLower() + value.GetUpper());

        static Vector512<float> First32(int count) =>
            Avx512F.CompareLessThan(Vector512<int>.Indices, Vector512.Create(count)).AsSingle();

        static Vector512<double> First64(int count) =>
            Avx512F.CompareLessThan(Vector512<long>.Indices, Vector512.Create((long)count)).AsDouble();
    }

    /// <summary>AVX2 with FMA: 16 registers, of which a 6 x 2 tile uses 12 for its sums.</summary>
    readonly struct Simd256<T> : ISimd<Vector256<T>, T>
        where T : unmanaged
    {
        public static int Width => Vector256<T>.Count;
        public static int TileRows => 6;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector256<T> Load(T* source) => Vector256.Load(source);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static void Store(T* target, Vector256<T> value) => value.Store(target);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector256<T> LoadFirst(T* source, int count) => typeof(T) == typeof(float)
            ? Avx.MaskLoad((float*)source, First32(count)).As<float, T>()
            : Avx.MaskLoad((double*)source, First64(count)).As<double, T>();

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static void StoreFirst(T* target, Vector256<T> value, int count)
        {
            if (typeof(T) == typeof(float)) Avx.MaskStore((float*)target, First32(count), value.AsSingle());
            else Avx.MaskStore((double*)target, First64(count), value.AsDouble());
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector256<T> Broadcast(T value) => Vector256.Create(value);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector256<T> Add(Vector256<T> left, Vector256<T> right) => left + right;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector256<T> MultiplyAdd(Vector256<T> left, Vector256<T> right, Vector256<T> sum) =>
            typeof(T) == typeof(float)
                ? Fma.MultiplyAdd(left.AsSingle(), right.AsSingle(), sum.AsSingle()).As<float, T>()
                : Fma.MultiplyAdd(left.AsDouble(), right.AsDouble(), sum.AsDouble()).As<double, T>();

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static T Sum(Vector256<T> value) => Vector256.Sum(value);

        static Vector256<float> First32(int count) =>
            Vector256.LessThan(Vector256<int>.Indices, Vector256.Create(count)).AsSingle();

        static Vector256<double> First64(int count) =>
            Vector256.LessThan(Vector256<long>.Indices, Vector256.Create((long)count)).AsDouble();
    }

    /// <summary>Any processor: cross-platform vectors only. Arm64 has 32 registers, x64 without AVX has 16.</summary>
    readonly struct Simd128<T> : ISimd<Vector128<T>, T>
        where T : unmanaged
    {
        public static int Width => Vector128<T>.Count;
        public static int TileRows => AdvSimd.Arm64.IsSupported ? 12 : 6;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<T> Load(T* source) => Vector128.Load(source);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static void Store(T* target, Vector128<T> value) => value.Store(target);

        public static Vector128<T> LoadFirst(T* source, int count)
        {
            var value = Vector128<T>.Zero;
            for (var i = 0; i < count; i++) value = value.WithElement(i, source[i]);
            return value;
        }

        public static void StoreFirst(T* target, Vector128<T> value, int count)
        {
            for (var i = 0; i < count; i++) target[i] = value[i];
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<T> Broadcast(T value) => Vector128.Create(value);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<T> Add(Vector128<T> left, Vector128<T> right) => left + right;

        // Fused where the processor can; the fused operation proper would be emulated, slowly, where it cannot.
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<T> MultiplyAdd(Vector128<T> left, Vector128<T> right, Vector128<T> sum) =>
            typeof(T) == typeof(float)
                ? Vector128.MultiplyAddEstimate(left.AsSingle(), right.AsSingle(), sum.AsSingle()).As<float, T>()
                : Vector128.MultiplyAddEstimate(left.AsDouble(), right.AsDouble(), sum.AsDouble()).As<double, T>();

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static T Sum(Vector128<T> value) => Vector128.Sum(value);
    }
}
