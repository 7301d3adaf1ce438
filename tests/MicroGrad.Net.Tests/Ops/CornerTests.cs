using static MicroGrad.Net.Tests.Numbers;

namespace MicroGrad.Net.Tests;

/// <summary>
/// What elementwise functions give at 0, −0, ±∞, NaN, the smallest and huge numbers, value and slope: each line is a
/// decision. Every number is checked as itself and in the company of a full vector.
/// </summary>
public sealed class CornerTests
{
    const double NaN = double.NaN, Inf = double.PositiveInfinity;

    static readonly Dictionary<string, Func<Tensor, Tensor>> Functions = new()
    {
        ["negate"] = x => -x, ["exp"] = x => x.Exp(), ["expm1"] = x => x.Expm1(), ["log"] = x => x.Log(), ["log1p"] = x => x.Log1p(),
        ["sqrt"] = x => x.Sqrt(), ["rsqrt"] = x => x.Rsqrt(), ["reciprocal"] = x => x.Reciprocal(), ["square"] = x => x.Square(),
        ["sin"] = x => x.Sin(), ["cos"] = x => x.Cos(), ["atan"] = x => x.Atan(), ["erf"] = x => x.Erf(), ["abs"] = x => x.Abs(), ["sign"] = x => x.Sign(),
        ["clamp"] = x => x.Clamp(-1, 2), ["clamp open"] = x => x.Clamp(), ["relu"] = x => x.Relu(), ["leaky relu"] = x => x.LeakyRelu(),
        ["elu"] = x => x.Elu(), ["selu"] = x => x.Selu(), ["celu"] = x => x.Celu(2), ["gelu"] = x => x.Gelu(), ["gelu tanh"] = x => x.Gelu(true),
        ["silu"] = x => x.Silu(), ["mish"] = x => x.Mish(), ["tanh"] = x => x.Tanh(), ["sigmoid"] = x => x.Sigmoid(),
        ["log-sigmoid"] = x => x.LogSigmoid(), ["softplus"] = x => x.Softplus(), ["softsign"] = x => x.Softsign(),
        ["hard tanh"] = x => x.HardTanh(), ["hard sigmoid"] = x => x.HardSigmoid(), ["hard swish"] = x => x.HardSwish(),
        ["cube"] = x => x.Pow(3), ["root"] = x => x.Pow(0.5), ["inverse square"] = x => x.Pow(-2), ["power 1"] = x => x.Pow(1),
        ["leaky relu 0"] = x => x.LeakyRelu(0), ["softplus 3"] = x => x.Softplus(3), ["log-cosh"] = x => x.LogCosh(), ["beyond line"] = x => x.ExpBeyondLine(),
        ["max 0"] = x => Tensor.Max(x, 0), ["min 0"] = x => Tensor.Min(x, 0), ["max of NaN"] = x => Tensor.Max(x.Like(0), x),
        ["min of NaN"] = x => Tensor.Min(x.Like(0), x), ["plus"] = x => x + 1, ["over"] = x => 1 / x, ["where"] = x => Tensor.Where(x.EqualTo(x), 1, x),
    };

