namespace MicroGrad.Net.Tests;

/// <summary>Finds the real data sets beside the project; the tests that need them are skipped where they are not.</summary>
static class SharedData
{
    public static string Require(string file)
    {
        var found = Candidates().Select(shared => Path.Combine(shared, "data", file)).FirstOrDefault(File.Exists);
        Assert.SkipWhen(found is null, $"shared data not found: {file} (set MICROGRAD_SHARED)");
        return found!;
    }

    static IEnumerable<string> Candidates()
    {
        if (Environment.GetEnvironmentVariable("MICROGRAD_SHARED") is { Length: > 0 } named) yield return named;
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            yield return Path.Combine(folder.FullName, "shared");
    }
}
