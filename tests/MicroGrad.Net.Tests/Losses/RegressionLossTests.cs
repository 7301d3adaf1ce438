using static MicroGrad.Net.Tests.Numbers;

namespace MicroGrad.Net.Tests;

/// <summary>
/// Losses of regression: values by hand, by MathNet's distributions and by PyTorch; kinks, extremes, errors.
/// </summary>
public sealed partial class RegressionLossTests
{
    const Reduction None = Reduction.None;
    const double NaN = double.NaN;

    /// <summary>Losses of a prediction and a target that take any sign, with default options.</summary>
    static readonly Dictionary<string, Func<Tensor, Tensor, Reduction, Tensor>> OfAnySign = new()
    {
        ["mean squared error"] = (p, t, how) => Losses.MeanSquaredError(p, t, reduction: how),
        ["mean absolute error"] = (p, t, how) => Losses.MeanAbsoluteError(p, t, reduction: how),
        ["huber"] = (p, t, how) => Losses.Huber(p, t, reduction: how),
        ["smooth l1"] = (p, t, how) => Losses.SmoothL1(p, t, reduction: how),
        ["log-cosh"] = Losses.LogCosh,
        ["quantile"] = (p, t, how) => Losses.Quantile(p, t, 0.7, how),
        ["expectile"] = (p, t, how) => Losses.Expectile(p, t, 0.7, how),
        ["mean absolute percentage error"] = (p, t, how) => Losses.MeanAbsolutePercentageError(p, t, reduction: how),
        ["symmetric mean absolute percentage error"] = (p, t, how) =>
            Losses.SymmetricMeanAbsolutePercentageError(p, t, reduction: how),
        ["directional"] = (p, t, how) => Losses.Directional(p, t, reduction: how),
        ["mean absolute directional"] = (p, t, how) => Losses.MeanAbsoluteDirectional(p, t, reduction: how),
        ["gaussian negative log-likelihood"] = (p, t, how) =>
            Losses.GaussianNegativeLogLikelihood(p, t, Tensor.Scalar(0.5, p.DType), reduction: how),
        ["gaussian continuous ranked probability score"] = (p, t, how) =>
            Losses.GaussianContinuousRankedProbabilityScore(p, t, Tensor.Scalar(0.5, p.DType), reduction: how),
    };

    /// <summary>The same, and those of amounts.</summary>
    static readonly Dictionary<string, Func<Tensor, Tensor, Reduction, Tensor>> All = new(OfAnySign)
    {
        ["mean squared logarithmic error"] = Losses.MeanSquaredLogarithmicError,
        ["poisson negative log-likelihood"] = (p, t, how) => Losses.PoissonNegativeLogLikelihood(p, t, reduction: how),
    };

    public static TheoryData<string> Names => [.. All.Keys];

    public static TheoryData<string> NamesOfAnySign => [.. OfAnySign.Keys];

    // ---- what holds for all ----

    [Theory, MemberData(nameof(Names))]
    public void Mean_and_sum_are_those_of_the_elements(string name)
    {
        var (p, t) = (Tensor.From([2, 2], [0.5, 1, 2.4, 4]), Tensor.From([2, 2], [1.0, 3, 1.5, 0.5]));
        var each = All[name](p, t, None);
        Assert.Equal(p.Shape, each.Shape);
        Assert.Equal(4, each.ToDoubles().Distinct().Count());
        Close([each.ToDoubles().Average()], All[name](p, t, Reduction.Mean));
        Close([each.ToDoubles().Sum()], All[name](p, t, Reduction.Sum));
        // Each element counts for itself: one alone has the same loss.
        Close([each.ToDoubles()[3]], All[name](p[1, 1], t[1, 1], Reduction.Mean));
        Close([each.ToDoubles()[2]], All[name](p[1.., ..1], t[1.., ..1], Reduction.Mean));
    }

    [Theory, MemberData(nameof(Names))]
    public void Of_nothing_the_mean_and_the_sum_are_0(string name)
    {
        var nothing = Tensor.Zeros([0, 3]);
        Assert.Equal(0, All[name](nothing, nothing, Reduction.Mean).Item());
        Assert.Equal(0, All[name](nothing, nothing, Reduction.Sum).Item());
        Assert.Equal(nothing.Shape, All[name](nothing, nothing, None).Shape);
    }

