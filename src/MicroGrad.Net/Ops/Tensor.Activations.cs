namespace MicroGrad.Net;

// Activation functions. Each names its kernel, which states value and slope, and the slope in tensor language for
// gradients of gradients; piecewise linear ones need none.
public partial class Tensor
{
    /// <summary>max(x, 0); the slope at 0 is 0.</summary>
    public Tensor Relu() => Pointwise("relu", default(Rectifier), this);

    /// <summary>x above 0, <paramref name="slope"/> · x below (Maas et al., 2013).</summary>
    public Tensor LeakyRelu(double slope = 0.01) =>
        slope == 0 ? Relu() : Pointwise("leaky relu", new LeakyRectifier(slope), this);     // 0 · −∞ would be NaN

    /// <summary>x above 0, <paramref name="alpha"/>·(eˣ − 1) below (Clevert et al., 2015).</summary>
    public Tensor Elu(double alpha = 1) => ExponentialLinear("elu", alpha, 1, 1);

    /// <summary>1.0507·x above 0, 1.0507·1.6733·(eˣ − 1) below (Klambauer et al., 2017).</summary>
    public Tensor Selu() => ExponentialLinear("selu", 1.6732632423543772848170429916717, 1.0507009873554804934193349852946, 1);

    /// <summary>x above 0, alpha·(e^(x/alpha) − 1) below (Barron, 2017).</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="alpha"/> is 0.</exception>
    public Tensor Celu(double alpha = 1)
    {
        if (alpha == 0) Throw.OutOfRange("celu", nameof(alpha), alpha, "other than 0");
        return ExponentialLinear("celu", alpha, 1, 1 / alpha);
    }

    // Min keeps the unused branch finite, so that no 0 · ∞ arises in its gradient.
    Tensor ExponentialLinear(string name, double alpha, double scale, double rate) =>
        Pointwise(name, new ExponentialLinear(alpha, scale, rate), this, (x, _) =>
            Where(x > 0, scale, (Where(x > 0, 0, x) * rate).Exp() * (alpha * scale * rate)));

    /// <summary>
    /// x·Φ(x), Φ being the distribution function of the standard normal (Hendrycks and Gimpel, 2016).
    /// </summary>
    /// <param name="approximate">Use ½ x (1 + tanh(√(2/π) (x + 0.044715 x³))) instead.</param>
    public Tensor Gelu(bool approximate = false) => approximate
        ? Pointwise("gelu", default(GaussianErrorLinearByTanh), this, (x, _) =>
        {
            var (root, cubic) = (GaussianErrorLinearByTanh.TwiceRoot, GaussianErrorLinearByTanh.Cubic);
            x = x.Clamp(-GaussianErrorLinearByTanh.Flat, GaussianErrorLinearByTanh.Flat);
            var u = (x + x * x * x * cubic) * root;
            return u.Sigmoid() * (1 + x * (-u).Sigmoid() * (root * (1 + x * x * (3 * cubic))));
        })
        : PointwiseWithSlope("gelu", default(GaussianErrorLinear), this, x =>
        {
            x = x.Clamp(-GaussianErrorLinear.Flat, GaussianErrorLinear.Flat);
            return 0.5 * (1 + (x * Math.Sqrt(0.5)).Erf()) + x * (x * x * -0.5).Exp() / Math.Sqrt(2 * Math.PI);
        });

    /// <summary>x·σ(x), σ being the logistic function; also called swish (Elfwing et al., 2017).</summary>
    public Tensor Silu() => Pointwise("silu", default(SigmoidLinear), this, (x, _) =>
    {
        var sigmoid = x.Sigmoid();
        return sigmoid * (1 + x.Clamp(-SigmoidLinear.Flat, SigmoidLinear.Flat) * (1 - sigmoid));
    });

    /// <summary>x·tanh(log(1 + eˣ)) (Misra, 2019).</summary>
    public Tensor Mish() => Pointwise("mish", default(MishFunction), this, (x, _) =>
    {
        x = x.Clamp(-SigmoidLinear.Flat, SigmoidLinear.Flat);
        var tanh = x.Softplus().Tanh();
        return tanh + x * x.Sigmoid() * (1 - tanh * tanh);
    });

    /// <summary>x/(1 + |x|) (Turian et al., 2009).</summary>
    public Tensor Softsign() => Pointwise("softsign", default(SoftSignFunction), this, (x, _) =>
    {
        var root = 1 / (1 + x.Abs());
        return root * root;
    });

    /// <summary>The hyperbolic tangent.</summary>
    public Tensor Tanh() => Pointwise("tanh", default(HyperbolicTangent), this, (_, y) => 1 - y * y);

    /// <summary>The logistic function 1/(1 + e⁻ˣ).</summary>
    public Tensor Sigmoid() => Pointwise("sigmoid", default(Logistic), this, (_, y) => y * (1 - y));

    /// <summary>
    /// log σ(x) = −log(1 + e⁻ˣ), accurate where σ(x) rounds to 0 or 1.
    /// </summary>
    public Tensor LogSigmoid() => Pointwise("log-sigmoid", default(LogLogistic), this, (x, _) => (-x).Sigmoid());

    /// <summary>
    /// log(1 + e^(beta·x))/beta, a smooth ReLU. Accurate for all x, so PyTorch's threshold is not needed.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="beta"/> is not positive.</exception>
    public Tensor Softplus(double beta = 1)
    {
        if (!(beta > 0)) Throw.OutOfRange("softplus", nameof(beta), beta, "positive");
        return Pointwise("softplus", new SoftPlusFunction(beta), this, (x, _) => (x * beta).Sigmoid());
    }

    /// <summary>x limited to [low, high]; the slope on the bounds is 0 (that of <see cref="Clamp"/> is 1).</summary>
    /// <exception cref="ArgumentOutOfRangeException">low is not below high.</exception>
    public Tensor HardTanh(double low = -1, double high = 1)
    {
        if (!(low < high)) Throw.OutOfRange("hard tanh", nameof(low), low, $"below high ({high})");
        return Pointwise("hard tanh", new HardLimited(1, 0, low, high), this);
    }

    /// <summary>x/6 + ½ limited to [0, 1]; the slope on the bounds is 0.</summary>
    public Tensor HardSigmoid() => Pointwise("hard sigmoid", new HardLimited(1.0 / 6, 0.5, 0, 1), this);

    /// <summary>x·hard-sigmoid(x) (Howard et al., 2019); the slope is −½ at −3 and 1½ at 3.</summary>
    public Tensor HardSwish() => Pointwise("hard swish", default(HardSwishFunction), this, (x, _) =>
        Where(x < -3, 0, Where(x > 3, 1, x / 3 + 0.5)));
}
