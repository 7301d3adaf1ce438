using System.Numerics;

namespace MicroGrad.Net;

/// <summary>
/// NAdam (Dozat, 2016), Adam with Nesterov's momentum: m and v as in <see cref="Adam"/>, and
/// w ← w − learningRate·((1 − μₜ)/(1 − Πₜ)·g + μₜ₊₁/(1 − Πₜ·μₜ₊₁)·m)/(√v̂ + epsilon), where
/// μₜ = β₁(1 − ½·0.96^(t·momentumDecay)) and Πₜ = μ₁·…·μₜ. Weight decay is added to the gradient. As PyTorch's NAdam
/// since 2.0; before, it counted μₜ twice in the second fraction.
/// </summary>
public sealed class NAdam : Optimizer
{
    readonly double _momentumDecay;

    /// <summary>Descends with a step size per weight, looking ahead along the momentum.</summary>
    /// <param name="parameters">What to optimize: parameters, or groups of them.</param>
    /// <param name="learningRate">The step size.</param>
    /// <param name="beta1">How slowly the mean of the gradients follows, 0 to below 1.</param>
    /// <param name="beta2">How slowly the mean of their squares follows, 0 to below 1.</param>
    /// <param name="epsilon">Keeps the division finite.</param>
    /// <param name="weightDecay">The factor of ½‖w‖² added to the loss.</param>
    /// <param name="momentumDecay">How fast the momentum grows from ½·β₁ to β₁.</param>
    /// <exception cref="ArgumentOutOfRangeException">A setting is outside its range.</exception>
    public NAdam(IEnumerable<IOptimizable> parameters, double learningRate = 2e-3, double beta1 = 0.9, double beta2 = 0.999,
        double epsilon = 1e-8, double weightDecay = 0, double momentumDecay = 4e-3)
        : base(parameters, learningRate, weightDecay, beta1: beta1, beta2: beta2, epsilon: epsilon)
    {
        RequireRange(nameof(momentumDecay), momentumDecay);
        _momentumDecay = momentumDecay;
    }

    /// <inheritdoc/>
    protected override IReadOnlyList<StateSlot> Slots => 
        ["exp_avg", "exp_avg_sq", new("mu_product") { Start = _ => 1, IsScalar = true }];

    /// <inheritdoc/>
    protected override void Update<T>(Span<T> values, ReadOnlySpan<T> gradient, ParameterState state)
    {
        var group = state.Group;
        var (now, next) = (Momentum(group, state.Step), Momentum(group, state.Step + 1));
        var product = state.Slot<double>("mu_product")[0] *= now;
        var gradientRate = group.LearningRate * (1 - now) / (1 - product);
        var momentumRate = group.LearningRate * next / (1 - product * next);
        var root = Math.Sqrt(1 - Math.Pow(group.Beta2, state.Step));
        state.Run(new Rule(gradientRate, momentumRate, root, group.Beta1, group.Beta2, group.Epsilon, group.WeightDecay),
            values, gradient);
    }

    double Momentum(ParameterGroup group, int step) => group.Beta1 * (1 - 0.5 * Math.Pow(0.96, step * _momentumDecay));

    readonly struct Rule(double gradientRate, double momentumRate, double root, double beta1, double beta2,
        double epsilon, double decay) : IUpdate
    {
        public void Apply<T>(ref Vector<T> w, Vector<T> g, ref Vector<T> m, ref Vector<T> v, ref Vector<T> _)
            where T : unmanaged, IFloatingPointIeee754<T>
        {
            g += Lanes.All<T>(decay) * w;
            m = Lanes.All<T>(beta1) * m + Lanes.All<T>(1 - beta1) * g;
            v = Lanes.All<T>(beta2) * v + Lanes.All<T>(1 - beta2) * g * g;
            var size = Vector.SquareRoot(v) / Lanes.All<T>(root) + Lanes.All<T>(epsilon);
            w -= (Lanes.All<T>(gradientRate) * g + Lanes.All<T>(momentumRate) * m) / size;
        }
    }
}
