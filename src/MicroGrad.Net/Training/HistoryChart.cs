using System.Globalization;
using System.Text;

namespace MicroGrad.Net;

/// <summary>Draws one or two courses of a figure with characters.</summary>
static class HistoryChart
{
    const char TrainingMark = '•', ValidationMark = '○', BothMark = '◉';
    const double LogarithmicFrom = 50;

    const int Most = 10_000;        // characters; no screen shows more

    public static string Draw(
        string name, int firstEpoch, int width, int height, double[] training, double[]? validation)
    {
        if (width is < 10 or > Most) Throw.OutOfRange("Chart", nameof(width), width, $"at least 10, at most {Most}");
        if (height is < 3 or > Most) Throw.OutOfRange("Chart", nameof(height), height, $"at least 3, at most {Most}");
        double[] all = [.. training.Concat(validation ?? []).Where(double.IsFinite)];
        if (all.Length == 0) return $"{name}: nothing to draw.";
        var (low, high) = (all.Min(), all.Max());
        var logarithmic = low > 0 && high / low > LogarithmicFrom;
        var (bottom, top) = (Scale(low), Scale(high));

        var canvas = new char[height, width];
        Plot(training, TrainingMark);
        Plot(validation ?? [], ValidationMark);
        string[] labels = [.. Enumerable.Range(0, height).Select(row =>
            row % 5 == 0 || row == height - 1 ? ValueAt(row).ToString("g4", CultureInfo.InvariantCulture) : "")];
        var margin = labels.Max(label => label.Length);
        var output = new StringBuilder(name);
        if (validation is not null)
            output.Append($"  {TrainingMark} training  {ValidationMark} validation  {BothMark} both");
        output.AppendLine(logarithmic ? "  (logarithmic)" : "");
        for (var row = 0; row < height; row++)
        {
            output.Append(labels[row].PadLeft(margin)).Append(labels[row].Length > 0 ? " ┤" : " │");
            var line = Enumerable.Range(0, width).Select(column => canvas[row, column]).Select(c => c == 0 ? ' ' : c);
            output.AppendLine(string.Concat(line).TrimEnd());
        }
        output.AppendLine($"{new string(' ', margin)} └{new string('─', width)}");
        var (first, last) = (Number(firstEpoch), Number(firstEpoch + training.Length - 1));
        var middle = training.Length > 1 ? "epoch" : "";
        output.Append(' ', margin + 2).Append(first).Append(middle.PadLeft((width + middle.Length) / 2 - first.Length));
        return output.Append(training.Length > 1 ? last.PadLeft(width - (width + middle.Length) / 2) : "").ToString();

        double Scale(double value) => logarithmic ? Math.Log(value) : value;

        double ValueAt(int row)
        {
            var share = (double)row / (height - 1);
            var at = top * (1 - share) + bottom * share;        // their difference may overflow
            return logarithmic ? Math.Exp(at) : at;
        }

        void Plot(double[] figures, char mark)
        {
            // A short training is drawn as a line: each column takes the value between two epochs.
            for (var column = 0; column < width && figures.Length > 0; column++)
            {
                var at = (double)column / (width - 1) * (figures.Length - 1);
                var (before, share) = ((int)at, at - (int)at);
                var value = share == 0 ? figures[before] : (1 - share) * figures[before] + share * figures[before + 1];
                if (!double.IsFinite(value)) continue;
                // By quarters, of which no difference overflows; rounded, it may be a little beyond both epochs.
                var (above, all) = (top / 4 - Scale(value) / 4, top / 4 - bottom / 4);
                var depth = all > 0 ? Math.Clamp(above / all, 0, 1) : 0.5;
                var row = (int)Math.Round(depth * (height - 1));
                canvas[row, column] = canvas[row, column] is (char)0 || canvas[row, column] == mark ? mark : BothMark;
            }
        }
    }

    static string Number(int epoch) => epoch.ToString(CultureInfo.InvariantCulture);
}
