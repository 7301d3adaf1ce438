namespace MicroGrad.Net;

/// <summary>The walk over a tape, from the loss to the leaves.</summary>
static class BackwardPass
{
    /// <summary>
    /// Visits nodes in reverse order of their creation, so that each has received the gradients of everything that
    /// used it before it passes them on. No recursion: the length of the tape does not matter. A gradient is dropped
    /// as soon as it has been passed on.
    /// </summary>
    /// <param name="call">The public call, for messages.</param>
    /// <param name="root">What to differentiate.</param>
    /// <param name="seed">The gradient to start with; 1 where null.</param>
    /// <param name="retainTape">Keep the rules for another pass.</param>
    /// <param name="createGraph">Record what the rules do.</param>
    /// <param name="only">Visit these nodes only; null for all.</param>
    /// <param name="found">Receives each visited node's gradient; null to add them to the leaves' Grad instead.</param>
    public static void Run(string call, Tensor root, Tensor? seed, bool retainTape, bool createGraph,
        HashSet<Node>? only, Action<Node, Tensor>? found)
    {
        if (root.Node is null) Throw.NothingToDifferentiate(call);
        if (seed is null && root.Length != 1) Throw.NeedsSeed(call, root.Shape);
        seed ??= Tensor.Ones(root.Shape, root.DType);
        if (seed.Shape != root.Shape) Throw.SeedShape(call, root.Shape, seed.Shape);
        if (seed.DType != root.DType) Throw.MixedDTypes(call, root.DType, seed.DType);

        using var recording = Gradients.Recording(createGraph);
        var pending = new Dictionary<Node, Tensor> { [root.Node] = seed };
        var order = new PriorityQueue<Node, long>();
        order.Enqueue(root.Node, -root.Node.Id);
        while (order.TryDequeue(out var node, out _))
        {
            pending.Remove(node, out var gradient);
            if (found is not null) found(node, Owned(gradient!));
            else if (node.KeepsGradOf is { } keeper)
                keeper.Grad = keeper.Grad is null ? Owned(gradient!) : keeper.Grad + gradient!;
            foreach (var edge in node.EdgesForBackward())
            {
                if (only?.Contains(edge.Parent) == false) continue;
                var part = Pass(node, edge, gradient!);
                if (pending.TryGetValue(edge.Parent, out var sum)) pending[edge.Parent] = sum + part;
                else
                {
                    pending.Add(edge.Parent, part);
                    order.Enqueue(edge.Parent, -edge.Parent.Id);
                }
            }
            if (!retainTape && !createGraph) node.Free();
        }
    }

    /// <summary>One rule applied, and the result summed over the axes along which the input was repeated.</summary>
    static Tensor Pass(Node node, Edge edge, Tensor gradient)
    {
        Tensor part;
        if (Gradients.ChecksFinite)
        {
            // What a rule computes on the way is not the user's: only its outcome is checked, under the op's name.
            using (Gradients.CheckFinite(false)) part = edge.Rule(gradient);
            FiniteGuard.CheckBackward(node, edge, gradient, part);
        }
        else part = edge.Rule(gradient);
        if (part.Shape == edge.Parent.Shape) return part;
        if (!edge.Parent.Shape.BroadcastsTo(part.Shape))
            Throw.RuleShape(node.Op, edge.Input, part.Shape, edge.Parent.Shape);
        return part.SumTo(edge.Parent.Shape);
    }

    // A gradient that is a parameter's own memory (a seed, say) would change with the next step: copy it.
    static Tensor Owned(Tensor gradient) => gradient.Storage.Assignable ? gradient * 1 : gradient;
}
