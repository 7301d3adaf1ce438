namespace MicroGrad.Net;

/// <summary>
/// Turns the columns of a table into features for a network, with everything it needs to know taken from the training
/// rows alone: numbers are standardised, (x − mean) / deviation, after missing ones were filled with the median; text
/// becomes one column of 0 or 1 per category. <see cref="Describe"/> says in words what was done. It encodes tables, and
/// rows in memory; as a part of a <see cref="Checkpoint"/> it goes where the model goes.
/// </summary>
public sealed partial class FeatureEncoder : IFitted<FeatureEncoder>
{
    const int Version = 1;

    readonly string _target;
    readonly ColumnEncoder[] _columns;
    readonly CellReading _reading;              // that of the table it was fitted on

    FeatureEncoder(string target, ColumnEncoder[] columns, CellReading reading)
    {
        (_target, _columns, _reading) = (target, columns, reading);
        Columns = [.. columns.Select(column => column.Name)];
        FeatureNames = [.. columns.SelectMany(column => column.FeatureNames)];
    }

    /// <summary>The columns that a row must have, in the order of the table.</summary>
    public IReadOnlyList<string> Columns { get; }

    /// <summary>The column to be predicted, which a row need not have.</summary>
    public string TargetName => _target;

    /// <summary>
    /// The name of each feature: that of its column, and <c>column=category</c> for a category; in the order of the
    /// table's columns, categories in ordinal order.
    /// </summary>
    public IReadOnlyList<string> FeatureNames { get; }

    /// <summary>Learns from the training rows how to encode all columns of a table but the target.</summary>
    /// <param name="table">The table; of rows outside training it counts missing and unseen cells for
    /// <see cref="Describe"/>, nothing else.</param>
    /// <param name="target">The column to be predicted.</param>
    /// <param name="trainRows">The rows to learn from.</param>
    /// <param name="ignore">Columns to leave out.</param>
    /// <param name="categories">Columns of numbers that are codes of categories, and columns of text of which each is
    /// to be a category though they seldom repeat.</param>
    /// <exception cref="ArgumentException">There is no such column or row, or no training rows are given.</exception>
    /// <exception cref="DataFileException">A column is at least half numbers, or what looks like numbers written in
    /// another way ($5, 1.000,50) or dates, but has cells that are none; a column of text has a different one in
    /// more than every second training row, as names, ids and dates do; two categories look the same, but are not.</exception>
    public static FeatureEncoder Fit(CsvTable table, string target, int[] trainRows,
        IReadOnlyCollection<string>? ignore = null, IReadOnlyCollection<string>? categories = null)
    {
        const string Name = "FeatureEncoder.Fit";
        if (trainRows.Length == 0) Throw.Value(Name, "no training rows are given.");
        RequireRows(Name, table, trainRows);
        string[] left = [target, .. ignore ?? []];
        HashSet<int> without = [.. left.Select(table.Position)];
        HashSet<int> codes = [.. (categories ?? []).Select(table.Position)];

        var columns = new List<ColumnEncoder>();
        for (var i = 0; i < table.Columns.Count; i++)
        {
            var (column, declared) = (table.Columns[i], codes.Contains(i));
            if (without.Contains(i)) continue;
            columns.Add(!declared && HoldsNumbers(table, column) ? new NumberColumn(table, column, trainRows)
                : new TextColumn(table, column, trainRows, declared));
        }
        return new FeatureEncoder(target, [.. columns], table.Reading);
    }

    /// <summary>
    /// The features of some rows of a table: X [rows, features], Float32. A category that was not in the training rows
    /// is all zeros, as a missing one.
    /// </summary>
    /// <exception cref="ArgumentException">The table lacks a column that was there in training, or a row.</exception>
    /// <exception cref="DataFileException">A cell of a column of numbers is no number, or so far from the training mean
    /// that Float32 cannot hold it; a text looks like a category, but differs.</exception>
    public Tensor Transform(CsvTable table, int[] rows)
    {
        RequireRows("FeatureEncoder.Transform", table, rows);
        var x = Tensor.Zeros([rows.Length, FeatureNames.Count]);
        var position = 0;
        foreach (var column in _columns)
        {
            column.Encode(table, rows, x.Write<float>(), position, FeatureNames.Count);
            position += column.FeatureNames.Length;
        }
        return x;
    }

