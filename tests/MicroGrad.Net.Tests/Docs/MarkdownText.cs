using System.Text.RegularExpressions;

namespace MicroGrad.Net.Tests.Docs;

/// <summary>What a Markdown page links to, and what can be linked to in it.</summary>
static partial class MarkdownText
{
    /// <summary>The targets of links and pictures, those inside code left out.</summary>
    public static IEnumerable<string> Links(string page) =>
        Link().Matches(Code().Replace(page, "")).Select(link => link.Groups["target"].Value);

    /// <summary>The anchors of all headings.</summary>
    public static HashSet<string> Anchors(string page)
    {
        var anchors = new HashSet<string>();
        foreach (Match heading in Heading().Matches(Fence().Replace(page, "")))
        {
            var anchor = Anchor(heading.Groups["text"].Value);
            // Of equal headings, the second ends with -1.
            for (var (again, first) = (1, anchor); !anchors.Add(anchor); again++) anchor = $"{first}-{again}";
        }
        return anchors;
    }

    /// <summary>The anchor of a heading as GitHub makes it: lower case, spaces to dashes, other signs dropped.</summary>
    public static string Anchor(string heading) =>
        NotInAnchors().Replace(heading.ToLowerInvariant(), "").Replace(' ', '-');

    [GeneratedRegex(@"\]\((?<target>[^)\s]+)\)|src=""(?<target>[^""]+)""")]
    private static partial Regex Link();

    [GeneratedRegex(@"^```.*?^```|`[^`\n]*`", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Code();

    [GeneratedRegex(@"^```.*?^```", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Fence();

    [GeneratedRegex(@"^#{1,6} (?<text>.+)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"[^\w -]")]
    private static partial Regex NotInAnchors();
}
