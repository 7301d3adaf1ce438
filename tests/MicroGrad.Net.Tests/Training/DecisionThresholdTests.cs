using FsCheck;
using FsCheck.Fluent;

namespace MicroGrad.Net.Tests.Training;

[Properties(Arbitrary = [typeof(DecisionThresholdTests)])]
public class DecisionThresholdTests
{
    /// <summary>Few distinct scores, so many ties, and both classes; shrinks to fewer rows and scores of 0.</summary>
    public static Arbitrary<(float[] Scores, float[] Truths)> Cases { get; } = Arb.From(
        from count in Gen.Choose(2, 30)
        from scores in Gen.Choose(-5, 5).Select(n => n / 7f).ArrayOf(count)
        from truths in Gen.Choose(0, 1).Select(n => (float)n).ArrayOf(count)
        select (scores, truths),
        data => Shrinks.Without(data.scores).Zip(Shrinks.Without(data.truths)).Concat(
            from row in Enumerable.Range(0, data.scores.Length)
            where data.scores[row] != 0
            select (Shrinks.With(data.scores, row, 0), data.truths)))
        .Filter(data => data.truths.Distinct().Count() == 2);

    static (Tensor, Tensor) Tensors((float[] Scores, float[] Truths) data) =>
        (Tensor.From([data.Scores.Length, 1], data.Scores), Tensor.From([data.Truths.Length, 1], data.Truths));

    /// <summary>Counted afresh for one threshold.</summary>
    static (double Recall, double Precision, double Specificity, int Alarms, int Missed) Count(
        (float[] Scores, float[] Truths) data, double threshold)
    {
        (bool Yes, bool Positive)[] rows = [.. data.Scores.Zip(data.Truths, (score, truth) => (score > threshold, truth == 1))];
        double Share(Func<(bool Yes, bool Positive), bool> of, Func<(bool Yes, bool Positive), bool> which) =>
            rows.Where(which).Select(row => of(row) ? 1.0 : 0.0).DefaultIfEmpty(0).Average();
        return (Share(row => row.Yes, row => row.Positive), Share(row => row.Positive, row => row.Yes),
            Share(row => !row.Yes, row => !row.Positive),
            rows.Count(row => row.Yes && !row.Positive), rows.Count(row => !row.Yes && row.Positive));
    }

    /// <summary>The thresholds that can make a difference: each score, and less than all.</summary>
    static IEnumerable<double> All(float[] scores) => scores.Select(score => (double)score).Append(double.NegativeInfinity);

    static void Same(double expected, double actual) => Assert.Equal(expected, actual, tolerance: 1e-12);

    /// <summary>The figure of the choice is the best of all that brute force finds, and its counts are right.</summary>
    static void IsBest((float[] Scores, float[] Truths) data, DecisionThreshold chosen, Func<double, double> figure)
    {
        Same(All(data.Scores).Max(figure), figure(chosen.Value));
        var counted = Count(data, chosen.Value);
        Same(counted.Recall, chosen.Recall);
        Same(counted.Specificity, chosen.Specificity);
        Same(counted.Precision, chosen.Precision);
        Assert.Equal((counted.Alarms, counted.Missed), (chosen.FalsePositives, chosen.FalseNegatives));
        Assert.Equal(data.Scores.Length,
            chosen.TruePositives + chosen.FalsePositives + chosen.TrueNegatives + chosen.FalseNegatives);
    }

