using MathNet.Numerics;
using MathNet.Numerics.Statistics;

namespace MicroGrad.Net.Tests;

/// <summary>Regression, translation and detection.</summary>
[Properties(Arbitrary = [typeof(Arbitraries)])]
public class OtherMetricTests
{
    [Property(MaxTest = 150)]
    public void Regression_errors_are_MathNets(Seed seed)
    {
        var rng = seed.Rng();
        var rows = 2 + rng.Next(30);
        var target = Tensor.Normal([rows, 2], 1000, 2, rng, DType.Float64);
        var predicted = target + Tensor.Normal([rows, 2], 0, 1, rng, DType.Float64);
        var errors = new RegressionErrors();
        errors.Add(predicted, target);
        var (p, t) = (predicted.ToDoubles(), target.ToDoubles());
        Assert.Equal(Distance.MAE(p, t), errors.MeanAbsolute, 1e-12);
        Assert.Equal(Distance.MSE(p, t), errors.MeanSquared, 1e-12);
        Assert.Equal(Math.Sqrt(Distance.MSE(p, t)), errors.Value, 1e-12);
        Assert.Equal(p.Zip(t, (a, b) => Math.Abs((a - b) / b)).Average(), errors.MeanAbsolutePercentage, 1e-12);
        double OfColumn(int c)
        {
            var (a, b) = (predicted[.., c].ToDoubles(), target[.., c].ToDoubles());
            return 1 - Distance.SSD(a, b) / (b.Variance() * (rows - 1));
        }
        Assert.Equal((OfColumn(0) + OfColumn(1)) / 2, errors.R2, 1e-6 * (1 + Math.Abs(errors.R2)));
    }

    [Fact]
    public void Regression_at_the_corners()
    {
        double R2(double[] predicted, double[] target)
        {
            var errors = new RegressionErrors();
            errors.Add(Numbers.Vector(predicted), Numbers.Vector(target));
            return errors.R2;
        }
        Assert.Equal(0.948, R2([2.5, 0.0, 2, 8], [3, -0.5, 2, 7]), 0.001);     // scikit-learn's manual: 0.948…
        Assert.Equal([1, 0, double.NaN, double.NaN],
            [R2([0.1, 0.1, 0.1], [0.1, 0.1, 0.1]), R2([1, 2], [2, 2]), R2([1], [1]), R2([double.NaN, 2], [2, 2])]);
        var zero = new RegressionErrors();
        zero.Add(Numbers.Vector(1), Numbers.Vector(0));
        Assert.Equal(Math.Pow(2, 52), zero.MeanAbsolutePercentage);
        Assert.Contains("1 columns",
            Assert.Throws<ShapeException>(() => zero.Add(Tensor.Zeros([2, 2]), Tensor.Zeros([2, 2]))).Message);
    }

    static string[] Words(string sentence) => sentence.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    static Bleu BleuOf(string candidate, string[] references, BleuSmoothing smoothing = BleuSmoothing.None,
        int length = 4)
    {
        var bleu = new Bleu(length, smoothing);
        bleu.Add(Words(candidate), [.. references.Select(Words)]);
        return bleu;
    }

    [Fact]
    public void Bleu_of_Papinenis_examples()
    {
        // The modified unigram precisions printed in the paper: 2/7, 17/18, 8/14; and the bigrams' 10/17 and 1/13.
        string[] cats = ["the cat is on the mat", "there is a cat on the mat"];
        Assert.Equal(2 / 7.0, BleuOf("the the the the the the the", cats).Precisions()[0]);
        string[] references =
        [
            "It is a guide to action that ensures that the military will forever heed Party commands",
            "It is the guiding principle which guarantees the military forces always being under the command of the Party",
            "It is the practical guide for the army always to heed the directions of the party",
        ];
        var one = BleuOf("It is a guide to action which ensures that the military always obeys the commands of the party", references);
        var two = BleuOf("It is to insure the troops forever hearing the activity guidebook that party direct",
            references);
        Assert.Equal([17 / 18.0, 10 / 17.0, 7 / 16.0, 4 / 15.0], one.Precisions());
        Assert.Equal((8 / 14.0, 1 / 13.0), (two.Precisions()[0], two.Precisions()[1]));
        Assert.Equal(0.5045666840058485, one.Value, 1e-12);     // NLTK's documentation prints this number
        Assert.Equal(0, two.Value);
    }

