using System.Numerics;
using static System.Numerics.Vector;

namespace MicroGrad.Net;

// Rounding and remainders. What rounds is a step function: its slope is 0 everywhere.

readonly struct RoundedDown : IDifferentiable
{
    public Vector<T> Value<T>(Vector<T> x) where T : unmanaged, IFloatingPointIeee754<T> => VectorMath.Floor(x);

    public Vector<T> Slope<T>(Vector<T> x, Vector<T> y) where T : unmanaged, IFloatingPointIeee754<T> =>
        Vector<T>.Zero;
}

readonly struct RoundedUp : IDifferentiable
{
    public Vector<T> Value<T>(Vector<T> x) where T : unmanaged, IFloatingPointIeee754<T> => VectorMath.Ceiling(x);

    public Vector<T> Slope<T>(Vector<T> x, Vector<T> y) where T : unmanaged, IFloatingPointIeee754<T> =>
        Vector<T>.Zero;
}

/// <summary>The nearest whole number, the even one of two equally near.</summary>
readonly struct RoundedToNearest : IDifferentiable
{
    public Vector<T> Value<T>(Vector<T> x) where T : unmanaged, IFloatingPointIeee754<T> => VectorMath.Round(x);

    public Vector<T> Slope<T>(Vector<T> x, Vector<T> y) where T : unmanaged, IFloatingPointIeee754<T> =>
        Vector<T>.Zero;
}

readonly struct RoundedToZero : IDifferentiable
{
    public Vector<T> Value<T>(Vector<T> x) where T : unmanaged, IFloatingPointIeee754<T> => VectorMath.Truncate(x);

    public Vector<T> Slope<T>(Vector<T> x, Vector<T> y) where T : unmanaged, IFloatingPointIeee754<T> =>
        Vector<T>.Zero;
}

/// <summary>What is left of x after whole multiples of y, with the sign of x.</summary>
readonly struct RemainderOfTruncated : IBinary
{
    public Vector<T> Value<T>(Vector<T> x, Vector<T> y) where T : unmanaged, IFloatingPointIeee754<T> =>
        VectorMath.Fmod(x, y);
}

/// <summary>The multiple that <see cref="RemainderOfTruncated"/> took off.</summary>
readonly struct TruncatedQuotient : IBinary
{
    public Vector<T> Value<T>(Vector<T> x, Vector<T> y) where T : unmanaged, IFloatingPointIeee754<T> =>
        VectorMath.Round((x - VectorMath.Fmod(x, y)) / y);
}

/// <summary>What is left of x after whole multiples of y, with the sign of y.</summary>
readonly struct RemainderOfFloored : IBinary
{
    public Vector<T> Value<T>(Vector<T> x, Vector<T> y) where T : unmanaged, IFloatingPointIeee754<T>
    {
        var rest = VectorMath.Fmod(x, y);
        return ConditionalSelect(IsOnOtherSide(rest, y), rest + y, rest);
    }

    /// <summary>Where the rest has not the sign of y, and is not 0.</summary>
    public static Vector<T> IsOnOtherSide<T>(Vector<T> rest, Vector<T> y) where T : unmanaged, IFloatingPointIeee754<T> =>
        (LessThan(y, Vector<T>.Zero) & GreaterThan(rest, Vector<T>.Zero))
        | (GreaterThan(y, Vector<T>.Zero) & LessThan(rest, Vector<T>.Zero));
}

/// <summary>The multiple that <see cref="RemainderOfFloored"/> took off.</summary>
readonly struct FlooredQuotient : IBinary
{
    public Vector<T> Value<T>(Vector<T> x, Vector<T> y) where T : unmanaged, IFloatingPointIeee754<T>
    {
        var rest = VectorMath.Fmod(x, y);
        return VectorMath.Round((x - rest) / y) - Lanes.OneWhere(RemainderOfFloored.IsOnOtherSide(rest, y));
    }
}
