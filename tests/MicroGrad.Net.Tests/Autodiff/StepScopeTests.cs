using static MicroGrad.Net.Tests.Numbers;

namespace MicroGrad.Net.Tests;

/// <summary>What lives how long, and that nothing reads what is gone.</summary>
public sealed class StepScopeTests
{
    static Tensor Made(Func<Tensor> make)
    {
        using (new StepScope()) return make();
    }

    static Tensor Stale(params int[] shape) => Made(() => Tensor.Ones(shape, DType.Float64));

    static void IsGone(Func<object?> use)
    {
        var message = Message<InvalidOperationException>(use);
        Assert.Contains("StepScope", message, StringComparison.Ordinal);
        Assert.Contains("Keep()", message, StringComparison.Ordinal);
    }

    static readonly Dictionary<string, Func<Tensor, object?>> s_uses = new()
    {
        ["AsSpan"] = x => x.AsSpan<double>()[0],
        ["AsSpan of another type"] = x => x.AsSpan<float>()[0],
        ["ToArray"] = x => x.ToArray<double>(),
        ["ToDoubles"] = x => x.ToDoubles(),
        ["Item"] = x => x.Item(),
        ["ToString"] = x => x.ToString(),
        ["ToMatrix"] = x => x.ToMatrix(),
        ["ToVector"] = x => x.Reshape(1).ToVector(),
        ["To"] = x => x.To(DType.Float32),
        ["Keep"] = x => x.Keep(),
        ["a part"] = x => x[0, 0].Item(),
        ["a reshaped one"] = x => x.Reshape(1).ToDoubles(),
        ["a detached one"] = x => x.Detach().ToDoubles(),
        ["a parameter of it"] = x => new Parameter(x),
        ["Assign"] = x => { new Parameter(Tensor.Zeros([1, 1], DType.Float64)).Assign(x); return null; },
        ["Npy.Save"] = x =>
        {
            var path = Path.GetTempFileName();
            try { Npy.Save(path, x); }
            finally { File.Delete(path); }
            return null;
        },
        ["as a seed"] = x =>
        {
            var leaf = Leaf([1, 1], 3);
            (leaf * leaf).Backward(x);
            return null;
        },
        ["as a gradient"] = x =>
        {
            var parameter = new Parameter(Tensor.Zeros([1, 1], DType.Float64)) { Grad = x };
            new Sgd([parameter], 0.1).Step();
            return null;
        },
    };

    public static TheoryData<string> Uses => [.. s_uses.Keys];

    [Theory]
    [MemberData(nameof(Uses))]
    public void After_the_scope_every_use_of_its_tensors_is_an_error(string use)
    {
        IsGone(() => s_uses[use](Stale(1, 1)));
        s_uses[use](Tensor.Ones([1, 1], use.Contains("another") ? DType.Float32 : DType.Float64));
    }

    [Fact]
    public void An_empty_tensor_is_gone_too() => IsGone(() => Stale(0).ToDoubles());

    [Fact]
    public void A_tape_of_the_scope_cannot_be_walked_after_it_even_where_its_rules_read_nothing()
    {
        var x = Leaf([2], 1, 2);
        var loss = Made(() => (x + x).Sum());
        IsGone(() => { loss.Backward(); return null; });
        IsGone(() => Gradients.Of(loss, [x]));
        Assert.Null(x.Grad);
    }

    [Fact]
    public void A_tape_that_goes_on_after_the_scope_cannot_be_walked_into_it()
    {
        var x = Leaf([2], 1, 2);
        Tensor kept = Tensor.Zeros([2], DType.Float64);
        using (new StepScope())
        {
            var leaf = Leaf([2], 1, 2);
            leaf.Grad = (x.Exp() * x).Detach();
            kept = Gradients.Of((x.Exp() * x).Sum(), [x], createGraph: true)[0];
            leaf.Grad = kept;       // a gradient is kept, what it was computed from is not
        }
        Assert.Equal(2, kept.ToDoubles().Length);
        IsGone(() => { kept.Sum().Backward(); return null; });
    }

    [Fact]
    public void The_numbers_are_right_until_the_scope_ends()
    {
        using var scope = new StepScope();
        var x = Tensor.Arange(1000);
        for (var i = 0; i < 20; i++) _ = x * i;
        Equal([1000], [.. Enumerable.Range(0, 1000).Select(i => (double)i)], x);
    }

    [Fact]
    public void A_kept_copy_outlives_the_scope_and_is_off_the_tape()
    {
        var x = Leaf([2], 1, 2);
        var kept = Made(() => (x * 3).Keep());
        Equal([2], [3, 6], kept);
        Assert.False(kept.RequiresGrad);
    }

