using System.Text;

namespace MicroGrad.Net.Tests;

public class NpyTests : TemporaryFiles
{
    // Written by NumPy 1.24.2: np.array([[1.5, -2], [3, 4e-45]], dtype='<f4')
    const string Matrix =
        "k05VTVBZAQB2AHsnZGVzY3InOiAnPGY0JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDIsIDIpLCB9ICAg"
        + "ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAMA/AAAAwAAAQEADAAAA";

    // np.float64(np.pi)
    const string Pi =
        "k05VTVBZAQB2AHsnZGVzY3InOiAnPGY4JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKCksIH0gICAgICAg"
        + "ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoYLURU+yEJQA==";

    // np.asfortranarray(np.arange(6, dtype='>i4').reshape(2, 3))
    const string Fortran =
        "k05VTVBZAQB2AHsnZGVzY3InOiAnPmk0JywgJ2ZvcnRyYW5fb3JkZXInOiBUcnVlLCAnc2hhcGUnOiAoMiwgMyksIH0gICAg"
        + "ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAAAAAAAAAwAAAAEAAAAE"
        + "AAAAAgAAAAU=";

    // np.savez_compressed(a=np.array([True, False]), b=np.arange(40, dtype='f8') / 4)
    const string Archive =
        "UEsDBBQAAAAIAAAAIQDuGbtdRgAAAIIAAAAFABQAYS5ucHkBABAAggAAAAAAAABGAAAAAAAAAJvsF+obEMnIUMZQrZ6SWpxc"
        + "pG6loF6TZKiuo6Cell9UUpSYF59flJIKEndLzClOBYoXZyQWpAL5GkY6mjoKtQoUAC5GBgBQSwMEFAAAAAgAAAAhAJrm5I2q"
        + "AAAAwAEAAAUAFABiLm5weQEAEADAAQAAAAAAAKoAAAAAAAAAnci9CwFhAMfxhyRJ8v7+8mB4qBsMBkm5yUYWg0mXu8sgdCeL"
        + "lP/BP+ZPMBoNBoMB3Xex+i2fvr/zeDqazHxiLw7KtNyFo3pS9e2u0qSyN87OMdbzjWNa339orFzr87tLY2t9utlpay1NHuX/"
        + "C4ufXQaeV7zhHR/4xBcK3cOPAQxiCMMYwSjGMI4JTGIK05jBLOYwjwUsYgnLWMEqSs8TihqNok6jaNAN/Q1QSwECFAMUAAAA"
        + "CAAAACEA7hm7XUYAAACCAAAABQAAAAAAAAAAAAAAgAEAAAAAYS5ucHlQSwECFAMUAAAACAAAACEAmubkjaoAAADAAQAABQAA"
        + "AAAAAAAAAAAAgAF9AAAAYi5ucHlQSwUGAAAAAAIAAgBmAAAAXgEAAAAA";

    static byte[] Bytes(string base64) => Convert.FromBase64String(base64);

    static byte[] Npy(string header, byte[] values, byte version = 1)
    {
        var text = Encoding.UTF8.GetBytes(header + "\n");
        byte[] length = version == 1 ? [(byte)text.Length, (byte)(text.Length >> 8)]
            : [(byte)text.Length, (byte)(text.Length >> 8), 0, 0];
        return [0x93, .. "NUMPY"u8, version, 0, .. length, .. text, .. values];
    }

    static string Header(string type, string shape, string columns = "False") =>
        $"{{'descr': '{type}', 'fortran_order': {columns}, 'shape': {shape}, }}";

    [Fact]
    public void Files_of_NumPy_are_read_and_written_byte_for_byte()
    {
        var path = Write("a.npy", Bytes(Matrix));
        var matrix = MicroGrad.Net.Npy.Load(path);
        Assert.Equal(Shape.Of(2, 2), matrix.Shape);
        Assert.Equal([1.5f, -2, 3, 4e-45f], matrix.ToArray<float>());
        MicroGrad.Net.Npy.Save(path, matrix);
        Assert.Equal(Bytes(Matrix), File.ReadAllBytes(path));

        var pi = MicroGrad.Net.Npy.Load(Write("pi.npy", Bytes(Pi)));
        Assert.Equal(Shape.Scalar, pi.Shape);
        Assert.Equal([Math.PI], pi.ToArray<double>());
        MicroGrad.Net.Npy.Save(path, pi);
        Assert.Equal(Bytes(Pi), File.ReadAllBytes(path));

        Numbers.Equal([2, 3], [0, 1, 2, 3, 4, 5], MicroGrad.Net.Npy.Load(Write("f.npy", Bytes(Fortran))));
    }

