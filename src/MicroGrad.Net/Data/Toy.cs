namespace MicroGrad.Net;

/// <summary>
/// Small made-up data sets to learn and test with, all Float32, in random order, with classes of equal size (to
/// within one). They need no download, and the same seed gives the same bits.
/// </summary>
public static partial class Toy
{
    /// <summary>
    /// Two half circles that interlock, as scikit-learn's make_moons: class 0 at (cos t, sin t), class 1 at
    /// (1 − cos t, ½ − sin t), t evenly spaced over [0, π], plus normal noise on both coordinates.
    /// </summary>
    /// <param name="count">The number of points; at least 2.</param>
    /// <param name="noise">The standard deviation of the noise.</param>
    /// <param name="rng">The source of noise and order; <see cref="Rng.Default"/> if null.</param>
    /// <returns>X [count, 2] and Y [count, 1] of zeros and ones.</returns>
    /// <exception cref="ArgumentOutOfRangeException">Fewer than 2 points, or noise that is negative.</exception>
    public static (Tensor X, Tensor Y) Moons(int count, double noise = 0.1, Rng? rng = null)
    {
        Require("Toy.Moons", count, 2, noise);
        return TwoClasses(count, noise, rng, (label, part) =>
        {
            var (sin, cos) = Math.SinCos(Math.PI * part.Index / Math.Max(1, part.Count - 1));
            return label == 0 ? (cos, sin) : (1 - cos, 0.5 - sin);
        });
    }

    /// <summary>
    /// Two circles around the origin, as scikit-learn's make_circles: class 0 of radius 1, class 1 of radius
    /// <paramref name="factor"/>, both evenly spaced, plus normal noise on both coordinates.
    /// </summary>
    /// <param name="count">The number of points; at least 2.</param>
    /// <param name="noise">The standard deviation of the noise.</param>
    /// <param name="factor">The radius of the inner circle, in [0, 1).</param>
    /// <param name="rng">The source of noise and order; <see cref="Rng.Default"/> if null.</param>
    /// <returns>X [count, 2] and Y [count, 1] of zeros and ones.</returns>
    /// <exception cref="ArgumentOutOfRangeException">Fewer than 2 points, negative noise, or a factor outside [0, 1).
    /// </exception>
    public static (Tensor X, Tensor Y) Circles(int count, double noise = 0.1, double factor = 0.5, Rng? rng = null)
    {
        Require("Toy.Circles", count, 2, noise);
        if (!(factor >= 0 && factor < 1)) Throw.OutOfRange("Toy.Circles", nameof(factor), factor, "in [0, 1)");
        return TwoClasses(count, noise, rng, (label, part) =>
        {
            var (sin, cos) = Math.SinCos(2 * Math.PI * part.Index / part.Count);
            return label == 0 ? (cos, sin) : (factor * cos, factor * sin);
        });
    }

    /// <summary>
    /// Interleaved spiral arms, one per class, winding outwards from the centre: radius r evenly spaced over (0, 1],
    /// angle 2π·class/classes + 4r plus normal noise, x = r·(sin angle, cos angle). After Karpathy's CS231n notes.
    /// </summary>
    /// <param name="count">The number of points; at least one per class.</param>
    /// <param name="classes">The number of arms; at least 2.</param>
    /// <param name="noise">The standard deviation of the noise on the angle, in radians.</param>
    /// <param name="rng">The source of noise and order; <see cref="Rng.Default"/> if null.</param>
    /// <returns>X [count, 2] and labels from 0 to classes − 1.</returns>
    /// <exception cref="ArgumentOutOfRangeException">Fewer than 2 classes, fewer points than classes, or negative
    /// noise.</exception>
    public static (Tensor X, int[] Labels) Spirals(int count, int classes = 3, double noise = 0.2, Rng? rng = null)
    {
        RequireClasses("Toy.Spirals", classes);
        Require("Toy.Spirals", count, classes, noise);
        rng ??= Rng.Default;
        var (labels, parts) = BalancedLabels(count, classes, rng);
        var x = Tensor.Empty([count, 2], DType.Float32);
        var values = x.Write<float>();
        for (var i = 0; i < count; i++)
        {
            var radius = (parts[i].Index + 1.0) / parts[i].Count;
            var (sin, cos) = Math.SinCos(2 * Math.PI * labels[i] / classes + 4 * radius + rng.Normal(0, noise));
            (values[2 * i], values[2 * i + 1]) = ((float)(radius * sin), (float)(radius * cos));
        }
        return (x, labels);
    }

