namespace MicroGrad.Net;

// Elementary functions.
public partial class Tensor
{
    /// <summary>
    /// A differentiable function of each element. Its first-order rule is one pass, g · slope; where the rule itself
    /// is being recorded, <paramref name="slope"/> states dy/dx in tensor language (null: locally constant).
    /// </summary>
    static Tensor Pointwise<TOp>(string name, TOp op, Tensor x, Func<Tensor, Tensor, Tensor>? slope = null)
        where TOp : struct, IDifferentiable
    {
        var y = Map(op, x);
        var seen = TOp.NeedsOnlyValue ? y : x;
        return Node.Record(name, y, (x, g =>
            !Gradients.Enabled ? Zip(name, new SlopeTimes<TOp>(op), g, seen, y)
            : g * (slope is null ? Zip(name, new SlopeOf<TOp>(op), seen, y) : slope(seen, y))));
    }

    /// <summary>
    /// The same where value and slope come together: the slopes are kept for the rule, which only has to multiply.
    /// </summary>
    static Tensor PointwiseWithSlope<TOp>(string name, TOp op, Tensor x, Func<Tensor, Tensor> slope)
        where TOp : struct, IWithSlope
    {
        if (!Gradients.Enabled || !x.RequiresGrad) return Node.Record(name, Map(op, x), (x, g => g * slope(x)));
        var (y, slopes) = (Empty(x.Shape, x.DType), Empty(x.Shape, x.DType));
        if (x.DType == DType.Float32) Elementwise.Map(op, x.Read<float>(), y.Write<float>(), slopes.Write<float>());
        else Elementwise.Map(op, x.Read<double>(), y.Write<double>(), slopes.Write<double>());
        return Node.Record(name, y, (x, g => g * (Gradients.Enabled ? slope(x) : slopes)));
    }

    /// <summary>eˣ.</summary>
    public Tensor Exp()
    {
        var y = Map(default(Exponential), this);
        return Node.Record("exp", y, (this, g => g * y));
    }

    /// <summary>eˣ − 1, accurate near 0.</summary>
    // The slope is not the value + 1, which loses the digits of a small eˣ.
    public Tensor Expm1() => Node.Record("expm1", Map(default(ExponentialMinusOne), this), (this, g => g * Exp()));

    /// <summary>The natural logarithm: −∞ at 0, NaN below.</summary>
    public Tensor Log() => Node.Record("log", Map(default(NaturalLogarithm), this), (this, g => g / this));

    /// <summary>log(1 + x), accurate near 0.</summary>
    public Tensor Log1p() => Node.Record("log1p", Map(default(LogarithmOfOnePlus), this), (this, g => g / (this + 1)));

    /// <summary>√x: NaN below 0; the slope at 0 is ∞.</summary>
    public Tensor Sqrt()
    {
        var y = Map(default(SquareRoot), this);
        return Node.Record("sqrt", y, (this, g => g / (y * 2)));
    }

    /// <summary>√x with slope 0 at 0: for norms and standard deviations.</summary>
    internal Tensor SqrtFlatAtZero() => Pointwise("sqrt", default(Length), this, (_, y) =>
        Where(y.EqualTo(0), 0, 0.5 / Where(y.EqualTo(0), 1, y)));

    /// <summary>The sine of x in radians.</summary>
    public Tensor Sin() => Node.Record("sin", Map(default(Sine), this), (this, g => g * Cos()));

    /// <summary>The cosine of x in radians.</summary>
    public Tensor Cos() => Node.Record("cos", Map(default(Cosine), this), (this, g => -(g * Sin())));

    /// <summary>The arc tangent of x in radians, from −π/2 to π/2.</summary>
    public Tensor Atan() => Node.Record("atan", Map(default(ArcTangent), this), (this, g => g / (this * this + 1)));

    /// <summary>The error function 2/√π ∫₀ˣ e^(−t²) dt.</summary>
    public Tensor Erf() => Node.Record("erf", Map(default(ErrorFunction), this),
        (this, g => g * ((-(this * this)).Exp() * (2 / Math.Sqrt(Math.PI)))));

    /// <summary>|x|; the slope at 0 is 0.</summary>
    public Tensor Abs() => Pointwise("abs", default(Absolute), this);

    /// <summary>−1, 0 or 1 (NaN for NaN); the slope is 0 everywhere.</summary>
    public Tensor Sign() => Pointwise("sign", default(Signum), this);

    /// <summary>
    /// x limited to [<paramref name="low"/>, <paramref name="high"/>]; the slope is 1 inside and on the bounds, 0
    /// outside.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">low is greater than high, or one is NaN.</exception>
    public Tensor Clamp(double low = double.NegativeInfinity, double high = double.PositiveInfinity)
    {
        if (!(low <= high)) Throw.OutOfRange("clamp", nameof(low), low, $"at most high ({high})");
        return Pointwise("clamp", new Clamped(low, high), this);
    }
}
