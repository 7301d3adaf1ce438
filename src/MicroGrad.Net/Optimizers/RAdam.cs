using System.Numerics;

namespace MicroGrad.Net;

/// <summary>
/// RAdam (Liu et al., 2019), Adam that warms up by itself: m and v as in <see cref="Adam"/>;
/// with ρ∞ = 2/(1 − β₂) − 1 and ρ = ρ∞ − 2t·β₂ᵗ/(1 − β₂ᵗ), w ← w − learningRate·m̂ while ρ ≤ 5, then
/// w ← w − learningRate·m̂·r·√(1 − β₂ᵗ)/(√v + epsilon), where r² = (ρ − 4)(ρ − 2)ρ∞/((ρ∞ − 4)(ρ∞ − 2)ρ). Weight decay is
/// added to the gradient. As PyTorch's RAdam.
/// </summary>
/// <param name="parameters">What to optimize: parameters, or groups of them.</param>
/// <param name="learningRate">The step size.</param>
/// <param name="beta1">How slowly the mean of the gradients follows, 0 to below 1.</param>
/// <param name="beta2">How slowly the mean of their squares follows, 0 to below 1.</param>
/// <param name="epsilon">Keeps the division finite.</param>
/// <param name="weightDecay">The factor of ½‖w‖² added to the loss.</param>
/// <exception cref="ArgumentOutOfRangeException">A setting is outside its range.</exception>
public sealed class RAdam(IEnumerable<IOptimizable> parameters, double learningRate = 1e-3, double beta1 = 0.9,
    double beta2 = 0.999, double epsilon = 1e-8, double weightDecay = 0)
    : Optimizer(parameters, learningRate, weightDecay, beta1: beta1, beta2: beta2, epsilon: epsilon)
{
    /// <inheritdoc/>
    protected override IReadOnlyList<StateSlot> Slots => ["exp_avg", "exp_avg_sq"];

    /// <inheritdoc/>
    protected override void Update<T>(Span<T> values, ReadOnlySpan<T> gradient, ParameterState state)
    {
        var group = state.Group;
        var rate = group.LearningRate / (1 - Math.Pow(group.Beta1, state.Step));
        var scale = Scale(group.Beta2, state.Step);
        state.Run(new Rule(rate, scale, group.Beta1, group.Beta2, group.Epsilon, group.WeightDecay), values, gradient);
    }

    /// <summary>r·√(1 − β₂ᵗ), or 0 while too few gradients were seen to divide by their size.</summary>
    static double Scale(double beta2, int step)
    {
        var power = Math.Pow(beta2, step);
        var limit = 2 / (1 - beta2) - 1;
        var rho = limit - 2 * step * power / (1 - power);
        if (rho <= 5) return 0;
        return Math.Sqrt((rho - 4) * (rho - 2) * limit / ((limit - 4) * (limit - 2) * rho)) * Math.Sqrt(1 - power);
    }

    readonly struct Rule(double rate, double scale, double beta1, double beta2, double epsilon, double decay)
        : IUpdate
    {
        public void Apply<T>(ref Vector<T> w, Vector<T> g, ref Vector<T> m, ref Vector<T> v, ref Vector<T> _)
            where T : unmanaged, IFloatingPointIeee754<T>
        {
            g += Lanes.All<T>(decay) * w;
            m = Lanes.All<T>(beta1) * m + Lanes.All<T>(1 - beta1) * g;
            v = Lanes.All<T>(beta2) * v + Lanes.All<T>(1 - beta2) * g * g;
            var d = Lanes.All<T>(rate) * m;
            w -= scale == 0 ? d : d * Lanes.All<T>(scale) / (Vector.SquareRoot(v) + Lanes.All<T>(epsilon));
        }
    }
}
