using System.Buffers.Binary;

namespace MicroGrad.Net.Tests;

public class IdxTests : TemporaryFiles
{
    static byte[] File(byte[] values, params uint[] sizes) => File(0x08, values, sizes);

    static byte[] File(byte type, byte[] values, params uint[] sizes)
    {
        var header = new byte[4 + 4 * sizes.Length];
        (header[2], header[3]) = (type, (byte)sizes.Length);
        for (var i = 0; i < sizes.Length; i++)
            BinaryPrimitives.WriteUInt32BigEndian(header.AsSpan(4 + 4 * i), sizes[i]);
        return [.. header, .. values];
    }

    static byte[] Counting(int count) => [.. Enumerable.Range(0, count).Select(i => (byte)(i * 37))];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Images_and_labels_come_back_plain_or_packed(bool packed)
    {
        byte[] Wrap(byte[] bytes) => packed ? Gzip(bytes) : bytes;
        var pixels = Counting(5 * 3 * 4);
        var images = Write("images", Wrap(File(pixels, 5, 3, 4)));
        var labels = Write("labels.bin", Wrap(File([0, 9, 3, 3, 1], 5)));

        var (x, y) = Idx.ReadLabelled(images, labels, classes: 10);
        Assert.Equal(Shape.Of(5, 1, 3, 4), x.Shape);
        Assert.Equal(pixels.Select(p => p / 255f), x.ToArray<float>());
        Assert.Equal([0, 9, 3, 3, 1], y);

        var (shape, values) = Idx.Read(images);
        Assert.Equal(Shape.Of(5, 3, 4), shape);
        Assert.Equal(pixels, values);
    }

    [Fact]
    public void Files_larger_than_a_read_come_back_whole()
    {
        var pixels = Counting(300_001);
        Assert.Equal(pixels, Idx.Read(Write("plain", File(pixels, 300_001))).Values);
        Assert.Equal(pixels, Idx.Read(Write("packed", Gzip(File(pixels, 300_001)))).Values);
        Assert.Equal(65_536, Idx.Read(Write("edge", File(Counting(65_536), 65_536))).Values.Length);
    }

    [Fact]
    public void A_file_without_items_is_read_as_such()
    {
        Assert.Equal(Shape.Of(0, 1, 28, 28), Idx.ReadImages(Write("none", File([], 0, 28, 28))).Shape);
        Assert.Empty(Idx.ReadLabels(Write("nothing", File([], 0))));
    }

    [Theory]
    [InlineData("", "offset 0: the file is empty, where an IDX header was expected.")]
    [InlineData("00 00 08", "offset 3: the file ends within the 4 bytes an IDX file starts with.")]
    [InlineData("89 50 08 01 00 00 00 00",
        "offset 0: expects the two zero bytes an IDX file starts with, but got 0x89 0x50.")]
    [InlineData("00 00 0D 01 00 00 00 00", "offset 2: expects type 0x08 (unsigned bytes), but got 0x0D (floats): use Idx.ReadTensor.")]
    [InlineData("00 00 77 01 00 00 00 00",
        "offset 2: 0x77 is no type that an IDX file has: 0x08, 0x09 or 0x0B to 0x0E.")]
    [InlineData("00 00 08 00", "offset 3: expects 1 to 64 dimensions, but got 0.")]
    [InlineData("00 00 08 03 00 00 00 01 00 00", "offset 10: the file ends within the sizes of its 3 dimensions.")]
    [InlineData("00 00 08 40 00 00 00 01", "offset 8: the file ends within the sizes of its 64 dimensions.")]
    [InlineData("00 00 08 41 00 00 00 01", "offset 3: expects 1 to 64 dimensions, but got 65.")]
    [InlineData("00 00 08 01 00 00 00 03 07 07",
        "offset 10: the file ends after 2 of the 3 values that its sizes [3] declare.")]
    [InlineData("00 00 08 01 00 00 00 01 07 07",
        "offset 9: the file goes on after the 1 values that its sizes [1] declare.")]
    [InlineData("00 00 08 01 FF FF FF FF 07", "offset 4: dimension 0 has size 4294967295, more than 2^31 - 1.")]
    [InlineData("00 00 08 01 7F FF FF FF 07",
        "offset 9: the file ends after 1 of the 2147483647 values that its sizes [2147483647] declare.")]
    [InlineData("00 00 08 03 00 01 00 00 00 01 00 00 00 01 00 00 07",
        "offset 4: the sizes [65536, 65536, 65536] give more than 2^31 - 1 values.")]
    [InlineData("00 00 08 04 7F FF FF FF 7F FF FF FF 7F FF FF FF 00 00 00 00",
        "offset 4: the sizes [2147483647, 2147483647, 2147483647, 0] give more than 2^31 - 1 values.")]
    [InlineData("00 00 0C 01 00 00 00 02 00 00 00 01 00 00 00",
        "offset 15: the file ends after 1 of the 2 values that its sizes [2] declare.")]
    [InlineData("00 00 0E 01 00 00 00 01 00 00 00 00 00 00 00 00 00",
        "offset 16: the file goes on after the 1 values that its sizes [1] declare.")]
    public void A_bad_file_is_one_error_with_file_offset_and_expectation(string hex, string expected)
    {
        var bytes = Convert.FromHexString(hex.Replace(" ", ""));
        var path = Write("bad.idx", bytes);
        Assert.Equal(expected, ErrorOf(path, () => Idx.Read(path)));

        if (bytes.Length == 0) return;
        var packed = Write("bad.gz", Gzip(bytes));
        var at = expected.IndexOf(": ");
        // What would be more than a limit is told before.
        Assert.Equal(expected.Insert(at, " of the unpacked data"), ErrorOf(packed, () => Idx.Read(packed, long.MaxValue)));
    }

