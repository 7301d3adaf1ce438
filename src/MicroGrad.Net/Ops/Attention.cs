namespace MicroGrad.Net;

/// <summary>Attention and positions.</summary>
public static class AttentionOps
{
    // Far below every score, yet finite: a row of nothing but this has a softmax, where one of −∞ has none.
    const double Blocked = -1e30;

    extension(Tensor)
    {
        /// <summary>
        /// softmax(query·keyᵀ·scale)·value, the scale being 1/√width by default: for each query the mean of the values, each weighted by how well its key
        /// fits (Vaswani et al., 2017). [..., queries, width], [..., keys, width] and [..., keys, outputs] become
        /// [..., queries, outputs]; a query that may see no key gets zeros.
        /// </summary>
        /// <param name="query">What is asked for.</param>
        /// <param name="key">What each place offers.</param>
        /// <param name="value">What each place gives.</param>
        /// <param name="mask">Which keys a query may not see: blocked where not 0; broadcast to [..., queries, keys]. That
        /// is the reverse of PyTorch's <c>scaled_dot_product_attention</c> and of ONNX, whose boolean masks let through
        /// where true: pass <c>1 - mask</c>. (Boolean masks of PyTorch's <c>MultiheadAttention</c> block, as here; its
        /// masks of numbers that are added belong to <paramref name="scoreBias"/>.)</param>
        /// <param name="causal">Query i sees keys 0 to start + i only.</param>
        /// <param name="scoreBias">Added to the scores before the softmax; broadcast likewise.</param>
        /// <param name="scale">The factor of the products; 1/√width by default.</param>
        /// <param name="start">At which of the keys the first query stands, where causal: with the keys of p earlier
        /// steps before those of the queries, p.</param>
        /// <exception cref="ShapeException">The shapes do not fit.</exception>
        /// <exception cref="ArgumentOutOfRangeException">The scale is not positive and finite, or the start
        /// negative.</exception>
        public static Tensor Attention(Tensor query, Tensor key, Tensor value, Tensor? mask = null, bool causal = false,
            Tensor? scoreBias = null, double? scale = null, int start = 0)
        {
            Require(scale, start);
            return mask is null && scoreBias is null && SameBatch(query, key, value)
                ? Tensor.Attended(query, key, value, causal, scale, start, inputs => Composed(inputs[0], inputs[1], inputs[2]))
                : Composed(query, key, value);

            Tensor Composed(Tensor q, Tensor k, Tensor v) =>
                Tensor.AttentionWeights(q, k, mask, causal, scoreBias, scale, start).MatMul(v);
        }

        /// <summary>
        /// softmax(query·keyᵀ·scale), [..., queries, keys]: how much each query takes of each key. Rows sum to 1, but
        /// for a query that may see no key: its weights are 0, and so are its gradients, where PyTorch's are NaN.
        /// </summary>
        /// <inheritdoc cref="Attention"/>
        public static Tensor AttentionWeights(Tensor query, Tensor key, Tensor? mask = null, bool causal = false,
            Tensor? scoreBias = null, double? scale = null, int start = 0)
        {
            Require(scale, start);
            if (query.Rank < 2 || key.Rank < 2 || query.Shape[^1] != key.Shape[^1])
                Throw.Shapes("attention", $"expects queries [..., queries, width] and keys [..., keys, width], but got "
                    + $"{query.Shape} and {key.Shape}.");
            var scores = (query * (scale ?? 1 / Math.Sqrt(query.Shape[^1]))).MatMul(key, transposeRight: true);
            if (scoreBias is not null) scores += scoreBias;
            var blocked = mask?.Detach().To(scores.DType).NotEqualTo(0);
            if (blocked?.Shape.BroadcastsTo(scores.Shape) == false)
                Throw.Shapes("attention", $"the mask is {blocked.Shape}, but must broadcast to {scores.Shape}, "
                    + "[..., queries, keys].");
            if (causal)
            {
                var (queries, keys) = (scores.Shape[^2], scores.Shape[^1]);
                var future = Tensor.Ones([queries, keys], scores.DType).Triu(Math.Min(start, keys) + 1);
                blocked = blocked is null ? future : blocked + future;
            }
            if (blocked is null) return scores.Softmax();
            var weights = Tensor.Where(blocked, Blocked, scores).Softmax();
            return mask is null ? weights : Tensor.Where(blocked, 0, weights);      // the future alone leaves a key
        }
    }

