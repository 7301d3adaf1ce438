namespace MicroGrad.Net;

public partial class Tensor
{
    /// <summary>
    /// A recurrent network over a sequence: the new states at all steps, [steps, batch, width]; with
    /// <paramref name="lastCell"/>, the cell after the last one follows.
    /// </summary>
    /// <param name="op">The network.</param>
    /// <param name="step">
    /// One step in tensor language: from the products of the gates' weights with input and state, biases included,
    /// [batch, gates·width], and from the state before, to the new state; output first.
    /// </param>
    /// <param name="input">[steps, batch, inputs], with one step at least.</param>
    /// <param name="weights">By PyTorch's names: weight_ih, weight_hh, and with biases bias_ih and bias_hh.</param>
    /// <param name="state">What to start from, [batch, width] each: the state, and the cell where there is one.</param>
    /// <param name="backward">Whether to begin at the end of the sequence.</param>
    /// <param name="lastCell">Whether the result ends with the last cell.</param>
    internal static Tensor Recurrence<TStep>(Operation op, Func<Tensor, Tensor, Tensor[], Tensor[]> step, Tensor input,
        Tensor[] weights, Tensor[] state, bool backward, bool lastCell) where TStep : struct, IRecurrentStep
    {
        Tensor[] inputs = [input, .. weights, .. state];
        foreach (var other in inputs) SameDType(op, input, other);
        var (steps, batch, width) = (input.Shape[0], input.Shape[1], state[0].Shape[1]);
        var sizes = new RecurrenceSizes(steps, batch, input.Shape[2], width, backward);
        var memory = Empty([steps, batch, TStep.Blocks * width], input.DType);
        var result = Empty([lastCell ? steps + 1 : steps, batch, width], input.DType);
        if (input.DType == DType.Float32) Forward<float>();
        else Forward<double>();
        return Node.Record(op.With("backward", backward).With("lastCell", lastCell), result, inputs, Backward, Composed);

        void Forward<T>() where T : unmanaged, System.Numerics.IFloatingPointIeee754<T> =>
            MicroGrad.Net.Recurrence.Forward<T, TStep>(sizes, Operands<T>(), memory.Write<T>(), result.Write<T>());

        Tensor?[] Backward(Tensor g, bool[] wanted)
        {
            // Those of the state are carried from step to step, wanted or not.
            var parts = new Tensor?[inputs.Length];
            for (var i = 0; i < parts.Length; i++)
                if (wanted[i] || i > weights.Length) parts[i] = Empty(inputs[i].Shape, g.DType);
            if (g.DType == DType.Float32) Run<float>();
            else Run<double>();
            return parts;

            void Run<T>() where T : unmanaged, System.Numerics.IFloatingPointIeee754<T>
            {
                var gradients = new RecurrenceGradients<T>
                {
                    Input = Part<T>(0), InputWeight = Part<T>(1), StateWeight = Part<T>(2),
                    InputBias = weights.Length > 2 ? Part<T>(3) : default,
                    StateBias = weights.Length > 2 ? Part<T>(4) : default,
                    State = Part<T>(1 + weights.Length),
                    Cell = state.Length > 1 ? Part<T>(2 + weights.Length) : default,
                };
                MicroGrad.Net.Recurrence.Backward<T, TStep>(
                    sizes, Operands<T>(), memory.Read<T>(), result.Read<T>(), g.Read<T>(), gradients);
            }

            Span<T> Part<T>(int i) where T : unmanaged => parts[i] is { } part ? part.Write<T>() : default;
        }

        RecurrenceOperands<T> Operands<T>() where T : unmanaged => new()
        {
            Input = input.Read<T>(), InputWeight = weights[0].Read<T>(), StateWeight = weights[1].Read<T>(),
            InputBias = weights.Length > 2 ? weights[2].Read<T>() : default,
            StateBias = weights.Length > 2 ? weights[3].Read<T>() : default,
            State = state[0].Read<T>(), Cell = state.Length > 1 ? state[1].Read<T>() : default,
        };

        // The same, step by step.
        Tensor Composed(Tensor[] from)
        {
            var (own, before) = (from[1..(1 + weights.Length)], from[(1 + weights.Length)..]);
            var products = from[0].MatMul(own[0], transposeRight: true);
            var outputs = (own.Length > 2 ? products + own[2] : products).Unstack();
            for (var i = 0; i < steps; i++)
            {
                var t = backward ? steps - 1 - i : i;
                var h = before[0].MatMul(own[1], transposeRight: true);
                before = step(outputs[t], own.Length > 2 ? h + own[3] : h, before);
                outputs[t] = before[0];
            }
            return Tensor.Stack(lastCell ? [.. outputs, before[1]] : outputs);
        }
    }
}
