using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace MicroGrad.Net;

/// <summary>A tape as a page on which one can walk it, forward and backward, and see every number.</summary>
public static class TapePage
{
    const int Cells = 1_500_000;    // of all heat maps: keeps the page of a large network below 10 MB
    const int MostItems = 12;       // of a setting that is a list

    static readonly string[] s_functions = ["steps-graph.js", "steps-panel.js", "steps-sums.js"];

    extension(Tape tape)
    {
        /// <summary>
        /// Writes the page of <see cref="ToHtml"/> to a file: <c>loss.Tape.SaveHtml("steps.html")</c>, before
        /// <see cref="Tensor.Backward"/>, which frees the tape.
        /// </summary>
        /// <param name="path">The file; replaced if there is one.</param>
        /// <param name="seed">The derivative of some final result with respect to this one; 1 for one number.</param>
        /// <exception cref="GradientException">As in <see cref="Tensor.Backward"/>.</exception>
        /// <exception cref="ShapeException">The seed has another shape.</exception>
        public void SaveHtml(string path, Tensor? seed = null) => File.WriteAllText(path, tape.ToHtml(seed));

        /// <summary>
        /// One self-contained page that a browser shows without a network: the graph, drawn from left to right and
        /// folded by module, to be walked operation by operation; of each its shapes, values and gradients, the
        /// local rule, and the sum behind any element of a gradient. Of a tape that was recorded inside
        /// <see cref="Tape.Detailed"/> also source lines, folds, and the values of large results. Runs a backward of
        /// its own, which keeps the tape and touches no <c>Grad</c>.
        /// </summary>
        /// <param name="seed">The derivative of some final result with respect to this one; 1 for one number.</param>
        /// <exception cref="GradientException">As in <see cref="Tensor.Backward"/>.</exception>
        /// <exception cref="ShapeException">The seed has another shape.</exception>
        public string ToHtml(Tensor? seed = null)
        {
            // What is computed here is not to be seen by those who watch the user's operations.
            using var quiet = Gradients.Observe(_ => { });
            var title = $"Steps of {tape[^1].Op}";
            var functions = string.Concat(
                s_functions.Select(name => $"<script>\n{HtmlPage.Resource(name)}</script>\n"));
            return HtmlPage.Text(
                title, HtmlPage.Resource("steps.html") + functions, "steps.js", Data(tape, seed), "steps.css");
        }
    }

