using static MicroGrad.Net.Tests.Numbers;

namespace MicroGrad.Net.Tests;

// Cross-entropy and its kin; hinges, margins and divergences stand in MarginLossTests.
public sealed class ClassificationLossTests
{
    const Reduction None = Reduction.None, Sum = Reduction.Sum;

    static readonly int[] Labels = [3, 0, 1];
    static readonly int[] Counts = [1000, 100, 50, 10];
    static readonly double[] Scores = [1, 2, 3, 4, -1, 0.5, 2, 0, 0.1, 0.2, 0.3, 0.4];

    static Tensor Logits => Leaf([3, 4], Scores);

    /// <summary>Scores as they may be where logarithms of probabilities belong.</summary>
    static Tensor BelowZero(Tensor x) => x.Rank == 0 ? x : x - 10;

    /// <summary>Losses one by one, and the gradient of their sum.</summary>
    static void Check(Func<Tensor, Tensor> loss, Tensor at, double[] losses, double[] gradient, double tolerance = 1e-12)
    {
        var result = loss(at);
        Close(losses, result, tolerance);
        result.Sum().Backward();
        Close(gradient, at.Grad, tolerance);
    }

    /// <summary>The losses that can leave samples out, as functions of logits, labels, the label to ignore and reduction.</summary>
    static readonly (string Name, Func<Tensor, int[], int, Reduction, Tensor> Loss)[] s_ignoring =
    [
        ("cross-entropy", (x, y, ignored, how) => Losses.CrossEntropy(x, y, ignoreIndex: ignored, reduction: how)),
        ("cross-entropy", (x, y, ignored, how) => Losses.CrossEntropy(x, y, null, 0.2, ignored, how)),
        ("negative log-likelihood", (x, y, ignored, how) => Losses.NegativeLogLikelihood(BelowZero(x), y, null, ignored, how)),
        ("generalized cross-entropy", (x, y, ignored, how) => Losses.GeneralizedCrossEntropy(x, y, 0.7, null, ignored, how)),
        ("focal", (x, y, ignored, how) => Losses.Focal(x, y, null, 2, ignored, how)),
        ("class-balanced cross-entropy",
            (x, y, ignored, how) => Losses.ClassBalancedCrossEntropy(x, y, Counts, 0.99, ignored, how)),
        ("logit-adjusted cross-entropy",
            (x, y, ignored, how) => Losses.LogitAdjustedCrossEntropy(x, y, Counts, 1, ignored, how)),
        ("label-distribution-aware margin",
            (x, y, ignored, how) => Losses.LabelDistributionAwareMargin(x, y, Counts, 0.5, 30, null, ignored, how)),
    ];

    [Fact]
    public void Labels_that_do_not_fit_are_named_by_every_loss()
    {
        foreach (var (name, loss) in s_ignoring)
        {
            Assert.Equal($"{name}: label 4 at row 1 is not in 0..3.",
                Message<ArgumentOutOfRangeException>(() => loss(Logits, [3, 4, 1], -100, None)));
            Assert.Equal($"{name}: scores [3, 4] take 3 labels, but 2 were given.",
                Message<ShapeException>(() => loss(Logits, [3, 0], -100, None)));
            Assert.Equal($"{name}: expects scores [n, classes], but got a scalar.",
                Message<ShapeException>(() => loss(Tensor.Scalar(1), [0], -100, None)));
        }
    }

    [Fact]
    public void What_is_ignored_counts_for_nothing_whatever_its_scores()
    {
        foreach (var bad in new[] { double.PositiveInfinity, double.NegativeInfinity, double.NaN })
            foreach (var (name, loss) in s_ignoring)
            {
                var kept = Logits;
                var x = Leaf([3, 4], [.. Scores.Select((score, i) => i is 4 or 5 ? bad : score)]);
                var expected = loss(kept[..1], [3], 7, Sum) + loss(kept[2..], [1], 7, Sum);
                Close([expected.Item()], loss(x, [3, 7, 1], 7, Sum));
                expected.Backward();
                loss(x, [3, 7, 1], 7, Sum).Backward();
                Close(kept.Grad!.ToDoubles(), x.Grad);
                Assert.Equal(0, loss(Logits, [3, 7, 1], 7, None).ToDoubles()[1]);
            }
    }

    [Fact]
    public void Where_all_is_ignored_the_mean_and_the_gradient_are_0()
    {
        foreach (var (name, loss) in s_ignoring)
        {
            var x = Leaf([2, 4], double.PositiveInfinity, 2, 3, 4, 5, 6, 7, 8);
            var mean = loss(x, [-1, -1], -1, Reduction.Mean);
            Assert.Equal(0, mean.Item());
            mean.Backward();
            Equal([2, 4], new double[8], x.Grad);
            Assert.Equal(0, loss(x, [-1, -1], -1, Sum).Item());
        }
    }