    [Theory, MemberData(nameof(Names))]
    public void NaN_in_the_prediction_gives_NaN_there_and_in_its_gradient_only(string name)
    {
        var p = Leaf([3], 0.5, NaN, 2);
        var losses = All[name](p, Vector(1, 1, 1), None);
        Assert.Equal([false, true, false], losses.ToDoubles().Select(double.IsNaN));
        losses.Sum().Backward();
        Assert.Equal([false, true, false], p.Grad!.ToDoubles().Select(double.IsNaN));
        Assert.True(double.IsNaN(All[name](p, Vector(1, 1, 1), Reduction.Mean).Item()));
    }

    [Theory, MemberData(nameof(Names))]
    public void NaN_in_the_target_is_named(string name) =>
        Assert.Equal($"{name}: target[1, 0] is NaN, but must be a number.", Message<ArgumentOutOfRangeException>(
            () => All[name](Tensor.Ones([2, 1]), Tensor.From([2, 1], [1f, float.NaN]), Reduction.Mean)));

    [Theory, MemberData(nameof(Names))]
    public void Shapes_that_differ_are_refused_with_the_mend(string name) =>
        Assert.Equal($"{name}: prediction [32, 1] and target [32] differ in shape, and losses never broadcast: "
            + "target.Reshape(prediction.Shape)?", Message<ShapeException>(
            () => All[name](Tensor.Ones([32, 1]), Tensor.Ones([32]), Reduction.Mean)));

    [Theory, MemberData(nameof(NamesOfAnySign))]
    public void Far_off_and_exact_predictions_have_finite_losses_and_gradients(string name)
    {
        foreach (var dtype in Enum.GetValues<DType>())
        {
            var p = Leaf(Vector(1e4, -1e4, 1e4, -1e4, 0, 0, 3).To(dtype));
            var losses = All[name](p, Vector(1e4, 1e4, 0, 0, 1e4, 0, 3).To(dtype), None);
            losses.Sum().Backward();
            Assert.All(losses.ToDoubles(), value => Assert.True(double.IsFinite(value)));
            Assert.All(p.Grad!.ToDoubles(), value => Assert.True(double.IsFinite(value)));
        }
    }

    // ---- values and kinks ----

    [Fact]
    public void Weights_count_elements_more_or_less()
    {
        var (p, t, w) = (Vector(1, 2, 5), Vector(1.5, 2, 1), Vector(2, 5, 1));
        Close([0.5, 0, 16], Losses.MeanSquaredError(p, t, None, w));
        Close([16.5 / 8], Losses.MeanSquaredError(p, t, weights: w));
        Close([16.5], Losses.MeanSquaredError(p, t, Reduction.Sum, w));
        Close([1, 0, 4], Losses.MeanAbsoluteError(p, t, None, w));
        Close([5.0 / 8], Losses.MeanAbsoluteError(p, t, weights: w));
        Close([0.25, 0, 3.5], Losses.Huber(p, t, weights: w, reduction: None));
        Close([3.75 / 3], Losses.Huber(p, t, weights: w));       // as PyTorch: by the number of elements
        // One weight per row stands for each of its elements, in the mean too.
        var (x, zero) = (Tensor.From([2, 2], [1.0, 2, 3, 4]), Tensor.Zeros([2, 2], DType.Float64));
        Close([(3 * (1 + 4) + 9 + 16) / 8.0], Losses.MeanSquaredError(x, zero, weights: Tensor.From([2, 1], [3.0, 1])));
        Assert.Equal(0, Losses.MeanSquaredError(p, t, weights: w * 0).Item());
        Assert.Equal(0, Losses.MeanSquaredError(p, t, Reduction.Sum, weights: w * 0).Item());

        foreach (var (name, loss) in new Dictionary<string, Func<Tensor, Tensor>>
        {
            ["mean squared error"] = weights => Losses.MeanSquaredError(p, t, weights: weights),
            ["mean absolute error"] = weights => Losses.MeanAbsoluteError(p, t, weights: weights),
            ["huber"] = weights => Losses.Huber(p, t, weights: weights),
        })
        {
            Assert.Equal($"{name}: weights[1] is -1, but must be 0 or more.", OutOfRange(() => loss(Vector(1, -1, 1))));
            Assert.Equal($"{name}: weights [2] does not fit [3].", Message<ShapeException>(() => loss(Vector(1, 1))));
        }
    }

