namespace MicroGrad.Net;

/// <summary>
/// One cycle (Smith and Topin, 2017): the rate rises from maximum/startDivisor to the maximum, then falls to
/// maximum/(startDivisor·endDivisor); the momentum (or β₁) goes the other way. Along half cosines, or lines. One step
/// per batch; more steps than given are an error. The optimizer's own rate does not matter. As PyTorch's OneCycleLR.
/// </summary>
public sealed class OneCycleSchedule : Schedule
{
    readonly int _steps;
    readonly bool _linear, _cycleMomentum;
    readonly Corner[] _corners;

    /// <summary>A cycle of so many steps.</summary>
    /// <param name="maximum">The largest rate.</param>
    /// <param name="steps">The number of steps of the whole training.</param>
    /// <param name="riseShare">The share of the steps in which the rate rises.</param>
    /// <param name="startDivisor">By how much the first rate is below the maximum.</param>
    /// <param name="endDivisor">By how much the last rate is below the first.</param>
    /// <param name="threePhases">Fall to the first rate in as many steps as it rose, then to the last.</param>
    /// <param name="linear">Along lines rather than half cosines.</param>
    /// <param name="cycleMomentum">Whether to change the momentum too.</param>
    /// <param name="baseMomentum">The momentum at the largest rate.</param>
    /// <param name="maxMomentum">The momentum at first and at last.</param>
    /// <exception cref="ArgumentOutOfRangeException">No steps, or a share not from 0 to 1.</exception>
    public OneCycleSchedule(double maximum, int steps, double riseShare = 0.3, double startDivisor = 25,
        double endDivisor = 1e4, bool threePhases = false, bool linear = false, bool cycleMomentum = true,
        double baseMomentum = 0.85, double maxMomentum = 0.95)
    {
        (_steps, _linear, _cycleMomentum) = (Positive(nameof(OneCycleSchedule), nameof(steps), steps), linear, cycleMomentum);
        if (!(riseShare >= 0 && riseShare <= 1))
            Throw.OutOfRange(nameof(OneCycleSchedule), nameof(riseShare), riseShare, "from 0 to 1");
        var first = maximum / startDivisor;
        var (start, top) = (new Corner(0, first, maxMomentum), new Corner(riseShare * steps - 1, maximum, baseMomentum));
        var end = new Corner(steps - 1, first / endDivisor, maxMomentum);
        _corners = threePhases
            ? [start, top, new Corner(2 * riseShare * steps - 2, first, maxMomentum), end] : [start, top, end];
    }

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">The schedule has fewer steps.</exception>
    public override double Rate(double rate, int step) => At(step).Rate;

    /// <inheritdoc/>
    public override Func<int, double?>? Momentum => _cycleMomentum ? step => At(step).Momentum : null;

    /// <inheritdoc/>
    public override bool IgnoresRate => true;

    Corner At(int step)
    {
        // As many as there are batches, though the rate of the first is set at the start: a step after each is natural.
        if (step > _steps) Throw.WrongCall("Step", $"this OneCycleSchedule has {_steps} steps only.");
        var next = 1;
        while (next < _corners.Length - 1 && step > _corners[next].Step) next++;
        var (from, to) = (_corners[next - 1], _corners[next]);
        var share = to.Step > from.Step ? Math.Min(1, (step - from.Step) / (to.Step - from.Step)) : 1;
        var way = _linear ? share : (1 - Math.Cos(Math.PI * share)) / 2;
        return new(step, from.Rate + (to.Rate - from.Rate) * way, from.Momentum + (to.Momentum - from.Momentum) * way);
    }

    readonly record struct Corner(double Step, double Rate, double Momentum);
}
