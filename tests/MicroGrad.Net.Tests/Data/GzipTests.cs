using System.IO.Compression;
using System.Text;

namespace MicroGrad.Net.Tests;

/// <summary>Packed files are read to their very end, and no further than their limit.</summary>
public sealed class GzipTests : TemporaryFiles
{
    static byte[] Idx(params byte[] values) =>
        [0, 0, 8, 1, (byte)(values.Length >> 24), (byte)(values.Length >> 16), (byte)(values.Length >> 8), (byte)values.Length, .. values];

    static byte[] Noise(int count)
    {
        var bytes = new byte[count];
        new Random(count).NextBytes(bytes);
        return bytes;
    }

    /// <summary>What each reader of packed files makes of one.</summary>
    static readonly Dictionary<string, (Func<byte[], byte[]> File, Func<string, byte[]> Read)> Readers = new()
    {
        ["IDX"] = (bytes => Idx(bytes), path => MicroGrad.Net.Idx.Read(path).Values),
        ["CSV"] = (bytes => Encoding.ASCII.GetBytes("x\n" + string.Join('\n', bytes)),
            path => [.. CsvTable.Read(path).Numbers("x").Select(x => (byte)x)]),
    };

    public static TheoryData<string> Formats => [.. Readers.Keys];

    [Theory]
    [MemberData(nameof(Formats))]
    public void Every_prefix_and_every_changed_bit_is_found(string format)
    {
        var values = Noise(30);
        var (file, read) = Readers[format];
        var packed = Gzip(file(values));
        for (var length = 1; length < packed.Length; length++)
        {
            var path = Write("cut.gz", packed[..length]);
            ErrorOf(path, () => read(path));
        }
        for (var bit = 0; bit < 8 * packed.Length; bit++)
        {
            var damaged = (byte[])packed.Clone();
            damaged[bit / 8] ^= (byte)(1 << (bit % 8));
            var path = Write("damaged.gz", damaged);
            // The date and the like mean nothing; all else is found.
            try { Assert.Equal(values, read(path)); }
            catch (DataFileException error) { Assert.StartsWith(path, error.Message); }
        }
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void What_follows_the_end_is_found(string format)
    {
        var (file, read) = Readers[format];
        var packed = Gzip(file(Noise(10)));
        foreach (var rubbish in new byte[][] { [0], [0x1F], [0x1F, 0x8B], new byte[512], packed[..10], packed[..^1], "rubbish"u8.ToArray(), Noise(70_000) })
        {
            var path = Write("longer.gz", [.. packed, .. rubbish]);
            var message = ErrorOf(path, () => read(path));
            // Rubbish that is gzip itself is more data, and too much of them.
            if (rubbish.Length != packed.Length - 1) Assert.Contains("damaged or cut off, or something else follows it", message);
        }
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void Members_may_be_joined(string format)
    {
        var values = Noise(1000);
        var (file, read) = Readers[format];
        var whole = file(values);
        Assert.Equal(values, read(Write("joined.gz", [.. Gzip(whole[..7]), .. Gzip([]), .. Gzip(whole[7..300]), .. Gzip(whole[300..])])));
        // A name, a comment, an extra field and the header's own check sum, which gzip may have.
        byte[] head = [0x1F, 0x8B, 8, 4 + 8 + 16, 0, 0, 0, 0, 0, 3, 2, 0, 1, 2, .. "name\0"u8, .. "comment\0"u8];
        Assert.Equal(values, read(Write("named.gz", [.. head, .. Gzip(whole)[10..]])));
    }

    [Fact]
    public void Ends_may_be_anywhere_in_a_buffer()
    {
        // Noise does not shrink, so that the ends of the members meet those of buffers of 8 kB and 64 kB.
        foreach (var near in new[] { 8192, 65536 })
            for (var length = near - 70; length < near + 10; length++)
            {
                var values = Noise(length);
                Assert.Equal(values, MicroGrad.Net.Idx.Read(Write("a.gz", Gzip(Idx(values)))).Values);
                if (length % 8 != 0) continue;
                var path = Write("b.gz", [.. Gzip(Idx(values)), 0]);
                ErrorOf(path, () => MicroGrad.Net.Idx.Read(path));
            }
    }

    [Fact]
    public void A_bomb_costs_little_and_a_caller_can_allow_it()
    {
        const int Length = 300_000_000;
        var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Optimal, leaveOpen: true))
        {
            gzip.Write([0, 0, 8, 1, Length >> 24, Length >> 16 & 255, Length >> 8 & 255, Length & 255]);
            var zeros = new byte[1_000_000];
            for (var i = 0; i < Length / zeros.Length; i++) gzip.Write(zeros);
        }
        var path = Write("bomb.idx.gz", packed.ToArray());
        var before = GC.GetAllocatedBytesForCurrentThread();
        var message = ErrorOf(path, () => MicroGrad.Net.Idx.Read(path));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1_000_000);
        Assert.Contains($"{packed.Length} packed bytes that unpack to more than 268435456", message);
        Assert.Contains("maxBytes", message);

        // One that does not say how much it has.
        Assert.Contains("unpack to more than 1000000", ErrorOf(path, () => DataFile.ReadAll(path, maxBytes: 1_000_000)));
        before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Throws<DataFileException>(() => DataFile.ReadAll(path, maxBytes: 1_000_000));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 4_000_000);
        Assert.Throws<ArgumentOutOfRangeException>(() => DataFile.ReadAll(path, maxBytes: -1));
    }

    [Theory]
    [InlineData(107, null)]
    [InlineData(108, 100)]
    [InlineData(long.MaxValue, 100)]
    [InlineData(0, null)]
    public void The_limit_is_the_last_length_allowed(long maxBytes, int? expected)
    {
        var path = Write("small.gz", Gzip(Idx(Noise(100))));
        if (expected is { } count)
        {
            Assert.Equal(count, MicroGrad.Net.Idx.Read(path, maxBytes).Values.Length);
            Assert.Equal(8 + count, DataFile.ReadAll(path, maxBytes).Length);
            return;
        }
        Assert.Contains("maxBytes", ErrorOf(path, () => MicroGrad.Net.Idx.Read(path, maxBytes)));
        Assert.Contains("maxBytes", ErrorOf(path, () => DataFile.ReadAll(path, maxBytes)));
        // A file that is not packed is what it is.
        Assert.Equal(100, MicroGrad.Net.Idx.Read(Write("plain", Idx(Noise(100))), maxBytes).Values.Length);
    }
}
