namespace MicroGrad.Net.Tests.Proof;

/// <summary>
/// Which rows of the gradient table may be off by more than the usual few units of rounding in Float32, and why. What
/// is so by nature is in docs/numerics.md too.
/// </summary>
static class AccuracyTable
{
    /// <param name="Rows">A row, a member or the beginning of names up to a colon.</param>
    /// <param name="Allowed">The error, in units of the rounding of inputs and result.</param>
    /// <param name="Because">Why.</param>
    /// <param name="Absolute">An error allowed whatever the size of the result, in units of 2⁻²⁴.</param>
    /// <param name="Largest">Inputs beyond this size are not compared: something on the way overflows.</param>
    /// <param name="Smallest">Nor inputs below this one: something on the way is rounded to 0.</param>
    public sealed record Exception(string Rows, string Because, double Allowed = AccuracySweep.Usual, double Absolute = 0,
        double Largest = double.PositiveInfinity, double Smallest = 0);

    const string Products = "products on the way are beyond the range, though a bounded function of them is not";
    const string Saturated = "; and the slope of a gate near 1 follows from its rounded value";
    const string OfWeights = "weight · loss is beyond the range before it is divided by the weights";
    const string Collapsed = "both sides of an inverted box lie in its middle, where their slopes cancel";
    const string Areas = "the areas of boxes with sides beyond 1e19 are beyond the range";
    const string Distances = "a difference of distances: of large or nearly equal ones the digits cancel, and which is "
        + "the smaller is decided by rounding";

    static readonly Exception[] s_exceptions =
    [
        new("Tanh", "the slope 1 − y² follows from the rounded value", Absolute: 2),
        new("Sigmoid", "the slope y·(1 − y) follows from the rounded value", Absolute: 2),
        new("Product: some 0", "partial products are beyond the range, and 0 · ∞ is NaN", Largest: 10),
        new("CumulativeProduct: some 0", "partial products are beyond the range, and 0 · ∞ is NaN", Largest: 10),

        new("new Rnn", Products + Saturated, Allowed: 128, Largest: 1e15, Smallest: 1e-12),
        new("new Lstm", Products + Saturated, Allowed: 128, Largest: 1e15),
        new("new Gru", Products + Saturated, Allowed: 128, Largest: 1e15),
        new("new GroupNorm", Products, Largest: 1e18),
        new("new InstanceNorm: affine", Products, Largest: 1e18),
        new("new Residual", Products, Largest: 1e15),
        new("new Sequential", Products, Largest: 1e12),
        new("Attention", Products, Allowed: 64, Largest: 1e15),
        new("AttentionWeights", Products, Allowed: 64, Largest: 1e15),
        new("SelfAttention", Products, Largest: 1e15),
        new("new MultiheadAttention", Products, Largest: 1e8),
        new("new TransformerEncoderLayer", Products, Largest: 1e8),
        new("new TransformerDecoderLayer", Products, Largest: 1e8),

        new("Losses.IntersectionOverUnion: inverted", Collapsed, Allowed: 1e5, Largest: 1e18),
        new("Losses.GeneralizedIntersectionOverUnion: inverted", Collapsed, Allowed: 1e5, Largest: 1e18),
        new("Losses.DistanceIntersectionOverUnion: inverted", Collapsed, Allowed: 1e5, Largest: 1e18),
        new("Losses.CompleteIntersectionOverUnion: inverted", Collapsed, Allowed: 1e5, Largest: 1e18),
        new("Losses.EfficientIntersectionOverUnion: inverted", Collapsed, Allowed: 1e5, Largest: 1e18),
        new("Losses.IntersectionOverUnion", Areas, Largest: 1e18),
        new("Losses.GeneralizedIntersectionOverUnion", Areas, Largest: 1e18),
        new("Losses.DistanceIntersectionOverUnion", Areas, Largest: 1e18),
        new("Losses.CompleteIntersectionOverUnion", Areas, Largest: 1e18),
        new("Losses.EfficientIntersectionOverUnion", Areas, Largest: 1e18),
        new("Losses.PairwiseIntersectionOverUnion", Areas, Largest: 1e18),

        new("Losses.ArcFace", "the sine √(1 − cos²) of a small angle has few digits, and its slope fewer",
            Allowed: 4096, Smallest: 1e-12),
        new("Losses.KullbackLeiblerDivergence", "logarithms of probabilities that are nearly equal are subtracted, and "
            + "each is rounded", Absolute: 16),
        new("Losses.JensenShannonDivergence", "differences of rounded probabilities", Absolute: 1),
        new(GradientTable.TripletOfNorm, Distances, Allowed: 1e4, Largest: 1e3),
        new(GradientTable.TripletOfOwn, Distances, Allowed: 1e9, Largest: 1e18),
        new("Losses.MixtureDensityNegativeLogLikelihood", "deviations are e^x of the inputs, beyond the range from 88 on",
            Largest: 40),
        new("Losses.CrossEntropy(Tensor, Tensor, Tensor, double, Reduction): in the weights", Products, Largest: 1e18),
        new("Losses.MeanAbsoluteDirectional: power 2.5", "|target|^2.5 is beyond the range", Largest: 1e14),
        new("Losses.GaussianNegativeLogLikelihood: one spread for all", "the row squares the input", Largest: 1e18),
        new("Losses.GaussianContinuousRankedProbabilityScore", "the row squares the input", Largest: 1e18),
        new("Losses.WassersteinGradientPenalty", "scores beyond the range, whose slopes are not", Largest: 1e15,
            Allowed: 512),
        new("Losses.BinaryCrossEntropy", "weight · target rounds to 0 before it is divided by the prediction",
            Smallest: 1e-18),
        new("Losses.MeanSquaredError: in the weights", OfWeights, Largest: 1e12, Smallest: 1e-12),
        new("Losses.MeanAbsoluteError: in the weights", OfWeights, Largest: 1e18, Smallest: 1e-18),
        new("Losses.PoissonNegativeLogLikelihood: of counts", "target · log target and target · log prediction cancel",
            Largest: 1e3),
    ];

    public static Exception? For(GradientRow row) => Array.Find(s_exceptions, exception => Concerns(exception, row));

    /// <summary>Exceptions that no row needs.</summary>
    public static IEnumerable<string> Unused =>
        s_exceptions.Where(exception => !GradientTable.Rows.Any(row => Concerns(exception, row))).Select(x => x.Rows);

    static bool Concerns(Exception exception, GradientRow row) =>
        row.Name == exception.Rows || row.Member == exception.Rows
        || row.Name.StartsWith(exception.Rows + ":", StringComparison.Ordinal)
        || row.Name.StartsWith(exception.Rows + ",", StringComparison.Ordinal);
}
