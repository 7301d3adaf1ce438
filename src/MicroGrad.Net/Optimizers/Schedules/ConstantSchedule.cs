namespace MicroGrad.Net;

/// <summary>The base rate times a factor for some steps, then the base rate itself. As PyTorch's ConstantLR.</summary>
/// <param name="factor">The factor at first; 1 for a rate that stays.</param>
/// <param name="steps">How many steps it lasts.</param>
public sealed class ConstantSchedule(double factor = 1.0 / 3, int steps = 5) : Schedule
{
    /// <inheritdoc/>
    public override double Rate(double rate, int step) => step < steps ? rate * factor : rate;
}
