namespace MicroGrad.Net;

// Ops that own a derivative: forward and rule in one statement. Rules ignore broadcasting; the walk undoes it.
// A C# number beside a tensor becomes a constant of the tensor's number type.
public partial class Tensor
{
    /// <summary>x + y, elementwise, broadcast.</summary>
    public static Tensor operator +(Tensor x, Tensor y) =>
        Node.Record("add", Zip("add", default(Add), x, y), (x, g => g), (y, g => g));

    /// <summary>x − y, elementwise, broadcast.</summary>
    public static Tensor operator -(Tensor x, Tensor y) =>
        Node.Record("subtract", Zip("subtract", default(Subtract), x, y), (x, g => g), (y, g => -g));

    /// <summary>x · y, elementwise, broadcast. The matrix product is <see cref="MatMul"/>.</summary>
    public static Tensor operator *(Tensor x, Tensor y) =>
        Node.Record("multiply", Zip("multiply", default(Multiply), x, y), (x, g => g * y), (y, g => g * x));

    /// <summary>x / y, elementwise, broadcast, by IEEE 754: x/0 is ±∞, 0/0 is NaN.</summary>
    public static Tensor operator /(Tensor x, Tensor y) =>
        Node.Record("divide", Zip("divide", default(Divide), x, y), (x, g => g / y), (y, g => -(g * (x / y / y))));

    /// <summary>−x.</summary>
    public static Tensor operator -(Tensor x) =>
        Node.Record("negate", Map(default(Negate), x), (x, g => -g));

    /// <summary>x + y.</summary>
    public static Tensor operator +(Tensor x, double y) =>
        Node.Record("add", Map(new RightNumber<Add>(y), x), (x, g => g));

    /// <summary>x + y.</summary>
    public static Tensor operator +(double x, Tensor y) => y + x;

    /// <summary>x − y.</summary>
    public static Tensor operator -(Tensor x, double y) =>
        Node.Record("subtract", Map(new RightNumber<Subtract>(y), x), (x, g => g));

    /// <summary>x − y.</summary>
    public static Tensor operator -(double x, Tensor y) =>
        Node.Record("subtract", Map(new LeftNumber<Subtract>(x), y), (y, g => -g));

    /// <summary>x · y.</summary>
    public static Tensor operator *(Tensor x, double y) =>
        Node.Record("multiply", Map(new RightNumber<Multiply>(y), x), (x, g => g * y));

    /// <summary>x · y.</summary>
    public static Tensor operator *(double x, Tensor y) => y * x;

    /// <summary>x / y.</summary>
    public static Tensor operator /(Tensor x, double y) =>
        Node.Record("divide", Map(new RightNumber<Divide>(y), x), (x, g => g / y));

    /// <summary>x / y.</summary>
    public static Tensor operator /(double x, Tensor y) =>
        Node.Record("divide", Map(new LeftNumber<Divide>(x), y), (y, g => -(g * (x / y / y))));

    /// <summary>A constant of this tensor's number type.</summary>
    internal Tensor Like(double value) => Scalar(value, DType);

    /// <summary>
    /// x^y, elementwise, broadcast, by the rules of C's pow: x⁰ = 1 even for x = 0 and NaN; NaN for negative x and
    /// fractional y. Slopes: y·x^(y−1) in x (0 for y = 0), x^y·log x in y (0 at x = 0 for y ≥ 0).
    /// </summary>
    public static Tensor Pow(Tensor x, Tensor y)
    {
        var result = Zip("pow", default(Power), x, y);
        return Node.Record("pow", result,
            (x, g => g * Where(y.EqualTo(0), 0, y * Pow(x, Where(y.EqualTo(0), 1, y) - 1))),
            (y, g =>
            {
                var flat = x.EqualTo(0) * (y >= 0);
                return g * Where(flat, 0, result * Where(flat, 1, x).Log());
            }));
    }

    /// <summary>x^<paramref name="exponent"/>, elementwise, as in <see cref="Pow(Tensor, Tensor)"/>.</summary>
    public Tensor Pow(double exponent) => exponent == 2 ? this * this : Pow(this, Like(exponent));

    /// <summary>The larger of x and y, elementwise, broadcast; at a tie the gradient is split evenly; NaN wins.</summary>
    public static Tensor Max(Tensor x, Tensor y) =>
        Node.Record("maximum", Zip("maximum", default(Larger), x, y),
            (x, g => g * Zip("maximum", default(ShareOfLarger), x, y)),
            (y, g => g * Zip("maximum", default(ShareOfLarger), y, x)));

