using System.Diagnostics;
using System.Text.Json.Nodes;

namespace MicroGrad.Net.Benchmarks;

/// <summary>How things are timed.</summary>
static class Measure
{
    /// <summary>
    /// The median seconds per call over rounds of about 0.1 s, the first round left out, after five calls to warm up:
    /// what torch_bench.py does.
    /// </summary>
    public static double Median(Action call, double seconds)
    {
        for (var i = 0; i < 5; i++) call();
        var (rounds, end) = (new List<double>(), Stopwatch.StartNew());
        while (end.Elapsed.TotalSeconds < seconds || rounds.Count < 5)
            rounds.Add(PerCall(call, rounds.Count == 0 ? 1 : Repeats(0.1, rounds[0])));
        return Median(rounds[1..]);
    }

    public static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }

    /// <summary>
    /// The least seconds per call of each of several ways to do the same, in turn, so that a change of the machine's
    /// mood meets all of them. The least, since other programs can only add.
    /// </summary>
    public static double[] Least(double seconds, params Action[] ways) => Least(seconds, TimeSpan.Zero, ways);

    /// <summary>
    /// The same, each way running a while before it is timed: the threads of the other may spin for some milliseconds
    /// after a call and hold a core, and its own take as long to come out of their sleep.
    /// </summary>
    public static double[] Least(double seconds, TimeSpan runUp, Action[] ways)
    {
        // Many short rounds: on a busy machine the scheduler interrupts every long one.
        const int Rounds = 40;
        var repeats = Array.ConvertAll(ways, way =>
        {
            way();
            return Repeats(seconds / Rounds / ways.Length, Math.Min(PerCall(way, 1), PerCall(way, 3)));
        });
        var least = new double[ways.Length];
        Array.Fill(least, double.PositiveInfinity);
        var clock = Stopwatch.StartNew();
        for (var round = 0; round < 5 || (round < Rounds && clock.Elapsed.TotalSeconds < 3 * seconds); round++)
            for (var i = 0; i < ways.Length; i++)
            {
                for (var start = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(start) < runUp;) ways[i]();
                least[i] = Math.Min(least[i], PerCall(ways[i], repeats[i]));
            }
        return least;
    }

    static int Repeats(double seconds, double perCall) => (int)Math.Clamp(seconds / perCall, 1, 1e6);

    static double PerCall(Action call, int repeats)
    {
        var start = Stopwatch.GetTimestamp();
        for (var i = 0; i < repeats; i++) call();
        return Stopwatch.GetElapsedTime(start).TotalSeconds / repeats;
    }
}

/// <summary>What a workload costs: time, and what it does to memory.</summary>
/// <param name="ProcessorSeconds">Of all threads, per step: what other programs do to the machine hardly shows in it.</param>
sealed record StepCost(double Seconds, double ProcessorSeconds, double AllocatedPerStep,
    double[] CollectionsPerThousand, double PauseShare, long PeakBytes)
{
    public static StepCost Of(Workload workload, double seconds, bool scope = true)
    {
        Rng.Seed(0);
        var training = workload.Build();
        var steps = 0;
        Action step = () =>
        {
            if (scope) training.Step();
            else training.StepWithoutScope();
            steps++;
        };
        for (var i = 0; i < 5; i++) step();

        steps = 0;
        using var self = Process.GetCurrentProcess();
        var processor = self.TotalProcessorTime;
        var (clock, allocated, pause) = (Stopwatch.StartNew(), GC.GetTotalAllocatedBytes(true), GC.GetTotalPauseDuration());
        int[] collections = [GC.CollectionCount(0), GC.CollectionCount(1), GC.CollectionCount(2)];
        var median = Measure.Median(step, seconds);
        var share = (GC.GetTotalPauseDuration() - pause) / clock.Elapsed;
        allocated = GC.GetTotalAllocatedBytes(true) - allocated;
        self.Refresh();
        return new(median, (self.TotalProcessorTime - processor).TotalSeconds / steps, (double)allocated / steps,
            [.. collections.Select((before, generation) => 1000.0 * (GC.CollectionCount(generation) - before) / steps)],
            share, self.PeakWorkingSet64);
    }

    /// <summary>The line that torch_bench.py prints, and with <paramref name="memory"/> more fields.</summary>
    public string Json(Workload workload, int threads, bool memory)
    {
        var line = new JsonObject { ["workload"] = workload.Name, ["threads"] = threads, ["seconds_per_step"] = Seconds };
        if (memory)
        {
            line["processor_seconds_per_step"] = ProcessorSeconds;
            line["allocated_bytes_per_step"] = AllocatedPerStep;
            line["collections_per_1000_steps"] = new JsonArray([.. CollectionsPerThousand.Select(n => JsonValue.Create(n))]);
            line["gc_pause_share"] = PauseShare;
            line["peak_bytes"] = PeakBytes;
        }
        return line.ToJsonString();
    }
}
