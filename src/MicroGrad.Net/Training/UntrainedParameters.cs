namespace MicroGrad.Net;

/// <summary>Finds parameters that a loss depends on and an optimizer does not know, so that they never change.</summary>
static class UntrainedParameters
{
    /// <exception cref="GradientException">There are some; the message names them.</exception>
    public static void Check(Tensor loss, Optimizer optimizer)
    {
        if (loss.Node is null) return;
        var known = optimizer.Parameters.ToHashSet();
        var nodes = Tape.NodesBelow(loss.Node);
        // By the operation too: a layer that was made in Forward is gone, and its parameters have no name.
        string[] unknown = [.. nodes.Where(node => node.KeepsGradOf is Parameter parameter && !known.Contains(parameter))
            .Select(leaf => ((Parameter)leaf.KeepsGradOf!).Describe() + (nodes.FirstOrDefault(node => node.Inputs.Contains(leaf))
                is { } user ? $" (in {user.Op})" : ""))];
        if (unknown.Length > 0) Throw.Untrained(string.Join(", ", unknown));
    }
}
