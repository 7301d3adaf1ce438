using System.Text.RegularExpressions;

namespace MicroGrad.Net.Tests;

/// <summary>
/// The floors of the library: each folder uses only those before it. Read from the sources, so that a breach is found
/// in the file that makes it.
/// </summary>
public sealed partial class ArchitectureTests
{
    static readonly string[] Floors =
        ["Foundation", "Kernels", "Autodiff", "Ops", "Losses", "Layers", "Optimizers", "Data", "Training", "Study"];

    /// <summary>What a floor may not use although it stands before it: data are tensors, and know no networks.</summary>
    static readonly Dictionary<string, string[]> NotUsed = new()
    {
        ["Data"] = ["Losses", "Layers", "Optimizers"],
    };

    /// <summary>Files of more than 400 lines, with the reason.</summary>
    static readonly Dictionary<string, string> LongFiles = [];

    /// <summary>Members of a floor that a file of an earlier floor names, with the reason.</summary>
    static readonly Dictionary<(string File, string Type), string> Allowed = new()
    {
        [("Foundation/TypeFormatterSourceAttribute.cs", "NotebookFormatters")] =
            "notebooks ask a type, of whatever floor, for the type that shows it",
    };

    sealed record Source(string Path, string Floor, string Text, string Code);

    static readonly Source[] Sources = Read();

