namespace MicroGrad.Net;

/// <summary>The base rate times factorᵗ: the same share is taken off at every step. As PyTorch's ExponentialLR.</summary>
/// <param name="optimizer">Whose learning rate to change.</param>
/// <param name="factor">What the rate is multiplied by at each step.</param>
public sealed class ExponentialSchedule(Optimizer optimizer, double factor)
    : Schedule(optimizer, (rate, step) => rate * Math.Pow(factor, step));
