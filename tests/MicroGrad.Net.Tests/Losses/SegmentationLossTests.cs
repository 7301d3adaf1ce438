using static MicroGrad.Net.Tests.Numbers;

namespace MicroGrad.Net.Tests;

public sealed class SegmentationLossTests
{
    static readonly Tensor Half = Tensor.From([1, 1, 3], [0.5, 0.5, 0]), First = Tensor.From([1, 1, 3], [1.0, 0, 0]);

    /// <summary>Probabilities of three classes in 2 pictures of 2 × 3 places, and labels of them.</summary>
    static readonly Tensor Soft = Tensor.Normal([2, 3, 2, 3], rng: new Rng(7), dtype: DType.Float64).Softmax(1);

    static readonly int[] Labels = [0, 1, 2, 0, 0, 1, 2, 2, 2, 2, 0, 0];

    static Tensor OneHot(int[] labels) =>
        Tensor.Eye(3, DType.Float64).Select(labels).Reshape(2, 2, 3, 3).Permute(0, 3, 1, 2);

    [Fact]
    public void Overlap_follows_its_formulas()
    {
        Close([0.5], Losses.Dice(Half, First, smooth: 0));
        Close([1 - 2.0 / 3], Losses.Dice(Half, First));
        Close([1 - 1 / 1.5], Losses.Dice(Half, First, 0, squared: true));
        Close([1 - 0.5 / (0.5 + 0.3 * 0.5 + 0.7 * 0.5)], Losses.Tversky(Half, First, smooth: 0));
        Close([1 - 2.5 / (2.5 + 0.9 * 0.5 + 0.2 * 0.5)], Losses.Tversky(Half, First, 0.9, 0.2, 2));
        Close([Math.Pow(0.5, 0.75)], Losses.FocalTversky(Half, First, smooth: 0));
        Close([0.25], Losses.FocalTversky(Half, First, gamma: 0.5, smooth: 0));
        // One for each sample and class, and their mean.
        var each = Losses.Dice(Soft, Labels, reduction: Reduction.None);
        Assert.Equal(Shape.Of(2, 3), each.Shape);
        Close([Losses.Dice(Soft[1, 2].Reshape(1, 1, 6), OneHot(Labels)[1, 2].Reshape(1, 1, 6)).Item()], each[1, 2]);
        Close([each.ToDoubles().Average()], Losses.Dice(Soft, Labels));
        Close([each.ToDoubles().Sum()], Losses.Dice(Soft, Labels, reduction: Reduction.Sum));
    }

    [Fact]
    public void Labels_are_masks()
    {
        var masks = OneHot(Labels);
        Close([Losses.Dice(Soft, masks, 0.5, true).Item()], Losses.Dice(Soft, Labels, 0.5, true));
        Close([Losses.Tversky(Soft, masks, 0.1, 0.6, 2).Item()], Losses.Tversky(Soft, Labels, 0.1, 0.6, 2));
        Close([Losses.FocalTversky(Soft, masks, 0.1, 0.6, 2, 3).Item()],
            Losses.FocalTversky(Soft, Labels, 0.1, 0.6, 2, 3));
        // A place each, without further axes.
        Close([Losses.Dice(Soft[.., .., 0, 0], masks[.., .., 0, 0]).Item()], Losses.Dice(Soft[.., .., 0, 0], [0, 2]));
    }

    [Fact]
    public void The_indices_are_kin()
    {
        Close(Losses.Dice(Soft, Labels, 3, reduction: Reduction.None).ToDoubles(),
            Losses.Tversky(Soft, Labels, 0.5, 0.5, 1.5, reduction: Reduction.None));
        Close(Losses.Tversky(Soft, Labels, reduction: Reduction.None).ToDoubles(),
            Losses.FocalTversky(Soft, Labels, gamma: 1, reduction: Reduction.None));
        // Of hard masks: counts.
        int[] guess = [0, 0, 2, 0, 1, 1, 0, 2, 2, 1, 0, 2];
        for (var c = 0; c < 3; c++)
        {
            var both = Enumerable.Range(0, 6).Count(i => guess[i] == c && Labels[i] == c);
            var (ours, theirs) = (guess[..6].Count(g => g == c), Labels[..6].Count(l => l == c));
            Close([1 - 2.0 * both / (ours + theirs)],
                Losses.Dice(OneHot(guess), Labels, 0, reduction: Reduction.None)[0, c]);
            Close([1 - both / (ours + theirs - both + 0.0)],
                Losses.Tversky(OneHot(guess), Labels, 1, 1, 0, reduction: Reduction.None)[0, c]);
        }
    }

