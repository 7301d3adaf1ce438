namespace MicroGrad.Net;

/// <summary>The base rate times (1 − min(t, steps)/steps)^power: falls to 0 and stays. As PyTorch's PolynomialLR.</summary>
/// <param name="steps">The number of steps to 0.</param>
/// <param name="power">1 for a straight line.</param>
/// <exception cref="ArgumentOutOfRangeException">No steps.</exception>
public sealed class PolynomialSchedule(int steps = 5, double power = 1) : Schedule
{
    readonly int _steps = Positive(nameof(PolynomialSchedule), nameof(steps), steps);

    /// <inheritdoc/>
    public override double Rate(double rate, int step) =>
        rate * Math.Pow(1 - (double)Math.Min(step, _steps) / _steps, power);
}
