namespace MicroGrad.Net;

/// <summary>
/// Functions and reductions composed of other ops: they own no derivative, since those of their parts make it up.
/// </summary>
public static class ComposedMath
{
    extension(Tensor x)
    {
        /// <summary>x².</summary>
        public Tensor Square() => x * x;

        /// <summary>1/x: ±∞ at ±0.</summary>
        public Tensor Reciprocal() => 1 / x;

        /// <summary>1/√x: ∞ at 0, NaN below.</summary>
        public Tensor Rsqrt() => 1 / x.Sqrt();

        /// <summary>x without its whole part, x − trunc(x): with the sign of x, NaN at ±∞; the slope is 1. PyTorch's
        /// <c>frac</c>.</summary>
        public Tensor Frac() => x - x.Truncate();

        /// <summary>1 where x is NaN, else 0. Carries no gradient.</summary>
        public Tensor IsNaN() => x.NotEqualTo(x);

        /// <summary>1 where x is a number, neither NaN nor ±∞, else 0. Carries no gradient.</summary>
        public Tensor IsFinite() => x.Detach().Abs() < double.PositiveInfinity;

        /// <summary>1 where x is ∞ or −∞, else 0. Carries no gradient.</summary>
        public Tensor IsInfinity() => x.Detach().Abs().EqualTo(double.PositiveInfinity);

        /// <summary>
        /// x / max(‖x‖, epsilon) along an axis: vectors of length 1, in the norm of order p; those shorter than epsilon
        /// stay shorter. PyTorch's <c>F.normalize</c>, whose axis is 1 by default.
        /// </summary>
        /// <param name="p">The order of the norm, as of <see cref="Norm"/>.</param>
        /// <param name="axis">The axis; the last by default.</param>
        /// <param name="epsilon">What a length below it counts as, so that 0 is divided by no 0.</param>
        public Tensor Normalize(double p = 2, int axis = -1, double epsilon = 1e-12) =>
            x / Tensor.Max(x.Norm(p, axis, keepDims: true), epsilon);

        /// <summary>
        /// The running products x₀, x₀·x₁, … along an axis. The gradient is right with zeros among the factors.
        /// PyTorch's <c>cumprod</c>.
        /// </summary>
        /// <exception cref="ShapeException">There is no such axis.</exception>
        public Tensor CumulativeProduct(int axis)
        {
            axis = x.Shape.Axis(axis, "cumulative product");
            var (count, products) = (x.Shape[axis], x);
            // Each time, all runs are multiplied by those that end before them, and get twice as long: only products, so
            // every derivative is a product too.
            for (var length = 1; length < count; length = (int)Math.Min(2L * length, count))
                products = Tensor.Concat([products.Narrow(axis, 0, length),
                    products.Narrow(axis, length, count - length) * products.Narrow(axis, 0, count - length)], axis);
            return products;
        }

        /// <summary>
        /// Σ(x − mean)² / (n − correction) over the axes; where n ≤ correction a division by 0: NaN or ∞.
        /// </summary>
        /// <param name="axes">The axes to reduce; all by default.</param>
        /// <param name="correction">1 for the unbiased estimate (Bessel), 0 for the plain mean of squares.</param>
        /// <param name="keepDims">Keep the reduced axes at size 1.</param>
        public Tensor Variance(Axes axes = default, double correction = 1, bool keepDims = false)
        {
            var count = x.CountOver(x.Shape.Marked(axes.Named, "variance"));
            return Deviations(x, axes).MeanOfSquares(axes, keepDims, Math.Max(0, count - correction));
        }

        /// <summary>The root of the variance; its slope where the variance is 0 is taken as 0.</summary>
        /// <param name="axes">The axes to reduce; all by default.</param>
        /// <param name="correction">1 for the unbiased variance, 0 for the plain mean of squares.</param>
        /// <param name="keepDims">Keep the reduced axes at size 1.</param>
        public Tensor StandardDeviation(Axes axes = default, double correction = 1, bool keepDims = false)
        {
            var count = x.CountOver(x.Shape.Marked(axes.Named, "standard deviation"));
            return Deviations(x, axes).RootOfSquares(axes, keepDims, Math.Max(0, count - correction));
        }

