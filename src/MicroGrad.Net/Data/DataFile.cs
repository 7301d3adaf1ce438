using System.IO.Compression;

namespace MicroGrad.Net;

/// <summary>
/// A data file read from front to back, unpacked on the way if it is gzip by its first bytes, whatever its name. Never
/// takes more memory than a small multiple of what is really there.
/// </summary>
sealed class DataFile : IDisposable
{
    // A gzip stream that is cut off ends, for .NET, like one that is complete. So a known last member is put after
    // the file's own, and must come out at the end; gzip streams may be joined like that (RFC 1952, 2.2).
    static readonly byte[] Mark = [.. "end of the file\0"u8];
    static readonly byte[] PackedMark = Pack(Mark);

    const string CutOff = "the gzip data is damaged or cut off";

    readonly Stream _stream;

    DataFile(string path, Stream stream, bool packed, long length) =>
        (Path, _stream, Packed, Length) = (path, stream, packed, length);

    public string Path { get; }

    /// <summary>Whether the file is gzip; offsets then count unpacked bytes.</summary>
    public bool Packed { get; }

    /// <summary>How many bytes were read so far.</summary>
    public long Offset { get; private set; }

    /// <summary>How many bytes there are; of a file that is packed, before unpacking.</summary>
    public long Length { get; }

    public static DataFile Open(string path)
    {
        var file = OpenStream(path, out var packed);
        return new DataFile(path, packed ? new GZipStream(file, CompressionMode.Decompress) : file, packed, file.Length);
    }

    /// <summary>A file that is read as it is, whatever its first bytes.</summary>
    public static DataFile OpenPlain(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var file = new BufferedStream(File.OpenRead(path), 1 << 16);
        return new DataFile(path, file, packed: false, file.Length);
    }

    /// <summary>An entry of an archive, which has a stream of its own; offsets count from its start.</summary>
    public static DataFile OfEntry(string path, Stream entry, long length) => new(path, entry, packed: false, length);

    /// <summary>The whole of a file, unpacked.</summary>
    public static byte[] ReadAll(string path)
    {
        using var file = OpenStream(path, out var packed);
        if (!packed)
        {
            using var plain = new DataFile(path, file, packed, file.Length);
            return plain.Read(long.MaxValue);
        }
        var marked = new MemoryStream();
        file.CopyTo(marked);
        marked.Write(PackedMark);
        marked.Position = 0;
        using var unpacked =
            new DataFile(path, new GZipStream(marked, CompressionMode.Decompress), packed, marked.Length);
        var bytes = unpacked.Read(long.MaxValue);
        if (!bytes.AsSpan().EndsWith(Mark)) throw unpacked.Bad(CutOff);
        return bytes[..^Mark.Length];
    }

    static BufferedStream OpenStream(string path, out bool packed)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var file = new BufferedStream(File.OpenRead(path), 1 << 16);
        Span<byte> start = stackalloc byte[2];
        packed = file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false) == 2 && start is [0x1F, 0x8B];
        file.Position = 0;
        return file;
    }

    /// <summary>The next bytes, up to <paramref name="most"/>; fewer only where the file ends.</summary>
    public byte[] Read(long most)
    {
        const int FirstGuess = 1 << 16;
        var bytes = new byte[Math.Min(most, FirstGuess)];
        var count = 0;
        while (true)
        {
            var read = Fill(bytes.AsSpan(count));
            count += read;
            if (count < bytes.Length || count == most) return count == bytes.Length ? bytes : bytes[..count];
            if (count == Array.MaxLength) throw Bad("more than 2 GB, which is more than is read at once");
            // Doubled only once it was full: a header that promises too much costs nothing.
            Array.Resize(ref bytes, (int)Math.Min(Math.Min(most, Array.MaxLength), 2L * count));
        }
    }

    /// <summary>The next bytes, all of them.</summary>
    /// <exception cref="DataFileException">The file ends before.</exception>
    public void ReadExactly(Span<byte> bytes)
    {
        var count = Fill(bytes);
        if (count < bytes.Length) throw Bad($"the file ends {bytes.Length - count} bytes too early");
    }

    /// <summary>The error that the file is bad at the present offset: <paramref name="problem"/> says how.</summary>
    public DataFileException Bad(string problem, Exception? inner = null) => Bad(Offset, problem, inner);

    /// <summary>The error that the file is bad at an offset: <paramref name="problem"/> says how.</summary>
    public DataFileException Bad(long offset, string problem, Exception? inner = null) =>
        new($"{Path}: offset {offset}{(Packed ? " of the unpacked data" : "")}: {problem}.", inner);

    int Fill(Span<byte> bytes)
    {
        var count = 0;
        try
        {
            while (count < bytes.Length && _stream.Read(bytes[count..]) is > 0 and var read)
            {
                count += read;
                Offset += read;
            }
        }
        catch (InvalidDataException problem)
        {
            throw Bad(Packed ? CutOff : "the packed data is damaged or cut off", problem);
        }
        return count;
    }

    static byte[] Pack(byte[] bytes)
    {
        var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest)) gzip.Write(bytes);
        return packed.ToArray();
    }

    public void Dispose() => _stream.Dispose();
}
