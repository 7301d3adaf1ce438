using System.Buffers;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace MicroGrad.Net;

/// <summary>
/// The one place where sizes, offsets, strides and windows are added and multiplied, and arrays of such lengths made:
/// in 64 bits, and with an error where the result is more than there can be, so that nothing wraps around on its way to
/// a kernel.
/// </summary>
/// <remarks>
/// The sizes of a tensor need no such care: its constructor has seen that they do not multiply to more than
/// <see cref="Most"/>, those that are 0 left out. So no product of some of them, and no stride, can be too large.
/// </remarks>
static class Sizes
{
    /// <summary>
    /// The most elements of a tensor, 2³¹ − 2¹⁶: arrays end at 2³¹ − 57, and kernels count up to a block beyond the end.
    /// </summary>
    public const int Most = int.MaxValue - ushort.MaxValue;

    /// <summary>The most axes of a shape, as in NumPy and PyTorch; helpers keep a number for each on the stack.</summary>
    public const int MostAxes = 64;

    /// <summary>A size that was computed in 64 bits, back in 32.</summary>
    /// <exception cref="ShapeException">It is larger than a tensor's can be.</exception>
    public static int Fit(string op, string what, long size)
    {
        if (size > Most) Throw.TooLarge(op, what, size);
        return (int)size;
    }

    /// <summary>The sum of sizes.</summary>
    /// <exception cref="ShapeException">It is larger than a tensor's size can be.</exception>
    public static int Sum(string op, string what, params ReadOnlySpan<int> sizes)
    {
        long sum = 0;
        foreach (var size in sizes) sum += size;
        return Fit(op, what, sum);
    }

    /// <summary>The product of sizes.</summary>
    /// <exception cref="ShapeException">It is larger than a tensor's size can be.</exception>
    public static int Product(string op, string what, params ReadOnlySpan<int> sizes)
    {
        var product = Product(sizes);
        if (product <= Most) return (int)product;
        var exact = BigInteger.One;
        foreach (var size in sizes) exact *= size;
        Throw.TooLarge(op, what, exact);
        return 0;
    }

    /// <summary>The product of sizes that are not negative, up to 2³²: from there on, all are too large alike.</summary>
    public static long Product(params ReadOnlySpan<int> sizes)
    {
        long product = 1;
        foreach (var size in sizes) product = Math.Min(product * size, 1L << 32);
        return product;
    }

    /// <summary>For the entry of a kernel with pointers, which know no bounds: refuses arrays that are too short.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Require(string kernel, bool fits)
    {
        if (!fits) Throw.KernelMemory(kernel);
    }

    /// <summary>A new array.</summary>
    /// <param name="op">For whom.</param>
    /// <param name="length">How many elements.</param>
    /// <param name="clear">Whether they start as 0; otherwise they are undefined.</param>
    /// <param name="pinned">Whether it stays where it is.</param>
    /// <exception cref="ShapeException">There is no array as long.</exception>
    /// <exception cref="TensorMemoryException">There is no memory for it.</exception>
    public static T[] New<T>(string op, long length, bool clear = true, bool pinned = false)
    {
        if (length > Array.MaxLength) Throw.TooLarge(op, "an array", length);
        try
        {
            return clear ? GC.AllocateArray<T>((int)length, pinned)
                : GC.AllocateUninitializedArray<T>((int)length, pinned);
        }
        catch (OutOfMemoryException error)
        {
            throw Throw.NoMemory(op, length, Unsafe.SizeOf<T>(), error);
        }
    }

    /// <summary>An array of this length or longer, to be given back to the shared pool; its elements are undefined.</summary>
    /// <inheritdoc cref="New"/>
    public static T[] Rent<T>(string op, long length)
    {
        if (length > Array.MaxLength) Throw.TooLarge(op, "an array", length);
        try
        {
            return ArrayPool<T>.Shared.Rent((int)length);
        }
        catch (OutOfMemoryException error)
        {
            throw Throw.NoMemory(op, length, Unsafe.SizeOf<T>(), error);
        }
    }
}
