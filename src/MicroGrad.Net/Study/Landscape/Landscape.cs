using MathNet.Numerics.LinearAlgebra;

namespace MicroGrad.Net;

/// <summary>
/// A loss on a plane through the space of all parameters, which shows valleys, ridges and the way that training took:
/// <c>Landscape.Around(model, () =&gt; Loss()).SaveSvg("landscape.svg")</c>. Making one changes nothing: parameters,
/// buffers and random generators are put back to the very bits, whatever happens.
/// </summary>
[TypeFormatterSource]
public sealed partial class Landscape
{
    const string Call = "Landscape";

    readonly double[] _x, _y;
    readonly double[,] _values;

    Landscape(double[] x, double[] y, double[,] values, (double, double)[] path, double[] pathLosses, double? share,
        string labels) =>
        (_x, _y, _values, Path, PathLosses, Share, _labels) = (x, y, values, path, pathLosses, share, labels);

    /// <summary>The positions along the first direction, evenly spaced.</summary>
    public IReadOnlyList<double> X => _x;

    /// <summary>The positions along the second direction, evenly spaced.</summary>
    public IReadOnlyList<double> Y => _y;

    /// <summary>The loss at <see cref="X"/>[column] and <see cref="Y"/>[row]; NaN or infinite where it is.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such place.</exception>
    public double this[int row, int column] => _values[
        Throw.IfNoItem(Call, nameof(row), row, _y.Length), Throw.IfNoItem(Call, nameof(column), column, _x.Length)];

    /// <summary>The recorded path, as far as it lies in the plane; empty without.</summary>
    public IReadOnlyList<(double X, double Y)> Path { get; }

    /// <summary>
    /// The loss at each recorded place itself, most of which lie beside the plane, often lower; empty without a path.
    /// </summary>
    public IReadOnlyList<double> PathLosses { get; }

    /// <summary>How much of the path's squared distances the plane shows; null where it was not laid so.</summary>
    public double? Share { get; }

    /// <summary>
    /// The loss around the present parameters θ, at θ + x·a + y·b for two random directions a and b, in which each
    /// filter (row of a weight) is as long as that of θ, so that networks of different scales can be compared (Li et
    /// al., "Visualizing the loss landscape of neural nets", 2018). Biases and other vectors stay, unless there is
    /// nothing else. At x = 1, the change is as large as the weights.
    /// </summary>
    /// <param name="model">In the mode that it is in: with batch normalisation or dropout, mind which.</param>
    /// <param name="loss">Runs the model on the same data each time and gives one number.</param>
    /// <param name="radius">How far to go, in both directions.</param>
    /// <param name="points">How many places along each direction, each one run of the loss; odd, so that θ is
    /// one.</param>
    /// <param name="path">A path of the model's parameters to draw, seen from above; each place is one more run. It
    /// looks short, since random directions lie nearly across it: <see cref="Along"/> shows it best.</param>
    /// <param name="rng">Where directions are drawn from; a fixed one by default, so that pictures repeat.</param>
    /// <exception cref="ArgumentException">A setting makes no sense, or the path is of other parameters.</exception>
    /// <exception cref="ShapeException">The loss is more than one number.</exception>
    public static Landscape Around(ModuleBase model, Func<Tensor> loss, double radius = 1, int points = 25,
        ParameterPath? path = null, Rng? rng = null)
    {
        using var kept = ModelState.Of(model);
        return Around(model.Parameters(), loss, kept, radius, points, path, rng);
    }

    /// <inheritdoc cref="Around(ModuleBase, Func{Tensor}, double, int, ParameterPath, Rng)"/>
    /// <param name="parameters">What the loss depends on.</param>
    /// <param name="loss">Gives one number.</param>
    /// <param name="radius">How far to go, in both directions.</param>
    /// <param name="points">How many places along each direction; odd, so that θ is one.</param>
    /// <param name="path">A path of the parameters to draw, seen from above.</param>
    /// <param name="rng">Where directions are drawn from; a fixed one by default.</param>
    public static Landscape Around(IReadOnlyList<Parameter> parameters, Func<Tensor> loss, double radius = 1,
        int points = 25, ParameterPath? path = null, Rng? rng = null)
    {
        using var kept = ModelState.Of(parameters);
        return Around(parameters, loss, kept, radius, points, path, rng);
    }