    [Fact]
    public void Smooth_L1_is_Hubers_loss_by_its_delta_and_at_0_the_absolute_error()
    {
        var (p, t) = (Vector(-3, -0.4, 0, 0.1, 0.5, 7), Vector(0, 0, 0, 0, 0, 0));
        Close([2.75, 0.16, 0, 0.01, 0.25, 6.75], Losses.SmoothL1(p, t, 0.5, None));
        Close((Losses.Huber(p, t, 0.5, reduction: None) / 0.5).ToDoubles(), Losses.SmoothL1(p, t, 0.5, None));
        Close(p.Abs().ToDoubles(), Losses.SmoothL1(p, t, 0, None));
        var x = Leaf([6], -3, -0.5, -0.1, 0, 0.5, 7);
        Losses.SmoothL1(x, t, 0.5, Reduction.Sum).Backward();
        Close([-1, -1, -0.2, 0, 1, 1], x.Grad);
    }

    [Fact]
    public void Log_cosh_is_the_logarithm_of_the_hyperbolic_cosine()
    {
        double[] errors = [-700, -3, -0.5, 0, 1e-3, 2, 20, 700];
        var x = Leaf([8], errors);
        var losses = Losses.LogCosh(x, x.Detach() * 0, None);
        Close([.. errors.Select(e => Math.Log(Math.Cosh(e)))], losses);
        losses.Sum().Backward();
        Close([.. errors.Select(Math.Tanh)], x.Grad);

        // The second derivative, 1/cosh², is 1 where there is no error: nothing jumps there.
        var zero = Leaf(0);
        var slope = Gradients.Of(Losses.LogCosh(zero, Tensor.Scalar(0, DType.Float64)), [zero], createGraph: true)[0];
        Close([1], Gradients.Of(slope, [zero])[0]);

        // Beyond where cosh overflows, |e| − log 2.
        Close([1e4 - Math.Log(2), 1e4 - Math.Log(2)], Losses.LogCosh(Vector(-1e4, 1e4), Vector(0, 0), None));
    }

    [Theory]
    [InlineData(0.1)]
    [InlineData(0.5)]
    [InlineData(0.9)]
    public void The_best_constants_are_the_quantile_and_the_expectile(double level)
    {
        var targets = Tensor.Normal([999], 3, 2, new Rng(1), DType.Float64);
        var sorted = targets.ToDoubles().Order().ToArray();
        // 999 targets: the order statistic at 1000·level stands alone, no tie between two.
        var best = sorted[(int)Math.Round(level * 1000) - 1];
        var quantile = Leaf(best);
        Losses.Quantile(quantile.Expand([999]), targets, level, Reduction.Sum).Backward();
        Assert.True(Math.Abs(quantile.Grad!.Item()) <= 1);      // the one target that is met pulls to neither side
        foreach (var step in new[] { -0.01, 0.01 })
            Assert.True(Losses.Quantile(Tensor.Full([999], best + step, DType.Float64), targets, level).Item()
                > Losses.Quantile(Tensor.Full([999], best, DType.Float64), targets, level).Item());

        // The expectile by its own equation: level·Σ(t − m)⁺ = (1 − level)·Σ(m − t)⁺.
        var expectile = MathNet.Numerics.RootFinding.Brent.FindRoot(
            m => sorted.Sum(t => level * Math.Max(t - m, 0) - (1 - level) * Math.Max(m - t, 0)), -10, 10, 1e-13);
        var x = Leaf(expectile);
        Losses.Expectile(x.Expand([999]), targets, level).Backward();
        Close([0], x.Grad, 1e-10);
    }

