namespace MicroGrad.Net.Examples;

/// <summary>What --report asks for: looks on while a script trains, and writes the page at the end.</summary>
sealed class Reporter
{
    readonly string _path, _title;
    readonly List<(string Name, History History)> _runs = [];
    Func<Func<Tensor>>? _batch;
    long _steps;

    /// <summary>Makes sure that the file can be written, before any time is spent on training.</summary>
    /// <exception cref="InvalidOptionException">It cannot.</exception>
    public Reporter(string path, string title)
    {
        (_path, _title) = (path, title);
        try
        {
            var isNew = !File.Exists(path);
            File.Open(path, FileMode.OpenOrCreate, FileAccess.Write).Dispose();
            if (isNew) File.Delete(path);
        }
        catch (Exception wrong) when (wrong is IOException or UnauthorizedAccessException)
        {
            throw new InvalidOptionException($"--report {path} cannot be written: {wrong.Message}");
        }
    }

    /// <summary>What looks at the steps; null where nothing does.</summary>
    public TrainingRecord? Record { get; private set; }

    /// <summary>Begins to look at steps.</summary>
    public void Watch(ModuleBase model, Optimizer optimizer, Func<Func<Tensor>> batch) =>
        (Record, _batch) = (new TrainingRecord(model, optimizer), batch);

    /// <summary>Looks at the next step where it is time to, of as many as there will be in all.</summary>
    public void AfterStep(long of)
    {
        _steps++;
        if (Record is not null && _batch is not null && (_steps == 1 || Record.IsDue(_steps, of)))
            Record.Probe(_batch(), step: _steps);
    }

    /// <summary>Adds a training to the report.</summary>
    public void Add(History history, string name = "")
    {
        if (history.Watch is TrainingRecord record) Record = record;
        else history.Watch = Record;
        _runs.Add((name, history));
    }

    /// <summary>Writes the page; returns what to say of it.</summary>
    public string Save()
    {
        if (_runs.Count == 0) return "No report was written: nothing was trained.";
        File.WriteAllText(_path, HistoryReport.ToHtml(_title, _runs));
        return $"Report: {_path}";
    }
}