    extension(Tensor x)
    {
        /// <summary>
        /// Attention by several heads of one sequence to itself, of queries, keys and values that lie side by side as
        /// one projection gives them: [samples, steps, 3·width], first all heads' queries, then their keys, then their
        /// values. The result, [samples, steps, width], is that of <see cref="Attention"/> for each head, side by side.
        /// </summary>
        /// <param name="heads">How many heads share the width.</param>
        /// <param name="causal">Step i sees steps 0 to i only.</param>
        /// <param name="scale">The factor of the products; 1/√(width of a head) by default.</param>
        /// <exception cref="ArgumentOutOfRangeException">There is no head, or the scale is not positive and
        /// finite.</exception>
        /// <exception cref="ShapeException">There are not three axes, or the last cannot be shared out.</exception>
        public Tensor SelfAttention(int heads, bool causal = false, double? scale = null)
        {
            Require(scale, start: 0);
            if (heads <= 0) Throw.OutOfRange("self-attention", nameof(heads), heads, "positive");
            if (x.Rank != 3 || x.Shape[2] % (3L * heads) != 0)
                Throw.Shapes("self-attention", $"expects [samples, steps, 3 times the width of {heads} heads], but got "
                    + $"{x.Shape}.");
            return SelfAttended(x, heads, causal, stepsFirst: false, scale);
        }

        /// <summary>
        /// Turns each pair of features, i and i + width/2, by the angle position/10000^(2i/width), so that products of
        /// two vectors depend on how far apart they stand (Su et al., 2021; the pairs as in Llama).
        /// [..., steps, width] keeps its shape.
        /// </summary>
        /// <param name="start">The position of the first step.</param>
        /// <param name="longest">The base of the periods, 10000 in the paper.</param>
        /// <exception cref="ShapeException">There are no steps, or the width is odd.</exception>
        /// <exception cref="ArgumentOutOfRangeException">The base is not positive and finite.</exception>
        public Tensor RotaryPositions(int start = 0, double longest = 10000)
        {
            if (x.Rank < 2 || x.Shape[^1] % 2 != 0)
                Throw.Shapes("rotary positions", $"expects [..., steps, width] with an even width, but got {x.Shape}.");
            if (!(longest > 0 && double.IsFinite(longest)))
                Throw.OutOfRange("rotary positions", nameof(longest), longest, "positive and finite");
            var half = x.Shape[^1] / 2;
            var (first, second) = (x.Narrow(x.Rank - 1, 0, half), x.Narrow(x.Rank - 1, half, half));
            var angles = PositionAngles(x.Shape[^2], x.Shape[^1], start, longest);
            var (cos, sin) = (angles.Cos().To(x.DType), angles.Sin().To(x.DType));
            return Tensor.Concat([first * cos - second * sin, second * cos + first * sin], axis: -1);
        }
    }

    /// <summary>
    /// <see cref="SelfAttention"/> of [samples, steps, 3·width], or of [steps, samples, 3·width].
    /// </summary>
    internal static Tensor SelfAttended(Tensor x, int heads, bool causal, bool stepsFirst, double? scale = null)
    {
        return x.Length == 0 ? Composed(x)
            : x.AttendedHeads(heads, causal, scale, stepsFirst, inputs => Composed(inputs[0]));

        Tensor Composed(Tensor x)
        {
            var width = x.Shape[2] / 3;
            var split = x.Reshape(x.Shape[0], x.Shape[1], 3, heads, width / heads);
            var parts = (stepsFirst ? split.Permute(2, 1, 3, 0, 4) : split.Permute(2, 0, 3, 1, 4)).Unstack();
            var seen = Tensor.AttentionWeights(parts[0], parts[1], causal: causal, scale: scale).MatMul(parts[2]);
            return (stepsFirst ? seen.Permute(2, 0, 1, 3) : seen.Transpose(1, 2)).Reshape(x.Shape.With(2, width));
        }
    }

    static void Require(double? scale, int start)
    {
        if (scale is { } given && !(given > 0 && double.IsFinite(given)))
            Throw.OutOfRange("attention", nameof(scale), given, "positive and finite");
        if (start < 0) Throw.OutOfRange("attention", nameof(start), start, "at least 0");
    }

    // What is empty, or has to be broadcast or refused, is left to the composed form.
    static bool SameBatch(Tensor query, Tensor key, Tensor value) =>
        query.Length > 0 && key.Length > 0 && value.Length > 0
        && query.Rank >= 2 && query.Rank == key.Rank && query.Rank == value.Rank && query.Shape[^1] == key.Shape[^1]
        && key.Shape[^2] == value.Shape[^2]
        && query.Shape.Sizes[..^2].SequenceEqual(key.Shape.Sizes[..^2])
        && query.Shape.Sizes[..^2].SequenceEqual(value.Shape.Sizes[..^2]);

    /// <summary>position/longest^(2i/width), [steps, width/2 rounded up], Float64: angles that turn from fast to slow.</summary>
    internal static Tensor PositionAngles(int steps, int width, int start, double longest)
    {
        var count = (width + 1) / 2;
        var angles = Sizes.New<double>("positions", (long)steps * count);
        for (var i = 0; i < angles.Length; i++)
            angles[i] = ((double)start + i / count) / Math.Pow(longest, 2.0 * (i % count) / width);
        return Tensor.From([steps, count], angles);
    }
}
