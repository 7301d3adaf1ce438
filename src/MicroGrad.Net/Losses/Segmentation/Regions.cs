namespace MicroGrad.Net;

/// <summary>
/// What is predicted and what is true of samples [n, classes, …], seen as [n, classes, places], both 0 in places that are
/// ignored; and which samples have a place that is not, [n, 1].
/// </summary>
readonly record struct Regions(Tensor Prediction, Tensor Target, Tensor Seen)
{
    public static Regions Of(Checks check, Tensor prediction, Tensor target)
    {
        check.Target(prediction, target, Domain.Probability);
        var shape = ShapeOf(check, prediction);
        return new(prediction.Reshape(shape), target.Reshape(shape), Tensor.Ones([shape[0], 1], prediction.DType));
    }

    public static Regions Of(Checks check, Tensor prediction, int[] labels, int ignoreIndex)
    {
        var shape = ShapeOf(check, prediction);
        var (samples, classes, places) = (shape[0], shape[1], shape[2]);
        check.Labels(labels, samples * places, classes, ignoreIndex);
        var kept = Tensor.From([samples, 1, places], [.. labels.Select(label => label == ignoreIndex ? 0.0 : 1)])
            .To(prediction.DType);
        // An ignored label may be the number of a class: the mask takes it out of the target too.
        var target = kept * LabelPlaces.Mask(labels, samples, classes, places, prediction.DType);
        return new(Tensor.Where(kept, prediction.Reshape(shape), 0), target, kept.Sum(2) > 0);
    }

    /// <summary>Reduces losses [n, classes]. A sample of which everything is ignored has no part in them.</summary>
    public Tensor Reduced(Tensor losses, Reduction reduction) =>
        Losses.Reduce(Tensor.Where(Seen, losses, 0), reduction, Seen);

    public Tensor Dice(Checks check, double smooth, bool squared)
    {
        check.Option(smooth, Domain.NotNegative, Prediction.DType);
        var (p, t) = (Prediction, Target);
        // 1 − fraction as one fraction, of what does not overlap: small numbers keep their digits.
        var (sizes, apart) = squared ? (p.Square() + t.Square(), (p - t).Square()) : (p + t, p * (1 - t) + t * (1 - p));
        return Lacking(apart.Sum(2), sizes.Sum(2) + smooth, smooth);
    }

    public Tensor Tversky(Checks check, double alpha, double beta, double smooth)
    {
        check.Option(alpha, Domain.NotNegative, Prediction.DType);
        check.Option(beta, Domain.NotNegative, Prediction.DType);
        check.Option(smooth, Domain.NotNegative, Prediction.DType);
        var (p, t) = (Prediction, Target);
        // 1 − found / (found + wrong), but without the loss of digits where little is wrong.
        var wrong = alpha * (p * (1 - t)).Sum(2) + beta * ((1 - p) * t).Sum(2);
        return Lacking(wrong, (p * t).Sum(2) + smooth + wrong, smooth);
    }

    public Tensor FocalTversky(Checks check, double alpha, double beta, double gamma, double smooth)
    {
        check.Option(gamma, Domain.Positive, Prediction.DType);
        var distance = Tversky(check, alpha, beta, smooth);
        // The root has an infinite slope at 0: a perfect region gets the slope 0.
        var perfect = distance.EqualTo(0);
        return Tensor.Where(perfect, 0, Tensor.Where(perfect, 1, distance).Pow(1 / gamma));
    }

    /// <summary>wrong/whole; 0, as with the least smooth, where there is no whole and nothing wrong.</summary>
    static Tensor Lacking(Tensor wrong, Tensor whole, double smooth)
    {
        if (smooth > float.Epsilon) return wrong / whole;
        var some = whole.NotEqualTo(0);
        return Tensor.Where(some, wrong / Tensor.Where(some, whole, 1), 0);
    }

    /// <summary>[n, classes, places], for a prediction that has probabilities (or NaN) in it.</summary>
    static Shape ShapeOf(Checks check, Tensor prediction)
    {
        if (prediction.Rank < 2)
            Throw.Shapes(check.Name, $"expects probabilities [n, classes, ...], but got {prediction.Shape}.");
        check.Elements(prediction, Domain.PredictedProbability, _ => " (of logits, take Softmax(1) or Sigmoid() first)");
        return Shape.Of(prediction.Shape[0], prediction.Shape[1], Shape.Of(prediction.Shape.Sizes[2..]).Length);
    }
}
