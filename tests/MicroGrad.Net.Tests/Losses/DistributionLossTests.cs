using MathNet.Numerics.Distributions;
using MathNet.Numerics.Integration;
using static MicroGrad.Net.Tests.Numbers;

namespace MicroGrad.Net.Tests;

/// <summary>Losses between distributions, against MathNet, PyTorch, closed forms; and a critic is trained.</summary>
public sealed class DistributionLossTests
{
    static readonly Tensor s_zeros = Tensor.Zeros([500, 2], DType.Float64);
    static readonly Tensor s_ones = Tensor.Ones([500, 2], DType.Float64);
    static readonly Tensor Mean = Tensor.From([2, 2], [0.3, -1.2, 2, 0.1]);
    static readonly Tensor LogVariance = Tensor.From([2, 2], [0.5, -0.7, 0, 1.1]);

    [Fact]
    public void Divergences_of_Gaussians_agree_with_PyTorch()
    {
        // torch 1.13, float64: kl_divergence(Normal(m, (lv/2).exp()), Normal(om, (ol/2).exp())).sum(-1), and against
        // Normal(0, 1).
        var (otherMean, otherLogVariance) = (Tensor.From([2, 2], [1, 0.5, -0.4, 0.1]),
            Tensor.From([2, 2], [-0.3, 0.2, 0.9, 1.1]));
        Close([1.8798366401703377, 1.324205449923225],
            Losses.GaussianKullbackLeiblerDivergence(Mean, LogVariance, otherMean, otherLogVariance, Reduction.None));
        Close([0.9376532872457688, 2.4570830119732165],
            Losses.GaussianKullbackLeiblerDivergence(Mean, LogVariance, Reduction.None));
        // The mean is over samples, not over the elements that were summed.
        Close([(0.9376532872457688 + 2.4570830119732165) / 2],
            Losses.GaussianKullbackLeiblerDivergence(Mean, LogVariance));
        Close([0.9376532872457688 + 2.4570830119732165],
            Losses.GaussianKullbackLeiblerDivergence(Mean, LogVariance, Reduction.Sum));
    }

    [Theory]
    [InlineData(0.0, 1.0, 0.0, 1.0)]
    [InlineData(1.0, 0.5, -0.5, 2.0)]
    [InlineData(-2.0, 1.5, 0.0, 0.8)]
    public void The_divergence_is_its_integral(double mean, double deviation, double otherMean, double otherDeviation)
    {
        // ∫ p·log(p/q), densities by MathNet.
        var (p, q) = (new Normal(mean, deviation), new Normal(otherMean, otherDeviation));
        var step = 20 * deviation / 40;
        var expected = Enumerable.Range(0, 40).Sum(i => GaussLegendreRule.Integrate(
            y => p.Density(y) * (p.DensityLn(y) - q.DensityLn(y)),
            mean - 10 * deviation + i * step, mean - 10 * deviation + (i + 1) * step, 20));
        Close([expected], Losses.GaussianKullbackLeiblerDivergence(Vector(mean), Vector(2 * Math.Log(deviation)),
            Vector(otherMean), Vector(2 * Math.Log(otherDeviation))), 1e-10);
        if (otherMean == 0 && otherDeviation == 1)
            Close([expected], Losses.GaussianKullbackLeiblerDivergence(Vector(mean), Vector(2 * Math.Log(deviation))),
                1e-10);
    }

    [Fact]
    public void Of_equal_distributions_the_divergence_is_0_and_near_them_exact()
    {
        var (mean, logVariance) = (Leaf(Mean.Detach()), Leaf(LogVariance.Detach()));
        var same = Losses.GaussianKullbackLeiblerDivergence(mean, logVariance, Mean, LogVariance, Reduction.None);
        Equal([2], [0, 0], same);
        same.Sum().Backward();
        Equal([2, 2], [0, 0, 0, 0], mean.Grad);
        Equal([2, 2], [0, 0, 0, 0], logVariance.Grad);

        // ½(e^v − 1 − v) is about v²/4; e^v − 1 − v by itself would have lost all digits of it in Float32.
        var near = Losses.GaussianKullbackLeiblerDivergence(Tensor.Zeros([1]), Tensor.Full([1], 1e-3)).Item();
        Assert.InRange(near / 2.5e-7, 0.999, 1.001);
    }

    [Fact]
    public void Divergences_of_nothing_of_extremes_and_of_NaN()
    {
        Assert.Equal(0, Losses.GaussianKullbackLeiblerDivergence(Tensor.Zeros([0, 2]), Tensor.Zeros([0, 2])).Item());
        Assert.Equal(0, Losses.GaussianKullbackLeiblerDivergence(Tensor.Zeros([0, 2]), Tensor.Zeros([0, 2]),
            Reduction.Sum).Item());
        var v = Leaf(Tensor.From([2], [-1e4f, 0]));
        var loss = Losses.GaussianKullbackLeiblerDivergence(Tensor.From([2], [0f, 1e4f]), v);
        Assert.Equal(0.5 * (1e4 - 1 + 1e8), loss.Item(), 8.0);       // Float32 counts in steps of 4 there
        loss.Backward();
        Equal([2], [-0.5, 0], v.Grad);
        Equal([2], [0.5, double.NaN], Losses.GaussianKullbackLeiblerDivergence(
            Tensor.From([2, 1], [1, double.NaN]), Tensor.From([2, 1], [0.0, 0]), Reduction.None));
    }

