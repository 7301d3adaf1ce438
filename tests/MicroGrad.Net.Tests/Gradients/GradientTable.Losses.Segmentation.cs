namespace MicroGrad.Net.Tests.Proof;

static partial class GradientTable
{
    const string SoftDice = "Losses.Dice(Tensor, Tensor, double, bool, Reduction)";
    const string HardDice = "Losses.Dice(Tensor, int[], double, bool, int, Reduction)";
    const string SoftTversky = "Losses.Tversky(Tensor, Tensor, double, double, double, Reduction)";
    const string HardTversky = "Losses.Tversky(Tensor, int[], double, double, double, int, Reduction)";
    const string SoftFocalTversky = "Losses.FocalTversky(Tensor, Tensor, double, double, double, double, Reduction)";
    const string HardFocalTversky =
        "Losses.FocalTversky(Tensor, int[], double, double, double, double, int, Reduction)";

    /// <summary>Keeps the Tversky loss away from 0, where its root is steep.</summary>
    static readonly Draw Unsure = Draws.Between(0.3, 0.7);

    /// <summary>Below ½ and apart, so that no two errors, p or 1 − p, are alike.</summary>
    static readonly Draw ApartBelowHalf = (random, count) =>
    {
        var values = Enumerable.Range(0, count).Select(i => 0.02 + 0.46 * (i + 0.5) / count).ToArray();
        random.Shuffle(values);
        return values;
    };

    static IEnumerable<GradientRow> SegmentationLosses =>
    [
        .. Reduced($"{SoftDice}:", "ABc,ABc", (p, t, how) => Losses.Dice(p, t, reduction: how), Probability),
        .. Reduced($"{SoftDice}: squared,", "ABCD,ABCD", (p, t, how) => Losses.Dice(p, t, 0.1, true, how), Probability),
        Row($"{SoftDice}: no smooth, one place", "AB,AB", (p, t) => Losses.Dice(p, t, 0), Unsure),
        .. OfRegions($"{HardDice}:", (p, labels, how) => Losses.Dice(p, labels, reduction: how)),
        .. OfRegions($"{HardDice}: squared, some ignored,", (p, labels, how) =>
            Losses.Dice(p, Ignored(labels), 0.5, true, ignoreIndex: -1, how)),
        .. Reduced($"{SoftTversky}:", "ABc,ABc", (p, t, how) => Losses.Tversky(p, t, reduction: how), Probability),
        .. Reduced($"{SoftTversky}: 0.9 and 0.2,", "AB,AB", (p, t, how) =>
            Losses.Tversky(p, t, 0.9, 0.2, 0, how), Unsure),
        .. OfRegions($"{HardTversky}:", (p, labels, how) => Losses.Tversky(p, labels, reduction: how)),
        .. OfRegions($"{HardTversky}: some ignored,", (p, labels, how) =>
            Losses.Tversky(p, Ignored(labels), 0.9, 0.2, 0.5, ignoreIndex: -1, how)),
        .. Reduced($"{SoftFocalTversky}:", "ABC,ABC", (p, t, how) =>
            Losses.FocalTversky(p, t, smooth: 0.1, reduction: how), Unsure),
        .. Reduced($"{SoftFocalTversky}: gamma 0.5,", "AB,AB", (p, t, how) =>
            Losses.FocalTversky(p, t, 0.6, 0.2, 0.5, 1, how), Unsure),
        .. OfRegions($"{HardFocalTversky}:", (p, labels, how) =>
            Losses.FocalTversky(p, labels, smooth: 0.1, reduction: how)),
        .. OfRegions($"{HardFocalTversky}: some ignored,", (p, labels, how) =>
            Losses.FocalTversky(p, Ignored(labels), 0.6, 0.5, 0.8, 0.1, ignoreIndex: -1, how)),

        .. UnderEach("Losses.LovaszHinge:", "AbC", (x, how) =>
            Losses.LovaszHinge(OffTheHinge(x), YesOrNo(x), reduction: how),
            Draws.DistinctMagnitudes),
        .. UnderEach("Losses.LovaszHinge: all together,", "AB", (x, how) =>
            Losses.LovaszHinge(OffTheHinge(x), YesOrNo(x), false, how),
            Draws.DistinctMagnitudes),
        .. OfRegions("Losses.LovaszSoftmax:", (p, labels, how) =>
            Losses.LovaszSoftmax(p, labels, reduction: how), ApartBelowHalf),
        .. OfRegions("Losses.LovaszSoftmax: absent classes too,", (p, labels, how) =>
            Losses.LovaszSoftmax(p, labels, presentOnly: false, reduction: how), ApartBelowHalf),
        .. OfRegions("Losses.LovaszSoftmax: per image,", (p, labels, how) =>
            Losses.LovaszSoftmax(p, labels, perImage: true, reduction: how), ApartBelowHalf),
        .. OfRegions("Losses.LovaszSoftmax: some ignored,", (p, labels, how) =>
            Losses.LovaszSoftmax(p, Ignored(labels), false, true, ignoreIndex: -1, how), ApartBelowHalf),
    ];

    static IEnumerable<GradientRow> OfRegions(
        string name, Func<Tensor, int[], Reduction, Tensor> loss, Draw? draw = null) =>
        UnderEach(name, "ABC", (p, how) => loss(p, Labels(p), how), draw ?? Unsure)
            .Append(Row($"{name} one place", "AB", p => loss(p, Labels(p), Reduction.Mean), draw: draw ?? Unsure));

    /// <summary>Distinct magnitudes lie near multiples of 0.1; this way none is near 1, where the hinge is.</summary>
    static Tensor OffTheHinge(Tensor x) => x / 0.95;

    static Tensor YesOrNo(Tensor x) =>
        Tensor.From(x.Shape, [.. Numbers(x.Length, below: 2).Select(bit => (double)bit)]).To(x.DType);
}