    /// <summary>
    /// The loss on the plane through the end of a path that comes closest to all of it, spanned by its two main
    /// directions (principal components), each of length 1; large enough to show the whole path.
    /// </summary>
    /// <param name="path">At least two places, of which the last need not be where the parameters are now.</param>
    /// <param name="loss">Runs the model on the same data each time and gives one number.</param>
    /// <param name="points">How many places along each direction, each of which runs the loss, as each recorded one
    /// does.</param>
    /// <param name="margin">How much to show around the path, as a share of its extent.</param>
    /// <param name="model">Whose buffers and generators are to be put back too; null if the loss changes none.</param>
    /// <exception cref="ArgumentException">A setting makes no sense, or the path does not move.</exception>
    /// <exception cref="ShapeException">The loss is more than one number.</exception>
    public static Landscape Along(
        ParameterPath path, Func<Tensor> loss, int points = 25, double margin = 0.25, ModuleBase? model = null)
    {
        if (path.Count < 2) Throw.Value(Call, $"a path needs two places or more, but has {path.Count}.");
        if (!(margin >= 0 && double.IsFinite(margin))) Throw.OutOfRange(Call, nameof(margin), margin, "0 or more, and finite");
        using var kept = ModelState.Of(
            path.Parameters.Concat<Variable>(model?.State().Select(named => named.Variable) ?? []).Distinct(),
            model?.Generators().Select(named => named.Rng) ?? []);
        var (a, b, share) = path.MainDirections();
        var end = path.End;
        var places = path.Within(end, a, b);
        // One scale for both directions, so that distances in the picture are distances.
        var (left, right) = (places.Min(p => p.X), places.Max(p => p.X));
        var (low, high) = (places.Min(p => p.Y), places.Max(p => p.Y));
        var half = (0.5 + margin) * Math.Max(right - left, high - low);
        if (!double.IsFinite(half)) Throw.Value(Call, "the path is too long for its length to be a number.");
        var (x, y) = (Steps((left + right) / 2, half, points), Steps((low + high) / 2, half, points));
        var at = LossAt(path.Parameters, loss, kept);
        return new Landscape(x, y, Sample(at, end, (a, x), (b, y)), places, [.. path.Places.Select(at)], share,
            "along the path's main directions");
    }

    /// <summary>
    /// A function of two numbers, on the rectangle given, which the path need not fill: the loss of a model that has
    /// only two parameters, or a function to try optimizers on.
    /// </summary>
    /// <param name="place">The two numbers: of shape [2], or any other with two elements.</param>
    /// <param name="loss">Gives one number.</param>
    /// <param name="x">The range of the first number.</param>
    /// <param name="y">The range of the second number.</param>
    /// <param name="points">How many places along each direction.</param>
    /// <param name="path">A path of the two numbers to draw.</param>
    /// <exception cref="ArgumentException">A range is empty or not finite, or the path is of another
    /// parameter.</exception>
    /// <exception cref="ShapeException">There are not two numbers, or the loss is more than one.</exception>
    public static Landscape Over(Parameter place, Func<Tensor> loss, (double Low, double High) x,
        (double Low, double High) y, int points = 25, ParameterPath? path = null)
    {
        if (place.Length != 2)
            Throw.Shapes(Call, $"a rectangle is over two numbers, but {place.Name ?? "the parameter"} has {place.Length}: "
                + "Landscape.Around and Landscape.Along show any number.");
        foreach (var (low, high) in (ReadOnlySpan<(double, double)>)[x, y])
            if (!(low < high && double.IsFinite(high - low)))
                Throw.Value(Call, FormattableString.Invariant($"the range from {low} to {high} is empty or not finite."));
        Parameter[] parameters = [place];
        OfThese(path, parameters);
        using var kept = ModelState.Of(parameters);
        var (origin, a, b) = (Flat(0, 0), Flat(1, 0), Flat(0, 1));
        double[] xs = Axis(x), ys = Axis(y);
        var at = LossAt(parameters, loss, kept);
        return new Landscape(xs, ys, Sample(at, origin, (a, xs), (b, ys)), path?.Within(origin, a, b) ?? [],
            [.. path?.Places.Select(at) ?? []], null, $"over {place.Name ?? "two numbers"}");

        static Vector<double> Flat(double first, double second) => Vector<double>.Build.Dense([first, second]);
        double[] Axis((double Low, double High) range) =>
            Steps(range.Low / 2 + range.High / 2, (range.High - range.Low) / 2, points);
    }

