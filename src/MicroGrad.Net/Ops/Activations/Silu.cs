using System.Numerics;

namespace MicroGrad.Net;

public partial class Tensor
{
    static readonly Operation s_silu = new("silu", "y = a · σ(a)", "g · (σ(a) + y · (1 − σ(a)))")
    { Words = Operation.Curve, Element = "{0} · σ({0})", IsActivation = true };

    /// <summary>x·σ(x), σ being the logistic function; also called swish (Elfwing et al., 2017).</summary>
    public Tensor Silu() => Pointwise(s_silu, default(SigmoidLinear), this, (x, _) =>
    {
        var sigmoid = x.Sigmoid();
        return sigmoid * (1 + x.Clamp(-SigmoidLinear.Flat, SigmoidLinear.Flat) * (1 - sigmoid));
    });

    static readonly Operation s_mish = new("mish", "y = a · tanh(log(1 + eᵃ))", "g · dy/da")
    { Words = Operation.Curve, IsActivation = true };

    /// <summary>x·tanh(log(1 + eˣ)) (Misra, 2019).</summary>
    public Tensor Mish() => Pointwise(s_mish, default(MishFunction), this, (x, _) =>
    {
        x = x.Clamp(-SigmoidLinear.Flat, SigmoidLinear.Flat);
        var tanh = x.Softplus().Tanh();
        return tanh + x * x.Sigmoid() * (1 - tanh * tanh);
    });
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
