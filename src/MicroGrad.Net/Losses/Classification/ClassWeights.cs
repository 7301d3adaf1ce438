namespace MicroGrad.Net;

/// <summary>
/// Weights per class from how often each occurs, for losses that take <c>weights</c>: rare classes count more. They
/// are scaled to a mean of 1 over the classes (Σ w = classes), so that the loss keeps its size.
/// </summary>
public static class ClassWeights
{
    /// <summary>How often each class 0 … classes − 1 occurs among the labels.</summary>
    /// <param name="labels">One class per sample.</param>
    /// <param name="classes">The number of classes.</param>
    /// <param name="ignoreIndex">A label that is not counted.</param>
    /// <exception cref="ArgumentOutOfRangeException">A label is no class (the message says which), or there is no
    /// class.</exception>
    public static int[] Count(int[] labels, int classes, int ignoreIndex = -100)
    {
        new Checks(Name).Option(classes, Domain.From(1, Array.MaxLength, "1 or more"));
        var counts = Sizes.New<int>(Name, classes);
        for (var i = 0; i < labels.Length; i++)
        {
            if (labels[i] == ignoreIndex) continue;
            if ((uint)labels[i] >= (uint)classes) Throw.LabelOutOfRange(Name, i, labels[i], classes);
            counts[labels[i]]++;
        }
        return counts;
    }

    /// <summary>w[c] ∝ 1/counts[c]: every class weighs as much as any other in the whole, however rare.</summary>
    /// <param name="counts">Samples of each class; see <see cref="Count"/>.</param>
    /// <param name="dtype">The number type of the weights, that of the logits.</param>
    /// <returns>[classes], of mean 1.</returns>
    /// <exception cref="ArgumentException">A class has no samples, or there is no class.</exception>
    public static Tensor Inverse(int[] counts, DType dtype = DType.Float32) =>
        OfMeanOne(counts, count => 1.0 / count, dtype);

    /// <summary>
    /// w[c] ∝ (1 − β)/(1 − β^counts[c]): the inverse of the effective number of samples, which grows ever more
    /// slowly, since new samples resemble those at hand (Cui et al., 2019).
    /// </summary>
    /// <param name="counts">Samples of each class; see <see cref="Count"/>.</param>
    /// <param name="beta">β in [0, 1): about 1 − 1/N, N being the number of distinct samples a class can have. With 0
    /// all weights are 1; towards 1 they become those of <see cref="Inverse"/>.</param>
    /// <param name="dtype">The number type of the weights, that of the logits.</param>
    /// <returns>[classes], of mean 1.</returns>
    /// <exception cref="ArgumentException">A class has no samples, or there is no class.</exception>
    /// <exception cref="ArgumentOutOfRangeException">β is outside [0, 1).</exception>
    public static Tensor EffectiveNumber(int[] counts, double beta = 0.999, DType dtype = DType.Float32)
    {
        new Checks(Name).Option(beta, Domain.ZeroToBelowOne);
        return OfMeanOne(counts, count => (1 - beta) / (1 - Math.Pow(beta, count)), dtype);
    }

    const string Name = "class weights";

    static Tensor OfMeanOne(int[] counts, Func<int, double> weight, DType dtype)
    {
        new Checks(Name).Counts(counts);
        var weights = counts.Select(weight).ToArray();
        var mean = weights.Average();
        return Tensor.From([counts.Length], [.. weights.Select(w => w / mean)]).To(dtype);
    }
}
