using System.Buffers;
using System.Numerics;

namespace MicroGrad.Net;

/// <summary>
/// Where the steps of all heads lie in an array: the features of step s of head h of sample b are neighbours, from
/// Offset + b·Sample + h·Head + s·Step on.
/// </summary>
readonly record struct HeadLayout(int Offset, int Sample, int Head, int Step)
{
    /// <summary>Whether the features of so many steps, heads and samples all lie in an array of this length.</summary>
    public bool Fits(int length, int samples, int heads, int steps, int features) =>
        Offset >= 0 && Sample >= 0 && Head >= 0 && Step >= 0 && Offset + Sizes.Product(samples - 1, Sample)
        + Sizes.Product(heads - 1, Head) + Sizes.Product(steps - 1, Step) + features <= length;
}

/// <summary>
/// The sizes of an attention; causal if query i sees keys 0 to start + i only. The scale of the scores is positive,
/// 1/√width by default.
/// </summary>
readonly record struct HeadSizes(int Samples, int Heads, int Queries, int Keys, int Width, int Outputs, bool Causal,
    int Start = 0, double? Scale = null)
{
    public double Factor => Scale ?? 1 / Math.Sqrt(Width);
}

/// <summary>
/// softmax(q·kᵀ·scale)·v of many heads, wherever these lie, and its gradients. A block of queries at a time goes from
/// scores to results within the cache, and only meets the keys that one of its queries sees. Threads take whole heads.
/// The entries check that no size is 0, that the arrays hold what the layouts say, and that the weights are as many.
/// </summary>
static unsafe class HeadAttention
{
    const int Block = 32;               // queries; more would compute more scores that a causal query may not see
    const double Grain = 200_000;       // multiply-adds that one thread takes at a time

