namespace MicroGrad.Net;

public static partial class Losses
{
    /// <summary>
    /// generatedScores − realScores: what a critic minimises to tell real samples from generated ones (Arjovsky,
    /// Chintala and Bottou, 2017). If its slope is at most 1 everywhere, the mean of −loss is at most the earth mover's
    /// distance of the two distributions, and reaches it when the critic is best.
    /// </summary>
    /// <remarks>
    /// <para>Gradient: 1 in a generated score, −1 in a real one.</para>
    /// <para>Use: the critic's half of a Wasserstein GAN, with WassersteinGradientPenalty beside it; the generator
    /// minimises the mean of −critic(generated).</para>
    /// <para>Beware: without a bound on the slope the loss falls without end. Train the critic several steps for each
    /// of the generator; the scores are no probabilities, so no sigmoid at its end.</para>
    /// <para>Twin: none; formula of the paper.</para>
    /// </remarks>
    /// <param name="realScores">The critic's scores of real samples, any shape.</param>
    /// <param name="generatedScores">Its scores of as many generated samples, of the same shape.</param>
    /// <param name="reduction">The mean, the sum, or one difference per pair.</param>
    /// <exception cref="ShapeException">The shapes differ.</exception>
    public static Tensor WassersteinCritic(
        Tensor realScores, Tensor generatedScores, Reduction reduction = Reduction.Mean)
    {
        using var check = Checks.OfLoss("wasserstein critic");
        check.SameShape(realScores, generatedScores);
        return Reduce(generatedScores - realScores, reduction);
    }

    /// <summary>
    /// weight·(‖∇critic(x)‖ − 1)² at a random place x = u·real + (1 − u)·generated between each pair of samples, u
    /// uniform on [0, 1): holds the slope of a Wasserstein critic near 1 (Gulrajani et al., 2017). The norm is the
    /// Euclidean one over all axes but the first.
    /// </summary>
    /// <remarks>
    /// <para>Gradient: in the critic's parameters, through the slope ∇critic(x), so by second derivatives; also in the
    /// samples, where they require gradients (Detach generated ones while the critic is trained).</para>
    /// <para>Use: beside WassersteinCritic, added to it.</para>
    /// <para>Beware: no batch normalisation in the critic, since it mixes samples, and the slope is meant per sample;
    /// layer normalisation is fine. The slope settles a little above 1 (at 1 + distance/(2·weight) for a straight
    /// critic), so the distance found is that much too large. A slope of −1 pleases the penalty too: where samples have
    /// one feature only, a critic that begins the wrong way round is held there; begin with a weight below 1.</para>
    /// <para>Twin: none; formula of the paper, with its weight of 10.</para>
    /// </remarks>
    /// <param name="critic">Gives one score per sample, [n] or [n, 1], for samples of the real ones' shape.</param>
    /// <param name="real">Real samples, [n, …].</param>
    /// <param name="generated">Generated samples, of the same shape.</param>
    /// <param name="weight">The factor, λ in the paper.</param>
    /// <param name="rng">Draws the places; <see cref="Rng.Default"/> if left out.</param>
    /// <param name="reduction">The mean over samples, the sum, or one penalty per sample, [n].</param>
    /// <exception cref="ShapeException">The shapes differ or have no axis for features, or the critic gives something
    /// else than one score per sample.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A real sample holds NaN, or <paramref name="weight"/> is negative
    /// or infinite.</exception>
    /// <exception cref="GradientException">The critic's scores do not depend on its input.</exception>
    public static Tensor WassersteinGradientPenalty(Func<Tensor, Tensor> critic, Tensor real, Tensor generated,
        double weight = 10, Rng? rng = null, Reduction reduction = Reduction.Mean)
    {
        using var check = Checks.OfLoss("wasserstein gradient penalty");
        check.SameShape(real, generated);
        if (real.Rank < 2) Throw.Shapes(check.Name, $"expects samples [n, ...], but got {real.Shape}: Unsqueeze(1)?");
        check.Elements(real, Domain.Finite);
        check.Option(weight, Domain.NotNegative, real.DType);

        var n = real.Shape[0];
        int[] features = [.. Enumerable.Range(1, real.Rank - 1)];
        var share = Tensor.Uniform(Shape.Of([n, .. features.Select(_ => 1)]), rng: rng, dtype: real.DType);
        var recorded = Gradients.Enabled;
        Tensor slopes;
        using (Gradients.On())       // a slope takes a tape, also where the penalty is only looked at
        {
            var between = share * real + (1 - share) * generated;
            if (!between.RequiresGrad) between.RequiresGrad = true;
            var scores = critic(between);
            if (scores.Shape != Shape.Of(n) && scores.Shape != Shape.Of(n, 1))
                Throw.Shapes(check.Name,
                    $"the critic must give one score per sample, [{n}] or [{n}, 1], but gave {scores.Shape}.");
            slopes = Gradients.Of(scores.Sum(), [between], createGraph: recorded)[0];
        }
        return Reduce(weight * (slopes.Norm(axes: features) - 1).Square(), reduction);
    }
}
