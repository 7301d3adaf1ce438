using Ours = MicroGrad.Net.Losses;

namespace MicroGrad.Net.Tests.Oracle;

static partial class OpTable
{
    static Dictionary<string, Func<OpCall, Tensor>> SequenceLosses => new()
    {
        ["ctc_loss"] = c => Ours.ConnectionistTemporalClassification(c["logits"].LogSoftmax(2),
            Rows(c.Ints("targets"), c.Ints("target_lengths")), c.Ints("input_lengths"), c.Case.Int("blank"),
            reduction: Reduction(c)),
    };

    /// <summary>Labels that PyTorch pads to a matrix.</summary>
    static int[][] Rows(int[] padded, int[] lengths) =>
        [.. padded.Chunk(padded.Length / lengths.Length).Zip(lengths, (row, length) => row[..length])];
}
