namespace MicroGrad.Net;

// The gradient of a tensor, and the memory it is in. A backward that adds to it writes in place, and one that comes
// after it was dropped uses its memory again; unless the gradient was handed out: what a user holds never changes.
public partial class Tensor
{
    Tensor? _grad;
    bool _gradIsShared;
    Storage? _spare;

    /// <summary>
    /// The accumulated derivative of what <see cref="Backward"/> was called on with respect to this tensor; null
    /// before. Kept on leaves (parameters and tensors whose <see cref="RequiresGrad"/> was set) and where
    /// <see cref="RetainGrad"/> asked for it. The tensor you get never changes: a later Backward puts another here.
    /// Outlives every <see cref="StepScope"/>.
    /// </summary>
    /// <exception cref="ShapeException">The gradient has another shape.</exception>
    /// <exception cref="DTypeException">The gradient has another number type.</exception>
    public Tensor? Grad
    {
        get
        {
            _gradIsShared = true;
            return _grad;
        }
        set
        {
            if (value is not null && value.Shape != Shape)
                Throw.Shapes("Grad", $"a gradient of {value.Shape} does not fit a tensor of {Shape}.");
            if (value is not null && value.DType != DType) Throw.MixedDTypes("Grad", DType, value.DType);
            if (value is not null) value.Storage.Scope = null;
            if (_grad is not null && !_gradIsShared) _spare = _grad.Storage;
            (_grad, _gradIsShared) = (value, true);
        }
    }

    /// <summary>The gradient, for the library to read: it is not handed out.</summary>
    internal Tensor? Gradient => _grad;

    /// <summary>Adds what a backward found.</summary>
    /// <param name="gradient">The derivative.</param>
    /// <param name="memory">Of the pass, which may own the gradient's; null where the pass is being recorded.</param>
    internal void Accumulate(Tensor gradient, Recycler? memory)
    {
        if (memory is null)
        {
            Grad = _grad is not null ? _grad + gradient : gradient.Storage.Assignable ? gradient * 1 : gradient;
            return;
        }
        if (_grad is not null && !_gradIsShared && !Gradients.ChecksFinite)
        {
            _grad.AddInPlace(gradient);
            return;
        }
        if (_grad is null && memory.Owns(gradient.Storage, holds: 1))
        {
            // The gradient's memory against that of the one before: nothing is copied, nothing allocated.
            if (_spare is not null) memory.TakeBack(_spare);
            gradient.Storage.Scope = null;
            _grad = gradient;
        }
        else
        {
            using var outside = Recycler.Outside();
            _grad = _grad is not null ? _grad + gradient : Copy(gradient, _spare);
        }
        (_spare, _gradIsShared) = (null, false);
    }

    /// <summary>Replaces the gradient by others, in its memory where that is not handed out.</summary>
    internal void ChangeGradient(Tensor values)
    {
        using var outside = Recycler.Outside();
        _grad = Copy(values, _gradIsShared ? null : _grad?.Storage);
        _gradIsShared = false;
    }

    /// <summary>Drops the gradient and the memory kept for the next.</summary>
    private protected void ForgetGradient() => (_grad, _spare) = (null, null);
}
