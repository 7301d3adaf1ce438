using System.Diagnostics.CodeAnalysis;

namespace MicroGrad.Net;

/// <summary>
/// The numbers behind one or more tensors: reshaped and detached tensors share them. Only a <see cref="Variable"/>
/// writes to its storage after construction, and counts each time, so that a tape can tell that it did.
/// </summary>
sealed class Storage
{
    readonly float[]? _singles;
    readonly double[]? _doubles;

    public Storage(int length, DType dtype, bool clear)
    {
        if (dtype == DType.Float32)
            _singles = clear ? new float[length] : GC.AllocateUninitializedArray<float>(length);
        else
            _doubles = clear ? new double[length] : GC.AllocateUninitializedArray<double>(length);
    }

    public DType DType => _singles is null ? DType.Float64 : DType.Float32;

    /// <summary>How often the numbers were changed.</summary>
    public int Version { get; set; }

    /// <summary>The parameter or buffer that writes to the numbers; null where they never change.</summary>
    public Variable? Owner { get; set; }

    /// <summary>Whether the numbers can change at all: they belong to a parameter or buffer.</summary>
    public bool Assignable => Owner is not null;

    public Span<T> Span<T>() where T : unmanaged
    {
        if (typeof(T) == typeof(float) && _singles is not null) return (T[])(object)_singles;
        if (typeof(T) == typeof(double) && _doubles is not null) return (T[])(object)_doubles;
        Throw.WrongElementType(DType, typeof(T));
        return default;
    }
}
