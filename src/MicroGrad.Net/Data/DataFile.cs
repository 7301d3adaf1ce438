using System.Security.Cryptography;

namespace MicroGrad.Net;

/// <summary>
/// A data file read from front to back, unpacked on the way if it is gzip by its first bytes, whatever its name. Takes
/// no more memory than a small multiple of what is really there, and unpacks no more than its limit.
/// </summary>
sealed class DataFile : IDisposable
{
    // More than both is a bomb: real data shrink to a tenth, tables of few different cells to a fiftieth.
    const long UsualLength = 256L << 20;
    const int UsualRatio = 100;

    readonly Stream _stream;
    readonly long _limit;

    DataFile(string path, Stream stream, long length, bool packed = false, long limit = long.MaxValue) =>
        (Path, _stream, Length, Packed, _limit) = (path, stream, length, packed, limit);

    public string Path { get; }

    /// <summary>Whether the file is gzip; offsets then count unpacked bytes.</summary>
    public bool Packed { get; }

    /// <summary>How many bytes were read so far.</summary>
    public long Offset { get; private set; }

    /// <summary>How many bytes there are; of a file that is packed, before unpacking.</summary>
    public long Length { get; }

    /// <summary>Takes in every byte that is read from now on.</summary>
    public IncrementalHash? Hash { get; set; }

    /// <summary>A file that may be packed.</summary>
    /// <param name="path">The file.</param>
    /// <param name="maxBytes">The most bytes it may unpack to; if null, <see cref="Limit"/> says.</param>
    public static DataFile Open(string path, long? maxBytes = null) => Unpacked(OpenPlain(path), maxBytes);

    /// <summary>The whole of a stream from its position on, unpacked if it is packed; the stream stays open.</summary>
    public static byte[] ReadAll(string name, Stream stream, long? maxBytes)
    {
        // Kept, since its first bytes are looked at before they are read.
        using var bytes = new MemoryStream();
        stream.CopyTo(bytes);
        bytes.Position = 0;
        using var file = Unpacked(new DataFile(name, bytes, bytes.Length), maxBytes);
        return file.Read(long.MaxValue);
    }

    static DataFile Unpacked(DataFile file, long? maxBytes)
    {
        Span<byte> start = stackalloc byte[2];
        var packed = file._stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false) == 2
            && start is [0x1F, 0x8B];
        file._stream.Position = 0;
        return packed
            ? new DataFile(file.Path, new Gunzip(file._stream), file.Length, packed, Limit(maxBytes, file.Length))
            : file;
    }

    /// <summary>A file that is read as it is, whatever its first bytes.</summary>
    public static DataFile OpenPlain(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var file = new BufferedStream(File.OpenRead(path), 1 << 16);
        return new DataFile(path, file, file.Length);
    }

    /// <summary>An entry of an archive, which has a stream of its own; offsets count from its start.</summary>
    public static DataFile OfEntry(string path, Stream entry, long length) => new(path, entry, length);

    /// <summary>The whole of a file, unpacked.</summary>
    /// <inheritdoc cref="Open"/>
    public static byte[] ReadAll(string path, long? maxBytes = null)
    {
        using var file = Open(path, maxBytes);
        return file.Read(long.MaxValue);
    }

    /// <summary>
    /// The most bytes that packed data may unpack to: what the caller says, or else 256 MB, or a hundred times their
    /// own length where that is more.
    /// </summary>
    public static long Limit(long? maxBytes, long packedLength)
    {
        if (maxBytes < 0) Throw.OutOfRange("Reading a file", nameof(maxBytes), maxBytes.Value, "0 or more");
        return maxBytes ?? Math.Max(UsualLength, UsualRatio * packedLength);
    }

    /// <summary>What is said where the limit is passed.</summary>
    public static string TooLarge(long limit, long packedLength) =>
        $"{packedLength} packed bytes that unpack to more than {limit}: if they are no mistake, allow it with a larger "
        + "maxBytes";

    /// <summary>The next bytes, up to <paramref name="most"/>; fewer only where the file ends.</summary>
    /// <exception cref="DataFileException">They are more than the limit, or damaged.</exception>
    public byte[] Read(long most)
    {
        const int FirstGuess = 1 << 16;
        // One more than the limit shows that there are more. Whoever names a number is believed before any is read.
        if (most != long.MaxValue && most > _limit - Offset) throw Bad(TooLarge(_limit, Length));
        most = Math.Min(most, _limit == long.MaxValue ? _limit : _limit - Offset + 1);
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

    /// <summary>Whether there are no more bytes; if there are, takes one.</summary>
    public bool IsAtEnd() => Fill(stackalloc byte[1]) == 0;

    /// <summary>Reads on and keeps nothing, up to <paramref name="most"/> bytes.</summary>
    public void Skip(long most = long.MaxValue)
    {
        Span<byte> buffer = stackalloc byte[1 << 12];
        for (var count = 1; most > 0 && count > 0; most -= count)
            count = Fill(buffer[..(int)Math.Min(most, buffer.Length)]);
    }

    /// <summary>The error that the file is bad at the present offset: <paramref name="problem"/> says how.</summary>
    public DataFileException Bad(string problem, Exception? inner = null) => Bad(Offset, problem, inner);

    /// <summary>The error that the file is bad at an offset: <paramref name="problem"/> says how.</summary>
    public DataFileException Bad(long offset, string problem, Exception? inner = null) =>
        new($"{Path}: {At(offset, problem)}.", inner);

    /// <summary>A problem, with its offset before it.</summary>
    public string At(long offset, string problem) =>
        $"offset {offset}{(Packed ? " of the unpacked data" : "")}: {problem}";

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
            throw Bad(Packed ? "the gzip data is damaged or cut off, or something else follows it"
                : "the packed data is damaged: it does not unpack to what the archive says, or not to its check sum",
                problem);
        }
        if (Offset > _limit) throw Bad(TooLarge(_limit, Length));
        Hash?.AppendData(bytes[..count]);
        return count;
    }

    public void Dispose()
    {
        Hash?.Dispose();
        _stream.Dispose();
    }
}
