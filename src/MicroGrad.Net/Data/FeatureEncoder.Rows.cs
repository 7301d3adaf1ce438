using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace MicroGrad.Net;

public sealed partial class FeatureEncoder
{
    /// <summary>
    /// The features of a row in memory, given by name: X [1, features], the same bits as those of the row in a file.
    /// </summary>
    /// <remarks>
    /// A name is a column's if it is the same, or else if it has the same letters and digits, whatever their case:
    /// <c>TotalBedrooms</c> is total_bedrooms. Further names are passed over. null and NaN are missing cells, and so is
    /// a text that means missing in the table of <see cref="Fit"/>, unless it is a category. A number is what its
    /// shortest exact text says, so that 0.1f is the 0.1 of a file; a text is read as a cell of that table without
    /// quotes; true and false are 1 and 0 for a column that had no other numbers, and the categories of these names.
    /// Enums are texts; a <see cref="System.Text.Json.JsonElement"/> is what it holds.
    /// </remarks>
    /// <param name="row">Values by the names of their columns.</param>
    /// <exception cref="ArgumentException">A column is absent or named twice, or a value is none for its column: the
    /// message names both, and near names.</exception>
    [OverloadResolutionPriority(1)]
    public Tensor Encode<TValue>(IReadOnlyDictionary<string, TValue> row) => Encode([row], ByName, single: true);

    /// <summary>The features of many rows in memory, given by name: X [rows, features].</summary>
    /// <inheritdoc cref="Encode{TValue}(IReadOnlyDictionary{string, TValue})"/>
    /// <param name="rows">Values by the names of their columns, row by row.</param>
    [OverloadResolutionPriority(1)]
    public Tensor EncodeAll<TValue>(IEnumerable<IReadOnlyDictionary<string, TValue>> rows) =>
        Encode([.. rows], ByName, single: false);

    /// <summary>
    /// The features of a row in memory whose properties are named as the columns, such as a record or an object of an
    /// anonymous type: X [1, features].
    /// </summary>
    /// <inheritdoc cref="Encode{TValue}(IReadOnlyDictionary{string, TValue})"/>
    /// <param name="row">The row.</param>
    public Tensor Encode<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicProperties)] TRow>(TRow row) =>
        Encode([row], ByProperty<TRow>(), single: true);

    /// <summary>The features of many rows in memory, given as objects: X [rows, features].</summary>
    /// <inheritdoc cref="Encode{TRow}(TRow)"/>
    /// <param name="rows">The rows.</param>
    public Tensor EncodeAll<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicProperties)] TRow>(
        IEnumerable<TRow> rows) => Encode([.. rows], ByProperty<TRow>(), single: false);

    /// <summary>The features of a row in memory, its values in the order of <see cref="Columns"/>: X [1, features].
    /// </summary>
    /// <inheritdoc cref="Encode{TValue}(IReadOnlyDictionary{string, TValue})"/>
    /// <param name="values">A value for each column.</param>
    public Tensor EncodeValues(params ReadOnlySpan<object?> values)
    {
        if (values.Length != _columns.Length)
            Throw.Value("FeatureEncoder.Encode", $"{values.Length} values are given for the {_columns.Length} columns "
                + $"{NearNames.List(Columns)}.");
        return Encode([values.ToArray()], (row, column, _) => row[column], single: true);
    }

    delegate object? Value<TRow>(TRow row, int column, CellPlace place);

    Tensor Encode<TRow>(TRow[] rows, Value<TRow> value, bool single)
    {
        var width = FeatureNames.Count;
        var x = Tensor.Zeros([rows.Length, width]);
        for (var i = 0; i < rows.Length; i++)
        {
            var place = new CellPlace(null, single ? -1 : i);
            if (rows[i] is null) throw new ArgumentNullException(nameof(rows), $"FeatureEncoder.Encode: row {i} is null.");
            var features = x.Write<float>().Slice(i * width, width);
            for (var column = 0; column < _columns.Length; column++)
            {
                var encoder = _columns[column];
                var given = value(rows[i], column, place);
                if (!MemoryCell.TryOf(given, out var cell))
                    throw place.Bad(encoder.Name,
                        $"a {given!.GetType().Name} is no cell: pass a number, a text, true, false or null");
                encoder.Encode(cell, _reading, place, features);
                features = features[encoder.FeatureNames.Length..];
            }
        }
        return x;
    }

    object? ByName<TValue>(IReadOnlyDictionary<string, TValue> row, int column, CellPlace place)
    {
        if (row.TryGetValue(Columns[column], out var value)) return value;
        string[] names = [.. row.Keys];
        return row[names[Find(column, names, "names", place)]];
    }

    Value<TRow> ByProperty<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicProperties)] TRow>()
    {
        PropertyInfo[] properties = [.. typeof(TRow).GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(property => property.CanRead && property.GetIndexParameters().Length == 0)];
        string[] names = [.. properties.Select(property => property.Name)];
        PropertyInfo[] found = [.. Columns.Select((_, column) =>
            properties[Find(column, names, "properties", new CellPlace(null, -1))])];
        return (row, column, _) => found[column].GetValue(row);
    }

    /// <summary>Which of some names is that of a column.</summary>
    int Find(int column, string[] names, string kind, CellPlace place)
    {
        var name = Columns[column];
        var found = Matches(name, names);
        if (found.Length == 0)
            throw new ArgumentException(place.Bad(name, "the row has no such value; pass null where it is missing").Message
                + $" {NearNames.Hint(name, names, $"Its {kind} are")}");
        if (found.Length > 1)
            throw place.Bad(name, $"'{names[found[0]]}' and '{names[found[1]]}' may both be it: name one of them '{name}'");
        // One value must not become two columns.
        if (Columns.Where((other, i) => i != column && Matches(other, [names[found[0]]]).Length > 0)
                .FirstOrDefault() is { } second && !Same(name, names[found[0]]))
            throw place.Bad(name, $"'{names[found[0]]}' may be it or '{second}': pass a dictionary with the columns' own "
                + "names");
        return found[0];
    }

    /// <summary>The places of the names that are a column's; the same name before similar ones.</summary>
    static int[] Matches(string column, string[] names)
    {
        int[] all = [.. Enumerable.Range(0, names.Length)];
        var same = Array.FindAll(all, i => Same(column, names[i]));
        var letters = Letters(column);
        return same.Length > 0 || letters.Length == 0 ? same : Array.FindAll(all, i => Letters(names[i]) == letters);
    }

    static bool Same(string column, string name) => CellText.Seen(column) == CellText.Seen(name);

    static string Letters(string name) =>
        string.Concat(CellText.Seen(name).Where(char.IsLetterOrDigit)).ToUpperInvariant();
}
