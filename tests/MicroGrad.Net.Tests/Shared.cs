using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace MicroGrad.Net.Tests;

/// <summary>
/// Finds the folder <c>shared</c> that stands beside the repository: PyTorch's numbers and data sets, which are not
/// part of the project. The environment variable MICROGRAD_SHARED names it where it stands elsewhere.
/// </summary>
static class Shared
{
    const string Variable = "MICROGRAD_SHARED";

    /// <summary>The path of a folder inside <c>shared</c>, such as <c>oracle</c>; null where there is none.</summary>
    public static string? Folder(string name) => Candidates(name).FirstOrDefault(Directory.Exists);

    /// <summary>The path of a folder inside <c>shared</c>; skips the test where there is none.</summary>
    public static string Require(string name)
    {
        if (Folder(name) is { } folder) return folder;
        Skip($"no folder shared/{name} beside the repository; {Variable} can name another place for shared.");
        return null;
    }

    [DoesNotReturn]
    static void Skip(string reason)
    {
        Assert.Skip(reason);
        throw new InvalidOperationException(reason);
    }

    static IEnumerable<string> Candidates(string name)
    {
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } named) return [Path.Combine(named, name)];
        return Above(AppContext.BaseDirectory).Concat(Above(Path.GetDirectoryName(ThisFile())))
            .Select(folder => Path.Combine(folder, "shared", name));
    }

    static IEnumerable<string> Above(string? start)
    {
        for (var folder = start; !string.IsNullOrEmpty(folder); folder = Path.GetDirectoryName(folder))
            yield return folder;
    }

    static string ThisFile([CallerFilePath] string path = "") => path;
}
