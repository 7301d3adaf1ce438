namespace MicroGrad.Net;

/// <summary>
/// Adam with decoupled weight decay (Loshchilov and Hutter, 2017): w ← w − learningRate·weightDecay·w before the step
/// of <see cref="Adam"/>, whose averages then see the loss alone. As PyTorch's AdamW.
/// </summary>
/// <param name="parameters">What to optimize: parameters, or groups of them.</param>
/// <param name="learningRate">The step size.</param>
/// <param name="beta1">How slowly the mean of the gradients follows, 0 to below 1.</param>
/// <param name="beta2">How slowly the mean of their squares follows, 0 to below 1.</param>
/// <param name="epsilon">Keeps the division finite.</param>
/// <param name="weightDecay">The share of each weight taken off per step, times the learning rate.</param>
/// <param name="amsGrad">Divide by the largest v̂ so far (Reddi et al., 2018).</param>
/// <exception cref="ArgumentOutOfRangeException">A setting is outside its range.</exception>
public sealed class AdamW(IEnumerable<IOptimizable> parameters, double learningRate = 1e-3, double beta1 = 0.9,
    double beta2 = 0.999, double epsilon = 1e-8, double weightDecay = 0.01, bool amsGrad = false)
    : Adam(parameters, learningRate, beta1, beta2, epsilon, weightDecay, amsGrad)
{
    /// <inheritdoc/>
    protected override void Update<T>(Span<T> values, ReadOnlySpan<T> gradient, ParameterState state) =>
        Run(values, gradient, state, decay: 0, keep: 1 - state.Group.LearningRate * state.Group.WeightDecay);
}
