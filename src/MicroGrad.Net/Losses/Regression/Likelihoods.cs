namespace MicroGrad.Net;

// Losses of predicted distributions: the parameters of one are predicted, and the target was drawn from it.
public static partial class Losses
{
    /// <summary>
    /// e^x − target·x for the logarithm x of the expected count, or x − target·log(x + eps) for the expected count x
    /// itself: the negative logarithm of Poisson's probability, less what does not depend on x. That is log target!,
    /// which <paramref name="full"/> adds by Stirling's formula, for targets above 1:
    /// target·log target − target + ½·log(2π·target).
    /// </summary>
    /// <remarks>
    /// <para>Gradient: e^x − target; or 1 − target/(x + eps).</para>
    /// <para>Use: counts (visits, defects, claims), whose spread grows with their mean.</para>
    /// <para>Beware: e^x overflows in Float32 for x above 88: standardise inputs. Counts that spread more than a
    /// Poisson's (variance above the mean) still give right means, but no right probabilities. Stirling's formula
    /// is off by 0.08 at 1 and less beyond; targets between 0 and 1 get 0.</para>
    /// <para>Twin: torch.nn.functional.poisson_nll_loss; but negative targets and negative expected counts are
    /// errors here.</para>
    /// </remarks>
    /// <param name="prediction">The logarithms of expected counts, or (<paramref name="logInput"/> false) the expected
    /// counts; any shape.</param>
    /// <param name="target">The counts seen, of the same shape, 0 or more.</param>
    /// <param name="logInput">Whether the prediction is a logarithm.</param>
    /// <param name="full">Whether to add Stirling's approximation of log target!.</param>
    /// <param name="eps">Keeps the logarithm of an expected count of 0 finite.</param>
    /// <param name="reduction">The mean, the sum, or one loss per element.</param>
    /// <exception cref="ShapeException">The shapes differ.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A target is negative or NaN, an expected count is negative, or
    /// <paramref name="eps"/> is not positive and finite.</exception>
    public static Tensor PoissonNegativeLogLikelihood(Tensor prediction, Tensor target, bool logInput = true,
        bool full = false, double eps = 1e-8, Reduction reduction = Reduction.Mean)
    {
        using var check = Checks.OfLoss("poisson negative log-likelihood");
        check.Target(prediction, target, Domain.NotNegative);
        check.Option(eps, Domain.Positive, prediction.DType);
        if (!logInput) check.Elements(prediction, Domain.PredictedNotNegative);
        var losses = logInput
            ? prediction.Exp() - target * prediction
            : prediction - target * (prediction + eps).Log();
        if (full) losses += Logs.Factorial(target);
        return Reduce(losses, reduction);
    }

    /// <summary>
    /// ½·(log variance + (prediction − target)²/variance): the negative logarithm of the normal density with a
    /// predicted mean and variance, less ½·log 2π, which <paramref name="full"/> adds (Nix and Weigend, 1994).
    /// Variances below eps count as eps.
    /// </summary>
    /// <remarks>
    /// <para>Gradient: (prediction − target)/variance; in the variance,
    /// ½·(1 − (prediction − target)²/variance)/variance, below eps as at eps, so that one that fell too low can
    /// rise again.</para>
    /// <para>Use: regression where the network shall say how sure it is, and noise differs from place to place.</para>
    /// <para>Beware: places with a large variance learn their mean slowly, so a bad start can stay: train some epochs
    /// with the squared error first. Make the variance by Softplus or Exp. The loss can be negative.</para>
    /// <para>Twin: torch.nn.functional.gaussian_nll_loss, whose eps acts on the gradient in the same way.</para>
    /// </remarks>
    /// <param name="prediction">The means; any shape.</param>
    /// <param name="target">The truth, of the same shape.</param>
    /// <param name="variance">One per element; or one per row, […, 1]; or a scalar for all.</param>
    /// <param name="full">Whether to add ½·log 2π.</param>
    /// <param name="eps">The least variance.</param>
    /// <param name="reduction">The mean, the sum, or one loss per element.</param>
    /// <exception cref="ShapeException">The shapes differ.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A variance is negative, a target is NaN, or <paramref name="eps"/>
    /// is not positive and finite.</exception>
    public static Tensor GaussianNegativeLogLikelihood(Tensor prediction, Tensor target, Tensor variance,
        bool full = false, double eps = 1e-6, Reduction reduction = Reduction.Mean)
    {
        using var check = Checks.OfLoss("gaussian negative log-likelihood");
        check.Target(prediction, target);
        check.Spread(variance, prediction);
        check.Option(eps, Domain.Positive, prediction.DType);
        variance = Spreads.Lifted(variance, eps);
        var error = prediction - target;
        var losses = 0.5 * (variance.Log() + error * (error / variance));      // the square alone might overflow
        return Reduce(full ? losses + 0.5 * Math.Log(2 * Math.PI) : losses, reduction);
    }

