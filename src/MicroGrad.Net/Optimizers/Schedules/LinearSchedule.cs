namespace MicroGrad.Net;

/// <summary>
/// Linear warm-up (or decay): the base rate times startFactor + (endFactor − startFactor)·min(t, steps)/steps. As
/// PyTorch's LinearLR.
/// </summary>
/// <param name="startFactor">The factor at first.</param>
/// <param name="endFactor">The factor at the end and from there on.</param>
/// <param name="steps">How many steps it takes from one to the other.</param>
/// <exception cref="ArgumentOutOfRangeException">No steps.</exception>
public sealed class LinearSchedule(double startFactor = 1.0 / 3, double endFactor = 1, int steps = 5) : Schedule
{
    readonly int _steps = Positive(nameof(LinearSchedule), nameof(steps), steps);

    /// <inheritdoc/>
    public override double Rate(double rate, int step) =>
        rate * (startFactor + (endFactor - startFactor) * Math.Min(step, _steps) / _steps);
}
