using System.Globalization;
using System.Runtime.CompilerServices;
using FsCheck;
using FsCheck.Fluent;
using Xunit.v3;

namespace MicroGrad.Net.Tests;

/// <summary>
/// How widely random tests search, for properties and for loops that draw by hand. A plain run is the same every
/// time: each test has a seed of its own. <c>MICROGRAD_TEST_FACTOR=20</c> tries twenty times as many cases, from
/// seeds that go with the factor: another one looks elsewhere. A failure says its seed; <c>MICROGRAD_TEST_SEED=123,457</c> starts from that one again
/// (one number where the message has one).
/// </summary>
static class Search
{
    /// <summary>How many times the ordinary number of cases to try.</summary>
    public static readonly int Factor = Read("MICROGRAD_TEST_FACTOR") is { } factor ? checked((int)factor[0]) : 1;

    static readonly ulong[]? s_seed = Read("MICROGRAD_TEST_SEED");

    /// <summary>The number of cases to try, from how many an ordinary run tries.</summary>
    public static int Cases(int ordinary) => checked(ordinary * Factor);

    /// <summary>A seed to draw from by hand: the given one in a plain run. Say it where the test fails.</summary>
    public static int Seed(int ordinary) =>
        s_seed is not null ? unchecked((int)s_seed[0])
        : Factor == 1 ? ordinary : unchecked((ordinary * -1640531527 + Factor) & int.MaxValue);

    /// <summary>FsCheck's seed of a property: in a plain run one that belongs to its name.</summary>
    public static (ulong Seed, ulong Gamma) PairOf(string property)
    {
        // FNV-1a. A gamma is odd.
        var own = property.Aggregate(14695981039346656037UL,
            (hash, letter) => unchecked((hash ^ letter) * 1099511628211UL));
        var seed = s_seed?[0] ?? unchecked(own * (ulong)Factor);
        return (seed, s_seed is [_, var gamma, ..] ? gamma : own | 1);
    }

    /// <summary>Some of what a generator gives.</summary>
    public static T[] Draw<T>(string name, int count, Gen<T> from)
    {
        var (seed, gamma) = PairOf(name);
        return [.. from.Sample(50, new Rnd(seed, gamma), count)];
    }

    /// <summary>
    /// Checks a property that is made at run time, for one of many rows. A failure says the smallest case that fails,
    /// and how to see it again.
    /// </summary>
    public static void Check<T>(string name, int cases, Arbitrary<T> arbitrary, Action<T> property)
    {
        var (seed, gamma) = PairOf(name);
        var config = Config.QuickThrowOnFailure.WithMaxTest(Cases(cases)).WithQuietOnSuccess(true)
            .WithReplay(seed, gamma);
        try
        {
            Prop.ForAll(arbitrary, property).Check(config);
        }
        catch (Exception failure) when (failure is not Xunit.Sdk.SkipException)
        {
            Assert.Fail($"{name}: {failure.Message}\nTo see it again: MICROGRAD_TEST_SEED={seed},{gamma}");
        }
    }

    static ulong[]? Read(string variable) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text
            ? [.. text.Trim('(', ')').Split(',')
                .Select(part => ulong.Parse(part, CultureInfo.InvariantCulture))] : null;
}

/// <summary>FsCheck's <c>[Property]</c>, with seed and number of cases as <see cref="Search"/> says.</summary>
[AttributeUsage(AttributeTargets.Method)]
[XunitTestCaseDiscoverer(typeof(FsCheck.Xunit.PropertyDiscoverer))]
sealed class PropertyAttribute : FsCheck.Xunit.PropertyAttribute
{
    // xunit asks for the place too, though FsCheck's attribute has no use for it.
    public PropertyAttribute(
        [CallerMemberName] string name = "", [CallerFilePath] string? file = null, [CallerLineNumber] int line = -1)
    {
        var (seed, gamma) = Search.PairOf(name);
        (base.MaxTest, QuietOnSuccess) = (Search.Cases(100), true);
        Replay = string.Create(CultureInfo.InvariantCulture, $"{seed},{gamma}");
    }

    /// <summary>How many cases an ordinary run tries: 100 unless said.</summary>
    public new int MaxTest { get => base.MaxTest; set => base.MaxTest = Search.Cases(value); }
}
