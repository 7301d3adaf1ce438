using System.Globalization;

namespace MicroGrad.Net;

/// <summary>A tensor in a notebook: what it is, and its numbers as tables over the last two axes.</summary>
static class NotebookTensor
{
    const int MostAlong = 20;       // numbers shown along an axis; of a longer one both ends
    const int MostTables = 3;

    public static string Html(Tensor tensor)
    {
        var name = tensor is Variable { Name: { } given } ? $" {given}" : "";
        var by = tensor.Node is { IsLeaf: false } node ? $", by {node.Op}" : "";
        var head = NotebookHtml.Paragraph($"{tensor.GetType().Name}{name} {tensor.Shape} {tensor.DType}{by}");
        if (tensor.Length == 0) return head + NotebookHtml.Paragraph("no elements");
        var (rows, columns) = (tensor.Rank > 1 ? tensor.Shape[^2] : 1, tensor.Rank > 0 ? tensor.Shape[^1] : 1);
        var all = tensor.Length / (rows * columns);
        var tables = Enumerable.Range(0, Math.Min(all, MostTables)).Select(table =>
            (tensor.Rank > 2 ? NotebookHtml.Paragraph(Place(tensor.Shape, table)) : "") + Table(tensor, table, rows, columns));
        var more = all - MostTables;
        return head + string.Concat(tables) + (more > 0
            ? NotebookHtml.Paragraph(string.Create(CultureInfo.InvariantCulture, $"… and {more:n0} more of {rows} × {columns}")) : "");
    }

    /// <summary>Where in a tensor a table is: <c>[1, 0, :, :]</c>.</summary>
    static string Place(Shape shape, int table)
    {
        var place = ":, :]";
        for (var axis = shape.Rank - 3; axis >= 0; axis--)
        {
            place = $"{table % shape[axis]}, {place}";
            table /= shape[axis];
        }
        return "[" + place;
    }

    static string Table(Tensor tensor, int table, int rows, int columns)
    {
        int?[] down = [.. NotebookHtml.Places(rows, MostAlong)], across = [.. NotebookHtml.Places(columns, MostAlong)];
        var start = table * rows * columns;
        var numbers = new Queue<string>(Printed([.. from row in down from column in across
            where row is not null && column is not null select At(tensor, start + row.Value * columns + column.Value)]));
        string Index(int? place) => place?.ToString(CultureInfo.InvariantCulture) ?? "…";
        return NotebookHtml.Table([["", .. across.Select(Index)], .. down.Select(row => (string[])[
            tensor.Rank > 1 ? Index(row) : "",
            .. across.Select(column => row is null || column is null ? "…" : numbers.Dequeue())])], names: 0);
    }

    static double At(Tensor tensor, int place) =>
        tensor.DType == DType.Float64 ? tensor.AsSpan<double>()[place] : tensor.AsSpan<float>()[place];

    /// <summary>Numbers as a tensor of them prints them, in one form for all.</summary>
    static string[] Printed(double[] numbers) => Tensor.From([numbers.Length], numbers).ToString()
        .Split(['[', ' ', ']'], StringSplitOptions.RemoveEmptyEntries)[..numbers.Length];
}
