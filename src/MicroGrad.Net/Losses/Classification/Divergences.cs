namespace MicroGrad.Net;

// How far one distribution over classes is from another.
public static partial class Losses
{
    /// <summary>
    /// target · (log target − logProbabilities), whose sum over the classes is KL(target ‖ model), the Kullback-Leibler
    /// divergence: what the model's code wastes on data of the target's distribution (Kullback and Leibler, 1951).
    /// </summary>
    /// <remarks>
    /// <para>Gradient: −target; after a log-softmax, softmax(logits) − target on the logits, as in
    /// cross-entropy.</para>
    /// <para>Use: learning from a teacher's probabilities, or keeping near to another model; 0 when both agree.</para>
    /// <para>Beware: the first argument is the model's logarithms, the second the target's probabilities, and swapping
    /// the two is another divergence. The mean is over elements, not over samples: it is smaller by the number of
    /// classes than the divergence itself, which is the sum divided by the number of samples.</para>
    /// <para>Twin: torch.nn.functional.kl_div, whose reduction batchmean is our sum divided by the number of samples;
    /// ours refuses targets that do not sum to 1.</para>
    /// </remarks>
    /// <param name="logProbabilities">What the model says, in logarithms: [n, classes], or [n, classes, d₁, …], or
    /// [classes] for one sample.</param>
    /// <param name="target">Distributions over the classes, of the same shape.</param>
    /// <param name="logTarget">The target is given in logarithms too.</param>
    /// <param name="reduction">The mean over elements, the sum, or one per element.</param>
    /// <exception cref="ShapeException">The shapes differ.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The target is no distribution, or a logarithm is above 0 by more
    /// than rounding (10⁻⁶).</exception>
    public static Tensor KullbackLeiblerDivergence(Tensor logProbabilities, Tensor target, bool logTarget = false,
        Reduction reduction = Reduction.Mean)
    {
        using var check = Checks.OfLoss("Kullback-Leibler divergence");
        var (probabilities, logs) = TargetDistribution.Of(check, logProbabilities, target, logTarget);
        // The difference of the logarithms first, which is small where the two are nearly equal.
        var difference = Logs.NoneWhereNever(probabilities, logs) - Logs.NoneWhereNever(probabilities, logProbabilities);
        return Reduce(probabilities * difference, reduction);
    }

    /// <summary>
    /// Σ ½ · (t · log t + p · log p) − m · log m over the classes, t being the target, p the model's probabilities and
    /// m = (t + p)/2: the Jensen-Shannon divergence, between 0 and log 2, the same both ways round (Lin, 1991).
    /// </summary>
    /// <remarks>
    /// <para>Gradient: ½ · p · log(p/m) in the logarithm of p.</para>
    /// <para>Use: where neither side is the truth: keeping the answers to several versions of a sample alike, or
    /// comparing two models. Finite even where one side says impossible.</para>
    /// <para>Beware: it is flat where the two hardly overlap: a model that is surely wrong learns next to nothing from
    /// it; then take cross-entropy.</para>
    /// <para>Twin: none; formula of the paper, with equal weights.</para>
    /// </remarks>
    /// <param name="logProbabilities">What the model says, in logarithms: [n, classes], or [n, classes, d₁, …], or
    /// [classes] for one sample.</param>
    /// <param name="target">Distributions over the classes, of the same shape.</param>
    /// <param name="logTarget">The target is given in logarithms too.</param>
    /// <param name="reduction">The mean over samples, the sum, or one loss per sample.</param>
    /// <exception cref="ShapeException">The shapes differ.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The target is no distribution, or a logarithm is above 0 by more
    /// than rounding (10⁻⁶).</exception>
    public static Tensor JensenShannonDivergence(Tensor logProbabilities, Tensor target, bool logTarget = false,
        Reduction reduction = Reduction.Mean)
    {
        using var check = Checks.OfLoss("Jensen-Shannon divergence");
        var (t, logT) = TargetDistribution.Of(check, logProbabilities, target, logTarget);
        var p = logProbabilities.Exp();
        var (m, d) = ((t + p) / 2, (t - p) / 2);
        var far = 0.5 * (Logs.Times(t, logT) + Logs.Times(p, logProbabilities)) - Logs.Times(m, Logs.OrZero(m));
        // Of nearly equal probabilities m(1 ± r), about ½mr²: a difference that would lose all digits.
        var isNear = d.Abs() < 0.25 * m;
        var r = Tensor.Where(isNear, d, 0) / Tensor.Where(isNear, m, 1);
        var near = 0.5 * m * ((-r.Square()).Log1p() + r * (r.Log1p() - (-r).Log1p()));
        return Reduce(Tensor.Where(isNear, near, far).Sum(check.ClassAxis(logProbabilities)), reduction);
    }
}

/// <summary>The target of a divergence, as probabilities and as logarithms.</summary>
readonly record struct TargetDistribution(Tensor Probabilities, Tensor Logarithms)
{
    public static TargetDistribution Of(Checks check, Tensor logProbabilities, Tensor target, bool isLog)
    {
        check.SameShape(logProbabilities, target);
        check.Elements(logProbabilities, Domain.LogProbability);
        var axis = check.ClassAxis(target);
        var probabilities = isLog ? target.Exp() : target;
        if (isLog) check.Distributions(probabilities, axis, Domain.LogDistribution, "exp(target)");
        else check.Distributions(target, axis);
        return new(probabilities, isLog ? target : Logs.OrZero(target));
    }
}
