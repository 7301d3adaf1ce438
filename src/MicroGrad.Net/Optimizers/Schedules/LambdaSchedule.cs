namespace MicroGrad.Net;

/// <summary>
/// The base rate times a factor that a function gives for the number of steps so far. As PyTorch's LambdaLR.
/// </summary>
/// <param name="optimizer">Whose learning rate to change.</param>
/// <param name="factor">The factor by the number of steps.</param>
public sealed class LambdaSchedule(Optimizer optimizer, Func<int, double> factor)
    : Schedule(optimizer, (rate, step) => rate * factor(step));
