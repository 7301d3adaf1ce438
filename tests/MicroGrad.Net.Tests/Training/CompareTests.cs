using MathNet.Numerics.Distributions;
using MathNet.Numerics.Statistics;

namespace MicroGrad.Net.Tests;

/// <summary>Comparisons of models: how often they are wrong, closed forms, and what they say.</summary>
public class CompareTests
{
    static double[] Draw(Rng rng, int count, double mean = 0, double deviation = 1) =>
        [.. Enumerable.Range(0, count).Select(_ => rng.Normal(mean, deviation))];

    static double[] Plus(double[] a, double[] b) => [.. a.Zip(b, (x, y) => x + y)];

    /// <summary>How often a difference is found in 400 experiments.</summary>
    static double Found(ulong seed, Func<Rng, Comparison> experiment)
    {
        var rng = new Rng(seed);
        return Enumerable.Range(0, 400).Average(_ => experiment(rng).Better is null ? 0.0 : 1);
    }

    // 5 % of 400, give or take three deviations of √(0.05 · 0.95 / 400) = 0.011.
    static void NearLevel(double share) => Assert.InRange(share, 0.05 - 0.033, 0.05 + 0.033);

    [Fact]
    public void Equal_models_differ_in_one_of_twenty_test_sets()
    {
        NearLevel(Found(1, rng =>
        {
            var easy = Draw(rng, 60);
            return Compare.Losses(Plus(easy, Draw(rng, 60)), Plus(easy, Draw(rng, 60)), resamples: 500, rng: rng);
        }));
        NearLevel(Found(2, rng => Compare.Seeds(Draw(rng, 5), Draw(rng, 7))));
        NearLevel(Found(3, rng => Compare.Seeds(Draw(rng, 5), Draw(rng, 5), paired: true)));
        // Continuity correction and exactness keep below the level, never above.
        Assert.InRange(Found(4, rng => Classifiers(rng, 0.8, 0.8, 500)), 0.01, 0.06);
        Assert.InRange(Found(5, rng => Classifiers(rng, 0.9, 0.9, 60)), 0, 0.06);
    }

    [Fact]
    public void Different_models_are_told_apart_as_often_as_promised()
    {
        // At the size where MoreNeeded would end, four of five experiments find the difference.
        var size = (int)Math.Ceiling(Math.Pow((1.96 + 0.8416) / 0.5, 2));
        Assert.InRange(
            Found(6, rng => Compare.Losses(Draw(rng, size, 0.5), new double[size], resamples: 500, rng: rng)), 0.72, 0.9);
        Assert.InRange(Found(7, rng => Compare.Seeds(Draw(rng, 17, 0), Draw(rng, 17, 1))), 0.72, 0.88);
        Assert.InRange(Found(8, rng => Classifiers(rng, 0.7, 0.85, 400)), 0.95, 1);
    }

    static Comparison Classifiers(Rng rng, double a, double b, int count)
    {
        int[] Right(double share) => [.. Enumerable.Range(0, count).Select(_ => rng.Chance(share) ? 1 : 0)];
        return Compare.Classifiers(Right(a), Right(b), [.. Enumerable.Repeat(1, count)]);
    }

    [Fact]
    public void Intervals_hold_the_true_gain_as_often_as_they_say()
    {
        var rng = new Rng(9);
        var (losses, seeds, hits) = (0.0, 0.0, 0.0);
        for (var i = 0; i < 400; i++)
        {
            losses += Holds(Compare.Losses(Draw(rng, 60, 0.3), new double[60], resamples: 500, rng: rng), 0.3) / 400;
            seeds += Holds(Compare.Seeds(Draw(rng, 4, 0, 1), Draw(rng, 6, 0.3, 3)), 0.3) / 400;
            hits += Holds(Classifiers(rng, 0.6, 0.7, 80), 0.1) / 400;
        }
        Assert.All([losses, seeds, hits], share => Assert.InRange(share, 0.917, 0.983));

        static double Holds(Comparison comparison, double gain) =>
            comparison.Low <= gain && gain <= comparison.High ? 1 : 0;
    }

