using System.Numerics;

namespace MicroGrad.Net;

/// <summary>
/// Adadelta (Zeiler, 2012): s ← rho·s + (1 − rho)·g², d = g·√(u + epsilon)/√(s + epsilon),
/// u ← rho·u + (1 − rho)·d², w ← w − learningRate·d. Weight decay is added to the gradient. As PyTorch's Adadelta.
/// </summary>
public sealed class Adadelta : Optimizer
{
    readonly double _rho;

    /// <summary>Descends with steps whose size follows from the sizes of past steps and gradients.</summary>
    /// <param name="parameters">What to optimize: parameters, or groups of them.</param>
    /// <param name="learningRate">The factor of the steps.</param>
    /// <param name="rho">How slowly the mean squares follow, 0 to below 1.</param>
    /// <param name="epsilon">Keeps the division finite, and gets the first steps going.</param>
    /// <param name="weightDecay">The factor of ½‖w‖² added to the loss.</param>
    /// <exception cref="ArgumentOutOfRangeException">A setting is outside its range.</exception>
    public Adadelta(IEnumerable<IOptimizable> parameters, double learningRate = 1, double rho = 0.9, double epsilon = 1e-6,
        double weightDecay = 0) : base(parameters, learningRate, weightDecay, epsilon: epsilon)
    {
        RequireRange(nameof(rho), rho, 1);
        _rho = rho;
    }

    /// <inheritdoc/>
    protected override IReadOnlyList<StateSlot> Slots => ["square_avg", "acc_delta"];

    /// <inheritdoc/>
    protected override void Update<T>(Span<T> values, ReadOnlySpan<T> gradient, ParameterState state)
    {
        var group = state.Group;
        state.Run(new Rule(group.LearningRate, _rho, group.Epsilon, group.WeightDecay), values, gradient);
    }

    readonly struct Rule(double rate, double rho, double epsilon, double decay) : IUpdate
    {
        public void Apply<T>(ref Vector<T> w, Vector<T> g, ref Vector<T> s, ref Vector<T> u, ref Vector<T> _)
            where T : unmanaged, IFloatingPointIeee754<T>
        {
            g += Lanes.All<T>(decay) * w;
            s = Lanes.All<T>(rho) * s + Lanes.All<T>(1 - rho) * g * g;
            var d = g * Vector.SquareRoot(u + Lanes.All<T>(epsilon)) / Vector.SquareRoot(s + Lanes.All<T>(epsilon));
            u = Lanes.All<T>(rho) * u + Lanes.All<T>(1 - rho) * d * d;
            w -= Lanes.All<T>(rate) * d;
        }
    }
}
