using MathNet.Numerics.LinearAlgebra;
using static MicroGrad.Net.Tests.Numbers;

namespace MicroGrad.Net.Tests;

public sealed class RankingLossTests
{
    static readonly Tensor Eye = Tensor.Eye(4, DType.Float64);

    static Tensor Random(Shape shape, int seed) =>
        Tensor.Normal(shape, rng: new Rng((ulong)seed), dtype: DType.Float64);

    /// <summary>The cosines of the rows of two matrices, by MathNet.</summary>
    static double[,] Cosines(Tensor x, Tensor y)
    {
        Matrix<double> Rows(Tensor t) =>
            Matrix<double>.Build.DenseOfRowMajor(t.Shape[0], t.Shape[1], t.ToDoubles()).NormalizeRows(2);
        return (Rows(x) * Rows(y).Transpose()).ToArray();
    }

    static double LogSum(IEnumerable<double> values) => Math.Log(values.Sum(Math.Exp));

    static double[] Row(double[,] matrix, int row) =>
        [.. Enumerable.Range(0, matrix.GetLength(1)).Select(j => matrix[row, j])];

    [Fact]
    public void Pairs_follow_their_formulas()
    {
        Close([0, 0.5, 2.5],
            Losses.MarginRanking(Vector(1, 2, 3), Vector(2, 2, 1), Vector(-1, 1, -1), 0.5, Reduction.None));
        Close([1], Losses.MarginRanking(Vector(1, 2, 3), Vector(2, 2, 1), Vector(-1, 1, -1), 0.5));
        Close([0.3, 0.7, 0, -2],
            Losses.HingeEmbedding(Vector(0.3, 0.3, 2, -2), Vector(1, -1, -1, 1), reduction: Reduction.None));
        Close([0.2], Losses.HingeEmbedding(Vector(0.3), Vector(-1), 0.5));

        var (a, b) = (Tensor.From([3, 2], [3.0, 4, 3, 4, 1, 0]), Tensor.From([3, 2], [4.0, 3, 40, 30, 0, 7]));
        Close([0.04, 0.46, 0], Losses.CosineEmbedding(a, b, Vector(1, -1, -1), 0.5, Reduction.None));
        Close([0.04], Losses.CosineEmbedding(a[0], b[0], Tensor.Scalar(1, DType.Float64)));
        var partlyZero = b * Tensor.From([3, 1], [0.0, 1, 0]);
        Close([1, 0.96, 1], Losses.CosineEmbedding(a, partlyZero, Vector(1, -1, 1), reduction: Reduction.None));

        var (p, q) = (Tensor.From([3, 2], [3.0, 4, 3, 4, 3, 4]), Tensor.Zeros([3, 2], DType.Float64));
        Close([12.5, 0.5, 12.5], Losses.Contrastive(p, q, Vector(1, -1, 1), 6, Reduction.None));
        Close([25], Losses.Contrastive(p, q, Vector(1, -1, 1), reduction: Reduction.Sum));
    }

    [Fact]
    public void Triplets_follow_their_formula()
    {
        var (a, p, n) = (Leaf([2, 1], 0, 0), Leaf([2, 1], 1, 1), Leaf([2, 1], 3, -3));
        Close([2, 2], Losses.TripletMargin(a, p, n, 4, eps: 0, reduction: Reduction.None));
        // From the positive the first negative is at 2, so nearer than from the anchor.
        Close([3, 2], Losses.TripletMargin(a, p, n, 4, eps: 0, swap: true, reduction: Reduction.None));
        Close([0], Losses.TripletMargin(a, p, n));
        Close([2 + 1e-6 * -2, 2], Losses.TripletMargin(a, p, n, 4, eps: 1e-6, reduction: Reduction.None), 1e-5);
        var (x, y, z) = (Random([5, 3], 1), Random([5, 3], 2), Random([5, 3], 3));
        foreach (var order in new[] { 1, 2, 3.5, double.PositiveInfinity })
            Close(Losses.TripletMargin(x, y, z, 2, order, 0, true, Reduction.None).ToDoubles(),
                Losses.TripletMargin(x, y, z, (u, v) => (u - v).Norm(order, -1), 2, true, Reduction.None));
        // Any shapes that the distance takes.
        Close([1.5], Losses.TripletMargin(Vector(1), Vector(2), Vector(1.5), (u, v) => (u - v).Abs()));
    }