    static string Root()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "MicroGrad.Net.sln"))) return folder.FullName;
        throw new DirectoryNotFoundException($"No MicroGrad.Net.sln above {AppContext.BaseDirectory}.");
    }

    static Source[] Read()
    {
        var library = Path.Combine(Root(), "src", "MicroGrad.Net");
        return [.. Directory.EnumerateFiles(library, "*.cs", SearchOption.AllDirectories)
            .Select(file => (File: file, Path: Path.GetRelativePath(library, file).Replace('\\', '/')))
            .Where(file => !file.Path.StartsWith("obj/", StringComparison.Ordinal) && !file.Path.StartsWith("bin/", StringComparison.Ordinal))
            .OrderBy(file => file.Path, StringComparer.Ordinal)
            .Select(file =>
            {
                var text = File.ReadAllText(file.File);
                return new Source(file.Path, file.Path.Split('/')[0], text, Stripped(text));
            })];
    }

    // Comments, strings and characters; the code inside the braces of an interpolated string goes with it.
    [GeneratedRegex(""""//[^\n]*|/\*.*?\*/|\$*"""(?s:.*?)"""|[$@]*"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])+'"""", RegexOptions.Singleline)]
    private static partial Regex CommentsAndStrings();

    static string Stripped(string text) => CommentsAndStrings().Replace(text.ReplaceLineEndings("\n"), match => match.Value.StartsWith('/') ? " " : "\"\"");

    [GeneratedRegex(@"\b(?:class|struct|interface|enum|record(?:\s+struct|\s+class)?)\s+([A-Za-z_]\w*)|\bdelegate\s+[\w<>\[\]?]+\s+([A-Za-z_]\w*)")]
    private static partial Regex Declarations();

    /// <summary>
    /// Where types are declared at the outer level (those inside another type are its own business). Tensor, whose parts
    /// stand in two floors, belongs to Autodiff.
    /// </summary>
    internal static Dictionary<string, string> FloorOfTypes()
    {
        var floors = new Dictionary<string, string> { ["Tensor"] = "Autodiff" };
        foreach (var source in Sources)
            foreach (Match match in Declarations().Matches(source.Code))
            {
                var depth = source.Code.AsSpan(0, match.Index).Count('{') - source.Code.AsSpan(0, match.Index).Count('}');
                if (depth == 0) floors.TryAdd(match.Groups[1].Success ? match.Groups[1].Value : match.Groups[2].Value, source.Floor);
            }
        return floors;
    }

    /// <summary>
    /// Whether a word is used as a type: not a member after a dot, not a method that is declared or called, and not a
    /// name in an enumeration, a case or an argument list.
    /// </summary>
    static IEnumerable<int> Mentions(string code, string type)
    {
        foreach (Match match in Regex.Matches(code, $@"(?<![\w@]){type}(?!\w)"))
        {
            var (before, after) = (code[..match.Index].TrimEnd(), code[(match.Index + match.Length)..].TrimStart());
            var isNew = Regex.IsMatch(before, @"\b(new|typeof\s*\(|is|as|extension\s*\()$");
            if (before.EndsWith('.') && !before.EndsWith("MicroGrad.Net.", StringComparison.Ordinal)) continue;
            if (!isNew && Regex.IsMatch(after, @"^(<[^<>(){};]*>)?\s*\(")) continue;        // a method's name
            if (!isNew && Regex.IsMatch(after, @"^(=>|=[^=]|\{\s*get\b|:[^:])")) continue;          // a property, constant or argument
            if (!isNew && Regex.IsMatch(before, @"[{,]$") && Regex.IsMatch(after, @"^[,}]")) continue;     // a value of an enumeration
            yield return match.Index;
        }
    }

    static int Line(string code, int index) => code.AsSpan(0, index).Count('\n') + 1;

    /// <summary>Each mention, in one floor, of a type of a floor that it may not use.</summary>
    static IEnumerable<string> Breaches(IEnumerable<Source> sources, Dictionary<string, string> types)
    {
        foreach (var source in sources)
            foreach (var (type, floor) in types)
            {
                var later = Array.IndexOf(Floors, floor) > Array.IndexOf(Floors, source.Floor);
                if (!later && !NotUsed.GetValueOrDefault(source.Floor, []).Contains(floor)) continue;
                if (Allowed.ContainsKey((source.Path, type))) continue;
                foreach (var index in Mentions(source.Code, type))
                    yield return $"{source.Path}:{Line(source.Code, index)} ({source.Floor}) mentions {type} of {floor}";
            }
    }

    [Fact]
    public void Every_file_stands_on_a_floor() =>
        Assert.Empty(Sources.Where(source => !Floors.Contains(source.Floor)).Select(source => source.Path));

    [Fact]
    public void No_floor_uses_a_later_one() => Assert.Empty(Breaches(Sources, FloorOfTypes()));

    [Fact]
    public void The_search_for_breaches_finds_them()
    {
        var types = FloorOfTypes();
        Assert.Equal(("Foundation", "Kernels", "Autodiff", "Autodiff", "Losses", "Layers", "Optimizers"), (types["Shape"],
            types["Elementwise"], types["Tensor"], types["Node"], types["Losses"], types["Linear"], types["Adam"]));
        string[] Found(string floor, string code) => [.. Breaches([new Source("x.cs", floor, code, Stripped(code))], types)];
        Assert.Equal(["x.cs:2 (Ops) mentions Relu of Layers"], Found("Ops", "var a = 1;\nvar b = new Relu();"));
        Assert.Single(Found("Kernels", "static void F(Tensor x) { }"));
        Assert.Single(Found("Foundation", "List<Tensor> all;"));
        Assert.Single(Found("Losses", "Module? model = null;"));
        Assert.Single(Found("Autodiff", "Losses.MeanSquaredError(a, b)"));
        Assert.Single(Found("Losses", "MicroGrad.Net.Adam.Something"));
        Assert.Single(Found("Data", "var layer = new Linear(1, 2);"));
        Assert.Single(Found("Layers", "if (x is Optimizer o) { }"));
        Assert.Empty(Found("Ops", "public Tensor Relu() => x.Relu(); // new Relu()\nvar s = \"Linear\"; /* Linear\n x */"));
        Assert.Empty(Found("Data", "Tensor x = Tensor.Zeros([2]);"));
        Assert.Empty(Found("Optimizers", "Module m; Losses.Huber(a, b);"));
    }

    [Fact]
    public void All_types_are_in_one_namespace()
    {
        Assert.All(Sources, source => Assert.Equal(["namespace MicroGrad.Net;"],
            Regex.Matches(source.Code, @"^\s*namespace\s[^;{]*[;{]", RegexOptions.Multiline).Select(match => match.Value.Trim())));
        Assert.Equal(["MicroGrad.Net"], typeof(Tensor).Assembly.GetExportedTypes().Select(type => type.Namespace).Distinct());
    }

    [Fact]
    public void Files_are_short_or_on_the_list()
    {
        foreach (var source in Sources)
        {
            var lines = source.Text.AsSpan().Count('\n');
            Assert.True(lines <= 400 || LongFiles.ContainsKey(source.Path), $"{source.Path} has {lines} lines: split it, or list it with the reason.");
        }
        Assert.Empty(LongFiles.Keys.Except(Sources.Where(source => source.Text.AsSpan().Count('\n') > 400).Select(source => source.Path)));
    }

    [Fact]
    public void Kernels_are_internal()
    {
        // The number of threads is the one setting of theirs that users see.
        var types = FloorOfTypes();
        Assert.Equal(["Parallelism"], typeof(Tensor).Assembly.GetExportedTypes().Select(type => type.Name)
            .Where(name => types.GetValueOrDefault(name) == "Kernels"));
    }

    [Fact]
    public void Users_have_nothing_to_dispose() =>
        Assert.DoesNotContain(new[] { typeof(Tensor), typeof(Parameter), typeof(Module), typeof(Optimizer), typeof(Tape) },
            type => type.IsAssignableTo(typeof(IDisposable)));
}
