using static MicroGrad.Net.Tests.Numbers;

namespace MicroGrad.Net.Tests;

public sealed class MarginLossTests
{
    const Reduction None = Reduction.None, Sum = Reduction.Sum;

    [Fact]
    public void Hinges_follow_their_formulas()
    {
        // Inside the margin, on it, beyond it; wrong; undecided.
        var (x, target) = (Leaf([5], 0.5, 1, 3, 2, 0), Vector(1, 1, 1, -1, -1));
        Close([0.5, 0, 0, 3, 1], Losses.Hinge(x, target, None));
        Close([0.25, 0, 0, 9, 1], Losses.SquaredHinge(x, target, None));
        Close([4.5 / 5], Losses.Hinge(x, target));
        Close([10.25 / 5], Losses.SquaredHinge(x, target));
        Losses.Hinge(x, target, Sum).Backward();
        Equal([5], [-1, 0, 0, 1, 1], x.Grad);
        var y = Leaf([5], 0.5, 1, 3, 2, 0);
        Losses.SquaredHinge(y, target, Sum).Backward();
        Assert.Equal([-1, 0, 0, 6, 2], y.Grad!.ToDoubles().Select(slope => slope + 0.0));
    }

    [Fact]
    public void A_soft_margin_is_binary_cross_entropy_of_signs()
    {
        var (x, signs) = (Vector(-30, -1, 0, 0.5, 1000), Vector(1, -1, 1, -1, 1));
        foreach (var how in Enum.GetValues<Reduction>())
            Close(Losses.BinaryCrossEntropyWithLogits(x, (signs + 1) / 2, reduction: how).ToDoubles(), Losses.SoftMargin(x, signs, how));
        foreach (var dtype in Enum.GetValues<DType>())
        {
            var extreme = Leaf(Tensor.From([4], [1e4, -1e4, 1e4, -1e4]).To(dtype));
            var losses = Losses.SoftMargin(extreme, Tensor.From([4], [1.0, -1, -1, 1]).To(dtype), None);
            Equal([4], [0, 0, 1e4, 1e4], losses);
            losses.Sum().Backward();
            Equal([4], [0, 0, 1, -1], extreme.Grad! + 0.0);
        }
    }

    [Fact]
    public void The_label_of_a_categorical_hinge_must_lead_the_best_rival()
    {
        var x = Leaf([4, 3], 2, 0.5, 1.5, /**/ 3, 0.5, 1, /**/ -2, -3, -1, /**/ 1, 2, 2);
        var losses = Losses.CategoricalHinge(x, [0, 0, 2, 0], None);
        // Lacks half; leads by 2; no rival above 0, which stands in; two rivals.
        Equal([4], [0.5, 0, 2, 2], losses);
        losses.Sum().Backward();
        Equal([4, 3], [-1, 0, 1, /**/ 0, 0, 0, /**/ 0, 0, -1, /**/ -1, 0.5, 0.5], x.Grad! + 0.0);
        Close([4.5 / 4], Losses.CategoricalHinge(x, [0, 0, 2, 0]));
    }

    [Fact]
    public void A_label_leads_every_class_by_the_margin()
    {
        var x = Leaf([2, 3], 2, 1.5, 0, /**/ 1, 1, 4);
        int[] labels = [0, 1];
        // Lacks 0.5 before class 1; lacks 1 before class 0 and 4 before class 2.
        Close([0.5 / 3, 5.0 / 3], Losses.MultiMargin(x, labels, reduction: None));
        Close([0.25 / 3, 17.0 / 3], Losses.MultiMargin(x, labels, p: 2, reduction: None));
        Close([0, 3.5 / 3], Losses.MultiMargin(x, labels, margin: 0.25, reduction: None));
        Close([(3 * 0.5 + 0.5 * 5) / 3 / 2], Losses.MultiMargin(x, labels, weights: Vector(3, 0.5, 7)));
        Losses.MultiMargin(x, labels, reduction: Sum).Backward();
        Close([-1.0 / 3, 1.0 / 3, 0, 1.0 / 3, -2.0 / 3, 1.0 / 3], x.Grad);
    }

    [Fact]
    public void Classes_that_hold_lead_those_that_do_not()
    {
        var x = Leaf([3, 4], 3, 0.5, 1, 0, /**/ 1, 2, 3, 4, /**/ 1, 2, 3, 4);
        var target = Tensor.From([3, 4], [1.0, 0, 1, 0, /**/ 1, 1, 1, 1, /**/ 0, 0, 0, 0]);
        // Of the first sample only the pair 2 before 1 lacks anything, ½ (2 before 3 is at its margin); the others have no pairs.
        Close([0.5 / 4, 0, 0], Losses.MultiLabelMargin(x, target, None));
        Close([0.5 / 4 / 3], Losses.MultiLabelMargin(x, target));
        Losses.MultiLabelMargin(x, target, Sum).Backward();
        Close([0, 0.25, -0.25, 0, .. new double[8]], x.Grad);
        Close([0.5 / 4], Losses.MultiLabelMargin(x[0], target[0]));
    }

