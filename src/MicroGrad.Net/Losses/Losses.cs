namespace MicroGrad.Net;

/// <summary>What becomes of the losses of single elements.</summary>
public enum Reduction
{
    /// <summary>Their mean; a weighted one where a loss says so.</summary>
    Mean,

    /// <summary>Their sum.</summary>
    Sum,

    /// <summary>Nothing: one loss per element.</summary>
    None,
}

/// <summary>
/// Loss functions: how far predictions are from the truth. Each is composed of differentiable ops, which own the
/// derivatives, so none is written here: the formula of its summary is what its body computes. Predictions come first.
/// Prediction and target must have the same shape: nothing is broadcast, since [32, 1] against [32] would silently
/// compare each with each. A target that is not finite, a label out of range, a probability outside [0, 1] and a negative
/// weight are errors that say where, before anything is computed; a NaN that is predicted comes out. A mean over nothing
/// to learn from is 0.
/// </summary>
// Here are losses, bodies that several of them share, and Reduce; what they share of a subject is a class beside them:
// Checks and Domain, Logs, ClassScores and LabelPlaces, Regions, Box and BoxPairs, LabelPaths.
// The remarks of each loss say, in paragraphs with these first words, its Gradient (of one element, with respect to
// the prediction), its Use, what to Beware of, and its Twin in PyTorch or Keras with what differs; docs/losses.md is
// made of them.
public static partial class Losses
{
    /// <summary>Losses, each times its weight; as they are without weights.</summary>
    static Tensor Weighed(Tensor losses, Tensor? weights) => weights is null ? losses : weights * losses;

    /// <summary>
    /// What becomes of losses, the one place for all of them. Their mean is Σ losses / Σ counts, counts saying what
    /// each counts for (broadcast; 1 if left out). Over nothing (no losses, or counts of 0 only) it is 0, with gradients
    /// of 0: a batch with nothing to learn from teaches nothing, and ends no training with NaN. What a mean is over is
    /// told, so that batches can be weighed; a single loss, of no axes, is of a batch as a whole.
    /// </summary>
    internal static Tensor Reduce(Tensor losses, Reduction reduction, Tensor? counts = null)
    {
        switch (reduction)
        {
            case Reduction.None:
                return losses;
            case Reduction.Sum:
                return ReductionListener.Tell(losses.Sum(), null);
            case Reduction.Mean when counts is null:
                var mean = losses.Length == 0 ? losses.Sum() : losses.Mean();
                return losses.Rank == 0 ? mean : ReductionListener.Tell(mean, losses.Length);
            case Reduction.Mean:
                var total = (counts.Shape == losses.Shape ? counts : counts.Expand(losses.Shape)).Sum();
                var over = total.Item();
                return ReductionListener.Tell(over == 0 ? losses.Sum() : losses.Sum() / total, over);
            default:
                Throw.OutOfRange("loss", nameof(reduction), (int)reduction, "Mean, Sum or None");
                return losses;
        }
    }
}
