using System.Numerics;
using static System.Numerics.Vector;

namespace MicroGrad.Net;

// Activation functions: value and slope side by side.

/// <summary>max(x, 0), with slope 0 at 0. (y − y is that 0, and NaN for a NaN: it must not end here.)</summary>
readonly struct Rectifier : IDifferentiable
{
    public static bool NeedsOnlyValue => true;

    public Vector<T> Value<T>(Vector<T> x) where T : unmanaged, IFloatingPointIeee754<T> => Max(x, Vector<T>.Zero);

    public Vector<T> Slope<T>(Vector<T> x, Vector<T> y) where T : unmanaged, IFloatingPointIeee754<T> =>
        ConditionalSelect(GreaterThan(y, Vector<T>.Zero), Vector<T>.One, y - y);
}

/// <summary>x above 0, slope · x below; the slope at 0 is the lower one.</summary>
readonly struct LeakyRectifier(double slope) : IDifferentiable
{
    public Vector<T> Value<T>(Vector<T> x) where T : unmanaged, IFloatingPointIeee754<T> =>
        ConditionalSelect(GreaterThan(x, Vector<T>.Zero), x, x * Lanes.All<T>(slope));

    public Vector<T> Slope<T>(Vector<T> x, Vector<T> y) where T : unmanaged, IFloatingPointIeee754<T> =>
        ConditionalSelect(GreaterThan(x, Vector<T>.Zero), Vector<T>.One, Lanes.All<T>(slope));
}

/// <summary>scale · x above 0, scale · alpha · (e^(rate · x) − 1) below: ELU, SELU and CELU in one formula.</summary>
readonly struct ExponentialLinear(double alpha, double scale, double rate) : IDifferentiable
{
    public Vector<T> Value<T>(Vector<T> x) where T : unmanaged, IFloatingPointIeee754<T> =>
        ConditionalSelect(GreaterThan(x, Vector<T>.Zero), x * Lanes.All<T>(scale),
            VectorMath.Expm1(x * Lanes.All<T>(rate)) * Lanes.All<T>(alpha * scale));

    public Vector<T> Slope<T>(Vector<T> x, Vector<T> y) where T : unmanaged, IFloatingPointIeee754<T> =>
        ConditionalSelect(GreaterThan(x, Vector<T>.Zero), Lanes.All<T>(scale),
            VectorMath.Exp(x * Lanes.All<T>(rate)) * Lanes.All<T>(alpha * scale * rate));
}

/// <summary>scale · x + shift limited to [low, high], with slope 0 on the bounds: hard tanh and hard sigmoid.</summary>
readonly struct HardLimited(double scale, double shift, double low, double high) : IDifferentiable
{
    public static bool NeedsOnlyValue => true;

    public Vector<T> Value<T>(Vector<T> x) where T : unmanaged, IFloatingPointIeee754<T> =>
        Min(Max(Line(x), Lanes.All<T>(low)), Lanes.All<T>(high));

    public Vector<T> Slope<T>(Vector<T> x, Vector<T> y) where T : unmanaged, IFloatingPointIeee754<T> =>
        ConditionalSelect(GreaterThan(y, Lanes.All<T>(low)) & LessThan(y, Lanes.All<T>(high)),
            Lanes.All<T>(scale), y - y);

    Vector<T> Line<T>(Vector<T> x) where T : unmanaged, IFloatingPointIeee754<T> =>
        x * Lanes.All<T>(scale) + Lanes.All<T>(shift);
}

/// <summary>x · clamp(x/6 + ½, 0, 1), with slope 0 below −3, x/3 + ½ from −3 to 3, and 1 above.</summary>
readonly struct HardSwishFunction : IDifferentiable
{
    public Vector<T> Value<T>(Vector<T> x) where T : unmanaged, IFloatingPointIeee754<T> =>
        Lanes.AtLeast(x, -3) * (Min(Max(x + Lanes.All<T>(3), Vector<T>.Zero), Lanes.All<T>(6)) / Lanes.All<T>(6));

    public Vector<T> Slope<T>(Vector<T> x, Vector<T> y) where T : unmanaged, IFloatingPointIeee754<T> =>
        ConditionalSelect(LessThan(x, Lanes.All<T>(-3)), Vector<T>.Zero,
            ConditionalSelect(GreaterThan(x, Lanes.All<T>(3)), Vector<T>.One, x / Lanes.All<T>(3) + Lanes.All<T>(0.5)));
}

readonly struct HyperbolicTangent : IDifferentiable
{
    public static bool NeedsOnlyValue => true;

    public Vector<T> Value<T>(Vector<T> x) where T : unmanaged, IFloatingPointIeee754<T> => VectorMath.Tanh(x);

    public Vector<T> Slope<T>(Vector<T> x, Vector<T> y) where T : unmanaged, IFloatingPointIeee754<T> =>
        Vector<T>.One - y * y;
}

