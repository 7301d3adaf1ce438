using Microsoft.Win32.SafeHandles;

namespace MicroGrad.Net;

/// <summary>A stream that can be read from front to back, and nothing else.</summary>
abstract class ForwardStream : Stream
{
    public sealed override bool CanRead => true;

    public sealed override bool CanSeek => false;

    public sealed override bool CanWrite => false;

    public sealed override long Length => throw new NotSupportedException();

    public sealed override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public abstract override int Read(Span<byte> buffer);

    public sealed override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public sealed override void Flush()
    {
    }

    public sealed override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public sealed override void SetLength(long value) => throw new NotSupportedException();

    public sealed override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}

/// <summary>A stream, and some bytes after its end.</summary>
sealed class Joined(Stream first, byte[] then) : ForwardStream
{
    readonly MemoryStream _then = new(then);

    public override int Read(Span<byte> buffer) =>
        first.Read(buffer) is > 0 and var count ? count : _then.Read(buffer);

    protected override void Dispose(bool disposing)
    {
        first.Dispose();
        base.Dispose(disposing);
    }
}

/// <summary>A part of a file, which stays open.</summary>
sealed class Section(SafeFileHandle file, long start, long length) : ForwardStream
{
    long _done;

    public override int Read(Span<byte> buffer)
    {
        var most = (int)Math.Min(buffer.Length, length - _done);
        var count = RandomAccess.Read(file, buffer[..most], start + _done);
        _done += count;
        return count;
    }
}