    [Fact]
    public void A_multi_label_soft_margin_is_the_mean_of_binary_cross_entropies()
    {
        var x = Tensor.From([2, 3], [1e4, -2, 0.5, 3, 0, -1e4]);
        var target = Tensor.From([2, 3], [1, 0, 0.3, 0, 1.0, 0]);
        var weights = Vector(1, 2, 0);
        Close(Losses.BinaryCrossEntropyWithLogits(x, target, weights, reduction: None).Mean(1).ToDoubles(),
            Losses.MultiLabelSoftMargin(x, target, weights, None));
        Close([Losses.BinaryCrossEntropyWithLogits(x, target).Item()], Losses.MultiLabelSoftMargin(x, target));
        Close([Losses.MultiLabelSoftMargin(x, target, null, None).ToDoubles()[0]], Losses.MultiLabelSoftMargin(x[0], target[0]));
    }

    [Fact]
    public void The_divergence_of_a_fair_coin_is_known()
    {
        // KL(½, ½ ‖ ¼, ¾) = ½ log(½/¼) + ½ log(½/¾) = ½ log(4/3).
        var (fair, skew) = (Tensor.From([1, 2], [0.5, 0.5]), Tensor.From([1, 2], [0.25, 0.75]));
        Close([0.5 * Math.Log(4.0 / 3)], Losses.KullbackLeiblerDivergence(skew.Log(), fair, reduction: Sum));
        Close([0.25 * Math.Log(4.0 / 3)], Losses.KullbackLeiblerDivergence(skew.Log(), fair));
        Close([0.5 * Math.Log(2), 0.5 * Math.Log(2.0 / 3)], Losses.KullbackLeiblerDivergence(skew.Log(), fair, reduction: None));
        // m = (3/8, 5/8).
        Close([0.25 * (Math.Log(4.0 / 3) + Math.Log(4.0 / 5)) + 0.125 * Math.Log(2.0 / 3) + 0.375 * Math.Log(6.0 / 5)],
            Losses.JensenShannonDivergence(skew.Log(), fair));
        foreach (var how in Enum.GetValues<Reduction>())
        {
            Close(Losses.KullbackLeiblerDivergence(skew.Log(), fair, reduction: how).ToDoubles(),
                Losses.KullbackLeiblerDivergence(skew.Log(), fair.Log(), logTarget: true, how));
            Close(Losses.JensenShannonDivergence(skew.Log(), fair, reduction: how).ToDoubles(),
                Losses.JensenShannonDivergence(fair.Log(), skew.Log(), logTarget: true, how));
        }
    }

    [Fact]
    public void A_divergence_is_0_only_between_equals()
    {
        var (x, y) = (Tensor.Normal([20, 6], 0, 2, new Rng(3), DType.Float64), Tensor.Normal([20, 6], 0, 2, new Rng(4), DType.Float64));
        var (p, q) = (x.LogSoftmax(1), y.LogSoftmax(1));
        Close(new double[20], Losses.KullbackLeiblerDivergence(p, p.Exp(), reduction: None).Sum(1));
        Close(new double[20], Losses.JensenShannonDivergence(p, p.Exp(), reduction: None));
        Assert.All(Losses.KullbackLeiblerDivergence(p, q, true, None).Sum(1).ToDoubles(), value => Assert.True(value > 1e-3));
        Assert.All(Losses.JensenShannonDivergence(p, q, true, None).ToDoubles(), value => Assert.InRange(value, 1e-3, Math.Log(2)));
        // Cross-entropy is the entropy of the target more.
        Close(Losses.CrossEntropy(x, q.Exp(), reduction: None).ToDoubles(),
            Losses.KullbackLeiblerDivergence(p, q.Exp(), reduction: None).Sum(1) - (q.Exp() * q).Sum(1));
    }