    [Fact]
    public void The_bootstrap_agrees_with_Student_on_normal_data()
    {
        var rng = new Rng(10);
        var (a, b) = (Draw(rng, 400, 0.1), Draw(rng, 400));
        var comparison = Compare.Losses(a, b);
        var gains = a.Zip(b, (p, q) => p - q).ToArray();
        var error = gains.StandardDeviation() / 20;
        Assert.Equal(gains.Mean(), comparison.Gain, 1e-12);
        Assert.Equal(gains.Mean() - StudentT.InvCDF(0, 1, 399, 0.975) * error, comparison.Low, 0.1 * error);
        Assert.Equal(gains.Mean() + StudentT.InvCDF(0, 1, 399, 0.975) * error, comparison.High, 0.1 * error);
        Assert.Equal(2 * StudentT.CDF(0, 1, 399, -Math.Abs(gains.Mean() / error)), comparison.PValue, 0.02);
        // Where no resample has the other sign, p is 2 · (0 + 1) / (resamples + 1), and not 0.
        double[] better = [3, 4, 5, 4, 3, 4, 5, 4, 3, 4, 5, 4], worse = [1, 1, 2, 3, 1, 1, 2, 3, 1, 1, 2, 3];
        Assert.Equal(2 / 1001.0, Compare.Losses(better, worse, resamples: 1000).PValue, 1e-12);
        // Four examples cannot show it: all of one sign they are in one of eight experiments without a difference.
        var few = Compare.Losses(better[..4], worse[..4]);
        Assert.Equal((0.125, null, 0), (few.PValue, few.Better, few.Low));
        Assert.Equal("A and B are not told apart: B is better by 2.25 (95 % interval 0 to 3), p = 0.125; "
            + "about 2 more examples would do", few.ToString());
        // The same seed, the same answer; another, another.
        Assert.Equal(comparison.Low, Compare.Losses(a, b, rng: new Rng(0)).Low);
        Assert.NotEqual(comparison.Low, Compare.Losses(a, b, rng: new Rng(1)).Low);
    }

    [Fact]
    public void McNemar_is_its_closed_form()
    {
        // Exact: 2 · Σ C(n, k) / 2ⁿ; 1 of 6: 2 · (1 + 6) / 64, as R's binom.test(1, 6) says: 0.21875.
        Assert.Equal(0.21875, Compare.McNemar(1, 5), 1e-12);
        Assert.Equal(2 * (1 + 10 + 45) / 1024.0, Compare.McNemar(8, 2), 1e-12);
        Assert.Equal((1, 1, 1), (Compare.McNemar(0, 0), Compare.McNemar(3, 3), Compare.McNemar(40, 40)));
        // Agresti's approval ratings, 150 against 86: R's mcnemar.test gives χ² = 16.8178, p = 4.115e-05 with
        // correction.
        Assert.Equal(1 - ChiSquared.CDF(1, 63 * 63 / 236.0), Compare.McNemar(150, 86), 1e-9);
        Assert.Equal(4.115e-5, Compare.McNemar(86, 150), 1e-8);
        // SciPy 1.10: binomtest(7, 24).pvalue, and chi2.sf((|b - c| - 1)² / (b + c), 1) from 25 on.
        Assert.Equal(0.06391465663909912, Compare.McNemar(17, 7), 1e-12);
        Assert.Equal(0.23013934044341314, Compare.McNemar(9, 16), 1e-12);
        Assert.Equal(0.002663119259138558, Compare.McNemar(10, 30), 1e-12);
    }

    [Fact]
    public void The_interval_of_classifiers_is_Agresti_and_Mins()
    {
        // 4 of 60 lost and 11 won; with SciPy's norm.ppf: m ± z · √((16 − 7² / 62) / 62²), m = 7 / 62.
        int[] a = [.. Enumerable.Range(0, 60).Select(i => i < 11 ? 1 : 0)];
        int[] b = [.. Enumerable.Range(0, 60).Select(i => i is >= 11 and < 15 ? 1 : 0)];
        var comparison = Compare.Classifiers(a, b, new int[60]);
        Assert.Equal(7 / 60.0, comparison.Gain, 1e-12);
        Assert.Equal(-0.010383523903865863, comparison.Low, 1e-9);
        Assert.Equal(0.23618997551676907, comparison.High, 1e-9);
        Assert.Equal(0.11846923828125, comparison.PValue, 1e-12);
        // ((z₀.₉₇₅ + z₀.₈) · √(15 / 60) / gain)² = 144.2: 85 more than 60; at the level 0.1, 54 more.
        Assert.Equal(85, comparison.MoreNeeded);
        Assert.Equal(54, Compare.Classifiers(a, b, new int[60], confidence: 0.9).MoreNeeded);
    }

