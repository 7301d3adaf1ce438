using static MicroGrad.Net.Tests.Numbers;

namespace MicroGrad.Net.Tests;

public sealed class LossTests
{
    static readonly Tensor Logits = Tensor.From([3, 4], [1.0, 2, 3, 4, -1, 0.5, 2, 0, 0.1, 0.2, 0.3, 0.4]);
    static readonly int[] Labels = [3, 0, 1];

    [Fact]
    public void Shapes_that_differ_are_refused_with_the_mend()
    {
        var (column, flat) = (Tensor.Zeros([32, 1]), Tensor.Zeros([32]));
        const string Rest = "prediction [32, 1] and target [32] differ in shape, and losses never broadcast: target.Reshape(prediction.Shape)?";
        Assert.Equal("mean squared error: " + Rest, Message<ShapeException>(() => Losses.MeanSquaredError(column, flat)));
        Assert.Equal("mean absolute error: " + Rest, Message<ShapeException>(() => Losses.MeanAbsoluteError(column, flat)));
        Assert.Equal("huber: " + Rest, Message<ShapeException>(() => Losses.Huber(column, flat)));
        Assert.Equal("binary cross-entropy: " + Rest, Message<ShapeException>(() => Losses.BinaryCrossEntropyWithLogits(column, flat)));
        Assert.Equal("cross-entropy: " + Rest, Message<ShapeException>(() => Losses.CrossEntropy(column, flat)));
        Assert.Equal("mean squared error: prediction [2] and target [3] differ in shape, and losses never broadcast.",
            Message<ShapeException>(() => Losses.MeanSquaredError(Tensor.Zeros([2]), Tensor.Zeros([3]))));
        Assert.Throws<ShapeException>(() => Losses.MeanSquaredError(Tensor.Zeros([2]), Tensor.Scalar(0)));
    }

    [Fact]
    public void Number_types_that_differ_are_refused_by_the_loss()
    {
        Assert.Equal("huber: prediction is Float32 and target Float64, which do not mix: target.To(prediction.DType)?",
            Message<DTypeException>(() => Losses.Huber(Tensor.Zeros([2]), Vector(1, 2))));
    }

    [Fact]
    public void Labels_in_the_wrong_place_are_shown_the_right_one()
    {
        // The habits of PyTorch, of one output for yes or no, and of classes in the last axis.
        Assert.Equal("cross-entropy: target [3] is one number for each row of logits [3, 4]: labels are an int[], and a "
            + "tensor holds a probability per class, [3, 4].",
            Message<ShapeException>(() => Losses.CrossEntropy(Logits, Vector(3, 0, 1))));
        Assert.Equal("cross-entropy: label 1 at row 1 is not in 0..0: one score says yes or no, and "
            + "BinaryCrossEntropyWithLogits takes a target of 0 and 1.",
            Message<ArgumentOutOfRangeException>(() => Losses.CrossEntropy(Tensor.Zeros([2, 1]), [0, 1])));
        Assert.Equal("focal: scores [3] take 1 labels, but 3 were given: one score per sample says yes or no, for "
            + "BinaryCrossEntropyWithLogits.", Message<ShapeException>(() => Losses.Focal(Vector(1, 2, 3), [0, 1, 0])));
        Assert.Equal("cross-entropy: scores [3, 4] take 3 labels, but 4 were given: the classes are axis 1. Transpose()?",
            Message<ShapeException>(() => Losses.CrossEntropy(Logits, [0, 1, 2, 0])));
        Assert.Equal("cross-entropy: scores [2, 5, 7] take 14 labels, but 10 were given: the classes are axis 1. "
            + "Reshape(-1, 7)?", Message<ShapeException>(() => Losses.CrossEntropy(Tensor.Zeros([2, 5, 7]), new int[10])));
    }

