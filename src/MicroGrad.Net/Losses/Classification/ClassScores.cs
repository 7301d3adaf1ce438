namespace MicroGrad.Net;

/// <summary>Scores of classes, [n, classes], [n, classes, d₁, …] or [classes], and what goes with them.</summary>
static class ClassScores
{
    /// <summary>The axis of the classes, of which there are some.</summary>
    public static int ClassAxis(this Checks check, Tensor scores)
    {
        if (scores.Rank == 0) Throw.Shapes(check.Name, "expects scores [n, classes], but got a scalar.");
        var axis = scores.Rank == 1 ? 0 : 1;
        check.Classes(scores, scores.Shape[axis]);
        return axis;
    }

    /// <summary>[n, classes], or [classes].</summary>
    public static void ClassRows(this Checks check, Tensor scores)
    {
        if (scores.Rank is not (1 or 2))
            Throw.Shapes(check.Name, $"expects scores [n, classes] or [classes], but got {scores.Shape}.");
        check.Classes(scores, scores.Shape[^1]);
    }

    /// <summary>One weight per class; null where all are 1.</summary>
    public static void ClassWeights(this Checks check, Tensor? weights, Tensor scores, int classes)
    {
        if (weights is not null && weights.Shape != Shape.Of(classes))
            Throw.Shapes(check.Name, $"weights are {weights.Shape}, but must be [{classes}], one per class.");
        if (weights is not null) check.SameDType(scores, weights);
        check.Elements(weights, Domain.Weights);
    }

    /// <summary>One count per class, each with samples.</summary>
    public static void ClassCounts(this Checks check, int[] counts, Tensor scores)
    {
        var classes = scores.Shape[check.ClassAxis(scores)];
        if (counts.Length != classes)
            Throw.Shapes(check.Name, $"counts are [{counts.Length}], but must be [{classes}], one per class.");
        check.Counts(counts);
    }

    /// <summary>The shape of one number per sample and place.</summary>
    public static Shape WithoutClasses(Shape scores, int axis) =>
        Shape.Of([.. scores.Sizes[..axis], .. scores.Sizes[(axis + 1)..]]);

    /// <summary>One number per class, shaped to stand beside scores.</summary>
    public static Tensor Along(Tensor perClass, Tensor scores, int axis)
    {
        Span<int> sizes = stackalloc int[scores.Rank];
        sizes.Fill(1);
        sizes[axis] = perClass.Length;
        return perClass.Reshape(sizes);
    }

    public static Tensor Along(IEnumerable<double> perClass, Tensor scores, int axis)
    {
        double[] values = [.. perClass];
        return Along(Tensor.From([values.Length], values).To(scores.DType), scores, axis);
    }

    static void Classes(this Checks check, Tensor scores, int classes)
    {
        if (classes == 0 && (scores.Rank == 1 || scores.Shape[0] > 0))
            Throw.Shapes(check.Name, $"expects scores of classes, but {scores.Shape} has none.");
    }
}