    [Fact]
    public void Quantiles_cost_by_their_side()
    {
        var x = Leaf([3], 1, 2, 5);
        var losses = Losses.Quantile(x, Vector(3, 2, 1), 0.9, None);
        Close([0.9 * 2, 0, 0.1 * 4], losses);
        losses.Sum().Backward();
        Close([-0.9, 0, 0.1], x.Grad);
        Close((0.5 * Losses.MeanAbsoluteError(x, Vector(3, 2, 1), reduction: None)).ToDoubles(),
            Losses.Quantile(x, Vector(3, 2, 1), reduction: None));

        Close([0.9 * 4, 0, 0.1 * 16], Losses.Expectile(x, Vector(3, 2, 1), 0.9, None));
        Close((0.5 * Losses.MeanSquaredError(x, Vector(3, 2, 1), reduction: None)).ToDoubles(),
            Losses.Expectile(x, Vector(3, 2, 1), reduction: None));
    }

    [Fact]
    public void Many_quantiles_are_each_one_of_its_level()
    {
        var p = Tensor.Normal([4, 2, 3], 0, 1, new Rng(1), DType.Float64);
        var t = Tensor.Normal([4, 2], 0, 1, new Rng(2), DType.Float64);
        double[] levels = [0.05, 0.5, 0.95];
        var each = Losses.Quantile(p, t, levels, None);
        Assert.Equal(p.Shape, each.Shape);
        for (var i = 0; i < 3; i++)
            Close(Losses.Quantile(p[.., .., i], t, levels[i], None).ToDoubles(), each[.., .., i]);
        Close([each.ToDoubles().Average()], Losses.Quantile(p, t, levels));
        // Also of a single target, and in Float32.
        Close([0.1, 0.2], Losses.Quantile(Vector(1, 3), Tensor.Scalar(2, DType.Float64), [0.1, 0.8], None));
        Assert.Equal(DType.Float32, Losses.Quantile(p.To(DType.Float32), t.To(DType.Float32), levels).DType);
    }

    [Fact]
    public void Relative_errors_are_percentages()
    {
        var (p, t) = (Vector(90, 110, -50, 3, 0), Vector(100, -100, -100, 2, 0));
        Close([10, 210, 50, 50, 0], Losses.MeanAbsolutePercentageError(p, t, reduction: None));
        Close([100 * 10 / 95.0, 200, 200 / 3.0, 40, 0],
            Losses.SymmetricMeanAbsolutePercentageError(p, t, reduction: None));
        Close([25], Losses.MeanAbsolutePercentageError(Vector(0.5), Vector(0), eps: 2));
        Close([50], Losses.SymmetricMeanAbsolutePercentageError(Vector(0.5), Vector(0), eps: 2));
        // Scaling both changes nothing; swapping both nothing in the symmetric one.
        Close([10, 210, 50], Losses.MeanAbsolutePercentageError(p[..3] * 1e-3, t[..3] * 1e-3, reduction: None));
        Close(Losses.SymmetricMeanAbsolutePercentageError(t, p, reduction: None).ToDoubles(),
            Losses.SymmetricMeanAbsolutePercentageError(p, t, reduction: None));
    }

    [Fact]
    public void Squared_logarithmic_errors_are_of_factors()
    {
        Close([0, Math.Pow(Math.Log(2), 2), Math.Pow(Math.Log(3), 2), 0],
            Losses.MeanSquaredLogarithmicError(Vector(0, 1, 2, 9), Vector(0, 0, 8, 9), None));
        Close([1e-20], Losses.MeanSquaredLogarithmicError(Vector(1e-10), Vector(0)), 1e-29);      // not lost in 1 + x
    }

    [Fact]
    public void A_wrong_sign_costs_more()
    {
        Close([0.25, 4 + 0.75, 4 + 0.75, 0, 1], Losses.Directional(
            Vector(1, -0.5, 0.5, 2, 0), Vector(0.5, 1.5, -1.5, 2, 1), 1, None));
        Close([4 + 2 * 0.75], Losses.Directional(Vector(-0.5), Vector(1.5), 2));
        Close(Losses.MeanSquaredError(Vector(1, -2), Vector(3, 4), reduction: None).ToDoubles(),
            Losses.Directional(Vector(1, -2), Vector(3, 4), 0, None));
        var x = Leaf([3], -0.5, 0.5, 0);
        Losses.Directional(x, Vector(1.5, 1.5, 1.5), 2, Reduction.Sum).Backward();
        Close([2 * -2 - 2 * 1.5, -2, -3], x.Grad);
    }

