using System.IO.Compression;

namespace MicroGrad.Net;

/// <summary>
/// A data file read from front to back, unpacked on the way if it is gzip by its first bytes, whatever its name. Never
/// takes more memory than a small multiple of what is really there.
/// </summary>
sealed class DataFile : IDisposable
{
    readonly Stream _stream;

    DataFile(string path, Stream stream, bool packed) => (Path, _stream, Packed) = (path, stream, packed);

    public string Path { get; }

    /// <summary>Whether the file is gzip; offsets then count unpacked bytes.</summary>
    public bool Packed { get; }

    /// <summary>How many bytes were read so far.</summary>
    public long Offset { get; private set; }

    public static DataFile Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var file = new BufferedStream(File.OpenRead(path), 1 << 16);
        Span<byte> start = stackalloc byte[2];
        var packed = file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false) == 2
            && start is [0x1F, 0x8B];
        file.Position = 0;
        return new DataFile(path, packed ? new GZipStream(file, CompressionMode.Decompress) : file, packed);
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

    /// <summary>All bytes that are left.</summary>
    public byte[] ReadToEnd() => Read(long.MaxValue);

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
            throw Bad("the gzip data is damaged or cut off", problem);
        }
        return count;
    }

    public void Dispose() => _stream.Dispose();
}