    [Fact]
    public void Archives_of_NumPy_are_read()
    {
        var tensors = Npz.Load(Write("a.npz", Bytes(Archive)));
        Assert.Equal(["a", "b"], tensors.Keys);
        Numbers.Equal([2], [1, 0], tensors["a"]);
        Numbers.Equal([40], [.. Enumerable.Range(0, 40).Select(i => i / 4.0)], tensors["b"]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Archives_come_back_with_every_bit(bool compress)
    {
        var path = Write("all.npz");
        var tensors = new Dictionary<string, Tensor>
        {
            ["noise"] = Tensor.Normal([70, 300], rng: new Rng(1)),
            ["zeros"] = Tensor.Zeros([100, 100], DType.Float64),
            ["layer/weight"] = Tensor.From([3], [double.NaN, -0.0, double.Epsilon]),
            ["none"] = Tensor.Zeros([0, 3]), ["scalar"] = Tensor.Scalar(2), ["é"] = Tensor.Ones([1, 1, 1]),
        };
        Npz.Save(path, tensors, compress);
        var first = File.ReadAllBytes(path);
        var loaded = Npz.Load(path);
        Assert.Equal(tensors.Keys, loaded.Keys);
        foreach (var (name, tensor) in tensors) Numbers.SameBits(tensor, loaded[name]);
        Npz.Save(path, tensors, compress);
        Assert.Equal(first, File.ReadAllBytes(path));
    }

    [Theory]
    [InlineData("<f2", "003C00C0", new[] { 1.0, -2 })]
    [InlineData(">f2", "3C00C000", new[] { 1.0, -2 })]
    [InlineData(">f4", "3FC00000", new[] { 1.5 })]
    [InlineData(">f8", "BFF8000000000000", new[] { -1.5 })]
    [InlineData(">i8", "FFFFFFFFFFFFFFFF", new[] { -1.0 })]
    [InlineData("<i2", "0080", new[] { -32768.0 })]
    [InlineData("|u1", "00FF", new[] { 0.0, 255 })]
    [InlineData("|i1", "80", new[] { -128.0 })]
    [InlineData("|b1", "0100", new[] { 1.0, 0 })]
    [InlineData("<u4", "FFFFFFFF", new[] { 4294967295.0 })]
    public void Types_and_byte_orders(string type, string hex, double[] expected)
    {
        foreach (byte version in new[] { 1, 2, 3 })
        {
            var path = Write("typed.npy", Npy(Header(type, $"({expected.Length},)"), Convert.FromHexString(hex), version));
            Assert.Equal(expected, MicroGrad.Net.Npy.Load(path).ToDoubles());
        }
    }

    [Fact]
    public void Columns_first_of_three_axes_and_odd_but_legal_headers()
    {
        // value = 100i + 10j + k, i running fastest
        var values = from k in Enumerable.Range(0, 2) from j in Enumerable.Range(0, 3) from i in Enumerable.Range(0, 2) select (byte)(100 * i + 10 * j + k);
        var path = Write("f.npy", Npy("{ \"shape\" :(2L, 3L,2L),'fortran_order':True,'descr':'|u1'}", [.. values]));
        Numbers.Equal([2, 3, 2], [0, 1, 10, 11, 20, 21, 100, 101, 110, 111, 120, 121], MicroGrad.Net.Npy.Load(path));
    }

    public static TheoryData<string, string> BadHeaders => new()
    {
        { Header("<f4", "(3,)"), "offset 68: the shape [3] wants 12 bytes of values, but 8 follow." },
        { Header("<f4", "(1,)"), "wants 4 bytes of values, but 8 follow" },
        { Header("<f4", "(4294967298,)"), "expects sizes from 0 to 2^31 - 1" },
        { Header("<f4", "(-2,)"), "expects sizes from 0 to 2^31 - 1" },
        { Header("<f4", "(65536, 65536, 65536, 65536)"), "more than the 2^31 - 1 elements" },
        { Header("<f4", "(2147483647,)"), "wants 8589934588 bytes" },
        { Header("<f4", $"({string.Concat(Enumerable.Repeat("1,", 65))})"), "more than the 64 axes" },
        { Header("<f4", "(2 2)"), "expects ')'" },
        { Header("<f4", "2"), "expects '('" },
        { Header("<c8", "(1,)"), "the type '<c8' cannot be read: only f2" },
        { Header("|O", "(1,)"), "the type '|O' cannot be read" },
        { Header("", "(1,)"), "the type '' cannot be read" },
        { Header("<f4", "(2,)", "Maybe"), "expects True or False" },
        { "{'descr': [('x', '<f4')], 'fortran_order': False, 'shape': (2,)}", "the values are records, not numbers" },
        { "{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (2,)}", "but got 'descr'" },
        { "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), 'x': 1}", "but got 'x'" },
        { "{'descr': '<f4', 'shape': (2,)}", "lacks its fortran_order" },
        { "{'descr': '<f4', 'fortran_order': False, 'shape': (2,)", "expects '}'" },
        { "{'descr': '<f4", "never closed" },
        { "", "expects '{'" },
        { Header("<f4", "(2,)") + "x", "goes on after its dictionary" },
    };

    [Theory]
    [MemberData(nameof(BadHeaders))]
    public void A_bad_header_is_one_error(string header, string expected) =>
        Assert.Contains(expected, ErrorWithoutMemory(Write("bad.npy", Npy(header, new byte[8]))));

    [Fact]
    public void Bad_beginnings_and_every_prefix_are_errors()
    {
        var whole = Bytes(Matrix);
        for (var length = 0; length < whole.Length; length++) ErrorWithoutMemory(Write("prefix.npy", whole[..length]));
        ErrorWithoutMemory(Write("longer.npy", [.. whole, 0]));
        Assert.Contains("\\x93NUMPY", ErrorWithoutMemory(Write("text.npy", "this is no .npy file")));
        Assert.Contains("but got 4.0", ErrorWithoutMemory(Write("new.npy", Npy(Header("<f4", "(2,)"), new byte[8], version: 4))));
        byte[] huge = [.. whole[..6], 2, 0, 0xFF, 0xFF, 0xFF, 0x7F, .. whole[12..]];
        Assert.Contains("a header of 2147483647 bytes is longer than", ErrorWithoutMemory(Write("huge.npy", huge)));
    }

    [Fact]
    public void Damaged_archives_are_one_error_that_costs_no_memory()
    {
        var whole = Bytes(Archive);
        for (var length = 0; length < whole.Length; length += 7)
            Assert.Throws<DataFileException>(() => Npz.Load(Write("prefix.npz", whole[..length])));
        var found = 0;
        for (var at = 0; at < whole.Length; at++)
        {
            var damaged = (byte[])whole.Clone();
            damaged[at] ^= 0x41;
            var path = Write("damaged.npz", damaged);
            var before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                var tensors = Npz.Load(path);
                // Dates and flags do not matter; values must be right.
                Assert.All(tensors.Values, tensor => Assert.True(tensor.Length is 2 or 40));
            }
            catch (DataFileException error)
            {
                Assert.StartsWith(path, error.Message);
                found++;
            }
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1_000_000);
        }
        Assert.True(found > whole.Length / 2);
    }

