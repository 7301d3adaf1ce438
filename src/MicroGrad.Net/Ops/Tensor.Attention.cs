using System.Numerics;

namespace MicroGrad.Net;

public partial class Tensor
{
    static readonly Operation s_attention = new("attention", "y = w · v, w = softmax(q · kᵀ / √width), or with another scale than 1/√width",
        "to v: wᵀ·g; s = w · (g·vᵀ − row sums of w·(g·vᵀ)); to q: s·k/√width; to k: sᵀ·q/√width")
    {
        Words = "Values get gradients by the weights with which they were taken; through the softmax, queries and "
            + "keys learn which to take.",
    };

    /// <summary>
    /// softmax(query·keyᵀ/√width)·value in one op, for queries [..., queries, width], keys [..., keys, width] and values
    /// [..., keys, outputs] with the same batch, none of them empty; composed is the same, made of other
    /// ops.
    /// </summary>
    internal static Tensor Attended(Tensor query, Tensor key, Tensor value, bool causal, double? scale, int start,
        Func<Tensor[], Tensor> composed)
    {
        SameDType(s_attention, query, key);
        SameDType(s_attention, query, value);
        var (queries, keys, width, outputs) = (query.Shape[^2], key.Shape[^2], query.Shape[^1], value.Shape[^1]);
        var sizes = new HeadSizes(query.Length / (queries * width), 1, queries, keys, width, outputs, causal, start, scale);
        return Attended(sizes, [query, key, value], Dense(queries, width), Dense(keys, width), Dense(keys, outputs),
            query.Shape.With(query.Rank - 1, outputs), Dense(queries, outputs), composed);

        static HeadLayout Dense(int steps, int width) => new(0, steps * width, 0, width);
    }

    /// <summary>
    /// The same for heads that lie side by side, as one projection gives them: of [samples, steps, 3·width], the first
    /// third are the queries of all heads, then come the keys and the values. Gives [samples, steps, width], all heads
    /// side by side. Or the steps come before the samples. Nothing is copied.
    /// </summary>
    internal Tensor AttendedHeads(int heads, bool causal, double? scale, bool stepsFirst, Func<Tensor[], Tensor> composed)
    {
        var (samples, steps) = stepsFirst ? (Shape[1], Shape[0]) : (Shape[0], Shape[1]);
        var width = Shape[2] / 3;
        var sizes = new HeadSizes(samples, heads, steps, steps, width / heads, width / heads, causal, Scale: scale);
        return Attended(sizes, [this], Third(0), Third(1), Third(2), Shape.With(2, width), Rows(0, width), composed);

        HeadLayout Third(int third) => Rows(third * width, 3 * width);
        HeadLayout Rows(int offset, int row) => stepsFirst
            ? new(offset, row, width / heads, samples * row) : new(offset, steps * row, width / heads, row);
    }

    static Tensor Attended(HeadSizes sizes, Tensor[] inputs, HeadLayout atQ, HeadLayout atK, HeadLayout atV,
        Shape shape, HeadLayout at, Func<Tensor[], Tensor> composed)
    {
        var (q, k, v) = Roles(inputs);
        var result = Empty(shape, q.DType);
        Tensor? weights = Gradients.Enabled && inputs.Any(input => input.RequiresGrad)
            ? Empty([sizes.Samples, sizes.Heads, sizes.Queries, sizes.Keys], q.DType) : null;
        if (q.DType == DType.Float32) Forward<float>();
        else Forward<double>();
        var operation = s_attention.With("heads", sizes.Heads).With("causal", sizes.Causal);
        if (sizes.Start > 0) operation = operation.With("start", sizes.Start);
        if (sizes.Scale is { } scale) operation = operation.With("scale", scale);
        return Node.Record(operation, result, inputs, (g, _) =>
        {
            var gradients = Array.ConvertAll(inputs, input => Empty(input.Shape, input.DType));
            if (g.DType == DType.Float32) Backward<float>(g, gradients);
            else Backward<double>(g, gradients);
            return gradients;
        }, composed);

        // One tensor may hold all three.
        static (Tensor, Tensor, Tensor) Roles(Tensor[] tensors) => (tensors[0], tensors[tensors.Length / 2], tensors[^1]);

        void Forward<T>() where T : unmanaged, IFloatingPointIeee754<T> => HeadAttention.Forward(
            sizes, q.Read<T>(), atQ, k.Read<T>(), atK, v.Read<T>(), atV, result.Write<T>(), at,
            weights is null ? [] : weights.Write<T>());

        void Backward<T>(Tensor g, Tensor[] gradients) where T : unmanaged, IFloatingPointIeee754<T>
        {
            var (toQ, toK, toV) = Roles(gradients);
            HeadAttention.Backward(sizes, q.Read<T>(), atQ, k.Read<T>(), atK, v.Read<T>(), atV,
                weights!.Read<T>(), g.Read<T>(), at, toQ.Write<T>(), toK.Write<T>(), toV.Write<T>());
        }
    }
}
