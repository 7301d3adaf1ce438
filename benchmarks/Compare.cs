using System.Text.Json.Nodes;
using static MicroGrad.Net.Benchmarks.Report;

namespace MicroGrad.Net.Benchmarks;

/// <summary>
/// Both sides in turn: every round starts a fresh process for each side of each workload, ours and then PyTorch's, so
/// that both meet the same mood of the machine.
/// </summary>
static class Compare
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
                    var line = Programs.Self("steps", "--threads", $"{count}", "--only", workload.Name, "--seconds", $"{seconds}", "--memory").Single();
                    costs.TryAdd(workload.Name, line);
                    ours[i].Add((double)line["seconds_per_step"]!);
                    theirs[i].Add(torch.SecondsPerStep(workload.Name, count));
                    Console.Error.WriteLine($"round {round + 1}, {count} thread(s), {workload.Name}: {Time(ours[i][^1])} against {Time(theirs[i][^1])}");
                }
            report.Table([$"{count} thread(s)", "ours", "PyTorch", "ours / PyTorch", "goal", "", "least ours", "least PyTorch", "least / least"],
                workloads.Select((workload, i) => Row(workload, ours[i], theirs[i])));
        }
        Memory(report, torch, workloads, costs);
        Profile.Table(report, workloads, Array.ConvertAll(workloads, workload => Profile.Of(workload, seconds)));
        report.Finish(write);
    }

    static string[] Row(Workload workload, List<double> ours, List<double> theirs)
    {
        var ratio = Measure.Median(ours) / Measure.Median(theirs);
        return [workload.Name, Time(Measure.Median(ours)), Time(Measure.Median(theirs)), $"{ratio:0.00}", $"{workload.Goal:0.00}",
            ratio <= workload.Goal ? "met" : "missed", Time(ours.Min()), Time(theirs.Min()), $"{ours.Min() / theirs.Min():0.00}"];
    }

    static void Memory(Report report, Torch torch, Workload[] workloads, Dictionary<string, JsonObject> costs)
    {
        report.Say("Memory of the first round: allocations and collections of our side, and the peak resident memory of the "
            + "whole process of either, its runtime included.");
        report.Table(["workload", "allocated a step", "gen 0 / 1 / 2 in 1,000 steps", "paused", "peak", "PyTorch's peak", "ours / PyTorch"],
            workloads.Select(workload =>
            {
                var (cost, peak) = (costs[workload.Name], (double)torch.Side(1, "memory", workload.Name).Single()["peak_bytes"]!);
                return (string[])[workload.Name, Bytes((double)cost["allocated_bytes_per_step"]!),
                    string.Join(" / ", cost["collections_per_1000_steps"]!.AsArray().Select(n => $"{(double)n!:0.0}")),
                    $"{(double)cost["gc_pause_share"]!:0.0 %}", Bytes((double)cost["peak_bytes"]!), Bytes(peak),
                    $"{(double)cost["peak_bytes"]! / peak:0.00}"];
            }));
    }

    static List<double>[] Lists(Workload[] workloads) => Array.ConvertAll(workloads, _ => new List<double>());
}
