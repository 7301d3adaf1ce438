namespace MicroGrad.Net;

// Activation functions. Each names its kernel, which states value and slope, and the slope in tensor language for
// gradients of gradients; piecewise linear ones need none.
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

    static readonly Operation s_softsign = new("softsign", "y = a / (1 + |a|)", "g / (1 + |a|)²")
    { Words = Operation.Curve, Element = "{0} / (1 + |{0}|)", IsActivation = true };

    /// <summary>x/(1 + |x|) (Turian et al., 2009).</summary>
    public Tensor Softsign() => Pointwise(s_softsign, default(SoftSignFunction), this, (x, _) =>
    {
        var root = 1 / (1 + x.Abs());
        return root * root;
    });

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

    static readonly Operation s_hardTanh = new("hard tanh", "y = a limited to (low, high)",
        "g where low < a < high, else 0") { Words = "Gradients pass between the bounds only.", IsActivation = true };

    /// <summary>x limited to [low, high]; the slope on the bounds is 0 (that of <see cref="Clamp"/> is 1).</summary>
    /// <exception cref="ArgumentOutOfRangeException">low is not below high.</exception>
    public Tensor HardTanh(double low = -1, double high = 1)
    {
        if (!(low < high)) Throw.OutOfRange(s_hardTanh, nameof(low), low, $"below high ({high})");
        return Pointwise(s_hardTanh.With("low", low).With("high", high), new HardLimited(1, 0, low, high), this);
    }

    static readonly Operation s_hardSigmoid = new("hard sigmoid", "y = a/6 + ½ limited to (0, 1)",
        "g / 6 where −3 < a < 3, else 0")
    { Words = "A sixth of the gradient passes between the bounds, else nothing.", IsActivation = true };

    /// <summary>x/6 + ½ limited to [0, 1]; the slope on the bounds is 0.</summary>
    public Tensor HardSigmoid() => Pointwise(s_hardSigmoid, new HardLimited(1.0 / 6, 0.5, 0, 1), this);

    static readonly Operation s_hardSwish = new("hard swish", "y = a · hard sigmoid(a)",
        "g · (a/3 + ½) where −3 < a < 3, g above, 0 below") { Words = Operation.Curve, IsActivation = true };

    /// <summary>x·hard-sigmoid(x) (Howard et al., 2019); the slope is −½ at −3 and 1½ at 3.</summary>
    public Tensor HardSwish() => Pointwise(s_hardSwish, default(HardSwishFunction), this, (x, _) =>
        Where(x < -3, 0, Where(x > 3, 1, x / 3 + 0.5)));
}