    [Fact]
    public void What_is_impossible_and_does_not_happen_costs_nothing()
    {
        foreach (var dtype in Enum.GetValues<DType>())
        {
            var x = Leaf(Tensor.From([2, 3], [0, double.NegativeInfinity, 0, 1e4, -1e4, -1e4]).To(dtype));
            var target = Tensor.From([2, 3], [0.5, 0, 0.5, 1, 0, 0]).To(dtype);
            foreach (var loss in new Func<Tensor, Tensor>[]
                {
                    logits => Losses.KullbackLeiblerDivergence(logits.LogSoftmax(1), target, reduction: Sum),
                    logits => Losses.KullbackLeiblerDivergence(logits.LogSoftmax(1), target.Log(), logTarget: true, Sum),
                    logits => Losses.JensenShannonDivergence(logits.LogSoftmax(1), target, reduction: Sum),
                    logits => Losses.JensenShannonDivergence(logits.LogSoftmax(1), target.Log(), logTarget: true, Sum),
                    logits => Losses.CrossEntropy(logits, target, reduction: Sum) - Math.Log(2),
                })
            {
                Close([0], loss(x), 1e-6);
                Close(new double[6], Gradients.Of(loss(x), [x])[0], 1e-6);
            }
            // What is certain and wrong costs log 2 at most, or what the logits say.
            var wrong = Tensor.From([1, 3], [0, 1.0, 0]).To(dtype);
            Close([Math.Log(2)], Losses.JensenShannonDivergence(x[1..].LogSoftmax(1), wrong), 1e-6);
            Close([2e4], Losses.KullbackLeiblerDivergence(x[1..].LogSoftmax(1), wrong, reduction: Sum), 1e-6);
            Close(new double[3], Gradients.Of(Losses.JensenShannonDivergence(x[1..].LogSoftmax(1), wrong), [x])[0][1], 1e-6);
        }
        // What happens though it is impossible costs everything.
        Assert.Equal(double.PositiveInfinity, Losses.KullbackLeiblerDivergence(Vector(0, double.NegativeInfinity), Vector(0, 1), reduction: Sum).Item());
    }

    [Fact]
    public void Probabilities_where_logarithms_belong_are_named()
    {
        const string Wants = ", but must be the logarithm of a probability, 0 or less: take LogSoftmax first, or Log of probabilities.";
        var p = Tensor.From([1, 2], [0.3, 0.7]);
        (string Message, Func<object?> Call)[] refused =
        [
            ("negative log-likelihood: logProbabilities[0, 0] is 0.3", () => Losses.NegativeLogLikelihood(p, [1])),
            ("Kullback-Leibler divergence: logProbabilities[0] is 0.3", () => Losses.KullbackLeiblerDivergence(p[0], Vector(0.5, 0.5))),
            ("Jensen-Shannon divergence: logProbabilities[0, 0] is 0.3", () => Losses.JensenShannonDivergence(p, Tensor.Full([1, 2], 0.5, DType.Float64))),
            ("ctc: logProbabilities[0, 0] is 0.3", () => Losses.ConnectionistTemporalClassification(p, [[1]])),
            ("ctc: logProbabilities[0, 0, 1] is Infinity", () => Losses.ConnectionistTemporalClassification(
                Tensor.From([1, 1, 2], [-1, double.PositiveInfinity]), [1], [1], [1])),
        ];
        foreach (var (message, call) in refused) Assert.Equal(message + Wants, Message<ArgumentOutOfRangeException>(call));
        // A target in logarithms too.
        Assert.StartsWith("Kullback-Leibler divergence: exp(target)[0, 0] is 1.349", Message<ArgumentOutOfRangeException>(
            () => Losses.KullbackLeiblerDivergence(p.Log(), p, logTarget: true)));

        // Rounding, what is not normalised, what is left out, and NaN.
        foreach (var above in new[] { 1e-7, 9e-7 })
        {
            Close([-above], Losses.NegativeLogLikelihood(Tensor.From([1, 2], [-20, above]), [1]));
            Close([0], Losses.KullbackLeiblerDivergence(Vector(-20, above), Vector(double.NegativeInfinity, above), logTarget: true), 1e-6);
        }
        Close([5], Losses.NegativeLogLikelihood(Tensor.From([1, 2], [-3.0, -5]), [1]));
        Close([5], Losses.NegativeLogLikelihood(Tensor.From([2, 2], [-3.0, -5, 0.3, 0.7]), [1, -100]));
        Assert.Throws<ArgumentOutOfRangeException>(() => Losses.NegativeLogLikelihood(Tensor.From([2, 2], [0.3, 0.7, 0.3, 0.7]), [-100, 1]));
        Close([1], Losses.ConnectionistTemporalClassification(Tensor.From([2, 1, 2], [-3, -1, 0.3, 0.7]), [[1]], [1]));
        Assert.True(double.IsNaN(Losses.NegativeLogLikelihood(Tensor.From([1, 2], [double.NaN, double.NaN]), [1]).Item()));
    }

    [Fact]
    public void Targets_have_a_slope_at_0()
    {
        var target = Leaf([2], 0, 1);
        Losses.KullbackLeiblerDivergence(Vector(Math.Log(0.25), Math.Log(0.75)), target, reduction: Sum).Backward();
        Close([Math.Log(4), 1 - Math.Log(0.75)], target.Grad);
    }

