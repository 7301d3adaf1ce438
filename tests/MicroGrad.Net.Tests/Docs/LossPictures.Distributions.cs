namespace MicroGrad.Net.Tests.Docs;

static partial class LossPictures
{
    static Dictionary<string, LossPicture> Distributions => new()
    {
        ["GaussianKullbackLeiblerDivergence"] = new("mean", -3, 3,
            ("variance 1", x => Losses.GaussianKullbackLeiblerDivergence(Row(x), Row(0.0))),
            ("0.2", x => Losses.GaussianKullbackLeiblerDivergence(Row(x), Row(Math.Log(0.2))))),
        ["WassersteinCritic"] = new("score of the real sample", -3, 3, x => Losses.WassersteinCritic(x, Number(0))),
        // A straight critic through the origin: its slope is the number.
        ["WassersteinGradientPenalty"] = new("slope of the critic", -3, 3,
            x => Losses.WassersteinGradientPenalty(sample => sample * x, Row(1.0), Row(-1.0), rng: new Rng(1))),
    };
}
