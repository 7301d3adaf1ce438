using System.Numerics;
using System.Runtime.CompilerServices;

namespace MicroGrad.Net;

static partial class VectorMath
{
    /// <summary>sin x, x in radians.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<T> Sin<T>(Vector<T> x) where T : unmanaged, IFloatingPointIeee754<T>
    {
        var r = ReduceQuarterTurns(x, out var n);
        var y = Vector.ConditionalSelect(Vector.Equals(x, Vector<T>.Zero), x, SinInQuadrant(r, n)); // keeps -0
        return IsLarge(x, out var large) ? Vector.ConditionalSelect(large, PerLane(x, T.Sin), y) : y;
    }

    /// <summary>cos x, x in radians.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<T> Cos<T>(Vector<T> x) where T : unmanaged, IFloatingPointIeee754<T>
    {
        var r = ReduceQuarterTurns(x, out var n);
        var y = SinInQuadrant(r, n + Vector<T>.One); // cos x = sin(x + π/2)
        return IsLarge(x, out var large) ? Vector.ConditionalSelect(large, PerLane(x, T.Cos), y) : y;
    }

    /// <summary>The arc tangent, from -π/2 to π/2.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<T> Atan<T>(Vector<T> x) where T : unmanaged, IFloatingPointIeee754<T>
    {
        // Three cases, parted at tan(π/8) and tan(3π/8): atan a is atan t, π/4 + atan((a - 1) / (a + 1)) or
        // π/2 + atan(-1 / a), each with |t| ≤ tan(π/8). (After S. Moshier's atan.)
        var (a, one) = (Vector.Abs(x), Vector<T>.One);
        var middle = Vector.GreaterThan(a, Constant<T>(0.414213562f, 0.41421356237309503));
        var far = Vector.GreaterThan(a, Constant<T>(2.41421356f, 2.414213562373095));
        var t = Vector.ConditionalSelect(far, -one, Vector.ConditionalSelect(middle, a - one, a))
            / Vector.ConditionalSelect(far, a, Vector.ConditionalSelect(middle, a + one, one));
        var turns = Vector.ConditionalSelect(far, one, Constant<T>(0.5f, 0.5) & middle);
        var z = t * t;
        // π/2 is in two parts.
        var low = Fma(turns, Constant<T>(-4.37113883e-8f, 6.123233995736766e-17), t * z * AtanTail(z));
        return Vector.CopySign(Fma(turns, Constant<T>(1.57079637f, 1.5707963267948966), t + low), x);
    }

    /// <summary>(atan t - t) / t³ for z = t² and |t| ≤ tan(π/8).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector<T> AtanTail<T>(Vector<T> z) => typeof(T) == typeof(float)
        ? AtanTail(z.As<T, float>()).As<float, T>()
        : AtanTail(z.As<T, double>()).As<double, T>();

    // Relative error of atan t: 7e-10.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector<float> AtanTail(Vector<float> z)
    {
        var a = Vector.Create(-0.060900524f);
        a = Fma(a, z, 0.105991684f);
        a = Fma(a, z, -0.14244391f);
        a = Fma(a, z, 0.19998528f);
        return Fma(a, z, -0.33333316f);
    }

    // Relative error of atan t: 2e-18.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector<double> AtanTail(Vector<double> z)
    {
        var a = Vector.Create(-0.01790876844295252);
        a = Fma(a, z, 0.03806578744406323);
        a = Fma(a, z, -0.05039345284852935);
        a = Fma(a, z, 0.058478966602180694);
        a = Fma(a, z, -0.06663104852211452);
        a = Fma(a, z, 0.07692060271038059);
        a = Fma(a, z, -0.09090897760539927);
        a = Fma(a, z, 0.11111110783580365);
        a = Fma(a, z, -0.1428571428020085);
        a = Fma(a, z, 0.1999999999995368);
        return Fma(a, z, -0.333333333333332);
    }

