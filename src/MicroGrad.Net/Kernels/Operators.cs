using System.Numerics;
using static System.Numerics.Vector;

namespace MicroGrad.Net;

// The formulas of elementwise operations, each with the corners it decides. NaN in gives NaN out everywhere.

/// <summary>A function with its slope dy/dx, which may use the value y where that is cheaper.</summary>
interface IDifferentiable : IUnary
{
    Vector<T> Slope<T>(Vector<T> x, Vector<T> y) where T : unmanaged, IFloatingPointIeee754<T>;

    /// <summary>Whether the slope follows from y alone, so that x need be neither kept nor read again.</summary>
    static virtual bool NeedsOnlyValue => false;
}

/// <summary>g · dy/dx in one pass: the first-order rule of every differentiable function.</summary>
readonly struct SlopeTimes<TOp>(TOp op) : ITernary where TOp : struct, IDifferentiable
{
    public Vector<T> Value<T>(Vector<T> g, Vector<T> x, Vector<T> y) where T : unmanaged, IFloatingPointIeee754<T> =>
        g * op.Slope(x, y);
}

/// <summary>dy/dx alone, as a constant for rules that are themselves recorded.</summary>
readonly struct SlopeOf<TOp>(TOp op) : IBinary where TOp : struct, IDifferentiable
{
    public Vector<T> Value<T>(Vector<T> x, Vector<T> y) where T : unmanaged, IFloatingPointIeee754<T> =>
        op.Slope(x, y);
}

/// <summary>A function of two numbers with the second fixed: x + 1.</summary>
readonly struct RightNumber<TOp>(double y) : IUnary where TOp : struct, IBinary
{
    public Vector<T> Value<T>(Vector<T> x) where T : unmanaged, IFloatingPointIeee754<T> =>
        default(TOp).Value(x, Lanes.All<T>(y));
}

/// <summary>A function of two numbers with the first fixed: 1 − y.</summary>
readonly struct LeftNumber<TOp>(double x) : IUnary where TOp : struct, IBinary
{
    public Vector<T> Value<T>(Vector<T> y) where T : unmanaged, IFloatingPointIeee754<T> =>
        default(TOp).Value(Lanes.All<T>(x), y);
}

/// <summary>
/// A constant in every lane, made once: for formulas with many, which would convert and spread each for every vector.
/// </summary>
readonly struct LaneConstant
{
    readonly Vector<float> _singles;
    readonly Vector<double> _doubles;

    LaneConstant(double value) => (_singles, _doubles) = (Create((float)value), Create(value));

    public static implicit operator LaneConstant(double value) => new(value);

    public Vector<T> Of<T>() where T : unmanaged, IFloatingPointIeee754<T> =>
        typeof(T) == typeof(float) ? _singles.As<float, T>() : _doubles.As<double, T>();
}

static class Lanes
{
    /// <summary>A constant in every lane.</summary>
    public static Vector<T> All<T>(double value) where T : unmanaged, IFloatingPointIeee754<T> =>
        Create(T.CreateTruncating(value));

    /// <summary>1 where the mask is set, else 0.</summary>
    public static Vector<T> OneWhere<T>(Vector<T> mask) where T : unmanaged, IFloatingPointIeee754<T> =>
        ConditionalSelect(mask, Vector<T>.One, Vector<T>.Zero);

    /// <summary>max(x, low) that lets NaN through: the native instruction returns its second operand then.</summary>
    public static Vector<T> AtLeast<T>(Vector<T> x, double low) where T : unmanaged, IFloatingPointIeee754<T> =>
        MaxNative(All<T>(low), x);

    /// <summary>x limited to [low, high], or NaN.</summary>
    public static Vector<T> Within<T>(Vector<T> x, double low, double high)
        where T : unmanaged, IFloatingPointIeee754<T> => MinNative(All<T>(high), AtLeast(x, low));
}

// ---- arithmetic ----

