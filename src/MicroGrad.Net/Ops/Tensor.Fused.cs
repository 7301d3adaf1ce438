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
    /// <param name="gradients">From the gradient of the result to those of the inputs, of which some are wanted.</param>
    /// <param name="composed">The op in tensor language, as a function of the inputs.</param>
    static Tensor Fused(string op, Tensor result, Tensor[] inputs,
        Func<Tensor, bool[], Tensor?[]> gradients, Func<Tensor[], Tensor> composed)
    {
        var wanted = Array.ConvertAll(inputs, input => input.Node is not null);     // now: one may be frozen later

        // The rules of a walk share what the first of them computes.
        (Tensor Of, bool Recorded, Tensor?[] Parts)? known = null;
        Tensor?[] All(Tensor g)
        {
            if (known is not { } last || last.Of != g || last.Recorded != Gradients.Enabled)
                known = last = (g, Gradients.Enabled, Gradients.Enabled ? Recorded(g) : gradients(g, wanted));
            return last.Parts;
        }

        // The derivative in each input by itself, though one may have been computed from another: in nodes between.
        Tensor?[] Recorded(Tensor g)
        {
            Tensor[] own = [.. inputs.Zip(wanted, (input, isWanted) => isWanted ? Own(input) : input)];
            var parts = new Queue<Tensor>(Gradients.Of(composed(own), [.. own.Where((_, i) => wanted[i])],
                createGraph: true, seed: g, allowUnused: true));
            return Array.ConvertAll(wanted, isWanted => isWanted ? parts.Dequeue() : null);
        }

        static Tensor Own(Tensor input)
        {
            var own = Node.Record("identity", input.Detach(), (input, part => part));
            own.RequiresGrad = true;
            return own;
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
