using System.Numerics;

namespace MicroGrad.Net;

/// <summary>
/// Stochastic gradient descent: w ← w − learningRate·d, where d = g + weightDecay·w, or, with momentum, the running
/// m ← momentum·m + (1 − dampening)·d (first step: m = d), or, with Nesterov, d + momentum·m. As PyTorch's SGD.
/// </summary>
public sealed class Sgd : Optimizer
{
    readonly double _dampening;
    readonly bool _nesterov;

    /// <summary>Descends along the gradients of the parameters.</summary>
    /// <param name="parameters">What to optimize: parameters, or groups of them.</param>
    /// <param name="learningRate">The step size.</param>
    /// <param name="momentum">How much of the last direction is kept, 0 to 1.</param>
    /// <param name="dampening">How much less the new gradient counts in the direction.</param>
    /// <param name="weightDecay">The factor of ½‖w‖² added to the loss.</param>
    /// <param name="nesterov">Look ahead along the momentum (Sutskever et al., 2013).</param>
    /// <exception cref="ArgumentException">Nesterov without momentum or with dampening.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A setting is negative.</exception>
    public Sgd(IEnumerable<IOptimizable> parameters, double learningRate, double momentum = 0, double dampening = 0,
        double weightDecay = 0, bool nesterov = false) : base(parameters, learningRate, weightDecay, momentum)
    {
        if (nesterov && (Groups.Any(group => group.Momentum == 0) || dampening != 0))
            Throw.Value(nameof(Sgd), "Nesterov needs a momentum and no dampening.");
        (_dampening, _nesterov) = (dampening, nesterov);
    }

    /// <inheritdoc/>
    protected override IReadOnlyList<StateSlot> Slots => 
        [new("momentum_buffer") { When = state => state.Group.Momentum != 0 }];

    /// <inheritdoc/>
    protected override void Update<T>(Span<T> values, ReadOnlySpan<T> gradient, ParameterState state)
    {
        var group = state.Group;
        var share = state.IsFresh("momentum_buffer") ? 1 : 1 - _dampening;
        state.Run(new Rule(group.LearningRate, group.Momentum, share, group.WeightDecay, _nesterov), values, gradient);
    }

    readonly struct Rule(double rate, double momentum, double share, double decay, bool nesterov) : IUpdate
    {
        public void Apply<T>(ref Vector<T> w, Vector<T> g, ref Vector<T> m, ref Vector<T> _, ref Vector<T> __)
            where T : unmanaged, IFloatingPointIeee754<T>
        {
            var d = g + Lanes.All<T>(decay) * w;
            m = Lanes.All<T>(momentum) * m + Lanes.All<T>(share) * d;
            if (momentum != 0) d = nesterov ? d + Lanes.All<T>(momentum) * m : m;
            w -= Lanes.All<T>(rate) * d;
        }
    }
}