    [Fact]
    public void Labels_that_do_not_fit_are_named()
    {
        Assert.Equal("cross-entropy: label 4 at row 1 is not in 0..3.",
            Message<ArgumentOutOfRangeException>(() => Losses.CrossEntropy(Logits, [3, 4, 1])));
        Assert.Equal("negative log-likelihood: label -1 at row 0 is not in 0..3.",
            Message<ArgumentOutOfRangeException>(() => Losses.NegativeLogLikelihood(Logits, [-1, 0, 1])));
        Assert.Equal("cross-entropy: scores [3, 4] take 3 labels, but 2 were given.",
            Message<ShapeException>(() => Losses.CrossEntropy(Logits, [3, 0])));
        Assert.Equal("cross-entropy: expects scores [n, classes], but got a scalar.",
            Message<ShapeException>(() => Losses.CrossEntropy(Tensor.Scalar(1), [0])));
        // A label of -100 is left out, and of no other negative number.
        Assert.True(double.IsFinite(Losses.CrossEntropy(Logits, [-100, 0, 1]).Item()));
        Assert.Throws<ArgumentOutOfRangeException>(() => Losses.CrossEntropy(Logits, [-100, 0, 1], ignoreIndex: -1));
    }

    [Fact]
    public void Targets_that_make_no_sense_are_named()
    {
        Assert.Equal("mean squared error: target[1, 0] is NaN, but must be a number.", Message<ArgumentOutOfRangeException>(
            () => Losses.MeanSquaredError(Tensor.Zeros([2, 1]), Tensor.From([2, 1], [0f, float.NaN]))));
        Assert.Equal("binary cross-entropy: target[4] is 1.5, but must be a probability, from 0 to 1.", Message<ArgumentOutOfRangeException>(
            () => Losses.BinaryCrossEntropyWithLogits(Vector(1, 2, 3, 4, 5), Vector(0, 1, 0.5, 0, 1.5))));
        Assert.Equal("cross-entropy: target[0, 2] is -0.5, but must be a probability, from 0 to 1.", Message<ArgumentOutOfRangeException>(
            () => Losses.CrossEntropy(Logits[..1], Tensor.From([1, 4], [1, 0.5, -0.5, 0]))));
        Assert.Equal("cross-entropy: the sum of target[1] over the classes is 1.25, but must be 1.", Message<ArgumentOutOfRangeException>(
            () => Losses.CrossEntropy(Logits[..2], Tensor.From([2, 4], [1.0, 0, 0, 0, 0.5, 0.25, 0.25, 0.25]))));
    }

    [Fact]
    public void Weights_that_do_not_fit_are_named()
    {
        Assert.Equal("cross-entropy: weights are [3], but must be [4], one per class.",
            Message<ShapeException>(() => Losses.CrossEntropy(Logits, Labels, weights: Vector(1, 1, 1))));
        Assert.Equal("cross-entropy: weights[2] is -1, but must be 0 or more.",
            Message<ArgumentOutOfRangeException>(() => Losses.CrossEntropy(Logits, Labels, weights: Vector(1, 1, -1, 1))));
        Assert.Throws<ArgumentOutOfRangeException>(() => Losses.CrossEntropy(Logits, Labels, weights: Vector(1, 1, double.NaN, 1)));
        Assert.Equal("cross-entropy: label smoothing is 1.5, but must be from 0 to 1.",
            Message<ArgumentOutOfRangeException>(() => Losses.CrossEntropy(Logits, Labels, labelSmoothing: 1.5)));
        Assert.Equal("binary cross-entropy: positiveWeight [5] does not fit [3, 4].",
            Message<ShapeException>(() => Losses.BinaryCrossEntropyWithLogits(Logits, Logits.Sigmoid(), positiveWeight: Tensor.Ones([5], DType.Float64))));
        Assert.Equal("huber: delta is 0, but must be positive.", Message<ArgumentOutOfRangeException>(() => Losses.Huber(Logits, Logits, 0)));
    }

