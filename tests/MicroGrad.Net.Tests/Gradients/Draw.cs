namespace MicroGrad.Net.Tests.Proof;

/// <summary>Draws the values of one input of a row.</summary>
delegate double[] Draw(Random random, int count);

/// <summary>
/// The ways to draw values. Numerical differentiation steps ±0.002 away from them, so none may be that near to a
/// kink (where the slope jumps) or a pole.
/// </summary>
static class Draws
{
    /// <summary>Evenly from an interval, but nowhere nearer than <paramref name="by"/> to certain points.</summary>
    public static Draw Between(double low, double high, double[]? away = null, double by = 0.05) => (random, count) =>
    {
        var values = new double[count];
        for (var i = 0; i < count; i++)
            do values[i] = low + (high - low) * random.NextDouble();
            while (away?.Any(point => Math.Abs(values[i] - point) < by) == true);
        return values;
    };

    /// <summary>No two values nearer than 0.3 to each other: the largest is plain, and no deviation is near 0.</summary>
    public static readonly Draw Distinct = (random, count) => [.. Steps(random, count).Select(step => 5 * (step - 0.05 * count))];

    /// <summary>The same for magnitudes: no two |x| nearer than 0.06 to each other, none to 0.</summary>
    public static readonly Draw DistinctMagnitudes = (random, count) =>
        [.. Steps(random, count).Select(step => (step + 0.1) * (random.Next(2) * 2 - 1))];

    /// <summary>For one operand of a maximum: near multiples of 0.2, while those of <see cref="Odd"/> lie between.</summary>
    public static readonly Draw Even = (random, count) => Grid(random, count, 0);

    /// <summary>The counterpart of <see cref="Even"/>, never nearer than 0.06 to it.</summary>
    public static readonly Draw Odd = (random, count) => Grid(random, count, 0.1);

    /// <summary>About every third value is exactly 0; the others are not near it.</summary>
    public static readonly Draw SomeZeros = (random, count) =>
        [.. Between(-2, 2, [0], 0.3)(random, count).Select(value => random.Next(3) == 0 ? 0 : value)];

    static double[] Grid(Random random, int count, double shift) =>
        [.. Enumerable.Range(0, count).Select(_ => random.Next(-8, 9) * 0.2 + shift + Jitter(random))];

    static double[] Steps(Random random, int count)
    {
        var steps = Enumerable.Range(0, count).Select(i => i * 0.1 + Jitter(random)).ToArray();
        random.Shuffle(steps);
        return steps;
    }

    static double Jitter(Random random) => 0.04 * random.NextDouble() - 0.02;
}
