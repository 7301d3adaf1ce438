using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace MicroGrad.Net.Tests;

/// <summary>Archives that are not what they seem: each is refused, by name and at little cost.</summary>
public sealed class ZipTests : TemporaryFiles
{
    /// <summary>An entry as it is written, to be changed before it is.</summary>
    sealed record Entry(string Name, byte[] Unpacked, bool Deflate = false)
    {
        public byte[] Packed { get; set; } = Deflate ? Deflated(Unpacked) : Unpacked;
        public byte[] RawName { get; set; } = Encoding.UTF8.GetBytes(Name);
        public ushort Flags { get; set; }
        public ushort Method { get; set; } = (ushort)(Deflate ? 8 : 0);
        public uint Crc { get; set; } = CrcOf(Unpacked);
        public ulong Length { get; set; } = (ulong)Unpacked.Length;
        public ulong? PackedLength { get; set; }
        public ulong? Offset { get; set; }
        public bool Wide { get; set; }
        public byte[] Descriptor { get; set; } = [];
        public Action<byte[]> ChangeLocal { get; set; } = _ => { };
    }

    static byte[] Deflated(byte[] bytes)
    {
        var packed = new MemoryStream();
        using (var deflate = new DeflateStream(packed, CompressionLevel.Optimal, leaveOpen: true)) deflate.Write(bytes);
        return packed.ToArray();
    }

    static uint CrcOf(byte[] bytes)
    {
        var crc = uint.MaxValue;
        foreach (var value in bytes)
        {
            crc ^= value;
            for (var bit = 0; bit < 8; bit++) crc = (crc >> 1) ^ (0xEDB88320 & (0 - (crc & 1)));
        }
        return ~crc;
    }

    static byte[] Array(params byte[] values)
    {
        var header = $"{{'descr': '|u1', 'fortran_order': False, 'shape': ({values.Length},), }}".PadRight(117) + "\n";
        return [0x93, .. "NUMPY"u8, 1, 0, (byte)header.Length, 0, .. Encoding.ASCII.GetBytes(header), .. values];
    }

    /// <summary>An archive by APPNOTE 6.3, built field by field; wide sizes in extra fields and in a wide end.</summary>
    static byte[] Archive(IEnumerable<Entry> entries, byte[]? comment = null, int? count = null, bool wideEnd = false, ulong? directoryStart = null)
    {
        var (file, directory, written) = (new MemoryStream(), new MemoryStream(), 0);
        foreach (var entry in entries)
        {
            written++;
            var (offset, packed) = (entry.Offset ?? (ulong)file.Length, entry.PackedLength ?? (ulong)entry.Packed.Length);
            byte[] U16(int value) => [(byte)value, (byte)(value >> 8)];
            byte[] U32(ulong value) => BitConverter.GetBytes(entry.Wide ? uint.MaxValue : (uint)value);
            byte[] extra = entry.Wide ? [1, 0, 24, 0, .. BitConverter.GetBytes(entry.Length), .. BitConverter.GetBytes(packed), .. BitConverter.GetBytes(offset)] : [];
            byte[] localExtra = entry.Wide ? [9, 9, 1, 0, 7, 1, 0, 16, 0, .. extra[4..20]] : [];
            var follow = (entry.Flags & 8) != 0;
            byte[] local =
            [
                .. "PK\u0003\u0004"u8, 20, 0, .. U16(entry.Flags), .. U16(entry.Method), 0, 0, 0x21, 0, .. BitConverter.GetBytes(follow ? 0 : entry.Crc),
                .. follow ? [0, 0, 0, 0, 0, 0, 0, 0] : (byte[])[.. U32(packed), .. U32(entry.Length)], .. U16(entry.RawName.Length), .. U16(localExtra.Length),
                .. entry.RawName, .. localExtra,
            ];
            entry.ChangeLocal(local);
            file.Write([.. local, .. entry.Packed, .. entry.Descriptor]);
            directory.Write(
            [
                .. "PK\u0001\u0002"u8, 20, 0, 20, 0, .. U16(entry.Flags), .. U16(entry.Method), 0, 0, 0x21, 0, .. BitConverter.GetBytes(entry.Crc),
                .. U32(packed), .. U32(entry.Length), .. U16(entry.RawName.Length), .. U16(extra.Length), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, .. U32(offset),
                .. entry.RawName, .. extra,
            ]);
        }
        var start = directoryStart ?? (ulong)file.Length;
        var end = (ulong)file.Length + (ulong)directory.Length;
        file.Write(directory.ToArray());
        if (wideEnd)
            file.Write(
            [
                .. "PK\u0006\u0006"u8, 44, 0, 0, 0, 0, 0, 0, 0, 45, 0, 45, 0, 0, 0, 0, 0, 0, 0, 0, 0, .. BitConverter.GetBytes((ulong)(count ?? written)),
                .. BitConverter.GetBytes((ulong)(count ?? written)), .. BitConverter.GetBytes((ulong)directory.Length), .. BitConverter.GetBytes(start),
                .. "PK\u0006\u0007"u8, 0, 0, 0, 0, .. BitConverter.GetBytes(end), 1, 0, 0, 0,
            ]);
        byte[] counts = [(byte)(count ?? written), (byte)((count ?? written) >> 8)];
        file.Write(
        [
            .. "PK\u0005\u0006"u8, 0, 0, 0, 0, .. wideEnd ? [255, 255] : counts, .. wideEnd ? [255, 255] : counts,
            .. BitConverter.GetBytes(wideEnd ? uint.MaxValue : (uint)directory.Length), .. BitConverter.GetBytes(wideEnd ? uint.MaxValue : (uint)start),
            (byte)(comment?.Length ?? 0), (byte)((comment?.Length ?? 0) >> 8), .. comment ?? [],
        ]);
        return file.ToArray();
    }