    [Fact]
    public void A_span_taken_inside_stays_what_it_was()
    {
        ReadOnlySpan<float> span;
        using (new StepScope()) span = Tensor.Full([5000], 7).AsSpan<float>();
        for (var i = 0; i < 3; i++)
            using (new StepScope())
                for (var k = 0; k < 3; k++) _ = Tensor.Full([5000], 8);
        Assert.Equal(-1, span.IndexOfAnyExcept(7f));
    }

    [Fact]
    public void What_is_made_before_or_on_another_thread_is_not_the_scopes()
    {
        var before = Tensor.Full([1000], 1);
        Tensor? elsewhere = null;
        using (new StepScope())
        {
            var thread = new Thread(() => elsewhere = Tensor.Full([1000], 2));
            thread.Start();
            thread.Join();
            _ = before + 1;
        }
        Assert.Equal(1000, before.Sum().Item());
        Assert.Equal(2000, elsewhere!.Sum().Item());
    }

    [Fact]
    public void Scopes_nest_and_the_inner_one_ends_only_its_own()
    {
        using (new StepScope())
        {
            var outer = Tensor.Full([1000], 1);
            var inner = Made(() => outer + 1);
            var later = outer + 2;
            IsGone(() => inner.Sum());
            Assert.Equal(1000, outer.Sum().Item());
            Assert.Equal(3000, later.Sum().Item());
        }
    }

    [Fact]
    public void A_second_end_does_nothing_and_an_outer_end_ends_what_is_inside()
    {
        var outer = new StepScope();
        var inner = new StepScope();
        var x = Tensor.Ones([1000]);
        outer.Dispose();
        IsGone(() => x.Sum());
        var free = Tensor.Ones([1000]);
        inner.Dispose();
        outer.Dispose();
        using (new StepScope())
        {
            var y = Tensor.Ones([1000]);
            inner.Dispose();
            outer.Dispose();
            default(StepScope).Dispose();
            Assert.Equal(1000, y.Sum().Item());
        }
        Assert.Equal(1000, free.Sum().Item());
    }

    [Fact]
    public void An_exception_ends_the_scope()
    {
        Tensor? made = null;
        void Fail()
        {
            using var scope = new StepScope();
            made = Tensor.Ones([1000]);
            throw new NotSupportedException();
        }
        Assert.Throws<NotSupportedException>(Fail);
        IsGone(() => made!.Sum());
        var free = Tensor.Ones([10]);
        Fail2();
        Assert.Equal(10, free.Sum().Item());

        // An exception within a backward ends what the backward had open.
        void Fail2()
        {
            var x = Leaf([2], 1, 2);
            var loss = (x * x).Sum();
            loss.Backward();
            Assert.Throws<GradientException>(() => loss.Backward());
            Assert.Null(Recycler.Current);
        }
    }

