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
        RequireFraction("Split.Train", testFraction);
        var test = (int)Math.Round(count * testFraction);
        if (test == 0 || test == count)
            Throw.Value("Split.Train", $"a test fraction of {ColumnStatistics.Text(testFraction)} of {count} rows "
                + $"leaves the {(test == 0 ? "test" : "training")} part empty.");
        var order = (rng ?? Rng.Default).Permutation(count);
        return (order[test..], order[..test]);
    }

    /// <summary>
    /// As <see cref="Train"/>, with every class in both parts in its share: of n rows of a class,
    /// n · <paramref name="testFraction"/> are in the test part, rounded, and at least one in each part.
    /// </summary>
    /// <param name="labels">The class of each row.</param>
    /// <param name="testFraction">The share of the test part, between 0 and 1.</param>
    /// <param name="rng">The source of the order; <see cref="Rng.Default"/> if null.</param>
    /// <exception cref="ArgumentOutOfRangeException">The fraction is not between 0 and 1.</exception>
    /// <exception cref="ArgumentException">There are no rows, or a class has only one.</exception>
    public static (int[] Train, int[] Test) Stratified(int[] labels, double testFraction, Rng? rng = null)
    {
        RequireFraction("Split.Stratified", testFraction);
        RequireRowsOfEach("Split.Stratified", labels, 2, "one for each part");
        var order = (rng ?? Rng.Default).Permutation(labels.Length);
        var wanted = labels.CountBy(label => label)
            .ToDictionary(of => of.Key, of => Math.Clamp((int)Math.Round(of.Value * testFraction), 1, of.Value - 1));
        var test = Array.ConvertAll(order, row => wanted[labels[row]]-- > 0);
        return ([.. order.Where((_, i) => !test[i])], [.. order.Where((_, i) => test[i])]);
    }

    /// <summary>
    /// The rows 0 to <paramref name="count"/> − 1 for k-fold cross-validation: each row is in the test part of one fold,
    /// and in the training part of the others. Test parts differ by at most one row.
    /// </summary>
    /// <param name="count">The number of rows.</param>
    /// <param name="folds">The number of folds, k.</param>
    /// <param name="rng">The source of the order; <see cref="Rng.Default"/> if null.</param>
    /// <exception cref="ArgumentOutOfRangeException">There are fewer than 2 folds, or more than rows.</exception>
    public static IEnumerable<(int[] Train, int[] Test)> Folds(int count, int folds, Rng? rng = null)
    {
        if (count < 2) Throw.OutOfRange("Split.Folds", nameof(count), count, "at least 2");
        if (folds < 2 || folds > count)
            Throw.OutOfRange("Split.Folds", nameof(folds), folds, $"from 2 to {count}, the number of rows");
        var order = (rng ?? Rng.Default).Permutation(count);
        return Dealt(order, order, folds);
    }

    /// <summary>
    /// As <see cref="Folds"/>, with every class in each fold in its share: the test parts differ by at most one row of
    /// each class, and by at most one row in all.
    /// </summary>
    /// <param name="labels">The class of each row.</param>
    /// <param name="folds">The number of folds, k.</param>
    /// <param name="rng">The source of the order; <see cref="Rng.Default"/> if null.</param>
    /// <exception cref="ArgumentOutOfRangeException">There are fewer than 2 folds.</exception>
    /// <exception cref="ArgumentException">There are no rows, or a class has fewer rows than there are folds.</exception>
    public static IEnumerable<(int[] Train, int[] Test)> StratifiedFolds(int[] labels, int folds, Rng? rng = null)
    {
        if (folds < 2) Throw.OutOfRange("Split.StratifiedFolds", nameof(folds), folds, "at least 2");
        RequireRowsOfEach("Split.StratifiedFolds", labels, folds, "one for each fold");
        var order = (rng ?? Rng.Default).Permutation(labels.Length);
        return Dealt(order, [.. order.OrderBy(row => labels[row])], folds);     // stable: random within a class
    }

    /// <summary>Deals rows to the folds in turn, like cards; parts are in random order, and made when asked for.</summary>
    static IEnumerable<(int[] Train, int[] Test)> Dealt(int[] order, int[] cards, int folds)
    {
        var fold = new int[order.Length];
        for (var i = 0; i < cards.Length; i++) fold[cards[i]] = i % folds;
        return Enumerable.Range(0, folds).Select(number =>
            (Array.FindAll(order, row => fold[row] != number), Array.FindAll(order, row => fold[row] == number)));
    }

    static void RequireFraction(string op, double testFraction)
    {
        if (!(testFraction > 0 && testFraction < 1))
            Throw.OutOfRange(op, nameof(testFraction), testFraction, "between 0 and 1");
    }

    static void RequireRowsOfEach(string op, int[] labels, int least, string reason)
    {
        if (labels.Length == 0) Throw.Value(op, "there are no rows.");
        foreach (var (label, rows) in labels.CountBy(label => label))
            if (rows < least)
                Throw.Value(op, $"class {label} has {rows} {(rows == 1 ? "row" : "rows")}, but needs {least}, {reason}: "
                    + "join it with another class, or leave it out.");
    }
}
