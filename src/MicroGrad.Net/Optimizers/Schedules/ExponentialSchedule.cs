namespace MicroGrad.Net;

/// <summary>The base rate times factorᵗ: the same share is taken off at every step. As PyTorch's ExponentialLR.</summary>
/// <param name="factor">What the rate is multiplied by at each step.</param>
public sealed class ExponentialSchedule(double factor) : Schedule
{
    /// <inheritdoc/>
    public override double Rate(double rate, int step) => rate * Math.Pow(factor, step);
}
