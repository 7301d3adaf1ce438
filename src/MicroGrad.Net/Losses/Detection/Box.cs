using System.Runtime.CompilerServices;

namespace MicroGrad.Net;

/// <summary>
/// Boxes, coordinate by coordinate: corners with x1 ≤ x2 and y1 ≤ y2; what they enclose is width · height.
/// </summary>
sealed record Box(Tensor X1, Tensor Y1, Tensor X2, Tensor Y2)
{
    public Tensor Width { get; } = X2 - X1;

    public Tensor Height { get; } = Y2 - Y1;

    public Tensor Area => Width * Height;

    /// <summary>Corners along the last axis. A box that is inverted in x or y has no width or height there.</summary>
    public static Box Of(Tensor corners)
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
    public static (Tensor Intersection, Tensor Union, Tensor Excess) Overlap(Box a, Box b)
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

    /// <summary>1 or 0: by its sides, whose product may round to 0.</summary>
    public Tensor HasArea() => (Width > 0) * (Height > 0);

    /// <summary>
    /// atan(w/h) where boxes have area, else π/4, without a slope. Of a wide box it is π/2 − atan(h/w): the quotient
    /// is at most 1, so that neither it nor its slope overflows.
    /// </summary>
    public Tensor Angle(Tensor haveArea)
    {
        var (width, height) = (Tensor.Where(haveArea, Width, 1), Tensor.Where(haveArea, Height, 1));
        var wide = width > height;
        var angle = (Tensor.Where(wide, height, width) / Tensor.Where(wide, width, height)).Atan();
        return Tensor.Where(wide, Math.PI / 2 - angle, angle);
    }
}

/// <summary>What is asked of boxes that are given as corners along the last axis.</summary>
static class BoxChecks
{
    /// <summary>Boxes that are known to be right: four finite corners, the second not before the first.</summary>
    public static void Boxes(
        this Checks check, Tensor boxes, [CallerArgumentExpression(nameof(boxes))] string name = "")
    {
        check.Corners(boxes, name);
        check.Elements(boxes, Domain.Boxes, input: name);
        var values = boxes.ToDoubles();
        for (var i = 0; i < values.Length; i++)
        {
            if (i % 4 < 2 || values[i] >= values[i - 2]) continue;
            var axis = i % 4 == 2 ? "x" : "y";
            Throw.OutOfRange(check.Name, $"{axis}2 of {Domain.Element(name, boxes.Shape, i)}", values[i],
                FormattableString.Invariant($"{axis}1 = {values[i - 2]} or more: boxes are corners x1, y1, x2, y2"));
        }
    }

    public static void Corners(
        this Checks check, Tensor boxes, [CallerArgumentExpression(nameof(boxes))] string name = "")
    {
        check.State(name, Domain.Predicted);
        if (boxes.Rank == 0 || boxes.Shape[^1] != 4)
            Throw.Shapes(check.Name, $"expects {name} [n, 4] as x1, y1, x2, y2, but got {boxes.Shape}.");
    }
}
