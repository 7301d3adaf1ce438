using System.Collections;

namespace MicroGrad.Net;

/// <summary>What a <see cref="Trainer{TInput, TOutput, TTarget}"/> asks of a batch.</summary>
public interface IBatch<out TInput, out TTarget>
{
    /// <summary>The inputs.</summary>
    TInput X { get; }

    /// <summary>What they should lead to.</summary>
    TTarget Y { get; }

    /// <summary>The number of rows: the weight of the batch in an average over rows.</summary>
    int Count { get; }
}

/// <summary>
/// Where in an epoch a <see cref="Batches{TInput, TTarget}"/> stands: save it to go on later with the same batches.
/// </summary>
/// <param name="Order">The state of the generator from which the order of the epoch follows.</param>
/// <param name="Next">The number of batches handed out; 0 between epochs.</param>
public readonly record struct BatchPosition(RngState Order, int Next);

/// <summary>
/// A data set cut into mini-batches. To enumerate it once is one epoch: every row comes exactly once (but for those
/// of an incomplete last batch that is dropped), in a new random order each time when shuffling; or the rows that a
/// <see cref="Sampler"/> draws.
/// </summary>
/// <typeparam name="TInput">A tensor, ids, or a tuple of several inputs.</typeparam>
/// <typeparam name="TTarget">Tensor, int[] for class labels, or a tuple.</typeparam>
public sealed class Batches<TInput, TTarget> : IReadOnlyCollection<Batch<TInput, TTarget>>
{
    readonly Func<int[], TInput> _x;
    readonly Func<int[], TTarget> _y;
    readonly Rng _rng;
    readonly Func<TInput, Rng, TInput>? _change;
    readonly int _prefetch;
    readonly Sampler? _sampler;
    BatchPosition _position;
    bool _resumes;              // whether the next epoch is the rest of one, from the position

    internal Batches(int rows, Func<int[], TInput> x, Func<int[], TTarget> y, int size, bool shuffle, bool dropLast,
        Rng? rng, Sampler? sampler)
    {
        const string Name = nameof(Batches);
        if (rows < 1) Throw.OutOfRange(Name, nameof(rows), rows, "at least 1");
        if (size < 1) Throw.OutOfRange(Name, nameof(size), size, "at least 1");
        if (sampler is not null && sampler.RowCount != rows)
            Throw.Value(Name, $"the sampler draws from {sampler.RowCount} rows, but there are {rows}.");
        (_x, _y, _rng, _sampler) = (x, y, rng ?? Rng.Default, sampler);
        (RowCount, Size, Shuffle, DropLast) = (rows, size, shuffle, dropLast);
        if (dropLast && size > EpochRows)
            Throw.OutOfRange(Name, nameof(size), size, $"at most {EpochRows}, the number of rows"
                + $"{(sampler is null ? "" : " of an epoch")}, when dropLast is set");
    }

    Batches(Batches<TInput, TTarget> source, Func<TInput, Rng, TInput> change, int prefetch)
    {
        (_x, _y, _rng, _change, _prefetch) = (source._x, source._y, source._rng, change, prefetch);
        _sampler = source._sampler;
        (RowCount, Size, Shuffle, DropLast) = (source.RowCount, source.Size, source.Shuffle, source.DropLast);
    }

    /// <summary>The number of rows of the data set.</summary>
    public int RowCount { get; }

    /// <summary>The number of rows of a batch; the last of an epoch may have fewer.</summary>
    public int Size { get; }

    /// <summary>The number of rows of an epoch, those of a dropped last batch counted too.</summary>
    public int EpochRows => _sampler?.Count ?? RowCount;

    /// <summary>Whether each epoch has its own random order.</summary>
    public bool Shuffle { get; }

    /// <summary>Whether an incomplete last batch is left out.</summary>
    public bool DropLast { get; }

    /// <summary>The number of batches of an epoch.</summary>
    public int Count => DropLast ? EpochRows / Size : (EpochRows - 1) / Size + 1;

