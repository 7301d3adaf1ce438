namespace MicroGrad.Net.Tests.Docs;

static partial class LossPictures
{
    static Dictionary<string, LossPicture> Regression => new()
    {
        ["MeanSquaredError"] = new(Error, -3, 3, x => Losses.MeanSquaredError(x, Number(0))),
        ["MeanAbsoluteError"] = new(Error, -3, 3, x => Losses.MeanAbsoluteError(x, Number(0))),
        ["Huber"] = new(Error, -3, 3, ("delta 0.5", x => Losses.Huber(x, Number(0), 0.5)),
            ("1", x => Losses.Huber(x, Number(0))), ("2", x => Losses.Huber(x, Number(0), 2))),
        ["SmoothL1"] = new(Error, -3, 3, ("beta 0.5", x => Losses.SmoothL1(x, Number(0), 0.5)),
            ("1", x => Losses.SmoothL1(x, Number(0))), ("2", x => Losses.SmoothL1(x, Number(0), 2))),
        ["LogCosh"] = new(Error, -3, 3, x => Losses.LogCosh(x, Number(0))),
        ["Quantile"] = new(Error, -3, 3, ("level 0.1", x => Losses.Quantile(x, Number(0), 0.1)),
            ("0.5", x => Losses.Quantile(x, Number(0))), ("0.9", x => Losses.Quantile(x, Number(0), 0.9))),
        ["Expectile"] = new(Error, -3, 3, ("level 0.1", x => Losses.Expectile(x, Number(0), 0.1)),
            ("0.5", x => Losses.Expectile(x, Number(0))), ("0.9", x => Losses.Expectile(x, Number(0), 0.9))),
        ["MeanAbsolutePercentageError"] = new("prediction", 0, 6,
            ("target 1", x => Losses.MeanAbsolutePercentageError(x, Number(1))),
            ("3", x => Losses.MeanAbsolutePercentageError(x, Number(3)))),
        ["SymmetricMeanAbsolutePercentageError"] = new("prediction", 0.05, 6,
            ("target 1", x => Losses.SymmetricMeanAbsolutePercentageError(x, Number(1))),
            ("3", x => Losses.SymmetricMeanAbsolutePercentageError(x, Number(3)))),
        ["MeanSquaredLogarithmicError"] = new("prediction", 0, 12,
            ("target 1", x => Losses.MeanSquaredLogarithmicError(x, Number(1))),
            ("5", x => Losses.MeanSquaredLogarithmicError(x, Number(5)))),
        ["Directional"] = new("prediction", -2, 2, ("target 1", x => Losses.Directional(x, Number(1))),
            ("target 1, weight 4", x => Losses.Directional(x, Number(1), 4))),
        ["MeanAbsoluteDirectional"] = new("prediction", -2, 2,
            ("target 1, steepness 2", x => Losses.MeanAbsoluteDirectional(x, Number(1), 2)),
            ("10", x => Losses.MeanAbsoluteDirectional(x, Number(1), 10))),
        ["PoissonNegativeLogLikelihood"] = new("logarithm of the rate", -2, 3,
            ("target 1", x => Losses.PoissonNegativeLogLikelihood(x, Number(1))),
            ("4", x => Losses.PoissonNegativeLogLikelihood(x, Number(4)))),
        ["GaussianNegativeLogLikelihood"] = new(Error, -3, 3,
            ("variance 0.25", x => Losses.GaussianNegativeLogLikelihood(x, Number(0), Number(0.25))),
            ("1", x => Losses.GaussianNegativeLogLikelihood(x, Number(0), Number(1))),
            ("4", x => Losses.GaussianNegativeLogLikelihood(x, Number(0), Number(4)))),
        ["GaussianContinuousRankedProbabilityScore"] = new(Error, -3, 3,
            ("deviation 0.25", x => Losses.GaussianContinuousRankedProbabilityScore(x, Number(0), Number(0.25))),
            ("1", x => Losses.GaussianContinuousRankedProbabilityScore(x, Number(0), Number(1))),
            ("2", x => Losses.GaussianContinuousRankedProbabilityScore(x, Number(0), Number(2)))),
        ["MixtureDensityNegativeLogLikelihood"] = new("shift of both means, at −1.5 and 1.5", -4, 4,
            ("deviation 0.5", x => Mixture(x, 0.5)), ("1", x => Mixture(x, 1))),
    };

    static Tensor Mixture(Tensor shift, double deviation) => Losses.MixtureDensityNegativeLogLikelihood(
        Row(0, 0), Row(-1.5, 1.5) + shift, Row(Math.Log(deviation), Math.Log(deviation)), Tensor.From([1], [0.0]));
}
