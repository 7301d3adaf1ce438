namespace MicroGrad.Net;

/// <summary>
/// The base rate times a factor that a function gives for the number of steps so far. As PyTorch's LambdaLR.
/// </summary>
/// <param name="factor">The factor by the number of steps.</param>
public sealed class LambdaSchedule(Func<int, double> factor) : Schedule
{
    /// <inheritdoc/>
    public override double Rate(double rate, int step) => rate * factor(step);
}
