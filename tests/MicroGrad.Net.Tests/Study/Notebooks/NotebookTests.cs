using System.Collections;
using System.Globalization;
using System.Text.Json.Nodes;
using System.Xml.Linq;

namespace MicroGrad.Net.Tests.Study.Notebooks;

public sealed class NotebookTests
{
    /// <summary>Formats a value as notebooks do, who know names only.</summary>
    static string? Format(object value, string mimeType = "text/html")
    {
        static object? Property(object of, string name) => of.GetType().GetProperty(name)?.GetGetMethod()?.Invoke(of, null);
        var attribute = Assert.Single(value.GetType().GetCustomAttributes(inherit: true),
            one => one.GetType().Name == "TypeFormatterSourceAttribute");
        Assert.Equal(["text/html"], Assert.IsType<string[]>(Property(attribute, "PreferredMimeTypes")));
        var source = Activator.CreateInstance(Assert.IsType<Type>(Property(attribute, "FormatterSourceType"), exactMatch: false))!;
        foreach (var formatter in (IEnumerable)source.GetType().GetMethod("CreateTypeFormatters")!.Invoke(source, null)!)
        {
            if (!mimeType.Equals(Property(formatter, "MimeType"))) continue;
            var method = formatter.GetType().GetMethod("Format")!;
            Assert.Equal((false, typeof(bool)), (method.IsStatic, method.ReturnType));
            using var writer = new StringWriter(CultureInfo.InvariantCulture);
            Assert.Equal(true, method.Invoke(formatter, [value, writer]));
            return writer.ToString();
        }
        return null;
    }

    /// <summary>The HTML of a value, which is well-formed, and has neither script nor a style of anything
    /// else's.</summary>
    static XElement Html(object value)
    {
        var html = XElement.Parse(Format(value)!);
        Assert.Equal("micrograd", html.Attribute("class")!.Value);
        Assert.Empty(Named(html, "script"));
        Assert.All(Assert.Single(Named(html, "style")).Value.Split('\n', StringSplitOptions.RemoveEmptyEntries),
            rule => Assert.StartsWith(".micrograd ", rule.Trim(), StringComparison.Ordinal));
        return html;
    }

    static XElement[] Named(XElement html, string name) =>
        [.. html.Descendants().Where(element => element.Name.LocalName == name)];

    static string[][] Rows(XElement html) =>
        [.. Named(html, "tr").Select(row => row.Elements().Select(cell => cell.Value).ToArray())];

    static string[] Paragraphs(XElement html) => [.. Named(html, "p").Select(paragraph => paragraph.Value)];

    [Fact]
    public void A_tensor_is_a_heading_and_a_table()
    {
        var html = Html(Tensor.From([2, 3], [1, 2, 3, 4, 5, 6.5f]));
        Assert.Equal(["Tensor [2, 3] Float32"], Paragraphs(html));
        Assert.Equal([["", "0", "1", "2"], ["0", "1.0000", "2.0000", "3.0000"], ["1", "4.0000", "5.0000", "6.5000"]], Rows(html));
        Assert.Equal(["", "0", "1", "2", "0", "1"], Named(html, "th").Select(cell => cell.Value));
    }

    [Fact]
    public void Small_empty_and_broken_tensors_are_shown()
    {
        Assert.Equal(["", "0"], Rows(Html(Tensor.From([], [7.0])))[0]);
        Assert.Equal(["", "7"], Rows(Html(Tensor.From([], [7.0])))[1].Select(cell => cell.TrimEnd('.')));
        Assert.Equal(["", "NaN", "Infinity", "-1.5000"],
            Rows(Html(Tensor.From([3], [double.NaN, double.PositiveInfinity, -1.5])))[1]);
        Assert.Equal(["Tensor [0, 3] Float32", "no elements"], Paragraphs(Html(Tensor.Zeros([0, 3]))));
        var four = Html(Tensor.Zeros([2, 2, 1, 4]));
        Assert.Equal(["[0, 0, :, :]", "[0, 1, :, :]", "[1, 0, :, :]", "… and 1 more of 1 × 4"], Paragraphs(four)[1..]);
        Assert.Equal(3, Named(four, "table").Length);
    }

    [Fact]
    public void Of_a_large_tensor_both_ends_are_shown()
    {
        var rows = Rows(Html(Tensor.Arange(100 * 1000).Reshape(100, 1000)));
        Assert.Equal(1 + 21, rows.Length);
        Assert.All(rows, row => Assert.Equal(1 + 21, row.Length));
        Assert.Equal(["9", "…", "990"], rows[0][10..13]);
        Assert.Equal(["9", "…", "90"], rows[10..13].Select(row => row[0]));
        Assert.All(rows[11], cell => Assert.Equal("…", cell));
        Assert.Equal(99_999, double.Parse(rows[^1][^1], CultureInfo.InvariantCulture));
        Assert.Equal(9_990, double.Parse(rows[10][12], CultureInfo.InvariantCulture));
    }

    [Fact]
    public void Names_are_escaped_and_the_operation_is_told()
    {
        var weight = new Parameter(Tensor.Zeros([1])) { Name = "<script>alert(1)</script>" };
        Assert.Equal(["Parameter <script>alert(1)</script> [1] Float32"], Paragraphs(Html(weight)));
        Assert.Equal(["Tensor [1] Float32, by tanh"], Paragraphs(Html(weight.Tanh())));
        Assert.Equal(["%0", "parameter", "[1]", "<script>alert(1)</script>"], Rows(Html(weight.Tanh().Tape))[1]);
    }

