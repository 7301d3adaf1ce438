using System.Globalization;
using System.Text;

namespace MicroGrad.Net;

/// <summary>The header of a .npy file, read with distrust: all it says is checked against the file's size.</summary>
/// <param name="Type">The number type; null where the values are none that a tensor can hold.</param>
/// <param name="Unreadable">Why a tensor cannot hold the values, with the offset; null where it can.</param>
/// <param name="BigEndian">Whether the first byte of a number is its highest.</param>
/// <param name="ColumnsFirst">Whether the first axis runs fastest.</param>
/// <param name="Sizes">The sizes of the axes.</param>
readonly record struct NpyHeader(
    StoredType? Type, string? Unreadable, bool BigEndian = false, bool ColumnsFirst = false, params int[] Sizes)
{
    const int MaxLength = 1 << 16;      // NumPy itself trusts no header of more than 10 000 bytes

    /// <summary>Reads the header; the file then stands at the first value.</summary>
    public static NpyHeader Read(DataFile file)
    {
        const int VersionAt = 6;
        Span<byte> start = stackalloc byte[VersionAt + 2];
        if (file.Length < start.Length) throw file.Bad($"the file has {file.Length} bytes, too few for a .npy file");
        file.ReadExactly(start);
        if (!start.StartsWith(Npy.Magic)) throw file.Bad(0, "expects the word \\x93NUMPY that a .npy file starts with");
        if (start[VersionAt] is < 1 or > 3 || start[VersionAt + 1] != 0)
            throw file.Bad(VersionAt,
                $"expects version 1.0, 2.0 or 3.0, but got {start[VersionAt]}.{start[VersionAt + 1]}");
        Span<byte> digits = stackalloc byte[start[VersionAt] == 1 ? sizeof(ushort) : sizeof(uint)];
        file.ReadExactly(digits);
        uint length = 0;
        for (var i = digits.Length - 1; i >= 0; i--) length = length << 8 | digits[i];
        var most = Math.Min(MaxLength, file.Length - file.Offset);
        if (length > most)
            throw file.Bad(start.Length, $"a header of {length} bytes is longer than {most}, the most it can have here");
        var (place, bytes) = (file.Offset, new byte[length]);
        file.ReadExactly(bytes);
        var header = new Parser(file, place, Encoding.Latin1.GetString(bytes)).Parse();
        if (header.Type is { } type) header.RequireLength(file, type);
        return header;
    }

    void RequireLength(DataFile file, StoredType type)
    {
        if (StoredNumbers.Count(Sizes) is not { } count)
            throw file.Bad($"{Shape.Text(Sizes)} has more than the 2^31 - 1 elements that fit a tensor");
        var (wanted, found) = ((long)count * type.Size, file.Length - file.Offset);
        if (wanted != found)
            throw file.Bad($"the shape {Shape.Text(Sizes)} wants {wanted} bytes of values, but {found} follow");
    }

    /// <summary>Reads the Python dictionary; only what NumPy writes is understood.</summary>
    ref struct Parser(DataFile file, long place, string text)
    {
        int _at;

        public NpyHeader Parse()
        {
            (string? type, bool? columns, int[]? sizes) = (null, null, null);
            Expect('{');
            while (!Skip('}'))
            {
                var key = Quoted();
                Expect(':');
                if (key == "descr" && Next() == '[') return new NpyHeader(null, At("the values are records, not numbers"));
                if (key == "descr" && type is null) type = Quoted();
                else if (key == "fortran_order" && columns is null) columns = Truth();
                else if (key == "shape" && sizes is null) sizes = Tuple();
                else throw Bad($"expects each of descr, fortran_order and shape once, but got '{key}'");
                if (Skip(',')) continue;
                Expect('}');
                break;
            }
            if (type is null || columns is null || sizes is null)
                throw Bad(
                    $"the header lacks its {(type is null ? "descr" : columns is null ? "fortran_order" : "shape")}");
            if (text.AsSpan(_at).Trim().Length > 0) throw Bad("the header goes on after its dictionary");
            return TypeOf(type) is { } known ? new NpyHeader(known, null, type[0] == '>', columns.Value, sizes)
                : new NpyHeader(null, At($"the type '{type}' cannot be read: only f2, f4, f8, i1 to i8, u1 to u8 and b1 "
                    + "of either byte order"));
        }

        static StoredType? TypeOf(string type) => (type is ['<' or '>' or '|' or '=', ..] ? type[1..] : "") switch
        {
            "f8" => StoredType.F64,
            "f4" => StoredType.F32,
            "f2" => StoredType.F16,
            "i8" => StoredType.I64,
            "i4" => StoredType.I32,
            "i2" => StoredType.I16,
            "i1" => StoredType.I8,
            "u8" => StoredType.U64,
            "u4" => StoredType.U32,
            "u2" => StoredType.U16,
            "u1" => StoredType.U8,
            "b1" => StoredType.Bool,
            _ => null,
        };

        string Quoted()
        {
            var quote = Next();
            if (quote is not ('\'' or '"')) throw Bad("expects a quoted word");
            var end = text.IndexOf(quote, _at + 1);
            if (end < 0) throw Bad("a quoted word is never closed");
            var word = text[(_at + 1)..end];
            _at = end + 1;
            return word;
        }

        bool Truth()
        {
            SkipSpaces();
            foreach (var (word, value) in new[] { ("True", true), ("False", false) })
                if (text.AsSpan(_at).StartsWith(word, StringComparison.Ordinal))
                {
                    _at += word.Length;
                    return value;
                }
            throw Bad("expects True or False for fortran_order");
        }

        int[] Tuple()
        {
            Expect('(');
            var sizes = new List<int>();
            while (!Skip(')'))
            {
                if (sizes.Count == StoredNumbers.MaxRank)
                    throw Bad($"the shape has more than the {StoredNumbers.MaxRank} axes that a tensor may have");
                sizes.Add(Size());
                if (Skip(',')) continue;
                Expect(')');
                break;
            }
            return [.. sizes];
        }

        int Size()
        {
            SkipSpaces();
            var end = _at;
            while (end < text.Length && char.IsAsciiDigit(text[end])) end++;
            if (!int.TryParse(text.AsSpan(_at..end), NumberStyles.None, CultureInfo.InvariantCulture, out var size))
                throw Bad("expects sizes from 0 to 2^31 - 1 in the shape");
            _at = end;
            Skip('L');          // as Python 2 wrote its long numbers
            return size;
        }

        void Expect(char sign)
        {
            if (!Skip(sign)) throw Bad($"expects '{sign}'");
        }

        bool Skip(char sign)
        {
            SkipSpaces();
            if (_at == text.Length || text[_at] != sign) return false;
            _at++;
            return true;
        }

        /// <summary>The next sign after blanks; a blank at the end.</summary>
        char Next()
        {
            SkipSpaces();
            return _at < text.Length ? text[_at] : ' ';
        }

        void SkipSpaces()
        {
            while (_at < text.Length && char.IsWhiteSpace(text[_at])) _at++;
        }

        string At(string problem) => file.At(place + _at, problem);

        DataFileException Bad(string problem) => file.Bad(place + _at, problem);
    }
}
