namespace MicroGrad.Net;

/// <summary>The base rate times factor^⌊t/every⌋: a fall every so many steps. As PyTorch's StepLR.</summary>
/// <param name="optimizer">Whose learning rate to change.</param>
/// <param name="every">The number of steps from one fall to the next.</param>
/// <param name="factor">What the rate is multiplied by.</param>
/// <exception cref="ArgumentOutOfRangeException">No steps.</exception>
public sealed class StepSchedule(Optimizer optimizer, int every, double factor = 0.1)
    : Schedule(optimizer, Rule(Positive(nameof(StepSchedule), nameof(every), every), factor))
{
    static Func<double, int, double> Rule(int every, double factor) => (rate, step) => rate * Math.Pow(factor, step / every);
}
