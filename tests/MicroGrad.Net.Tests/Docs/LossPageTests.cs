namespace MicroGrad.Net.Tests.Docs;

/// <summary>Keeps docs/losses.md and its pictures in step with the code; with MICROGRAD_WRITE_DOCS=1, writes them.</summary>
public sealed class LossPageTests
{
    static readonly string s_docs = Path.Combine(Repository.Root, "docs");

    static readonly bool s_write = Environment.GetEnvironmentVariable("MICROGRAD_WRITE_DOCS") == "1";

    public static TheoryData<string> Names => [.. LossPage.PublicNames];

    [Fact]
    public void The_page_is_what_the_code_says()
    {
        var (file, page) = (Path.Combine(s_docs, "losses.md"), LossPage.Markdown());
        if (s_write) File.WriteAllText(file, page);
        Assert.True(File.ReadAllText(file).ReplaceLineEndings("\n") == page,
            "docs/losses.md is out of step: write it with MICROGRAD_WRITE_DOCS=1 dotnet test --filter LossPage");
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_loss_says_its_gradient_its_use_its_dangers_and_its_twin(string name)
    {
        Assert.Contains(name, LossPage.Names);
        foreach (var word in LossPage.RemarkWords)
            Assert.False(string.IsNullOrEmpty(LossPage.FindRemark(name, word)), $"Losses.{name} has no '{word}:' among its remarks.");
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_loss_is_drawn_as_it_is(string name)
    {
        var (file, drawn) = (Path.Combine(s_docs, "losses", name + ".svg"), LossPictures.All[name].Draw());
        if (s_write)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllText(file, drawn);
        }
        Printed.AssertSamePicture(File.ReadAllText(file).ReplaceLineEndings("\n"), drawn, file);
    }

    [Fact]
    public void There_is_no_picture_of_a_loss_that_is_gone()
    {
        var drawn = Directory.EnumerateFiles(Path.Combine(s_docs, "losses")).Select(Path.GetFileNameWithoutExtension);
        Assert.Equal(LossPage.PublicNames, drawn.Order(StringComparer.Ordinal));
        Assert.Equal(LossPage.PublicNames, LossPictures.All.Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void What_the_table_of_tasks_names_is_there()
    {
        var names = typeof(Losses).Assembly.GetExportedTypes().SelectMany(type =>
            type.GetMembers().Select(member => $"{type.Name}.{member.Name}").Prepend(type.Name)).ToHashSet();
        Assert.All(LossTasks.Rows, row =>
        {
            Assert.Equal(5, row.Length);
            Assert.Subset(LossPage.PublicNames.ToHashSet(), LossTasks.LossesOf(row).ToHashSet());
            Assert.All(LossTasks.MetricsOf(row), name => Assert.Contains(name, names));
        });
    }

    [Fact]
    public void Every_loss_has_a_task()
    {
        // Parts and variants of others, which their own sections tell from them.
        string[] variants = ["BinaryCrossEntropy", "IntersectionOverUnion", "NegativeLogLikelihood",
            "PairwiseIntersectionOverUnion", "SoftMargin", "SquaredHinge"];
        Assert.Equal(LossPage.PublicNames.Except(variants), LossTasks.Rows.SelectMany(LossTasks.LossesOf).Distinct()
            .Order(StringComparer.Ordinal));
    }
}
