namespace MicroGrad.Net;

// Losses of boxes. All have the same shape: 1 − IoU, plus what a box still lacks where the overlap cannot say it.
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
        using var check = Checks.OfLoss("pairwise intersection over union");
        if (prediction.Rank != 2 || target.Rank != 2)
            Throw.Shapes(check.Name, $"expects [n, 4] and [m, 4], but got {prediction.Shape} and {target.Shape}.");
        check.Corners(prediction);
        check.Boxes(target);
        check.SameDType(prediction, target);
        check.Option(epsilon, Domain.Positive, prediction.DType);
        var (intersection, union, _) = Box.Overlap(Box.Of(prediction.Unsqueeze(1)), Box.Of(target.Unsqueeze(0)));
        return intersection / (union + epsilon);
    }

    /// <summary>
    /// 1 − IoU, with IoU = I / (A + B − I + ε): I is the area of the overlap of prediction and target, A and B are
    /// their own areas (Yu et al., 2016, who take −log IoU). 0 for the right box, 1 for a box apart from its target.
    /// </summary>
    /// <remarks>
    /// <para>Gradient: −((A + B) · ∂I − I · ∂(A + B)) / (A + B − I)²: larger for a coordinate that adds overlap than
    /// for one that saves area; 0 where the boxes are apart.</para>
    /// <para>Use: boxes that overlap from the start, such as refined ones; it is what detection is judged by, and it
    /// does not depend on the size of the box as squared errors do.</para>
    /// <para>Beware: a box that misses its target learns nothing; then take one of the other four. Boxes that touch
    /// count as overlapping by 0: they are pulled together. A predicted box with x2 &lt; x1 counts as one without
    /// width in its middle and pays d / (d + w) more, d = x1 − x2 being how far it is inverted and w the target's
    /// width, and likewise in y: so it is turned round. Two equal boxes without area have loss 1.</para>
    /// <para>Twin: none that is a loss; torchvision.ops.box_iou gives the IoU.</para>
    /// </remarks>
    /// <param name="prediction">Boxes [n, 4] as x1, y1, x2, y2, in any unit.</param>
    /// <param name="target">The true boxes, in the same order and unit.</param>
    /// <param name="epsilon">Added to denominators that areas or sides of 0 would make 0.</param>
    /// <param name="reduction">The mean, the sum, or one loss per box, [n]. The mean over no boxes is 0.</param>
    /// <exception cref="ShapeException">The shapes differ, or their last axis is not 4.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A target is inverted or not finite (the message says which), or
    /// ε is not positive.</exception>
    public static Tensor IntersectionOverUnion(Tensor prediction, Tensor target, double epsilon = 1e-7,
        Reduction reduction = Reduction.Mean)
    {
        using var check = Checks.OfLoss("intersection over union");
        return Reduce(BoxPairs.Of(check, prediction, target, epsilon).Mismatch, reduction);
    }

    /// <summary>
    /// 1 − IoU + (C − U) / (C + ε), U being the area that prediction and target cover together, and C the area of the
    /// smallest box around both: the share of it that neither covers (Rezatofighi et al., 2019).
    /// </summary>
    /// <remarks>
    /// <para>Gradient: that of <see cref="IntersectionOverUnion"/> plus (U · ∂C − C · ∂U) / C²: a box apart grows
    /// towards its target, then shrinks around it.</para>
    /// <para>Use: boxes that may miss their target at first.</para>
    /// <para>Beware: it is slow where boxes are apart, and no better than 1 − IoU where one is inside the other, since
    /// C = U then; a prediction shrunk to a point stays one. From 0 to 2; an inverted prediction pays more, as in
    /// <see cref="IntersectionOverUnion"/>.</para>
    /// <para>Twin: torchvision.ops.generalized_box_iou_loss, whose reduction is none by default.</para>
    /// </remarks>
    /// <inheritdoc cref="IntersectionOverUnion"/>
    public static Tensor GeneralizedIntersectionOverUnion(Tensor prediction, Tensor target, double epsilon = 1e-7,
        Reduction reduction = Reduction.Mean)
    {
        using var check = Checks.OfLoss("generalized intersection over union");
        var boxes = BoxPairs.Of(check, prediction, target, epsilon);
        var (width, height) = boxes.Enclosing();
        var enclosing = width * height;
        return Reduce(boxes.Mismatch + (enclosing - boxes.Union) / (enclosing + epsilon), reduction);
    }

    /// <summary>
    /// 1 − IoU + ρ² / (c² + ε), ρ being the distance between the centres of prediction and target, and c the diagonal
    /// of the smallest box around both (Zheng et al., 2020).
    /// </summary>
    /// <remarks>
    /// <para>Gradient: that of <see cref="IntersectionOverUnion"/> plus (∂ρ² − ρ²/c² · ∂c²) / c²: the centre is pulled
    /// straight to the target's, also where the boxes are apart.</para>
    /// <para>Use: as the generalized loss; it takes fewer steps to bring boxes together.</para>
    /// <para>Beware: where the centres agree, only the overlap is left to correct the shape; a prediction shrunk to a
    /// point stays one. From 0 to 2; an inverted prediction pays more, as in
    /// <see cref="IntersectionOverUnion"/>.</para>
    /// <para>Twin: torchvision.ops.distance_box_iou_loss, whose reduction is none by default.</para>
    /// </remarks>
    /// <inheritdoc cref="IntersectionOverUnion"/>
    public static Tensor DistanceIntersectionOverUnion(Tensor prediction, Tensor target, double epsilon = 1e-7,
        Reduction reduction = Reduction.Mean)
    {
        using var check = Checks.OfLoss("distance intersection over union");
        var boxes = BoxPairs.Of(check, prediction, target, epsilon);
        return Reduce(boxes.Mismatch + boxes.CentreDistance(boxes.Enclosing(), epsilon), reduction);
    }

    /// <summary>
    /// 1 − IoU + ρ² / (c² + ε) + α · v with v = 4/π² · (atan(w/h) of the target − atan(w/h) of the prediction)² and
    /// α = v / (1 − IoU + v + ε): as the distance loss, and the sides are to have the right ratio too, the more so the
    /// better the overlap (Zheng et al., 2020). v is 0 where a box has no area.
    /// </summary>
    /// <remarks>
    /// <para>Gradient: that of <see cref="DistanceIntersectionOverUnion"/> plus α · ∂v, with
    /// ∂v/∂w = −8/π² · (difference of the angles) · h / (w² + h²), and for h with the sign and the side exchanged. α
    /// counts as a constant.</para>
    /// <para>Use: the first choice for boxes: it corrects overlap, place and shape.</para>
    /// <para>Beware: ∂v grows as 1/size for boxes much smaller than 1, so count in pixels, or clip gradients, where a
    /// prediction may shrink to nothing. v asks for the ratio only: both sides may still be wrong, and a
    /// point stays one; see <see cref="EfficientIntersectionOverUnion"/>. As α does change with the boxes,
    /// GradientCheck finds differences that are not the gradient. An inverted prediction pays more, as in
    /// <see cref="IntersectionOverUnion"/>.</para>
    /// <para>Twin: torchvision.ops.complete_box_iou_loss, whose reduction is none by default, and which gives NaN for
    /// boxes without height and width.</para>
    /// </remarks>
    /// <inheritdoc cref="IntersectionOverUnion"/>
    public static Tensor CompleteIntersectionOverUnion(Tensor prediction, Tensor target, double epsilon = 1e-7,
        Reduction reduction = Reduction.Mean)
    {
        using var check = Checks.OfLoss("complete intersection over union");
        var boxes = BoxPairs.Of(check, prediction, target, epsilon);
        var haveArea = boxes.Prediction.HasArea() * boxes.Target.HasArea();
        var difference = boxes.Target.Angle(haveArea) - boxes.Prediction.Angle(haveArea);
        var v = 4 / (Math.PI * Math.PI) * difference.Square();
        var alpha = v.Detach() / (boxes.Mismatch.Detach() + v.Detach() + epsilon);
        return Reduce(boxes.Mismatch + boxes.CentreDistance(boxes.Enclosing(), epsilon) + alpha * v, reduction);
    }

    /// <summary>
    /// 1 − IoU + ρ² / (c² + ε) + (difference of widths)² / (cw² + ε) + (difference of heights)² / (ch² + ε), cw and ch
    /// being the sides of the smallest box around both: as the distance loss, and each side is to be right by itself
    /// (Zhang et al., 2021).
    /// </summary>
    /// <remarks>
    /// <para>Gradient: that of <see cref="DistanceIntersectionOverUnion"/> plus, for the width w,
    /// 2 · (w − w of the target) / cw² − (w − w of the target)² / cw⁴ · ∂cw², and likewise for the height.</para>
    /// <para>Use: where the sides must be right early on, as they are corrected directly and not through their ratio.
    /// </para>
    /// <para>Beware: from 0 to 4, so it is larger than its siblings at the start. An inverted prediction pays
    /// more, as in <see cref="IntersectionOverUnion"/>.</para>
    /// <para>Twin: none; formula of the paper, without its weights by IoU (the "focal" part).</para>
    /// </remarks>
    /// <inheritdoc cref="IntersectionOverUnion"/>
    public static Tensor EfficientIntersectionOverUnion(Tensor prediction, Tensor target, double epsilon = 1e-7,
        Reduction reduction = Reduction.Mean)
    {
        using var check = Checks.OfLoss("efficient intersection over union");
        var boxes = BoxPairs.Of(check, prediction, target, epsilon);
        var (p, t, enclosing) = (boxes.Prediction, boxes.Target, boxes.Enclosing());
        return Reduce(boxes.Mismatch + boxes.CentreDistance(enclosing, epsilon)
            + (p.Width - t.Width).Square() / (enclosing.Width.Square() + epsilon)
            + (p.Height - t.Height).Square() / (enclosing.Height.Square() + epsilon), reduction);
    }
}
