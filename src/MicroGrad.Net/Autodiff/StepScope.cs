namespace MicroGrad.Net;

/// <summary>
/// Recycles the memory of a training step: <c>using (new StepScope()) { … }</c> around forward, backward and step.
/// The numbers of every tensor made inside, on this thread, are in arrays that the next scope uses again, so that a
/// loop allocates nothing large once it is warm.
/// </summary>
/// <remarks>
/// <para>When the scope ends, whatever reads a tensor made inside throws an <see cref="InvalidOperationException"/>;
/// none ever sees numbers that are not its own. Take <see cref="Tensor.Item"/> or <see cref="Tensor.ToArray{T}"/>
/// inside, or <see cref="Tensor.Keep"/> a copy.</para>
/// <para>Parameters and buffers, gradients in a <see cref="Tensor.Grad"/>, and what an optimizer, a weight average or a
/// saved state remembers outlive every scope, wherever they are made.</para>
/// <para>Scopes can be nested, and each thread has its own; other threads must be done with a scope's tensors when it
/// ends. The compiler forbids to await inside. A second Dispose does nothing, and that of an outer scope ends the inner
/// ones. <see cref="Trainer{TInput, TOutput, TTarget}"/> opens one itself.</para>
/// </remarks>
public readonly ref struct StepScope : IDisposable
{
    readonly Recycler? _recycler;

    /// <summary>Begins a scope on this thread.</summary>
    public StepScope() => _recycler = Recycler.Begin();

    /// <summary>Ends the scope.</summary>
    public void Dispose() => _recycler?.End();

    /// <summary>
    /// Leaves all memory that waits for the next scope or backward to the garbage collector: for when training is over.
    /// What recent steps did not need goes by itself.
    /// </summary>
    public static void FreeMemory() => Recycler.Pool.DropIdle();
}
