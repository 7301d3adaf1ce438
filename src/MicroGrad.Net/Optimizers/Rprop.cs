using System.Numerics;

namespace MicroGrad.Net;

/// <summary>
/// Resilient backpropagation (Riedmiller and Braun, 1993): only signs count. Each weight has a step s, learningRate at
/// first; where g keeps its sign s ← min(s·grow, largestStep), where it turns s ← max(s·shrink, smallestStep) and g
/// counts as 0; w ← w − s·sign(g). For gradients of the whole data set, not of batches. As PyTorch's Rprop.
/// </summary>
public sealed class Rprop : Optimizer
{
    readonly double _shrink, _grow, _smallestStep, _largestStep;

    /// <summary>Descends by steps that grow while the gradient keeps its sign.</summary>
    /// <param name="parameters">What to optimize: parameters, or groups of them.</param>
    /// <param name="learningRate">The first step; a later change of the rate has no effect.</param>
    /// <param name="shrink">The factor of a step where the gradient's sign turns, below 1.</param>
    /// <param name="grow">The factor of a step where it stays, above 1.</param>
    /// <param name="smallestStep">No step is smaller.</param>
    /// <param name="largestStep">No step is larger.</param>
    /// <exception cref="ArgumentException">A factor or step is outside its range.</exception>
    public Rprop(IEnumerable<IOptimizable> parameters, double learningRate = 1e-2, double shrink = 0.5, double grow = 1.2,
        double smallestStep = 1e-6, double largestStep = 50) : base(parameters, learningRate)
    {
        if (!(shrink > 0 && shrink < 1 && grow > 1)) Throw.Value(nameof(Rprop), "needs 0 < shrink < 1 < grow.");
        if (!(smallestStep > 0 && smallestStep <= largestStep))
            Throw.Value(nameof(Rprop), "needs 0 < smallestStep <= largestStep.");
        (_shrink, _grow, _smallestStep, _largestStep) = (shrink, grow, smallestStep, largestStep);
    }

    /// <inheritdoc/>
    protected override IReadOnlyList<StateSlot> Slots =>
        ["prev", new("step_size") { Start = state => state.Group.LearningRate }];

    /// <inheritdoc/>
    protected override void Update<T>(Span<T> values, ReadOnlySpan<T> gradient, ParameterState state) =>
        state.Run(new Rule(_shrink, _grow, _smallestStep, _largestStep), values, gradient);

    readonly struct Rule(double shrink, double grow, double smallest, double largest) : IUpdate
    {
        public void Apply<T>(ref Vector<T> w, Vector<T> g, ref Vector<T> last, ref Vector<T> s, ref Vector<T> _)
            where T : unmanaged, IFloatingPointIeee754<T>
        {
            var (kept, turned) = (Vector.GreaterThan(g * last, Vector<T>.Zero), Vector.LessThan(g * last, Vector<T>.Zero));
            s *= Vector.ConditionalSelect(kept, Lanes.All<T>(grow),
                Vector.ConditionalSelect(turned, Lanes.All<T>(shrink), Vector<T>.One));
            s = Vector.Min(Vector.Max(s, Lanes.All<T>(smallest)), Lanes.All<T>(largest));
            last = Vector.ConditionalSelect(turned, Vector<T>.Zero, g);
            w -= s * default(Signum).Value(last);
        }
    }
}
