namespace MicroGrad.Net;

/// <summary>
/// The base rate times factor^n, where n of the milestones are reached: a fall at each of them. As PyTorch's
/// MultiStepLR.
/// </summary>
/// <param name="optimizer">Whose learning rate to change.</param>
/// <param name="milestones">The numbers of steps at which the rate falls; one named twice counts twice.</param>
/// <param name="factor">What the rate is multiplied by.</param>
public sealed class MultiStepSchedule(Optimizer optimizer, IEnumerable<int> milestones, double factor = 0.1)
    : Schedule(optimizer, Rule([.. milestones], factor))
{
    static Func<double, int, double> Rule(int[] milestones, double factor) =>
        (rate, step) => rate * Math.Pow(factor, milestones.Count(milestone => milestone <= step));
}
