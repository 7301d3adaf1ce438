namespace MicroGrad.Net;

/// <summary>How far training has come: after a step, or at the end of an epoch.</summary>
public sealed record TrainingProgress
{
    /// <summary>The number of the epoch, from 1.</summary>
    public required int Epoch { get; init; }

    /// <summary>The number of the last epoch.</summary>
    public required int Epochs { get; init; }

    /// <summary>Steps done in this epoch.</summary>
    public required int Step { get; init; }

    /// <summary>The steps of an epoch; null where the source of batches does not say how many it has.</summary>
    public required int? Steps { get; init; }

    /// <summary>Steps done since training began.</summary>
    public required long TotalSteps { get; init; }

    /// <summary>The loss of the last step; NaN where its batch had nothing to learn from (all labels ignored), so that
    /// nothing was changed.</summary>
    public required double Loss { get; init; }

    /// <summary>The loss over all batches seen in this epoch, as if they were one.</summary>
    public required double MeanLoss { get; init; }

    /// <summary>The learning rate of the last step.</summary>
    public required double LearningRate { get; init; }

    /// <summary>The figures of the epoch by name, as in the <see cref="History"/>; null until it has ended.</summary>
    public IReadOnlyDictionary<string, double>? Figures { get; init; }

    /// <summary>Whether this epoch has the best monitored figure so far; false until it has ended.</summary>
    public bool IsBest { get; init; }
}
