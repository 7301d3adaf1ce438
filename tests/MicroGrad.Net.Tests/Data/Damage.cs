using System.Buffers.Binary;
using System.Text;
using System.Text.RegularExpressions;

namespace MicroGrad.Net.Tests;

/// <summary>Damages files at random, but not blindly: numbers become those at which code breaks, words become others.</summary>
sealed partial class Damage(Random random)
{
    static readonly long[] Numbers =
    [
        0, 1, 2, 7, 127, 128, 255, 256, 65535, 65536, int.MaxValue, int.MaxValue - 1L, uint.MaxValue, uint.MaxValue + 1L, 1L << 31, 1L << 40,
        long.MaxValue, long.MinValue, -1, -2, int.MinValue,
    ];

    static readonly string[] NumberTexts =
    [
        "0", "1", "2", "3", "64", "65", "255", "65536", "2147483647", "2147483648", "4294967295", "4294967296", "9223372036854775807",
        "9223372036854775808", "18446744073709551616", "-1", "-9223372036854775808", "1e3", "1.0", "00", "0x10", "1_0", "", "NaN", "null", "[1]", "\"1\"", "1L",
    ];

    static readonly string[] Words =
    [
        "F32", "F64", "F16", "BF16", "I64", "U64", "I32", "U8", "BOOL", "F8_E4M3", "C64", "", "f32", "<f4", ">f8", "|u1", "<i8", "|b1", "<U7", "|O", "<c16",
        "=f4", "<f", "f4", "<f16", "dtype", "shape", "data_offsets", "__metadata__", "descr", "fortran_order", "micrograd.checkpoint", "micrograd.file.sha256",
        "\\u0000", "\\ud800", "é", "a.npy", "../a.npy",
    ];

    [GeneratedRegex("-?[0-9]+")]
    static partial Regex NumberText { get; }

    [GeneratedRegex("[\"'][^\"']*[\"']")]
    static partial Regex Quoted { get; }

    public T Any<T>(IReadOnlyList<T> items) => items[random.Next(items.Count)];

    /// <summary>One to three changes of bytes, whatever they mean.</summary>
    public byte[] Of(byte[] bytes)
    {
        for (var i = random.Next(3); i >= 0; i--) bytes = Once(bytes);
        return bytes;
    }

    byte[] Once(byte[] bytes)
    {
        var copy = (byte[])bytes.Clone();
        if (copy.Length == 0) return [.. Any<byte[]>([[0], [0x1F, 0x8B], [1, 2, 3]])];
        var (at, to) = (random.Next(copy.Length), random.Next(copy.Length));
        var (first, last) = (Math.Min(at, to), Math.Max(at, to));
        switch (random.Next(9))
        {
            case 0: copy[at] ^= (byte)(1 << random.Next(8)); return copy;
            case 1: copy[at] = (byte)Any(Numbers); return copy;
            case 2 or 3: return Number(copy, at);
            case 4: return copy[..at];
            case 5: return [.. copy, .. copy[first..last]];
            case 6: return [.. copy[..first], .. copy[last..]];
            case 7: return [.. copy[..last], .. copy[first..]];
            default:
                (copy[at], copy[to]) = (copy[to], copy[at]);
                return copy;
        }
    }

    /// <summary>Writes one of the numbers at a place, 1 to 8 bytes wide, in either order.</summary>
    public byte[] Number(byte[] bytes, int at)
    {
        Span<byte> number = stackalloc byte[8];
        var width = 1 << random.Next(4);
        var value = Any(Numbers);
        if (random.Next(2) == 0) BinaryPrimitives.WriteInt64LittleEndian(number, value);
        else BinaryPrimitives.WriteInt64BigEndian(number, value << (64 - 8 * width));
        number[..Math.Min(width, bytes.Length - at)].CopyTo(bytes.AsSpan(at));
        return bytes;
    }

    /// <summary>One to three changes of the words and numbers of a header.</summary>
    public string Of(string text)
    {
        for (var i = random.Next(3); i >= 0; i--) text = Once(text);
        return text;
    }

    string Once(string text)
    {
        var kind = random.Next(6);
        if (kind < 4)
        {
            var found = (kind < 2 ? NumberText : Quoted).Matches(text);
            if (found.Count == 0) return text + Any(Words);
            var match = found[random.Next(found.Count)];
            var other = found[random.Next(found.Count)].Value;
            var quote = match.Value[0];
            var replaced = random.Next(3) == 0 ? other : kind < 2 ? Any(NumberTexts) : quote + Any(Words) + quote;
            return text[..match.Index] + replaced + text[(match.Index + match.Length)..];
        }
        if (kind == 4) return Encoding.Latin1.GetString(Once(Encoding.Latin1.GetBytes(text)));
        var place = random.Next(text.Length + 1);
        return text[..place] + Any([new string('[', 2000), new string('{', 70), "\"a\":", ",", " ", new string('(', 50), "'", "\0", "}}"]) + text[place..];
    }
}