readonly struct Add : IBinary
{
    public Vector<T> Value<T>(Vector<T> x, Vector<T> y) where T : unmanaged, IFloatingPointIeee754<T> => x + y;
}

readonly struct Subtract : IBinary
{
    public Vector<T> Value<T>(Vector<T> x, Vector<T> y) where T : unmanaged, IFloatingPointIeee754<T> => x - y;
}

readonly struct Multiply : IBinary
{
    public Vector<T> Value<T>(Vector<T> x, Vector<T> y) where T : unmanaged, IFloatingPointIeee754<T> => x * y;
}

readonly struct Divide : IBinary
{
    public Vector<T> Value<T>(Vector<T> x, Vector<T> y) where T : unmanaged, IFloatingPointIeee754<T> => x / y;
}

readonly struct Power : IBinary
{
    public Vector<T> Value<T>(Vector<T> x, Vector<T> y) where T : unmanaged, IFloatingPointIeee754<T> =>
        VectorMath.Pow(x, y);
}

readonly struct Negate : IUnary
{
    public Vector<T> Value<T>(Vector<T> x) where T : unmanaged, IFloatingPointIeee754<T> => -x;
}

readonly struct Larger : IBinary
{
    public Vector<T> Value<T>(Vector<T> x, Vector<T> y) where T : unmanaged, IFloatingPointIeee754<T> => Max(x, y);
}

readonly struct Smaller : IBinary
{
    public Vector<T> Value<T>(Vector<T> x, Vector<T> y) where T : unmanaged, IFloatingPointIeee754<T> => Min(x, y);
}

/// <summary>
/// The share of the gradient that the larger operand gets: 1, or ½ at a tie, which shares evenly; NaN beside a NaN.
/// </summary>
readonly struct ShareOfLarger : IBinary
{
    public Vector<T> Value<T>(Vector<T> x, Vector<T> y) where T : unmanaged, IFloatingPointIeee754<T> =>
        ConditionalSelect(LessThan(x, y), Vector<T>.Zero,
            ConditionalSelect(LessThan(y, x), Vector<T>.One,
                ConditionalSelect(Vector.Equals(x, y), Lanes.All<T>(0.5), Lanes.All<T>(double.NaN))));
}

// ---- comparisons: 1 for true, 0 for false; with a NaN all but "not equal" are false ----

readonly struct IsGreater : IBinary
{
    public Vector<T> Value<T>(Vector<T> x, Vector<T> y) where T : unmanaged, IFloatingPointIeee754<T> =>
        Lanes.OneWhere(GreaterThan(x, y));
}

readonly struct IsGreaterOrEqual : IBinary
{
    public Vector<T> Value<T>(Vector<T> x, Vector<T> y) where T : unmanaged, IFloatingPointIeee754<T> =>
        Lanes.OneWhere(GreaterThanOrEqual(x, y));
}

readonly struct IsEqual : IBinary
{
    public Vector<T> Value<T>(Vector<T> x, Vector<T> y) where T : unmanaged, IFloatingPointIeee754<T> =>
        Lanes.OneWhere(Vector.Equals(x, y));
}

/// <summary>y where the condition is not 0, else z.</summary>
readonly struct Choose : ITernary
{
    public Vector<T> Value<T>(Vector<T> condition, Vector<T> y, Vector<T> z)
        where T : unmanaged, IFloatingPointIeee754<T> =>
        ConditionalSelect(Vector.Equals(condition, Vector<T>.Zero), z, y);
}

// ---- elementary functions ----

readonly struct Exponential : IUnary
{
    public Vector<T> Value<T>(Vector<T> x) where T : unmanaged, IFloatingPointIeee754<T> => VectorMath.Exp(x);
}

readonly struct ExponentialMinusOne : IUnary
{
    public Vector<T> Value<T>(Vector<T> x) where T : unmanaged, IFloatingPointIeee754<T> => VectorMath.Expm1(x);
}