    /// <summary>
    /// The same batches with their inputs changed by a function. It runs on a thread of the pool, one batch after
    /// another, while the consumer works on those before, and takes its random numbers from the generator it is given.
    /// </summary>
    /// <param name="change">From the inputs of a batch to those the consumer sees.</param>
    /// <param name="prefetch">How many batches are made ahead; 0 for none. The batches have the same bits.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="prefetch"/> is negative.</exception>
    public Batches<TInput, TTarget> Map(Func<TInput, Rng, TInput> change, int prefetch = 2)
    {
        if (prefetch < 0) Throw.OutOfRange(nameof(Batches), nameof(prefetch), prefetch, "0 or more");
        return new(this, _change is { } first ? (x, random) => change(first(x, random), random) : change, prefetch);
    }

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
            if (IsRandom && value.Next > 0 && value.Order == default)
                Throw.Value(nameof(Batches), "the position lacks the state of the generator.");
            (_position, _resumes) = (value, value.Next > 0);
        }
    }

    /// <summary>
    /// The given rows as one batch, without random change of their inputs; draws nothing, and moves no epoch on.
    /// </summary>
    /// <param name="indices">The numbers of the rows, from 0 to <see cref="RowCount"/> − 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such row.</exception>
    public Batch<TInput, TTarget> Rows(params int[] indices)
    {
        foreach (var index in indices)
            if (index < 0 || index >= RowCount)
                Throw.OutOfRange(nameof(Batches), "row", index, $"from 0 to {RowCount - 1}");
        return new(_x, _y, indices);
    }

    /// <summary>Whether an epoch draws random numbers.</summary>
    bool IsRandom => Shuffle || _change is not null;

    /// <summary>The source of the order, and of all other randomness of an epoch.</summary>
    public Rng Generator => _rng;

    /// <summary>One epoch; draws its order when the first batch is asked for.</summary>
    public IEnumerator<Batch<TInput, TTarget>> GetEnumerator()
    {
        var (state, first) = _resumes ? _position : new BatchPosition(_rng.State, 0);
        // All randomness is drawn here, on the consumer's thread: a generator is not for several.
        var rng = _resumes && IsRandom ? new Rng(0) { State = state } : _rng;
        _resumes = false;
        var order = Order(rng);
        ulong[] seeds = _change is null ? [] : [.. Enumerable.Range(0, Count).Select(_ => rng.NextBits())];
        using var batches = new Prefetcher<Batch<TInput, TTarget>>(Count - first, _prefetch, place =>
        {
            var number = first + place;
            var indices = order[(number * Size)..(int)Math.Min((number + 1L) * Size, EpochRows)];
            if (_change is null) return new(_x, _y, indices);
            var x = _change(_x(indices), new Rng(seeds[number]));
            return new(_ => x, _y, indices);
        });
        for (var next = first + 1; batches.TryNext(out var batch); next++)
        {
            _position = new BatchPosition(state, next);
            yield return batch;
        }
        _position = default;
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    int[] Order(Rng rng)
    {
        if (_sampler is null) return Shuffle ? rng.Permutation(RowCount) : [.. Enumerable.Range(0, RowCount)];
        var order = _sampler.Draw(rng);
        if (order.Length != EpochRows)
            Throw.Value(nameof(Batches), $"the sampler drew {order.Length} rows, but its Count is {EpochRows}.");
        for (var i = 0; i < order.Length; i++)
            if ((uint)order[i] >= (uint)RowCount) Throw.IndexOutOfRange(nameof(Batches), i, order[i], RowCount);
        return order;
    }
}

