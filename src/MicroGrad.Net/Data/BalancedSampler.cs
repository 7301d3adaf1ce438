namespace MicroGrad.Net;

/// <summary>
/// Draws as many rows of each class, however rare it is. A class with too few comes in rounds, each of its rows once in
/// each round; of one with too many, each epoch draws other rows. Classes alternate, so that batches are balanced too:
/// with k classes, an epoch is groups of k rows, one of each class.
/// </summary>
/// <remarks>
/// The network learns a world in which classes are equally likely, so its probabilities for the rare ones are too high
/// in this one. Resample what is learned from, never what is validated or tested on.
/// </remarks>
public sealed class BalancedSampler : Sampler
{
    readonly int[][] _classes;      // the rows of each

    /// <summary>Draws an equal number of rows of each class that there is.</summary>
    /// <param name="labels">The class of each row of the data set.</param>
    /// <param name="perClass">The rows of each class in an epoch; by default the rows of the data set divided by the
    /// classes, rounded up, so that an epoch stays about as long as it was.</param>
    /// <exception cref="ArgumentOutOfRangeException">There are no labels, one is negative, or
    /// <paramref name="perClass"/> is not positive.</exception>
    public BalancedSampler(int[] labels, int? perClass = null) : this(RowsOfClasses(labels), labels.Length, perClass)
    {
    }

    BalancedSampler(int[][] classes, int rowCount, int? perClass)
        : base(rowCount, Sizes.Product(nameof(BalancedSampler), "an epoch", classes.Length,
            Positive(perClass ?? (rowCount - 1) / classes.Length + 1))) => _classes = classes;

    /// <summary>As many rows of each class as the largest has: all of those, the rest repeated.</summary>
    /// <inheritdoc cref="BalancedSampler(int[], int?)"/>
    public static BalancedSampler Oversample(int[] labels)
    {
        var classes = RowsOfClasses(labels);
        return new(classes, labels.Length, classes.Max(rows => rows.Length));
    }

    /// <summary>As many rows of each class as the smallest has: all of those, the rest left for other epochs.</summary>
    /// <inheritdoc cref="BalancedSampler(int[], int?)"/>
    public static BalancedSampler Undersample(int[] labels)
    {
        var classes = RowsOfClasses(labels);
        return new(classes, labels.Length, classes.Min(rows => rows.Length));
    }

    /// <summary>The rows of each class in an epoch.</summary>
    public int PerClass => Count / _classes.Length;

    /// <inheritdoc/>
    public override int[] Draw(Rng rng)
    {
        var drawn = Array.ConvertAll(_classes, rows => InRounds(rows, rng));
        var order = Sizes.New<int>(nameof(BalancedSampler), Count);
        for (var i = 0; i < Count; i++) order[i] = drawn[i % _classes.Length][i / _classes.Length];
        for (var group = 0; group < Count; group += _classes.Length)
            rng.Shuffle(order.AsSpan(group, _classes.Length));
        return order;
    }

    /// <summary>Each row once in random order, and again until there are enough.</summary>
    int[] InRounds(int[] rows, Rng rng)
    {
        var (drawn, round) = (Sizes.New<int>(nameof(BalancedSampler), PerClass), rows.ToArray());
        for (var start = 0; start < drawn.Length; start += round.Length)
        {
            rng.Shuffle(round.AsSpan());
            round.AsSpan(0, Math.Min(round.Length, drawn.Length - start)).CopyTo(drawn.AsSpan(start));
        }
        return drawn;
    }

    static int[][] RowsOfClasses(int[] labels)
    {
        if (labels.Length == 0) Throw.OutOfRange(nameof(BalancedSampler), "the number of labels", 0, "at least 1");
        var negative = Array.FindIndex(labels, label => label < 0);
        if (negative >= 0)
            Throw.OutOfRange(nameof(BalancedSampler), $"labels[{negative}]", labels[negative], "0 or more");
        return [.. Enumerable.Range(0, labels.Length).GroupBy(row => labels[row]).OrderBy(rows => rows.Key)
            .Select(rows => rows.ToArray())];
    }

    static int Positive(int perClass)
    {
        if (perClass < 1) Throw.OutOfRange(nameof(BalancedSampler), nameof(perClass), perClass, "at least 1");
        return perClass;
    }
}
