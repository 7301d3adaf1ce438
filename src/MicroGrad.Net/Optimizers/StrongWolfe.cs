namespace MicroGrad.Net;

/// <summary>
/// A line search by the strong Wolfe conditions (Nocedal and Wright, Numerical Optimization, 3.5): a step t along a
/// direction so that f(t) ≤ f(0) + 10⁻⁴·t·f′(0) and |f′(t)| ≤ 0.9·|f′(0)|. PyTorch's, step by step.
/// </summary>
static class StrongWolfe
{
    const double Decrease = 1e-4, Flatness = 0.9;
    const int MaxTries = 25;

    /// <summary>A point on the line: the step, and the loss, its gradient and its slope along the line there.</summary>
    public sealed record Point(double Step, double Loss, double[] Gradient, double Slope);

    /// <summary>Finds the step.</summary>
    /// <param name="at">Evaluates the loss at a step.</param>
    /// <param name="start">The point at step 0.</param>
    /// <param name="step">The first step to try.</param>
    /// <param name="largest">The largest component of the direction.</param>
    /// <param name="tolerance">Stop when the bracket moves no component by more.</param>
    public static Point Search(Func<double, Point> at, Point start, double step, double largest, double tolerance)
    {
        var (bracket, tries) = Bracket(at, start, step);
        if (bracket.Length == 1) return bracket[0];
        return Zoom(at, start, bracket, tries, largest, tolerance);
    }

    /// <summary>Steps out until a minimum lies between two points; a single point is one that will do.</summary>
    static (Point[] Points, int Tries) Bracket(Func<double, Point> at, Point start, double step)
    {
        var (last, point) = (start, at(step));
        for (var tries = 0; tries < MaxTries; tries++)
        {
            if (TooHigh(point, start) || (tries > 1 && point.Loss >= last.Loss)) return ([last, point], tries);
            if (FlatEnough(point, start)) return ([point], tries);
            if (point.Slope >= 0) return ([last, point], tries);
            var next = Cubic(last, point, point.Step + 0.01 * (point.Step - last.Step), point.Step * 10);
            (last, point) = (point, at(next));
        }
        return ([start, point], MaxTries);
    }

    /// <summary>Narrows the bracket down to a point that will do.</summary>
    static Point Zoom(Func<double, Point> at, Point start, Point[] bracket, int tries, double largest, double tolerance)
    {
        var low = bracket[0].Loss <= bracket[1].Loss ? 0 : 1;
        for (var stuck = false; tries < MaxTries; tries++)
        {
            var (left, right) = (Math.Min(bracket[0].Step, bracket[1].Step), Math.Max(bracket[0].Step, bracket[1].Step));
            if ((right - left) * largest < tolerance) break;

            // Too near an end twice, or beyond it: a tenth of the bracket away from that end.
            var (step, margin) = (Cubic(bracket[0], bracket[1], left, right), 0.1 * (right - left));
            var near = Math.Min(right - step, step - left) < margin;
            var moved = near && (stuck || step >= right || step <= left);
            if (moved) step = Math.Abs(step - right) < Math.Abs(step - left) ? right - margin : left + margin;
            stuck = near && !moved;

            var point = at(step);
            if (TooHigh(point, start) || point.Loss >= bracket[low].Loss)
            {
                bracket[1 - low] = point;
                low = bracket[0].Loss <= bracket[1].Loss ? 0 : 1;
                continue;
            }
            if (FlatEnough(point, start)) return point;
            if (point.Slope * (bracket[1 - low].Step - bracket[low].Step) >= 0) bracket[1 - low] = bracket[low];
            bracket[low] = point;
        }
        return bracket[low];
    }

    static bool TooHigh(Point point, Point start) => point.Loss > start.Loss + Decrease * point.Step * start.Slope;

    static bool FlatEnough(Point point, Point start) => Math.Abs(point.Slope) <= -Flatness * start.Slope;

    /// <summary>The minimum of the cubic through two points with their slopes, within bounds.</summary>
    static double Cubic(Point p, Point q, double low, double high)
    {
        if (p.Step > q.Step) (p, q) = (q, p);
        var d1 = p.Slope + q.Slope - 3 * (p.Loss - q.Loss) / (p.Step - q.Step);
        var square = d1 * d1 - p.Slope * q.Slope;
        if (!(square >= 0)) return (low + high) / 2;
        var d2 = Math.Sqrt(square);
        var minimum = q.Step - (q.Step - p.Step) * ((q.Slope + d2 - d1) / (q.Slope - p.Slope + 2 * d2));
        return Math.Min(Math.Max(minimum, low), high);
    }
}
