using System.Globalization;
using System.Numerics;
using System.Text;
using System.Text.RegularExpressions;

namespace MicroGrad.Net;

/// <summary>
/// What a reader sees in a cell, and what is there: blanks of many kinds, marks without width, dashes for a minus and
/// digits of other scripts are read as they look, and shown by their code where an error is about them.
/// </summary>
static partial class CellText
{
    const int MostShown = 60;

    /// <summary>Numbers with a decimal point, whatever the culture.</summary>
    public static readonly NumberFormatInfo Point = NumberFormatInfo.InvariantInfo;

    /// <summary>Numbers with a decimal comma.</summary>
    public static readonly NumberFormatInfo Comma =
        new() { NumberDecimalSeparator = ",", NumberGroupSeparator = "." };

    /// <summary>Whether a character leaves nothing to be seen: a blank of any width, or none.</summary>
    public static bool IsBlank(char c) => c is not (> ' ' and < '\x7F') && (char.IsWhiteSpace(c) || IsInvisible(c));

    /// <summary>A cell without blanks at its ends.</summary>
    public static string Trim(string text)
    {
        var (start, end) = (0, text.Length);
        while (start < end && IsBlank(text[start])) start++;
        while (start < end && IsBlank(text[end - 1])) end--;
        return text[start..end];
    }

    /// <summary>
    /// A text by its looks: two that a reader takes for the same become the same. Marks without width are left out,
    /// blanks in a row are one, dashes are minus signs, digits are 0 to 9, letters are composed (é is one character).
    /// </summary>
    public static string Seen(string text)
    {
        if (IsPlain(text)) return text;
        var seen = new StringBuilder(text.Length);
        foreach (var c in text.Normalize())
            if (char.IsWhiteSpace(c)) seen.Append(seen.Length > 0 && seen[^1] != ' ' ? " " : "");
            else if (seen.Length > 0 && Composed(seen[^1], c) is { } letter) seen[^1] = letter;
            else if (!IsInvisible(c)) seen.Append(Plain(c));
        return seen.ToString().TrimEnd(' ');
    }

    /// <summary>A text for a message: what cannot be seen, or looks like something else, by its code.</summary>
    public static string Shown(string text)
    {
        var shown = new StringBuilder();
        foreach (var c in text.AsSpan(0, Math.Min(text.Length, MostShown)))
            if (c != ' ' && IsBlank(c) || Plain(c) != c && !char.IsLetterOrDigit(c))
                shown.Append(CultureInfo.InvariantCulture, $"[U+{(int)c:X4}]");
            else shown.Append(c);
        return text.Length > MostShown ? $"{shown}…" : shown.ToString();
    }

    public static bool TryNumber(string cell, NumberFormatInfo format, out double number) =>
        double.TryParse(cell, NumberStyles.Float, format, out number)
        || !IsPlain(cell) && double.TryParse(Seen(cell), NumberStyles.Float, format, out number);

    /// <summary>Whether a whole number is not exactly the double that it is read as.</summary>
    public static bool IsRounded(string cell, double number, NumberFormatInfo format)
    {
        const long FirstGap = 1L << 53;
        if (!(Math.Abs(number) >= FirstGap)) return false;
        var (text, mark) = (Seen(cell), format.NumberDecimalSeparator);
        if (text.Contains(mark)) text = text.TrimEnd('0').TrimEnd(mark[0]);
        return BigInteger.TryParse(text, NumberStyles.AllowLeadingSign, Point, out var whole)
            && whole != new BigInteger(number);
    }

    /// <summary>Whether a cell can only be a number with a decimal comma: 1,5, but not 1,500.</summary>
    public static bool HasDecimalComma(string cell) => cell.Contains(',') && TryNumber(cell, Comma, out _)
        && !ThousandsPattern().IsMatch(Seen(cell));

