using System.Numerics;
using static System.Numerics.Vector;

namespace MicroGrad.Net;

public partial class Tensor
{
    static readonly Operation s_tanh = new("tanh", "y = tanh a", "g · (1 − y²)")
    {
        Words = "Where the curve is flat (y near ±1) hardly any gradient passes.",
        Element = "tanh({0})", IsActivation = true, Saturates = (-1, 1),
    };

    /// <summary>The hyperbolic tangent.</summary>
    public Tensor Tanh() => Pointwise(s_tanh, default(HyperbolicTangent), this, (_, y) => 1 - y * y);

    static readonly Operation s_sigmoid = new("sigmoid", "y = σ(a) = 1/(1 + e⁻ᵃ)", "g · y · (1 − y)")
    {
        Words = "At most a quarter of the gradient passes, and hardly any where y is near 0 or 1.",
        Element = "σ({0})", IsActivation = true, Saturates = (0, 1),
    };

    /// <summary>The logistic function 1/(1 + e⁻ˣ).</summary>
    public Tensor Sigmoid() => Pointwise(s_sigmoid, default(Logistic), this, (_, y) => y * (1 - y));

    static readonly Operation s_logSigmoid = new("log-sigmoid", "y = log σ(a)", "g · σ(−a)")
    { Words = Operation.Curve, Element = "log σ({0})", IsActivation = true };

    /// <summary>
    /// log σ(x) = −log(1 + e⁻ˣ), accurate where σ(x) rounds to 0 or 1.
    /// </summary>
    public Tensor LogSigmoid() => Pointwise(s_logSigmoid, default(LogLogistic), this, (x, _) => (-x).Sigmoid());

    static readonly Operation s_softplus = new("softplus", "y = log(1 + exp(β·a)) / β", "g · σ(β·a)")
    { Words = Operation.Curve, IsActivation = true };

    /// <summary>
    /// log(1 + e^(beta·x))/beta, a smooth ReLU. Accurate for all x, so PyTorch's threshold is not needed.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="beta"/> is not positive.</exception>
    public Tensor Softplus(double beta = 1)
    {
        if (!(beta > 0)) Throw.OutOfRange(s_softplus, nameof(beta), beta, "positive");
        return Pointwise(s_softplus.With("beta", beta), new SoftPlusFunction(beta), this, (x, _) => (x * beta).Sigmoid());
    }

    static readonly Operation s_softsign = new("softsign", "y = a / (1 + |a|)", "g / (1 + |a|)²")
    { Words = Operation.Curve, Element = "{0} / (1 + |{0}|)", IsActivation = true };

    /// <summary>x/(1 + |x|) (Turian et al., 2009).</summary>
    public Tensor Softsign() => Pointwise(s_softsign, default(SoftSignFunction), this, (x, _) =>
    {
        var root = 1 / (1 + x.Abs());
        return root * root;
    });
}

/// <summary>log(1 / (1 + e⁻ˣ)) = −log(1 + e⁻ˣ), without taking the logarithm of a rounded 0.</summary>
readonly struct LogLogistic : IDifferentiable
{
    public Vector<T> Value<T>(Vector<T> x) where T : unmanaged, IFloatingPointIeee754<T> => -VectorMath.Softplus(-x);

    public Vector<T> Slope<T>(Vector<T> x, Vector<T> y) where T : unmanaged, IFloatingPointIeee754<T> =>
        VectorMath.Sigmoid(-x);
}

/// <summary>log(1 + e^(beta · x)) / beta = max(x, 0) + log(1 + e^−|beta · x|) / beta.</summary>
readonly struct SoftPlusFunction(double beta) : IDifferentiable
{
    public Vector<T> Value<T>(Vector<T> x) where T : unmanaged, IFloatingPointIeee754<T> =>
        Lanes.AtLeast(x, 0) + VectorMath.SoftplusOfMinusAbs(x * Lanes.All<T>(beta)) / Lanes.All<T>(beta);

    public Vector<T> Slope<T>(Vector<T> x, Vector<T> y) where T : unmanaged, IFloatingPointIeee754<T> =>
        VectorMath.Sigmoid(x * Lanes.All<T>(beta));
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
