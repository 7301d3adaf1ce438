namespace MicroGrad.Net.Tests.Docs;

/// <summary>Keeps docs/tensors.md in step with the code; with MICROGRAD_WRITE_DOCS=1, writes it.</summary>
public sealed class TensorPageTests
{
    static readonly bool s_write = Environment.GetEnvironmentVariable("MICROGRAD_WRITE_DOCS") == "1";

    [Fact]
    public void The_page_is_what_the_code_says()
    {
        var old = File.Exists(TensorPage.File) ? File.ReadAllText(TensorPage.File).ReplaceLineEndings("\n") : "";
        var page = TensorPage.Markdown(old);
        if (s_write && page != old) File.WriteAllText(TensorPage.File, old = page);
        Assert.True(page == old,
            "docs/tensors.md is out of step: write it with MICROGRAD_WRITE_DOCS=1 dotnet test --filter TensorPage");
    }

    [Fact]
    public void Every_operation_is_on_the_page_once_and_no_other()
    {
        var members = TensorPage.Members.Select(member => member.Key).ToArray();
        Assert.Empty(members.Except(TensorPage.Named));     // to be named in TensorPage.Names.cs
        Assert.Empty(TensorPage.Named.Except(members));
        Assert.Distinct(TensorPage.Named);
    }

    [Fact]
    public void Every_operation_says_what_it_gives_and_its_names_elsewhere() => Assert.All(TensorPage.AllRows, row =>
    {
        Assert.False(string.IsNullOrEmpty(TensorPage.Meaning(row[0])), $"{row[0]} has no summary.");
        Assert.Equal(3, row.Length);
        Assert.All(row, name => Assert.False(string.IsNullOrWhiteSpace(name)));
    });
}
