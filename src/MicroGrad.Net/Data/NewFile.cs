namespace MicroGrad.Net;

/// <summary>Writes a file so that a crash at any moment leaves the old one or the complete new one.</summary>
static class NewFile
{
    /// <summary>What the names of unfinished files end with.</summary>
    public const string Unfinished = ".tmp";

    /// <summary>Writes beside the path, to the disk, and then takes the name, one step for the file system.</summary>
    public static void Write(string path, Action<Stream> write)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var unfinished = $"{path}.{Path.GetRandomFileName()}{Unfinished}";
        try
        {
            using (var stream = new FileStream(unfinished, FileMode.CreateNew))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }
            File.Move(unfinished, path, overwrite: true);
        }
        finally
        {
            if (File.Exists(unfinished)) File.Delete(unfinished);
        }
    }
}
