using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace MicroGrad.Net;

/// <summary>A function of one number, written once for vectors: the tail of an array runs through the same code.</summary>
interface IUnary
{
    Vector<T> Value<T>(Vector<T> x) where T : unmanaged, IFloatingPointIeee754<T>;
}

/// <summary>A function of one number that shares most of its work with its slope: both are computed at once.</summary>
interface IWithSlope : IUnary
{
    Vector<T> Value<T>(Vector<T> x, out Vector<T> slope) where T : unmanaged, IFloatingPointIeee754<T>;
}

/// <summary>A function of two numbers.</summary>
interface IBinary
{
    Vector<T> Value<T>(Vector<T> x, Vector<T> y) where T : unmanaged, IFloatingPointIeee754<T>;
}

/// <summary>A function of three numbers.</summary>
interface ITernary
{
    Vector<T> Value<T>(Vector<T> x, Vector<T> y, Vector<T> z) where T : unmanaged, IFloatingPointIeee754<T>;
}

/// <summary>
/// Applies a function to each element of one, two or three arrays. Operands are dense; two- and three-operand calls
/// follow a <see cref="BroadcastPlan"/>. Every element is computed by itself, so neither the vector width nor the
/// number of threads shows in the result. Each entry checks that operands are as long as the result, or as the plan
/// asks for.
/// </summary>
static class Elementwise
{
    /// <summary>Elements that one thread takes at a time; less stays on the caller's thread.</summary>
    const int Grain = 16 * 1024;

    public static unsafe void Map<T, TOp>(TOp op, ReadOnlySpan<T> x, Span<T> result)
        where T : unmanaged, IFloatingPointIeee754<T> where TOp : struct, IUnary
    {
        Sizes.Require("map", x.Length == result.Length);
        fixed (T* px = x, pr = result)
        {
            if (result.Length <= Grain) Row(op, px, pr, result.Length);
            else Split(op, (nint)px, (nint)pr, result.Length);
        }

        // A method of its own, because a lambda's captures are allocated on entry to the method around it. So below.
        static void Split(TOp op, nint ax, nint ar, int length) => Work.Split(length, Grain, (low, high) =>
            Row(op, (T*)ax + low, (T*)ar + low, high - low));
    }

    /// <summary>Values and slopes in one pass.</summary>
    public static unsafe void Map<T, TOp>(TOp op, ReadOnlySpan<T> x, Span<T> result, Span<T> slopes)
        where T : unmanaged, IFloatingPointIeee754<T> where TOp : struct, IWithSlope
    {
        Sizes.Require("map", x.Length == result.Length && slopes.Length == result.Length);
        fixed (T* px = x, pr = result, ps = slopes)
        {
            if (result.Length <= Grain) { Row(op, px, pr, ps, result.Length); return; }
            var (ax, ar, @as) = ((nint)px, (nint)pr, (nint)ps);
            Work.Split(result.Length, Grain, (low, high) =>
                Row(op, (T*)ax + low, (T*)ar + low, (T*)@as + low, high - low));
        }
    }

    /// <summary>For operands of one shape, which need no plan. The result may be one of them.</summary>
    public static unsafe void Zip<T, TOp>(TOp op, ReadOnlySpan<T> x, ReadOnlySpan<T> y, Span<T> result)
        where T : unmanaged, IFloatingPointIeee754<T> where TOp : struct, IBinary
    {
        Sizes.Require("zip", x.Length == result.Length && y.Length == result.Length);
        fixed (T* px = x, py = y, pr = result)
        {
            if (result.Length <= Grain) Row(op, px, 1, py, 1, pr, result.Length);
            else Split(op, (nint)px, (nint)py, (nint)pr, result.Length);
        }

        static void Split(TOp op, nint ax, nint ay, nint ar, int length) => Work.Split(length, Grain, (low, high) =>
            Row(op, (T*)ax + low, 1, (T*)ay + low, 1, (T*)ar + low, high - low));
    }

