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

/// <summary>Runs an optimizer's formula over a parameter in one pass.</summary>
static class Update
{
    /// <summary>State spans that the formula does not use are empty.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static unsafe void Run<T, TRule>(TRule rule, Span<T> w, ReadOnlySpan<T> g, Span<T> a, Span<T> b, Span<T> c)
        where T : unmanaged, IFloatingPointIeee754<T> where TRule : struct, IUpdate
    {
        fixed (T* pw = w, pg = g, pa = a, pb = b, pc = c)
            for (var i = 0; i < w.Length; i += Vector<T>.Count)
            {
                var count = Math.Min(Vector<T>.Count, w.Length - i);
                var vw = Load(pw, i, count);
                var va = pa is null ? default : Load(pa, i, count);
                var vb = pb is null ? default : Load(pb, i, count);
                var vc = pc is null ? default : Load(pc, i, count);
                rule.Apply(ref vw, Load(pg, i, count), ref va, ref vb, ref vc);
                Store(vw, pw, i, count);
                if (pa is not null) Store(va, pa, i, count);
                if (pb is not null) Store(vb, pb, i, count);
                if (pc is not null) Store(vc, pc, i, count);
            }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static unsafe Vector<T> Load<T>(T* source, int i, int count) where T : unmanaged =>
        count == Vector<T>.Count ? Vector.Load(source + i) : Elementwise.LoadPart(source + i, count);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static unsafe void Store<T>(Vector<T> vector, T* target, int i, int count) where T : unmanaged
    {
        if (count == Vector<T>.Count) Vector.Store(vector, target + i);
        else Elementwise.StorePart(vector, target + i, count);
    }
}