    [Fact]
    public void Values_follow_their_formulas()
    {
        var (p, t) = (Vector(1, 2, 5), Vector(1.5, 2, 1));
        Close([(0.25 + 0 + 16) / 3], Losses.MeanSquaredError(p, t));
        Close([16.25], Losses.MeanSquaredError(p, t, reduction: Reduction.Sum));
        Close([0.25, 0, 16], Losses.MeanSquaredError(p, t, reduction: Reduction.None));
        Close([4.5 / 3], Losses.MeanAbsoluteError(p, t));
        Close([0.125, 0, 3.5], Losses.Huber(p, t, reduction: Reduction.None));
        Close([0.125, 0, 2 * (4 - 1)], Losses.Huber(p, t, 2, reduction: Reduction.None));
        Close([Math.Log(2), Math.Log(1 + Math.Exp(-2)), 2 + Math.Log(1 + Math.Exp(-2))],
            Losses.BinaryCrossEntropyWithLogits(Vector(0, 2, 2), Vector(0.5, 1, 0), reduction: Reduction.None));
        Close([6 + 3 * Math.Log(1 + Math.Exp(-2))],
            Losses.BinaryCrossEntropyWithLogits(Vector(-2), Vector(1), positiveWeight: Vector(3)));
        Close([0.5 * Math.Log(2)], Losses.BinaryCrossEntropyWithLogits(Vector(0), Vector(1), weights: Vector(0.5)));
    }

    [Fact]
    public void Equal_logits_give_the_logarithm_of_the_number_of_classes()
    {
        foreach (var level in new[] { 0.0, 7, -1e4, 1e6 })
            foreach (var smoothing in new[] { 0, 0.1, 1 })
                Close([Math.Log(5)], Losses.CrossEntropy(Tensor.Full([2, 5], level, DType.Float64), [1, 4], labelSmoothing: smoothing), 1e-9);
    }

    [Fact]
    public void Extreme_logits_give_exact_losses_and_gradients()
    {
        foreach (var dtype in Enum.GetValues<DType>())
        {
            var x = Leaf(Tensor.From([2, 2], [1e4, -1e4, 1e4, -1e4]).To(dtype));
            var losses = Losses.CrossEntropy(x, [0, 1], reduction: Reduction.None);
            Equal([2], [0, 2e4], losses);
            losses.Sum().Backward();
            Equal([2, 2], [0, 0, 1, -1], x.Grad);

            var z = Leaf(Tensor.From([4], [1e4, -1e4, 1e4, -1e4]).To(dtype));
            var binary = Losses.BinaryCrossEntropyWithLogits(z, Tensor.From([4], [1.0, 0, 0, 1]).To(dtype), reduction: Reduction.None);
            Assert.Equal([0, 0, 1e4, 1e4], binary.ToDoubles().Select(v => v + 0.0));
            binary.Sum().Backward();
            Equal([4], [0, 0, 1, -1], z.Grad);
        }
    }

    [Fact]
    public void A_common_shift_of_the_logits_changes_almost_nothing()
    {
        var (a, b) = (Leaf(Logits.Detach()), Leaf(Logits + 1e6));
        var (one, other) = (Losses.CrossEntropy(a, Labels, labelSmoothing: 0.1), Losses.CrossEntropy(b, Labels, labelSmoothing: 0.1));
        one.Backward();
        other.Backward();
        Assert.Equal(one.Item(), other.Item(), 1e-9);
        Close(a.Grad!.ToDoubles(), b.Grad, 1e-9);
        // Gradients of a shift-invariant function sum to 0 along the classes.
        Close([0, 0, 0], a.Grad.Sum(1), 1e-15);
    }

    [Fact]
    public void Smoothing_is_a_mixture_with_the_uniform_target()
    {
        foreach (var weights in new[] { null, Vector(1, 2, 0.5, 3) })
        {
            Tensor Loss(double smoothing) => Losses.CrossEntropy(Logits, Labels, weights, smoothing, reduction: Reduction.Sum);
            Close([0.7 * Loss(0).Item() + 0.3 * Loss(1).Item()], Loss(0.3));
            // The overload for distributions, fed with the smoothed labels, agrees.
            var target = new double[12];
            for (var i = 0; i < 3; i++) target[i * 4 + Labels[i]] = 1;
            Close(Losses.CrossEntropy(Logits, Labels, weights, 0.3, reduction: Reduction.None).ToDoubles(),
                Losses.CrossEntropy(Logits, Tensor.From([3, 4], target), weights, 0.3, Reduction.None));
        }
    }

