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

/// <summary>
/// Where in an epoch a <see cref="Batches{TTarget}"/> stands: save it to go on later with the same batches.
/// </summary>
/// <param name="Order">The state of the generator from which the order of the epoch follows.</param>
/// <param name="Next">The number of batches handed out; 0 between epochs.</param>
public readonly record struct BatchPosition(RngState Order, int Next);

/// <summary>
/// A data set cut into mini-batches. To enumerate it once is one epoch: every row comes exactly once (but for those
/// of an incomplete last batch that is dropped), in a new random order each time when shuffling.
/// </summary>
/// <typeparam name="TTarget">Tensor, or int[] for class labels.</typeparam>
public sealed class Batches<TTarget> : IEnumerable<Batch<TTarget>>
{
    readonly Tensor _x;
    readonly Func<int[], TTarget> _targets;
    readonly Rng _rng;
    BatchPosition _position;
    bool _resumes;              // whether the next epoch is the rest of one, from the position

    internal Batches(
        Tensor x, int targets, Func<int[], TTarget> pick, int size, bool shuffle, bool dropLast, Rng? rng)
    {
        const string Name = nameof(Batches);
        if (x.Rank == 0 || x.Shape[0] == 0)
            Throw.Shapes(Name, $"expects x with at least one row, but got {x.Shape}.");
        if (x.Shape[0] != targets)
            Throw.Shapes(Name, $"x {x.Shape} has {x.Shape[0]} rows, but there are {targets} targets.");
        if (size < 1) Throw.OutOfRange(Name, nameof(size), size, "at least 1");
        if (dropLast && size > targets)
            Throw.OutOfRange(Name, nameof(size), size, $"at most {targets}, the number of rows, when dropLast is set");
        // Rows are copied as they are: no gradient flows into a data set.
        (_x, _targets, _rng) = (x.Detach(), pick, rng ?? Rng.Default);
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

    /// <summary>
    /// Where the epoch stands that was begun last: it counts a batch as soon as it is handed out, so that what is saved
    /// after the batch's step goes on with the next one. Once set, the next enumeration is the rest of that epoch, and
    /// draws nothing; those after it are whole epochs, which follow from the generator's own state.
    /// </summary>
    /// <exception cref="ArgumentException">An epoch has fewer batches, or the generator's state is missing.</exception>
    public BatchPosition Position
    {
        get => _position;
        set
        {
            if (value.Next < 0 || value.Next > Count)
                Throw.OutOfRange(nameof(Batches), "position", value.Next, $"from 0 to {Count}, the batches there are");
            if (Shuffle && value.Next > 0 && value.Order == default)
                Throw.Value(nameof(Batches), "the position lacks the state of the generator.");
            (_position, _resumes) = (value, value.Next > 0);
        }
    }

    /// <summary>The source of the order.</summary>
    internal Rng Generator => _rng;

    /// <summary>One epoch; draws its order when the first batch is asked for.</summary>
    public IEnumerator<Batch<TTarget>> GetEnumerator()
    {
        var (state, first) = _resumes ? _position : new BatchPosition(_rng.State, 0);
        var rng = _resumes && Shuffle ? new Rng(0) { State = state } : _rng;
        _resumes = false;
        var order = Shuffle ? rng.Permutation(RowCount) : [.. Enumerable.Range(0, RowCount)];
        for (var batch = first; batch < Count; batch++)
        {
            var start = batch * Size;
            var indices = order[start..Math.Min(start + Size, RowCount)];
            _position = new BatchPosition(state, batch + 1);
            yield return new Batch<TTarget>(_x.Select(indices), _targets(indices), indices);
        }
        _position = default;
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}

/// <summary>Makes mini-batches: <c>foreach (var (x, labels) in Batches.Of(images, labels, size: 64))</c>.</summary>
public static class Batches
{
    /// <summary>Batches of the rows of x, with their class labels.</summary>
    /// <param name="x">[n, ...]: the rows lie along the first axis.</param>
    /// <param name="labels">The class of each row.</param>
    /// <param name="size">The rows of a batch.</param>
    /// <param name="shuffle">Whether each epoch has its own random order.</param>
    /// <param name="dropLast">Whether an incomplete last batch is left out.</param>
    /// <param name="rng">The source of the order; <see cref="Rng.Default"/> if null.</param>
    /// <exception cref="ShapeException">x has no rows, or another number of them than there are labels.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The size is not positive, or leaves no batch at all.</exception>
    public static Batches<int[]> Of(
        Tensor x, int[] labels, int size = 64, bool shuffle = true, bool dropLast = false, Rng? rng = null) =>
        new(x, labels.Length, rows => Array.ConvertAll(rows, row => labels[row]), size, shuffle, dropLast, rng);

    /// <summary>Batches of the rows of x, with those of y.</summary>
    /// <param name="x">[n, ...]: the rows lie along the first axis.</param>
    /// <param name="y">[n, ...]: the target of each row.</param>
    /// <param name="size">The rows of a batch.</param>
    /// <param name="shuffle">Whether each epoch has its own random order.</param>
    /// <param name="dropLast">Whether an incomplete last batch is left out.</param>
    /// <param name="rng">The source of the order; <see cref="Rng.Default"/> if null.</param>
    /// <exception cref="ShapeException">x has no rows, or another number of them than y.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The size is not positive, or leaves no batch at all.</exception>
    public static Batches<Tensor> Of(
        Tensor x, Tensor y, int size = 64, bool shuffle = true, bool dropLast = false, Rng? rng = null)
    {
        if (y.Rank == 0) Throw.Shapes(nameof(Batches), "expects y with rows along its first axis, but got a scalar.");
        return new(x, y.Shape[0], rows => y.Detach().Select(rows), size, shuffle, dropLast, rng);
    }
}
