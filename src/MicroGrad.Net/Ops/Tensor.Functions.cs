namespace MicroGrad.Net;

// Elementary functions.
public partial class Tensor
{
    /// <summary>
    /// A differentiable function of each element. Its first-order rule is one pass, g · slope; where the rule itself
    /// is being recorded, <paramref name="slope"/> states dy/dx in tensor language (null: locally constant).
    /// </summary>
    static Tensor Pointwise<TOp>(Operation operation, TOp op, Tensor x, Func<Tensor, Tensor, Tensor>? slope = null)
        where TOp : struct, IDifferentiable
    {
        var y = Map(op, x);
        var seen = TOp.NeedsOnlyValue ? y : x;
        return Node.Record(operation, y, (x, Node.Rule(
            fast: g => Zip(operation, new SlopeTimes<TOp>(op), g, seen, y),
            recorded: g => g * (slope is null ? Zip(operation, new SlopeOf<TOp>(op), seen, y) : slope(seen, y)))));
    }

    /// <summary>
    /// The same where value and slope come together: the slopes are kept for the rule, which only has to multiply.
    /// </summary>
    static Tensor PointwiseWithSlope<TOp>(Operation operation, TOp op, Tensor x, Func<Tensor, Tensor> slope)
        where TOp : struct, IWithSlope
    {
        if (!Gradients.Enabled || !x.RequiresGrad) return Node.Record(operation, Map(op, x), (x, g => g * slope(x)));
        var (y, slopes) = (Empty(x.Shape, x.DType), Empty(x.Shape, x.DType));
        if (x.DType == DType.Float32) Elementwise.Map(op, x.Read<float>(), y.Write<float>(), slopes.Write<float>());
        else Elementwise.Map(op, x.Read<double>(), y.Write<double>(), slopes.Write<double>());
        return Node.Record(operation, y, (x, Node.Rule(fast: g => g * slopes, recorded: g => g * slope(x))));
    }

    static readonly Operation s_exp = new("exp", "y = eᵃ", "g · y") { Words = Operation.Curve, Element = "exp({0})" };

    /// <summary>eˣ.</summary>
    public Tensor Exp()
    {
        var y = Map(default(Exponential), this);
        return Node.Record(s_exp, y, (this, g => g * y));
    }

    static readonly Operation s_expm1 = new("expm1", "y = eᵃ − 1", "g · eᵃ")
    { Words = Operation.Curve, Element = "exp({0}) − 1" };

    /// <summary>eˣ − 1, accurate near 0.</summary>
    // The slope is not the value + 1, which loses the digits of a small eˣ.
    public Tensor Expm1() => Node.Record(
        s_expm1, Map(default(ExponentialMinusOne), this), (this, g => g * Exp()));

    static readonly Operation s_log = new("log", "y = log a", "g / a")
    { Words = Operation.Curve, Element = "log({0})" };

    /// <summary>The natural logarithm: −∞ at 0, NaN below.</summary>
    public Tensor Log() => Node.Record(s_log, Map(default(NaturalLogarithm), this), (this, g => g / this));

    static readonly Operation s_log1p = new("log1p", "y = log(1 + a)", "g / (1 + a)")
    { Words = Operation.Curve, Element = "log(1 + {0})" };

    /// <summary>log(1 + x), accurate near 0.</summary>
    public Tensor Log1p() => Node.Record(s_log1p, Map(default(LogarithmOfOnePlus), this), (this, g => g / (this + 1)));

    static readonly Operation s_logAddExp = new("log-add-exp", "y = log(exp a + exp b)", "g · σ(a − b)", "g · σ(b − a)")
    { Words = "The gradient is shared out by the softmax of the two.", Element = "log(exp({0}) + exp({1}))" };

