namespace MicroGrad.Net.Tests;

/// <summary>
/// A number of about 32 digits as the unevaluated sum of two doubles (T. J. Dekker, 1971): what the functions in double
/// precision are measured against. Slow, and written from textbook series only.
/// </summary>
readonly record struct DoubleDouble(double High, double Low)
{
    static readonly DoubleDouble Log2 = new(0.6931471805599453, 2.3190468138462996e-17);
    static readonly DoubleDouble HalfPi = new(1.5707963267948966, 6.123233995736766e-17);
    static readonly DoubleDouble TwoBySqrtPi = new(1.1283791670955126, 1.533545961316588e-17);

    public static implicit operator DoubleDouble(double x) => new(x, 0);

    public static DoubleDouble operator -(DoubleDouble a) => new(-a.High, -a.Low);

    public static DoubleDouble operator +(DoubleDouble a, DoubleDouble b)
    {
        var sum = ExactSum(a.High, b.High);
        var low = ExactSum(a.Low, b.Low);
        sum = Normalised(sum.High, sum.Low + low.High);
        return Normalised(sum.High, sum.Low + low.Low);
    }

    public static DoubleDouble operator -(DoubleDouble a, DoubleDouble b) => a + -b;

    public static DoubleDouble operator *(DoubleDouble a, DoubleDouble b)
    {
        var product = a.High * b.High;
        var error = Math.FusedMultiplyAdd(a.High, b.High, -product);
        return Normalised(product, error + (a.High * b.Low + a.Low * b.High));
    }

    public static DoubleDouble operator /(DoubleDouble a, DoubleDouble b)
    {
        DoubleDouble quotient = a.High / b.High;
        var remainder = a - quotient * b;
        quotient += remainder.High / b.High;
        remainder = a - quotient * b;
        return quotient + remainder.High / b.High;
    }

    public static DoubleDouble Abs(DoubleDouble x) => x.High < 0 ? -x : x;

    public static DoubleDouble Exp(DoubleDouble x)
    {
        if (x.High is < -800 or > 800) return x.High < 0 ? 0 : double.PositiveInfinity;
        var n = Math.Round(x.High / Log2.High);
        var y = 1 + Expm1Series(x - n * Log2);
        return new(Math.ScaleB(y.High, (int)n), Math.ScaleB(y.Low, (int)n));
    }

    public static DoubleDouble Expm1(DoubleDouble x) => Math.Abs(x.High) < 0.5 ? Expm1Series(x) : Exp(x) - 1;

    public static DoubleDouble Log(double x)
    {
        var e = Math.ILogB(x);
        var m = Math.ScaleB(x, -e);
        return e * Log2 + Log1pSeries(m - 1);
    }

    public static DoubleDouble Log1p(DoubleDouble x)
    {
        if (Math.Abs(x.High) < 1e-40) return x; // products of two would be denormal
        if (Math.Abs(x.High) < 0.5) return Log1pSeries(x);
        var u = 1 + x;
        return Log(u.High) + Log1pSeries(u.Low / u.High);
    }

    public static DoubleDouble Tanh(double x)
    {
        var a = Math.Min(Math.Abs(x), 50);
        var y = Expm1(2 * a) / (Expm1(2 * a) + 2);
        return x < 0 ? -y : y;
    }

    public static DoubleDouble Sigmoid(double x) => x < 0 ? Exp(x) / (1 + Exp(x)) : 1 / (1 + Exp(-x));

    public static DoubleDouble Softplus(double x) => Math.Max(x, 0) + Log1p(Exp(-Math.Abs(x)));

    public static DoubleDouble Atan(double x)
    {
        if (Math.Abs(x) < 1e-40) return x; // products of two would be denormal
        DoubleDouble a = Math.Abs(x);
        var y = a.High <= 1 ? PositiveAtanSeries(a) : HalfPi - PositiveAtanSeries(1 / a);
        return x < 0 ? -y : y;
    }

    public static DoubleDouble Erf(double x)
    {
        var a = Math.Abs(x);
        var y = a < 2.5 ? PositiveErfSeries(a) : 1 - PositiveErfcFraction(a);
        return x < 0 ? -y : y;
    }

    public static DoubleDouble Erfc(double x) =>
        x < 0 ? 1 + Erf(-x) : x < 2.5 ? 1 - PositiveErfSeries(x) : PositiveErfcFraction(x);

    // x + x²/2! + x³/3! + …
    static DoubleDouble Expm1Series(DoubleDouble x)
    {
        DoubleDouble sum = 0, term = x;
        for (var k = 2; k < 40; k++)
        {
            sum += term;
            term = term * x / k;
        }

        return sum;
    }

    // 2 artanh s = 2 (s + s³/3 + s⁵/5 + …) with s = x / (2 + x)
    static DoubleDouble Log1pSeries(DoubleDouble x)
    {
        DoubleDouble s = x / (2 + x), square = s * s, power = 2 * s, sum = 0;
        for (var k = 1; k < 80; k += 2)
        {
            sum += power / k;
            power *= square;
        }

        return sum;
    }

    // Euler's: x/(1 + x²) (1 + 2/3 s + 2/3 4/5 s² + …) with s = x² / (1 + x²), at most 1/2: all terms positive
    static DoubleDouble PositiveAtanSeries(DoubleDouble x)
    {
        DoubleDouble square = x * x, s = square / (1 + square), term = x / (1 + square), sum = 0;
        for (var k = 1; k < 120; k++)
        {
            sum += term;
            term = term * s * (2 * k) / (2 * k + 1);
        }

        return sum;
    }

    // 2/√π e^(-x²) (x + 2x³/3 + 4x⁵/15 + …): all terms positive
    static DoubleDouble PositiveErfSeries(double x)
    {
        DoubleDouble square = (DoubleDouble)x * x, term = x, sum = 0;
        for (var k = 1; k < 140; k++)
        {
            sum += term;
            term = term * square * 2 / (2 * k + 1);
        }

        return TwoBySqrtPi * Exp(-square) * sum;
    }

    // e^(-x²)/√π / (x + (1/2)/(x + (2/2)/(x + (3/2)/(x + …))))
    static DoubleDouble PositiveErfcFraction(double x)
    {
        DoubleDouble fraction = x;
        for (var k = 200; k > 0; k--)
            fraction = x + k / 2.0 / fraction;
        return 0.5 * TwoBySqrtPi * Exp(-((DoubleDouble)x * x)) / fraction;
    }

    static DoubleDouble ExactSum(double a, double b)
    {
        var sum = a + b;
        if (!double.IsFinite(sum)) return sum;
        var rounded = sum - a;
        return new(sum, a - (sum - rounded) + (b - rounded));
    }

    static DoubleDouble Normalised(double high, double low)
    {
        var sum = high + low;
        return double.IsFinite(sum) ? new(sum, low - (sum - high)) : new(sum, 0);
    }
}