    /// <summary>The results; and the weights, [samples, heads, queries, keys], where they are wanted.</summary>
    /// <remarks>Weights of keys that no query of a block sees are left as they are; the gradients do not read them.</remarks>
    public static void Forward<T>(HeadSizes sizes, ReadOnlySpan<T> q, HeadLayout atQ, ReadOnlySpan<T> k, HeadLayout atK,
        ReadOnlySpan<T> v, HeadLayout atV, Span<T> result, HeadLayout atResult, Span<T> weights)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        Sizes.Require("attention", Fits(sizes, q.Length, atQ, k.Length, atK, v.Length, atV)
            && atResult.Fits(result.Length, sizes.Samples, sizes.Heads, sizes.Queries, sizes.Outputs)
            && (weights.IsEmpty || weights.Length == WeightCount(sizes)));
        var scale = T.CreateTruncating(sizes.Factor);
        fixed (T* pq = q, pk = k, pv = v, pr = result, pw = weights)
        {
            var (aq, ak, av, ar, aw) = ((nint)pq, (nint)pk, (nint)pv, (nint)pr, (nint)pw);
            EachHead<T>(sizes, needsScratch: weights.IsEmpty, (head, scratch) =>
            {
                var (hq, hk) = (Head<T>(aq, atQ, sizes, head), Head<T>(ak, atK, sizes, head));
                var (hv, hr) = (Head<T>(av, atV, sizes, head), Head<T>(ar, atResult, sizes, head));
                for (var first = 0; first < sizes.Queries; first += Block)
                {
                    var (rows, seen) = BlockAt(sizes, first);
                    var w = aw == 0 ? new Matrix<T>((T*)scratch, sizes.Keys) : Weights<T>(aw, sizes, head).From(first);
                    Multiply(rows, seen, sizes.Width, hq.From(first), false, hk, true, w, false);
                    for (var i = 0; i < rows; i++)
                    {
                        var row = w.From(i).Origin;
                        var own = SeenBy(sizes, first + i);
                        RowSoftmax.Row(row, row, own, scale);
                        new Span<T>(row + own, seen - own).Clear();
                    }
                    Multiply(rows, sizes.Outputs, seen, w, false, hv, false, hr.From(first), false);
                }
            });
        }
    }

    /// <summary>From the gradient of the results to those of queries, keys and values, which are overwritten.</summary>
    public static void Backward<T>(HeadSizes sizes, ReadOnlySpan<T> q, HeadLayout atQ, ReadOnlySpan<T> k, HeadLayout atK,
        ReadOnlySpan<T> v, HeadLayout atV, ReadOnlySpan<T> weights, ReadOnlySpan<T> g, HeadLayout atG,
        Span<T> toQ, Span<T> toK, Span<T> toV)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        Sizes.Require("attention", Fits(sizes, q.Length, atQ, k.Length, atK, v.Length, atV)
            && Fits(sizes, toQ.Length, atQ, toK.Length, atK, toV.Length, atV) && weights.Length == WeightCount(sizes)
            && atG.Fits(g.Length, sizes.Samples, sizes.Heads, sizes.Queries, sizes.Outputs));
        var scale = T.CreateTruncating(sizes.Factor);
        fixed (T* pq = q, pk = k, pv = v, pw = weights, pg = g, pdq = toQ, pdk = toK, pdv = toV)
        {
            var (aq, ak, av, aw, ag) = ((nint)pq, (nint)pk, (nint)pv, (nint)pw, (nint)pg);
            var (adq, adk, adv) = ((nint)pdq, (nint)pdk, (nint)pdv);
            EachHead<T>(sizes, needsScratch: true, (head, scratch) =>
            {
                var (hq, hk) = (Head<T>(aq, atQ, sizes, head), Head<T>(ak, atK, sizes, head));
                var (hv, hg) = (Head<T>(av, atV, sizes, head), Head<T>(ag, atG, sizes, head));
                var (dq, dk) = (Head<T>(adq, atQ, sizes, head), Head<T>(adk, atK, sizes, head));
                var dv = Head<T>(adv, atV, sizes, head);
                for (var key = 0; key < sizes.Keys; key++)
                {
                    new Span<T>(dk.From(key).Origin, sizes.Width).Clear();
                    new Span<T>(dv.From(key).Origin, sizes.Outputs).Clear();
                }
                for (var first = 0; first < sizes.Queries; first += Block)
                {
                    var (rows, seen) = BlockAt(sizes, first);
                    var w = Weights<T>(aw, sizes, head).From(first);
                    var slopes = new Matrix<T>((T*)scratch, seen);
                    // To the values wᵀ·g; to the weights g·vᵀ, and on through the softmax to the scores.
                    Multiply(seen, sizes.Outputs, rows, w, true, hg.From(first), false, dv, true);
                    Multiply(rows, seen, sizes.Outputs, hg.From(first), false, hv, true, slopes, false);
                    for (var i = 0; i < rows; i++)
                    {
                        var row = slopes.From(i).Origin;
                        var own = SeenBy(sizes, first + i);
                        RowSoftmax.RowGradient(w.From(i).Origin, row, row, own, scale);
                        new Span<T>(row + own, seen - own).Clear();
                    }
                    Multiply(rows, sizes.Width, seen, slopes, false, hk, false, dq.From(first), false);
                    Multiply(seen, sizes.Width, rows, slopes, true, hq.From(first), false, dk, true);
                }
            });
        }
    }

    static bool Fits(HeadSizes sizes, int q, HeadLayout atQ, int k, HeadLayout atK, int v, HeadLayout atV) =>
        sizes is { Samples: > 0, Heads: > 0, Queries: > 0, Keys: > 0, Width: > 0, Outputs: > 0, Start: >= 0, Factor: > 0 }
        && atQ.Fits(q, sizes.Samples, sizes.Heads, sizes.Queries, sizes.Width)
        && atK.Fits(k, sizes.Samples, sizes.Heads, sizes.Keys, sizes.Width)
        && atV.Fits(v, sizes.Samples, sizes.Heads, sizes.Keys, sizes.Outputs);

    static long WeightCount(HeadSizes sizes) =>
        Sizes.Product(sizes.Samples, sizes.Heads, sizes.Queries, sizes.Keys);

    /// <summary>The number of queries in a block, and of the keys that they see.</summary>
    static (int Rows, int Seen) BlockAt(HeadSizes sizes, int first)
    {
        var rows = Math.Min(Block, sizes.Queries - first);
        return (rows, SeenBy(sizes, first + rows - 1));
    }

    /// <summary>How many keys a query sees.</summary>
    static int SeenBy(HeadSizes sizes, int query) => 
        sizes.Causal ? (int)Math.Min(sizes.Keys, query + 1L + sizes.Start) : sizes.Keys;

    // The scratch memory takes a block of scores.
    static void EachHead<T>(HeadSizes sizes, bool needsScratch, Action<int, nint> body) where T : unmanaged
    {
        var work = (double)sizes.Queries * sizes.Keys * (sizes.Width + sizes.Outputs);
        var heads = (int)Sizes.Product(sizes.Samples, sizes.Heads);     // no more than there are results
        Work.Split(heads, (int)Math.Clamp(Grain / work, 1, heads), (low, high) =>
        {
            var scratch = Sizes.Rent<T>("attention", needsScratch ? (long)Block * sizes.Keys : 1);
            fixed (T* at = scratch)
                for (var head = low; head < high; head++) body(head, (nint)at);
            ArrayPool<T>.Shared.Return(scratch);
        });
    }

    /// <summary>Rows in memory, a stride apart.</summary>
    readonly struct Matrix<T>(T* origin, int stride) where T : unmanaged
    {
        public readonly T* Origin = origin;
        public readonly int Stride = stride;

        public Matrix<T> From(int row) => new(Origin + (long)row * Stride, Stride);

        /// <summary>As a span for the product, which checks its bounds.</summary>
        public Span<T> Span(int rows, int columns) => new(Origin, (rows - 1) * Stride + columns);
    }

    static Matrix<T> Head<T>(nint array, HeadLayout at, HeadSizes sizes, int head) where T : unmanaged =>
        new((T*)array + at.Offset + (long)(head / sizes.Heads) * at.Sample + (long)(head % sizes.Heads) * at.Head, at.Step);

    static Matrix<T> Weights<T>(nint array, HeadSizes sizes, int head) where T : unmanaged =>
        new((T*)array + (long)head * sizes.Queries * sizes.Keys, sizes.Keys);

    /// <summary>c[m, n] = or += op(a)·op(b), see <see cref="MatMul"/>.</summary>
    static void Multiply<T>(int m, int n, int k, Matrix<T> a, bool transposeA, Matrix<T> b, bool transposeB,
        Matrix<T> c, bool accumulate) where T : unmanaged, IFloatingPointIeee754<T> => MatMul.Multiply<T>(
        transposeA, transposeB, m, n, k,
        transposeA ? a.Span(k, m) : a.Span(m, k), a.Stride, transposeB ? b.Span(n, k) : b.Span(k, n), b.Stride,
        c.Span(m, n), c.Stride, accumulate);
}
