using MathNet.Numerics.Distributions;
using MathNet.Numerics.Integration;
using static MicroGrad.Net.Tests.Numbers;

namespace MicroGrad.Net.Tests;

// Losses of predicted distributions.
public sealed partial class RegressionLossTests
{
    [Fact]
    public void Poisson_is_the_logarithm_of_its_probability()
    {
        foreach (var (rate, count) in new[] { (0.3, 0), (2.5, 1), (4.0, 7), (30.0, 22) })
        {
            // Without what does not depend on the rate, log count!.
            var exact = -new Poisson(rate).ProbabilityLn(count);
            var constant = MathNet.Numerics.SpecialFunctions.FactorialLn(count);
            Close([exact - constant], Losses.PoissonNegativeLogLikelihood(Vector(Math.Log(rate)), Vector(count)));
            Close([exact - constant], Losses.PoissonNegativeLogLikelihood(Vector(rate), Vector(count), logInput: false),
                1e-7);
            // Stirling's formula is off by less than 1/(12·count), and says 0 for 0 and 1.
            var full = Losses.PoissonNegativeLogLikelihood(Vector(Math.Log(rate)), Vector(count), full: true).Item();
            Assert.InRange(exact - full, -1e-12, count > 1 ? 1.0 / (12 * count) : 1e-12);
        }
    }

    [Fact]
    public void Poisson_agrees_with_PyTorch_around_its_corners()
    {
        // torch 1.13, float64: F.poisson_nll_loss(x, t, log_input=True, full=True, reduction='none'), and with
        // x.abs() and log_input=False: a count of 0, of 1, between, and an expected count of 0.
        var (x, t) = (Vector(0.3, -1.2, 2, 0, 1.5), Vector(0, 1, 4, 1, 1.5));
        Close([1.3498588075760032, 1.5011942119122021, 2.5463192571748308, 1, 2.461557819759066],
            Losses.PoissonNegativeLogLikelihood(x, t, full: true, reduction: None));
        Close([0.3, 1.0176784348727121, 2.3846744160043993, 18.420680743952367, 1.121671077258755],
            Losses.PoissonNegativeLogLikelihood(x.Abs(), t, logInput: false, full: true, reduction: None));
    }

    [Fact]
    public void Poisson_of_nothing_expected_and_nothing_seen_is_0()
    {
        foreach (var dtype in Enum.GetValues<DType>())
        {
            var x = Leaf(Tensor.Zeros([2], dtype));
            var losses = Losses.PoissonNegativeLogLikelihood(x, Tensor.Zeros([2], dtype), logInput: false, full: true,
                reduction: None);
            Equal([2], [0, 0], losses);
            losses.Sum().Backward();
            Equal([2], [1, 1], x.Grad);

            var low = Leaf(Tensor.Full([1], -1e4, dtype));
            var loss = Losses.PoissonNegativeLogLikelihood(low, Tensor.Full([1], 3, dtype));
            Close([3e4], loss);
            loss.Backward();
            Equal([1], [-3], low.Grad);
        }
    }

    [Fact]
    public void Gaussian_is_the_logarithm_of_its_density()
    {
        foreach (var (mean, variance, target) in new[] { (0.0, 1, 0.0), (1.5, 0.3, -0.4), (-2, 9, 5) })
        {
            var exact = -new Normal(mean, Math.Sqrt(variance)).DensityLn(target);
            Close([exact], Losses.GaussianNegativeLogLikelihood(Vector(mean), Vector(target), Vector(variance),
                full: true));
            Close([exact - 0.5 * Math.Log(2 * Math.PI)],
                Losses.GaussianNegativeLogLikelihood(Vector(mean), Vector(target), Vector(variance)));
        }
    }

