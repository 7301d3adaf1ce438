using System.Diagnostics;

namespace MicroGrad.Net.Tests;

/// <summary>The clone that the tests run in.</summary>
static class Repository
{
    /// <summary>The folder of the solution file, found upwards from the tests' own.</summary>
    public static string Root { get; } = Find(AppContext.BaseDirectory);

    static string Find(string? folder)
    {
        for (; folder is not null; folder = Path.GetDirectoryName(folder))
            if (File.Exists(Path.Combine(folder, "MicroGrad.Net.sln"))) return folder;
        throw new DirectoryNotFoundException("MicroGrad.Net.sln is in no folder above the tests.");
    }

    /// <summary>Runs <c>dotnet run script -- arguments</c> in the repository's folder, as a newcomer would.</summary>
    public static (int ExitCode, string Output, string Errors) RunScript(string script, params string[] arguments) =>
        RunTool(["run", script, "--", .. arguments]);

    /// <summary>Runs <c>dotnet arguments</c> in the repository's folder.</summary>
    public static (int ExitCode, string Output, string Errors) RunTool(params string[] arguments) => RunIn(Root, arguments);

    // Two builds of the library at a time would write to the same files.
    static readonly Lock s_oneBuild = new();

    /// <summary>Runs <c>dotnet arguments</c> in a folder; of those that build, one at a time.</summary>
    public static (int ExitCode, string Output, string Errors) RunIn(string folder, params string[] arguments)
    {
        if (arguments[0] is not ("run" or "build" or "pack" or "publish")) return Start(folder, arguments);
        lock (s_oneBuild) return Start(folder, arguments);
    }

    static (int ExitCode, string Output, string Errors) Start(string folder, string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", arguments)
        {
            WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true,
        };
        // What the test runner sets for itself would mislead a build started from inside it.
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase)).ToArray())
            start.Environment.Remove(name);
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, errors.Result);
    }
}