    [Fact]
    public void An_archive_of_other_things_is_an_error()
    {
        var path = Write("other.npz");
        using (var archive = System.IO.Compression.ZipFile.Open(path + "2", System.IO.Compression.ZipArchiveMode.Create))
            archive.CreateEntry("readme.txt");
        Assert.Contains("has 'readme.txt'", Assert.Throws<DataFileException>(() => Npz.Load(path + "2")).Message);
        Assert.Throws<DataFileException>(() => Npz.Load(path));
    }

    [Fact]
    public void What_is_no_array_of_numbers_is_passed_over_and_listed()
    {
        var path = Write("mixed.npz");
        using (var archive = System.IO.Compression.ZipFile.Open(path + "2", System.IO.Compression.ZipArchiveMode.Create))
            foreach (var (name, bytes) in new (string, byte[])[]
            {
                ("x.npy", Npy(Header("<f4", "(1,)"), [0, 0, 0x80, 0x3F])), ("names.npy", Npy(Header("<U2", "(2,)"), new byte[16])),
                ("objects.npy", Npy(Header("|O", "(1,)"), [0x80, 4, 0x4E, 0x2E])), ("c.npy", Npy(Header("<c8", "(1,)"), new byte[8])),
                ("records.npy", Npy("{'descr': [('x', '<f4')], 'fortran_order': False, 'shape': (2,), }", new byte[8])),
                ("large.npy", Npy(Header(">i8", "(2,)"), Convert.FromHexString("00200000000000000020000000000001"))),
                ("readme.txt", "hello"u8.ToArray()), ("y.npy", Npy(Header("|u1", "(2,)"), [3, 4])),
            })
            {
                using var entry = archive.CreateEntry(name).Open();
                entry.Write(bytes);
            }
        path += "2";
        var tensors = Npz.Load(path);
        Assert.Equal(["x", "y"], tensors.Keys);
        Assert.Equal([3, 4], tensors["y"].ToDoubles());
        Assert.Equal(["names", "objects", "c", "records", "large", "readme.txt"], tensors.Skipped.Keys);
        Assert.Contains("'names' cannot be read: offset ", ErrorOf(path, () => _ = tensors["names"]));
        Assert.Contains("the type '<U2' cannot be read: only f2", tensors.Skipped["names"]);
        Assert.Contains("records, not numbers", tensors.Skipped["records"]);
        Assert.Contains("value 1 is 9007199254740993", tensors.Skipped["large"]);
    }

    static string ErrorWithoutMemory(string path)
    {
        var message = ErrorOf(path, () => MicroGrad.Net.Npy.Load(path));
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Throws<DataFileException>(() => MicroGrad.Net.Npy.Load(path));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 300_000);
        return message;
    }
}
