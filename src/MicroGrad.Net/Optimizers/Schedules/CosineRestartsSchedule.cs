namespace MicroGrad.Net;

/// <summary>
/// <see cref="CosineSchedule"/> that starts anew at the base rate whenever it reaches the minimum, each cycle longer by
/// a factor (Loshchilov and Hutter, 2016). As PyTorch's CosineAnnealingWarmRestarts.
/// </summary>
/// <param name="firstCycle">The number of steps of the first cycle.</param>
/// <param name="cycleFactor">How much longer each cycle is than the one before.</param>
/// <param name="minimum">The smallest rate.</param>
/// <exception cref="ArgumentOutOfRangeException">No steps, or a factor below 1.</exception>
public sealed class CosineRestartsSchedule(int firstCycle, int cycleFactor = 1, double minimum = 0) : Schedule
{
    readonly int _firstCycle = Positive(nameof(CosineRestartsSchedule), nameof(firstCycle), firstCycle);
    readonly int _cycleFactor = Positive(nameof(CosineRestartsSchedule), nameof(cycleFactor), cycleFactor);

    /// <inheritdoc/>
    public override double Rate(double rate, int step)
    {
        var (start, length) = (0L, (long)_firstCycle);
        if (_cycleFactor == 1) start = step / length * length;
        else
            for (; step >= start + length; length *= _cycleFactor) start += length;
        return minimum + (rate - minimum) * (1 + Math.Cos(Math.PI * (step - start) / length)) / 2;
    }
}
