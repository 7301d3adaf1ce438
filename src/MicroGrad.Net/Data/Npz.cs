using System.IO.Compression;

namespace MicroGrad.Net;

/// <summary>
/// Named tensors in a file of NumPy's format .npz, as <c>numpy.savez</c> and <c>numpy.load</c> have it: a zip archive
/// of .npy files.
/// </summary>
public static class Npz
{
    const string Suffix = ".npy";

    static readonly DateTimeOffset Epoch = new(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);     // of zip: same data, same bytes

    /// <summary>Writes tensors with their names. A crash on the way leaves the file that was there before.</summary>
    /// <param name="path">The file.</param>
    /// <param name="tensors">The tensors by name.</param>
    /// <param name="compress">Whether to compress, which rarely helps: trained weights look like noise.</param>
    public static void Save(string path, IReadOnlyDictionary<string, Tensor> tensors, bool compress = false) =>
        NewFile.Write(path, stream =>
        {
            using var archive = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true);
            foreach (var (name, tensor) in tensors)
            {
                var entry = archive.CreateEntry(
                    name + Suffix, compress ? CompressionLevel.Optimal : CompressionLevel.NoCompression);
                entry.LastWriteTime = Epoch;
                using var values = entry.Open();
                Npy.Write(values, tensor);
            }
        });

    /// <summary>
    /// The tensors of a file by name; number types as <see cref="Npy.Load"/>. Entries that no tensor can hold, such as
    /// texts, are passed over and listed in <see cref="NamedTensors.Skipped"/>.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="maxBytes">The most bytes that packed entries may unpack to; if null, 256 MB or a hundred times their
    /// packed length, whichever is more.</param>
    /// <exception cref="DataFileException">The file is damaged, cut off or no archive of .npy files, or unpacks to more
    /// than <paramref name="maxBytes"/>; the message names the entry, the place and what was expected.</exception>
    public static NamedTensors Load(string path, long? maxBytes = null)
    {
        using var archive = ZipDirectory.Open(path);
        if (archive.Entries.Count > 0 && !archive.Entries.Any(IsArray))
            throw new DataFileException($"{path}: expects .npy entries, but has '{archive.Entries[0].Name}'"
                + (archive.Entries[0].Name.EndsWith("/data.pkl", StringComparison.Ordinal)
                    ? ": is it of PyTorch? Save it there with safetensors.torch.save_file." : "."));
        archive.RequireLimit(archive.Entries.Where(entry => IsArray(entry) && entry.Unreadable is null), maxBytes);
        var tensors = new NamedTensors(path);
        foreach (var entry in archive.Entries)
            if (!IsArray(entry)) tensors.Add(entry.Name, null, "it is no .npy file");
            else if (entry.Unreadable is { } reason) tensors.Add(NameOf(entry), null, reason);
            else
            {
                using var file = archive.OpenEntry(entry);
                var tensor = Npy.Read(file, out var problem);
                file.Skip();            // to its end, where its check sum is compared
                tensors.Add(NameOf(entry), tensor, problem);
            }
        return tensors;
    }

    static bool IsArray(ZipEntry entry) => entry.Name.EndsWith(Suffix, StringComparison.Ordinal);

    static string NameOf(ZipEntry entry) => entry.Name[..^Suffix.Length];
}
