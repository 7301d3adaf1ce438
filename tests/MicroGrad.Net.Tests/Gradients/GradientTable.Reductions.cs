using static MicroGrad.Net.Tests.Proof.Shapes;

namespace MicroGrad.Net.Tests.Proof;

// Reductions, each over all axes, one and several, with and without keeping them; softmaxes and scans.
static partial class GradientTable
{
    static IEnumerable<GradientRow> Reductions =>
    [
        .. OverAxes("Sum", (x, axes, keep) => x.Sum(axes, keep)),
        .. OverAxes("Mean", (x, axes, keep) => x.Mean(axes, keep), smallest: 1),
        .. OverAxes("Max(Axes, bool)", (x, axes, keep) => x.Max(axes, keep), smallest: 1, draw: Draws.Distinct),
        .. OverAxes("Min(Axes, bool)", (x, axes, keep) => x.Min(axes, keep), smallest: 1, draw: Draws.Distinct),
        .. OverAxes("LogSumExp", (x, axes, keep) => x.LogSumExp(axes, keep)),
        .. OverAxes("Product", (x, axes, keep) => x.Product(axes, keep)),
        .. OverAxes("Product: some 0", (x, axes, keep) => x.Product(axes, keep), draw: Draws.SomeZeros),
        // A single element has no unbiased variance; the deviation of two equal ones is a kink.
        .. OverAxes("Variance", (x, axes, keep) => x.Variance(axes, keepDims: keep), smallest: 2),
        .. OverAxes("Variance: correction 0", (x, axes, keep) => x.Variance(axes, 0, keep), smallest: 1),
        .. OverAxes("StandardDeviation", (x, axes, keep) => x.StandardDeviation(axes, keepDims: keep), smallest: 2,
            draw: Draws.Distinct),
        .. OverAxes("StandardDeviation: correction 0", (x, axes, keep) => x.StandardDeviation(axes, 0, keep),
            smallest: 1, draw: Draws.Distinct),
        .. OverAxes("Norm: 2", (x, axes, keep) => x.Norm(2, axes, keep), draw: NotZero),
        .. OverAxes("Norm: 1", (x, axes, keep) => x.Norm(1, axes, keep), draw: NotZero),
        .. OverAxes("Norm: 3", (x, axes, keep) => x.Norm(3, axes, keep), draw: NotZero),
        .. OverAxes("Norm: 0.5", (x, axes, keep) => x.Norm(0.5, axes, keep), draw: NotZero),
        .. OverAxes("Norm: -1", (x, axes, keep) => x.Norm(-1, axes, keep), smallest: 1, draw: NotZero),
        .. OverAxes("Norm: 0", (x, axes, keep) => x.Norm(0, axes, keep), draw: NotZero),
        .. OverAxes("Norm: infinity", (x, axes, keep) => x.Norm(double.PositiveInfinity, axes, keep), smallest: 1,
            draw: Draws.DistinctMagnitudes),
        .. OverAxes("Norm: minus infinity", (x, axes, keep) => x.Norm(double.NegativeInfinity, axes, keep), smallest: 1,
            draw: Draws.DistinctMagnitudes),
        .. AlongAxes("Softmax", (x, axis) => x.Softmax(axis)),
        .. AlongAxes("LogSoftmax", (x, axis) => x.LogSoftmax(axis)),
        .. AlongAxes("CumulativeSum", (x, axis) => x.CumulativeSum(axis)),
        .. AlongAxes("CumulativeProduct", (x, axis) => x.CumulativeProduct(axis)),
        .. AlongAxes("CumulativeProduct: some 0", (x, axis) => x.CumulativeProduct(axis), Draws.SomeZeros),
        .. AlongAxes("Normalize", (x, axis) => x.Normalize(2, axis), NotZero),
        .. AlongAxes("Normalize: order 1", (x, axis) => x.Normalize(1, axis), NotZero),
        .. AlongAxes("Normalize: order 3, shorter than epsilon", (x, axis) => x.Normalize(3, axis, 100), NotZero),
    ];

    static IEnumerable<GradientRow> OverAxes(
        string name, Func<Tensor, Axes, bool, Tensor> reduce, int smallest = 0, Draw? draw = null)
    {
        var detail = name.Contains(": ", StringComparison.Ordinal) ? $"{name}," : $"{name}:";
        return
        [
            Row($"{detail} all axes", Ranked(smallest > 1 ? 1 : 0, smallest), x => reduce(x, default, false), draw: draw),
            Row($"{detail} all axes, kept", Ranked(1, smallest), x => reduce(x, Axes.All, true), draw: draw),
            Row($"{detail} first axis", Ranked(1, smallest), x => reduce(x, 0, false), draw: draw),
            Row($"{detail} last axis, kept", Ranked(1, smallest), x => reduce(x, -1, true), draw: draw),
            Row($"{detail} first and last axis", Ranked(2, smallest), x => reduce(x, [0, -1], false), draw: draw),
            Row($"{detail} two inner axes, kept", Ranked(3, smallest), x => reduce(x, [2, 1], true), draw: draw),
        ];
    }

    static IEnumerable<GradientRow> AlongAxes(string name, Func<Tensor, int, Tensor> f, Draw? draw = null) =>
    [
        Row($"{name}: last axis", Ranked(1), x => f(x, -1), draw: draw),
        Row($"{name}: first axis", Ranked(1), x => f(x, 0), draw: draw),
        Row($"{name}: inner axis", Ranked(3), x => f(x, 1), draw: draw),
    ];
}
