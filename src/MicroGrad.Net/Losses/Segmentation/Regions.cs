namespace MicroGrad.Net;

// Predicted and true regions of samples [n, classes, …], seen as [n, classes, places].
public static partial class Losses
{
    /// <summary>
    /// What is predicted and what is true, [n, classes, places], both 0 in places that are ignored; and which samples
    /// have a place that is not, [n, 1].
    /// </summary>
    readonly record struct Regions(Tensor Prediction, Tensor Target, Tensor Seen)
    {
        /// <summary>
        /// Reduces losses [n, classes]. A sample of which everything is ignored has no part in them.
        /// </summary>
        public Tensor Reduced(Tensor losses, Reduction reduction) =>
            Reduce(Tensor.Where(Seen, losses, 0), reduction, Seen);
    }

    static Regions RegionsOf(string loss, Tensor prediction, Tensor target)
    {
        RequireTarget(loss, prediction, target, Domain.Probability);
        var shape = RegionShape(loss, prediction);
        return new(prediction.Reshape(shape), target.Reshape(shape), Tensor.Ones([shape[0], 1], prediction.DType));
    }

    static Regions RegionsOf(string loss, Tensor prediction, int[] labels, int ignoreIndex)
    {
        var shape = RegionShape(loss, prediction);
        var (samples, classes, places) = (shape[0], shape[1], shape[2]);
        RequireLabelPerPlace(loss, labels, samples * places, classes, ignoreIndex);
        var kept = Tensor.From([samples, 1, places], [.. labels.Select(label => label == ignoreIndex ? 0.0 : 1)])
            .To(prediction.DType);
        // An ignored label may be the number of a class: the mask takes it out of the target too.
        var target = kept * Membership(labels, samples, classes, places, prediction.DType);
        return new(Tensor.Where(kept, prediction.Reshape(shape), 0), target, kept.Sum(2) > 0);
    }

    /// <summary>[n, classes, places], for a prediction that has probabilities (or NaN) in it.</summary>
    static Shape RegionShape(string loss, Tensor prediction)
    {
        if (prediction.Rank < 2)
            Throw.Shapes(loss, $"expects probabilities [n, classes, ...], but got {prediction.Shape}.");
        Domain.PredictedProbability.Require(loss, nameof(prediction), prediction,
            _ => " (of logits, take Softmax(1) or Sigmoid() first)");
        return Shape.Of(prediction.Shape[0], prediction.Shape[1], Shape.Of(prediction.Shape.Sizes[2..]).Length);
    }
}