    /// <summary>For operands of one shape, which need no plan. The result may be one of them.</summary>
    public static unsafe void Zip<T, TOp>(
        TOp op, ReadOnlySpan<T> x, ReadOnlySpan<T> y, ReadOnlySpan<T> z, Span<T> result)
        where T : unmanaged, IFloatingPointIeee754<T> where TOp : struct, ITernary
    {
        Sizes.Require(
            "zip", x.Length == result.Length && y.Length == result.Length && z.Length == result.Length);
        fixed (T* px = x, py = y, pz = z, pr = result)
        {
            if (result.Length <= Grain) Row(op, px, 1, py, 1, pz, 1, pr, result.Length);
            else Split(op, (nint)px, (nint)py, (nint)pz, (nint)pr, result.Length);
        }

        static void Split(TOp op, nint ax, nint ay, nint az, nint ar, int length) =>
            Work.Split(length, Grain, (low, high) =>
                Row(op, (T*)ax + low, 1, (T*)ay + low, 1, (T*)az + low, 1, (T*)ar + low, high - low));
    }

    public static unsafe void Zip<T, TOp>(TOp op, BroadcastPlan plan, ReadOnlySpan<T> x, ReadOnlySpan<T> y, Span<T> result)
        where T : unmanaged, IFloatingPointIeee754<T> where TOp : struct, IBinary
    {
        Sizes.Require("zip", plan.Fits(result.Length, x.Length, y.Length));
        fixed (T* px = x, py = y, pr = result)
        {
            if (result.Length <= Grain) Rows(op, plan, px, py, pr, 0, plan.Rows, 0, plan.Inner);
            else Split(op, plan, (nint)px, (nint)py, (nint)pr);
        }

        static void Split(TOp op, BroadcastPlan plan, nint ax, nint ay, nint ar) =>
            plan.Split(Grain, (row, rows, low, high) =>
                Rows(op, plan, (T*)ax, (T*)ay, (T*)ar, row, rows, low, high));
    }

    public static unsafe void Zip<T, TOp>(
        TOp op, BroadcastPlan plan, ReadOnlySpan<T> x, ReadOnlySpan<T> y, ReadOnlySpan<T> z, Span<T> result)
        where T : unmanaged, IFloatingPointIeee754<T> where TOp : struct, ITernary
    {
        Sizes.Require("zip", plan.Fits(result.Length, x.Length, y.Length, z.Length));
        fixed (T* px = x, py = y, pz = z, pr = result)
        {
            if (result.Length <= Grain) Rows(op, plan, px, py, pz, pr, 0, plan.Rows, 0, plan.Inner);
            else Split(op, plan, (nint)px, (nint)py, (nint)pz, (nint)pr);
        }

        static void Split(TOp op, BroadcastPlan plan, nint ax, nint ay, nint az, nint ar) =>
            plan.Split(Grain, (row, rows, low, high) =>
                Rows(op, plan, (T*)ax, (T*)ay, (T*)az, (T*)ar, row, rows, low, high));
    }

    static unsafe void Rows<T, TOp>(
        TOp op, BroadcastPlan plan, T* x, T* y, T* result, int row, int rows, int low, int high)
        where T : unmanaged, IFloatingPointIeee754<T> where TOp : struct, IBinary
    {
        for (; row < rows; row++)
        {
            var (ox, oy) = (plan.Offset(0, row), plan.Offset(1, row));
            Row(op, x + ox + low * plan.Step(0), plan.Step(0), y + oy + low * plan.Step(1), plan.Step(1),
                result + (long)row * plan.Inner + low, high - low);
        }
    }

