namespace MicroGrad.Net;

/// <summary>
/// What metrics read off a batch: a row of class scores and a label per place, without the places that are left out.
/// Everything is done row by row in double precision, so that nothing depends on how rows were batched.
/// </summary>
readonly struct ClassRows
{
    readonly string _metric;
    readonly double[] _scores;

    /// <summary>Scores [n, classes] or [n, classes, d₁, …] and one label per place, as the losses take them.</summary>
    public ClassRows(string metric, Tensor scores, int[] labels, int? ignoreIndex = null)
    {
        new Checks(metric).State(nameof(labels), Domain.LabelsOr(ignoreIndex));
        if (scores.Rank < 2 || scores.Shape[1] < 2)
            Throw.Shapes(metric, $"expects scores [n, classes] with labels, but got {scores.Shape}: for yes or no, "
                + "pass the target as a tensor of the same shape.");
        var (classes, places) = (scores.Shape[1], scores.Length / scores.Shape[1]);
        if (places != labels.Length)
            Throw.Shapes(metric, $"scores {scores.Shape} take {places} labels, but {labels.Length} were given.");
        var inner = scores.Shape[0] == 0 ? 1 : places / scores.Shape[0];
        var all = scores.ToDoubles();
        int[] kept = [.. Enumerable.Range(0, places).Where(place => labels[place] != ignoreIndex)];
        (_metric, Classes, Labels) = (metric, classes, [.. kept.Select(place => labels[place])]);
        _scores = new double[kept.Length * classes];
        for (var row = 0; row < kept.Length; row++)
        {
            var place = kept[row];
            if ((uint)labels[place] >= (uint)classes) Throw.LabelOutOfRange(metric, place, labels[place], classes);
            for (var c = 0; c < classes; c++)
            {
                var score = all[(place / inner * classes + c) * inner + place % inner];
                if (double.IsNaN(score)) Throw.Value(metric, $"the prediction in row {place} is NaN.");
                _scores[row * classes + c] = score;
            }
        }
    }

    public int Classes { get; }

    public int[] Labels { get; }

    public int Count => Labels.Length;

    public Span<double> this[int row] => _scores.AsSpan(row * Classes, Classes);

    /// <summary>The position of the largest; the first of ties.</summary>
    public static int ArgMax(ReadOnlySpan<double> row)
    {
        var best = 0;
        for (var c = 1; c < row.Length; c++)
            if (row[c] > row[best]) best = c;
        return best;
    }

    /// <summary>log Σ exp of a row without one of its elements (−1: of all of it).</summary>
    public static double LogSumExp(ReadOnlySpan<double> row, int without = -1)
    {
        double max = double.NegativeInfinity, sum = 0;
        for (var c = 0; c < row.Length; c++)
            if (c != without) max = Math.Max(max, row[c]);
        if (double.IsInfinity(max)) return max;
        for (var c = 0; c < row.Length; c++)
            if (c != without) sum += Math.Exp(row[c] - max);
        return max + Math.Log(sum);
    }

    /// <summary>The logarithm of the probability of a row's label.</summary>
    public double LogProbability(int row, bool fromLogits)
    {
        var score = this[row][Labels[row]];
        if (fromLogits) return score - Finite(row, LogSumExp(this[row]));
        RequireProbabilities(row);
        return Math.Log(score);
    }

    /// <summary>Turns a row of logits into probabilities, or requires that it holds some.</summary>
    public Span<double> Probabilities(int row, bool fromLogits)
    {
        var scores = this[row];
        if (!fromLogits)
        {
            RequireProbabilities(row);
            return scores;
        }
        var total = Finite(row, LogSumExp(scores));
        foreach (ref var score in scores) score = Math.Exp(score - total);
        return scores;
    }

    double Finite(int row, double total)
    {
        if (double.IsInfinity(total))
            Throw.Value(_metric, $"the logits in row {row} are infinite: they have no softmax.");
        return total;
    }

    void RequireProbabilities(int row)
    {
        double sum = 0;
        foreach (var p in this[row])
        {
            YesOrNo.RequireProbability(_metric, row, p);
            sum += p;
        }
        if (Math.Abs(sum - 1) > 1e-3)
            Throw.OutOfRange(
                _metric, $"the sum of the probabilities in row {row}", sum, "1; logits need fromLogits: true");
    }
}

/// <summary>Predictions and targets of yes-or-no questions, element by element.</summary>
readonly struct YesOrNo
{
    readonly string _metric;

    public YesOrNo(string metric, Tensor scores, Tensor target)
    {
        RequireSameShape(metric, scores, target);
        new Checks(metric).State(nameof(target), Domain.ZerosAndOnes);
        (_metric, Scores, Yes) = (metric, scores.ToDoubles(), new bool[target.Length]);
        var values = target.ToDoubles();
        for (var i = 0; i < values.Length; i++)
        {
            if (double.IsNaN(Scores[i])) Throw.Value(metric, $"the prediction at element {i} is NaN.");
            if (values[i] is not (0 or 1)) Throw.OutOfRange(metric, $"the target at element {i}", values[i], "0 or 1");
            Yes[i] = values[i] == 1;
        }
    }

    public double[] Scores { get; }

    public bool[] Yes { get; }

    public int Count => Yes.Length;

    /// <summary>The probability of yes.</summary>
    public double Probability(int element, bool fromLogits)
    {
        if (fromLogits) return 1 / (1 + Math.Exp(-Scores[element]));
        RequireProbability(_metric, element, Scores[element]);
        return Scores[element];
    }

    /// <summary>The logarithm of the probability of what was right.</summary>
    public double LogProbability(int element, bool fromLogits)
    {
        var score = Scores[element];
        if (fromLogits)
        {
            var towards = Yes[element] ? score : -score;
            return Math.Min(towards, 0) - Math.Log(1 + Math.Exp(-Math.Abs(towards)));
        }
        RequireProbability(_metric, element, score);
        return Math.Log(Yes[element] ? score : 1 - score);
    }

    public static void RequireProbability(string metric, int row, double p)
    {
        if (p is not (>= 0 and <= 1))
            Throw.OutOfRange(metric, $"the probability in row {row}", p, "from 0 to 1; logits need fromLogits: true");
    }

    public static void RequireSameShape(string metric, Tensor prediction, Tensor target)
    {
        if (prediction.Shape != target.Shape)
            Throw.Shapes(metric, $"prediction {prediction.Shape} and target {target.Shape} differ in shape"
                + (prediction.Length == target.Length ? ": target.Reshape(prediction.Shape)?" : "."));
    }

    /// <summary>The number of separate questions: the last axis of [n, questions], else 1.</summary>
    public static int Columns(string metric, Shape shape, int before)
    {
        var columns = shape.Rank < 2 ? 1 : shape[shape.Rank - 1];
        if (before > 0 && columns != before)
            Throw.Shapes(metric, $"expects {before} columns as in the batches before, but got {shape}.");
        return columns;
    }
}
