using System.Globalization;
using System.Text;
using Spectre.Console;

namespace MicroGrad.Net.Benchmarks;

/// <summary>What a command found: shown in the terminal, and on request written to its section of RESULTS.md.</summary>
sealed class Report(string title)
{
    readonly StringBuilder _markdown = new();

    /// <summary>The folder of the solution, found upwards from the program's own.</summary>
    public static string Root { get; } = Find(AppContext.BaseDirectory);

    public void Say(string text)
    {
        Console.WriteLine(text);
        _markdown.Append(text).Append("\n\n");
    }

    /// <summary>A table; its first column is names, the others are numbers.</summary>
    public void Table(string[] columns, IEnumerable<string[]> rows)
    {
        var table = new Table().Border(TableBorder.Rounded);
        foreach (var (index, column) in columns.Index())
            table.AddColumn(new TableColumn(Markup.Escape(column)) { Alignment = index == 0 ? Justify.Left : Justify.Right, NoWrap = true });
        _markdown.Append($"| {string.Join(" | ", columns)} |\n|---|{string.Concat(Enumerable.Repeat("---:|", columns.Length - 1))}\n");
        foreach (var row in rows)
        {
            Console.Error.WriteLine(string.Join("  ", row));        // rows are measured one by one: the table comes late
            table.AddRow(Array.ConvertAll(row, Markup.Escape));
            _markdown.Append($"| {string.Join(" | ", row.Select(cell => cell.Replace("|", "\\|", StringComparison.Ordinal)))} |\n");
        }
        _markdown.Append('\n');
        // Redirected, Spectre takes a line for 80 columns wide and cuts the table.
        if (Console.IsOutputRedirected) AnsiConsole.Profile.Width = 200;
        AnsiConsole.Write(table);
    }

    /// <summary>Puts the section in place of the one of the same title, or at the end.</summary>
    public void Finish(bool write)
    {
        if (!write) return;
        var path = Path.Combine(Root, "benchmarks", "RESULTS.md");
        const string Head = "# Results\n\nWritten by the commands of this project with `--write`; never by hand.\n\n";
        var text = File.Exists(path) ? File.ReadAllText(path) : Head;
        var parts = text.Split("\n## ").ToList();
        var date = DateTime.UtcNow.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);
        var section = $"{title}\n\n{date} UTC. {Machine.Describe()}\n\n{_markdown}".TrimEnd() + "\n";
        var place = parts.FindIndex(part => part.StartsWith(title + "\n", StringComparison.Ordinal));
        if (place > 0) parts[place] = section;
        else parts.Add(section);
        File.WriteAllText(path, string.Join("\n## ", parts.Select(part => part.TrimEnd() + "\n")));
        Console.WriteLine($"written to {path}");
    }

    /// <summary>A time in the unit that suits it.</summary>
    public static string Time(double seconds) => seconds switch
    {
        < 1e-6 => $"{seconds * 1e9:0} ns",
        < 1e-3 => $"{seconds * 1e6:0.0} µs",
        < 1 => $"{seconds * 1e3:0.00} ms",
        _ => $"{seconds:0.00} s",
    };

    public static string Bytes(double bytes) => bytes switch
    {
        < 1e4 => $"{bytes:0} B",
        < 1e6 => $"{bytes / 1e3:0.0} kB",
        _ => $"{bytes / 1e6:0.0} MB",
    };

    static string Find(string? folder)
    {
        for (; folder is not null; folder = Path.GetDirectoryName(folder))
            if (File.Exists(Path.Combine(folder, "MicroGrad.Net.sln"))) return folder;
        throw new DirectoryNotFoundException($"MicroGrad.Net.sln is in no folder above {AppContext.BaseDirectory}.");
    }
}