    [Property]
    public void Each_choice_is_the_best_of_all_thresholds((float[] Scores, float[] Truths) data)
    {
        var (scores, target) = Tensors(data);
        foreach (var beta in new[] { 0.5, 1, 2 })
        {
            // The harmonic mean, with recall counted beta² times; 0 where nothing is found.
            double F(double threshold) => Count(data, threshold) is var at && at.Recall > 0
                ? (1 + beta * beta) / (1 / at.Precision + beta * beta / at.Recall) : 0;
            var chosen = DecisionThreshold.ForFScore(scores, target, beta);
            IsBest(data, chosen, F);
            Same(F(chosen.Value), chosen.FScore(beta));
        }
        double Balanced(double threshold) => Count(data, threshold) is var at ? (at.Recall + at.Specificity) / 2 : 0;
        IsBest(data, DecisionThreshold.ForBalancedAccuracy(scores, target), Balanced);
        Same(Balanced(0.1), DecisionThreshold.At(0.1, scores, target).BalancedAccuracy);
        foreach (var (alarm, miss) in new[] { (1.0, 1.0), (1, 20), (3, 0.5), (0, 1), (1, 0) })
        {
            double Cost(double threshold) => Count(data, threshold) is var at
                ? (alarm * at.Alarms + miss * at.Missed) / data.Scores.Length : 0;
            var chosen = DecisionThreshold.ForCost(scores, target, alarm, miss);
            IsBest(data, chosen, threshold => -Cost(threshold));
            Same(Cost(chosen.Value), chosen.Cost(alarm, miss));
        }
        foreach (var wanted in new[] { 0.01, 0.5, 0.8, 1 })
        {
            var found = DecisionThreshold.ForRecall(scores, target, wanted);
            IsBest(data, found, threshold =>
                Count(data, threshold) is var at && at.Recall >= wanted ? at.Precision : -1);
            // None as precise finds more.
            Assert.DoesNotContain(All(data.Scores), threshold => Count(data, threshold) is var at
                && at.Precision >= found.Precision - 1e-12 && at.Recall > found.Recall);

            if (All(data.Scores).Any(threshold => Count(data, threshold).Precision >= wanted))
            {
                var precise = DecisionThreshold.ForPrecision(scores, target, wanted);
                IsBest(data, precise, threshold =>
                    Count(data, threshold) is var at && at.Precision >= wanted ? at.Recall : -1);
                Assert.DoesNotContain(All(data.Scores), threshold => Count(data, threshold) is var at
                    && at.Recall >= precise.Recall && at.Precision > precise.Precision + 1e-12);
            }
            else Assert.Throws<ArgumentException>(() => DecisionThreshold.ForPrecision(scores, target, wanted));
        }
    }

    [Property]
    public void Decisions_by_any_threshold_are_counted((float[] Scores, float[] Truths) data)
    {
        var (scores, target) = Tensors(data);
        double[] values = [double.NegativeInfinity, -5 / 7f, -0.5, 0, 1 / 7f, 0.3, 5 / 7f, 99, double.PositiveInfinity];
        foreach (var value in values)
        {
            var at = DecisionThreshold.At(value, scores, target);
            Assert.Equal((float)value, at.Value);
            var yes = scores > at.Value;
            Assert.Equal((yes * target).Sum().Item(), at.TruePositives);
            Assert.Equal((yes * (1 - target)).Sum().Item(), at.FalsePositives);
            Assert.Equal(((1 - yes) * (1 - target)).Sum().Item(), at.TrueNegatives);
            Assert.Equal(((1 - yes) * target).Sum().Item(), at.FalseNegatives);
            var matrix = new ConfusionMatrix(2, threshold: at.Value);
            matrix.Add(scores, target);
            Assert.Equal((matrix.Recall(1), matrix.Recall(0), matrix.Precision(1), matrix.FScore(1, beta: 3)),
                (at.Recall, at.Specificity, at.Precision, at.FScore(3)));
        }
        // 0.1 is no float: it is compared as the float it becomes, as tensors do.
        Assert.Equal((double)0.1f, DecisionThreshold.At(0.1, scores, target).Value);
        Assert.Equal(0.1, DecisionThreshold.At(0.1, scores.To(DType.Float64), target).Value);
    }