    [Fact]
    public void More_are_needed_as_power_tables_say()
    {
        // Mean gain 0.5, deviation 1.669: (2.8016 · 1.669 / 0.5)² = 87.5.
        Assert.Equal(80, Compare.Losses([1, -2, 3, 0, -1, 2, 1.5, -0.5], new double[8]).MoreNeeded);
        // The fewest n with gain ≥ error(n) · (t₀.₉₇₅ + t₀.₈), by SciPy's t.ppf, less the five of the shorter row.
        double[] a = [0.81, 0.83, 0.79, 0.85, 0.80], b = [0.82, 0.86, 0.80, 0.84, 0.84];
        var paired = Compare.Seeds(a, b, paired: true);
        Assert.Equal((0.1403573866, 9), (Math.Round(paired.PValue, 10), paired.MoreNeeded));
        var welch = Compare.Seeds(a, [.. b, 0.81, 0.83]);
        Assert.Equal((0.3707968956, 46), (Math.Round(welch.PValue, 10), welch.MoreNeeded));
        // Of losses, less is better.
        Assert.Equal(-welch.Gain, Compare.Seeds(a, [.. b, 0.81, 0.83], higherIsBetter: false).Gain, 1e-12);
        var all = Compare.Seeds(paired: true, higherIsBetter: false, ("A", a), ("B", b));
        Assert.Equal((-0.016, "paired t-test"), (Math.Round(all[0].Gain, 12), all[0].Test));
    }

    [Fact]
    public void Verdict_and_interval_of_classifiers_never_contradict()
    {
        for (var lost = 0; lost < 60; lost++)
            for (var won = 0; won < 60; won++)
            {
                var (a, b) = (new int[200], new int[200]);
                for (var i = 0; i < lost; i++) b[i] = 1;
                for (var i = lost; i < lost + won; i++) a[i] = 1;
                var comparison = Compare.Classifiers(a, b, new int[200]);
                Assert.Equal((won - lost) / 200.0, comparison.Gain, 1e-12);
                if (comparison.Better is not null)
                    Assert.True(comparison.Low > 0 || comparison.High < 0, $"{lost} {won}: {comparison}");
            }
    }