    [Fact]
    public void The_mean_divides_by_the_weights_of_the_labels()
    {
        var weights = Vector(1, 2, 0.5, 3);
        var each = Losses.CrossEntropy(Logits, Labels, reduction: Reduction.None).ToDoubles();
        Close([(3 * each[0] + 1 * each[1] + 2 * each[2]) / (3 + 1 + 2)], Losses.CrossEntropy(Logits, Labels, weights));
        Close([3 * each[0], each[1], 2 * each[2]], Losses.CrossEntropy(Logits, Labels, weights, reduction: Reduction.None));
        Close([each.Average()], Losses.NegativeLogLikelihood(Logits.LogSoftmax(), Labels));
    }

    [Fact]
    public void Ignored_labels_count_for_nothing()
    {
        var x = Leaf(Logits.Detach());
        var loss = Losses.CrossEntropy(x, [3, -100, 1], labelSmoothing: 0.2);
        var each = Losses.CrossEntropy(Logits, Labels, labelSmoothing: 0.2, reduction: Reduction.None).ToDoubles();
        Close([(each[0] + each[2]) / 2], loss);
        loss.Backward();
        Equal([4], [0, 0, 0, 0], x.Grad![1]);
        Close([each[0], 0, each[2]], Losses.CrossEntropy(Logits, [3, 7, 1], labelSmoothing: 0.2, ignoreIndex: 7, reduction: Reduction.None));
    }

    [Theory]
    [InlineData(0.0)]
    [InlineData(0.1)]
    public void Where_all_is_ignored_the_mean_and_the_gradient_are_0(double smoothing)
    {
        var x = Leaf(Logits.Detach());
        var loss = Losses.CrossEntropy(x, [-100, -100, -100], labelSmoothing: smoothing);
        Assert.Equal(0, loss.Item());
        loss.Backward();
        Assert.All(x.Grad!.ToDoubles(), v => Assert.Equal(0, v));
        Assert.Equal(0, Losses.CrossEntropy(Logits, [-100, -100, -100], reduction: Reduction.Sum).Item());
    }

    [Fact]
    public void Infinite_logits_of_an_ignored_row_or_another_class_do_no_harm()
    {
        const double Inf = double.PositiveInfinity;
        var x = Leaf([3, 2], -Inf, 2, 1, 2, 1, -Inf);
        var loss = Losses.CrossEntropy(x, [-100, 0, 0]);
        Close([Math.Log(1 + Math.E) / 2], loss);
        loss.Backward();
        var half = 0.5 / (1 + Math.Exp(-1));
        Close([0, 0, -half, half, 0, 0], x.Grad);
    }

    [Fact]
    public void Scores_with_further_axes_take_a_label_per_place()
    {
        var x = Tensor.Normal([2, 3, 2, 2], 0, 1, new Rng(1), DType.Float64);
        int[] labels = [0, 1, 2, 0, 1, 2, 0, 1];
        var flat = x.Permute(0, 2, 3, 1).Reshape(8, 3);
        Close([Losses.CrossEntropy(flat, labels, Vector(1, 2, 3), 0.1).Item()], Losses.CrossEntropy(x, labels, Vector(1, 2, 3), 0.1));
        Assert.Equal(Shape.Of(2, 2, 2), Losses.CrossEntropy(x, labels, reduction: Reduction.None).Shape);
        Close([Losses.CrossEntropy(Logits[..1], [2]).Item()], Losses.CrossEntropy(Logits[0], [2]));
    }

    [Fact]
    public void Regression_slopes_at_their_kinks_are_decided()
    {
        var p = Leaf([3], 1, 2, 3);
        Losses.MeanAbsoluteError(p, Vector(1, 1, 4), reduction: Reduction.Sum).Backward();
        Equal([3], [0, 1, -1], p.Grad);
        var q = Leaf([4], 0, 1, -1, 5);
        Losses.Huber(q, Vector(0, 0, 0, 0), reduction: Reduction.Sum).Backward();
        Equal([4], [0, 1, -1, 1], q.Grad);
    }
}