    static Entry A(bool deflate = false) => new("a.npy", Array(1, 2, 3), deflate);

    static Entry B(bool deflate = false) => new("b.npy", Array([.. new byte[200]]), deflate);

    string Refused(byte[] archive, string expected)
    {
        var path = Write("bad.npz", archive);
        var message = ErrorOf(path, () => Npz.Load(path));
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Throws<DataFileException>(() => Npz.Load(path));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 500_000);
        Assert.Contains(expected, message);
        return message;
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public void A_sound_archive_is_read(bool deflate, bool wide)
    {
        var (a, b) = (A(deflate), B(deflate));
        (a.Wide, b.Wide) = (wide, wide);
        var path = Write("good.npz", Archive([a, b], "PK\u0005\u0006 a comment that looks like an end"u8.ToArray(), wideEnd: wide));
        var tensors = Npz.Load(path);
        Assert.Equal([1, 2, 3], tensors["a"].ToDoubles());
        Assert.Equal(new double[200], tensors["b"].ToDoubles());
        Assert.Empty(tensors.Skipped);
        Assert.Empty(Npz.Load(Write("empty.npz", Archive([]))));

        // Sizes that follow the data, as a program writes that cannot go back.
        (a.Flags, a.Descriptor) = (8, new byte[16]);
        if (!wide) Assert.Equal([1, 2, 3], Npz.Load(Write("follow.npz", Archive([a, b])))["a"].ToDoubles());
    }

    [Fact]
    public void Entries_that_overlap_are_refused()
    {
        // Two names for one body: as many as one likes would unpack to as much.
        var second = new Entry("b.npy", Array(1, 2, 3)) { Offset = 0 };
        Refused(Archive([A(), second]), "'b.npy' says something else of itself");
        var whole = Archive([A()]);
        // The second lies within the first, header and all.
        var inner = Archive([new Entry("b.npy", Array(9))]).AsSpan(0, 30 + 5 + 129).ToArray();
        var outer = new Entry("a.npy", inner);
        var within = new Entry("b.npy", Array(9)) { Offset = 30 + 5 };
        var archive = Archive([outer, within]);
        Refused(archive, "'b.npy' overlaps 'a.npy'");
        // The first goes on over the second.
        var large = A();
        large.PackedLength = large.Length = (ulong)(large.Packed.Length + 40);
        Refused(Archive([large, B()]), "'b.npy' overlaps 'a.npy'");
        // The last goes on over the directory.
        large.PackedLength = large.Length = (ulong)(large.Packed.Length + 10);
        Refused(Archive([large]), "the directory overlaps 'a.npy'");
        Assert.Single(Npz.Load(Write("whole.npz", whole)));
    }