    [Fact]
    public void Empty_batches_have_a_sum_and_a_mean_of_0()
    {
        foreach (var (name, loss) in s_ignoring)
        {
            var empty = Tensor.Zeros([0, 4]);
            Assert.Equal(0, loss(empty, [], -100, Sum).Item());
            Assert.Equal(0, loss(empty, [], -100, Reduction.Mean).Item());
            Assert.Equal(Shape.Of(0), loss(empty, [], -100, None).Shape);
        }
    }

    [Fact]
    public void A_prediction_of_NaN_gives_NaN()
    {
        var x = Tensor.From([2, 4], [1, double.NaN, 3, 4, 1, 2, 3, 4]);
        foreach (var (name, loss) in s_ignoring)
            Assert.True(double.IsNaN(loss(x, [1, 1], -100, Sum).Item()), name);
        var p = Vector(0.5, double.NaN, 0.5);
        Tensor[] losses =
        [
            Losses.BinaryCrossEntropy(p, Vector(1, 0, 1), reduction: None), Losses.BinaryFocal(p, Vector(1, 0, 1), reduction: None),
            Losses.Asymmetric(p, Vector(1, 0, 1), reduction: None), Losses.Hinge(p, Vector(1, -1, 1), None),
            Losses.SquaredHinge(p, Vector(1, -1, 1), None), Losses.SoftMargin(p, Vector(1, -1, 1), None),
            Losses.KullbackLeiblerDivergence(p - 1, Vector(1, 0, 0), reduction: None),
        ];
        Assert.All(losses, loss => Assert.Equal([false, true, false], loss.ToDoubles().Select(double.IsNaN)));
        Assert.True(double.IsNaN(Losses.CategoricalHinge(p, [0]).Item()));
        Assert.True(double.IsNaN(Losses.MultiMargin(p, [0]).Item()));
        Assert.True(double.IsNaN(Losses.MultiLabelMargin(p, Vector(1, 0, 0)).Item()));
        Assert.True(double.IsNaN(Losses.MultiLabelSoftMargin(p, Vector(1, 0, 0)).Item()));
        Assert.True(double.IsNaN(Losses.JensenShannonDivergence(p - 1, Vector(1, 0, 0)).Item()));
    }

    [Fact]
    public void Extreme_logits_give_exact_losses_and_gradients()
    {
        foreach (var dtype in Enum.GetValues<DType>())
        {
            // Certain and right, certain and wrong.
            double[] right = [0, 0, 0, 0], wrong = [0, 0, 1, -1];
            OfLabels(2e4, wrong, (x, y) => Losses.Focal(x, y, reduction: None));
            OfLabels(2e4, wrong, (x, y) => Losses.Focal(x, y, gamma: 0.5, reduction: None));
            OfLabels(2e4, wrong, (x, y) => Losses.Focal(x, y, gamma: 0, reduction: None));
            OfLabels(1 / 0.7, right, (x, y) => Losses.GeneralizedCrossEntropy(x, y, reduction: None));
            OfLabels(2e4, wrong, (x, y) => Losses.ClassBalancedCrossEntropy(x, y, [5, 5], reduction: None));
            OfLabels(2e4, wrong, (x, y) => Losses.LogitAdjustedCrossEntropy(x, y, [5, 5], reduction: None));

            void OfLabels(double loss, double[] gradient, Func<Tensor, int[], Tensor> function) =>
                Check(x => function(x, [0, 1]), Leaf(Tensor.From([2, 2], [1e4, -1e4, 1e4, -1e4]).To(dtype)), [0, loss], gradient, 1e-6);

            Binary([0, 0, 7500, 2500], [0, 0, 0.75, -0.25], (x, y) => Losses.BinaryFocal(x, y, reduction: None));
            Binary([0, 0, 1e4, 1e4], [0, 0, 1, -1], (x, y) => Losses.BinaryFocal(x, y, null, 0.5, None));
            Binary([0, 0, 1e4, 1e4], [0, 0, 1, -1], (x, y) => Losses.Asymmetric(x, y, 0.5, 0.5, 0, None));
            // A margin of 0.05 keeps 1 - q at 0.05 or more.
            Binary([0, 0, Math.Pow(0.95, 4) * -Math.Log(0.05), 1e4], [0, 0, 0, -1], (x, y) => Losses.Asymmetric(x, y, reduction: None));

            // Right yes, right no, wrong yes, wrong no.
            void Binary(double[] losses, double[] gradient, Func<Tensor, Tensor, Tensor> function) =>
                Check(x => function(x, Tensor.From([4], [1.0, 0, 0, 1]).To(dtype)),
                    Leaf(Tensor.From([4], [1e4, -1e4, 1e4, -1e4]).To(dtype)), losses, gradient, 1e-6);
        }
    }

