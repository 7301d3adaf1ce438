using System.Globalization;
using System.Text;
using System.Text.Json;

namespace MicroGrad.Net;

/// <summary>The page of a training report: here its frame, and what the figures of the epochs say.</summary>
sealed partial class TrainingPage
{
    const int ChartWidth = 410;             // three beside each other on a usual screen
    const double LogarithmicFrom = 50;      // the span of the figures, as in the chart of characters

    readonly StringBuilder _body = new();
    readonly List<Action<Utf8JsonWriter>> _numbers = [];

    TrainingPage()
    {
    }

    /// <summary>The text of the page.</summary>
    public static string Text(string title, IReadOnlyList<(string Name, History History)> runs)
    {
        var page = new TrainingPage();
        page.Add($"<style>\n{HtmlPage.Resource("report.css")}</style>");
        page.Add(LineChart.Style);
        page.Add($"<h1>{HtmlPage.Escaped(title)}</h1>");
        foreach (var (name, history) in runs)
        {
            if (name.Length > 0) page.Add($"<h2 class=\"run\">{HtmlPage.Escaped(name)}</h2>");
            page.Add(history);
        }
        page.Add("<div id=\"numbers\" role=\"status\" hidden></div>");
        return HtmlPage.Text(title, page._body.ToString(), "report.js", page.Numbers());
    }

    void Add(string html) => _body.Append(html).Append('\n');

    void Add(History history)
    {
        var record = history.Watch as TrainingRecord;
        Summary(history, record);
        Losses(history, record);
        OtherFigures(history);
        if (record is null || record.Steps.Count == 0)
            Paragraph("By layer nothing is known, since no TrainingRecord looked on: set Watch = new TrainingRecord("
                + "model, optimizer) on the Trainer; in a loop of your own, call its Probe at some steps and set "
                + "history.Watch to it.");
        else
        {
            Layers(record.Steps);
            Histograms(record.Steps);
            Ledger(record);
        }
        if (record is not null) MostWrong(record);
    }

    void Summary(History history, TrainingRecord? record)
    {
        if (history.Count == 0) Paragraph("No epoch was completed.");
        else if (history.Names.Contains(History.Loss))
            Add($"<p class=\"verdict\">{HtmlPage.Escaped(history.Verdict.Text)}</p>");
        if (history.EndedBecause is { } reason) Paragraph($"Training ended early: {reason}.");
        if (history.RestoredEpoch > 0) Paragraph(Invariant($"The weights are those of epoch {history.RestoredEpoch}."));

        List<(string Name, string Value)> facts = [("epochs", Invariant($"{history.Count}"))];
        if (history.Count > 0)
            foreach (var name in history.Names)
                if (name == History.Seconds) facts.Add(("time", Invariant($"{history[name].Sum():0.0} s")));
                else facts.Add(($"{name}, last", Number(history[name][^1])));
        if (record is not null)
        {
            var (model, optimizer) = record.Subject;
            facts.Add(("parameters", Invariant($"{model.Parameters().Sum(parameter => (long)parameter.Length):n0}")));
            facts.Add(("optimizer", optimizer.GetType().Name));
        }
        Add("<dl class=\"facts\">");
        foreach (var (name, value) in facts)
            Add($"<div><dt>{HtmlPage.Escaped(name)}</dt><dd>{HtmlPage.Escaped(value)}</dd></div>");
        Add("</dl>");
        if (record?.Subject.Model.ToString() is { } tree)
            Add($"<details><summary>The network</summary><pre>{HtmlPage.Escaped(tree)}</pre></details>");
    }

    void Losses(History history, TrainingRecord? record)
    {
        if (history.Count == 0 || !history.Names.Contains(History.Loss)) return;
        Heading("Loss");
        Begin("charts");
        Chart(LossOf(history, 2 * ChartWidth + 30, height: 320));
        LearningRate(history, record);
        End();
    }

    void OtherFigures(History history)
    {
        var others = OtherFiguresOf(history);
        if (history.Count == 0 || others.Length == 0) return;
        Heading("Other figures");
        Begin("charts");
        foreach (var name in others) Chart(Figure(history, name, ChartWidth, height: 220));
        End();
    }