    [Fact]
    public void A_perfect_region_has_no_loss_and_a_finite_slope()
    {
        foreach (var dtype in Enum.GetValues<DType>())
            foreach (var loss in new Func<Tensor, Tensor>[]
            {
                p => Losses.Dice(p, Labels), p => Losses.Tversky(p, Labels), p => Losses.FocalTversky(p, Labels),
                p => Losses.FocalTversky(p, Labels, smooth: 0.1), p => Losses.LovaszSoftmax(p, Labels),
            })
            {
                var p = Leaf(OneHot(Labels).To(dtype));
                var value = loss(p);
                Assert.Equal(0, value.Item());
                value.Backward();
                Assert.All(p.Grad!.ToDoubles(), v => Assert.True(double.IsFinite(v)));
            }
    }

    /// <summary>Every loss for labels; the third argument is the label to ignore.</summary>
    static readonly Func<Tensor, int[], int, Reduction, Tensor>[] s_ofLabels =
    [
        (p, labels, ignore, how) => Losses.Dice(p, labels, ignoreIndex: ignore, reduction: how),
        (p, labels, ignore, how) => Losses.Dice(p, labels, 0.5, true, ignore, how),
        (p, labels, ignore, how) => Losses.Tversky(p, labels, ignoreIndex: ignore, reduction: how),
        (p, labels, ignore, how) => Losses.FocalTversky(p, labels, ignoreIndex: ignore, reduction: how),
        (p, labels, ignore, how) => Losses.LovaszSoftmax(p, labels, ignoreIndex: ignore, reduction: how),
        (p, labels, ignore, how) => Losses.LovaszSoftmax(p, labels, false, true, ignore, how),
    ];

    [Fact]
    public void Ignored_places_count_for_nothing()
    {
        int[] holes = [.. Labels];
        (holes[1], holes[4], holes[7], holes[10]) = (-1, -1, -1, -1);      // the middle column
        var without = Soft.Select([0, 2], 3);
        int[] rest = [0, 2, 0, 1, 2, 2, 2, 0];
        foreach (var loss in s_ofLabels)
        {
            var p = Leaf(Tensor.Where(Tensor.From([1, 1, 1, 3], [0.0, 1, 0]), double.NaN, Soft));
            var value = loss(p, holes, -1, Reduction.Mean);
            Close([loss(without, rest, -1, Reduction.Mean).Item()], value);
            value.Backward();
            Assert.All(p.Grad![.., .., .., 1].ToDoubles(), v => Assert.Equal(0, v));
            Assert.All(p.Grad!.ToDoubles(), v => Assert.True(double.IsFinite(v)));

            // The ignored label may be the number of a class.
            Close([loss(Soft, [.. Labels.Select(label => label == 0 ? -1 : label)], -1, Reduction.Mean).Item()],
                loss(Soft, Labels, 0, Reduction.Mean));

            // A whole sample, and everything.
            int[] second = [.. Labels[..6], 9, 9, 9, 9, 9, 9];
            Close([loss(Soft[..1], Labels[..6], 9, Reduction.Mean).Item()], loss(Soft, second, 9, Reduction.Mean));
            var q = Leaf(Soft.Detach());
            var nothing = loss(q, new int[12], 0, Reduction.Mean);
            Assert.Equal(0, nothing.Item());
            nothing.Backward();
            Assert.All(q.Grad!.ToDoubles(), v => Assert.Equal(0, v));
            Assert.Equal(0, loss(q, new int[12], 0, Reduction.Sum).Item());
        }
        // Also without smooth, where there would be a fraction of nothing.
        int[] first = [.. Labels[..6], -1, -1, -1, -1, -1, -1];
        Close([Losses.Dice(Soft[..1], Labels[..6], 0).Item()], Losses.Dice(Soft, first, 0, ignoreIndex: -1));
    }

    [Fact]
    public void A_class_neither_there_nor_predicted_is_right_also_without_smooth()
    {
        var p = Leaf(Tensor.From([1, 2, 2], [0.0, 0, 1, 0.5]));
        foreach (var losses in new[] { Losses.Dice(p, [1, 1], 0, reduction: Reduction.None),
            Losses.Tversky(p, [1, 1], smooth: 0, reduction: Reduction.None), Losses.FocalTversky(p, [1, 1], smooth: 0, reduction: Reduction.None) })
        {
            Assert.Equal(0, losses.ToDoubles()[0]);
            p.Grad = null;
            losses.Sum().Backward();
            Assert.All(p.Grad!.ToDoubles(), slope => Assert.True(double.IsFinite(slope)));
        }
    }

