using System.Buffers.Binary;
using System.Text;

namespace MicroGrad.Net.Tests.Training;

public class SafeTensorsTests : TemporaryFiles
{
    static byte[] File(string header, params byte[] values)
    {
        var json = Encoding.UTF8.GetBytes(header);
        var length = new byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)json.Length);
        return [.. length, .. json, .. values];
    }

    static byte[] Hex(string hex) => Convert.FromHexString(hex.Replace(" ", ""));

    static void SameBits(Tensor expected, Tensor actual)
    {
        Assert.Equal(expected.Shape, actual.Shape);
        Assert.Equal(expected.DType, actual.DType);
        if (expected.DType == DType.Float32)
            Assert.Equal(Array.ConvertAll(expected.ToArray<float>(), BitConverter.SingleToUInt32Bits),
                Array.ConvertAll(actual.ToArray<float>(), BitConverter.SingleToUInt32Bits));
        else
            Assert.Equal(Array.ConvertAll(expected.ToArray<double>(), BitConverter.DoubleToUInt64Bits),
                Array.ConvertAll(actual.ToArray<double>(), BitConverter.DoubleToUInt64Bits));
    }

    [Fact]
    public void A_file_has_the_bytes_of_the_specification()
    {
        var path = Write("golden");
        SafeTensors.Save(path, new Dictionary<string, Tensor>
        {
            ["b"] = Tensor.From([2], [1f, -2f]),
            ["a"] = Tensor.From([], [0.5f]),
            ["z"] = Tensor.From([1], [1.0]),
        }, new Dictionary<string, string> { ["by"] = "\"me\" é" });
        // Doubles first, then by name; the header is filled with spaces to a multiple of 8.
        const string Header = """
            {"__metadata__":{"by":"\"me\" é"},"z":{"dtype":"F64","shape":[1],"data_offsets":[0,8]},"a":{"dtype":"F32","shape":[],"data_offsets":[8,12]},"b":{"dtype":"F32","shape":[2],"data_offsets":[12,20]}}
            """;
        var padded = Header + new string(' ', -Encoding.UTF8.GetByteCount(Header) & 7);
        Assert.Equal(File(padded, Hex("00 00 00 00 00 00 F0 3F  00 00 00 3F  00 00 80 3F  00 00 00 C0")),
            System.IO.File.ReadAllBytes(path));

        var loaded = SafeTensors.Load(path, out var metadata);
        Assert.Equal("\"me\" é", Assert.Single(metadata).Value);
        Assert.Equal(["z", "a", "b"], loaded.Keys);
        Assert.Equal([1f, -2f], loaded["b"].ToArray<float>());
    }

    [Fact]
    public void All_bits_come_back_those_of_NaN_too()
    {
        var singles = Tensor.From([3, 2], [BitConverter.UInt32BitsToSingle(0x7FC12345), BitConverter.UInt32BitsToSingle(0xFF800001),
            float.NegativeZero, float.Epsilon, float.PositiveInfinity, float.MaxValue]);
        var doubles = Tensor.From([2, 1, 2], [BitConverter.UInt64BitsToDouble(0x7FF8DEADBEEF0001), -0.0, double.Epsilon, Math.PI]);
        var large = Tensor.Normal([123, 457], rng: new Rng(1));       // more than a chunk
        var tensors = new Dictionary<string, Tensor>
        {
            ["singles"] = singles, ["doubles"] = doubles, ["large"] = large, ["large64"] = large.To(DType.Float64),
            ["none"] = Tensor.Zeros([0]), ["nothing"] = Tensor.Zeros([3, 0, 2], DType.Float64), ["scalar"] = Tensor.Scalar(7),
            ["ключ \"\\ \n 🔑"] = Tensor.Ones([1, 1]), [""] = Tensor.Ones([2]),
        };
        var path = Write("all");
        SafeTensors.Save(path, tensors);
        var loaded = SafeTensors.Load(path, out var metadata);
        Assert.Empty(metadata);
        Assert.Equal(tensors.Keys.Order(), loaded.Keys.Order());
        foreach (var (name, tensor) in tensors) SameBits(tensor, loaded[name]);
        Assert.Equal(0ul, BinaryPrimitives.ReadUInt64LittleEndian(System.IO.File.ReadAllBytes(path)) % 8);

        SafeTensors.Save(path, new Dictionary<string, Tensor>());
        Assert.Equal(File("{}      "), System.IO.File.ReadAllBytes(path));
        Assert.Empty(SafeTensors.Load(path));
    }

    [Theory]
    [InlineData("F16", "00 3C 00 C0 01 00 FF 7B 00 FC", DType.Float32, new[] { 1, -2, 5.9604644775390625e-8, 65504, double.NegativeInfinity })]
    [InlineData("BF16", "80 3F 00 C0 80 7F", DType.Float32, new[] { 1, -2, double.PositiveInfinity })]
    [InlineData("BOOL", "00 01 02", DType.Float32, new[] { 0.0, 1, 1 })]
    [InlineData("U8", "00 FF", DType.Float32, new[] { 0.0, 255 })]
    [InlineData("I8", "80 7F", DType.Float32, new[] { -128.0, 127 })]
    [InlineData("U16", "FF FF", DType.Float32, new[] { 65535.0 })]
    [InlineData("I16", "00 80", DType.Float32, new[] { -32768.0 })]
    [InlineData("U32", "FF FF FF FF", DType.Float64, new[] { 4294967295.0 })]
    [InlineData("I32", "FF FF FF FF 00 00 00 80", DType.Float64, new[] { -1.0, -2147483648.0 })]
    [InlineData("U64", "FF FF FF FF FF FF 1F 00", DType.Float64, new[] { 9007199254740991.0 })]
    [InlineData("I64", "FE FF FF FF FF FF FF FF", DType.Float64, new[] { -2.0 })]
    public void Other_types_are_read_without_changing_a_value(string type, string hex, DType dtype, double[] expected)
    {
        var path = Write("typed", File(
            $$$"""{"x":{"dtype":"{{{type}}}","shape":[{{{expected.Length}}}],"data_offsets":[0,{{{Hex(hex).Length}}}]}}""", Hex(hex)));
        var x = SafeTensors.Load(path)["x"];
        Assert.Equal(dtype, x.DType);
        Assert.Equal(expected, x.ToDoubles());
    }

    [Theory]
    [InlineData("I64", "0000000000002000", 9007199254740992.0)]
    [InlineData("I64", "FFFFFFFFFFFF1F00", 9007199254740991.0)]
    [InlineData("I64", "010000000000E0FF", -9007199254740991.0)]
    [InlineData("I64", "0000000000000080", -9223372036854775808.0)]
    [InlineData("I64", "0000000000000040", 4611686018427387904.0)]
    [InlineData("U64", "0000000000000080", 9223372036854775808.0)]
    [InlineData("U64", "00F8FFFFFFFFFFFF", 18446744073709549568.0)]
    [InlineData("I64", "0100000000002000", null, "9007199254740993")]
    [InlineData("I64", "FFFFFFFFFFFFDFFF", null, "-9007199254740993")]
    [InlineData("I64", "FFFFFFFFFFFFFF7F", null, "9223372036854775807")]
    [InlineData("U64", "FFFFFFFFFFFFFFFF", null, "18446744073709551615")]
    [InlineData("U64", "FFFFFFFFFFFFFF7F", null, "9223372036854775807")]
    public void A_large_whole_number_is_exact_or_passed_over(string type, string hex, double? expected, string? text = null)
    {
        var header = $$$"""{"x":{"dtype":"{{{type}}}","shape":[2],"data_offsets":[0,16]},"y":{"dtype":"U8","shape":[1],"data_offsets":[16,17]}}""";
        var path = Write("big", File(header, Hex("0100000000000000" + hex + "07")));
        var tensors = SafeTensors.Load(path);
        Assert.Equal(7, tensors["y"].Item());
        if (expected is { } value) Assert.Equal([1, value], tensors["x"].ToDoubles());
        else Assert.Equal($"'x' cannot be read: offset {8 + header.Length + 8}: value 1 is {text}, which a tensor cannot hold exactly.",
            ErrorOf(path, () => _ = tensors["x"]));
    }

    [Theory]
    [InlineData("F8_E4M3", 3)]
    [InlineData("F8_E5M2", 3)]
    [InlineData("C64", 24)]
    [InlineData("F4", 2)]
    [InlineData("made up", 5)]
    public void A_tensor_of_another_type_is_passed_over_and_listed(string type, int length)
    {
        var path = Write("other", File(
            $$$"""{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"x":{"dtype":"{{{type}}}","shape":[3],"data_offsets":[1,{{{1 + length}}}]},"b":{"dtype":"U8","shape":[2],"data_offsets":[{{{1 + length}}},{{{3 + length}}}]}}""",
            [7, .. new byte[length], 8, 9]));
        var tensors = SafeTensors.Load(path);
        Assert.Equal(["a", "b"], tensors.Keys);
        Assert.Equal([8, 9], tensors["b"].ToDoubles());
        Assert.StartsWith($"it has the dtype '{type}', but only F64, F32", Assert.Single(tensors.Skipped).Value);
        Assert.StartsWith($"'x' cannot be read: it has the dtype '{type}'", ErrorOf(path, () => _ = tensors["x"]));
        Assert.Contains("no tensor 'y'. It has a, b.", Assert.Throws<KeyNotFoundException>(() => tensors["y"]).Message);
        Assert.False(tensors.ContainsKey("x") || tensors.TryGetValue("x", out _));
        Assert.Contains("x skipped: ", tensors.ToString());
    }

    [Fact]
    public void The_texts_of_a_file_can_be_saved_again()
    {
        var path = Write("again");
        new Linear(2, 2).Save(path);
        var tensors = SafeTensors.Load(path, out var metadata);
        Assert.Equal("pt", Assert.Single(metadata).Value);
        SafeTensors.Save(path, tensors, metadata);
        Assert.Equal(2, SafeTensors.Load(path).Count);
        Assert.Throws<ArgumentException>(() => SafeTensors.Save(path, tensors, new Dictionary<string, string> { [SafeTensors.CheckSumKey] = "1" }));
    }

    const string Good = """{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"U8","shape":[3],"data_offsets":[8,11]}}""";

    public static TheoryData<string, string, string> BadHeaders => new()
    {
        // what is wrong, the header, the error
        { "no JSON", "hello", "the header is not valid JSON" },
        { "no object", "[1]", "offset 8: expects the header to be a JSON object." },
        { "empty", "", "the header is not valid JSON" },
        { "cut", Good[..^1], "the header is not valid JSON" },
        { "more after it", Good + "x", "the header is not valid JSON" },
        { "two objects", Good + "{}", "the header is not valid JSON" },
        { "comment", "/**/" + Good, "the header is not valid JSON" },
        { "lone surrogate", Good.Replace("\"a\"", "\"\\ud800\""), "the header is not valid JSON" },
        { "duplicate name", Good.Replace("\"b\"", "\"a\""), "a second entry 'a'" },
        { "duplicate by escape", Good.Replace("\"b\"", "\"\\u0061\""), "a second entry 'a'" },
        { "duplicate key", Good.Replace("\"shape\":[2]", "\"shape\":[2],\"shape\":[2]"), "a second shape of 'a'" },
        { "duplicate dtype", Good.Replace("\"U8\"", "\"U8\",\"dtype\":\"U8\""), "a second dtype of 'b'" },
        { "unknown key", Good.Replace("\"U8\"", "\"U8\",\"strides\":[1]"), "but got 'strides'" },
        { "entry is no object", """{"a":3}""", "offset 13: expects an object for 'a'." },
        { "missing dtype", Good.Replace("\"dtype\":\"U8\",", ""), "'b' lacks its dtype" },
        { "missing shape", Good.Replace("\"shape\":[3],", ""), "'b' lacks its shape" },
        { "missing offsets", Good.Replace(",\"data_offsets\":[8,11]", ""), "'b' lacks its data_offsets" },
        { "dtype is a number", Good.Replace("\"U8\"", "8"), "expects a string for the dtype of 'b'" },
        { "another dtype", Good.Replace("U8", "I16"), "'b' is I16 [3] and so has 6 bytes, but its data_offsets [8, 11] have 3" },
        { "another shape", Good.Replace("[3]", "[4]"), "'b' is U8 [4] and so has 4 bytes" },
        { "negative size", Good.Replace("[3]", "[-3]"), "expects sizes from 0 to 2^31 - 1 in the shape of 'b'" },
        { "huge size", Good.Replace("[3]", "[4294967299]"), "expects sizes from 0 to 2^31 - 1" },
        { "size is no whole number", Good.Replace("[3]", "[3.0]"), "expects sizes from 0 to 2^31 - 1" },
        { "size is a string", Good.Replace("[3]", "[\"3\"]"), "expects sizes from 0 to 2^31 - 1" },
        { "sizes that overflow", Good.Replace("[3]", "[65536,65536,65536,65536]"), "more than the 2^31 - 1 elements" },
        { "sizes that overflow 64 bits", Good.Replace("[3]", "[2147483647,2147483647,2147483647,3]"), "more than the 2^31 - 1 elements" },
        { "too many axes", Good.Replace("[3]", $"[3{string.Concat(Enumerable.Repeat(",1", 64))}]"), "more than the 64 axes" },
        { "nested too deep", Good.Replace("[3]", new string('[', 100) + "3" + new string(']', 100)), "'b'" },
        { "negative offset", Good.Replace("[0,8]", "[-8,0]"), "expects two whole numbers" },
        { "offsets backwards", Good.Replace("[8,11]", "[11,8]"), "expects two whole numbers" },
        { "offset too large", Good.Replace("[8,11]", "[9223372036854775808,9223372036854775811]"), "expects two whole numbers" },
        { "one offset", Good.Replace("[8,11]", "[8]"), "expects two whole numbers" },
        { "three offsets", Good.Replace("[8,11]", "[8,11,12]"), "expects two whole numbers" },
        { "overlap", Good.Replace("[8,11]", "[7,10]"), "'b' begins at byte 7 of the values and overlaps 'a', which ends at 8" },
        { "the same place", Good.Replace("[3]", "[8]").Replace("[8,11]", "[0,8]"), "overlaps" },
        { "gap", Good.Replace("[8,11]", "[9,12]"), "'b' begins at byte 9 of the values, but 'a' before it ends at 8: a gap" },
        { "gap at the start", Good.Replace("[0,8]", "[100,108]"), "a gap" },
        { "out of range", Good.Replace("[3]", "[300000000]").Replace("[8,11]", "[8,300000008]"), "the file ends after 11 of the 300000008 bytes" },
        { "values without a tensor", """{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", "the file goes on after the 8 bytes" },
        { "metadata is no object", """{"__metadata__":"x"}""", "expects an object for __metadata__" },
        { "metadata is no string", """{"__metadata__":{"x":1}}""", "expects a string for 'x' in __metadata__" },
        { "metadata twice", """{"__metadata__":{},"__metadata__":{}}""", "a second entry '__metadata__'" },
        { "metadata key twice", """{"__metadata__":{"x":"1","x":"1"}}""", "a second 'x' in __metadata__" },
    };

    [Theory]
    [MemberData(nameof(BadHeaders))]
    public void A_bad_header_is_one_error(string what, string header, string expected)
    {
        var path = Write($"{what}.safetensors", File(header, new byte[11]));
        Assert.Contains(expected, ErrorWithoutMemory(path));
    }

    [Fact]
    public void The_good_header_is_good() =>
        Assert.Equal(2, SafeTensors.Load(Write("good", File(Good, new byte[11]))).Count);

    [Fact]
    public void Lengths_that_cannot_be_are_found_before_memory_is_taken()
    {
        Assert.Contains("has 0 bytes, but a safetensors file starts with 8", ErrorWithoutMemory(Write("a")));
        Assert.Contains("has 7 bytes, but", ErrorWithoutMemory(Write("b", 1, 2, 3, 4, 5, 6, 7)));
        Assert.Contains("offset 0: a header of 18446744073709551615 bytes is longer than 100 MB",
            ErrorWithoutMemory(Write("c", [.. Enumerable.Repeat((byte)255, 8)])));
        Assert.Contains("offset 0: a header of 90000000 bytes does not fit in the 8 bytes of the file",
            ErrorWithoutMemory(Write("d", Hex("80 4A 5D 05 00 00 00 00"))));
        Assert.Contains("offset 8: the header is not UTF-8", ErrorWithoutMemory(Write("e", Hex("02 00 00 00 00 00 00 00 FF FE"))));
    }

    [Fact]
    public void Every_prefix_of_a_file_is_an_error()
    {
        var whole = File(Good, new byte[11]);
        for (var length = 0; length < whole.Length; length++) ErrorWithoutMemory(Write("prefix", whole[..length]));
    }

    [Fact]
    public void Any_changed_byte_of_a_header_gives_tensors_or_one_error()
    {
        var whole = File(Good, new byte[11]);
        for (var at = 0; at < whole.Length - 11; at++)
            foreach (var value in "\0\"{}[],:0129-eaé"u8)
            {
                var changed = (byte[])whole.Clone();
                changed[at] = value;
                var path = Write("changed", changed);
                try
                {
                    SafeTensors.Load(path);
                }
                catch (DataFileException error)
                {
                    Assert.StartsWith($"{path}: offset ", error.Message);
                }
            }
    }

    [Fact]
    public void What_cannot_be_written_is_refused_and_leaves_the_old_file()
    {
        var path = Write("old", 1, 2, 3);
        Assert.Throws<ArgumentException>(() => SafeTensors.Save(path, new Dictionary<string, Tensor> { ["__metadata__"] = Tensor.Ones([1]) }));
        Assert.Throws<ArgumentException>(() => SafeTensors.Save(path, new Dictionary<string, Tensor> { ["\ud800"] = Tensor.Ones([1]) }));
        Assert.Equal([1, 2, 3], System.IO.File.ReadAllBytes(path));
        Assert.Throws<InvalidOperationException>(() => NewFile.Write(path, stream =>
        {
            stream.Write([9, 9]);
            throw new InvalidOperationException("the disk is full");
        }));
        Assert.Equal([1, 2, 3], System.IO.File.ReadAllBytes(path));
        Assert.Equal([path], Directory.GetFiles(Path.GetDirectoryName(path)!));
    }

    static string ErrorWithoutMemory(string path)
    {
        const int Much = 300_000;
        var message = ErrorOf(path, () => SafeTensors.Load(path));
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Throws<DataFileException>(() => SafeTensors.Load(path));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, Much);
        return message;
    }
}
