using System.Text.Json.Nodes;
using static MicroGrad.Net.Benchmarks.Report;

namespace MicroGrad.Net.Benchmarks;

/// <summary>
/// Both sides in turn: every round starts a fresh process for each side of each workload, ours and then PyTorch's, so
/// that both meet the same mood of the machine.
/// </summary>
static class SideBySide
{
    public static void Run(Torch torch, Workload[] workloads, int[] threads, int rounds, double seconds, bool write)
    {
        var report = new Report("Training steps beside PyTorch");
        report.Say($"Ours and PyTorch {torch.Version} in turn, fresh processes, {rounds} round(s); medians of rounds, and least.");
        var costs = new Dictionary<string, JsonObject>();
        foreach (var count in threads)
        {
            var (ours, theirs) = (Lists(workloads), Lists(workloads));
            for (var round = 0; round < rounds; round++)
                foreach (var (i, workload) in workloads.Index())
                {
                    var line = Programs.Self("steps", "--threads", $"{count}", "--only", workload.Name,
                        "--seconds", $"{seconds}", "--memory").Single();
                    if (count == threads[0]) costs.TryAdd(workload.Name, line);
                    ours[i].Add((double)line["seconds_per_step"]!);
                    theirs[i].Add(torch.SecondsPerStep(workload.Name, count));
                    Console.Error.WriteLine($"round {round + 1}, {count} thread(s), {workload.Name}: "
                        + $"{Time(ours[i][^1])} against {Time(theirs[i][^1])}");
                }
            report.Table([$"{count} thread(s)", "ours", "PyTorch", "ours / PyTorch", "goal", "", "least ours", "least PyTorch", "least / least"],
                workloads.Select((workload, i) => Row(workload, ours[i], theirs[i])));
        }
        Costs(report, torch, workloads, threads[0], costs);
        Profile.Table(report, workloads, Array.ConvertAll(workloads, workload => Profile.Of(workload, seconds)));
        report.Finish(write);
    }

    static string[] Row(Workload workload, List<double> ours, List<double> theirs)
    {
        var ratio = Measure.Median(ours) / Measure.Median(theirs);
        return [workload.Name, Time(Measure.Median(ours)), Time(Measure.Median(theirs)), $"{ratio:0.00}", $"{workload.Goal:0.00}",
            ratio <= workload.Goal ? "met" : "missed", Time(ours.Min()), Time(theirs.Min()), $"{ours.Min() / theirs.Min():0.00}"];
    }

    static void Costs(Report report, Torch torch, Workload[] workloads, int threads,
        Dictionary<string, JsonObject> costs)
    {
        var pairs = workloads.Select(workload =>
            (workload.Name, Ours: costs[workload.Name], Theirs: torch.Side(threads, "cost", workload.Name).Single())).ToArray();
        report.Say($"Processor time of a step, {threads} thread(s), all of the process, collections included: what other programs do "
            + "to the machine shows less in it than in the tables above.");
        report.Table(["workload", "ours", "PyTorch", "ours / PyTorch"], pairs.Select(pair =>
            (string[])[pair.Name, .. Both(pair.Ours, pair.Theirs, "processor_seconds_per_step", Time)]));
        report.Say("Memory of the first round: what our side allocates and collects, and the peak resident memory of the "
            + "whole process of either, its runtime included.");
        report.Table(["workload", "allocated a step", "gen 0 / 1 / 2 in 1,000 steps", "paused", "peak", "PyTorch's peak", "ours / PyTorch"],
            pairs.Select(pair => (string[])[pair.Name, Bytes((double)pair.Ours["allocated_bytes_per_step"]!),
                string.Join(" / ", pair.Ours["collections_per_1000_steps"]!.AsArray().Select(n => $"{(double)n!:0.0}")),
                $"{(double)pair.Ours["gc_pause_share"]!:0.0 %}", .. Both(pair.Ours, pair.Theirs, "peak_bytes", Bytes)]));
    }

    static string[] Both(JsonObject ours, JsonObject theirs, string field, Func<double, string> text)
    {
        var (a, b) = ((double)ours[field]!, (double)theirs[field]!);
        return [text(a), text(b), $"{a / b:0.00}"];
    }

    static List<double>[] Lists(Workload[] workloads) => Array.ConvertAll(workloads, _ => new List<double>());
}
