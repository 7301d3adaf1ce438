using System.Globalization;

namespace MicroGrad.Net;

/// <summary>
/// Whether one of two models is better, or chance may have made the difference. It prints as an answer:
/// <c>B beats A by 0.012 (95 % interval 0.004 to 0.02), p = 0.004</c>, or <c>A and B are not told apart …: about 40
/// more seeds would do</c>.
/// </summary>
public sealed record Comparison
{
    internal Comparison()
    {
    }

    /// <summary>The name of the first model.</summary>
    public required string A { get; init; }

    /// <summary>The name of the second.</summary>
    public required string B { get; init; }

    /// <summary>How much better B is than A on these data; negative where A is better.</summary>
    public required double Gain { get; init; }

    /// <summary>The lower end of the interval of the gain.</summary>
    public required double Low { get; init; }

    /// <summary>The upper end of the interval of the gain.</summary>
    public required double High { get; init; }

    /// <summary>The share of such intervals that hold the true gain.</summary>
    public required double Confidence { get; init; }

    /// <summary>
    /// How likely a difference as large as this, either way, would be between equal models; raised by Holm's correction
    /// where several comparisons were made.
    /// </summary>
    public required double PValue { get; init; }

    /// <summary>The test, in words.</summary>
    public required string Test { get; init; }

    /// <summary>The name of the model that is better beyond chance (p &lt; 1 − confidence); null if none is.</summary>
    public string? Better => PValue >= 1 - Confidence ? null : Gain > 0 ? B : A;

    /// <summary>
    /// About how many more examples or seeds (of each model) would tell the two apart with a probability of 80 %, if
    /// the gain is the true one; null where they are told apart, or show no difference at all.
    /// </summary>
    public long? MoreNeeded => Better is null && Gain != 0 ? Needed((1 - Confidence) / Comparisons) : null;

    /// <summary>How many comparisons Holm's correction is for.</summary>
    internal int Comparisons { get; init; } = 1;

    /// <summary>What there must be more of.</summary>
    internal string Unit { get; init; } = "";

    /// <summary>How many more, at a level of the test.</summary>
    internal Func<double, long?> Needed { get; init; } = _ => null;

    /// <summary>With an interval that holds 0 where the test does not tell the two apart: methods of few examples may
    /// disagree.</summary>
    internal Comparison Consistent() =>
        Better is not null ? this : this with { Low = Math.Min(Low, 0), High = Math.Max(High, 0) };

    /// <summary>The answer.</summary>
    public override string ToString()
    {
        // Whatever is said is said of the one that is ahead.
        var (ahead, behind) = Gain < 0 ? (A, B) : (B, A);
        var (low, high) = Gain < 0 ? (0 - High, 0 - Low) : (Low, High);
        var interval = string.Create(CultureInfo.InvariantCulture,
            $"({100 * Confidence:g4} % interval {low:g3} to {high:g3}), {P()}");
        if (Better is not null)
            return string.Create(CultureInfo.InvariantCulture,
                $"{ahead} beats {behind} by {Math.Abs(Gain):g3} {interval}")
                + (Low == High ? $"; it is the same for all {Unit}: do they vary at all?" : "");
        if (Gain == 0)
            return Low == High ? $"{A} and {B} are not told apart: there is no difference at all"
                : $"{A} and {B} are not told apart: on average there is no difference {interval}";
        var rest = MoreNeeded is { } more
            ? string.Create(CultureInfo.InvariantCulture, $"about {more} more {(more == 1 ? Unit.TrimEnd('s') : Unit)} would do")
            : $"no attainable number of {Unit} would do";
        return string.Create(CultureInfo.InvariantCulture,
            $"{A} and {B} are not told apart: {ahead} is better by {Math.Abs(Gain):g3} {interval}; {rest}");

        string P() =>
            (PValue < 0.0005 ? "p < 0.001" : string.Create(CultureInfo.InvariantCulture, $"p = {PValue:0.000}"))
            + (Comparisons > 1 ? $" (Holm, {Comparisons} comparisons)" : "");
    }
}
