using static MicroGrad.Net.Tests.Numbers;

namespace MicroGrad.Net.Tests;

/// <summary>What is finite comes out finite, though its square is not; and what is not 0, though its square is.</summary>
public sealed class RangeTests
{
    public static TheoryData<DType, double> Sizes => new()
    {
        { DType.Float32, 1e-30 }, { DType.Float32, 1 }, { DType.Float32, 1e19 }, { DType.Float32, 1e30 },
        { DType.Float64, 1e-200 }, { DType.Float64, 1e200 }, { DType.Float64, 1e300 },
    };

    static Tensor Of(DType dtype, double size, Shape shape, params double[] values) =>
        Tensor.From(shape, [.. values.Select(value => value * size)]).To(dtype);

    static void Near(double[] expected, Tensor actual, double tolerance = 1e-6) =>
        Close([.. expected.Select(_ => 1.0)], Tensor.From(actual.Shape,
            [.. actual.ToDoubles().Zip(expected, (got, right) => got / right)]), tolerance);

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Norms_and_deviations(DType dtype, double size)
    {
        var x = Leaf(Of(dtype, size, [2, 2], 3, 4, 6, 8));
        Near([5 * size, 10 * size], x.Norm(2, 1));
        Near([Math.Sqrt(45) * size, Math.Sqrt(80) * size], x.Norm(2, 0));
        Near([Math.Sqrt(125) * size], x.Norm());
        Near([Math.Sqrt(125) * size], x.Unsqueeze(1).Norm(2, [0, 2]));
        Near([Math.Cbrt(27 + 64) * size, Math.Cbrt(216 + 512) * size], x.Norm(3, 1));
        Near([0.5 * size, size], x.StandardDeviation(1, correction: 0));
        x.Norm(2, 1).Sum().Backward();
        Near([0.6, 0.8, 0.6, 0.8], x.Grad!.Flatten());
        x.Grad = null;
        x.StandardDeviation(correction: 0).Backward();
        Near([-2.25, -1.25, 0.75, 2.75], x.Grad!.Flatten() * (Math.Sqrt(14.75 / 4) * 4));
    }

    [Fact]
    public void A_variance_whose_sum_of_squares_would_overflow()
    {
        double[] values = [.. Enumerable.Range(0, 1000).Select(i => i % 2 * 2e18)];
        Near([1e36], Tensor.From([1000], values).To(DType.Float32).Variance(correction: 0));
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Normalisations(DType dtype, double size)
    {
        if (size < 1 || size > 1e30) return;        // below, epsilon counts; beyond, moments are in doubles
        double[] standard = [-1.3416407864998738, -0.4472135954999579, 0.4472135954999579, 1.3416407864998738];
        var x = Of(dtype, size, [1, 4], 1, 2, 3, 4);
        Near(standard, new LayerNorm(4, 1e-12).Forward(x).Flatten());
        Near(standard, new GroupNorm(1, 4, 1e-12).Forward(x).Flatten());
        Near(standard, new InstanceNorm(1, 1e-12).Forward(x.Unsqueeze(1)).Flatten());
        Near(standard, new BatchNorm1D(1, 1e-12).Forward(x.Transpose()).Flatten());
        Near([.. Enumerable.Range(1, 4).Select(value => value / Math.Sqrt(7.5))], new RmsNorm(4).Forward(x).Flatten());
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Losses_of_directions(DType dtype, double size)
    {
        var (x, y) = (Tensor.From([2, 2], [3.0, 4, 1, 2]), Tensor.From([2, 2], [1.0, 2, 4, 3]));
        var (a, b) = (Leaf((x * size).To(dtype)), (y * size).To(dtype));
        Func<Tensor, Tensor, Tensor>[] losses =
        [
            (u, v) => Losses.InfoNce(u, v), (u, v) => Losses.NtXent(u, v),
            (u, v) => Losses.ArcFace(u, v, [1, 0], scale: 4), (u, v) => Losses.CosFace(u, v, [1, 0], scale: 4),
            (u, v) => Losses.Circle(Tensor.Concat([u, v]), [0, 1, 0, 1], scale: 4),
        ];
        foreach (var loss in losses)
        {
            var of = Leaf(x.Detach());
            loss(of, y).Backward();
            a.Grad = null;
            var value = loss(a, b);
            value.Backward();
            // Differences of cosines, which round: not the place to look for digits.
            Near([loss(x, y).Item()], value, 1e-3);
            Near([.. of.Grad!.ToDoubles().Select(slope => slope / size)], a.Grad!, 1e-3);
        }
        if (size < 1) return;       // CosineEmbedding takes vectors shorter than 1e-6 as 0
        var signs = Tensor.From([2], [1.0, -1]);
        Near(Losses.CosineEmbedding(x, y, signs, reduction: Reduction.None).ToDoubles(),
            Losses.CosineEmbedding(a, b, signs.To(dtype), reduction: Reduction.None));
    }

    [Fact]
    public void Clipping_by_norms_of_any_size()
    {
        foreach (var (dtype, size) in ((DType, double)[])[(DType.Float32, 1e-30), (DType.Float32, 1e30),
            (DType.Float64, 1e-200), (DType.Float64, 1), (DType.Float64, 1e200)])
        {
            var parameter = new Parameter(Tensor.Zeros([2], dtype));
            (parameter * Of(dtype, size, [2], 3, 4)).Sum().Backward();
            foreach (var power in (double[])[2, 3, 20])
                Assert.Equal(1, GradientClipping.ByNorm([parameter], double.MaxValue, power)
                    / (size * Math.Pow(Math.Pow(3, power) + Math.Pow(4, power), 1 / power)), 1e-6);
        }
    }
}
