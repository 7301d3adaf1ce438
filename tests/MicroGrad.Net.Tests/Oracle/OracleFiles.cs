using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace MicroGrad.Net.Tests.Oracle;

/// <summary>A tensor of PyTorch's: its bytes lie in the .bin beside the .json.</summary>
sealed record OracleTensor(string Name, string Type, int[] Shape, bool RequiresGrad, byte[] Bytes)
{
    /// <summary>Whether the elements are integers: labels, indices and masks rather than values.</summary>
    public bool IsIndex => Type == "int64";

    /// <summary>The elements in row-major order, whatever their type.</summary>
    public double[] Doubles => Type switch
    {
        "float64" => MemoryMarshal.Cast<byte, double>(Bytes).ToArray(),
        "float32" => [.. MemoryMarshal.Cast<byte, float>(Bytes).ToArray().Select(value => (double)value)],
        "int64" => [.. MemoryMarshal.Cast<byte, long>(Bytes).ToArray().Select(value => (double)value)],
        "bool" => [.. Bytes.Select(value => value == 0 ? 0.0 : 1.0)],
        _ => throw new InvalidDataException($"{Name}: no reader for elements of type {Type}."),
    };

    public int[] Ints => [.. Doubles.Select(value => checked((int)value))];

    public Tensor As(DType dtype) => Tensor.From(Shape, Doubles).To(dtype);

    public Tensor Values => As(DType.Float64);
}

/// <summary>One case of an oracle file, with its tensors by role (<c>inputs</c>, <c>grads</c>, …).</summary>
sealed class OracleCase(JsonElement json, byte[] blob)
{
    public string Name { get; } = json.GetProperty("name").GetString()!;

    public string Kind { get; } = json.GetProperty("kind").GetString()!;

    public string Op { get; } = json.GetProperty("op").GetString()!;

    public string Group { get; } = json.GetProperty("group").GetString()!;

    public JsonElement Json => json;

    /// <summary>What the case was marked with: nan, kink, empty, overflow.</summary>
    public string[] Tags { get; } =
        json.TryGetProperty("tags", out var tags) ? [.. tags.EnumerateArray().Select(tag => tag.GetString()!)] : [];

    /// <summary>The relative tolerance, where the case has its own.</summary>
    public double? Tolerance { get; } = json.TryGetProperty("tol", out var tolerance) ? tolerance.GetDouble() : null;

    /// <summary>The tensors of a role, none where the case does not have it.</summary>
    public OracleTensor[] Tensors(string role) =>
        json.TryGetProperty(role, out var list) ? [.. list.EnumerateArray().Select(Read)] : [];

    /// <summary>The tensor of a role and name.</summary>
    public OracleTensor Tensor(string role, string name) => Tensors(role).Single(tensor => tensor.Name == name);

    /// <summary>A tensor described by any element of the case.</summary>
    public OracleTensor Read(JsonElement entry) => new(
        entry.GetProperty("name").GetString()!,
        entry.GetProperty("dtype").GetString()!,
        [.. entry.GetProperty("shape").EnumerateArray().Select(size => size.GetInt32())],
        entry.TryGetProperty("requires_grad", out var flows) && flows.GetBoolean(),
        blob.AsSpan(entry.GetProperty("offset").GetInt32(), entry.GetProperty("nbytes").GetInt32()).ToArray());

    /// <summary>The attribute, unless it is missing or null.</summary>
    public JsonElement? Attribute(string name) =>
        json.TryGetProperty("attrs", out var all) && all.TryGetProperty(name, out var value)
            && value.ValueKind != JsonValueKind.Null ? value : null;

    public double Number(string name, double otherwise) => Attribute(name) switch
    {
        null => otherwise,
        { ValueKind: JsonValueKind.String } text => ParseNumber(text.GetString()!),
        { } number => number.GetDouble(),
    };

    public double Number(string name) => Attribute(name) is null
        ? throw new InvalidDataException($"{Name} has no attribute {name}.") : Number(name, 0);

    public int Int(string name) => (int)Number(name);

    public bool Flag(string name, bool otherwise = false) => Attribute(name)?.GetBoolean() ?? otherwise;

    public string Text(string name, string otherwise = "") => Attribute(name)?.GetString() ?? otherwise;

    /// <summary>An attribute that is one number or a list of them; empty where missing.</summary>
    public int[] Ints(string name) => Attribute(name) switch
    {
        null => [],
        { ValueKind: JsonValueKind.Array } list => [.. list.EnumerateArray().Select(item => item.GetInt32())],
        { } one => [one.GetInt32()],
    };

    static double ParseNumber(string text) => text switch
    {
        "inf" => double.PositiveInfinity,
        "-inf" => double.NegativeInfinity,
        "nan" => double.NaN,
        _ => double.Parse(text, CultureInfo.InvariantCulture),
    };
}

/// <summary>The oracle's files, each read once.</summary>
static class OracleFiles
{
    /// <summary>Stands in for the cases where the folder is absent, so that the tests can skip and say why.</summary>
    public const string Absent = "(shared/oracle is absent)";

    static readonly Dictionary<string, OracleCase[]> s_read = [];

    public static OracleCase[] Grad => Read("torch_grad");

    public static OracleCase[] Train => Read("torch_train");

    public static OracleCase[] Trace => Read("torch_trace");

    /// <summary>The names of a file's cases that meet a condition, as rows for a theory.</summary>
    public static IEnumerable<TheoryDataRow<string>> Names(Func<OracleCase[]> file, Func<OracleCase, bool> which) =>
        Shared.Folder("oracle") is null ? [Absent]
            : file().Where(which).Select(one => new TheoryDataRow<string>(one.Name));

    /// <summary>The case of a name; skips the test where the oracle is absent.</summary>
    public static OracleCase Case(Func<OracleCase[]> file, string name)
    {
        Shared.Require("oracle");
        return file().Single(one => one.Name == name);
    }

    static OracleCase[] Read(string file)
    {
        lock (s_read)
        {
            if (s_read.TryGetValue(file, out var known)) return known;
            var path = Path.Combine(Shared.Require("oracle"), file);
            using var document = JsonDocument.Parse(File.ReadAllBytes(path + ".json"));
            var blob = File.ReadAllBytes(path + ".bin");
            var cases = document.RootElement.GetProperty("cases").EnumerateArray();
            return s_read[file] = [.. cases.Select(one => new OracleCase(one.Clone(), blob))];
        }
    }
}