    [Fact]
    public void Slopes_at_kinks_and_at_distance_0_are_decided()
    {
        // Equal scores are parted, as PyTorch does.
        var (first, second) = (Leaf([2], 1, 1), Leaf([2], 1, 1));
        Losses.MarginRanking(first, second, Vector(1, -1), reduction: Reduction.Sum).Backward();
        Equal([2], [-1, 1], first.Grad);
        Equal([2], [1, -1], second.Grad);
        var distance = Leaf([2], 1, 1);
        Losses.HingeEmbedding(distance, Vector(1, -1), reduction: Reduction.Sum).Backward();
        Equal([2], [1, -1], distance.Grad);

        var (a, same) = (Leaf([2, 2], 1, 2, 1, 2), Tensor.From([2, 2], [1.0, 2, 1, 2]));
        var loss = Losses.Contrastive(a, same, Vector(1, -1), reduction: Reduction.None);
        Equal([2], [0, 0.5], loss);
        var slope = Gradients.Of(loss.Sum(), [a], createGraph: true)[0];
        Equal([2, 2], [0, 0, 0, 0], slope);
        // ½d² is a bowl also at its bottom.
        Equal([2, 2], [1, 1, 0, 0], Gradients.Of(slope.Sum(), [a])[0]);

        var anchor = Leaf([1, 2], 1, 2);
        var stuck = Losses.TripletMargin(anchor, same[..1], same[..1], eps: 0);
        Assert.Equal(1, stuck.Item());
        stuck.Backward();
        Equal([1, 2], [0, 0], anchor.Grad);
    }

    [Fact]
    public void Cosine_losses_do_not_see_lengths()
    {
        var (x, y, signs) = (Random([4, 3], 1), Random([4, 3], 2), Vector(1, -1, 1, -1));
        int[] labels = [1, 0, 1, 0];
        foreach (var loss in new Func<Tensor, Tensor>[]
        {
            u => Losses.CosineEmbedding(u, y, signs), u => Losses.InfoNce(u, y), u => Losses.InfoNce(y, u),
            u => Losses.NtXent(u, y),
            u => Losses.Circle(u, labels, scale: 10),
            u => Losses.ArcFace(u, y, labels), u => Losses.CosFace(u, y, labels),
        })
        {
            var (one, other) = (Leaf(x.Detach()), Leaf(x * 7));
            var (value, scaled) = (loss(one), loss(other));
            Close([value.Item()], scaled, 1e-11);
            value.Backward();
            scaled.Backward();
            Close((one.Grad! / 7).ToDoubles(), other.Grad, 1e-11);
            // Nor does the loss change along a vector.
            Close([0, 0, 0, 0], (one.Grad! * x).Sum(1), 1e-10);
        }
    }

    [Fact]
    public void InfoNce_is_cross_entropy_of_cosines()
    {
        var (q, k, no) = (Random([4, 3], 1), Random([4, 3], 2), Random([5, 3], 3));
        var (keys, wrong) = (Cosines(q, k), Cosines(q, no));
        var inBatch = Enumerable.Range(0, 4)
            .Select(i => LogSum(Row(keys, i).Select(c => c / 0.2)) - keys[i, i] / 0.2).ToArray();
        Close(inBatch, Losses.InfoNce(q, k, temperature: 0.2, reduction: Reduction.None));
        Close([inBatch.Average()], Losses.InfoNce(q, k, temperature: 0.2));
        var ofNegatives = Enumerable.Range(0, 4)
            .Select(i => LogSum(Row(wrong, i).Append(keys[i, i]).Select(c => c / 0.07)) - keys[i, i] / 0.07).ToArray();
        Close(ofNegatives, Losses.InfoNce(q, k, no, reduction: Reduction.None));
        Close([Math.Log(1 + 3 * Math.Exp(-1 / 0.07))], Losses.InfoNce(Eye, Eye));
        Close([0], Losses.InfoNce(q, k, no[..0]));
    }

