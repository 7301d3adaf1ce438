namespace MicroGrad.Net;

/// <summary>
/// What to say of a model besides its loss. The functions here are means over the rows of a batch, which a
/// <see cref="MetricList{TOutput, TTarget}"/> of a trainer averages over an epoch. What is no such mean is a class, built up
/// over batches: <see cref="ConfusionMatrix"/> (accuracy, precision, recall, F-score, mean IoU),
/// <see cref="TopKAccuracy"/>, <see cref="RocAuc"/>, <see cref="AveragePrecision"/>, <see cref="LogLoss"/>,
/// <see cref="Perplexity"/>, <see cref="BrierScore"/>, <see cref="Calibration"/>, <see cref="RegressionErrors"/>
/// (MAE, RMSE, R², MAPE), <see cref="Bleu"/> and <see cref="DetectionPrecision"/> (mAP). Of data that fit in one call:
/// <c>Metrics.Of(new RocAuc(), logits, target).Value</c>.
/// </summary>
public static class Metrics
{
    /// <summary>
    /// A metric of these rows, to be read: <c>Metrics.Of(new ConfusionMatrix(3), logits, labels).FScore()</c>.
    /// </summary>
    /// <param name="metric">A new one; one that has rows already gets these besides.</param>
    /// <param name="prediction">What the model says.</param>
    /// <param name="labels">The right classes.</param>
    public static TMetric Of<TMetric>(TMetric metric, Tensor prediction, int[] labels) where TMetric : IMetric<int[]>
    {
        metric.Add(prediction, labels);
        return metric;
    }

    /// <summary>
    /// A metric of these rows, to be read: <c>Metrics.Of(new RegressionErrors(), predicted, target).R2</c>.
    /// </summary>
    /// <param name="metric">A new one; one that has rows already gets these besides.</param>
    /// <param name="prediction">What the model says.</param>
    /// <param name="target">What is right, in the same shape.</param>
    public static TMetric Of<TMetric>(TMetric metric, Tensor prediction, Tensor target) where TMetric : IMetric<Tensor>
    {
        metric.Add(prediction, target);
        return metric;
    }

    /// <summary>The share of rows whose largest logit (last axis) is that of the label; NaN for no rows.</summary>
    /// <exception cref="ShapeException">There are not as many labels as rows.</exception>
    /// <exception cref="ArgumentException">A logit is NaN, or a label is no class.</exception>
    public static double Accuracy(Tensor logits, int[] labels)
    {
        const string Name = "accuracy";
        new Checks(Name).State(nameof(labels), Domain.Labels);
        if (logits.Rank == 0 || logits.Shape[logits.Rank - 1] == 0)
            Throw.Shapes(Name, $"expects logits [..., classes], but got {logits.Shape}.");
        var (predicted, classes) = (logits.ArgMax(axis: -1), logits.Shape[logits.Rank - 1]);
        if (predicted.Length != labels.Length)
            Throw.Shapes(Name,
                $"logits {logits.Shape} are {predicted.Length} rows, but there are {labels.Length} labels.");
        var bad = logits.FirstOutside(double.NegativeInfinity, double.PositiveInfinity);
        if (bad >= 0) Throw.Value(Name, $"the prediction in row {bad / classes} is NaN.");
        var hits = 0.0;
        for (var i = 0; i < labels.Length; i++)
        {
            if ((uint)labels[i] >= (uint)classes)
                Throw.LabelOutOfRange(Name, i, labels[i], classes, classes > 1 ? "."
                    : ": one score says yes or no, and BinaryAccuracy takes a target of 0 and 1.");
            if (predicted[i] == labels[i]) hits++;
        }
        return hits / labels.Length;
    }

    /// <summary>
    /// The share of elements whose logit is above 0 where the target is 1, and not above 0 where it is 0; NaN for none.
    /// </summary>
    /// <exception cref="ShapeException">The shapes differ.</exception>
    /// <exception cref="ArgumentException">A logit is NaN, or a target neither 0 nor 1.</exception>
    public static double BinaryAccuracy(Tensor logits, Tensor target)
    {
        var answers = new YesOrNo("binary accuracy", logits, target);
        return answers.Scores.Zip(answers.Yes).Count(one => one.First > 0 == one.Second) / (double)answers.Count;
    }

    /// <summary>The mean of (prediction − target)²; with <see cref="Math.Sqrt"/> as the finish, the RMSE.</summary>
    public static double SquaredError(Tensor prediction, Tensor target) =>
        Losses.MeanSquaredError(prediction, target).Item();

    /// <summary>The mean of |prediction − target|.</summary>
    public static double AbsoluteError(Tensor prediction, Tensor target) =>
        Losses.MeanAbsoluteError(prediction, target).Item();
}
