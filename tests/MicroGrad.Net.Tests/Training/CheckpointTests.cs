using MicroGrad.Net.Tests.Kernels;

namespace MicroGrad.Net.Tests.Training;

[Collection(nameof(ProcessSettings))]
public sealed class CheckpointTests : TemporaryFiles
{
    readonly RngState _default = Rng.Default.State;

    public override void Dispose()
    {
        Rng.Default.State = _default;
        base.Dispose();
    }

    [Fact]
    public void The_file_is_safetensors_with_the_models_own_names()
    {
        var path = Write("checkpoint");
        var run = new ResumedRun("Sgd", seed: 1).Train(3);
        run.Checkpoint.Add("extra", () => new Dictionary<string, Tensor> { ["a.b"] = Tensor.Ones([2]) }, _ => { });
        run.Checkpoint.Save(path);
        var tensors = SafeTensors.Load(path, out var metadata);
        Assert.Equal(run.Model.State().Select(named => named.Name).Append("extra/a.b").Order(),
            tensors.Keys.Where(key => !key.StartsWith("optimizer/") && !key.StartsWith("schedule/") && !key.StartsWith("average/")).Order());
        Assert.Equal(0.05, tensors["optimizer/learning_rate"].Item(), 1e-3);
        Assert.Equal("3", metadata["steps"]);
        Assert.Equal(["rng/batches", "rng/default", "rng/model.3.rng"], metadata.Keys.Where(key => key.StartsWith("rng/")).Order());
        Assert.Equal(Rng.Default.State.ToString(), metadata["rng/default"]);

        var weights = new ResumedRun("Sgd", seed: 2).Model;
        weights.Load(path);
        Assert.Equal(run.Model.State().SelectMany(named => Numbers.Bits(named.Variable)),
            weights.State().SelectMany(named => Numbers.Bits(named.Variable)));
    }

    [Fact]
    public void Numbers_and_texts_come_back_exactly()
    {
        var path = Write("checkpoint");
        var (number, count, text) = (0.1 + 0.2, -7, "line 1\nline 2 \"é\"");
        Checkpoint All() => new Checkpoint(new Tanh()).Add("number", () => number, value => number = value)
            .Add("count", () => count, value => count = value).Add("text", () => text, value => text = value);
        All().Save(path);
        (number, count, text) = (0, 0, "");
        All().Load(path);
        Assert.Equal((0.1 + 0.2, -7, "line 1\nline 2 \"é\""), (number, count, text));
        number = double.PositiveInfinity;
        All().Save(path);
        number = 0;
        All().Load(path);
        Assert.Equal(double.PositiveInfinity, number);
    }

    [Fact]
    public void Other_parts_are_listed_and_nothing_changes()
    {
        var path = Write("checkpoint");
        new Checkpoint(new Linear(2, 2)).Add("epoch", () => 3, _ => { })
            .Add("optimizer", () => new Dictionary<string, Tensor> { ["m"] = Tensor.Ones([1]) }, _ => { }).Save(path);
        var epoch = 1;
        var checkpoint = new Checkpoint(new Linear(2, 2)).Add("step", () => epoch, value => epoch = value);
        var message = ErrorOf(path, () => checkpoint.Load(path));
        Assert.Contains("missing: step\n", message);
        Assert.Contains("unexpected: epoch, optimizer", message);
        Assert.Equal(1, epoch);
    }

    [Fact]
    public void A_part_that_refuses_leaves_everything_as_it_was()
    {
        var path = Write("checkpoint");
        var (rng, epoch) = (new Rng(1), 5);
        Checkpoint Parts(Module model, Action<IReadOnlyDictionary<string, Tensor>> load) => new Checkpoint(model)
            .Add("epoch", () => epoch, value => epoch = value).Add("noise", rng)
            .Add("optimizer", () => new Dictionary<string, Tensor> { ["m"] = Tensor.Ones([1]) }, load);
        Parts(new Linear(2, 2), _ => { }).Save(path);

        var model = new Linear(2, 2);
        (epoch, var weights, var state) = (6, model.Weight.ToArray<float>(), rng.State);
        var refused = 0;
        var refuses = Parts(model, _ =>
        {
            if (refused++ == 0) throw new ArgumentException("optimizer: does not fit.");
        });
        Assert.Equal("optimizer: does not fit.", ErrorOf(path, () => refuses.Load(path)));
        Assert.Equal(weights, model.Weight.ToArray<float>());
        Assert.Equal((6, state), (epoch, rng.State));

        Assert.Contains("missing: ", ErrorOf(path, () => Parts(new Sequential(model), _ => { }).Load(path)));
        Assert.Contains("is [2, 2], but must be [3, 2]", ErrorOf(path, () => Parts(new Linear(2, 3), _ => { }).Load(path)));
    }

