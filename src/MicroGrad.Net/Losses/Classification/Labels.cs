using System.Runtime.CompilerServices;

namespace MicroGrad.Net;

// What losses with a label per sample share: reading the labels, and leaving the ignored ones out.
public static partial class Losses
{
    /// <summary>Labels beside scores, one per place: what each chooses, and what it weighs.</summary>
    /// <param name="Axis">The axis of the classes.</param>
    /// <param name="Chosen">The label of each place; 0 where it is ignored.</param>
    /// <param name="Kept">1, or 0 where the label is ignored; null where none is.</param>
    /// <param name="Weights">The weight of the label; 0 where it is ignored; null where all are 1.</param>
    readonly record struct LabelPlaces(int Axis, int[] Chosen, Tensor? Kept, Tensor? Weights)
    {
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
        public Tensor OneHot(Tensor scores)
        {
            var marks = Sizes.New<double>("one-hot", scores.Length);
            var (classes, inner) = (scores.Shape[Axis], Inner(scores));
            for (var i = 0; i < Chosen.Length; i++) marks[(i / inner * classes + Chosen[i]) * inner + i % inner] = 1;
            return Tensor.From(scores.Shape, marks).To(scores.DType);
        }

        /// <summary>Whether an element of the scores, by its position, is in a place that is kept.</summary>
        public Func<int, bool>? Counts(Tensor scores)
        {
            if (Kept is null) return null;
            var (kept, classes, inner) = (Kept.ToDoubles(), scores.Shape[Axis], Inner(scores));
            return i => kept[i / (classes * inner) * inner + i % inner] > 0;
        }

        /// <summary>How many places there are for each sample.</summary>
        int Inner(Tensor scores)
        {
            var inner = 1;
            for (var axis = Axis + 1; axis < scores.Rank; axis++) inner *= scores.Shape[axis];
            return inner;
        }

        /// <summary>The mean is Σ losses / Σ weights; over nothing it is 0.</summary>
        public Tensor Reduce(Tensor losses, Reduction reduction) => Losses.Reduce(losses, reduction, Weights);
    }

    static LabelPlaces ReadLabels(string loss, Tensor scores, int[] labels, Tensor? weights, int? ignoreIndex,
        [CallerArgumentExpression(nameof(scores))] string name = "")
    {
        Domain.Predicted.State(loss, name);
        var axis = ClassAxis(loss, scores);
        var classes = scores.Shape[axis];
        RequireClassWeights(loss, weights, scores, classes);
        (ignoreIndex is null ? Domain.Labels : Domain.LabelsOrIgnored).State(loss, nameof(labels));
        var places = Without(scores.Shape, axis);
        if (labels.Length != places.Length)
            Throw.Shapes(loss, $"scores {scores.Shape} take {places.Length} labels, but {labels.Length} were given"
                + LabelsMend(scores.Shape, labels.Length));

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
                Throw.LabelOutOfRange(loss, i, labels[i], classes, classes > 1 ? "."
                    : ": one score says yes or no, and BinaryCrossEntropyWithLogits takes a target of 0 and 1.");
        }
        var keptOnes = kept is null ? null : Tensor.From(places, kept).To(scores.DType);
        if (weights is null) return new(axis, chosen, keptOnes, keptOnes);
        var weight = weights.ToDoubles();
        var perLabel = chosen.Select((label, i) => (kept?[i] ?? 1) * weight[label]).ToArray();
        return new(axis, chosen, keptOnes, Tensor.From(places, perLabel).To(scores.DType));
    }

    /// <summary>The end of the sentence that there are too many or too few labels.</summary>
    static string LabelsMend(Shape scores, int labels)
    {
        if (scores.Rank == 1)
            return scores.Length != labels ? "."
                : ": one score per sample says yes or no, for BinaryCrossEntropyWithLogits.";
        var last = scores[scores.Rank - 1];
        if (scores.Rank == 2) return last == labels ? ": the classes are axis 1. Transpose()?" : ".";
        return scores.Length == labels * last ? $": the classes are axis 1. Reshape(-1, {last})?" : ".";
    }

    static Shape Without(Shape shape, int axis) => Shape.Of([.. shape.Sizes[..axis], .. shape.Sizes[(axis + 1)..]]);

    static int ClassAxis(string loss, Tensor scores)
    {
        if (scores.Rank == 0) Throw.Shapes(loss, "expects scores [n, classes], but got a scalar.");
        var axis = scores.Rank == 1 ? 0 : 1;
        RequireClasses(loss, scores, scores.Shape[axis]);
        return axis;
    }

    static void RequireClasses(string loss, Tensor scores, int classes)
    {
        if (classes == 0 && (scores.Rank == 1 || scores.Shape[0] > 0))
            Throw.Shapes(loss, $"expects scores of classes, but {scores.Shape} has none.");
    }

    /// <summary>One number per class, shaped to stand beside scores.</summary>
    static Tensor AlongClasses(Tensor perClass, Tensor scores, int axis)
    {
        Span<int> sizes = stackalloc int[scores.Rank];
        sizes.Fill(1);
        sizes[axis] = perClass.Length;
        return perClass.Reshape(sizes);
    }

    static Tensor AlongClasses(IEnumerable<double> perClass, Tensor scores, int axis)
    {
        double[] values = [.. perClass];
        return AlongClasses(Tensor.From([values.Length], values).To(scores.DType), scores, axis);
    }

    static void RequireClassWeights(string loss, Tensor? weights, Tensor scores, int classes)
    {
        if (weights is not null && weights.Shape != Shape.Of(classes))
            Throw.Shapes(loss, $"weights are {weights.Shape}, but must be [{classes}], one per class.");
        if (weights is not null) RequireSameDType(loss, "scores", scores, nameof(weights), weights);
        Domain.Weights.Require(loss, nameof(weights), weights);
    }

    /// <summary>One count per class, each with samples.</summary>
    static void RequireCounts(string loss, int[] counts, Tensor scores)
    {
        var classes = scores.Shape[ClassAxis(loss, scores)];
        if (counts.Length != classes)
            Throw.Shapes(loss, $"counts are [{counts.Length}], but must be [{classes}], one per class.");
        Domain.Counts.State(loss, nameof(counts));
        ClassWeights.RequireCounts(loss, counts);
    }
}
