namespace MicroGrad.Net;

// Boxes are corners x1, y1, x2, y2 along the last axis, with x1 ≤ x2 and y1 ≤ y2; what they enclose is w · h.
public static partial class Losses
{
    /// <summary>
    /// I / (A + B − I + ε) of each predicted box with each target, I being the area of their overlap, A and B their own
    /// areas: 1 for equal boxes, 0 for boxes apart. A measure, not a loss: the more the better.
    /// </summary>
    /// <remarks>
    /// <para>Gradient: ((A + B) · ∂I − I · ∂(A + B)) / (A + B − I)²: 0 for boxes apart.</para>
    /// <para>Use: to match found boxes with true ones, to drop doubles among the found, for mean IoU and mAP.</para>
    /// <para>Beware: n · m numbers are made. Two boxes without area have 0, even where they are equal. An inverted
    /// prediction has no area.</para>
    /// <para>Twin: torchvision.ops.box_iou, which has no ε and checks nothing.</para>
    /// </remarks>
    /// <param name="prediction">Boxes [n, 4] as x1, y1, x2, y2.</param>
    /// <param name="target">Boxes [m, 4].</param>
    /// <param name="epsilon">Keeps the quotient 0 where nothing has area.</param>
    /// <returns>[n, m], from 0 to 1.</returns>
    /// <exception cref="ShapeException">The shapes are others.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A target is inverted or not finite (the message says which), or
    /// ε is not positive.</exception>
    public static Tensor PairwiseIntersectionOverUnion(Tensor prediction, Tensor target, double epsilon = 1e-7)
    {
        const string Name = "pairwise intersection over union";
        if (prediction.Rank != 2 || target.Rank != 2)
            Throw.Shapes(Name, $"expects [n, 4] and [m, 4], but got {prediction.Shape} and {target.Shape}.");
        RequireCorners(Name, nameof(prediction), prediction);
        RequireBoxes(Name, nameof(target), target);
        RequireSameDType(Name, nameof(prediction), prediction, nameof(target), target);
        Domain.Positive.Require(Name, nameof(epsilon), epsilon, prediction.DType);
        var (intersection, union, _) = Overlap(BoxOf(prediction.Unsqueeze(1)), BoxOf(target.Unsqueeze(0)));
        return intersection / (union + epsilon);
    }

    /// <summary>Boxes, coordinate by coordinate.</summary>
    sealed record Box(Tensor X1, Tensor Y1, Tensor X2, Tensor Y2)
    {
        public Tensor Width { get; } = X2 - X1;

        public Tensor Height { get; } = Y2 - Y1;

        public Tensor Area => Width * Height;
    }

    /// <summary>Corners along the last axis. A box that is inverted in x or y has no width or height there.</summary>
    static Box BoxOf(Tensor corners)
    {
        var at = corners.Unstack(axis: -1);
        var ((x1, x2), (y1, y2)) = (Ordered(at[0], at[2]), Ordered(at[1], at[3]));
        return new Box(x1, y1, x2, y2);

        static (Tensor Low, Tensor High) Ordered(Tensor low, Tensor high)
        {
            var (right, middle) = (low <= high, 0.5 * (low + high));
            return (Tensor.Where(right, low, middle), Tensor.Where(right, high, middle));
        }
    }

    /// <summary>
    /// The areas that two boxes share, that they cover together, and that one of them covers alone: the last is the
    /// difference of the others, made of differences of corners that keep their digits where boxes nearly agree.
    /// </summary>
    static (Tensor Intersection, Tensor Union, Tensor Excess) Overlap(Box a, Box b)
    {
        var (left, right) = (Tensor.Max(a.X1, b.X1), Tensor.Min(a.X2, b.X2));
        var (top, bottom) = (Tensor.Max(a.Y1, b.Y1), Tensor.Min(a.Y2, b.Y2));
        var (acrossX, acrossY) = (right - left, bottom - top);
        // Clamp, not Relu: its slope at 0 is 1, so that boxes that touch are pulled together.
        var (width, height) = (acrossX.Clamp(low: 0), acrossY.Clamp(low: 0));
        var intersection = width * height;
        return (intersection, a.Area + b.Area - intersection, Alone(a) + Alone(b));

        // w·h − width·height = (w − width)·h + width·(h − height)
        Tensor Alone(Box box)
        {
            var w = Tensor.Where(acrossX >= 0, (box.X2 - right) + (left - box.X1), box.Width);
            var h = Tensor.Where(acrossY >= 0, (box.Y2 - bottom) + (top - box.Y1), box.Height);
            return w * box.Height + width * h;
        }
    }

    /// <summary>Width and height of the smallest box around both.</summary>
    static (Tensor Width, Tensor Height) Enclosing(Box a, Box b) =>
        (Tensor.Max(a.X2, b.X2) - Tensor.Min(a.X1, b.X1), Tensor.Max(a.Y2, b.Y2) - Tensor.Min(a.Y1, b.Y1));

    /// <summary>
    /// What an inverted prediction pays, so that its gradient turns it: d / (d + w) + e / (e + h), d = x1 − x2 and
    /// e = y1 − y2 being how far it is inverted, w and h the target's sides. 0 for others.
    /// </summary>
    static Tensor Inversion(Tensor prediction, Box target, double epsilon)
    {
        var at = prediction.Unstack(axis: -1);
        var (d, e) = ((at[0] - at[2]).Relu(), (at[1] - at[3]).Relu());
        return d / (d + target.Width + epsilon) + e / (e + target.Height + epsilon);
    }

    /// <summary>
    /// A prediction and its target, checked, what is wrong with their overlap (1 − IoU, plus inversion), and what they
    /// cover together.
    /// </summary>
    static (Box Prediction, Box Target, Tensor Mismatch, Tensor Union) Compared(
        string loss, Tensor prediction, Tensor target, double epsilon)
    {
        RequireSameShape(loss, nameof(prediction), prediction, nameof(target), target);
        RequireBoxes(loss, nameof(target), target);
        Domain.Positive.Require(loss, nameof(epsilon), epsilon, prediction.DType);
        var (p, t) = (BoxOf(prediction), BoxOf(target));
        var (_, union, excess) = Overlap(p, t);
        return (p, t, (excess + epsilon) / (union + epsilon) + Inversion(prediction, t, epsilon), union);
    }

    /// <summary>Boxes that are known to be right: four finite corners, the second not before the first.</summary>
    static void RequireBoxes(string loss, string name, Tensor boxes)
    {
        RequireCorners(loss, name, boxes);
        Domain.Boxes.Require(loss, name, boxes);
        var values = boxes.ToDoubles();
        for (var i = 0; i < values.Length; i++)
        {
            if (i % 4 < 2 || values[i] >= values[i - 2]) continue;
            var axis = i % 4 == 2 ? "x" : "y";
            Throw.OutOfRange(loss, $"{axis}2 of {Domain.Element(name, boxes.Shape, i)}", values[i],
                FormattableString.Invariant($"{axis}1 = {values[i - 2]} or more: boxes are corners x1, y1, x2, y2"));
        }
    }

    static void RequireCorners(string loss, string name, Tensor boxes)
    {
        Domain.Predicted.State(loss, name);
        if (boxes.Rank == 0 || boxes.Shape[^1] != 4)
            Throw.Shapes(loss, $"expects {name} [n, 4] as x1, y1, x2, y2, but got {boxes.Shape}.");
    }
}
