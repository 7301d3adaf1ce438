using System.Runtime.InteropServices;
using static MicroGrad.Net.Benchmarks.Report;

namespace MicroGrad.Net.Benchmarks;

/// <summary>From the start of a process to its end: a built script, the same as a native program, PyTorch's import.</summary>
static class StartUp
{
    const int Rounds = 9;

    public static void Run(Torch torch, string example, bool write)
    {
        var report = new Report("Start-up");
        var folder = Path.Combine(Root, "artifacts", "startup");
        var micro = Path.Combine(Root, "benchmarks", "startup", "micro.cs");
        Programs.Run("dotnet", "build", micro, "-c", "Release", "-o", Path.Combine(folder, "built"));
        List<(string What, string Program, string[] Arguments)> all =
            [("micro.cs, built: 1,000 training steps", Path.Combine(folder, "built", Executable("micro")), [])];
        var native = new List<string[]>();
        Native(micro, []);
        Native(example, ["--epochs", "1", "--seed", "1"]);
        all.Add(($"python -c \"import torch\" ({torch.Version})", torch.Python, ["-c", "import torch"]));

        foreach (var (_, program, arguments) in all) Programs.Run(program, arguments);
        var times = all.Select(_ => new List<double>()).ToArray();
        for (var round = 0; round < Rounds; round++)
            foreach (var (i, (_, program, arguments)) in all.Index()) times[i].Add(Programs.Seconds(program, arguments));
        report.Say($"From process start to its end, {Rounds} rounds in turn.");
        report.Table(["what", "median", "least"], all.Select((item, i) =>
            (string[])[item.What, Report.Time(Measure.Median(times[i])), Report.Time(times[i].Min())]));
        report.Say("Native AOT (`dotnet publish -p:PublishAot=true`). Warnings of others are those of packages.");
        report.Table(["published", "size", "warnings from MicroGrad.Net", "warnings from others"], native);
        report.Finish(write);

        void Native(string script, string[] arguments)
        {
            var name = Path.GetFileNameWithoutExtension(script);
            var target = Path.Combine(folder, "native-" + name);
            string output;
            try
            {
                // Warnings are to be counted here, not to end the build; MathNet and others are named one by one.
                output = Programs.Run("dotnet", "publish", script, "-c", "Release", "-r", RuntimeInformation.RuntimeIdentifier, "-o", target,
                    "-p:PublishAot=true", "-p:TreatWarningsAsErrors=false", "-p:TrimmerSingleWarn=false");
            }
            catch (InvalidOperationException failed)
            {
                report.Say($"Native AOT of {name} failed: {LastLine(failed.Message)}");
                return;
            }
            var warnings = output.Split('\n').Where(line => line.Contains(": warning IL", StringComparison.Ordinal)).Distinct().ToArray();
            var ours = warnings.Count(line => line.Contains("MicroGrad.Net", StringComparison.Ordinal)
                && !line.Contains("MathNet.Numerics", StringComparison.Ordinal));
            foreach (var line in warnings) Console.Error.WriteLine(line.Trim());
            var program = Path.Combine(target, Executable(name));
            all.Add(($"{name}, native{string.Concat(arguments.Select(argument => " " + argument))}", program, arguments));
            native.Add([name, Bytes(new FileInfo(program).Length), $"{ours}", $"{warnings.Length - ours}"]);
        }
    }

    static string LastLine(string text) => text.TrimEnd().Split('\n').Last(line => line.Trim().Length > 0).Trim();

    static string Executable(string name) => OperatingSystem.IsWindows() ? name + ".exe" : name;
}
