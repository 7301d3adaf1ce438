using static MicroGrad.Net.Tests.Numbers;

namespace MicroGrad.Net.Tests;

/// <summary>Rounding, remainders and what asks for NaN and infinity.</summary>
public sealed class RoundingTests
{
    const double NaN = double.NaN, Inf = double.PositiveInfinity;

    static readonly double[] Places = [0, -0.0, 0.5, -0.5, 1.5, 2.5, -2.5, 0.3, -0.7, 1, -3, 8388609, 4503599627370497, 1e30, -1e300, Inf, -Inf, NaN];

    static readonly Dictionary<string, (Func<Tensor, Tensor> Ours, Func<double, double> Right)> Functions = new()
    {
        ["floor"] = (x => x.Floor(), Math.Floor), ["ceiling"] = (x => x.Ceiling(), Math.Ceiling),
        ["round"] = (x => x.Round(), x => Math.Round(x, MidpointRounding.ToEven)), ["truncate"] = (x => x.Truncate(), Math.Truncate),
        ["frac"] = (x => x.Frac(), x => x - Math.Truncate(x)),
    };

    public static TheoryData<string> Names => [.. Functions.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Rounds_as_NET_does_and_is_flat(string name)
    {
        var (ours, right) = Functions[name];
        foreach (var dtype in Enum.GetValues<DType>())
        {
            var x = Leaf(Vector(Places).To(dtype));
            var y = ours(x);
            Assert.Equal(x.ToDoubles().Select(value => BitConverter.DoubleToInt64Bits(right(value) is var v && double.IsNaN(v) ? NaN : v)),
                y.ToDoubles().Select(value => BitConverter.DoubleToInt64Bits(double.IsNaN(value) ? NaN : value)));
            y.Sum().Backward();
            Assert.All(x.Grad!.ToDoubles(), slope => Assert.Equal(name == "frac" ? 1 : 0, slope));
        }
    }

    // x, y, remainder, fmod: PyTorch's.
    public static TheoryData<double, double, double, double> Remainders => new()
    {
        { 7, 3, 1, 1 }, { -7, 3, 2, -1 }, { 7, -3, -2, 1 }, { -7, -3, -1, -1 }, { 6, 3, 0, 0 }, { -6, 3, -0.0, -0.0 },
        { 0.75, 0.5, 0.25, 0.25 }, { -0.75, 0.5, 0.25, -0.25 }, { 5, Inf, 5, 5 }, { -5, Inf, Inf, -5 }, { 5, -Inf, -Inf, 5 },
        { Inf, 3, NaN, NaN }, { 5, 0, NaN, NaN }, { NaN, 3, NaN, NaN }, { 3, NaN, NaN, NaN }, { 0, 3, 0, 0 },
        { 16777216, 3, 1, 1 }, { 1.0141204801825835e31, 3, 2, 2 },      // 2^103: no digit is lost
    };

    [Theory]
    [MemberData(nameof(Remainders))]
    public void Remainders_have_PyTorchs_signs(double x, double y, double remainder, double fmod)
    {
        foreach (var dtype in Enum.GetValues<DType>())
        {
            Assert.Equal(remainder, Tensor.Remainder(Tensor.Scalar(x, dtype), Tensor.Scalar(y, dtype)).Item());
            Assert.Equal(remainder, Tensor.Remainder(Tensor.Scalar(x, dtype), y).Item());
            Assert.Equal(fmod, Tensor.Fmod(Tensor.Scalar(x, dtype), Tensor.Scalar(y, dtype)).Item());
            Assert.Equal(fmod, Tensor.Fmod(Tensor.Scalar(x, dtype), y).Item());
        }
    }

    [Fact]
    public void The_divisor_gets_the_quotient()
    {
        static double Slope(Func<Tensor, Tensor, Tensor> f, double x, double y)
        {
            var divisor = Leaf(y);
            f(Tensor.Scalar(x, DType.Float64), divisor).Backward();
            return divisor.Grad!.Item();
        }
        Assert.Equal((-2, 3, 3, -2), (Slope(Tensor.Remainder, 7, 3), Slope(Tensor.Remainder, -7, 3), Slope(Tensor.Remainder, 7, -3), Slope(Tensor.Remainder, -7, -3)));
        Assert.Equal((-2, 2, 2, -2), (Slope(Tensor.Fmod, 7, 3), Slope(Tensor.Fmod, -7, 3), Slope(Tensor.Fmod, 7, -3), Slope(Tensor.Fmod, -7, -3)));
    }

    [Fact]
    public void Masks_tell_numbers_from_what_is_none()
    {
        foreach (var dtype in Enum.GetValues<DType>())
        {
            var x = Leaf(Vector(1, NaN, Inf, -Inf, 0, -0.0, 3e38).To(dtype));
            Equal([7], [0, 1, 0, 0, 0, 0, 0], x.IsNaN());
            Equal([7], [1, 0, 0, 0, 1, 1, 1], x.IsFinite());
            Equal([7], [0, 0, 1, 1, 0, 0, 0], x.IsInfinity());
            Assert.All((Tensor[])[x.IsNaN(), x.IsFinite(), x.IsInfinity()], mask => Assert.False(mask.RequiresGrad));
        }
    }
}
