using System.Numerics;

namespace MicroGrad.Net;

public partial class Tensor
{
    static readonly Operation s_standardize = new("standardize", "y = b · â + c, â = (a − mean)/√(variance + ε)",
        "b/σ · (g − mean(g) − â · mean(g · â))", "Σ g · â", "Σ g")
    {
        Words = "Gradients are scaled by 1/σ; what would only shift or stretch all values of the group is taken out, "
            + "since the group's mean and spread cannot change.",
    };

    /// <summary>
    /// Each channel of x [outer, channels, inner], over outer and inner, brought to mean 0 and variance 1, then scaled
    /// and shifted: y = (x − mean)/√(variance + epsilon)·weight + bias, with the biased variance. What batch, layer,
    /// group and instance normalisation have in common.
    /// </summary>
    /// <param name="epsilon">Added to the variance, so that a constant channel is not divided by 0.</param>
    /// <param name="weight">A factor per channel, [channels]; none where null.</param>
    /// <param name="bias">A number added per channel, [channels]; none where null.</param>
    /// <param name="mean">The channels' means, off the tape.</param>
    /// <param name="variance">The channels' biased variances, off the tape.</param>
    internal Tensor Standardized(double epsilon, Tensor? weight, Tensor? bias, out Tensor mean, out Tensor variance)
    {
        var (channels, inner) = (Shape[1], Shape[2]);
        var (y, center, spread) = (Empty(Shape, DType), Empty([channels], DType), Empty([channels], DType));
        if (DType == DType.Float32) Forward<float>();
        else Forward<double>();
        (mean, variance) = (center, spread);
        return Node.Record(s_standardize.With("epsilon", epsilon), y, [.. ((Tensor?[])[this, weight, bias]).OfType<Tensor>()],
            (g, wanted) => DType == DType.Float32 ? Backward<float>(g, wanted[0]) : Backward<double>(g, wanted[0]), Composed);

        void Forward<T>() where T : unmanaged, IFloatingPointIeee754<T> => Standardize.Forward(
            Read<T>(), channels, inner, epsilon, From<T>(weight), From<T>(bias),
            center.Write<T>(), spread.Write<T>(), y.Write<T>());

        Tensor?[] Backward<T>(Tensor g, bool wantsX) where T : unmanaged, IFloatingPointIeee754<T>
        {
            var toX = wantsX ? Empty(Shape, DType) : null;
            var toWeight = weight is null ? null : Empty([channels], DType);
            var toBias = bias is null ? null : Empty([channels], DType);
            Standardize.Backward(Read<T>(), g.Read<T>(), inner, epsilon, From<T>(weight),
                center.Read<T>(), spread.Read<T>(), Into<T>(toX), Into<T>(toWeight), Into<T>(toBias));
            return (weight, bias) switch
            {
                (null, null) => [toX],
                (null, _) => [toX, toBias],
                (_, null) => [toX, toWeight],
                _ => [toX, toWeight, toBias],
            };
        }

        Tensor Composed(Tensor[] own)
        {
            var x = own[0];
            var root = (x.Variance([0, 2], 0, keepDims: true) + epsilon).Rsqrt();
            var result = (x - x.Mean([0, 2], keepDims: true)) * root;
            if (weight is not null) result *= own[1].Reshape(channels, 1);
            return bias is null ? result : result + own[^1].Reshape(channels, 1);
        }

        static ReadOnlySpan<T> From<T>(Tensor? values) where T : unmanaged => values is null ? [] : values.Read<T>();
        static Span<T> Into<T>(Tensor? result) where T : unmanaged => result is null ? [] : result.Write<T>();
    }
}