    [Fact]
    public void A_changed_value_is_found()
    {
        var path = Write("checkpoint");
        var checkpoint = new Checkpoint(new Linear(2, 2));
        checkpoint.Save(path);
        var bytes = File.ReadAllBytes(path);
        bytes[^1] ^= 1;
        File.WriteAllBytes(path, bytes);
        Assert.Contains("check sum", ErrorOf(path, () => checkpoint.Load(path)));
        SafeTensors.Save(path, new Dictionary<string, Tensor>());
        Assert.Contains("expects a checkpoint", ErrorOf(path, () => checkpoint.Load(path)));
    }

    [Fact]
    public void A_position_in_other_data_is_refused()
    {
        var path = Write("checkpoint");
        static Checkpoint Of(int rows) => new Checkpoint(new Tanh()).Add("batches", Batches.Of(Tensor.Ones([rows, 1]), new int[rows], 4));
        Of(10).Save(path);
        Assert.Equal("Batches: the position is in a data set of 10 rows in 3 batches, but this one has 11 in 3.",
            ErrorOf(path, () => Of(11).Load(path)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("a/b")]
    [InlineData("a.b")]
    [InlineData("format")]
    [InlineData("default")]
    [InlineData("twice")]
    public void Names_that_cannot_be_are_refused(string name)
    {
        var checkpoint = new Checkpoint(new Tanh()).Add("twice", new Rng(1));
        Assert.Throws<ArgumentException>(() => checkpoint.Add(name, () => 1, _ => { }));
        Assert.Throws<ArgumentException>(() => checkpoint.Add(name, new Rng(2)));
    }

    [Fact]
    public void A_folder_keeps_the_last_few_and_the_best()
    {
        var folder = Path.Combine(Path.GetDirectoryName(Write("x"))!, "run");
        var checkpoints = new CheckpointFolder(folder, keep: 2);
        var epoch = 0;
        Checkpoint Parts() => new Checkpoint(new Tanh()).Add("epoch", () => epoch, value => epoch = value);
        Assert.Null(checkpoints.LoadLatest(Parts()));
        Assert.Null(checkpoints.LoadBest(Parts()));
        File.WriteAllText(Path.Combine(Directory.CreateDirectory(folder).FullName, "checkpoint-00000001.safetensors.abcdefgh.x12.tmp"), "half");
        foreach (var score in new[] { 3, 1, double.NaN, 2, 1.5 })
        {
            epoch++;
            // A new one each time, as after a restart.
            new CheckpointFolder(folder, keep: 2).Save(Parts(), score);
        }
        Assert.Equal(["best", "checkpoint-00000004", "checkpoint-00000005"],
            Directory.GetFiles(folder).Select(path => Path.GetFileNameWithoutExtension(path)).Order());
        Assert.EndsWith("best.safetensors", checkpoints.LoadBest(Parts()));
        Assert.Equal(2, epoch);
        Assert.EndsWith("checkpoint-00000005.safetensors", checkpoints.LoadLatest(Parts()));
        Assert.Equal(5, epoch);

        // Cut off while it was written, by something that does not rename.
        var whole = File.ReadAllBytes(checkpoints.Paths[1]);
        File.WriteAllBytes(checkpoints.Paths[1], whole[..^1]);
        Assert.EndsWith("checkpoint-00000004.safetensors", checkpoints.LoadLatest(Parts()));
        Assert.Equal(4, epoch);
        var other = new Checkpoint(new Linear(1, 1)).Add("epoch", () => epoch, value => epoch = value);
        Assert.StartsWith(checkpoints.Paths[0], Assert.Throws<DataFileException>(() => checkpoints.LoadLatest(other)).Message);
        File.WriteAllBytes(checkpoints.Paths[0], []);
        Assert.Contains("every checkpoint is damaged", Assert.Throws<DataFileException>(() => checkpoints.LoadLatest(Parts())).Message);
        Assert.EndsWith("checkpoint-00000006.safetensors", checkpoints.Save(Parts()));
        Assert.Equal(2, checkpoints.Paths.Count);
    }
}
