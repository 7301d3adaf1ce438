using System.Diagnostics;

namespace MicroGrad.Net;

/// <summary>
/// An array of numbers with a shape, which remembers how it was computed, so that <see cref="Backward"/> can
/// compute the derivative of a result with respect to everything it depends on. Dense, row-major, immutable (only a
/// <see cref="Variable"/> can be assigned); nothing needs to be disposed.
/// </summary>
[DebuggerDisplay("{DebuggerText,nq}")]
[TypeFormatterSource]
public partial class Tensor
{
    // Kernels and their callers multiply sizes of tensors freely, relying on this.
    internal Tensor(Shape shape, Storage storage)
    {
        if (!shape.FitsTensor) Throw.TensorTooLarge(shape);
        Sizes.Require("tensor", storage.Length == shape.Length);
        (Shape, Storage) = (shape, storage);
    }

    internal Storage Storage { get; private protected set; }

    /// <summary>The sizes of the axes.</summary>
    public Shape Shape { get; }

    /// <summary>The number type of the elements.</summary>
    public DType DType => Storage.DType;

    /// <summary>The number of axes.</summary>
    public int Rank => Shape.Rank;

    /// <summary>The number of elements.</summary>
    public int Length => Shape.Length;

    /// <summary>The operation that made this tensor, or the start of the tape for a leaf; null where no gradient
    /// flows.</summary>
    public Node? Node { get; internal set; }

    /// <summary>
    /// Whether gradients flow to this tensor: it is a leaf that was asked to, or depends on one. Can be set on leaves
    /// only; on a computed tensor, <see cref="Detach"/> cuts the tape instead.
    /// </summary>
    public bool RequiresGrad
    {
        get => Node is not null;
        set
        {
            if (value == RequiresGrad) return;
            if (Node is { IsLeaf: false })
                throw new InvalidOperationException($"RequiresGrad: the result of '{Node.Op}' depends on tensors that "
                    + "require gradients; use Detach() to cut it off.");
            Node = value ? Node.ForLeaf(this) : null;
            if (!value && !_hasGrad) _sum = null;
        }
    }

    /// <summary>Asks <see cref="Backward"/> to keep the gradient of this computed tensor too; returns the
    /// tensor.</summary>
    /// <exception cref="GradientException">No gradient flows here.</exception>
    public Tensor RetainGrad()
    {
        if (Node is null) Throw.NothingToDifferentiate(nameof(RetainGrad));
        Node.KeepsGradOf = this;
        return this;
    }

    /// <summary>The same numbers (shared, not copied) cut off from the tape: no gradient flows through the
    /// result.</summary>
    public Tensor Detach() => new(Shape, Storage);

    /// <summary>A copy, cut off from the tape, that outlives every <see cref="StepScope"/>.</summary>
    public Tensor Keep()
    {
        var copy = new Tensor(Shape, new Storage(Shape, DType, clear: false, scope: null));
        CopyTo(copy);
        return copy;
    }

    /// <summary>Writes the numbers into a tensor of the same length and number type.</summary>
    internal void CopyTo(Tensor target)
    {
        if (DType == DType.Float32) Read<float>().CopyTo(target.Write<float>());
        else Read<double>().CopyTo(target.Write<double>());
    }

    /// <summary>
    /// The elements in row-major order, read-only. Of a tensor made inside a <see cref="StepScope"/>, the span stays
    /// valid when the scope ends, but its memory is then not used again.
    /// </summary>
    /// <exception cref="DTypeException"><typeparamref name="T"/> is not float for Float32 or double for
    /// Float64.</exception>
    /// <exception cref="InvalidOperationException">The tensor was made inside a <see cref="StepScope"/> that has
    /// ended. So throws everything that reads the elements.</exception>
    public ReadOnlySpan<T> AsSpan<T>() where T : unmanaged => Storage.UsersSpan<T>();

    /// <summary>A copy of the elements in row-major order.</summary>
    /// <exception cref="DTypeException"><typeparamref name="T"/> is not float for Float32 or double for
    /// Float64.</exception>
    public T[] ToArray<T>() where T : unmanaged => Read<T>().ToArray();

    /// <summary>A copy of the elements in row-major order, as doubles whatever the number type.</summary>
    public double[] ToDoubles()
    {
        if (DType == DType.Float64) return ToArray<double>();
        var result = Sizes.New<double>(nameof(ToDoubles), Length);
        Move.Convert(Read<float>(), result.AsSpan());
        return result;
    }

    /// <summary>The value of a tensor with one element.</summary>
    /// <exception cref="ShapeException">The tensor has more or fewer elements.</exception>
    public double Item()
    {
        if (Length != 1) Throw.NotOneElement(nameof(Item), Shape);
        return DType == DType.Float32 ? Read<float>()[0] : Read<double>()[0];
    }

    /// <summary>For the library to read, which keeps no span.</summary>
    internal ReadOnlySpan<T> Read<T>() where T : unmanaged => Storage.Span<T>();

    /// <summary>For kernels filling a tensor that nobody has seen yet.</summary>
    internal Span<T> Write<T>() where T : unmanaged => Storage.Span<T>();

    /// <summary>
    /// Computes the derivative of this number with respect to every leaf it depends on, by walking its tape
    /// backwards, and adds it to their <see cref="Grad"/>. Frees the tape on the way.
    /// </summary>
    /// <param name="seed">The derivative of some final result with respect to this tensor; 1 for a single
    /// number.</param>
    /// <param name="retainTape">Keep the tape, so that Backward can run over it again.</param>
    /// <param name="createGraph">Record the computation of the gradients, so that they can be differentiated; keeps
    /// the tape too.</param>
    /// <exception cref="GradientException">The tensor depends on nothing that requires gradients; it is not a single
    /// number and no seed is given; the tape was freed by an earlier call; a parameter changed since.</exception>
    public void Backward(Tensor? seed = null, bool retainTape = false, bool createGraph = false) =>
        BackwardPass.Walk(nameof(Backward), this, seed, retainTape, createGraph, only: null, wanted: null);

    /// <summary>The operations this tensor was computed by, in order of their execution.</summary>
    /// <exception cref="GradientException">No gradient flows here, so nothing was recorded.</exception>
    public Tape Tape => Tape.Of(this);
}
