using System.Globalization;
using System.Numerics;
using System.Text.Json;

namespace MicroGrad.Net;

/// <summary>How the cells of a table are read: which are missing, and how numbers are written.</summary>
sealed record CellReading(MissingMarks Missing, NumberFormatInfo Format)
{
    /// <summary>The number in a cell, NaN where it is missing; or what is wrong with it.</summary>
    public double Number(string cell, out string? problem)
    {
        problem = null;
        if (Missing.Holds(cell)) return double.NaN;
        if (!CellText.TryNumber(cell, Format, out var number)) problem = "is not a number";
        else if (!double.IsFinite(number)) problem = "is not a finite number";
        else if (Missing.Holds(number)) return double.NaN;
        else if (CellText.IsRounded(cell, number, Format))
            problem = "is a whole number of more digits than a double holds: read ids by Text or Labels";
        return number;
    }
}

/// <summary>What a value from memory says: as a cell that was written in its shortest exact form.</summary>
/// <param name="Text">The cell; null where it is missing.</param>
/// <param name="Kind">What the value was.</param>
readonly record struct MemoryCell(string? Text, MemoryCell.Kinds Kind)
{
    public enum Kinds { Text, Number, Bool }

    /// <summary>Whether a value is of a kind that a cell can be.</summary>
    public static bool TryOf(object? value, out MemoryCell cell)
    {
        (var known, cell) = (true, default);
        switch (value)
        {
            case null or DBNull or double.NaN or float.NaN: break;
            case Half half when Half.IsNaN(half): break;
            case string text: cell = new(text, Kinds.Text); break;
            case char letter: cell = new(letter.ToString(), Kinds.Text); break;
            case Enum name: cell = new(name.ToString(), Kinds.Text); break;
            case bool yes: cell = new(yes ? "true" : "false", Kinds.Bool); break;
            // As text, so that 0.1f is the 0.1 of a file, and whole numbers that no double holds are found.
            case double or float or decimal or Half or sbyte or byte or short or ushort or int or uint or long or ulong
                or nint or nuint or Int128 or UInt128 or BigInteger:
                cell = new(((IFormattable)value).ToString(null, CultureInfo.InvariantCulture), Kinds.Number);
                break;
            // What a web request's JSON becomes in a dictionary.
            case JsonElement json:
                known = json.ValueKind is not (JsonValueKind.Object or JsonValueKind.Array);
                cell = json.ValueKind switch
                {
                    JsonValueKind.String => new(json.GetString(), Kinds.Text),
                    JsonValueKind.Number => new(json.GetRawText(), Kinds.Number),
                    JsonValueKind.True or JsonValueKind.False => new(json.GetRawText(), Kinds.Bool),
                    _ => default,
                };
                break;
            default: known = false; break;
        }
        return known;
    }

    /// <summary>The cell for a message.</summary>
    public override string ToString() =>
        Text is null ? "null" : Kind == Kinds.Text ? $"'{CellText.Shown(Text)}'" : CellText.Shown(Text);
}
