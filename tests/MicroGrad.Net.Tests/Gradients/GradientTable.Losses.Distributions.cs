namespace MicroGrad.Net.Tests.Proof;

// Losses between distributions.
static partial class GradientTable
{
    static IEnumerable<GradientRow> DistributionLosses =>
    [
        .. Reduced($"{Divergence}(Tensor, Tensor, Reduction):", "AB,AB", Losses.GaussianKullbackLeiblerDivergence),
        .. s_reductions.Select(how => new GradientRow(
            $"{Divergence}(Tensor, Tensor, Tensor, Tensor, Reduction): {how}", "AB,AB,AB,AB",
            x => Losses.GaussianKullbackLeiblerDivergence(x[0], x[1], x[2], x[3], how), [Draws.Between(-1, 1)])),
        .. Reduced("Losses.WassersteinCritic:", "AB,AB", Losses.WassersteinCritic),
        .. s_reductions.Select(how => Penalty($"{how}", "AB,AB,BC", 10, how)),
        Penalty("images, weight 2.5", "A2B,A2B,BC", 2.5, Reduction.Mean),
    ];

    const string Divergence = "Losses.GaussianKullbackLeiblerDivergence";

    // In both kinds of samples and in the weights of a curved critic, whose slope is never near 0.
    static GradientRow Penalty(string name, Shapes shapes, double weight, Reduction how) => Row(
        $"Losses.WassersteinGradientPenalty: {name}", shapes,
        (real, generated, w) => Losses.WassersteinGradientPenalty(
            x => x.MatMul(w).Softplus().Flatten(1).Sum(1), real, generated, weight, new Rng(7), how),
        Draws.Between(-0.2, 0.2), Draws.Between(-0.2, 0.2), Draws.Between(0.5, 1));
}
