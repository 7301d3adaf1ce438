namespace MicroGrad.Net;

/// <summary>
/// The mean of −log p over the rows, with p the probability given to what was right: the cross-entropy of labels, or
/// the binary one of yes-or-no targets. +∞ where something right was held impossible (scikit-learn clips p), NaN for no
/// rows.
/// </summary>
/// <param name="fromLogits">Whether predictions are logits (accurate for any size), or else probabilities.</param>
/// <param name="ignoreIndex">A label that says: leave this one out.</param>
public sealed class LogLoss(bool fromLogits = true, int ignoreIndex = -100) : IMetric<int[]>, IMetric<Tensor>
{
    const string Name = "log-loss";

    double _sum;
    long _count;

    /// <inheritdoc/>
    public double Value => _sum / _count;

    /// <summary>exp of the mean: among how many equally likely choices the model would be as unsure.</summary>
    public double Perplexity => Math.Exp(Value);

    /// <summary>Adds scores [n, classes] or [n, classes, d₁, …] with a label for each place.</summary>
    /// <inheritdoc cref="ConfusionMatrix.Add(Tensor, int[])" path="/exception"/>
    public void Add(Tensor prediction, int[] target)
    {
        var rows = new ClassRows(Name, prediction, target, ignoreIndex);
        var sum = _sum;     // an error adds nothing
        for (var i = 0; i < rows.Count; i++) sum -= rows.LogProbability(i, fromLogits);
        (_sum, _count) = (sum, _count + rows.Count);
    }

    /// <summary>Adds scores of any shape with targets of 0 and 1 in the same shape.</summary>
    /// <inheritdoc cref="RankingMetric.Add(Tensor, Tensor)" path="/exception"/>
    public void Add(Tensor prediction, Tensor target)
    {
        var answers = new YesOrNo(Name, prediction, target);
        var sum = _sum;
        for (var i = 0; i < answers.Count; i++) sum -= answers.LogProbability(i, fromLogits);
        (_sum, _count) = (sum, _count + answers.Count);
    }

    /// <inheritdoc/>
    public void Reset() => (_sum, _count) = (0, 0);
}

/// <summary>
/// The exponential of the mean −log p of the right tokens: a uniform guess among V has perplexity V. NaN for no tokens.
/// </summary>
/// <param name="fromLogits">Whether predictions are logits, or else probabilities.</param>
/// <param name="ignoreIndex">A label that says: leave this one out, as for padding.</param>
public sealed class Perplexity(bool fromLogits = true, int ignoreIndex = -100) : IMetric<int[]>
{
    readonly LogLoss _loss = new(fromLogits, ignoreIndex);

    /// <inheritdoc/>
    public double Value => _loss.Perplexity;

    /// <inheritdoc cref="LogLoss.Add(Tensor, int[])"/>
    public void Add(Tensor prediction, int[] target) => _loss.Add(prediction, target);

    /// <inheritdoc/>
    public void Reset() => _loss.Reset();
}

/// <summary>
/// The mean squared error of probabilities (Brier, 1950): (p − y)² for yes or no, Σ over the classes of (p − [label])²
/// for labels, which for two classes is twice as much. NaN for no rows.
/// </summary>
/// <param name="fromLogits">Whether predictions are logits, or else probabilities.</param>
public sealed class BrierScore(bool fromLogits = true) : IMetric<int[]>, IMetric<Tensor>
{
    const string Name = "Brier score";

    double _sum;
    long _count;

    /// <inheritdoc/>
    public double Value => _sum / _count;

    /// <inheritdoc cref="LogLoss.Add(Tensor, int[])"/>
    public void Add(Tensor prediction, int[] target)
    {
        var rows = new ClassRows(Name, prediction, target);
        var sum = _sum;     // an error adds nothing
        for (var i = 0; i < rows.Count; i++)
        {
            var probabilities = rows.Probabilities(i, fromLogits);
            probabilities[rows.Labels[i]]--;
            foreach (var error in probabilities) sum += error * error;
        }
        (_sum, _count) = (sum, _count + rows.Count);
    }

    /// <inheritdoc cref="LogLoss.Add(Tensor, Tensor)"/>
    public void Add(Tensor prediction, Tensor target)
    {
        var answers = new YesOrNo(Name, prediction, target);
        var sum = _sum;
        for (var i = 0; i < answers.Count; i++)
        {
            var error = answers.Probability(i, fromLogits) - (answers.Yes[i] ? 1 : 0);
            sum += error * error;
        }
        (_sum, _count) = (sum, _count + answers.Count);
    }

    /// <inheritdoc/>
    public void Reset() => (_sum, _count) = (0, 0);
}

/// <summary>
/// The share of rows whose label is among the k classes of the largest scores; of equal scores the first counts as the
/// larger, as for ArgMax. NaN for no rows.
/// </summary>
/// <param name="k">How many guesses are allowed.</param>
/// <exception cref="ArgumentOutOfRangeException">k is less than 1.</exception>
public sealed class TopKAccuracy(int k = 5) : IMetric<int[]>
{
    const string Name = "top-k accuracy";

    readonly int _k = Checked(k);
    long _hits, _count;

    /// <inheritdoc/>
    public double Value => (double)_hits / _count;

    /// <inheritdoc cref="LogLoss.Add(Tensor, int[])"/>
    public void Add(Tensor prediction, int[] target)
    {
        var rows = new ClassRows(Name, prediction, target);
        for (var i = 0; i < rows.Count; i++)
        {
            var row = rows[i];
            var (label, before) = (rows.Labels[i], 0);
            for (var c = 0; c < row.Length; c++)
                if (row[c] > row[label] || (row[c] == row[label] && c < label)) before++;
            if (before < _k) _hits++;
        }
        _count += rows.Count;
    }

    /// <inheritdoc/>
    public void Reset() => (_hits, _count) = (0, 0);

    static int Checked(int k)
    {
        new Checks(Name).Option(k, Domain.From(1, int.MaxValue, "at least 1"));
        return k;
    }
}
