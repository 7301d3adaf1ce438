using static MicroGrad.Net.Tests.Numbers;

namespace MicroGrad.Net.Tests;

/// <summary>Angles, hyperbolas and log(eˣ + eʸ): beside .NET's functions all over their domains, and decided corners.</summary>
public sealed class TrigonometryTests
{
    const double NaN = double.NaN, Inf = double.PositiveInfinity;

    static readonly Dictionary<string, (Func<Tensor, Tensor> Ours, Func<double, double> Right)> Functions = new()
    {
        ["tan"] = (x => x.Tan(), Math.Tan), ["asin"] = (x => x.Asin(), Math.Asin), ["acos"] = (x => x.Acos(), Math.Acos),
        ["sinh"] = (x => x.Sinh(), Math.Sinh), ["cosh"] = (x => x.Cosh(), Math.Cosh), ["asinh"] = (x => x.Asinh(), Math.Asinh),
        ["acosh"] = (x => x.Acosh(), Math.Acosh), ["atanh"] = (x => x.Atanh(), Math.Atanh),
    };

    public static TheoryData<string> Names => [.. Functions.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Agrees_with_NET_to_a_few_units_in_the_last_place(string name)
    {
        var (ours, right) = Functions[name];
        double[] magnitudes = [.. Enumerable.Range(-300, 6001).Select(i => Math.Pow(10, i / 10.0 - 0)).Where(double.IsFinite)];
        double[] near1 = [.. Enumerable.Range(0, 160).Select(i => 1 - Math.Pow(2, -i / 3.0)), .. Enumerable.Range(0, 160).Select(i => 1 + Math.Pow(2, -i / 3.0))];
        double[] places = [.. magnitudes, .. near1, .. Enumerable.Range(0, 2000).Select(i => i * 0.37)];
        places = [.. places, .. places.Select(place => -place)];
        foreach (var (dtype, unit) in ((DType, double)[])[(DType.Float64, 1.1e-16), (DType.Float32, 6e-8)])
        {
            var x = Vector(places).To(dtype);
            var (at, y) = (x.ToDoubles(), ours(x).ToDoubles());
            for (var i = 0; i < y.Length; i++)
            {
                var expected = dtype == DType.Float32 ? (float)right(at[i]) : right(at[i]);
                Assert.True(expected.Equals(y[i]) || Math.Abs(y[i] - expected) <= 8 * unit * Math.Abs(expected) + (dtype == DType.Float32 ? 1e-44 : 0),
                    $"{name}({at[i]:r}) in {dtype} is {y[i]:r}, not {expected:r}");
            }
        }
    }

    public static TheoryData<string, double, double, double> Decided => new()
    {
        { "tan", 0, 0, 1 }, { "tan", -0.0, -0.0, 1 }, { "tan", Inf, NaN, NaN }, { "tan", NaN, NaN, NaN },
        { "asin", 0, 0, 1 }, { "asin", -0.0, -0.0, 1 }, { "asin", 1, Math.PI / 2, Inf }, { "asin", -1, -Math.PI / 2, Inf },
        { "asin", 2, NaN, NaN }, { "asin", Inf, NaN, NaN }, { "asin", NaN, NaN, NaN },
        { "acos", 0, Math.PI / 2, -1 }, { "acos", 1, 0, -Inf }, { "acos", -1, Math.PI, -Inf }, { "acos", -2, NaN, NaN }, { "acos", NaN, NaN, NaN },
        { "sinh", 0, 0, 1 }, { "sinh", -0.0, -0.0, 1 }, { "sinh", 1000, Inf, Inf }, { "sinh", -Inf, -Inf, Inf }, { "sinh", NaN, NaN, NaN },
        { "cosh", 0, 1, 0 }, { "cosh", -1000, Inf, -Inf }, { "cosh", Inf, Inf, Inf }, { "cosh", NaN, NaN, NaN },
        { "asinh", 0, 0, 1 }, { "asinh", -0.0, -0.0, 1 }, { "asinh", Inf, Inf, 0 }, { "asinh", -Inf, -Inf, 0 }, { "asinh", NaN, NaN, NaN },
        { "acosh", 1, 0, Inf }, { "acosh", 0.5, NaN, NaN }, { "acosh", Inf, Inf, 0 }, { "acosh", -Inf, NaN, NaN }, { "acosh", NaN, NaN, NaN },
        { "atanh", 0, 0, 1 }, { "atanh", -0.0, -0.0, 1 }, { "atanh", 1, Inf, Inf }, { "atanh", -1, -Inf, Inf }, { "atanh", NaN, NaN, NaN },
    };

    [Theory]
    [MemberData(nameof(Decided))]
    public void Corners_are_as_decided(string name, double place, double value, double slope)
    {
        foreach (var dtype in Enum.GetValues<DType>())
            foreach (var recorded in (bool[])[false, true])
            {
                var x = Leaf(Vector(place, 1, place).To(dtype));
                var y = Functions[name].Ours(x);
                var gradient = Gradients.Of(y, [x], createGraph: recorded, retainTape: true, seed: Tensor.Ones([3], dtype))[0];
                foreach (var i in (int[])[0, 2])
                {
                    Assert.Equal(dtype == DType.Float32 ? (float)value : value, y.ToDoubles()[i], 1e-6);
                    Assert.Equal(double.IsNegative(value) && !double.IsNaN(value), double.IsNegative(y.ToDoubles()[i]) && !double.IsNaN(value));
                    Assert.Equal(slope, gradient.ToDoubles()[i], 1e-6);
                }
            }
    }

    [Fact]
    public void Atan2_follows_C_in_all_quadrants_and_corners()
    {
        double[] sides = [0, -0.0, 1, -1, 0.3, -2, 1e-300, -1e300, Inf, -Inf, NaN];
        foreach (var dtype in Enum.GetValues<DType>())
            foreach (var y in sides)
                foreach (var x in sides)
                {
                    var (a, b) = dtype == DType.Float32 ? ((float)y, (float)x) : (y, x);
                    var (right, ours) = (Math.Atan2(a, b), Tensor.Atan2(Tensor.Scalar(y, dtype), Tensor.Scalar(x, dtype)).Item());
                    Assert.True(right.Equals(ours) || (Math.Abs(right - ours) < (dtype == DType.Float32 ? 3e-7 : 5e-16) && double.IsNegative(right) == double.IsNegative(ours)),
                        $"atan2({y}, {x}) is {ours:r}, not {right:r}");
                }
        var (zeroY, zeroX) = (Leaf(0), Leaf(0));
        Tensor.Atan2(zeroY, zeroX).Backward();
        Assert.Equal((0, 0), (zeroY.Grad!.Item(), zeroX.Grad!.Item()));
        // 1e200² is beyond the range.
        var (farY, farX) = (Leaf(3e200), Leaf(4e200));
        Tensor.Atan2(farY, farX).Backward();
        Close([4e200 / 25e200 / 1e200, -3e200 / 25e200 / 1e200], Tensor.Stack([farY.Grad!, farX.Grad!]), 1e-213);
        Assert.Equal(1.6e-201, farY.Grad!.Item(), 1e-214);
    }

    // x, y, log(eˣ + eʸ), its slopes.
    public static TheoryData<double, double, double, double, double> Sums => new()
    {
        { 0, 0, 0.69314718055994531, 0.5, 0.5 }, { 1000, 1000, 1000.69314718055995, 0.5, 0.5 }, { 1000, 0, 1000, 1, 0 }, { 0, 1000, 1000, 0, 1 },
        { -1000, -1001, -999.68673831248177, 0.73105857863000488, 0.26894142136999512 },
        { Inf, 1, Inf, 1, 0 }, { 1, Inf, Inf, 0, 1 }, { -Inf, 2, 2, 0, 1 }, { 2, -Inf, 2, 1, 0 }, { Inf, -Inf, Inf, 1, 0 },
        { Inf, Inf, Inf, 0.5, 0.5 }, { -Inf, -Inf, -Inf, 0.5, 0.5 }, { NaN, 1, NaN, NaN, NaN }, { 1, NaN, NaN, NaN, NaN }, { NaN, Inf, NaN, NaN, NaN },
    };

    [Theory]
    [MemberData(nameof(Sums))]
    public void LogAddExp_is_right_at_every_infinity(double x, double y, double sum, double slopeX, double slopeY)
    {
        foreach (var recorded in (bool[])[false, true])
        {
            var (a, b) = (Leaf(x), Leaf(y));
            var result = Tensor.LogAddExp(a, b);
            var slopes = Gradients.Of(result, [a, b], createGraph: recorded);
            Assert.Equal(sum, result.Item(), 1e-12);
            Assert.Equal(slopeX, slopes[0].Item(), 1e-12);
            Assert.Equal(slopeY, slopes[1].Item(), 1e-12);
        }
    }
}
