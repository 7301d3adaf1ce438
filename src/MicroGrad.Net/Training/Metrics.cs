using System.Collections;

namespace MicroGrad.Net;

/// <summary>
/// The metrics of a <see cref="Trainer{TInput, TTarget}"/>: each a name and a function of prediction and target that
/// gives the mean over the rows of a batch. Over an epoch it is averaged with the number of rows as weight, as if the
/// epoch had been one batch:
/// <c>Metrics = { { "accuracy", Metrics.Accuracy }, { "rmse", Metrics.SquaredError, Math.Sqrt } }</c>.
/// </summary>
public sealed class MetricList<TTarget> : IReadOnlyCollection<string>
{
    readonly List<(string Name, Func<Tensor, TTarget, double> Of, Func<double, double>? Finish)> _metrics = [];

    /// <summary>Adds a metric.</summary>
    /// <param name="name">The name of the figure in the history.</param>
    /// <param name="of">The mean over the rows of a batch.</param>
    /// <param name="finish">Applied to the mean over the epoch: the root, for one, of a mean square.</param>
    /// <exception cref="ArgumentException">The name is taken.</exception>
    public void Add(string name, Func<Tensor, TTarget, double> of, Func<double, double>? finish = null)
    {
        if (name is History.Loss or History.LearningRate or History.Seconds || this.Contains(name))
            Throw.Value("Metrics", $"there is a figure named '{name}' already.");
        _metrics.Add((name, of, finish));
    }

    /// <inheritdoc/>
    public int Count => _metrics.Count;

    /// <summary>The names.</summary>
    public IEnumerator<string> GetEnumerator() => _metrics.Select(metric => metric.Name).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    internal double Of(int index, Tensor prediction, TTarget target) => _metrics[index].Of(prediction, target);

    internal double Finish(int index, double mean) => _metrics[index].Finish is { } finish ? finish(mean) : mean;
}

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

/// <summary>Loss and metrics averaged over the rows seen so far.</summary>
sealed class Averages<TTarget>(MetricList<TTarget> metrics)
{
    readonly double[] _sums = new double[1 + metrics.Count];
    long _rows;

    public double MeanLoss => _sums[0] / _rows;

    public void Add(double loss, Tensor prediction, TTarget target, int rows)
    {
        _sums[0] += loss * rows;
        _rows += rows;
        if (metrics.Count == 0) return;
        using var off = Gradients.Off();
        var values = prediction.Detach();
        for (var i = 0; i < metrics.Count; i++) _sums[i + 1] += metrics.Of(i, values, target) * rows;
    }

    /// <summary>The loss, then the metrics.</summary>
    public double[] Figures() =>
        [.. _sums.Select((sum, i) => i == 0 ? sum / _rows : metrics.Finish(i - 1, sum / _rows))];
}