/// <summary>Makes mini-batches: <c>foreach (var (x, labels) in Batches.Of(images, labels, size: 64))</c>.</summary>
public static partial class Batches
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
    public static Batches<Tensor, int[]> Of(
        Tensor x, int[] labels, int size = 64, bool shuffle = true, bool dropLast = false, Rng? rng = null) =>
        OfLabels(x, labels, size, shuffle, dropLast, rng, sampler: null);

    /// <summary>Batches of the rows of x, with those of y.</summary>
    /// <param name="x">[n, ...]: the rows lie along the first axis.</param>
    /// <param name="y">[n, ...]: the target of each row.</param>
    /// <param name="size">The rows of a batch.</param>
    /// <param name="shuffle">Whether each epoch has its own random order.</param>
    /// <param name="dropLast">Whether an incomplete last batch is left out.</param>
    /// <param name="rng">The source of the order; <see cref="Rng.Default"/> if null.</param>
    /// <exception cref="ShapeException">x has no rows, or another number of them than y.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The size is not positive, or leaves no batch at all.</exception>
    public static Batches<Tensor, Tensor> Of(
        Tensor x, Tensor y, int size = 64, bool shuffle = true, bool dropLast = false, Rng? rng = null) =>
        OfTargets(x, y, size, shuffle, dropLast, rng, sampler: null);

    /// <summary>Batches of the rows of x that a sampler draws, with their class labels.</summary>
    /// <param name="x">[n, ...]: the rows lie along the first axis.</param>
    /// <param name="labels">The class of each row.</param>
    /// <param name="sampler">The rows of each epoch, such as a <see cref="BalancedSampler"/>.</param>
    /// <param name="size">The rows of a batch.</param>
    /// <param name="dropLast">Whether an incomplete last batch is left out.</param>
    /// <param name="rng">The source of the drawing; <see cref="Rng.Default"/> if null.</param>
    /// <exception cref="ShapeException">x has no rows, or another number of them than there are labels.</exception>
    /// <exception cref="ArgumentException">The sampler is for another number of rows.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The size is not positive, or leaves no batch at all.</exception>
    public static Batches<Tensor, int[]> Of(
        Tensor x, int[] labels, Sampler sampler, int size = 64, bool dropLast = false, Rng? rng = null) =>
        OfLabels(x, labels, size, shuffle: true, dropLast, rng, sampler);

    /// <summary>Batches of the rows of x that a sampler draws, with those of y.</summary>
    /// <param name="x">[n, ...]: the rows lie along the first axis.</param>
    /// <param name="y">[n, ...]: the target of each row.</param>
    /// <param name="sampler">The rows of each epoch, such as a <see cref="WeightedSampler"/>.</param>
    /// <param name="size">The rows of a batch.</param>
    /// <param name="dropLast">Whether an incomplete last batch is left out.</param>
    /// <param name="rng">The source of the drawing; <see cref="Rng.Default"/> if null.</param>
    /// <exception cref="ShapeException">x has no rows, or another number of them than y.</exception>
    /// <exception cref="ArgumentException">The sampler is for another number of rows.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The size is not positive, or leaves no batch at all.</exception>
    public static Batches<Tensor, Tensor> Of(
        Tensor x, Tensor y, Sampler sampler, int size = 64, bool dropLast = false, Rng? rng = null) =>
        OfTargets(x, y, size, shuffle: true, dropLast, rng, sampler);

    /// <summary>
    /// Batches of whatever a model takes, such as ids or a tuple of several inputs, each batch put together by functions
    /// from the numbers of its rows: <c>Batches.Of(ids.Length, rows =&gt; (images.Select(rows),
    /// Array.ConvertAll(rows, row =&gt; ids[row])), rows =&gt; prices.Select(rows))</c>.
    /// </summary>
    /// <param name="rows">The number of rows of the data set.</param>
    /// <param name="x">From numbers of rows to the inputs of a batch; called when a batch is read, and once more when it
    /// is read again after the <see cref="StepScope"/> it was read in. A trainer reads inside one: a tensor that the
    /// function is to keep for later calls must be made before, or be a <see cref="Tensor.Keep"/>.</param>
    /// <param name="y">From numbers of rows to what their inputs should lead to; called as x.</param>
    /// <param name="size">The rows of a batch.</param>
    /// <param name="shuffle">Whether each epoch has its own random order.</param>
    /// <param name="dropLast">Whether an incomplete last batch is left out.</param>
    /// <param name="sampler">The rows of each epoch; each row once if null.</param>
    /// <param name="rng">The source of the order; <see cref="Rng.Default"/> if null.</param>
    /// <exception cref="ArgumentException">The sampler is for another number of rows.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There are no rows, or the size is not positive, or leaves no batch at
    /// all.</exception>
    public static Batches<TInput, TTarget> Of<TInput, TTarget>(int rows, Func<int[], TInput> x, Func<int[], TTarget> y,
        int size = 64, bool shuffle = true, bool dropLast = false, Sampler? sampler = null, Rng? rng = null) =>
        new(rows, x, y, size, shuffle, dropLast, rng, sampler);

    static Batches<Tensor, int[]> OfLabels(
        Tensor x, int[] labels, int size, bool shuffle, bool dropLast, Rng? rng, Sampler? sampler) => new(
        RowsOf(x, labels.Length), PickFrom(x), rows => Array.ConvertAll(rows, row => labels[row]),
        size, shuffle, dropLast, rng, sampler);

    static Batches<Tensor, Tensor> OfTargets(
        Tensor x, Tensor y, int size, bool shuffle, bool dropLast, Rng? rng, Sampler? sampler)
    {
        if (y.Rank == 0) Throw.Shapes(nameof(Batches), "expects y with rows along its first axis, but got a scalar.");
        return new(RowsOf(x, y.Shape[0]), PickFrom(x), PickFrom(y), size, shuffle, dropLast, rng, sampler);
    }

    static int RowsOf(Tensor x, int targets)
    {
        if (x.Rank == 0 || x.Shape[0] == 0)
            Throw.Shapes(nameof(Batches), $"expects x with at least one row, but got {x.Shape}.");
        if (x.Shape[0] != targets)
            Throw.Shapes(nameof(Batches), $"x {x.Shape} has {x.Shape[0]} rows, but there are {targets} targets.");
        return targets;
    }

    /// <summary>Copies rows as they are: no gradient flows into a data set.</summary>
    static Func<int[], Tensor> PickFrom(Tensor data)
    {
        data = data.Detach();
        return rows => data.Select(rows);
    }

    extension<TTarget>(Batches<Tensor, TTarget> batches)
    {
        /// <summary>
        /// The same batches with their inputs changed at random: images [n, c, h, w], Float32. Runs on a thread of the
        /// pool while the consumer works on the batches before; all random numbers follow from the generator of the
        /// order.
        /// </summary>
        /// <param name="augmentation">How images are changed.</param>
        /// <param name="prefetch">How many batches are made ahead; 0 for none. The batches have the same bits.</param>
        /// <exception cref="ArgumentOutOfRangeException"><paramref name="prefetch"/> is negative.</exception>
        public Batches<Tensor, TTarget> Augment(Augmentation augmentation, int prefetch = 2) =>
            batches.Map(augmentation.Apply, prefetch);
    }

    /// <summary>Windows of a sequence of tokens, each with the tokens that follow.</summary>
    /// <param name="tokens">The sequence.</param>
    /// <param name="length">The tokens of a window.</param>
    /// <param name="size">The windows of a batch.</param>
    /// <param name="random">Whether windows start anywhere; else they lie end to end, in order.</param>
    /// <param name="dropLast">Whether an incomplete last batch is left out.</param>
    /// <param name="rng">The source of the places; <see cref="Rng.Default"/> if null.</param>
    /// <exception cref="ArgumentException">The sequence is too short for a window and one token more.</exception>
    /// <exception cref="ArgumentOutOfRangeException">Length or size is not positive, or leaves no batch.</exception>
    public static SequenceBatches OfSequence(
        int[] tokens, int length, int size = 64, bool random = true, bool dropLast = false, Rng? rng = null) =>
        new(tokens, length, size, random, dropLast, rng);
}