    [Fact]
    public void Variances_below_eps_agree_with_PyTorch()
    {
        // torch 1.13, float64: F.gaussian_nll_loss(x, t, v, full=True, eps=1e-6, reduction='none'), and the gradients
        // of its sum: below eps they are those at eps.
        var (x, v) = (Leaf([3], 0.3, -1.2, 2), Leaf([3], 0, 2e-7, 0.7));
        var losses = Losses.GaussianNegativeLogLikelihood(x, Vector(1, 0.5, -0.4), v, full: true, reduction: None);
        Close([244994.0111832542, 1444994.0111832542, 4.854886775521021], losses);
        losses.Sum().Backward();
        Close([-700000, -1700000, 3.4285714285714284], x.Grad);
        Close([-244999499999.99997, -1444999500000, -5.16326530612245], v.Grad);
    }

    [Fact]
    public void One_spread_per_row_or_for_all_stands_for_each()
    {
        var (x, t) = (Tensor.From([2, 2], [0.3, -1.2, 2, 0.1]), Tensor.From([2, 2], [1, 0.5, -0.4, 0.2]));
        // torch 1.13: F.gaussian_nll_loss(x, t, [[0.5], [1.5]], reduction='none')
        Close([0.1434264097200273, 2.543426409720027, 2.1227325540540822, 0.20606588738741552],
            Losses.GaussianNegativeLogLikelihood(x, t, Tensor.From([2, 1], [0.5, 1.5]), reduction: None));
        foreach (var loss in new Func<Tensor, Tensor>[]
        {
            spread => Losses.GaussianNegativeLogLikelihood(x, t, spread, reduction: None),
            spread => Losses.GaussianContinuousRankedProbabilityScore(x, t, spread, reduction: None),
        })
        {
            Close(loss(Tensor.From([2, 2], [0.5, 0.5, 1.5, 1.5])).ToDoubles(), loss(Tensor.From([2, 1], [0.5, 1.5])));
            Close(loss(Tensor.Full([2, 2], 0.5, DType.Float64)).ToDoubles(), loss(Tensor.Scalar(0.5, DType.Float64)));
        }
        // Neither one per column, nor one for all in a vector: that could be meant otherwise.
        Assert.Equal("gaussian negative log-likelihood: variance [2] does not fit [2, 2]: one per element, one per row "
            + "([..., 1]) or a scalar for all.",
                Message<ShapeException>(() => Losses.GaussianNegativeLogLikelihood(x, t, Vector(1, 1))));
        Assert.Throws<ShapeException>(() =>
            Losses.GaussianNegativeLogLikelihood(x, t, Tensor.Ones([1, 2], DType.Float64)));
        Assert.Throws<ShapeException>(() =>
            Losses.GaussianContinuousRankedProbabilityScore(x[0, 0], t[0, 0], Vector(1)));
    }

    [Theory]
    [InlineData(0.0, 1.0, 0.0)]
    [InlineData(1.5, 0.3, -0.4)]
    [InlineData(-2.0, 3.0, 4.0)]
    [InlineData(0.0, 0.5, 7.0)]
    public void The_ranked_probability_score_is_its_integral(double mean, double deviation, double target)
    {
        // ∫ (F(y) − [y ≥ target])² dy, F by MathNet, in two smooth parts, each cut into short intervals.
        var normal = new Normal(mean, deviation);
        var (low, high) = (Math.Min(mean - 10 * deviation, target - 1), Math.Max(mean + 10 * deviation, target + 1));
        double Integral(Func<double, double> f, double from, double to) => Enumerable.Range(0, 40).Sum(i =>
            GaussLegendreRule.Integrate(f, from + (to - from) * i / 40, from + (to - from) * (i + 1) / 40, 20));
        var expected = Integral(y => Math.Pow(normal.CumulativeDistribution(y), 2), low, target)
            + Integral(y => Math.Pow(1 - normal.CumulativeDistribution(y), 2), target, high);
        Close([expected], Losses.GaussianContinuousRankedProbabilityScore(Vector(mean), Vector(target),
            Vector(deviation)), 1e-10);
    }