    [Fact]
    public void NtXent_compares_each_view_with_all_others()
    {
        var (x, y) = (Random([3, 4], 1), Random([3, 4], 2));
        var cosines = Cosines(Tensor.Concat([x, y]), Tensor.Concat([x, y]));
        var expected = Enumerable.Range(0, 6).Select(i =>
            LogSum(Row(cosines, i).Where((_, j) => j != i).Select(c => c / 0.3)) - cosines[i, (i + 3) % 6] / 0.3).ToArray();
        Close(expected, Losses.NtXent(x, y, 0.3, Reduction.None));
        Close([expected.Average()], Losses.NtXent(y, x, 0.3));
        Close([Math.Log(1 + 6 * Math.Exp(-2))], Losses.NtXent(Eye, Eye * 3));
        Equal([], [0], Losses.NtXent(x[..1], y[..1]));
    }

    [Fact]
    public void ArcFace_adds_the_margin_to_the_angle()
    {
        var (x, centers) = (Random([6, 3], 1), Random([4, 3], 2));
        int[] labels = [0, 1, 2, 3, 0, 1];
        var cosines = Cosines(x, centers);
        foreach (var (margin, easy) in new[] { (0.5, false), (0.5, true), (2, false), (Math.PI, false), (0, false) })
        {
            var wrapped = 0;
            double WithMargin(double cosine)
            {
                if (easy) return cosine > 0 ? Math.Cos(Math.Acos(cosine) + margin) : cosine;
                if (Math.Acos(cosine) + margin < Math.PI) return Math.Cos(Math.Acos(cosine) + margin);
                wrapped++;
                return cosine - margin * Math.Sin(Math.PI - margin);
            }
            var expected = labels.Select((label, i) =>
            {
                var logits = Row(cosines, i).Select((c, j) => 8 * (j == label ? WithMargin(c) : c)).ToArray();
                return LogSum(logits) - logits[label];
            }).ToArray();
            Close(expected, Losses.ArcFace(x, centers, labels, margin, 8, easy, Reduction.None), 1e-11);
            Assert.Equal(margin >= 2, wrapped > 0);
        }
        var ofCosines = labels.Select((label, i) =>
            LogSum(Row(cosines, i).Select((c, j) => 64 * (j == label ? c - 0.35 : c))) - 64 * (cosines[i, label] - 0.35));
        Close([.. ofCosines], Losses.CosFace(x, centers, labels, reduction: Reduction.None), 1e-11);
        Close([Losses.CosFace(x, centers, labels, margin: 0).Item()], Losses.ArcFace(x, centers, labels, margin: 0));
    }

    [Fact]
    public void Angles_of_0_and_pi_have_finite_slopes()
    {
        foreach (var dtype in Enum.GetValues<DType>())
        {
            var center = Tensor.From([2, 3], [1.0, 0, 0, 0, 3, 0]).To(dtype);
            var x = Leaf(Tensor.From([3, 3], [5.0, 0, 0, -5, 0, 0, 0, 0, 0]).To(dtype));
            var losses = Losses.ArcFace(x, center, [0, 0, 1], reduction: Reduction.None);
            // cos(0 + m), cos π − m·sin m, and for a vector of zeros cos(π/2 + m).
            Close([Math.Log(1 + Math.Exp(-64 * Math.Cos(0.5))), 64 * (1 + 0.5 * Math.Sin(0.5)),
                Math.Log(1 + Math.Exp(64 * Math.Sin(0.5)))], losses, 1e-5);
            losses.Sum().Backward();
            Assert.All(x.Grad!.ToDoubles(), v => Assert.True(double.IsFinite(v)));
        }
    }

