using System.Collections;

namespace MicroGrad.Net;

/// <summary>Some rows of a data set: inputs X, what they should lead to (Y), and the numbers of the rows.</summary>
/// <typeparam name="TTarget">Tensor, or int[] for class labels.</typeparam>
public readonly record struct Batch<TTarget>(Tensor X, TTarget Y, int[] Indices)
{
    /// <summary>The number of rows.</summary>
    public int Count => Indices.Length;

    /// <summary>For <c>foreach (var (x, y) in batches)</c>.</summary>
    public void Deconstruct(out Tensor x, out TTarget y) => (x, y) = (X, Y);
}

/// <summary>The name that fits class labels.</summary>
public static class LabelledBatch
{
    extension(Batch<int[]> batch)
    {
        /// <summary>The class labels of the rows: the batch's Y.</summary>
        public int[] Labels => batch.Y;
    }
}

/// <summary>
/// A data set cut into mini-batches. To enumerate it once is one epoch: every row comes exactly once (but for those
/// of an incomplete last batch that is dropped), in a new random order each time when shuffling.
/// </summary>
/// <typeparam name="TTarget">Tensor, or int[] for class labels.</typeparam>
public abstract class Batches<TTarget> : IEnumerable<Batch<TTarget>>
{
    readonly Tensor _x;
    readonly Rng _rng;

    private protected Batches(string name, Tensor x, int targets, int size, bool shuffle, bool dropLast, Rng? rng)
    {
        if (x.Rank == 0 || x.Shape[0] == 0)
            Throw.Shapes(name, $"expects x with at least one row, but got {x.Shape}.");
        if (x.Shape[0] != targets)
            Throw.Shapes(name, $"x {x.Shape} has {x.Shape[0]} rows, but there are {targets} targets.");
        if (size < 1) Throw.OutOfRange(name, nameof(size), size, "at least 1");
        if (dropLast && size > targets)
            Throw.OutOfRange(name, nameof(size), size, $"at most {targets}, the number of rows, when dropLast is set");
        // Rows are copied as they are: no gradient flows into a data set.
        (_x, _rng) = (x.Detach(), rng ?? Rng.Default);
        (RowCount, Size, Shuffle, DropLast) = (targets, size, shuffle, dropLast);
    }

    /// <summary>The number of rows of the data set.</summary>
    public int RowCount { get; }

    /// <summary>The number of rows of a batch; the last of an epoch may have fewer.</summary>
    public int Size { get; }

    /// <summary>Whether each epoch has its own random order.</summary>
    public bool Shuffle { get; }

    /// <summary>Whether an incomplete last batch is left out.</summary>
    public bool DropLast { get; }

    /// <summary>The number of batches of an epoch.</summary>
    public int Count => DropLast ? RowCount / Size : (RowCount - 1) / Size + 1;

    /// <summary>One epoch; draws its order when the first batch is asked for.</summary>
    public IEnumerator<Batch<TTarget>> GetEnumerator()
    {
        var order = Shuffle ? _rng.Permutation(RowCount) : [.. Enumerable.Range(0, RowCount)];
        for (var batch = 0; batch < Count; batch++)
        {
            var start = batch * Size;
            var indices = order[start..Math.Min(start + Size, RowCount)];
            yield return new Batch<TTarget>(_x.Select(indices), Targets(indices), indices);
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private protected abstract TTarget Targets(int[] indices);
}

/// <summary>
/// Mini-batches of a data set with class labels: <c>foreach (var (x, labels) in new Batches(images, labels, 64))</c>.
/// For targets that are a tensor there is <see cref="TensorBatches"/>.
/// </summary>
public sealed class Batches : Batches<int[]>
{
    readonly int[] _labels;

    /// <summary>Batches of the rows of x, with their labels.</summary>
    /// <param name="x">[n, ...]: the rows lie along the first axis.</param>
    /// <param name="labels">The class of each row.</param>
    /// <param name="size">The rows of a batch.</param>
    /// <param name="shuffle">Whether each epoch has its own random order.</param>
    /// <param name="dropLast">Whether an incomplete last batch is left out.</param>
    /// <param name="rng">The source of the order; <see cref="Rng.Default"/> if null.</param>
    /// <exception cref="ShapeException">x has no rows, or another number of them than there are labels.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The size is not positive, or leaves no batch at all.</exception>
    public Batches(
        Tensor x, int[] labels, int size = 64, bool shuffle = true, bool dropLast = false, Rng? rng = null)
        : base(nameof(Batches), x, labels.Length, size, shuffle, dropLast, rng) => _labels = labels;

    private protected override int[] Targets(int[] indices) => Array.ConvertAll(indices, row => _labels[row]);
}

/// <summary>
/// Mini-batches of a data set whose targets are a tensor: <c>foreach (var (x, y) in new TensorBatches(x, y, 64))</c>.
/// </summary>
public sealed class TensorBatches : Batches<Tensor>
{
    readonly Tensor _y;

    /// <summary>Batches of the rows of x, with those of y.</summary>
    /// <param name="x">[n, ...]: the rows lie along the first axis.</param>
    /// <param name="y">[n, ...]: the target of each row.</param>
    /// <param name="size">The rows of a batch.</param>
    /// <param name="shuffle">Whether each epoch has its own random order.</param>
    /// <param name="dropLast">Whether an incomplete last batch is left out.</param>
    /// <param name="rng">The source of the order; <see cref="Rng.Default"/> if null.</param>
    /// <exception cref="ShapeException">x has no rows, or another number of them than y.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The size is not positive, or leaves no batch at all.</exception>
    public TensorBatches(
        Tensor x, Tensor y, int size = 64, bool shuffle = true, bool dropLast = false, Rng? rng = null)
        : base(nameof(TensorBatches), x, Rows(y), size, shuffle, dropLast, rng) => _y = y.Detach();

    private protected override Tensor Targets(int[] indices) => _y.Select(indices);

    static int Rows(Tensor y)
    {
        if (y.Rank == 0) Throw.Shapes(nameof(TensorBatches), "expects y with rows along its first axis, but got a scalar.");
        return y.Shape[0];
    }
}
