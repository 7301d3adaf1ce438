using System.Numerics;
using MathNet.Numerics;

namespace MicroGrad.Net.Tests;

public class VectorMathTests
{
    /// <summary>
    /// A function under test, and what it should be: in double for float, in double-double for double. The bounds, in
    /// units in the last place, lie just above the errors found, so that a wrong digit in a coefficient shows.
    /// </summary>
    sealed record Case(
        Func<Vector<float>, Vector<float>> Single,
        Func<Vector<double>, Vector<double>> Double,
        Func<double, double> Reference,
        Func<double, DoubleDouble> Precise,
        double MaxUlpsSingle,
        double MaxUlpsDouble);

    static readonly Dictionary<string, Case> Cases = new()
    {
        ["Exp"] = new(VectorMath.Exp, VectorMath.Exp, Math.Exp, x => DoubleDouble.Exp(x), 1, 1),
        ["Expm1"] = new(VectorMath.Expm1, VectorMath.Expm1, Expm1, x => DoubleDouble.Expm1(x), 1.7, 1.5),
        ["Log"] = new(VectorMath.Log, VectorMath.Log, Math.Log, DoubleDouble.Log, 1, 1),
        ["Log1p"] = new(VectorMath.Log1p, VectorMath.Log1p, Log1p, x => DoubleDouble.Log1p(x), 1.6, 1),
        ["Sin"] = new(VectorMath.Sin, VectorMath.Sin, Math.Sin, x => Math.Sin(x), 1.6, 1.5),
        ["Cos"] = new(VectorMath.Cos, VectorMath.Cos, Math.Cos, x => Math.Cos(x), 1.6, 1.5),
        ["Atan"] = new(VectorMath.Atan, VectorMath.Atan, Math.Atan, DoubleDouble.Atan, 1.8, 1.5),
        ["Tanh"] = new(VectorMath.Tanh, VectorMath.Tanh, Math.Tanh, DoubleDouble.Tanh, 1.5, 1.5),
        ["Sigmoid"] = new(VectorMath.Sigmoid, VectorMath.Sigmoid, Sigmoid, DoubleDouble.Sigmoid, 1.7, 1.7),
        ["Softplus"] = new(VectorMath.Softplus, VectorMath.Softplus, Softplus, DoubleDouble.Softplus, 1.9, 1.7),
        ["Erf"] = new(VectorMath.Erf, VectorMath.Erf, SpecialFunctions.Erf, DoubleDouble.Erf, 1.3, 1),
        ["Erfc"] = new(VectorMath.Erfc, VectorMath.Erfc, SpecialFunctions.Erfc, DoubleDouble.Erfc, 4, 3),
    };

    const double Inf = double.PositiveInfinity, NaN = double.NaN;

    static readonly Dictionary<string, (double X, double Y)[]> Specials = new()
    {
        ["Exp"] = [(Inf, Inf), (-Inf, 0), (-0.0, 1), (1000, Inf), (-1000, 0)],
        ["Expm1"] = [(Inf, Inf), (-Inf, -1), (-0.0, -0.0), (0, 0), (1000, Inf)],
        ["Log"] = [(Inf, Inf), (-Inf, NaN), (0, -Inf), (-0.0, -Inf), (-1, NaN), (1, 0)],
        ["Log1p"] = [(Inf, Inf), (-Inf, NaN), (-1, -Inf), (-1.5, NaN), (0, 0), (-0.0, -0.0)],
        ["Sin"] = [(Inf, NaN), (-Inf, NaN), (0, 0), (-0.0, -0.0)],
        ["Cos"] = [(Inf, NaN), (-Inf, NaN), (-0.0, 1)],
        ["Atan"] = [(Inf, Math.PI / 2), (-Inf, -Math.PI / 2), (0, 0), (-0.0, -0.0), (1e30, Math.PI / 2)],
        ["Tanh"] = [(Inf, 1), (-Inf, -1), (0, 0), (-0.0, -0.0)],
        ["Sigmoid"] = [(Inf, 1), (-Inf, 0), (-0.0, 0.5)],
        ["Softplus"] = [(Inf, Inf), (-Inf, 0)],
        ["Erf"] = [(Inf, 1), (-Inf, -1), (0, 0), (-0.0, -0.0)],
        ["Erfc"] = [(Inf, 0), (-Inf, 2), (0, 1)],
    };

    public static TheoryData<string> Functions => [.. Cases.Keys];

