namespace MicroGrad.Net;

/// <summary>
/// Some rows of a data set: inputs X, what they should lead to (Y), and the numbers of the rows. Rows are copied
/// together when asked for: inside a <see cref="StepScope"/>, into its memory, and after its end anew.
/// </summary>
/// <typeparam name="TInput">A tensor, ids, or a tuple of several inputs.</typeparam>
/// <typeparam name="TTarget">Tensor, int[] for class labels, or a tuple.</typeparam>
public sealed class Batch<TInput, TTarget> : IBatch<TInput, TTarget>
{
    readonly Rows<TInput> _x;
    readonly Rows<TTarget> _y;

    /// <summary>A batch of rows that are there already.</summary>
    /// <param name="x">The inputs.</param>
    /// <param name="y">What they should lead to.</param>
    /// <param name="indices">The numbers of the rows.</param>
    public Batch(TInput x, TTarget y, int[] indices) : this(_ => x, _ => y, indices)
    {
    }

    internal Batch(Func<int[], TInput> x, Func<int[], TTarget> y, int[] indices) =>
        (_x, _y, Indices) = (new(x), new(y), indices);

    /// <summary>The inputs.</summary>
    public TInput X => _x.Of(Indices);

    /// <summary>What they should lead to.</summary>
    public TTarget Y => _y.Of(Indices);

    /// <summary>The numbers of the rows.</summary>
    public int[] Indices { get; }

    /// <summary>The number of rows.</summary>
    public int Count => Indices.Length;

    /// <summary>For <c>foreach (var (x, y) in batches)</c>.</summary>
    public void Deconstruct(out TInput x, out TTarget y) => (x, y) = (X, Y);

    sealed class Rows<T>(Func<int[], T> pick)
    {
        T? _rows;
        bool _picked;

        public T Of(int[] indices)
        {
            if (!_picked || !Tensors.In(_rows).All(tensor => tensor.Storage.IsAlive)) (_rows, _picked) = (pick(indices), true);
            return _rows!;
        }
    }
}
