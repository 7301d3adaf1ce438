using MicroGrad.Net.Tests.Kernels;

namespace MicroGrad.Net.Tests.Training;

/// <summary>What runs leave that were killed goes away, and nothing else does; numbers of checkpoints go on.</summary>
[Collection(nameof(ProcessSettings))]
public sealed class LeftOverTests : TemporaryFiles
{
    string Folder => Path.GetDirectoryName(Write("marker"))!;

    static string[] Names(string folder) => [.. Directory.GetFiles(folder).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];

    static Checkpoint Parts() => new Checkpoint(new Linear(1, 1)).Add("epoch", () => 1, _ => { });

    [Fact]
    public void Saving_deletes_what_killed_runs_left_and_nothing_else()
    {
        var path = Write("weights.safetensors");
        Write("weights.safetensors.abcdefgh.i12.tmp", 1, 2);
        var aged = Write("weights.safetensors.zzzzzzzz.000.tmp");           // killed before it wrote anything
        File.SetLastWriteTimeUtc(aged, DateTime.UtcNow.AddHours(-1));
        string[] kept =
        [
            "marker", "weights.safetensors", "other.safetensors.abcdefgh.i12.tmp", "weights.safetensors.tmp", "weights.safetensors.backup.tmp",
            "weights.safetensors.abcdefg.i12.tmp", "weights.safetensors.ABCDEFGH.i12.tmp", "weights.safetensors.abcdefgh-i12.tmp",
            "xweights.safetensors.abcdefgh.i12.tmp", ".abcdefgh.i12.tmp", "weights.safetensors.qqqqqqqq.111.tmp",
        ];
        foreach (var name in kept.Except(["weights.safetensors.qqqqqqqq.111.tmp"])) Write(name, 1);
        Write("weights.safetensors.qqqqqqqq.111.tmp");                      // just made, by a run that goes on
        new Linear(1, 1).Save(path);
        Assert.Equal(kept.Order(StringComparer.Ordinal), Names(Path.GetDirectoryName(path)!));
    }

    [Fact]
    public void A_file_that_is_being_written_stays()
    {
        var path = Write("weights.safetensors", 1);
        NewFile.Write(path, stream =>
        {
            stream.Write([2, 3]);
            stream.Flush();
            new Linear(1, 1).Save(path);            // another run, which cleans up
            stream.Write([4]);
        });
        Assert.Equal([2, 3, 4], File.ReadAllBytes(path));
        Assert.Equal([Path.GetFileName(path)], Names(Path.GetDirectoryName(path)!));
    }

    [Fact]
    public void A_run_that_was_killed_while_it_wrote_leaves_nothing_after_the_next_save()
    {
        var path = Write("weights.safetensors");
        using (var child = ChildProcess.Start("write and wait", path))
        {
            // It says so by the length of its file.
            string[] Unfinished() => Directory.GetFiles(Path.GetDirectoryName(path)!, "*.tmp");
            for (var wait = 0; Unfinished().Sum(file => new FileInfo(file).Length) < 3 && wait < 3000; wait++) Thread.Sleep(10);
            var left = Assert.Single(Unfinished());
            new Linear(1, 1).Save(path);
            Assert.True(File.Exists(left), "the file of a run that goes on was deleted");
            child.Kill();
            child.WaitForExit();
            Assert.True(File.Exists(left));
        }
        new Linear(1, 1).Save(path);
        Assert.Equal([Path.GetFileName(path)], Names(Path.GetDirectoryName(path)!));
    }

    /// <summary>In a process of its own: begins to write, and never ends.</summary>
    internal static void WriteAndWait(string path) => NewFile.Write(path, stream =>
    {
        stream.Write([1, 2, 3]);
        stream.Flush();
        Thread.Sleep(Timeout.Infinite);
    });

    [Theory]
    [InlineData(8, "checkpoint-00000009")]
    [InlineData(99_999_999, "checkpoint-100000000")]
    [InlineData(int.MaxValue, "checkpoint-2147483648")]
    [InlineData(long.MaxValue - 1, "checkpoint-9223372036854775807")]
    public void The_next_number_follows_the_last_however_large(long last, string expected)
    {
        var checkpoints = new CheckpointFolder(Path.Combine(Folder, "run"), keep: 2);
        checkpoints.Save(Parts());
        File.Move(checkpoints.Paths[0], Path.Combine(Folder, "run", $"checkpoint-{last:d8}.safetensors"));
        var path = checkpoints.Save(Parts());
        Assert.Equal(expected, Path.GetFileNameWithoutExtension(path));
        Assert.Equal(path, checkpoints.Paths[^1]);
        Assert.Equal(2, checkpoints.Paths.Count);
        Assert.Equal(path, checkpoints.LoadLatest(Parts()));
        if (last < long.MaxValue - 1)
        {
            Assert.Equal([path, checkpoints.Save(Parts())], checkpoints.Paths);
            return;
        }
        Assert.Contains("rename that file", Assert.Throws<DataFileException>(() => checkpoints.Save(Parts())).Message);
        Assert.Equal(2, checkpoints.Paths.Count);
    }

    [Fact]
    public void Files_of_others_are_not_checkpoints_and_stay()
    {
        var folder = Path.Combine(Folder, "run");
        Directory.CreateDirectory(folder);
        string[] others =
        [
            "checkpoint-.safetensors", "checkpoint-1.safetensors", "checkpoint--0000001.safetensors", "checkpoint-+0000001.safetensors",
            "checkpoint-000000001.safetensors", "checkpoint-99999999999999999999.safetensors", "checkpoint-0000000x.safetensors",
            "checkpoint-00000007.safetensors.bak", "Checkpoint-00000007.safetensors", "my-checkpoint-00000007.safetensors",
            "checkpoint-\u0661\u0661\u0661\u0661\u0661\u0661\u0661\u0661.safetensors", "checkpoint- 0000007.safetensors", "checkpoint-safetensors",
        ];
        foreach (var name in others) File.WriteAllText(Path.Combine(folder, name), "mine");
        var checkpoints = new CheckpointFolder(folder, keep: 1);
        Assert.Null(checkpoints.LoadLatest(Parts()));
        for (var i = 0; i < 3; i++) checkpoints.Save(Parts());
        Assert.Equal("checkpoint-00000003.safetensors", Path.GetFileName(Assert.Single(checkpoints.Paths)));
        Assert.Equal(others.Append("checkpoint-00000003.safetensors").Order(StringComparer.Ordinal), Names(folder));
    }

    [Fact]
    public void Gaps_between_numbers_do_not_matter()
    {
        var folder = Path.Combine(Folder, "run");
        var checkpoints = new CheckpointFolder(folder, keep: 3);
        for (var i = 0; i < 3; i++) checkpoints.Save(Parts());
        File.Delete(checkpoints.Paths[1]);
        Assert.EndsWith("checkpoint-00000004.safetensors", checkpoints.Save(Parts()));
        Assert.Equal(["checkpoint-00000001.safetensors", "checkpoint-00000003.safetensors", "checkpoint-00000004.safetensors"], Names(folder));
    }
}