/// <summary>1 / (1 + e⁻ˣ).</summary>
readonly struct Logistic : IDifferentiable
{
    public static bool NeedsOnlyValue => true;

    public Vector<T> Value<T>(Vector<T> x) where T : unmanaged, IFloatingPointIeee754<T> => VectorMath.Sigmoid(x);

    public Vector<T> Slope<T>(Vector<T> x, Vector<T> y) where T : unmanaged, IFloatingPointIeee754<T> =>
        y * (Vector<T>.One - y);
}

/// <summary>log(1 + e^(beta · x)) / beta = max(x, 0) + log(1 + e^−|beta · x|) / beta.</summary>
readonly struct SoftPlusFunction(double beta) : IDifferentiable
{
    public Vector<T> Value<T>(Vector<T> x) where T : unmanaged, IFloatingPointIeee754<T> =>
        Lanes.AtLeast(x, 0) + VectorMath.SoftplusOfMinusAbs(x * Lanes.All<T>(beta)) / Lanes.All<T>(beta);

    public Vector<T> Slope<T>(Vector<T> x, Vector<T> y) where T : unmanaged, IFloatingPointIeee754<T> =>
        VectorMath.Sigmoid(x * Lanes.All<T>(beta));
}

/// <summary>log(1 / (1 + e⁻ˣ)) = −log(1 + e⁻ˣ), without taking the logarithm of a rounded 0.</summary>
readonly struct LogLogistic : IDifferentiable
{
    public Vector<T> Value<T>(Vector<T> x) where T : unmanaged, IFloatingPointIeee754<T> => -VectorMath.Softplus(-x);

    public Vector<T> Slope<T>(Vector<T> x, Vector<T> y) where T : unmanaged, IFloatingPointIeee754<T> =>
        VectorMath.Sigmoid(-x);
}

/// <summary>−(t·log σ(x) + (1 − t)·log σ(−x)): s + t·max(−x, 0) + (1 − t)·max(x, 0) with s = log(1 + e^−|x|).</summary>
readonly struct LogisticLoss : IBinary
{
    public Vector<T> Value<T>(Vector<T> x, Vector<T> t) where T : unmanaged, IFloatingPointIeee754<T> =>
        VectorMath.SoftplusOfMinusAbs(x) + Part(t, -x) + Part(Vector<T>.One - t, x);

    // No part where the weight is 0, as 0 · ∞ would be NaN; a NaN of x is in s too.
    static Vector<T> Part<T>(Vector<T> weight, Vector<T> x) where T : unmanaged, IFloatingPointIeee754<T> =>
        weight * Max(AndNot(x, Vector.Equals(weight, Vector<T>.Zero)), Vector<T>.Zero);
}

/// <summary>g · ((1 − t)·σ(x) − t·σ(−x)), which is g · (σ(x) − t) without its loss of digits.</summary>
readonly struct LogisticLossSlopeTimes : ITernary
{
    public Vector<T> Value<T>(Vector<T> g, Vector<T> x, Vector<T> t) where T : unmanaged, IFloatingPointIeee754<T>
    {
        var small = VectorMath.Sigmoid(-Abs(x));
        var (large, negative) = (Vector<T>.One - small, LessThan(x, Vector<T>.Zero));
        return g * ((Vector<T>.One - t) * ConditionalSelect(negative, small, large)
            - t * ConditionalSelect(negative, large, small));
    }
}

/// <summary>x · Φ(x), Φ being the distribution function of the standard normal; its slope is Φ(x) + x · Φ'(x).</summary>
readonly struct GaussianErrorLinear : IWithSlope
{
    public Vector<T> Value<T>(Vector<T> x) where T : unmanaged, IFloatingPointIeee754<T> => Value(x, out _);

    public Vector<T> Value<T>(Vector<T> x, out Vector<T> slope) where T : unmanaged, IFloatingPointIeee754<T>
    {
        var phi = VectorMath.NormalDistribution(x, out var density);
        // The density is 0 long before the bounds, which keep 0 · ∞ from arising.
        slope = phi + Lanes.Within(x, -Flat, Flat) * density;
        return Lanes.AtLeast(x, -Flat) * phi;
    }

    internal const double Flat = 100;
}

