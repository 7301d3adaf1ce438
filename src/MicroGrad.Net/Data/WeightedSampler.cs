namespace MicroGrad.Net;

/// <summary>
/// Draws rows with probabilities in proportion to their weights: row i with wᵢ / Σw; PyTorch's WeightedRandomSampler.
/// Weights by class: <c>new WeightedSampler(Array.ConvertAll(labels, label => classWeights[label]))</c>.
/// </summary>
public sealed class WeightedSampler : Sampler
{
    readonly double[] _weights;
    readonly double[] _sums;        // of the weights up to each row, in units of the largest

    /// <summary>Draws by the given weights.</summary>
    /// <param name="weights">One per row, in any unit; a row of weight 0 never comes.</param>
    /// <param name="count">The rows of an epoch; by default as many as there are weights.</param>
    /// <param name="replacement">Whether a row can come again within an epoch; else each draw is by the weights of the
    /// rows that are left.</param>
    /// <exception cref="ArgumentException">No weight is positive.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A weight is negative or not finite, or without replacement the
    /// count is more than there are positive weights.</exception>
    public WeightedSampler(double[] weights, int? count = null, bool replacement = true)
        : base(weights.Length, count ?? weights.Length)
    {
        const string Name = nameof(WeightedSampler);
        var wrong = Array.FindIndex(weights, weight => !(weight >= 0 && double.IsFinite(weight)));
        if (wrong >= 0) Throw.OutOfRange(Name, $"weights[{wrong}]", weights[wrong], "finite, and 0 or more");
        var positive = weights.Count(weight => weight > 0);
        if (positive == 0) Throw.Value(Name, $"all {weights.Length} weights are 0, so no row can be drawn.");
        if (!replacement && Count > positive)
            Throw.OutOfRange(Name, nameof(count), Count,
                $"at most {positive} without replacement, since no more weights are positive");
        (_weights, _sums, Replacement) = ([.. weights], new double[weights.Length], replacement);
        // Of the unit, so that neither huge weights add up to infinity nor tiny ones to nothing.
        var (largest, sum) = (weights.Max(), 0.0);
        for (var i = 0; i < weights.Length; i++) _sums[i] = sum += weights[i] / largest;
    }

    /// <summary>Whether a row can come again within an epoch.</summary>
    public bool Replacement { get; }

    /// <inheritdoc/>
    public override int[] Draw(Rng rng) => Replacement ? WithReplacement(rng) : WithoutReplacement(rng);

    int[] WithReplacement(Rng rng)
    {
        var rows = Sizes.New<int>(nameof(WeightedSampler), Count);
        for (var i = 0; i < Count; i++)
        {
            // The first row whose sum is above the number, which is below the last sum: never one of weight 0.
            var number = rng.NextDouble() * _sums[^1];
            var (low, high) = (0, RowCount - 1);
            while (low < high)
            {
                var middle = (low + high) / 2;
                if (_sums[middle] > number) high = middle;
                else low = middle + 1;
            }
            rows[i] = low;
        }
        return rows;
    }

    // To draw one after another by the weights of those left is to let each row wait for an exponential time of rate w,
    // and to take those that come first (Efraimidis and Spirakis, 2006). The logarithm of the time keeps it in range.
    int[] WithoutReplacement(Rng rng)
    {
        int[] rows = [.. Enumerable.Range(0, RowCount).Where(row => _weights[row] > 0)];
        var times = Array.ConvertAll(rows, row => Math.Log(-Math.Log(1 - rng.NextDouble())) - Math.Log(_weights[row]));
        Array.Sort(times, rows);
        return rows[..Count];
    }
}
