namespace MicroGrad.Net;

// Ops that own a derivative: forward and rule in one statement. Rules ignore broadcasting; the walk undoes it.
// A C# number beside a tensor becomes a constant of the tensor's number type.
public partial class Tensor
{
    static readonly Operation s_add = new("add", "y = a + b", "g", "g")
    {
        Words = "A sum passes its gradient on to each input as it is. Where an input was repeated to fit, its "
            + "gradients are summed.",
        Element = "{0} + {1}",
    };

    /// <summary>x + y, elementwise, broadcast.</summary>
    public static Tensor operator +(Tensor x, Tensor y) =>
        Node.Record(s_add, Zip(s_add, default(Add), x, y), (x, g => g), (y, g => g));

    static readonly Operation s_subtract = new("subtract", "y = a − b", "g", "−g")
    { Words = "The gradient goes on as it is, and with the other sign to what was subtracted.", Element = "{0} − {1}" };

    /// <summary>x − y, elementwise, broadcast.</summary>
    public static Tensor operator -(Tensor x, Tensor y) =>
        Node.Record(s_subtract, Zip(s_subtract, default(Subtract), x, y), (x, g => g), (y, g => -g));

    static readonly Operation s_multiply = new("multiply", "y = a · b", "g · b", "g · a")
    { Words = "Each factor gets the gradient times the other factor. b may be a plain number.", Element = "{0} · {1}" };

    /// <summary>x · y, elementwise, broadcast. The matrix product is <see cref="MatMul"/>.</summary>
    public static Tensor operator *(Tensor x, Tensor y) =>
        Node.Record(s_multiply, Zip(s_multiply, default(Multiply), x, y), (x, g => g * y), (y, g => g * x));

    static readonly Operation s_divide = new("divide", "y = a / b", "g / b", "−g · a / b²")
    {
        Words = "The numerator gets the gradient divided by the denominator; the denominator pulls the other way.",
        Element = "{0} / {1}",
    };

    /// <summary>x / y, elementwise, broadcast, by IEEE 754: x/0 is ±∞, 0/0 is NaN.</summary>
    public static Tensor operator /(Tensor x, Tensor y) =>
        Node.Record(s_divide, Zip(s_divide, default(Divide), x, y), (x, g => g / y), (y, g => -(g * (x / y / y))));

    static readonly Operation s_negate = new("negate", "y = −a", "−g")
    { Words = "The gradient changes its sign.", Element = "−({0})" };

    /// <summary>−x.</summary>
    public static Tensor operator -(Tensor x) =>
        Node.Record(s_negate, Map(default(Negate), x), (x, g => -g));

    /// <summary>x + y.</summary>
    public static Tensor operator +(Tensor x, double y) =>
        Node.Record(s_add.With("right", y), Map(new RightNumber<Add>(y), x), (x, g => g));

    /// <summary>x + y.</summary>
    public static Tensor operator +(double x, Tensor y) => y + x;

    /// <summary>x − y.</summary>
    public static Tensor operator -(Tensor x, double y) =>
        Node.Record(s_subtract.With("right", y), Map(new RightNumber<Subtract>(y), x), (x, g => g));

    /// <summary>x − y.</summary>
    public static Tensor operator -(double x, Tensor y) =>
        Node.Record(s_subtract.With("left", x), Map(new LeftNumber<Subtract>(x), y), (y, g => -g));

    /// <summary>x · y.</summary>
    public static Tensor operator *(Tensor x, double y) =>
        Node.Record(s_multiply.With("right", y), Map(new RightNumber<Multiply>(y), x), (x, g => g * y));

    /// <summary>x · y.</summary>
    public static Tensor operator *(double x, Tensor y) => y * x;

    /// <summary>x / y.</summary>
    public static Tensor operator /(Tensor x, double y) =>
        Node.Record(s_divide.With("right", y), Map(new RightNumber<Divide>(y), x), (x, g => g / y));

    /// <summary>x / y.</summary>
    public static Tensor operator /(double x, Tensor y) =>
        Node.Record(s_divide.With("left", x), Map(new LeftNumber<Divide>(x), y), (y, g => -(g * (x / y / y))));

    /// <summary>A constant of this tensor's number type.</summary>
    internal Tensor Like(double value) => Scalar(value, DType);

    static readonly Operation s_pow = new("pow", "y = aᵇ", "g · b · aᵇ⁻¹", "g · aᵇ · log a")
    { Words = "Base and exponent get the gradient times their slopes.", Element = "{0} ^ {1}" };

