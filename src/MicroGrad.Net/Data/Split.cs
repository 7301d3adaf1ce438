namespace MicroGrad.Net;

/// <summary>Divides the rows of a data set into parts for training and testing.</summary>
public static class Split
{
    /// <summary>
    /// The row numbers 0 to <paramref name="count"/> − 1 in random order, cut in two: no row is in both parts, every
    /// row is in one. The test part has count · <paramref name="testFraction"/> rows, rounded.
    /// </summary>
    /// <param name="count">The number of rows.</param>
    /// <param name="testFraction">The share of the test part, between 0 and 1.</param>
    /// <param name="rng">The source of the order; <see cref="Rng.Default"/> if null.</param>
    /// <exception cref="ArgumentOutOfRangeException">The fraction is not between 0 and 1.</exception>
    /// <exception cref="ArgumentException">A part would be empty.</exception>
    public static (int[] Train, int[] Test) Train(int count, double testFraction, Rng? rng = null)
    {
        if (count < 0) Throw.OutOfRange("Split.Train", nameof(count), count, "not negative");
        if (!(testFraction > 0 && testFraction < 1))
            Throw.OutOfRange("Split.Train", nameof(testFraction), testFraction, "between 0 and 1");
        var test = (int)Math.Round(count * testFraction);
        if (test == 0 || test == count)
            Throw.Value("Split.Train", $"a test fraction of {ColumnStatistics.Text(testFraction)} of {count} rows "
                + $"leaves the {(test == 0 ? "test" : "training")} part empty.");
        var order = (rng ?? Rng.Default).Permutation(count);
        return (order[test..], order[..test]);
    }
}