    /// <summary>The formula of the paper for one row, with weights of other cosines: those before a step.</summary>
    static double CircleOf(int row, int[] labels, double[,] cosines, double[,] weighed, double margin, double scale)
    {
        double Sum(bool same, Func<double, double, double> exponent) => Enumerable.Range(0, labels.Length)
            .Where(j => j != row && labels[j] == labels[row] == same)
            .Sum(j => Math.Exp(scale * exponent(cosines[row, j], weighed[row, j])));
        return Math.Log(1 + Sum(false, (s, w) => Math.Max(0, w + margin) * (s - margin))
            * Sum(true, (s, w) => -Math.Max(0, 1 + margin - w) * (s - (1 - margin))));
    }

    [Fact]
    public void Circle_follows_the_paper()
    {
        var x = Random([6, 3], 4);
        int[] labels = [7, -1, 7, 7, -1, 3];
        var cosines = Cosines(x, x);
        var expected = labels.Select((_, i) => CircleOf(i, labels, cosines, cosines, 0.25, 5)).ToArray();
        Assert.Equal(0, expected[5]);
        foreach (var constant in new[] { true, false })
        {
            Close(expected,
                Losses.Circle(x, labels, scale: 5, constantWeights: constant, reduction: Reduction.None), 1e-11);
            // The last row has none of its label: it is left out.
            Close([expected.Sum() / 5], Losses.Circle(x, labels, scale: 5, constantWeights: constant), 1e-11);
        }
    }

    [Fact]
    public void Circle_takes_its_weights_as_constants()
    {
        int[] labels = [0, 1, 0, 1, 1];
        var x = Leaf(Random([5, 3], 5));
        var before = Cosines(x, x);
        Losses.Circle(x, labels, 0.4, 4, reduction: Reduction.Sum).Backward();
        var derivative = new MathNet.Numerics.Differentiation.NumericalDerivative(5, 2);
        var at = x.ToDoubles();
        double Frozen(double[] values)
        {
            var moved = Tensor.From([5, 3], values);
            var cosines = Cosines(moved, moved);
            return labels.Select((_, i) => CircleOf(i, labels, cosines, before, 0.4, 4)).Sum();
        }
        Close([.. at.Select((_, i) => derivative.EvaluatePartialDerivative(Frozen, at, i, 1))], x.Grad, 1e-6);

        var other = Leaf(x.Detach());
        Losses.Circle(other, labels, 0.4, 4, constantWeights: false, Reduction.Sum).Backward();
        Assert.True((other.Grad! - x.Grad!).Norm().Item() > 0.1);
    }

    [Fact]
    public void Where_no_row_has_both_alike_and_unlike_the_mean_and_the_gradient_are_0()
    {
        foreach (var labels in new int[][] { [1, 1, 1], [1, 2, 3] })
        {
            var x = Leaf(Random([3, 2], 1));
            var mean = Losses.Circle(x, labels);
            Assert.Equal(0, mean.Item());
            mean.Backward();
            Equal([3, 2], new double[6], x.Grad);
            Assert.Equal(0, Losses.Circle(x, labels, reduction: Reduction.Sum).Item());
        }
    }

