namespace MicroGrad.Net.Tests.Oracle;

// Recurrent layers, attention and embeddings.
static partial class OpTable
{
    static Dictionary<string, Func<OpCall, Tensor>> Sequences => new()
    {
        ["embedding"] = c => Embedded(c, c.Case.Attribute("padding_idx") is null ? null : c.Case.Int("padding_idx")),
        ["embedding_bag"] = c => Embedded(c, null).Sum(1),
        ["scaled_dot_product_attention"] = c => Tensor.Attention(c["q"], c["k"], c["v"], causal: c.Case.Flag("causal")),
        ["transformer_encoder_layer"] = c => c.Filled(new TransformerEncoderLayer(
            c.Case.Int("d_model"), c.Case.Int("nhead"), c.Case.Int("dim_feedforward"), epsilon: c.Number("eps"),
            activation: c.Case.Text("activation") == "gelu" ? new Gelu() : null, batchFirst: true,
            normFirst: c.Case.Flag("norm_first")), dot: "__").Forward(c.X, c["mask"]),
    };

    static Tensor Embedded(OpCall c, int? padding)
    {
        var (ids, table) = (c.Case.Tensor("inputs", "ids"), c["weight"].Shape);
        return c.Filled(new Embedding(table[0], table[1], padding)).Forward(ids.Ints, ids.Shape);
    }

    static Tensor[] Rnns(OpCall c)
    {
        var (outputs, last) = c.Filled(new Rnn(c.Case.Int("input_size"), c.Case.Int("hidden_size"), c.Case.Int("num_layers"),
            relu: c.Case.Text("nonlinearity") == "relu", c.Case.Flag("bias"), bidirectional: c.Case.Flag("bidirectional")))
            .Run(c.X, c["h0"]);
        return [outputs, last];
    }

    static Tensor[] Lstms(OpCall c)
    {
        var (outputs, last) = c.Filled(new Lstm(c.Case.Int("input_size"), c.Case.Int("hidden_size"), c.Case.Int("num_layers"),
            c.Case.Flag("bias"), bidirectional: c.Case.Flag("bidirectional"))).Run(c.X, (c["h0"], c["c0"]));
        return [outputs, last.Hidden, last.Cell];
    }

    /// <summary>A single step: a sequence of one.</summary>
    static Tensor[] LstmSteps(OpCall c)
    {
        var layer = new Lstm(c.Case.Int("input_size"), c.Case.Int("hidden_size"));
        layer.To(c.DType);
        foreach (var (name, weight) in layer.Weights) c.Fill(name[..^"_l0".Length], weight);
        var (_, last) = layer.Run(c.X.Unsqueeze(0), (c["h"].Unsqueeze(0), c["c"].Unsqueeze(0)));
        return [last.Hidden[0], last.Cell[0]];
    }

    static Tensor[] Grus(OpCall c)
    {
        var (outputs, last) = c.Filled(new Gru(c.Case.Int("input_size"), c.Case.Int("hidden_size"), c.Case.Int("num_layers"),
            c.Case.Flag("bias"), bidirectional: c.Case.Flag("bidirectional"))).Run(c.X, c["h0"]);
        return [outputs, last];
    }

    static Tensor[] HeadsOfAttention(OpCall c)
    {
        var query = c["query"];
        var (output, weights) = c.Filled(new MultiheadAttention(c.Case.Int("embed_dim"), c.Case.Int("num_heads"),
            bias: c.Case.Flag("bias"), batchFirst: true)).Attend(query, c.Maybe("key") ?? query, c.Maybe("value") ?? query,
            paddingMask: c.Maybe("key_padding_mask"), scoreBias: c.Maybe("attn_mask"),
            averageWeights: c.Case.Flag("average_attn_weights"));
        return [output, weights];
    }
}