    [Fact]
    public void Directional_rewards_are_the_returns_that_are_caught()
    {
        double Formula(double p, double t, double a, double b) =>
            -(1 / (1 + Math.Exp(-a * p * t)) - 0.5) * Math.Pow(Math.Abs(t), b);
        Close([Formula(0.02, 0.01, 1000, 1), Formula(-0.02, 0.01, 1000, 1), Formula(0.03, -0.05, 1000, 1)],
            Losses.MeanAbsoluteDirectional(Vector(0.02, -0.02, 0.03), Vector(0.01, 0.01, -0.05), reduction: None));
        Close([Formula(0.3, -0.5, 7, 2)], Losses.MeanAbsoluteDirectional(Vector(0.3), Vector(-0.5), 7, 2));
        // Certain of the right sign: half the return is won; of the wrong one: lost.
        Close([-1, 1], Losses.MeanAbsoluteDirectional(Vector(1e4, -1e4), Vector(2, 2), reduction: None));
    }

    // ---- errors ----

    [Fact]
    public void Amounts_below_0_are_named()
    {
        var (ok, wrong) = (Vector(1, 2, 3), Vector(1, NaN, -0.5));
        const string Rest = "is -0.5, but must be 0 or more.";
        Assert.Equal($"mean squared logarithmic error: prediction[2] {Rest}",
            OutOfRange(() => Losses.MeanSquaredLogarithmicError(wrong, ok)));
        Assert.Equal($"mean squared logarithmic error: target[1] {Rest}",
            OutOfRange(() => Losses.MeanSquaredLogarithmicError(ok[..2], Vector(0, -0.5))));
        Assert.Equal($"poisson negative log-likelihood: target[1] {Rest}",
            OutOfRange(() => Losses.PoissonNegativeLogLikelihood(ok[..2], Vector(0, -0.5))));
        Assert.Equal($"poisson negative log-likelihood: prediction[2] {Rest}",
            OutOfRange(() => Losses.PoissonNegativeLogLikelihood(wrong, ok, logInput: false)));
        Assert.True(double.IsNaN(Losses.PoissonNegativeLogLikelihood(wrong,
            ok).Item()));      // a logarithm may be negative
        Assert.Equal($"gaussian negative log-likelihood: variance[2] {Rest}",
            OutOfRange(() => Losses.GaussianNegativeLogLikelihood(ok, ok, wrong)));
        Assert.Equal($"gaussian continuous ranked probability score: deviation[2] {Rest}",
            OutOfRange(() => Losses.GaussianContinuousRankedProbabilityScore(ok, ok, wrong)));
        // NaN in, NaN out, where it is predicted.
        var spread = Vector(1, NaN, 1);
        Assert.Equal([false, true, false],
            Losses.GaussianNegativeLogLikelihood(ok, ok, spread, reduction: None).ToDoubles().Select(double.IsNaN));
        Assert.Equal([false, true, false],
            Losses.GaussianContinuousRankedProbabilityScore(ok, ok, spread,
                reduction: None).ToDoubles().Select(double.IsNaN));
    }

