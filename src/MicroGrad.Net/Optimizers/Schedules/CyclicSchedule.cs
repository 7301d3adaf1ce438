namespace MicroGrad.Net;

/// <summary>
/// Up and down along lines between two rates, again and again (Smith, 2015); the momentum (or β₁) goes the other way.
/// The optimizer's own rate does not matter. As PyTorch's CyclicLR: its triangular2 is a <c>cycleFactor</c> of ½, its
/// exp_range a <c>stepFactor</c>.
/// </summary>
/// <param name="minimum">The lower rate.</param>
/// <param name="maximum">The upper rate.</param>
/// <param name="stepsUp">The number of steps from the lower to the upper.</param>
/// <param name="stepsDown">The number of steps back; as many where null.</param>
/// <param name="cycleFactor">How much smaller the swing gets from cycle to cycle.</param>
/// <param name="stepFactor">How much smaller the swing gets from step to step.</param>
/// <param name="cycleMomentum">Whether to change the momentum too.</param>
/// <param name="baseMomentum">The momentum at the upper rate.</param>
/// <param name="maxMomentum">The momentum at the lower rate.</param>
/// <exception cref="ArgumentOutOfRangeException">No steps.</exception>
public sealed class CyclicSchedule(double minimum, double maximum, int stepsUp = 2000, int? stepsDown = null,
    double cycleFactor = 1, double stepFactor = 1, bool cycleMomentum = true, double baseMomentum = 0.8,
    double maxMomentum = 0.9) : Schedule
{
    readonly int _up = Positive(nameof(CyclicSchedule), nameof(stepsUp), stepsUp);
    readonly int _down = Positive(nameof(CyclicSchedule), nameof(stepsDown), stepsDown ?? stepsUp);

    /// <inheritdoc/>
    public override double Rate(double rate, int step) => minimum + (maximum - minimum) * Height(step);

    /// <inheritdoc/>
    public override Func<int, double?>? Momentum =>
        cycleMomentum ? step => maxMomentum - (maxMomentum - baseMomentum) * Height(step) : null;

    /// <inheritdoc/>
    public override bool IgnoresRate => true;

    /// <summary>How far up a step is: 0 at the lower rate, 1 at the upper.</summary>
    double Height(int step)
    {
        var length = (long)_up + _down;
        var (cycle, place) = Math.DivRem(step, length);
        var height = place <= _up ? (double)place / _up : (double)(length - place) / _down;
        return height * Math.Pow(cycleFactor, cycle) * Math.Pow(stepFactor, step);
    }
}
