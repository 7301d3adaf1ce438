using System.Numerics;

namespace MicroGrad.Net;

/// <summary>Limits gradients between Backward and Step, so that one bad batch does not throw the weights far off.</summary>
public static class GradientClipping
{
    /// <summary>
    /// Scales all gradients by min(1, maxNorm/(norm + 10⁻⁶)), where norm = (Σ|g|^normType)^(1/normType) over all
    /// elements of all gradients together. As PyTorch's clip_grad_norm_.
    /// </summary>
    /// <remarks>
    /// A norm that is not finite scales too, as PyTorch does by default: an infinite one makes all finite gradients 0
    /// (and the infinite ones NaN), a NaN makes all NaN. With <paramref name="errorIfNonFinite"/> it throws instead.
    /// </remarks>
    /// <param name="parameters">Those whose gradients count; one without gradient is passed over.</param>
    /// <param name="maxNorm">The largest norm to leave as it is.</param>
    /// <param name="normType">The power: 2 for the length, 1 for the sum, infinity for the largest element.</param>
    /// <param name="errorIfNonFinite">Whether a NaN or infinite norm is an error.</param>
    /// <returns>The norm before clipping.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of range.</exception>
    /// <exception cref="NonFiniteException">The norm is not finite, and that was to be an error; nothing was changed.</exception>
    public static double ByNorm(
        IEnumerable<Parameter> parameters, double maxNorm, double normType = 2, bool errorIfNonFinite = false)
    {
        if (!(maxNorm >= 0)) Throw.OutOfRange(nameof(ByNorm), nameof(maxNorm), maxNorm, "0 or more");
        if (!(normType > 0)) Throw.OutOfRange(nameof(ByNorm), nameof(normType), normType, "above 0");
        Parameter[] clipped = [.. parameters.Where(parameter => parameter.Gradient is not null).Distinct()];
        var norm = Norm(clipped, normType);
        if (errorIfNonFinite && !double.IsFinite(norm))
        {
            var bad = clipped.Where(parameter => !double.IsFinite(Norm([parameter], normType)));
            Throw.NonFiniteNorm(bad.Select(parameter => parameter.Describe()), norm);
        }
        var factor = maxNorm / (norm + 1e-6);
        if (factor >= 1) return norm;
        Change(clipped, gradient => gradient * factor);
        return norm;
    }

    /// <summary>Limits each element of the gradients to [−maxValue, maxValue]. As PyTorch's clip_grad_value_.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The bound is negative or NaN.</exception>
    public static void ByValue(IEnumerable<Parameter> parameters, double maxValue)
    {
        if (!(maxValue >= 0)) Throw.OutOfRange(nameof(ByValue), nameof(maxValue), maxValue, "0 or more");
        Change(parameters, gradient => gradient.Clamp(-maxValue, maxValue));
    }

    static void Change(IEnumerable<Parameter> parameters, Func<Tensor, Tensor> change)
    {
        using var off = Gradients.Off();
        foreach (var parameter in parameters)
        {
            using var scope = new StepScope();
            if (parameter.Gradient is { } gradient) parameter.ChangeGradient(change(gradient));
        }
    }

    /// <summary>The norm in Float64: squares of floats neither overflow nor lose small gradients among many.</summary>
    static double Norm(Parameter[] parameters, double power, double unit = 1)
    {
        var (sum, largest) = (0.0, 0.0);
        foreach (var parameter in parameters)
            if (parameter.Gradient is not { } gradient) continue;
            else if (double.IsInfinity(power)) largest = Math.Max(largest, LargestOf(gradient));
            else sum += gradient.DType == DType.Float32
                ? Powers(gradient.Read<float>(), power, unit) : Powers(gradient.Read<double>(), power, unit);
        if (double.IsInfinity(power)) return largest;
        if (unit == 1 && (sum == 0 || double.IsInfinity(sum)))
        {
            // Powers of small or large numbers may be 0 or infinite where the norm is not: once more, in another unit.
            foreach (var parameter in parameters)
                if (parameter.Gradient is { } gradient) largest = Math.Max(largest, LargestOf(gradient));
            if (largest > 0 && double.IsFinite(largest)) return Norm(parameters, power, PowerOfTwo.Near([largest]));
        }
        return unit * Math.Pow(sum, 1 / power);
    }

    static double LargestOf(Tensor gradient) => gradient.Length == 0 ? 0 : gradient.Abs().Max().Item();

    /// <summary>Σ|g / unit|^power.</summary>
    static double Powers<T>(ReadOnlySpan<T> values, double power, double unit) where T : unmanaged, IFloatingPointIeee754<T>
    {
        var (even, odd, scale) = (0.0, 0.0, 1 / unit);      // two sums, for additions that need not wait for each other
        for (var i = 0; i < values.Length; i++)
        {
            var value = Math.Abs(double.CreateTruncating(values[i])) * scale;
            var term = power == 2 ? value * value : power == 1 ? value : Math.Pow(value, power);
            if (i % 2 == 0) even += term;
            else odd += term;
        }
        return even + odd;
    }
}
