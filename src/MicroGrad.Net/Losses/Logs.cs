namespace MicroGrad.Net;

/// <summary>
/// Logarithms of probabilities at their corners: 0 · log 0 is 0 and has slope 0, and −∞ stands for what cannot be.
/// </summary>
static class Logs
{
    /// <summary>log x, and 0 for x = 0: so that 0 · log 0 is 0, and its slope finite.</summary>
    public static Tensor OrZero(Tensor x) => Tensor.Where(x.EqualTo(0), 1, x).Log();

    /// <summary>x · log, and 0, with slope 0, for 0 · −∞: what is impossible and does not happen.</summary>
    public static Tensor Times(Tensor x, Tensor log)
    {
        var never = Never(x, log);
        return Tensor.Where(never, 0, x) * Tensor.Where(never, 0, log);
    }

    /// <summary>log, but 0 for −∞ where x is 0.</summary>
    public static Tensor NoneWhereNever(Tensor x, Tensor log) => Tensor.Where(Never(x, log), 0, log);

    /// <summary>max(log x, −100). The smallest number keeps the slope of the logarithm at 0 finite.</summary>
    public static Tensor Limited(Tensor x) => x.Clamp(low: float.Epsilon).Log().Clamp(low: -100);

    /// <summary>max(log(1 − p), −100), with the digits of a small p. Only 1 is limited, as what is next to it has
    /// −17 or −37.</summary>
    public static Tensor LimitedOfRest(Tensor p)
    {
        var certain = p.EqualTo(1);
        return Tensor.Where(certain, -100, (-Tensor.Where(certain, 0, p)).Log1p());
    }

    /// <summary>p^power for the logarithm of p, also where that is −∞ and the power 0.</summary>
    public static Tensor PowerOf(Tensor log, double power) =>
        power == 0 ? Tensor.Ones(log.Shape, log.DType) : (power * log).Exp();

    /// <summary>(1 − e^log)^power; at 0, where a fractional power is infinitely steep, the slope is 0.</summary>
    public static Tensor PowerOfRest(Tensor log, double power)
    {
        var rest = -log.Expm1();
        var some = rest.NotEqualTo(0);
        return Tensor.Where(some, Tensor.Where(some, rest, 1).Pow(power), power == 0 ? 1 : 0);
    }

    /// <summary>log Σ eˣ along an axis; of nothing but −∞ it is −∞, with slope 0 rather than NaN.</summary>
    public static Tensor SumOrNothing(Tensor x, int axis)
    {
        // A NaN is not -inf either, so it stays.
        var some = x.Detach().Max(axis, keepDims: true).NotEqualTo(double.NegativeInfinity);
        var sum = Tensor.Where(some, x, 0).LogSumExp(axis, keepDims: true);
        return Tensor.Where(some, sum, double.NegativeInfinity).Squeeze(axis);
    }

    /// <summary>Stirling's formula above 1, else 0.</summary>
    public static Tensor Factorial(Tensor n)
    {
        var large = Tensor.Where(n > 1, n, 1);
        return Tensor.Where(n > 1, large * large.Log() - large + 0.5 * (2 * Math.PI * large).Log(), 0);
    }

    static Tensor Never(Tensor x, Tensor log) => x.EqualTo(0) * log.EqualTo(double.NegativeInfinity);
}
