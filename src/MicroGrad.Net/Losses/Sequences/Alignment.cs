namespace MicroGrad.Net;

// Sequences whose alignment with their labels is not known.
public static partial class Losses
{
    /// <summary>
    /// −log Σ p(path), over all paths of one class per step that read as the labels once repeated classes are joined
    /// and blanks left out: connectionist temporal classification (Graves et al., 2006). With the labels written as
    /// blank, l₁, blank, l₂, …, blank, αₜ(s) is the probability of all beginnings of paths that are at s after step t:
    /// αₜ(s) = (αₜ₋₁(s) + αₜ₋₁(s − 1) + αₜ₋₁(s − 2)) · p(class at s), the last only between unlike labels; the sum is
    /// α at the last label and the blank after it. All in logarithms.
    /// </summary>
    /// <remarks>
    /// <para>Gradient: in the log-probability of class k at step t, minus the probability that a path which reads as
    /// the labels has k at t. So of logits, through LogSoftmax: softmax minus that.</para>
    /// <para>Use: speech and handwriting: many steps, fewer labels, in the same order, nobody knows which belongs
    /// where.</para>
    /// <para>Beware: labels that do not fit into the steps (a repeated label needs a blank between) have the loss ∞ and
    /// gradient 0; zeroInfinity leaves them out. Networks first learn to say blank everywhere; that passes. Give
    /// log-probabilities, LogSoftmax(-1), not logits.</para>
    /// <para>Twin: torch.nn.functional.ctc_loss; its gradient is right only through log_softmax, this one is for any
    /// log-probabilities; it is NaN there where the loss is ∞, here 0.</para>
    /// </remarks>
    /// <param name="logProbabilities">[steps, batch, classes], or [steps, classes] for one sequence.</param>
    /// <param name="targets">The labels of each sequence; one may have none.</param>
    /// <param name="inputLengths">How many steps of each sequence count; all by default.</param>
    /// <param name="blank">The class that stands for no label.</param>
    /// <param name="zeroInfinity">Take an infinite loss as 0.</param>
    /// <param name="reduction">The mean over sequences, each loss first divided by its number of labels (by 1 if it
    /// has none); the sum; or one loss per sequence, undivided.</param>
    /// <exception cref="ShapeException">The shapes, lengths and labels do not fit.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A label is no class or the blank, a length is beyond the steps,
    /// the blank is no class, or a logarithm is above 0 by more than rounding (10⁻⁶); the message says
    /// which.</exception>
    public static Tensor ConnectionistTemporalClassification(Tensor logProbabilities, int[][] targets,
        int[]? inputLengths = null, int blank = 0, bool zeroInfinity = false, Reduction reduction = Reduction.Mean)
    {
        using var check = Checks.OfLoss("ctc");
        if (logProbabilities.Rank is not (2 or 3))
            Throw.Shapes(check.Name, $"expects log-probabilities [steps, batch, classes], but got {logProbabilities.Shape}.");
        var batched = logProbabilities.Rank == 3 ? logProbabilities : logProbabilities.Unsqueeze(1);
        inputLengths ??= [.. Enumerable.Repeat(batched.Shape[0], batched.Shape[1])];
        check.Sequences(batched.Shape, targets, inputLengths, blank);
        var (batch, classes) = (batched.Shape[1], batched.Shape[2]);
        check.Elements(logProbabilities, Domain.LogProbability,
            counts: i => i / classes / batch < inputLengths[i / classes % batch]);

        var losses = -LabelPaths.LogProbability(check, batched, targets, inputLengths, blank);
        if (zeroInfinity) losses = Tensor.Where(losses.EqualTo(double.PositiveInfinity), 0, losses);
        if (reduction == Reduction.Mean)
        {
            double[] counts = [.. targets.Select(labels => Math.Max(1, labels.Length))];
            losses /= Tensor.From([counts.Length], counts).To(losses.DType);
        }
        return Reduce(logProbabilities.Rank == 3 ? losses : losses.Reshape(Shape.Scalar), reduction);
    }

    /// <summary>
    /// −log Σ p(path): connectionist temporal classification, with the labels of all sequences one after another.
    /// </summary>
    /// <param name="logProbabilities">[steps, batch, classes], or [steps, classes] for one sequence.</param>
    /// <param name="targets">The labels of the first sequence, then those of the second, and so on.</param>
    /// <param name="inputLengths">How many steps of each sequence count.</param>
    /// <param name="targetLengths">How many labels each sequence has.</param>
    /// <param name="blank">The class that stands for no label.</param>
    /// <param name="zeroInfinity">Take an infinite loss as 0.</param>
    /// <param name="reduction">The mean over sequences, each loss first divided by its number of labels (by 1 if it
    /// has none); the sum; or one loss per sequence, undivided.</param>
    /// <exception cref="ShapeException">The shapes, lengths and labels do not fit.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A label is no class or the blank, a length is beyond the steps,
    /// the blank is no class, or a logarithm is above 0 by more than rounding (10⁻⁶); the message says
    /// which.</exception>
    public static Tensor ConnectionistTemporalClassification(Tensor logProbabilities, int[] targets,
        int[] inputLengths, int[] targetLengths, int blank = 0, bool zeroInfinity = false,
        Reduction reduction = Reduction.Mean)
    {
        using var check = Checks.OfLoss("ctc");
        check.State(nameof(targetLengths), Domain.Lengths);
        if (targetLengths.Any(length => length < 0) || targetLengths.Sum(length => (long)length) != targets.Length)
            Throw.Shapes(check.Name,
                $"target lengths {Shape.Text(targetLengths)} do not add up to the {targets.Length} labels.");
        var (parts, start) = (new int[targetLengths.Length][], 0);
        for (var i = 0; i < parts.Length; i++)
        {
            parts[i] = targets[start..(start + targetLengths[i])];
            start += targetLengths[i];
        }
        return ConnectionistTemporalClassification(
            logProbabilities, parts, inputLengths, blank, zeroInfinity, reduction);
    }
}