    [Fact]
    public void Logarithms_of_probabilities_are_limited()
    {
        foreach (var dtype in Enum.GetValues<DType>())
        {
            var p = Leaf(Tensor.From([5], [0.0, 1, 0, 1, 0.25]).To(dtype));
            var target = Tensor.From([5], [1.0, 0, 0, 1, 1]).To(dtype);
            Check(x => Losses.BinaryCrossEntropy(x, target, reduction: None), p,
                [100, 100, 0, 0, Math.Log(4)], [0, 0, 1, -1, -4], 1e-7);
        }
        Close([Math.Log(2) * 5 / 2], Losses.BinaryCrossEntropy(Vector(0.5, 0.5), Vector(1, 0.3), Vector(2, 3)));
        Close([2 * Math.Log(5), 0], Losses.BinaryCrossEntropy(Vector(0.2, 0.9), Vector(1, 0), Vector(2, 0), None));
    }

    [Fact]
    public void Probabilities_and_logits_give_the_same_binary_cross_entropy()
    {
        var (x, target, weights) = (Vector(-3, -0.5, 0, 2, 5), Vector(1, 0, 0.5, 0.9, 0), Vector(1, 2, 3, 0, 1));
        foreach (var how in Enum.GetValues<Reduction>())
            Close(Losses.BinaryCrossEntropyWithLogits(x, target, weights, reduction: how).ToDoubles(),
                Losses.BinaryCrossEntropy(x.Sigmoid(), target, weights, how));
    }

    [Fact]
    public void Impossible_predictions_are_named()
    {
        Assert.Equal("binary cross-entropy: prediction[1] is 1.5, but must be a probability, from 0 to 1; for logits there is BinaryCrossEntropyWithLogits.",
            Message<ArgumentOutOfRangeException>(() => Losses.BinaryCrossEntropy(Vector(double.NaN, 1.5), Vector(1, 0))));
        Assert.Equal("binary cross-entropy: target[0] is -1, but must be a probability, from 0 to 1.",
            Message<ArgumentOutOfRangeException>(() => Losses.BinaryCrossEntropy(Vector(0.5, 0.5), Vector(-1, 0))));
        Assert.Equal("binary cross-entropy: weights[0] is -2, but must be 0 or more.",
            Message<ArgumentOutOfRangeException>(() => Losses.BinaryCrossEntropy(Vector(0.5, 0.5), Vector(1, 0), Vector(-2, 1))));
    }

    // Numbers of torchvision's sigmoid_focal_loss and of the papers' own code, run under PyTorch 1.13 in doubles.
    [Fact]
    public void Focal_losses_are_those_of_torchvision_and_the_paper()
    {
        var (x, target) = (new[] { -3, -0.5, 0.25, 2 }, Vector(1, 0, 1, 0));
        Check(z => Losses.BinaryFocal(z, target, reduction: None), Leaf([4], x),
            [0.6915701102563155, 0.05068011788812772, 0.027600372816213796, 1.2375586345660565],
            [-0.28168747015872214, 0.10345274801318578, -0.05201409478121609, 0.8075352978363615]);
        Check(z => Losses.BinaryFocal(z, target, null, 1.5, None), Leaf([4], x),
            [2.834306517297994, 0.10997512964790017, 0.16684969071505287, 1.7581931700112423],
            [-1.0872482492780406, 0.19026345804267328, -0.26753596164111415, 1.042470351486716]);
        Check(z => Losses.Asymmetric(z, target, reduction: None), Leaf([4], x),
            [2.9040054344672717, 0.004567173621570806, 0.2521598120891589, 0.8464149506919503],
            [-1.0451224605335308, 0.017129668835462613, -0.33344773720090726, 0.7234899345920384]);
        Check(z => Losses.Asymmetric(z, target, 0, 2, 0, None), Leaf([4], x),
            [3.048587351573742, 0.06757349051750361, 0.5759394198788437, 1.6500781794214077],
            [-0.9525741268224333, 0.13793699735091441, -0.43782349911420193, 1.0767137304484817]);
        Check(z => Losses.Focal(z, Labels, reduction: None), Logits,
            [0.05581475711566404, 3.1101976808057814, 0.8412798774675104],
            [
                0.010536319299130783, 0.028640685289669555, 0.07785345437752304, -0.11703045896632337,
                -1.117558676056186, 0.18356083150876681, 0.8226625723150073, 0.1113352722324119,
                0.23605261460700636, -0.843005630037535, 0.28831531455191717, 0.31863770087861143,
            ]);
    }