    /// <summary>
    /// The numbers of the target column, not standardised, of some rows of a table: Y [rows, 1], rounded to Float32.
    /// </summary>
    /// <exception cref="ArgumentException">The table lacks the target column, or a row.</exception>
    /// <exception cref="DataFileException">A target is missing, no number, or too large for Float32.</exception>
    public Tensor Target(CsvTable table, int[] rows)
    {
        RequireRows("FeatureEncoder.Target", table, rows);
        var numbers = table.Numbers(_target);
        foreach (var row in rows)
            if (double.IsNaN(numbers[row])) throw table.BadCell(_target, row, "the target is missing");
            else if (!float.IsFinite((float)numbers[row]))
                throw table.BadCell(_target, row, $"{ColumnStatistics.Text(numbers[row])} is too large for Float32");
        return Tensor.From([rows.Length, 1], Array.ConvertAll(rows, row => (float)numbers[row]));
    }

    /// <summary>
    /// What was done, line by line, such as <c>total_bedrooms: 207 missing cells filled with the training median
    /// 435</c>. Missing cells are counted over the whole table that was given to <see cref="Fit"/>.
    /// </summary>
    public IReadOnlyList<string> Describe() => [.. _columns.SelectMany(column => column.Lines)];

    /// <inheritdoc/>
    public string SaveState() => FittedText.Write(nameof(FeatureEncoder), Version, json =>
    {
        json.WriteString("target", FittedText.Valid(_target));
        json.WriteString("decimalMark", _reading.Format.NumberDecimalSeparator);
        json.Text("missing", _reading.Missing.Texts);
        json.WriteStartArray("columns");
        foreach (var column in _columns)
        {
            json.WriteStartObject();
            column.Save(json);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    });

    /// <inheritdoc/>
    public static FeatureEncoder LoadState(string text) => FittedText.Read(text, nameof(FeatureEncoder), Version, json =>
    {
        ColumnEncoder[] columns = [.. json.GetProperty("columns").EnumerateArray().Select(ColumnEncoder.Load)];
        if (columns.DistinctBy(column => CellText.Seen(column.Name)).Count() < columns.Length)
            throw new ArgumentException("two columns have one name.");
        return new FeatureEncoder(json.Text("target"), columns, new CellReading(
            new MissingMarks(json.Texts("missing")), json.Text("decimalMark") switch
            {
                "." => CellText.Point,
                "," => CellText.Comma,
                var mark => throw new ArgumentException($"the decimal mark is '{mark}'."),
            }));
    });

    static bool HoldsNumbers(CsvTable table, string column)
    {
        var (numbers, alike, present) = table.CountNumbers(column);
        if (numbers == present) return numbers > 0;
        // One mistyped cell, or another way of writing, must not turn a column of numbers into thousands of categories.
        if (2 * alike >= present)
            try
            {
                table.Numbers(column);
            }
            catch (DataFileException problem)
            {
                throw new DataFileException($"{problem.Message} {numbers} of the column's {present} cells are numbers"
                    + (alike == numbers ? ""
                        : $", {alike - numbers} more look like numbers or dates that are written in another way")
                    + ": mend the others, or name the column under 'categories' or 'ignore'.", problem);
            }
        return false;
    }

    static void RequireRows(string op, CsvTable table, int[] rows)
    {
        for (var i = 0; i < rows.Length; i++)
            if ((uint)rows[i] >= (uint)table.RowCount) Throw.IndexOutOfRange(op, i, rows[i], table.RowCount);
    }
}