    static unsafe void Rows<T, TOp>(
        TOp op, BroadcastPlan plan, T* x, T* y, T* z, T* result, int row, int rows, int low, int high)
        where T : unmanaged, IFloatingPointIeee754<T> where TOp : struct, ITernary
    {
        for (; row < rows; row++)
        {
            var (ox, oy, oz) = (plan.Offset(0, row), plan.Offset(1, row), plan.Offset(2, row));
            Row(op, x + ox + low * plan.Step(0), plan.Step(0), y + oy + low * plan.Step(1), plan.Step(1),
                z + oz + low * plan.Step(2), plan.Step(2), result + (long)row * plan.Inner + low, high - low);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static unsafe void Row<T, TOp>(TOp op, T* x, T* result, int length)
        where T : unmanaged, IFloatingPointIeee754<T> where TOp : struct, IUnary
    {
        var i = 0;
        for (; i <= length - Vector<T>.Count; i += Vector<T>.Count)
            Vector.Store(op.Value(Vector.Load(x + i)), result + i);
        if (i < length) StorePart(op.Value(LoadPart(x + i, length - i)), result + i, length - i);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static unsafe void Row<T, TOp>(TOp op, T* x, T* result, T* slopes, int length)
        where T : unmanaged, IFloatingPointIeee754<T> where TOp : struct, IWithSlope
    {
        var i = 0;
        Vector<T> slope;
        for (; i <= length - Vector<T>.Count; i += Vector<T>.Count)
        {
            Vector.Store(op.Value(Vector.Load(x + i), out slope), result + i);
            Vector.Store(slope, slopes + i);
        }
        if (i == length) return;
        StorePart(op.Value(LoadPart(x + i, length - i), out slope), result + i, length - i);
        StorePart(slope, slopes + i, length - i);
    }

    // A step of 0 repeats one element along the row; the branch on it is the same for the whole row.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static unsafe void Row<T, TOp>(TOp op, T* x, int stepX, T* y, int stepY, T* result, int length)
        where T : unmanaged, IFloatingPointIeee754<T> where TOp : struct, IBinary
    {
        if (length == 0) return;
        var (vx, vy) = (Vector.Create(*x), Vector.Create(*y));
        var i = 0;
        if (stepX == 1 && stepY == 1)
            for (; i <= length - Vector<T>.Count; i += Vector<T>.Count)
                Vector.Store(op.Value(Vector.Load(x + i), Vector.Load(y + i)), result + i);
        else if (stepX == 1)
            for (; i <= length - Vector<T>.Count; i += Vector<T>.Count)
                Vector.Store(op.Value(Vector.Load(x + i), vy), result + i);
        else if (stepY == 1)
            for (; i <= length - Vector<T>.Count; i += Vector<T>.Count)
                Vector.Store(op.Value(vx, Vector.Load(y + i)), result + i);
        if (i == length) return;
        if (stepX == 1) vx = LoadPart(x + i, length - i);
        if (stepY == 1) vy = LoadPart(y + i, length - i);
        StorePart(op.Value(vx, vy), result + i, length - i);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static unsafe void Row<T, TOp>(
        TOp op, T* x, int stepX, T* y, int stepY, T* z, int stepZ, T* result, int length)
        where T : unmanaged, IFloatingPointIeee754<T> where TOp : struct, ITernary
    {
        if (length == 0) return;
        var (vx, vy, vz) = (Vector.Create(*x), Vector.Create(*y), Vector.Create(*z));
        var i = 0;
        for (; i <= length - Vector<T>.Count; i += Vector<T>.Count)
        {
            if (stepX == 1) vx = Vector.Load(x + i);
            if (stepY == 1) vy = Vector.Load(y + i);
            if (stepZ == 1) vz = Vector.Load(z + i);
            Vector.Store(op.Value(vx, vy, vz), result + i);
        }
        if (i == length) return;
        if (stepX == 1) vx = LoadPart(x + i, length - i);
        if (stepY == 1) vy = LoadPart(y + i, length - i);
        if (stepZ == 1) vz = LoadPart(z + i, length - i);
        StorePart(op.Value(vx, vy, vz), result + i, length - i);
    }

    /// <summary>A whole vector from memory, or the part of one that is left.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static unsafe Vector<T> Load<T>(T* source, int count) where T : unmanaged =>
        count == Vector<T>.Count ? Vector.Load(source) : LoadPart(source, count);

    /// <summary>Stores a whole vector, or the part of one that is left.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static unsafe void Store<T>(Vector<T> vector, T* target, int count) where T : unmanaged
    {
        if (count == Vector<T>.Count) Vector.Store(vector, target);
        else StorePart(vector, target, count);
    }

    /// <summary>The first <paramref name="count"/> lanes from memory; the others repeat the first of them.</summary>
    internal static unsafe Vector<T> LoadPart<T>(T* source, int count) where T : unmanaged
    {
        var vector = Vector.Create(*source);
        Unsafe.CopyBlockUnaligned(&vector, source, (uint)(count * sizeof(T)));
        return vector;
    }

    /// <summary>Stores the first <paramref name="count"/> lanes.</summary>
    internal static unsafe void StorePart<T>(Vector<T> vector, T* target, int count) where T : unmanaged =>
        Unsafe.CopyBlockUnaligned(target, &vector, (uint)(count * sizeof(T)));
}
