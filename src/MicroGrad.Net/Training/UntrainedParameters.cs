namespace MicroGrad.Net;

/// <summary>Finds parameters that a loss depends on and an optimizer does not know, so that they never change.</summary>
static class UntrainedParameters
{
    /// <exception cref="GradientException">There are some; the message names them.</exception>
    public static void Check(Tensor loss, Optimizer optimizer)
    {
        if (loss.Node is null) return;
        var known = optimizer.Parameters.ToHashSet();
        string[] unknown = [.. Tape.NodesBelow(loss.Node).Select(node => node.KeepsGradOf).OfType<Parameter>()
            .Where(parameter => !known.Contains(parameter)).Select(parameter => parameter.Describe())];
        if (unknown.Length > 0) Throw.Untrained(string.Join(", ", unknown));
    }
}
