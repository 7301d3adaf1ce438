using MathNet.Numerics.Distributions;

namespace MicroGrad.Net;

/// <summary>
/// Which model is better, and whether chance may have made the difference:
/// <c>Compare.Losses(lossesOfA, lossesOfB)</c> on the same test examples, <c>Compare.Classifiers</c> by their hits and
/// misses, <c>Compare.Seeds</c> by the scores of several training runs. What is told of a test set holds for the two
/// trained networks on examples like these; whether a <i>method</i> is better, only seeds can tell. With more than two
/// models every pair is compared, with Holm's correction.
/// </summary>
public static class Compare
{
    const double Power = 0.8;

    /// <summary>
    /// The paired bootstrap (Efron, 1979) of the mean difference of losses: the examples are drawn anew, with
    /// replacement; the interval is from the percentiles of the mean differences, and p twice the share of them,
    /// (k + 1) / (resamples + 1), that has the other sign, but at least 2^(1 − n): that all n examples favour one model
    /// is as likely as all heads or all tails in n throws. Examples must be independent of each other. With fewer than
    /// about 30 the interval is too narrow.
    /// </summary>
    /// <param name="a">The loss of the first model on each example (reduction: Reduction.None); less is better.</param>
    /// <param name="b">The loss of the second on the same examples.</param>
    /// <param name="nameA">The first model's name, for the answer.</param>
    /// <param name="nameB">The second's.</param>
    /// <param name="resamples">How often examples are drawn anew.</param>
    /// <param name="confidence">Of the interval and the verdict.</param>
    /// <param name="rng">Draws the examples; by default one of a fixed seed, so that the answer is repeatable.</param>
    /// <exception cref="ArgumentException">Unequal lengths, fewer than two examples, or a loss is not
    /// finite.</exception>
    public static Comparison Losses(IReadOnlyList<double> a, IReadOnlyList<double> b, string nameA = "A",
        string nameB = "B", int resamples = 10_000, double confidence = 0.95, Rng? rng = null)
    {
        const string Call = "Compare.Losses";
        RequireEqual(Call, a.Count, b.Count);
        Require(Call, nameA, a, "examples", confidence);
        Require(Call, nameB, b, "examples", confidence);
        if (resamples < 100) Throw.OutOfRange(Call, nameof(resamples), resamples, "at least 100");
        double[] gains = [.. a.Zip(b, (p, q) => p - q)];
        var (gain, deviation) = MeanAndDeviation(gains);
        RequireMeasured(Call, gain, deviation);
        var means = Resample(gains, resamples, rng ?? new Rng(0));
        var (below, above) = (means.Count(mean => mean <= 0), means.Count(mean => mean >= 0));
        var p = Math.Min(1, 2 * (Math.Min(below, above) + 1.0) / (resamples + 1));
        return new Comparison
        {
            A = nameA, B = nameB, Gain = gain, Confidence = confidence,
            Low = Quantile(means, (1 - confidence) / 2), High = Quantile(means, (1 + confidence) / 2),
            PValue = Math.Max(p, Math.Pow(2, 1 - gains.Length)),
            Test = "paired bootstrap", Unit = "examples",
            Needed = level => MoreExamples(gain, deviation, gains.Length, level,
                least: (int)Math.Floor(1 - Math.Log2(level)) + 1),
        }.Consistent();
    }

