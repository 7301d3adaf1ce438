using System.Numerics;
using System.Runtime.CompilerServices;

namespace MicroGrad.Net;

static partial class VectorMath
{
    /// <summary>The error function, 2/√π times the integral of e^(-t²) from 0 to x.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<T> Erf<T>(Vector<T> x) where T : unmanaged, IFloatingPointIeee754<T>
    {
        // A polynomial near 0. Elsewhere 1 - e^(-a h(a)), as the logarithm of 1 - erf a is smooth, nearly -a² (after
        // N. Juffa's erff).
        var a = AtMost(Vector.Abs(x), Constant<T>(4f, 6)); // erf rounds to 1 from there on
        var near = Fma(a, ErfTail(a * a), a);
        var p = ReducedExpm1(-a * ErfExponent(a), out var n);
        var scale = PowerOfTwo(n);
        var far = Vector<T>.One - Fma(scale, p, scale);
        var isNear = Vector.LessThan(a, Constant<T>(0.875f, 0.875));
        return Vector.CopySign(Vector.ConditionalSelect(isNear, near, far), x);
    }

    /// <summary>The complementary error function 1 - erf x, without the loss of digits for large x.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<T> Erfc<T>(Vector<T> x) where T : unmanaged, IFloatingPointIeee754<T>
    {
        var near = Vector<T>.One - Fma(x, ErfTail(x * x), x);
        var a = Vector.Abs(x);
        var far = PositiveErfc(a);
        far = Vector.ConditionalSelect(Vector.LessThan(x, Vector<T>.Zero), Constant<T>(2f, 2) - far, far);
        return Vector.ConditionalSelect(Vector.LessThan(a, Constant<T>(0.5f, 0.5)), near, far);
    }

