using System.Diagnostics;

namespace MicroGrad.Net.Tests;

public class PrefetchTests
{
    static (Tensor X, int[] Labels) Digits(int count = 50)
    {
        var x = Tensor.Uniform([count, 1, 8, 8], rng: new Rng(1));
        return (x, [.. Enumerable.Range(0, count)]);
    }

    static List<(float[] X, int[] Y, int[] Indices)> Epochs(int prefetch, int epochs = 2)
    {
        var (x, labels) = Digits();
        var batches = Batches.Of(x, labels, 8, rng: new Rng(2))
            .Augment(new Augmentation().Shift(2).Elastic(1).Noise(0.1), prefetch);
        return [.. Enumerable.Range(0, epochs).SelectMany(_ => batches)
            .Select(batch => (batch.X.ToArray<float>(), batch.Y, batch.Indices))];
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(50)]
    public void Batches_made_ahead_have_the_same_bits_in_the_same_order(int prefetch)
    {
        var (without, with) = (Epochs(0), Epochs(prefetch));
        Assert.Equal(14, with.Count);
        foreach (var (a, b) in without.Zip(with))
        {
            Assert.Equal(a.X, b.X);
            Assert.Equal(a.Y, b.Y);
            Assert.Equal(a.Indices, b.Indices);
        }
        Assert.NotEqual(with[0].X, with[7].X);
    }

    [Fact]
    public void Training_on_batches_made_ahead_gives_the_same_bits_though_layers_draw_from_the_same_generator()
    {
        static double[][] Train(int prefetch)
        {
            var (rng, (x, _)) = (new Rng(7), Digits(40));
            var model = new Sequential(new Flatten(), new Linear(64, 16, rng: rng), new Dropout(0.3, rng), new Linear(16, 4, rng: rng));
            int[] labels = [.. Enumerable.Range(0, 40).Select(i => i % 4)];
            var batches = Batches.Of(x, labels, 8, rng: rng).Augment(new Augmentation().Shift(2), prefetch);
            new Trainer<int[]>(model, new Adam(model.Parameters()), (logits, y) => Losses.CrossEntropy(logits, y))
                .Fit(batches, epochs: 3);
            return [.. model.Parameters().Select(parameter => parameter.ToDoubles())];
        }
        Assert.Equal(Train(0), Train(3));
    }

    [Fact]
    public void Changes_run_one_after_another_while_the_consumer_is_busy()
    {
        var (x, labels) = Digits();
        var (running, most, made) = (0, 0, 0);
        var batches = Batches.Of(x, labels, 5, shuffle: false).Map((images, _) =>
        {
            most = Math.Max(most, Interlocked.Increment(ref running));
            Thread.Sleep(1);
            Interlocked.Decrement(ref running);
            Interlocked.Increment(ref made);
            return images;
        }, prefetch: 3);
        using var epoch = batches.GetEnumerator();
        Assert.Equal(0, made);
        Assert.True(epoch.MoveNext());
        // Three more are made ahead, and no fourth.
        Assert.True(SpinWait.SpinUntil(() => Volatile.Read(ref made) == 4, 30_000));
        Thread.Sleep(30);
        Assert.Equal(4, Volatile.Read(ref made));
        var rest = 1;
        while (epoch.MoveNext()) rest++;
        Assert.Equal((10, 10, 1), (rest, made, most));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public void An_exception_reaches_the_consumer_at_its_batch_and_nothing_is_made_after(int prefetch)
    {
        var (x, labels) = Digits();
        var made = 0;
        var batches = Batches.Of(x, labels, 5, shuffle: false).Map((images, _) =>
        {
            if (Interlocked.Increment(ref made) == 3) throw new InvalidDataException("the third");
            return images;
        }, prefetch: prefetch);
        var seen = 0;
        var error = Assert.Throws<InvalidDataException>(() =>
        {
            foreach (var _ in batches) seen++;
        });
        Assert.Equal("the third", error.Message);
        Assert.Equal((2, 3), (seen, made));
    }

    [Fact]
    public void An_enumerator_disposed_early_makes_no_more()
    {
        var (x, labels) = Digits();
        var made = 0;
        var batches = Batches.Of(x, labels, 1).Map((images, _) =>
        {
            Interlocked.Increment(ref made);
            return images;
        }, prefetch: 4);
        foreach (var _ in batches) break;
        var after = Volatile.Read(ref made);
        Assert.InRange(after, 1, 5);
        Thread.Sleep(50);
        Assert.Equal(after, Volatile.Read(ref made));
        batches.GetEnumerator().Dispose();
        Assert.Equal(after, Volatile.Read(ref made));
    }

    [Fact]
    public void Many_abandoned_epochs_leave_no_threads()
    {
        var (x, labels) = Digits();
        var batches = Batches.Of(x, labels, 2).Map((images, _) => images, prefetch: 2);
        var before = Process.GetCurrentProcess().Threads.Count;
        // Neither disposed nor read to the end.
        for (var i = 0; i < 200; i++) Assert.True(batches.GetEnumerator().MoveNext());
        Assert.InRange(Process.GetCurrentProcess().Threads.Count - before, -100, 50);
    }

    [Fact]
    public void Maps_follow_each_other()
    {
        var (x, labels) = Digits();
        var batch = Batches.Of(x, labels, 50, shuffle: false)
            .Map((images, _) => images + 1).Map((images, _) => images * 2, prefetch: 0).Single();
        Assert.Equal(((x + 1) * 2).ToArray<float>(), batch.X.ToArray<float>());
        Assert.Throws<ArgumentOutOfRangeException>(() => Batches.Of(x, labels).Map((images, _) => images, prefetch: -1));
    }
}
