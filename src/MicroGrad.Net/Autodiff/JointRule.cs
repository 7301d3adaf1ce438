namespace MicroGrad.Net;

/// <summary>
/// The rule of an operation whose gradients come from one pass: fast where they are only wanted as numbers; where they
/// are being recorded, to be differentiated themselves, by the tape of the same operation in tensor language.
/// </summary>
/// <param name="Inputs">All inputs of the operation.</param>
/// <param name="Fast">From the gradient of the result, and which inputs' gradients are wanted, to those gradients.</param>
/// <param name="Composed">The operation as a function of the inputs, made of other operations.</param>
sealed record JointRule(
    Tensor[] Inputs, Func<Tensor, bool[], Tensor?[]> Fast, Func<Tensor[], Tensor> Composed)
{
    static readonly Operation s_identity = new("identity", "y = a", "g")
    { Words = "The gradient goes on as it is.", Element = "{0}" };

    /// <summary>The gradients of the wanted inputs, in their places.</summary>
    public Tensor?[] Of(Tensor gradient, bool[] wanted) =>
        Gradients.Enabled ? ByComposition(gradient, wanted) : Fast(gradient, wanted);

    Tensor?[] ByComposition(Tensor gradient, bool[] wanted)
    {
        Tensor[] own = [.. Inputs.Zip(wanted, (input, isWanted) => isWanted ? Own(input) : input)];
        var parts = new Queue<Tensor>(Gradients.Of(Composed(own), [.. own.Where((_, i) => wanted[i])],
            createGraph: true, seed: gradient, allowUnused: true));
        return Array.ConvertAll(wanted, isWanted => isWanted ? parts.Dequeue() : null);

        // A node between: the derivative in each input by itself, though one may have been computed from another.
        static Tensor Own(Tensor input)
        {
            var own = Node.Record(s_identity, input.Detach(), (input, part => part));
            own.RequiresGrad = true;
            return own;
        }
    }
}
