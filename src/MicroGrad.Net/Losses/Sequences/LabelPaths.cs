namespace MicroGrad.Net;

/// <summary>Sequences of labels, and the paths of classes through a number of steps that read as they do.</summary>
static class LabelPaths
{
    /// <summary>The logarithm of the probability that each sequence reads as its labels, [batch].</summary>
    public static Tensor LogProbability(
        Checks check, Tensor logProbabilities, int[][] targets, int[] inputLengths, int blank)
    {
        var (steps, batch, classes) = (logProbabilities.Shape[0], logProbabilities.Shape[1], logProbabilities.Shape[2]);
        var width = Sizes.Sum(check.Name, "the labels with their blanks", [1, .. Enumerable.Repeat(
            targets.Select(labels => labels.Length).DefaultIfEmpty(0).Max(), 2)]);
        // Where each place s of "blank, l₁, blank, …" finds its class, whether it may be reached from s - 2, and where
        // paths begin. After a sequence's end there are blanks, from which no way leads back.
        var count = Sizes.Product(check.Name, "the labels of a batch", batch, width);
        var (places, skips, start) = (
            Sizes.New<int>(check.Name, count), Sizes.New<double>(check.Name, count), Sizes.New<double>(check.Name, count));
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
            var next = Logs.SumOrNothing(ways, 0) + emitted[t];
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
        return Logs.SumOrNothing(Tensor.Stack([atBlank, last]), 0);

        Tensor Constant(Shape shape, IEnumerable<double> values) =>
            Tensor.From(shape, [.. values]).To(logProbabilities.DType);
    }

    public static void Sequences(this Checks check, Shape shape, int[][] targets, int[] inputLengths, int blank)
    {
        check.State(nameof(targets), Domain.Labels);
        check.State(nameof(blank), Domain.Labels);
        check.State(nameof(inputLengths), Domain.Lengths);
        var (steps, batch, classes) = (shape[0], shape[1], shape[2]);
        if (targets.Length != batch || inputLengths.Length != batch)
            Throw.Shapes(check.Name, $"a batch of {batch} takes as many targets and input lengths, but {targets.Length} and "
                + $"{inputLengths.Length} were given: log-probabilities are [steps, batch, classes].");
        if ((uint)blank >= (uint)classes)
            Throw.OutOfRange(check.Name, nameof(blank), blank, $"a class, from 0 to {classes - 1}");
        for (var i = 0; i < batch; i++)
        {
            if (inputLengths[i] < 0 || inputLengths[i] > steps)
                Throw.OutOfRange(
                    check.Name, $"inputLengths[{i}]", inputLengths[i], $"from 0 to {steps}, the number of steps");
            for (var j = 0; j < targets[i].Length; j++)
                if ((uint)targets[i][j] >= (uint)classes || targets[i][j] == blank)
                    Throw.OutOfRange(check.Name, $"targets[{i}][{j}]", targets[i][j],
                        $"a class, from 0 to {classes - 1}, and not the blank {blank}");
        }
    }
}
