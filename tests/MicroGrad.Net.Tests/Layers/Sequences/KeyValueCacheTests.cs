using static MicroGrad.Net.Tests.Numbers;

namespace MicroGrad.Net.Tests.Layers.Sequences;

/// <summary>Step by step with a cache, the same as all at once.</summary>
public class KeyValueCacheTests
{
    const int Width = 8;

    static Tensor Random(params int[] sizes) => Tensor.Uniform(sizes, -1, 1, new Rng(4), DType.Float64);

    // Prompts of several steps and single ones.
    static readonly int[][] s_pieces = [[1, 1, 1, 1, 1, 1], [3, 1, 2], [6]];

    static Tensor Stepwise(Tensor x, int[] pieces, Func<Tensor, KeyValueCache, Tensor> step, int axis = 1)
    {
        var (cache, results, start) = (new KeyValueCache(), new List<Tensor>(), 0);
        foreach (var count in pieces)
        {
            Assert.Equal(start, cache.Length);
            var piece = axis == 1 ? x[.., start..(start + count)] : x[start..(start + count)];
            // What a scope gives back must not be what the cache holds.
            using (new StepScope()) results.Add(step(piece, cache).Keep());
            start += count;
        }
        Assert.Equal(start, cache.Length);
        return Tensor.Concat([.. results], axis);
    }

    [Theory]
    [InlineData(false, false), InlineData(true, false), InlineData(false, true), InlineData(true, true)]
    public void Attention_step_by_step_is_that_of_the_whole(bool rotary, bool batchFirst)
    {
        var layer = new MultiheadAttention(Width, 2, batchFirst: batchFirst, causal: true, rotary: rotary, dtype: DType.Float64);
        var x = batchFirst ? Random(2, 6, Width) : Random(6, 2, Width);
        var whole = layer.Forward(x).ToDoubles();
        foreach (var pieces in s_pieces)
            Close(whole, Stepwise(x, pieces, (piece, cache) => layer.Attend(piece, piece, piece, cache: cache).Output, batchFirst ? 1 : 0));
    }

    [Fact]
    public void A_whole_model_step_by_step_is_that_of_the_whole()
    {
        var blocks = Enumerable.Range(0, 2).Select(_ => new TransformerEncoderLayer(
            Width, 2, 16, batchFirst: true, causal: true, rotary: true, dtype: DType.Float64).Eval()).ToArray();
        var (learned, waves) = (new LearnedPositions(6, Width, true, dtype: DType.Float64), new SinusoidalPositions(Width, true));
        var x = Random(2, 6, Width);
        Tensor Placed(Tensor x, int start) => waves.Forward(learned.Forward(x, start), start);
        var whole = blocks.Aggregate(waves.Forward(learned.Forward(x)), (x, block) => block.Forward(x)).ToDoubles();
        foreach (var pieces in s_pieces)
            Close(whole, Stepwise(x, pieces, (piece, cache) => blocks.Aggregate(Placed(piece, cache.Length),
                (x, block) => block.Forward(x, mask: null, cache: cache))));
    }

    [Fact]
    public void A_decoder_step_by_step_is_that_of_the_whole()
    {
        var blocks = Enumerable.Range(0, 2).Select(_ => new TransformerDecoderLayer(
            Width, 2, 16, batchFirst: true, normFirst: true, dtype: DType.Float64).Eval()).ToArray();
        var (x, memory) = (Random(2, 6, Width), Random(2, 3, Width).Cos());
        var padding = Tensor.From([2, 3], [0.0, 0, 0, 0, 0, 1]);
        var whole = blocks.Aggregate(x, (x, block) => block.Forward(x, memory, memoryPaddingMask: padding)).ToDoubles();
        foreach (var pieces in s_pieces)
            Close(whole, Stepwise(x, pieces, (piece, cache) => blocks.Aggregate(piece,
                (x, block) => block.Forward(x, memory, memoryPaddingMask: padding, cache: cache))));
    }

    [Fact]
    public void The_memory_is_projected_once_and_again_when_it_is_another()
    {
        var layer = new MultiheadAttention(Width, 2, batchFirst: true, dtype: DType.Float64);
        var (x, memory, other) = (Random(1, 2, Width), Random(1, 3, Width), Random(1, 3, Width).Sin());
        var cache = new KeyValueCache();
        Tensor Attended(Tensor memory) => layer.Attend(x, memory, memory, cache: cache).Output;
        var first = Attended(memory);
        layer.InProjWeight.Assign(Tensor.Concat([layer.InProjWeight[..Width], layer.InProjWeight[Width..] * 2]));
        SameBits(first, Attended(memory));
        Close(layer.Attend(x, other, other).Output.ToDoubles(), Attended(other));
        Assert.Equal(0, cache.Length);
        cache.Clear();
        Close(layer.Attend(x, memory, memory).Output.ToDoubles(), Attended(memory));
    }

    [Fact]
    public void Padding_at_the_start_is_seen_by_no_step()
    {
        var layer = new MultiheadAttention(Width, 2, batchFirst: true, causal: true, dtype: DType.Float64);
        var x = Random(1, 4, Width);
        var (padded, cache) = (Tensor.Concat([x[.., ..2] * 50, x], axis: 1), new KeyValueCache());
        Tensor Padding(int steps) => (Tensor.Arange(steps, DType.Float64) < 2).Unsqueeze(0);
        var (first, last) = (padded[.., ..5], padded[.., 5..]);
        layer.Attend(first, first, first, paddingMask: Padding(5), cache: cache);
        Close(layer.Forward(x)[.., 3..].ToDoubles(), layer.Attend(last, last, last, paddingMask: Padding(6), cache: cache).Output);
    }

