using System.Buffers.Binary;
using System.IO.Compression;

namespace MicroGrad.Net.Tests.Study;

public sealed class PngTests
{
    [Fact]
    public void The_pixels_are_those_given_and_every_chunk_has_its_check_sum()
    {
        byte[] pixels = [.. Enumerable.Range(0, 3 * 2 * 4).Select(i => (byte)(10 * i))];
        var file = Png.Encode(width: 3, height: 2, pixels);
        Assert.Equal([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10], file[..8]);
        List<string> kinds = [];
        byte[] packed = [];
        for (var at = 8; at < file.Length;)
        {
            var length = BinaryPrimitives.ReadInt32BigEndian(file.AsSpan(at));
            var kind = System.Text.Encoding.ASCII.GetString(file, at + 4, 4);
            kinds.Add(kind);
            if (kind == "IHDR") Assert.Equal([0, 0, 0, 3, 0, 0, 0, 2, 8, 6, 0, 0, 0], file[(at + 8)..(at + 21)]);
            if (kind == "IDAT") packed = file[(at + 8)..(at + 8 + length)];
            // The check sum that every PNG file ends with.
            if (kind == "IEND") Assert.Equal([0xae, 0x42, 0x60, 0x82], file[^4..]);
            at += 12 + length;
        }
        Assert.Equal(["IHDR", "IDAT", "IEND"], kinds);
        using var rows = new MemoryStream();
        using (var zlib = new ZLibStream(new MemoryStream(packed), CompressionMode.Decompress)) zlib.CopyTo(rows);
        Assert.Equal([0, .. pixels[..12], 0, .. pixels[12..]], rows.ToArray());
    }
}