    /// <summary>By step where a record knows it, else by epoch.</summary>
    void LearningRate(History history, TrainingRecord? record)
    {
        var (unit, places, rates) = record is { Steps.Count: > 0 }
            ? ("step", StepsOf(record.Steps), At(record.Steps, sample => sample.LearningRate))
            : history.Names.Contains(History.LearningRate) ? ("epoch", Epochs(history), history[History.LearningRate])
            : ("", [], []);
        if (rates.Length == 0) return;
        var top = 1.1 * rates.Max();
        Chart(new LineChart("learning rate", unit)
        {
            Width = ChartWidth, Height = 320, Logarithmic = IsWide(rates),
            YRange = !IsWide(rates) && top > 0 && double.IsFinite(top) ? (0, top) : null,
        }.Add("", places, rates));
    }

    /// <summary>The loss by epoch, with marks where training converged, began to overfit or was restored.</summary>
    public static LineChart LossOf(History history, int width, int height)
    {
        var chart = Figure(history, History.Loss, width, height);
        if (TrainingVerdict.ConvergedFrom(history[History.Loss], history.FirstEpoch) is { } converged)
            chart.Mark(converged, Invariant($"converged, epoch {converged}"));
        if (history.Verdict.OverfitsFrom is { } overfits)
            chart.Mark(overfits, Invariant($"overfits from epoch {overfits} on"));
        if (history.RestoredEpoch is > 0 and var restored)
            chart.Mark(restored, Invariant($"restored, epoch {restored}"));
        return chart;
    }

    /// <summary>What was measured beside losses, rate and time; on training and validation, or one of them.</summary>
    public static string[] OtherFiguresOf(History history) =>
        [.. history.Names.Where(name => name is not (History.Loss or History.ValidationLoss
            or History.LearningRate or History.Seconds) && !history.Names.Any(other => History.Validation(other) == name))];

    /// <summary>A figure by epoch, with that of the validation where there is one.</summary>
    public static LineChart Figure(History history, string name, int width, int height)
    {
        var (figures, validation) = (history[name], History.Validation(name));
        var both = history.Names.Contains(validation);
        var chart = new LineChart(name, "epoch")
        {
            Width = width, Height = height,
            Logarithmic = IsWide(both ? [.. figures, .. history[validation]] : figures),
        }.Add(both || name == History.Loss ? "training" : "", Epochs(history), figures);
        return both ? chart.Add("validation", Epochs(history), history[validation]) : chart;
    }

    static double[] Epochs(History history) =>
        [.. Enumerable.Range(history.FirstEpoch, history.Count).Select(epoch => (double)epoch)];

    /// <summary>Whether numbers are best shown by powers of ten.</summary>
    static bool IsWide(double[] numbers)
    {
        double[] finite = [.. numbers.Where(double.IsFinite)];
        return finite.Length > 0 && finite.Min() > 0 && finite.Max() / finite.Min() > LogarithmicFrom;
    }

    void Heading(string text) => Add($"<h2>{HtmlPage.Escaped(text)}</h2>");

    void Paragraph(string text) => Add($"<p class=\"soft\">{HtmlPage.Escaped(text)}</p>");

    void Begin(string kind) => Add($"<div class=\"{kind}\">");

    void End() => Add("</div>");

    void Chart(LineChart chart)
    {
        Add($"<div class=\"card\">{chart.ToPart(_numbers.Count)}</div>");
        _numbers.Add(chart.WriteNumbers);
    }

    void Chart(HeatMap chart)
    {
        Add($"<div class=\"card\">{chart.ToPart(_numbers.Count)}</div>");
        _numbers.Add(chart.WriteNumbers);
    }

    /// <summary>A table; its first column holds names, the others numbers.</summary>
    void Table(IEnumerable<string[]> rows, bool numbers = true)
    {
        Add("<div class=\"card\"><table>");
        foreach (var (index, row) in rows.Index())
        {
            var tag = index == 0 ? "th" : "td";
            Add($"<tr>{string.Concat(row.Select((cell, column) =>
                $"<{tag}{(column > 0 && numbers ? " class=\"number\"" : "")}>{HtmlPage.Escaped(cell)}</{tag}>"))}</tr>");
        }
        Add("</table></div>");
    }

    string Numbers()
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartArray();
            foreach (var write in _numbers) write(json);
            json.WriteEndArray();
        }
        return Encoding.UTF8.GetString(stream.ToArray());
    }

    static string Number(double value) => value.ToString("g4", CultureInfo.InvariantCulture);

    static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
