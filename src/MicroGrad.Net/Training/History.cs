using System.Globalization;
using System.Text;

namespace MicroGrad.Net;

/// <summary>
/// The figures of training, epoch by epoch: a <see cref="Trainer{TTarget}"/> returns one, a hand-written loop can keep
/// one. <c>history.ToString()</c> is a table with a verdict in words, <see cref="Chart"/> a drawing,
/// <see cref="SaveCsv"/> a file.
/// </summary>
[TypeFormatterSource]
public sealed class History
{
    /// <summary>The name of the training loss: over all batches of an epoch as if they were one, measured while
    /// training.</summary>
    public const string Loss = "loss";

    /// <summary>The name of the validation loss.</summary>
    public const string ValidationLoss = "validation loss";

    /// <summary>The name of the learning rate, as of the last step of the epoch.</summary>
    public const string LearningRate = "learning rate";

    /// <summary>The name of the duration.</summary>
    public const string Seconds = "seconds";

    const int FirstShown = 5, LastShown = 20;

    readonly string[] _names;
    readonly List<double[]> _epochs = [];

    /// <summary>A history of the figures of these names.</summary>
    /// <exception cref="ArgumentException">There are no names, or one comes twice.</exception>
    public History(params IEnumerable<string> names)
    {
        _names = [.. names];
        if (_names.Length == 0 || _names.Distinct().Count() < _names.Length)
            Throw.Value(nameof(History),
                $"the names of the figures, '{string.Join("', '", Names)}', must be there, and each once.");
    }

    /// <summary>The names of the figures.</summary>
    public IReadOnlyList<string> Names => _names;

    /// <summary>The number of the first epoch.</summary>
    public int FirstEpoch { get; init; } = 1;

    /// <summary>The number of epochs.</summary>
    public int Count => _epochs.Count;

    /// <summary>Why training ended before its last epoch: stopped early, or cancelled; null where it did not.</summary>
    public string? EndedBecause { get; internal set; }

    /// <summary>The epoch whose weights were put back at the end; 0 where none were.</summary>
    public int RestoredEpoch { get; internal set; }

    /// <summary>What looked at the training and knows more of it than its figures, for a report; null where nothing
    /// did.</summary>
    public ITrainingWatch? Watch { get; set; }

    /// <summary>Adds an epoch: its figures in the order of the names.</summary>
    /// <exception cref="ArgumentException">There are more or fewer figures than names.</exception>
    public void Add(params ReadOnlySpan<double> figures)
    {
        if (figures.Length != Names.Count)
            Throw.Value(nameof(History),
                $"takes {Names.Count} figures ({string.Join(", ", Names)}), but {figures.Length} were given.");
        _epochs.Add(figures.ToArray());
    }

    /// <summary>A figure of all epochs.</summary>
    /// <exception cref="ArgumentException">There is no such figure.</exception>
    public double[] this[string name]
    {
        get
        {
            var column = Array.IndexOf(_names, name);
            if (column < 0)
                Throw.Value(nameof(History), NoFigure(name, Names));
            return [.. _epochs.Select(epoch => epoch[column])];
        }
    }

    /// <summary>The figures of the last epoch by name.</summary>
    /// <exception cref="InvalidOperationException">There is no epoch.</exception>
    public EpochFigures Last
    {
        get
        {
            if (Count == 0) Throw.WrongCall("History.Last", "no epoch was completed.");
            return Epoch(Count - 1);
        }
    }

    /// <summary>The epoch with the best of a figure: <c>history.Best("validation accuracy", highest: true).Epoch</c>; of
    /// equals, the first.</summary>
    /// <param name="name">The figure.</param>
    /// <param name="highest">Whether the highest is best, as of an accuracy; else the lowest, as of a loss.</param>
    /// <exception cref="ArgumentException">There is no such figure.</exception>
    /// <exception cref="InvalidOperationException">There is no epoch, or the figure is NaN in all.</exception>
    public EpochFigures Best(string name, bool highest = false)
    {
        var best = -1;
        var figures = this[name];
        for (var i = 0; i < figures.Length; i++)
            if (!double.IsNaN(figures[i])
                && (best < 0 || (highest ? figures[i] > figures[best] : figures[i] < figures[best]))) best = i;
        if (best < 0)
            Throw.WrongCall("History.Best", Count == 0 ? "no epoch was completed." : $"'{name}' is NaN in every epoch.");
        return Epoch(best);
    }

