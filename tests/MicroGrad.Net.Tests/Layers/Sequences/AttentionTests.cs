using static MicroGrad.Net.Tests.Numbers;

namespace MicroGrad.Net.Tests.Layers.Sequences;

public class AttentionTests
{
    static Tensor Random(params int[] sizes) => Tensor.Uniform(sizes, -1, 1, new Rng(4), DType.Float64);

    static T Double<T>(T layer) where T : Module
    {
        layer.To(DType.Float64);
        return layer;
    }

    static Tensor Mask(Shape shape, params double[] values) => Tensor.From(shape, values);

    [Fact]
    public void Parameters_have_PyTorchs_names_and_start()
    {
        var layer = new TransformerEncoderLayer(8, 2, 16);
        Assert.Equal(
            ["self_attn.in_proj_weight [24, 8]", "self_attn.in_proj_bias [24]", "self_attn.out_proj.weight [8, 8]",
                "self_attn.out_proj.bias [8]", "linear1.weight [16, 8]", "linear1.bias [16]", "linear2.weight [8, 16]",
                "linear2.bias [8]", "norm1.weight [8]", "norm1.bias [8]", "norm2.weight [8]", "norm2.bias [8]"],
            layer.NamedParameters().Select(named => $"{named.Name} {named.Parameter.Shape}").OrderBy(name => name[0] == 'n' ? 2 : name[0] == 'l' ? 1 : 0));
        Assert.All(layer.SelfAttn.InProjBias!.ToDoubles().Concat(layer.SelfAttn.OutProj.Bias!.ToDoubles()), value => Assert.Equal(0, value));
        Assert.InRange(layer.SelfAttn.InProjWeight.Abs().Max().Item(), 0.35, Math.Sqrt(6.0 / 32));
        Assert.Equal(["in_proj_weight", "out_proj.weight"],
            new MultiheadAttention(4, 2, bias: false).NamedParameters().Select(named => named.Name));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Causal_attention_depends_on_nothing_later(bool rotary)
    {
        var layer = Double(new MultiheadAttention(8, 2, batchFirst: true, causal: true, rotary: rotary));
        for (var t = 0; t < 5; t++)
        {
            var x = Leaf(Random(1, 5, 8));
            layer.Forward(x)[0, t].Sum().Backward();
            var slopes = x.Grad!.Abs().Sum(-1).ToDoubles();
            Assert.All(slopes[..(t + 1)], slope => Assert.True(slope > 0));
            Assert.All(slopes[(t + 1)..], slope => Assert.Equal(0, slope));
        }
    }

    // Sizes about a block's and a vector's.
    [Theory]
    [InlineData(1, 1, 1, 1), InlineData(31, 33, 3, 2), InlineData(32, 32, 8, 8), InlineData(70, 45, 5, 9), InlineData(33, 80, 4, 4)]
    public void Attention_in_one_op_is_its_composed_form(int queries, int keys, int width, int outputs)
    {
        foreach (var causal in (bool[])[false, true])
        {
            Tensor[] inputs = [Leaf(Random(2, queries, width) * 3), Leaf(Random(2, keys, width) * 3), Leaf(Random(2, keys, outputs))];
            Tensor Attention() => Tensor.Attention(inputs[0], inputs[1], inputs[2], causal: causal);
            var composed = Tensor.AttentionWeights(inputs[0], inputs[1], causal: causal).MatMul(inputs[2]);
            Close(composed.ToDoubles(), Attention());
            using (Gradients.Off()) Close(composed.ToDoubles(), Attention());
            Agree(Attention, inputs, Random(2, queries, outputs));
        }
    }

    [Theory]
    [InlineData(false), InlineData(true)]
    public void Heads_side_by_side_are_those_cut_apart(bool causal)
    {
        var x = Leaf(Random(3, 40, 24));
        var parts = x.Reshape(3, 40, 3, 2, 4).Permute(2, 0, 3, 1, 4).Unstack();
        var apart = Tensor.Attention(parts[0], parts[1], parts[2], causal: causal).Transpose(1, 2).Reshape(3, 40, 8);
        Close(apart.ToDoubles(), x.SelfAttention(heads: 2, causal));
        Agree(() => x.SelfAttention(heads: 2, causal), [x], Random(3, 40, 8));
        Assert.Equal([3, 0, 2], Tensor.Zeros([3, 0, 6]).SelfAttention(heads: 2, causal).Shape);
    }

    static void Agree(Func<Tensor> function, Tensor[] inputs, Tensor seed)
    {
        var fused = Gradients.Of(function(), inputs, seed: seed);
        var recorded = Gradients.Of(function(), inputs, createGraph: true, seed: seed);
        foreach (var (fast, slow) in fused.Zip(recorded)) Close(slow.ToDoubles(), fast);
    }

    [Fact]
    public void A_NaN_reaches_every_query_that_sees_it()
    {
        var x = Tensor.Ones([1, 50, 6]).ToArray<float>();
        x[20 * 6 + 2] = float.NaN;      // in a key of step 20
        var rows = Tensor.From([1, 50, 6], x).SelfAttention(heads: 1, causal: true)[0].Sum(-1).ToDoubles();
        Assert.Equal(Enumerable.Range(0, 50).Select(step => step >= 20), rows.Select(double.IsNaN));
    }

    [Fact]
    public void Padding_changes_nothing_for_the_others()
    {
        var layer = Double(new TransformerEncoderLayer(4, 2, 8, dropout: 0, batchFirst: true));
        var x = Random(2, 3, 4);
        var padded = Tensor.Concat([x, Random(2, 2, 4) * 100], axis: 1);
        var mask = Mask([2, 5], 0, 0, 0, 1, 1, 0, 0, 0, 1, 1);
        Close(layer.Forward(x).ToDoubles(), layer.Forward(padded, mask: null, paddingMask: mask)[.., ..3]);
    }

    [Fact]
    public void A_query_that_may_see_no_key_gets_zeros_and_no_NaN()
    {
        var (query, key, value) = (Leaf(Random(2, 3)), Leaf(Random(4, 3)), Leaf(Random(4, 2)));
        var mask = Mask([2, 4], 1, 1, 1, 1, 0, 1, 0, 0);
        Assert.Equal([0, 0, 0, 0], Tensor.AttentionWeights(query, key, mask)[0].ToDoubles());
        Assert.Equal(1, Tensor.AttentionWeights(query, key, mask)[1].Sum().Item(), 1e-12);
        var output = Tensor.Attention(query, key, value, mask);
        Assert.Equal([0, 0], output[0].ToDoubles());
        output.Square().Sum().Backward();
        Assert.Equal([0, 0, 0], query.Grad![0].ToDoubles());
        Assert.Equal([0, 0, 0], key.Grad![1].ToDoubles());
        Assert.All(key.Grad!.ToDoubles().Concat(value.Grad!.ToDoubles()), slope => Assert.True(double.IsFinite(slope)));

        var (all, weights) = new MultiheadAttention(2, 1).Attend(Tensor.Ones([3, 1, 2]), Tensor.Ones([3, 1, 2]),
            Tensor.Ones([3, 1, 2]), paddingMask: Tensor.Ones([1, 3]));
        Assert.All(all.ToDoubles().Concat(weights.ToDoubles()), number => Assert.Equal(0, number));
    }

    [Fact]
    public void Masks_of_all_ranks_and_of_any_number_type_mean_the_same()
    {
        var layer = Double(new MultiheadAttention(4, 2, batchFirst: true));
        var x = Random(2, 3, 4);
        var mask = Mask([3, 3], 0, 1, 0, 0, 0, 5, 1, 0, 0);
        var expected = layer.Attend(x, x, x, mask).Output.ToDoubles();
        Close(expected, layer.Attend(x, x, x, mask.To(DType.Float32)).Output);
        Close(expected, layer.Attend(x, x, x, mask.Expand([2, 3, 3])).Output);
        Close(expected, layer.Attend(x, x, x, mask.Expand([2, 2, 3, 3])).Output);
        Close(expected, layer.Attend(x, x, x, scoreBias: Tensor.Where(mask, double.NegativeInfinity, Random(1) * 0)).Output);
        Close(expected, layer.Attend(x, x, x, mask, paddingMask: Tensor.Zeros([2, 3])).Output);
        // Query, key and value projected apart or at once.
        Close(expected, layer.Attend(x, x * 1, x * 1, mask).Output);
    }

    [Fact]
    public void Weights_come_averaged_or_for_each_head()
    {
        var layer = new MultiheadAttention(4, 2);
        var (q, k) = (Tensor.Ones([3, 5, 4]), Tensor.Ones([6, 5, 4]));
        var (output, mean) = layer.Attend(q, k, k);
        Assert.Equal([3, 5, 4], output.Shape);
        Equal([5, 3, 6], [.. Enumerable.Repeat((double)(1f / 6), 90)], mean);
        Assert.Equal([5, 2, 3, 6], layer.Attend(q, k, k, averageWeights: false).Weights.Shape);
    }

    [Fact]
    public void Layouts_differ_in_nothing_but_the_axes()
    {
        var x = Random(2, 5, 4);
        var first = Double(new MultiheadAttention(4, 2, batchFirst: true, rotary: true, rng: new Rng(1))).Forward(x);
        var second = Double(new MultiheadAttention(4, 2, rotary: true, rng: new Rng(1))).Forward(x.Transpose(0, 1));
        Close(first.ToDoubles(), second.Transpose(0, 1));
    }

    [Fact]
    public void Dropout_works_in_training_only_and_by_the_seed()
    {
        TransformerEncoderLayer Make() => Double(new TransformerEncoderLayer(4, 2, 8, dropout: 0.5, rng: new Rng(2)));
        var (layer, x) = (Make(), Random(5, 2, 4));
        var training = layer.Forward(x);
        Assert.NotEqual(training.ToDoubles(), layer.Forward(x).ToDoubles());
        SameBits(training, Make().Forward(x));
        layer.Eval();
        SameBits(layer.Forward(x), layer.Forward(x));

        var attention = new MultiheadAttention(4, 2, dropout: 0.5, rng: new Rng(3));
        Assert.Contains(0.0, attention.Attend(Tensor.Ones([3, 2, 4]), Tensor.Ones([3, 2, 4]), Tensor.Ones([3, 2, 4]), averageWeights: false).Weights.ToDoubles());
    }

    [Fact]
    public void Rotary_products_depend_on_the_distance_only()
    {
        var (a, b) = (Random(1, 8), Tensor.Uniform([1, 8], -1, 1, new Rng(5), DType.Float64));
        double Product(int at, int other) => (a.RotaryPositions(at) * b.RotaryPositions(other)).Sum().Item();
        Assert.Equal(Product(0, 3), Product(9, 12), 1e-12);
        Assert.NotEqual(Product(0, 3), Product(0, 4), 1e-3);
        Close(a.ToDoubles(), a.RotaryPositions());
        Close([.. a.RotaryPositions(7).ToDoubles()], Tensor.Concat([Random(7, 8), a]).RotaryPositions()[7..]);
        Assert.Equal(a.Square().Sum().Item(), a.RotaryPositions(5).Square().Sum().Item(), 1e-12);
    }

    [Fact]
    public void Sinusoidal_positions_are_those_of_the_paper()
    {
        var table = new SinusoidalPositions(5).Forward(Tensor.Zeros([3, 5], DType.Float64)).ToDoubles();
        for (var t = 0; t < 3; t++)
            for (var i = 0; i < 5; i++)
            {
                var angle = t / Math.Pow(10000, 2 * (i / 2) / 5.0);
                Assert.Equal(i % 2 == 0 ? Math.Sin(angle) : Math.Cos(angle), table[t * 5 + i], 1e-14);
            }
        var x = Random(3, 2, 4);
        Close(new SinusoidalPositions(4).Forward(x).Transpose(0, 1).ToDoubles(),
            new SinusoidalPositions(4, batchFirst: true).Forward(x.Transpose(0, 1)));
    }

    [Fact]
    public void Learned_positions_are_added_to_every_sequence()
    {
        var layer = new LearnedPositions(4, 2, batchFirst: true);
        Assert.Equal(["weight"], layer.NamedParameters().Select(named => named.Name));
        var sum = layer.Forward(Tensor.Ones([3, 2, 2]));
        Close([.. layer.Weight[..2].ToDoubles().Select(value => value + 1)], sum[2], 1e-6);
        sum.Sum().Backward();
        Equal([4, 2], [3, 3, 3, 3, 0, 0, 0, 0], layer.Weight.Grad);
    }

    [Fact]
    public void Errors_say_what_is_wrong()
    {
        var layer = new MultiheadAttention(4, 2, batchFirst: true, causal: true);
        Assert.Equal("MultiheadAttention(4, 2 heads, causal) expects [batch, steps, 4] but got [3, 5].",
            Message<ShapeException>(() => layer.Forward(Tensor.Zeros([3, 5]))));
        var x = Tensor.Zeros([2, 3, 4]);
        Assert.Contains("expects a padding mask [2, 3] (batch, keys) but got [3, 2]",
            Message<ShapeException>(() => layer.Attend(x, x, x, paddingMask: Tensor.Zeros([3, 2])).Output));
        Assert.Contains("must have the same batch",
            Message<ShapeException>(() => layer.Attend(x, Tensor.Zeros([1, 3, 4]), Tensor.Zeros([1, 3, 4])).Output));
        Assert.Contains("attention: the mask is [3, 2], but must broadcast to [2, 2, 3, 3]",
            Message<ShapeException>(() => layer.Attend(x, x, x, Tensor.Zeros([3, 2])).Output));
        Assert.Equal("MultiheadAttention: 3 heads do not divide a width of 4.", Message<ArgumentException>(() => new MultiheadAttention(4, 3)));
        Assert.Contains("an even width of heads", Message<ArgumentException>(() => new MultiheadAttention(3, 3, rotary: true)));
        Assert.Contains("at most 4 steps but got [5, 2]", Message<ShapeException>(() => new LearnedPositions(4, 2).Forward(Tensor.Zeros([5, 2]))));
        Assert.Contains("with an even width, but got [2, 3]", Message<ShapeException>(() => Tensor.Zeros([2, 3]).RotaryPositions()));
        Assert.Equal("self-attention: expects [samples, steps, 3 times the width of 2 heads], but got [2, 3, 9].",
            Message<ShapeException>(() => Tensor.Zeros([2, 3, 9]).SelfAttention(heads: 2)));
        Assert.Contains("heads is 0", Message<ArgumentOutOfRangeException>(() => Tensor.Zeros([2, 3, 9]).SelfAttention(heads: 0)));
        Assert.Contains("attention: expects queries", Message<ShapeException>(() => Tensor.AttentionWeights(Tensor.Zeros([2, 3]), Tensor.Zeros([2, 4]))));
    }

    [Fact]
    public void Items_along_an_axis_come_apart_and_together()
    {
        var x = Random(2, 5, 3);
        var items = x.Unstack(1);
        Assert.Equal(5, items.Length);
        for (var i = 0; i < 5; i++) SameBits(x[.., i], items[i]);
        SameBits(x, Tensor.Stack(items, axis: 1));
        Assert.Empty(Tensor.Zeros([0, 2]).Unstack());
        Assert.Contains("unstack", Message<ShapeException>(() => x.Unstack(3)));
    }
}