    [Theory]
    [InlineData(long.MaxValue)]
    [InlineData(ulong.MaxValue)]
    [InlineData(1UL << 40)]
    [InlineData(300_000)]
    public void Sizes_that_cannot_be_are_refused(ulong size)
    {
        foreach (var deflate in new[] { false, true })
        {
            var entry = A(deflate);
            (entry.Wide, entry.Length) = (true, size);
            Refused(Archive([entry]), "'a.npy' cannot unpack to");
            (entry.Length, entry.PackedLength) = ((ulong)entry.Unpacked.Length, size);
            Refused(Archive([entry]), "'a.npy' does not lie before the directory");
            (entry.PackedLength, entry.Offset) = (null, size);
            Refused(Archive([entry]), "'a.npy' does not lie before the directory");
        }
        Refused(Archive([A()], directoryStart: (uint)size), "the directory is said to have");
        Refused(Archive([A()], wideEnd: true, directoryStart: size), "the directory is said to have");
    }

    [Fact]
    public void A_bomb_is_refused_and_can_be_allowed()
    {
        var zeros = new Entry("z.npy", Array([.. new byte[250]]), Deflate: true);
        var path = Write("bomb.npz", Archive([zeros, zeros with { Name = "y.npy", RawName = "y.npy"u8.ToArray() }]));
        Assert.Contains("unpack to more than 755: if they are no mistake, allow it with a larger maxBytes",
            ErrorOf(path, () => Npz.Load(path, maxBytes: 755)));
        Assert.Equal(2, Npz.Load(path, maxBytes: 756).Count);
        Assert.Equal(2, Npz.Load(path, maxBytes: long.MaxValue).Count);
        Assert.Throws<ArgumentOutOfRangeException>(() => Npz.Load(path, maxBytes: -1));
        // What is not packed is as long as it is.
        Assert.Single(Npz.Load(Write("stored.npz", Archive([A()])), maxBytes: 0));

        // 300 MB in 300 kB, by its own word.
        var bomb = new Entry("a.npy", Array(1), Deflate: true) { Packed = new byte[300_000], Length = 300_000_000 };
        Refused(Archive([bomb]), "unpack to more than 268435456");
    }

    [Fact]
    public void What_cannot_be_unpacked_is_passed_over()
    {
        foreach (var (change, reason) in new (Action<Entry>, string)[]
        {
            (entry => entry.Flags = 1, "it is encrypted"), (entry => entry.Flags = 0x41, "it is encrypted"), (entry => entry.Method = 14, "packed by method 14"),
            (entry => entry.Method = 93, "packed by method 93"), (entry => entry.Method = 12, "packed by method 12"),
        })
        {
            var entry = A();
            change(entry);
            var tensors = Npz.Load(Write("skip.npz", Archive([entry, B()])));
            Assert.Equal("b", Assert.Single(tensors).Key);
            Assert.Contains(reason, tensors.Skipped["a"]);
        }
    }

    [Fact]
    public void An_entry_that_contradicts_the_directory_is_refused()
    {
        foreach (var (at, what) in new[] { (6, "flags"), (8, "method"), (14, "crc"), (18, "packed length"), (22, "length"), (26, "name's length"), (30, "name") })
        {
            var entry = A();
            entry.ChangeLocal = local => local[at] ^= 1;
            Refused(Archive([entry, B()]), "'a.npy' says something else of itself");
            Assert.NotEqual("", what);
        }
        var none = A();
        none.ChangeLocal = local => local[0] = 0;
        Refused(Archive([none]), "'a.npy' is not where the directory says");
        var cut = A();
        cut.ChangeLocal = local => (local[28], local[29]) = (255, 255);
        Refused(Archive([cut]), "'a.npy' is cut off");
    }

