namespace MicroGrad.Net.Tests.Proof;

// Losses of regression, in prediction and target, and in variances where there are some.
static partial class GradientTable
{
    // Of relative errors: targets away from the pole at 0, predictions too low, too high and on the other side.
    static readonly Draw Sizes = Draws.Between(0.5, 2);
    static readonly Draw Smaller = Draws.Between(0.1, 0.45);
    static readonly Draw Larger = Draws.Between(2.1, 4);
    static readonly Draw Negative = Draws.Between(-2, -0.3);
    static readonly Draw CountDraw = Draws.Between(0.1, 4, [1]);

    static IEnumerable<GradientRow> RegressionLosses =>
    [
        .. Weighted("Losses.MeanSquaredError:", (x, y, w, how) => Losses.MeanSquaredError(x, y, how, w)),
        .. Weighted("Losses.MeanAbsoluteError:", (x, y, w, how) => Losses.MeanAbsoluteError(x, y, how, w)),
        .. Weighted("Losses.Huber:", (x, y, w, how) => Losses.Huber(x, y, 0.4, how, w)),
        .. OffKinks("Losses.SmoothL1:", (x, y, how) => Losses.SmoothL1(x, y, reduction: how)),
        .. OffKinks("Losses.SmoothL1: beta 0.4,", (x, y, how) => Losses.SmoothL1(x, y, 0.4, how)),
        .. OffKinks("Losses.SmoothL1: beta 0,", (x, y, how) => Losses.SmoothL1(x, y, 0, how)),
        .. Reduced("Losses.LogCosh:", "AB,AB", Losses.LogCosh),
        Row("Losses.LogCosh: no error", "AB", x => Losses.LogCosh(x, x.Detach() * 0), low: -1e-3, high: 1e-3),
        .. OffKinks($"{OneQuantile}:", (x, y, how) => Losses.Quantile(x, y, reduction: how)),
        .. OffKinks($"{OneQuantile}: level 0.9,", (x, y, how) => Losses.Quantile(x, y, 0.9, how)),
        .. OffKinks($"{ManyQuantiles}:", (x, y, how) => Losses.Quantile(x, y, Levels(x.Shape[^1]), how), "ABC,AB"),
        .. OffKinks("Losses.Expectile:", (x, y, how) => Losses.Expectile(x, y, reduction: how)),
        .. OffKinks("Losses.Expectile: level 0.9,", (x, y, how) => Losses.Expectile(x, y, 0.9, how)),

        .. Reduced("Losses.MeanAbsolutePercentageError:", "AB,AB", (x, y, how) =>
            Losses.MeanAbsolutePercentageError(x, y, reduction: how), Negative, Sizes),
        Row("Losses.MeanAbsolutePercentageError: too high", "AB,AB", (x, y) =>
            Losses.MeanAbsolutePercentageError(x, y), Larger, Sizes),
        Row("Losses.MeanAbsolutePercentageError: targets below eps", "AB,AB", (x, y) =>
            Losses.MeanAbsolutePercentageError(x, y, eps: 3), Larger, Sizes),
        .. Reduced("Losses.SymmetricMeanAbsolutePercentageError:", "AB,AB", (x, y, how) =>
            Losses.SymmetricMeanAbsolutePercentageError(x, y, reduction: how), Larger, Sizes),
        Row("Losses.SymmetricMeanAbsolutePercentageError: too low", "AB,AB", (x, y) =>
            Losses.SymmetricMeanAbsolutePercentageError(x, y), Smaller, Sizes),
        Row("Losses.SymmetricMeanAbsolutePercentageError: the wrong sign", "AB,AB", (x, y) =>
            Losses.SymmetricMeanAbsolutePercentageError(x, y), Negative, Sizes),
        Row("Losses.SymmetricMeanAbsolutePercentageError: below eps", "AB,AB", (x, y) =>
            Losses.SymmetricMeanAbsolutePercentageError(x, y, eps: 9), Larger, Sizes),
        .. Reduced("Losses.MeanSquaredLogarithmicError:", "AB,AB", Losses.MeanSquaredLogarithmicError,
            Draws.Between(0.1, 4)),

        .. Reduced("Losses.Directional:", "AB,AB", (x, y, how) => Losses.Directional(x, y, reduction: how), NotZero),
        .. Reduced("Losses.Directional: weight 2.5,", "AB,AB", (x, y, how) =>
            Losses.Directional(x, y, 2.5, how), NotZero),
        .. Reduced("Losses.MeanAbsoluteDirectional: steepness 1.5,", "AB,AB", (x, y, how) =>
            Losses.MeanAbsoluteDirectional(x, y, 1.5, reduction: how), NotZero),
        Row("Losses.MeanAbsoluteDirectional: power 2.5", "AB,AB", (x, y) =>
            Losses.MeanAbsoluteDirectional(x, y, 1.5, 2.5), NotZero),

        .. Reduced("Losses.PoissonNegativeLogLikelihood:", "AB,AB", (x, y, how) =>
            Losses.PoissonNegativeLogLikelihood(x, y, reduction: how), second: CountDraw),
        .. Reduced("Losses.PoissonNegativeLogLikelihood: full,", "AB,AB", (x, y, how) =>
            Losses.PoissonNegativeLogLikelihood(x, y, full: true, reduction: how), second: CountDraw),
        .. Reduced("Losses.PoissonNegativeLogLikelihood: of counts,", "AB,AB", (x, y, how) =>
            Losses.PoissonNegativeLogLikelihood(x, y, logInput: false, eps: 0.2, reduction: how), Positive, CountDraw),
        Row("Losses.PoissonNegativeLogLikelihood: of counts, full", "AB,AB", (x, y) =>
            Losses.PoissonNegativeLogLikelihood(x, y, logInput: false, full: true), Positive, CountDraw),
        .. WithSpread("Losses.GaussianNegativeLogLikelihood:", (x, y, v, how) =>
            Losses.GaussianNegativeLogLikelihood(x, y, v, reduction: how)),
        Row("Losses.GaussianNegativeLogLikelihood: full", "AB,AB,AB", (x, y, v) =>
            Losses.GaussianNegativeLogLikelihood(x, y, v, full: true), third: Sizes),
        .. WithSpread("Losses.GaussianContinuousRankedProbabilityScore:", (x, y, d, how) =>
            Losses.GaussianContinuousRankedProbabilityScore(x, y, d, reduction: how)),
        .. s_reductions.Select(how => Mixture($"single targets, {how}", "AK,AK,AK,A", how)),
        .. s_reductions.Select(how => Mixture($"vectors, {how}", "AK,AKD,AKD,AD", how)),
    ];

