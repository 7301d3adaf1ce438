using System.Globalization;

namespace MicroGrad.Net;

public abstract partial class Module
{
    /// <summary>
    /// A table of the parts of this module: what each makes of an input of the given shape, and how many parameters
    /// it has. <c>model.Summary([1, 28, 28])</c> is for images of that shape; n stands for their number. The modules
    /// run once, in evaluation, on zeros. Shapes are known of the parts of a <see cref="Sequential"/>, not of what
    /// another module does inside.
    /// </summary>
    /// <param name="input">The shape of one sample, without the first axis.</param>
    /// <exception cref="ShapeException">The module cannot take such an input; the message names the part.</exception>
    public string Summary(Shape input)
    {
        var modules = Modules();
        var training = modules.Where(module => module.IsTraining).ToArray();
        var outputs = new Dictionary<Module, Shape>(ReferenceEqualityComparer.Instance);
        try
        {
            using var off = Gradients.Off();
            Eval();
            var dtype = Parameters() is [var first, ..] ? first.DType : DType.Float32;
            Observe(Tensor.Zeros([1, .. input], dtype), (module, _, output) => outputs.TryAdd(module, output.Shape));
        }
        finally
        {
            foreach (var module in training) module.IsTraining = true;
        }

        List<string[]> rows = [["layer", "output", "parameters"], ["input", Batch([1, .. input]), ""]];
        Visit("", this, new HashSet<object>(ReferenceEqualityComparer.Instance), (path, item) =>
        {
            if (item is not Module module) return;
            var count = module.Parameters().Sum(parameter => (long)parameter.Length);
            rows.Add([TreeText(path, module), outputs.TryGetValue(module, out var output) ? Batch(output) : "",
                count.ToString("n0", CultureInfo.InvariantCulture)]);
        });
        int[] widths = [.. Enumerable.Range(0, 3).Select(column => rows.Max(row => row[column].Length))];
        return string.Join(Environment.NewLine, rows.Select(row =>
            $"{row[0].PadRight(widths[0])}  {row[1].PadRight(widths[1])}  {row[2].PadLeft(widths[2])}".TrimEnd()));
    }

    /// <summary>
    /// Forward that tells, as each is done, the input and the output of this module and of those inside it. A module
    /// made of others can override it to call theirs, as <see cref="Sequential"/> does; else they stay unseen.
    /// </summary>
    /// <param name="input">The input.</param>
    /// <param name="seen">Told a module, its input and its output.</param>
    public virtual Tensor Observe(Tensor input, Action<Module, Tensor, Tensor> seen)
    {
        var output = Forward(input);
        seen(this, input, output);
        return output;
    }

    static string Batch(Shape shape) =>
        $"[{string.Join(", ", shape.Select((size, axis) => axis == 0 && size == 1 ? "n" : Text(size)))}]";
}
