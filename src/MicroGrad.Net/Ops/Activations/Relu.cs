using System.Numerics;
using static System.Numerics.Vector;

namespace MicroGrad.Net;

// Activation functions: what each is called, the method that records it, and its kernel with value and slope side by
// side. Where the gradient itself is recorded, the slope is stated in tensor language; piecewise linear ones need none.
public partial class Tensor
{
    static readonly Operation s_relu = new("relu", "y = max(0, a)", "g where a > 0, else 0")
    {
        Words = "Open or shut: where a is above 0 the gradient passes unchanged, else nothing does.",
        Element = "max(0, {0})", IsActivation = true, CanDie = true,
    };

    /// <summary>max(x, 0); the slope at 0 is 0.</summary>
    public Tensor Relu() => Pointwise(s_relu, default(Rectifier), this);

    static readonly Operation s_leakyRelu = new("leaky relu", "y = a above 0, slope · a below",
        "g above 0, slope · g below")
    { Words = "Above 0 the gradient passes unchanged, below it is scaled down.", IsActivation = true };

    /// <summary>x above 0, <paramref name="slope"/> · x below (Maas et al., 2013).</summary>
    public Tensor LeakyRelu(double slope = 0.01) => slope == 0 ? Relu()     // 0 · −∞ would be NaN
        : Pointwise(s_leakyRelu.With("slope", slope), new LeakyRectifier(slope), this);
}

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