    const string OneQuantile = "Losses.Quantile(Tensor, Tensor, double, Reduction)";
    const string ManyQuantiles = "Losses.Quantile(Tensor, Tensor, double[], Reduction)";

    static double[] Levels(int count) => [.. Enumerable.Range(1, count).Select(i => i / (count + 1.0))];

    /// <summary>Errors away from 0, from ±0.4 and from ±1.</summary>
    static IEnumerable<GradientRow> OffKinks(
        string name, Func<Tensor, Tensor, Reduction, Tensor> loss, string shapes = "AB,AB") =>
        Reduced(name, shapes, loss, Draws.Even, Draws.Odd);

    static IEnumerable<GradientRow> Weighted(string name, Func<Tensor, Tensor, Tensor, Reduction, Tensor> loss) =>
        s_reductions.Select(how => Row($"{name} in the weights, {how}", "AB,AB,A1",
            (x, y, w) => loss(x, y, w, how), Draws.Even, Draws.Odd, Positive));

    static IEnumerable<GradientRow> WithSpread(string name, Func<Tensor, Tensor, Tensor, Reduction, Tensor> loss) =>
        s_reductions.Select(how => Row($"{name} {how}", "AB,AB,AB", (x, y, v) => loss(x, y, v, how), third: Sizes))
            .Append(Row($"{name} one spread per row", "AB,AB,A1", (x, y, v) => loss(x, y, v, Reduction.Mean),
                third: Sizes))
            .Append(Row($"{name} one spread for all", Shapes.NotEmpty.With([[]]),
                (x, v) => loss(x, x.Square() - 1, v, Reduction.Sum), second: Sizes));

    static GradientRow Mixture(string name, Shapes shapes, Reduction how) => new(
        $"Losses.MixtureDensityNegativeLogLikelihood: {name}", shapes,
        inputs => Losses.MixtureDensityNegativeLogLikelihood(inputs[0], inputs[1], inputs[2], inputs[3], how),
        [Draws.Between(-2, 2), Draws.Between(-2, 2), Draws.Between(-0.5, 1), Draws.Between(-2, 2)]);
}
