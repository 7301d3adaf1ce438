using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Spectre.Console;

namespace MicroGrad.Net.Examples;

/// <summary>
/// The frame of an example script: --help, --seed, --epochs and --report beside its own options, a live display while
/// it trains, Ctrl+C that ends training but not the story, one clear line for a wrong file, and a last line for programs.
/// </summary>
public sealed class Example : IDisposable
{
    readonly ParseResult _options;
    readonly Stopwatch _clock = Stopwatch.StartNew();
    readonly CancellationTokenSource _stop = new();
    readonly IAnsiConsole _console = AnsiConsole.Console;

    readonly Reporter? _reporter;

    Example(ParseResult options, ulong seed, int epochs, Reporter? reporter) =>
        (_options, Seed, Epochs, _reporter) = (options, seed, epochs, reporter);

    /// <summary>The seed of all randomness.</summary>
    public ulong Seed { get; }

    /// <summary>How often training goes over the data.</summary>
    public int Epochs { get; }

    /// <summary>The value given for an option.</summary>
    public T? Value<T>(Option<T> option) => _options.GetValue(option);

    /// <summary>Runs a script; returns the exit code: 0, 2 for wrong options or files, 130 after Ctrl+C.</summary>
    public static int Run(string[] args, string description, int epochs, Option[] options, Action<Example> story)
    {
        if (Console.IsOutputRedirected)
            (AnsiConsole.Profile.Capabilities.Ansi, AnsiConsole.Profile.Capabilities.ColorSystem) = (false, ColorSystem.NoColors);
        var seed = new Option<ulong>("--seed") { Description = "Seed of all randomness.", DefaultValueFactory = _ => 1 };
        var rounds = new Option<int>("--epochs") { Description = "How often to go over the training data.", DefaultValueFactory = _ => epochs };
        rounds.Validators.Add(result =>
        {
            if (result.Tokens.Count > 0 && int.TryParse(result.Tokens[0].Value, out var given) && given < 1)
                result.AddError($"--epochs must be at least 1, not {given}.");
        });
        var report = new Option<FileInfo?>("--report") { Description = "Write a report of the training to this file, an HTML page." };
        var root = new RootCommand(description) { seed, rounds, report };
        foreach (var option in options) root.Add(option);
        var exitCode = 0;
        root.SetAction(parsed =>
        {
            try
            {
                var reporter = parsed.GetValue(report) is { } file ? new Reporter(file.FullName, description) : null;
                using var example = new Example(parsed, parsed.GetValue(seed), parsed.GetValue(rounds), reporter);
                exitCode = Tell(example, story);
            }
            catch (InvalidOptionException wrong)
            {
                exitCode = Fail(wrong.Message);
            }
        });
        var parse = root.Parse(args);
        if (parse.Errors.Count == 0) return Math.Max(parse.Invoke(), exitCode);
        return Fail(string.Join(' ', parse.Errors.Select(error => error.Message)) + " See --help.");
    }

    static int Tell(Example example, Action<Example> story)
    {
        ConsoleCancelEventHandler onCancel = (_, pressed) =>
        {
            pressed.Cancel = !example._stop.IsCancellationRequested;    // a second Ctrl+C ends the process
            example._stop.Cancel();
        };
        Console.CancelKeyPress += onCancel;
        try
        {
            Rng.Seed(example.Seed);
            story(example);
            return example._stop.IsCancellationRequested ? 130 : 0;
        }
        catch (Exception wrong) when (wrong is IOException or UnauthorizedAccessException or InvalidOptionException)
        {
            return Fail(wrong.Message);
        }
        catch (OperationCanceledException)
        {
            return 130;
        }
        finally
        {
            Console.CancelKeyPress -= onCancel;
        }
    }

    static int Fail(string message)
    {
        Console.Error.WriteLine("error: " + message.ReplaceLineEndings(" "));
        return 2;
    }

    /// <summary>
    /// Trains epoch by epoch and shows it live: a row per epoch with the figures that <paramref name="epoch"/> returns
    /// for the columns. Returns the last epoch that was completed: not the last of all after Ctrl+C.
    /// </summary>
    public int Train(string[] columns, Func<Progress, double[]> epoch, int firstEpoch = 1)
    {
        // In a report the first column is the loss, whatever the script calls it.
        var history = new History([History.Loss, .. columns[1..], History.Seconds]) { FirstEpoch = firstEpoch };
        _reporter?.Add(history);
        return new LiveTable(columns, Epochs).Show(show =>
        {
            for (var number = firstEpoch; number <= Epochs; number++)
            {
                var clock = Stopwatch.StartNew();
                double[] figures;
                try
                {
                    figures = epoch(new Progress(show, number,
                        of => _reporter?.AfterStep((Epochs - firstEpoch + 1L) * of), _stop.Token));
                }
                catch (OperationCanceledException) when (_stop.IsCancellationRequested)
                {
                    return number - 1;
                }
                history.Add([.. figures, clock.Elapsed.TotalSeconds]);
                show.EndEpoch(number, figures, clock.Elapsed);
            }
            return Epochs;
        });
    }

    /// <summary>
    /// Trains by a Trainer and shows it live: a row per epoch with the named figures of its history, the loss first.
    /// Ctrl+C ends it after the running step.
    /// </summary>
    public History Train(string[] figures, Func<IProgress<TrainingProgress>, CancellationToken, History> fit)
    {
        var history = new LiveTable(figures, Epochs).Show(show => fit(new Follower(show, figures), _stop.Token));
        _reporter?.Add(history);
        return history;
    }

