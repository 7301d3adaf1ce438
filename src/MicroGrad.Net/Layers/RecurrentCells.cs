namespace MicroGrad.Net;

/// <summary>
/// h ← tanh(W_ih·x + b_ih + W_hh·h + b_hh), or max(…, 0), at each step (Elman, 1990).
/// </summary>
/// <param name="inputs">The size of the input's last axis.</param>
/// <param name="hidden">The size of the state.</param>
/// <param name="layers">How many layers stand on each other: each takes the outputs of the one below.</param>
/// <param name="relu">Whether to use max(…, 0) instead of tanh.</param>
/// <param name="bias">Whether to add biases.</param>
/// <param name="batchFirst">Whether the batch is the first axis of input and outputs, and not the second.</param>
/// <param name="dropout">The probability to drop outputs between layers in training.</param>
/// <param name="bidirectional">Whether a second network goes over the sequence from its end.</param>
/// <param name="rng">Where the weights are drawn from, on ±1/√hidden; <see cref="Rng.Default"/> by default.</param>
/// <param name="dtype">The number type of the parameters.</param>
/// <exception cref="ArgumentOutOfRangeException">A size is not positive, or the probability outside [0, 1].</exception>
public sealed class Rnn(int inputs, int hidden, int layers = 1, bool relu = false, bool bias = true,
    bool batchFirst = false, double dropout = 0, bool bidirectional = false, Rng? rng = null,
    DType dtype = DType.Float32)
    : Recurrent(gates: 1, inputs, hidden, layers, bias, batchFirst, dropout, bidirectional, rng, dtype)
{
    static readonly Operation s_rnn = new("rnn", "hₜ = f(W·xₜ + U·hₜ₋₁ + b)",
        "f′ · (gₜ + what comes from step t + 1), through W, U or to b")
    {
        Words = "Backward through time: each step's gradient goes to its input and weights, and on to the step before.",
        IsActivation = true,
    };

    /// <summary>The outputs at every step, and the state after the last.</summary>
    /// <param name="input">[steps, batch, inputs], or [batch, steps, inputs] with the batch first.</param>
    /// <param name="state">The state to start from, [layers·directions, batch, hidden]; zeros by default.</param>
    /// <exception cref="ShapeException">A shape does not fit, or there is no step.</exception>
    public (Tensor Outputs, Tensor Last) Run(Tensor input, Tensor? state = null)
    {
        var (outputs, last) = state is null ? Sweep(input) : Sweep(input, state);
        return (outputs, last[0]);
    }

    private protected override Tensor[] Step(Tensor x, Tensor h, Tensor[] state) =>
        [relu ? (x + h).Relu() : (x + h).Tanh()];

    private protected override Tensor Steps(
        Tensor input, Tensor[] weights, Tensor[] state, bool backward, bool lastCell) =>
        relu ? Tensor.Recurrence<ElmanStep<Rectifier>>(s_rnn.With("relu", relu), Step, input, weights, state, backward, lastCell)
            : Tensor.Recurrence<ElmanStep<HyperbolicTangent>>(s_rnn.With("relu", relu), Step, input, weights, state, backward, lastCell);
}

