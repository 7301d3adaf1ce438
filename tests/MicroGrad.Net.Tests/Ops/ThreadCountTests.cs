using MicroGrad.Net.Tests.Kernels;
using static MicroGrad.Net.Tests.Numbers;

namespace MicroGrad.Net.Tests;

/// <summary>The same bits for 1, 2 and 4 threads, with arrays large enough to be split.</summary>
[Collection(nameof(ProcessSettings))]
public sealed class ThreadCountTests : IDisposable
{
    readonly int _threads = Work.Threads;

    public void Dispose() => Work.Threads = _threads;

    static readonly Rng Draws = new(21);
    static readonly Tensor Flat = Tensor.Normal([200_003], rng: Draws);
    static readonly Tensor Table = Tensor.Normal([300, 401], rng: Draws);
    static readonly Tensor Cube = Tensor.Normal([7, 150, 121], rng: Draws, dtype: DType.Float64);
    static readonly Tensor Tall = Tensor.Normal([100_001, 3], rng: Draws);

    static readonly Tensor Sequences = Tensor.Normal([5, 100, 192], rng: Draws);

    static Tensor Slopes(Func<Tensor, Tensor> function, Tensor at)
    {
        var x = Leaf(at.Detach());
        function(x).Sum().Backward();
        return x.Grad!;
    }
    static readonly int[] Labels = [.. Enumerable.Range(0, 300).Select(row => row * 7 % 401)];

    static readonly Dictionary<string, Func<Tensor>> Cases = new()
    {
        ["map"] = () => Flat.Tanh(), ["map of doubles"] = () => Cube.Gelu(),
        ["zip"] = () => Flat * Flat.Flip(), ["zip with a row"] = () => Table - Table[0], ["zip with a column"] = () => Table / Table[.., ..1],
        ["zip with a middle axis"] = () => Cube * Cube[.., ..1], ["zip with a number"] = () => Flat + 0.1,
        ["where"] = () => Tensor.Where(Table > 0, Table, Table[0]), ["where of a cube"] = () => Tensor.Where(Cube[..1] > 0, Cube, Cube.Exp()),
        ["sum"] = () => Flat.Sum(), ["sum 0"] = () => Cube.Sum(0), ["sum 1"] = () => Cube.Sum(1), ["sum 2"] = () => Cube.Sum(2),
        ["sum 0 and 2"] = () => Cube.Sum([0, 2]), ["sum of a tall table"] = () => Tall.Sum(0), ["sum of its rows"] = () => Tall.Sum(1),
        ["sum of columns"] = () => Table.Sum(0), ["sum of rows"] = () => Table.Sum(1), ["max 0"] = () => Table.Max(0), ["max 1"] = () => Cube.Max(1),
        ["log-sum-exp"] = () => Table.LogSumExp(1), ["softmax"] = () => Table.Softmax(0), ["softmax of rows"] = () => Table.Softmax(),
        ["gradient of softmax of rows"] = () => Slopes(x => x.Softmax().Square(), Table),
        ["variance"] = () => Cube.Variance(1),
        ["running sum"] = () => Table.CumulativeSum(0), ["transpose"] = () => Table.Transpose(), ["matmul"] = () => Table.MatMul(Table, transposeRight: true),
        ["attention"] = () => Sequences.SelfAttention(heads: 4, causal: true),
        ["gradient of attention"] = () => Slopes(x => x.SelfAttention(heads: 4), Sequences),
        ["layer norm"] = () => new LayerNorm(401).Forward(Table),
        ["gradient of layer norm"] = () =>
        {
            var layer = new LayerNorm(401);
            var slopes = Slopes(x => layer.Forward(x).Square(), Table);
            return Tensor.Concat([slopes, layer.Weight!.Grad!.Unsqueeze(0), layer.Bias!.Grad!.Unsqueeze(0)]);
        },
        ["gradient of gelu"] = () => Slopes(x => x.Gelu(), Cube),
        ["lstm"] = () => Recurrent(new Lstm(24, 36, layers: 2, bidirectional: true, rng: new Rng(1))),
        ["gru"] = () => Recurrent(new Gru(24, 36, rng: new Rng(1))),
        ["mean"] = () => Table.Mean(0), ["linear"] = () => Table.Linear(Table[..150], Table[0, ..150]),
        ["cross-entropy"] = () => Table.CrossEntropyOfLabels(Labels), ["slope of cross-entropy"] = () =>
        {
            var x = Leaf(Table.Detach());
            x.CrossEntropyOfLabels(Labels).Mean().Backward();
            return x.Grad!;
        },
        ["optimizer"] = () =>
        {
            var w = new Parameter(Flat);
            var optimizer = new Adam([w], 0.1, weightDecay: 0.01);
            for (var step = 0; step < 2; step++) optimizer.Step(() => w.Square().Sum());
            return w;
        },
        ["gradient"] = () =>
        {
            var x = Leaf(Table.Detach());
            ((x * Table[0]).Tanh().Sum(0).Exp() + x.LogSumExp(0)).Sum().Backward();
            return x.Grad!;
        },
    };

