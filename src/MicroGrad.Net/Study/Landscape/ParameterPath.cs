using MathNet.Numerics.LinearAlgebra;

namespace MicroGrad.Net;

/// <summary>
/// Where the parameters were in the course of a training: call <see cref="Add"/> before the first step and after each,
/// or after each epoch. Keeps a copy of all parameters each time.
/// </summary>
/// <param name="parameters">What is trained.</param>
public sealed class ParameterPath(IReadOnlyList<Parameter> parameters)
{
    readonly List<Vector<double>> _places = [];

    /// <summary>How many places there are.</summary>
    public int Count => _places.Count;

    /// <summary>Remembers where the parameters are now.</summary>
    public void Add() => _places.Add(Flat(parameters));

    internal IReadOnlyList<Parameter> Parameters => parameters;

    internal IReadOnlyList<Vector<double>> Places => _places;

    /// <summary>The last place.</summary>
    internal Vector<double> End => _places[^1];

    /// <summary>The present values of all parameters, one after another.</summary>
    internal static Vector<double> Flat(IReadOnlyList<Parameter> parameters) =>
        Vector<double>.Build.Dense([.. parameters.SelectMany(parameter => parameter.ToDoubles())]);

    /// <summary>
    /// The two orthogonal directions, of length 1, along which the places differ most from the last (principal
    /// components, by the eigenvectors of the small matrix of inner products); their share of the squared distances.
    /// </summary>
    internal (Vector<double> First, Vector<double> Second, double Share) MainDirections()
    {
        var away = Matrix<double>.Build.DenseOfRowVectors(_places.Select(place => place - End));
        var steps = away.ToColumnMajorArray();
        if (!Array.TrueForAll(steps, double.IsFinite) || Array.TrueForAll(steps, step => step == 0))
            Throw.Value("Landscape", "the path does not move, or has numbers that are not finite.");
        // In units of about the longest (a power of two, which changes no digit): squares overflow and vanish.
        away /= Math.ScaleB(1, Math.Max(-1022, Math.ILogB(steps.Max(Math.Abs))));
        away.CoerceZero(1e-30);          // has no part in any direction, and its powers may keep Evd from an end
        var eigen = away.TransposeAndMultiply(away).Evd(Symmetricity.Symmetric);
        double[] values = [.. eigen.EigenValues.Select(value => Math.Max(0, value.Real))];
        var first = away.TransposeThisAndMultiply(eigen.EigenVectors.Column(Count - 1)).Normalize(2);
        // A straight path has one direction: any other across it will do.
        var straight = values[^2] <= 1e-10 * values[^1];
        var rng = new Rng(3);
        var second = straight ? Vector<double>.Build.Dense(first.Count, _ => rng.Normal())
            : away.TransposeThisAndMultiply(eigen.EigenVectors.Column(Count - 2));
        second = (second - (second * first) * first).Normalize(2);
        return (first, second, (values[^1] + values[^2]) / values.Sum());
    }

    /// <summary>The places as seen from a centre, in the plane of two directions (least squares).</summary>
    internal (double X, double Y)[] Within(Vector<double> centre, Vector<double> x, Vector<double> y)
    {
        var (xx, xy, yy) = (x * x, x * y, y * y);
        var determinant = xx * yy - xy * xy;
        return [.. _places.Select(place =>
        {
            var (a, b) = ((place - centre) * x, (place - centre) * y);
            return ((a * yy - b * xy) / determinant, (b * xx - a * xy) / determinant);
        })];
    }
}
