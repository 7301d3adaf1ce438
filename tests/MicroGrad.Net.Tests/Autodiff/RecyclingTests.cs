using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using MicroGrad.Net.Tests.Proof;

namespace MicroGrad.Net.Tests;

/// <summary>
/// The memory that scopes and backward passes use again: these look at the pool and the garbage collector of the whole
/// process, so they run alone.
/// </summary>
[Collection(nameof(Kernels.ProcessSettings))]
public sealed class RecyclingTests : IDisposable
{
    const int LargeObject = 85_000;     // from so many bytes on, an array is collected with the second generation only

    readonly int _threads = Work.Threads;

    public RecyclingTests()
    {
        StepScope.FreeMemory();
        Work.Threads = 1;       // helpers' chunks allocate, now on this thread and now on another
    }

    public void Dispose()
    {
        Recycler.Pool.Strict = false;
        StepScope.FreeMemory();
        Work.Threads = _threads;
    }

    static bool SameMemory(ReadOnlySpan<float> a, ReadOnlySpan<float> b) =>
        Unsafe.AreSame(ref MemoryMarshal.GetReference(a), ref MemoryMarshal.GetReference(b));

    static long IdleBytes()
    {
        var pool = Recycler.Pool.Take();
        var bytes = pool.IdleBytes;
        Recycler.Pool.Return(pool);
        return bytes;
    }

    [Fact]
    public void The_next_scope_uses_the_memory_again_but_for_what_a_span_was_taken_of()
    {
        ReadOnlySpan<float> first, second, third;
        using (new StepScope()) first = Tensor.Ones([5000]).Read<float>();
        using (new StepScope())
        {
            var x = Tensor.Zeros([5000]);
            second = x.Read<float>();
            Assert.False(second.ContainsAnyExcept(0));
            OfAUser(x);
        }
        using (new StepScope()) third = Tensor.Ones([5000]).Read<float>();
        Assert.True(SameMemory(first, second));
        Assert.False(SameMemory(second, third));

        static void OfAUser(Tensor x) => _ = x.Detach().AsSpan<float>();
    }

    public static TheoryData<string> Rows => [.. GradientTable.Rows.Select(row => row.Name)];

    /// <summary>Every array comes full of NaN here, so that reading what was not written shows.</summary>
    [Theory]
    [MemberData(nameof(Rows))]
    public void Every_op_and_its_gradient_has_the_same_bits_in_recycled_memory(string name) =>
        GradientProof.ForCases(GradientTable.Named(name), 3, @case =>
        {
            var expected = Bits(@case);
            Recycler.Pool.Strict = true;
            for (var i = 0; i < 2; i++)
                using (new StepScope()) Assert.Equal(expected, Bits(@case));
            Assert.Equal(expected, Bits(@case));
            Recycler.Pool.Strict = false;
        });

    static long[][] Bits(GradientCase @case)
    {
        var (inputs, output) = @case.Evaluate(@case.Values(), leaves: true);
        if (output.RequiresGrad) output.Backward(Tensor.From(output.Shape, @case.Weights(output.Length, 1)));
        var gradients = inputs.Select(input => input.Gradient is { } gradient ? Numbers.Bits(gradient) : []);
        return [Numbers.Bits(output), .. gradients];
    }

    [Theory]
    [MemberData(nameof(Rows))]
    public void Every_op_refuses_a_tensor_whose_scope_has_ended(string name) =>
        GradientProof.ForCases(GradientTable.Named(name), 2, @case =>
        {
            Tensor[] gone;
            using (new StepScope()) gone = @case.Tensors(@case.Values());
            if (gone.Any(tensor => tensor.Length == 0)) return;     // no numbers to reach: Split gives no part
            var use = @case.Row.Layer is { } layer ? () => @case.Row.Call(layer().To(DType.Float64), gone[0])
                : (Func<Tensor>)(() => @case.Row.Function(gone));
            var message = Numbers.Message<InvalidOperationException>(() => use().ToDoubles());
            Assert.Contains("StepScope", message, StringComparison.Ordinal);
        });

    const int Length = 10_240, Bytes = 40_960;      // one that is not rounded up

    [Fact]
    public void Memory_that_recent_scopes_did_not_need_goes_and_what_they_need_stays()
    {
        for (var i = 0; i < 200; i++)
        {
            using (new StepScope()) _ = Tensor.Ones([Length]) + Tensor.Ones([Length]);
            Assert.Equal(3 * Bytes, IdleBytes());
        }
        using (new StepScope())
            for (var i = 0; i < 10; i++) _ = Tensor.Ones([100 * Length]);
        Assert.InRange(IdleBytes(), 1000 * Bytes, 2000 * Bytes);
        for (var i = 0; i < 128; i++)
            using (new StepScope()) _ = Tensor.Ones([Length]);
        Assert.Equal(Bytes, IdleBytes());
        StepScope.FreeMemory();
        Assert.Equal(0, IdleBytes());
    }

