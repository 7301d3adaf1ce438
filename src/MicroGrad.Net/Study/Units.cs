namespace MicroGrad.Net;

/// <summary>What can be told of units by their activations: the results of operations, as they are recorded.</summary>
static class Units
{
    /// <summary>The operation and the parameter last used before it, such as <c>relu after 0.weight</c>.</summary>
    public static string NameOf(Tensor result) => $"{result.Node!.Op} after {ParameterBefore(result.Node)}";

    /// <summary>
    /// The share of units that are 0 for every sample; the units of an image are its channels. Null where the result is
    /// not over samples, or of an operation that units do not die of.
    /// </summary>
    public static double? ShareOfDead(Tensor result)
    {
        if (!result.Node!.Operation.CanDie || result.Rank < 2) return null;
        var axis = result.Rank == 4 ? 1 : result.Rank - 1;
        var others = Enumerable.Range(0, result.Rank).Where(one => one != axis).ToArray();
        return result.Detach().Abs().Sum(others).ToDoubles().Average(sum => sum == 0 ? 1.0 : 0);
    }

    /// <summary>
    /// The share of activations within 1 % of an end of the range, where the slope is below 4 % of its greatest. Null
    /// where the operation has no such ends.
    /// </summary>
    public static double? ShareSaturated(Tensor result)
    {
        if (result.Node!.Operation.Saturates is not { } range) return null;
        var near = 0.01 * (range.High - range.Low);
        return result.ToDoubles().Average(y => y < range.Low + near || y > range.High - near ? 1.0 : 0);
    }

    static string ParameterBefore(Node node)
    {
        var (seen, open) = (new HashSet<Node> { node }, new Queue<Node>([node]));
        while (open.TryDequeue(out var next))
        {
            if (next is { IsLeaf: true, Name: { } name }) return name;
            foreach (var input in next.Inputs)
                if (seen.Add(input)) open.Enqueue(input);
        }
        return "the input";
    }
}
