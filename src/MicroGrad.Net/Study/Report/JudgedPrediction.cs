namespace MicroGrad.Net;

/// <summary>What a network said of one sample, and how wrong that was: for the list of the worst in a report.</summary>
/// <param name="Loss">How wrong it was.</param>
/// <param name="Truth">What would have been right, in words or numbers.</param>
/// <param name="Said">What the network said.</param>
/// <param name="Input">What it was shown; empty where a picture shows it.</param>
public sealed record JudgedPrediction(double Loss, string Truth, string Said, string Input = "")
{
    /// <summary>What it was shown as a picture, [h, w], [1, h, w] or [3, h, w]; null for none.</summary>
    public Tensor? Image { get; init; }

    /// <summary>What the network made of it as a picture; null for none.</summary>
    public Tensor? SaidImage { get; init; }
}
