using System.Numerics;
using static System.Numerics.Vector;

namespace MicroGrad.Net;

// Functions of angles and of hyperbolas, each by a formula that loses no digits: nothing is squared that could overflow,
// and no two nearly equal numbers are subtracted.

readonly struct Tangent : IUnary
{
    public Vector<T> Value<T>(Vector<T> x) where T : unmanaged, IFloatingPointIeee754<T> =>
        VectorMath.Sin(x) / VectorMath.Cos(x);
}

/// <summary>arctan(x / √(1 − x²)), with slope 1/√(1 − x²): ∞ at ±1.</summary>
readonly struct ArcSine : IDifferentiable
{
    public Vector<T> Value<T>(Vector<T> x) where T : unmanaged, IFloatingPointIeee754<T> =>
        VectorMath.Atan(x / SquareRoot((Vector<T>.One - x) * (Vector<T>.One + x)));

    public Vector<T> Slope<T>(Vector<T> x, Vector<T> y) where T : unmanaged, IFloatingPointIeee754<T> =>
        Vector<T>.One / SquareRoot((Vector<T>.One - x) * (Vector<T>.One + x));
}

/// <summary>2 arctan √((1 − x)/(1 + x)), with slope −1/√(1 − x²): −∞ at ±1.</summary>
readonly struct ArcCosine : IDifferentiable
{
    public Vector<T> Value<T>(Vector<T> x) where T : unmanaged, IFloatingPointIeee754<T>
    {
        var half = VectorMath.Atan(SquareRoot((Vector<T>.One - x) / (Vector<T>.One + x)));
        return half + half;
    }

    public Vector<T> Slope<T>(Vector<T> x, Vector<T> y) where T : unmanaged, IFloatingPointIeee754<T> =>
        -default(ArcSine).Slope(x, y);
}

/// <summary>The angle of the point (x, y) from the x axis, −π to π, by C's rules for signed zeros and infinities.</summary>
readonly struct ArcTangentOfPoint : IBinary
{
    public Vector<T> Value<T>(Vector<T> y, Vector<T> x) where T : unmanaged, IFloatingPointIeee754<T>
    {
        // Of the two sides the smaller by the larger: an angle up to π/4, turned into its eighth of the circle.
        var (a, b) = (Vector.Abs(y), Vector.Abs(x));
        var steep = GreaterThan(a, b);
        var (small, large) = (ConditionalSelect(steep, b, a), ConditionalSelect(steep, a, b));
        var ratio = ConditionalSelect(Vector.Equals(small, large), Vector<T>.One, small / large);       // ∞/∞ is 1
        ratio = ConditionalSelect(Vector.Equals(a + b, Vector<T>.Zero), Vector<T>.Zero, ratio);         // 0/0 is 0
        var angle = VectorMath.Atan(ratio);
        angle = ConditionalSelect(steep, Lanes.All<T>(Math.PI / 2) - angle, angle);
        var left = LessThan(CopySign(Vector<T>.One, x), Vector<T>.Zero);                                // −0 is
        return CopySign(ConditionalSelect(left, Lanes.All<T>(Math.PI) - angle, angle), y);
    }
}

readonly struct HyperbolicSine : IUnary
{
    public Vector<T> Value<T>(Vector<T> x) where T : unmanaged, IFloatingPointIeee754<T>
    {
        var (a, half) = (Vector.Abs(x), Lanes.All<T>(0.5));
        var e = VectorMath.Expm1(a);
        var near = half * (e + e / (e + Vector<T>.One));
        var root = VectorMath.Exp(a * half);        // its square overflows only where the result does
        return CopySign(
            ConditionalSelect(LessThan(a, Vector<T>.One), near, half * root * root - half / root / root), x);
    }
}