    [Theory, MemberData(nameof(Functions))]
    public void Floats_are_within_a_few_units_in_the_last_place(string function)
    {
        var c = Cases[function];
        var inputs = SingleInputs().Where(x => InDomain(function, x)).ToArray();
        var outputs = Map(c.Single, inputs);
        var (worst, at) = (0.0, 0f);
        for (var i = 0; i < inputs.Length; i++)
        {
            var ulps = UlpsSingle(outputs[i], c.Reference(inputs[i]));
            if (!(ulps <= worst)) (worst, at) = (ulps, inputs[i]);
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{function}: {worst:F2} ulp at {at:R}");
        Assert.True(worst <= c.MaxUlpsSingle, $"{function}({at:R}) is {worst:F2} ulp off");
    }

    [Theory, MemberData(nameof(Functions))]
    public void Doubles_are_within_a_few_units_in_the_last_place(string function)
    {
        var c = Cases[function];
        var inputs = DoubleInputs().Where(x => InDomain(function, x)).ToArray();
        var outputs = Map(c.Double, inputs);
        var (worst, at) = (0.0, 0.0);
        for (var i = 0; i < inputs.Length; i++)
        {
            var ulps = UlpsDouble(outputs[i], c.Precise(inputs[i]));
            if (!(ulps <= worst)) (worst, at) = (ulps, inputs[i]);
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{function}: {worst:F2} ulp at {at:R}");
        Assert.True(worst <= c.MaxUlpsDouble, $"{function}({at:R}) is {worst:F2} ulp off");
    }

    [Theory, MemberData(nameof(Functions))]
    public void Special_arguments_have_the_values_of_the_C_library(string function)
    {
        foreach (var (x, y) in Specials[function])
        {
            AssertSame(y, Cases[function].Double(Vector.Create(x))[0]);
            AssertSame((float)y, Cases[function].Single(Vector.Create((float)x))[0]);
        }
    }

    [Theory, MemberData(nameof(Functions))]
    public void NaN_gives_NaN(string function)
    {
        // Both signs: the NaN that arithmetic makes on x86 is negative.
        foreach (var nan in new[] { double.NaN, -double.NaN })
        {
            Assert.True(double.IsNaN(Cases[function].Double(Vector.Create(nan))[0]));
            Assert.True(float.IsNaN(Cases[function].Single(Vector.Create((float)nan))[0]));
        }
    }

    [Theory, MemberData(nameof(Functions))]
    public void A_lane_does_not_depend_on_its_neighbours(string function)
    {
        var c = Cases[function];
        float[] strange =
        [
            float.NaN, (float)Inf, (float)-Inf, 0, -0f, 1e-40f, -1e-40f, 1e30f, -1e30f, 100, -100,
        ];
        foreach (var x in new[] { 1e-3f, 0.3f, 0.9f, 1.7f, 5.3f, 1234.5f })
        {
            var single = c.Single(Vector.Create(x))[0];
            var @double = c.Double(Vector.Create((double)x))[0];
            foreach (var neighbour in strange)
            {
                for (var lane = 0; lane < Vector<float>.Count; lane++)
                    Assert.Equal(single, c.Single(Vector.Create(neighbour).WithElement(lane, x))[lane]);
                for (var lane = 0; lane < Vector<double>.Count; lane++)
                    Assert.Equal(@double, c.Double(Vector.Create((double)neighbour).WithElement(lane, x))[lane]);
            }
        }
    }

    [Fact]
    public void Pow_agrees_with_the_C_library_on_every_pair_of_special_and_ordinary_arguments()
    {
        double[] values =
        [
            0, -0.0, 1, -1, 0.5, -0.5, 2, -2, 3, -3, 2.5, 1e-40, 1e30, -7, 16777217, 1e-310,
            double.PositiveInfinity, double.NegativeInfinity, double.NaN,
        ];
        foreach (var x in values)
        {
            foreach (var y in values)
            {
                AssertSame(Math.Pow(x, y), VectorMath.Pow(Vector.Create(x), Vector.Create(y))[0]);
                var single = VectorMath.Pow(Vector.Create((float)x), Vector.Create((float)y))[0];
                var expected = Math.Pow((float)x, (float)y);
                if (double.IsFinite(expected) && expected != 0) Assert.InRange(UlpsSingle(single, expected), 0, 1);
                else AssertSame(expected, single);
            }
        }
    }

    [Fact]
    public void Pow_of_floats_is_within_one_unit_in_the_last_place()
    {
        var random = new Random(1);
        for (var i = 0; i < 100_000; i++)
        {
            var x = MathF.Exp((random.NextSingle() - 0.5f) * 20);
            var y = (random.NextSingle() - 0.5f) * 20;
            var ulps = UlpsSingle(VectorMath.Pow(Vector.Create(x), Vector.Create(y))[0], Math.Pow(x, y));
            Assert.True(ulps <= 1, $"Pow({x:R}, {y:R}) is {ulps:F2} ulp off");
        }
    }

    /// <summary>Every 4099th float, so all binades, and fine steps where the functions change.</summary>
    static IEnumerable<float> SingleInputs()
    {
        for (var bits = 0L; bits <= uint.MaxValue; bits += 4099)
        {
            var x = BitConverter.UInt32BitsToSingle((uint)bits);
            if (float.IsFinite(x)) yield return x;
        }

        for (var i = -200_000; i <= 200_000; i++)
            yield return i / 16384f;
        for (var i = -1000; i <= 1000; i++)
        {
            yield return BitConverter.Int32BitsToSingle(BitConverter.SingleToInt32Bits(1) + i);
            yield return BitConverter.Int32BitsToSingle(BitConverter.SingleToInt32Bits(88.7228394f) + i);
            yield return i * MathF.PI / 2;
        }
    }

    /// <summary>Random bit patterns, so all binades, random numbers around 0, and multiples of π/2.</summary>
    static IEnumerable<double> DoubleInputs()
    {
        var random = new Random(2);
        for (var i = 0; i < 8000; i++)
        {
            var x = BitConverter.Int64BitsToDouble(random.NextInt64(long.MinValue, long.MaxValue));
            if (double.IsFinite(x)) yield return x;
            yield return (random.NextDouble() - 0.5) * 2;
            yield return (random.NextDouble() - 0.5) * 12;
            yield return (random.NextDouble() - 0.5) * 60;
            yield return (random.NextDouble() - 0.5) * 1500;
            yield return Math.ScaleB(random.NextDouble() - 0.5, -random.Next(60));
            yield return 1 + Math.ScaleB(random.NextDouble() - 0.5, -random.Next(60));
            yield return (i - 4000) * (Math.PI / 2);
        }
    }

    static bool InDomain(string function, double x) =>
        function switch { "Log" => x > 0, "Log1p" => x > -1, _ => true };

    static T[] Map<T>(Func<Vector<T>, Vector<T>> function, T[] inputs)
    {
        var outputs = new T[inputs.Length];
        var padded = new T[Vector<T>.Count];
        for (var i = 0; i < inputs.Length; i += padded.Length)
        {
            var count = Math.Min(padded.Length, inputs.Length - i);
            Array.Copy(inputs, i, padded, 0, count);
            function(new Vector<T>(padded)).CopyTo(padded);
            Array.Copy(padded, 0, outputs, i, count);
        }

        return outputs;
    }

    // An infinite result counts as the power of two after the largest number; so does a larger reference.
    static double UlpsSingle(float actual, double expected)
    {
        var overflow = Math.ScaleB(1, 128);
        var bounded = Math.Clamp(expected, -overflow, overflow);
        var finite = float.IsInfinity(actual) ? Math.CopySign(overflow, actual) : actual;
        var ulp = Math.ScaleB(1, Math.Clamp(Math.ILogB(bounded), -126, 127) - 23);
        return Math.Abs(finite - bounded) / ulp;
    }

    static double UlpsDouble(double actual, DoubleDouble expected)
    {
        if (actual.Equals(expected.High)) actual = expected.High; // both may be infinite
        if (double.IsInfinity(actual) && Math.Abs(expected.High) == double.MaxValue) return 1;
        if (actual == expected.High && !double.IsFinite(actual)) return 0;
        var exponent = expected.High == 0 ? -1022 : Math.Max(Math.ILogB(expected.High), -1022);
        var difference = Math.Abs(actual - expected.High - expected.Low);
        return Math.ScaleB(Math.ScaleB(difference, 52), -exponent);
    }

    static void AssertSame(double expected, double actual)
    {
        if (double.IsNaN(expected)) Assert.True(double.IsNaN(actual), $"{actual} instead of NaN");
        else Assert.Equal(BitConverter.DoubleToInt64Bits(expected), BitConverter.DoubleToInt64Bits(actual));
    }

    static double Expm1(double x)
    {
        // Kahan: the error of u = e^x cancels in (u - 1) / log u.
        var u = Math.Exp(x);
        return u == 1 ? x : u - 1 == -1 ? -1 : double.IsInfinity(u) ? u : (u - 1) * (x / Math.Log(u));
    }

    static double Log1p(double x)
    {
        var u = 1 + x;
        return u == 1 ? x : double.IsInfinity(u) ? u : Math.Log(u) * (x / (u - 1));
    }

    static double Sigmoid(double x) => x < 0 ? Math.Exp(x) / (1 + Math.Exp(x)) : 1 / (1 + Math.Exp(-x));

    static double Softplus(double x) => Math.Max(x, 0) + Log1p(Math.Exp(-Math.Abs(x)));
}
