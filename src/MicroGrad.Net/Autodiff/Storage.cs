namespace MicroGrad.Net;

/// <summary>
/// The numbers behind one or more tensors: reshaped and detached tensors share them. Only a <see cref="Variable"/>
/// writes to its storage after construction, and counts each time, so that a tape can tell that it did.
/// </summary>
sealed class Storage
{
    // A user's span is one more hold, never let go.
    const int UsersHold = 1 << 30;

    // At least as long as needed; null once the scope that it was made in has ended.
    Array? _numbers;

    /// <param name="shape">Of the tensor that it is for, as many elements.</param>
    /// <param name="dtype">Their type.</param>
    /// <param name="clear">Whether they start as 0; otherwise they are undefined.</param>
    /// <param name="scope">The scope that recycles the memory; null for none.</param>
    public Storage(Shape shape, DType dtype, bool clear, Recycler? scope)
    {
        if (!shape.FitsTensor) Throw.TensorTooLarge(shape);     // before the memory is asked for
        (DType, Scope, Length) = (dtype, scope, shape.Length);
        _numbers = dtype == DType.Float32 ? Allocate<float>(clear) : Allocate<double>(clear);
    }

    /// <summary>The number of elements.</summary>
    public int Length { get; }

    public DType DType { get; }

    /// <summary>The scope that recycles the memory; null for none.</summary>
    public Recycler? Scope { get; set; }

    /// <summary>How many pending gradients of the running backward, and spans of a user, keep the memory from being used
    /// again.</summary>
    public int Holds { get; set; }

    public bool IsAlive => _numbers is not null;

    /// <summary>How often the numbers were changed.</summary>
    public int Version { get; set; }

    /// <summary>The parameter or buffer that writes to the numbers; null where they never change.</summary>
    public Variable? Owner { get; set; }

    /// <summary>Whether the numbers can change at all: they belong to a parameter or buffer.</summary>
    public bool Assignable => Owner is not null;

    public Span<T> Span<T>() where T : unmanaged
    {
        if (_numbers is T[] array) return array.AsSpan(0, Length);
        if (!IsAlive) Throw.ScopeEnded();
        Throw.WrongElementType(DType, typeof(T));
        return default;
    }

    /// <summary>The numbers for a user, who may look at them for ever: their memory is not used again.</summary>
    public ReadOnlySpan<T> UsersSpan<T>() where T : unmanaged
    {
        Holds |= UsersHold;
        return Span<T>();
    }

    /// <summary>Gives up the array, so that nothing can read by this storage what is written to it next.</summary>
    public void Recycle(Recycler.Pool pool)
    {
        if (Holds == 0 && _numbers is not null) pool.Return(_numbers);
        (_numbers, Scope) = (null, null);
    }

    T[] Allocate<T>(bool clear) where T : unmanaged
    {
        if (Scope is null) return Sizes.New<T>("tensor", Length, clear);
        var array = Scope.Rent<T>(this, Length);
        if (clear) Array.Clear(array, 0, Length);
        return array;
    }
}
