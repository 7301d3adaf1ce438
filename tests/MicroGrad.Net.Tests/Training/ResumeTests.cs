using MicroGrad.Net.Tests.Kernels;

namespace MicroGrad.Net.Tests.Training;

/// <summary>Training that was stopped and resumed has the bits of training that was not.</summary>
[Collection(nameof(ProcessSettings))]
public sealed class ResumeTests : TemporaryFiles
{
    const int Half = 9;         // in the third of epochs of 4 steps

    readonly RngState _default = Rng.Default.State;
    readonly int _threads = Work.Threads;

    public static TheoryData<string> Optimizers => [.. ResumedRun.Optimizers.Keys];

    [Theory]
    [MemberData(nameof(Optimizers))]
    public void N_steps_saved_loaded_and_N_more_are_2N_steps(string optimizer)
    {
        var (half, whole, resumed) = (Write("half"), Write("whole"), Write("resumed"));
        Work.Threads = 1;
        new ResumedRun(optimizer, seed: 1).Train(2 * Half).Checkpoint.Save(whole);
        new ResumedRun(optimizer, seed: 1).Train(Half).Checkpoint.Save(half);
        foreach (var threads in new[] { 1, 2 })
        {
            Work.Threads = threads;
            var fresh = new ResumedRun(optimizer, seed: 50);
            fresh.Checkpoint.Load(half);
            Assert.Equal(Half, fresh.Steps);
            fresh.Train(Half).Checkpoint.Save(resumed);
            Assert.Equal(File.ReadAllBytes(whole), File.ReadAllBytes(resumed));
        }
        Assert.NotEqual(File.ReadAllBytes(whole), File.ReadAllBytes(half));
    }

    [Fact]
    public void Every_moment_can_be_resumed_from()
    {
        var (saved, whole, resumed) = (Write("saved"), Write("whole"), Write("resumed"));
        new ResumedRun("Adam", seed: 1).Train(9).Checkpoint.Save(whole);
        for (var step = 0; step <= 9; step++)       // before the first, at the ends of epochs, after the last
        {
            new ResumedRun("Adam", seed: 1).Train(step).Checkpoint.Save(saved);
            var fresh = new ResumedRun("Adam", seed: 50);
            fresh.Checkpoint.Load(saved);
            fresh.Train(9 - step).Checkpoint.Save(resumed);
            Assert.Equal(File.ReadAllBytes(whole), File.ReadAllBytes(resumed));
        }
    }

    [Fact]
    public void A_new_process_goes_on_with_the_same_bits()
    {
        var (half, whole, resumed) = (Write("half"), Write("whole"), Write("resumed"));
        const string Optimizer = "AdamW";
        new ResumedRun(Optimizer, seed: 1).Train(2 * Half).Checkpoint.Save(whole);
        new ResumedRun(Optimizer, seed: 1).Train(Half).Checkpoint.Save(half);
        using var child = ChildProcess.Start("resume", Optimizer, half, $"{Half}", resumed);
        child.WaitForExit();
        Assert.Equal(0, child.ExitCode);
        Assert.Equal(File.ReadAllBytes(whole), File.ReadAllBytes(resumed));
    }

    [Fact]
    public void A_run_that_was_killed_goes_on_from_its_last_complete_checkpoint()
    {
        var folder = Write("marker") + "-folder";
        var random = new Random(5);
        var steps = 0;
        for (var round = 0; round < 3; round++)
        {
            using var child = ChildProcess.Start("save forever", folder);
            try
            {
                // Until it has saved something new.
                var before = Newest(folder);
                for (var wait = 0; Newest(folder) == before && wait < 6000; wait++) Thread.Sleep(10);
                Thread.Sleep(random.Next(300));
            }
            finally
            {
                child.Kill();
                child.WaitForExit();
            }
            var run = new ResumedRun("Adam", seed: 50);
            Assert.NotNull(new CheckpointFolder(folder).LoadLatest(run.Checkpoint));
            Assert.True(run.Steps > steps);
            steps = run.Steps;
            Assert.NotNull(new CheckpointFolder(folder).LoadBest(run.Checkpoint));
            var once = new ResumedRun("Adam", seed: 1).Train(run.Steps).Model;
            Assert.Equal(once.State().SelectMany(named => Numbers.Bits(named.Variable)),
                run.Model.State().SelectMany(named => Numbers.Bits(named.Variable)));
        }

        static string? Newest(string folder) => new CheckpointFolder(folder).Paths is [.., var last] ? last : null;
    }

    public override void Dispose()
    {
        (Rng.Default.State, Work.Threads) = (_default, _threads);
        base.Dispose();
    }
}
