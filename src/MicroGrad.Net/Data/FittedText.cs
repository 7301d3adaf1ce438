using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace MicroGrad.Net;

/// <summary>
/// The texts of fitted objects: JSON that begins with kind and version. Numbers have the digits that give them back
/// exactly; what JSON has no number for is a text.
/// </summary>
static class FittedText
{
    static readonly JsonWriterOptions s_plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    static readonly UTF8Encoding s_strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public static string Write(string kind, int version, Action<Utf8JsonWriter> content)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(bytes, s_plain))
        {
            json.WriteStartObject();
            json.WriteString("kind", kind);
            json.WriteNumber("version", version);
            content(json);
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(bytes.WrittenSpan);
    }

    /// <summary>Makes an object of a kind and version from its text, or refuses the text.</summary>
    public static T Read<T>(string text, string kind, int version, Func<JsonElement, T> make)
    {
        ArgumentNullException.ThrowIfNull(text);
        var wanted = $"{kind}.LoadState: expects the text of a {kind}, version {version}";
        try
        {
            using var json = JsonDocument.Parse(text);
            var root = json.RootElement;
            if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("kind", out var other)
                || !root.TryGetProperty("version", out var number))
                throw new FormatException($"{wanted}, but got JSON without kind and version.");
            if (other.GetString() != kind || !number.TryGetInt32(out var found) || found != version)
                throw new FormatException($"{wanted}, but got that of '{other.GetString()}', version {number}.");
            return make(root);
        }
        catch (JsonException problem)
        {
            throw new FormatException($"{wanted}, but got no JSON: {problem.Message}", problem);
        }
        // What is absent, of another type, or makes no object.
        catch (Exception problem) when (problem is KeyNotFoundException or InvalidOperationException or ArgumentException
            || problem is FormatException && !problem.Message.StartsWith(wanted, StringComparison.Ordinal))
        {
            throw new FormatException($"{wanted}, but the text is damaged: {problem.Message}", problem);
        }
    }

    /// <summary>Refuses a text with half a character, which no file can hold.</summary>
    public static string Valid(string text)
    {
        _ = s_strict.GetByteCount(text);
        return text;
    }

    public static void Text(this Utf8JsonWriter json, string name, IEnumerable<string> texts)
    {
        json.WriteStartArray(name);
        foreach (var text in texts) json.WriteStringValue(Valid(text));
        json.WriteEndArray();
    }

    public static void Number(this Utf8JsonWriter json, string name, double number)
    {
        if (double.IsFinite(number)) json.WriteNumber(name, number);
        else json.WriteString(name, number.ToString(CultureInfo.InvariantCulture));
    }

    public static void Numbers(this Utf8JsonWriter json, string name, IEnumerable<double> numbers)
    {
        json.WriteStartArray(name);
        foreach (var number in numbers) json.WriteNumberValue(number);
        json.WriteEndArray();
    }

    public static string Text(this JsonElement json, string name) =>
        json.GetProperty(name).GetString() ?? throw new ArgumentException($"'{name}' is null.");

    public static string[] Texts(this JsonElement json, string name) => [.. json.GetProperty(name).EnumerateArray()
        .Select(text => text.GetString() ?? throw new ArgumentException($"'{name}' has a null."))];

    public static double Number(this JsonElement json, string name) =>
        json.GetProperty(name) is { ValueKind: JsonValueKind.String } text
            ? text.GetString() switch
            {
                "Infinity" => double.PositiveInfinity,
                "-Infinity" => double.NegativeInfinity,
                var other => throw new ArgumentException($"'{name}' is '{other}'."),
            }
            : Finite(name, json.GetProperty(name));

    public static double[] Numbers(this JsonElement json, string name) =>
        [.. json.GetProperty(name).EnumerateArray().Select(number => Finite(name, number))];

    static double Finite(string name, JsonElement json) => json.GetDouble() is var number && double.IsFinite(number)
        ? number : throw new ArgumentException($"'{name}' is more than a double holds.");
}
