namespace MicroGrad.Net.Tests.Proof;

// Each sequence has labels that fit into its steps, or the loss would be infinite.
static partial class GradientTable
{
    const string CtcOfRows = "Losses.ConnectionistTemporalClassification(Tensor, int[][], int[], int, bool, Reduction)";
    const string CtcJoined =
        "Losses.ConnectionistTemporalClassification(Tensor, int[], int[], int[], int, bool, Reduction)";

    static IEnumerable<GradientRow> SequenceLosses =>
    [
        .. OfSequences($"{CtcOfRows}:", (x, how) =>
            Losses.ConnectionistTemporalClassification(x.LogSoftmax(), LabelRows(x, Lengths(x, 0)), reduction: how)),
        .. OfSequences($"{CtcOfRows}: any log-probabilities,", (x, how) =>
            Losses.ConnectionistTemporalClassification(x, LabelRows(x, Lengths(x, 0)), reduction: how)),
        .. OfSequences($"{CtcOfRows}: of several lengths, the last class blank,", (x, how) =>
            Losses.ConnectionistTemporalClassification(
                x, LabelRows(x, Lengths(x, 1), first: 0), Lengths(x, 1), x.Shape[2] - 1, reduction: how)),
        .. OfSequences($"{CtcOfRows}: one impossible,", (x, how) => Losses.ConnectionistTemporalClassification(
            x, [[.. Enumerable.Repeat(1, x.Shape[0] + 1)], .. LabelRows(x, Lengths(x, 0)).Skip(1)],
            zeroInfinity: true, reduction: how)),
        Row($"{CtcOfRows}: one sequence", "AB+", x => Losses.ConnectionistTemporalClassification(
            -x.Softplus(), [[.. Enumerable.Repeat(1, (x.Shape[0] + 1) / 2)]])),
        .. OfSequences($"{CtcJoined}:", (x, how) => Losses.ConnectionistTemporalClassification(
            x, [.. LabelRows(x, Lengths(x, 0)).SelectMany(labels => labels)], Lengths(x, 0),
            [.. LabelRows(x, Lengths(x, 0)).Select(labels => labels.Length)], reduction: how)),
    ];

    static IEnumerable<GradientRow> OfSequences(string name, Func<Tensor, Reduction, Tensor> loss) =>
        UnderEach(name, "ABC+", loss, Draws.Between(-4, -0.1));

    /// <summary>The steps of each sequence, up to so many fewer.</summary>
    static int[] Lengths(Tensor x, int fewer) =>
        [.. Enumerable.Range(0, x.Shape[1]).Select(i => x.Shape[0] - Math.Min(fewer, i % 2))];

    /// <summary>As many labels as always fit, or one or two fewer; repeated ones where classes are few.</summary>
    static int[][] LabelRows(Tensor x, int[] lengths, int first = 1) =>
        [.. lengths.Select((length, i) => Enumerable.Range(0, Math.Max(0, (length + 1) / 2 - i % 3))
            .Select(j => first + (i + j) % (x.Shape[2] - 1)).ToArray())];
}
