using System.Globalization;
using System.Text.Json;

namespace MicroGrad.Net.Tests.Study;

/// <summary>What a page of a tape carries, read back.</summary>
sealed class PageData
{
    const string Opening = "<script type=\"application/json\" id=\"data\">";

    readonly JsonElement _root;

    public PageData(string html)
    {
        var start = html.IndexOf(Opening, StringComparison.Ordinal) + Opening.Length;
        _root = JsonDocument.Parse(html[start..html.IndexOf("</script>", start, StringComparison.Ordinal)]).RootElement;
    }

    public JsonElement[] Nodes => [.. _root.GetProperty("nodes").EnumerateArray()];

    public JsonElement Rule(string op) => _root.GetProperty("rules").GetProperty(op);

    public static double Number(JsonElement element) => element.ValueKind == JsonValueKind.String
        ? double.Parse(element.GetString()!, CultureInfo.InvariantCulture) : element.GetDouble();

    public static double[] Values(JsonElement view) => [.. view.GetProperty("v").EnumerateArray().Select(Number)];

    /// <summary>Each fold, indented by depth, with the operations that are directly in it.</summary>
    public string Tree()
    {
        JsonElement[] folds = [.. _root.GetProperty("folds").EnumerateArray()];
        var lines = new List<string>();
        void Add(int parent, string indent)
        {
            var inside = Nodes.Where(node => node.GetProperty("fold").GetInt32() == parent)
                .Select(node => node.GetProperty(node.TryGetProperty("name", out _) ? "name" : "op").GetString());
            if (parent >= 0) lines[^1] += $" [{string.Join(", ", inside)}]";
            else lines.Add($"[{string.Join(", ", inside)}]");
            for (var i = 0; i < folds.Length; i++)
            {
                if (folds[i].GetProperty("parent").GetInt32() != parent) continue;
                lines.Add(indent + folds[i].GetProperty("label").GetString());
                Add(i, indent + "  ");
            }
        }
        Add(-1, "");
        return string.Join('\n', lines);
    }
}
