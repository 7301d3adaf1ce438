using System.Globalization;

namespace MicroGrad.Net;

/// <summary>
/// In training, sets each element to 0 with the given probability and divides the others by 1 − probability, so that
/// the expected sum stays; in evaluation, does nothing (Srivastava et al., 2014).
/// </summary>
public sealed class Dropout : Module
{
    readonly double _probability;
    readonly Rng _rng;

    /// <summary>A layer that drops with a probability, by default ½.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The probability is outside [0, 1].</exception>
    public Dropout(double probability = 0.5, Rng? rng = null)
    {
        if (probability is not (>= 0 and <= 1)) Throw.OutOfRange("Dropout", nameof(probability), probability, "from 0 to 1");
        (_probability, _rng) = (probability, rng ?? Rng.Default);
    }

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor input)
    {
        if (!IsTraining || _probability == 0) return input;
        if (_probability == 1) return input * 0;
        var kept = Tensor.Uniform(input.Shape, 0, 1, _rng, input.DType) >= _probability;
        return input * (kept / (1 - _probability));
    }

    /// <inheritdoc/>
    public override string Describe() => string.Create(CultureInfo.InvariantCulture, $"Dropout({_probability:g6})");
}
