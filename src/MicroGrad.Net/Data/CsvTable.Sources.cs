using System.Text;

namespace MicroGrad.Net;

#pragma warning disable CS1573      // the options are those of Read from a file, and inherit what is said there

public sealed partial class CsvTable
{
    static readonly UTF8Encoding s_strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Reads a table from a stream, such as the body of a request, as <see cref="Read(string, char?, bool,
    /// IReadOnlyList{string}, bool, char?, IReadOnlyCollection{string}, char?, int, long, long?)"/> does from a file:
    /// from its position to its end, plain or gzip; the stream stays open.</summary>
    /// <inheritdoc cref="Read(string, char?, bool, IReadOnlyList{string}, bool, char?, IReadOnlyCollection{string},
    /// char?, int, long, long?)"/>
    /// <param name="stream">The stream, which need not seek.</param>
    /// <param name="source">What errors call it.</param>
    public static CsvTable Read(Stream stream, char? delimiter = null, bool hasHeader = true,
        IReadOnlyList<string>? names = null, bool renameRepeated = false, char? decimalMark = null,
        IReadOnlyCollection<string>? missing = null, char? comment = null, int maxColumns = 1 << 20,
        long maxCells = 1 << 27, long? maxBytes = null, string source = "stream") =>
        TableReader.Read(source, () => DataFile.ReadAll(source, stream, maxBytes), new TableFormat(delimiter, hasHeader,
            names, renameRepeated, decimalMark, new MissingMarks(missing), comment, maxColumns, maxCells));

    /// <summary>Reads a table from the rest of a reader, as <see cref="Parse"/> does from a text.</summary>
    /// <inheritdoc cref="Parse"/>
    /// <param name="reader">The reader.</param>
    public static CsvTable Read(TextReader reader, char? delimiter = null, bool hasHeader = true,
        IReadOnlyList<string>? names = null, bool renameRepeated = false, char? decimalMark = null,
        IReadOnlyCollection<string>? missing = null, char? comment = null, int maxColumns = 1 << 20,
        long maxCells = 1 << 27, string source = "text") =>
        Parse(reader.ReadToEnd(), delimiter, hasHeader, names, renameRepeated, decimalMark, missing, comment, maxColumns,
            maxCells, source);

    /// <summary>Reads a table that is a text in memory, as <see cref="Read(string, char?, bool, IReadOnlyList{string},
    /// bool, char?, IReadOnlyCollection{string}, char?, int, long, long?)"/> does from a file.</summary>
    /// <inheritdoc cref="Read(string, char?, bool, IReadOnlyList{string}, bool, char?, IReadOnlyCollection{string},
    /// char?, int, long, long?)"/>
    /// <param name="text">The text.</param>
    /// <param name="source">What errors call it.</param>
    public static CsvTable Parse(string text, char? delimiter = null, bool hasHeader = true,
        IReadOnlyList<string>? names = null, bool renameRepeated = false, char? decimalMark = null,
        IReadOnlyCollection<string>? missing = null, char? comment = null, int maxColumns = 1 << 20,
        long maxCells = 1 << 27, string source = "text") =>
        TableReader.Read(source, () => Bytes(text, source), new TableFormat(delimiter, hasHeader, names, renameRepeated,
            decimalMark, new MissingMarks(missing), comment, maxColumns, maxCells));

    static byte[] Bytes(string text, string source)
    {
        try
        {
            return s_strict.GetBytes(text);
        }
        catch (EncoderFallbackException half)
        {
            throw new DataFileException($"{source}: line {1 + text.AsSpan(0, half.Index).Count('\n')}: character "
                + $"{half.Index} is one half of a UTF-16 character, without the other.", half);
        }
    }
}