    /// <summary>
    /// With --report, looks at some of the steps of a hand-written loop, each time on other rows of the training data: how
    /// large weights, gradients and updates are, and what the step does to the loss. Training goes on as if it had not.
    /// </summary>
    public void Watch<TTarget>(Module model, Optimizer optimizer, Batches<Tensor, TTarget> train,
        Func<Tensor, TTarget, Tensor> loss, Func<Tensor, Tensor>? forward = null)
    {
        var rng = new Rng(Seed);
        Watch(model, optimizer, () =>
        {
            var (x, y) = train.Rows([.. Enumerable.Range(0, Math.Min(train.Size, train.RowCount)).Select(_ => rng.Next(train.RowCount))]);
            return () => loss((forward ?? model.Forward)(x), y);
        });
    }

    /// <inheritdoc cref="Watch{TTarget}"/>
    /// <param name="model">What is trained.</param>
    /// <param name="optimizer">What changes it.</param>
    /// <param name="batch">Takes some rows, and gives what computes their loss.</param>
    public void Watch(ModuleBase model, Optimizer optimizer, Func<Func<Tensor>> batch) => _reporter?.Watch(model, optimizer, batch);

    /// <summary>With --report, what looks at the steps of a Trainer: its Watch; null else.</summary>
    public TrainingRecord? Record(ModuleBase model, Optimizer optimizer) =>
        _reporter is null ? null : new TrainingRecord(model, optimizer);

    /// <summary>With --report, reports a training that was not shown live, under a name.</summary>
    public void Report(string name, History history) => _reporter?.Add(history, name);

    /// <summary>With --report, looks for the predictions that are most wrong in unseen rows, in evaluation mode.</summary>
    public void Judge<TTarget>(Module model, Tensor unseen, TTarget truth, Func<Tensor, TTarget, Tensor> loss,
        Func<Tensor, Tensor>? forward = null)
    {
        if (_reporter is null) return;
        var data = truth is int[] labels ? (Batches<Tensor, TTarget>)(object)Batches.Of(unseen, labels)
            : (Batches<Tensor, TTarget>)(object)Batches.Of(unseen, (Tensor)(object)truth!);
        using var modes = model.KeepModes();
        model.Eval();
        _reporter.Record?.Judge(data, forward ?? model.Forward, loss, "test data");
    }

    /// <summary>With --report, looks for the most wrong among predictions.</summary>
    public void Judge(Func<IEnumerable<JudgedPrediction>> predictions) => _reporter?.Record?.Judge(predictions(), "test data");

    sealed class Follower(LiveTable show, string[] figures) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress report)
        {
            if (report.Figures is null) show.Step(report.Epoch, (double)report.Step / (report.Steps ?? report.Step), report.MeanLoss);
            else show.EndEpoch(report.Epoch, Array.ConvertAll(figures, name => report.Figures[name]),
                TimeSpan.FromSeconds(report.Figures[History.Seconds]));
        }
    }

    /// <summary>Ctrl+C, for work that is not shown live.</summary>
    public CancellationToken Stop => _stop.Token;

    /// <inheritdoc/>
    public void Dispose() => _stop.Dispose();

    /// <summary>Says something in passing.</summary>
    public void Say(string text) => _console.Profile.Out.Writer.WriteLine(text);

    internal static string Text(double figure) =>
        figure.ToString(Math.Abs(figure) < 1000 ? "0.0000" : "0.0", CultureInfo.InvariantCulture);

    /// <summary>Prints the figures as a table, and last the line for programs.</summary>
    public void Finish(params (string Name, double Value)[] figures)
    {
        if (_stop.IsCancellationRequested) Say("Stopped by Ctrl+C: the figures are those of the network so far.");
        if (_reporter?.Save() is { } report) Say(report);
        var table = new Table().Border(TableBorder.Rounded).AddColumn("figure").AddColumn(new TableColumn("value").RightAligned());
        foreach (var (name, value) in figures) table.AddRow(name, Text(value));
        _console.Write(table);
        var text = figures.Select(figure => string.Create(CultureInfo.InvariantCulture, $"{figure.Name}={figure.Value:0.0000}"));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"result: {string.Join(' ', text)} seconds={_clock.Elapsed.TotalSeconds:0.0}"));
    }
}

/// <summary>What a training epoch reports to while it runs.</summary>
public sealed class Progress
{
    readonly LiveTable _show;
    readonly CancellationToken _stop;
    readonly Action<int> _afterStep;
    double _sum;
    int _steps;

    internal Progress(LiveTable show, int epoch, Action<int> afterStep, CancellationToken stop) =>
        (_show, Epoch, _stop, _afterStep) = (show, epoch, stop, afterStep);

    /// <summary>The number of the epoch, from 1.</summary>
    public int Epoch { get; }

    /// <summary>The mean of the losses so far in this epoch.</summary>
    public double MeanLoss => _sum / _steps;

    /// <summary>Counts a step, one of <paramref name="of"/> in the epoch.</summary>
    /// <exception cref="OperationCanceledException">Ctrl+C was pressed.</exception>
    public void Step(double loss, int of)
    {
        _stop.ThrowIfCancellationRequested();
        _sum += loss;
        _steps++;
        _show.Step(Epoch, (double)_steps / of, MeanLoss);
        _afterStep(of);
    }
}

/// <summary>An option's value makes no sense for the data: ends the script with its message.</summary>
public sealed class InvalidOptionException(string message) : Exception(message);
