using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;

namespace MicroGrad.Net;

/// <summary>The number types of files. A tensor takes each as the type that keeps all of its values.</summary>
enum StoredType
{
    Bool, U8, I8, U16, I16, F16, BF16, U32, I32, F32, U64, I64, F64,
}

/// <summary>Reads and writes the values of tensors as files hold them.</summary>
static class StoredNumbers
{
    const int ChunkLength = 1 << 14;
    const long FirstInexact = 1L << 53;     // below, every whole number is a Float64; this one may have been 1 more

    /// <summary>The most axes a tensor of a file may have: that of NumPy and PyTorch.</summary>
    public const int MaxRank = Sizes.MostAxes;

    extension(StoredType type)
    {
        /// <summary>The bytes of one number.</summary>
        public int Size => type switch
        {
            <= StoredType.I8 => 1,
            <= StoredType.BF16 => 2,
            <= StoredType.F32 => 4,
            _ => 8,
        };

        /// <summary>The number type of the tensor: Float32 where that has every value, else Float64.</summary>
        public DType DType => type is <= StoredType.BF16 or StoredType.F32 ? DType.Float32 : DType.Float64;
    }

    /// <summary>The number of elements of a shape; null where it is more than a tensor can have.</summary>
    public static int? Count(ReadOnlySpan<int> sizes)
    {
        long count = 1;
        if (sizes.Contains(0)) return Shape.Of(sizes).FitsTensor ? 0 : null;
        foreach (var size in sizes)
            if ((count *= size) > int.MaxValue) return null;
        return (int)count;
    }

    /// <summary>
    /// The next numbers of a file as a tensor; null, and why, where it cannot hold one of them. The caller made sure
    /// that the file has them; it then stands behind them.
    /// </summary>
    public static Tensor? Read(
        DataFile file, StoredType type, Shape shape, out string? problem, bool bigEndian = false)
    {
        problem = null;
        Tensor result;
        try
        {
            result = Tensor.Empty(shape, type.DType);
        }
        catch (OutOfMemoryException reason)
        {
            throw file.Bad($"there is no memory for {shape} of {type.DType}", reason);
        }
        if (type == StoredType.F32) ReadInPlace(file, result.Write<float>(), bigEndian);
        else if (type == StoredType.F64) ReadInPlace(file, result.Write<double>(), bigEndian);
        else problem = ReadConverted(file, type, result, bigEndian);
        return problem is null ? result : null;
    }

    static void ReadInPlace<T>(DataFile file, Span<T> values, bool bigEndian) where T : unmanaged
    {
        for (var done = 0; done < values.Length;)
        {
            var chunk = values.Slice(done, Math.Min(ChunkLength, values.Length - done));
            var bytes = MemoryMarshal.AsBytes(chunk);
            file.ReadExactly(bytes);
            if (bigEndian == BitConverter.IsLittleEndian) Reverse(bytes, bytes.Length / chunk.Length);
            done += chunk.Length;
        }
    }

    static string? ReadConverted(DataFile file, StoredType type, Tensor result, bool bigEndian)
    {
        string? problem = null;
        var buffer = new byte[Math.Min(ChunkLength, result.Length) * type.Size];
        for (var done = 0; done < result.Length;)
        {
            var count = Math.Min(ChunkLength, result.Length - done);
            var bytes = buffer.AsSpan(0, count * type.Size);
            file.ReadExactly(bytes);
            if (bigEndian == BitConverter.IsLittleEndian) Reverse(bytes, type.Size);
            if (type.DType == DType.Float32) Convert(type, bytes, result.Write<float>().Slice(done, count));
            else if (Convert(type, bytes, result.Write<double>().Slice(done, count)) is >= 0 and var inexact)
            {
                var number = bytes.Slice(inexact * type.Size, type.Size);
                var text = type == StoredType.U64 ? $"{MemoryMarshal.Read<ulong>(number)}"
                    : $"{MemoryMarshal.Read<long>(number)}";
                problem ??= file.At(file.Offset - bytes.Length + inexact * type.Size,
                    $"value {done + inexact} is {text}, which a tensor cannot hold exactly");
            }
            done += count;
        }
        return problem;
    }

