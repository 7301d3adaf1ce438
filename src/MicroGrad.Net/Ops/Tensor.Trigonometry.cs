namespace MicroGrad.Net;

// Functions of angles and of hyperbolas.
public partial class Tensor
{
    static readonly Operation s_tan = new("tan", "y = tan a", "g · (1 + y²)")
    { Words = Operation.Curve, Element = "tan({0})" };

    /// <summary>The tangent of x in radians.</summary>
    public Tensor Tan()
    {
        var y = Map(default(Tangent), this);
        return Node.Record(s_tan, y, (this, g => g * (y * y + 1)));
    }

    static readonly Operation s_asin = new("asin", "y = arcsin a", "g / √(1 − a²)")
    { Words = Operation.Curve, Element = "arcsin({0})" };

    /// <summary>The arc sine of x in radians, from −π/2 to π/2; NaN beyond ±1, where the slope is ∞.</summary>
    public Tensor Asin() => Pointwise(s_asin, default(ArcSine), this, (x, _) => 1 / ((1 - x) * (1 + x)).Sqrt());

    static readonly Operation s_acos = new("acos", "y = arccos a", "−g / √(1 − a²)")
    { Words = Operation.Curve, Element = "arccos({0})" };

    /// <summary>The arc cosine of x in radians, from 0 to π; NaN beyond ±1, where the slope is −∞.</summary>
    public Tensor Acos() => Pointwise(s_acos, default(ArcCosine), this, (x, _) => -1 / ((1 - x) * (1 + x)).Sqrt());

    static readonly Operation s_atan2 = new("atan2", "y = the angle of the point (b, a)", "g · b / (a² + b²)",
        "−g · a / (a² + b²)") { Words = "Across the line to the point, the angle changes by 1 / its length; along it, not." };

    /// <summary>
    /// The angle in radians, from −π to π, of the point (x, y) from the x axis: arctan(y/x) in all four quadrants,
    /// elementwise, broadcast, by C's rules for zeros and infinities. The slope at (0, 0) is taken as 0.
    /// </summary>
    public static Tensor Atan2(Tensor y, Tensor x)
    {
        return Node.Record(s_atan2, Zip(s_atan2, default(ArcTangentOfPoint), y, x),
            (y, g => g * OverSquare(x)), (x, g => -(g * OverSquare(y))));

        // By the longer side, so that no square overflows; it cancels out, so it may count as a constant.
        Tensor OverSquare(Tensor side)
        {
            var longer = Max(y.Detach().Abs(), x.Detach().Abs());
            var scale = Where(longer.EqualTo(0), 1, longer);
            var (a, b) = (y / scale, x / scale);
            var square = a * a + b * b;
            return side / scale / Where(longer.EqualTo(0), 1, square) / scale;
        }
    }

    static readonly Operation s_sinh = new("sinh", "y = (eᵃ − e⁻ᵃ) / 2", "g · cosh a")
    { Words = Operation.Curve, Element = "sinh({0})" };

    /// <summary>The hyperbolic sine (eˣ − e⁻ˣ)/2, accurate near 0.</summary>
    public Tensor Sinh() => Node.Record(s_sinh, Map(default(HyperbolicSine), this), (this, g => g * Cosh()));

    static readonly Operation s_cosh = new("cosh", "y = (eᵃ + e⁻ᵃ) / 2", "g · sinh a")
    { Words = Operation.Curve, Element = "cosh({0})" };

    /// <summary>The hyperbolic cosine (eˣ + e⁻ˣ)/2.</summary>
    public Tensor Cosh() => Node.Record(s_cosh, Map(default(HyperbolicCosine), this), (this, g => g * Sinh()));

    static readonly Operation s_asinh = new("asinh", "y = log(a + √(a² + 1))", "g / √(a² + 1)")
    { Words = Operation.Curve, Element = "asinh({0})" };

    /// <summary>The inverse of sinh, log(x + √(x² + 1)), accurate near 0 and far out.</summary>
    public Tensor Asinh() => Pointwise(s_asinh, default(AreaHyperbolicSine), this, (x, _) =>
    {
        var large = x.Detach().Abs() > 1;
        var small = Where(large, 1 / Where(large, x, 1), x);        // so that no square overflows
        return Where(large, small.Abs(), 1) / (small * small + 1).Sqrt();
    });

    static readonly Operation s_acosh = new("acosh", "y = log(a + √(a² − 1))", "g / √(a² − 1)")
    { Words = Operation.Curve, Element = "acosh({0})" };

    /// <summary>The inverse of cosh, log(x + √(x² − 1)): 0 at 1, where the slope is ∞, and NaN below.</summary>
    public Tensor Acosh() =>
        Pointwise(s_acosh, default(AreaHyperbolicCosine), this, (x, _) => 1 / ((x - 1).Sqrt() * (x + 1).Sqrt()));

    static readonly Operation s_atanh = new("atanh", "y = ½ log((1 + a) / (1 − a))", "g / (1 − a²)")
    { Words = Operation.Curve, Element = "atanh({0})" };

    /// <summary>The inverse of tanh, ½ log((1 + x)/(1 − x)): ±∞ at ±1, and NaN beyond.</summary>
    public Tensor Atanh() => Pointwise(s_atanh, default(AreaHyperbolicTangent), this, (x, _) => 1 / ((1 - x) * (1 + x)));
}
