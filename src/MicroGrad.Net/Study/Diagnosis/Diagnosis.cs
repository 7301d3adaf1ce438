using System.Collections;
using System.Text;

namespace MicroGrad.Net;

/// <summary>How a check of <see cref="Diagnose"/> ended.</summary>
public enum FindingVerdict
{
    /// <summary>Nothing to complain of.</summary>
    Sound,

    /// <summary>Something to be mended before a long run.</summary>
    Fault,

    /// <summary>The check does not apply here, or could not be made.</summary>
    Skipped,
}

/// <summary>What one check of <see cref="Diagnose"/> found.</summary>
/// <param name="Check">What was looked at.</param>
/// <param name="Verdict">How it ended.</param>
/// <param name="Evidence">What was measured.</param>
/// <param name="Mend">What to do about it; empty where nothing is to be done.</param>
public sealed record Finding(string Check, FindingVerdict Verdict, string Evidence, string Mend = "")
{
    /// <summary>Verdict, check and evidence, and below it the mend.</summary>
    public override string ToString() =>
        $"{Verdict.ToString().ToLowerInvariant(),-7}  {Check}: {Evidence}{(Mend.Length > 0 ? "\n         -> " + Mend : "")}";
}

/// <summary>All that <see cref="Diagnose"/> found, one finding per check.</summary>
public sealed class Diagnosis : IReadOnlyList<Finding>
{
    readonly Finding[] _findings;

    internal Diagnosis(IEnumerable<Finding> findings) => _findings = [.. findings];

    /// <summary>The findings that are faults.</summary>
    public IReadOnlyList<Finding> Faults => [.. _findings.Where(finding => finding.Verdict == FindingVerdict.Fault)];

    /// <inheritdoc/>
    public Finding this[int index] => _findings[Throw.IfNoItem(nameof(Diagnosis), nameof(index), index, Count)];

    /// <inheritdoc/>
    public int Count => _findings.Length;

    /// <inheritdoc/>
    public IEnumerator<Finding> GetEnumerator() => ((IEnumerable<Finding>)_findings).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>A line per finding, and one with the number of faults.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        foreach (var finding in _findings) text.Append(finding).Append('\n');
        return text.Append(Faults.Count switch { 0 => "no faults", 1 => "1 fault", var n => $"{n} faults" }).ToString();
    }
}
