using System.Numerics;

namespace MicroGrad.Net;

/// <summary>
/// Muon (Jordan et al., 2024, https://kellerjordan.github.io/posts/muon): a matrix W moves by its momentum made
/// orthogonal, so that all directions of the momentum count alike: m ← momentum·m + (1 − momentum)·g,
/// d = momentum·m + (1 − momentum)·g (Nesterov) or m, W ← W − learningRate·(√max(1, rows/columns)·O(d) + weightDecay·W).
/// O is a Newton–Schulz iteration towards U·Vᵀ, where d = U·S·Vᵀ. What is not a matrix moves by <see cref="AdamW"/>.
/// </summary>
/// <remarks>
/// Defaults and formula of the authors' code; a parameter of more than two axes counts as a matrix of its first axis by
/// all others. Meant for hidden layers: give embeddings and the output layer as <c>byAdam</c>. The group settings
/// Beta1, Beta2 and Epsilon are Adam's; WeightDecay is for both.
/// </remarks>
public sealed class Muon : Optimizer
{
    const double A = 3.4445, B = -4.7750, C = 2.0315;
    readonly double _adamShare;
    readonly bool _nesterov;
    readonly int _iterations;
    readonly HashSet<Parameter> _byAdam;

    /// <summary>Descends by orthogonal steps for matrices, by Adam's for all else.</summary>
    /// <param name="parameters">What to optimize: parameters, or groups of them.</param>
    /// <param name="learningRate">The step size of matrices, in units of the spectral norm.</param>
    /// <param name="momentum">How slowly the mean of a matrix's gradients follows, 0 to 1.</param>
    /// <param name="weightDecay">The share of each weight taken off per step, times the learning rate.</param>
    /// <param name="nesterov">Look ahead along the momentum.</param>
    /// <param name="iterations">The number of Newton–Schulz iterations.</param>
    /// <param name="byAdam">Matrices that Adam shall move.</param>
    /// <param name="adamLearningRate">Adam's step size; it stays in proportion to the learning rate.</param>
    /// <param name="beta1">Adam's β₁.</param>
    /// <param name="beta2">Adam's β₂.</param>
    /// <param name="epsilon">Adam's epsilon.</param>
    /// <exception cref="ArgumentOutOfRangeException">A setting is outside its range.</exception>
    public Muon(IEnumerable<IOptimizable> parameters, double learningRate = 0.02, double momentum = 0.95,
        double weightDecay = 0, bool nesterov = true, int iterations = 5, IEnumerable<Parameter>? byAdam = null,
        double adamLearningRate = 3e-4, double beta1 = 0.9, double beta2 = 0.95, double epsilon = 1e-10)
        : base(parameters, learningRate, weightDecay, momentum, beta1, beta2, epsilon)
    {
        RequireRange(nameof(iterations), iterations);
        RequireRange(nameof(adamLearningRate), adamLearningRate);
        if (learningRate == 0) Throw.OutOfRange(nameof(Muon), "learning rate", 0, "above 0: Adam's is in proportion to it");
        (_adamShare, _nesterov, _iterations) = (adamLearningRate / learningRate, nesterov, iterations);
        _byAdam = [.. byAdam ?? []];
    }

    /// <inheritdoc/>
    protected override IReadOnlyList<StateSlot> Slots => 
    [
        new("exp_avg") { When = ByAdam }, new("exp_avg_sq") { When = ByAdam },
        new("momentum_buffer") { When = state => !ByAdam(state) },
    ];

    bool ByAdam(ParameterState state) =>
        state.Parameter.Rank < 2 || state.Parameter.Length == 0 || _byAdam.Contains(state.Parameter);

    /// <inheritdoc/>
    protected override void Update<T>(Span<T> values, ReadOnlySpan<T> gradient, ParameterState state)
    {
        var (group, shape) = (state.Group, state.Parameter.Shape);
        if (ByAdam(state))
        {
            var rate = group.LearningRate * _adamShare;
            var keep = 1 - rate * group.WeightDecay;
            state.Run(new Adam.Rule(group, rate, state.Step, decay: 0, keep, amsGrad: false), values, gradient);
            return;
        }
        using var scope = new StepScope();
        var d = Tensor.Zeros([shape[0], shape.Length / shape[0]], state.Parameter.DType);
        state.Run(new Direction(group.Momentum, _nesterov), d.Write<T>(), gradient);
        var scale = Math.Sqrt(Math.Max(1, (double)d.Shape[0] / d.Shape[1]));
        state.Run(new Descent(group.LearningRate, scale, group.WeightDecay), values, Orthogonal(d, _iterations).Read<T>());
    }

    /// <summary>
    /// Nearly U·Vᵀ of a matrix U·S·Vᵀ: each iteration X ← a·X + b·(X·Xᵀ)·X + c·(X·Xᵀ)²·X moves all singular values
    /// towards 1 (between 0.7 and 1.2, for the coefficients chosen for speed). The smaller of X·Xᵀ and Xᵀ·X is taken.
    /// </summary>
    internal static Tensor Orthogonal(Tensor matrix, int iterations)
    {
        var tall = matrix.Shape[0] > matrix.Shape[1];
        var x = matrix / ((matrix * matrix).Sum().Sqrt() + 1e-7);
        for (var i = 0; i < iterations; i++)
        {
            var square = x.MatMul(x, transposeLeft: tall, transposeRight: !tall);
            var factor = B * square + C * square.MatMul(square);
            x = A * x + (tall ? x.MatMul(factor) : factor.MatMul(x));
        }
        return x;
    }

    readonly struct Direction(double momentum, bool nesterov) : IUpdate
    {
        public void Apply<T>(ref Vector<T> d, Vector<T> g, ref Vector<T> _, ref Vector<T> __, ref Vector<T> m)
            where T : unmanaged, IFloatingPointIeee754<T>
        {
            g *= Lanes.All<T>(1 - momentum);
            m = Lanes.All<T>(momentum) * m + g;
            d = nesterov ? Lanes.All<T>(momentum) * m + g : m;
        }
    }

    readonly struct Descent(double rate, double scale, double decay) : IUpdate
    {
        public void Apply<T>(ref Vector<T> w, Vector<T> o, ref Vector<T> _, ref Vector<T> __, ref Vector<T> ___)
            where T : unmanaged, IFloatingPointIeee754<T> =>
            w -= Lanes.All<T>(rate) * (Lanes.All<T>(scale) * o + Lanes.All<T>(decay) * w);
    }
}
