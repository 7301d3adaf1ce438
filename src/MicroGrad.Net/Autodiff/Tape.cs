using System.Collections;
using System.Globalization;
using System.Text;

namespace MicroGrad.Net;

/// <summary>
/// The operations a tensor was computed by, inputs before results. Recovered from the tensor, so it exists as long
/// as the tensor does and nothing has to be started, stopped or cleared.
/// </summary>
public sealed class Tape : IReadOnlyList<Node>
{
    readonly Node[] _nodes;
    readonly Dictionary<Node, int> _positions = [];

    Tape(Node[] nodes)
    {
        _nodes = nodes;
        for (var i = 0; i < nodes.Length; i++) _positions[nodes[i]] = i;
    }

    internal static Tape Of(Tensor tensor)
    {
        if (tensor.Node is null) Throw.NothingToDifferentiate("Tape");
        return new Tape(NodesBelow(tensor.Node));
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

    /// <summary>The number of operations and leaves.</summary>
    public int Count => _nodes.Length;

    /// <inheritdoc/>
    public Node this[int index] => _nodes[index];

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
