using System.Collections;

namespace MicroGrad.Net;

/// <summary>Some windows of a sequence of tokens: X, and Y, the tokens that follow those of X one by one.</summary>
/// <param name="X">[windows, length], row by row.</param>
/// <param name="Y">[windows, length], row by row: Y[i, t] comes after X[i, t].</param>
/// <param name="Shape">[windows, length].</param>
/// <param name="Starts">Where each window starts in the sequence.</param>
public sealed record SequenceBatch(int[] X, int[] Y, Shape Shape, int[] Starts) : IBatch<int[], int[]>
{
    /// <summary>The number of windows.</summary>
    public int Count => Starts.Length;

    /// <summary>For <c>foreach (var (x, y) in batches)</c>.</summary>
    public void Deconstruct(out int[] x, out int[] y) => (x, y) = (X, Y);
}

/// <summary>
/// A sequence of tokens, such as a text, cut into windows from which a network learns what comes next. Sequential: the
/// windows lie end to end, in order, and an epoch sees each token once (but for a rest at the end shorter than a
/// window). Random: as many windows, which start anywhere, each place equally likely.
/// </summary>
public sealed class SequenceBatches : IReadOnlyCollection<SequenceBatch>
{
    readonly int[] _tokens;
    readonly Rng _rng;

    internal SequenceBatches(int[] tokens, int length, int size, bool random, bool dropLast, Rng? rng)
    {
        const string Name = nameof(SequenceBatches);
        if (length < 1) Throw.OutOfRange(Name, nameof(length), length, "at least 1");
        if (size < 1) Throw.OutOfRange(Name, nameof(size), size, "at least 1");
        WindowCount = (tokens.Length - 1) / length;
        if (WindowCount < 1)
            Throw.Value(Name, $"{tokens.Length} tokens have no window of {length} and one to follow.");
        if (dropLast && size > WindowCount)
            Throw.OutOfRange(Name, nameof(size), size,
                $"at most {WindowCount}, the number of windows, when dropLast is set");
        (_tokens, _rng, Length, Size, Random, DropLast) = (tokens, rng ?? Rng.Default, length, size, random, dropLast);
    }

    /// <summary>The number of tokens of a window.</summary>
    public int Length { get; }

    /// <summary>The number of windows of a batch; the last of an epoch may have fewer.</summary>
    public int Size { get; }

    /// <summary>The number of windows of an epoch.</summary>
    public int WindowCount { get; }

    /// <summary>Whether windows start anywhere, rather than end to end.</summary>
    public bool Random { get; }

    /// <summary>Whether an incomplete last batch is left out.</summary>
    public bool DropLast { get; }

    /// <summary>The number of batches of an epoch.</summary>
    public int Count => DropLast ? WindowCount / Size : (WindowCount - 1) / Size + 1;

    /// <summary>One epoch.</summary>
    public IEnumerator<SequenceBatch> GetEnumerator()
    {
        for (var batch = 0; batch < Count; batch++)
        {
            var windows = Math.Min(Size, WindowCount - batch * Size);
            var (x, y, starts) = (new int[windows * Length], new int[windows * Length], new int[windows]);
            for (var i = 0; i < windows; i++)
            {
                starts[i] = Random ? _rng.Next(_tokens.Length - Length) : (batch * Size + i) * Length;
                _tokens.AsSpan(starts[i], Length).CopyTo(x.AsSpan(i * Length));
                _tokens.AsSpan(starts[i] + 1, Length).CopyTo(y.AsSpan(i * Length));
            }
            yield return new SequenceBatch(x, y, [windows, Length], starts);
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
