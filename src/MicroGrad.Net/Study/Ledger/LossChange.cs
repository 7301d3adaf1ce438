using System.Globalization;
using System.Text;

namespace MicroGrad.Net;

/// <summary>What one parameter, or one layer, did to the loss in a step or in several.</summary>
/// <param name="Layer">The layer, by its path and description, such as <c>0: Linear(2 -&gt; 16)</c>.</param>
/// <param name="Name">The parameter's path, such as <c>0.weight</c>; that of the layer for a whole layer.</param>
/// <param name="FirstOrder">⟨g, Δθ⟩: the change that the slope foretells.</param>
/// <param name="Curvature">½ Δθ·(H Δθ): the change that the curvature adds, this parameter's rows of it.</param>
public sealed record LossPart(string Layer, string Name, double FirstOrder, double Curvature)
{
    /// <summary>First order and curvature together.</summary>
    public double Change => FirstOrder + Curvature;
}

/// <summary>
/// A change of the loss, divided among the parameters: the parts and the <see cref="Remainder"/> add up to
/// <see cref="Actual"/>.
/// </summary>
/// <param name="Parameters">The part of each parameter.</param>
/// <param name="Actual">The loss after less the loss before, of the same batch.</param>
public record LossChange(IReadOnlyList<LossPart> Parameters, double Actual)
{
    /// <summary>The parts, summed by layer, in the order of the parameters.</summary>
    public IReadOnlyList<LossPart> Layers => [.. Parameters.GroupBy(part => part.Layer).Select(layer => new LossPart(
        layer.Key, layer.Key.Split(':')[0], layer.Sum(part => part.FirstOrder), layer.Sum(part => part.Curvature)))];

    /// <summary>The sum of all first-order changes.</summary>
    public double FirstOrder => Parameters.Sum(part => part.FirstOrder);

    /// <summary>The sum of all changes by curvature.</summary>
    public double Curvature => Parameters.Sum(part => part.Curvature);

    /// <summary>What slope and curvature do not explain: Actual − (FirstOrder + Curvature); O(|Δθ|³).</summary>
    public double Remainder => Actual - (FirstOrder + Curvature);

    /// <summary>The table by layer, with each one's share of the actual change.</summary>
    public override string ToString()
    {
        var (rows, text) = (Rows, new StringBuilder());
        int[] widths = [.. Enumerable.Range(0, 5).Select(column => rows.Max(row => row[column].Length))];
        foreach (var row in rows)
            text.AppendLine(string.Join("  ", row.Select((cell, column) =>
                column == 0 ? cell.PadRight(widths[0]) : cell.PadLeft(widths[column]))).TrimEnd());
        return text.ToString();
    }

    /// <summary>The rows of the table, its header first.</summary>
    internal IReadOnlyList<string[]> Rows =>
    [
        ["layer", "first order", "curvature", "together", Actual > 0 ? "of the rise" : "of the fall"],
        .. Layers.Select(layer => new[]
        {
            layer.Layer, Number(layer.FirstOrder), Number(layer.Curvature), Number(layer.Change), Share(layer.Change),
        }),
        ["remainder", "", "", Number(Remainder), Share(Remainder)],
        ["actual", Number(FirstOrder), Number(Curvature), Number(Actual), Share(Actual)],
    ];

    /// <summary>A part of the actual change in percent (no −0), or nothing where that is 0 or not finite.</summary>
    private protected string Share(double change) => Actual == 0 || !double.IsFinite(change / Actual) ? ""
        : string.Create(CultureInfo.InvariantCulture, $"{Math.Round(100 * change / Actual, 1) + 0.0:0.0} %");

    static string Number(double value) => value.ToString("+0.000000;-0.000000;0.000000", CultureInfo.InvariantCulture);
}

/// <summary>What one optimizer step did to the loss of its batch.</summary>
/// <param name="Number">The number of the step, from 1.</param>
/// <param name="Loss">The loss before the step.</param>
/// <param name="Parameters">The part of each parameter.</param>
/// <param name="Actual">The loss after the step less the loss before.</param>
public sealed record LossStep(int Number, double Loss, IReadOnlyList<LossPart> Parameters, double Actual)
    : LossChange(Parameters, Actual)
{
    /// <summary>The loss, and the table by layer.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"step {Number}: loss {Loss:0.000000} -> {Loss + Actual:0.000000}\n{base.ToString()}");
}

/// <summary>What several steps did together, each to the loss of its own batch.</summary>
/// <param name="Steps">The number of steps.</param>
/// <param name="Parameters">The parts, summed over the steps.</param>
/// <param name="Actual">The changes of the loss, summed over the steps.</param>
public sealed record LossTotal(int Steps, IReadOnlyList<LossPart> Parameters, double Actual)
    : LossChange(Parameters, Actual)
{
    /// <summary>The sum of some steps.</summary>
    internal static LossTotal Of(IReadOnlyCollection<LossStep> steps) => new(steps.Count,
        [.. steps.SelectMany(step => step.Parameters).GroupBy(part => (part.Layer, part.Name)).Select(parts =>
            new LossPart(parts.Key.Layer, parts.Key.Name, parts.Sum(part => part.FirstOrder),
                parts.Sum(part => part.Curvature)))], steps.Sum(step => step.Actual));

    /// <summary>Which layers earned the fall, such as <c>0: Linear(2 -&gt; 16) earned 61.0 %</c>, the greatest
    /// first; empty where the loss did not fall.</summary>
    internal string Earned => string.Join(", ", Layers.Where(layer => layer.Change < 0 && Actual < 0)
        .OrderBy(layer => layer.Change).Select(layer => $"{layer.Layer} earned {Share(layer.Change)}"));

    /// <summary>Which layers earned the fall, and the table by layer.</summary>
    public override string ToString()
    {
        var text = string.Create(CultureInfo.InvariantCulture,
            $"{Steps} steps: the loss {(Actual > 0 ? "rose" : "fell")} by {Math.Abs(Actual):0.000000} on its batches");
        return $"{text}{(Earned.Length > 0 ? "; " + Earned : "")}\n{base.ToString()}";
    }
}
