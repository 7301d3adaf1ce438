namespace MicroGrad.Net;

/// <summary>
/// The base rate times factor^n, where n of the milestones are reached: a fall at each of them. As PyTorch's
/// MultiStepLR.
/// </summary>
/// <param name="milestones">The numbers of steps at which the rate falls; one named twice counts twice.</param>
/// <param name="factor">What the rate is multiplied by.</param>
public sealed class MultiStepSchedule(IEnumerable<int> milestones, double factor = 0.1) : Schedule
{
    readonly int[] _milestones = [.. milestones];

    /// <inheritdoc/>
    public override double Rate(double rate, int step) =>
        rate * Math.Pow(factor, _milestones.Count(milestone => milestone <= step));
}