    [Fact]
    public void Empty_batches_have_a_sum_and_a_mean_of_0()
    {
        var none = Tensor.Zeros([0, 3]);
        Func<Reduction, Tensor>[] losses =
        [
            how => Losses.Hinge(none, none, how), how => Losses.SquaredHinge(none, none, how), how => Losses.SoftMargin(none, none, how),
            how => Losses.CategoricalHinge(none, [], how), how => Losses.MultiMargin(none, [], reduction: how),
            how => Losses.MultiLabelMargin(none, none, how), how => Losses.MultiLabelSoftMargin(none, none, reduction: how),
            how => Losses.KullbackLeiblerDivergence(none, none, reduction: how),
            how => Losses.JensenShannonDivergence(none, none, reduction: how),
            how => Losses.BinaryCrossEntropy(none, none, reduction: how), how => Losses.BinaryFocal(none, none, reduction: how),
            how => Losses.Asymmetric(none, none, reduction: how),
        ];
        Assert.All(losses, loss => Assert.Equal((0, 0), (loss(Sum).Item(), loss(Reduction.Mean).Item())));
    }

    [Fact]
    public void What_does_not_fit_is_named()
    {
        (string Message, Func<object?> Call)[] refused =
        [
            ("hinge: target[1] is 0, but must be 1 or -1: 2 * target - 1 makes them of 0 and 1.", () => Losses.Hinge(Vector(1, 2), Vector(1, 0))),
            ("squared hinge: target[0] is 2, but must be 1 or -1.", () => Losses.SquaredHinge(Vector(1, 2), Vector(2, 1))),
            ("soft margin: target[0] is NaN, but must be a number.", () => Losses.SoftMargin(Vector(1), Vector(double.NaN))),
            ("categorical hinge: label -100 at row 0 is not in 0..1.", () => Losses.CategoricalHinge(Vector(1, 2), [-100])),
            ("multi-margin: label 2 at row 0 is not in 0..1.", () => Losses.MultiMargin(Vector(1, 2), [2])),
            ("multi-margin: p is 3, but must be 1 or 2.", () => Losses.MultiMargin(Vector(1, 2), [0], p: 3)),
            ("multi-margin: margin is NaN, but must be finite.", () => Losses.MultiMargin(Vector(1, 2), [0], margin: double.NaN)),
            ("multi-margin: weights[0] is -1, but must be 0 or more.", () => Losses.MultiMargin(Vector(1, 2), [0], weights: Vector(-1, 2))),
            ("multi-label margin: target[1] is 0.5, but must be 0 or 1.", () => Losses.MultiLabelMargin(Vector(1, 2), Vector(1, 0.5))),
            ("multi-label soft margin: target[1] is 3, but must be a probability, from 0 to 1.",
                () => Losses.MultiLabelSoftMargin(Vector(1, 2), Vector(1, 3))),
            ("Kullback-Leibler divergence: the sum of target over the classes is 1.5, but must be 1.",
                () => Losses.KullbackLeiblerDivergence(Vector(-1, -1), Vector(1, 0.5))),
            ("Kullback-Leibler divergence: exp(target)[1] is 2, but must be a probability, from 0 to 1.",
                () => Losses.KullbackLeiblerDivergence(Vector(-1, -1), Vector(0, 2).Log(), logTarget: true)),
            ("Jensen-Shannon divergence: target[1] is NaN, but must be a number.",
                () => Losses.JensenShannonDivergence(Vector(-1, -1), Vector(1, double.NaN))),
        ];
        foreach (var (message, call) in refused) Assert.Equal(message, Message<ArgumentOutOfRangeException>(call));

        var (column, flat) = (Tensor.Zeros([32, 1]), Tensor.Zeros([32]));
        Func<object?>[] unequal =
        [
            () => Losses.Hinge(column, flat), () => Losses.SquaredHinge(column, flat), () => Losses.SoftMargin(column, flat),
            () => Losses.MultiLabelMargin(column, flat), () => Losses.MultiLabelSoftMargin(column, flat),
            () => Losses.KullbackLeiblerDivergence(column, flat), () => Losses.JensenShannonDivergence(column, flat),
            () => Losses.BinaryCrossEntropy(column, flat), () => Losses.BinaryFocal(column, flat), () => Losses.Asymmetric(column, flat),
        ];
        Assert.All(unequal, call => Assert.Contains("[32, 1] and target [32] differ in shape, and losses never broadcast", Message<ShapeException>(call)));
        Assert.Equal("multi-label margin: expects scores [n, classes] or [classes], but got [1, 2, 3].",
            Message<ShapeException>(() => Losses.MultiLabelMargin(Tensor.Zeros([1, 2, 3]), Tensor.Zeros([1, 2, 3]))));
        Assert.Equal("multi-label soft margin: weights are [2], but must be [3], one per class.",
            Message<ShapeException>(() => Losses.MultiLabelSoftMargin(Tensor.Zeros([1, 3]), Tensor.Zeros([1, 3]), Vector(1, 2))));
    }
}
