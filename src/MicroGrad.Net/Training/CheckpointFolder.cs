using System.Globalization;

namespace MicroGrad.Net;

/// <summary>
/// A folder of checkpoints, <c>checkpoint-00000001.safetensors</c> and on: keeps the last few, and the best one as
/// <c>best.safetensors</c>. Files of other names are left alone, but for the <c>.tmp</c> ones of runs that were killed.
/// </summary>
public sealed class CheckpointFolder
{
    const string Prefix = "checkpoint-";
    const string Suffix = ".safetensors";

    readonly string _path;
    readonly int _keep;

    /// <summary>The checkpoints of a folder, which is made when first saved to.</summary>
    /// <param name="path">The folder, of one training run.</param>
    /// <param name="keep">How many of the last checkpoints are kept.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="keep"/> is less than 1.</exception>
    public CheckpointFolder(string path, int keep = 3)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (keep < 1) Throw.OutOfRange(nameof(CheckpointFolder), nameof(keep), keep, "at least 1");
        (_path, _keep) = (path, keep);
    }

    /// <summary>The path of the best checkpoint, whether there is one or not.</summary>
    public string BestPath => Path.Combine(_path, "best" + Suffix);

    /// <summary>The paths of the numbered checkpoints, oldest first; a damaged one is among them.</summary>
    public IReadOnlyList<string> Paths => [.. Numbered().Select(file => file.Path)];

    /// <summary>Saves a checkpoint under the next number, and then deletes what is not to be kept.</summary>
    /// <param name="checkpoint">What to save.</param>
    /// <param name="score">How good it is: the lower the better, as a loss. The best so far is kept.</param>
    /// <returns>The path of the new file.</returns>
    public string Save(Checkpoint checkpoint, double? score = null)
    {
        Directory.CreateDirectory(_path);
        var last = Numbered().Select(file => file.Number).LastOrDefault();
        if (last == long.MaxValue)
            throw new DataFileException($"{_path}: there is no number after that of {NameOf(last)}: rename that file.");
        var path = Path.Combine(_path, NameOf(last + 1));
        checkpoint.Save(path, score);
        if (score is { } value && !(value >= BestScore()) && !double.IsNaN(value)) checkpoint.Save(BestPath, score);
        foreach (var file in Numbered().SkipLast(_keep)) File.Delete(file.Path);
        NewFile.RemoveLeftOver(_path, name => name == Path.GetFileName(BestPath) || NumberOf(name) is not null);
        return path;
    }

    /// <summary>Loads the last complete checkpoint: files that are damaged or cut off are passed over.</summary>
    /// <returns>Its path; null where the folder has none, and nothing was changed.</returns>
    /// <exception cref="DataFileException">There are checkpoints, but all are damaged; or the last complete one is not
    /// of these parts. Nothing was changed.</exception>
    public string? LoadLatest(Checkpoint checkpoint)
    {
        DataFileException? newest = null;
        foreach (var (_, path) in Numbered().AsEnumerable().Reverse())
        {
            Checkpoint.Content content;
            try
            {
                content = Checkpoint.Read(path);
            }
            catch (DataFileException problem)
            {
                newest ??= problem;
                continue;
            }
            catch (FileNotFoundException)
            {
                continue;       // a run that goes on has deleted it
            }
            checkpoint.Apply(path, content);
            return path;
        }
        return newest is null ? null : throw new DataFileException(
            $"{_path}: every checkpoint is damaged; the newest: {newest.Message}", newest);
    }

    /// <summary>Loads the best checkpoint.</summary>
    /// <returns>Its path; null where no checkpoint was saved with a score, and nothing was changed.</returns>
    /// <exception cref="DataFileException">The file is damaged or not of these parts. Nothing was changed.</exception>
    public string? LoadBest(Checkpoint checkpoint)
    {
        if (!File.Exists(BestPath)) return null;
        checkpoint.Load(BestPath);
        return BestPath;
    }

    /// <summary>The score of the best checkpoint; NaN where there is none that can be read.</summary>
    double BestScore()
    {
        if (!File.Exists(BestPath)) return double.NaN;
        try
        {
            // Wholly read: a best that is damaged, its score or its weights, is none.
            return SafeTensors.Metadata(BestPath).TryGetValue(Checkpoint.ScoreKey, out var text)
                && double.TryParse(text, CultureInfo.InvariantCulture, out var score) ? score : double.NaN;
        }
        catch (DataFileException)
        {
            return double.NaN;
        }
    }

    List<(long Number, string Path)> Numbered()
    {
        if (!Directory.Exists(_path)) return [];
        var found = new List<(long Number, string Path)>();
        foreach (var path in Directory.EnumerateFiles(_path))
            if (NumberOf(Path.GetFileName(path)) is { } number) found.Add((number, path));
        found.Sort();
        return found;
    }

    static string NameOf(long number) => string.Create(CultureInfo.InvariantCulture, $"{Prefix}{number:d8}{Suffix}");

    /// <summary>The number of a checkpoint; null for files that are not ours, whatever they look like.</summary>
    static long? NumberOf(string name)
    {
        if (!name.StartsWith(Prefix, StringComparison.Ordinal) || !name.EndsWith(Suffix, StringComparison.Ordinal)
            || name.Length <= Prefix.Length + Suffix.Length) return null;
        var digits = name.AsSpan()[Prefix.Length..^Suffix.Length];
        return long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && NameOf(number) == name ? number : null;
    }
}
