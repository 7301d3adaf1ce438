using System.Numerics;

namespace MicroGrad.Net;

/// <summary>
/// Adamax (Kingma and Ba, 2014), Adam by the largest gradient: m ← β₁m + (1 − β₁)g, u ← max(β₂u, |g| + epsilon),
/// w ← w − learningRate/(1 − β₁ᵗ)·m/u. Weight decay is added to the gradient. As PyTorch's Adamax.
/// </summary>
/// <param name="parameters">What to optimize: parameters, or groups of them.</param>
/// <param name="learningRate">The step size.</param>
/// <param name="beta1">How slowly the mean of the gradients follows, 0 to below 1.</param>
/// <param name="beta2">How slowly the largest gradient is forgotten, 0 to below 1.</param>
/// <param name="epsilon">Keeps the division finite.</param>
/// <param name="weightDecay">The factor of ½‖w‖² added to the loss.</param>
/// <exception cref="ArgumentOutOfRangeException">A setting is outside its range.</exception>
public sealed class Adamax(IEnumerable<IOptimizable> parameters, double learningRate = 2e-3, double beta1 = 0.9,
    double beta2 = 0.999, double epsilon = 1e-8, double weightDecay = 0)
    : Optimizer(parameters, learningRate, weightDecay, beta1: beta1, beta2: beta2, epsilon: epsilon)
{
    /// <inheritdoc/>
    protected override IReadOnlyList<StateSlot> Slots => ["exp_avg", "exp_inf"];

    /// <inheritdoc/>
    protected override void Update<T>(Span<T> values, ReadOnlySpan<T> gradient, ParameterState state)
    {
        var group = state.Group;
        var rate = group.LearningRate / (1 - Math.Pow(group.Beta1, state.Step));
        state.Run(new Rule(rate, group.Beta1, group.Beta2, group.Epsilon, group.WeightDecay), values, gradient);
    }

    readonly struct Rule(double rate, double beta1, double beta2, double epsilon, double decay) : IUpdate
    {
        public void Apply<T>(ref Vector<T> w, Vector<T> g, ref Vector<T> m, ref Vector<T> u, ref Vector<T> _)
            where T : unmanaged, IFloatingPointIeee754<T>
        {
            g += Lanes.All<T>(decay) * w;
            m = Lanes.All<T>(beta1) * m + Lanes.All<T>(1 - beta1) * g;
            u = Vector.Max(Lanes.All<T>(beta2) * u, Vector.Abs(g) + Lanes.All<T>(epsilon));
            w -= Lanes.All<T>(rate) * m / u;
        }
    }
}
