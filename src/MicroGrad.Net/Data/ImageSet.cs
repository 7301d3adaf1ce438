namespace MicroGrad.Net;

/// <summary>A public set of labelled images in four IDX files, each with its check sum.</summary>
sealed class ImageSet(string name, IReadOnlyList<string> mirrors, IReadOnlyDictionary<string, string> checkSums,
    Func<string, string> checkSum)
{
    const int Classes = 10;
    const string Packed = ".gz";

    public (Tensor Images, int[] Labels) Load(
        string? folder, bool train, IProgress<DownloadProgress>? progress, CancellationToken cancellation)
    {
        var part = train ? "train" : "t10k";
        return Idx.ReadLabelled(Locate($"{part}-images-idx3-ubyte"), Locate($"{part}-labels-idx1-ubyte"), Classes);

        string Locate(string file) => folder is not null ? Find(folder, file)
            : Fetch(file, CacheFolder(name), progress, cancellation);
    }

    /// <summary>Downloads a file into a folder, unless it is there; gives its path.</summary>
    string Fetch(string file, string folder, IProgress<DownloadProgress>? progress, CancellationToken cancellation)
    {
        var target = Path.Combine(folder, file + Packed);
        var download = new Download(target, [.. mirrors.Select(mirror => new Uri(mirror + file + Packed))],
            path => IsGood(path, checkSums[file])) { Progress = progress };
        // On the thread pool, so that a caller with a synchronisation context is not waited for by itself.
        Task.Run(() => download.FetchAsync(cancellation), cancellation).GetAwaiter().GetResult();
        return target;
    }

    bool IsGood(string path, string expected)
    {
        try
        {
            return checkSum(path) == expected;
        }
        catch (DataFileException)
        {
            return false;
        }
    }

    static string Find(string folder, string file)
    {
        // Unpacked by some tools to t10k-images.idx3-ubyte.
        var dotted = file.Replace("-idx", ".idx", StringComparison.Ordinal);
        return new[] { file, file + Packed, dotted, dotted + Packed }.Select(found => Path.Combine(folder, found))
            .FirstOrDefault(File.Exists) ?? throw new DataFileException($"{Path.Combine(folder, file)}: expects this "
                + $"file or {dotted}, plain or {Packed}, but neither is there.");
    }

    static string CacheFolder(string name) => Path.Combine(
        Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.Create),
        "MicroGrad.Net", name);
}
