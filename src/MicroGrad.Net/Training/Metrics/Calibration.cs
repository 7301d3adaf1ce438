using System.Globalization;
using System.Text;

namespace MicroGrad.Net;

/// <summary>The rows of a <see cref="Calibration"/> whose confidence lies in (From, To].</summary>
/// <param name="From">The lower end.</param>
/// <param name="To">The upper end.</param>
/// <param name="Count">The number of rows.</param>
/// <param name="Confidence">Their mean confidence; NaN for none.</param>
/// <param name="Accuracy">The share of them that came true; NaN for none.</param>
public readonly record struct CalibrationBin(double From, double To, long Count, double Confidence, double Accuracy);

/// <summary>
/// Whether probabilities mean what they say: the expected calibration error Σ bins (n_b / n) · |accuracy − confidence|
/// over bins of equal width, (from, to] (Naeini et al., 2015; Guo et al., 2017), and its reliability diagram. With
/// labels, the confidence is the largest probability of a row, and the accuracy the share of rows where its class was
/// right; with yes-or-no targets, they are the probability of yes and the share of yes. NaN for no rows.
/// </summary>
/// <param name="bins">The number of bins.</param>
/// <param name="fromLogits">Whether predictions are logits, or else probabilities.</param>
/// <exception cref="ArgumentOutOfRangeException">Less than one bin.</exception>
public sealed class Calibration(int bins = 15, bool fromLogits = true) : IMetric<int[]>, IMetric<Tensor>
{
    const string Name = "calibration";
    const int Width = 40;

    readonly (long Count, double Confidence, long Right)[] _bins = Empty(bins);

    /// <summary>The expected calibration error.</summary>
    public double Value
    {
        get
        {
            double count = _bins.Sum(bin => bin.Count);
            return _bins.Sum(bin => Math.Abs(bin.Right - bin.Confidence)) / count;
        }
    }

    /// <summary>The bins, from low to high confidence.</summary>
    public IReadOnlyList<CalibrationBin> Bins => [.. _bins.Select((bin, i) => new CalibrationBin(
        (double)i / _bins.Length, (i + 1.0) / _bins.Length,
        bin.Count, bin.Confidence / bin.Count, (double)bin.Right / bin.Count))];

    /// <inheritdoc cref="LogLoss.Add(Tensor, int[])"/>
    public void Add(Tensor prediction, int[] target)
    {
        var rows = new ClassRows(Name, prediction, target);
        var added = new (double, bool)[rows.Count];         // an error adds nothing
        for (var i = 0; i < rows.Count; i++)
        {
            var best = ClassRows.ArgMax(rows[i]);
            added[i] = (rows.Probabilities(i, fromLogits)[best], best == rows.Labels[i]);
        }
        foreach (var (confidence, right) in added) Add(confidence, right);
    }

    /// <inheritdoc cref="LogLoss.Add(Tensor, Tensor)"/>
    public void Add(Tensor prediction, Tensor target)
    {
        var answers = new YesOrNo(Name, prediction, target);
        double[] added = [.. Enumerable.Range(0, answers.Count).Select(i => answers.Probability(i, fromLogits))];
        for (var i = 0; i < added.Length; i++) Add(added[i], answers.Yes[i]);
    }

    /// <inheritdoc/>
    public void Reset() => Array.Clear(_bins);

    /// <summary>
    /// The reliability diagram: a bar as long as the accuracy of each bin, and a │ at its confidence.
    /// </summary>
    public override string ToString()
    {
        if (_bins.All(bin => bin.Count == 0)) return "expected calibration error: no rows";
        var text = new StringBuilder();
        Line($"expected calibration error {Value:0.0000}");
        Line($"confidence       rows   mean  accuracy");
        foreach (var bin in Bins)
        {
            if (bin.Count == 0)
            {
                Line($"{bin.From:0.00} to {bin.To:0.00}        0");
                continue;
            }
            var bar = new string('█', (int)Math.Round(bin.Accuracy * Width)).PadRight(Width + 1).ToCharArray();
            bar[(int)Math.Round(bin.Confidence * Width)] = '│';
            var (confidence, accuracy, drawn) = (bin.Confidence, bin.Accuracy, new string(bar).TrimEnd());
            Line($"{bin.From:0.00} to {bin.To:0.00} {bin.Count,8}  {confidence:0.000}     {accuracy:0.000}  {drawn}");
        }
        return text.ToString().TrimEnd();

        void Line(FormattableString line) => text.AppendLine(line.ToString(CultureInfo.InvariantCulture));
    }

    void Add(double confidence, bool right)
    {
        var bin = Math.Clamp((int)Math.Ceiling(confidence * _bins.Length) - 1, 0, _bins.Length - 1);
        _bins[bin].Count++;
        _bins[bin].Confidence += confidence;
        if (right) _bins[bin].Right++;
    }

    static (long, double, long)[] Empty(int bins)
    {
        new Checks(Name).Option(bins, Domain.From(1, 1_000_000));
        return new (long, double, long)[bins];
    }
}
