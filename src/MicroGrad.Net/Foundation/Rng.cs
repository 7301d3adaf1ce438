using System.Globalization;
using System.Numerics;

namespace MicroGrad.Net;

/// <summary>The whole state of an <see cref="Rng"/>: save it to go on later with the same numbers.</summary>
public readonly record struct RngState(ulong A, ulong B, ulong C, ulong D)
{
    /// <summary>The four words in hexadecimal: <see cref="Parse"/> takes them back.</summary>
    public override string ToString() => $"{A:x16} {B:x16} {C:x16} {D:x16}";

    /// <summary>The state that <see cref="ToString"/> wrote.</summary>
    /// <exception cref="FormatException">The text is something else.</exception>
    public static RngState Parse(string text)
    {
        Span<ulong> words = stackalloc ulong[4];
        var count = 0;
        foreach (var part in text.AsSpan().Split(' '))
            if (count == words.Length || !ulong.TryParse(
                text.AsSpan()[part], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out words[count++]))
                throw NoState(text);
        return count == words.Length ? new RngState(words[0], words[1], words[2], words[3]) : throw NoState(text);
    }

    static FormatException NoState(string text) =>
        new($"RngState: expects four hexadecimal words, but got '{text}'.");
}

/// <summary>
/// The seedable source of all randomness: xoshiro256** (Blackman and Vigna, 2018), seeded by SplitMix64. The same
/// seed gives the same numbers on every machine. Layers, loaders and initialisers take one and fall back to
/// <see cref="Default"/>. Not for cryptography; one instance is not for several threads at once.
/// </summary>
public sealed class Rng
{
    ulong _a, _b, _c, _d;

    /// <summary>A generator whose numbers follow from <paramref name="seed"/> alone.</summary>
    public Rng(ulong seed) => Reseed(seed);

    /// <summary>The generator used where none is given; it starts with seed 0, so runs repeat unless told otherwise.</summary>
    public static Rng Default { get; } = new(0);

    /// <summary>Restarts <see cref="Default"/> from a seed.</summary>
    public static void Seed(ulong seed) => Default.Reseed(seed);

    /// <summary>The state from which the next numbers follow.</summary>
    public RngState State
    {
        get => new(_a, _b, _c, _d);
        set
        {
            if (value == default) throw new ArgumentException("Rng.State: an all-zero state yields only zeros.");
            (_a, _b, _c, _d) = (value.A, value.B, value.C, value.D);
        }
    }

    void Reseed(ulong seed) => (_a, _b, _c, _d) =
        (SplitMix(ref seed), SplitMix(ref seed), SplitMix(ref seed), SplitMix(ref seed));

    static ulong SplitMix(ref ulong state)
    {
        var z = state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    /// <summary>64 random bits.</summary>
    public ulong NextBits()
    {
        var result = BitOperations.RotateLeft(_b * 5, 7) * 9;
        var t = _b << 17;
        _c ^= _a;
        _d ^= _b;
        _b ^= _c;
        _a ^= _d;
        _c ^= t;
        _d = BitOperations.RotateLeft(_d, 45);
        return result;
    }

    /// <summary>A number from [0, 1), all multiples of 2⁻⁵³ equally likely.</summary>
    public double NextDouble() => (NextBits() >> 11) * (1.0 / (1L << 53));

    /// <summary>
    /// A number from [<paramref name="low"/>, <paramref name="high"/>): never high, unless both are the same.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">A bound is not finite, or low is above high.</exception>
    public double Uniform(double low = 0, double high = 1)
    {
        RequireRange(low, high);
        return UniformDouble(low, high);
    }

    /// <summary>The same for a range that has been checked.</summary>
    internal double UniformDouble(double low, double high)
    {
        var share = NextDouble();
        var value = low + (high - low) * share;
        if (value < high) return value;
        if (low == high) return low;
        // The range is beyond double, or the sum was rounded up.
        return Math.Min(low * (1 - share) + high * share, Math.BitDecrement(high));
    }

    /// <summary>The same in single precision, in which the bounds may lie between two numbers.</summary>
    internal float UniformSingle(double low, double high)
    {
        var value = (float)UniformDouble(low, high);
        if (value >= low && value < high) return value;
        if (value >= high) return low == high ? value : MathF.BitDecrement(value);
        var next = MathF.BitIncrement(value);
        return next < high ? next : value;
    }

    internal static void RequireRange(double low, double high)
    {
        if (!double.IsFinite(low)) Throw.OutOfRange("uniform", nameof(low), low, "finite");
        if (!double.IsFinite(high)) Throw.OutOfRange("uniform", nameof(high), high, "finite");
        if (low > high) Throw.OutOfRange("uniform", nameof(low), low, FormattableString.Invariant($"at most high ({high})"));
    }

    /// <summary>A whole number from 0 to <paramref name="count"/> − 1, each equally likely.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="count"/> is not positive.</exception>
    public int Next(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        // Lemire (2019): multiply, and reject the few draws that would favour small numbers.
        var product = (NextBits() >> 32) * (ulong)count;
        for (var threshold = (uint)-count % (uint)count; (uint)product < threshold;)
            product = (NextBits() >> 32) * (ulong)count;
        return (int)(product >> 32);
    }

    /// <summary>True with the given probability.</summary>
    public bool Chance(double probability) => NextDouble() < probability;

    /// <summary>A draw from the normal distribution (Box and Muller, 1958); finite, and within 9 deviations.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An argument is not finite, or the deviation negative.</exception>
    public double Normal(double mean = 0, double deviation = 1)
    {
        if (!double.IsFinite(mean)) Throw.OutOfRange("normal", nameof(mean), mean, "finite");
        if (!(deviation >= 0 && deviation < double.PositiveInfinity))
            Throw.OutOfRange("normal", nameof(deviation), deviation, "0 or more, and finite");
        // 1 - u is in (0, 1], so the logarithm is finite. The sine twin is thrown away: no hidden state to save.
        var radius = Math.Sqrt(-2 * Math.Log(1 - NextDouble()));
        return mean + deviation * radius * Math.Cos(2 * Math.PI * NextDouble());
    }

    /// <summary>Puts the items in random order, in place (Fisher and Yates).</summary>
    public void Shuffle<T>(Span<T> items)
    {
        for (var last = items.Length - 1; last > 0; last--)
        {
            var other = Next(last + 1);
            (items[last], items[other]) = (items[other], items[last]);
        }
    }

    /// <summary>The numbers 0 to <paramref name="count"/> − 1 in random order.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="count"/> is negative.</exception>
    public int[] Permutation(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        var order = Sizes.New<int>("permutation", count);
        for (var i = 0; i < count; i++) order[i] = i;
        Shuffle(order.AsSpan());
        return order;
    }

    /// <summary>A new generator whose numbers do not overlap with this one's in practice; draws once from this one.</summary>
    public Rng Fork() => new(NextBits());
}
