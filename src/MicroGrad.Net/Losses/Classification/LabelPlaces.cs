using System.Runtime.CompilerServices;

namespace MicroGrad.Net;

/// <summary>Labels beside scores, one per place: what each chooses, and what it weighs.</summary>
/// <param name="Axis">The axis of the classes.</param>
/// <param name="Chosen">The label of each place; 0 where it is ignored.</param>
/// <param name="Kept">1, or 0 where the label is ignored; null where none is.</param>
/// <param name="Weights">The weight of the label; 0 where it is ignored; null where all are 1.</param>
readonly record struct LabelPlaces(int Axis, int[] Chosen, Tensor? Kept, Tensor? Weights)
{
    /// <summary>Labels, checked, with a weight per class or none.</summary>
    public static LabelPlaces Read(Checks check, Tensor scores, int[] labels, Tensor? weights, int? ignoreIndex,
        [CallerArgumentExpression(nameof(scores))] string name = "")
    {
        check.State(name, Domain.Predicted);
        var axis = check.ClassAxis(scores);
        var classes = scores.Shape[axis];
        check.ClassWeights(weights, scores, classes);
        check.State(nameof(labels), Domain.LabelsOr(ignoreIndex));
        var places = ClassScores.WithoutClasses(scores.Shape, axis);
        if (labels.Length != places.Length)
            Throw.Shapes(check.Name, $"scores {scores.Shape} take {places.Length} labels, but {labels.Length} were given"
                + Mend(scores.Shape, labels.Length));

        int[] chosen = [.. labels];     // the tape reads them later, when the caller's may have changed
        double[]? kept = null;
        for (var i = 0; i < labels.Length; i++)
        {
            if (labels[i] == ignoreIndex)
            {
                if (kept is null) Array.Fill(kept = new double[labels.Length], 1);
                (chosen[i], kept[i]) = (0, 0);
            }
            else if ((uint)labels[i] >= (uint)classes)
                Throw.LabelOutOfRange(check.Name, i, labels[i], classes, classes > 1 ? "."
                    : ": one score says yes or no, and BinaryCrossEntropyWithLogits takes a target of 0 and 1.");
        }
        var keptOnes = kept is null ? null : Tensor.From(places, kept).To(scores.DType);
        if (weights is null) return new(axis, chosen, keptOnes, keptOnes);
        var weight = weights.ToDoubles();
        var perLabel = chosen.Select((label, i) => (kept?[i] ?? 1) * weight[label]).ToArray();
        return new(axis, chosen, keptOnes, Tensor.From(places, perLabel).To(scores.DType));
    }

    /// <summary>The scores with 0 in the ignored places: an infinite one there would make gradients NaN.</summary>
    public Tensor Scores(Tensor scores) => Kept is null ? scores : Tensor.Where(Kept.Unsqueeze(Axis), scores, 0);

    /// <summary>−log softmax(scores)[label] in each place.</summary>
    public Tensor CrossEntropy(Tensor scores)
    {
        if (Axis < scores.Rank - 1)
            scores = scores.Permute([0, .. Enumerable.Range(2, scores.Rank - 2), 1]);   // the classes last
        return scores.CrossEntropyOfLabels(Chosen);
    }

    /// <summary>Losses, each times the weight of its label.</summary>
    public Tensor Weighted(Tensor losses) => Weights is null ? losses : Weights * losses;

    /// <summary>Of the values of each class, that of the label.</summary>
    public Tensor Of(Tensor values) => values.Gather(Chosen, Axis);

    /// <summary>Losses as they are, but 0 in the ignored places (by choice: 0 · ∞ would be NaN).</summary>
    public Tensor OnlyKept(Tensor losses) => Kept is null ? losses : Tensor.Where(Kept, losses, 0);

    /// <summary>1 at the label of each place, else 0; in the shape of the scores.</summary>
    public Tensor OneHot(Tensor scores) =>
        Mask(Chosen, Axis == 0 ? 1 : scores.Shape[0], scores.Shape[Axis], Inner(scores), scores.DType)
            .Reshape(scores.Shape);

    /// <summary>
    /// [samples, classes, places]: 1 where the place of a sample has the class; 0 for all where the label is no class.
    /// </summary>
    public static Tensor Mask(int[] labels, int samples, int classes, int places, DType dtype)
    {
        var mask = Sizes.New<double>("membership", Sizes.Product(samples, classes, places));
        for (var i = 0; i < labels.Length; i++)
            if ((uint)labels[i] < (uint)classes) mask[(i / places * classes + labels[i]) * places + i % places] = 1;
        return Tensor.From([samples, classes, places], mask).To(dtype);
    }

    /// <summary>Whether an element of the scores, by its position, is in a place that is kept.</summary>
    public Func<int, bool>? Counts(Tensor scores)
    {
        if (Kept is null) return null;
        var (kept, classes, inner) = (Kept.ToDoubles(), scores.Shape[Axis], Inner(scores));
        return i => kept[i / (classes * inner) * inner + i % inner] > 0;
    }

    /// <summary>The mean is Σ losses / Σ weights; over nothing it is 0.</summary>
    public Tensor Reduce(Tensor losses, Reduction reduction) => Losses.Reduce(losses, reduction, Weights);

    /// <summary>How many places there are for each sample.</summary>
    int Inner(Tensor scores)
    {
        var inner = 1;
        for (var axis = Axis + 1; axis < scores.Rank; axis++) inner *= scores.Shape[axis];
        return inner;
    }

    /// <summary>The end of the sentence that there are too many or too few labels.</summary>
    static string Mend(Shape scores, int labels)
    {
        if (scores.Rank == 1)
            return scores.Length != labels ? "."
                : ": one score per sample says yes or no, for BinaryCrossEntropyWithLogits.";
        var last = scores[scores.Rank - 1];
        if (scores.Rank == 2) return last == labels ? ": the classes are axis 1. Transpose()?" : ".";
        return scores.Length == labels * last ? $": the classes are axis 1. Reshape(-1, {last})?" : ".";
    }
}
