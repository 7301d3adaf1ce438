using System.Globalization;
using System.Text;

namespace MicroGrad.Net;

/// <summary>How figures of single classes become one.</summary>
public enum ClassAverage
{
    /// <summary>
    /// The plain mean over the classes that occur, in labels or predictions: rare ones count like others.
    /// </summary>
    Macro,

    /// <summary>
    /// The figure of the counts of all classes together; with one label per row, that is the accuracy.
    /// </summary>
    Micro,

    /// <summary>The mean over the classes, weighted with how often each is the label.</summary>
    Weighted,
}

/// <summary>
/// How often each class was taken for each: counts of rows by label and prediction, and what follows from them. A
/// share of nothing (the precision of a class never predicted, the recall of one without labels) is 0, as in
/// scikit-learn; all figures are NaN as long as nothing was added.
/// </summary>
/// <param name="classes">The number of classes; for yes or no 2, where class 1 is yes.</param>
/// <param name="names">A name for each class, for printing; by default the numbers.</param>
/// <param name="ignoreIndex">A label that says: leave this one out.</param>
/// <param name="threshold">With a tensor as the target: scores above it say yes. 0 is right for logits, 0.5 for
/// probabilities.</param>
public sealed class ConfusionMatrix(
    int classes, IReadOnlyList<string>? names = null, int ignoreIndex = -100, double threshold = 0)
    : IMetric<int[]>, IMetric<Tensor>
{
    const string Name = "confusion matrix";

    readonly string[] _names = Checked(classes, names, threshold);
    readonly long[,] _counts = Zeros(classes);

    /// <summary>How many rows with a label were predicted to be of a class.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such class.</exception>
    public long this[int label, int predicted] => _counts[Existing(label), Existing(predicted)];

    /// <summary>The number of classes.</summary>
    public int Classes => _names.Length;

    /// <summary>The number of rows.</summary>
    public long Count => _counts.Cast<long>().Sum();

    /// <summary>The accuracy.</summary>
    public double Value => Accuracy;

    /// <summary>The share of rows predicted right.</summary>
    public double Accuracy => Share(Right, Count, nothing: double.NaN);

    /// <summary>Adds the class of the largest score of each row; the first of ties.</summary>
    /// <param name="prediction">Logits or probabilities, [n, classes] or [n, classes, d₁, …], as for a
    /// segmentation.</param>
    /// <param name="target">The right class of each place.</param>
    /// <exception cref="ShapeException">Scores and labels do not fit, or there are other classes.</exception>
    /// <exception cref="ArgumentException">A score is NaN, or a label is no class.</exception>
    public void Add(Tensor prediction, int[] target)
    {
        var rows = new ClassRows(Name, prediction, target, ignoreIndex);
        if (rows.Classes != Classes)
            Throw.Shapes(Name, $"expects {Classes} classes, but scores are {prediction.Shape}.");
        for (var i = 0; i < rows.Count; i++) _counts[rows.Labels[i], ClassRows.ArgMax(rows[i])]++;
    }

    /// <summary>Adds a yes or no for each element.</summary>
    /// <param name="prediction">Logits (or probabilities, with a threshold of 0.5), of any shape.</param>
    /// <param name="target">1 for yes and 0 for no, of the same shape.</param>
    /// <exception cref="ShapeException">The shapes differ, or there are not two classes.</exception>
    /// <exception cref="ArgumentException">A score is NaN, or a target neither 0 nor 1.</exception>
    public void Add(Tensor prediction, Tensor target)
    {
        if (Classes != 2)
            Throw.Shapes(Name, $"yes or no are 2 classes, but there are {Classes}: pass labels as int[].");
        var answers = new YesOrNo(Name, prediction, target);
        for (var i = 0; i < answers.Count; i++)
            _counts[answers.Yes[i] ? 1 : 0, answers.Scores[i] > threshold ? 1 : 0]++;
    }

    /// <summary>Adds predicted classes.</summary>
    /// <exception cref="ShapeException">There are not as many labels as predictions.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A prediction or label is no class.</exception>
    public void Add(int[] predicted, int[] labels)
    {
        if (predicted.Length != labels.Length)
            Throw.Shapes(Name, $"{predicted.Length} predictions do not fit {labels.Length} labels.");
        for (var i = 0; i < labels.Length; i++)
        {
            if (labels[i] == ignoreIndex) continue;
            if ((uint)labels[i] >= (uint)Classes) Throw.LabelOutOfRange(Name, i, labels[i], Classes);
            if ((uint)predicted[i] >= (uint)Classes) Throw.IndexOutOfRange(Name, i, predicted[i], Classes);
        }
        for (var i = 0; i < labels.Length; i++)
            if (labels[i] != ignoreIndex) _counts[labels[i], predicted[i]]++;
    }

    /// <inheritdoc/>
    public void Reset() => Array.Clear(_counts);

    /// <summary>Of the rows predicted to be of a class, the share that is: TP / (TP + FP).</summary>
    public double Precision(int @class) => Of(@class, PrecisionOf);

    /// <summary>The precision over all classes.</summary>
    public double Precision(ClassAverage average = ClassAverage.Macro) => Of(average, PrecisionOf);

    /// <summary>Of the rows of a class, the share predicted to be: TP / (TP + FN).</summary>
    public double Recall(int @class) => Of(@class, RecallOf);

    /// <summary>The recall over all classes.</summary>
    public double Recall(ClassAverage average = ClassAverage.Macro) => Of(average, RecallOf);

    /// <summary>
    /// (1 + β²) · precision · recall / (β² · precision + recall) of a class: recall counts β times as much as
    /// precision (van Rijsbergen, 1979). 0 where the class neither occurs nor is predicted.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">β is negative, or there is no such class.</exception>
    public double FScore(int @class, double beta = 1) => Of(@class, FScoreOf(beta));

    /// <summary>The F-score over all classes; macro is the mean of the classes' scores.</summary>
    /// <exception cref="ArgumentOutOfRangeException">β is negative.</exception>
    public double FScore(ClassAverage average = ClassAverage.Macro, double beta = 1) => Of(average, FScoreOf(beta));

    /// <summary>
    /// The intersection over the union of a class's places in labels and in predictions: TP / (TP + FP + FN). NaN where
    /// the class is in neither.
    /// </summary>
    public double Iou(int @class) => Of(@class, IouOf);

    /// <summary>The mean of <see cref="Iou"/> over the classes that occur, in labels or predictions.</summary>
    public double MeanIou() => Of(ClassAverage.Macro, IouOf);

    /// <summary>
    /// The counts as a table: a row for each label, a column for each prediction, with recall and precision; · where a
    /// class was never taken for another.
    /// </summary>
    public override string ToString()
    {
        string[][] lines =
        [
            ["label \\ predicted", .. _names, "recall"],
            .. _names.Select((name, label) => (string[])
                [name, .. _names.Select((_, predicted) => Cell(label, predicted)), Text(Recall(label))]),
            ["precision", .. _names.Select((_, predicted) => Text(Precision(predicted))), Text(Accuracy)],
        ];
        int[] widths = [.. lines[0].Select((_, column) => lines.Max(line => line[column].Length))];
        var table = new StringBuilder();
        foreach (var line in lines)
            table.Append(line[0].PadRight(widths[0]))
                .AppendLine(string.Concat(line.Skip(1).Select((cell, i) => "  " + cell.PadLeft(widths[i + 1]))));
        return table.ToString().TrimEnd();

        string Cell(int label, int predicted) => label != predicted && _counts[label, predicted] == 0 ? "·"
            : _counts[label, predicted].ToString(CultureInfo.InvariantCulture);

        static string Text(double share) => share.ToString("0.000", CultureInfo.InvariantCulture);
    }

    long Right => Enumerable.Range(0, Classes).Sum(c => _counts[c, c]);

    static double PrecisionOf((long Hits, long Labels, long Predicted) counts) => Share(counts.Hits, counts.Predicted);

    static double RecallOf((long Hits, long Labels, long Predicted) counts) => Share(counts.Hits, counts.Labels);

    static double IouOf((long Hits, long Labels, long Predicted) counts) =>
        Share(counts.Hits, counts.Labels + counts.Predicted - counts.Hits, nothing: double.NaN);

    // From counts, since precision and recall may both be 0: (1 + β²) · TP / (TP + FP + β² · (TP + FN)).
    static Func<(long Hits, long Labels, long Predicted), double> FScoreOf(double beta)
    {
        new Checks(Name).Option(beta, Domain.NotNegative);
        return counts => Share((1 + beta * beta) * counts.Hits, counts.Predicted + beta * beta * counts.Labels);
    }

    double Of(int @class, Func<(long, long, long), double> figure)
    {
        Existing(@class);
        return Count == 0 ? double.NaN : figure(Counts(@class));
    }

    int Existing(int @class) => Throw.IfNoItem(Name, "the class", @class, Classes);

    double Of(ClassAverage average, Func<(long, long, long), double> figure)
    {
        if (Count == 0) return double.NaN;
        if (average == ClassAverage.Micro) return figure((Right, Count, Count));
        (long Hits, long Labels, long Predicted)[] occurring = [.. Enumerable.Range(0, Classes).Select(Counts)
            .Where(counts => counts.Labels + counts.Predicted > 0)];
        return average == ClassAverage.Macro
            ? occurring.Average(figure) : occurring.Sum(counts => figure(counts) * counts.Labels) / Count;
    }

    (long Hits, long Labels, long Predicted) Counts(int @class)
    {
        long labels = 0, predicted = 0;
        for (var other = 0; other < Classes; other++)
        {
            labels += _counts[@class, other];
            predicted += _counts[other, @class];
        }
        return (_counts[@class, @class], labels, predicted);
    }

    static double Share(double part, double whole, double nothing = 0) => whole == 0 ? nothing : part / whole;

    static long[,] Zeros(int classes)
    {
        try
        {
            return new long[classes, classes];
        }
        catch (OutOfMemoryException error)
        {
            throw Throw.NoMemory(Name, (long)classes * classes, sizeof(long), error);
        }
    }

    static string[] Checked(int classes, IReadOnlyList<string>? names, double threshold)
    {
        new Checks(Name).Option(classes, Domain.From(2, 1 << 15));
        new Checks(Name).Option(threshold, Domain.Number);
        if (names is not null && names.Count != classes)
            Throw.Value(Name, $"there are {names.Count} names for {classes} classes.");
        return names is not null ? [.. names]
            : [.. Enumerable.Range(0, classes).Select(c => c.ToString(CultureInfo.InvariantCulture))];
    }
}