    /// <summary>
    /// Round clouds, one per class: centres uniform in [−10, 10) along each feature, points normal around them; as
    /// scikit-learn's make_blobs.
    /// </summary>
    /// <param name="count">The number of points; at least one per class.</param>
    /// <param name="classes">The number of clouds; at least 2.</param>
    /// <param name="features">The number of features.</param>
    /// <param name="deviation">The standard deviation of a cloud along each feature.</param>
    /// <param name="rng">The source of centres, noise and order; <see cref="Rng.Default"/> if null.</param>
    /// <returns>X [count, features] and labels from 0 to classes − 1.</returns>
    /// <exception cref="ArgumentOutOfRangeException">Fewer than 2 classes, fewer points than classes, no features, or
    /// a negative deviation.</exception>
    public static (Tensor X, int[] Labels) Blobs(
        int count, int classes = 3, int features = 2, double deviation = 1, Rng? rng = null)
    {
        RequireClasses("Toy.Blobs", classes);
        Require("Toy.Blobs", count, classes, deviation, nameof(deviation));
        if (features < 1) Throw.OutOfRange("Toy.Blobs", nameof(features), features, "at least 1");
        rng ??= Rng.Default;
        var centres = Sizes.New<double>("Toy.Blobs", (long)classes * features);
        for (var i = 0; i < centres.Length; i++) centres[i] = rng.Uniform(-10, 10);
        var (labels, _) = BalancedLabels(count, classes, rng);
        var x = Tensor.Empty([count, features], DType.Float32);
        var values = x.Write<float>();
        for (var i = 0; i < values.Length; i++)
            values[i] = (float)rng.Normal(centres[labels[i / features] * features + i % features], deviation);
        return (x, labels);
    }

    /// <summary>
    /// Regression with interactions, curvature and five features that mean nothing (Friedman, 1991, "Multivariate
    /// adaptive regression splines"): y = 10·sin(π·x₀·x₁) + 20·(x₂ − ½)² + 10·x₃ + 5·x₄ + noise, x uniform in [0, 1).
    /// </summary>
    /// <param name="count">The number of rows; at least 1.</param>
    /// <param name="noise">The standard deviation of the noise; 1 in Friedman's paper.</param>
    /// <param name="rng">The source of x and noise; <see cref="Rng.Default"/> if null.</param>
    /// <returns>X [count, 10] and Y [count, 1].</returns>
    /// <exception cref="ArgumentOutOfRangeException">No rows, or negative noise.</exception>
    public static (Tensor X, Tensor Y) Friedman1(int count, double noise = 1, Rng? rng = null)
    {
        Require("Toy.Friedman1", count, 1, noise);
        rng ??= Rng.Default;
        var x = Tensor.Uniform([count, 10], rng: rng);
        var y = Tensor.Empty([count, 1], DType.Float32);
        var values = y.Write<float>();
        for (var i = 0; i < count; i++)
        {
            var row = x.Read<float>().Slice(10 * i, 10);
            var curve = row[2] - 0.5;
            values[i] = (float)(10 * Math.Sin(Math.PI * row[0] * row[1]) + 20 * curve * curve + 10.0 * row[3]
                + 5.0 * row[4] + rng.Normal(0, noise));
        }
        return (x, y);
    }

    /// <summary>Where a point stands among those of its class.</summary>
    readonly record struct Part(int Index, int Count);

    static (Tensor X, Tensor Y) TwoClasses(
        int count, double noise, Rng? rng, Func<int, Part, (double X, double Y)> place)
    {
        rng ??= Rng.Default;
        var (labels, parts) = BalancedLabels(count, 2, rng);
        var (x, y) = (Tensor.Empty([count, 2], DType.Float32), Tensor.Empty([count, 1], DType.Float32));
        var points = x.Write<float>();
        var targets = y.Write<float>();
        for (var i = 0; i < count; i++)
        {
            var point = place(labels[i], parts[i]);
            points[2 * i] = (float)rng.Normal(point.X, noise);
            points[2 * i + 1] = (float)rng.Normal(point.Y, noise);
            targets[i] = labels[i];
        }
        return (x, y);
    }

    /// <summary>Labels in random order, each as often as any other to within one, and each point's place in its class.
    /// </summary>
    static (int[] Labels, Part[] Parts) BalancedLabels(int count, int classes, Rng rng)
    {
        // Point p of the unshuffled row has label p % classes and is number p / classes of them.
        var order = rng.Permutation(count);
        var labels = Array.ConvertAll(order, p => p % classes);
        var parts = Array.ConvertAll(order, p => new Part(p / classes, (count - 1 - p % classes) / classes + 1));
        return (labels, parts);
    }

    static void Require(string op, int count, int least, double noise, string name = "noise")
    {
        if (count < least) Throw.OutOfRange(op, nameof(count), count, $"at least {least}");
        if (!(noise >= 0 && double.IsFinite(noise))) Throw.OutOfRange(op, name, noise, "finite and not negative");
    }

    static void RequireClasses(string op, int classes)
    {
        if (classes < 2) Throw.OutOfRange(op, nameof(classes), classes, "at least 2");
    }
}