    static Landscape Around(IReadOnlyList<Parameter> parameters, Func<Tensor> loss, ModelState kept, double radius,
        int points, ParameterPath? path, Rng? rng)
    {
        if (!(radius > 0 && double.IsFinite(radius)))
            Throw.OutOfRange(Call, nameof(radius), radius, "positive and finite");
        OfThese(path, parameters);
        rng ??= new Rng(3);
        var centre = ParameterPath.Flat(parameters);
        var (a, b) = (FilterDirection(parameters, rng), FilterDirection(parameters, rng));
        if (a.L2Norm() == 0 || b.L2Norm() == 0)
            Throw.Value(Call, "all parameters are 0, so there is no scale to go by.");
        var axis = Steps(0, radius, points);
        var at = LossAt(parameters, loss, kept);
        return new Landscape(axis, axis, Sample(at, centre, (a, axis), (b, axis)), path?.Within(centre, a, b) ?? [],
            [.. path?.Places.Select(at) ?? []], null, "along random directions");
    }

    static void OfThese(ParameterPath? path, IReadOnlyList<Parameter> parameters)
    {
        if (path is not null && !path.Parameters.SequenceEqual(parameters))
            Throw.Value(Call, "the path is of other parameters, or has them in another order.");
    }

    /// <summary>A random direction, each filter of which is as long as the parameter's.</summary>
    static Vector<double> FilterDirection(IReadOnlyList<Parameter> parameters, Rng rng)
    {
        var direction = new List<double>();
        var vectorsToo = parameters.All(parameter => parameter.Rank < 2);
        foreach (var parameter in parameters)
        {
            var values = parameter.ToDoubles();
            var filters = parameter.Rank < 2 ? 1 : parameter.Shape[0];
            foreach (var filter in values.Chunk(Math.Max(1, values.Length / Math.Max(1, filters))))
            {
                double[] drawn = [.. filter.Select(_ => rng.Normal())];
                var scale = parameter.Rank < 2 && !vectorsToo ? 0 : Length(filter) / Length(drawn);
                direction.AddRange(drawn.Select(number => number * scale));
            }
        }
        return Vector<double>.Build.Dense([.. direction]);

        static double Length(double[] numbers) => Math.Sqrt(numbers.Sum(number => number * number));
    }

    const int MostPoints = 1000;        // along each direction: a million runs of the loss

    static double[] Steps(double middle, double half, int points)
    {
        if (points is < 3 or > MostPoints) Throw.OutOfRange(Call, nameof(points), points, $"at least 3, at most {MostPoints}");
        return [.. Enumerable.Range(0, points).Select(i => middle + half * (2.0 * i / (points - 1) - 1))];
    }

    static double[,] Sample(Func<Vector<double>, double> lossAt, Vector<double> centre,
        (Vector<double> Direction, double[] Steps) x, (Vector<double> Direction, double[] Steps) y)
    {
        var values = new double[y.Steps.Length, x.Steps.Length];
        for (var row = 0; row < y.Steps.Length; row++)
            for (var column = 0; column < x.Steps.Length; column++)
                values[row, column] =
                    lossAt(centre + x.Steps[column] * x.Direction + y.Steps[row] * y.Direction);
        return values;
    }

    /// <summary>The loss as a function of the place of all parameters, with the same random numbers each
    /// time.</summary>
    static Func<Vector<double>, double> LossAt(
        IReadOnlyList<Parameter> parameters, Func<Tensor> loss, ModelState kept) => place =>
    {
        using var off = Gradients.Off();
        kept.Rewind();
        var start = 0;
        foreach (var parameter in parameters)
        {
            var moved = Tensor.From(parameter.Shape, place.AsArray().AsSpan(start, parameter.Length));
            parameter.Assign(moved.To(parameter.DType));
            start += parameter.Length;
        }
        var value = loss();
        if (value.Length != 1) Throw.NotOneElement(Call, value.Shape);
        return value.Item();
    };
}
