using System.Numerics;

namespace MicroGrad.Net;

/// <summary>
/// Adam (Kingma and Ba, 2014): m ← β₁m + (1 − β₁)g, v ← β₂v + (1 − β₂)g², w ← w − learningRate·m̂/(√v̂ + epsilon),
/// where m̂ = m/(1 − β₁ᵗ) and v̂ = v/(1 − β₂ᵗ). Weight decay is added to the gradient. As PyTorch's Adam.
/// </summary>
public class Adam : Optimizer
{
    readonly double _beta1, _beta2, _epsilon, _weightDecay;
    readonly bool _amsGrad;

    /// <summary>Descends with a step size per weight.</summary>
    /// <param name="parameters">What to optimize.</param>
    /// <param name="learningRate">The step size.</param>
    /// <param name="beta1">How slowly the mean of the gradients follows, 0 to below 1.</param>
    /// <param name="beta2">How slowly the mean of their squares follows, 0 to below 1.</param>
    /// <param name="epsilon">Keeps the division finite.</param>
    /// <param name="weightDecay">The factor of ½‖w‖² added to the loss.</param>
    /// <param name="amsGrad">Divide by the largest v̂ so far (Reddi et al., 2018).</param>
    /// <exception cref="ArgumentOutOfRangeException">A setting is outside its range.</exception>
    public Adam(IEnumerable<Parameter> parameters, double learningRate = 1e-3, double beta1 = 0.9, double beta2 = 0.999,
        double epsilon = 1e-8, double weightDecay = 0, bool amsGrad = false) : base(parameters, learningRate)
    {
        RequireRange(GetType().Name, nameof(beta1), beta1, 1);
        RequireRange(GetType().Name, nameof(beta2), beta2, 1);
        RequireRange(GetType().Name, nameof(epsilon), epsilon);
        RequireRange(GetType().Name, nameof(weightDecay), weightDecay);
        (_beta1, _beta2, _epsilon, _weightDecay, _amsGrad) = (beta1, beta2, epsilon, weightDecay, amsGrad);
    }

    private protected override void Update<T>(Span<T> values, ReadOnlySpan<T> gradient, ParameterState state) =>
        Run(values, gradient, state, gradientDecay: _weightDecay, keep: 1);

    /// <summary>The update with the decay put into the gradient, or taken off the weights by a factor beforehand.</summary>
    private protected void Run<T>(Span<T> values, ReadOnlySpan<T> gradient, ParameterState state, double gradientDecay, double keep)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        var rate = LearningRate / (1 - Math.Pow(_beta1, state.Step));
        var root = Math.Sqrt(1 - Math.Pow(_beta2, state.Step));
        MicroGrad.Net.Update.Run(
            new Rule(Maximize ? -1 : 1, rate, root, _beta1, _beta2, _epsilon, gradientDecay, keep, _amsGrad),
            values, gradient, state.Slot<T>(0), state.Slot<T>(1), state.Slot<T>(2, used: _amsGrad));
    }

    private protected double WeightDecay => _weightDecay;

    readonly struct Rule(double sign, double rate, double root, double beta1, double beta2, double epsilon,
        double decay, double keep, bool amsGrad) : IUpdate
    {
        public void Apply<T>(ref Vector<T> w, Vector<T> g, ref Vector<T> m, ref Vector<T> v, ref Vector<T> largest)
            where T : unmanaged, IFloatingPointIeee754<T>
        {
            w *= Lanes.All<T>(keep);
            g = Lanes.All<T>(sign) * g + Lanes.All<T>(decay) * w;
            m = Lanes.All<T>(beta1) * m + Lanes.All<T>(1 - beta1) * g;
            v = Lanes.All<T>(beta2) * v + Lanes.All<T>(1 - beta2) * g * g;
            if (amsGrad) largest = Vector.Max(largest, v);
            var size = Vector.SquareRoot(amsGrad ? largest : v) / Lanes.All<T>(root) + Lanes.All<T>(epsilon);
            w -= Lanes.All<T>(rate) * m / size;
        }
    }
}
