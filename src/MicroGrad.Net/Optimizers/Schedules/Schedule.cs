namespace MicroGrad.Net;

/// <summary>
/// The learning rate as a function of the step: what an optimizer can <see cref="Optimizer.Follow"/>. A step is an epoch
/// or a step of the optimizer, whichever the schedule's numbers count. A derived class states the formula:
/// <code>
/// sealed class InverseRoot(int warmUp) : Schedule
/// {
///     public override double Rate(double rate, int step) =>
///         rate * Math.Min((step + 1.0) / warmUp, Math.Sqrt(warmUp / (step + 1.0)));
/// }
/// var scheduler = optimizer.Follow(new InverseRoot(1000));
/// </code>
/// As PyTorch's lr_scheduler.
/// </summary>
public abstract class Schedule
{
    /// <summary>The learning rate at a step.</summary>
    /// <param name="rate">The base rate: the optimizer's own, or what a schedule before this one makes of it.</param>
    /// <param name="step">The number of steps so far, 0 at first.</param>
    public abstract double Rate(double rate, int step);

    /// <summary>The momentum (or β₁) at a step, null where it is left alone; no function if it always is.</summary>
    public virtual Func<int, double?>? Momentum => null;

    /// <summary>Whether <see cref="Rate"/> goes by its own numbers whatever rate it is given.</summary>
    public virtual bool IgnoresRate => false;

    /// <summary>Whether it goes by a metric, which <see cref="Scheduler.Step(double)"/> must be given.</summary>
    internal virtual bool NeedsMetric => false;

    /// <summary>Takes note of a metric.</summary>
    internal virtual void See(double metric)
    {
    }

    /// <summary>What it remembers, which only a schedule by a metric does, under a path.</summary>
    internal virtual IEnumerable<StateEntry> Entries(string path) => [];

    private protected static int Positive(string schedule, string name, int value)
    {
        if (value < 1) Throw.OutOfRange(schedule, name, value, "1 or more");
        return value;
    }
}
