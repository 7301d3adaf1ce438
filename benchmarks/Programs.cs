using System.Diagnostics;
using System.Text.Json.Nodes;

namespace MicroGrad.Net.Benchmarks;

/// <summary>Starts other programs: this one again, PyTorch's side, the .NET tools.</summary>
static class Programs
{
    /// <summary>Runs a program to its end; returns what it printed.</summary>
    /// <exception cref="InvalidOperationException">It failed; the message holds what it said.</exception>
    public static string Run(string program, params IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true,
        };
        // What `dotnet run` sets for its own build would mislead another.
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase)).ToArray())
            start.Environment.Remove(name);
        using var process = Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start.");
        process.StandardInput.Close();
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? output : throw new InvalidOperationException(
            $"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}:\n{output}\n{errors.Result}");
    }

    /// <summary>Seconds from the start of a program to its end.</summary>
    public static double Seconds(string program, params IEnumerable<string> arguments)
    {
        var start = Stopwatch.GetTimestamp();
        Run(program, arguments);
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    /// <summary>Runs this program again, in a fresh process, and reads the JSON lines it prints.</summary>
    public static JsonObject[] Self(params IEnumerable<string> arguments)
    {
        var program = Environment.ProcessPath!;
        return Path.GetFileNameWithoutExtension(program) == "dotnet"
            ? Lines(Run(program, [typeof(Programs).Assembly.Location, .. arguments]))
            : Lines(Run(program, arguments));
    }

    public static JsonObject[] Lines(string output) =>
        [.. output.Split('\n').Where(line => line.StartsWith('{')).Select(line => JsonNode.Parse(line)!.AsObject())];
}

/// <summary>PyTorch's side of a comparison.</summary>
sealed class Torch
{
    readonly string _script;

    /// <summary>Finds a Python that has PyTorch.</summary>
    /// <param name="script">torch_bench.py; null to look for it in shared/bench beside the repository.</param>
    /// <exception cref="FileNotFoundException">The script or PyTorch is missing; the message says what to do.</exception>
    public Torch(string? script)
    {
        _script = script ?? Beside() ?? throw new FileNotFoundException(
            "torch_bench.py is not beside the repository: say where it is with --torch PATH.");
        if (!File.Exists(_script)) throw new FileNotFoundException($"There is no {_script}; --torch wants the path of torch_bench.py.");
        foreach (var python in (string[])["python3", "/usr/bin/python3", "python"])
            try
            {
                (Python, Version) = (python, Programs.Run(python, "-c", "import torch; print(torch.__version__)").Trim());
                return;
            }
            catch (Exception missing) when (missing is InvalidOperationException or System.ComponentModel.Win32Exception)
            {
                // The next one may have it.
            }
        throw new FileNotFoundException("No Python here has PyTorch: apt-get install python3-torch, or pip install torch.");
    }

    public string Python { get; } = "";

    public string Version { get; } = "";

    public double SecondsPerStep(string workload, int threads) =>
        (double)Programs.Lines(Programs.Run(Python, _script, $"{threads}", workload)).Single()["seconds_per_step"]!;

    /// <summary>Runs torch_side.py, which takes its models from torch_bench.py.</summary>
    public JsonObject[] Side(int threads, params IEnumerable<string> arguments) => Programs.Lines(Programs.Run(
        Python, [Path.Combine(AppContext.BaseDirectory, "torch_side.py"), _script, $"{threads}", .. arguments]));

    static string? Beside()
    {
        for (var folder = Report.Root; folder is not null; folder = Path.GetDirectoryName(folder))
            if (Path.Combine(folder, "shared", "bench", "torch_bench.py") is var path && File.Exists(path)) return path;
        return Environment.GetEnvironmentVariable("MICROGRAD_SHARED") is { Length: > 0 } shared
            ? Path.Combine(shared, "bench", "torch_bench.py") : null;
    }
}
