namespace MicroGrad.Net.Tests;

/// <summary>
/// Programs of one file each. They are compiled together (tests/Scripts/Scripts.csproj) when one of them is first
/// needed, and run as they are: <c>dotnet run</c> would spend seconds on each before it starts.
/// </summary>
sealed class ScriptSet(string name, string files, bool support = false, Action? write = null)
{
    static readonly Lock s_oneBuild = new();

    /// <summary>The scripts of <c>examples</c>.</summary>
    public static readonly ScriptSet Examples = new("examples", "examples/*.cs", support: true);

    /// <summary>The lessons.</summary>
    public static readonly ScriptSet Course = new("course", "examples/learn/*.cs");

    readonly Lazy<string> _folder = new(() =>
    {
        write?.Invoke();
        lock (s_oneBuild)
        {
            var (exitCode, output, errors) = Repository.RunTool("build", "tests/Scripts", $"-p:Script={files}", $"-p:Into={name}",
                $"-p:Support={support}", "--nologo", "--verbosity", "quiet");
            Assert.True(exitCode == 0, errors + output);
        }
        return Path.Combine(Repository.Root, "artifacts", "scripts", name);
    });

    /// <summary>Runs a script, which is named without its .cs, in a folder.</summary>
    public (int ExitCode, string Output, string Errors) Run(string script, string folder, params ReadOnlySpan<string> arguments) =>
        Repository.RunIn(folder, ["exec", Path.Combine(_folder.Value, script + ".dll"), .. arguments]);
}
