namespace MicroGrad.Net;

// How well predicted and true regions overlap.
public static partial class Losses
{
    /// <summary>
    /// 1 − (2·Σ p·t + smooth)/(Σ p + Σ t + smooth) for each sample and class, p being the predicted probabilities, t
    /// the truth and the sums over places: one minus the soft Dice coefficient (Milletari et al., 2016).
    /// </summary>
    /// <remarks>
    /// <para>Gradient: (d − 2t)/(Σ p + Σ t + smooth), d being the Dice coefficient.</para>
    /// <para>Use: segmentation where a class covers few places: the background does not drown it, as it does in
    /// cross-entropy. Often added to cross-entropy, which has the steadier gradients.</para>
    /// <para>Beware: takes probabilities: logits.Softmax(1), or Sigmoid() where classes overlap. Where a class is
    /// neither there nor predicted, the loss is 0; where it is not there, it is
    /// 1 − smooth/(Σ p + smooth), however little overlap was to be had. Small regions make noisy gradients.</para>
    /// <para>Twin: none in PyTorch; tf.keras.losses.Dice takes the sums over the whole batch by default, and has no
    /// smooth. monai.losses.DiceLoss has the same sums as this, and smooth 10⁻⁵.</para>
    /// </remarks>
    /// <param name="prediction">Probabilities, [n, classes, …]; one class for yes or no.</param>
    /// <param name="target">The truth, 0 or 1 or between, of the same shape.</param>
    /// <param name="smooth">Added above and below the fraction: 0 for the pure coefficient.</param>
    /// <param name="squared">Sum p² and t² below the fraction, as in the paper.</param>
    /// <param name="reduction">The mean, the sum, or one loss per sample and class, [n, classes].</param>
    /// <exception cref="ShapeException">The shapes differ, or have no classes.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A probability is outside [0, 1], or smooth is
    /// negative.</exception>
    public static Tensor Dice(Tensor prediction, Tensor target, double smooth = 1, bool squared = false,
        Reduction reduction = Reduction.Mean)
    {
        using var check = Checks.OfLoss("dice");
        var regions = Regions.Of(check, prediction, target);
        return regions.Reduced(regions.Dice(check, smooth, squared), reduction);
    }

    /// <summary>
    /// 1 − (2·Σ p·t + smooth)/(Σ p + Σ t + smooth) for each sample and class, t being 1 in the places of a class's
    /// label and 0 elsewhere.
    /// </summary>
    /// <param name="prediction">Probabilities, [n, classes, …].</param>
    /// <param name="labels">The right classes, one per sample and place, in row-major order.</param>
    /// <param name="smooth">Added above and below the fraction: 0 for the pure coefficient.</param>
    /// <param name="squared">Sum p² and t² below the fraction, as in the paper.</param>
    /// <param name="ignoreIndex">A label that says: leave this place out.</param>
    /// <param name="reduction">The mean over samples that are not all ignored, the sum, or one loss per sample and
    /// class, [n, classes].</param>
    /// <exception cref="ShapeException">The labels do not fit the prediction.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A probability is outside [0, 1], a label is no class (the message
    /// says which), or smooth is negative.</exception>
    public static Tensor Dice(Tensor prediction, int[] labels, double smooth = 1, bool squared = false,
        int ignoreIndex = -100, Reduction reduction = Reduction.Mean)
    {
        using var check = Checks.OfLoss("dice");
        var regions = Regions.Of(check, prediction, labels, ignoreIndex);
        return regions.Reduced(regions.Dice(check, smooth, squared), reduction);
    }

    /// <summary>
    /// 1 − (Σ p·t + smooth)/(Σ p·t + alpha·Σ p·(1 − t) + beta·Σ (1 − p)·t + smooth) for each sample and class: as
    /// Dice, but what is predicted and not there counts alpha, and what is there and not predicted beta
    /// (Salehi et al., 2017).
    /// </summary>
    /// <remarks>
    /// <para>Gradient: with the fraction written as a/b, (a·(t + alpha·(1 − t) − beta·t) − b·t)/b².</para>
    /// <para>Use: segmentation where a missed place is worse than a false alarm (lesions): beta above alpha. With both
    /// ½ it is Dice (with twice the smooth), with both 1 one minus the Jaccard index (IoU).</para>
    /// <para>Beware: as for Dice. Which of the two is called alpha differs between papers: look at the formula.</para>
    /// <para>Twin: none in PyTorch; monai.losses.TverskyLoss with alpha = beta = ½ and smooth 10⁻⁵;
    /// tf.keras.losses.Tversky with both ½, sums over the whole batch, and no smooth.</para>
    /// </remarks>
    /// <param name="prediction">Probabilities, [n, classes, …]; one class for yes or no.</param>
    /// <param name="target">The truth, 0 or 1 or between, of the same shape.</param>
    /// <param name="alpha">The weight of false positives.</param>
    /// <param name="beta">The weight of false negatives.</param>
    /// <param name="smooth">Added above and below the fraction: 0 for the pure index.</param>
    /// <param name="reduction">The mean, the sum, or one loss per sample and class, [n, classes].</param>
    /// <exception cref="ShapeException">The shapes differ, or have no classes.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A probability is outside [0, 1], or an option is
    /// negative.</exception>
    public static Tensor Tversky(Tensor prediction, Tensor target, double alpha = 0.3, double beta = 0.7,
        double smooth = 1, Reduction reduction = Reduction.Mean)
    {
        using var check = Checks.OfLoss("tversky");
        var regions = Regions.Of(check, prediction, target);
        return regions.Reduced(regions.Tversky(check, alpha, beta, smooth), reduction);
    }