    /// <summary>
    /// McNemar's (1947) test of two classifiers: only examples that one has right and the other wrong count, and equal
    /// models would share them evenly. Exact, by the binomial distribution, for fewer than 25 of them; else by χ² with
    /// continuity correction, (|b − c| − 1)² / (b + c). The gain is that of accuracy, its interval Agresti and Min's
    /// (2005): Wald's with ½ added to each count; within −1 to 1, and extended to 0 where the test cannot tell the two
    /// apart.
    /// </summary>
    /// <param name="a">The classes predicted by the first model.</param>
    /// <param name="b">Those by the second.</param>
    /// <param name="labels">The right ones.</param>
    /// <param name="nameA">The first model's name, for the answer.</param>
    /// <param name="nameB">The second's.</param>
    /// <param name="confidence">Of the interval and the verdict.</param>
    /// <exception cref="ArgumentException">Unequal lengths, or fewer than two examples.</exception>
    public static Comparison Classifiers(IReadOnlyList<int> a, IReadOnlyList<int> b, IReadOnlyList<int> labels,
        string nameA = "A", string nameB = "B", double confidence = 0.95)
    {
        const string Call = "Compare.Classifiers";
        RequireEqual(Call, a.Count, b.Count);
        if (labels.Count != a.Count)
            Throw.Value(Call, $"there are {labels.Count} labels for {a.Count} predictions.");
        RequireCount(Call, nameA, a.Count, "examples", confidence);
        int n = labels.Count, lost = 0, won = 0;
        for (var i = 0; i < n; i++)
        {
            if (a[i] == labels[i] && b[i] != labels[i]) lost++;
            if (a[i] != labels[i] && b[i] == labels[i]) won++;
        }
        var gain = (double)(won - lost) / n;
        var (middle, discordant) = ((double)(won - lost) / (n + 2), won + lost + 1.0);
        var reach = Normal.InvCDF(0, 1, (1 + confidence) / 2)
            * Math.Sqrt(discordant / (n + 2) - middle * middle) / Math.Sqrt(n + 2);
        return new Comparison
        {
            A = nameA, B = nameB, Gain = gain, Confidence = confidence,
            Low = Math.Max(-1, middle - reach), High = Math.Min(1, middle + reach),
            PValue = McNemar(lost, won), Test = "McNemar", Unit = "examples",
            Needed = level => MoreExamples(gain, Math.Sqrt((double)(won + lost) / n), n, level),
        }.Consistent();
    }

    /// <summary>
    /// Student's t-test of the scores of several training runs that differ in their seeds: Welch's (1947), which allows
    /// unequal spreads, or the paired one where run i of both models shares its seed, split or fold.
    /// </summary>
    /// <param name="a">The scores of the first model, one per seed.</param>
    /// <param name="b">Those of the second.</param>
    /// <param name="nameA">The first model's name, for the answer.</param>
    /// <param name="nameB">The second's.</param>
    /// <param name="paired">Whether a[i] and b[i] belong together.</param>
    /// <param name="higherIsBetter">True for scores such as accuracy, false for losses.</param>
    /// <param name="confidence">Of the interval and the verdict.</param>
    /// <exception cref="ArgumentException">Fewer than two seeds, unequal numbers when paired, or a score is not
    /// finite.</exception>
    public static Comparison Seeds(IReadOnlyList<double> a, IReadOnlyList<double> b, string nameA = "A",
        string nameB = "B", bool paired = false, bool higherIsBetter = true, double confidence = 0.95)
    {
        const string Call = "Compare.Seeds";
        if (paired) RequireEqual(Call, a.Count, b.Count);
        Require(Call, nameA, a, "seeds", confidence);
        Require(Call, nameB, b, "seeds", confidence);
        var sign = higherIsBetter ? 1 : -1;
        var spread = paired ? Spread.Paired([.. a.Zip(b, (p, q) => sign * (q - p))])
            : Spread.Welch([.. a.Select(score => sign * score)], [.. b.Select(score => sign * score)]);
        RequireMeasured(Call, spread.Gain, spread.Error);
        var reach = spread.Error == 0 ? 0
            : spread.Error * StudentT.InvCDF(0, 1, spread.Freedom, (1 + confidence) / 2);
        return new Comparison
        {
            A = nameA, B = nameB, Gain = spread.Gain, Low = spread.Gain - reach, High = spread.Gain + reach,
            Confidence = confidence, PValue = spread.PValue, Test = paired ? "paired t-test" : "Welch's t-test",
            Unit = "seeds", Needed = spread.MoreSeeds,
        };
    }

    /// <summary>Every pair of several models by <see cref="Losses(IReadOnlyList{double}, IReadOnlyList{double}, string,
    /// string, int, double, Rng?)"/>, with <see cref="Holm"/>'s correction.</summary>
    public static IReadOnlyList<Comparison> Losses(params (string Name, double[] Losses)[] models) =>
        Pairs(models, (a, b) => Losses(a.Losses, b.Losses, a.Name, b.Name));

