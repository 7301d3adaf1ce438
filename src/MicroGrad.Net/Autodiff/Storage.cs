namespace MicroGrad.Net;

/// <summary>
/// The numbers behind one or more tensors: reshaped and detached tensors share them. Only a <see cref="Variable"/>
/// writes to its storage after construction, and counts each time, so that a tape can tell that it did.
/// </summary>
sealed class Storage
{
    // Both null once the scope that it was made in has ended.
    float[]? _singles;
    double[]? _doubles;

    /// <param name="shape">Of the tensor that it is for, as many elements.</param>
    /// <param name="dtype">Their type.</param>
    /// <param name="clear">Whether they start as 0; otherwise they are undefined.</param>
    /// <param name="scope">The scope that recycles the memory; null for none.</param>
    public Storage(Shape shape, DType dtype, bool clear, Recycler? scope)
    {
        if (!shape.FitsTensor) Throw.TensorTooLarge(shape);     // before the memory is asked for
        (DType, Scope, Length) = (dtype, scope, shape.Length);
        if (dtype == DType.Float32) _singles = Allocate<float>(clear);
        else _doubles = Allocate<double>(clear);
    }

    /// <summary>The number of elements.</summary>
    public int Length { get; }

    public DType DType { get; }

    /// <summary>The scope that recycles the memory; null for none.</summary>
    public Recycler? Scope { get; set; }

    /// <summary>How many pending gradients of the running backward have this memory.</summary>
    public int Holds { get; set; }

    /// <summary>Whether a user may hold a span of the numbers, so that the memory cannot be used again.</summary>
    public bool Exposed { get; set; }

    public bool IsAlive => _singles is not null || _doubles is not null;

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
        if (!IsAlive) Throw.ScopeEnded();
        Throw.WrongElementType(DType, typeof(T));
        return default;
    }

    /// <summary>Gives up the array, so that nothing can read by this storage what is written to it next.</summary>
    public void Recycle(Arena arena)
    {
        if (!Exposed && _singles is not null) arena.Return(_singles);
        if (!Exposed && _doubles is not null) arena.Return(_doubles);
        (_singles, _doubles, Scope) = (null, null, null);
    }

    T[] Allocate<T>(bool clear) where T : unmanaged
    {
        if (Scope is null) return Sizes.New<T>("tensor", Length, clear);
        var array = Scope.Rent<T>(this, Length);
        if (clear) Array.Clear(array);
        return array;
    }
}