    /// <summary>
    /// 1 − (Σ p·t + smooth)/(Σ p·t + alpha·Σ p·(1 − t) + beta·Σ (1 − p)·t + smooth) for each sample and class, t being
    /// 1 in the places of a class's label and 0 elsewhere.
    /// </summary>
    /// <param name="prediction">Probabilities, [n, classes, …].</param>
    /// <param name="labels">The right classes, one per sample and place, in row-major order.</param>
    /// <param name="alpha">The weight of false positives.</param>
    /// <param name="beta">The weight of false negatives.</param>
    /// <param name="smooth">Added above and below the fraction: 0 for the pure index.</param>
    /// <param name="ignoreIndex">A label that says: leave this place out.</param>
    /// <param name="reduction">The mean over samples that are not all ignored, the sum, or one loss per sample and
    /// class, [n, classes].</param>
    /// <exception cref="ShapeException">The labels do not fit the prediction.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A probability is outside [0, 1], a label is no class (the message
    /// says which), or an option is negative.</exception>
    public static Tensor Tversky(Tensor prediction, int[] labels, double alpha = 0.3, double beta = 0.7,
        double smooth = 1, int ignoreIndex = -100, Reduction reduction = Reduction.Mean)
    {
        using var check = Checks.OfLoss("tversky");
        var regions = Regions.Of(check, prediction, labels, ignoreIndex);
        return regions.Reduced(regions.Tversky(check, alpha, beta, smooth), reduction);
    }

    /// <summary>
    /// d^(1/gamma) for each sample and class, d being the Tversky loss: a region found badly counts less, and one
    /// found almost well still counts, for gamma above 1 (Abraham and Khan, 2019).
    /// </summary>
    /// <remarks>
    /// <para>Gradient: d^(1/gamma − 1)/gamma times that of the Tversky loss; taken as 0 where d is 0.</para>
    /// <para>Use: segmentation of small regions, where the Tversky loss is soon small but not small enough.</para>
    /// <para>Beware: for gamma above 1 the slope grows without bound as d goes to 0, so the last steps need a small
    /// learning rate; below 1 it fades there, as the focal loss does.</para>
    /// <para>Twin: none; formula of the paper, whose alpha weighs the false negatives: there beta does.</para>
    /// </remarks>
    /// <param name="prediction">Probabilities, [n, classes, …]; one class for yes or no.</param>
    /// <param name="target">The truth, 0 or 1 or between, of the same shape.</param>
    /// <param name="alpha">The weight of false positives.</param>
    /// <param name="beta">The weight of false negatives.</param>
    /// <param name="gamma">The root to take; 1 gives the Tversky loss.</param>
    /// <param name="smooth">Added above and below the fraction: 0 for the pure index.</param>
    /// <param name="reduction">The mean, the sum, or one loss per sample and class, [n, classes].</param>
    /// <exception cref="ShapeException">The shapes differ, or have no classes.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A probability is outside [0, 1], gamma is not positive, or
    /// another option is negative.</exception>
    public static Tensor FocalTversky(Tensor prediction, Tensor target, double alpha = 0.3, double beta = 0.7,
        double gamma = 4.0 / 3, double smooth = 1, Reduction reduction = Reduction.Mean)
    {
        using var check = Checks.OfLoss("focal tversky");
        var regions = Regions.Of(check, prediction, target);
        return regions.Reduced(regions.FocalTversky(check, alpha, beta, gamma, smooth), reduction);
    }

    /// <summary>
    /// d^(1/gamma) for each sample and class, d being the Tversky loss for labels.
    /// </summary>
    /// <param name="prediction">Probabilities, [n, classes, …].</param>
    /// <param name="labels">The right classes, one per sample and place, in row-major order.</param>
    /// <param name="alpha">The weight of false positives.</param>
    /// <param name="beta">The weight of false negatives.</param>
    /// <param name="gamma">The root to take; 1 gives the Tversky loss.</param>
    /// <param name="smooth">Added above and below the fraction: 0 for the pure index.</param>
    /// <param name="ignoreIndex">A label that says: leave this place out.</param>
    /// <param name="reduction">The mean over samples that are not all ignored, the sum, or one loss per sample and
    /// class, [n, classes].</param>
    /// <exception cref="ShapeException">The labels do not fit the prediction.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A probability is outside [0, 1], a label is no class (the message
    /// says which), gamma is not positive, or another option is negative.</exception>
    public static Tensor FocalTversky(Tensor prediction, int[] labels, double alpha = 0.3, double beta = 0.7,
        double gamma = 4.0 / 3, double smooth = 1, int ignoreIndex = -100, Reduction reduction = Reduction.Mean)
    {
        using var check = Checks.OfLoss("focal tversky");
        var regions = Regions.Of(check, prediction, labels, ignoreIndex);
        return regions.Reduced(regions.FocalTversky(check, alpha, beta, gamma, smooth), reduction);
    }
}
