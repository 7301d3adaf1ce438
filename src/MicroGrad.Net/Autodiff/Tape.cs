using System.Collections;
using System.Globalization;
using System.Text;

namespace MicroGrad.Net;

/// <summary>
/// The operations a tensor was computed by, inputs before results. Recovered from the tensor, so it exists as long
/// as the tensor does and nothing has to be started, stopped or cleared.
/// </summary>
[TypeFormatterSource]
public sealed class Tape : IReadOnlyList<Node>
{
    readonly Tensor _result;
    readonly Node[] _nodes;
    readonly Dictionary<Node, int> _positions = [];

    Tape(Tensor result, Node[] nodes)
    {
        (_result, _nodes) = (result, nodes);
        for (var i = 0; i < nodes.Length; i++) _positions[nodes[i]] = i;
    }

    internal static Tape Of(Tensor tensor)
    {
        if (tensor.Node is null) Throw.NothingToDifferentiate("Tape");
        return new Tape(tensor, NodesBelow(tensor.Node));
    }

    /// <summary>A node and everything it depends on, in order of creation.</summary>
    internal static Node[] NodesBelow(Node root)
    {
        var seen = new HashSet<Node> { root };
        var open = new Stack<Node>([root]);
        while (open.TryPop(out var node))
            foreach (var edge in node.Edges ?? [])
                if (seen.Add(edge.Parent)) open.Push(edge.Parent);
        var nodes = seen.ToArray();
        Array.Sort(nodes, (a, b) => a.Id.CompareTo(b.Id));
        return nodes;
    }

    /// <summary>
    /// Records in detail until the scope ends, on this thread: <c>using (Tape.Detailed()) loss = …;</c> makes each
    /// operation keep its result whatever its size, its inputs, the source line, and the modules and losses it was
    /// called by, for <see cref="Node.Value"/> and <see cref="Node.Detail"/>. Slow; for looking at one tape.
    /// </summary>
    public static Gradients.Scope Detailed()
    {
        var outer = Gradients.Observer;
        return Gradients.Observe(new Observer((result, inputs) =>
        {
            var all = new Tensor[inputs.Length];
            for (var i = 0; i < all.Length; i++) all[i] = inputs[i].Input.Detach();
            var site = CallSite.Find();
            result.Node!.Describe(
                result, new NodeDetail(site.Place, site.File, site.Line, all, Call.Current?.Chain() ?? []));
            outer?.Recorded?.Invoke(result, inputs);
        }, outer?.Ended));
    }

    /// <summary>
    /// The derivative of the result with respect to the result of every operation and to every leaf, in the tape's
    /// order. The tape stays, and no <c>Grad</c> is touched.
    /// </summary>
    /// <param name="seed">The derivative of some final result with respect to this one; 1 for a single number.</param>
    /// <exception cref="GradientException">As in <see cref="Tensor.Backward"/>.</exception>
    /// <exception cref="ShapeException">The seed has another shape.</exception>
    public IReadOnlyList<Tensor> AllGradients(Tensor? seed = null)
    {
        var wanted = _nodes.ToDictionary(node => node, _ => (Tensor?)null);
        BackwardPass.Walk(nameof(AllGradients), _result, seed, retainTape: true, createGraph: false, only: null, wanted);
        return Array.ConvertAll(_nodes, node => wanted[node]!);
    }

    /// <summary>The place of an operation or leaf in the tape's order; −1 if it is not on it.</summary>
    public int IndexOf(Node node) => _positions.GetValueOrDefault(node, -1);

    /// <summary>The number of operations and leaves.</summary>
    public int Count => _nodes.Length;

    /// <inheritdoc/>
    public Node this[int index] => _nodes[Throw.IfNoItem(nameof(Tape), nameof(index), index, Count)];

    /// <inheritdoc/>
    public IEnumerator<Node> GetEnumerator() => ((IEnumerable<Node>)_nodes).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    string InputsOf(Node node) => string.Join(", ", node.Inputs.Select(input => "%" + _positions[input]));

    /// <summary>
    /// A table, one line per operation: <c>%3  tanh  [400, 16]  %2</c> is operation 3, a tanh of operation 2's result.
    /// </summary>
    public override string ToString()
    {
        List<string[]> rows = [["#", "op", "shape", "inputs"]];
        foreach (var node in _nodes)
            rows.Add([$"%{_positions[node]}", node.Op, node.Shape.ToString(), node.Name ?? InputsOf(node)]);
        var widths = Enumerable.Range(0, 4).Select(column => rows.Max(row => row[column].Length)).ToArray();
        var text = new StringBuilder();
        foreach (var row in rows)
            text.AppendLine(string.Join("  ", row.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd());
        return text.ToString();
    }

    /// <summary>A drawing in the Mermaid language, which GitHub and many editors show as a picture.</summary>
    public string ToMermaid()
    {
        var text = new StringBuilder("flowchart LR\n");
        foreach (var node in _nodes)
        {
            var (open, close) = node.IsLeaf ? ("([", "])") : ("[", "]");
            text.Append(CultureInfo.InvariantCulture,
                $"    n{_positions[node]}{open}\"{Label(node, "<br/>")}\"{close}\n");
        }
        foreach (var node in _nodes)
            foreach (var input in node.Inputs)
                text.Append(CultureInfo.InvariantCulture, $"    n{_positions[input]} --> n{_positions[node]}\n");
        return text.ToString();
    }

    /// <summary>A drawing in the DOT language of Graphviz.</summary>
    public string ToDot()
    {
        var text = new StringBuilder("digraph tape {\n    rankdir=LR;\n");
        foreach (var node in _nodes)
            text.Append(CultureInfo.InvariantCulture,
                $"    n{_positions[node]} [shape={(node.IsLeaf ? "ellipse" : "box")}, label=\"{Label(node, "\\n")}\"];\n");
        foreach (var node in _nodes)
            foreach (var input in node.Inputs)
                text.Append(CultureInfo.InvariantCulture, $"    n{_positions[input]} -> n{_positions[node]};\n");
        return text.Append("}\n").ToString();
    }

    static string Label(Node node, string newLine) =>
        (node.Name is null ? node.Op : node.Name.Replace("\"", "'", StringComparison.Ordinal)) + newLine + node.Shape;
}
