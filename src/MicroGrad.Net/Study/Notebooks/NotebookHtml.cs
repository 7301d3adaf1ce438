using System.Globalization;
using System.Text;

namespace MicroGrad.Net;

/// <summary>
/// What a notebook shows of a value: HTML without script, in the notebook's own colours, light or dark. All that the
/// style says is of the inside of its element, since the cells of a notebook share one page.
/// </summary>
static class NotebookHtml
{
    const int ChartWidth = 410, ChartHeight = 240;
    const int MostOperations = 200;     // of a tape; of a longer one the first and last

    const string Style = """
        <style>
        .micrograd table { color: inherit; border-collapse: collapse; width: auto; margin: .3em 0 }
        .micrograd table { font: .9em ui-monospace, Consolas, monospace }
        .micrograd th, .micrograd td { color: inherit; border: 0; padding: .1em .6em; text-align: right; white-space: pre }
        .micrograd th { opacity: .65; font-weight: normal }
        .micrograd .name { text-align: left }
        .micrograd p { margin: .3em 0 }
        .micrograd svg text { font: 11px system-ui, sans-serif; fill: currentColor }
        .micrograd svg .title { font-weight: 600 }
        .micrograd svg .grid { stroke: currentColor; stroke-opacity: .2 }
        .micrograd svg .axis { stroke: currentColor; stroke-opacity: .6 }
        </style>
        """;

    /// <summary>The HTML of a value.</summary>
    public static string Of(object value) => $"<div class=\"micrograd\">\n{Style}\n{value switch
    {
        Tensor tensor => NotebookTensor.Html(tensor),
        ModuleBase module => OfModule(module),
        Tape tape => OfTape(tape),
        History history => OfHistory(history),
        LineChart chart => Picture(chart.ToSvg()),
        Landscape landscape => Picture(landscape.ToSvg()),
        _ => $"<pre>{HtmlPage.Escaped(value.ToString() ?? "")}</pre>",
    }}</div>\n";

    /// <summary>The lines of the printed tree, which also tell what is shared and frozen; asked for its parameters, a
    /// module would name them.</summary>
    static string OfModule(ModuleBase module)
    {
        List<string[]> rows = [["module", "parameters"]];
        foreach (var line in module.ToString().ReplaceLineEndings("\n").Split('\n'))
        {
            var gap = line.LastIndexOf("  ", StringComparison.Ordinal);
            var isCounted = gap > 0 && line[(gap + 2)..].All(one => one is (>= '0' and <= '9') or ',');
            rows.Add(isCounted ? [line[..gap].TrimEnd(), line[(gap + 2)..]] : [line, ""]);
        }
        return Table(rows, names: 1);
    }

    static string OfTape(Tape tape)
    {
        List<string[]> rows = [["#", "operation", "shape", "inputs"]];
        foreach (var place in Places(tape.Count, MostOperations))
            rows.Add(place is { } at ? [$"%{at}", tape[at].Op, $"{tape[at].Shape}", tape[at].Name
                ?? string.Join(", ", tape[at].Inputs.Select(input => $"%{tape.IndexOf(input)}"))] : ["…", "…", "…", "…"]);
        return Table(rows, names: 4);
    }

    static string OfHistory(History history)
    {
        if (history.Count == 0) return Paragraph("No epoch was completed.");
        var html = new StringBuilder();
        var hasLoss = history.Names.Contains(History.Loss);
        if (hasLoss) html.Append(Paragraph(history.Verdict.Text));
        if (history.EndedBecause is { } reason) html.Append(Paragraph($"Training ended early: {reason}."));
        if (history.RestoredEpoch > 0)
            html.Append(Paragraph(string.Create(
                CultureInfo.InvariantCulture, $"The weights are those of epoch {history.RestoredEpoch}.")));
        if (hasLoss) html.Append(Picture(TrainingPage.LossOf(history, ChartWidth, ChartHeight).ToSvg()));
        foreach (var name in TrainingPage.OtherFiguresOf(history))
            html.Append(Picture(TrainingPage.Figure(history, name, ChartWidth, ChartHeight).ToSvg()));
        List<string[]> rows = [["", "first", "last"]];
        foreach (var name in history.Names) rows.Add([name, Number(history[name][0]), Number(history[name][^1])]);
        return html.Append(Table(rows, names: 1)).ToString();
    }

    /// <summary>A drawing without its own style, which would be that of the whole notebook.</summary>
    static string Picture(string svg)
    {
        const string End = "</style>";
        var start = svg.IndexOf("<style>", StringComparison.Ordinal);
        var end = svg.IndexOf(End, StringComparison.Ordinal) + End.Length;
        return svg[..start] + svg[end..];
    }

    /// <summary>A table.</summary>
    /// <param name="rows">The first is the head.</param>
    /// <param name="names">How many columns, from the left, are words; the others are numbers. With none, the first
    /// counts the rows, and is a head too.</param>
    public static string Table(IEnumerable<string[]> rows, int names)
    {
        var html = new StringBuilder("<table>\n");
        foreach (var (index, row) in rows.Index())
        {
            html.Append("<tr>");
            foreach (var (column, cell) in row.Index())
            {
                var tag = index == 0 || names == 0 && column == 0 ? "th" : "td";
                html.Append($"<{tag}{(column < names ? " class=\"name\"" : "")}>{HtmlPage.Escaped(cell)}</{tag}>");
            }
            html.Append("</tr>\n");
        }
        return html.Append("</table>\n").ToString();
    }

    public static string Paragraph(string text) => $"<p>{HtmlPage.Escaped(text)}</p>\n";

    /// <summary>The places of a list that are shown: all of a short one, else both ends, and null between.</summary>
    public static IEnumerable<int?> Places(int count, int most)
    {
        for (var place = 0; place < count; place++)
        {
            if (count > most && place == most / 2)
            {
                yield return null;
                place = count - most / 2;
            }
            yield return place;
        }
    }

    static string Number(double value) => value.ToString("g4", CultureInfo.InvariantCulture);
}
