namespace MicroGrad.Net.Tests.Kernels;

/// <summary>Tests that change settings of the whole process, or need its threads to themselves, run alone.</summary>
[CollectionDefinition(nameof(ProcessSettings), DisableParallelization = true)]
public sealed class ProcessSettings;

[Collection(nameof(ProcessSettings))]
public sealed class WorkTests : IDisposable
{
    readonly int _threads = Work.Threads;

    public void Dispose() => Work.Threads = _threads;

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 1)]
    [InlineData(7, 3)]
    [InlineData(9, 3)]
    [InlineData(1000, 7)]
    public void The_chunks_are_the_same_for_any_number_of_threads(int count, int grain)
    {
        var expected = Enumerable.Range(0, (count + grain - 1) / grain)
            .Select(i => (i * grain, Math.Min((i + 1) * grain, count)));
        foreach (var threads in new[] { 1, 2, 4, 9 })
        {
            Work.Threads = threads;
            var chunks = new List<(int, int)>();
            Work.Split(count, grain, (low, high) =>
            {
                lock (chunks) chunks.Add((low, high));
            });
            Assert.Equal(expected, chunks.Order());
        }
    }

    [Fact]
    public void A_range_up_to_the_largest_integer_does_not_overflow()
    {
        Work.Threads = 2;
        long sum = 0;
        Work.Split(int.MaxValue, 1_000_000_000, (low, high) => Interlocked.Add(ref sum, (long)high - low));
        Assert.Equal(int.MaxValue, sum);
    }

    [Fact]
    public void One_chunk_stays_on_the_callers_thread()
    {
        Work.Threads = 4;
        var thread = 0;
        Work.Split(10, 10, (_, _) => thread = Environment.CurrentManagedThreadId);
        Assert.Equal(Environment.CurrentManagedThreadId, thread);
    }

    [Fact]
    public void Several_threads_take_part()
    {
        Work.Threads = 3;
        using var together = new Barrier(3);
        Work.Split(3, 1, (_, _) => Assert.True(together.SignalAndWait(TimeSpan.FromSeconds(20))));
    }

    [Fact]
    public void No_more_threads_take_part_than_allowed()
    {
        Work.Threads = 4;
        Work.Split(100, 1, (_, _) => Thread.Yield());
        Work.Threads = 2;
        var seen = new HashSet<int>();
        Work.Split(200, 1, (_, _) =>
        {
            Thread.Sleep(0);
            lock (seen) seen.Add(Environment.CurrentManagedThreadId);
        });
        Assert.InRange(seen.Count, 1, 2);
    }

    [Fact]
    public void Helpers_that_fell_asleep_are_woken()
    {
        Work.Threads = 2;
        for (var round = 0; round < 5; round++)
        {
            using var together = new Barrier(2);
            Work.Split(2, 1, (_, _) => Assert.True(together.SignalAndWait(TimeSpan.FromSeconds(20))));
            Thread.Sleep(20);
        }
    }

    [Fact]
    public void A_split_within_a_split_runs_every_chunk()
    {
        Work.Threads = 4;
        var hits = new int[8 * 8];
        Work.Split(8, 1, (i, _) => Work.Split(8, 1, (j, _) => Interlocked.Increment(ref hits[i * 8 + j])));
        Assert.All(hits, hit => Assert.Equal(1, hit));
    }

    [Fact]
    public async Task Many_callers_at_once_all_get_their_work_done()
    {
        Work.Threads = 4;
        var callers = Enumerable.Range(0, 6).Select(_ => Task.Factory.StartNew(
            () =>
            {
                for (var round = 0; round < 2000; round++)
                {
                    var sum = 0;
                    Work.Split(20, 3, (low, high) => Interlocked.Add(ref sum, high - low));
                    Assert.Equal(20, sum);
                }
            },
            TestContext.Current.CancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default));
        await Task.WhenAll(callers).WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void An_exception_reaches_the_caller_and_the_pool_works_on(int threads)
    {
        Work.Threads = threads;
        for (var round = 0; round < 20; round++)
        {
            var error = Assert.Throws<InvalidOperationException>(() => Work.Split(50, 1, (low, _) =>
            {
                if (low == 17) throw new InvalidOperationException("chunk 17");
            }));
            Assert.Equal("chunk 17", error.Message);
        }

        var sum = 0;
        Work.Split(50, 1, (low, high) => Interlocked.Add(ref sum, high - low));
        Assert.Equal(50, sum);
    }

    [Fact]
    public void Senseless_arguments_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Work.Threads = 0);
        Assert.Throws<ArgumentOutOfRangeException>(() => Work.Split(-1, 1, (_, _) => { }));
        Assert.Throws<ArgumentOutOfRangeException>(() => Work.Split(1, 0, (_, _) => { }));
    }
}