    [Fact]
    public async Task Several_threads_train_each_in_its_own_scopes()
    {
        var expected = Train(scoped: false, seed: 3);
        var results = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => Train(scoped: true, seed: 3))));
        Assert.All(results, result => Assert.Equal(expected, result));
    }

    static double[] Train(bool scoped, ulong seed)
    {
        var rng = new Rng(seed);
        var model = new Sequential(
            new Linear(20, 40, rng: rng), new BatchNorm1D(40), new Tanh(), new Linear(40, 3, rng: rng));
        var optimizer = new Adam(model.Parameters(), 0.01);
        var (x, labels) = (Tensor.Normal([32, 20], rng: rng), Enumerable.Range(0, 32).Select(i => i % 3).ToArray());
        double Step()
        {
            optimizer.ZeroGrad();
            var loss = Losses.CrossEntropy(model.Forward(x), labels);
            loss.Backward();
            optimizer.Step();
            return loss.Item();
        }
        double Scoped()
        {
            using (new StepScope()) return Step();
        }
        var losses = Enumerable.Range(0, 30).Select(_ => scoped ? Scoped() : Step()).ToArray();
        return [.. losses, .. model.State().SelectMany(named => named.Variable.ToDoubles()),
            .. model.Parameters().SelectMany(parameter => parameter.Grad!.ToDoubles())];
    }

    [Fact]
    public void Parameters_buffers_and_gradients_outlive_the_scope_they_are_made_in()
    {
        BatchNorm1D? layer = null;
        Parameter? converted = null;
        using (new StepScope())
        {
            layer = new BatchNorm1D(300);
            var holder = new Linear(300, 300, rng: new Rng(1));
            holder.To(DType.Float64);
            converted = holder.Weight;
            (layer.Forward(Tensor.Normal([8, 300])).Square().Sum() + converted.Sum().To(DType.Float32)).Backward();
        }
        Assert.Equal(300, layer.RunningVar.ToDoubles().Length);
        Assert.Equal(300, layer.Weight!.Grad!.ToDoubles().Length);
        Assert.All(converted.Grad!.ToDoubles(), g => Assert.Equal(1, g));
        Assert.Equal(90000, converted.ToDoubles().Length);
    }

    [Theory]
    [MemberData(nameof(Optimizers.OptimizerTable.Names), MemberType = typeof(Optimizers.OptimizerTable))]
    public void What_an_optimizer_and_an_average_remember_outlives_the_scope(string name)
    {
        var (free, scoped) = (new Optimizers.OptimizerTable.Problem(), new Optimizers.OptimizerTable.Problem());
        var freeOptimizer = Optimizers.OptimizerTable.All[name](free.Weights);
        var scopedOptimizer = Optimizers.OptimizerTable.All[name](scoped.Weights);
        IReadOnlyDictionary<string, Tensor>? state = null, averageState = null;
        WeightAverage? average = null;
        for (var step = 0; step < 4; step++)
        {
            freeOptimizer.Step(free.Loss);
            using (new StepScope())
            {
                average ??= new WeightAverage(scoped.Weights);
                if (state is not null) scopedOptimizer.LoadState(state);
                if (averageState is not null) average.LoadState(averageState);
                scopedOptimizer.Step(scoped.Loss);
                average.Update();
                (state, averageState) = (scopedOptimizer.State(), average.State());
                using (average.Applied()) { }
            }
        }
        Assert.Equal(free.Floats, scoped.Floats);
        foreach (var (key, values) in freeOptimizer.State()) SameBits(values, state![key]);
        Assert.Equal(4, average!.State()["n_averaged"].Item());
        average.CopyToParameters();
    }

    [Fact]
    public void State_that_was_converted_inside_the_scope_outlives_it()
    {
        var layer = new Linear(2, 2, rng: new Rng(1));
        var (optimizer, average) = (new Adam(layer.Parameters()), new WeightAverage(layer.Parameters()));
        void Step()
        {
            optimizer.ZeroGrad();
            layer.Forward(Tensor.Ones([1, 2], layer.Weight.DType)).Sum().Backward();
            optimizer.Step();
            average.Update();
        }
        Step();
        using (new StepScope())
        {
            layer.To(DType.Float64);
            Step();
        }
        Step();
        Assert.Equal(3, average.Updates);
        Assert.Equal(4, average.State()["weight"].ToDoubles().Length);
    }

    [Fact]
    public void A_trainer_hands_live_predictions_to_the_metrics_and_ends_its_scopes()
    {
        var rng = new Rng(1);
        var model = new Sequential(new Linear(3, 300, rng: rng), new Linear(300, 1, rng: rng));
        Tensor? last = null;
        var trainer = new Trainer<Tensor>(model, new Sgd(model.Parameters(), 0.01),
            (prediction, target) => Losses.MeanSquaredError(prediction, target))
        {
            Metrics = { { "mean", (prediction, _) => (last = prediction).Mean().Item() } },
            ClipGradients = parameters => GradientClipping.ByNorm(parameters, 1e-3),
            AfterStep = _ => Assert.Null(Recycler.Current),
        };
        var (x, y) = (Tensor.Normal([20, 3], rng: rng), Tensor.Zeros([20, 1]));
        trainer.Fit(Batches.Of(x, y, 10), epochs: 2);
        IsGone(() => last!.ToDoubles());
        trainer.Evaluate(Batches.Of(x, y, 10));
        IsGone(() => last!.ToDoubles());
        Assert.All(model.Parameters(), parameter => Assert.True(parameter.Grad!.Norm().Item() <= 1.001e-3));
    }

    [Fact]
    public void Results_of_Gradients_Of_are_the_surrounding_scopes()
    {
        var x = Leaf(Tensor.Ones([1000]));
        var outside = Gradients.Of((x * x).Sum(), [x])[0];
        var inside = Made(() => Gradients.Of((x * x).Sum(), [x])[0]);
        using (new StepScope())
        {
            var gradient = Gradients.Of((x * x).Sum(), [x])[0];
            for (var i = 0; i < 5; i++) Gradients.Of((x * 5).Sum(), [x]);
            Assert.Equal(2000, gradient.Sum().Item());
        }
        Assert.Equal(2000, outside.Sum().Item());
        IsGone(() => inside.Sum());
    }
}
