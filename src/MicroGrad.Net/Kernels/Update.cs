using System.Numerics;
using System.Runtime.CompilerServices;

namespace MicroGrad.Net;

/// <summary>
/// An optimizer's formula for one parameter element: new value w from gradient g and up to three numbers of state.
/// </summary>
interface IUpdate
{
    void Apply<T>(ref Vector<T> w, Vector<T> g, ref Vector<T> a, ref Vector<T> b, ref Vector<T> c)
        where T : unmanaged, IFloatingPointIeee754<T>;
}

/// <summary>
/// Runs an optimizer's formula over a parameter in one pass. Every element is computed by itself. The entry checks that
/// gradient and state are as long as the parameter.
/// </summary>
static unsafe class Update
{
    const int Grain = 32 * 1024;    // elements that one thread takes at a time; a whole number of vectors

    /// <summary>State spans that the formula does not use are empty.</summary>
    public static void Run<T, TRule>(TRule rule, Span<T> w, ReadOnlySpan<T> g, Span<T> a, Span<T> b, Span<T> c)
        where T : unmanaged, IFloatingPointIeee754<T> where TRule : struct, IUpdate
    {
        Sizes.Require("update", g.Length == w.Length && (a.IsEmpty || a.Length == w.Length)
            && (b.IsEmpty || b.Length == w.Length) && (c.IsEmpty || c.Length == w.Length));
        fixed (T* pw = w, pg = g, pa = a, pb = b, pc = c)
        {
            if (w.Length <= Grain) Range(rule, pw, pg, pa, pb, pc, 0, w.Length);
            else Split(rule, (nint)pw, (nint)pg, (nint)pa, (nint)pb, (nint)pc, w.Length);
        }

        // A method of its own, because a lambda's captures are allocated on entry to the method around it.
        static void Split(TRule rule, nint aw, nint ag, nint aa, nint ab, nint ac, int length) =>
            Work.Split(length, Grain, (low, high) => Range(
                rule, (T*)aw, (T*)ag, (T*)aa, (T*)ab, (T*)ac, low, high));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void Range<T, TRule>(TRule rule, T* w, T* g, T* a, T* b, T* c, int low, int high)
        where T : unmanaged, IFloatingPointIeee754<T> where TRule : struct, IUpdate
    {
        Vector<T> vw, va = default, vb = default, vc = default;
        var i = low;
        for (; i <= high - Vector<T>.Count; i += Vector<T>.Count)
        {
            vw = Vector.Load(w + i);
            if (a is not null) va = Vector.Load(a + i);
            if (b is not null) vb = Vector.Load(b + i);
            if (c is not null) vc = Vector.Load(c + i);
            rule.Apply(ref vw, Vector.Load(g + i), ref va, ref vb, ref vc);
            Vector.Store(vw, w + i);
            if (a is not null) Vector.Store(va, a + i);
            if (b is not null) Vector.Store(vb, b + i);
            if (c is not null) Vector.Store(vc, c + i);
        }
        if (i == high) return;
        vw = Elementwise.LoadPart(w + i, high - i);
        if (a is not null) va = Elementwise.LoadPart(a + i, high - i);
        if (b is not null) vb = Elementwise.LoadPart(b + i, high - i);
        if (c is not null) vc = Elementwise.LoadPart(c + i, high - i);
        rule.Apply(ref vw, Elementwise.LoadPart(g + i, high - i), ref va, ref vb, ref vc);
        Elementwise.StorePart(vw, w + i, high - i);
        if (a is not null) Elementwise.StorePart(va, a + i, high - i);
        if (b is not null) Elementwise.StorePart(vb, b + i, high - i);
        if (c is not null) Elementwise.StorePart(vc, c + i, high - i);
    }
}
