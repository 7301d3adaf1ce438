namespace MicroGrad.Net;

public partial class Tensor
{
    /// <summary>
    /// An op whose gradients all come from one pass that is faster than what the tape would do. That pass runs where
    /// the gradient itself is not being recorded; where it is, the tape runs over the composed form.
    /// </summary>
    /// <param name="op">The op's name.</param>
    /// <param name="result">Its result.</param>
    /// <param name="inputs">What it depends on.</param>
    /// <param name="gradients">From the gradient of the result to those of the inputs; null for one without a node.</param>
    /// <param name="composed">The op in tensor language, as a function of the inputs.</param>
    static Tensor Fused(string op, Tensor result, Tensor[] inputs, Func<Tensor, Tensor?[]> gradients,
        Func<Tensor[], Tensor> composed)
    {
        // The rules of a walk share what the first of them computes.
        (Tensor Of, bool Recorded, Tensor?[] Parts)? known = null;
        Tensor?[] All(Tensor g)
        {
            if (known is not { } last || last.Of != g || last.Recorded != Gradients.Enabled)
                known = last = (g, Gradients.Enabled, Gradients.Enabled ? Recorded(g) : gradients(g));
            return last.Parts;
        }

        // The derivative in each input by itself, though one may have been computed from another: in nodes between.
        Tensor?[] Recorded(Tensor g)
        {
            var own = Array.ConvertAll(inputs, input => Node.Record("input", input.Detach(), (input, part => part)));
            var parts = new Queue<Tensor>(Gradients.Of(composed(own), [.. own.Where(input => input.Node is not null)],
                createGraph: true, seed: g, allowUnused: true));
            return Array.ConvertAll(own, input => input.Node is null ? null : parts.Dequeue());
        }

        var rules = new (Tensor, Func<Tensor, Tensor>)[inputs.Length];
        for (var i = 0; i < inputs.Length; i++)
        {
            var index = i;
            rules[i] = (inputs[i], g => All(g)[index]!);
        }
        return Node.Record(op, result, rules);
    }
}
