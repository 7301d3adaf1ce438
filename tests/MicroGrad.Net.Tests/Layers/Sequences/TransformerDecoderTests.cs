using static MicroGrad.Net.Tests.Numbers;

namespace MicroGrad.Net.Tests.Layers.Sequences;

public class TransformerDecoderTests
{
    const int Width = 8;

    static Tensor Random(params int[] sizes) => Tensor.Uniform(sizes, -1, 1, new Rng(4), DType.Float64);

    static TransformerDecoderLayer Layer(bool normFirst = false, bool causal = true, double dropout = 0, bool rotary = false) =>
        new(Width, 2, 16, dropout, new Gelu(), batchFirst: true, normFirst: normFirst, causal: causal, rotary: rotary,
            rng: new Rng(1), dtype: DType.Float64);

    [Fact]
    public void Parameters_have_PyTorchs_names()
    {
        var expected = from part in (string[])["self_attn", "multihead_attn"]
                       from rest in (string[])["in_proj_weight [24, 8]", "in_proj_bias [24]", "out_proj.weight [8, 8]", "out_proj.bias [8]"]
                       select $"{part}.{rest}";
        expected = expected.Concat(["linear1.weight [16, 8]", "linear1.bias [16]", "linear2.weight [8, 16]", "linear2.bias [8]"])
            .Concat(from i in (int[])[1, 2, 3] from rest in (string[])["weight", "bias"] select $"norm{i}.{rest} [8]");
        Assert.Equal(expected.Order(),
            Layer().NamedParameters().Select(named => $"{named.Name} {named.Parameter.Shape}").Order());
    }

    // Written out with what is proven by itself, beside PyTorch's numbers: attention, norms, linear layers.
    [Theory]
    [InlineData(false, true), InlineData(true, true), InlineData(false, false), InlineData(true, false)]
    public void A_block_is_attention_to_itself_then_to_the_memory_then_a_network(bool normFirst, bool causal)
    {
        var layer = Layer(normFirst, causal);
        foreach (var (index, parameter) in layer.Parameters().Index())
            parameter.Assign(Tensor.Uniform(parameter.Shape, -0.5, 0.5, new Rng((ulong)index), DType.Float64));
        var (target, memory) = (Random(2, 5, Width), Random(2, 3, Width).Sin());
        var future = Tensor.Ones([5, 5], DType.Float64).Triu(1);
        Tensor Itself(Tensor x) => layer.SelfAttn.Attend(x, x * 1, x * 1, causal ? future : null).Output;
        Tensor Other(Tensor x) => layer.MultiheadAttn.Attend(x, memory, memory).Output;
        Tensor Network(Tensor x) => layer.Linear2.Forward(layer.Linear1.Forward(x).Gelu());

        var x = target;
        if (normFirst)
        {
            x += Itself(layer.Norm1.Forward(x));
            x += Other(layer.Norm2.Forward(x));
            x += Network(layer.Norm3.Forward(x));
        }
        else
        {
            x = layer.Norm1.Forward(x + Itself(x));
            x = layer.Norm2.Forward(x + Other(x));
            x = layer.Norm3.Forward(x + Network(x));
        }
        Close(x.ToDoubles(), layer.Forward((target, memory)));
        Close(x.ToDoubles(), Layer(normFirst, causal: false).Copied(layer).Forward(target, memory, causal ? future : null));
    }

    [Fact]
    public void Masks_reach_the_attention_that_they_are_for()
    {
        var layer = Layer();
        var (target, memory) = (Random(2, 4, Width), Random(2, 3, Width).Cos());
        var plain = layer.Forward((target, memory));

        // Memory that nobody may see does not count, by either mask.
        var more = Tensor.Concat([memory, Random(2, 2, Width) * 100], axis: 1);
        var (hidden, rows) = (Tensor.From([5], [0.0, 0, 0, 1, 1]), Tensor.Ones([4, 1], DType.Float64));
        Close(plain.ToDoubles(), layer.Forward(target, more, memoryMask: rows * hidden));
        Close(plain.ToDoubles(), layer.Forward(target, more, memoryPaddingMask: hidden.Expand([2, 5])));
        Assert.NotEqual(plain.ToDoubles(), layer.Forward((target, more)).ToDoubles());

        // Steps of the target that nobody may see change no other, but those that see only themselves.
        var first = Tensor.From([4], [1.0, 0, 0, 0]);
        var changed = Tensor.Concat([target[.., ..1] * 100, target[.., 1..]], axis: 1);
        foreach (var (a, b) in (ReadOnlySpan<(Tensor, Tensor)>)[
            (layer.Forward(target, memory, targetPaddingMask: first.Expand([2, 4])), layer.Forward(changed, memory, targetPaddingMask: first.Expand([2, 4]))),
            (layer.Forward(target, memory, targetMask: rows * first), layer.Forward(changed, memory, targetMask: rows * first))])
        {
            Close(a[.., 1..].ToDoubles(), b[.., 1..]);
            Assert.NotEqual(plain[.., 1..].ToDoubles(), a[.., 1..].ToDoubles());
        }
    }

    [Fact]
    public void Layouts_differ_in_nothing_but_the_axes_and_dropout_ends_with_training()
    {
        var layer = Layer(dropout: 0.5);
        var (target, memory) = (Random(2, 4, Width), Random(2, 3, Width).Cos());
        Assert.NotEqual(layer.Forward((target, memory)).ToDoubles(), layer.Forward((target, memory)).ToDoubles());
        layer.Eval();
        var timeFirst = new TransformerDecoderLayer(Width, 2, 16, 0.5, new Gelu(), dtype: DType.Float64).Copied(layer).Eval();
        Close(layer.Forward((target, memory)).ToDoubles(),
            timeFirst.Forward((target.Transpose(0, 1), memory.Transpose(0, 1))).Transpose(0, 1));
        Close(layer.Forward((target, memory)).ToDoubles(), Layer().Copied(layer).Predict((target, memory)));
    }

    [Fact]
    public void It_learns_from_the_memory()
    {
        var layer = new TransformerDecoderLayer(Width, 2, 16, 0, batchFirst: true, normFirst: true, rng: new Rng(2));
        var optimizer = new Adam(layer.Parameters(), 0.01);
        var (target, memory) = (Random(4, 3, Width).To(DType.Float32), Random(4, 3, Width).Sin().To(DType.Float32));
        Tensor Loss() => Losses.MeanSquaredError(layer.Forward((target, memory)), memory.Flip(1));
        var before = Loss().Item();
        for (var step = 0; step < 100; step++)
        {
            optimizer.ZeroGrad();
            Loss().Backward();
            optimizer.Step();
        }
        Assert.True(Loss().Item() < before / 10, $"{before} -> {Loss().Item()}");
    }
}

static class Copies
{
    /// <summary>The module with the parameters of another.</summary>
    public static T Copied<T>(this T module, T other) where T : ModuleBase
    {
        foreach (var ((_, to), (_, from)) in module.NamedParameters().Zip(other.NamedParameters())) to.Assign(from);
        return module;
    }
}