    [Fact]
    public void Ever_new_lengths_find_the_memory_of_others()
    {
        static void Step(int length)
        {
            using (new StepScope()) _ = Tensor.Ones([length]) * 2;
        }
        for (var length = 8193; length <= 16_384; length += 100) Step(length);
        Step(16_384);
        Assert.Equal(2 * 4 * (10_240 + 12_288 + 14_336 + 16_384), IdleBytes());
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var length = 16_384; length > 8192; length -= 150) Step(length);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 8192 * sizeof(float));
    }

    [Fact]
    public void Lengths_of_all_sizes_and_both_types_are_as_long_as_asked_for_and_apart()
    {
        for (var turn = 0; turn < 2; turn++)
            for (var length = 0; length < 3000; length = length < 40 ? length + 1 : length * 8 / 7)
                using (new StepScope())
                {
                    var (a, b) = (Tensor.Full([length], 1), Tensor.Full([length], 2, DType.Float64));
                    var c = Tensor.Zeros([length]);
                    Assert.Equal((length, length, length), (a.ToDoubles().Length, b.ToDoubles().Length, c.ToDoubles().Length));
                    Assert.Equal((length, 2 * length, 0), (a.Sum().Item(), b.Sum().Item(), c.Sum().Item()));
                }
    }

    [Fact]
    public void A_backward_uses_its_own_memory_again_on_the_way()
    {
        var x = new Parameter(Tensor.Ones([10_000]));
        Tensor y = x;
        for (var i = 0; i < 30; i++) y = 1 / y;      // whose rule makes four tensors
        y.Sum().Backward();
        Assert.InRange(IdleBytes(), 1, 8 * 40_000);
    }

    static Action Training(Module model, Tensor x, Func<Tensor, Tensor> loss)
    {
        var optimizer = new Adam(model.Parameters());
        return () =>
        {
            optimizer.ZeroGrad();
            loss(model.Forward(x)).Backward();
            GradientClipping.ByNorm(model.Parameters(), 0.1);
            optimizer.Step();
        };
    }

    static readonly Dictionary<string, Func<Rng, Action>> s_loops = new()
    {
        ["MLP"] = rng => Training(
            new Sequential(new Linear(784, 128, rng: rng), new Relu(), new Linear(128, 10, rng: rng)),
            Tensor.Normal([64, 784], rng: rng), y => Losses.CrossEntropy(y, new int[64])),
        ["CNN"] = rng => Training(
            new Sequential(new Conv2D(1, 8, 3, padding: 1, rng: rng), new BatchNorm2D(8), new Relu(), new MaxPool2D(2),
                new Flatten(), new Linear(8 * 49, 10, rng: rng)),
            Tensor.Normal([32, 1, 14, 14], rng: rng), y => Losses.CrossEntropy(y, new int[32])),
        ["LSTM"] = rng => Training(
            new Lstm(32, 64, rng: rng), Tensor.Normal([3, 128, 32], rng: rng), y => y.Square().Mean()),
    };

    public static TheoryData<string> Loops => [.. s_loops.Keys];

    [Theory]
    [MemberData(nameof(Loops))]
    public void A_warm_loop_in_scopes_allocates_no_large_object(string name)
    {
        var step = s_loops[name](new Rng(1));
        void Steps(int count)
        {
            for (var i = 0; i < count; i++)
                using (new StepScope()) step();
        }
        Steps(5);
        var (bytes, collections) = (GC.GetAllocatedBytesForCurrentThread(), GC.CollectionCount(2));
        Steps(300);
        bytes = GC.GetAllocatedBytesForCurrentThread() - bytes;
        Assert.InRange(bytes / 300, 0, LargeObject - 1);        // all of a step together is less than one large object
        Assert.Equal(collections, GC.CollectionCount(2));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_warm_loop_over_batches_allocates_no_large_object(bool byTrainer)
    {
        const int Steps = 40, Rows = 64;
        var rng = new Rng(1);
        var model = new Sequential(new Linear(784, 32, rng: rng), new Relu(), new Linear(32, 10, rng: rng));
        var optimizer = new Adam(model.Parameters());
        var batches = Batches.Of(Tensor.Normal([Steps * Rows, 784], rng: rng), Tensor.Normal([Steps * Rows, 10], rng: rng), Rows, rng: rng);
        var trainer = new Trainer<Tensor>(model, optimizer, (p, y) => Losses.MeanSquaredError(p, y));
        void Epoch()
        {
            if (byTrainer)
            {
                trainer.Fit(batches, epochs: 1);
                return;
            }
            foreach (var batch in batches)
            {
                using var scope = new StepScope();
                var (x, y) = batch;
                optimizer.Step(() => Losses.MeanSquaredError(model.Forward(x), y));
            }
        }
        Epoch();
        var bytes = GC.GetAllocatedBytesForCurrentThread();
        Epoch();
        bytes = GC.GetAllocatedBytesForCurrentThread() - bytes;
        Assert.InRange(bytes / Steps, 0, LargeObject - 1);      // a batch alone is 200 kB
    }

    [Fact]
    public void Reading_a_gradient_costs_a_copy_and_changes_nothing_that_comes_after()
    {
        var x = new Parameter(Tensor.Normal([256, 256], rng: new Rng(1)));
        long Bytes(bool reads)
        {
            var loss = x.Square().Mean();
            x.Grad = null;
            var before = GC.GetAllocatedBytesForCurrentThread();
            loss.Backward();
            var bytes = GC.GetAllocatedBytesForCurrentThread() - before;
            if (reads) Assert.Same(x.Grad, x.Grad);
            return bytes;
        }
        for (var i = 0; i < 3; i++) Bytes(reads: false);
        for (var i = 0; i < 5; i++) Assert.InRange(Bytes(reads: i > 1), 0, LargeObject - 1);
    }

    [Fact]
    public void A_warm_backward_without_a_scope_allocates_no_large_object()
    {
        var x = new Parameter(Tensor.Normal([256, 256], rng: new Rng(1)));
        long Bytes()
        {
            var loss = x.MatMul(x).Tanh().MatMul(x).Square().Mean();
            x.Grad = null;
            var before = GC.GetAllocatedBytesForCurrentThread();
            loss.Backward();
            GradientClipping.ByValue([x], 1e-6);
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }
        for (var i = 0; i < 3; i++) Bytes();
        Assert.InRange(Bytes(), 0, LargeObject - 1);
    }
}