    [Fact]
    public void The_ends_are_to_refuse_all_and_to_accept_all()
    {
        var (scores, target) = Tensors(([1, 2, 3, 4], [1, 0, 0, 0]));
        var refusing = DecisionThreshold.ForCost(scores, target, falsePositive: 1, falseNegative: 1);
        Assert.Equal(new DecisionThreshold(4, 0, 0, 3, 1), refusing);
        Assert.Equal(0.25, refusing.Cost(1, 1));
        Assert.Equal((0, 0), (refusing.FScore(), refusing.Precision));
        Assert.Equal(new DecisionThreshold(double.NegativeInfinity, 1, 3, 0, 0), DecisionThreshold.ForRecall(scores, target, 1));
        // A score of -∞ is a no whatever the threshold, and one of ∞ is a yes below it.
        (scores, target) = Tensors(([float.PositiveInfinity, 2, float.NegativeInfinity], [0, 1, 1]));
        Assert.Equal(new DecisionThreshold(double.PositiveInfinity, 0, 0, 1, 2),
            DecisionThreshold.At(double.PositiveInfinity, scores, target));
        Assert.Equal(new DecisionThreshold(1e9f, 0, 1, 0, 2), DecisionThreshold.At(1e9, scores, target));
        Assert.Equal(new DecisionThreshold(double.NegativeInfinity, 1, 1, 0, 1), DecisionThreshold.ForRecall(scores, target, 0.5));
        Assert.Equal("DecisionThreshold: no threshold has a recall of 1: the highest is 0.5, above -Infinity, with a precision "
            + "of 0.5 and a recall of 0.5.", Assert.Throws<ArgumentException>(() => DecisionThreshold.ForRecall(scores, target, 1)).Message);
    }

    [Fact]
    public void A_figure_of_ones_own_can_be_the_measure()
    {
        var (scores, target) = Tensors(([1, 2, 3, 4], [0, 1, 0, 1]));
        // Informedness, and at most one false alarm.
        var chosen = DecisionThreshold.ForHighest(
            scores, target, at => at.FalsePositives <= 1 ? at.Recall + at.Specificity - 1 : double.NaN);
        Assert.Equal(new DecisionThreshold(3, 1, 0, 2, 1), chosen);
        Assert.Throws<ArgumentException>(() => DecisionThreshold.ForHighest(scores, target, _ => double.NaN));
    }

    [Fact]
    public void Bad_arguments_are_named()
    {
        var (scores, target) = Tensors(([1, 2, 3, 4], [0, 1, 0, 0]));
        string Message(Action call) => Assert.ThrowsAny<ArgumentException>(call).Message;
        Assert.Equal("DecisionThreshold: prediction [4, 1] and target [4] differ in shape: target.Reshape(prediction.Shape)?",
            Assert.Throws<ShapeException>(() => DecisionThreshold.ForFScore(scores, target.Flatten())).Message);
        Assert.Equal("DecisionThreshold: the prediction at element 1 is NaN.",
            Message(() => DecisionThreshold.ForFScore(scores / (scores - 2) * 0, target)));
        Assert.Equal("DecisionThreshold: the target at element 2 is 0.5, but must be 0 or 1.",
            Message(() => DecisionThreshold.ForBalancedAccuracy(scores, Tensor.From([4, 1], [0, 1, 0.5f, 0]))));
        Assert.Equal("DecisionThreshold: 0 of 4 targets are 1: both classes must occur.",
            Message(() => DecisionThreshold.ForFScore(scores, target * 0)));
        Assert.Equal("DecisionThreshold: 4 of 4 targets are 1: both classes must occur.",
            Message(() => DecisionThreshold.At(0, scores, target * 0 + 1)));
        Assert.Equal("DecisionThreshold: 0 of 0 targets are 1: both classes must occur.",
            Message(() => DecisionThreshold.ForFScore(Tensor.Zeros([0]), Tensor.Zeros([0]))));
        Assert.Equal("DecisionThreshold: no threshold has a precision of 0.9: the highest is 0.3333, above 1, with a "
            + "precision of 0.3333 and a recall of 1.", Message(() => DecisionThreshold.ForPrecision(scores, target, 0.9)));
        Assert.Contains("beta is -1", Message(() => DecisionThreshold.ForFScore(scores, target, -1)));
        Assert.Contains("atLeast is 0,", Message(() => DecisionThreshold.ForRecall(scores, target, 0)));
        Assert.Contains("atLeast is 90,", Message(() => DecisionThreshold.ForPrecision(scores, target, 90)));
        Assert.Contains("falseNegative is -2", Message(() => DecisionThreshold.ForCost(scores, target, 1, -2)));
        Assert.Contains("value is NaN", Message(() => DecisionThreshold.At(double.NaN, scores, target)));
    }
}
