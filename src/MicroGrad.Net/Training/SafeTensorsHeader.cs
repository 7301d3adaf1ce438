using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace MicroGrad.Net;

/// <summary>
/// The header of a safetensors file, read with distrust: all it says is checked against the file's size.
/// </summary>
sealed class SafeTensorsHeader
{
    /// <summary>One tensor: its values are the bytes from Begin to before End, counted from the first value. Without a
    /// type it cannot be read, for the reason given.</summary>
    public readonly record struct Entry(
        string Name, StoredType? Type, string? Unreadable, Shape Shape, long Begin, long End);

    /// <summary>The longest header allowed: the limit of the reference implementation.</summary>
    public const int MaxLength = 100_000_000;

    const int Start = sizeof(ulong);
    const string Readable = "F64, F32, F16, BF16, I64, I32, I16, I8, U64, U32, U16, U8 or BOOL";

    readonly DataFile _file;
    readonly Dictionary<string, string> _metadata = [];
    readonly List<Entry> _entries = [];
    int _digits;        // where those of the check sum are in the JSON

    SafeTensorsHeader(DataFile file) => _file = file;

    /// <summary>The tensors in the order of their values.</summary>
    public IReadOnlyList<Entry> Entries => _entries;

    /// <summary>The texts about the tensors; the check sum is not among them.</summary>
    public IReadOnlyDictionary<string, string> Metadata => _metadata;

    /// <summary>The check sum that the file names for itself, in hexadecimal; null where it has none.</summary>
    public string? CheckSum { get; private set; }

    /// <summary>
    /// Reads the header; the file then stands at the first value, and is hashed on from there where it has a check sum.
    /// </summary>
    public static SafeTensorsHeader Read(DataFile file)
    {
        if (file.Length < Start)
            throw file.Bad($"the file has {file.Length} bytes, but a safetensors file starts with {Start} for the "
                + "length of its header");
        Span<byte> start = stackalloc byte[Start];
        file.ReadExactly(start);
        var length = BinaryPrimitives.ReadUInt64LittleEndian(start);
        if (length > MaxLength)
            throw file.Bad(0, $"a header of {length} bytes is longer than 100 MB, so this is no safetensors file");
        if ((long)length > file.Length - Start)
            throw file.Bad(0,
                $"a header of {length} bytes does not fit in the {file.Length} bytes of the file: is it cut off?");
        var json = new byte[length];
        file.ReadExactly(json);
        if (!Utf8.IsValid(json)) throw file.Bad(Start, "the header is not UTF-8");
        var header = new SafeTensorsHeader(file);
        header.Parse(json);
        header.RequireWhole(file.Length - file.Offset);
        if (header.CheckSum is not null)
        {
            Encoding.ASCII.GetBytes(SafeTensors.NoDigits, json.AsSpan(header._digits));
            file.Hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            file.Hash.AppendData(start);
            file.Hash.AppendData(json);
        }
        return header;
    }

    /// <summary>Once all values were read: requires that the file is what its check sum says.</summary>
    public void RequireCheckSum()
    {
        // Whoever loads it, and be it for the weights alone.
        if (CheckSum is null && Checkpoint.IsChecked(_metadata))
            throw _file.Bad("expects the check sum of a checkpoint, but has none: it is damaged");
        if (CheckSum is not null && Convert.ToHexStringLower(_file.Hash!.GetCurrentHash()) != CheckSum)
            throw _file.Bad("the file does not have the check sum that its header names: it is damaged");
    }

