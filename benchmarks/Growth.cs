namespace MicroGrad.Net.Benchmarks;

/// <summary>How time grows with the work, beside PyTorch: batch and width of an MLP, length of a transformer.</summary>
static class Growth
{
    public static void Run(Torch torch, int threads, bool write)
    {
        Parallelism.Threads = threads;
        var report = new Report("Growth");
        report.Say($"Seconds per training step, {threads} thread(s), beside PyTorch {torch.Version}.");
        int[] batches = [1, 4, 16, 64, 256, 1024, 4096], widths = [16, 64, 256, 1024, 4096], lengths = [8, 16, 32, 64, 128, 256];
        // At batch 1 next to nothing is computed: what is left is what the engine itself costs.
        Table("micro", "batch (mlp_micro, SGD)", [.. batches.Select(batch => (batch, (batch, 16)))], Workload.MlpMicro);
        Table("mlp", "batch (784-128-10, Adam)", [.. batches.Select(batch => (batch, (batch, 128)))], Workload.Mlp);
        Table("mlp", "width (784-width-10, batch 64, Adam)", [.. widths.Select(width => (width, (64, width)))], Workload.Mlp);
        Table("gpt", "length (gpt_char, batch 4, AdamW)", [.. lengths.Select(length => (length, (4, length)))], Workload.GptChar);
        report.Finish(write);

        // Size by size, ours and then theirs, so that both meet the same mood of the machine.
        void Table(string kind, string what, (int Shown, (int, int) Sizes)[] cases, Func<int, int, Training> build) =>
            report.Table([what, "ours", "PyTorch", "ours / PyTorch"], cases.Select(item =>
            {
                var (first, second) = item.Sizes;
                var ours = Measure.Median(build(first, second).Step, 0.5);
                var theirs = (double)torch.Side(threads, kind, $"{first},{second}").Single()["seconds_per_step"]!;
                return (string[])[$"{item.Shown}", Report.Time(ours), Report.Time(theirs), $"{ours / theirs:0.00}"];
            }));
    }
}
