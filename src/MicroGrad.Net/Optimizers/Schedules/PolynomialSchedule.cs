namespace MicroGrad.Net;

/// <summary>The base rate times (1 − min(t, steps)/steps)^power: falls to 0 and stays. As PyTorch's PolynomialLR.</summary>
/// <param name="optimizer">Whose learning rate to change.</param>
/// <param name="steps">The number of steps to 0.</param>
/// <param name="power">1 for a straight line.</param>
/// <exception cref="ArgumentOutOfRangeException">No steps.</exception>
public sealed class PolynomialSchedule(Optimizer optimizer, int steps = 5, double power = 1)
    : Schedule(optimizer, Rule(Positive(nameof(PolynomialSchedule), nameof(steps), steps), power))
{
    static Func<double, int, double> Rule(int steps, double power) =>
        (rate, step) => rate * Math.Pow(1 - (double)Math.Min(step, steps) / steps, power);
}