    static void Convert(StoredType type, ReadOnlySpan<byte> bytes, Span<float> values)
    {
        switch (type)
        {
            case StoredType.Bool:
                for (var i = 0; i < values.Length; i++) values[i] = bytes[i] == 0 ? 0 : 1;
                break;
            case StoredType.U8: Each<byte, float>(bytes, values); break;
            case StoredType.I8: Each<sbyte, float>(bytes, values); break;
            case StoredType.U16: Each<ushort, float>(bytes, values); break;
            case StoredType.I16: Each<short, float>(bytes, values); break;
            case StoredType.F16: Each<Half, float>(bytes, values); break;
            case StoredType.BF16:
                // The upper half of a Float32.
                var bits = MemoryMarshal.Cast<byte, ushort>(bytes);
                for (var i = 0; i < values.Length; i++)
                    values[i] = BitConverter.UInt32BitsToSingle((uint)bits[i] << 16);
                break;
        }
    }

    /// <summary>Converts whole numbers; gives the place of the first that is not exact, or -1.</summary>
    static int Convert(StoredType type, ReadOnlySpan<byte> bytes, Span<double> values)
    {
        switch (type)
        {
            case StoredType.U32: Each<uint, double>(bytes, values); break;
            case StoredType.I32: Each<int, double>(bytes, values); break;
            case StoredType.U64: return Exactly(MemoryMarshal.Cast<byte, ulong>(bytes), values);
            case StoredType.I64: return Exactly(MemoryMarshal.Cast<byte, long>(bytes), values);
        }
        return -1;
    }

    static int Exactly<T>(ReadOnlySpan<T> numbers, Span<double> values) where T : unmanaged, IBinaryInteger<T>
    {
        var inexact = -1;
        for (var i = values.Length - 1; i >= 0; i--)
        {
            values[i] = double.CreateTruncating(numbers[i]);
            // Compared as Int128, which has 2^63 and 2^64 too, the doubles of the largest numbers.
            if (Math.Abs(values[i]) >= FirstInexact
                && Int128.CreateTruncating(values[i]) != Int128.CreateTruncating(numbers[i])) inexact = i;
        }
        return inexact;
    }

    static void Each<TFrom, TTo>(ReadOnlySpan<byte> bytes, Span<TTo> values)
        where TFrom : unmanaged, INumberBase<TFrom> where TTo : unmanaged, INumberBase<TTo>
    {
        var numbers = MemoryMarshal.Cast<byte, TFrom>(bytes);
        for (var i = 0; i < values.Length; i++) values[i] = TTo.CreateTruncating(numbers[i]);
    }

    /// <summary>The values of a tensor, little-endian, piece by piece.</summary>
    public static void Write(Tensor tensor, Action<ReadOnlySpan<byte>> write)
    {
        if (tensor.DType == DType.Float32) Write(tensor.Read<float>(), write);
        else Write(tensor.Read<double>(), write);
    }

    static void Write<T>(ReadOnlySpan<T> values, Action<ReadOnlySpan<byte>> write) where T : unmanaged
    {
        for (var done = 0; done < values.Length;)
        {
            var chunk = values.Slice(done, Math.Min(ChunkLength, values.Length - done));
            var bytes = MemoryMarshal.AsBytes(chunk);
            if (!BitConverter.IsLittleEndian)
            {
                var copy = bytes.ToArray();
                Reverse(copy, copy.Length / chunk.Length);
                bytes = copy;
            }
            write(bytes);
            done += chunk.Length;
        }
    }

    static void Reverse(Span<byte> bytes, int size)
    {
        switch (size)
        {
            case 2:
                var shorts = MemoryMarshal.Cast<byte, ushort>(bytes);
                BinaryPrimitives.ReverseEndianness(shorts, shorts);
                break;
            case 4:
                var ints = MemoryMarshal.Cast<byte, uint>(bytes);
                BinaryPrimitives.ReverseEndianness(ints, ints);
                break;
            case 8:
                var longs = MemoryMarshal.Cast<byte, ulong>(bytes);
                BinaryPrimitives.ReverseEndianness(longs, longs);
                break;
        }
    }
}
