namespace MicroGrad.Net;

/// <summary>
/// Which rows an epoch of <see cref="Batches{TInput, TTarget}"/> consists of, where that is not each row once. A sampler is a
/// rule and has no state: all randomness comes from the generator of the batches, so that epochs repeat and resume.
/// </summary>
public abstract class Sampler
{
    /// <summary>A rule that draws from a data set.</summary>
    /// <param name="rowCount">The rows of the data set.</param>
    /// <param name="count">The rows of an epoch.</param>
    /// <exception cref="ArgumentOutOfRangeException">One of them is not positive.</exception>
    protected Sampler(int rowCount, int count)
    {
        if (rowCount < 1) Throw.OutOfRange(GetType().Name, "the number of rows", rowCount, "at least 1");
        if (count < 1) Throw.OutOfRange(GetType().Name, nameof(count), count, "at least 1");
        (RowCount, Count) = (rowCount, count);
    }

    /// <summary>The number of rows of the data set.</summary>
    public int RowCount { get; }

    /// <summary>The number of rows of an epoch.</summary>
    public int Count { get; }

    /// <summary>The rows of an epoch, in their order: <see cref="Count"/> numbers from 0 to RowCount − 1.</summary>
    public abstract int[] Draw(Rng rng);
}
