namespace MicroGrad.Net.Tests.Proof;

// Losses of boxes: with coordinates near whole numbers for the prediction and between them for the target, so that no
// two edges are near each other, where overlap and enclosure have their kinks; nor the middle of an inverted box, at
// halves, and an edge.
static partial class GradientTable
{
    delegate Tensor BoxLoss(Tensor prediction, Tensor target, double epsilon = 1e-7, Reduction reduction = Reduction.Mean);

    static IEnumerable<GradientRow> DetectionLosses =>
    [
        .. OfBoxes("IntersectionOverUnion", Losses.IntersectionOverUnion),
        .. OfBoxes("GeneralizedIntersectionOverUnion", Losses.GeneralizedIntersectionOverUnion),
        .. OfBoxes("DistanceIntersectionOverUnion", Losses.DistanceIntersectionOverUnion),
        .. OfBoxes("CompleteIntersectionOverUnion", CompleteWithGradientOfAlpha),
        .. OfBoxes("EfficientIntersectionOverUnion", Losses.EfficientIntersectionOverUnion),
        Row("Losses.PairwiseIntersectionOverUnion", "a4,b4",
            (x, y) => Losses.PairwiseIntersectionOverUnion(x, y), Corners(0), Corners(0.5)),
        Row("Losses.PairwiseIntersectionOverUnion: epsilon 0.5", "a4,b4",
            (x, y) => Losses.PairwiseIntersectionOverUnion(x, y, 0.5), Corners(0), Corners(0.5)),
    ];

    static IEnumerable<GradientRow> OfBoxes(string name, BoxLoss loss) =>
    [
        .. Reduced($"Losses.{name}:", "A4,A4", (x, y, how) => loss(x, y, reduction: how), Corners(0), Corners(0.5)),
        Row($"Losses.{name}: one box", "4,4", (x, y) => loss(x, y), Corners(0), Corners(0.5)),
        Row($"Losses.{name}: epsilon 0.5", "A4,A4", (x, y) => loss(x, y, 0.5), Corners(0), Corners(0.5)),
        Row($"Losses.{name}: inverted", "A4,A4", (x, y) => loss(x, y), Corners(0, inverted: true), Corners(0.25)),
    ];

    /// <summary>
    /// The loss takes its factor alpha as a constant, so its gradient is not that of its values. What is missing is
    /// added here: nothing in value, v · the gradient of alpha in the gradient.
    /// </summary>
    static Tensor CompleteWithGradientOfAlpha(Tensor prediction, Tensor target, double epsilon, Reduction reduction)
    {
        var mismatch = Losses.IntersectionOverUnion(prediction, target, epsilon, Reduction.None);
        var v = (Ratio(target).Atan() - Ratio(prediction).Atan()).Square() * (4 / (Math.PI * Math.PI));
        var alpha = v / (mismatch + v + epsilon);
        // An inverted box has no area, and so no ratio.
        var missing = (alpha - alpha.Detach()) * v * (Side(prediction, 0) > 0) * (Side(prediction, 1) > 0);
        var loss = Losses.CompleteIntersectionOverUnion(prediction, target, epsilon, reduction);
        return loss + (reduction == Reduction.Mean ? missing.Mean() : reduction == Reduction.Sum ? missing.Sum() : missing);

        static Tensor Side(Tensor boxes, int axis) => boxes.Unstack(-1)[axis + 2] - boxes.Unstack(-1)[axis];

        static Tensor Ratio(Tensor boxes) => Side(boxes, 0) / Side(boxes, 1);
    }

    /// <summary>
    /// Boxes with sides from 1 to 3, and coordinates near whole numbers plus <paramref name="shift"/>; or inverted in
    /// one direction or both.
    /// </summary>
    static Draw Corners(double shift, bool inverted = false) => (random, count) =>
    {
        var corners = new double[count];
        for (var box = 0; box < count; box += 4)
        {
            for (var axis = 0; axis < 2; axis++)
            {
                corners[box + axis] = random.Next(-3, 3) + shift + 0.1 * (random.NextDouble() - 0.5);
                corners[box + axis + 2] = corners[box + axis] + random.Next(1, 4) + 0.1 * (random.NextDouble() - 0.5);
            }
            for (var (axis, which) = (0, random.Next(3)); inverted && axis < 2; axis++)
                if (which != axis) (corners[box + axis], corners[box + axis + 2]) = (corners[box + axis + 2], corners[box + axis]);
        }
        return corners;
    };
}