    /// <summary>Every loss of this family that takes rows, as a function of those.</summary>
    static IEnumerable<Func<Tensor, Reduction, Tensor>> OfRows(int count)
    {
        int[] labels = [.. Enumerable.Range(0, count).Select(i => i % 2)];
        Tensor Like(Tensor x) => Tensor.Ones(x.Shape, x.DType);
        Tensor Signs(Tensor x) => Tensor.From([count], [.. labels.Select(label => 1.0 - 2 * label)]).To(x.DType);
        return
        [
            (x, how) => Losses.MarginRanking(x, Like(x), Like(x), 1, how),
            (x, how) => Losses.HingeEmbedding(x, -Like(x), 1, how),
            (x, how) => Losses.HingeEmbedding(x, Like(x), 1, how),
            (x, how) => Losses.CosineEmbedding(x, Like(x), Signs(x), reduction: how),
            (x, how) => Losses.Contrastive(x, Like(x), Signs(x), reduction: how),
            (x, how) => Losses.TripletMargin(x, Like(x), Like(x) * 2, swap: true, reduction: how),
            (x, how) => Losses.InfoNce(x, Like(x), reduction: how),
            (x, how) => Losses.InfoNce(Like(x), x, Like(x), reduction: how),
            (x, how) => Losses.NtXent(x, Like(x), reduction: how),
            (x, how) => Losses.ArcFace(x, Tensor.Eye(x.Shape[1], x.DType), labels, reduction: how),
            (x, how) => Losses.CosFace(x, Tensor.Eye(x.Shape[1], x.DType), labels, reduction: how),
            (x, how) => Losses.Circle(x, labels, reduction: how),
        ];
    }

    [Fact]
    public void Extremes_stay_finite_and_NaN_comes_out()
    {
        double[] rows = [1e4, -1e4, 1e-4, 0, 0, 0, -1e4, 1e4, 1e4, 1, 2, 3];
        foreach (var dtype in Enum.GetValues<DType>())
            foreach (var loss in OfRows(4))
            {
                var x = Leaf(Tensor.From([4, 3], rows).To(dtype));
                var value = loss(x, Reduction.Mean);
                Assert.True(double.IsFinite(value.Item()));
                value.Backward();
                Assert.All(x.Grad!.ToDoubles(), v => Assert.True(double.IsFinite(v)));

                double[] spoilt = [.. rows];
                spoilt[9] = double.NaN;
                Assert.True(double.IsNaN(loss(Tensor.From([4, 3], spoilt).To(dtype), Reduction.Sum).Item()));
            }
    }

    [Fact]
    public void Nothing_has_a_mean_and_a_sum_of_0()
    {
        foreach (var loss in OfRows(0))
        {
            Assert.Equal(0, loss(Tensor.Zeros([0, 3]), Reduction.Mean).Item());
            Assert.Equal(0, loss(Tensor.Zeros([0, 3]), Reduction.Sum).Item());
        }
        foreach (var loss in OfRows(1).SkipLast(1))
            Assert.True(double.IsFinite(loss(Tensor.Ones([1, 3]), Reduction.Mean).Item()));
    }

