namespace MicroGrad.Net;

public static partial class Losses
{
    /// <summary>
    /// ½·Σ (mean² + variance − 1 − log variance) over the last axis: the Kullback-Leibler divergence of a normal
    /// distribution with independent elements from the standard one, N(0, 1); the regularizer of variational
    /// autoencoders (Kingma and Welling, 2014).
    /// </summary>
    /// <remarks>
    /// <para>Gradient: mean; in the log-variance, ½·(variance − 1).</para>
    /// <para>Use: to keep the code of a variational autoencoder near N(0, 1), so that it can be drawn from.</para>
    /// <para>Beware: it is a sum over the code and a mean over samples, so the reconstruction loss beside it must be a
    /// sum over the elements of a sample too (not their mean), or this one rules and the code says nothing. Where it
    /// goes to 0 early (posterior collapse), begin with a small weight on it.</para>
    /// <para>Twin: torch.distributions.kl_divergence(Normal, Normal(0, 1)), summed over the last axis.</para>
    /// </remarks>
    /// <param name="mean">[…, dimensions].</param>
    /// <param name="logVariance">The logarithms of the variances, of the same shape.</param>
    /// <param name="reduction">The mean over samples, the sum, or one divergence per sample, […].</param>
    /// <exception cref="ShapeException">The shapes differ, or are those of scalars.</exception>
    public static Tensor GaussianKullbackLeiblerDivergence(
        Tensor mean, Tensor logVariance, Reduction reduction = Reduction.Mean)
    {
        using var check = Checks.OfLoss("gaussian kullback-leibler divergence");
        if (mean.Rank == 0) Throw.Shapes(check.Name, "expects [..., dimensions], but got a scalar.");
        check.SameShape(mean, logVariance);
        return Reduce(0.5 * (mean.Square() + logVariance.ExpBeyondLine()).Sum(-1), reduction);
    }

    /// <summary>
    /// ½·Σ ((mean − otherMean)²/otherVariance + r − 1 − log r) over the last axis, r being variance/otherVariance: the
    /// Kullback-Leibler divergence KL(first ‖ other) of two normal distributions with independent elements.
    /// </summary>
    /// <remarks>
    /// <para>Gradient: (mean − otherMean)/otherVariance; in the log-variance, ½·(r − 1).</para>
    /// <para>Use: variational autoencoders with a learned prior, a policy held near the last one, a small network that
    /// learns from a big one's uncertainty.</para>
    /// <para>Beware: it is not symmetric: the first is punished for being where the other is not, so it settles on one
    /// peak. It is infinite where otherVariance goes to 0: bound the log-variances.</para>
    /// <para>Twin: torch.distributions.kl_divergence(Normal, Normal), summed over the last axis.</para>
    /// </remarks>
    /// <param name="mean">[…, dimensions].</param>
    /// <param name="logVariance">The logarithms of the variances, of the same shape.</param>
    /// <param name="otherMean">The mean of the distribution to be near to, of the same shape.</param>
    /// <param name="otherLogVariance">The logarithms of its variances, of the same shape.</param>
    /// <param name="reduction">The mean over samples, the sum, or one divergence per sample, […].</param>
    /// <exception cref="ShapeException">The shapes differ, or are those of scalars.</exception>
    public static Tensor GaussianKullbackLeiblerDivergence(Tensor mean, Tensor logVariance, Tensor otherMean,
        Tensor otherLogVariance, Reduction reduction = Reduction.Mean)
    {
        using var check = Checks.OfLoss("gaussian kullback-leibler divergence");
        if (mean.Rank == 0) Throw.Shapes(check.Name, "expects [..., dimensions], but got a scalar.");
        check.SameShape(mean, logVariance);
        check.SameShape(mean, otherMean);
        check.SameShape(mean, otherLogVariance);
        var logRatio = logVariance - otherLogVariance;
        var distance = ((mean - otherMean) * (-0.5 * otherLogVariance).Exp()).Square();
        return Reduce(0.5 * (distance + logRatio.ExpBeyondLine()).Sum(-1), reduction);
    }
}