    public static TheoryData<string> Names => [.. Functions.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void NaN_in_gives_NaN_out(string name)
    {
        foreach (var dtype in Enum.GetValues<DType>())
            for (var count = 1; count < 20; count++)
            {
                var values = new double[count];
                Array.Fill(values, 0.5);
                values[count / 2] = NaN;
                var result = Functions[name](Vector(values).To(dtype)).ToDoubles();
                Assert.Equal([count / 2], result.Index().Where(v => double.IsNaN(v.Item)).Select(v => v.Index));
            }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Values_and_slopes_at_ordinary_extremes_are_finite_or_decided(string name)
    {
        // Nothing finite may give NaN where the function is defined, not in the slope either.
        double[] places = [0, -0.0, 1, -1, 1e-40, 1e-310, 100, -100, 1000, -1000, 1e4, -1e4, 1e30, -1e30, 1e300, -1e300];
        string[] positiveOnly = ["log", "log1p", "sqrt", "rsqrt", "root"];
        foreach (var dtype in Enum.GetValues<DType>())
            foreach (var place in places)
            {
                if (dtype == DType.Float32 && Math.Abs(place) > 3e38) continue;
                if (place < 0 && positiveOnly.Contains(name)) continue;
                var (value, slope) = At(name, place, dtype);
                Assert.False(double.IsNaN(value), $"{name}({place}) is NaN in {dtype}");
                Assert.False(double.IsNaN(slope), $"the slope of {name} at {place} is NaN in {dtype}");
            }
    }

    // name, place, value, slope. The places are exact in both number types.
    public static TheoryData<string, double, double, double> Decided => new()
    {
        { "exp", 0, 1, 1 }, { "exp", Inf, Inf, Inf }, { "exp", -Inf, 0, 0 }, { "exp", 1000, Inf, Inf }, { "exp", -1000, 0, 0 },
        { "expm1", 0, 0, 1 }, { "expm1", -0.0, -0.0, 1 }, { "expm1", -Inf, -1, 0 }, { "expm1", Inf, Inf, Inf },
        { "log", 0, -Inf, Inf }, { "log", -0.0, -Inf, -Inf }, { "log", 1, 0, 1 }, { "log", Inf, Inf, 0 }, { "log", -1, NaN, -1 },
        { "log1p", 0, 0, 1 }, { "log1p", -0.0, -0.0, 1 }, { "log1p", -1, -Inf, Inf }, { "log1p", -2, NaN, -1 }, { "log1p", Inf, Inf, 0 },
        { "sqrt", 0, 0, Inf }, { "sqrt", -0.0, -0.0, -Inf }, { "sqrt", Inf, Inf, 0 }, { "sqrt", -1, NaN, NaN },
        { "rsqrt", 0, Inf, -Inf }, { "rsqrt", Inf, 0, 0 }, { "rsqrt", 4, 0.5, -0.0625 }, { "rsqrt", -1, NaN, NaN },
        { "reciprocal", 0, Inf, -Inf }, { "reciprocal", -0.0, -Inf, -Inf }, { "reciprocal", Inf, 0, -0.0 }, { "reciprocal", -2, -0.5, -0.25 },
        { "square", 0, 0, 0 }, { "square", -Inf, Inf, -Inf }, { "square", -3, 9, -6 },
        { "sin", 0, 0, 1 }, { "sin", -0.0, -0.0, 1 }, { "sin", Inf, NaN, NaN }, { "cos", 0, 1, 0 }, { "cos", Inf, NaN, NaN },
        { "atan", 0, 0, 1 }, { "atan", -0.0, -0.0, 1 }, { "atan", Inf, Math.PI / 2, 0 }, { "atan", -Inf, -Math.PI / 2, 0 },
        { "erf", 0, 0, 2 / 1.7724538509055160273 }, { "erf", Inf, 1, 0 }, { "erf", -Inf, -1, 0 }, { "erf", 100, 1, 0 },
        { "abs", 0, 0, 0 }, { "abs", -0.0, 0, 0 }, { "abs", -2, 2, -1 }, { "abs", -Inf, Inf, -1 },
        { "sign", 0, 0, 0 }, { "sign", -0.0, -0.0, 0 }, { "sign", -Inf, -1, 0 }, { "sign", 3, 1, 0 },
        { "clamp", -1, -1, 1 }, { "clamp", 2, 2, 1 }, { "clamp", 0.5, 0.5, 1 }, { "clamp", 3, 2, 0 }, { "clamp", -Inf, -1, 0 }, { "clamp", Inf, 2, 0 },
        { "clamp open", Inf, Inf, 1 }, { "clamp open", -Inf, -Inf, 1 },
        { "relu", 0, 0, 0 }, { "relu", -0.0, 0, 0 }, { "relu", 2, 2, 1 }, { "relu", -Inf, 0, 0 }, { "relu", Inf, Inf, 1 },
        { "elu", 0, 0, 1 }, { "elu", -Inf, -1, 0 }, { "elu", Inf, Inf, 1 }, { "elu", -1000, -1, 0 }, { "elu", 1000, 1000, 1 },
        { "celu", 0, 0, 1 }, { "celu", -Inf, -2, 0 }, { "celu", Inf, Inf, 1 },
        { "gelu", 0, 0, 0.5 }, { "gelu", 1000, 1000, 1 }, { "gelu", -1000, -0.0, 0 },
        { "gelu tanh", 0, 0, 0.5 }, { "gelu tanh", 1000, 1000, 1 }, { "gelu tanh", -1000, -0.0, 0 },
        { "silu", 0, 0, 0.5 }, { "silu", 1000, 1000, 1 }, { "silu", -1000, -0.0, 0 },
        { "mish", 0, 0, 0.6 }, { "mish", 1000, 1000, 1 }, { "mish", -1000, -0.0, 0 },
        { "gelu", Inf, Inf, 1 }, { "gelu", -Inf, -0.0, 0 }, { "gelu tanh", Inf, Inf, 1 }, { "gelu tanh", -Inf, -0.0, 0 },
        { "silu", Inf, Inf, 1 }, { "silu", -Inf, -0.0, 0 }, { "mish", Inf, Inf, 1 }, { "mish", -Inf, -0.0, 0 },
        { "selu", -Inf, -1.0507009873554804934193349852946 * 1.6732632423543772848170429916717, 0 }, { "selu", Inf, Inf, 1.0507009873554804934193349852946 },
        { "leaky relu", -Inf, -Inf, 0.01 }, { "leaky relu", Inf, Inf, 1 }, { "leaky relu 0", -Inf, 0, 0 }, { "leaky relu 0", Inf, Inf, 1 },
        { "softplus 3", Inf, Inf, 1 }, { "softplus 3", -Inf, 0, 0 }, { "softplus 3", 1.7014118346046923e38, 1.7014118346046923e38, 1 },
        { "softsign", Inf, 1, 0 }, { "softsign", -Inf, -1, 0 },
        { "hard swish", -Inf, -0.0, 0 }, { "hard sigmoid", -Inf, 0, 0 }, { "tanh", Inf, 1, 0 },
        { "log-cosh", 0, 0, 0 }, { "log-cosh", Inf, Inf, 1 }, { "log-cosh", -Inf, Inf, -1 }, { "log-cosh", 100, 100 - 0.69314718055994530942, 1 },
        { "beyond line", 0, 0, 0 }, { "beyond line", Inf, Inf, Inf }, { "beyond line", -Inf, Inf, -1 }, { "beyond line", 1, 0.71828182845904523536, 1.71828182845904523536 },
        { "tanh", 0, 0, 1 }, { "tanh", -0.0, -0.0, 1 }, { "tanh", 1000, 1, 0 }, { "tanh", -Inf, -1, 0 },
        { "sigmoid", 0, 0.5, 0.25 }, { "sigmoid", 1000, 1, 0 }, { "sigmoid", -1000, 0, 0 }, { "sigmoid", Inf, 1, 0 }, { "sigmoid", -Inf, 0, 0 },
        { "log-sigmoid", 1000, -0.0, 0 }, { "log-sigmoid", -1000, -1000, 1 }, { "log-sigmoid", -Inf, -Inf, 1 }, { "log-sigmoid", Inf, -0.0, 0 },
        { "softplus", 1000, 1000, 1 }, { "softplus", -1000, 0, 0 }, { "softplus", Inf, Inf, 1 }, { "softplus", -Inf, 0, 0 },
        { "softsign", 0, 0, 1 }, { "softsign", -1, -0.5, 0.25 },
        { "hard tanh", -1, -1, 0 }, { "hard tanh", 1, 1, 0 }, { "hard tanh", 0.5, 0.5, 1 }, { "hard tanh", Inf, 1, 0 }, { "hard tanh", -Inf, -1, 0 },
        { "hard sigmoid", 3, 1, 0 }, { "hard sigmoid", -3, 0, 0 }, { "hard sigmoid", 0, 0.5, 1.0 / 6 }, { "hard sigmoid", Inf, 1, 0 },
        { "hard swish", -3, -0.0, -0.5 }, { "hard swish", 3, 3, 1.5 }, { "hard swish", 0, 0, 0.5 }, { "hard swish", -4, -0.0, 0 },
        { "hard swish", 4, 4, 1 }, { "hard swish", Inf, Inf, 1 },
        { "cube", 0, 0, 0 }, { "cube", -2, -8, 12 }, { "cube", -Inf, -Inf, Inf }, { "root", 0, 0, Inf }, { "root", -1, NaN, NaN },
        { "inverse square", 0, Inf, -Inf }, { "inverse square", Inf, 0, -0.0 }, { "power 1", 0, 0, 1 }, { "power 1", -3, -3, 1 },
        { "max 0", 0, 0, 0.5 }, { "max 0", 1, 1, 1 }, { "max 0", -1, 0, 0 }, { "min 0", 0, 0, 0.5 }, { "min 0", -1, -1, 1 }, { "min 0", Inf, 0, 0 },
    };

    [Theory]
    [MemberData(nameof(Decided))]
    public void Corners_are_as_decided(string name, double place, double value, double slope)
    {
        foreach (var dtype in Enum.GetValues<DType>())
        {
            var (gotValue, gotSlope) = At(name, (float)place, dtype);
            var tolerance = dtype == DType.Float32 ? 3e-7 : 1e-15;
            Same(value, gotValue, tolerance, $"{name}({place}) in {dtype}");
            Same(slope, gotSlope, tolerance, $"the slope of {name} at {place} in {dtype}");
        }
    }

    static void Same(double expected, double actual, double tolerance, string what)
    {
        var same = expected.Equals(actual) || Math.Abs(expected - actual) <= tolerance * Math.Abs(expected);
        Assert.True(same && (expected != 0 || double.IsNegative(expected) == double.IsNegative(actual) || what.StartsWith("the slope", StringComparison.Ordinal)),
            $"{what}: {actual:g17} instead of {expected:g17}");
    }

    /// <summary>Value and slope: alone and in the middle of a vector, which must agree in every bit.</summary>
    static (double Value, double Slope) At(string name, double place, DType dtype)
    {
        (double, double) Of(int count)
        {
            var values = new double[count];
            Array.Fill(values, 0.25);
            values[count / 2] = place;
            var x = Leaf(Vector(values).To(dtype));
            var y = Functions[name](x);
            if (y.Node is null) return (y.ToDoubles()[count / 2], 0);
            y.Sum().Backward();
            return (y.ToDoubles()[count / 2], x.Grad!.ToDoubles()[count / 2]);
        }
        var alone = Of(1);
        Assert.Equal(alone, Of(21));
        return alone;
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void The_recorded_slope_agrees_at_infinity(string name)
    {
        foreach (var place in (double[])[Inf, -Inf, 1e300, -1e300, 1e30, -1e30])
        {
            var x = Leaf([3], place, 0.25, place);
            if (Functions[name](x) is not { Node: not null } y) continue;
            var seed = Vector(1, 1, 1);
            var fused = Gradients.Of(y, [x], retainTape: true, seed: seed, allowUnused: true)[0].ToDoubles();
            var recorded = Gradients.Of(y, [x], createGraph: true, seed: seed, allowUnused: true)[0].ToDoubles();
            for (var i = 0; i < 3; i++)
                Assert.True(fused[i].Equals(recorded[i]) || Math.Abs(fused[i] - recorded[i]) <= 1e-12 * Math.Abs(fused[i]),
                    $"the slope of {name} at {x.ToDoubles()[i]} is {fused[i]}, and {recorded[i]} where it is recorded");
        }
    }

    [Fact]
    public void The_loss_of_a_certain_answer_is_0_or_infinite()
    {
        foreach (var dtype in Enum.GetValues<DType>())
            foreach (var (loss, wrong) in ((Func<Tensor, Tensor, Tensor>, double)[])[
                ((x, t) => Losses.BinaryCrossEntropyWithLogits(x, t, reduction: Reduction.None), 1),
                ((x, t) => Losses.BinaryCrossEntropyWithLogits(x, t, positiveWeight: x.Like(1), reduction: Reduction.None), 1),
                ((x, t) => Losses.BinaryFocal(x, t, null, 0, Reduction.None), 1),
                ((x, t) => Losses.BinaryFocal(x, t, null, 2, Reduction.None), 1),
                ((x, t) => Losses.Asymmetric(x, t, 0, 0, 0, Reduction.None), 1),
                ((x, t) => Losses.SoftMargin(x, 2 * t - 1, Reduction.None), 1)])
            {
                var x = Leaf(Vector(Inf, -Inf, Inf, -Inf, 0.5).To(dtype));
                var result = loss(x, Vector(1, 0, 0, 1, 1).To(dtype));
                Assert.Equal([0, 0, Inf, Inf], result.ToDoubles()[..4].Select(value => value + 0));
                result.Sum().Backward();
                Assert.Equal([0, 0], x.Grad!.ToDoubles()[..2].Select(value => value + 0));
            }
    }

    [Fact]
    public void Powers_follow_C_in_their_corners()
    {
        static (double, double, double) Pow(double x, double y)
        {
            var (a, b) = (Leaf(x), Leaf(y));
            var power = Tensor.Pow(a, b);
            power.Backward();
            return (power.Item(), a.Grad!.Item(), b.Grad!.Item());
        }
        Assert.Equal((1, 0, 0), Pow(0, 0));
        Assert.Equal((1, 0), (Pow(NaN, 0).Item1, Pow(NaN, 0).Item2));
        Assert.Equal((0, 0, 0), Pow(0, 2));
        Assert.Equal((0, 1, 0), Pow(0, 1));
        Assert.Equal((0, Inf, 0), Pow(0, 0.5));
        Assert.Equal((Inf, -Inf, -Inf), Pow(0, -1));
        Assert.Equal((9, 6 * -1.0), (Pow(-3, 2).Item1, Pow(-3, 2).Item2));
        Assert.Equal((8, 12, 8 * Math.Log(2)), Pow(2, 3));
        Assert.True(double.IsNaN(Pow(-8, 1.0 / 3).Item1));
        Assert.True(double.IsNaN(Pow(NaN, 2).Item1));
        Assert.True(double.IsNaN(Pow(2, NaN).Item1));
    }

    [Fact]
    public void Maximum_and_minimum_let_NaN_win_on_both_sides()
    {
        Equal([3], [NaN, NaN, NaN], Tensor.Max(Vector(NaN, 1, NaN), Vector(1, NaN, NaN)));
        Equal([3], [NaN, NaN, NaN], Tensor.Min(Vector(NaN, 1, NaN), Vector(1, NaN, NaN)));
        var (x, y) = (Leaf([3], 1, 2, 3), Leaf([3], 3, 2, 1));
        Tensor.Max(x, y).Sum().Backward();
        Equal([3], [0, 0.5, 1], x.Grad);
        Equal([3], [1, 0.5, 0], y.Grad);
    }

    [Fact]
    public void Zero_slopes_stay_zero_through_a_guarded_Where()
    {
        var x = Leaf([3], -1, 0, 4);
        var safe = Tensor.Where(x > 0, x, 1);
        Tensor.Where(x > 0, safe.Sqrt() + safe.Log(), 0).Sum().Backward();
        Equal([3], [0, 0, 0.5], x.Grad);
    }

    [Fact]
    public void Settings_outside_their_range_are_named()
    {
        var x = Vector(1);
        Assert.Equal("clamp: low is 2, but must be at most high (1).", Message<ArgumentOutOfRangeException>(() => x.Clamp(2, 1)));
        Assert.Throws<ArgumentOutOfRangeException>(() => x.Clamp(NaN, 1));
        Assert.Equal("celu: alpha is 0, but must be other than 0.", Message<ArgumentOutOfRangeException>(() => x.Celu(0)));
        Assert.Equal("softplus: beta is 0, but must be positive.", Message<ArgumentOutOfRangeException>(() => x.Softplus(0)));
        Assert.Equal("hard tanh: low is 1, but must be below high (1).", Message<ArgumentOutOfRangeException>(() => x.HardTanh(1, 1)));
    }
}