    /// <summary>Every pair of several classifiers by McNemar's test, with <see cref="Holm"/>'s correction.</summary>
    public static IReadOnlyList<Comparison> Classifiers(
        IReadOnlyList<int> labels, params (string Name, int[] Predicted)[] models) =>
        Pairs(models, (a, b) => Classifiers(a.Predicted, b.Predicted, labels, a.Name, b.Name));

    /// <summary>
    /// Every pair of several models by the scores of their seeds, with <see cref="Holm"/>'s correction.
    /// </summary>
    public static IReadOnlyList<Comparison> Seeds(
        bool paired, bool higherIsBetter, params (string Name, double[] Scores)[] models) =>
        Pairs(models, (a, b) => Seeds(a.Scores, b.Scores, a.Name, b.Name, paired, higherIsBetter));

    /// <summary>
    /// Raises the p-values of comparisons that are judged together, so that with probability 1 − confidence none of
    /// them finds a difference where there is none (Holm, 1979): the k-th smallest of m becomes (m − k + 1) · p, and at
    /// least as much as the one before. Intervals stay those of single comparisons.
    /// </summary>
    public static IReadOnlyList<Comparison> Holm(IEnumerable<Comparison> comparisons)
    {
        Comparison[] all = [.. comparisons];
        var (corrected, least) = (new Comparison[all.Length], 0.0);
        foreach (var (rank, index) in Enumerable.Range(0, all.Length).OrderBy(i => all[i].PValue).Index())
        {
            least = Math.Max(least, Math.Min(1, (all.Length - rank) * all[index].PValue));
            corrected[index] = all[index] with { PValue = least, Comparisons = all.Length };
        }
        return corrected;
    }

    static IReadOnlyList<Comparison> Pairs<T>(T[] models, Func<T, T, Comparison> compare)
    {
        if (models.Length < 2) Throw.Value("Compare", $"there must be at least 2 models, not {models.Length}.");
        return Holm(models.SelectMany((a, i) => models[(i + 1)..].Select(b => compare(a, b))));
    }

    /// <summary>The p-value, from how many examples only A and only B has right.</summary>
    internal static double McNemar(int onlyA, int onlyB)
    {
        var (fewer, all) = (Math.Min(onlyA, onlyB), onlyA + onlyB);
        if (all == 0) return 1;
        if (all < 25) return Math.Min(1, 2 * Binomial.CDF(0.5, all, fewer));
        var apart = Math.Max(0, Math.Abs(onlyA - onlyB) - 1.0);
        return 2 * Normal.CDF(0, 1, -apart / Math.Sqrt(all));     // χ² with one degree of freedom is a squared normal
    }

    static double[] Resample(double[] gains, int resamples, Rng rng)
    {
        var means = Sizes.New<double>("Compare.Losses", resamples);
        for (var i = 0; i < resamples; i++)
        {
            double sum = 0;
            for (var draw = 0; draw < gains.Length; draw++) sum += gains[rng.Next(gains.Length)];
            means[i] = sum / gains.Length;
        }
        Array.Sort(means);
        return means;
    }

    /// <summary>Between the two nearest of sorted numbers, in proportion.</summary>
    static double Quantile(double[] sorted, double share)
    {
        var at = share * (sorted.Length - 1);
        var lower = Math.Min((int)at, sorted.Length - 2);
        return sorted[lower] + (at - lower) * (sorted[lower + 1] - sorted[lower]);
    }

    static long? MoreExamples(double gain, double deviation, int count, double level, int least = 0)
    {
        var distance = (Normal.InvCDF(0, 1, 1 - level / 2) + Normal.InvCDF(0, 1, Power)) * deviation / gain;
        var needed = Math.Max(least, Math.Ceiling(distance * distance)) - count;
        return needed < 1e15 ? Math.Max(1, (long)needed) : null;
    }