    /// <summary>
    /// x^y, elementwise, broadcast, by the rules of C's pow: x⁰ = 1 even for x = 0 and NaN; NaN for negative x and
    /// fractional y. Slopes: y·x^(y−1) in x (0 for y = 0), x^y·log x in y (0 at x = 0 for y ≥ 0).
    /// </summary>
    public static Tensor Pow(Tensor x, Tensor y)
    {
        var result = Zip(s_pow, default(Power), x, y);
        return Node.Record(s_pow, result,
            (x, g => g * Where(y.EqualTo(0), 0, y * Pow(x, Where(y.EqualTo(0), 1, y) - 1))),
            (y, g =>
            {
                var flat = x.EqualTo(0) * (y >= 0);
                return g * Where(flat, 0, result * Where(flat, 1, x).Log());
            }));
    }

    /// <summary>x^<paramref name="exponent"/>, elementwise, as in <see cref="Pow(Tensor, Tensor)"/>.</summary>
    public Tensor Pow(double exponent) => exponent == 2 ? this * this : Pow(this, Like(exponent));

    static readonly Operation s_maximum = new("maximum", "y = max(a, b)", "g where a > b, ½ g where equal, else 0",
        "g where b > a, ½ g where equal, else 0")
    {
        Words = "The larger of the two gets the whole gradient, the other nothing; equals share it.",
        Element = "max({0}, {1})",
    };

    /// <summary>The larger of x and y, elementwise, broadcast; at a tie the gradient is split evenly; NaN wins.</summary>
    public static Tensor Max(Tensor x, Tensor y) =>
        Node.Record(s_maximum, Zip(s_maximum, default(Larger), x, y),
            (x, g => g * Zip(s_maximum, default(ShareOfLarger), x, y)),
            (y, g => g * Zip(s_maximum, default(ShareOfLarger), y, x)));

    /// <summary>The larger of x and a number.</summary>
    public static Tensor Max(Tensor x, double y) => Max(x, x.Like(y));

    static readonly Operation s_minimum = new("minimum", "y = min(a, b)", "g where a < b, ½ g where equal, else 0",
        "g where b < a, ½ g where equal, else 0")
    {
        Words = "The smaller of the two gets the whole gradient, the other nothing; equals share it.",
        Element = "min({0}, {1})",
    };

    /// <summary>The smaller of x and y, elementwise, broadcast; at a tie the gradient is split evenly; NaN wins.</summary>
    public static Tensor Min(Tensor x, Tensor y) =>
        Node.Record(s_minimum, Zip(s_minimum, default(Smaller), x, y),
            (x, g => g * Zip(s_minimum, default(ShareOfLarger), y, x)),
            (y, g => g * Zip(s_minimum, default(ShareOfLarger), x, y)));

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

    static readonly Operation s_where = new("where", "y = b where a ≠ 0, else c", "none", "g where a ≠ 0, else 0",
        "0 where a ≠ 0, else g") { Words = "The gradient goes to what was chosen; the condition a gets none." };

    /// <summary>
    /// x where the condition, of any number type, is not 0, else y; broadcast. No gradient flows to the condition, and
    /// zeros to what was not chosen: if that has an infinite slope, 0 · ∞ gives NaN, so make the argument safe first, as
    /// in <c>Where(x &gt; 0, Where(x &gt; 0, x, 1).Log(), 0)</c>.
    /// </summary>
    public static Tensor Where(Tensor condition, Tensor x, Tensor y)
    {
        var mask = condition.DType == x.DType ? condition.Detach() : condition.Detach().NotEqualTo(0).To(x.DType);
        // The mask passes no gradient on, but is listed so that a change of it is noticed.
        return Node.Record(s_where, Zip(s_where, default(Choose), mask, x, y),
            (mask, g => g), (x, g => Where(mask, g, 0)), (y, g => Where(mask, 0, g)));
    }

    /// <summary>A number where the condition is not 0, else y.</summary>
    public static Tensor Where(Tensor condition, double x, Tensor y) => Where(condition, y.Like(x), y);

    /// <summary>x where the condition is not 0, else a number.</summary>
    public static Tensor Where(Tensor condition, Tensor x, double y) => Where(condition, x, x.Like(y));

    /// <summary>
    /// One number where the condition is not 0, else another, in the condition's shape and number type:
    /// <c>Tensor.Where(x &gt; 0, 1, -1)</c>.
    /// </summary>
    public static Tensor Where(Tensor condition, double x, double y) =>
        Where(condition, condition.Like(x), condition.Like(y));

    static readonly Operation s_to = new("to", "y = a in another number type", "g in the type of a")
    { Words = "The gradient is converted back to the number type of the input." };

    /// <summary>The same values in another number type; the gradient is converted back.</summary>
    public Tensor To(DType dtype)
    {
        if (dtype == DType) return this;
        var result = Empty(Shape, dtype);
        if (dtype == DType.Float64) Move.Convert(Read<float>(), result.Write<double>());
        else Move.Convert(Read<double>(), result.Write<float>());
        return Node.Record(s_to.With("dtype", dtype), result, (this, g => g.To(g.DType == DType.Float32 ? DType.Float64 : DType.Float32)));
    }
}