    [Fact]
    public void Losses_for_rare_classes_are_those_of_the_papers_code()
    {
        Check(z => Losses.LabelDistributionAwareMargin(0.1 * z, Labels, Counts, reduction: None), Logits,
            [12.050951602536578, 13.756913813649232, 9.799427526911552],
            [
                0.007066857978789861, 0.14194163686390712, 2.8509739881677065, -2.999982483010403,
                -2.9999968189573103, 0.03288018656380639, 2.9597800710998117, 0.007336561293692371,
                0.56796506900188, -2.999833549940794, 1.034899830193418, 1.396968650745496,
            ]);
        Check(z => Losses.LogitAdjustedCrossEntropy(z, Labels, Counts, reduction: None), Logits,
            [2.216096147696091, 0.9081087793948984, 2.3724002850360075],
            [
                0.5428479798397472, 0.1475613799214087, 0.2005567088113534, -0.8909660685725092,
                -0.5967137935485105, 0.18074033836717404, 0.40501099951468394, 0.010962455666652673,
                0.8438207469765512, -0.9067433850372646, 0.051532249387496724, 0.011390388673216602,
            ]);
        Check(z => Losses.GeneralizedCrossEntropy(z, Labels, reduction: None), Logits,
            [0.3788318059668093, 1.2909116160259824, 0.9081414497204648],
            [
                0.023557230275927342, 0.06403519098787856, 0.1740656960442547, -0.26165811730806054,
                -0.09295511118041924, 0.01526802830745486, 0.06842655559113263, 0.009260527281831759,
                0.07790147435181792, -0.2782065412668296, 0.09514907563805415, 0.10515599127695753,
            ]);
        Close([1.3295488367952348, 0.15894118883889796, 0.4555800073516033],
            Losses.ClassBalancedCrossEntropy(Logits, Labels, Counts, reduction: None));
        Close([0.5745274297269288], Losses.ClassBalancedCrossEntropy(Logits, Labels, Counts));
    }

    [Fact]
    public void Without_their_options_they_are_cross_entropy()
    {
        var (weights, target) = (Vector(1, 2, 0.5, 3), Vector(1, 0, 0.3, 1));
        foreach (var how in Enum.GetValues<Reduction>())
        {
            var plain = Losses.CrossEntropy(Logits, Labels, reduction: how).ToDoubles();
            var weighted = Losses.CrossEntropy(Logits, Labels, weights, reduction: how).ToDoubles();
            Close(weighted, Losses.Focal(Logits, Labels, weights, gamma: 0, reduction: how));
            Close(weighted, Losses.LabelDistributionAwareMargin(Logits, Labels, Counts, 0, 1, weights, reduction: how));
            Close(weighted, Losses.GeneralizedCrossEntropy(Logits, Labels, 1e-9, weights, reduction: how), 1e-8);
            Close(plain, Losses.ClassBalancedCrossEntropy(Logits, Labels, Counts, beta: 0, reduction: how));
            Close(plain, Losses.LogitAdjustedCrossEntropy(Logits, Labels, Counts, tau: 0, reduction: how));
            Close(plain, Losses.LogitAdjustedCrossEntropy(Logits, Labels, [7, 7, 7, 7], reduction: how));
            var binary = Losses.BinaryCrossEntropyWithLogits(Vector(Scores[..4]), target, reduction: how).ToDoubles();
            Close(binary, Losses.BinaryFocal(Vector(Scores[..4]), target, null, 0, how));
            Close([.. binary.Select(loss => loss / 2)], Losses.BinaryFocal(Vector(Scores[..4]), target, 0.5, 0, how));
            Close(binary, Losses.Asymmetric(Vector(Scores[..4]), target, 0, 0, 0, how));
        }
        // At its other end, the absolute error.
        Close([.. Losses.CrossEntropy(Logits, Labels, reduction: None).ToDoubles().Select(loss => 1 - Math.Exp(-loss))],
            Losses.GeneralizedCrossEntropy(Logits, Labels, 1, reduction: None));
    }

    [Fact]
    public void Noes_below_the_margin_are_dropped()
    {
        // σ(x) = 0.02, 0.05 and 0.1 against a margin of 0.06.
        double[] p = [0.02, 0.05, 0.1];
        var x = Leaf([3], [.. p.Select(q => Math.Log(q / (1 - q)))]);
        var losses = Losses.Asymmetric(x, Tensor.Zeros([3], DType.Float64), gammaNegative: 1, margin: 0.06, reduction: None);
        Close([0, 0, -0.04 * Math.Log(0.96)], losses);
        losses.Sum().Backward();
        Close([0, 0, 0.09 * (0.04 / 0.96 - Math.Log(0.96))], x.Grad);
    }

