using System.Diagnostics;
using System.Diagnostics.Tracing;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Microsoft.Diagnostics.NETCore.Client;
using Microsoft.Diagnostics.Tracing.Etlx;
using Microsoft.Diagnostics.Tracing.Parsers;
using static MicroGrad.Net.Benchmarks.Report;

namespace MicroGrad.Net.Benchmarks;

/// <summary>
/// Where the time of a step goes. The library is not changed for it: the runtime's own sampler stops the thread every
/// millisecond and notes its stack, and each sample counts for the kernel, or else the part of the engine, that it was
/// in. Time in garbage collections, which the sampler cannot see, is what the runtime says it was. The samples are
/// taken where the runtime can stop a thread, mostly at calls: a kernel of a few microseconds ends before it is stopped,
/// and its time counts for its caller. So shares are good to a few percent where kernels are long, and worth nothing
/// below <see cref="Shortest"/> a step; the table of growth shows at batch 1 what the engine costs there.
/// </summary>
static partial class Profile
{
    /// <summary>Seconds: steps that take less are made of kernels too short for the sampler.</summary>
    const double Shortest = 1e-4;

    public static readonly string[] Parts =
        ["matmul", "convolution", "elementwise", "reductions", "copies", "tape", "allocation", "optimizer", "collection"];

    /// <param name="Shares">Of the time of a step, per part.</param>
    /// <param name="Phases">Seconds of forward, backward and optimizer.</param>
    /// <param name="Ops">The recorded operations of a step, by name.</param>
    /// <param name="Methods">Shares of operations and rules, with the kernels that they call.</param>
    public sealed record Result(int Samples, double[] Shares, double[] Phases, (string Name, int Count)[] Ops,
        (string Name, double Share)[] Methods)
    {
        public bool TooShort => Phases.Sum() < Shortest;
    }

    public static void Run(Workload[] workloads, double seconds, bool write)
    {
        var report = new Report("Profile");
        var results = Array.ConvertAll(workloads, workload => Of(workload, seconds));
        Table(report, workloads, results);
        foreach (var (workload, result) in workloads.Zip(results))
        {
            report.Say($"{workload.Name}: forward {Time(result.Phases[0])}, backward {Time(result.Phases[1])}, "
                + $"optimizer {Time(result.Phases[2])}. {result.Ops.Sum(op => op.Count)} nodes: "
                + string.Join(", ", result.Ops.Select(op => $"{op.Count} {op.Name}")) + ".");
            if (!result.TooShort) report.Table([workload.Name, "share"], result.Methods.Take(16).Select(m => (string[])[m.Name, $"{m.Share:0.0 %}"]));
        }
        report.Finish(write);
    }

    /// <summary>Shares of all parts, a row per workload.</summary>
    public static void Table(Report report, Workload[] workloads, Result[] results)
    {
        report.Say("Where our time goes, 1 thread, in percent of a step, by samples of the stack; `tape` is all of the "
            + "engine that is not a kernel: shapes, plans, nodes, the walk. Steps under 0.1 ms have no shares: their kernels "
            + "are too short for the sampler.");
        report.Table(["workload", .. Parts, "samples"], workloads.Zip(results, (workload, result) =>
            (string[])[workload.Name, .. result.Shares.Select(share => result.TooShort ? "-" : $"{100 * share:0}"), $"{result.Samples}"]));
    }

    public static Result Of(Workload workload, double seconds)
    {
        Parallelism.Threads = 1;
        Rng.Seed(0);
        var training = workload.Build();
        var warm = Stopwatch.StartNew();
        while (warm.Elapsed.TotalSeconds < Math.Min(seconds, 2)) Step(training);
        var ops = training.Loss().Tape.GroupBy(node => node.Op).Select(group => (group.Key, group.Count()))
            .OrderByDescending(op => op.Item2).ToArray();
        var phases = Phases(training, seconds / 4);

        var file = Path.Combine(Path.GetTempPath(), $"micrograd-{Environment.ProcessId}.nettrace");
        try
        {
            var (clock, pause) = (Stopwatch.StartNew(), GC.GetTotalPauseDuration());
            while (clock.Elapsed.TotalSeconds < seconds / 2) Step(training);
            var collection = (GC.GetTotalPauseDuration() - pause) / clock.Elapsed;
            Sample(file, () =>
            {
                for (clock.Restart(); clock.Elapsed.TotalSeconds < seconds;) Step(training);
            });
            return Read(file, collection, phases, ops);
        }
        finally
        {
            File.Delete(file);
            File.Delete(Path.ChangeExtension(file, ".etlx"));
        }
    }

    // By this frame the reader knows the samples that count.
    [MethodImpl(MethodImplOptions.NoInlining)]
    static void Step(Training training) => training.Step();

