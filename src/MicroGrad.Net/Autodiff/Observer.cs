namespace MicroGrad.Net;

/// <summary>Who watches a thread.</summary>
/// <param name="Recorded">Told of each operation as it is recorded.</param>
/// <param name="Ended">Told of each call of a module or loss as it ends.</param>
sealed record Observer(Observer.Recorder? Recorded, Action<Call>? Ended)
{
    /// <summary>Takes a result, whose node exists, and all its inputs.</summary>
    internal delegate void Recorder(Tensor result, ReadOnlySpan<(Tensor Input, Func<Tensor, Tensor>? Rule)> inputs);
}
