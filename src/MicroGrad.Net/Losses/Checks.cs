using System.Runtime.CompilerServices;

namespace MicroGrad.Net;

/// <summary>
/// What a loss or metric asks of its inputs, and of how they fit each other. An error names the loss, the input as the
/// caller's code calls it, the place and the value. The first line of each loss,
/// <c>using var check = Checks.OfLoss("huber");</c>, also makes the call known to who watches, until it ends.
/// </summary>
/// <param name="name">The loss or metric, as errors call it.</param>
/// <param name="call">The call that ends with these checks; none for a metric.</param>
readonly ref struct Checks(string name, Call.Scope call = default) : IDisposable
{
    /// <summary>
    /// How far the sum of probabilities may be from 1: the rounding of a softmax over many classes in Float32.
    /// </summary>
    const double SumTolerance = 1e-3;

    readonly Call.Scope _call = call;

    public string Name { get; } = name;

    /// <summary>The checks of a loss; one overload that calls another is one call.</summary>
    public static Checks OfLoss(string name, [CallerMemberName] string method = "") =>
        new(name, Call.IsWatched && Call.Current?.Text != $"Losses.{method}"
            ? Call.Begin(null, null, $"Losses.{method}") : default);

    public void Dispose() => _call.Dispose();

    /// <summary>What is checked elsewhere, such as labels by their number of classes, is stated here.</summary>
    public void State(string input, Domain domain) => domain.State(Name, input);

    /// <summary>An option, and what becomes of it beside tensors of a type: 1e300 is infinite in Float32.</summary>
    public void Option(double value, Domain domain, DType dtype = DType.Float64,
        [CallerArgumentExpression(nameof(value))] string input = "")
    {
        State(input, domain);
        if (!domain.Holds(value)) Throw.OutOfRange(Name, input, value, domain.WantsOf(value));
        if (dtype == DType.Float32 && !domain.Holds((float)value))
            Throw.OutOfRange(
                Name, input, value, $"{domain.WantsOf((float)value)} in Float32 too, where it is {(float)value}");
    }

    /// <summary>Each element; null is an input that was left out.</summary>
    /// <param name="tensor">The values.</param>
    /// <param name="domain">What they must be.</param>
    /// <param name="mend">What is said after what is wanted.</param>
    /// <param name="counts">Whether an element, by its position, is looked at; all by default.</param>
    /// <param name="input">The name of the input.</param>
    public void Elements(Tensor? tensor, Domain domain, Func<double, string>? mend = null,
        Func<int, bool>? counts = null, [CallerArgumentExpression(nameof(tensor))] string input = "")
    {
        State(input, domain);
        if (tensor is null || domain.SurelyHolds(tensor)) return;
        var values = tensor.ToDoubles();
        for (var i = 0; i < values.Length; i++)
            if (!domain.Holds(values[i]) && counts?.Invoke(i) != false)
                Throw.OutOfRange(Name, Domain.Element(input, tensor.Shape, i), values[i],
                    double.IsNaN(values[i]) && domain != Domain.Boxes ? "a number"
                    : domain.WantsOf(values[i]) + mend?.Invoke(values[i]));
    }

    /// <summary>A prediction and its target: of one shape, and the target in its domain (finite by default).</summary>
    public void Target(Tensor prediction, Tensor target, Domain? domain = null,
        [CallerArgumentExpression(nameof(prediction))] string name = "")
    {
        State(name, Domain.Predicted);
        SameShape(prediction, target);
        Elements(target, domain ?? Domain.Finite);
    }

    public void SameShape(Tensor tensor, Tensor other, [CallerArgumentExpression(nameof(tensor))] string name = "",
        [CallerArgumentExpression(nameof(other))] string otherName = "")
    {
        if (tensor.Shape != other.Shape)
            Throw.Shapes(Name, $"{name} {tensor.Shape} and {otherName} {other.Shape} differ in shape, and losses never "
                + "broadcast" + (tensor.Length == other.Length ? $": {otherName}.Reshape({name}.Shape)?" : "."));
        SameDType(tensor, other, name, otherName);
    }

    public void SameDType(Tensor tensor, Tensor other, [CallerArgumentExpression(nameof(tensor))] string name = "",
        [CallerArgumentExpression(nameof(other))] string otherName = "")
    {
        State(name, Domain.Predicted);         // for want of another domain
        State(otherName, Domain.Predicted);
        if (tensor.DType != other.DType) Throw.MixedDTypes(Name, name, tensor.DType, otherName, other.DType);
    }

    /// <summary>Vectors as rows: [n, size], of any size or of a given one.</summary>
    public void Vectors(Tensor tensor, int? size = null, [CallerArgumentExpression(nameof(tensor))] string name = "")
    {
        State(name, Domain.Predicted);
        if (tensor.Rank != 2 || (size is { } wanted && tensor.Shape[1] != wanted))
            Throw.Shapes(Name, $"{name} must be vectors [n, {size?.ToString() ?? "size"}], but are {tensor.Shape}.");
    }

    /// <summary>A target of 1 and −1, of the shape of a prediction.</summary>
    public void Signs(Tensor prediction, Tensor target, [CallerArgumentExpression(nameof(prediction))] string name = "")
    {
        SameShape(prediction, target, name);
        Signs(target);
    }

    public void Signs(Tensor target) => Elements(target, Domain.Signs,
        value => value == 0 ? ": 2 * target - 1 makes them of 0 and 1" : "");

    /// <summary>Probabilities that sum to 1 along an axis.</summary>
    public void Distributions(Tensor tensor, int axis, Domain? domain = null,
        [CallerArgumentExpression(nameof(tensor))] string input = "")
    {
        Elements(tensor, domain ?? Domain.Distribution, input: input);
        var sums = tensor.Detach().Sum(axis);
        var wrong = sums.FirstOutside(1 - SumTolerance, 1 + SumTolerance);
        if (wrong >= 0)
            Throw.OutOfRange(Name, $"the sum of {Domain.Element(input, sums.Shape, wrong)} over the classes",
                sums.ToDoubles()[wrong], "1");
    }

    /// <summary>Weights fit a prediction (by broadcasting), and none is negative.</summary>
    public void Weights(Tensor? weights, Tensor prediction,
        [CallerArgumentExpression(nameof(weights))] string input = "",
        [CallerArgumentExpression(nameof(prediction))] string predictionName = "")
    {
        if (weights is not null && !weights.Shape.BroadcastsTo(prediction.Shape))
            Throw.Shapes(Name, $"{input} {weights.Shape} does not fit {prediction.Shape}.");
        if (weights is not null) SameDType(prediction, weights, predictionName, input);
        Elements(weights, Domain.Weights, input: input);
    }

    /// <summary>A label per place, each a class or <paramref name="ignoreIndex"/>.</summary>
    public void Labels(int[] labels, int places, int classes, int? ignoreIndex = null)
    {
        State(nameof(labels), Domain.LabelsOr(ignoreIndex));
        if (labels.Length != places) Throw.Shapes(Name, $"expects {places} labels, but {labels.Length} were given.");
        for (var i = 0; i < labels.Length; i++)
            if (labels[i] != ignoreIndex && (uint)labels[i] >= (uint)classes)
                Throw.LabelOutOfRange(Name, i, labels[i], classes);
    }

    /// <summary>Samples of each class, of which every one has been seen: what is not there cannot be balanced.</summary>
    public void Counts(int[] counts)
    {
        State(nameof(counts), Domain.Counts);
        if (counts.Length == 0) Throw.Value(Name, "there are no counts, but one per class is needed.");
        var none = Array.FindIndex(counts, count => count <= 0);
        if (none >= 0)
            Throw.Value(Name, $"counts[{none}] is {counts[none]}, but each class needs samples: leave class {none} "
                + "out, or join it to another.");
    }

    /// <summary>Two tensors of vectors, [..., size], and a target of 1 or −1 for each pair.</summary>
    public void Pairs(Tensor first, Tensor second, Tensor target)
    {
        SameShape(first, second);
        if (first.Rank == 0) Throw.Shapes(Name, "expects vectors [n, size], but got scalars.");
        var pairs = Shape.Of(first.Shape.Sizes[..^1]);
        if (target.Shape != pairs)
            Throw.Shapes(Name,
                $"pairs of vectors {first.Shape} take a target {pairs}, one per pair, but got {target.Shape}.");
        SameDType(first, target);
        Signs(target);
    }
}
