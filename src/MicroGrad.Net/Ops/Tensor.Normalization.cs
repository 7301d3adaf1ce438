namespace MicroGrad.Net;

public partial class Tensor
{
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
        var count = channels == 0 ? 0 : Length / channels;
        (mean, variance) = (Empty([channels], DType), Empty([channels], DType));
        if (DType == DType.Float32)
            Standardize.Statistics(Read<float>(), channels, inner, mean.Write<float>(), variance.Write<float>());
        else Standardize.Statistics(Read<double>(), channels, inner, mean.Write<double>(), variance.Write<double>());

        var center = mean;
        Tensor root, zero = Zeros([channels], DType), y;
        using (Gradients.Off())
        {
            root = (variance + epsilon).Rsqrt();
            y = Combined(this, null, center, weight is null ? root : root * weight, zero, bias is null ? zero : bias);
        }

        // The rules share two sums, which the first of them computes: of g, and of g·(x − mean).
        (Tensor Of, Tensor Plain, Tensor Weighted)? sums = null;
        (Tensor Plain, Tensor Weighted) SumsOf(Tensor g)
        {
            if (sums?.Of != g)
            {
                var (plain, weighted) = (Empty([channels], DType), Empty([channels], DType));
                if (DType == DType.Float32) Sum<float>();
                else Sum<double>();
                sums = (g, plain, weighted);

                void Sum<T>() where T : unmanaged, System.Numerics.IFloatingPointIeee754<T> => Standardize.Sums(
                    Read<T>(), g.Read<T>(), inner, center.Read<T>(), plain.Write<T>(), weighted.Write<T>());
            }
            return (sums.Value.Plain, sums.Value.Weighted);
        }

        // Each rule once as a formula, to be recorded, and once from the sums, for speed.
        Tensor Root() => (this.Variance([0, 2], 0, keepDims: true) + epsilon).Rsqrt();
        Tensor Standard() => (this - this.Mean([0, 2], keepDims: true)) * Root();
        Tensor ToInput(Tensor g)
        {
            if (Gradients.Enabled)
            {
                var (standard, scale) = (Standard(), weight is null ? Root() : Root() * weight.Reshape(channels, 1));
                return scale * (g - g.Mean([0, 2], keepDims: true)
                    - standard * (g * standard).Mean([0, 2], keepDims: true));
            }
            var (plain, weighted) = SumsOf(g);
            var factor = weight is null ? root : root * weight;
            return Combined(this, g, center, -(factor * root * root * weighted / count), factor, -(factor * plain / count));
        }
        Tensor ToWeight(Tensor g) => Gradients.Enabled ? (g * Standard()).Sum([0, 2]) : SumsOf(g).Weighted * root;
        Tensor ToBias(Tensor g) => Gradients.Enabled ? g.Sum([0, 2]) : SumsOf(g).Plain;

        const string Op = "standardize";
        return (weight, bias) switch
        {
            ({ } w, { } b) => Node.Record(Op, y, (this, ToInput), (w, ToWeight), (b, ToBias)),
            ({ } w, null) => Node.Record(Op, y, (this, ToInput), (w, ToWeight)),
            (null, { } b) => Node.Record(Op, y, (this, ToInput), (b, ToBias)),
            _ => Node.Record(Op, y, (this, ToInput)),
        };
    }

    /// <summary>(x − center)·a + g·b + c, with numbers of each channel.</summary>
    static Tensor Combined(Tensor x, Tensor? g, Tensor center, Tensor a, Tensor b, Tensor c)
    {
        var result = Empty(x.Shape, x.DType);
        if (x.DType == DType.Float32) Run<float>();
        else Run<double>();
        return result;

        void Run<T>() where T : unmanaged, System.Numerics.IFloatingPointIeee754<T> => Standardize.Combine(
            x.Read<T>(), g is null ? [] : g.Read<T>(), x.Shape[2],
            center.Read<T>(), a.Read<T>(), b.Read<T>(), c.Read<T>(), result.Write<T>());
    }
}
