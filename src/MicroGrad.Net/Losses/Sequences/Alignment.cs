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
        if (logProbabilities.Rank is not (2 or 3))
            Throw.Shapes(Ctc, $"expects log-probabilities [steps, batch, classes], but got {logProbabilities.Shape}.");
        var batched = logProbabilities.Rank == 3 ? logProbabilities : logProbabilities.Unsqueeze(1);
        inputLengths ??= [.. Enumerable.Repeat(batched.Shape[0], batched.Shape[1])];
        RequireSequences(batched.Shape, targets, inputLengths, blank);
        var (batch, classes) = (batched.Shape[1], batched.Shape[2]);
        Domain.LogProbability.Require(Ctc, nameof(logProbabilities), logProbabilities,
            counts: i => i / classes / batch < inputLengths[i / classes % batch]);

        var losses = -LogProbabilityOfLabels(batched, targets, inputLengths, blank);
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
        Domain.Lengths.State(Ctc, nameof(targetLengths));
        if (targetLengths.Any(length => length < 0) || targetLengths.Sum(length => (long)length) != targets.Length)
            Throw.Shapes(Ctc,
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

    const string Ctc = "ctc";

    /// <summary>The logarithm of the probability that each sequence reads as its labels, [batch].</summary>
    static Tensor LogProbabilityOfLabels(Tensor logProbabilities, int[][] targets, int[] inputLengths, int blank)
    {
        var (steps, batch, classes) = (logProbabilities.Shape[0], logProbabilities.Shape[1], logProbabilities.Shape[2]);
        var width = Sizes.Sum(Ctc, "the labels with their blanks", [1, .. Enumerable.Repeat(
            targets.Select(labels => labels.Length).DefaultIfEmpty(0).Max(), 2)]);
        // Where each place s of "blank, l₁, blank, …" finds its class, whether it may be reached from s - 2, and where
        // paths begin. After a sequence's end there are blanks, from which no way leads back.
        var count = Sizes.Product(Ctc, "the labels of a batch", batch, width);
        var (places, skips, start) = (
            Sizes.New<int>(Ctc, count), Sizes.New<double>(Ctc, count), Sizes.New<double>(Ctc, count));
        for (var i = 0; i < places.Length; i++)
        {
            var (sequence, s) = (i / width, i % width);
            var (labels, index) = (targets[sequence], s / 2);
            var isLabel = s % 2 == 1 && index < labels.Length;
            places[i] = sequence * classes + (isLabel ? labels[index] : blank);
            skips[i] = isLabel && index > 0 && labels[index] != labels[index - 1] ? 1 : 0;
            start[i] = s == 0 ? 0 : double.NegativeInfinity;
        }
        var (canSkip, alpha) = (Constant([batch, width], skips), Constant([batch, width], start));
        var emitted = logProbabilities.Reshape(steps, batch * classes).Select(places, 1)
            .Reshape(steps, batch, width).Unstack();
        for (var t = 0; t < inputLengths.DefaultIfEmpty(0).Max(); t++)
        {
            var before = alpha.Pad([(2, 0)], value: double.NegativeInfinity);
            var skipped = Tensor.Where(canSkip, before[.., ..width], double.NegativeInfinity);
            var ways = Tensor.Stack([alpha, before[.., 1..(width + 1)], skipped]);
            var next = LogSumExpOrNothing(ways, 0) + emitted[t];
            // A sequence that has ended stays as it is.
            alpha = inputLengths.All(length => length > t) ? next
                : Tensor.Where(Constant([batch, 1], inputLengths.Select(length => length > t ? 1.0 : 0)), next, alpha);
        }

        int[] ends = [.. targets.Select(labels => 2 * labels.Length)];
        var atBlank = alpha.Gather(ends, 1);
        // Without labels there is no last label: then the blank alone counts.
        var hasLabels = Constant([batch], ends.Select(end => end > 0 ? 1.0 : 0));
        var atLabel = alpha.Gather([.. ends.Select(end => Math.Max(0, end - 1))], 1);
        var last = Tensor.Where(hasLabels, atLabel, double.NegativeInfinity);
        return LogSumExpOrNothing(Tensor.Stack([atBlank, last]), 0);

        Tensor Constant(Shape shape, IEnumerable<double> values) =>
            Tensor.From(shape, [.. values]).To(logProbabilities.DType);
    }

    static void RequireSequences(Shape shape, int[][] targets, int[] inputLengths, int blank)
    {
        Domain.Labels.State(Ctc, nameof(targets));
        Domain.Labels.State(Ctc, nameof(blank));
        Domain.Lengths.State(Ctc, nameof(inputLengths));
        var (steps, batch, classes) = (shape[0], shape[1], shape[2]);
        if (targets.Length != batch || inputLengths.Length != batch)
            Throw.Shapes(Ctc, $"a batch of {batch} takes as many targets and input lengths, but {targets.Length} and "
                + $"{inputLengths.Length} were given: log-probabilities are [steps, batch, classes].");
        if ((uint)blank >= (uint)classes)
            Throw.OutOfRange(Ctc, nameof(blank), blank, $"a class, from 0 to {classes - 1}");
        for (var i = 0; i < batch; i++)
        {
            if (inputLengths[i] < 0 || inputLengths[i] > steps)
                Throw.OutOfRange(Ctc, $"inputLengths[{i}]", inputLengths[i], $"from 0 to {steps}, the number of steps");
            for (var j = 0; j < targets[i].Length; j++)
                if ((uint)targets[i][j] >= (uint)classes || targets[i][j] == blank)
                    Throw.OutOfRange(Ctc, $"targets[{i}][{j}]", targets[i][j],
                        $"a class, from 0 to {classes - 1}, and not the blank {blank}");
        }
    }
}
