using System.Globalization;
using MicroGrad.Net.Tests.Kernels;

namespace MicroGrad.Net.Tests.Training;

/// <summary>A checkpoint that is not what was saved is never loaded, and what is refused changes nothing.</summary>
[Collection(nameof(ProcessSettings))]
public sealed class CheckpointDamageTests : TemporaryFiles
{
    readonly RngState _default = Rng.Default.State;

    public override void Dispose()
    {
        Rng.Default.State = _default;
        base.Dispose();
    }

    /// <summary>All kinds of parts, and few bytes.</summary>
    sealed class Run
    {
        readonly Linear _model;
        readonly Sgd _optimizer;
        readonly Batches<Tensor, int[]> _batches;
        readonly Rng _rng;
        string _text = "é \n";

        public Run(ulong seed)
        {
            _rng = new Rng(seed);
            _model = new Linear(1, 1, rng: _rng);
            _optimizer = new Sgd(_model.Parameters(), 0.1);
            _batches = Batches.Of(Tensor.Ones([5, 1]), new int[5], 2, rng: _rng.Fork());
            foreach (var _ in _batches.Take((int)seed % 3)) Steps++;
            Checkpoint = new Checkpoint(_model).Add("o", _optimizer).Add("b", _batches).Add("r", _rng)
                .Add("n", () => Steps, value => Steps = value).Add("t", () => _text, value => _text = value);
        }

        public int Steps { get; set; }

        public Checkpoint Checkpoint { get; }

        public string State => string.Create(CultureInfo.InvariantCulture,
            $"{string.Join(' ', _model.Weight.ToArray<float>())} {_model.Bias!.Item()} {_rng.State} {_batches.Generator.State} "
            + $"{_batches.Position} {Steps} {_text} {_optimizer.LearningRate} {Rng.Default.State}");
    }

    [Fact]
    public void Any_changed_bit_is_refused_and_changes_nothing()
    {
        var path = Write("checkpoint");
        var saved = new Run(seed: 1);
        saved.Checkpoint.Save(path);
        var whole = File.ReadAllBytes(path);
        var fresh = new Run(seed: 2);
        var before = fresh.State;
        Assert.NotEqual(saved.State, before);
        // Two bits of every byte; all eight where a wider search is asked for.
        var step = Search.Factor > 1 ? 1 : 4;
        for (var bit = 0; bit < 8 * whole.Length; bit += step)
        {
            var damaged = (byte[])whole.Clone();
            damaged[bit / 8] ^= (byte)(1 << ((bit + bit / 8) % 8));
            File.WriteAllBytes(path, damaged);
            ErrorOf(path, () => fresh.Checkpoint.Load(path));
            if (bit % 64 == 0) Assert.Equal(before, fresh.State);
        }
        Assert.Equal(before, fresh.State);
        File.WriteAllBytes(path, whole);
        fresh.Checkpoint.Load(path);
        Assert.Equal(saved.State, fresh.State);
    }

    [Fact]
    public void Any_other_length_is_refused()
    {
        var path = Write("checkpoint");
        var run = new Run(seed: 1);
        run.Checkpoint.Save(path);
        var whole = File.ReadAllBytes(path);
        for (var length = 0; length < whole.Length; length++)
        {
            File.WriteAllBytes(path, whole[..length]);
            ErrorOf(path, () => run.Checkpoint.Load(path));
        }
        foreach (var more in new byte[][] { [0], [32], whole, new byte[4096] })
        {
            File.WriteAllBytes(path, [.. whole, .. more]);
            ErrorOf(path, () => run.Checkpoint.Load(path));
        }
    }