    [Fact]
    public void A_module_is_its_tree_and_stays_as_it_was()
    {
        var model = new Sequential(new Linear(2, 300), new Tanh(), new Linear(300, 1));
        Assert.Equal([["module", "parameters"], ["Sequential", "1,201"], ["  0: Linear(2 -> 300)", "900"], ["  1: Tanh", ""],
            ["  2: Linear(300 -> 1)", "301"]], Rows(Html(model)));
        Html(model[0]);
        Assert.Equal("0.weight", model.Parameters()[0].Name);
    }

    [Fact]
    public void A_tape_is_a_table_of_which_both_ends_are_shown()
    {
        var x = new Parameter(Tensor.Zeros([2])) { Name = "x" };
        var rows = Rows(Html((x * x).Sum().Tape));
        Assert.Equal(["#", "operation", "shape", "inputs"], rows[0]);
        Assert.Equal(["%0", "parameter", "[2]", "x"], rows[1]);
        Assert.Equal(["[]", "%1"], rows[^1][2..]);
        Tensor y = x;
        for (var i = 0; i < 300; i++) y = y.Tanh();
        rows = Rows(Html(y.Tape));
        Assert.Equal((1 + 201, "%99", "…", "%201"), (rows.Length, rows[100][0], rows[101][0], rows[102][0]));
        Assert.Equal("%300", rows[^1][0]);
    }

    [Fact]
    public void A_history_is_its_charts_and_last_figures()
    {
        var history = new History("loss", "validation loss", "a<b", "seconds");
        Assert.Equal(["No epoch was completed."], Paragraphs(Html(history)));
        history.Add(2, 3, 0.5, 1);
        history.Add(double.NaN, 2, 0.75, 1);
        var html = Html(history);
        Assert.Equal([history.Verdict.Text], Paragraphs(html));
        Assert.Equal(["loss", "a<b"], Named(html, "text").Where(text => text.Attribute("class")?.Value == "title").Select(text => text.Value));
        Assert.Equal([["", "first", "last"], ["loss", "2", "NaN"], ["validation loss", "3", "2"], ["a<b", "0.5", "0.75"],
            ["seconds", "1", "1"]], Rows(html));
        var other = new History("accuracy");
        other.Add(0.5);
        Assert.Single(Rows(Html(other))[1..]);
    }

    [Fact]
    public void A_chart_is_its_drawing_without_a_style_of_its_own()
    {
        var html = Html(new LineChart("<loss>", "epoch").Add("", [0.0, 1], [1.0, 0]));
        Assert.Equal("<loss>", Named(html, "text")[0].Value);
        Assert.Single(Named(html, "polyline"));
    }

    [Fact]
    public void Plain_text_is_what_is_printed()
    {
        var x = Tensor.From([2], [1.5, 2]);
        Assert.Equal(x.ToString(), Format(x, "text/plain"));
        Assert.Null(Format(x, "application/json"));
    }

    /// <summary>A notebook, run by the tool that runs notebooks without a screen.</summary>
    [Fact]
    public void A_notebook_shows_it()
    {
        const string Version = "0.3.259";
        var folder = Directory.CreateDirectory(Path.Combine(Repository.Root, "artifacts", "notebook")).FullName;
        var tools = Path.Combine(folder, "dotnet-repl");
        if (!Directory.Exists(tools))
        {
            var (code, said, failed) = Repository.RunIn(
                folder, "tool", "install", "dotnet-repl", "--version", Version, "--tool-path", tools);
            if (code != 0) Assert.Skip($"dotnet-repl {Version} cannot be had: {said}{failed}");
        }
        var program = Assert.Single(Directory.GetFiles(tools, "dotnet-repl.dll", SearchOption.AllDirectories));
        string[] cells =
        [
            $"#r \"{typeof(Tensor).Assembly.Location.Replace('\\', '/')}\"\nusing MicroGrad.Net;",
            "Tensor.From([1, 2], [1.5, 2])",
            "var model = new Sequential(new Linear(2, 1)); model",
            "model.Forward(Tensor.Zeros([4, 2])).Mean().Tape",
            "var history = new History(\"loss\"); history.Add(2); history.Add(1); history",
        ];
        var notebook = new JsonObject
        {
            ["cells"] = new JsonArray([.. cells.Select(cell => new JsonObject
            {
                ["cell_type"] = "code", ["execution_count"] = null, ["outputs"] = new JsonArray(), ["source"] = cell,
                ["metadata"] = new JsonObject(),
            })]),
            ["metadata"] = new JsonObject { ["kernelspec"] = new JsonObject
            {
                ["display_name"] = ".NET (C#)", ["language"] = "C#", ["name"] = ".net-csharp",
            } },
            ["nbformat"] = 4, ["nbformat_minor"] = 4,
        };
        var (input, output) = (Path.Combine(folder, "in.ipynb"), Path.Combine(folder, "out.ipynb"));
        File.WriteAllText(input, notebook.ToJsonString());
        File.Delete(output);
        var (exitCode, printed, errors) = Repository.RunIn(
            folder, program, "--run", input, "--exit-after-run", "--output-path", output, "--output-format", "ipynb");
        Assert.True(exitCode == 0, printed + errors);
        string[] shown = [.. JsonNode.Parse(File.ReadAllText(output))!["cells"]!.AsArray().Skip(1).Select(cell =>
            string.Concat(cell!["outputs"]!.AsArray().SelectMany(one => one!["data"]?["text/html"]?.AsArray() ?? [])))];
        string[] expected = ["Tensor [1, 2] Float64", "  0: Linear(2 -&gt; 1)", ">linear</td>", "<polyline"];
        foreach (var (html, part) in shown.Zip(expected))
        {
            Assert.StartsWith("<div class=\"micrograd\">", html, StringComparison.Ordinal);
            Assert.Contains(part, html, StringComparison.Ordinal);
        }
        Assert.Equal(expected.Length, shown.Length);
    }
}
