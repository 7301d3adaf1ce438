using System.Numerics;
using static System.Numerics.Vector;

namespace MicroGrad.Net;

public partial class Tensor
{
    static readonly Operation s_elu = new("elu", "y = a above 0, α·(eᵃ − 1) below", "g above 0, g · α·eᵃ below")
    { Words = Operation.Curve, IsActivation = true };

    /// <summary>x above 0, <paramref name="alpha"/>·(eˣ − 1) below (Clevert et al., 2015).</summary>
    public Tensor Elu(double alpha = 1) => ExponentialLinear(s_elu.With("alpha", alpha), alpha, 1, 1);

    static readonly Operation s_selu = new("selu", "y = λ·a above 0, λ·α·(eᵃ − 1) below",
        "g · λ above 0, g · λ·α·eᵃ below") { Words = Operation.Curve, IsActivation = true };

    /// <summary>1.0507·x above 0, 1.0507·1.6733·(eˣ − 1) below (Klambauer et al., 2017).</summary>
    public Tensor Selu() => ExponentialLinear(s_selu, 1.6732632423543772848170429916717, 1.0507009873554804934193349852946, 1);

    static readonly Operation s_celu = new("celu", "y = a above 0, α·(exp(a/α) − 1) below",
        "g above 0, g · exp(a/α) below") { Words = Operation.Curve, IsActivation = true };

    /// <summary>x above 0, alpha·(e^(x/alpha) − 1) below (Barron, 2017).</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="alpha"/> is 0.</exception>
    public Tensor Celu(double alpha = 1)
    {
        if (alpha == 0) Throw.OutOfRange(s_celu, nameof(alpha), alpha, "other than 0");
        return ExponentialLinear(s_celu.With("alpha", alpha), alpha, 1, 1 / alpha);
    }

    // Min keeps the unused branch finite, so that no 0 · ∞ arises in its gradient.
    Tensor ExponentialLinear(Operation operation, double alpha, double scale, double rate) =>
        Pointwise(operation, new ExponentialLinear(alpha, scale, rate), this, (x, _) =>
            Where(x > 0, scale, (Where(x > 0, 0, x) * rate).Exp() * (alpha * scale * rate)));
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
