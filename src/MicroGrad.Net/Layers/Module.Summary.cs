using System.Globalization;
using System.Text;

namespace MicroGrad.Net;

public abstract partial class Module
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

    /// <summary>
    /// A table of the parts of this module: what each makes of an input of the given shape, and how many parameters
    /// it has. <c>model.Summary([1, 28, 28])</c> is for images of that shape; n stands for their number. The modules
    /// run once, in evaluation, on zeros; the mode that other threads see stays. Shapes are known of the parts of a
    /// <see cref="Sequential"/>, and of those that a module of one's own calls by <see cref="Run(string, Module,
    /// Tensor)"/>; there is a ? where it calls their Forward itself.
    /// </summary>
    /// <param name="input">The shape of one sample, without the first axis.</param>
    /// <exception cref="ShapeException">The module cannot take such an input; the message names the part.</exception>
    /// <exception cref="InvalidOperationException">As in <see cref="State"/>.</exception>
    public string Summary(Shape input)
    {
        var outputs = new Dictionary<Module, Shape>(ReferenceEqualityComparer.Instance);
        var dtype = Parameters() is [var first, ..] ? first.DType : DType.Float32;
        using (Gradients.Off())
        using (Evaluating())
            Observe(Tensor.Zeros([1, .. input], dtype), (module, _, output) => outputs.TryAdd(module, output.Shape));

        List<string[]> rows = [["layer", "output", "parameters"], ["input", Batch([1, .. input]), ""]];
        foreach (var (text, part, count) in Tree())
            rows.Add([text, outputs.TryGetValue((Module)part.Item, out var output) ? Batch(output) : "?",
                part.First is null ? count.ToString("n0", CultureInfo.InvariantCulture) : ""]);
        int[] widths = [.. Enumerable.Range(0, 3).Select(column => rows.Max(row => row[column].Length))];
        return string.Join(Environment.NewLine, rows.Select(row =>
            $"{row[0].PadRight(widths[0])}  {row[1].PadRight(widths[1])}  {row[2].PadLeft(widths[2])}".TrimEnd()));
    }

    /// <summary>
    /// Forward that tells, as each is done, the input and the output of this module and of those inside it that are
    /// called by <see cref="Run(string, Module, Tensor)"/>; those whose Forward is called itself stay unseen. On this
    /// thread only. A module that calls its parts in another way can override it.
    /// </summary>
    /// <param name="input">The input.</param>
    /// <param name="seen">Told a module, its input and its output.</param>
    public virtual Tensor Observe(Tensor input, Action<Module, Tensor, Tensor> seen)
    {
        var outer = t_seen;
        t_seen = seen;
        try
        {
            var output = Forward(input);
            seen(this, input, output);
            return output;
        }
        finally
        {
            t_seen = outer;
        }
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
        return [.. parts.Where(part => part.Item is Module).Select(part =>
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
        var (name, module) = (part.Label, (Module)part.Item);
        return new string(' ', 2 * part.Depth) + (name.Length > 0 ? $"{name}: " : "") + module.Describe()
            + (marks.Count > 0 ? $" ({string.Join("; ", marks)})" : "");
    }

    static string Batch(Shape shape) =>
        $"[{string.Join(", ", shape.Select((size, axis) => axis == 0 && size == 1 ? "n" : Text(size)))}]";
}