    [Fact]
    public void Huge_headers_cost_no_memory()
    {
        var path = Write("huge", Gzip(File([1, 2, 3], 2_000_000_000)));
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Contains("after 3 of the 2000000000 values", ErrorOf(path, () => Idx.Read(path, maxBytes: 3_000_000_000)));
        Assert.Contains("unpack to more than 268435456", ErrorOf(path, () => Idx.Read(path)));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 2_000_000);
    }

    [Fact]
    public void Cut_off_or_damaged_gzip_is_an_error()
    {
        var random = new byte[100_000];
        new Random(1).NextBytes(random);
        var whole = Gzip(File(random, 100_000));
        var cut = Write("cut.gz", whole[..^5000]);
        Assert.StartsWith("offset ", ErrorOf(cut, () => Idx.Read(cut)));

        var damaged = (byte[])whole.Clone();
        for (var i = 20; i < 60; i++) damaged[i] ^= 0xA5;
        var bad = Write("damaged.gz", damaged);
        Assert.StartsWith("offset ", ErrorOf(bad, () => Idx.Read(bad)));

        var none = Write("none.gz", 0x1F, 0x8B, 1, 2, 3);
        Assert.Contains("gzip", ErrorOf(none, () => Idx.Read(none)), StringComparison.Ordinal);
    }

    [Fact]
    public void Every_prefix_of_a_file_is_an_error()
    {
        var whole = File(Counting(24), 2, 3, 4);
        var packed = Gzip(whole);
        for (var length = 0; length < whole.Length; length++)
        {
            var path = Write("prefix", whole[..length]);
            ErrorOf(path, () => Idx.Read(path));
        }
        for (var length = 0; length < packed.Length; length++)
        {
            var path = Write("prefix.gz", packed[..length]);
            ErrorOf(path, () => Idx.Read(path));
        }
    }

    public static TheoryData<byte, string, double[]> Types => new()
    {
        // the type, two values, what they are
        { 0x08, "07 FF", [7, 255] },
        { 0x09, "07 FF", [7, -1] },
        { 0x0B, "01 02 80 00", [258, -32768] },
        { 0x0C, "01 02 03 04 FF FF FF FF", [16909060, -1] },
        { 0x0D, "3F C0 00 00 FF 80 00 00", [1.5, double.NegativeInfinity] },
        { 0x0E, "40 09 21 FB 54 44 2D 18 3F B9 99 99 99 99 99 9A", [Math.PI, 0.1] },
    };

    [Theory]
    [MemberData(nameof(Types))]
    public void Every_type_of_the_format_is_read(byte type, string hex, double[] expected)
    {
        var bytes = Convert.FromHexString(hex.Replace(" ", ""));
        foreach (var packed in new[] { false, true })
        {
            byte[] Wrap(byte[] file) => packed ? Gzip(file) : file;
            Assert.Equal(expected, Idx.ReadTensor(Write("vector", Wrap(File(type, bytes, 2)))).ToDoubles());
            var images = Idx.ReadImages(Write("images", Wrap(File(type, bytes, 1, 2, 1))));
            Assert.Equal(Shape.Of(1, 1, 2, 1), images.Shape);
            Assert.Equal(type == 0x08 ? [7f / 255, 1f] : expected, images.ToDoubles());
        }
    }

    [Fact]
    public void Labels_may_be_of_any_type_but_are_whole()
    {
        Assert.Equal([70000, -100], Idx.ReadLabels(Write("ints", File(0x0C, Convert.FromHexString("00011170FFFFFF9C"), 2))));
        Assert.Equal([3], Idx.ReadLabels(Write("floats", File(0x0D, Convert.FromHexString("40400000"), 1)), classes: 4));
        var negative = Write("negative", File(0x0C, Convert.FromHexString("00000001FFFFFFFF"), 2));
        Assert.Equal("offset 12: label -1 (number 1) is not in 0..9.", ErrorOf(negative, () => Idx.ReadLabels(negative, classes: 10)));
        foreach (var (hex, text) in new[] { ("3FC00000", "1.5"), ("7FC00000", "NaN"), ("4F000000", "2147483648") })
        {
            var path = Write("broken", File(0x0D, Convert.FromHexString("3F800000" + hex), 2));
            Assert.Equal($"offset 12: label {text} (number 1) is no whole number.", ErrorOf(path, () => Idx.ReadLabels(path)));
        }
    }

    [Fact]
    public void Images_for_labels_and_labels_for_images_are_errors()
    {
        var images = Write("images", File(new byte[4], 1, 2, 2));
        var labels = Write("labels", File([5], 1));
        Assert.Equal("offset 3: expects 3 dimensions (images), but got 1 dimension (labels).",
            ErrorOf(labels, () => Idx.ReadImages(labels)));
        Assert.Equal("offset 3: expects 1 dimension (labels), but got 3 dimensions (images).",
            ErrorOf(images, () => Idx.ReadLabels(images)));
    }

    [Fact]
    public void Counts_that_differ_and_labels_out_of_range_are_errors()
    {
        var images = Write("images", File(new byte[8], 2, 2, 2));
        var three = Write("three", File([1, 2, 3], 3));
        var error = ErrorOf(images, () => Idx.ReadLabelled(images, three));
        Assert.Equal($"offset 4: 2 images, but {three} has 3 labels: do the two files belong together?", error);

        var ten = Write("ten", File([1, 10], 2));
        Assert.Equal("offset 9: label 10 (number 1) is not in 0..9.",
            ErrorOf(ten, () => Idx.ReadLabels(ten, classes: 10)));
        Assert.Equal("offset 9: label 10 (number 1) is not in 0..9.",
            ErrorOf(ten, () => Idx.ReadLabelled(images, ten, classes: 10)));
        Assert.Equal([1, 10], Idx.ReadLabels(ten));
        Assert.Equal([1, 10], Idx.ReadLabels(ten, classes: 11));
        Assert.Equal([1, 10], Idx.ReadLabels(ten, classes: 1000));
        Assert.Throws<ArgumentOutOfRangeException>(() => Idx.ReadLabels(ten, classes: 0));
    }

    [Fact]
    public void A_missing_file_says_which() =>
        Assert.Contains("no-such-file", Assert.Throws<FileNotFoundException>(() => Idx.Read("no-such-file")).Message);

    [Theory]
    [InlineData("train", 60000, 33.3184, new[] { 5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949 })]
    [InlineData("t10k", 10000, 33.7912, new[] { 980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009 })]
    public void Mnist_is_what_its_readme_says(string part, int count, double meanPixel, int[] perClass)
    {
        var folder = Path.Combine(Shared.Require("data"), "mnist");
        var (images, labels) = Idx.ReadLabelled(Path.Combine(folder, $"{part}-images-idx3-ubyte.gz"),
            Path.Combine(folder, $"{part}-labels-idx1-ubyte.gz"), classes: 10);
        Assert.Equal(Shape.Of(count, 1, 28, 28), images.Shape);
        double sum = 0;
        foreach (var pixel in images.AsSpan<float>()) sum += pixel;
        Assert.Equal(meanPixel, 255 * sum / images.Length, 5e-5);
        Assert.Equal(perClass, Enumerable.Range(0, 10).Select(c => labels.Count(label => label == c)));
    }
}
