namespace MicroGrad.Net;

// The gradient of a tensor is summed up in memory of its own, which backward after backward uses. What a user holds
// never changes: it is a copy.
public partial class Tensor
{
    Tensor? _sum;           // for the library alone; once dropped, only its memory counts
    bool _hasGrad;
    Tensor? _seen;          // what a user was given, or gave, until the sum changes

    /// <summary>
    /// The accumulated derivative of what <see cref="Backward"/> was called on with respect to this tensor; null
    /// before. Kept on leaves (parameters and tensors whose <see cref="RequiresGrad"/> was set) and where
    /// <see cref="RetainGrad"/> asked for it. The tensor you get is a copy, made when it is first asked for, and never
    /// changes: after a later Backward there is another here. Outlives every <see cref="StepScope"/>.
    /// </summary>
    /// <exception cref="ShapeException">The gradient has another shape.</exception>
    /// <exception cref="DTypeException">The gradient has another number type.</exception>
    public Tensor? Grad
    {
        get
        {
            lock (this) return _seen ??= Gradient?.Keep();
        }
        set
        {
            if (value is not null && value.Shape != Shape)
                Throw.Shapes("Grad", $"a gradient of {value.Shape} does not fit a tensor of {Shape}.");
            if (value is not null && value.DType != DType) Throw.MixedDTypes("Grad", DType, value.DType);
            lock (this)
            {
                if (value is not null) ChangeGradient(value);
                if (value is not null) value.Storage.Scope = null;
                // A parameter's values change; those of a gradient do not.
                _seen = value?.Storage.Assignable == false ? value : null;
                _hasGrad = value is not null;
            }
        }
    }

    /// <summary>The gradient, for the library to read: its numbers change with the next backward.</summary>
    internal Tensor? Gradient => _hasGrad ? _sum : null;

    /// <summary>Adds what a backward found; tapes of several threads may end at one leaf.</summary>
    /// <param name="gradient">The derivative.</param>
    /// <param name="memory">Of the pass, which may own the gradient's; null where the pass is being recorded.</param>
    internal void Accumulate(Tensor gradient, Recycler? memory)
    {
        lock (this)
        {
            if (memory is null)
                Grad = Grad is { } before ? before + gradient : gradient.Storage.Assignable ? gradient * 1 : gradient;
            else if (_hasGrad && !Gradients.ChecksFinite)
            {
                _sum!.AddInPlace(gradient);
                _seen = null;
            }
            else if (!_hasGrad && memory.Owns(gradient.Storage))
            {
                // The gradient's memory against that of the one before: nothing is copied, nothing allocated.
                memory.Exchange(gradient.Storage, _sum?.Storage);
                (_sum, _hasGrad) = (gradient, true);
            }
            else ChangeGradient(_hasGrad ? _sum! + gradient : gradient);
        }
    }

    /// <summary>Replaces the gradient by others, in its memory.</summary>
    internal void ChangeGradient(Tensor values)
    {
        if (_sum is null) _sum = values.Keep();
        else values.CopyTo(_sum);
        (_seen, _hasGrad) = (null, true);
    }

    /// <summary>Drops the gradient and its memory.</summary>
    private protected void ForgetGradient() => (_sum, _hasGrad, _seen) = (null, false, null);
}