/// <summary>
/// Long short-term memory (Hochreiter and Schmidhuber, 1997; Gers et al., 2000): a cell c that is kept as far as a
/// gate f stays open and taken in as far as a gate i is, and shown as far as a gate o is. At each step, with
/// i, f, g, o being the four parts of W_ih·x + b_ih + W_hh·h + b_hh:
/// c ← σ(f)·c + σ(i)·tanh(g), h ← σ(o)·tanh(c).
/// </summary>
/// <inheritdoc cref="Rnn"/>
public sealed class Lstm(int inputs, int hidden, int layers = 1, bool bias = true, bool batchFirst = false,
    double dropout = 0, bool bidirectional = false, Rng? rng = null,
    DType dtype = DType.Float32)
    : Recurrent(gates: 4, inputs, hidden, layers, bias, batchFirst, dropout, bidirectional, rng, dtype)
{
    static readonly Operation s_lstm = new("lstm", "cₜ = f · cₜ₋₁ + i · n, hₜ = o · tanh cₜ",
        "through the gates i, f, o and the candidate n, summed over steps")
    {
        Words = "Backward through time; along the cell the gradient is only multiplied by the forget gate f, so that "
            + "it lasts.",
        IsActivation = true,
    };

    /// <summary>The outputs at every step, and the state after the last.</summary>
    /// <param name="input">[steps, batch, inputs], or [batch, steps, inputs] with the batch first.</param>
    /// <param name="state">The state to start from, both [layers·directions, batch, hidden]; zeros by default.</param>
    /// <exception cref="ShapeException">A shape does not fit, or there is no step.</exception>
    public (Tensor Outputs, (Tensor Hidden, Tensor Cell) Last) Run(Tensor input, (Tensor Hidden, Tensor Cell)? state = null)
    {
        var (outputs, last) = state is { } start ? Sweep(input, start.Hidden, start.Cell) : Sweep(input);
        return (outputs, (last[0], last[1]));
    }

    private protected override int States => 2;

    private protected override Tensor[] Step(Tensor x, Tensor h, Tensor[] state)
    {
        var parts = (x + h).Split(Hidden, axis: 1);
        var (i, f, g, o) = (parts[0].Sigmoid(), parts[1].Sigmoid(), parts[2].Tanh(), parts[3].Sigmoid());
        var c = f * state[1] + i * g;
        return [o * c.Tanh(), c];
    }

    private protected override Tensor Steps(
        Tensor input, Tensor[] weights, Tensor[] state, bool backward, bool lastCell) =>
        Tensor.Recurrence<LstmStep>(s_lstm, Step, input, weights, state, backward, lastCell);
}

/// <summary>
/// Gated recurrent unit (Cho et al., 2014): with x_r, x_z, x_n the three parts of W_ih·x + b_ih, and h_r, h_z, h_n
/// those of W_hh·h + b_hh, at each step r = σ(x_r + h_r), z = σ(x_z + h_z), n = tanh(x_n + r·h_n),
/// h ← (1 − z)·n + z·h. The reset gate r scales the product and its bias, as in PyTorch.
/// </summary>
/// <inheritdoc cref="Rnn"/>
public sealed class Gru(int inputs, int hidden, int layers = 1, bool bias = true, bool batchFirst = false,
    double dropout = 0, bool bidirectional = false, Rng? rng = null,
    DType dtype = DType.Float32)
    : Recurrent(gates: 3, inputs, hidden, layers, bias, batchFirst, dropout, bidirectional, rng, dtype)
{
    static readonly Operation s_gru = new("gru", "hₜ = (1 − z) · n + z · hₜ₋₁",
        "through z, n and the reset gate, summed over steps")
    {
        Words = "Backward through time; where the update gate z is open, the gradient passes to the step before as "
            + "it is.",
        IsActivation = true,
    };

    /// <inheritdoc cref="Rnn.Run"/>
    public (Tensor Outputs, Tensor Last) Run(Tensor input, Tensor? state = null)
    {
        var (outputs, last) = state is null ? Sweep(input) : Sweep(input, state);
        return (outputs, last[0]);
    }

    private protected override Tensor[] Step(Tensor x, Tensor h, Tensor[] state)
    {
        var (fromInput, fromState) = (x.Split(Hidden, axis: 1), h.Split(Hidden, axis: 1));
        var r = (fromInput[0] + fromState[0]).Sigmoid();
        var z = (fromInput[1] + fromState[1]).Sigmoid();
        var n = (fromInput[2] + r * fromState[2]).Tanh();
        return [(1 - z) * n + z * state[0]];
    }

    private protected override Tensor Steps(
        Tensor input, Tensor[] weights, Tensor[] state, bool backward, bool lastCell) =>
        Tensor.Recurrence<GruStep>(s_gru, Step, input, weights, state, backward, lastCell);
}
