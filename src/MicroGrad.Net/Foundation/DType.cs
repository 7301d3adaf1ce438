namespace MicroGrad.Net;

/// <summary>The number type of a tensor's elements. Tensors of different types do not mix: convert with <c>To</c>.</summary>
public enum DType
{
    /// <summary>32-bit IEEE 754 numbers: the default, and what training uses.</summary>
    Float32,

    /// <summary>64-bit IEEE 754 numbers: what gradient checks use.</summary>
    Float64,
}
