namespace MicroGrad.Net;

/// <summary>
/// Linear warm-up (or decay): the base rate times startFactor + (endFactor − startFactor)·min(t, steps)/steps. As
/// PyTorch's LinearLR.
/// </summary>
/// <param name="optimizer">Whose learning rate to change.</param>
/// <param name="startFactor">The factor at first.</param>
/// <param name="endFactor">The factor at the end and from there on.</param>
/// <param name="steps">How many steps it takes from one to the other.</param>
/// <exception cref="ArgumentOutOfRangeException">No steps.</exception>
public sealed class LinearSchedule(Optimizer optimizer, double startFactor = 1.0 / 3, double endFactor = 1, int steps = 5)
    : Schedule(optimizer, Rule(startFactor, endFactor, Positive(nameof(LinearSchedule), nameof(steps), steps)))
{
    static Func<double, int, double> Rule(double start, double end, int steps) =>
        (rate, step) => rate * (start + (end - start) * Math.Min(step, steps) / steps);
}