    /// <summary>The larger of x and a number.</summary>
    public static Tensor Max(Tensor x, double y) => Max(x, x.Like(y));

    /// <summary>The smaller of x and y, elementwise, broadcast; at a tie the gradient is split evenly; NaN wins.</summary>
    public static Tensor Min(Tensor x, Tensor y) =>
        Node.Record("minimum", Zip("minimum", default(Smaller), x, y),
            (x, g => g * Zip("minimum", default(ShareOfLarger), y, x)),
            (y, g => g * Zip("minimum", default(ShareOfLarger), x, y)));

    /// <summary>The smaller of x and a number.</summary>
    public static Tensor Min(Tensor x, double y) => Min(x, x.Like(y));

    /// <summary>1 where x &gt; y, else 0. Comparisons carry no gradient.</summary>
    public static Tensor operator >(Tensor x, Tensor y) => Zip("greater", default(IsGreater), x, y);

    /// <summary>1 where x &lt; y, else 0.</summary>
    public static Tensor operator <(Tensor x, Tensor y) => Zip("less", default(IsGreater), y, x);

    /// <summary>1 where x ≥ y, else 0.</summary>
    public static Tensor operator >=(Tensor x, Tensor y) => Zip("greater or equal", default(IsGreaterOrEqual), x, y);

    /// <summary>1 where x ≤ y, else 0.</summary>
    public static Tensor operator <=(Tensor x, Tensor y) => Zip("less or equal", default(IsGreaterOrEqual), y, x);

    /// <summary>1 where x &gt; y, else 0.</summary>
    public static Tensor operator >(Tensor x, double y) => Map(new RightNumber<IsGreater>(y), x);

    /// <summary>1 where x &lt; y, else 0.</summary>
    public static Tensor operator <(Tensor x, double y) => Map(new LeftNumber<IsGreater>(y), x);

    /// <summary>1 where x ≥ y, else 0.</summary>
    public static Tensor operator >=(Tensor x, double y) => Map(new RightNumber<IsGreaterOrEqual>(y), x);

    /// <summary>1 where x ≤ y, else 0.</summary>
    public static Tensor operator <=(Tensor x, double y) => Map(new LeftNumber<IsGreaterOrEqual>(y), x);

    /// <summary>1 where the elements are equal, else 0 (also for two NaN). <c>==</c> asks whether it is the same object.</summary>
    public Tensor EqualTo(Tensor other) => Zip("equal", default(IsEqual), this, other);

    /// <summary>1 where the element equals a number, else 0.</summary>
    public Tensor EqualTo(double other) => Map(new RightNumber<IsEqual>(other), this);

    /// <summary>1 where the elements differ, else 0 (1 for two NaN).</summary>
    public Tensor NotEqualTo(Tensor other) => 1 - EqualTo(other);

    /// <summary>1 where the element differs from a number, else 0.</summary>
    public Tensor NotEqualTo(double other) => 1 - EqualTo(other);

    /// <summary>
    /// x where the condition is not 0, else y; broadcast. No gradient flows to the condition, and zeros to what was
    /// not chosen: if that has an infinite slope, 0 · ∞ gives NaN, so make the argument safe first, as in
    /// <c>Where(x &gt; 0, Where(x &gt; 0, x, 1).Log(), 0)</c>.
    /// </summary>
    public static Tensor Where(Tensor condition, Tensor x, Tensor y)
    {
        var mask = condition.Detach();
        // The mask passes no gradient on, but is listed so that a change of it is noticed.
        return Node.Record("where", Zip("where", default(Choose), mask, x, y),
            (mask, g => g), (x, g => Where(mask, g, 0)), (y, g => Where(mask, 0, g)));
    }

    /// <summary>A number where the condition is not 0, else y.</summary>
    public static Tensor Where(Tensor condition, double x, Tensor y) => Where(condition, y.Like(x), y);

    /// <summary>x where the condition is not 0, else a number.</summary>
    public static Tensor Where(Tensor condition, Tensor x, double y) => Where(condition, x, x.Like(y));

    /// <summary>The same values in another number type; the gradient is converted back.</summary>
    public Tensor To(DType dtype)
    {
        if (dtype == DType) return this;
        var result = Empty(Shape, dtype);
        if (dtype == DType.Float64) Move.Convert(Read<float>(), result.Write<double>());
        else Move.Convert(Read<double>(), result.Write<float>());
        return Node.Record("to", result, (this, g => g.To(g.DType == DType.Float32 ? DType.Float64 : DType.Float32)));
    }
}
