using MathNet.Numerics.LinearAlgebra;

namespace MicroGrad.Net;

/// <summary>How a loss bends where its parameters are, and what that means for the learning rate.</summary>
public static class Curvature
{
    /// <summary>
    /// The largest eigenvalues of the Hessian of a loss, the largest first, without the Hessian: by the method of
    /// Lanczos (1950) with full reorthogonalisation, one Hessian-vector product (about two backward passes) for each of
    /// its steps. No parameter is changed. Of an eigenvalue that repeats, copies may be missing: in the space that one
    /// start spans there is only one.
    /// </summary>
    /// <param name="loss">Runs the model and gives one number; called once.</param>
    /// <param name="parameters">What to differentiate by; in Float32, about five digits are right.</param>
    /// <param name="count">How many; all if there are fewer elements.</param>
    /// <param name="tolerance">The allowed error, relative to the largest magnitude of an eigenvalue.</param>
    /// <param name="maxSteps">The most products; where they do not suffice, the values are from below.</param>
    /// <param name="rng">Where the start is drawn from; a fixed one by default, so that results repeat.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is not positive.</exception>
    /// <exception cref="ArgumentException">There are no parameters.</exception>
    /// <exception cref="ShapeException">The loss is more than one number.</exception>
    /// <exception cref="NonFiniteException">The curvature is NaN or infinite.</exception>
    public static double[] LargestEigenvalues(Func<Tensor> loss, IReadOnlyList<Parameter> parameters, int count = 1,
        double tolerance = 1e-6, int maxSteps = 200, Rng? rng = null)
    {
        const string Call = "Curvature";
        if (count <= 0) Throw.OutOfRange(Call, nameof(count), count, "positive");
        if (maxSteps <= 0) Throw.OutOfRange(Call, nameof(maxSteps), maxSteps, "positive");
        if (!(tolerance > 0)) Throw.OutOfRange(Call, nameof(tolerance), tolerance, "positive");
        var size = parameters.Sum(parameter => parameter.Length);
        if (size == 0) Throw.Value(Call, "there are no parameters.");
        var value = loss();
        if (value.Length != 1) Throw.NotOneElement(Call, value.Shape);
        Tensor[] inputs = [.. parameters];
        var slopes = Gradients.Of(value, inputs, createGraph: true, allowUnused: true);
        var (values, _) = Lanczos(v => Product(slopes, inputs, v), size, Math.Min(count, size), tolerance,
            Math.Min(maxSteps, size), rng ?? new Rng(11));
        return values;
    }

    /// <summary>
    /// The learning rate beyond which gradient descent must leave this place: 2·(1 + momentum)/λ, with λ the largest
    /// eigenvalue of the Hessian (Polyak, 1964). Along that eigenvector each step of a larger rate jumps over the
    /// valley and lands higher than it began. Infinite where the loss bends upwards in no direction.
    /// </summary>
    /// <param name="loss">Runs the model on all of the data, or on a batch, and gives one number.</param>
    /// <param name="parameters">What is trained.</param>
    /// <param name="momentum">Of <see cref="Sgd"/>, in [0, 1), without Nesterov's variant.</param>
    /// <exception cref="ArgumentOutOfRangeException">The momentum is outside [0, 1).</exception>
    public static double LargestStableRate(
        Func<Tensor> loss, IReadOnlyList<Parameter> parameters, double momentum = 0)
    {
        if (momentum is not (>= 0 and < 1)) Throw.OutOfRange("Curvature", nameof(momentum), momentum, "in [0, 1)");
        var largest = LargestEigenvalues(loss, parameters)[0];
        return largest > 0 ? 2 * (1 + momentum) / largest : double.PositiveInfinity;
    }

    /// <summary>H·v from the tape of the gradient, which serves for every product.</summary>
    static Vector<double> Product(Tensor[] slopes, Tensor[] inputs, Vector<double> v)
    {
        var (result, start) = (new double[v.Count], 0);
        Tensor? along = null;
        foreach (var slope in slopes)
        {
            var part = Tensor.From(slope.Shape, v.AsArray().AsSpan(start, slope.Length)).To(slope.DType);
            var sum = (slope * part).Sum();
            along = along is null ? sum : along + sum;
            start += slope.Length;
        }
        start = 0;
        foreach (var part in Gradients.Of(along!, inputs, retainTape: true, allowUnused: true))
        {
            part.ToDoubles().CopyTo(result, start);
            start += part.Length;
        }
        if (!Array.TrueForAll(result, double.IsFinite))
            throw new NonFiniteException("Curvature: a product with the Hessian is not finite. Is the loss, here?");
        return Vector<double>.Build.Dense(result);
    }

    /// <summary>The largest eigenvalues of a symmetric matrix that is known by its products.</summary>
    internal static (double[] Values, int Steps) Lanczos(
        Func<Vector<double>, Vector<double>> product, int size, int count, double tolerance, int maxSteps, Rng rng)
    {
        var basis = new List<Vector<double>>();
        var (diagonal, beside) = (new List<double>(), new List<double>());
        var (next, scale) = (Start(), 0.0);
        while (true)
        {
            basis.Add(next);
            var w = product(next);
            diagonal.Add(w * next);
            w = Orthogonal(w);
            var norm = w.L2Norm();
            var steps = basis.Count;
            if (!double.IsFinite(diagonal[^1] + norm))
                throw new NonFiniteException("Curvature: the curvature is too large for its square: scale the loss down.");
            scale = Math.Max(scale, Math.Abs(diagonal[^1]) + norm);
            var closed = norm <= 1e-10 * Math.Max(scale, double.Epsilon);
            // Decomposing costs more than a product, later on: only every fifth step asks whether that was enough.
            if (steps >= maxSteps || !closed && steps > count && steps % 5 == 0)
            {
                // In the basis the matrix is tridiagonal; its largest eigenvalues soon are those of the whole.
                var small = Matrix<double>.Build.Dense(steps, steps, (i, j) =>
                    i == j ? diagonal[i] : Math.Abs(i - j) == 1 ? beside[Math.Min(i, j)] : 0);
                var eigen = small.Evd(Symmetricity.Symmetric);
                double[] values = [.. eigen.EigenValues.Select(value => value.Real).Reverse()];
                var largest = values.Max(Math.Abs);
                bool Known(int i) =>
                    norm * Math.Abs(eigen.EigenVectors[steps - 1, steps - 1 - i]) <= tolerance * largest;
                if (steps >= maxSteps || Enumerable.Range(0, count).All(Known))
                    return (values[..Math.Min(count, steps)], steps);
            }
            // Where the space closes, eigenvalues may be left beside it (or repeat): on with another start.
            beside.Add(closed ? 0 : norm);
            next = closed ? Start() : w / norm;
        }

        Vector<double> Start()
        {
            while (true)
            {
                var v = Orthogonal(Vector<double>.Build.Dense(size, _ => rng.Normal()));
                if (v.L2Norm() > 1e-6) return v.Normalize(2);
            }
        }

        // Twice is enough (Kahan and Parlett): rounding would let what was found already come back.
        Vector<double> Orthogonal(Vector<double> v)
        {
            for (var pass = 0; pass < 2; pass++)
                foreach (var earlier in basis) v -= (v * earlier) * earlier;
            return v;
        }
    }
}
