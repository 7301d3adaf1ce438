using System.Runtime.InteropServices;
using static MicroGrad.Net.Benchmarks.Report;

namespace MicroGrad.Net.Benchmarks;

/// <summary>From the start of a process to its end: a built script, published programs, PyTorch's import.</summary>
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
        var published = new List<string[]>();
        Publish(micro, []);
        Publish(example, ["--epochs", "1", "--seed", "1"]);
        all.Add(($"python -c \"import torch\" ({torch.Version})", torch.Python, ["-c", "import torch"]));

        foreach (var (_, program, arguments) in all) Programs.Run(program, arguments);
        var times = all.Select(_ => new List<double>()).ToArray();
        for (var round = 0; round < Rounds; round++)
            foreach (var (i, (_, program, arguments)) in all.Index()) times[i].Add(Programs.Seconds(program, arguments));
        report.Say($"From process start to its end, {Rounds} rounds in turn.");
        report.Table(["what", "median", "least"], all.Select((item, i) =>
            (string[])[item.What, Report.Time(Measure.Median(times[i])), Report.Time(times[i].Min())]));
        report.Say("Published for one system, with the warnings of trimming and AOT; those of others are from packages.");
        report.Table(["published", "as", "size", "warnings from MicroGrad.Net", "from others"], published);
        report.Finish(write);

        void Publish(string script, string[] arguments)
        {
            var name = Path.GetFileNameWithoutExtension(script);
            try
            {
                Add("native", "-p:PublishAot=true");
            }
            catch (InvalidOperationException failed)
            {
                // A registry may lack the compiler's packages. Trimming analyses the whole program all the same.
                report.Say($"No native AOT of {name} here: {FirstError(failed.Message)}");
                Add("trimmed", "-p:PublishTrimmed=true", "--self-contained");
            }

            void Add(string kind, params string[] settings)
            {
                // Warnings are to be counted here, not to end the build, and those of packages one by one.
                var target = Path.Combine(folder, $"{kind}-{name}");
                var output = Programs.Run("dotnet", ["publish", script, "-c", "Release", "-r", RuntimeInformation.RuntimeIdentifier,
                    "-o", target, "-p:TreatWarningsAsErrors=false", "-p:TrimmerSingleWarn=false", .. settings]);
                var warnings = output.Split('\n').Select(line => line.Trim())
                    .Where(line => line.Contains("warning IL", StringComparison.Ordinal)).Distinct().ToArray();
                foreach (var line in warnings) Console.Error.WriteLine(line);
                var ours = warnings.Count(line => line.Contains(Path.Combine("src", "MicroGrad.Net"), StringComparison.Ordinal)
                    || line.Contains("MicroGrad.Net.", StringComparison.Ordinal) && line.StartsWith("ILLink", StringComparison.Ordinal));
                var program = Path.Combine(target, Executable(name));
                var size = kind == "native" ? new FileInfo(program).Length
                    : new DirectoryInfo(target).EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Length);
                all.Add(($"{name}, {kind}{string.Concat(arguments.Select(argument => " " + argument))}", program, arguments));
                published.Add([name, kind, Bytes(size), $"{ours}", $"{warnings.Length - ours}"]);
            }
        }
    }

    static string FirstError(string text) => text.Split('\n').FirstOrDefault(line => line.Contains("error ", StringComparison.Ordinal)) is { } line
        ? line[line.IndexOf("error ", StringComparison.Ordinal)..].Trim() : text.Split('\n')[0];

    static string Executable(string name) => OperatingSystem.IsWindows() ? name + ".exe" : name;
}
