using System.Numerics;

namespace MicroGrad.Net;

/// <summary>
/// Lion (Chen et al., 2023, "Symbolic Discovery of Optimization Algorithms"):
/// w ← w − learningRate·(sign(β₁m + (1 − β₁)g) + weightDecay·w), then m ← β₂m + (1 − β₂)g. Every weight moves by the
/// same amount, so it wants a learning rate 3 to 10 times smaller than Adam's, and a weight decay as much larger.
/// Defaults of the paper; PyTorch has no Lion.
/// </summary>
/// <param name="parameters">What to optimize: parameters, or groups of them.</param>
/// <param name="learningRate">The step of every weight.</param>
/// <param name="beta1">How much the average counts beside the gradient in the direction, 0 to below 1.</param>
/// <param name="beta2">How slowly the average of the gradients follows, 0 to below 1.</param>
/// <param name="weightDecay">The share of each weight taken off per step, times the learning rate.</param>
/// <exception cref="ArgumentOutOfRangeException">A setting is outside its range.</exception>
public sealed class Lion(IEnumerable<IOptimizable> parameters, double learningRate = 1e-4, double beta1 = 0.9,
    double beta2 = 0.99, double weightDecay = 0)
    : Optimizer(parameters, learningRate, weightDecay, beta1: beta1, beta2: beta2)
{
    /// <inheritdoc/>
    protected override IReadOnlyList<StateSlot> Slots => ["exp_avg"];

    /// <inheritdoc/>
    protected override void Update<T>(Span<T> values, ReadOnlySpan<T> gradient, ParameterState state)
    {
        var group = state.Group;
        state.Run(new Rule(group.LearningRate, group.Beta1, group.Beta2, group.WeightDecay), values, gradient);
    }

    readonly struct Rule(double rate, double beta1, double beta2, double decay) : IUpdate
    {
        public void Apply<T>(ref Vector<T> w, Vector<T> g, ref Vector<T> m, ref Vector<T> _, ref Vector<T> __)
            where T : unmanaged, IFloatingPointIeee754<T>
        {
            var direction = default(Signum).Value(Lanes.All<T>(beta1) * m + Lanes.All<T>(1 - beta1) * g);
            w -= Lanes.All<T>(rate) * (direction + Lanes.All<T>(decay) * w);
            m = Lanes.All<T>(beta2) * m + Lanes.All<T>(1 - beta2) * g;
        }
    }
}