readonly struct HyperbolicCosine : IUnary
{
    public Vector<T> Value<T>(Vector<T> x) where T : unmanaged, IFloatingPointIeee754<T>
    {
        var half = Lanes.All<T>(0.5);
        var root = VectorMath.Exp(Vector.Abs(x) * half);
        return half * root * root + half / root / root;
    }
}

/// <summary>log(x + √(x² + 1)), with slope 1/√(x² + 1).</summary>
readonly struct AreaHyperbolicSine : IDifferentiable
{
    public Vector<T> Value<T>(Vector<T> x) where T : unmanaged, IFloatingPointIeee754<T>
    {
        var (a, one) = (Vector.Abs(x), Vector<T>.One);
        var near = VectorMath.Log1p(a + a * a / (one + SquareRoot(a * a + one)));
        return CopySign(ConditionalSelect(IsFar(a), OfFar(a), near), x);
    }

    public Vector<T> Slope<T>(Vector<T> x, Vector<T> y) where T : unmanaged, IFloatingPointIeee754<T>
    {
        var (a, one) = (Vector.Abs(x), Vector<T>.One);
        var large = GreaterThan(a, one);
        var small = ConditionalSelect(large, one / a, a);
        return ConditionalSelect(large, small, one) / SquareRoot(small * small + one);
    }

    /// <summary>Where x² ± 1 is x².</summary>
    public static Vector<T> IsFar<T>(Vector<T> x) where T : unmanaged, IFloatingPointIeee754<T> =>
        GreaterThan(x, Lanes.All<T>(typeof(T) == typeof(float) ? 1e4 : 1e8));

    /// <summary>log 2x.</summary>
    public static Vector<T> OfFar<T>(Vector<T> x) where T : unmanaged, IFloatingPointIeee754<T> =>
        VectorMath.Log(x) + Lanes.All<T>(0.69314718055994531);
}

/// <summary>log(x + √(x² − 1)), with slope 1/√(x² − 1): ∞ at 1; NaN below 1.</summary>
readonly struct AreaHyperbolicCosine : IDifferentiable
{
    public Vector<T> Value<T>(Vector<T> x) where T : unmanaged, IFloatingPointIeee754<T>
    {
        var beyond = x - Vector<T>.One;
        return ConditionalSelect(AreaHyperbolicSine.IsFar(x), AreaHyperbolicSine.OfFar(x),
            VectorMath.Log1p(beyond + SquareRoot(beyond) * SquareRoot(x + Vector<T>.One)));
    }

    public Vector<T> Slope<T>(Vector<T> x, Vector<T> y) where T : unmanaged, IFloatingPointIeee754<T> =>
        Vector<T>.One / (SquareRoot(x - Vector<T>.One) * SquareRoot(x + Vector<T>.One));
}

/// <summary>½ log((1 + x)/(1 − x)), with slope 1/(1 − x²): ±∞ at ±1; NaN beyond.</summary>
readonly struct AreaHyperbolicTangent : IDifferentiable
{
    public Vector<T> Value<T>(Vector<T> x) where T : unmanaged, IFloatingPointIeee754<T>
    {
        var a = Vector.Abs(x);
        return CopySign(Lanes.All<T>(0.5) * VectorMath.Log1p((a + a) / (Vector<T>.One - a)), x);
    }

    public Vector<T> Slope<T>(Vector<T> x, Vector<T> y) where T : unmanaged, IFloatingPointIeee754<T> =>
        Vector<T>.One / ((Vector<T>.One - x) * (Vector<T>.One + x));
}

/// <summary>log(eˣ + eʸ): the larger, and what the other adds to it.</summary>
readonly struct LogarithmOfSum : IBinary
{
    public Vector<T> Value<T>(Vector<T> x, Vector<T> y) where T : unmanaged, IFloatingPointIeee754<T> =>
        // Of two equal infinities the difference says nothing.
        ConditionalSelect(Vector.Equals(x, y), x + Lanes.All<T>(0.69314718055994531),
            Max(x, y) + VectorMath.SoftplusOfMinusAbs(x - y));
}
