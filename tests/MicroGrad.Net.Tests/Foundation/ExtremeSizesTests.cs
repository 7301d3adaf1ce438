using System.Text;
using MicroGrad.Net.Tests.Extremes;
using MicroGrad.Net.Tests.Training;

namespace MicroGrad.Net.Tests;

/// <summary>
/// Every public member that takes sizes, axes, places or counts, called with extreme ones: in a process of its own,
/// since what should not happen is that it dies.
/// </summary>
public sealed class ExtremeSizesTests
{
    const int Seconds = 120;            // far more than it takes: something does not end

    // What is asked for beyond this is no memory: the child would fill the machine's.
    const string HeapLimit = "0x8000000";

    /// <summary>What is not tried, with the reason.</summary>
    static readonly Dictionary<string, string> s_notTried = new()
    {
        ["Idx"] = "reads files",
        ["CsvTable"] = "reads files",
        ["FeatureEncoder"] = "reads tables",
        ["ClassNames"] = "is a list of names",
        ["Diagnosis"] = "is a list, made by Diagnose",
        ["Landscape.Along"] = "shares its settings with the other landscapes",
        ["Compare.Classifiers"] = "takes labels only as values to compare",
    };

    [Fact]
    public void Whatever_numbers_a_public_call_gets_it_gives_a_result_or_an_error_of_ours()
    {
        var folder = Directory.CreateTempSubdirectory("extremes");
        try
        {
            var (current, failures) = (Path.Combine(folder.FullName, "current"), Path.Combine(folder.FullName, "failures"));
            using var child = ChildProcess.Start(
                "extreme sizes", new Dictionary<string, string> { ["DOTNET_GCHeapHardLimit"] = HeapLimit }, current, failures);
            var ended = child.WaitForExit(TimeSpan.FromSeconds(Seconds));
            if (!ended) child.Kill();
            child.WaitForExit();
            var found = File.Exists(failures) ? File.ReadAllText(failures) : "";
            var last = File.Exists(current) ? File.ReadAllText(current).Trim() : "nothing yet";
            Assert.True(ended, $"Does not end: {last}\n{found}");
            Assert.True(child.ExitCode == 0, $"Exit code {child.ExitCode} at: {last}\n{found}");
            Assert.True(found.Length == 0, found);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>In the child: says at any time in a file what it is at, and writes to another what went wrong.</summary>
    internal static void Run(string current, string failures)
    {
        using var progress = new FileStream(current, FileMode.Create, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
        var (found, count) = (new List<string>(), 0);
        var (calls, skipped) = ExtremeCall.OfLibrary();
        foreach (var name in skipped.Where(name => !IsExcused(name))) found.Add($"not tried: {name}");
        foreach (var call in calls.Where(call => !IsExcused(call.Name)))
        {
            if (!call.HasWorked) found.Add($"no usual arguments found for {call.Name}");
            foreach (var (text, run) in call.Tries())
            {
                progress.Position = 0;
                progress.Write(Encoding.UTF8.GetBytes(text.PadRight(400)));
                try
                {
                    run();
                }
                catch (Exception error) when (IsOurs(error, call))
                {
                }
                catch (Exception error)
                {
                    found.Add($"{text}: {error.GetType().Name}: {error.Message} {error.StackTrace?.Split('\n')[0].Trim()}");
                }
                if (++count % 1000 == 0) GC.Collect();      // walks over memory that must not have been written to
            }
        }
        if (count < 10_000) found.Add($"only {count} calls were made");
        if (found.Count > 0) File.WriteAllLines(failures, found);
    }

    static bool IsExcused(string name) => s_notTried.ContainsKey(name.Split('.')[0]) || s_notTried.ContainsKey(name.Split('(')[0]);

    // Thrown here, with a text of ours; or by .NET about a parameter of the call. That a kernel had to refuse is a gap.
    static bool IsOurs(Exception error, ExtremeCall call) =>
        error.GetType().Assembly == typeof(Tensor).Assembly
        || (error is ArgumentException or InvalidOperationException && !error.Message.Contains("the sizes ask for", StringComparison.Ordinal)
            && (error.TargetSite?.DeclaringType?.Assembly == typeof(Tensor).Assembly
                || (error is ArgumentException { ParamName: { } name } && call.Parameters.Any(p => p.Name == name))));
}
