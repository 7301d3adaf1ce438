using System.Numerics;

namespace MicroGrad.Net;

/// <summary>
/// RMSprop (Hinton, 2012): s ← alpha·s + (1 − alpha)·g², w ← w − learningRate·d, where d = g/(√s + epsilon), or, with
/// momentum, the running b ← momentum·b + d. Centered (Graves, 2013): s − a² in place of s, with
/// a ← alpha·a + (1 − alpha)·g. Weight decay is added to the gradient. As PyTorch's RMSprop.
/// </summary>
public sealed class RmsProp : Optimizer
{
    readonly double _alpha;
    readonly bool _centered;

    /// <summary>Descends with a step size per weight: one over the recent size of its gradients.</summary>
    /// <param name="parameters">What to optimize: parameters, or groups of them.</param>
    /// <param name="learningRate">The step size.</param>
    /// <param name="alpha">How slowly the mean of the squared gradients follows, 0 to below 1.</param>
    /// <param name="epsilon">Keeps the division finite.</param>
    /// <param name="weightDecay">The factor of ½‖w‖² added to the loss.</param>
    /// <param name="momentum">How much of the last direction is kept.</param>
    /// <param name="centered">Divide by the deviation of the gradients rather than by their size.</param>
    /// <exception cref="ArgumentOutOfRangeException">A setting is outside its range.</exception>
    public RmsProp(IEnumerable<IOptimizable> parameters, double learningRate = 1e-2, double alpha = 0.99,
        double epsilon = 1e-8, double weightDecay = 0, double momentum = 0, bool centered = false)
        : base(parameters, learningRate, weightDecay, momentum, epsilon: epsilon)
    {
        RequireRange(nameof(alpha), alpha, 1);
        (_alpha, _centered) = (alpha, centered);
    }

    /// <inheritdoc/>
    protected override IReadOnlyList<StateSlot> Slots => 
    [
        "square_avg", new("grad_avg") { When = _ => _centered },
        new("momentum_buffer") { When = state => state.Group.Momentum != 0 },
    ];

    /// <inheritdoc/>
    protected override void Update<T>(Span<T> values, ReadOnlySpan<T> gradient, ParameterState state)
    {
        var group = state.Group;
        state.Run(new Rule(group.LearningRate, _alpha, group.Epsilon, group.WeightDecay, group.Momentum, _centered),
            values, gradient);
    }

    readonly struct Rule(double rate, double alpha, double epsilon, double decay, double momentum, bool centered)
        : IUpdate
    {
        public void Apply<T>(ref Vector<T> w, Vector<T> g, ref Vector<T> s, ref Vector<T> a, ref Vector<T> b)
            where T : unmanaged, IFloatingPointIeee754<T>
        {
            g += Lanes.All<T>(decay) * w;
            s = Lanes.All<T>(alpha) * s + Lanes.All<T>(1 - alpha) * g * g;
            if (centered) a = Lanes.All<T>(alpha) * a + Lanes.All<T>(1 - alpha) * g;
            var d = g / (Vector.SquareRoot(centered ? s - a * a : s) + Lanes.All<T>(epsilon));
            if (momentum != 0) d = b = Lanes.All<T>(momentum) * b + d;
            w -= Lanes.All<T>(rate) * d;
        }
    }
}
