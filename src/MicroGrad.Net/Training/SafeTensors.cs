using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace MicroGrad.Net;

/// <summary>
/// Named tensors in a file of the safetensors format, which PyTorch and its kin read and write: 8 bytes with the length
/// of the header, the header as JSON (name → number type, shape and place), the values. Little-endian, row-major.
/// Files are laid out as the reference implementation lays them out.
/// </summary>
public static class SafeTensors
{
    internal const string MetadataKey = "__metadata__";

    /// <summary>
    /// Metadata with the SHA-256 of the whole file, its own digits taken as zeros; where a file has it, it is checked
    /// on loading.
    /// </summary>
    internal const string CheckSumKey = "micrograd.file.sha256";

    /// <summary>Stands for the digits of a check sum while it is computed.</summary>
    internal static readonly string NoDigits = new('0', 2 * SHA256.HashSizeInBytes);

    const int Alignment = 8;

    static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>
    /// Writes tensors with their names, and texts about them. A crash on the way leaves the file that was there before.
    /// </summary>
    /// <exception cref="ArgumentException">A name is <c>__metadata__</c>, or a text is not valid Unicode.</exception>
    public static void Save(string path, IReadOnlyDictionary<string, Tensor> tensors,
        IReadOnlyDictionary<string, string>? metadata = null) => Save(path, tensors, metadata, checkSum: false);

    /// <summary>
    /// The tensors of a file by name. F32 and F64 are taken as they are; F16, BF16, BOOL and whole numbers of up to 16
    /// bits become Float32, longer ones Float64: no value changes. Tensors of other types, or with a number that no
    /// Float64 is, are passed over and listed in <see cref="NamedTensors.Skipped"/>.
    /// </summary>
    /// <exception cref="DataFileException">The file is damaged, cut off or no safetensors file; the message names the
    /// place and what was expected.</exception>
    public static NamedTensors Load(string path) => Load(path, out _);

    /// <summary>The tensors of a file by name, and the texts that the file has about them.</summary>
    /// <inheritdoc cref="Load(string)"/>
    public static NamedTensors Load(string path, out IReadOnlyDictionary<string, string> metadata)
    {
        // One pass over one open file: what is checked is what is loaded, whatever takes its name meanwhile.
        using var file = DataFile.OpenPlain(path);
        var header = SafeTensorsHeader.Read(file);
        var tensors = new NamedTensors(path);
        foreach (var entry in header.Entries)
        {
            var problem = entry.Unreadable;
            var tensor = entry.Type is { } type ? StoredNumbers.Read(file, type, entry.Shape, out problem) : null;
            if (entry.Type is null) file.Skip(entry.End - entry.Begin);
            tensors.Add(entry.Name, tensor, problem);
        }
        header.RequireCheckSum();
        metadata = header.Metadata;
        return tensors;
    }

    /// <summary>The texts of a file that has a check sum, which is compared.</summary>
    internal static IReadOnlyDictionary<string, string> Metadata(string path)
    {
        using var file = DataFile.OpenPlain(path);
        var header = SafeTensorsHeader.Read(file);
        if (header.CheckSum is null) throw file.Bad("the file has no check sum");
        file.Skip();
        header.RequireCheckSum();
        return header.Metadata;
    }

    internal static void Save(string path, IReadOnlyDictionary<string, Tensor> tensors,
        IReadOnlyDictionary<string, string>? metadata, bool checkSum)
    {
        // The order of the reference implementation: wide numbers first, so that all are aligned, then by name.
        KeyValuePair<string, Tensor>[] ordered =
            [.. tensors.OrderByDescending(pair => pair.Value.DType).ThenBy(pair => pair.Key, StringComparer.Ordinal)];
        var texts = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (key, value) in metadata ?? texts) texts.Add(key, value);
        if (texts.ContainsKey(CheckSumKey))
            Throw.Value("SafeTensors.Save", $"'{CheckSumKey}' is not free: it names the check sum of a file.");
        if (checkSum) texts.Add(CheckSumKey, NoDigits);
        var header = Header(ordered, texts);
        if (checkSum) EnterCheckSum(header, ordered);
        NewFile.Write(path, stream =>
        {
            stream.Write(header);
            foreach (var (_, tensor) in ordered) StoredNumbers.Write(tensor, stream.Write);
        });
    }

    /// <summary>The length of the JSON, and the JSON.</summary>
    static byte[] Header(KeyValuePair<string, Tensor>[] tensors, SortedDictionary<string, string> metadata)
    {
        var bytes = new ArrayBufferWriter<byte>();
        bytes.Write(stackalloc byte[sizeof(ulong)]);       // the length, once it is known
        using (var json = new Utf8JsonWriter(bytes, Plain))
        {
            json.WriteStartObject();
            if (metadata.Count > 0)
            {
                json.WriteStartObject(MetadataKey);
                foreach (var (key, value) in metadata) json.WriteString(Valid(key), Valid(value));
                json.WriteEndObject();
            }
            long end = 0;
            foreach (var (name, tensor) in tensors)
            {
                if (name == MetadataKey) Throw.Value("SafeTensors.Save", $"a tensor cannot be named {MetadataKey}.");
                var start = end;
                end += (long)tensor.Length * TypeOf(tensor).Size;
                json.WriteStartObject(Valid(name));
                json.WriteString("dtype"u8, TypeOf(tensor).ToString());
                json.WriteStartArray("shape"u8);
                foreach (var size in tensor.Shape.Sizes) json.WriteNumberValue(size);
                json.WriteEndArray();
                json.WriteStartArray("data_offsets"u8);
                json.WriteNumberValue(start);
                json.WriteNumberValue(end);
                json.WriteEndArray();
                json.WriteEndObject();
            }
            json.WriteEndObject();
        }
        var padding = -bytes.WrittenCount & (Alignment - 1);
        bytes.GetSpan(padding)[..padding].Fill((byte)' ');
        bytes.Advance(padding);
        var header = bytes.WrittenSpan.ToArray();
        var length = header.Length - sizeof(ulong);
        if (length > SafeTensorsHeader.MaxLength)
            Throw.Value("SafeTensors.Save", "names, shapes and metadata take more than the 100 MB of a header.");
        BinaryPrimitives.WriteUInt64LittleEndian(header, (ulong)length);
        return header;
    }

    static StoredType TypeOf(Tensor tensor) => tensor.DType == DType.Float32 ? StoredType.F32 : StoredType.F64;

    static string Valid(string text)
    {
        if (text.AsSpan().EnumerateRunes().Contains(Rune.ReplacementChar) && !text.Contains('\uFFFD'))
            Throw.Value("SafeTensors.Save", $"the text '{text}' has half a surrogate pair, which no file can hold.");
        return text;
    }

    static bool Contains(this SpanRuneEnumerator runes, Rune wanted)
    {
        foreach (var rune in runes)
            if (rune == wanted) return true;
        return false;
    }

    /// <summary>Puts the check sum into a header that has zeros in its place.</summary>
    static void EnterCheckSum(byte[] header, KeyValuePair<string, Tensor>[] tensors)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(header);
        foreach (var (_, tensor) in tensors) StoredNumbers.Write(tensor, hash.AppendData);
        // Found only once: within a text, JSON writes the quotes otherwise.
        var start = Encoding.UTF8.GetBytes($"\"{CheckSumKey}\":\"");
        Encoding.ASCII.GetBytes(Convert.ToHexStringLower(hash.GetHashAndReset()),
            header.AsSpan(header.AsSpan().IndexOf(start) + start.Length));
    }
}
