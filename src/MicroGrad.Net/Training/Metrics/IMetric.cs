namespace MicroGrad.Net;

/// <summary>
/// A figure of merit that is built up over batches and is exactly that of all their rows together, however they were
/// batched, also where a mean of the batches' figures would be wrong (AUC, F1, R²). Outside a trainer:
/// <c>foreach (var (x, y) in test) auc.Add(model.Forward(x), y);</c> and then <c>auc.Value</c>.
/// </summary>
/// <typeparam name="TOutput">What the model gives.</typeparam>
/// <typeparam name="TTarget">Tensor, int[] for class labels, or a tuple.</typeparam>
public interface IMetric<in TOutput, in TTarget>
{
    /// <summary>The figure of all that was added since the start or the last <see cref="Reset"/>.</summary>
    double Value { get; }

    /// <summary>Adds the predictions for a batch, and what they should have been.</summary>
    void Add(TOutput prediction, TTarget target);

    /// <summary>Forgets all that was added.</summary>
    void Reset();
}

/// <summary>An <see cref="IMetric{TOutput, TTarget}"/> of predictions that are one tensor.</summary>
/// <typeparam name="TTarget">Tensor, or int[] for class labels.</typeparam>
public interface IMetric<in TTarget> : IMetric<Tensor, TTarget>;
