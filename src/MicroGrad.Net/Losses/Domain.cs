namespace MicroGrad.Net;

/// <summary>
/// What an input of a loss or metric must be. <see cref="Checks"/> states it as it checks it, so nothing can be stated and
/// not held: a test listens to the statements of every public loss, and tries values beside each domain.
/// </summary>
/// <param name="Wants">In words, to stand after "must be".</param>
/// <param name="Low">The least value.</param>
/// <param name="High">The greatest value.</param>
sealed record Domain(string Wants, double Low = double.MinValue, double High = double.MaxValue)
{
    public static readonly Domain
        Finite = new("finite"),
        Positive = new("positive", Low: double.Epsilon),
        NotNegative = new("0 or more", Low: 0),
        Number = new("a number", double.NegativeInfinity, double.PositiveInfinity),
        FromZeroToOne = new("from 0 to 1", 0, 1),
        BetweenZeroAndOne = new("between 0 and 1", double.Epsilon, double.BitDecrement(1)),
        AboveZeroToOne = new("above 0 and at most 1", double.Epsilon, 1),
        ZeroToBelowOne = new("from 0 to below 1", 0, double.BitDecrement(1)),
        OneOrTwo = new("1 or 2", 1, 2) { Gap = (1, 2) },
        PositiveOrInfinite = Positive with { High = double.PositiveInfinity, Called = "positive, ∞ too" };

    // Of targets.
    public static readonly Domain
        Signs = new("1 or -1", -1, 1) { Gap = (-1, 1) },
        ZerosAndOnes = new("0 or 1", 0, 1) { Gap = (0, 1) },
        Probability = new("a probability, from 0 to 1", 0, 1) { Called = "probabilities" },
        Distribution = Probability with { Called = "probabilities that sum to 1 over the classes" },
        LogDistribution = Probability with { High = 1 + Rounding, Called = "logarithms of such probabilities" },
        Boxes = new("a finite number") { Called = "finite corners x1 ≤ x2, y1 ≤ y2" },
        Weights = NotNegative with { Called = "weights, finite and 0 or more" },
        Labels = new("a class") { Called = "classes" },
        LabelsOrIgnored = Labels with { Called = "classes, or `ignoreIndex`" },
        AnyLabels = Labels with { Called = "any whole numbers" },
        Lengths = new("a length") { Called = "lengths that fit" },
        Counts = new("1 or more", Low: 1) { Called = "counts of 1 or more" };

    // Of what a model predicts: a NaN passes, and comes out of the loss.
    public static readonly Domain
        Predicted = Number with { IsPredicted = true, Called = "any" },
        PredictedProbability = Probability with { IsPredicted = true, Called = "probabilities, or NaN" },
        PredictedNotNegative = new("0 or more", 0, double.PositiveInfinity)
            { IsPredicted = true, Called = "0 or more, or NaN" },
        LogProbability = new(
            "the logarithm of a probability, 0 or less: take LogSoftmax first, or Log of probabilities",
            double.NegativeInfinity, Rounding)
            { IsPredicted = true, Called = "logarithms of probabilities, 0 or less, or NaN" };

    /// <summary>Rounding may put the logarithm of 1 a little above 0.</summary>
    const double Rounding = 1e-6;

    /// <summary>Told of each statement on this thread: whose, of what, which.</summary>
    [ThreadStatic] static Action<string, string, Domain>? t_stated;

    /// <summary>Between these two, there is nothing in it.</summary>
    (double From, double To)? Gap { get; init; }

    /// <summary>Whether a NaN passes.</summary>
    public bool IsPredicted { get; init; }

    /// <summary>What an input of this domain is called in documents.</summary>
    public string Called { get; init; } = Wants;

    public static Domain From(double low, double high, string? wants = null) =>
        new(wants ?? FormattableString.Invariant($"from {low} to {high}"), low, high);

    /// <summary>All statements made on this thread while an action runs, for tests.</summary>
    public static List<(string User, string Input, Domain Domain)> StatedBy(Action action)
    {
        List<(string, string, Domain)> all = [];
        t_stated = (user, input, domain) => all.Add((user, input, domain));
        try
        {
            action();
        }
        finally
        {
            t_stated = null;
        }
        return all;
    }

    public bool Holds(double value) => double.IsNaN(value) ? IsPredicted
        : value >= Low && value <= High && !(Gap is var (from, to) && value > from && value < to);

    /// <summary>Of classes, and of the label that says to leave one out where there is such a label.</summary>
    public static Domain LabelsOr(int? ignoreIndex) => ignoreIndex is null ? Labels : LabelsOrIgnored;

    /// <summary>Tells who listens; <see cref="Checks"/> does this with each check.</summary>
    public void State(string user, string input) => t_stated?.Invoke(user, input, this);

    /// <summary>Whether each element is in it, by one fast pass; what that cannot say is false.</summary>
    public bool SurelyHolds(Tensor tensor)
    {
        var (least, most) = tensor.DType == DType.Float32 ? (float.MinValue, float.MaxValue) : (Low, High);
        var (low, high) = (double.IsInfinity(Low) ? Low : Math.Max(Low, least),
            double.IsInfinity(High) ? High : Math.Min(High, most));
        return Gap is null && tensor.FirstOutside(low, high) < 0;
    }

    /// <summary>The name of an element: <c>target[2, 0]</c>; of a scalar, <c>target</c>.</summary>
    public static string Element(string name, Shape shape, int position) =>
        shape.Rank == 0 ? name : name + Shape.Text(shape.Position(position));

    /// <summary>What a value beside it is told.</summary>
    public string WantsOf(double value) =>
        this != Boxes && ((value == double.PositiveInfinity && High == double.MaxValue)
            || (value == double.NegativeInfinity && Low == double.MinValue)) ? "finite" : Wants;
}
