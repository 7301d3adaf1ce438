namespace MicroGrad.Net.Tests;

public class SequenceBatchesTests
{
    static readonly int[] s_tokens = [.. Enumerable.Range(100, 32)];

    [Theory]
    [InlineData(5, 4, 6, 2)]
    [InlineData(31, 4, 1, 1)]
    [InlineData(1, 10, 31, 4)]
    public void Sequential_windows_lie_end_to_end(int length, int size, int windows, int count)
    {
        var batches = Batches.OfSequence(s_tokens, length, size, random: false);
        Assert.Equal((windows, count), (batches.WindowCount, batches.Count));
        var all = batches.ToArray();
        Assert.Equal(count, all.Length);
        Assert.Equal(s_tokens[..(windows * length)], all.SelectMany(batch => batch.X));
        Assert.Equal(s_tokens[1..(windows * length + 1)], all.SelectMany(batch => batch.Y));
        Assert.All(all, batch => Assert.Equal(Shape.Of(batch.Count, length), batch.Shape));
        Assert.All(all[..^1], batch => Assert.Equal(size, batch.Count));
    }

    [Fact]
    public void Random_windows_start_anywhere_and_repeat_per_seed()
    {
        static int[] Starts(SequenceBatches batches, int epochs) =>
            [.. Enumerable.Range(0, epochs).SelectMany(_ => batches).SelectMany(batch => batch.Starts)];
        var starts = Starts(Batches.OfSequence(s_tokens, 5, 4, rng: new Rng(1)), 100);
        Assert.Equal(600, starts.Length);
        Assert.Equal(Enumerable.Range(0, 27), starts.Distinct().Order());
        Assert.Equal(starts, Starts(Batches.OfSequence(s_tokens, 5, 4, rng: new Rng(1)), 100));
        foreach (var (x, y) in Batches.OfSequence(s_tokens, 5, 4, rng: new Rng(2)))
            for (var i = 0; i < x.Length; i++)
            {
                Assert.Equal(x[i] + 1, y[i]);
                if (i % 5 > 0) Assert.Equal(x[i - 1] + 1, x[i]);
            }
    }

    [Fact]
    public void The_last_batch_can_be_left_out_and_bad_arguments_are_named()
    {
        Assert.Equal([4], Batches.OfSequence(s_tokens, 5, 4, random: false, dropLast: true).Select(batch => batch.Count));
        Assert.Contains("32 tokens have no window of 32",
            Assert.Throws<ArgumentException>(() => Batches.OfSequence(s_tokens, 32)).Message);
        Assert.Throws<ArgumentOutOfRangeException>(() => Batches.OfSequence(s_tokens, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => Batches.OfSequence(s_tokens, 4, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => Batches.OfSequence(s_tokens, 5, 7, dropLast: true));
        Assert.Throws<ArgumentException>(() => Batches.OfSequence([], 1));
    }

    [Fact]
    public void A_trainer_learns_from_tokens_by_a_forward_of_its_own()
    {
        // 0 1 2 3 0 1 2 3 …: what follows a token is certain.
        int[] tokens = [.. Enumerable.Range(0, 200).Select(i => i % 4)];
        var table = new Linear(4, 4, rng: new Rng(1));
        var trainer = new Trainer<int[], Tensor, int[]>(table, new Adam(table.Parameters(), 0.1),
            ids => table.Forward(Tensor.Eye(4).Select(ids)), (logits, labels) => Losses.CrossEntropy(logits, labels))
        { Metrics = { { "accuracy", Metrics.Accuracy } } };
        var history = trainer.Fit(Batches.OfSequence(tokens, 6, 8, rng: new Rng(2)), Batches.OfSequence(tokens, 10, random: false), epochs: 20);
        Assert.Equal(1, history.Last["validation accuracy"]);
        Assert.True(history.Last["validation loss"] < 0.2);
    }
}