    [Fact]
    public void What_the_cache_holds_is_off_the_tape()
    {
        var layer = new MultiheadAttention(Width, 2, batchFirst: true, causal: true, dtype: DType.Float64);
        var (cache, first, second) = (new KeyValueCache(), Leaf(Random(1, 2, Width)), Leaf(Random(1, 1, Width)));
        layer.Attend(first, first, first, cache: cache);
        layer.Attend(second, second, second, cache: cache).Output.Sum().Backward();
        Assert.Null(first.Grad);
        Assert.NotNull(second.Grad);
    }

    [Fact]
    public void A_later_start_sees_more_keys()
    {
        var (q, k, v) = (Random(2, 40, 4), Random(2, 70, 4).Sin(), Random(2, 70, 3).Cos());
        var whole = Tensor.Attention(Tensor.Concat([k[.., ..30], q], axis: 1), k, v, causal: true)[.., 30..].ToDoubles();
        Close(whole, Tensor.Attention(q, k, v, causal: true, start: 30));
        Close(whole, Tensor.AttentionWeights(q, k, causal: true, start: 30).MatMul(v));
        Close(Tensor.Attention(q, k, v).ToDoubles(), Tensor.Attention(q, k, v, causal: true, start: int.MaxValue));
        Close(Tensor.Attention(q, k, v).ToDoubles(), Tensor.Attention(q, k, v, Tensor.Zeros([70]), causal: true, start: int.MaxValue));
    }

    [Fact]
    public void A_scale_stands_before_the_products()
    {
        var (q, k, v) = (Leaf(Random(2, 5, 4)), Leaf(Random(2, 6, 4).Sin()), Leaf(Random(2, 6, 3).Cos()));
        var expected = (q * 0.7).MatMul(k, transposeRight: true).Softmax().MatMul(v);
        Close(expected.ToDoubles(), Tensor.Attention(q, k, v, scale: 0.7));
        Close(expected.ToDoubles(), Tensor.Attention(q, k, v, Tensor.Zeros([6]), scale: 0.7));
        Close(Tensor.Attention(q, k, v).ToDoubles(), Tensor.Attention(q, k, v, scale: 0.5));
        foreach (var (a, b) in Gradients.Of(expected.Square().Sum(), [q, k, v])
            .Zip(Gradients.Of(Tensor.Attention(q, k, v, scale: 0.7).Square().Sum(), [q, k, v]))) Close(a.ToDoubles(), b);
        var x = Random(2, 5, 12);
        Assert.NotEqual(x.SelfAttention(2).ToDoubles(), x.SelfAttention(2, scale: 0.7).ToDoubles());
        Close((x * Tensor.Concat([Tensor.Full([4], 0.7 * Math.Sqrt(2), DType.Float64), Tensor.Ones([8], DType.Float64)]))
            .SelfAttention(2).ToDoubles(), x.SelfAttention(2, scale: 0.7));
    }

    [Fact]
    public void A_cache_of_which_one_layer_is_ahead_is_refused()
    {
        MultiheadAttention[] layers = [.. Enumerable.Range(0, 2).Select(_ => new MultiheadAttention(Width, 2, causal: true, dtype: DType.Float64))];
        var (cache, x) = (new KeyValueCache(), Random(1, 2, Width));
        void Attend(int layer) => layers[layer].Attend(x, x, x, cache: cache);
        Attend(0);
        Attend(1);
        Attend(0);      // and then a call fails, so that the other layer does not see this step
        Assert.Contains("the cache holds 2 steps of this layer, but 1 of another: a call before failed on its way. Clear() it",
            Assert.Throws<InvalidOperationException>(() => Attend(0)).Message);
        cache.Clear();
        Attend(0);
        Attend(1);
        Assert.Equal(1, cache.Length);
    }

    [Fact]
    public void Errors_say_what_to_do()
    {
        var (cache, x) = (new KeyValueCache(), Tensor.Zeros([2, 3, 4]));
        var causal = new MultiheadAttention(4, 2, batchFirst: true, causal: true);
        var all = new MultiheadAttention(4, 2, batchFirst: true);
        Assert.Equal("MultiheadAttention(4, 2 heads): the steps in a cache were computed without those that come now, which is right "
            + "for causal attention only: make the layer with causal: true.",
            Message<ArgumentException>(() => all.Attend(x, x, x, cache: cache).Output));
        Assert.Contains("if the steps attend to themselves, pass one tensor for all three",
            Message<ArgumentException>(() => causal.Attend(x, x * 1, x * 1, cache: cache).Output));
        causal.Attend(x, x, x, cache: cache);
        var one = Tensor.Zeros([1, 1, 4]);
        Assert.Contains("the cache holds steps of 2 sequences, but got 1: Clear() it before another batch.",
            Message<ShapeException>(() => causal.Attend(one, one, one, cache: cache).Output));
        Assert.Contains("expects a padding mask [2, 6] (batch, keys) but got [2, 3]",
            Message<ShapeException>(() => causal.Attend(x, x, x, paddingMask: Tensor.Zeros([2, 3]), cache: cache).Output));
        Assert.Contains("scale is 0, but must be positive", Message<ArgumentOutOfRangeException>(() => Tensor.Attention(x, x, x, scale: 0)));
        Assert.Contains("start is -1, but must be at least 0", Message<ArgumentOutOfRangeException>(() => Tensor.AttentionWeights(x, x, start: -1)));
        Assert.Contains("at most 4 steps, of which 2 went before, but got [3, 2]",
            Message<ShapeException>(() => new LearnedPositions(4, 2).Forward(Tensor.Zeros([3, 2]), 2)));
        Assert.Contains("start is -1, but must be at least 0",
            Message<ArgumentOutOfRangeException>(() => new SinusoidalPositions(2).Forward(Tensor.Zeros([3, 2]), -1)));
    }
}
