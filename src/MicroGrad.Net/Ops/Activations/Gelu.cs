using System.Numerics;
using static System.Numerics.Vector;

namespace MicroGrad.Net;

public partial class Tensor
{
    static readonly Operation s_gelu = new("gelu", "y = a · Φ(a), Φ the normal distribution",
        "g · (Φ(a) + a · φ(a)), φ its density") { Words = Operation.Curve, IsActivation = true };

    /// <summary>
    /// x·Φ(x), Φ being the distribution function of the standard normal (Hendrycks and Gimpel, 2016).
    /// </summary>
    /// <param name="approximate">Use ½ x (1 + tanh(√(2/π) (x + 0.044715 x³))) instead.</param>
    public Tensor Gelu(bool approximate = false) => approximate
        ? Pointwise(s_gelu.With("approximate", approximate), default(GaussianErrorLinearByTanh), this, (x, _) =>
        {
            var (root, cubic) = (GaussianErrorLinearByTanh.TwiceRoot, GaussianErrorLinearByTanh.Cubic);
            x = x.Clamp(-GaussianErrorLinearByTanh.Flat, GaussianErrorLinearByTanh.Flat);
            var u = (x + x * x * x * cubic) * root;
            return u.Sigmoid() * (1 + x * (-u).Sigmoid() * (root * (1 + x * x * (3 * cubic))));
        })
        : PointwiseWithSlope(s_gelu.With("approximate", approximate), default(GaussianErrorLinear), this, x =>
        {
            x = x.Clamp(-GaussianErrorLinear.Flat, GaussianErrorLinear.Flat);
            return 0.5 * (1 + (x * Math.Sqrt(0.5)).Erf()) + x * (x * x * -0.5).Exp() / Math.Sqrt(2 * Math.PI);
        });
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