    [Fact]
    public void Divergences_ask_for_equal_shapes()
    {
        const string Loss = "gaussian kullback-leibler divergence";
        var (a, b) = (Tensor.Zeros([4, 2]), Tensor.Zeros([4, 1]));
        Assert.Equal($"{Loss}: mean [4, 2] and logVariance [4, 1] differ in shape, and losses never broadcast.",
            Message<ShapeException>(() => Losses.GaussianKullbackLeiblerDivergence(a, b)));
        Assert.Equal($"{Loss}: mean [4, 2] and otherMean [4, 1] differ in shape, and losses never broadcast.",
            Message<ShapeException>(() => Losses.GaussianKullbackLeiblerDivergence(a, a, b, a)));
        Assert.Equal($"{Loss}: mean [4, 2] and otherLogVariance [4, 1] differ in shape, and losses never broadcast.",
            Message<ShapeException>(() => Losses.GaussianKullbackLeiblerDivergence(a, a, a, b)));
        Assert.Equal($"{Loss}: expects [..., dimensions], but got a scalar.",
            Message<ShapeException>(() =>
                Losses.GaussianKullbackLeiblerDivergence(Tensor.Scalar(1), Tensor.Scalar(1))));
    }

    // ---- Wasserstein ----

    [Fact]
    public void The_critics_loss_is_the_difference_of_scores()
    {
        var (real, generated) = (Leaf([3, 1], 1, 2, 6), Leaf([3, 1], 0, 5, 1));
        Equal([3, 1], [-1, 3, -5], Losses.WassersteinCritic(real, generated, Reduction.None));
        var loss = Losses.WassersteinCritic(real, generated);
        Close([-1], loss);
        loss.Backward();
        Close([-1.0 / 3, -1.0 / 3, -1.0 / 3], real.Grad);
        Close([1.0 / 3, 1.0 / 3, 1.0 / 3], generated.Grad);
        Assert.Equal("wasserstein critic: realScores [3, 1] and generatedScores [3] differ in shape, and losses never "
            + "broadcast: generatedScores.Reshape(realScores.Shape)?",
            Message<ShapeException>(() => Losses.WassersteinCritic(real, Vector(1, 2, 3))));
    }

    [Fact]
    public void The_penalty_of_a_straight_critic_depends_on_its_weights_only()
    {
        // The slope of w·x is w everywhere: weight·(‖w‖ − 1)², with gradient 2·weight·(‖w‖ − 1)·w/‖w‖.
        var w = Leaf([2, 1], 3, 4);
        var (real, generated) = (s_ones[..5], s_zeros[..5]);
        Tensor Critic(Tensor x) => x.MatMul(w);
        var penalty = Losses.WassersteinGradientPenalty(Critic, real, generated);
        Close([10 * 16], penalty);
        penalty.Backward();
        Close([2 * 10 * 4 * 0.6, 2 * 10 * 4 * 0.8], w.Grad);
        Close([.. Enumerable.Repeat(3.0 * 16, 5)],
            Losses.WassersteinGradientPenalty(Critic, real, generated, 3, reduction: Reduction.None));
        // Images: the norm is over all axes of a sample.
        var images = Tensor.Ones([2, 3, 2, 2], DType.Float64);
        Close([10 * Math.Pow(Math.Sqrt(12) - 1, 2)],
            Losses.WassersteinGradientPenalty(x => x.Sum([1, 2, 3]), images, images * 2));
    }

    [Fact]
    public void The_places_lie_between_the_pairs()
    {
        Tensor? seen = null;
        Tensor Critic(Tensor x)
        {
            seen = x.Detach();
            return 0.5 * x.Square().Sum(1);
        }
        double[] Penalties(ulong seed) => Losses.WassersteinGradientPenalty(
            Critic, s_ones, s_ones * 3, 1, new Rng(seed), Reduction.None).ToDoubles();
        var penalties = Penalties(1);
        var places = seen!.ToDoubles();
        for (var i = 0; i < 500; i++)
        {
            Assert.Equal(places[2 * i], places[2 * i + 1], 1e-12);              // one share per sample
            Assert.InRange(places[2 * i], 1, 3);
            // The slope of ½x² is x.
            Assert.Equal(Math.Pow(Math.Sqrt(2) * places[2 * i] - 1, 2), penalties[i], 1e-12);
        }
        Assert.Equal(2, places.Average(), 0.1);
        Assert.True(places.Max() - places.Min() > 1.9);
        // The same seed draws the same places.
        Assert.Equal(penalties, Penalties(1));
        Assert.NotEqual(penalties, Penalties(2));
    }

