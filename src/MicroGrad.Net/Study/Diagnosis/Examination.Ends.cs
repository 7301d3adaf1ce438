namespace MicroGrad.Net;

// The check of how network and loss fit together, by the operations on the tape between them.
sealed partial class Examination<TTarget>
{
    /// <summary>What an operation can give.</summary>
    static readonly Dictionary<string, (double Low, double High)> s_ranges = new()
    {
        ["relu"] = (0, double.PositiveInfinity), ["softplus"] = (0, double.PositiveInfinity),
        ["exp"] = (0, double.PositiveInfinity), ["abs"] = (0, double.PositiveInfinity),
        ["sigmoid"] = (0, 1), ["hard sigmoid"] = (0, 1), ["softmax"] = (0, 1), ["tanh"] = (-1, 1), ["hard tanh"] = (-1, 1),
        ["log-sigmoid"] = (double.NegativeInfinity, 0), ["log-softmax"] = (double.NegativeInfinity, 0),
        ["silu"] = (-0.2785, double.PositiveInfinity), ["mish"] = (-0.3089, double.PositiveInfinity),
        ["gelu"] = (-0.1701, double.PositiveInfinity), ["hard swish"] = (-0.375, double.PositiveInfinity),
    };

    /// <summary>Operations that pass numbers on as they are, in another shape or order.</summary>
    static readonly HashSet<string> s_movements =
        ["reshape", "permute", "expand", "identity", "to", "slice", "select", "gather", "flip"];

    /// <summary>What takes plain scores: of one class of several, and of yes or no.</summary>
    static readonly HashSet<string> s_ofClasses = ["cross-entropy", "log-softmax", "softmax", "log-sum-exp"];
    static readonly HashSet<string> s_ofYes = ["binary cross-entropy", "log-sigmoid", "sigmoid"];

    IEnumerable<Finding> Ends()
    {
        const string Check = "output and loss";
        var batch = data.Rows(_rows[..Math.Min(_rows.Length, OverfitRows)]);
        Tensor output, value;
        using (Tape.Detailed())
        {
            output = model.Forward(batch.X);
            value = loss(output, batch.Y);
        }
        if (output.Node is null || value.Node is null)
        {
            yield return Skipped(Check, "the output is on no tape");
            yield break;
        }
        var last = Origin(output.Node);
        var inside = output.Tape.ToHashSet();
        Node[] takers = [.. value.Tape.Where(node => !inside.Contains(node) && TakesScores(node))];
        List<Finding> found = [];
        // The network's last operation may itself follow another of that kind.
        foreach (var taker in TakesScores(last) ? [.. takers, last] : takers)
        {
            var given = Origin(taker.Inputs.First());
            if (Unfit(given, taker) is { } why)
                found.Add(Fault(Check, $"{At(given)} before {At(taker)}, which takes plain scores: {why}",
                    $"leave the {given.Op} out, so that the last layer's scores reach the loss as they are"));
            else if (given.Op == "log-softmax" && s_ofClasses.Contains(taker.Op))
                found.Add(Sound(Check, $"{At(given)} before {At(taker)} changes nothing: one of them can be left out"));
        }
        foreach (var softmax in takers.Append(last).Where(node => node.Op is "softmax" or "log-softmax").Distinct())
            if (OverSamples(softmax, batch))
                found.Add(Fault(Check, $"{At(softmax)} adds up to 1 over the samples, or over places, not over the classes",
                    "take it along the axis of the classes: axis 1 of [n, classes, ...]"));
        if (takers.Length == 0 && batch.Y is Tensor target && target.Shape == output.Shape) found.AddRange(Reach(last, output, target));
        yield return found.Find(finding => finding.Verdict == FindingVerdict.Fault) ?? found.FirstOrDefault()
            ?? Sound(Check, takers.Length > 0 ? $"plain scores ({last.Op}) reach the {takers[^1].Op}"
                : $"the output, of {last.Op}, fits the targets");

        static bool TakesScores(Node node) => s_ofClasses.Contains(node.Op) || s_ofYes.Contains(node.Op);

        static IEnumerable<Finding> Reach(Node last, Tensor output, Tensor target)
        {
            if (!s_ranges.TryGetValue(last.Op, out var range)) yield break;
            var (values, wanted) = (output.ToDoubles(), target.ToDoubles());
            var (low, high) = (wanted.Min(), wanted.Max());
            const double Rounding = 1e-6;
            if (low < range.Low - Rounding || high > range.High + Rounding)
                yield return Fault(Check, Text($"the targets go from {low:g3} to {high:g3}, but {At(last)}, the last operation, gives {
                    Between(range)}"), "end in a Linear layer without activation, or bring the targets into that range");
            else if (last.Op == "relu" && Array.TrueForAll(values, one => one == 0))
                yield return Fault(Check, Text($"{At(last)}, the last operation, gives 0 for each of {output.Shape[0]} rows, and no gradient"),
                    "end in a Linear layer without activation, or in softplus where outputs must be positive");
            else if (last.Op == "relu")
                yield return Sound(Check, Text($"{At(last)} is the last operation, and the targets are not negative; where it gives 0 "
                    ) + "it learns nothing: softplus does not have that fault");
        }
    }

    /// <summary>Why what an operation gives is no plain score; null where it is.</summary>
    static string? Unfit(Node given, Node taker) => (given.Op, s_ofClasses.Contains(taker.Op)) switch
    {
        ("log-softmax", true) => null,
        ("softmax" or "sigmoid" or "hard sigmoid", _) => "probabilities are squeezed a second time, so that no score can be "
            + "far above another, the loss cannot come near 0, and learning crawls",
        ("tanh" or "hard tanh", _) => "scores between -1 and 1 cannot say that anything is certain",
        ("relu" or "softplus" or "exp" or "abs", _) => "scores are never negative, so that nothing can be called unlikely"
            + (given.Op == "relu" ? ", and at 0 there is no gradient" : ""),
        ("log-softmax" or "log-sigmoid", _) => "scores are never positive, so that nothing can be called likely",
        _ => null,
    };

    /// <summary>The operation whose numbers these are.</summary>
    static Node Origin(Node node)
    {
        while (s_movements.Contains(node.Op) && node.Inputs.FirstOrDefault() is { } input) node = input;
        return node;
    }

    /// <summary>Whether a softmax is over another axis than that of the classes, 1 (0 of one sample).</summary>
    static bool OverSamples(Node softmax, Batch<Tensor, TTarget> batch)
    {
        if (softmax.Value is not { Rank: > 1 } value || softmax.Shape[0] != batch.Count) return false;
        bool AddsUp(int axis) => (softmax.Op == "softmax" ? value : value.Exp()).Sum(axis).ToDoubles()
            .All(sum => Math.Abs(sum - 1) < 1e-3);
        return !AddsUp(1) && Enumerable.Range(0, value.Rank).Any(AddsUp) && !(value.Rank > 2 && batch.Y is not int[]);
    }

    static string At(Node node) => node.RecordedAt is { } place ? $"{node.Op} ({place})" : node.Op;

    static string Between((double Low, double High) range) => double.IsInfinity(range.High) ? Text($"nothing below {range.Low:g3}")
        : double.IsInfinity(range.Low) ? Text($"nothing above {range.High:g3}") : Text($"{range.Low:g3} to {range.High:g3} only");
}
