using System.Numerics;
using System.Runtime.CompilerServices;

namespace MicroGrad.Net;

/// <summary>
/// −log softmax(x)[label] of each row of [rows, classes], and its slope, in one pass over a row each. The largest of a
/// row is taken out first, so that nothing overflows; threads take whole rows. The entries check that the arrays have
/// rows and classes as many as the labels ask for, and each row its label.
/// </summary>
static unsafe class LabelSoftmax
{
    const int Grain = 16 * 1024;    // elements that one thread takes at a time
    const int Chain = 64;           // vectors summed in their own type before the sum is put aside in double

    /// <summary>result[row] = log Σ e^x[row] − x[row, label].</summary>
    public static void Losses<T>(ReadOnlySpan<T> x, int[] labels, Span<T> result)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        if (labels.Length == 0) return;
        var classes = x.Length / labels.Length;
        Sizes.Require("cross-entropy", (long)classes * labels.Length == x.Length && result.Length == labels.Length);
        fixed (T* px = x, pr = result)
        {
            if (x.Length <= Grain) LossRows(px, labels, classes, pr, 0, labels.Length);
            else Split(labels, classes, (nint)px, (nint)pr);
        }

        // A method of its own, because a lambda's captures are allocated on entry to the method around it. So below.
        static void Split(int[] labels, int classes, nint ax, nint ar) =>
            Work.Split(labels.Length, Math.Max(1, Grain / classes), (low, high) =>
                LossRows((T*)ax, labels, classes, (T*)ar, low, high));
    }

    /// <summary>result[row] = g[row] · (softmax(x[row]) − [1 at the label]).</summary>
    public static void Slopes<T>(ReadOnlySpan<T> x, int[] labels, ReadOnlySpan<T> g, Span<T> result)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        if (labels.Length == 0) return;
        var classes = x.Length / labels.Length;
        Sizes.Require("cross-entropy", (long)classes * labels.Length == x.Length && g.Length == labels.Length
            && result.Length == x.Length);
        fixed (T* px = x, pg = g, pr = result)
        {
            if (x.Length <= Grain) SlopeRows(px, labels, classes, pg, pr, 0, labels.Length);
            else Split(labels, classes, (nint)px, (nint)pg, (nint)pr);
        }

        static void Split(int[] labels, int classes, nint ax, nint ag, nint ar) =>
            Work.Split(labels.Length, Math.Max(1, Grain / classes), (low, high) =>
                SlopeRows((T*)ax, labels, classes, (T*)ag, (T*)ar, low, high));
    }

    static void LossRows<T>(T* x, int[] labels, int classes, T* result, int low, int high)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        for (var row = low; row < high; row++)
        {
            if ((uint)labels[row] >= (uint)classes) Throw.LabelOutOfRange("cross-entropy", row, labels[row], classes);
            var scores = x + (long)row * classes;
            var largest = Largest(scores, classes);
            var total = Math.Log(Exponentials(scores, classes, largest, null));
            // The difference of the scores first: where they are large, the logarithm would be lost beside them.
            result[row] = T.CreateTruncating(total) - (scores[labels[row]] - largest);
        }
    }

    static void SlopeRows<T>(T* x, int[] labels, int classes, T* g, T* result, int low, int high)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        for (var row = low; row < high; row++)
        {
            if ((uint)labels[row] >= (uint)classes) Throw.LabelOutOfRange("cross-entropy", row, labels[row], classes);
            var scores = x + (long)row * classes;
            var slopes = result + (long)row * classes;
            var total = Exponentials(scores, classes, Largest(scores, classes), slopes);
            Scale(slopes, classes, T.CreateTruncating(double.CreateTruncating(g[row]) / total));
            slopes[labels[row]] -= g[row];
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static T Largest<T>(T* x, int count) where T : unmanaged, IFloatingPointIeee754<T>
    {
        var largest = *x;
        var i = 0;
        if (count >= Vector<T>.Count)
        {
            var lanes = Vector.Load(x);
            for (i = Vector<T>.Count; i <= count - Vector<T>.Count; i += Vector<T>.Count)
                lanes = Vector.Max(lanes, Vector.Load(x + i));
            for (var lane = 0; lane < Vector<T>.Count; lane++) largest = T.Max(largest, lanes[lane]);
        }
        for (; i < count; i++) largest = T.Max(largest, x[i]);
        return largest;
    }

    /// <summary>The sum of e^(x − from); the terms go to a target if there is one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static double Exponentials<T>(T* x, int count, T from, T* target) where T : unmanaged, IFloatingPointIeee754<T>
    {
        var (total, shift, i) = (0.0, Vector.Create(from), 0);
        while (i <= count - Vector<T>.Count)
        {
            var sum = Vector<T>.Zero;
            for (var end = Math.Min(i + Chain * Vector<T>.Count, count); i <= end - Vector<T>.Count; i += Vector<T>.Count)
            {
                var term = VectorMath.Exp(Vector.Load(x + i) - shift);
                if (target is not null) Vector.Store(term, target + i);
                sum += term;
            }
            total += double.CreateTruncating(Vector.Sum(sum));
        }
        if (i < count)
        {
            var term = VectorMath.Exp(Elementwise.LoadPart(x + i, count - i) - shift);
            if (target is not null) Elementwise.StorePart(term, target + i, count - i);
            for (var lane = 0; lane < count - i; lane++) total += double.CreateTruncating(term[lane]);
        }
        return total;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void Scale<T>(T* x, int count, T factor) where T : unmanaged, IFloatingPointIeee754<T>
    {
        var i = 0;
        for (; i <= count - Vector<T>.Count; i += Vector<T>.Count) Vector.Store(Vector.Load(x + i) * factor, x + i);
        for (; i < count; i++) x[i] *= factor;
    }
}