    [Fact]
    public void Bleu_smooths_and_penalizes_brevity()
    {
        // 3 of 3 words, 1 of 2 pairs, no triple: against 4 words.
        const string Candidate = "a b d";
        string[] reference = ["a b c d"];
        Assert.Equal(0, BleuOf(Candidate, reference, length: 3).Value);
        Assert.Equal(Math.Exp(1 - 4 / 3.0), BleuOf(Candidate, reference, length: 3).BrevityPenalty, 1e-12);
        Assert.Equal(Math.Exp(-1 / 3.0) * Math.Cbrt(1 * (2 / 3.0) * (1 / 2.0)),
            BleuOf(Candidate, reference, BleuSmoothing.AddOne, 3).Value, 1e-12);
        Assert.Equal(Math.Exp(-1 / 3.0) * Math.Cbrt(1 * 0.5 * 0.5),
            BleuOf(Candidate, reference, BleuSmoothing.Exponential, 3).Value, 1e-12);
        // Two lengths without a match: ½ of 3 pairs, then ¼ of 2 triples.
        Assert.Equal(Math.Cbrt(1 * (0.5 / 3) * (0.25 / 2)),
            BleuOf("a c b d", ["a b c d"], BleuSmoothing.Exponential, 3).Value, 1e-12);
        Assert.Equal(0, BleuOf(Candidate, reference, BleuSmoothing.AddOne).Value);
        // 3 words lie between references of 2 and 4: the shorter counts.
        Assert.Equal(1, BleuOf(Candidate, ["a b c d", "a b"]).BrevityPenalty);
        Assert.Equal(0, BleuOf("", reference).Value);
        var again = BleuOf("a", reference);
        again.Reset();
        again.Add(Words("a b c d"), Words("a b c d"));
        Assert.Equal((1, 1), (again.Value, again.BrevityPenalty));
        Assert.Throws<ArgumentException>(() => new Bleu().Add(Words(Candidate)));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Bleu(0));
    }

    [Property(MaxTest = 150)]
    public void Bleu_is_of_the_corpus_and_takes_numbers_for_words(Seed seed)
    {
        var rng = seed.Rng();
        int[] Sentence() => [.. Enumerable.Range(0, 4 + rng.Next(6)).Select(_ => rng.Next(3))];
        var (corpus, turned) = (new Bleu(2), new Bleu(2));
        var sentences = Enumerable.Range(0, 5)
            .Select(_ => (Candidate: Sentence(), References: new[] { Sentence(), Sentence() })).ToArray();
        foreach (var (candidate, references) in sentences) corpus.Add(candidate, references);
        foreach (var (candidate, references) in sentences.Reverse()) turned.Add(candidate, references);
        var log = 0.0;
        for (var n = 1; n <= 2; n++)
        {
            double matches = 0, total = 0;
            foreach (var (candidate, references) in sentences)
            {
                string[] Grams(int[] s) =>
                    [.. Enumerable.Range(0, s.Length - n + 1).Select(i => string.Join(' ', s[i..(i + n)]))];
                var grams = Grams(candidate);
                total += grams.Length;
                matches += grams.Distinct().Sum(gram =>
                    Math.Min(grams.Count(g => g == gram), references.Max(r => Grams(r).Count(g => g == gram))));
            }
            log += Math.Log(matches / total) / 2;
        }
        double c = sentences.Sum(s => s.Candidate.Length), r = sentences.Sum(s => s.References.Select(x => x.Length)
            .OrderBy(length => Math.Abs(length - s.Candidate.Length)).ThenBy(length => length).First());
        Assert.Equal(Math.Min(1, Math.Exp(1 - r / c)) * Math.Exp(log), corpus.Value, 1e-12);
        Assert.Equal(corpus.Value, turned.Value);
    }

    static Tensor Boxes(params double[] sides) => Tensor.From([sides.Length / 4, 4], sides);

    [Fact]
    public void Detections_worked_by_hand()
    {
        // Two true boxes; found are one exactly, one far off, and the other with an overlap of 0.6, in this order.
        var map = new DetectionPrecision();
        map.Add(Boxes(0, 0, 10, 10, 50, 50, 60, 60, 20, 20, 30, 26), Numbers.Vector(0.9, 0.8, 0.7), [1, 1, 1],
            Boxes(0, 0, 10, 10, 20, 20, 30, 30), [1, 1]);
        Assert.Equal(0.5 + 0.5 * (2 / 3.0), map.At(0.5), 1e-12);
        Assert.Equal(map.At(0.5), map.At(0.6), 1e-12);
        Assert.Equal(0.5, map.At(0.65), 1e-12);
        Assert.Equal((3 * (5 / 6.0) + 7 * 0.5) / 10, map.Value, 1e-12);
        // Detections of a class that is nowhere do not count; a class never found does.
        map.Add(Boxes(0, 0, 1, 1), Numbers.Vector(0.99), [7], Boxes(0, 0, 1, 1), [2]);
        Assert.Equal((5 / 6.0 + 0) / 2, map.At(0.5), 1e-12);
        Assert.Equal((double.NaN, 0), (map.At(0.5, 7), map.At(0.5, 2)));
        map.Reset();
        Assert.Equal(double.NaN, map.Value);
    }

    [Fact]
    public void A_true_box_is_taken_once_and_precision_is_raised_to_the_best_beyond()
    {
        // A doublet is a miss: precisions 1, 1/2, 2/3 at recalls 1/2, 1/2, 1.
        var map = new DetectionPrecision();
        map.Add(Boxes(0, 0, 10, 10, 0, 0, 10, 9), Numbers.Vector(0.9, 0.8), [0, 0], Boxes(0, 0, 10, 10), [0]);
        map.Add(Boxes(5, 5, 6, 6), Numbers.Vector(0.7), [0], Boxes(5, 5, 6, 6), [0]);
        Assert.Equal(0.5 + 0.5 * (2 / 3.0), map.At(0.5), 1e-12);
        // A miss before a hit: precision 0, then 1/2, which holds from recall 0 on.
        map.Reset();
        map.Add(Boxes(8, 8, 9, 9, 0, 0, 1, 1), Numbers.Vector(2, 1), [0, 0], Boxes(0, 0, 1, 1), [0]);
        Assert.Equal(0.5, map.At(0.5), 1e-12);
        // A miss, then two hits: precisions 0, 1/2, 2/3, of which the last holds at every recall.
        map.Reset();
        map.Add(Boxes(8, 8, 9, 9, 0, 0, 1, 1, 3, 3, 4, 4), Numbers.Vector(3, 2, 1), [0, 0, 0],
            Boxes(0, 0, 1, 1, 3, 3, 4, 4), [0, 0]);
        Assert.Equal(2 / 3.0, map.At(0.5), 1e-12);
        // Boxes without area overlap with nothing.
        map.Reset();
        map.Add(Boxes(1, 1, 1, 1), Numbers.Vector(1), [0], Boxes(1, 1, 1, 1), [0]);
        Assert.Equal(0, map.At(0.5));
    }

    [Property(MaxTest = 150)]
    public void The_order_of_images_does_not_matter_and_perfection_is_1(Seed seed)
    {
        var rng = seed.Rng();
        var images = Enumerable.Range(0, 4)
            .Select(_ => (Found: Draw(rng.Next(5)), True: Draw(1 + rng.Next(3)))).ToArray();
        var (one, other, perfect) = (new DetectionPrecision(), new DetectionPrecision(), new DetectionPrecision());
        foreach (var image in images) Add(one, image);
        foreach (var index in rng.Permutation(4)) Add(other, images[index]);
        foreach (var image in images) Add(perfect, (image.True, image.True));
        Assert.Equal(one.Value, other.Value, 1e-12);
        Assert.Equal(1, perfect.Value, 1e-12);
        Assert.InRange(one.At(0.3) - one.At(0.7), 0, 1);

        (Tensor, Tensor, int[]) Draw(int count) => (Tensor.From([count, 4], [.. Enumerable.Range(0, count).SelectMany(_ =>
        {
            var (x, y) = (rng.Next(3), rng.Next(3));
            return new double[] { x, y, x + 2 + rng.Next(3), y + 2 + rng.Next(3) };
        })]), Tensor.From([count], [.. Enumerable.Range(0, count).Select(_ => (double)rng.Next(3))]),
            [.. Enumerable.Range(0, count).Select(_ => rng.Next(2))]);

        static void Add(DetectionPrecision map,
            ((Tensor Boxes, Tensor Scores, int[] Classes) Found, (Tensor Boxes, Tensor, int[] Classes) True) image) =>
            map.Add(image.Found.Boxes, image.Found.Scores, image.Found.Classes, image.True.Boxes, image.True.Classes);
    }

    [Fact]
    public void Bad_detections_are_named()
    {
        var map = new DetectionPrecision();
        var box = Boxes(0, 0, 1, 1);
        Assert.Contains("[2, 4]",
            Assert.Throws<ShapeException>(() => map.Add(box, Numbers.Vector(1), [0, 1], box, [0])).Message);
        Assert.Contains("scores [1]",
            Assert.Throws<ShapeException>(() => map.Add(box, Numbers.Vector(1, 2), [0], box, [0])).Message);
        Assert.Contains("box 0",
            Assert.Throws<ArgumentException>(() => map.Add(box, Numbers.Vector(double.NaN), [0], box, [0])).Message);
        Assert.Contains("true boxes: row 0 ends",
            Assert.Throws<ArgumentException>(() =>
                map.Add(box, Numbers.Vector(1), [0], Boxes(1, 1, 0, 2), [0])).Message);
        Assert.Throws<ArgumentException>(() => map.Add(Boxes(0, 0, double.NaN, 1), Numbers.Vector(1), [0], box, [0]));
        Assert.Throws<ArgumentOutOfRangeException>(() => map.At(0));
        Assert.Equal(double.NaN, map.Value);
    }
}
