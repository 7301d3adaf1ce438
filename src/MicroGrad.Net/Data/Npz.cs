using System.IO.Compression;

namespace MicroGrad.Net;

/// <summary>
/// Named tensors in a file of NumPy's format .npz, as <c>numpy.savez</c> and <c>numpy.load</c> have it: a zip archive
/// of .npy files.
/// </summary>
public static class Npz
{
    const string Suffix = ".npy";

    static readonly DateTimeOffset Epoch = new(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);      // of zip: equal data, equal bytes
    static readonly uint[] CrcTable = MakeCrcTable();

    /// <summary>Writes tensors with their names. A crash on the way leaves the file that was there before.</summary>
    /// <param name="path">The file.</param>
    /// <param name="tensors">The tensors by name.</param>
    /// <param name="compress">Whether to compress the values, which rarely helps: trained weights look like noise.</param>
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

    /// <summary>The tensors of a file by name; number types as <see cref="Npy.Load"/>.</summary>
    /// <exception cref="DataFileException">The file is damaged, cut off or no archive of .npy files; the message names
    /// the entry, the place and what was expected.</exception>
    public static IReadOnlyDictionary<string, Tensor> Load(string path)
    {
        try
        {
            using var archive = ZipFile.OpenRead(path);
            var tensors = new Dictionary<string, Tensor>();
            foreach (var entry in archive.Entries)
            {
                if (!entry.FullName.EndsWith(Suffix, StringComparison.Ordinal))
                    throw new DataFileException($"{path}: expects .npy entries, but has '{entry.FullName}'.");
                if (!tensors.TryAdd(entry.FullName[..^Suffix.Length], Read(path, entry)))
                    throw new DataFileException($"{path}: a second entry '{entry.FullName}'.");
            }
            return tensors;
        }
        catch (InvalidDataException problem)
        {
            throw new DataFileException($"{path}: expects a zip archive, but: {problem.Message}", problem);
        }
    }

    static Tensor Read(string path, ZipArchiveEntry entry)
    {
        var name = $"{path}: {entry.FullName}";
        // Nothing large is taken on the word of a header: the entry is unpacked once to see what is really there.
        using (var file = DataFile.OfEntry(name, entry.Open(), entry.Length)) NpyHeader.Read(file);
        using (var file = DataFile.OfEntry(name, entry.Open(), entry.Length)) RequireCheckSum(file, entry.Crc32);
        using (var file = DataFile.OfEntry(name, entry.Open(), entry.Length)) return Npy.Read(file);
    }

    static void RequireCheckSum(DataFile file, uint expected)
    {
        var buffer = new byte[1 << 14];
        var crc = uint.MaxValue;
        while (file.Offset < file.Length)
        {
            var bytes = buffer.AsSpan(0, (int)Math.Min(buffer.Length, file.Length - file.Offset));
            file.ReadExactly(bytes);
            foreach (var value in bytes) crc = CrcTable[(byte)(crc ^ value)] ^ (crc >> 8);
        }
        if (~crc != expected) throw file.Bad("the values do not have the check sum of the archive: the file is damaged");
    }

    static uint[] MakeCrcTable()
    {
        const uint Polynomial = 0xEDB88320;
        var table = new uint[256];
        for (uint i = 0; i < table.Length; i++)
        {
            var crc = i;
            for (var bit = 0; bit < 8; bit++) crc = (crc & 1) == 0 ? crc >> 1 : (crc >> 1) ^ Polynomial;
            table[i] = crc;
        }
        return table;
    }
}
