using System.Numerics;
using System.Runtime.CompilerServices;

namespace MicroGrad.Net;

static partial class VectorMath
{
    /// <summary>The next whole number above, or x where it is one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<T> Ceiling<T>(Vector<T> x) => typeof(T) == typeof(float)
        ? Vector.Ceiling(x.As<T, float>()).As<float, T>()
        : Vector.Ceiling(x.As<T, double>()).As<double, T>();

    /// <summary>The next whole number towards 0, or x where it is one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<T> Truncate<T>(Vector<T> x) => typeof(T) == typeof(float)
        ? Vector.Truncate(x.As<T, float>()).As<float, T>()
        : Vector.Truncate(x.As<T, double>()).As<double, T>();

    /// <summary>x − y · trunc(x/y), C's fmod: exact for any quotient, which no formula of a few roundings is.</summary>
    public static Vector<T> Fmod<T>(Vector<T> x, Vector<T> y) where T : unmanaged, IFloatingPointIeee754<T>
    {
        var result = Vector<T>.Zero;
        for (var lane = 0; lane < Vector<T>.Count; lane++) result = result.WithElement(lane, x[lane] % y[lane]);
        return result;
    }
}