        /// <summary>
        /// (Σ|x|^p)^(1/p) over the axes: the Euclidean length for p = 2, the largest |x| for p = ∞, the smallest for
        /// p = −∞, the number of elements other than 0 for p = 0. The slope at an element that is 0, or where the
        /// norm is 0, is taken as 0.
        /// </summary>
        /// <param name="p">The order.</param>
        /// <param name="axes">The axes to reduce; all by default.</param>
        /// <param name="keepDims">Keep the reduced axes at size 1.</param>
        public Tensor Norm(double p = 2, Axes axes = default, bool keepDims = false) => p switch
        {
            2 => x.RootOfSquares(axes, keepDims),
            1 => x.Abs().Sum(axes, keepDims),
            0 => x.Sign().Abs().Sum(axes, keepDims),
            double.PositiveInfinity => x.Abs().Max(axes, keepDims),
            double.NegativeInfinity => x.Abs().Min(axes, keepDims),
            _ => PowerNorm(x, p, axes, keepDims),
        };

        /// <summary>The product over the axes; 1 over nothing. The gradient is right with zeros among the factors.</summary>
        public Tensor Product(Axes axes = default, bool keepDims = false)
        {
            var marked = x.Shape.Marked(axes.Named, "product");
            var order = Enumerable.Range(0, x.Rank).OrderBy(axis => !marked[axis]).ToArray();
            var rest = x.Shape.Without(marked, keepDims: false);
            var count = x.CountOver(marked);
            // Halves are multiplied until one row is left: only products, so every derivative is a product too.
            var factors = x.Permute(order).Reshape(Shape.Of([count, .. rest.Sizes]));
            if (count == 0) factors = Tensor.Ones(Shape.Of([1, .. rest.Sizes]), x.DType);
            while (factors.Shape[0] > 1)
            {
                var (half, odd) = Math.DivRem(factors.Shape[0], 2);
                var product = factors[..half] * factors[half..(2 * half)];
                factors = odd == 0 ? product : Tensor.Concat([product, factors[^1..]]);
            }
            return factors.Reshape(x.Shape.Without(marked, keepDims));
        }
    }

    /// <summary>x − mean. What is left over on average is the rounding error of the mean, and is taken out too.</summary>
    static Tensor Deviations(Tensor x, Axes axes)
    {
        var deviations = x - x.Mean(axes, keepDims: true);
        var rest = deviations.Mean(axes, keepDims: true);
        return deviations - Tensor.Where((rest - rest).EqualTo(0), rest, 0);       // an infinite one says nothing
    }

    static Tensor PowerNorm(Tensor x, double p, Axes axes, bool keepDims)
    {
        if (x.Length > 0)
        {
            // By the largest |x|, so that no power overflows. The norm grows as that does: it may count as a constant.
            var largest = x.Detach().Abs().Max(axes, keepDims: true);
            var scale = Tensor.Where((largest > 0) * (largest < double.PositiveInfinity), largest, 1);
            var scaled = PowerNormAsIs(x / scale, p, axes, keepDims);
            return scaled * scale.Reshape(scaled.Shape);
        }
        return PowerNormAsIs(x, p, axes, keepDims);
    }

    static Tensor PowerNormAsIs(Tensor x, double p, Axes axes, bool keepDims)
    {
        // Zeros add nothing to the sum; a 1 in their place keeps the power's slope finite, and the mask takes it out.
        var used = x.NotEqualTo(0);
        var sum = (used * Tensor.Where(used, x, 1).Abs().Pow(p)).Sum(axes, keepDims);
        if (p < 0) sum = Tensor.Where((1 - used).Sum(axes, keepDims) > 0, double.PositiveInfinity, sum);
        var some = sum.NotEqualTo(0);
        return some * Tensor.Where(some, sum, 1).Pow(1 / p);
    }
}