    void Parse(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = 8 });
        try
        {
            reader.Read();
            Require(in reader, JsonTokenType.StartObject, "the header to be a JSON object");
            var names = new HashSet<string>();
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var name = reader.GetString()!;
                if (!names.Add(name)) throw Bad(in reader, $"a second entry '{name}'");
                if (name == SafeTensors.MetadataKey) ReadMetadata(ref reader);
                else ReadEntry(ref reader, name);
            }
            reader.Read();      // an error where more than spaces follows
        }
        catch (Exception problem) when (problem is JsonException or InvalidOperationException)
        {
            throw _file.Bad(
                Start + reader.BytesConsumed, $"the header is not valid JSON: {problem.Message.TrimEnd('.')}", problem);
        }
    }

    void ReadMetadata(ref Utf8JsonReader reader)
    {
        Next(ref reader, JsonTokenType.StartObject, $"an object for {SafeTensors.MetadataKey}");
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var key = reader.GetString()!;
            if (_metadata.ContainsKey(key) || (key == SafeTensors.CheckSumKey && CheckSum is not null))
                throw Bad(in reader, $"a second '{key}' in {SafeTensors.MetadataKey}");
            Next(ref reader, JsonTokenType.String, $"a string for '{key}' in {SafeTensors.MetadataKey}");
            if (key != SafeTensors.CheckSumKey)
            {
                _metadata.Add(key, reader.GetString()!);
                continue;
            }
            if (reader.ValueIsEscaped || reader.ValueSpan.Length != SafeTensors.NoDigits.Length)
                throw Bad(in reader, $"expects the {SafeTensors.NoDigits.Length} digits of a check sum");
            (CheckSum, _digits) = (reader.GetString(), (int)reader.TokenStartIndex + 1);
        }
    }

    void ReadEntry(ref Utf8JsonReader reader, string name)
    {
        (string? dtype, int[]? sizes, (long Begin, long End)? place) = (null, null, null);
        Next(ref reader, JsonTokenType.StartObject, $"an object for '{name}'");
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var key = reader.GetString()!;
            if (key == "dtype" && dtype is null) dtype = ReadType(ref reader, name);
            else if (key == "shape" && sizes is null) sizes = ReadSizes(ref reader, name);
            else if (key == "data_offsets" && place is null) place = ReadPlace(ref reader, name);
            else throw Bad(in reader, key is "dtype" or "shape" or "data_offsets" ? $"a second {key} of '{name}'"
                : $"expects dtype, shape and data_offsets of '{name}', but got '{key}'");
        }
        if (dtype is null || sizes is null || place is null)
            throw Bad(in reader,
                $"'{name}' lacks its {(dtype is null ? "dtype" : sizes is null ? "shape" : "data_offsets")}");
        if (StoredNumbers.Count(sizes) is not { } count)
            throw Bad(in reader, $"'{name}' {Shape.Text(sizes)} has more than the 2^31 - 1 elements that fit a tensor");
        var (begin, end) = place.Value;
        var type = TypeOf(dtype);
        if (type is { } known && end - begin != (long)count * known.Size)
            throw Bad(in reader, $"'{name}' is {type} {Shape.Text(sizes)} and so has {(long)count * known.Size} bytes, "
                + $"but its data_offsets [{begin}, {end}] have {end - begin}");
        var unreadable = type is null ? $"it has the dtype '{dtype}', but only {Readable} can be read" : null;
        _entries.Add(new Entry(name, type, unreadable, Shape.Of(sizes), begin, end));
    }

    string ReadType(ref Utf8JsonReader reader, string name)
    {
        Next(ref reader, JsonTokenType.String, $"a string for the dtype of '{name}'");
        return reader.GetString()!;
    }

    static StoredType? TypeOf(string dtype) => dtype switch
    {
        "F64" => StoredType.F64,
        "F32" => StoredType.F32,
        "F16" => StoredType.F16,
        "BF16" => StoredType.BF16,
        "I64" => StoredType.I64,
        "I32" => StoredType.I32,
        "I16" => StoredType.I16,
        "I8" => StoredType.I8,
        "U64" => StoredType.U64,
        "U32" => StoredType.U32,
        "U16" => StoredType.U16,
        "U8" => StoredType.U8,
        "BOOL" => StoredType.Bool,
        _ => null,
    };

    int[] ReadSizes(ref Utf8JsonReader reader, string name)
    {
        Next(ref reader, JsonTokenType.StartArray, $"an array for the shape of '{name}'");
        var sizes = new List<int>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt32(out var size) || size < 0)
                throw Bad(in reader, $"expects sizes from 0 to 2^31 - 1 in the shape of '{name}'");
            if (sizes.Count == StoredNumbers.MaxRank)
                throw Bad(in reader, $"'{name}' has more than the {StoredNumbers.MaxRank} axes that a tensor may have");
            sizes.Add(size);
        }
        return [.. sizes];
    }

    (long Begin, long End) ReadPlace(ref Utf8JsonReader reader, string name)
    {
        var wants = $"two whole numbers, 0 or more and the second not the smaller, for the data_offsets of '{name}'";
        Next(ref reader, JsonTokenType.StartArray, wants);
        Next(ref reader, JsonTokenType.Number, wants);
        if (!reader.TryGetInt64(out var begin) || begin < 0) throw Bad(in reader, $"expects {wants}");
        Next(ref reader, JsonTokenType.Number, wants);
        if (!reader.TryGetInt64(out var end) || end < begin) throw Bad(in reader, $"expects {wants}");
        Next(ref reader, JsonTokenType.EndArray, wants);
        return (begin, end);
    }

    /// <summary>Requires that the tensors fill the data one after another.</summary>
    void RequireWhole(long length)
    {
        _entries.Sort((a, b) => (a.Begin, a.End).CompareTo((b.Begin, b.End)));
        var (end, last) = (0L, "the header");
        foreach (var entry in _entries)
        {
            if (entry.Begin != end)
                throw _file.Bad(_file.Offset + Math.Min(end, length),
                    $"'{entry.Name}' begins at byte {entry.Begin} of the values" + (entry.Begin < end
                        ? $" and overlaps {last}, which ends at {end}"
                        : $", but {last} before it ends at {end}: a gap"));
            (end, last) = (entry.End, $"'{entry.Name}'");
        }
        if (end > length)
            throw _file.Bad(_file.Length,
                $"the file ends after {length} of the {end} bytes of values that its header declares");
        if (end < length)
            throw _file.Bad(_file.Offset + end,
                $"the file goes on after the {end} bytes of values that its header declares");
    }

    void Next(ref Utf8JsonReader reader, JsonTokenType wanted, string wants)
    {
        reader.Read();
        Require(in reader, wanted, wants);
    }

    void Require(in Utf8JsonReader reader, JsonTokenType wanted, string wants)
    {
        if (reader.TokenType != wanted) throw Bad(in reader, $"expects {wants}");
    }

    DataFileException Bad(in Utf8JsonReader reader, string problem) =>
        _file.Bad(Start + reader.TokenStartIndex, problem);
}
