using System.Reflection;
using System.Text;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace MicroGrad.Net.Tests.Docs;

/// <summary>
/// docs/losses.md, made from the code: names and signatures by reflection, formulas and advice from the XML docs,
/// families from the folders of the sources, pictures from the losses themselves.
/// </summary>
static partial class LossPage
{
    /// <summary>The folders of the sources and their headings, in the order of the page.</summary>
    static readonly (string Folder, string Heading)[] s_families =
    [
        ("Regression", "Regression"), ("Classification", "Classification"), ("Ranking", "Ranking and embedding"),
        ("Segmentation", "Segmentation"), ("Detection", "Detection"), ("Sequences", "Sequences"),
        ("Distributions", "Distributions"),
    ];

    /// <summary>What the remarks of each loss must say, and the words on the page for it.</summary>
    static readonly (string Word, string Heading)[] s_remarks =
        [("Gradient", "Gradient"), ("Use", "When to use it"), ("Beware", "What goes wrong"), ("Twin", "Twin")];

    const string Introduction = """
        # Losses

        This page is made from the code: `MICROGRAD_WRITE_DOCS=1 dotnet test --filter LossPage` writes it, and a test
        fails when it is out of step. A loss takes the prediction first, then the target of the same shape, and reduces
        to the mean, to the sum, or not at all (`Reduction.None`). Each is composed of differentiable operations, so
        none has a derivative of its own, and yours needs none either:

        ```csharp
        static Tensor Quantile(Tensor prediction, Tensor target, double level)
        {
            var error = target - prediction;
            return Tensor.Max(level * error, (level - 1) * error).Mean();
        }
        GradientCheck.Require(p => Quantile(p, target, 0.9), prediction);
        ```

        In the pictures, left is the loss of one element and right its gradient, as automatic differentiation gives it;
        "Gradient" is of one element before the reduction: the mean divides it by the number of elements.


        """;

    const string Asked = """

        ## What each asks of its inputs

        As the losses themselves state it: a statement is the check, and a test tries values beside each. What is outside
        is an error before anything is computed, which names the loss, the input, the element and the value. "Any" is
        what a model predicts: a NaN there is no error, and comes out of the loss. Options must be finite but where ∞ is
        named. Where there is nothing to learn from (no rows, weights of 0 only, every label ignored, no pair), the
        mean is 0 and so are its gradients, so that one such batch does not end a training; PyTorch gives NaN for labels
        and weights, and 0 for boxes.

        | loss | asks |
        |---|---|

        """;

    public static string[] PublicNames { get; } =
        [.. Methods().Select(method => method.Name).Distinct().Order(StringComparer.Ordinal)];

    // Initialised in this order: families need the names.
    static readonly Dictionary<string, string> s_family = Families();
    static readonly ILookup<string, XElement> s_docs = Docs();

    /// <summary>The losses in the order of the page.</summary>
    public static string[] Names { get; } = [.. s_family.Keys];

    public static string Markdown()
    {
        var page = new StringBuilder(Introduction.ReplaceLineEndings("\n"));
        page.Append(LossTasks.Markdown());
        page.Append("\n## All losses\n\n| loss | twin |\n|---|---|\n");
        foreach (var name in Names) page.Append($"| [{name}](#{name.ToLowerInvariant()}) | {Remark(name, "Twin")} |\n");
        page.Append(Asked.ReplaceLineEndings("\n"));
        foreach (var name in Names) page.Append($"| [{name}](#{name.ToLowerInvariant()}) | {Asks(name)} |\n");
        foreach (var (folder, heading) in s_families)
        {
            page.Append($"\n## {heading}\n");
            foreach (var name in Names.Where(name => s_family[name] == folder)) Section(page, name);
        }
        return page.ToString();
    }

    /// <summary>What all overloads of a loss state of their inputs, the strongest of several statements.</summary>
    static string Asks(string name) => string.Join("; ",
        from sample in LossSample.All(rows: 4)
        where sample.Method.Name == name
        from parameter in sample.Parameters
        let stated = sample.Statements().Stated.Where(one => one.Index == parameter.Position).Select(one => one.Domain)
            .OrderBy(domain => domain == Domain.Predicted).ToArray()
        where stated.Length > 0
        group stated[0].Called by parameter.Name into input
        select $"`{input.Key}`: {string.Join(", or ", input.Distinct())}");

    static void Section(StringBuilder page, string name)
    {
        page.Append($"\n### {name}\n\n```csharp\n");
        foreach (var method in Methods().Where(method => method.Name == name)) page.Append(ApiText.Signature(method)).Append('\n');
        page.Append($"```\n{ApiText.Of(Doc(name).Element("summary")!)}\n\n![{name} and its gradient](losses/{name}.svg)\n\n");
        foreach (var (word, heading) in s_remarks) page.Append($"- **{heading}.** {Remark(name, word)}\n");
    }

    /// <summary>A paragraph of the remarks, without the word it begins with; null where it is missing.</summary>
    public static string? FindRemark(string name, string word) => s_docs[name]
        .SelectMany(doc => doc.Element("remarks")?.Elements("para") ?? [])
        .Select(ApiText.Of).FirstOrDefault(text => text.StartsWith(word + ":", StringComparison.Ordinal))?[(word.Length + 1)..].Trim();

    static string Remark(string name, string word) => FindRemark(name, word)
        ?? throw new InvalidOperationException($"The remarks of Losses.{name} have no paragraph '{word}: …'.");

    public static IEnumerable<string> RemarkWords => s_remarks.Select(remark => remark.Word);

    static XElement Doc(string name) => s_docs[name].FirstOrDefault(doc => doc.Element("remarks") is not null)
        ?? throw new InvalidOperationException($"Losses.{name} has no remarks.");

    static MethodInfo[] Methods() => typeof(Losses).GetMethods(BindingFlags.Public | BindingFlags.Static);

    static Dictionary<string, string> Families()
    {
        var folders = from family in s_families
            from file in Directory.EnumerateFiles(Path.Combine(Repository.Root, "src", "MicroGrad.Net", "Losses", family.Folder), "*.cs")
                .Order(StringComparer.Ordinal)
            from Match declaration in Declaration().Matches(File.ReadAllText(file))
            select (Name: declaration.Groups[1].Value, family.Folder);
        return folders.Where(pair => PublicNames.Contains(pair.Name)).DistinctBy(pair => pair.Name)
            .ToDictionary(pair => pair.Name, pair => pair.Folder);
    }

    static ILookup<string, XElement> Docs() =>
        ApiText.Members.Select(pair => pair.Value)
            .Select(member => (Name: LossMember().Match(member.Attribute("name")!.Value).Groups[1].Value, Member: member))
            .Where(pair => pair.Name.Length > 0).ToLookup(pair => pair.Name, pair => pair.Member);

    [GeneratedRegex(@"public static [\w<>\[\]?(), ]+? (\w+)\(")]
    private static partial Regex Declaration();

    [GeneratedRegex(@"^M:MicroGrad\.Net\.Losses\.(\w+)\(")]
    private static partial Regex LossMember();
}
