using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using System.Text.Unicode;

namespace MicroGrad.Net;

/// <summary>A file in a zip archive.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Unreadable">Why it cannot be unpacked; null where it can.</param>
/// <param name="Method">How it is packed.</param>
/// <param name="Crc">The check sum of what it unpacks to.</param>
/// <param name="Length">The length of what it unpacks to.</param>
/// <param name="PackedLength">Its length in the archive.</param>
/// <param name="Header">Where its own header is.</param>
/// <param name="Start">Where its packed bytes are.</param>
readonly record struct ZipEntry(string Name, string? Unreadable, int Method, uint Crc, long Length, long PackedLength,
    long Header, long Start);

/// <summary>
/// The directory of a zip archive (PKWARE's APPNOTE 6.3), read with distrust: the entries and the directory must lie
/// one after another without overlap, each entry must say the same of itself as the directory does, and no entry may
/// unpack to more than its packed bytes can hold.
/// </summary>
sealed class ZipDirectory : IDisposable
{
    const int Stored = 0, Deflated = 8;
    const int Encrypted = 0x2041, SizesFollow = 8, Utf8Name = 0x800;        // flags
    const int MaxRatio = 1032;          // two bits give 258 bytes: deflate can do no better
    const int EndLength = 22, LocatorLength = 20, WideEndLength = 56, EntryLength = 46, LocalLength = 30;
    const uint EndSign = 0x06054B50, LocatorSign = 0x07064B50, WideEndSign = 0x06064B50;
    const uint EntrySign = 0x02014B50, LocalSign = 0x04034B50;

    static readonly uint[] CrcTable = MakeCrcTable();

    readonly string _path;
    readonly FileStream _file;
    readonly long _length;
    readonly List<ZipEntry> _entries = [];

    ZipDirectory(string path)
    {
        (_path, _file) = (path, File.OpenRead(path));
        _length = _file.Length;
    }

    /// <summary>The entries in the order of the directory; no two have the same name.</summary>
    public IReadOnlyList<ZipEntry> Entries => _entries;