    [Fact]
    public void Options_out_of_range_are_named()
    {
        var x = Vector(1, 2);
        Assert.Equal("huber: delta is Infinity, but must be finite.",
            OutOfRange(() => Losses.Huber(x, x, double.PositiveInfinity)));
        Assert.Equal("smooth l1: beta is -1, but must be 0 or more.", OutOfRange(() => Losses.SmoothL1(x, x, -1)));
        Assert.Equal("smooth l1: beta is Infinity, but must be finite.",
            OutOfRange(() => Losses.SmoothL1(x, x, double.PositiveInfinity)));
        foreach (var level in new[] { 0, 1, -0.5, NaN })
        {
            var shown = FormattableString.Invariant($"is {level}, but must be between 0 and 1.");
            Assert.Equal($"quantile: level {shown}", OutOfRange(() => Losses.Quantile(x, x, level)));
            Assert.Equal($"quantile: levels[1] {shown}", OutOfRange(() => Losses.Quantile(x, x[0], [0.5, level])));
            Assert.Equal($"expectile: level {shown}", OutOfRange(() => Losses.Expectile(x, x, level)));
        }
        Assert.Equal("mean absolute percentage error: eps is 0, but must be positive.",
            OutOfRange(() => Losses.MeanAbsolutePercentageError(x, x, 0)));
        Assert.Equal("symmetric mean absolute percentage error: eps is NaN, but must be positive.",
            OutOfRange(() => Losses.SymmetricMeanAbsolutePercentageError(x, x, NaN)));
        Assert.Equal("directional: weight is -1, but must be 0 or more.",
            OutOfRange(() => Losses.Directional(x, x, -1)));
        Assert.Equal("mean absolute directional: steepness is 0, but must be positive.",
            OutOfRange(() => Losses.MeanAbsoluteDirectional(x, x, 0)));
        Assert.Equal("mean absolute directional: power is -1, but must be 0 or more.",
            OutOfRange(() => Losses.MeanAbsoluteDirectional(x, x, power: -1)));
        Assert.Equal("poisson negative log-likelihood: eps is 0, but must be positive.",
            OutOfRange(() => Losses.PoissonNegativeLogLikelihood(x, x, eps: 0)));
        Assert.Equal("gaussian negative log-likelihood: eps is 0, but must be positive.",
            OutOfRange(() => Losses.GaussianNegativeLogLikelihood(x, x, x, eps: 0)));
        Assert.Equal("gaussian continuous ranked probability score: eps is 0, but must be positive.",
            OutOfRange(() => Losses.GaussianContinuousRankedProbabilityScore(x, x, x, eps: 0)));
    }

    [Fact]
    public void Shapes_of_many_outputs_are_checked()
    {
        Tensor Zeros(params int[] sizes) => Tensor.Zeros(sizes);
        Assert.Equal("quantile: prediction is [4, 2], but must be [4, 3]: for a target [4], "
            + "and 3 levels in the last axis.",
            Message<ShapeException>(() => Losses.Quantile(Zeros(4, 2), Zeros(4), [0.1, 0.5, 0.9])));
        Assert.Equal("quantile: target[1] is NaN, but must be a number.",
            OutOfRange(() => Losses.Quantile(Tensor.Zeros([2, 1], DType.Float64), Vector(0, NaN), [0.5])));

        const string Loss = "mixture density negative log-likelihood";
        Assert.Equal($"{Loss}: means [4, 3] and logDeviations [4, 2] differ in shape, and losses never broadcast.",
            Message<ShapeException>(() =>
                Losses.MixtureDensityNegativeLogLikelihood(Zeros(4, 3), Zeros(4, 3), Zeros(4, 2), Zeros(4))));
        Assert.Equal($"{Loss}: logits [4, 2] and means [4, 3] do not fit: [..., k] and [..., k] for single targets, or "
            + "[..., k] and [..., k, outputs] for vectors.",
            Message<ShapeException>(() =>
                Losses.MixtureDensityNegativeLogLikelihood(Zeros(4, 2), Zeros(4, 3), Zeros(4, 3), Zeros(4))));
        Assert.Throws<ShapeException>(() =>
            Losses.MixtureDensityNegativeLogLikelihood(Zeros(), Zeros(), Zeros(), Zeros()));
        Assert.Equal($"{Loss}: target is [4, 1], but must be [4] for means [4, 3]: target.Reshape([4])?",
            Message<ShapeException>(() =>
                Losses.MixtureDensityNegativeLogLikelihood(Zeros(4, 3), Zeros(4, 3), Zeros(4, 3), Zeros(4, 1))));
        Assert.Equal($"{Loss}: target is [4], but must be [4, 2] for means [4, 3, 2].",
            Message<ShapeException>(() =>
                Losses.MixtureDensityNegativeLogLikelihood(Zeros(4, 3), Zeros(4, 3, 2), Zeros(4, 3, 2), Zeros(4))));
        Assert.Equal($"{Loss}: target[0] is NaN, but must be a number.", OutOfRange(() =>
            Losses.MixtureDensityNegativeLogLikelihood(Zeros(1, 3), Zeros(1, 3), Zeros(1, 3), Tensor.Full([1], NaN))));
    }

    static string OutOfRange(Func<object?> call) => Message<ArgumentOutOfRangeException>(call);
}
