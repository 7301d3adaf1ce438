using static MicroGrad.Net.Tests.Proof.Shapes;

namespace MicroGrad.Net.Tests.Proof;

// Embeddings, recurrent layers, attention and positions.
static partial class GradientTable
{
    /// <summary>Small enough that a softmax does not saturate, where differences would be inexact.</summary>
    static readonly Draw Mild = Draws.Between(-0.7, 0.7);

    /// <summary>Everything positive: a rectified state stays away from its kink.</summary>
    static readonly Draw AllPositive = Draws.Between(0.1, 0.6);

    static IEnumerable<GradientRow> Sequences =>
    [
        Row("Unstack", "Nab", x => Tensor.Stack(x.Unstack(), axis: 1)),
        Row("Unstack: last axis", "abN", x => Tensor.Stack(x.Unstack(-1))),

        Row("Attention", "bqD,bkD,bkv", (q, k, v) => Tensor.Attention(q, k, v)),
        Row("Attention: causal", "bqD,bKD,bKv", (q, k, v) => Tensor.Attention(q, k, v, causal: true)),
        Row("Attention: more queries than keys, causal", "3D,2D,2v", (q, k, v) => Tensor.Attention(q, k, v, causal: true)),
        Row("Attention: causal from the third key on, scaled", "bqD,bKD,bKv",
            (q, k, v) => Tensor.Attention(q, k, v, causal: true, scale: 1.3, start: 2)),
        Row("AttentionWeights: causal from the second key on, scaled", "qD,KD",
            (q, k) => Tensor.AttentionWeights(q, k, causal: true, scale: 0.4, start: 1)),
        Row("SelfAttention: scaled", "bT6", x => x.SelfAttention(heads: 2, scale: 0.4)),
        Row("SelfAttention", "bT6", x => x.SelfAttention(heads: 2)),
        Row("SelfAttention: causal", "bT6", x => x.SelfAttention(heads: 1, causal: true)),
        Row("Attention: one set of keys", "bqD,KD,Kv", (q, k, v) => Tensor.Attention(q, k, v, BlockedKeys(q, k))),
        Row("AttentionWeights", "bqD,bkD", (q, k) => Tensor.AttentionWeights(q, k)),
        Row("AttentionWeights: blocked keys, a query with none", "bqD,bKD",
            (q, k) => Tensor.AttentionWeights(q, k, BlockedKeys(q, k))),
        Row("AttentionWeights: blocked and causal", "bqD,bKD",
            (q, k) => Tensor.AttentionWeights(q, k, BlockedKeys(q, k), causal: true)),
        Row("AttentionWeights: biased", "qD,KD,qK", (q, k, bias) => Tensor.AttentionWeights(q, k, scoreBias: bias)),
        Row("RotaryPositions", "bt4", x => x.RotaryPositions()),
        Row("RotaryPositions: later and slower", "t2", x => x.RotaryPositions(start: 3, longest: 50)),

        LayerRow("new Embedding", "a", () => new Embedding(4, 3),
            (layer, x) => layer.Forward([1, 3, 3, 0], [2, 2]) * x.Sum()),
        LayerRow("new SinusoidalPositions", "tb5", () => new SinusoidalPositions(5)),
        LayerRow("new SinusoidalPositions: batch first", "bt4", () => new SinusoidalPositions(4, batchFirst: true)),
        LayerRow("new LearnedPositions: later steps", "tb2", () => new LearnedPositions(8, 2), (layer, x) => layer.Forward(x, 2)),
        LayerRow("new LearnedPositions", "tb2", () => new LearnedPositions(6, 2)),
        LayerRow("new LearnedPositions: one sequence", "t2", () => new LearnedPositions(5, 2, batchFirst: true)),

        LayerRow("new Rnn", "Tb2", () => new Rnn(2, 3), weights: Mild),
        LayerRow("new Rnn: states too", "Tb1", () => new Rnn(1, 2, layers: 2, bidirectional: true),
            (layer, x) => Joined(layer.Run(x, States(4, x, 2))), weights: Mild),
        LayerRow("new Rnn: rectified, no bias", "Tb2", () => new Rnn(2, 2, layers: 2, relu: true, bias: false),
            draw: AllPositive, weights: AllPositive),
        LayerRow("new Lstm", "Tb2", () => new Lstm(2, 2), weights: Mild),
        LayerRow("new Lstm: states too", "Tb1", () => new Lstm(1, 2, layers: 2, bidirectional: true), (layer, x) =>
        {
            var (outputs, last) = layer.Run(x, (States(4, x, 2), States(4, x, 2).Sin()));
            return Tensor.Concat([outputs.Flatten(), last.Hidden.Flatten(), last.Cell.Flatten()]);
        }, weights: Mild),
        LayerRow("new Lstm: both states from the input", "Tb2", () => new Lstm(2, 2), (layer, x) =>
        {
            var start = x[..1].Sin();       // one tensor twice: each use has a derivative of its own
            return Joined((layer.Run(x, (start, start)).Outputs, x));
        }, weights: Mild),
        LayerRow("new Lstm: batch first, dropout", "bT1",
            () => new Lstm(1, 2, layers: 2, batchFirst: true, dropout: 0.4, rng: new Rng(3)), weights: Mild),
        LayerRow("new Gru", "Tb2", () => new Gru(2, 2), weights: Mild),
        LayerRow("new Gru: states too", "Tb1", () => new Gru(1, 2, layers: 2, bidirectional: true),
            (layer, x) => Joined(layer.Run(x, States(4, x, 2))), weights: Mild),
        LayerRow("new Gru: a state from the input", "Tb2", () => new Gru(2, 2),
            (layer, x) => Joined(layer.Run(x, x[..1].Sin())), weights: Mild),
        LayerRow("new Gru: batch first, no bias", "bT2",
            () => new Gru(2, 2, bias: false, batchFirst: true), weights: Mild),

        LayerRow("new MultiheadAttention", "tb4", () => new MultiheadAttention(4, 2), draw: Mild, weights: Mild),
        LayerRow("new MultiheadAttention: causal, rotary, no bias", "bt4",
            () => new MultiheadAttention(4, 2, bias: false, batchFirst: true, causal: true, rotary: true),
            draw: Mild, weights: Mild),
        LayerRow("new MultiheadAttention: query, key, value, weights", "BT4",
            () => new MultiheadAttention(4, 2, dropout: 0.3, batchFirst: true, rng: new Rng(2)),
            (layer, x) =>
            {
                var (batch, steps) = (x.Shape[0], x.Shape[1]);
                var padding = Tensor.Arange(batch * steps).Reshape(batch, steps).EqualTo(steps - 1);
                var result = layer.Attend(x, x.Sin(), x.Cos(), BlockedKeys(x, x), padding, averageWeights: false);
                return Joined(result);
            }, draw: Mild, weights: Mild),
        LayerRow("new TransformerEncoderLayer: norm first", "BT4",
            () => new TransformerEncoderLayer(
                4, 2, 3, dropout: 0.2, new Gelu(), batchFirst: true, normFirst: true, rng: new Rng(2)),
            draw: Draws.Distinct, weights: Draws.Between(-0.3, 0.3)),
        LayerRow("new TransformerDecoderLayer: norm first", "BT4",
            () => new TransformerDecoderLayer(
                4, 2, 3, dropout: 0.2, new Gelu(), batchFirst: true, normFirst: true, rng: new Rng(2)),
            (layer, x) => layer.Forward((x, Tensor.Concat([x.Sin(), x.Cos()], axis: 1))),
            draw: Draws.Distinct, weights: Draws.Between(-0.3, 0.3)),
        Row("new TransformerDecoderLayer: norm last, masks", "BT4,BK4", (x, memory) =>
        {
            var layer = new TransformerDecoderLayer(4, 2, 3, dropout: 0, new Tanh(), batchFirst: true, rng: new Rng(2), dtype: x.DType);
            var (batch, keys) = (memory.Shape[0], memory.Shape[1]);
            var padding = Tensor.Arange(batch * keys).Reshape(batch, keys).EqualTo(keys - 1);
            return layer.Forward(x, memory, memoryMask: BlockedKeys(x, memory), memoryPaddingMask: padding);
        }, draw: Draws.Distinct),
        // In the input only: drawn weights of the first norm could leave the second nothing to normalise.
        Row("new TransformerEncoderLayer: norm last", "TB4", x =>
        {
            var layer = new TransformerEncoderLayer(4, 2, 3, dropout: 0, new Tanh(), rng: new Rng(2));
            layer.To(x.DType);
            return layer.Forward(x, BlockedKeys(x[.., 0], x[.., 0]));
        }, draw: Draws.Distinct),
    ];

    /// <summary>About every third key is blocked, and for the first query all of them.</summary>
    static Tensor BlockedKeys(Tensor query, Tensor key)
    {
        var (queries, keys) = (query.Shape[^2], key.Shape[^2]);
        return Tensor.From([queries, keys],
            [.. Enumerable.Range(0, queries * keys).Select(i => i < keys || i % 3 == 1 ? 1.0 : 0)]);
    }

    static Tensor States(int count, Tensor x, int hidden) =>
        Tensor.Uniform([count, x.Shape[1], hidden], -1, 1, new Rng(5), x.DType);

    static Tensor Joined((Tensor First, Tensor Second) results) =>
        Tensor.Concat([results.First.Flatten(), results.Second.Flatten()]);
}
