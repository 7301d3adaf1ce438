using System.Numerics;
using System.Runtime.CompilerServices;

namespace MicroGrad.Net;

/// <summary>
/// Adam (Kingma and Ba, 2014): m ← β₁m + (1 − β₁)g, v ← β₂v + (1 − β₂)g², w ← w − learningRate·m̂/(√v̂ + epsilon),
/// where m̂ = m/(1 − β₁ᵗ) and v̂ = v/(1 − β₂ᵗ). Weight decay is added to the gradient. As PyTorch's Adam.
/// </summary>
/// <param name="parameters">What to optimize: parameters, or groups of them.</param>
/// <param name="learningRate">The step size.</param>
/// <param name="beta1">How slowly the mean of the gradients follows, 0 to below 1.</param>
/// <param name="beta2">How slowly the mean of their squares follows, 0 to below 1.</param>
/// <param name="epsilon">Keeps the division finite.</param>
/// <param name="weightDecay">The factor of ½‖w‖² added to the loss.</param>
/// <param name="amsGrad">Divide by the largest v̂ so far (Reddi et al., 2018).</param>
/// <exception cref="ArgumentOutOfRangeException">A setting is outside its range.</exception>
public class Adam(IEnumerable<IOptimizable> parameters, double learningRate = 1e-3, double beta1 = 0.9, double beta2 = 0.999,
    double epsilon = 1e-8, double weightDecay = 0, bool amsGrad = false)
    : Optimizer(parameters, learningRate, weightDecay, beta1: beta1, beta2: beta2, epsilon: epsilon)
{
    /// <inheritdoc/>
    protected override IReadOnlyList<StateSlot> Slots =>
        ["exp_avg", "exp_avg_sq", new("max_exp_avg_sq") { When = _ => amsGrad }];

    /// <inheritdoc/>
    protected override void Update<T>(Span<T> values, ReadOnlySpan<T> gradient, ParameterState state) =>
        Run(values, gradient, state, decay: state.Group.WeightDecay, keep: 1);

    private protected void Run<T>(Span<T> values, ReadOnlySpan<T> gradient, ParameterState state, double decay, double keep)
        where T : unmanaged, IFloatingPointIeee754<T> =>
        state.Run(new Rule(state.Group, state.Group.LearningRate, state.Step, decay, keep, amsGrad), values, gradient);

    /// <summary>The formula; the decay is put into the gradient, or taken off the weights by a factor beforehand.</summary>
    internal readonly struct Rule(
        ParameterGroup group, double learningRate, int step, double decay, double keep, bool amsGrad) : IUpdate
    {
        readonly LaneConstant _decay = decay, _keep = keep, _epsilon = group.Epsilon;
        readonly LaneConstant _beta1 = group.Beta1, _share1 = 1 - group.Beta1;
        readonly LaneConstant _beta2 = group.Beta2, _share2 = 1 - group.Beta2;
        readonly LaneConstant _rate = learningRate / (1 - Math.Pow(group.Beta1, step));
        readonly LaneConstant _perRoot = 1 / Math.Sqrt(1 - Math.Pow(group.Beta2, step));    // to divide is slow

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Apply<T>(ref Vector<T> w, Vector<T> g, ref Vector<T> m, ref Vector<T> v, ref Vector<T> largest)
            where T : unmanaged, IFloatingPointIeee754<T>
        {
            w *= _keep.Of<T>();
            g += _decay.Of<T>() * w;
            m = _beta1.Of<T>() * m + _share1.Of<T>() * g;
            v = _beta2.Of<T>() * v + _share2.Of<T>() * g * g;
            if (amsGrad) largest = Vector.Max(largest, v);
            var size = Vector.SquareRoot(amsGrad ? largest : v) * _perRoot.Of<T>() + _epsilon.Of<T>();
            w -= _rate.Of<T>() * m / size;
        }
    }
}
