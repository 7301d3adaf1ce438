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

    /// <summary>e^x - 1 - x, without the loss of digits near 0; 0 or more.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<T> ExpBeyondLine<T>(Vector<T> x) where T : unmanaged, IFloatingPointIeee754<T>
    {
        var near = x * x * ExpTail(x);
        return Vector.ConditionalSelect(
            Vector.LessThan(Vector.Abs(x), Constant<T>(0.34f, 0.34)), near, Expm1(x) - AtMost(x, Constant<T>(1000f, 1000)));
    }

    /// <summary>The hyperbolic tangent: a polynomial near 0, and 1 - 2 / (e^2|x| + 1) elsewhere.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<T> Tanh<T>(Vector<T> x) where T : unmanaged, IFloatingPointIeee754<T>
    {
        var a = AtMost(Vector.Abs(x), Constant<T>(10f, 20)); // tanh rounds to 1 from there on
        var z = a * a;
        var near = Fma(a * z, TanhTail(z), a);

        // e^2a = 2^n (1 + p); 2^n cannot overflow here.
        var two = Constant<T>(2f, 2);
        var p = ReducedExpm1(two * a, out var n);
        var scale = PowerOfTwo(n);
        var far = Vector<T>.One - two / (Fma(scale, p, scale) + Vector<T>.One);

        var isNear = Vector.LessThan(a, Constant<T>(0.625f, 0.625));
        return Vector.CopySign(Vector.ConditionalSelect(isNear, near, far), x);
    }

    /// <summary>The logistic function 1 / (1 + e^-x).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<T> Sigmoid<T>(Vector<T> x) where T : unmanaged, IFloatingPointIeee754<T>
    {
        // With z = e^-|x|, which cannot overflow, and q = z / (1 + z): 1 - q for x ≥ 0, and q = z (1 - q) for x < 0,
        // where the error of the quotient is multiplied by z.
        var z = Exp(-Vector.Abs(x));
        var q = z / (Vector<T>.One + z);
        var factor = Vector.ConditionalSelect(Vector.LessThan(x, Vector<T>.Zero), z, Vector<T>.One);
        return Fma(-factor, q, factor);
    }

    /// <summary>log(1 + e^x) = max(x, 0) + log(1 + e^-|x|).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<T> Softplus<T>(Vector<T> x) where T : unmanaged, IFloatingPointIeee754<T> =>
        AtLeast(x, Vector<T>.Zero) + SoftplusOfMinusAbs(x);

    /// <summary>log(1 + e^-|x|).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<T> SoftplusOfMinusAbs<T>(Vector<T> x) where T : unmanaged, IFloatingPointIeee754<T> =>
        FiniteLog1p(Exp(-Vector.Abs(x)));

    /// <summary>e^r - 1 with r = x - n log 2 and n the whole number that makes |r| ≤ log(2) / 2.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector<T> ReducedExpm1<T>(Vector<T> x, out Vector<T> n)
    {
        n = Round(x * Constant<T>(1.44269504f, 1.4426950408889634));

        // log 2 in two parts (Cody and Waite); fused, the first product is exact. The low part joins the small terms
        // first, so that the last sum alone rounds.
        var high = Fma(n, Constant<T>(-0.693147182f, -0.6931471805599453), x);
        var low = n * Constant<T>(1.90465421e-9f, -2.3190468138462996e-17);
        var r = high + low;
        return high + Fma(r * r, ExpTail(r), low);
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

    /// <summary>(tanh x - x) / x³ for z = x² and |x| ≤ 5/8.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector<T> TanhTail<T>(Vector<T> z) => typeof(T) == typeof(float)
        ? TanhTail(z.As<T, float>()).As<float, T>()
        : TanhTail(z.As<T, double>()).As<double, T>();

    // Relative error of tanh x: 5e-9.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector<float> TanhTail(Vector<float> z)
    {
        var p = Vector.Create(-0.00569334021f);
        p = Fma(p, z, 0.0206285063f);
        p = Fma(p, z, -0.0537365153f);
        p = Fma(p, z, 0.133314058f);
        return Fma(p, z, -0.333332807f);
    }

    // Relative error of tanh x: 1e-17.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector<double> TanhTail(Vector<double> z)
    {
        var p = Vector.Create(-1.6071003612559805e-05);
        p = Fma(p, z, 7.714037769975156e-05);
        p = Fma(p, z, -0.00022855999204292413);
        p = Fma(p, z, 0.0005863141089526192);
        p = Fma(p, z, -0.0014549580400266256);
        p = Fma(p, z, 0.003591988995757155);
        p = Fma(p, z, -0.008863220979406065);
        p = Fma(p, z, 0.021869487574292308);
        p = Fma(p, z, -0.05396825393118958);
        p = Fma(p, z, 0.13333333333261926);
        return Fma(p, z, -0.33333333333332854);
    }
}