    // 37 sequences: two groups and a part of one.
    static Tensor Recurrent(Recurrent layer)
    {
        var outputs = layer.Forward(Tensor.Normal([20, 37, 24], rng: new Rng(2)));
        outputs.Square().Sum().Backward();
        return Tensor.Concat([outputs.Detach().Flatten(), .. layer.Parameters().Select(weight => weight.Grad!.Flatten())]);
    }

    public static TheoryData<string> Names => [.. Cases.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Results_do_not_depend_on_the_number_of_threads(string name)
    {
        Work.Threads = 1;
        var alone = Cases[name]();
        Assert.All(alone.ToDoubles(), v => Assert.False(double.IsNaN(v)));
        for (var threads = 2; threads <= 4; threads += 2)
            for (var repetition = 0; repetition < 3; repetition++)
            {
                Work.Threads = threads;
                SameBits(alone, Cases[name]());
            }
    }

    [Fact]
    public void Split_results_equal_plain_loops()
    {
        Work.Threads = 2;
        var x = Flat.ToArray<float>();
        Assert.Equal(x.Select(v => v * 3f), (Flat * 3).ToArray<float>());
        var (table, row) = (Table.ToArray<float>(), Table[0].ToArray<float>());
        Assert.Equal(table.Select((v, i) => v - row[i % 401]), (Table - Table[0]).ToArray<float>());
        Assert.Equal(table.Select((v, i) => v - table[i / 401 * 401]), (Table - Table[.., ..1]).ToArray<float>());
        var cube = Cube.ToArray<double>();
        var sums = new double[7 * 121];
        for (var i = 0; i < cube.Length; i++) sums[i / (150 * 121) * 121 + i % 121] += cube[i];
        Close(sums, Cube.Sum(1), 1e-12);
        Close([Flat.ToDoubles().Sum()], Flat.Sum(), 1e-3);
    }

    [Fact]
    public void Training_gives_the_same_bits_for_any_number_of_threads()
    {
        static long[] Train(int threads)
        {
            Work.Threads = threads;
            var rng = new Rng(4);
            var model = new Sequential(new Linear(64, 300, rng: rng), new Relu(), new Dropout(0.3, rng), new Linear(300, 10, rng: rng));
            var optimizer = new Adam(model.Parameters(), 0.01);
            var (x, labels) = (Tensor.Normal([256, 64], rng: rng), Enumerable.Range(0, 256).Select(_ => rng.Next(10)).ToArray());
            for (var step = 0; step < 5; step++)
            {
                optimizer.ZeroGrad();
                Losses.CrossEntropy(model.Forward(x), labels).Backward();
                optimizer.Step();
            }
            return [.. model.Parameters().SelectMany(Bits)];
        }
        var alone = Train(1);
        Assert.Equal(alone, Train(2));
        Assert.Equal(alone, Train(4));
    }
}
