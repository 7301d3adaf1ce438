namespace MicroGrad.Net;

/// <summary>What a caller says about a table of text; null where the file shall tell.</summary>
sealed record TableFormat(char? Delimiter, bool HasHeader, IReadOnlyList<string>? Names, bool RenameRepeated,
    char? DecimalMark, MissingMarks Missing, char? Comment, int MaxColumns, long MaxCells)
{
    const string Name = "CsvTable.Read";

    /// <summary>Refuses what cannot be meant.</summary>
    public void Check()
    {
        if (Delimiter is '"' or '\r' or '\n' or '\0' or > '~')
            Throw.Value(Name, "the delimiter must be an ASCII character other than a quote or line break, "
                + $"but is '{CellText.Shown($"{Delimiter}")}'.");
        if (DecimalMark is not (null or '.' or ','))
            Throw.Value(Name, $"the decimal mark must be '.' or ',', but is '{CellText.Shown($"{DecimalMark}")}'.");
        if (Comment is <= ' ' or '"' or > '~' || Comment is not null && Comment == Delimiter)
            Throw.Value(Name, "lines of comment must start with an ASCII character other than a quote, a blank or the "
                + $"delimiter, but 'comment' is '{CellText.Shown($"{Comment}")}'.");
        if (MaxColumns < 1) Throw.OutOfRange(Name, "maxColumns", MaxColumns, "at least 1");
        if (MaxCells < 1) Throw.OutOfRange(Name, "maxCells", MaxCells, "at least 1");
        var given = new HashSet<string>();
        for (var i = 0; i < Names?.Count; i++)
            if (string.IsNullOrWhiteSpace(Names[i])) Throw.Value(Name, $"names[{i}] is empty.");
            else if (!given.Add(CellText.Seen(Names[i])))
                Throw.Value(Name, $"names[{i}], '{Names[i]}', is given twice.");
    }
}

/// <summary>The cells that stand for "not known".</summary>
sealed class MissingMarks
{
    // Those of pandas, and the ? of the UCI repository. "-" is not among them: it is a class beside "+".
    static readonly string[] Usual = ["", "?", "#N/A", "<NA>", "N/A", "NA", "NULL", "NaN", "None", "n/a", "nan", "null",
        "-NaN", "-nan"];

    readonly HashSet<string> _texts;

    /// <summary>The marks as they were given.</summary>
    public IReadOnlyList<string> Texts { get; }

    readonly HashSet<double> _numbers = [];

    public MissingMarks(IEnumerable<string>? marks)
    {
        if (marks?.Contains(null!) == true)
            Throw.Value("CsvTable.Read", "'missing' holds a null: pass \"\" for an empty cell.");
        Texts = [.. marks ?? Usual];
        _texts = [.. Texts.Select(CellText.Trim)];
        foreach (var text in _texts)
            if (CellText.TryNumber(text, CellText.Point, out var number) && double.IsFinite(number))
                _numbers.Add(number);
    }

    public bool Holds(string cell) => _texts.Contains(cell);

    /// <summary>A mark that is a number stands for that number however it is written: -999 for -999.0 too.</summary>
    public bool Holds(double number) => _numbers.Contains(number);

    /// <summary>Whether a cell that is no mark looks like one, such as -, none or #DIV/0!.</summary>
    public static bool Resemble(string cell) => !cell.Any(char.IsLetterOrDigit) || cell.StartsWith('#')
        || Usual.Contains(cell.Replace(".", ""), StringComparer.OrdinalIgnoreCase);
}