    /// <summary>
    /// Whether a cell that is no number looks like one written in another way (1,5 or $5 or 5 % or 1.234,50 or 0x1F or
    /// ∞), or like a date, and the letters that follow it (5 kg), if any.
    /// </summary>
    public static bool LooksLikeNumber(string cell, out string unit)
    {
        var match = NumberPattern().Match(Seen(cell));
        unit = match.Groups["unit"].Value;
        // The parts of a time may all be absent.
        return match.Success && cell.Any(c => char.IsDigit(c) || c is '∞' or 'i' or 'I');
    }

    [GeneratedRegex(@"^[-+]?[1-9]\d{0,2},\d{3}$")]
    private static partial Regex ThousandsPattern();

    // Signs, quotes and a currency; digits in groups, hexadecimal or infinite; then a sign of percent or currency, or a
    // unit. Or a date or time.
    [GeneratedRegex("""
        ^[-+('"=~<>≈≤≥±\s]*((\p{L}{0,3}\p{Sc}|EUR|USD|GBP|CHF|JPY|INR|RS\.?)\s?[-+]?)?
        (0x[\da-f]+|[.,]?\d[\d.,'_\s·٫٬]*(e[-+]?\d+)?|∞|inf|infinity)
        \s?([%‰\p{Sc}]|°?(?<unit>\p{L}{0,6})\.?)[-)'"]*$
        |^(\d{1,4}(?<mark>[-/.])\d{1,2}\k<mark>\d{1,4})?[T\s]?
        (\d{1,2}:\d{2}(:\d{2}([.,]\d+)?)?)?\s?(Z|[AP]M|[-+]\d{2}:?\d{2})?$
        """, RegexOptions.IgnorePatternWhitespace | RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex NumberPattern();

    /// <summary>Whether a text is what is seen of it: ASCII, without blanks at its ends or in a row.</summary>
    static bool IsPlain(string text)
    {
        var blank = true;
        foreach (var c in text)
        {
            if (c is < ' ' or > '~' || blank && c == ' ') return false;
            blank = c == ' ';
        }
        return !blank || text.Length == 0;
    }

    /// <summary>A letter and an accent as one, also where .NET runs without the tables for it.</summary>
    static char? Composed(char letter, char accent)
    {
        // After each accent, letters without and with it in turn.
        const string Letters = "\u0300AÀEÈIÌOÒUÙaàeèiìoòuù\u0301AÁCĆEÉIÍNŃOÓSŚUÚYÝZŹaácćeéiínńoósśuúyýzź"
            + "\u0302AÂEÊIÎOÔUÛaâeêiîoôuû\u0303AÃNÑOÕaãnñoõ\u0306AĂGĞaăgğ\u0307IİZŻzż\u0308AÄEËIÏOÖUÜYŸaäeëiïoöuüyÿ"
            + "\u030AAÅUŮaåuů\u030BOŐUŰoőuű\u030CCČDĎEĚNŇRŘSŠTŤZŽcčdďeěnňrřsštťzž\u0327CÇSŞcçsş\u0328AĄEĘaąeę";
        if (accent is < '\u0300' or > '\u036F' || Letters.IndexOf(accent) is not (>= 0 and var at)) return null;
        for (at++; at < Letters.Length && Letters[at] is < '\u0300' or > '\u036F'; at += 2)
            if (Letters[at] == letter) return Letters[at + 1];
        return null;
    }

    static bool IsInvisible(char c) => char.GetUnicodeCategory(c) is UnicodeCategory.Format or UnicodeCategory.Control
        || c is '\u034F' or '\u115F' or '\u1160' or '\u17B4' or '\u17B5' or '\u3164' or '\uFFA0'   // joiners, fillers
            or (>= '\uFE00' and <= '\uFE0F');                                                       // choice of a glyph

    static char Plain(char c) => c switch
    {
        < '\x7F' => c,
        '\u2212' => '-',
        '\u2018' or '\u2019' or '\u02BC' => '\'',
        _ when char.GetUnicodeCategory(c) == UnicodeCategory.DashPunctuation => '-',
        _ when CharUnicodeInfo.GetDecimalDigitValue(c) is >= 0 and var digit && char.IsDigit(c) => (char)('0' + digit),
        >= '\uFF01' and <= '\uFF5E' => (char)(c - '\uFF01' + '!'),
        _ => c,
    };
}