    [Fact]
    public void Texts_and_tensors_that_make_no_sense_are_refused_though_the_check_sum_is_right()
    {
        var path = Write("checkpoint");
        new Run(seed: 1).Checkpoint.Save(path);
        var tensors = SafeTensors.Load(path, out var texts).ToDictionary();
        var fresh = new Run(seed: 2);
        var before = fresh.State;
        var key = texts.Keys.ToArray();
        string[] nonsense = ["", "x", "-1", "99999999999999999999", "0 of 3 in 5 from x", "4 of 3 in 5 from 1 2 3 4", "-1 of 3 in 5 from 1 2 3 4",
            "1 of 3 in 5 from 0 0 0 0", "1 2 3", "0 0 0 0", "1 2 3 4 5", "NaN", "\0", "2147483648"];
        var refused = 0;
        foreach (var name in key.Where(name => name is not ("t" or "format")))
            foreach (var text in nonsense)
            {
                // A counter may well be -1.
                if (name == "n" && int.TryParse(text, out _)) continue;
                SafeTensors.Save(path, tensors, new Dictionary<string, string>(texts) { [name] = text }, checkSum: true);
                ErrorOf(path, () => fresh.Checkpoint.Load(path));
                refused++;
                Assert.Equal(before, fresh.State);
            }
        Assert.True(refused > 50);
        foreach (var name in key.Where(name => name != "format"))
        {
            SafeTensors.Save(path, tensors, texts.Where(pair => pair.Key != name).ToDictionary(), checkSum: true);
            ErrorOf(path, () => fresh.Checkpoint.Load(path));
        }
        foreach (var name in tensors.Keys)
            foreach (var other in new[] { null, Tensor.Ones([7]), Tensor.Ones([1, 1], DType.Float64) * 0.1, Tensor.Zeros([0]) })
            {
                var changed = new Dictionary<string, Tensor>(tensors);
                if (other is null) changed.Remove(name);
                else changed[name] = other;
                if (other is not null && other.Length == tensors[name].Length && other.DType == tensors[name].DType) continue;
                SafeTensors.Save(path, changed, texts, checkSum: true);
                ErrorOf(path, () => fresh.Checkpoint.Load(path));
                Assert.Equal(before, fresh.State);
            }
    }

    [Fact]
    public void Files_without_the_check_sum_and_of_an_earlier_version_are_refused_but_have_weights()
    {
        var path = Write("checkpoint");
        var run = new Run(seed: 1);
        run.Checkpoint.Save(path);
        var tensors = SafeTensors.Load(path, out var texts);
        SafeTensors.Save(path, tensors, texts);
        Assert.Contains("expects the check sum", ErrorOf(path, () => run.Checkpoint.Load(path)));
        var old = new Dictionary<string, string>(texts) { ["micrograd.checkpoint"] = "1", ["micrograd.sha256"] = "old" };
        SafeTensors.Save(path, tensors, old);
        Assert.Contains("version 2, but got '1': its weights alone can be had with module.Load",
            ErrorOf(path, () => run.Checkpoint.Load(path)));
        Assert.True(new Linear(1, 1).Load(path).IsExact);
    }

    [Fact]
    public async Task A_file_that_is_renamed_over_while_it_is_loaded_is_the_old_one_or_the_new_one()
    {
        var path = Write("checkpoint");
        // Large enough that a load and a save overlap.
        static Checkpoint Of(Linear model) => new Checkpoint(model).Add("rng", new Rng(1));
        var (a, b) = (new Linear(200, 200), new Linear(200, 200));
        Of(a).Save(path);
        using var done = new CancellationTokenSource();
        var saver = Task.Run(() =>
        {
            for (var i = 0; !done.IsCancellationRequested; i++) Of(i % 2 == 0 ? b : a).Save(path);
        });
        try
        {
            var model = new Linear(200, 200);
            for (var i = 0; i < 150; i++)
            {
                Of(model).Load(path);
                var first = model.Weight.AsSpan<float>()[0];
                Assert.Equal(Numbers.Bits(first == a.Weight.AsSpan<float>()[0] ? a.Weight : b.Weight), Numbers.Bits(model.Weight));
            }
        }
        finally
        {
            done.Cancel();
            await saver;
        }
    }

    [Fact]
    public void The_best_is_not_judged_by_a_damaged_score()
    {
        var folder = Path.Combine(Path.GetDirectoryName(Write("x"))!, "run");
        var run = new Run(seed: 1);
        var checkpoints = new CheckpointFolder(folder);
        checkpoints.Save(run.Checkpoint, score: 0.5);
        // 0.5 becomes 0.1, by which no later one would be better.
        var bytes = File.ReadAllBytes(checkpoints.BestPath);
        var at = bytes.AsSpan().IndexOf("\"micrograd.score\":\"0.5\""u8);
        bytes[at + 21] ^= '5' ^ '1';
        File.WriteAllBytes(checkpoints.BestPath, bytes);
        run.Steps = 7;
        checkpoints.Save(run.Checkpoint, score: 0.4);
        run.Steps = 0;
        Assert.NotNull(checkpoints.LoadBest(run.Checkpoint));
        Assert.Equal(7, run.Steps);
    }
}