    [Fact]
    public void NaN_comes_out_and_nothing_is_0()
    {
        var spoilt = Soft.ToDoubles();
        spoilt[4] = double.NaN;
        foreach (var loss in s_ofLabels)
        {
            Assert.True(double.IsNaN(loss(Tensor.From(Soft.Shape, spoilt), Labels, -1, Reduction.Sum).Item()));
            Assert.Equal(0, loss(Tensor.Zeros([0, 3, 2]), [], -1, Reduction.Mean).Item());
            Assert.Equal(0, loss(Tensor.Zeros([0, 3, 2]), [], -1, Reduction.Sum).Item());
            Assert.True(double.IsFinite(loss(Tensor.Full([1, 2], 0.5), [1], -1, Reduction.Mean).Item()));
        }
        Assert.True(double.IsNaN(Losses.LovaszHinge(Vector(1, double.NaN), Vector(1, 0), false).Item()));
        Assert.Equal(0, Losses.LovaszHinge(Tensor.Zeros([0, 4]), Tensor.Zeros([0, 4])).Item());
        Assert.Equal(0, Losses.LovaszHinge(Tensor.Zeros([0, 4]), Tensor.Zeros([0, 4]), reduction: Reduction.Sum).Item());
    }

    /// <summary>
    /// The Lovász extension of the Jaccard distance by its other definition: ∫ Δ({i: eᵢ ≥ θ}) dθ, Δ of a set of wrong
    /// places being 1 − |true and not wrong| / |true or wrong|.
    /// </summary>
    static double Lovasz(double[] errors, bool[] truth)
    {
        double Distance(double threshold)
        {
            var wrong = errors.Select(e => e >= threshold).ToArray();
            var union = truth.Zip(wrong, (t, w) => t || w).Count(x => x);
            return union == 0 ? 0 : 1 - truth.Zip(wrong, (t, w) => t && !w).Count(x => x) / (double)union;
        }
        var levels = errors.Where(e => e > 0).Append(0).Distinct().Order().ToArray();
        return levels.Zip(levels.Skip(1), (low, high) => (high - low) * Distance(high)).Sum();
    }

    [Fact]
    public void Lovasz_losses_are_the_extension_of_the_Jaccard_distance()
    {
        var expected = new double[3];
        var values = Soft.Permute(1, 0, 2, 3).Reshape(3, 12);
        for (var c = 0; c < 3; c++)
        {
            var truth = Labels.Select(label => label == c).ToArray();
            expected[c] = Lovasz([.. values[c].ToDoubles().Zip(truth, (p, t) => t ? 1 - p : p)], truth);
        }
        Close(expected, Losses.LovaszSoftmax(Soft, Labels, reduction: Reduction.None));
        Close([expected.Average()], Losses.LovaszSoftmax(Soft, Labels));

        var logits = Tensor.Normal([2, 2, 3], rng: new Rng(3), dtype: DType.Float64) * 2;
        double[] yes = [1, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 1];
        double[] Errors(int start, int end) =>
            [.. logits.ToDoubles()[start..end].Zip(yes[start..end], (x, t) => 1 - x * (2 * t - 1))];
        bool[] True(int start, int end) => [.. yes[start..end].Select(t => t == 1)];
        var target = Tensor.From([2, 2, 3], yes);
        Close([Lovasz(Errors(0, 6), True(0, 6)), Lovasz(Errors(6, 12), True(6, 12))],
            Losses.LovaszHinge(logits, target, reduction: Reduction.None));
        Close([Lovasz(Errors(0, 12), True(0, 12))], Losses.LovaszHinge(logits, target, perImage: false));
    }

    [Fact]
    public void Of_hard_masks_Lovasz_is_the_Jaccard_distance()
    {
        int[] guess = [0, 0, 2, 0, 1, 1, 0, 2, 2, 1, 0, 2];
        int Count(Func<int, bool> holds) => Enumerable.Range(0, 12).Count(holds);
        var expected = Enumerable.Range(0, 3).Select(c => 1 - Count(i => guess[i] == c && Labels[i] == c)
            / (double)Count(i => guess[i] == c || Labels[i] == c)).ToArray();
        Close(expected, Losses.LovaszSoftmax(OneHot(guess), Labels, reduction: Reduction.None));
        // Of ties the value does not depend on the order, nor on where places stand.
        Close(expected, Losses.LovaszSoftmax(OneHot(guess).Flip([2, 3]),
            [.. Labels[..6].Reverse(), .. Labels[6..].Reverse()], reduction: Reduction.None));
    }

