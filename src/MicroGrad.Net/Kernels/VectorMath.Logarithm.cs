using System.Numerics;
using System.Runtime.CompilerServices;

namespace MicroGrad.Net;

static partial class VectorMath
{
    /// <summary>The natural logarithm.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<T> Log<T>(Vector<T> x) where T : unmanaged, IFloatingPointIeee754<T>
    {
        // Denormal numbers are made normal first.
        var denormal = Vector.LessThan(x, Constant<T>(1.17549435e-38f, 2.2250738585072014e-308));
        var normal = Vector.ConditionalSelect(denormal, x * Constant<T>(1 << 25, 1L << 54), x);
        var e = Exponent(normal);
        var f = AddToExponent(normal, -e) - Vector<T>.One;
        e -= denormal & Constant<T>(25f, 54);

        var y = ScaledLog1p(f, e);
        y = Vector.ConditionalSelect(Vector.LessThan(x, Vector.Create(T.PositiveInfinity)), y, x); // and NaN
        return WherePole(x, Vector<T>.Zero, y);
    }

    /// <summary>log(1 + x), without the loss of digits near 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<T> Log1p<T>(Vector<T> x) where T : unmanaged, IFloatingPointIeee754<T>
    {
        var y = FiniteLog1p(x);
        var ordinary = Vector.LessThan(x, Vector.Create(T.PositiveInfinity)) & ~Vector.Equals(x, Vector<T>.Zero);
        y = Vector.ConditionalSelect(ordinary, y, x); // infinity, NaN and -0
        return WherePole(x, -Vector<T>.One, y);
    }

    /// <summary>x^y with the special cases of the C library: the scalar function, lane by lane.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static Vector<T> Pow<T>(Vector<T> x, Vector<T> y) where T : unmanaged, IFloatingPointIeee754<T>
    {
        var result = Vector<T>.Zero;
        for (var lane = 0; lane < Vector<T>.Count; lane++)
            result = result.WithElement(lane, T.Pow(x[lane], y[lane]));
        return result;
    }

    /// <summary>log(1 + x) for finite x > -1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector<T> FiniteLog1p<T>(Vector<T> x)
    {
        // 1 + x = 2^e (1 + f) with f = x 2^-e + (2^-e - 1). The rounding of 1 + x only decides e, and f has all the
        // digits of x. (N. Juffa's log1pf.) The bound keeps 2^-e normal; it is lost beside 1 long before.
        var e = Exponent(Vector<T>.One + x);
        var scale = PowerOfTwo(AtLeast(-e, Constant<T>(-100f, -100)));
        var f = AddToExponent(x, -e) + (scale - Vector<T>.One);
        return ScaledLog1p(f, e);
    }

    /// <summary>Puts in what the logarithm is at its pole, -infinity, and left of it, NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector<T> WherePole<T>(Vector<T> x, Vector<T> pole, Vector<T> y)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        var value = Vector.ConditionalSelect(
            Vector.Equals(x, pole), Vector.Create(T.NegativeInfinity), Vector.Create(T.NaN));
        return Vector.ConditionalSelect(Vector.LessThanOrEqual(x, pole), value, y);
    }

    /// <summary>
    /// The whole number e for which x 2^-e lies around 1: in [2/3, 4/3) for float, as its polynomial is in f = x - 1,
    /// in [√½, √2) for double.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector<T> Exponent<T>(Vector<T> x)
    {
        // Subtracting the lower bound's bits, and adding the bias again, leaves e + bias in the exponent field. Moved
        // into the mantissa of 2^23 (2^52), this whole number reads as a float, without a conversion.
        if (typeof(T) == typeof(float))
        {
            const uint LowerBound = 0x3f2aaaab, Bias = 127u << 23;
            var biased = Vector.ShiftRightLogical(x.As<T, uint>() - Vector.Create(unchecked(LowerBound - Bias)), 23);
            var whole = biased | Vector.Create(0x4b000000u);
            return (whole.As<uint, float>() - Vector.Create(8388608f + 127)).As<float, T>();
        }
        else
        {
            const ulong LowerBound = 0x3fe6a09e667f3bcd, Bias = 1023ul << 52;
            var biased = Vector.ShiftRightLogical(x.As<T, ulong>() - Vector.Create(unchecked(LowerBound - Bias)), 52);
            var whole = biased | Vector.Create(0x4330000000000000ul);
            return (whole.As<ulong, double>() - Vector.Create(4503599627370496.0 + 1023)).As<double, T>();
        }
    }

    /// <summary>log(2^e (1 + f)); log 2 is in two parts.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector<T> ScaledLog1p<T>(Vector<T> f, Vector<T> e)
    {
        var low = Fma(e, Constant<T>(-1.90465421e-9f, 2.3190468138462996e-17), Log1pTail(f));
        return Fma(e, Constant<T>(0.693147182f, 0.6931471805599453), f + low);
    }

    /// <summary>log(1 + f) - f.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector<T> Log1pTail<T>(Vector<T> f) => typeof(T) == typeof(float)
        ? Log1pTail(f.As<T, float>()).As<float, T>()
        : Log1pTail(f.As<T, double>()).As<double, T>();

    // For |f| ≤ 1/3. Relative error of log(1 + f): 5e-9.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector<float> Log1pTail(Vector<float> f)
    {
        var p = Vector.Create(-0.124927148f);
        p = Fma(p, f, 0.140596077f);
        p = Fma(p, f, -0.122729883f);
        p = Fma(p, f, 0.139897749f);
        p = Fma(p, f, -0.166744575f);
        p = Fma(p, f, 0.200114325f);
        p = Fma(p, f, -0.249999195f);
        p = Fma(p, f, 0.333331972f);
        p = Fma(p, f, -0.5f);
        return f * f * p;
    }

    // For √½ ≤ 1 + f ≤ √2: Sun's fdlibm, e_log.c. With s = f / (2 + f), log(1 + f) = 2 artanh s = 2 s + s R(s²), where
    // 2 s = f - s f; written with f²/2, which rounds better than s f. Error below 2^-58.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector<double> Log1pTail(Vector<double> f)
    {
        var s = f / (f + Vector.Create(2.0));
        var z = s * s;
        var r = Vector.Create(1.479819860511658591e-01);
        r = Fma(r, z, 1.531383769920937332e-01);
        r = Fma(r, z, 1.818357216161805012e-01);
        r = Fma(r, z, 2.222219843214978396e-01);
        r = Fma(r, z, 2.857142874366239149e-01);
        r = Fma(r, z, 3.999999999940941908e-01);
        r = Fma(r, z, 6.666666666666735130e-01);
        var halfSquare = Vector.Create(0.5) * f * f;
        return Fma(s, Fma(r, z, halfSquare), -halfSquare);
    }
}
