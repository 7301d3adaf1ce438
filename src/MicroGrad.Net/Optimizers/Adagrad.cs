using System.Numerics;

namespace MicroGrad.Net;

/// <summary>
/// Adagrad (Duchi et al., 2011): s ← s + g², w ← w − r·g/(√s + epsilon), where
/// r = learningRate/(1 + (t − 1)·learningRateDecay) at step t. Weight decay is added to the gradient. As PyTorch's
/// Adagrad.
/// </summary>
public sealed class Adagrad : Optimizer
{
    readonly double _learningRateDecay, _initialSum;

    /// <summary>Descends with a step size per weight that shrinks with all its past gradients: for rare features.</summary>
    /// <param name="parameters">What to optimize: parameters, or groups of them.</param>
    /// <param name="learningRate">The step size.</param>
    /// <param name="learningRateDecay">How fast the step size falls by itself.</param>
    /// <param name="weightDecay">The factor of ½‖w‖² added to the loss.</param>
    /// <param name="initialSum">What the sum of squares starts with.</param>
    /// <param name="epsilon">Keeps the division finite.</param>
    /// <exception cref="ArgumentOutOfRangeException">A setting is negative.</exception>
    public Adagrad(IEnumerable<IOptimizable> parameters, double learningRate = 1e-2, double learningRateDecay = 0,
        double weightDecay = 0, double initialSum = 0, double epsilon = 1e-10)
        : base(parameters, learningRate, weightDecay, epsilon: epsilon)
    {
        RequireRange(nameof(learningRateDecay), learningRateDecay);
        RequireRange(nameof(initialSum), initialSum);
        (_learningRateDecay, _initialSum) = (learningRateDecay, initialSum);
    }

    /// <inheritdoc/>
    protected override IReadOnlyList<StateSlot> Slots => [new("sum") { Start = _ => _initialSum }];

    /// <inheritdoc/>
    protected override void Update<T>(Span<T> values, ReadOnlySpan<T> gradient, ParameterState state)
    {
        var group = state.Group;
        var rate = group.LearningRate / (1 + (state.Step - 1) * _learningRateDecay);
        state.Run(new Rule(rate, group.Epsilon, group.WeightDecay), values, gradient);
    }

    readonly struct Rule(double rate, double epsilon, double decay) : IUpdate
    {
        public void Apply<T>(ref Vector<T> w, Vector<T> g, ref Vector<T> s, ref Vector<T> _, ref Vector<T> __)
            where T : unmanaged, IFloatingPointIeee754<T>
        {
            g += Lanes.All<T>(decay) * w;
            s += g * g;
            w -= Lanes.All<T>(rate) * g / (Vector.SquareRoot(s) + Lanes.All<T>(epsilon));
        }
    }
}
