using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace MicroGrad.Net;

/// <summary>A tensor, or a tuple with tensors, or neither: the tensors in it, and the same with others in their places.</summary>
readonly struct TensorParts<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicFields)] T>(T value)
{
    // A value tuple is copied when it is boxed, so that nobody else's changes.
    static readonly FieldInfo[] s_fields = typeof(T).IsValueType && typeof(ITuple).IsAssignableFrom(typeof(T))
        ? typeof(T).GetFields(BindingFlags.Public | BindingFlags.Instance) : [];

    public T Value => value;

    public Tensor[] Tensors
    {
        get
        {
            if (value is Tensor tensor) return [tensor];
            object? boxed = value;
            return [.. s_fields.Select(part => part.GetValue(boxed)).OfType<Tensor>()];
        }
    }

    /// <summary>The value with its tensors in Float64, off the tape.</summary>
    public T Wide => With(Array.ConvertAll(Tensors, tensor => tensor.Detach().To(DType.Float64)));

    /// <summary>The value with other tensors, in the order of its own.</summary>
    public T With(Tensor[] others)
    {
        if (value is Tensor) return (T)(object)others[0];
        if (others.Length == 0) return value;
        object boxed = value!;
        var next = 0;
        foreach (var part in s_fields)
            if (part.GetValue(boxed) is Tensor) part.SetValue(boxed, others[next++]);
        return (T)boxed;
    }
}
