using System.Numerics;
using System.Runtime.CompilerServices;

namespace MicroGrad.Net;

/// <summary>
/// Elementary functions on whole <see cref="Vector{T}"/> registers of <see cref="float"/> or <see cref="double"/>.
/// </summary>
/// <remarks>
/// Every algorithm is written once, for both types: reduce the argument to a small interval, evaluate a polynomial
/// there, undo the reduction. Only the coefficients differ, and live in the private overloads on
/// <c>Vector&lt;float&gt;</c> and <c>Vector&lt;double&gt;</c>. Unless a comment names another source, the coefficients
/// are minimax: found with the Remez exchange, in relative error, each one rounded before the next is fitted.
/// There is no branch on the data but for rare arguments, and such a branch changes the rare lanes alone: the bits of a
/// lane never depend on its neighbours. (Those of <see cref="Vector.Exp(Vector{float})"/> and
/// <see cref="Vector.Sin(Vector{float})"/> do, in .NET 10: hence our own.) The largest errors found are 2 units in the
/// last place, 4 for <see cref="Erfc"/>.
/// </remarks>
static partial class VectorMath
{
    /// <summary>A constant of either precision, in all lanes; the JIT keeps one side of the test.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector<T> Constant<T>(float single, double @double) => typeof(T) == typeof(float)
        ? Vector.As<float, T>(Vector.Create(single))
        : Vector.As<double, T>(Vector.Create(@double));

    /// <summary>a b + c with one rounding.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector<T> Fma<T>(Vector<T> a, Vector<T> b, Vector<T> c) => typeof(T) == typeof(float)
        ? Vector.FusedMultiplyAdd(a.As<T, float>(), b.As<T, float>(), c.As<T, float>()).As<float, T>()
        : Vector.FusedMultiplyAdd(a.As<T, double>(), b.As<T, double>(), c.As<T, double>()).As<double, T>();

    // A step of Horner's scheme. Not generic, as the JIT stops inlining where too many calls nest.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector<float> Fma(Vector<float> sum, Vector<float> x, float coefficient) =>
        Vector.FusedMultiplyAdd(sum, x, Vector.Create(coefficient));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector<double> Fma(Vector<double> sum, Vector<double> x, double coefficient) =>
        Vector.FusedMultiplyAdd(sum, x, Vector.Create(coefficient));

    /// <summary>The nearest whole number, the even one of two equally near.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<T> Round<T>(Vector<T> x) => typeof(T) == typeof(float)
        ? Vector.Round(x.As<T, float>()).As<float, T>()
        : Vector.Round(x.As<T, double>()).As<double, T>();

    /// <summary>The next whole number below, or x where it is one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<T> Floor<T>(Vector<T> x) => typeof(T) == typeof(float)
        ? Vector.Floor(x.As<T, float>()).As<float, T>()
        : Vector.Floor(x.As<T, double>()).As<double, T>();

    /// <summary>min(x, limit) that lets NaN through: the native instruction returns its second operand then.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector<T> AtMost<T>(Vector<T> x, Vector<T> limit) => Vector.MinNative(limit, x);

    /// <summary>max(x, limit) that lets NaN through.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector<T> AtLeast<T>(Vector<T> x, Vector<T> limit) => Vector.MaxNative(limit, x);

    // 1.5 * 2^(mantissa bits): added to a small whole number n, it leaves n in the low bits of the sum.
    const float WholeSingle = 12582912f;
    const double WholeDouble = 6755399441055744;

    /// <summary>2^n for whole n within the range of normal exponents.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector<T> PowerOfTwo<T>(Vector<T> n)
    {
        // The exponent's bias (127, 1023) is added on the way; the shift drops what stands above the exponent.
        var biased = n + Constant<T>(WholeSingle + 127, WholeDouble + 1023);
        return ShiftIntoExponent(biased);
    }

    /// <summary>x 2^n for whole n, where both x and the result are normal numbers; x unchanged where n is 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector<T> AddToExponent<T>(Vector<T> x, Vector<T> n)
    {
        var shifted = ShiftIntoExponent(n + Constant<T>(WholeSingle, WholeDouble));
        return typeof(T) == typeof(float)
            ? (x.As<T, int>() + shifted.As<T, int>()).As<int, T>()
            : (x.As<T, long>() + shifted.As<T, long>()).As<long, T>();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector<T> ShiftIntoExponent<T>(Vector<T> x) => typeof(T) == typeof(float)
        ? Vector.ShiftLeft(x.As<T, int>(), 23).As<int, T>()
        : Vector.ShiftLeft(x.As<T, long>(), 52).As<long, T>();

    /// <summary>The way out for arguments that are too rare to vectorise: the scalar function on every lane.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    static Vector<T> PerLane<T>(Vector<T> x, Func<T, T> function) where T : unmanaged
    {
        var result = Vector<T>.Zero;
        for (var lane = 0; lane < Vector<T>.Count; lane++)
            result = result.WithElement(lane, function(x[lane]));
        return result;
    }
}
