using FsCheck;
using FsCheck.Fluent;

namespace MicroGrad.Net.Tests.Study;

/// <summary>
/// Numbers for pictures: of any bits at all, limits of the type, and neighbours that differ in the last bits only.
/// Declares what <c>[Property]</c> draws; failures shrink to few and small ones.
/// </summary>
static class HardNumbers
{
    static readonly double[] s_limits =
    [
        0, -0.0, 1, -1, 0.9, 1e-3, 100, double.Epsilon, -double.Epsilon, 2.2250738585072014e-308, 1e-300, 1e300, -1e308,
        1e308, double.MaxValue, double.MinValue, 9007199254740992, 1e15, double.NaN, double.PositiveInfinity,
        double.NegativeInfinity,
    ];

    static readonly Gen<double> s_any = ArbMap.Default.ArbFor<ulong>().Generator.Two()
        .Select(pair => BitConverter.UInt64BitsToDouble(new Rng(pair.Item1 ^ (pair.Item2 << 17)).NextBits()));

    public static Arbitrary<double[]> Series()
    {
        var ordinary = Gen.Choose(-100_000, 100_000).Select(number => number / 1000.0);
        var one = Gen.Frequency((2, s_any), (3, Gen.Elements(s_limits)), (2, ordinary));
        var neighbours = one.SelectMany(start => Gen.Choose(-3, 3).ArrayOf()
            .Select(ulps => Array.ConvertAll(ulps, by => Moved(start, by))));
        var finite = ordinary.ArrayOf();
        return Arb.From(Gen.Frequency((4, one.ArrayOf()), (3, neighbours), (1, finite)),
            ArbMap.Default.ArbFor<double[]>().Shrinker);
    }

    /// <summary>A number moved by some units in its last place.</summary>
    static double Moved(double number, int ulps)
    {
        for (; ulps > 0; ulps--) number = Math.BitIncrement(number);
        for (; ulps < 0; ulps++) number = Math.BitDecrement(number);
        return number;
    }
}
