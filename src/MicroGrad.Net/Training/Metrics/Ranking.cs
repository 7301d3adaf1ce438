namespace MicroGrad.Net;

/// <summary>
/// A metric of how well scores put the positives before the negatives, whatever the threshold. It keeps every score, 16
/// bytes each, since nothing less is exact. Scores of one question ([n] or [n, 1]) come with a target of 0 and 1 in
/// the same shape, and of several questions as [n, questions], each judged for itself; scores of classes, [n, classes],
/// come with labels, and each class is judged against the rest. Of two classes, only class 1 is judged.
/// </summary>
public abstract class RankingMetric : IMetric<int[]>, IMetric<Tensor>
{
    readonly bool _fromLogits;
    readonly List<(double Score, bool Positive)> _scores = [];  // row by row, a column per question
    int _columns;

    private protected RankingMetric(bool fromLogits) => _fromLogits = fromLogits;

    private protected abstract string Name { get; }

    /// <summary>The mean over the classes or questions that have a figure; NaN where none has.</summary>
    public double Value
    {
        get
        {
            double[] defined = [.. PerClass().Where(figure => !double.IsNaN(figure))];
            return defined.Length == 0 ? double.NaN : defined.Average();
        }
    }

    /// <summary>
    /// The figure of each class or question (one, for two classes); NaN where the data do not define it.
    /// </summary>
    public double[] PerClass() => [.. Enumerable.Range(0, _columns).Select(column => Of(Groups(column)))];

    /// <summary>Adds a row of scores for each label.</summary>
    /// <param name="prediction">Logits or probabilities, [n, classes] or [n, classes, d₁, …].</param>
    /// <param name="target">The right class of each place.</param>
    /// <exception cref="ShapeException">Scores and labels do not fit, or not the batches before.</exception>
    /// <exception cref="ArgumentException">A score is NaN, or a label is no class.</exception>
    public void Add(Tensor prediction, int[] target)
    {
        var rows = new ClassRows(Name, prediction, target);
        var first = rows.Classes == 2 ? 1 : 0;
        if (_columns > 0 && _columns != rows.Classes - first)
            Throw.Shapes(Name, $"scores are {prediction.Shape}, which are not the classes of the batches before.");
        var added = new List<(double, bool)>();             // an error adds nothing
        for (var i = 0; i < rows.Count; i++)
            for (var c = first; c < rows.Classes; c++)
            {
                // Against the rest by the log-odds of the softmax: in the same order, but they never saturate.
                var score = _fromLogits ? rows[i][c] - ClassRows.LogSumExp(rows[i], without: c) : rows[i][c];
                if (double.IsNaN(score))
                    Throw.Value(Name, $"the logits in row {i} are infinite: they have no softmax.");
                added.Add((score, rows.Labels[i] == c));
            }
        _columns = rows.Classes - first;
        _scores.AddRange(added);
    }

    /// <summary>Adds a score for each yes-or-no target.</summary>
    /// <param name="prediction">The larger, the more likely yes; [n], or [n, questions].</param>
    /// <param name="target">1 for yes and 0 for no, of the same shape.</param>
    /// <exception cref="ShapeException">The shapes differ, or do not fit the batches before.</exception>
    /// <exception cref="ArgumentException">A score is NaN, or a target neither 0 nor 1.</exception>
    public void Add(Tensor prediction, Tensor target)
    {
        var answers = new YesOrNo(Name, prediction, target);
        _columns = YesOrNo.Columns(Name, prediction.Shape, _columns);
        for (var i = 0; i < answers.Count; i++) _scores.Add((answers.Scores[i], answers.Yes[i]));
    }

    /// <inheritdoc/>
    public void Reset()
    {
        _scores.Clear();
        _columns = 0;
    }

    /// <summary>From how many positives and negatives have each score, the highest first.</summary>
    private protected abstract double Of(List<(long Positives, long Negatives)> groups);

    List<(long Positives, long Negatives)> Groups(int column)
    {
        var sorted = new (double Score, bool Positive)[_scores.Count / _columns];
        for (var i = 0; i < sorted.Length; i++) sorted[i] = _scores[i * _columns + column];
        Array.Sort(sorted, (a, b) => b.Score.CompareTo(a.Score));
        var groups = new List<(long Positives, long Negatives)>();
        for (var i = 0; i < sorted.Length;)
        {
            var (score, positives, negatives) = (sorted[i].Score, 0L, 0L);
            for (; i < sorted.Length && sorted[i].Score == score; i++)
                if (sorted[i].Positive) positives++;
                else negatives++;
            groups.Add((positives, negatives));
        }
        return groups;
    }
}

/// <summary>
/// The area under the receiver operating characteristic: the share of pairs of a positive and a negative in which the
/// positive has the higher score, a tie counting one half (Hanley and McNeil, 1982). With several classes, the mean of
/// each against the rest. NaN for a class without positives or without negatives; the mean leaves it out.
/// </summary>
/// <param name="fromLogits">Whether scores of classes are logits, to be compared by their softmax, rather than
/// probabilities. For yes or no it does not matter.</param>
public sealed class RocAuc(bool fromLogits = true) : RankingMetric(fromLogits)
{
    private protected override string Name => "ROC-AUC";

    private protected override double Of(List<(long Positives, long Negatives)> groups)
    {
        // Twice the pairs, in whole numbers: no rounding until the division.
        long above = 0, negatives = 0;
        Int128 twice = 0;
        foreach (var group in groups)
        {
            twice += (Int128)group.Negatives * (2 * above + group.Positives);
            above += group.Positives;
            negatives += group.Negatives;
        }
        return (double)twice / (2.0 * above * negatives);
    }
}

/// <summary>
/// The area under the steps of precision over recall, Σ (Rᵢ − Rᵢ₋₁) · Pᵢ over the thresholds from high to low, equal
/// scores together; without interpolation, as in scikit-learn. Says more than ROC-AUC where positives are rare:
/// guessing gives their share. With several classes, the mean of each against the rest. NaN for a class without
/// positives (scikit-learn: 0); the mean leaves it out.
/// </summary>
/// <param name="fromLogits">Whether scores of classes are logits, to be compared by their softmax, rather than
/// probabilities. For yes or no it does not matter.</param>
public sealed class AveragePrecision(bool fromLogits = true) : RankingMetric(fromLogits)
{
    private protected override string Name => "average precision";

    private protected override double Of(List<(long Positives, long Negatives)> groups)
    {
        long above = 0, seen = 0;
        double sum = 0;
        foreach (var (positives, negatives) in groups)
        {
            above += positives;
            seen += positives + negatives;
            sum += positives * ((double)above / seen);
        }
        return sum / above;
    }
}
