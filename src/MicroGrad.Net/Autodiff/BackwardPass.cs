using System.Runtime.InteropServices;

namespace MicroGrad.Net;

/// <summary>The walk over a tape, from the loss to the leaves.</summary>
readonly struct BackwardPass
{
    // Owns what the rules compute, none of which a user can reach; null where the pass is being recorded, and its
    // results are part of a tape.
    readonly Recycler? _memory;

    const int MostKept = 10_000;        // entries: what a pass over a very wide tape needed is not kept

    // This thread's tables of nodes yet to be visited, empty between passes: kept, since a small pass costs less.
    [ThreadStatic] static (Dictionary<Node, Tensor> Pending, PriorityQueue<Node, long> Order)? t_tables;

    BackwardPass(Recycler? memory) => _memory = memory;

    /// <summary>
    /// Visits nodes in reverse order of their creation, so that each has received the gradients of everything that
    /// used it before it passes them on. No recursion: the length of the tape does not matter. A gradient is dropped
    /// as soon as it has been passed on, and its memory used for the next.
    /// </summary>
    /// <param name="call">The public call, for messages.</param>
    /// <param name="root">What to differentiate.</param>
    /// <param name="seed">The gradient to start with; 1 where null.</param>
    /// <param name="retainTape">Keep the rules for another pass.</param>
    /// <param name="createGraph">Record what the rules do.</param>
    /// <param name="only">Visit these nodes only; null for all.</param>
    /// <param name="wanted">Receives the gradients of its nodes; null to add them to the leaves' Grad instead.</param>
    public static void Walk(string call, Tensor root, Tensor? seed, bool retainTape, bool createGraph,
        HashSet<Node>? only, Dictionary<Node, Tensor?>? wanted)
    {
        if (root.Node is null) Throw.NothingToDifferentiate(call);
        if (!root.Storage.IsAlive) Throw.ScopeEnded();
        if (seed is null && root.Length != 1) Throw.NeedsSeed(call, root.Shape);
        if (seed is not null && seed.Shape != root.Shape) Throw.SeedShape(call, root.Shape, seed.Shape);
        if (seed is not null && seed.DType != root.DType) Throw.MixedDTypes(call, root.DType, seed.DType);

        using var recording = Gradients.Recording(createGraph);
        var memory = createGraph ? null : Recycler.Begin();
        try
        {
            seed ??= Tensor.Ones(root.Shape, root.DType);
            new BackwardPass(memory).Walk(root.Node, seed, free: !retainTape && !createGraph, only, wanted);
        }
        finally
        {
            memory?.End();
        }
    }

    void Walk(Node root, Tensor seed, bool free, HashSet<Node>? only, Dictionary<Node, Tensor?>? wanted)
    {
        // Taken, not shared, since a pass may run within another; not put back where one fails.
        var (pending, order) = t_tables ?? ([], new());
        t_tables = null;
        pending.Add(root, seed);
        order.Enqueue(root, -root.Id);
        _memory?.Hold(seed.Storage);
        while (order.TryDequeue(out var node, out _))
        {
            pending.Remove(node, out var gradient);
            if (wanted is null) node.AddToGrad(gradient!, _memory);
            else if (wanted.ContainsKey(node)) wanted[node] = HandedOut(gradient!);
            var edges = node.EdgesForBackward();
            var joint = JointParts(node, edges, gradient!, only);
            foreach (var edge in edges)
            {
                if (only?.Contains(edge.Parent) == false) continue;
                // Rules run no backward of their own, so the table stays as it is while one computes.
                ref var sum = ref CollectionsMarshal.GetValueRefOrAddDefault(pending, edge.Parent, out var exists);
                if (!exists) order.Enqueue(edge.Parent, -edge.Parent.Id);
                if (exists && edge.AddTo is { } addTo && AddsInPlace(sum!))
                {
                    addTo(gradient!, sum!);
                    continue;
                }
                var part = Pass(node, edge, gradient!, joint);
                var total = exists ? Sum(sum!, part) : part;
                if (total == sum) continue;
                _memory?.Hold(total.Storage);
                if (exists) _memory?.LetGo(sum!.Storage);
                sum = total;
            }
            _memory?.LetGo(gradient!.Storage);
            _memory?.ReleaseUnheld();
            if (free) node.Free();
        }
        if (pending.Capacity <= MostKept) t_tables = (pending, order);
    }

    /// <summary>What a node's one rule for all inputs gives for those behind the edges; null where it has none.</summary>
    internal static Tensor?[]? JointParts(Node node, Edge[] edges, Tensor gradient, HashSet<Node>? only)
    {
        if (node.Joint is not { } joint) return null;
        var wanted = new bool[joint.Inputs.Length];
        foreach (var edge in edges) wanted[edge.Input] = only?.Contains(edge.Parent) != false;
        Tensor?[] parts;
        using (Gradients.CheckFinite(false)) parts = joint.Of(gradient, wanted);
        if (parts.Length != wanted.Length) Throw.RuleCount(node.Op, parts.Length, wanted.Length);
        return parts;
    }

    /// <summary>One rule applied, and the result summed over the axes along which the input was repeated.</summary>
    /// <param name="node">Whose rule.</param>
    /// <param name="edge">To which input.</param>
    /// <param name="gradient">Of the node's result.</param>
    /// <param name="joint">What <see cref="JointParts"/> gave.</param>
    internal static Tensor Pass(Node node, Edge edge, Tensor gradient, Tensor?[]? joint)
    {
        Tensor? part;
        // What a rule computes on the way is not the user's: only its outcome is checked, under the op's name.
        if (joint is not null) part = joint[edge.Input];
        else if (!Gradients.ChecksFinite) part = edge.Rule!(gradient);
        else using (Gradients.CheckFinite(false)) part = edge.Rule!(gradient);
        if (part is null) Throw.RuleNothing(node.Op, edge.Input);
        if (Gradients.ChecksFinite) FiniteGuard.CheckBackward(node, edge, gradient, part);
        if (part.DType != edge.Parent.DType) Throw.RuleDType(node.Op, edge.Input, part.DType, edge.Parent.DType);
        if (part.Shape == edge.Parent.Shape) return part;
        if (!edge.Parent.Shape.BroadcastsTo(part.Shape))
            Throw.RuleShape(node.Op, edge.Input, part.Shape, edge.Parent.Shape);
        return part.SumTo(edge.Parent.Shape);
    }

    /// <summary>sum + part, in the memory of the sum where nothing else needs that.</summary>
    Tensor Sum(Tensor sum, Tensor part)
    {
        if (!AddsInPlace(sum)) return sum + part;
        sum.AddInPlace(part);
        return sum;
    }

    /// <summary>Whether a sum is in memory that nothing else needs, and no one wants to see what is added.</summary>
    bool AddsInPlace(Tensor sum) => _memory?.Owns(sum.Storage) == true && !Gradients.ChecksFinite;

    /// <summary>A gradient as a user may have it: in memory that nothing writes to.</summary>
    Tensor HandedOut(Tensor gradient)
    {
        if (_memory is null) return gradient.Storage.Assignable ? gradient * 1 : gradient;
        if (!_memory.Owns(gradient.Storage)) gradient *= 1;
        _memory.HandOut(gradient.Storage);
        return gradient;
    }
}