    static (double Mean, double Deviation) MeanAndDeviation(double[] numbers)
    {
        // The rounded mean of equal numbers may differ from them, which would pass for a tiny deviation.
        if (!numbers.AsSpan().ContainsAnyExcept(numbers[0])) return (numbers[0], 0);
        var unit = PowerOfTwo.Near(numbers);        // squares overflow and vanish
        var mean = numbers.Average(x => x / unit);
        return (mean * unit,
            unit * Math.Sqrt(numbers.Sum(x => (x / unit - mean) * (x / unit - mean)) / (numbers.Length - 1)));
    }

    /// <summary>Differences of huge numbers overflow.</summary>
    static void RequireMeasured(string call, double gain, double deviation)
    {
        if (!double.IsFinite(gain) || !double.IsFinite(deviation))
            Throw.Value(call, "the numbers differ by more than the largest there is: scale them down.");
    }

    static void RequireEqual(string call, int a, int b)
    {
        if (a != b)
            Throw.Value(call, $"the two models must be judged on the same data, but there are {a} and {b} numbers.");
    }

    static void RequireCount(string call, string name, int count, string unit, double confidence)
    {
        if (count < 2) Throw.Value(call, $"{name} has {count} {unit}: at least 2 are needed to see how they vary.");
        if (confidence is not (> 0 and < 1)) Throw.OutOfRange(call, nameof(confidence), confidence, "between 0 and 1");
    }

    static void Require(string call, string name, IReadOnlyList<double> numbers, string unit, double confidence)
    {
        RequireCount(call, name, numbers.Count, unit, confidence);
        for (var i = 0; i < numbers.Count; i++)
            if (!double.IsFinite(numbers[i])) Throw.OutOfRange(call, $"number {i} of {name}", numbers[i], "finite");
    }

    /// <summary>A gain in scores and what is known of its error.</summary>
    /// <param name="Gain">The mean of B less that of A.</param>
    /// <param name="Error">Its standard error.</param>
    /// <param name="Freedom">The degrees of freedom of Student's distribution.</param>
    /// <param name="Count">The seeds there are, of the model that has fewer.</param>
    /// <param name="At">Standard error and freedom with a number of seeds for each model.</param>
    sealed record Spread(
        double Gain, double Error, double Freedom, int Count, Func<double, (double Error, double Freedom)> At)
    {
        public static Spread Paired(double[] gains)
        {
            var (mean, deviation) = MeanAndDeviation(gains);
            return new(mean, deviation / Math.Sqrt(gains.Length), gains.Length - 1, gains.Length,
                n => (deviation / Math.Sqrt(n), n - 1));
        }

        public static Spread Welch(double[] a, double[] b)
        {
            var ((meanA, deviationA), (meanB, deviationB)) = (MeanAndDeviation(a), MeanAndDeviation(b));
            var (error, freedom) = Errors(a.Length, b.Length);
            return new(meanB - meanA, error, freedom, Math.Min(a.Length, b.Length), n => Errors(n, n));

            // Satterthwaite's (1946) degrees of freedom.
            (double, double) Errors(double n, double m)
            {
                var (p, q) = (deviationA * deviationA / n, deviationB * deviationB / m);
                return (Math.Sqrt(p + q), (p + q) * (p + q) / (p * p / (n - 1) + q * q / (m - 1)));
            }
        }

        public double PValue => Error > 0 ? 2 * StudentT.CDF(0, 1, Freedom, -Math.Abs(Gain) / Error)
            : Gain == 0 ? 1 : 0;

        public long? MoreSeeds(double level)
        {
            const long Most = 1L << 40;
            long few = Count, many = Count + 1;
            while (!Enough(many) && many < Most) (few, many) = (many, 2 * many);
            if (many >= Most) return null;
            while (many - few > 1)
                if (Enough((few + many) / 2)) many = (few + many) / 2;
                else few = (few + many) / 2;
            return many - Count;

            bool Enough(long seeds)
            {
                var (error, freedom) = At(seeds);
                return Math.Abs(Gain) >= error
                    * (StudentT.InvCDF(0, 1, freedom, 1 - level / 2) + StudentT.InvCDF(0, 1, freedom, Power));
            }
        }
    }
}
