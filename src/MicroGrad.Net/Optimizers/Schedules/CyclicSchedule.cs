namespace MicroGrad.Net;

/// <summary>
/// Up and down along lines between two rates, again and again (Smith, 2015); the momentum (or β₁) goes the other way.
/// The optimizer's own rate does not matter. As PyTorch's CyclicLR: its triangular2 is a <c>cycleFactor</c> of ½, its
/// exp_range a <c>stepFactor</c>.
/// </summary>
public sealed class CyclicSchedule : Schedule
{
    /// <summary>Cycles between two rates.</summary>
    /// <param name="optimizer">Whose learning rate to change.</param>
    /// <param name="minimum">The lower rate.</param>
    /// <param name="maximum">The upper rate.</param>
    /// <param name="stepsUp">The number of steps from the lower to the upper.</param>
    /// <param name="stepsDown">The number of steps back; as many where null.</param>
    /// <param name="cycleFactor">How much smaller the swing gets from cycle to cycle.</param>
    /// <param name="stepFactor">How much smaller the swing gets from step to step.</param>
    /// <param name="cycleMomentum">Whether to change the momentum too.</param>
    /// <param name="baseMomentum">The momentum at the upper rate.</param>
    /// <param name="maxMomentum">The momentum at the lower rate.</param>
    /// <exception cref="ArgumentException">The optimizer has no momentum.</exception>
    /// <exception cref="ArgumentOutOfRangeException">No steps.</exception>
    public CyclicSchedule(Optimizer optimizer, double minimum, double maximum, int stepsUp = 2000, int? stepsDown = null,
        double cycleFactor = 1, double stepFactor = 1, bool cycleMomentum = true, double baseMomentum = 0.8,
        double maxMomentum = 0.9)
        : this(optimizer, Swing(stepsUp, stepsDown ?? stepsUp, cycleFactor, stepFactor), minimum, maximum,
            cycleMomentum, baseMomentum, maxMomentum)
    {
    }

    CyclicSchedule(Optimizer optimizer, Func<int, double> swing, double minimum, double maximum, bool cycleMomentum,
        double baseMomentum, double maxMomentum)
        : base(optimizer, (_, step) => minimum + (maximum - minimum) * swing(step),
            Momentum(nameof(CyclicSchedule), optimizer, cycleMomentum,
                step => maxMomentum - (maxMomentum - baseMomentum) * swing(step)))
    {
    }

    /// <summary>How far up each step is: 0 at the lower rate, 1 at the upper.</summary>
    static Func<int, double> Swing(int up, int down, double cycleFactor, double stepFactor)
    {
        Positive(nameof(CyclicSchedule), "stepsUp", up);
        Positive(nameof(CyclicSchedule), "stepsDown", down);
        return step =>
        {
            var length = (long)up + down;
            var (cycle, place) = Math.DivRem(step, length);
            var height = place <= up ? (double)place / up : (double)(length - place) / down;
            return height * Math.Pow(cycleFactor, cycle) * Math.Pow(stepFactor, step);
        };
    }
}