    /// <summary>
    /// e·erf(z/√2) + deviation·(√(2/π)·e^(−z²/2) − 1/√π), e being target − prediction and z = e/deviation: the
    /// continuous ranked probability score ∫ (F(y) − [y ≥ target])² dy of a normal distribution with a predicted mean
    /// and deviation (Gneiting and Raftery, 2007). Deviations below eps count as eps.
    /// </summary>
    /// <remarks>
    /// <para>Gradient: −erf(z/√2); in the deviation, √(2/π)·e^(−z²/2) − 1/√π, below eps as at eps.</para>
    /// <para>Use: as the Gaussian negative log-likelihood, but in the unit of the target and mild on outliers: for a
    /// deviation of 0 it is the absolute error, so it compares sure and unsure forecasts fairly.</para>
    /// <para>Beware: it says less about far tails than the likelihood: a deviation that is too small costs little
    /// where targets rarely surprise. A deviation, not a variance.</para>
    /// <para>Twin: none; formula of the paper (there with the opposite sign).</para>
    /// </remarks>
    /// <param name="prediction">The means; any shape.</param>
    /// <param name="target">The truth, of the same shape.</param>
    /// <param name="deviation">One per element; or one per row, […, 1]; or a scalar for all.</param>
    /// <param name="eps">The least deviation, in the unit of the target.</param>
    /// <param name="reduction">The mean, the sum, or one loss per element.</param>
    /// <exception cref="ShapeException">The shapes differ.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A deviation is negative, a target is NaN, or
    /// <paramref name="eps"/> is not positive and finite.</exception>
    public static Tensor GaussianContinuousRankedProbabilityScore(Tensor prediction, Tensor target, Tensor deviation,
        double eps = 1e-6, Reduction reduction = Reduction.Mean)
    {
        using var check = Checks.OfLoss("gaussian continuous ranked probability score");
        check.Target(prediction, target);
        check.Spread(deviation, prediction);
        check.Option(eps, Domain.Positive, prediction.DType);
        deviation = Spreads.Lifted(deviation, eps);
        var error = target - prediction;
        var z = error / deviation;
        var spread = Math.Sqrt(2 / Math.PI) * (-0.5 * z.Square()).Exp() - 1 / Math.Sqrt(Math.PI);
        return Reduce(error * (z / Math.Sqrt(2)).Erf() + deviation * spread, reduction);
    }

    /// <summary>
    /// −log Σₖ softmax(logits)ₖ · N(target; meansₖ, e^(2·logDeviationsₖ)): the negative logarithm of the density of a
    /// mixture of k normal distributions (Bishop, 1994), by log-sum-exp, so that it is accurate far from all of them.
    /// Targets may be vectors; then each normal is diagonal, a product over their elements.
    /// </summary>
    /// <remarks>
    /// <para>Gradient: in meansₖ, −rₖ·(target − meansₖ)/deviationₖ², rₖ being the share of normal k in the density at
    /// the target; in the logits, softmax(logits)ₖ − rₖ.</para>
    /// <para>Use: questions with several right answers (a robot's arm, handwriting), where the mean of them is
    /// none.</para>
    /// <para>Beware: a normal that shrinks onto one target makes the density infinite: keep logDeviations above some
    /// −7 by Clamp, or add noise to the targets. Start with means that are spread out, or all normals learn the
    /// same.</para>
    /// <para>Twin: −log_prob of torch.distributions.MixtureSameFamily; tfp.layers.MixtureNormal.</para>
    /// </remarks>
    /// <param name="logits">Unnormalised logarithms of the mixture's weights, […, k].</param>
    /// <param name="means">[…, k] for single targets, or […, k, outputs] for vectors.</param>
    /// <param name="logDeviations">The logarithms of the deviations, of the shape of the means.</param>
    /// <param name="target">The truth, […] or […, outputs].</param>
    /// <param name="reduction">The mean, the sum, or one loss per target (per vector): […].</param>
    /// <exception cref="ShapeException">The shapes do not fit.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A target is NaN.</exception>
    public static Tensor MixtureDensityNegativeLogLikelihood(Tensor logits, Tensor means, Tensor logDeviations,
        Tensor target, Reduction reduction = Reduction.Mean)
    {
        using var check = Checks.OfLoss("mixture density negative log-likelihood");
        check.SameShape(means, logDeviations);
        var vectors = means.Rank > logits.Rank;
        var mixtures = vectors ? means.Shape.Sizes[..^1] : means.Shape.Sizes;
        if (logits.Rank == 0 || !mixtures.SequenceEqual(logits.Shape.Sizes))
            Throw.Shapes(check.Name, $"logits {logits.Shape} and means {means.Shape} do not fit: [..., k] and [..., k] for "
                + "single targets, or [..., k] and [..., k, outputs] for vectors.");
        var wanted = Shape.Of([.. mixtures[..^1], .. vectors ? means.Shape.Sizes[^1..] : []]);
        if (target.Shape != wanted)
            Throw.Shapes(check.Name, $"target is {target.Shape}, but must be {wanted} for means {means.Shape}"
                + (target.Length == wanted.Length ? $": target.Reshape({wanted})?" : "."));
        check.SameDType(logits, means);
        check.SameDType(logits, target);
        check.Elements(target, Domain.Finite);

        var z = (target.Unsqueeze(vectors ? -2 : -1) - means) * (-logDeviations).Exp();
        var logDensities = -0.5 * z.Square() - logDeviations - 0.5 * Math.Log(2 * Math.PI);
        if (vectors) logDensities = logDensities.Sum(-1);
        return Reduce(-(logits.LogSoftmax() + logDensities).LogSumExp(-1), reduction);
    }
}
