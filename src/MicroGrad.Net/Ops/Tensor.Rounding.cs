namespace MicroGrad.Net;

// Rounding and remainders. A step function passes no gradient; what it takes off is constant between its steps.
public partial class Tensor
{
    const string Step = "A step function is flat: no gradient passes.";

    static readonly Operation s_floor = new("floor", "y = ⌊a⌋", "0") { Words = Step, Element = "floor({0})" };

    /// <summary>⌊x⌋, the largest whole number that is not above x; the slope is 0 everywhere. PyTorch's
    /// <c>floor</c>.</summary>
    public Tensor Floor() => Pointwise(s_floor, default(RoundedDown), this);

    static readonly Operation s_ceiling = new("ceiling", "y = ⌈a⌉", "0") { Words = Step, Element = "ceiling({0})" };

    /// <summary>⌈x⌉, the smallest whole number that is not below x; the slope is 0 everywhere. PyTorch's
    /// <c>ceil</c>.</summary>
    public Tensor Ceiling() => Pointwise(s_ceiling, default(RoundedUp), this);

    static readonly Operation s_round = new("round", "y = the whole number nearest to a", "0")
    { Words = Step, Element = "round({0})" };

    /// <summary>The nearest whole number, the even one of two equally near: 0.5 becomes 0, 1.5 becomes 2; the slope is 0
    /// everywhere. PyTorch's <c>round</c>.</summary>
    public Tensor Round() => Pointwise(s_round, default(RoundedToNearest), this);

    static readonly Operation s_truncate = new("truncate", "y = a without its fraction", "0")
    { Words = Step, Element = "truncate({0})" };

    /// <summary>x without its fraction: the next whole number towards 0; the slope is 0 everywhere. PyTorch's
    /// <c>trunc</c>.</summary>
    public Tensor Truncate() => Pointwise(s_truncate, default(RoundedToZero), this);

    static readonly Operation s_remainder = new("remainder", "y = a − b · ⌊a / b⌋", "g", "−g · ⌊a / b⌋")
    { Words = "What is left after a number of whole multiples: that number is constant between its steps." };

    /// <summary>
    /// x − y·⌊x/y⌋, elementwise, broadcast, without rounding: with the sign of y, as PyTorch's <c>remainder</c> and
    /// Python's %. NaN for y = 0. C#'s % is <see cref="Fmod(Tensor, Tensor)"/>.
    /// </summary>
    public static Tensor Remainder(Tensor x, Tensor y) =>
        Node.Record(s_remainder, Zip(s_remainder, default(RemainderOfFloored), x, y),
            (x, g => g), (y, g => -(g * Zip(s_remainder, default(FlooredQuotient), x, y))));

    /// <summary>x − y·⌊x/y⌋ for a number y, as in <see cref="Remainder(Tensor, Tensor)"/>.</summary>
    public static Tensor Remainder(Tensor x, double y) => Remainder(x, x.Like(y));

    static readonly Operation s_fmod = new("fmod", "y = a − b · trunc(a / b)", "g", "−g · trunc(a / b)")
    { Words = "What is left after a number of whole multiples: that number is constant between its steps." };

    /// <summary>
    /// x − y·trunc(x/y), elementwise, broadcast, without rounding: with the sign of x, as PyTorch's <c>fmod</c>, C's and
    /// C#'s %. NaN for y = 0. Python's % is <see cref="Remainder(Tensor, Tensor)"/>.
    /// </summary>
    public static Tensor Fmod(Tensor x, Tensor y) =>
        Node.Record(s_fmod, Zip(s_fmod, default(RemainderOfTruncated), x, y),
            (x, g => g), (y, g => -(g * Zip(s_fmod, default(TruncatedQuotient), x, y))));

    /// <summary>x − y·trunc(x/y) for a number y, as in <see cref="Fmod(Tensor, Tensor)"/>.</summary>
    public static Tensor Fmod(Tensor x, double y) => Fmod(x, x.Like(y));
}
