using static MicroGrad.Net.Tests.Numbers;

namespace MicroGrad.Net.Tests;

public sealed class ScopeTests
{
    [Fact]
    public void Off_stops_recording_and_its_end_restores_it()
    {
        var x = Leaf(3);
        Assert.True(Gradients.Enabled);
        using (Gradients.Off())
        {
            Assert.False(Gradients.Enabled);
            Assert.Null((x * x).Node);
        }
        Assert.True(Gradients.Enabled);
        Assert.NotNull((x * x).Node);
    }

    [Fact]
    public void On_records_inside_Off()
    {
        var x = Leaf(3);
        using (Gradients.Off())
        {
            using (Gradients.On()) Assert.NotNull((x * x).Node);
            Assert.Null((x * x).Node);
        }
    }

    [Fact]
    public void Scopes_nest()
    {
        using (Gradients.Off())
        {
            using (Gradients.CheckFinite())
            {
                using (Gradients.Off()) Assert.True(Gradients.ChecksFinite);
                Assert.False(Gradients.Enabled);
                Assert.True(Gradients.ChecksFinite);
            }
            Assert.False(Gradients.Enabled);
            Assert.False(Gradients.ChecksFinite);
        }
        Assert.True(Gradients.Enabled);
    }

    [Fact]
    public void An_exception_ends_the_scopes_it_passes()
    {
        static void Fail()
        {
            using (Gradients.Off())
            using (Gradients.CheckFinite())
                throw new InvalidOperationException();
        }
        Assert.Throws<InvalidOperationException>(Fail);
        Assert.True(Gradients.Enabled);
        Assert.False(Gradients.ChecksFinite);
    }

    [Fact]
    public void An_exception_in_a_rule_leaves_recording_as_it_was()
    {
        var x = Leaf(2);
        var y = Node.Record("failing", Tensor.Scalar(4, DType.Float64), (x, g => throw new InvalidOperationException("rule")));
        Assert.Throws<InvalidOperationException>(() => y.Backward());
        Assert.True(Gradients.Enabled);
        Tensor z;
        using (Gradients.Off())
        {
            Assert.Throws<InvalidOperationException>(() => y.Backward(createGraph: true));
            z = x * x;
        }
        Assert.Null(z.Node);
    }

    [Fact]
    public void Rules_record_only_for_createGraph()
    {
        var seen = new List<bool>();
        var x = Leaf(2);
        var y = Node.Record("spy", Tensor.Scalar(4, DType.Float64), (x, g => { seen.Add(Gradients.Enabled); return g; }));
        y.Backward(retainTape: true);
        using (Gradients.Off()) y.Backward(createGraph: true);
        Assert.Equal([false, true], seen);
    }

    [Fact]
    public void Off_on_one_thread_does_not_reach_another()
    {
        var x = Leaf(3);
        using (Gradients.Off())
        {
            Tensor? elsewhere = null;
            var thread = new Thread(() => elsewhere = x * x);
            thread.Start();
            thread.Join();
            Assert.NotNull(elsewhere!.Node);
            Assert.Null((x * x).Node);
        }
    }

    static (double[] Losses, long[] Bits) TrainOne(ulong seed)
    {
        var rng = new Rng(seed);
        var model = new Sequential(new Linear(3, 40, rng: rng), new Tanh(), new Dropout(0.2, rng), new Linear(40, 1, rng: rng));
        var optimizer = new Adam(model.Parameters(), 0.01);
        var (x, y) = (Tensor.Normal([64, 3], rng: rng), Tensor.Normal([64, 1], rng: rng));
        var losses = new double[60];
        for (var step = 0; step < losses.Length; step++)
        {
            var loss = Losses.MeanSquaredError(model.Forward(x), y);
            optimizer.ZeroGrad();
            loss.Backward();
            optimizer.Step();
            losses[step] = loss.Item();
        }
        return (losses, [.. model.Parameters().SelectMany(Bits)]);
    }

    [Fact]
    public void Two_threads_training_at_once_give_the_same_bits_as_alone()
    {
        var alone = new[] { TrainOne(1), TrainOne(2) };
        var together = new (double[] Losses, long[] Bits)[2];
        var threads = Enumerable.Range(0, 2).Select(i => new Thread(() => together[i] = TrainOne((ulong)i + 1))).ToArray();
        foreach (var thread in threads) thread.Start();
        foreach (var thread in threads) thread.Join();
        for (var i = 0; i < 2; i++)
        {
            Assert.Equal(alone[i].Losses, together[i].Losses);
            Assert.Equal(alone[i].Bits, together[i].Bits);
        }
        Assert.NotEqual(alone[0].Bits, alone[1].Bits);
    }
}