/// <summary>½ x (1 + tanh(√(2/π) (x + 0.044715 x³))), the approximation that GPT-2 and others were trained with.</summary>
/// <remarks>½ (1 + tanh u) = σ(2u), without the loss of digits where the tanh is near −1.</remarks>
readonly struct GaussianErrorLinearByTanh : IDifferentiable
{
    internal static readonly double TwiceRoot = 2 * Math.Sqrt(2 / Math.PI);
    internal const double Cubic = 0.044715;
    internal const double Flat = 100;       // from ±Flat on σ is 0 or 1 and its slope 0, so nothing need overflow

    public Vector<T> Value<T>(Vector<T> x) where T : unmanaged, IFloatingPointIeee754<T>
    {
        var inner = Lanes.Within(x, -Flat, Flat);
        return Lanes.AtLeast(x, -Flat) * VectorMath.Sigmoid(Twice(inner));
    }

    public Vector<T> Slope<T>(Vector<T> x, Vector<T> y) where T : unmanaged, IFloatingPointIeee754<T>
    {
        x = Lanes.Within(x, -Flat, Flat);
        var u = Twice(x);
        var small = VectorMath.Sigmoid(-Abs(u));
        var large = Vector<T>.One - small;
        var inner = Lanes.All<T>(TwiceRoot) * (Vector<T>.One + Lanes.All<T>(3 * Cubic) * x * x);
        return ConditionalSelect(LessThan(u, Vector<T>.Zero), small, large) + x * inner * (small * large);
    }

    static Vector<T> Twice<T>(Vector<T> x) where T : unmanaged, IFloatingPointIeee754<T> =>
        Lanes.All<T>(TwiceRoot) * (x + Lanes.All<T>(Cubic) * x * x * x);
}

/// <summary>x / (1 + |x|): 1 for all that is beside 1 as if infinite.</summary>
readonly struct SoftSignFunction : IDifferentiable
{
    const double Large = 1e18;

    public Vector<T> Value<T>(Vector<T> x) where T : unmanaged, IFloatingPointIeee754<T>
    {
        x = Lanes.Within(x, -Large, Large);
        return x / (Vector<T>.One + Abs(x));
    }

    public Vector<T> Slope<T>(Vector<T> x, Vector<T> y) where T : unmanaged, IFloatingPointIeee754<T>
    {
        var root = Vector<T>.One / (Vector<T>.One + Abs(x));
        return root * root;
    }
}

/// <summary>x / (1 + e⁻ˣ), also called swish.</summary>
readonly struct SigmoidLinear : IDifferentiable
{
    internal const double Flat = 1000;      // σ and its slope are 0 or 1 long before: no 0 · ∞ arises

    public Vector<T> Value<T>(Vector<T> x) where T : unmanaged, IFloatingPointIeee754<T> =>
        Lanes.AtLeast(x, -Flat) * VectorMath.Sigmoid(x);

    public Vector<T> Slope<T>(Vector<T> x, Vector<T> y) where T : unmanaged, IFloatingPointIeee754<T>
    {
        var sigmoid = VectorMath.Sigmoid(x);
        return sigmoid * (Vector<T>.One + Lanes.Within(x, -Flat, Flat) * (Vector<T>.One - sigmoid));
    }
}

/// <summary>x · tanh(log(1 + eˣ)).</summary>
readonly struct MishFunction : IDifferentiable
{
    public Vector<T> Value<T>(Vector<T> x) where T : unmanaged, IFloatingPointIeee754<T> =>
        Lanes.AtLeast(x, -SigmoidLinear.Flat) * VectorMath.Tanh(VectorMath.Softplus(x));

    public Vector<T> Slope<T>(Vector<T> x, Vector<T> y) where T : unmanaged, IFloatingPointIeee754<T>
    {
        var tanh = VectorMath.Tanh(VectorMath.Softplus(x));
        x = Lanes.Within(x, -SigmoidLinear.Flat, SigmoidLinear.Flat);
        return tanh + x * VectorMath.Sigmoid(x) * (Vector<T>.One - tanh * tanh);
    }
}

/// <summary>log cosh x: log(1 + 2 sinh² ½x) near 0, where |x| + log(1 + e^−2|x|) − log 2 would lose all digits.</summary>
readonly struct LogHyperbolicCosine : IDifferentiable
{
    public Vector<T> Value<T>(Vector<T> x) where T : unmanaged, IFloatingPointIeee754<T>
    {
        var (a, half) = (Abs(x), Lanes.All<T>(0.5));
        var e = VectorMath.Expm1(half * Lanes.Within(a, 0, 2));
        var sinh = half * (e + e / (Vector<T>.One + e));
        var far = a + VectorMath.SoftplusOfMinusAbs(a + a) - Lanes.All<T>(Math.Log(2));
        return ConditionalSelect(LessThan(a, Vector<T>.One), VectorMath.Log1p((sinh + sinh) * sinh), far);
    }

    public Vector<T> Slope<T>(Vector<T> x, Vector<T> y) where T : unmanaged, IFloatingPointIeee754<T> =>
        VectorMath.Tanh(x);
}

/// <summary>eˣ − 1 − x, about ½x² near 0, where the difference would lose all digits.</summary>
readonly struct ExponentialBeyondLine : IDifferentiable
{
    public Vector<T> Value<T>(Vector<T> x) where T : unmanaged, IFloatingPointIeee754<T> =>
        VectorMath.ExpBeyondLine(x);

    public Vector<T> Slope<T>(Vector<T> x, Vector<T> y) where T : unmanaged, IFloatingPointIeee754<T> =>
        VectorMath.Expm1(x);
}
