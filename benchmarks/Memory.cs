using System.Diagnostics.Tracing;
using static MicroGrad.Net.Benchmarks.Report;

namespace MicroGrad.Net.Benchmarks;

/// <summary>Many steps of each workload after its warm-up: what the garbage collector had to do meanwhile.</summary>
static class Memory
{
    const int WarmUp = 50;

    public static void Run(Workload[] workloads, int steps, bool scope, bool write)
    {
        var report = new Report(scope ? "Memory of many steps" : "Memory of many steps, without a scope");
        report.Say($"{steps:N0} steps after {WarmUp}, {(scope ? "in a step scope" : "without a scope")}. Large objects are those on the "
            + "large-object heap, as the runtime's allocation events tell (one for about every 100 kB).");
        report.Table(["workload", "gen 0 / 1 / 2 collections", "large objects seen", "memory before", "after"],
            workloads.Select(workload => Row(workload, steps, scope)));
        report.Finish(write);
    }

    static string[] Row(Workload workload, int steps, bool scope)
    {
        Parallelism.Threads = 1;
        Rng.Seed(0);
        var training = workload.Build();
        void Steps(int count)
        {
            for (var step = 0; step < count; step++)
                if (scope) training.Step();
                else training.StepWithoutScope();
        }
        Steps(WarmUp);
        using var large = new LargeObjects();
        var before = GC.GetTotalMemory(true);
        int[] collections = [.. Enumerable.Range(0, 3).Select(GC.CollectionCount)];
        large.Seen = 0;
        Steps(steps);
        var (seen, made) = (large.Seen, Enumerable.Range(0, 3).Select(n => GC.CollectionCount(n) - collections[n]).ToArray());
        Console.Error.WriteLine($"{workload.Name}: done");
        return [workload.Name, string.Join(" / ", made), $"{seen}", Bytes(before), Bytes(GC.GetTotalMemory(true))];
    }

    /// <summary>Counts the runtime's events of allocations on the large-object heap.</summary>
    sealed class LargeObjects : EventListener
    {
        public int Seen;

        protected override void OnEventSourceCreated(EventSource source)
        {
            const EventKeywords Collector = (EventKeywords)1;
            if (source.Name == "Microsoft-Windows-DotNETRuntime") EnableEvents(source, EventLevel.Verbose, Collector);
        }

        protected override void OnEventWritten(EventWrittenEventArgs written)
        {
            const uint Large = 1;
            if (written.EventName?.StartsWith("GCAllocationTick", StringComparison.Ordinal) == true
                && Convert.ToUInt32(written.Payload![1], null) == Large)
                Interlocked.Increment(ref Seen);
        }
    }
}