    [Fact]
    public void Damage_is_found_by_the_check_sum()
    {
        foreach (var deflate in new[] { false, true })
        {
            var entry = A(deflate);
            entry.Crc ^= 1;
            Refused(Archive([entry, B()]), "a.npy: offset ");
            var other = B(deflate);
            other.Packed = [.. other.Packed[..^3], .. new byte[3]];
            other.Packed[^6] ^= 1;
            Refused(Archive([A(), other]), "b.npy: offset ");
            // Of what is passed over, too: it may be a damaged type.
            var damaged = new Entry("t.npy", [.. Array(1)], deflate);
            damaged.Unpacked[21] = (byte)'U';
            damaged.Packed = deflate ? Deflated(damaged.Unpacked) : damaged.Unpacked;
            Refused(Archive([damaged]), "t.npy: offset ");
        }
        // More and less than the directory says.
        var longer = new Entry("a.npy", [.. Array(1, 2, 3), 4], Deflate: true) { Length = 131, Crc = CrcOf(Array(1, 2, 3)) };
        Refused(Archive([longer]), "a.npy: offset ");
        var shorter = new Entry("a.npy", Array(1, 2), Deflate: true) { Length = 131 };
        Refused(Archive([shorter]), "a.npy: ");
    }

    [Fact]
    public void Names_are_names_and_no_two_are_the_same()
    {
        Refused(Archive([A(), A()]), "a second entry 'a.npy'");
        // Nothing is written to the disk, so that no name can lead anywhere.
        string[] names = ["/etc/x.npy", "../../x.npy", "C:\\x.npy", "é.npy", ".npy", "a/b.npy", "\0.npy"];
        var tensors = Npz.Load(Write("names.npz", Archive(names.Select(name => new Entry(name, Array(1)) { Flags = 0x800 }))));
        Assert.Equal(names.Select(name => name[..^4]), tensors.Keys);
        // No UTF-8, as old programs wrote it.
        Assert.Equal("\u0082", Assert.Single(Npz.Load(Write("old.npz", Archive([new Entry("?.npy", Array(1)) { RawName = [0x82, .. ".npy"u8] }])))).Key);
    }

    [Fact]
    public void The_end_must_be_the_end()
    {
        var whole = Archive([A(), B()]);
        foreach (var (bytes, expected) in new (byte[], string)[]
        {
            ([.. whole, 0], "it does not end like one"), ([.. whole, .. new byte[70_000]], "it does not end like one"), (whole[..^1], "it does not end like one"),
            ([0, .. whole], "the directory is said to have"), ([.. "#!/bin/sh\n"u8, .. whole], "the directory is said to have"), ([], "it does not end like one"),
            ([.. "PK\u0005\u0006"u8], "it does not end like one"), ("hello"u8.ToArray(), "it does not end like one"),
            (Archive([A()], count: 2), "the directory has 1 entries, but its end says 2"), (Archive([A(), B()], count: 1), "has 2 entries, but its end says 1"),
            ([.. Archive([A()]), .. Archive([B()])], "the directory is said to have"),
        })
            Refused(bytes, expected);
        Assert.Equal(2, Npz.Load(Write("comment.npz", Archive([A(), B()], new byte[ushort.MaxValue]))).Count);
        var parts = (byte[])whole.Clone();
        parts[^18] = 1;
        Refused(parts, "in several parts");
    }

    [Fact]
    public void Extra_fields_that_are_damaged_are_refused()
    {
        var entry = A();
        entry.Wide = true;
        var whole = Archive([entry]);
        var at = whole.AsSpan().LastIndexOf("a.npy"u8) + 5;
        foreach (var length in new ushort[] { 0, 7, 8, 16, 25, 65535 })
        {
            var damaged = (byte[])whole.Clone();
            BinaryPrimitives.WriteUInt16LittleEndian(damaged.AsSpan(at + 2), length);
            Refused(damaged, "the sizes of 'a.npy' are damaged");
        }
    }

    [Fact]
    public void A_file_of_PyTorch_says_what_to_do() =>
        Refused(Archive([new Entry("archive/data.pkl", [1])]), "is it of PyTorch? Save it there with safetensors.torch.save_file");
}
