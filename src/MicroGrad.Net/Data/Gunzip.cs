using System.IO.Compression;

namespace MicroGrad.Net;

/// <summary>
/// Unpacks gzip of one or more members (RFC 1952), and ends only where the last one is complete and nothing follows.
/// </summary>
sealed class Gunzip(Stream file) : ForwardStream
{
    // A gzip stream that is cut off, or goes on with something else, ends for .NET like one that is complete. So a
    // known member is put after the file's own, and must come out last: what has come out is held back by its length.
    static readonly byte[] Mark = [.. "end of the file\0"u8];
    static readonly byte[] PackedMark = Pack(Mark);

    readonly GZipStream _unpacked = new(new Joined(file, PackedMark), CompressionMode.Decompress);
    readonly byte[] _held = new byte[1 << 16];
    int _start, _end;

    /// <exception cref="InvalidDataException">The data do not unpack, not to what their check sum says, are cut off, or
    /// something else follows them.</exception>
    public override int Read(Span<byte> buffer)
    {
        while (_end - _start <= Mark.Length)
        {
            var held = _held.AsSpan(_start, _end - _start);
            held.CopyTo(_held);
            (_start, _end) = (0, held.Length);
            var more = _unpacked.Read(_held.AsSpan(_end));
            if (more == 0) return _held.AsSpan(0, _end).SequenceEqual(Mark) ? 0 : throw new InvalidDataException();
            _end += more;
        }
        var count = Math.Min(buffer.Length, _end - _start - Mark.Length);
        _held.AsSpan(_start, count).CopyTo(buffer);
        _start += count;
        return count;
    }

    static byte[] Pack(byte[] bytes)
    {
        var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest)) gzip.Write(bytes);
        return packed.ToArray();
    }

    protected override void Dispose(bool disposing)
    {
        _unpacked.Dispose();
        base.Dispose(disposing);
    }
}