    /// <summary>Tells which arguments have too few digits left after the reduction below.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static bool IsLarge<T>(Vector<T> x, out Vector<T> large)
    {
        large = Vector.GreaterThan(Vector.Abs(x), Constant<T>(8192f, 65536));
        return Vector.AnyWhereAllBitsSet(large);
    }

    /// <summary>r = x - n π/2, with n the whole number that makes |r| ≤ π/4.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector<T> ReduceQuarterTurns<T>(Vector<T> x, out Vector<T> n)
    {
        n = Round(x * Constant<T>(0.636619772f, 0.6366197723675814));

        // π/2 in three parts (Cody and Waite): x may lie close to a multiple of π/2, leaving r few of the first digits.
        var r = Fma(n, Constant<T>(-1.57079625f, -1.5707963267948966), x);
        r = Fma(n, Constant<T>(-7.54978942e-8f, -6.123233995736765e-17), r);
        return Fma(n, Constant<T>(-5.39030253e-15f, -1.0828566739219139e-32), r);
    }

    /// <summary>sin(r + n π/2): by n modulo 4 this is sin r, cos r, -sin r or -cos r.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector<T> SinInQuadrant<T>(Vector<T> r, Vector<T> n)
    {
        var turns = n * Constant<T>(0.25f, 0.25);
        turns -= Floor(turns); // 0, 1/4, 1/2 or 3/4
        var half = Constant<T>(0.5f, 0.5);
        var odd = Vector.Equals(Vector.Abs(turns - half), Constant<T>(0.25f, 0.25));

        var z = r * r;
        var sin = Fma(r * z, SinTail(z), r);
        var cos = Fma(z, Fma(z, CosTail(z), -half), Vector<T>.One);
        var y = Vector.ConditionalSelect(odd, cos, sin);
        return Vector.ConditionalSelect(Vector.GreaterThanOrEqual(turns, half), -y, y);
    }

    /// <summary>(sin r - r) / r³ for z = r² and |r| ≤ π/4.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector<T> SinTail<T>(Vector<T> z) => typeof(T) == typeof(float)
        ? SinTail(z.As<T, float>()).As<float, T>()
        : SinTail(z.As<T, double>()).As<double, T>();

    /// <summary>(cos r - 1 + r²/2) / r⁴ for z = r² and |r| ≤ π/4.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector<T> CosTail<T>(Vector<T> z) => typeof(T) == typeof(float)
        ? CosTail(z.As<T, float>()).As<float, T>()
        : CosTail(z.As<T, double>()).As<double, T>();

    // Relative error of sin r: 4e-9.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector<float> SinTail(Vector<float> z)
    {
        var s = Vector.Create(-0.00019518286f);
        s = Fma(s, z, 0.00833218917f);
        return Fma(s, z, -0.166666552f);
    }

    // Relative error of cos r: 2e-10.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector<float> CosTail(Vector<float> z)
    {
        var c = Vector.Create(2.44323273e-05f);
        c = Fma(c, z, -0.00138873095f);
        return Fma(c, z, 0.0416666456f);
    }

    // Sun's fdlibm, k_sin.c: error below 2^-58.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector<double> SinTail(Vector<double> z)
    {
        var s = Vector.Create(1.58969099521155010221e-10);
        s = Fma(s, z, -2.50507602534068634195e-08);
        s = Fma(s, z, 2.75573137070700676789e-06);
        s = Fma(s, z, -1.98412698298579493134e-04);
        s = Fma(s, z, 8.33333333332248946124e-03);
        return Fma(s, z, -1.66666666666666324348e-01);
    }

    // Sun's fdlibm, k_cos.c: error below 2^-58.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector<double> CosTail(Vector<double> z)
    {
        var c = Vector.Create(-1.13596475577881948265e-11);
        c = Fma(c, z, 2.08757232129817482790e-09);
        c = Fma(c, z, -2.75573143513906633035e-07);
        c = Fma(c, z, 2.48015872894767294178e-05);
        c = Fma(c, z, -1.38888888888741095749e-03);
        return Fma(c, z, 4.16666666666666019037e-02);
    }
}
