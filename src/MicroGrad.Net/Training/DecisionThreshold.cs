using System.Globalization;

namespace MicroGrad.Net;

/// <summary>
/// Above which score a binary classifier says yes, and the decisions that follow on the data it was chosen on. The
/// search is exact: it tries every distinct score, and −∞, with which all are yes. A share of nothing (the precision
/// where there is no yes) is 0, as in <see cref="ConfusionMatrix"/>.
/// </summary>
/// <remarks>
/// A probability of one half is the right threshold only where both mistakes cost the same and probabilities are
/// honest. Choose on data that was not trained on, and judge the choice on a third part with <see cref="At"/>, since
/// the best figure of many flatters. Scores are logits or probabilities: whatever is higher for yes. They have the
/// shape of the targets, which are 0 and 1; both must occur.
/// </remarks>
/// <param name="Value">Scores above it are a yes, <c>scores > Value</c>; the score itself is a no.</param>
/// <param name="TruePositives">How many are 1 and a yes.</param>
/// <param name="FalsePositives">How many are 0 and a yes.</param>
/// <param name="TrueNegatives">How many are 0 and a no.</param>
/// <param name="FalseNegatives">How many are 1 and a no.</param>
public readonly record struct DecisionThreshold(
    double Value, int TruePositives, int FalsePositives, int TrueNegatives, int FalseNegatives)
    : IFitted<DecisionThreshold>
{
    const int Version = 1;


    /// <summary>TP / (TP + FN): the share of the positives that are found.</summary>
    public double Recall => Share(TruePositives, TruePositives + FalseNegatives);

    /// <summary>TN / (TN + FP): the share of the negatives that are left alone.</summary>
    public double Specificity => Share(TrueNegatives, TrueNegatives + FalsePositives);

    /// <summary>TP / (TP + FP): the share of the yeses that are right.</summary>
    public double Precision => Share(TruePositives, TruePositives + FalsePositives);

    /// <summary>(recall + specificity) / 2: the accuracy if both classes were equally common.</summary>
    public double BalancedAccuracy => (Recall + Specificity) / 2;

    /// <summary>
    /// (1 + β²)·TP / ((1 + β²)·TP + β²·FN + FP): the harmonic mean of precision and recall, in which recall counts β
    /// times as much (van Rijsbergen, 1979).
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">β is negative or not finite.</exception>
    public double FScore(double beta = 1)
    {
        new Checks(nameof(DecisionThreshold)).Option(beta, Domain.NotNegative);
        var hits = (1 + beta * beta) * TruePositives;
        return Share(hits, hits + beta * beta * FalseNegatives + FalsePositives);
    }

    /// <summary>(falsePositive·FP + falseNegative·FN) / n: the mean cost of a decision.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A cost is negative or not finite.</exception>
    public double Cost(double falsePositive, double falseNegative)
    {
        var check = new Checks(nameof(DecisionThreshold));
        check.Option(falsePositive, Domain.NotNegative);
        check.Option(falseNegative, Domain.NotNegative);
        return (falsePositive * FalsePositives + falseNegative * FalseNegatives)
            / (TruePositives + FalsePositives + TrueNegatives + FalseNegatives);
    }

    /// <summary>The decisions by a given threshold, such as one chosen on other data.</summary>
    /// <param name="value">The threshold; rounded to Float32 for scores of that type, as in <c>scores > value</c>.
    /// </param>
    /// <param name="prediction">Scores, logits for one: the higher, the likelier yes. Any shape.</param>
    /// <param name="target">1 where yes is right, 0 where no is.</param>
    /// <exception cref="ShapeException">Prediction and target differ in shape.</exception>
    /// <exception cref="ArgumentException">A score or the value is NaN, a target is neither 0 nor 1, or all targets are
    /// equal.</exception>
    public static DecisionThreshold At(double value, Tensor prediction, Tensor target)
    {
        new Checks(nameof(DecisionThreshold)).Option(value, Domain.Number);
        if (prediction.DType == DType.Float32) value = (float)value;
        return Candidates(prediction, target).First(candidate => candidate.Value <= value) with { Value = value };
    }

    /// <summary>The threshold with the highest F-score (F-beta); of equals, the highest.</summary>
    /// <inheritdoc cref="ForHighest"/>
    /// <param name="prediction">Scores, logits for one: the higher, the likelier yes. Any shape.</param>
    /// <param name="target">1 where yes is right, 0 where no is.</param>
    /// <param name="beta">How many times as much recall counts as precision; 0 or more.</param>
    public static DecisionThreshold ForFScore(Tensor prediction, Tensor target, double beta = 1) =>
        ForHighest(prediction, target, at => at.FScore(beta));

    /// <summary>The threshold with the highest balanced accuracy; of equals, the highest.</summary>
    /// <inheritdoc cref="ForHighest"/>
    public static DecisionThreshold ForBalancedAccuracy(Tensor prediction, Tensor target) =>
        ForHighest(prediction, target, at => at.BalancedAccuracy);

    /// <summary>The threshold with the lowest cost; of equals, the highest.</summary>
    /// <inheritdoc cref="ForHighest"/>
    /// <param name="prediction">Scores, logits for one: the higher, the likelier yes. Any shape.</param>
    /// <param name="target">1 where yes is right, 0 where no is.</param>
    /// <param name="falsePositive">What a yes costs where no is right.</param>
    /// <param name="falseNegative">What a no costs where yes is right.</param>
    public static DecisionThreshold ForCost(
        Tensor prediction, Tensor target, double falsePositive, double falseNegative) =>
        ForHighest(prediction, target, at => -at.Cost(falsePositive, falseNegative));

    /// <summary>Of the thresholds that find enough of the positives, the most precise; of equals, the lowest.</summary>
    /// <inheritdoc cref="ForHighest"/>
    /// <param name="prediction">Scores, logits for one: the higher, the likelier yes. Any shape.</param>
    /// <param name="target">1 where yes is right, 0 where no is.</param>
    /// <param name="atLeast">The wanted recall: above 0, at most 1.</param>
    public static DecisionThreshold ForRecall(Tensor prediction, Tensor target, double atLeast)
    {
        new Checks(nameof(DecisionThreshold)).Option(atLeast, Domain.AboveZeroToOne);
        var candidates = Candidates(prediction, target);
        candidates.Reverse();
        RequireReached("recall", atLeast, candidates[0].Recall, candidates[0]);
        return Highest(candidates, at => at.Recall >= atLeast ? at.Precision : double.NaN);
    }

    /// <summary>Of the thresholds that are precise enough, the one that finds most; of equals, the highest.</summary>
    /// <inheritdoc cref="ForHighest"/>
    /// <param name="prediction">Scores, logits for one: the higher, the likelier yes. Any shape.</param>
    /// <param name="target">1 where yes is right, 0 where no is.</param>
    /// <param name="atLeast">The wanted precision: above 0, at most 1. No threshold may reach it: an error.</param>
    public static DecisionThreshold ForPrecision(Tensor prediction, Tensor target, double atLeast)
    {
        new Checks(nameof(DecisionThreshold)).Option(atLeast, Domain.AboveZeroToOne);
        var candidates = Candidates(prediction, target);
        var most = Highest(candidates, at => at.Precision);
        RequireReached("precision", atLeast, most.Precision, most);
        return Highest(candidates, at => at.Precision >= atLeast ? at.Recall : double.NaN);
    }

    /// <summary>The threshold with the highest figure; of equals, the highest threshold.</summary>
    /// <param name="prediction">Scores, logits for one: the higher, the likelier yes. Any shape.</param>
    /// <param name="target">1 where yes is right, 0 where no is.</param>
    /// <param name="figure">What to compare thresholds by; those where it is NaN are not chosen.</param>
    /// <exception cref="ShapeException">Prediction and target differ in shape.</exception>
    /// <exception cref="ArgumentException">A score is NaN, a target is neither 0 nor 1, all targets are equal, or an
    /// option makes no sense.</exception>
    public static DecisionThreshold ForHighest(Tensor prediction, Tensor target, Func<DecisionThreshold, double> figure) =>
        Highest(Candidates(prediction, target), figure);

    /// <inheritdoc/>
    public string SaveState()
    {
        var at = this;
        return FittedText.Write(nameof(DecisionThreshold), Version, json =>
        {
            json.Number("value", at.Value);
            json.Numbers("counts", [at.TruePositives, at.FalsePositives, at.TrueNegatives, at.FalseNegatives]);
        });
    }

    /// <inheritdoc/>
    public static DecisionThreshold LoadState(string text) =>
        FittedText.Read(text, nameof(DecisionThreshold), Version, json =>
            json.Numbers("counts") is [var tp, var fp, var tn, var fn] counts
                && counts.All(count => count is >= 0 and <= int.MaxValue && double.IsInteger(count))
                ? new DecisionThreshold(json.Number("value"), (int)tp, (int)fp, (int)tn, (int)fn)
                : throw new ArgumentException("its counts are not four whole numbers."));

    /// <summary>The first of those with the highest figure.</summary>
    static DecisionThreshold Highest(List<DecisionThreshold> candidates, Func<DecisionThreshold, double> figure)
    {
        var (best, highest) = (default(DecisionThreshold?), double.NaN);
        foreach (var candidate in candidates)
        {
            var value = figure(candidate);
            if (double.IsNaN(value) || value <= highest) continue;
            (best, highest) = (candidate, value);
        }
        if (best is null) Throw.Value(nameof(DecisionThreshold), "the figure is NaN for every threshold.");
        return best.Value;
    }

    /// <summary>All decisions that a threshold can make, from no yes to all; the highest threshold first.</summary>
    static List<DecisionThreshold> Candidates(Tensor prediction, Tensor target)
    {
        var answers = new YesOrNo(nameof(DecisionThreshold), prediction, target);
        var (values, count) = (answers.Scores, answers.Count);
        var positives = answers.Yes.Count(yes => yes);
        if (positives == 0 || positives == count)
            Throw.Value(nameof(DecisionThreshold), $"{positives} of {count} targets are 1: both classes must occur.");
        var order = Enumerable.Range(0, count).ToArray();
        Array.Sort(Array.ConvertAll(values, value => -value), order);
        var (hits, alarms) = (0, 0);
        List<DecisionThreshold> candidates = [];
        for (var i = 0; i < count; i++)
        {
            // Equal scores get the same decision.
            if (i == 0 || values[order[i]] != values[order[i - 1]]) Add(values[order[i]]);
            if (answers.Yes[order[i]]) hits++;
            else alarms++;
        }
        // A score of −∞ is a no whatever the threshold.
        if (!double.IsNegativeInfinity(values[order[^1]])) Add(double.NegativeInfinity);
        return candidates;

        void Add(double value) => candidates.Add(
            new(value, hits, alarms, count - positives - alarms, positives - hits));
    }

    static double Share(double part, double whole) => whole == 0 ? 0 : part / whole;

    static void RequireReached(string figure, double wanted, double highest, DecisionThreshold at)
    {
        if (highest < wanted)
            Throw.Value(nameof(DecisionThreshold), string.Create(CultureInfo.InvariantCulture,
                $"no threshold has a {figure} of {wanted:0.####}: the highest is {highest:0.####}, above {at.Value}, with a "
                + $"precision of {at.Precision:0.####} and a recall of {at.Recall:0.####}."));
    }
}
