using static MicroGrad.Net.Tests.Numbers;

namespace MicroGrad.Net.Tests;

/// <summary>Connectionist temporal classification.</summary>
public sealed class SequenceLossTests
{
    const double Infinite = double.PositiveInfinity;

    static Tensor Ctc(Tensor x, int[][] targets, int[]? lengths = null, int blank = 0,
        Reduction reduction = Reduction.None, bool zeroInfinity = false) =>
        Losses.ConnectionistTemporalClassification(x, targets, lengths, blank, zeroInfinity, reduction);

    static Tensor Random(int steps, int batch, int classes) =>
        Tensor.Normal([steps, batch, classes], rng: new Rng(5), dtype: DType.Float64).LogSoftmax();

    /// <summary>What a path reads as: repeated classes joined, then blanks left out.</summary>
    static int[] Read(int[] path, int blank) =>
        [.. path.Where((c, t) => (t == 0 || path[t - 1] != c) && c != blank)];

    /// <summary>
    /// All paths of one class per step, one by one: the loss, and for each step and class the share of those that read
    /// as the labels which have the class there.
    /// </summary>
    static (double Loss, double[,] Shares) Enumerated(
        double[] logProbabilities, int steps, int classes, int[] labels, int blank)
    {
        var (total, shares) = (0.0, new double[steps, classes]);
        for (var number = 0; number < Math.Pow(classes, steps); number++)
        {
            var (path, rest, log) = (new int[steps], number, 0.0);
            for (var t = 0; t < steps; t++)
            {
                (rest, path[t]) = Math.DivRem(rest, classes);
                log += logProbabilities[t * classes + path[t]];
            }
            if (!Read(path, blank).SequenceEqual(labels)) continue;
            total += Math.Exp(log);
            for (var t = 0; t < steps; t++) shares[t, path[t]] += Math.Exp(log);
        }
        for (var t = 0; t < steps; t++)
            for (var c = 0; c < classes; c++) shares[t, c] /= total;
        return (-Math.Log(total), shares);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void It_is_the_sum_over_all_paths(int blank)
    {
        int[] classes = [.. Enumerable.Range(0, 3).Where(c => c != blank)];
        var (a, b) = (classes[0], classes[1]);
        int[][] targets = [[], [a], [a, a], [a, b], [b, a, b], [a, b, a, b], [b, b, a], [a, a, a]];
        for (var steps = 1; steps <= 5; steps++)
        {
            var x = Leaf(Random(steps, targets.Length, 3));
            var losses = Ctc(x, targets, blank: blank);
            losses.Sum().Backward();
            for (var i = 0; i < targets.Length; i++)
            {
                var (loss, shares) = Enumerated(x[.., i].ToDoubles(), steps, 3, targets[i], blank);
                if (double.IsInfinity(loss)) Assert.Equal(Infinite, losses[i].Item());
                else Close([loss], losses[i], 1e-11);
                double[] slopes = [.. shares.Cast<double>().Select(share => double.IsNaN(share) ? 0 : -share)];
                Close(slopes, x.Grad![.., i], 1e-11);
            }
        }
    }

    /// <summary>sin(5t + 3n + c²) at step t, sequence n and class c: what PyTorch's numbers are of.</summary>
    static Tensor Waves() => Leaf([7, 3, 5], [.. Enumerable.Range(0, 105).Select(i =>
        Math.Sin(5 * (i / 15) + 3 * (i / 5 % 3) + i % 5 * (i % 5)))]);

    // torch.nn.functional.ctc_loss of PyTorch 1.13 in doubles.
    [Fact]
    public void It_agrees_with_PyTorch()
    {
        var x = Waves();
        int[][] targets = [[1, 1, 3], [2], [4, 3, 2, 1]];
        int[] lengths = [7, 5, 4];
        Close([7.113653067359186, 5.8453806185190365, 5.541061520770382], Ctc(x.LogSoftmax(), targets, lengths));
        Close([18.500095206648602], Ctc(x.LogSoftmax(), targets, lengths, reduction: Reduction.Sum));
        Close([3.2006212292771203], Ctc(x.LogSoftmax(), targets, lengths, reduction: Reduction.Mean));
        Close([10.046022681044935], Ctc(x.LogSoftmax()[.., ..2], [[], [1]], [7, 5], reduction: Reduction.Mean));

        int[][] others = [[0, 0, 3], [2], [0, 3, 2, 1]];        // the last too long for its three steps
        var mean = Ctc(x.LogSoftmax(), others, [7, 5, 3], 4, Reduction.Mean, zeroInfinity: true);
        Close([2.825642766461558], mean);
        mean.Backward();
        Close([-0.07948025256746694, 0.04261233191725497, 0.008618148004216073, 0.027737663795537427,
            0.0005121088504584681], x.Grad![0, 0]);
        Close([0.005287995111524787, 0.009482359302467621, 0.024108235119096957, -0.0352652612315766,
            -0.003613328301512771, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], x.Grad[6]);
        Close(new double[35], x.Grad[.., 2]);
    }

    [Fact]
    public void Labels_may_stand_one_after_another_and_a_sequence_alone()
    {
        var x = Waves().LogSoftmax();
        Close(Ctc(x, [[1, 1, 3], [], [4]], [7, 5, 4], 2).ToDoubles(),
            Losses.ConnectionistTemporalClassification(
                x, [1, 1, 3, 4], [7, 5, 4], [3, 0, 1], 2, reduction: Reduction.None));
        Equal([], [Ctc(x, [[1, 1, 3], [], [4]])[0].Item()], Ctc(x[.., 0], [[1, 1, 3]]));
        Close([Ctc(x, [[1, 1, 3], [], [4]])[0].Item() / 3], Ctc(x[.., 0], [[1, 1, 3]], reduction: Reduction.Mean));
        // Steps beyond a sequence's length do not count, whatever is there.
        var spoilt = Leaf(Tensor.Concat([x[..4, 0], Tensor.Full([3, 5], double.NaN, DType.Float64)]).Detach());
        var loss = Ctc(spoilt, [[1, 3]], [4]);
        Equal([], [Ctc(x[..4, 0], [[1, 3]]).Item()], loss);
        loss.Backward();
        Close([-1, -1, -1, -1, 0, 0, 0], spoilt.Grad!.Sum(1));
    }

    [Fact]
    public void What_does_not_fit_is_infinite_or_left_out_and_has_no_gradient()
    {
        var x = Leaf(Random(2, 3, 3));
        int[][] targets = [[1, 1], [1, 2], [1, 2, 1]];      // a repeated label needs a blank between
        var losses = Ctc(x, targets);
        Assert.Equal([true, false, true], losses.ToDoubles().Select(double.IsPositiveInfinity));
        losses.Sum().Backward();
        Close(new double[6], x.Grad![.., 0]);
        Close([0, -1, 0, 0, 0, -1], x.Grad![.., 1]);
        Close([0, losses[1].Item(), 0], Ctc(x, targets, zeroInfinity: true));
        Close([losses[1].Item() / 6], Ctc(x, targets, reduction: Reduction.Mean, zeroInfinity: true));
        Assert.Equal(Infinite, Ctc(x, targets, reduction: Reduction.Mean).Item());
    }

    [Fact]
    public void Without_steps_only_no_labels_are_certain()
    {
        var x = Random(3, 2, 3);
        Assert.Equal([0, Infinite], Ctc(x, [[], [1]], [0, 0]).ToDoubles().Select(v => v + 0.0));
        Assert.Equal([0, Infinite], Ctc(x[..0], [[], [1]]).ToDoubles().Select(v => v + 0.0));
        // No labels: blanks throughout.
        Close([-(x[0, 0, 0] + x[1, 0, 0] + x[2, 0, 0]).Item()], Ctc(x[.., 0], [[]]));
        Assert.Equal(0, Ctc(x[.., ..0], [], reduction: Reduction.Mean).Item());
        Assert.Equal(0, Ctc(x[.., ..0], [], reduction: Reduction.Sum).Item());
    }

    [Fact]
    public void Classes_of_probability_0_do_no_harm_and_NaN_comes_out()
    {
        var x = Leaf(Tensor.From([3, 3], [0.5, 0.5, 0, 1, 0, 0, 0, 0.25, 0.75]).Log());
        var loss = Ctc(x, [[1, 1]]);
        Close([-Math.Log(0.5 * 0.25)], loss);
        var slope = Gradients.Of(loss, [x], createGraph: true)[0];
        Close([0, -1, 0, -1, 0, 0, 0, -1, 0], slope);
        Assert.All(Gradients.Of(slope.Sum(), [x], allowUnused: true)[0].ToDoubles(), v => Assert.Equal(0, v));
        Assert.Equal(Infinite, Ctc(x, [[2, 1]]).Item());

        var spoilt = x.ToDoubles();
        spoilt[3] = double.NaN;
        Assert.True(double.IsNaN(Ctc(Tensor.From([3, 3], spoilt), [[1, 1]], zeroInfinity: true).Item()));
    }

    [Fact]
    public void A_factor_of_all_probabilities_at_a_step_comes_out_as_its_logarithm()
    {
        var x = Random(6, 2, 4);
        var shift = Tensor.From([6, 1, 1], [-1.0, -2, -30, -1e4, -0.5, -7]);
        Close([.. Ctc(x, [[1, 2], [3, 3]]).ToDoubles().Select(loss => loss + 10040.5)],
            Ctc(x + shift, [[1, 2], [3, 3]]), 1e-9);
    }

    [Fact]
    public void Long_sequences_and_huge_logits_stay_finite()
    {
        foreach (var dtype in Enum.GetValues<DType>())
        {
            var x = Leaf((Tensor.Normal([300, 2, 6], rng: new Rng(2), dtype: DType.Float64) * 1e4).To(dtype));
            int[][] targets = [[.. Enumerable.Range(0, 100).Select(i => 1 + i % 5)], [3, 3]];
            var loss = Ctc(x.LogSoftmax(), targets, [300, 250], reduction: Reduction.Mean);
            Assert.True(double.IsFinite(loss.Item()));
            loss.Backward();
            Assert.All(x.Grad!.ToDoubles(), v => Assert.True(double.IsFinite(v)));
            // All classes alike: each of the paths is 6⁻³⁰⁰.
            Assert.True(Ctc(Tensor.Full([300, 1, 6], -Math.Log(6), dtype), [[]]).Item() is > 537 and < 538);
        }
    }

    [Fact]
    public void Errors_name_what_does_not_fit()
    {
        var x = Random(4, 2, 3);
        void Shapes(string text, Func<object?> call) => Assert.Equal(text, Message<ShapeException>(call));
        void Range(string text, Func<object?> call) => Assert.Equal(text, Message<ArgumentOutOfRangeException>(call));

        Shapes("ctc: expects log-probabilities [steps, batch, classes], but got [3].", () => Ctc(x[0, 0], [[1]]));
        Shapes("ctc: a batch of 2 takes as many targets and input lengths, but 1 and 2 were given: log-probabilities are [steps, batch, classes].", () => Ctc(x, [[1]]));
        Shapes("ctc: a batch of 2 takes as many targets and input lengths, but 2 and 3 were given: log-probabilities are [steps, batch, classes].",
            () => Ctc(x, [[1], [2]], [4, 4, 4]));
        Shapes("ctc: target lengths [1, 2] do not add up to the 2 labels.",
            () => Losses.ConnectionistTemporalClassification(x, [1, 2], [4, 4], [1, 2]));
        Range("ctc: blank is 3, but must be a class, from 0 to 2.", () => Ctc(x, [[1], [2]], blank: 3));
        Range("ctc: inputLengths[1] is 5, but must be from 0 to 4, the number of steps.",
            () => Ctc(x, [[1], [2]], [4, 5]));
        Range("ctc: targets[1][2] is 0, but must be a class, from 0 to 2, and not the blank 0.",
            () => Ctc(x, [[1], [2, 1, 0]]));
        Range("ctc: targets[0][0] is 3, but must be a class, from 0 to 2, and not the blank 1.",
            () => Ctc(x, [[3], []], blank: 1));
    }
}
