using System.Runtime.CompilerServices;
using static MicroGrad.Net.Tests.Numbers;

namespace MicroGrad.Net.Tests;

/// <summary>Long tapes, and what is kept alive: these look at the memory of the whole process, so they run alone.</summary>
[Collection(nameof(Kernels.ProcessSettings))]
public sealed class MemoryTests
{
    const int Long = 1_000_000;

    static Tensor Chain(Tensor x, int length)
    {
        for (var i = 0; i < length; i++) x = -x;
        return x;
    }

    [Fact]
    public void Backward_walks_a_chain_of_a_million_operations()
    {
        var x = Leaf(3);
        var y = Chain(x, Long + 1);
        y.Backward();
        Assert.Equal(-1, x.Grad!.Item());
    }

    [Fact]
    public void The_tape_of_a_million_operations_can_be_enumerated()
    {
        var tape = Chain(Leaf(3), Long).Tape;
        Assert.Equal(Long + 1, tape.Count);
        Assert.True(tape[0].IsLeaf);
        Assert.Equal(Long, tape.Skip(1).Count(node => node.Op == "negate"));
    }

    [Fact]
    public void Gradients_of_walks_a_long_chain_with_createGraph()
    {
        var x = Leaf(3);
        var first = Gradients.Of(Chain(x, 100_000) * x, [x], createGraph: true)[0];
        Assert.Equal(6, first.Item());
        Assert.Equal(2, Gradients.Of(first, [x])[0].Item());
    }

    static void Collect()
    {
        for (var i = 0; i < 3; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    static WeakReference ForwardOnly(Sequential model, Tensor input, int steps)
    {
        WeakReference? early = null;
        for (var step = 0; step < steps; step++)
        {
            var output = model.Forward(input).Sum();
            if (step == 0) early = new WeakReference(output);
        }
        return early!;
    }

    [Fact]
    public void A_hundred_thousand_forwards_without_backward_leak_nothing()
    {
        var rng = new Rng(1);
        var model = new Sequential(new Linear(4, 8, rng: rng), new Tanh(), new Linear(8, 1, rng: rng));
        var input = Tensor.Normal([2, 4], rng: rng);
        ForwardOnly(model, input, 1000);
        Collect();
        var before = GC.GetTotalMemory(true);
        var early = ForwardOnly(model, input, 100_000);
        Collect();
        var after = GC.GetTotalMemory(true);
        Assert.False(early.IsAlive);
        Assert.InRange(after - before, long.MinValue, 100_000);     // one byte per step would show
    }

    [Fact]
    public void Ten_thousand_training_steps_leave_the_memory_flat()
    {
        var rng = new Rng(1);
        var model = new Sequential(new Linear(4, 8, rng: rng), new Tanh(), new Linear(8, 1, rng: rng));
        var optimizer = new Adam(model.Parameters());
        var (x, y) = (Tensor.Normal([2, 4], rng: rng), Tensor.Zeros([2, 1]));
        void Train(int steps)
        {
            for (var step = 0; step < steps; step++)
            {
                optimizer.ZeroGrad();
                Losses.MeanSquaredError(model.Forward(x), y).Backward();
                optimizer.Step();
            }
        }
        long Grown()
        {
            Collect();
            var before = GC.GetTotalMemory(true);
            Train(10_000);
            Collect();
            return GC.GetTotalMemory(true) - before;
        }
        Train(200);
        // Other tests run in this process too; a leak would show in every round.
        Assert.InRange(Enumerable.Range(0, 4).Min(_ => Grown()), long.MinValue, 10_000);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    static (Tensor Loss, WeakReference Intermediate) Forward(Tensor x)
    {
        var middle = x.Exp();       // its rule holds the result
        return ((middle * middle).Sum(), new WeakReference(middle));
    }

    [Fact]
    public void Backward_frees_the_tape_though_the_loss_is_held()
    {
        var x = Leaf([3], 1, 2, 3);
        var (loss, intermediate) = Forward(x);
        Collect();
        Assert.True(intermediate.IsAlive);      // the tape needs it still
        loss.Backward();
        Collect();
        Assert.False(intermediate.IsAlive);
        Assert.NotNull(loss.Node);
        GC.KeepAlive(loss);
    }

    [Fact]
    public void A_kept_tape_keeps_what_its_rules_hold()
    {
        var x = Leaf([3], 1, 2, 3);
        var (loss, intermediate) = Forward(x);
        loss.Backward(retainTape: true);
        Collect();
        Assert.True(intermediate.IsAlive);
        GC.KeepAlive(loss);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    static WeakReference UnderOff(Tensor x, out Tensor result)
    {
        using (Gradients.Off())
        {
            var middle = x.Exp();
            result = middle * middle;
            return new WeakReference(middle);
        }
    }

    [Fact]
    public void Nothing_is_held_by_results_computed_under_Off()
    {
        var intermediate = UnderOff(Leaf([3], 1, 2, 3), out var result);
        Collect();
        Assert.False(intermediate.IsAlive);
        GC.KeepAlive(result);
    }
}