    EpochFigures Epoch(int index) => new(FirstEpoch + index, _names, _epochs[index]);

    internal static string NoFigure(string name, IEnumerable<string> names) =>
        $"there is no figure '{name}'. {NearNames.Hint(name, names, "There are")}";

    /// <summary>
    /// Whether training has converged, overfits or diverges, by the rules stated at <see cref="TrainingVerdict"/>.
    /// </summary>
    /// <exception cref="ArgumentException">There is no figure named "loss".</exception>
    public TrainingVerdict Verdict =>
        TrainingVerdict.Of(this[Loss], Names.Contains(ValidationLoss) ? this[ValidationLoss] : [], FirstEpoch);

    /// <summary>The name of a figure when measured on validation data.</summary>
    public static string Validation(string name) => "validation " + name;

    /// <summary>
    /// A figure by epoch as a drawing of characters, training (•) and validation (○) in one; logarithmic where the
    /// figures are positive and span more than a factor of 50.
    /// </summary>
    /// <param name="name">The figure, without "validation".</param>
    /// <param name="width">The characters of the drawing without its axis.</param>
    /// <param name="height">Its lines.</param>
    /// <exception cref="ArgumentException">There is no such figure.</exception>
    /// <exception cref="ArgumentOutOfRangeException">Too small to draw.</exception>
    public string Chart(string name = Loss, int width = 72, int height = 16) => HistoryChart.Draw(
        name, FirstEpoch, width, height, this[name], Names.Contains(Validation(name)) ? this[Validation(name)] : null);

    /// <summary>
    /// Writes a row per epoch as comma-separated values under a header; numbers have a decimal point and all digits,
    /// whatever the culture.
    /// </summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void SaveCsv(string path)
    {
        static string Cell(string text) => text.AsSpan().IndexOfAny(",\"\r\n") < 0 ? text
            : $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
        static string Digits(double figure) => figure.ToString("R", CultureInfo.InvariantCulture);
        var lines = new StringBuilder().AppendJoin(',', Names.Prepend("epoch").Select(Cell)).Append('\n');
        foreach (var (index, epoch) in _epochs.Index())
            lines.AppendJoin(',', epoch.Prepend(FirstEpoch + index).Select(Digits)).Append('\n');
        File.WriteAllText(path, lines.ToString());
    }

    /// <summary>A table of the epochs (of a long training the first and last), why it ended, and the verdict.</summary>
    public override string ToString()
    {
        var rows = new List<string[]> { (string[])["epoch", .. Names] };
        for (var i = 0; i < Count; i++)
        {
            var skips = Count > FirstShown + LastShown + 1 && i == FirstShown;
            if (skips) rows.Add([.. Enumerable.Repeat("…", Names.Count + 1)]);
            if (skips) i = Count - LastShown;
            rows.Add([(FirstEpoch + i).ToString(CultureInfo.InvariantCulture), .. _epochs[i].Zip(Names, Text)]);
        }
        int[] widths = [.. Enumerable.Range(0, Names.Count + 1).Select(column => rows.Max(row => row[column].Length))];
        var output = new StringBuilder();
        foreach (var row in rows)
            output.AppendLine(string.Join("  ", row.Zip(widths, (cell, width) => cell.PadLeft(width))));
        if (EndedBecause is not null) output.AppendLine($"Training ended early: {EndedBecause}.");
        if (RestoredEpoch > 0)
            output.AppendLine(CultureInfo.InvariantCulture, $"The weights are those of epoch {RestoredEpoch}.");
        if (Names.Contains(Loss) && Count > 0) output.AppendLine(Verdict.Text);
        return output.ToString().TrimEnd();
    }

    static string Text(double figure, string name) => figure.ToString(name switch
    {
        Seconds => "0.00",
        LearningRate => "g4",
        _ => Math.Abs(figure) is >= 1e-3 and < 1e4 or 0 ? "0.0000" : "0.000e+00",
    }, CultureInfo.InvariantCulture);
}
