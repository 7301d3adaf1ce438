using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace MicroGrad.Net;

public abstract partial class ModuleBase
{
    /// <summary>
    /// The module as a tree, each line with its number of parameters. A part that stands in several places is counted
    /// at the first.
    /// </summary>
    public override string ToString()
    {
        var lines = Tree();
        var width = lines.Max(line => line.Text.Length) + 2;
        var output = new StringBuilder();
        foreach (var (text, _, count) in lines)
            output.AppendLine(count == 0 ? text : string.Create(CultureInfo.InvariantCulture, $"{text.PadRight(width)}{count,12:n0}"));
        return output.ToString().TrimEnd();
    }

    /// <summary>What each part makes of an input, seen in one call in evaluation.</summary>
    private protected string Table(object? input, Action forward)
    {
        var outputs = new Dictionary<object, string>(ReferenceEqualityComparer.Instance);
        using (Gradients.Off())
        using (Evaluating())
        using (Call.Observe(call =>
        {
            if (call.Callee is not null) outputs.TryAdd(call.Callee, ShapesOf(call.Output));
        }))
            forward();

        List<string[]> rows = [["layer", "output", "parameters"], ["input", ShapesOf(input), ""]];
        foreach (var (text, part, count) in Tree())
            rows.Add([text, outputs.GetValueOrDefault(part.Item, "?"),
                part.First is null ? count.ToString("n0", CultureInfo.InvariantCulture) : ""]);
        int[] widths = [.. Enumerable.Range(0, 3).Select(column => rows.Max(row => row[column].Length))];
        return string.Join(Environment.NewLine, rows.Select(row =>
            $"{row[0].PadRight(widths[0])}  {row[1].PadRight(widths[1])}  {row[2].PadLeft(widths[2])}".TrimEnd()));
    }

    /// <summary>A line for each module inside, indented, with the parameters found there first.</summary>
    List<(string Text, ModulePart Part, long Count)> Tree()
    {
        var parts = ModuleWalk.Of(this);
        var counts = new Dictionary<ModulePart, long>(ReferenceEqualityComparer.Instance);
        foreach (var part in parts)
            if (part is { First: null, Item: Parameter parameter })
                for (var owner = part.Owner; owner is not null; owner = owner.Owner)
                    counts[owner] = counts.GetValueOrDefault(owner) + parameter.Length;
        var own = parts.Where(part => part.Item is Parameter).ToLookup(part => part.Owner);
        return [.. parts.Where(part => part.Item is ModuleBase).Select(part =>
            (Line(part, [.. own[part]]), part, counts.GetValueOrDefault(part)))];
    }

    /// <summary>A module's line: its name in the module around it, what it is, and what is special of it.</summary>
    static string Line(ModulePart part, ModulePart[] parameters)
    {
        var marks = new List<string>();
        if (part.First is { } first) marks.Add($"shared with {first.Path}");
        foreach (var one in parameters)
            if (one.First is not null) marks.Add($"{one.Label} shared with {one.First.Path}");
        ModulePart[] frozen = [.. parameters.Where(one => !((Parameter)one.Item).RequiresGrad)];
        if (frozen.Length > 0)
            marks.Add(frozen.Length == parameters.Length ? "frozen" : $"{string.Join(", ", frozen.Select(one => one.Label))} frozen");
        var (name, module) = (part.Label, (ModuleBase)part.Item);
        return new string(' ', 2 * part.Depth) + (name.Length > 0 ? $"{name}: " : "") + module.Describe()
            + (marks.Count > 0 ? $" ({string.Join("; ", marks)})" : "");
    }

    static string ShapesOf(object? value) => value switch
    {
        Tensor tensor => Batch(tensor.Shape),
        Array items => $"[{items.Length}]",
        ITuple tuple => string.Join(", ", Enumerable.Range(0, tuple.Length).Select(i => ShapesOf(tuple[i]))),
        _ => "",
    };

    static string Batch(Shape shape) =>
        $"[{string.Join(", ", shape.Select((size, axis) => axis == 0 && size == 1 ? "n" : Text(size)))}]";
}