    [Fact]
    public void Students_tests_are_those_of_the_textbook()
    {
        // Student's sleep data (1908), as in R: paired t = -4.0621, df = 9, p = 0.002833, interval -2.4599 to -0.7001;
        // Welch t = -1.8608, df = 17.776, p = 0.07939, interval -3.3655 to 0.2055.
        double[] a = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0],
            b = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4];
        var (paired, welch) = (Compare.Seeds(a, b, paired: true), Compare.Seeds(a, b));
        Assert.Equal(0.002833, paired.PValue, 1e-6);
        Assert.Equal((0.7001, 2.4599), (Math.Round(paired.Low, 4), Math.Round(paired.High, 4)));
        Assert.Equal(0.07939, welch.PValue, 1e-5);
        Assert.Equal((-0.2055, 3.3655), (Math.Round(welch.Low, 4), Math.Round(welch.High, 4)));
        Assert.Equal("B beats A by 1.58 (95 % interval 0.7 to 2.46), p = 0.003", paired.ToString());
        Assert.Equal("A beats B by 1.58 (95 % interval 0.7 to 2.46), p = 0.003",
            Compare.Seeds(a, b, paired: true, higherIsBetter: false).ToString());
        Assert.StartsWith("A and B are not told apart: B is better by 1.58 (95 % interval -0.205 to 3.37), p = 0.079; about ", welch.ToString());
        // Two samples of n with a difference of 1.58 and deviation √((3.20 + 4.01)/2): power tables say 24 each.
        Assert.Equal(24 - 10, welch.MoreNeeded!.Value, 1.5);
        Assert.EndsWith($"about {welch.MoreNeeded} more seeds would do", welch.ToString());
    }

    [Fact]
    public void A_swap_turns_the_answer_round()
    {
        var rng = new Rng(11);
        for (var i = 0; i < 20; i++)
        {
            var (a, b) = (Draw(rng, 30, 0.3), Draw(rng, 30));
            int[] p = [.. a.Select(x => x > 0 ? 1 : 0)], q = [.. b.Select(x => x > 0 ? 1 : 0)];
            Turned(Compare.Losses(a, b, resamples: 1000), Compare.Losses(b, a, resamples: 1000));
            Turned(Compare.Seeds(a, b), Compare.Seeds(b, a));
            Turned(Compare.Classifiers(p, q, new int[30]), Compare.Classifiers(q, p, new int[30]));
        }

        static void Turned(Comparison one, Comparison other)
        {
            Assert.Equal([one.Gain, one.Low, one.High, one.PValue],
                new[] { -other.Gain, -other.High, -other.Low, other.PValue }, (x, y) => Math.Abs(x - y) < 1e-12);
            Assert.Equal(one.MoreNeeded, other.MoreNeeded);
            Assert.Equal(one.Better switch { "A" => "B", "B" => "A", _ => null }, other.Better);
        }
    }

    [Fact]
    public void Several_models_are_corrected_by_Holm()
    {
        Comparison With(double p) => Compare.Seeds([1, 2, 3], [1, 2, 4]) with { PValue = p };
        // Worked by hand: 4 · 0.005, 3 · 0.01, 2 · 0.03, then not less than that.
        Assert.Equal([0.03, 0.06, 0.06, 0.02],
            Compare.Holm([With(0.01), With(0.04), With(0.03), With(0.005)]).Select(c => c.PValue),
            (x, y) => Math.Abs(x - y) < 1e-12);
        Assert.Equal([1, 1], Compare.Holm([With(0.9), With(0.8)]).Select(c => c.PValue));

        var rng = new Rng(12);
        var (easy, names) = (Draw(rng, 200), new[] { ("A", "B"), ("A", "C"), ("B", "C") });
        double[] Model(double mean) => Plus(easy, Draw(rng, 200, mean));
        var three = Compare.Losses(("A", Model(1)), ("B", Model(0.02)), ("C", Model(0)));
        Assert.Equal(names, three.Select(c => (c.A, c.B)));
        Assert.Equal(["B", "C", null], three.Select(c => c.Better));
        Assert.Contains("(Holm, 3 comparisons)", three[0].ToString());
        var single = Compare.Seeds(Draw(rng, 5), Draw(rng, 5));
        Assert.True(Compare.Holm([single, single, single])[0].MoreNeeded > single.MoreNeeded);
        Assert.Equal(3,
            Compare.Seeds(paired: false, higherIsBetter: true, ("A", [1, 2]), ("B", [1, 3]), ("C", [1, 4])).Count);
        Assert.Equal(["C", null, "A"],
            Compare.Classifiers(
                new int[40], ("A", new int[40]), ("B", [.. Enumerable.Repeat(1, 40)]), ("C", new int[40]))
            .Select(c => c.Better is null ? null : c.A == "A" ? "C" : "A"));
    }

    [Fact]
    public void No_difference_and_no_spread()
    {
        var same = Compare.Losses([1, 2, 3], [1, 2, 3]);
        Assert.Equal((0, 1, null, null), (same.Gain, same.PValue, same.Better, same.MoreNeeded));
        Assert.EndsWith("there is no difference at all", same.ToString());
        var constant = Compare.Seeds([0.1, 0.1, 0.1], [0.3, 0.3, 0.3]);
        Assert.Equal((0, "B"), (constant.PValue, constant.Better));
        Assert.Equal(constant.Low, constant.High);
        Assert.Equal(1, Compare.Seeds([0.1, 0.1], [0.1, 0.1], paired: true).PValue);
    }

    [Fact]
    public void What_is_said_is_said_of_the_model_that_is_ahead()
    {
        // A has all three right, B none: too few for the exact test, so the interval holds 0, and no more than 1.
        Assert.Equal("A and B are not told apart: A is better by 1 (95 % interval 0 to 1), p = 0.250; about 5 more examples "
            + "would do", Compare.Classifiers([1, 1, 1], [0, 0, 0], [1, 1, 1]).ToString());
        Assert.Equal("A and B are not told apart: A is better by 1 (95 % interval 0 to 1), p = 0.500; about 4 more examples "
            + "would do", Compare.Losses([1, 1], [2, 2]).ToString());
        Assert.Equal("A and B are not told apart: B is better by 1 (95 % interval 0 to 1), p = 0.063; about 1 more example "
            + "would do", Compare.Losses([2, 2, 2, 2, 2], [1, 1, 1, 1, 1]).ToString());
        Assert.StartsWith("A and B are not told apart: A is better by 0.5 (95 % interval -",
            Compare.Seeds([2, 3, 1], [1, 2, 1.5], higherIsBetter: true).ToString(), StringComparison.Ordinal);
        // Equal on average is not equal, and equal for all is not chance.
        var even = Compare.Seeds([1, 2, 3], [3, 2, 1]).ToString();
        Assert.StartsWith("A and B are not told apart: on average there is no difference (95 % interval -", even);
        Assert.EndsWith("p = 1.000", even);
        Assert.Equal("B beats A by 0.25 (95 % interval 0.25 to 0.25), p < 0.001; it is the same for all seeds: do they vary at all?",
            Compare.Seeds([0.25, 0.25, 0.25], [0.5, 0.5, 0.5]).ToString());
    }

    [Fact]
    public void Few_examples_prove_nothing_and_no_interval_of_accuracies_leaves_the_possible()
    {
        for (var n = 2; n <= 12; n++)
            for (var lost = 0; lost <= n; lost++)
                for (var won = 0; won + lost <= n; won++)
                {
                    int[] a = [.. Enumerable.Range(0, n).Select(i => i < lost ? 1 : 0)];
                    int[] b = [.. Enumerable.Range(0, n).Select(i => i >= lost && i < lost + won ? 1 : 0)];
                    var comparison = Compare.Classifiers(a, b, [.. Enumerable.Repeat(1, n)]);
                    Assert.True(comparison.Low >= -1 && comparison.High <= 1 && comparison.Low <= comparison.Gain
                        && comparison.Gain <= comparison.High, comparison.ToString());
                    if (comparison.Better is null) Assert.True(comparison.Low <= 0 && comparison.High >= 0, comparison.ToString());
                    Assert.DoesNotMatch("is better by -|by -0[ ;]|-0 to|to -0[,)]", comparison.ToString());
                }
        for (var n = 2; n < 12; n++)
            Assert.Equal(Math.Max(Math.Pow(2, 1 - n), 2 / 10001.0),
                Compare.Losses([.. Enumerable.Range(1, n).Select(i => (double)i)], new double[n]).PValue, 1e-12);
    }

    [Fact]
    public void Scores_of_any_size_are_compared_alike()
    {
        double[] a = [0.81, 0.83, 0.79, 0.85, 0.80], b = [0.82, 0.86, 0.80, 0.84, 0.84];
        foreach (var scale in new[] { 1e-300, 1e-170, 1e170, 1e300 })
        {
            double[] Scaled(double[] scores) => [.. scores.Select(score => score * scale)];
            Assert.Equal(0.1403573866, Compare.Seeds(Scaled(a), Scaled(b), paired: true).PValue, 1e-9);
            Assert.Equal(Compare.Losses(a, b).PValue, Compare.Losses(Scaled(a), Scaled(b)).PValue, 1e-12);
        }
        Assert.Contains("scale them down", Assert.Throws<ArgumentException>(
            () => Compare.Losses([1e308, 1], [-1e308, 1])).Message);
    }

    [Fact]
    public void Bad_arguments_are_named()
    {
        Assert.Contains("3 and 2", Assert.Throws<ArgumentException>(() => Compare.Losses([1, 2, 3], [1, 2])).Message);
        Assert.Contains("B has 1 seeds", Assert.Throws<ArgumentException>(() => Compare.Seeds([1, 2], [1])).Message);
        Assert.Contains("1 and 2",
            Assert.Throws<ArgumentException>(() => Compare.Seeds([1], [1, 2], paired: true)).Message);
        Assert.Contains("A has 1 examples",
            Assert.Throws<ArgumentException>(() => Compare.Classifiers([1], [1], [1])).Message);
        Assert.Contains("3 labels",
            Assert.Throws<ArgumentException>(() => Compare.Classifiers([1, 1], [1, 0], [1, 1, 1])).Message);
        Assert.Contains("number 1 of new is NaN",
            Assert.Throws<ArgumentOutOfRangeException>(() =>
                Compare.Losses([1, 2], [1, double.NaN], nameB: "new")).Message);
        Assert.Contains("confidence is 95",
            Assert.Throws<ArgumentOutOfRangeException>(() => Compare.Seeds([1, 2], [1, 2], confidence: 95)).Message);
        Assert.Contains("resamples is 10",
            Assert.Throws<ArgumentOutOfRangeException>(() => Compare.Losses([1, 2], [1, 2], resamples: 10)).Message);
        Assert.Contains("at least 2 models",
            Assert.Throws<ArgumentException>(() => Compare.Losses(("A", [1, 2]))).Message);
    }
}