    /// <summary>
    /// The distribution function of the standard normal, erfc(-x/√2)/2, and its density e^(-x²/2)/√(2π), which share
    /// the exponential.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<T> NormalDistribution<T>(Vector<T> x, out Vector<T> density)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        var half = Constant<T>(0.5f, 0.5);
        var a = AtMost(Vector.Abs(x), Constant<T>(15.5f, 39.5)); // both round to 0 from there on
        var exp = ExpOfMinusSquare(a, half);
        density = exp * Constant<T>(0.398942280f, 0.39894228040143268);
        var tail = exp * (half * PositiveErfcx(a * Constant<T>(0.707106781f, 0.70710678118654752)));
        return Vector.ConditionalSelect(Vector.LessThan(x, Vector<T>.Zero), tail, Vector<T>.One - tail);
    }

    /// <summary>erfc a for a ≥ 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector<T> PositiveErfc<T>(Vector<T> a) where T : unmanaged, IFloatingPointIeee754<T>
    {
        a = AtMost(a, Constant<T>(11f, 28)); // erfc rounds to 0 from there on
        return ExpOfMinusSquare(a, Vector<T>.One) * PositiveErfcx(a);
    }

    /// <summary>e^(-factor a²) for a power of two as factor.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector<T> ExpOfMinusSquare<T>(Vector<T> a, Vector<T> factor) where T : unmanaged, IFloatingPointIeee754<T>
    {
        // The rounding error of a² matters: e^(-square - error) = e^-square (1 - error).
        var square = a * a;
        var error = Fma(a, a, -square);
        var exp = Exp(-factor * square);
        return Fma(exp, -factor * error, exp);
    }

    /// <summary>
    /// e^(a²) erfc a for a ≥ 0, a function that changes slowly: over t = (a - 3) / (a + 3), in which all of a ≥ 0 is an
    /// interval, a + 3 times it is nearly a polynomial (after M. M. Shepherd and J. G. Laframboise, Mathematics of
    /// Computation 36, 1981).
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector<T> PositiveErfcx<T>(Vector<T> a) where T : unmanaged, IFloatingPointIeee754<T>
    {
        var three = Constant<T>(3f, 3);
        var q = Vector<T>.One / (a + three);
        var t = Fma(q, Constant<T>(-6f, -6), Vector<T>.One);
        var remainder = Fma(-t, a, Fma(t + Vector<T>.One, -three, a)); // a - 3 - t (a + 3)
        t = Fma(q, remainder, t);
        return q * ScaledErfc(t);
    }

    /// <summary>(erf x - x) / x for z = x² and |x| ≤ 7/8; near 0 the result is x + 0.128 x.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector<T> ErfTail<T>(Vector<T> z) => typeof(T) == typeof(float)
        ? ErfTail(z.As<T, float>()).As<float, T>()
        : ErfTail(z.As<T, double>()).As<double, T>();

    /// <summary>h(a) = -log(erfc a) / a for 7/8 ≤ a ≤ 4 (float), 6 (double).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector<T> ErfExponent<T>(Vector<T> a) => typeof(T) == typeof(float)
        ? ErfExponent(a.As<T, float>()).As<float, T>()
        : ErfExponent(a.As<T, double>()).As<double, T>();

    /// <summary>(a + 3) e^(a²) erfc a for t = (a - 3) / (a + 3).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector<T> ScaledErfc<T>(Vector<T> t) => typeof(T) == typeof(float)
        ? ScaledErfc(t.As<T, float>()).As<float, T>()
        : ScaledErfc(t.As<T, double>()).As<double, T>();

    // Relative error of erf x: 1e-9.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector<float> ErfTail(Vector<float> z)
    {
        var p = Vector.Create(7.80690389e-05f);
        p = Fma(p, z, -0.00079978531f);
        p = Fma(p, z, 0.0051871622f);
        p = Fma(p, z, -0.0268533472f);
        p = Fma(p, z, 0.112835787f);
        p = Fma(p, z, -0.37612626f);
        return Fma(p, z, 0.128379166f);
    }

    // Relative error of erf x: 1e-17.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector<double> ErfTail(Vector<double> z)
    {
        var p = Vector.Create(-1.289143150637123e-09);
        p = Fma(p, z, 1.5916173697260807e-08);
        p = Fma(p, z, -1.661833003278693e-07);
        p = Fma(p, z, 1.6490774443616932e-06);
        p = Fma(p, z, -1.492759265950925e-05);
        p = Fma(p, z, 0.00012055416135402171);
        p = Fma(p, z, -0.0008548329291114165);
        p = Fma(p, z, 0.005223977663840424);
        p = Fma(p, z, -0.026866170648918566);
        p = Fma(p, z, 0.11283791670974289);
        p = Fma(p, z, -0.3761263890318413);
        return Fma(p, z, 0.1283791670955126);
    }

    // Relative error of erf a: 1e-9.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector<float> ErfExponent(Vector<float> a)
    {
        var h = Vector.Create(9.36461402e-06f);
        h = Fma(h, a, -0.000304330315f);
        h = Fma(h, a, 0.00356825581f);
        h = Fma(h, a, -0.0236071646f);
        h = Fma(h, a, 0.106059551f);
        h = Fma(h, a, 0.635256946f);
        return Fma(h, a, 1.12862289f);
    }

    // Relative error of erf a: 7e-17.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector<double> ErfExponent(Vector<double> a)
    {
        var h = Vector.Create(1.1551639329626596e-11);
        h = Fma(h, a, -4.5161491476916024e-10);
        h = Fma(h, a, 8.205012037572795e-09);
        h = Fma(h, a, -9.182406606132523e-08);
        h = Fma(h, a, 7.058079966581559e-07);
        h = Fma(h, a, -3.916020361523526e-06);
        h = Fma(h, a, 1.5883982057839123e-05);
        h = Fma(h, a, -4.5445883375261e-05);
        h = Fma(h, a, 7.579679856808003e-05);
        h = Fma(h, a, 2.7703892043719415e-05);
        h = Fma(h, a, -0.0006071863441809228);
        h = Fma(h, a, 0.0017209662072315013);
        h = Fma(h, a, -0.0002306261416725165);
        h = Fma(h, a, -0.019116125543620424);
        h = Fma(h, a, 0.1027679585906711);
        h = Fma(h, a, 0.636620818803741);
        return Fma(h, a, 1.1283790598432666);
    }

    // For 0 ≤ a ≤ 10. Relative error: 1e-8.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector<float> ScaledErfc(Vector<float> t)
    {
        var p = Vector.Create(-0.000298505911f);
        p = Fma(p, t, -0.000437260634f);
        p = Fma(p, t, 0.00307892705f);
        p = Fma(p, t, -0.00125838548f);
        p = Fma(p, t, -0.0268457439f);
        p = Fma(p, t, 0.119536407f);
        p = Fma(p, t, -0.31046471f);
        p = Fma(p, t, 0.590227723f);
        p = Fma(p, t, -0.883394539f);
        return Fma(p, t, 1.07400692f);
    }

    // For 0 ≤ a ≤ 27. Relative error: 2e-16.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector<double> ScaledErfc(Vector<double> t)
    {
        var p = Vector.Create(-2.2244801752262713e-09);
        p = Fma(p, t, -1.572884296101674e-10);
        p = Fma(p, t, 3.485913441270602e-08);
        p = Fma(p, t, 3.864529724616535e-08);
        p = Fma(p, t, -2.1297332498481392e-07);
        p = Fma(p, t, -3.9564591576284997e-07);
        p = Fma(p, t, 9.829104627630215e-07);
        p = Fma(p, t, 2.755115460285634e-06);
        p = Fma(p, t, -4.7412800631435755e-06);
        p = Fma(p, t, -1.7465546261811714e-05);
        p = Fma(p, t, 3.0395568864199788e-05);
        p = Fma(p, t, 0.00010755999110844006);
        p = Fma(p, t, -0.0002767772926572007);
        p = Fma(p, t, -0.0005483094232578316);
        p = Fma(p, t, 0.0030340619271988748);
        p = Fma(p, t, -0.0012124166546353158);
        p = Fma(p, t, -0.026827234618869242);
        p = Fma(p, t, 0.11952776128869941);
        p = Fma(p, t, -0.3104672619007645);
        p = Fma(p, t, 0.590228357104074);
        p = Fma(p, t, -0.8833944531698815);
        return Fma(p, t, 1.0740069070883398);
    }
}