    [Fact]
    public void Without_spread_the_ranked_probability_score_is_the_absolute_error()
    {
        foreach (var dtype in Enum.GetValues<DType>())
        {
            var (x, d) = (Leaf(Vector(3, -1e4, 1).To(dtype)), Leaf(Tensor.Zeros([3], dtype)));
            var losses = Losses.GaussianContinuousRankedProbabilityScore(x, Vector(1, 1e4, 1).To(dtype), d,
                reduction: None);
            Close([2, 2e4, 0], losses, 1e-6);
            losses.Sum().Backward();
            Close([1, -1, 0], x.Grad);
            var far = -1 / Math.Sqrt(Math.PI);
            Close([far, far, Math.Sqrt(2 / Math.PI) + far], d.Grad, 1e-6);
        }
    }

    [Fact]
    public void A_mixture_is_the_logarithm_of_its_density()
    {
        double[] weights = [0.2, 0.5, 0.3], means = [-1, 0.5, 4], deviations = [0.5, 1.5, 0.1];
        var target = Vector(-2, 0, 3.9, 40);
        var expected = target.ToDoubles().Select(t => -Math.Log(weights.Zip(means, deviations)
            .Sum(k => k.First * new Normal(k.Second, k.Third).Density(t)))).ToArray();
        Tensor Rows(double[] values) => Vector(values).Expand([4, 3]);
        Tensor Loss(Reduction how) => Losses.MixtureDensityNegativeLogLikelihood(
            Rows(weights).Log(), Rows(means), Rows(deviations).Log(), target, how);
        Close(expected, Loss(None));
        Close([expected.Average()], Loss(Reduction.Mean));
        // One normal is the Gaussian likelihood.
        Close([Losses.GaussianNegativeLogLikelihood(Vector(1), Vector(3), Vector(4), full: true).Item()],
            Losses.MixtureDensityNegativeLogLikelihood(Vector(7), Vector(1), Vector(Math.Log(2)),
                Tensor.Scalar(3, DType.Float64)));
    }

    [Fact]
    public void Mixtures_agree_with_PyTorch()
    {
        // torch 1.13, float64: -MixtureSameFamily(Categorical(logits=lo), Normal(mu, ls.exp())).log_prob(y), and for
        // vectors with Independent(Normal(...), 1), means mu and mu/2 + 1, log-deviations ls and -ls, targets y and -y.
        var logits = Tensor.From([2, 3], [0.2, -0.5, 1, 3, 0, -2]);
        var means = Tensor.From([2, 3], [0.0, 1, -1, 0.5, 2, -3]);
        var logDeviations = Tensor.From([2, 3], [0.1, -0.4, 0.3, -1, 0, 0.8]);
        var target = Vector(0.7, 1.9);
        Close([1.4647008889457034, 3.935170984776351],
            Losses.MixtureDensityNegativeLogLikelihood(logits, means, logDeviations, target, None));
        Close([3.727156764510315, 9.72851402815329], Losses.MixtureDensityNegativeLogLikelihood(
            logits, Tensor.Stack([means, means / 2 + 1], -1), Tensor.Stack([logDeviations, -logDeviations], -1),
            Tensor.Stack([target, -target], -1), None));
    }

    [Fact]
    public void Mixtures_stay_finite_where_densities_do_not()
    {
        foreach (var dtype in Enum.GetValues<DType>())
        {
            var (logits, means) = (Leaf(Vector(1e4, -1e4, 0).To(dtype)), Leaf(Vector(0, 1, 2).To(dtype)));
            var loss = Losses.MixtureDensityNegativeLogLikelihood(
                logits, means, Tensor.Zeros([3], dtype), Tensor.Scalar(1000, dtype));
            loss.Backward();
            Close([5e5 + 0.5 * Math.Log(2 * Math.PI)], loss, 1e-6);     // e^-500000 is 0, its logarithm is not
            Close([0, 0, 0], logits.Grad, 1e-6);
            Close([-1000, 0, 0], means.Grad, 1e-6);
        }
    }
}
