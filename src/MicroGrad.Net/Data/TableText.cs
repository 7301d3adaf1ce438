using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Unicode;

namespace MicroGrad.Net;

/// <summary>The bytes of a text file as UTF-8, or what is wrong with them: nothing is replaced in silence.</summary>
static class TableText
{
    static ReadOnlySpan<byte> Mark => [0xEF, 0xBB, 0xBF];       // the byte order mark, U+FEFF

    /// <summary>The text in the bytes of a file in UTF-8, without byte order marks.</summary>
    public static byte[] Of(string path, byte[] bytes)
    {
        if (bytes is [0xFF, 0xFE, 0, 0, ..] or [0, 0, 0xFE, 0xFF, ..])
            throw Bad(path, bytes, 0, "the file is UTF-32: save it as UTF-8");
        if (bytes is [(byte)'P', (byte)'K', 3, 4, ..])
            throw Bad(path, bytes, 0, "the file is a zip archive, as those of spreadsheets are: save the table as CSV");
        if (bytes is [0xFF, 0xFE, ..] or [0xFE, 0xFF, ..]) bytes = FromUtf16(path, bytes, bigEndian: bytes[0] == 0xFE);
        else if (Array.IndexOf(bytes, (byte)0) is >= 0 and var zero)
            throw Bad(path, bytes, zero, $"byte 0x00 (offset {zero}) belongs in no text: if the file is UTF-16 without "
                + "a byte order mark, save it as UTF-8");
        else if (!Utf8.IsValid(bytes))
        {
            var offset = FirstInvalid(bytes);
            throw Bad(path, bytes, offset, $"byte 0x{bytes[offset]:X2} (offset {offset}) is no UTF-8: save the file in "
                + "that encoding");
        }
        var text = WithoutMarks(bytes);
        if (StartsWith(text, "<html") || StartsWith(text, "<!doctype"))
            throw Bad(path, text, 0, "the file is a web page: download the table itself");
        return text;
    }

    static bool StartsWith(ReadOnlySpan<byte> text, string start) =>
        text.Length > start.Length && Ascii.EqualsIgnoreCase(text[..start.Length], start);

    static byte[] FromUtf16(string path, byte[] bytes, bool bigEndian)
    {
        var chars = MemoryMarshal.Cast<byte, ushort>(bytes.AsSpan(2)).ToArray();
        if (bigEndian == BitConverter.IsLittleEndian)
            System.Buffers.Binary.BinaryPrimitives.ReverseEndianness(chars, chars);
        var text = MemoryMarshal.Cast<ushort, char>(chars);
        const int MostPerCharacter = 3;
        if (text.Length > Array.MaxLength / MostPerCharacter)
            throw Bad(path, 1, "more UTF-16 than is read at once: save the file as UTF-8");
        var utf8 = new byte[MostPerCharacter * text.Length];
        var status = Utf8.FromUtf16(text, utf8, out var read, out var written, replaceInvalidSequences: false);
        var line = 1 + text[..read].Count('\n');
        if (status != OperationStatus.Done)
            throw Bad(path, line, $"{(int)text[read]:X4} at offset {2 + 2 * read} is one half of a UTF-16 character, "
                + "without the other");
        if (bytes.Length % 2 == 1)
            throw Bad(path, line, $"the last byte (offset {bytes.Length - 1}) is half of what UTF-16 needs: is the "
                + "file cut off?");
        if (text.IndexOf('\0') is >= 0 and var zero)
            throw Bad(path, 1 + text[..zero].Count('\n'),
                $"character U+0000 (offset {2 + 2 * zero}) belongs in no text");
        return utf8[..written];
    }

    /// <summary>Every byte order mark is left out: files that were joined have one before each part.</summary>
    static byte[] WithoutMarks(byte[] bytes)
    {
        if (bytes.AsSpan().IndexOf(Mark) < 0) return bytes;
        var kept = 0;
        for (var rest = bytes.AsSpan(); ;)
        {
            var part = rest.IndexOf(Mark) is >= 0 and var end ? rest[..end] : rest;
            part.CopyTo(bytes.AsSpan(kept));
            kept += part.Length;
            if (part.Length == rest.Length) return bytes[..kept];
            rest = rest[(part.Length + Mark.Length)..];
        }
    }

    static int FirstInvalid(byte[] bytes)
    {
        var offset = 0;
        while (Rune.DecodeFromUtf8(bytes.AsSpan(offset), out _, out var length) == OperationStatus.Done)
            offset += length;
        return offset;
    }

    static DataFileException Bad(string path, byte[] bytes, int offset, string problem) =>
        Bad(path, 1 + bytes.AsSpan(0, offset).Count((byte)'\n'), problem);

    static DataFileException Bad(string path, long line, string problem) => new($"{path}: line {line}: {problem}.");
}
