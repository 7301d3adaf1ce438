using Ours = MicroGrad.Net.Losses;

namespace MicroGrad.Net.Tests.Oracle;

static partial class OpTable
{
    static Dictionary<string, Func<OpCall, Tensor>> RegressionLosses => new()
    {
        ["smooth_l1_loss"] = c => Ours.SmoothL1(c["input"], c["target"], c.Number("beta"), Reduction(c)),
        ["poisson_nll_loss"] = c => Ours.PoissonNegativeLogLikelihood(
            c["input"], c["target"], c.Case.Flag("log_input"), c.Case.Flag("full"), c.Number("eps"), Reduction(c)),
        ["gaussian_nll_loss"] = c => Ours.GaussianNegativeLogLikelihood(
            c["input"], c["target"], c["var"], c.Case.Flag("full"), c.Number("eps"), Reduction(c)),
    };
}
