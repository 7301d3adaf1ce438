namespace MicroGrad.Net;

/// <summary>The base rate times factor^⌊t/every⌋: a fall every so many steps. As PyTorch's StepLR.</summary>
/// <param name="every">The number of steps from one fall to the next.</param>
/// <param name="factor">What the rate is multiplied by.</param>
/// <exception cref="ArgumentOutOfRangeException">No steps.</exception>
public sealed class StepSchedule(int every, double factor = 0.1) : Schedule
{
    readonly int _every = Positive(nameof(StepSchedule), nameof(every), every);

    /// <inheritdoc/>
    public override double Rate(double rate, int step) => rate * Math.Pow(factor, step / _every);
}
