namespace MicroGrad.Net.Tests.Oracle;

/// <summary>How near two numbers must be: |ours − theirs| ≤ absolute + relative · |theirs|.</summary>
readonly record struct Tolerance(double Relative, double Absolute)
{
    public static Tolerance Double { get; } = new(1e-9, 1e-11);

    public static Tolerance Single { get; } = new(1e-4, 1e-5);

    public static Tolerance Trace { get; } = new(1e-7, 1e-11);

    /// <summary>NaN stands for NaN only, and an infinity for itself.</summary>
    public bool Holds(double ours, double theirs) =>
        ours.Equals(theirs) || ours == theirs
            || (double.IsFinite(theirs) && Math.Abs(ours - theirs) <= Absolute + Relative * Math.Abs(theirs));
}

/// <summary>Our numbers set beside PyTorch's.</summary>
static class Proof
{
    /// <summary>Fails where elements differ, with both numbers.</summary>
    /// <param name="what">The case and the part of it, for the message.</param>
    /// <param name="theirs">What PyTorch computed.</param>
    /// <param name="ours">What we computed.</param>
    /// <param name="tolerance">How near they must be.</param>
    /// <param name="differences">Elements where we differ on purpose, with our value: checked instead.</param>
    public static void Same(string what, OracleTensor theirs, Tensor ours, Tolerance tolerance,
        IReadOnlyDictionary<int, double>? differences = null)
    {
        Assert.True(ours.Shape == theirs.Shape, $"{what}: shape {ours.Shape}, but PyTorch's is {(Shape)theirs.Shape}.");
        Same(what, theirs.Doubles, ours.ToDoubles(), tolerance, differences);
    }

    public static void Same(string what, double[] theirs, double[] ours, Tolerance tolerance,
        IReadOnlyDictionary<int, double>? differences = null)
    {
        Assert.Equal(theirs.Length, ours.Length);
        var wrong = new List<string>();
        for (var i = 0; i < ours.Length; i++)
        {
            if (differences is not null && differences.TryGetValue(i, out var decided))
            {
                if (!tolerance.Holds(ours[i], decided)) Note(i, "but we decided for", decided);
                else if (tolerance.Holds(ours[i], theirs[i])) Note(i, "so no difference to list from", theirs[i]);
            }
            else if (!tolerance.Holds(ours[i], theirs[i])) Note(i, "but PyTorch's is", theirs[i]);
        }
        Assert.True(wrong.Count == 0,
            $"{what}: {wrong.Count} of {ours.Length} elements differ: {string.Join("; ", wrong.Take(12))}.");

        void Note(int element, string relation, double other) =>
            wrong.Add(FormattableString.Invariant($"[{element}] is {ours[element]:r}, {relation} {other:r}"));
    }
}