readonly struct NaturalLogarithm : IUnary
{
    public Vector<T> Value<T>(Vector<T> x) where T : unmanaged, IFloatingPointIeee754<T> => VectorMath.Log(x);
}

readonly struct LogarithmOfOnePlus : IUnary
{
    public Vector<T> Value<T>(Vector<T> x) where T : unmanaged, IFloatingPointIeee754<T> => VectorMath.Log1p(x);
}

readonly struct SquareRoot : IUnary
{
    public Vector<T> Value<T>(Vector<T> x) where T : unmanaged, IFloatingPointIeee754<T> => Vector.SquareRoot(x);
}

readonly struct Sine : IUnary
{
    public Vector<T> Value<T>(Vector<T> x) where T : unmanaged, IFloatingPointIeee754<T> => VectorMath.Sin(x);
}

readonly struct Cosine : IUnary
{
    public Vector<T> Value<T>(Vector<T> x) where T : unmanaged, IFloatingPointIeee754<T> => VectorMath.Cos(x);
}

readonly struct ArcTangent : IUnary
{
    public Vector<T> Value<T>(Vector<T> x) where T : unmanaged, IFloatingPointIeee754<T> => VectorMath.Atan(x);
}

readonly struct ErrorFunction : IUnary
{
    public Vector<T> Value<T>(Vector<T> x) where T : unmanaged, IFloatingPointIeee754<T> => VectorMath.Erf(x);
}

/// <summary>√x with slope 0 at 0, for lengths and deviations, where the infinite slope would turn 0 · ∞ into NaN.</summary>
readonly struct SquareRootFlatAtZero : IDifferentiable
{
    public Vector<T> Value<T>(Vector<T> x) where T : unmanaged, IFloatingPointIeee754<T> => Vector.SquareRoot(x);

    public Vector<T> Slope<T>(Vector<T> x, Vector<T> y) where T : unmanaged, IFloatingPointIeee754<T> =>
        ConditionalSelect(Vector.Equals(y, Vector<T>.Zero), Vector<T>.Zero, Lanes.All<T>(0.5) / y);
}

/// <summary>|x|, with slope 0 at 0.</summary>
readonly struct Absolute : IDifferentiable
{
    public Vector<T> Value<T>(Vector<T> x) where T : unmanaged, IFloatingPointIeee754<T> => Vector.Abs(x);

    public Vector<T> Slope<T>(Vector<T> x, Vector<T> y) where T : unmanaged, IFloatingPointIeee754<T> =>
        default(Signum).Value(x);
}

/// <summary>−1, 0 or 1; its slope is 0 everywhere.</summary>
readonly struct Signum : IDifferentiable
{
    public Vector<T> Value<T>(Vector<T> x) where T : unmanaged, IFloatingPointIeee754<T> =>
        ConditionalSelect(GreaterThan(x, Vector<T>.Zero), Vector<T>.One,
            ConditionalSelect(LessThan(x, Vector<T>.Zero), -Vector<T>.One, x));     // x: ±0 and NaN stay

    public Vector<T> Slope<T>(Vector<T> x, Vector<T> y) where T : unmanaged, IFloatingPointIeee754<T> =>
        Vector<T>.Zero;
}

/// <summary>x limited to [low, high], with slope 1 from bound to bound, bounds included.</summary>
readonly struct Clamped(double low, double high) : IDifferentiable
{
    public Vector<T> Value<T>(Vector<T> x) where T : unmanaged, IFloatingPointIeee754<T> =>
        Min(Max(x, Lanes.All<T>(low)), Lanes.All<T>(high));

    public Vector<T> Slope<T>(Vector<T> x, Vector<T> y) where T : unmanaged, IFloatingPointIeee754<T> =>
        ConditionalSelect(GreaterThanOrEqual(x, Lanes.All<T>(low)) & LessThanOrEqual(x, Lanes.All<T>(high)),
            Vector<T>.One, y - y);      // outside y is a bound, so this is 0; for a NaN it is NaN
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
