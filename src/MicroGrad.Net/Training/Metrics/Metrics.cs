namespace MicroGrad.Net;

/// <summary>Functions for a <see cref="MetricList{TTarget}"/>: means over the rows of a batch.</summary>
public static class Metrics
{
    /// <summary>The share of rows whose largest logit (last axis) is that of the label.</summary>
    public static double Accuracy(Tensor logits, int[] labels)
    {
        var predicted = logits.ArgMax(axis: -1);
        if (predicted.Length != labels.Length)
            Throw.Shapes("accuracy",
                $"logits {logits.Shape} are {predicted.Length} rows, but there are {labels.Length} labels.");
        return predicted.Zip(labels).Count(pair => pair.First == pair.Second) / (double)Math.Max(1, labels.Length);
    }

    /// <summary>The share of elements whose logit has the sign of the target, 0 or 1.</summary>
    public static double BinaryAccuracy(Tensor logits, Tensor target) =>
        1 - Losses.MeanAbsoluteError(logits > 0, target >= 0.5).Item();

    /// <summary>The mean of (prediction − target)²; with <see cref="Math.Sqrt"/> as the finish, the RMSE.</summary>
    public static double SquaredError(Tensor prediction, Tensor target) =>
        Losses.MeanSquaredError(prediction, target).Item();

    /// <summary>The mean of |prediction − target|.</summary>
    public static double AbsoluteError(Tensor prediction, Tensor target) =>
        Losses.MeanAbsoluteError(prediction, target).Item();
}
