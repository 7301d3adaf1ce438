using System.Diagnostics;
using System.Globalization;
using Spectre.Console;

namespace MicroGrad.Net.Examples;

/// <summary>
/// A table of epochs that grows while training runs, with a bar for the running epoch and the course of the loss.
/// Where the output is no terminal, one plain line per epoch.
/// </summary>
sealed class LiveTable
{
    const string Levels = "▁▂▃▄▅▆▇█";
    static readonly TimeSpan s_refresh = TimeSpan.FromMilliseconds(100);

    readonly bool _live = AnsiConsole.Profile.Capabilities is { Ansi: true, Interactive: true };
    readonly string[] _columns;
    readonly int _epochs;
    readonly Table _table = new Table().Border(TableBorder.Simple).AddColumn(new TableColumn("epoch").RightAligned());
    readonly List<double> _losses = [];
    readonly Stopwatch _sinceRefresh = Stopwatch.StartNew();
    LiveDisplayContext? _context;

    public LiveTable(string[] columns, int epochs)
    {
        (_columns, _epochs) = (columns, epochs);
        foreach (var column in columns) _table.AddColumn(new TableColumn(column).RightAligned());
        _table.AddColumn(new TableColumn("seconds").RightAligned());
    }

    public T Show<T>(Func<LiveTable, T> work)
    {
        if (!_live) return work(this);
        return AnsiConsole.Live(_table).Start(context =>
        {
            _context = context;
            return work(this);
        });
    }

    public void Step(int epoch, double share, double loss)
    {
        if (_context is null || _sinceRefresh.Elapsed < s_refresh) return;
        _sinceRefresh.Restart();
        var filled = (int)(share * 30);
        Show(string.Create(CultureInfo.InvariantCulture,
            $"epoch {epoch}/{_epochs} {new string('█', filled)}{new string('░', 30 - filled)} loss {loss:0.0000}  {Course()}  Ctrl+C to stop"));
    }

    void Show(string status) => _context?.UpdateTarget(new Rows(_table, new Text("  " + status)));

    public void EndEpoch(int epoch, double[] figures, TimeSpan time)
    {
        _losses.Add(figures[0]);
        var texts = Array.ConvertAll(figures, Example.Text);
        var seconds = time.TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture);
        if (_context is null)
        {
            // Long runs: about twenty lines, the first and the last among them.
            if (epoch > 1 && epoch < _epochs && epoch % Math.Max(1, _epochs / 20) != 0) return;
            Console.WriteLine($"epoch {epoch}/{_epochs}  {string.Join("  ", _columns.Zip(texts, (name, text) => name + " " + text))}  {seconds} s");
            return;
        }
        while (_table.Rows.Count >= 15) _table.RemoveRow(0);
        _table.AddRow([epoch.ToString(CultureInfo.InvariantCulture), .. texts, seconds]);
        if (epoch < _epochs && _sinceRefresh.Elapsed < s_refresh) return;
        _sinceRefresh.Restart();
        Show($"loss by epoch {Course()}");
    }

    /// <summary>The losses of up to 40 epochs as bars, low to high.</summary>
    string Course()
    {
        var shown = Enumerable.Range(0, Math.Min(40, _losses.Count)).Select(i => _losses[i * _losses.Count / Math.Min(40, _losses.Count)]).ToArray();
        if (shown.Length == 0) return "";
        var (low, high) = (shown.Min(), shown.Max());
        return string.Concat(shown.Select(loss => Levels[high > low ? (int)((loss - low) / (high - low) * (Levels.Length - 1)) : 0]));
    }
}