    static string Data(Tape tape, Tensor? seed)
    {
        double[][] gradients = [.. tape.AllGradients(seed).Select(gradient => gradient.ToDoubles())];
        var folds = new TapeFolds(tape);
        var sums = TapeArithmetic.Of(tape, gradients);
        var lines = new SourceLines();
        var cells = Math.Clamp(Cells / tape.Count, 400, 3200);
        using var stream = new MemoryStream();
        // Whatever could end the script element is escaped by HtmlPage.
        using (var json = new Utf8JsonWriter(stream, new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteStartArray("folds");
            foreach (var fold in folds.Folds)
            {
                json.WriteStartObject();
                json.WriteString("label", fold.Label);
                json.WriteNumber("parent", fold.Parent);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteStartObject("rules");
            foreach (var node in tape.DistinctBy(node => node.Op)) Rule(json, node);
            json.WriteEndObject();
            json.WriteStartArray("nodes");
            for (var i = 0; i < tape.Count; i++)
            {
                json.WriteStartObject();
                json.WriteNumber("fold", folds.FoldOf[i]);
                Operation(json, tape, tape[i], lines, cells);
                if (tape[i].Value is { } value)
                    TensorView.Write(json, "value", value.Shape, value.DType, value.ToDoubles(), cells);
                TensorView.Write(json, "gradient", tape[i].Shape, tape[i].DType, gradients[i], cells);
                Sums(json, sums[i]);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(stream.ToArray());
    }

    static void Rule(Utf8JsonWriter json, Node node)
    {
        var operation = node.Operation;
        json.WriteStartObject(node.Op);
        json.WriteString("words", operation.Words);
        json.WriteString("formula", operation.Formula);
        if (operation.Element is not null) json.WriteString("element", operation.Element);
        json.WriteStartArray("gradients");
        foreach (var text in node.IsLeaf ? [] : operation.Gradients) json.WriteStringValue(text);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    static void Operation(Utf8JsonWriter json, Tape tape, Node node, SourceLines lines, int cells)
    {
        json.WriteString("op", node.Op);
        if (node.Name is not null) json.WriteString("name", node.Name);
        if (node.IsLeaf) json.WriteBoolean("leaf", true);
        json.WriteStartArray("shape");
        foreach (var size in node.Shape) json.WriteNumberValue(size);
        json.WriteEndArray();
        json.WriteString("dtype", node.DType.ToString());
        json.WriteStartArray("inputs");
        foreach (var (input, place) in node.Inputs.Zip(node.InputPlaces))
        {
            json.WriteStartArray();
            json.WriteNumberValue(tape.IndexOf(input));
            json.WriteNumberValue(place);
            json.WriteEndArray();
        }
        json.WriteEndArray();
        if (node.Operation.Settings is { Count: > 0 } settings)
            json.WriteString("settings", string.Join(", ", settings.Select(one => $"{one.Name} {Text(one.Value)}")));
        if (node.Detail is not { } detail)
        {
            if (node.RecordedAt is not null) json.WriteString("at", node.RecordedAt);
            return;
        }
        json.WriteString("at", detail.Place);
        if (lines.Text(detail.File, detail.Line) is { } text) json.WriteString("code", text);
        var within = string.Join(" › ", detail.Calls.Where(call => call.IsModule).Select(Text));
        if (within.Length > 0) json.WriteString("in", within);
        json.WriteStartArray("constants");
        var tracked = node.InputPlaces.ToHashSet();
        foreach (var (place, input) in detail.Inputs.Index())
        {
            if (tracked.Contains(place)) continue;
            json.WriteStartObject();
            json.WriteNumber("place", place);
            json.WriteStartArray("shape");
            foreach (var size in input.Shape) json.WriteNumberValue(size);
            json.WriteEndArray();
            TensorView.Write(json, "value", input.Shape, input.DType, input.ToDoubles(), cells);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    static string Text(object? setting) => setting switch
    {
        Array items => $"[{string.Join(", ", items.Cast<object?>().Take(MostItems).Select(Text))}"
            + (items.Length > MostItems ? $", … {items.Length} in all]" : "]"),
        double number => number.ToString("g6", CultureInfo.InvariantCulture),
        bool yes => yes ? "yes" : "no",
        null => "none",
        _ => string.Create(CultureInfo.InvariantCulture, $"{setting}"),
    };

    static string Text(Call call) => call.Name is null ? call.Text : $"{call.Name}: {call.Text}";

    static void Sums(Utf8JsonWriter json, ChainSum[] sums)
    {
        json.WriteStartArray("sums");
        foreach (var sum in sums)
        {
            json.WriteStartObject();
            json.WriteNumber("at", sum.At);
            json.WriteStartArray("parts");
            foreach (var part in sum.Parts)
            {
                json.WriteStartObject();
                json.WriteNumber("y", part.Consumer);
                json.WriteNumber("place", part.Place);
                json.WriteNumber("count", part.Count);
                TensorView.Number(json, "sum", part.Sum);
                json.WriteStartArray("terms");
                foreach (var term in part.Terms)
                {
                    json.WriteStartArray();
                    json.WriteNumberValue(term.At);
                    TensorView.Number(json, term.Gradient, exact: false);
                    TensorView.Number(json, term.Slope, exact: false);
                    json.WriteEndArray();
                }
                json.WriteEndArray();
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    /// <summary>Lines of source files that can be read.</summary>
    sealed class SourceLines
    {
        readonly Dictionary<string, string[]> _files = [];

        public string? Text(string? file, int line)
        {
            if (file is null) return null;
            if (!_files.TryGetValue(file, out var lines)) _files.Add(file, lines = Read(file));
            return line >= 1 && line <= lines.Length ? lines[line - 1].Trim() : null;
        }

        static string[] Read(string file)
        {
            try
            {
                return File.Exists(file) ? File.ReadAllLines(file) : [];
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                return [];
            }
        }
    }
}