    [Fact]
    public void Errors_name_what_does_not_fit()
    {
        var (a, b) = (Tensor.Zeros([3, 2]), Tensor.Zeros([3]));
        void Shapes(string text, Func<object?> call) => Assert.Equal(text, Message<ShapeException>(call));
        void Range(string text, Func<object?> call) => Assert.Equal(text, Message<ArgumentOutOfRangeException>(call));

        Shapes("margin ranking: first [3, 2] and second [3] differ in shape, and losses never broadcast.",
            () => Losses.MarginRanking(a, b, b));
        Shapes("margin ranking: first [3] and target [] differ in shape, and losses never broadcast.",
            () => Losses.MarginRanking(b, b, Tensor.Scalar(1)));
        Range("margin ranking: target[1] is 0, but must be 1 or -1: 2 * target - 1 makes them of 0 and 1.",
            () => Losses.MarginRanking(b, b, Tensor.From([3], [1f, 0, 1])));
        Range("hinge embedding: target[1] is NaN, but must be a number.",
            () => Losses.HingeEmbedding(b, Tensor.From([3], [1f, float.NaN, 1])));
        Range("hinge embedding: target[2] is 2, but must be 1 or -1.",
            () => Losses.HingeEmbedding(b, Tensor.From([3], [1f, -1, 2])));
        Range("hinge embedding: margin is -1, but must be 0 or more.", () => Losses.HingeEmbedding(b, b + 1, -1));
        Shapes("cosine embedding: pairs of vectors [3, 2] take a target [3], one per pair, but got [3, 1].",
            () => Losses.CosineEmbedding(a, a, Tensor.Ones([3, 1])));
        Shapes("cosine embedding: expects vectors [n, size], but got scalars.",
            () => Losses.CosineEmbedding(Tensor.Scalar(1), Tensor.Scalar(1), Tensor.Scalar(1)));
        Range("cosine embedding: margin is 1.5, but must be from -1 to 1.",
            () => Losses.CosineEmbedding(a, a, b + 1, 1.5));
        Range("contrastive: target[0] is 0, but must be 1 or -1: 2 * target - 1 makes them of 0 and 1.", () => Losses.Contrastive(a, a, b));
        Range("contrastive: margin is 0, but must be positive.", () => Losses.Contrastive(a, a, b + 1, 0));
        Shapes("triplet margin: anchor [3, 2] and negative [3] differ in shape, and losses never broadcast.",
            () => Losses.TripletMargin(a, a, b));
        Shapes("triplet margin: expects vectors [n, size], but got scalars.",
            () => Losses.TripletMargin(Tensor.Scalar(1), Tensor.Scalar(1), Tensor.Scalar(1)));
        Range("triplet margin: margin is 0, but must be positive.", () => Losses.TripletMargin(a, a, a, margin: 0));
        Range("triplet margin: p is -1, but must be positive.", () => Losses.TripletMargin(a, a, a, p: -1));
        Range("triplet margin: eps is -1, but must be 0 or more.", () => Losses.TripletMargin(a, a, a, eps: -1));
        Shapes("InfoNCE: queries must be vectors [n, size], but are [3].", () => Losses.InfoNce(b, b));
        Shapes("InfoNCE: queries [3, 2] and keys [3] differ in shape, and losses never broadcast.",
            () => Losses.InfoNce(a, b));
        Shapes("InfoNCE: negatives must be vectors [n, 2], but are [2, 3].",
            () => Losses.InfoNce(a, a, Tensor.Zeros([2, 3])));
        Range("InfoNCE: temperature is 0, but must be positive.", () => Losses.InfoNce(a, a, temperature: 0));
        Range("NT-Xent: temperature is NaN, but must be positive.", () => Losses.NtXent(a, a, double.NaN));
        Shapes("ArcFace: centers must be vectors [n, 2], but are [4, 3].",
            () => Losses.ArcFace(a, Tensor.Zeros([4, 3]), [0, 1, 2]));
        Shapes("ArcFace: expects 3 labels, but 2 were given.", () => Losses.ArcFace(a, a, [0, 1]));
        Range("ArcFace: label 3 at row 2 is not in 0..2.", () => Losses.ArcFace(a, a, [0, 1, 3]));
        Range("ArcFace: margin is 4, but must be from 0 to pi.", () => Losses.ArcFace(a, a, [0, 1, 2], 4));
        Range("CosFace: label -1 at row 0 is not in 0..2.", () => Losses.CosFace(a, a, [-1, 1, 2]));
        Range("CosFace: scale is -64, but must be positive.", () => Losses.CosFace(a, a, [0, 1, 2], scale: -64));
        Range("CosFace: margin is -1, but must be from 0 to 2.", () => Losses.CosFace(a, a, [0, 1, 2], -1));
        Shapes("circle: expects 3 labels, but 2 were given.", () => Losses.Circle(a, [0, 1]));
        Range("circle: margin is 1.5, but must be from 0 to 1.", () => Losses.Circle(a, [0, 1, 1], 1.5));
        Range("circle: scale is 0, but must be positive.", () => Losses.Circle(a, [0, 1, 1], scale: 0));
    }
}