    [Fact]
    public void Lovasz_means_leave_out_absent_classes_unless_asked()
    {
        int[] two = [0, 0, 1, 1, 0, 1, 1, 1, 1, 1, 1, 1];
        var each = Losses.LovaszSoftmax(Soft, two, false, true, reduction: Reduction.None);
        Assert.Equal(Shape.Of(2, 3), each.Shape);
        var e = each.ToDoubles();
        Assert.True(e[2] > 0);
        Close([e.Average()], Losses.LovaszSoftmax(Soft, two, presentOnly: false, perImage: true));
        Close([((e[0] + e[1]) / 2 + e[4]) / 2], Losses.LovaszSoftmax(Soft, two, perImage: true));
        Close([e[0], e[1], 0, 0, e[4], 0], Losses.LovaszSoftmax(Soft, two, perImage: true, reduction: Reduction.None));
    }

    [Fact]
    public void Lovasz_hinge_is_flat_beyond_the_margin_and_steep_as_the_index()
    {
        foreach (var dtype in Enum.GetValues<DType>())
        {
            var x = Leaf(Tensor.From([1, 4], [1e4, -1e4, -1e4, 3]).To(dtype));
            var loss = Losses.LovaszHinge(x, Tensor.From([1, 4], [1.0, 0, 1, 1]).To(dtype));
            // One of three true places is missed, by 10001.
            Close([10001 / 3.0], loss, 1e-6);
            loss.Backward();
            Close([0, 0, -1 / 3.0, 0], x.Grad, 1e-6);
        }
    }

    [Fact]
    public void Errors_name_what_does_not_fit()
    {
        var p = Tensor.Full([2, 3, 2], 0.25);
        int[] labels = [0, 1, 2, 0];
        void Shapes(string text, Func<object?> call) => Assert.Equal(text, Message<ShapeException>(call));
        void Range(string text, Func<object?> call) => Assert.Equal(text, Message<ArgumentOutOfRangeException>(call));

        Shapes("dice: prediction [2, 3, 2] and target [2, 3] differ in shape, and losses never broadcast.",
            () => Losses.Dice(p, p[.., .., 0]));
        Shapes("dice: expects probabilities [n, classes, ...], but got [2].",
            () => Losses.Dice(Tensor.Zeros([2]), Tensor.Zeros([2])));
        Shapes("tversky: expects 4 labels, but 3 were given.", () => Losses.Tversky(p, [0, 1, 2]));
        Range("dice: label 3 at row 2 is not in 0..2.", () => Losses.Dice(p, [0, 1, 3, 0]));
        Range("dice: prediction[0, 1, 1] is 1.5, but must be a probability, from 0 to 1 (of logits, take Softmax(1) or "
            + "Sigmoid() first).",
            () => Losses.Dice(Tensor.From([1, 2, 2], [0f, float.NaN, 1, 1.5f]), [0, 0]));
        Range("tversky: target[1, 0, 0] is -0.25, but must be a probability, from 0 to 1.",
            () => Losses.Tversky(p, Tensor.Concat([p[..1], -p[1..]])));
        Range("focal tversky: target[0, 0, 0] is NaN, but must be a number.",
            () => Losses.FocalTversky(p, p * double.NaN));
        Range("dice: smooth is -1, but must be 0 or more.", () => Losses.Dice(p, labels, -1));
        Range("tversky: alpha is -0.5, but must be 0 or more.", () => Losses.Tversky(p, p, -0.5));
        Range("tversky: beta is NaN, but must be 0 or more.", () => Losses.Tversky(p, p, beta: double.NaN));
        Range("focal tversky: gamma is 0, but must be positive.", () => Losses.FocalTversky(p, labels, gamma: 0));
        Range("focal tversky: smooth is -1, but must be 0 or more.", () => Losses.FocalTversky(p, labels, smooth: -1));
        Shapes("lovasz hinge: logits [2, 3, 2] and target [12] differ in shape, and losses never broadcast: "
            + "target.Reshape(logits.Shape)?",
            () => Losses.LovaszHinge(p, p.Flatten()));
        Shapes("lovasz hinge: expects logits [n, ...], but got a scalar.",
            () => Losses.LovaszHinge(Tensor.Scalar(1), Tensor.Scalar(1)));
        Range("lovasz hinge: target[0, 0, 0] is 0.25, but must be 0 or 1.", () => Losses.LovaszHinge(p, p));
        Range("lovasz softmax: label -1 at row 3 is not in 0..2.", () => Losses.LovaszSoftmax(p, [0, 1, 2, -1]));
    }
}