    /// <summary>
    /// log(eˣ + eʸ), elementwise, broadcast, without overflow: ∞ where one is ∞, the other where one is −∞. Two equal
    /// infinities share the gradient evenly. PyTorch's <c>logaddexp</c>.
    /// </summary>
    public static Tensor LogAddExp(Tensor x, Tensor y)
    {
        return Node.Record(s_logAddExp, Zip(s_logAddExp, default(LogarithmOfSum), x, y),
            (x, g => g * Apart().Sigmoid()), (y, g => g * (-Apart()).Sigmoid()));

        Tensor Apart() => Where(x.EqualTo(y) * x.IsInfinity(), 0, x - y);      // ∞ − ∞ would be NaN
    }

    static readonly Operation s_sqrt = new("sqrt", "y = √a", "g / (2y)")
    { Words = Operation.Curve, Element = "√({0})" };

    /// <summary>√x: NaN below 0; the slope at 0 is ∞.</summary>
    public Tensor Sqrt()
    {
        var y = Map(default(SquareRoot), this);
        return Node.Record(s_sqrt, y, (this, g => g / (y * 2)));
    }

    /// <summary>√x with slope 0 at 0: for norms and standard deviations.</summary>
    internal Tensor SqrtFlatAtZero() => Pointwise(s_sqrt, default(SquareRootFlatAtZero), this, (_, y) =>
        Where(y.EqualTo(0), 0, 0.5 / Where(y.EqualTo(0), 1, y)));

    static readonly Operation s_sin = new("sin", "y = sin a", "g · cos a")
    { Words = Operation.Curve, Element = "sin({0})" };

    /// <summary>The sine of x in radians.</summary>
    public Tensor Sin() => Node.Record(s_sin, Map(default(Sine), this), (this, g => g * Cos()));

    static readonly Operation s_cos = new("cos", "y = cos a", "−g · sin a")
    { Words = Operation.Curve, Element = "cos({0})" };

    /// <summary>The cosine of x in radians.</summary>
    public Tensor Cos() => Node.Record(s_cos, Map(default(Cosine), this), (this, g => -(g * Sin())));

    static readonly Operation s_atan = new("atan", "y = arctan a", "g / (1 + a²)")
    { Words = Operation.Curve, Element = "arctan({0})" };

    /// <summary>The arc tangent of x in radians, from −π/2 to π/2.</summary>
    public Tensor Atan() => Node.Record(s_atan, Map(default(ArcTangent), this), (this, g => g / (this * this + 1)));

    static readonly Operation s_erf = new("erf", "y = erf a", "g · 2/√π · exp(−a²)")
    { Words = Operation.Curve, Element = "erf({0})" };

    /// <summary>The error function 2/√π ∫₀ˣ e^(−t²) dt.</summary>
    public Tensor Erf() => Node.Record(s_erf, Map(default(ErrorFunction), this),
        (this, g => g * ((-(this * this)).Exp() * (2 / Math.Sqrt(Math.PI)))));

    static readonly Operation s_abs = new("abs", "y = |a|", "g · sign a")
    { Words = "The gradient, with the sign of the element; 0 at 0.", Element = "|{0}|" };

    /// <summary>|x|; the slope at 0 is 0.</summary>
    public Tensor Abs() => Pointwise(s_abs, default(Absolute), this);

    static readonly Operation s_sign = new("sign", "y = sign a", "0")
    { Words = "A step function is flat: no gradient passes.", Element = "sign({0})" };

    /// <summary>−1, 0 or 1 (NaN for NaN); the slope is 0 everywhere.</summary>
    public Tensor Sign() => Pointwise(s_sign, default(Signum), this);

    static readonly Operation s_clamp = new("clamp", "y = a limited to [low, high]", "g where low ≤ a ≤ high, else 0")
    { Words = "Gradients pass where the element is within the bounds, and stop where it was cut off." };

    /// <summary>
    /// x limited to [<paramref name="low"/>, <paramref name="high"/>]; the slope is 1 inside and on the bounds, 0
    /// outside.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">low is greater than high, or one is NaN.</exception>
    public Tensor Clamp(double low = double.NegativeInfinity, double high = double.PositiveInfinity)
    {
        if (!(low <= high)) Throw.OutOfRange(s_clamp, nameof(low), low, $"at most high ({high})");
        return Pointwise(s_clamp.With("low", low).With("high", high), new Clamped(low, high), this);
    }
}
