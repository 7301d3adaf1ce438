using System.Buffers;

namespace MicroGrad.Net;

/// <summary>Writes a file so that a crash at any moment leaves the old one or the complete new one.</summary>
static class NewFile
{
    const string Ending = ".tmp";

    static readonly SearchValues<char> RandomCharacters =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789");

    /// <summary>Writes beside the path, to the disk, and then takes the name, one step for the file system.</summary>
    public static void Write(string path, Action<Stream> write)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var unfinished = $"{path}.{Path.GetRandomFileName()}{Ending}";
        try
        {
            using var stream =
                new FileStream(unfinished, FileMode.CreateNew, FileAccess.Write, FileShare.Read | FileShare.Delete);
            write(stream);
            stream.Flush(flushToDisk: true);
            // While it is open, so that nobody takes it for left over.
            File.Move(unfinished, path, overwrite: true);
        }
        finally
        {
            if (File.Exists(unfinished)) File.Delete(unfinished);
        }
        var name = Path.GetFileName(path);
        RemoveLeftOver(Path.GetDirectoryName(Path.GetFullPath(path))!, target => target == name);
    }

    /// <summary>
    /// Deletes the unfinished files that runs left when they were killed, and none that is being written: its writer
    /// holds it open, and only what can be had alone is deleted.
    /// </summary>
    /// <param name="folder">Where they are.</param>
    /// <param name="isOurs">Whether the file of this name, when finished, would be one to clean up for.</param>
    public static void RemoveLeftOver(string folder, Func<string, bool> isOurs)
    {
        try
        {
            foreach (var file in new DirectoryInfo(folder).EnumerateFiles("*" + Ending))
                if (Finished(file.Name) is { } name && isOurs(name) && IsLeftOver(file)) file.Delete();
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            // Gone already, or not ours to delete: what was asked for is written all the same.
        }
    }

    /// <summary>What an unfinished file would be called when finished; null for the files of others.</summary>
    static string? Finished(string name)
    {
        // Path.GetRandomFileName gives eight letters or digits, a dot, and three.
        const int First = 8, Second = 3, Tail = 1 + First + 1 + Second;
        if (name.Length <= Tail + Ending.Length || !name.EndsWith(Ending, StringComparison.Ordinal)) return null;
        var random = name[^(Tail + Ending.Length)..^Ending.Length];
        return random[0] == '.' && random[1 + First] == '.'
            && !random.AsSpan(1, First).ContainsAnyExcept(RandomCharacters)
            && !random.AsSpan(2 + First).ContainsAnyExcept(RandomCharacters)
            ? name[..^(Tail + Ending.Length)] : null;
    }

    static bool IsLeftOver(FileInfo file)
    {
        // Empty and new: it may be made at this moment, and not be locked yet.
        if (file.Length == 0 && DateTime.UtcNow - file.LastWriteTimeUtc < TimeSpan.FromMinutes(1)) return false;
        try
        {
            using var alone = file.Open(FileMode.Open, FileAccess.ReadWrite, FileShare.None);
            return true;
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
