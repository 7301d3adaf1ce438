namespace MicroGrad.Net.Tests.Docs;

/// <summary>Links of the pages lead to files and headings that exist.</summary>
public sealed class LinkTests
{
    public static TheoryData<string> Pages => [.. Directory.EnumerateFiles(Path.Combine(Repository.Root, "docs"), "*.md")
        .Select(file => $"docs/{Path.GetFileName(file)}").Order(StringComparer.Ordinal).Prepend("CONTRIBUTING.md").Prepend("README.md")];

    [Theory]
    [MemberData(nameof(Pages))]
    public void Every_link_leads_somewhere(string page)
    {
        var file = Path.Combine(Repository.Root, page);
        Assert.All(MarkdownText.Links(File.ReadAllText(file)).Where(link => !link.Contains(':')), link =>
        {
            var parts = link.Split('#');
            var target = parts[0].Length == 0 ? file : Path.GetFullPath(Path.Combine(Path.GetDirectoryName(file)!, parts[0]));
            Assert.True(File.Exists(target) || Directory.Exists(target), $"{page} links to {link}, which is not there.");
            if (parts.Length > 1)
                Assert.True(MarkdownText.Anchors(File.ReadAllText(target)).Contains(parts[1]),
                    $"{page} links to {link}, but {Path.GetFileName(target)} has no such heading.");
        });
    }

    [Fact]
    public void Every_page_is_among_the_contents_of_the_site()
    {
        var contents = File.ReadAllText(Path.Combine(Repository.Root, "docs", "site", "toc.yml"));
        Assert.All(Pages, page => Assert.Contains($"/{Path.GetFileName(page.Data)}\n", contents.ReplaceLineEndings("\n"),
            StringComparison.Ordinal));
    }

    [Fact]
    public void A_page_without_links_would_be_a_mistake_of_this_test() =>
        Assert.True(MarkdownText.Links(File.ReadAllText(Path.Combine(Repository.Root, "README.md"))).Count() > 10);

    [Fact]
    public void Links_and_anchors_are_those_that_GitHub_sees()
    {
        const string Page = "# A `name`, and more\n[a](b.md#c) ![p](d.svg) `[no](x)` [`code`](e)\n<img src=\"f\">\n"
            + "```text\n# no heading\n[no](y)\n```\n## Twice\n## Twice\n";
        Assert.Equal(["b.md#c", "d.svg", "e", "f"], MarkdownText.Links(Page));
        Assert.Equal(["a-name-and-more", "twice", "twice-1"], MarkdownText.Anchors(Page));
    }
}
