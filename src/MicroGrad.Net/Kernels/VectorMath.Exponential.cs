using System.Numerics;
using System.Runtime.CompilerServices;

namespace MicroGrad.Net;

static partial class VectorMath
{
    /// <summary>e^x.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<T> Exp<T>(Vector<T> x) where T : unmanaged, IFloatingPointIeee754<T>
    {
        // Beyond these the result is infinite, or zero even among the denormal numbers.
        x = AtMost(AtLeast(x, Constant<T>(-105f, -746)), Constant<T>(89f, 710));
        var p = ReducedExpm1(x, out var n);

        // Two factors, as 2^n alone may overflow, or be denormal; the first product is exact.
        var half = Round(n * Constant<T>(0.5f, 0.5));
        return (Vector<T>.One + p) * PowerOfTwo(half) * PowerOfTwo(n - half);
    }

    /// <summary>e^x - 1, without the loss of digits near 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<T> Expm1<T>(Vector<T> x) where T : unmanaged, IFloatingPointIeee754<T>
    {
        var bounded = AtMost(AtLeast(x, Constant<T>(-20f, -40)), Constant<T>(89f, 710));
        var p = ReducedExpm1(bounded, out var n);

        // e^x - 1 = 2^n (1 + p) - 1, halved: 2^n itself overflows before the result does.
        var half = PowerOfTwo(n - Vector<T>.One);
        var y = Fma(half, p, half - Constant<T>(0.5f, 0.5));

        // Below the last digit e^x - 1 = x: this keeps -0 and the last bit of denormal numbers.
        var tiny = Vector.LessThan(Vector.Abs(x), Constant<T>(1f / (1 << 25), 1.0 / (1L << 54)));
        return Vector.ConditionalSelect(tiny, x, y + y);
    }

    /// <summary>tanh x = (e^2x - 1) / (e^2x + 1), computed on |x| from e^2x - 1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<T> Tanh<T>(Vector<T> x) where T : unmanaged, IFloatingPointIeee754<T>
    {
        var a = AtMost(Vector.Abs(x), Constant<T>(10f, 20)); // tanh rounds to 1 from there on
        var p = ReducedExpm1(a + a, out var n);
        var scale = PowerOfTwo(n);
        var em1 = Fma(scale, p, scale - Vector<T>.One);
        return Vector.CopySign(em1 / (em1 + Constant<T>(2f, 2)), x);
    }

    /// <summary>The logistic function 1 / (1 + e^-x).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<T> Sigmoid<T>(Vector<T> x) where T : unmanaged, IFloatingPointIeee754<T>
    {
        // For x < 0 the equal e^x / (1 + e^x): neither overflows, and the relative error stays small.
        var z = Exp(-Vector.Abs(x));
        var numerator = Vector.ConditionalSelect(Vector.LessThan(x, Vector<T>.Zero), z, Vector<T>.One);
        return numerator / (Vector<T>.One + z);
    }

    /// <summary>log(1 + e^x) = max(x, 0) + log(1 + e^-|x|).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<T> Softplus<T>(Vector<T> x) where T : unmanaged, IFloatingPointIeee754<T> =>
        AtLeast(x, Vector<T>.Zero) + FiniteLog1p(Exp(-Vector.Abs(x)));

    /// <summary>e^r - 1 with r = x - n log 2 and n the whole number that makes |r| ≤ log(2) / 2.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector<T> ReducedExpm1<T>(Vector<T> x, out Vector<T> n) where T : unmanaged
    {
        n = Round(x * Constant<T>(1.44269504f, 1.4426950408889634));

        // log 2 in two parts (Cody and Waite); fused, the first product is exact.
        var r = Fma(n, Constant<T>(-0.693147182f, -0.6931471805599453), x);
        r = Fma(n, Constant<T>(1.90465421e-9f, -2.3190468138462996e-17), r);
        return Fma(r * r, ExpTail(r), r);
    }

    /// <summary>(e^r - 1 - r) / r² for |r| ≤ log(2) / 2.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector<T> ExpTail<T>(Vector<T> r) => typeof(T) == typeof(float)
        ? ExpTail(r.As<T, float>()).As<float, T>()
        : ExpTail(r.As<T, double>()).As<double, T>();

    // Relative error of e^r - 1: 1.5e-8.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector<float> ExpTail(Vector<float> r)
    {
        var q = Vector.Create(0.00139745406f);
        q = Fma(q, r, 0.00836809818f);
        q = Fma(q, r, 0.0416661724f);
        q = Fma(q, r, 0.166665316f);
        return Fma(q, r, 0.5f);
    }

    // Relative error of e^r - 1: 5e-19.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector<double> ExpTail(Vector<double> r)
    {
        var q = Vector.Create(2.0915429314024583e-09);
        q = Fma(q, r, 2.51088835957582e-08);
        q = Fma(q, r, 2.7557280434024136e-07);
        q = Fma(q, r, 2.7557244736679273e-06);
        q = Fma(q, r, 2.4801587319629923e-05);
        q = Fma(q, r, 0.00019841269885619212);
        q = Fma(q, r, 0.001388888888887765);
        q = Fma(q, r, 0.008333333333321744);
        q = Fma(q, r, 0.041666666666666706);
        q = Fma(q, r, 0.16666666666666677);
        return Fma(q, r, 0.5);
    }
}