    static double[] Phases(Training training, double seconds)
    {
        List<double>[] times = [[], [], []];
        for (var all = Stopwatch.StartNew(); all.Elapsed.TotalSeconds < seconds || times[0].Count < 5;)
        {
            using var scope = new StepScope();
            training.Optimizer.ZeroGrad();
            var start = Stopwatch.GetTimestamp();
            var loss = training.Loss();
            var forward = Stopwatch.GetTimestamp();
            loss.Backward();
            var backward = Stopwatch.GetTimestamp();
            training.Optimizer.Step();
            times[0].Add(Stopwatch.GetElapsedTime(start, forward).TotalSeconds);
            times[1].Add(Stopwatch.GetElapsedTime(forward, backward).TotalSeconds);
            times[2].Add(Stopwatch.GetElapsedTime(backward).TotalSeconds);
        }
        return Array.ConvertAll(times, Measure.Median);
    }

    static void Sample(string file, Action work)
    {
        const long JitAndLoader = 0x18;     // the names of methods
        EventPipeProvider[] providers =
        [
            new("Microsoft-DotNETCore-SampleProfiler", EventLevel.Informational),
            new("Microsoft-Windows-DotNETRuntime", EventLevel.Verbose, JitAndLoader),
        ];
        using var session = new DiagnosticsClient(Environment.ProcessId).StartEventPipeSession(
            providers, requestRundown: true, circularBufferMB: 512);
        var reader = Task.Run(() =>
        {
            using var output = File.Create(file);
            session.EventStream.CopyTo(output);
        });
        work();
        session.Stop();
        reader.Wait();
    }

    static Result Read(string file, double collection, double[] phases, (string, int)[] ops)
    {
        using var log = new TraceLog(TraceLog.CreateFromEventPipeDataFile(file, null, new TraceLogOptions { ContinueOnError = true }));
        var (counts, methods, total) = (new int[Parts.Length], new Dictionary<string, int>(), 0);
        foreach (var sample in log.Events.Where(e => e.ProviderName == "Microsoft-DotNETCore-SampleProfiler"))
        {
            var frames = new List<string>();
            for (var frame = sample.CallStack(); frame is not null; frame = frame.Caller)
                frames.Add(frame.CodeAddress.FullMethodName);
            var step = frames.FindIndex(name => name.StartsWith("MicroGrad.Net.Benchmarks.Profile.Step", StringComparison.Ordinal));
            if (step < 0) continue;
            frames.RemoveRange(step, frames.Count - step);
            total++;
            counts[Array.IndexOf(Parts, PartOf(frames))]++;
            if (frames.Find(IsOp) is { } op) methods[OpName(op)] = methods.GetValueOrDefault(OpName(op)) + 1;
        }
        if (total == 0) throw new InvalidOperationException("The runtime's sampler gave no sample of a step.");
        var shares = Array.ConvertAll(counts, count => (1 - collection) * count / total);
        shares[^1] = collection;
        return new(total, shares, phases, ops,
            [.. methods.Select(m => (m.Key, (1 - collection) * m.Value / total)).OrderByDescending(m => m.Item2)]);
    }

    /// <summary>The part that a stack counts for: its innermost kernel, unless that works for a bigger one.</summary>
    static string PartOf(List<string> frames)
    {
        if (frames.Exists(name => Kernel(name) is "Convolution" or "Pooling")) return "convolution";
        if (frames.Exists(name => name.Contains("Optimizer.Step", StringComparison.Ordinal))) return "optimizer";
        foreach (var name in frames)
            switch (Kernel(name))
            {
                case "MatMul": return "matmul";
                case "Elementwise" or "VectorMath" or "Lanes" or "Recurrence": return "elementwise";
                case "Reduce" or "Standardize" or "Scan" or "RowSoftmax" or "LabelSoftmax" or "HeadAttention": return "reductions";
                case "Move": return "copies";
                case "Storage" or "GC": return "allocation";
                case "Tensor" when name.Contains("Tensor.Full", StringComparison.Ordinal)
                    || name.Contains("Tensor.Zeros", StringComparison.Ordinal): return "allocation";
            }
        return "tape";
    }

    /// <summary>The class that a method stands in, without namespace and nested classes.</summary>
    static string Kernel(string method) => OwnClass().Match(method) is { Success: true } own ? own.Groups[1].Value
        : method.StartsWith("System.GC.", StringComparison.Ordinal) ? "GC" : "";

    static bool IsOp(string method) => Kernel(method) is "Tensor" or "ComposedMath" or "ComposedMovement" or "ComposedWindows"
        or "AttentionOps" or "BackwardPass" or "Losses" or "Node" or "Adam" or "AdamW" or "Sgd" or "Optimizer";

    /// <summary>Class and method; a rule, which the compiler names after the method it stands in, as <c>Tanh, rule</c>.</summary>
    static string OpName(string method)
    {
        var rule = Lambda().Match(method);
        if (rule.Success) return $"{Kernel(method)}.{rule.Groups[1].Value}, {(rule.Groups[2].Value == "b" ? "rule" : rule.Groups[3].Value)}";
        var name = method["MicroGrad.Net.".Length..];
        return name.IndexOfAny(['(', '[']) is > 0 and var end ? name[..end] : name;
    }

    [GeneratedRegex(@"^MicroGrad\.Net\.(\w+)")]
    private static partial Regex OwnClass();

    [GeneratedRegex(@"<(\w+)>(b|g)__(\w+)")]
    private static partial Regex Lambda();
}
