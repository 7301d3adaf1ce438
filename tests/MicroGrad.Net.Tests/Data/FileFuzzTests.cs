using System.Buffers.Binary;
using System.Globalization;
using System.IO.Compression;
using System.Text;

namespace MicroGrad.Net.Tests;

/// <summary>
/// Files of every format, damaged by what their bytes mean: each gives the right values or one error that names the
/// file, and takes little memory. <c>MICROGRAD_TEST_FACTOR</c> times as many are tried.
/// </summary>
public sealed class FileFuzzTests : TemporaryFiles
{
    const int Ordinary = 600;
    const long MostMemory = 3_000_000;      // the buffers of a reader, and what a few kB of gzip may rightly hold

    /// <summary>Damages files and reads each; what is read must be as it says, and some must be read and some refused.</summary>
    void Fuzz(Func<Damage, Random, byte[]> file, Action<string> read)
    {
        var (good, bad) = (0, 0);
        for (var number = 0; number < Search.Cases(Ordinary); number++)
        {
            var seed = Search.Seed(number);
            var random = new Random(seed);
            var bytes = file(new Damage(random), random);
            var path = Write("damaged", bytes);
            var before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                read(path);
                good++;
            }
            catch (DataFileException error) when (error.Message.StartsWith(path, StringComparison.Ordinal))
            {
                bad++;
            }
            catch (Exception error)
            {
                Assert.Fail($"seed {seed}: {error}\n{Convert.ToHexString(bytes)}");
            }
            var taken = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.True(taken < MostMemory, $"seed {seed}: {taken} bytes of memory for a file of {bytes.Length}");
        }
        Assert.True(bad > Search.Cases(Ordinary) / 4, $"only {bad} were refused: is the damage none?");
        Assert.True(good > 0, "none was read: is all damage the same?");
    }

    static void Whole(Tensor tensor)
    {
        Assert.Equal(tensor.Length, tensor.Shape.Aggregate(1, (product, size) => product * size));
        Assert.Equal(tensor.Length, tensor.ToDoubles().Length);
    }

    static byte[] Idx(Random random, byte type, int size)
    {
        int[] sizes = [.. Enumerable.Range(0, random.Next(1, 4)).Select(_ => random.Next(4))];
        var values = new byte[sizes.Aggregate(size, (product, each) => product * each)];
        random.NextBytes(values);
        var header = new byte[4 + 4 * sizes.Length];
        (header[2], header[3]) = (type, (byte)sizes.Length);
        for (var i = 0; i < sizes.Length; i++) BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4 + 4 * i), sizes[i]);
        return [.. header, .. values];
    }

    static byte[] Idx(Random random)
    {
        var (type, size) = new (byte, int)[] { (8, 1), (9, 1), (11, 2), (12, 4), (13, 4), (14, 8) }[random.Next(6)];
        return Idx(random, type, size);
    }

    static void ReadIdx(string path)
    {
        var tensor = MicroGrad.Net.Idx.ReadTensor(path);
        Whole(tensor);
        if (tensor.Rank == 1) _ = MicroGrad.Net.Idx.ReadLabels(path);
        if (tensor.Rank == 3) Whole(MicroGrad.Net.Idx.ReadImages(path));
    }

    [Fact]
    public void Idx_files() => Fuzz((damage, random) =>
    {
        var whole = Idx(random);
        if (random.Next(2) == 0) return damage.Of(whole);
        return damage.Number(whole, random.Next(Math.Min(16, whole.Length)));
    }, ReadIdx);

    [Fact]
    public void Packed_idx_files()
    {
        Fuzz((damage, random) => random.Next(3) switch
        {
            0 => Gzip(damage.Of(Idx(random))),
            1 => damage.Of(Gzip(Idx(random))),
            _ => [.. Gzip(Idx(random)), .. damage.Of(Gzip(Idx(random)))],
        }, ReadIdx);
        // Where only the packing is damaged, what is read is what was packed.
        var whole = Idx(new Random(0), 8, 1);
        var values = MicroGrad.Net.Idx.Read(Write("whole", whole)).Values;
        var packed = Gzip(whole);
        Fuzz((damage, random) => random.Next(4) == 0 ? [.. packed, .. Gzip([])] : damage.Of(packed),
            path => Assert.True(MicroGrad.Net.Idx.Read(path).Values.AsSpan().SequenceEqual(values)
                || File.ReadAllBytes(path) is not [0x1F, 0x8B, ..], "other values than were packed"));
    }

    static byte[] Npy(Func<string, string> header, Random random)
    {
        var (type, size) = new[] { ("<f4", 4), (">f8", 8), ("|u1", 1), ("<i8", 8), ("|b1", 1), ("<f2", 2), (">u4", 4), ("<U3", 12) }[random.Next(8)];
        int[] sizes = [.. Enumerable.Range(0, random.Next(4)).Select(_ => random.Next(4))];
        var values = new byte[sizes.Aggregate(size, (product, each) => product * each)];
        random.NextBytes(values);
        var shape = $"({string.Join(", ", sizes)}{(sizes.Length == 1 ? "," : "")})";
        var text = Encoding.Latin1.GetBytes(header($"{{'descr': '{type}', 'fortran_order': {(random.Next(2) == 0 ? "True" : "False")}, 'shape': {shape}, }}\n"));
        return [0x93, .. "NUMPY"u8, 1, 0, (byte)text.Length, (byte)(text.Length >> 8), .. text, .. values];
    }

    [Fact]
    public void Npy_files() => Fuzz((damage, random) => random.Next(3) switch
    {
        0 => damage.Of(Npy(text => text, random)),
        1 => Npy(text => text, random),
        _ => Npy(damage.Of, random),
    }, path => Whole(MicroGrad.Net.Npy.Load(path)));

    static byte[] Zip(params IEnumerable<(string Name, byte[] Bytes)> entries)
    {
        var stream = new MemoryStream();
        using (var archive = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
            foreach (var (name, bytes) in entries)
            {
                using var entry = archive.CreateEntry(name, bytes.Length % 2 == 0 ? CompressionLevel.Optimal : CompressionLevel.NoCompression).Open();
                entry.Write(bytes);
            }
        return stream.ToArray();
    }

    /// <summary>Changes fields of the records of an archive, where they are.</summary>
    static byte[] ChangeRecords(byte[] zip, Damage damage, Random random)
    {
        var copy = (byte[])zip.Clone();
        List<int> places = [];
        for (var at = 0; at + 4 <= copy.Length; at++)
            if (copy[at] == 'P' && copy[at + 1] == 'K' && copy[at + 2] < 8 && copy[at + 3] < 9) places.Add(at);
        for (var i = random.Next(3); i >= 0; i--)
            damage.Number(copy, Math.Min(copy.Length - 1, damage.Any(places) + 4 + random.Next(42)));
        return copy;
    }

    [Fact]
    public void Npz_files()
    {
        Fuzz((damage, random) =>
        {
            var zip = Zip(("a.npy", Npy(random.Next(2) == 0 ? damage.Of : text => text, random)), (damage.Any(["b.npy", "a.npy", "b.txt", ".npy"]), Npy(text => text, random)));
            return random.Next(3) switch { 0 => zip, 1 => damage.Of(zip), _ => ChangeRecords(zip, damage, random) };
        }, path => Assert.All(Npz.Load(path).Values, Whole));

        // Where only the archive is damaged, each entry is what it was, or passed over.
        var arrays = Enumerable.Range(0, 3).ToDictionary(i => $"x{i}", i => Tensor.Normal([3, i + 1], rng: new Rng((ulong)i)));
        var path = Write("whole.npz");
        Npz.Save(path, arrays, compress: true);
        var whole = File.ReadAllBytes(path);
        Fuzz((damage, random) => random.Next(20) switch { 0 => whole, < 8 => damage.Of(whole), _ => ChangeRecords(whole, damage, random) }, path =>
        {
            foreach (var (name, tensor) in Npz.Load(path))
                Assert.Contains(arrays.Values, array => array.Shape == tensor.Shape && Numbers.Bits(array).SequenceEqual(Numbers.Bits(tensor)));
        });
    }

    static byte[] SafeTensorsFile(Func<string, string> header, Random random)
    {
        (string Type, int Size)[] types = [("F32", 4), ("F64", 8), ("F16", 2), ("BF16", 2), ("I64", 8), ("U8", 1), ("BOOL", 1), ("F8_E4M3", 1), ("C64", 8)];
        var (text, end) = (new StringBuilder("{\"__metadata__\":{\"format\":\"pt\"}"), 0);
        for (var i = random.Next(4); i > 0; i--)
        {
            var (type, size) = types[random.Next(types.Length)];
            int[] sizes = [.. Enumerable.Range(0, random.Next(3)).Select(_ => random.Next(4))];
            var start = end;
            end += sizes.Aggregate(size, (product, each) => product * each);
            text.Append(CultureInfo.InvariantCulture, $",\"t{i}\":{{\"dtype\":\"{type}\",\"shape\":[{string.Join(',', sizes)}],\"data_offsets\":[{start},{end}]}}");
        }
        var json = Encoding.UTF8.GetBytes(header(text.Append('}').ToString()));
        var values = new byte[end];
        random.NextBytes(values);
        return [.. BitConverter.GetBytes((long)json.Length), .. json, .. values];
    }

    [Fact]
    public void Safetensors_files() => Fuzz((damage, random) => random.Next(4) switch
    {
        0 => damage.Of(SafeTensorsFile(text => text, random)),
        1 => SafeTensorsFile(text => text, random),
        _ => SafeTensorsFile(damage.Of, random),
    }, path =>
    {
        var tensors = SafeTensors.Load(path);
        Assert.All(tensors.Values, Whole);
        foreach (var name in tensors.Skipped.Keys) Assert.StartsWith(path, Assert.Throws<DataFileException>(() => tensors[name]).Message);
    });

    [Fact]
    public void Weights_and_checkpoints()
    {
        var path = Write("saved");
        var model = new Linear(2, 2);
        var steps = 3;
        Checkpoint Parts(Module module) => new Checkpoint(module).Add("steps", () => steps, value => steps = value).Add("rng", new Rng(1));
        var (bits, rng) = (Numbers.Bits(model.Weight), Rng.Default.State);
        Parts(model).Save(path);
        var whole = File.ReadAllBytes(path);
        var length = BinaryPrimitives.ReadInt32LittleEndian(whole);
        Fuzz((damage, random) =>
        {
            if (random.Next(20) == 0) return whole;
            if (random.Next(2) == 0) return damage.Of(whole);
            // The header alone, with the length it then has.
            var header = Encoding.UTF8.GetBytes(damage.Of(Encoding.UTF8.GetString(whole, 8, length)));
            return [.. BitConverter.GetBytes((long)header.Length), .. header, .. whole[(8 + length)..]];
        }, path =>
        {
            var fresh = new Linear(2, 2);
            Parts(fresh).Load(path);
            Assert.Equal(bits, Numbers.Bits(fresh.Weight));
            Assert.Equal(3, steps);
            Assert.True(File.ReadAllBytes(path).AsSpan().SequenceEqual(whole), "a file that is not what was saved was loaded");
        });
        Fuzz((damage, random) => random.Next(20) == 0 ? whole : damage.Of(whole), path =>
        {
            var fresh = new Linear(2, 2);
            fresh.Load(path);
            // Where nothing says any more that it was ours, it is as any file of weights: without check sum.
            if (File.ReadAllText(path).Contains("\"micrograd.checkpoint\":\"2\"", StringComparison.Ordinal))
                Assert.Equal(bits, Numbers.Bits(fresh.Weight));
        });
    }
}