    [Fact]
    public void The_penalty_can_be_looked_at_where_nothing_is_recorded()
    {
        var w = Leaf([2, 1], 3, 4);
        using (Gradients.Off())
        {
            var penalty = Losses.WassersteinGradientPenalty(x => x.MatMul(w), s_ones, s_zeros);
            Close([160], penalty);
            Assert.False(penalty.RequiresGrad);
            Assert.False((w * 2).RequiresGrad);
        }
        Assert.Null(w.Grad);
    }

    [Fact]
    public void A_flat_critic_has_a_penalty_and_no_gradient_and_nothing_gives_nothing()
    {
        var w = Leaf([2, 1], 0, 0);
        Tensor Penalty(Tensor samples, Reduction reduction) => Losses.WassersteinGradientPenalty(
            x => x.MatMul(w), samples, samples, reduction: reduction);
        var penalty = Penalty(s_ones, Reduction.Mean);
        Close([10], penalty);
        penalty.Backward();
        Equal([2, 1], [0, 0], w.Grad);
        Assert.Equal(0, Penalty(s_ones[..0], Reduction.Mean).Item());
        Assert.Equal(0, Penalty(s_ones[..0], Reduction.Sum).Item());
    }

    [Fact]
    public void What_is_wrong_with_samples_or_critic_is_named()
    {
        const string Loss = "wasserstein gradient penalty";
        var x = Tensor.Ones([3, 2]);
        Tensor Penalty(Func<Tensor, Tensor> critic) => Losses.WassersteinGradientPenalty(critic, x, x);
        Assert.Equal($"{Loss}: the critic must give one score per sample, [3] or [3, 1], but gave [3, 2].",
            Message<ShapeException>(() => Penalty(z => z)));
        Assert.Equal($"{Loss}: the critic must give one score per sample, [3] or [3, 1], but gave [].",
            Message<ShapeException>(() => Penalty(z => z.Mean())));
        Assert.Throws<GradientException>(() => Penalty(z => z.Detach().Sum(1)));
        Assert.Throws<GradientException>(() => Penalty(_ => Leaf(Tensor.Ones([3])) * 2));
        Assert.Equal($"{Loss}: real [3, 2] and generated [2, 2] differ in shape, and losses never broadcast.",
            Message<ShapeException>(() => Losses.WassersteinGradientPenalty(z => z.Sum(1), x, x[..2])));
        Assert.Equal($"{Loss}: expects samples [n, ...], but got [3]: Unsqueeze(1)?",
            Message<ShapeException>(() =>
                Losses.WassersteinGradientPenalty(z => z, Tensor.Ones([3]), Tensor.Ones([3]))));
        Assert.Equal($"{Loss}: real[0, 1] is NaN, but must be a number.", Message<ArgumentOutOfRangeException>(
            () => Losses.WassersteinGradientPenalty(z => z.Sum(1), Tensor.From([1, 2], [0f, float.NaN]), x[..1])));
        Assert.Equal($"{Loss}: weight is -1, but must be 0 or more.", Message<ArgumentOutOfRangeException>(
            () => Losses.WassersteinGradientPenalty(z => z.Sum(1), x, x, -1)));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void A_trained_critic_finds_the_earth_movers_distance_of_two_Gaussians(ulong seed)
    {
        // Two normal distributions, one shifted by 2: that is the distance. A weight of 100 lets the slope settle near
        // 1 + 2/(2·100) = 1.01; but first a weight that does not hold a slope of -1, if the critic begins with one.
        var rng = new Rng(seed);
        var critic = new Sequential(new Linear(1, 32, rng: rng), new Tanh(), new Linear(32, 1, rng: rng));
        var optimizer = new Adam(critic.Parameters(), learningRate: 5e-3, beta1: 0.5, beta2: 0.9);
        Tensor Real() => Tensor.Normal([256, 1], 2, 1, rng);
        Tensor Generated() => Tensor.Normal([256, 1], 0, 1, rng);
        for (var step = 0; step < 400; step++)
        {
            var (real, generated) = (Real(), Generated());
            var loss = Losses.WassersteinCritic(critic.Forward(real), critic.Forward(generated))
                + Losses.WassersteinGradientPenalty(critic.Forward, real, generated, step < 100 ? 0.1 : 100, rng);
            optimizer.ZeroGrad();
            loss.Backward();
            optimizer.Step();
        }
        // On the same many samples, one set shifted, so that chance hardly matters.
        var samples = Tensor.Normal([4096, 1], 0, 1, rng);
        var distance = -Losses.WassersteinCritic(critic.Forward(samples + 2), critic.Forward(samples)).Item();
        Assert.InRange(distance, 1.9, 2.1);
    }
}