    [Fact]
    public void A_common_shift_of_the_logits_changes_almost_nothing()
    {
        foreach (var (_, loss) in s_ignoring.Where(one => one.Name != "negative log-likelihood"))
            Close(loss(Logits, Labels, -100, None).ToDoubles(), loss(Logits + 1e6, Labels, -100, None), 1e-8);
    }

    [Fact]
    public void Scores_with_further_axes_take_a_label_per_place()
    {
        var x = Tensor.Normal([2, 4, 3, 2], 0, 1, new Rng(1), DType.Float64);
        int[] labels = [0, 1, 2, 3, 1, 2, 0, 1, 3, 3, 0, 2];
        var flat = x.Permute(0, 2, 3, 1).Reshape(12, 4);
        (string, Func<Tensor, int[], int, Reduction, Tensor> Loss)[] losses =
        [
            .. s_ignoring,
            ("categorical hinge", (scores, y, _, how) => Losses.CategoricalHinge(scores, y, how)),
            ("multi-margin", (scores, y, _, how) => Losses.MultiMargin(scores, y, reduction: how)),
        ];
        foreach (var (_, loss) in losses)
        {
            Assert.Equal(Shape.Of(2, 3, 2), loss(x, labels, -1, None).Shape);
            Close(loss(flat, labels, -1, None).ToDoubles(), loss(x, labels, -1, None));
            Close([loss(flat[..1], labels[..1], -1, Sum).Item()], loss(flat[0], labels[..1], -1, None));
        }
    }

    [Fact]
    public void Options_out_of_range_are_named()
    {
        (string Message, Func<object?> Call)[] refused =
        [
            ("binary focal: alpha is 1.5, but must be from 0 to 1.", () => Losses.BinaryFocal(Vector(1), Vector(1), 1.5)),
            ("binary focal: gamma is -1, but must be 0 or more.", () => Losses.BinaryFocal(Vector(1), Vector(1), gamma: -1)),
            ("binary focal: target[0] is 2, but must be a probability, from 0 to 1.", () => Losses.BinaryFocal(Vector(1), Vector(2))),
            ("focal: gamma is NaN, but must be 0 or more.", () => Losses.Focal(Logits, Labels, gamma: double.NaN)),
            ("focal: weights[1] is -1, but must be 0 or more.", () => Losses.Focal(Logits, Labels, Vector(1, -1, 1, 1))),
            ("asymmetric: gammaPositive is -1, but must be 0 or more.", () => Losses.Asymmetric(Vector(1), Vector(1), -1)),
            ("asymmetric: gammaNegative is -2, but must be 0 or more.", () => Losses.Asymmetric(Vector(1), Vector(1), 1, -2)),
            ("asymmetric: margin is 1, but must be from 0 to below 1.", () => Losses.Asymmetric(Vector(1), Vector(1), margin: 1)),
            ("asymmetric: target[0] is NaN, but must be a number.", () => Losses.Asymmetric(Vector(1), Vector(double.NaN))),
            ("generalized cross-entropy: q is 0, but must be above 0 and at most 1.", () => Losses.GeneralizedCrossEntropy(Logits, Labels, 0)),
            ("logit-adjusted cross-entropy: tau is -1, but must be 0 or more.", () => Losses.LogitAdjustedCrossEntropy(Logits, Labels, Counts, -1)),
            ("label-distribution-aware margin: maxMargin is -1, but must be 0 or more.",
                () => Losses.LabelDistributionAwareMargin(Logits, Labels, Counts, -1)),
            ("label-distribution-aware margin: scale is 0, but must be positive.",
                () => Losses.LabelDistributionAwareMargin(Logits, Labels, Counts, scale: 0)),
        ];
        foreach (var (message, call) in refused) Assert.Equal(message, Message<ArgumentOutOfRangeException>(call));
        Assert.Equal("logit-adjusted cross-entropy: counts are [3], but must be [4], one per class.",
            Message<ShapeException>(() => Losses.LogitAdjustedCrossEntropy(Logits, Labels, [1, 2, 3])));
        Assert.Equal("class-balanced cross-entropy: counts[2] is 0, but each class needs samples: leave class 2 out, or join it to another.",
            Message<ArgumentException>(() => Losses.ClassBalancedCrossEntropy(Logits, Labels, [1, 2, 0, 4])));
    }
}
