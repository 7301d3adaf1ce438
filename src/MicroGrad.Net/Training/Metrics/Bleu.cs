namespace MicroGrad.Net;

/// <summary>What BLEU does about lengths of n-grams of which none matched.</summary>
public enum BleuSmoothing
{
    /// <summary>Nothing: the score is 0.</summary>
    None,

    /// <summary>One is added to matches and total of n-grams longer than 1 (Lin and Och, 2004).</summary>
    AddOne,

    /// <summary>The k-th such length counts as ½ᵏ matches, as in NIST's mteval and by default in sacreBLEU.</summary>
    Exponential,
}

/// <summary>
/// BLEU of a corpus of translations (Papineni et al., 2002): BP · exp(mean over n of log pₙ), from 0 to 1. pₙ is the
/// share of the candidates' n-grams found in a reference of the same sentence (each at most as often as in the one that
/// has it most often), over the whole corpus; BP = exp(1 − r/c) where the candidates' length c is less than r, the sum
/// of the lengths of the references closest to each (the shorter of two as close). Compare only scores of equal tokens.
/// </summary>
/// <param name="length">The longest n-grams; 4 is usual.</param>
/// <param name="smoothing">What to do about lengths without a match.</param>
/// <exception cref="ArgumentOutOfRangeException">The length is less than 1.</exception>
public sealed class Bleu(int length = 4, BleuSmoothing smoothing = BleuSmoothing.None)
{
    const string Name = "BLEU";

    readonly long[] _matches = PerLength(length), _totals = PerLength(length);
    long _candidates, _references;

    /// <summary>
    /// The score; 0 where the candidates are too short for one n-gram of each length, NaN for no sentences.
    /// </summary>
    public double Value
    {
        get
        {
            if (_candidates + _references == 0) return double.NaN;
            double log = 0, pardon = 1;
            for (var n = 0; n < _totals.Length; n++)
            {
                if (_totals[n] == 0) return 0;
                var (matches, total) = ((double)_matches[n], (double)_totals[n]);
                if (smoothing == BleuSmoothing.AddOne && n > 0) (matches, total) = (matches + 1, total + 1);
                if (smoothing == BleuSmoothing.Exponential && matches == 0) matches = pardon /= 2;
                log += Math.Log(matches / total) / _totals.Length;
            }
            return BrevityPenalty * Math.Exp(log);
        }
    }

    /// <summary>The factor below 1 for candidates that are too short.</summary>
    public double BrevityPenalty => _candidates >= _references ? 1 : Math.Exp(1 - (double)_references / _candidates);

    /// <summary>pₙ for n = 1, 2, …, before smoothing; NaN where there are no such n-grams.</summary>
    public double[] Precisions() => [.. _matches.Zip(_totals, (matches, total) => (double)matches / total)];

    /// <summary>Adds a sentence.</summary>
    /// <typeparam name="TToken">Words or their numbers, compared by equality.</typeparam>
    /// <param name="candidate">The translation.</param>
    /// <param name="references">One or several right ones.</param>
    /// <exception cref="ArgumentException">There is no reference.</exception>
    public void Add<TToken>(IReadOnlyList<TToken> candidate, params IReadOnlyList<TToken>[] references)
        where TToken : notnull
    {
        if (references.Length == 0) Throw.Value(Name, "a candidate needs at least one reference.");
        _candidates += candidate.Count;
        _references += references.Select(reference => reference.Count)
            .MinBy(count => (Math.Abs(count - candidate.Count), count));
        // An n-gram is numbered by the number of its beginning and its last token, the empty one being 0.
        var numbers = new Dictionary<(int Beginning, TToken Last), int>();
        var had = references.Select(reference => Count(reference, numbers)).ToArray();
        foreach (var ((ngram, n), count) in Count(candidate, numbers))
        {
            _totals[n] += count;
            _matches[n] += Math.Min(count, had.Max(reference => reference.GetValueOrDefault((ngram, n))));
        }
    }

    /// <summary>Forgets all sentences.</summary>
    public void Reset()
    {
        Array.Clear(_matches);
        Array.Clear(_totals);
        (_candidates, _references) = (0, 0);
    }

    Dictionary<(int Ngram, int Length), int> Count<TToken>(
        IReadOnlyList<TToken> tokens, Dictionary<(int, TToken), int> numbers) where TToken : notnull
    {
        var counts = new Dictionary<(int, int), int>();
        for (var start = 0; start < tokens.Count; start++)
        {
            var ngram = 0;
            for (var n = 0; n < _totals.Length && start + n < tokens.Count; n++)
            {
                var key = (ngram, tokens[start + n]);
                if (!numbers.TryGetValue(key, out ngram)) numbers[key] = ngram = numbers.Count + 1;
                counts[(ngram, n)] = counts.GetValueOrDefault((ngram, n)) + 1;
            }
        }
        return counts;
    }

    static long[] PerLength(int length)
    {
        new Checks(Name).Option(length, Domain.From(1, 1000));
        return new long[length];
    }
}
