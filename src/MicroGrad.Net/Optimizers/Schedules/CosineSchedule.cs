namespace MicroGrad.Net;

/// <summary>
/// Half a cosine from the base rate to the minimum: minimum + (base − minimum)·(1 + cos(π·t/steps))/2 (Loshchilov and
/// Hutter, 2016). Beyond <c>steps</c> it rises again. As PyTorch's CosineAnnealingLR.
/// </summary>
/// <param name="steps">The number of steps to the minimum.</param>
/// <param name="minimum">The smallest rate.</param>
/// <exception cref="ArgumentOutOfRangeException">No steps.</exception>
public sealed class CosineSchedule(int steps, double minimum = 0) : Schedule
{
    readonly int _steps = Positive(nameof(CosineSchedule), nameof(steps), steps);

    /// <inheritdoc/>
    public override double Rate(double rate, int step) =>
        minimum + (rate - minimum) * (1 + Math.Cos(Math.PI * step / _steps)) / 2;
}
