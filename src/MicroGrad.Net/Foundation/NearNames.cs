namespace MicroGrad.Net;

/// <summary>Which of the names that are there a wrong one may stand for.</summary>
static class NearNames
{
    const int MostNamed = 100;

    /// <summary>"Did you mean 'x'?", or, where no name is near, all of them after <paramref name="those"/>.</summary>
    public static string Hint(string name, IEnumerable<string> names, string those)
    {
        string[] all = [.. names];
        var near = all.Select(other => (Name: other, Distance: Distance(name, other)))
            .Where(other => other.Distance <= Math.Max(1, name.Length / 4))
            .OrderBy(other => other.Distance).Take(3).Select(other => $"'{other.Name}'").ToArray();
        return near.Length > 0 ? $"Did you mean {string.Join(" or ", near)}?" : $"{those} {List(all)}.";
    }

    /// <summary>The names, of many the first.</summary>
    public static string List(IReadOnlyCollection<string> names) => names.Count == 0 ? "none"
        : string.Join(", ", names.Take(MostNamed)) + (names.Count > MostNamed ? ", …" : "");

    /// <summary>Letters that differ; one, if a name contains the other or shortens its words.</summary>
    static int Distance(string name, string other) =>
        other.Contains(name, StringComparison.OrdinalIgnoreCase) || Shortens(Words(name), Words(other)) ? 1
            : EditDistance(other.ToUpperInvariant(), name.ToUpperInvariant());

    /// <summary>Whether val_loss may be validation loss: as many words, each the start of its own.</summary>
    static bool Shortens(string[] words, string[] full) => words.Length == full.Length && words.Zip(full)
        .All(pair => pair.Second.StartsWith(pair.First, StringComparison.OrdinalIgnoreCase));

    static string[] Words(string name) => name.Split([' ', '_', '-', '.'], StringSplitOptions.RemoveEmptyEntries);

    /// <summary>How many letters must be put in, taken out or changed (Levenshtein, 1966).</summary>
    static int EditDistance(string a, string b)
    {
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
                (diagonal, row[j]) = (row[j], Math.Min(Math.Min(row[j], row[j - 1]) + 1,
                    diagonal + (a[i - 1] == b[j - 1] ? 0 : 1)));
        }
        return row[^1];
    }
}