    /// <exception cref="DataFileException">The file is no zip archive, damaged, or made to deceive.</exception>
    public static ZipDirectory Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var archive = new ZipDirectory(path);
        try
        {
            archive.Read();
            return archive;
        }
        catch
        {
            archive.Dispose();
            throw;
        }
    }

    /// <summary>An entry, unpacked; to be read to its end, where its length and check sum are compared.</summary>
    public DataFile OpenEntry(ZipEntry entry)
    {
        Stream packed = new Section(_file.SafeFileHandle, entry.Start, entry.PackedLength);
        var stream = entry.Method == Stored ? packed : new DeflateStream(packed, CompressionMode.Decompress);
        return DataFile.OfEntry($"{_path}: {entry.Name}", new Checked(stream, entry), entry.Length);
    }

    /// <summary>Requires that some entries together do not unpack to more than the limit.</summary>
    public void RequireLimit(IEnumerable<ZipEntry> entries, long? maxBytes)
    {
        var limit = DataFile.Limit(maxBytes, _length);
        var (length, packed) = (0L, 0L);
        foreach (var entry in entries) (length, packed) = (length + entry.Length, packed + entry.PackedLength);
        if (length > Math.Max(limit, packed)) throw Bad(DataFile.TooLarge(limit, packed));
    }

    void Read()
    {
        var (start, end, count) = FindDirectory();
        var directory = Bytes(start, end - start);
        var names = new HashSet<string>();
        for (var at = 0; at < directory.Length;)
        {
            var (entry, next) = ReadEntry(directory, at, start);
            if (!names.Add(entry.Name)) throw Bad($"a second entry '{entry.Name}'");
            _entries.Add(entry);
            at = next;
        }
        if ((ulong)_entries.Count != count)
            throw Bad($"the directory has {_entries.Count} entries, but its end says {count}");
        RequireNoOverlap(start);
    }

    /// <summary>Where the directory is, and how many entries its end says it has.</summary>
    (long Start, long End, ulong Count) FindDirectory()
    {
        var tail = Bytes(Math.Max(0, _length - EndLength - ushort.MaxValue), Math.Min(_length, EndLength + ushort.MaxValue));
        var at = tail.Length - EndLength;
        while (at >= 0 && !(U32(tail, at) == EndSign && U16(tail, at + 20) == tail.Length - at - EndLength)) at--;
        if (at < 0)
            throw Bad("expects a zip archive, but it does not end like one: is it another file, cut off, or does "
                + "something follow it?");
        var end = _length - tail.Length + at;
        if (U16(tail, at + 4) is not (0 or ushort.MaxValue)) throw Bad(end, "the archive is in several parts");
        var (count, size, start) = ((ulong)U16(tail, at + 10), (ulong)U32(tail, at + 12), (ulong)U32(tail, at + 16));
        if (at >= LocatorLength && U32(tail, at - LocatorLength) == LocatorSign)
        {
            // What does not fit 32 bits stands in a wider record before.
            var (place, locator) = (U64(tail, at - LocatorLength + 8), end - LocatorLength);
            if (locator < WideEndLength || place > (ulong)(locator - WideEndLength))
                throw Bad(locator, "the wide end of the directory is not where it is said to be");
            end = (long)place;
            var wide = Bytes(end, WideEndLength);
            if (U32(wide, 0) != WideEndSign || U64(wide, 4) != (ulong)(locator - end - 12))
                throw Bad(end, "the wide end of the directory is damaged");
            (count, size, start) = (U64(wide, 32), U64(wide, 40), U64(wide, 48));
        }
        if (start > (ulong)end || size != (ulong)end - start)
            throw Bad(end, $"the directory is said to have {size} bytes from offset {start}, but ends at {end}");
        if (size > (ulong)Array.MaxLength) throw Bad((long)start, "the directory is too long");
        return ((long)start, end, count);
    }

    (ZipEntry Entry, int Next) ReadEntry(byte[] directory, int at, long start)
    {
        if (directory.Length - at < EntryLength || U32(directory, at) != EntrySign)
            throw Bad(start + at, "expects an entry of the directory");
        var (nameLength, extraLength) = (U16(directory, at + 28), U16(directory, at + 30));
        var next = at + EntryLength + nameLength + extraLength + U16(directory, at + 32);
        if (next > directory.Length) throw Bad(start + at, "an entry goes on after the end of the directory");
        var (flags, method, crc) = (U16(directory, at + 8), U16(directory, at + 10), U32(directory, at + 16));
        var rawName = directory.AsSpan(at + EntryLength, nameLength);
        var name = (Utf8.IsValid(rawName) ? Encoding.UTF8 : Encoding.Latin1).GetString(rawName);
        Span<ulong> wide = [U32(directory, at + 24), U32(directory, at + 20), U32(directory, at + 42)];
        if (!Widen(wide, directory.AsSpan(at + EntryLength + nameLength, extraLength)))
            throw Bad(start + at, $"the sizes of '{name}' are damaged");
        var (length, packed, header) = (wide[0], wide[1], wide[2]);
        if (header > (ulong)start || packed > (ulong)start - header)
            throw Bad(start + at, $"'{name}' does not lie before the directory");
        if (method == Stored ? length != packed : method == Deflated && length / MaxRatio > packed)
            throw Bad(start + at, $"'{name}' cannot unpack to {length} bytes from {packed}");
        var unreadable = (flags & Encrypted) != 0 ? "it is encrypted"
            : method is not (Stored or Deflated)
                ? $"it is packed by method {method}, but only 0 (stored) and 8 (deflated) can be read" : null;
        var body = RequireSame(name, rawName, (long)header, flags, method, crc, length, packed);
        return (new ZipEntry(name, unreadable, method, crc, (long)Math.Min(length, long.MaxValue), (long)packed,
            (long)header, body), next);
    }

    /// <summary>Requires that an entry says of itself what the directory says; gives the place of its bytes.</summary>
    long RequireSame(
        string name, ReadOnlySpan<byte> rawName, long at, int flags, int method, uint crc, ulong length, ulong packed)
    {
        var local = Bytes(at, Math.Min(LocalLength, _length - at));
        if (local.Length < LocalLength || U32(local, 0) != LocalSign)
            throw Bad(at, $"'{name}' is not where the directory says");
        var (nameLength, extraLength) = (U16(local, 26), U16(local, 28));
        if (nameLength + extraLength > _length - at - LocalLength) throw Bad(at, $"'{name}' is cut off");
        var rest = Bytes(at + LocalLength, nameLength + extraLength);
        Span<ulong> wide = [U32(local, 22), U32(local, 18)];
        var same = rest.AsSpan(0, nameLength).SequenceEqual(rawName)
            && ((U16(local, 6) ^ flags) & (Encrypted | SizesFollow | Utf8Name)) == 0 && U16(local, 8) == method && Widen(wide, rest.AsSpan(nameLength))
            && ((flags & SizesFollow) != 0 || (U32(local, 14) == crc && wide[0] == length && wide[1] == packed));
        return same ? at + LocalLength + rest.Length
            : throw Bad(at, $"'{name}' says something else of itself than the directory does");
    }

    /// <summary>Takes sizes that do not fit 32 bits from the extra field where they stand; false where it is bad.</summary>
    static bool Widen(Span<ulong> sizes, ReadOnlySpan<byte> extra)
    {
        const int WideSizes = 1, HeadLength = 4;
        var found = ReadOnlySpan<byte>.Empty;
        while (extra.Length >= HeadLength)
        {
            var length = U16(extra, 2);
            if (length > extra.Length - HeadLength) return false;
            if (U16(extra, 0) == WideSizes) found = extra.Slice(HeadLength, length);
            extra = extra[(HeadLength + length)..];
        }
        foreach (ref var size in sizes)
        {
            if (size != uint.MaxValue) continue;
            if (found.Length < sizeof(ulong)) return false;
            size = U64(found, 0);
            found = found[sizeof(ulong)..];
        }
        return true;
    }

    void RequireNoOverlap(long directory)
    {
        var (end, last) = (0L, "the start of the file");
        foreach (var entry in _entries.OrderBy(entry => entry.Header))
        {
            if (entry.Header < end) throw Bad(entry.Header, $"'{entry.Name}' overlaps {last}");
            (end, last) = (entry.Start + entry.PackedLength, $"'{entry.Name}'");
        }
        if (end > directory) throw Bad(directory, $"the directory overlaps {last}");
    }

    byte[] Bytes(long offset, long count)
    {
        var bytes = new byte[count];
        for (var done = 0; done < count;)
            done += RandomAccess.Read(_file.SafeFileHandle, bytes.AsSpan(done), offset + done) is > 0 and var read ? read
                : throw Bad(offset + done, "the file ends too early");
        return bytes;
    }

    DataFileException Bad(string problem) => new($"{_path}: {problem}.");

    DataFileException Bad(long offset, string problem) => Bad($"offset {offset}: {problem}");

    static ushort U16(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt16LittleEndian(bytes[at..]);

    static uint U32(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]);

    static ulong U64(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt64LittleEndian(bytes[at..]);

    public void Dispose() => _file.Dispose();

    /// <summary>What an entry unpacks to; ends only where its length and check sum are those of the directory.</summary>
    sealed class Checked(Stream unpacked, ZipEntry entry) : ForwardStream
    {
        long _length;
        uint _crc = uint.MaxValue;

        public override int Read(Span<byte> buffer)
        {
            var count = unpacked.Read(buffer);
            _length += count;
            foreach (var value in buffer[..count]) _crc = CrcTable[(byte)(_crc ^ value)] ^ (_crc >> 8);
            if (_length > entry.Length || (count == 0 && buffer.Length > 0 && (_length, ~_crc) != (entry.Length, entry.Crc)))
                throw new InvalidDataException();
            return count;
        }

        protected override void Dispose(bool disposing)
        {
            unpacked.Dispose();
            base.Dispose(disposing);
        }
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
