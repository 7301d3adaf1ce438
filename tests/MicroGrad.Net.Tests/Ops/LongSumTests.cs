using static MicroGrad.Net.Tests.Numbers;

namespace MicroGrad.Net.Tests;

/// <summary>
/// Sums of millions in Float32, wherever they are made, are off by a few units in the last place: one by one they
/// would stop at 2²⁴ ones. The width of a vector makes no difference (see the run without AVX).
/// </summary>
public sealed class LongSumTests
{
    const int Many = 20_000_000;

    // 0.1 is not exact, so that each addition to a large sum rounds, and always the same way.
    static readonly double Tenth = 0.1f;

    static void Near(double expected, Tensor actual, double units = 8)
    {
        foreach (var value in actual.ToDoubles())
            Assert.True(Math.Abs(value - expected) <= units / (1 << 24) * Math.Abs(expected),
                $"{value:g9} instead of {expected:g9}");
    }

    [Fact]
    public void A_running_sum_goes_on_beyond_two_to_the_24()
    {
        var ones = Leaf(Tensor.Ones([Many]));
        var sums = ones.CumulativeSum(0);
        Assert.Equal(Many, sums[^1].Item());
        Near(2000, Tensor.Full([4_000_000], 0.0005).CumulativeSum(0)[^1], 2);
        Near(400_000 * Tenth, Tensor.Full([400_000, 3], 0.1).CumulativeSum(0)[^1], 2);

        // The gradient sums from the end.
        sums.Sum().Backward();
        Assert.Equal((float)Many, ones.Grad![0].Item());
        Assert.Equal(1, ones.Grad![^1].Item());
    }

    [Theory]
    [InlineData(1_000_003, 1), InlineData(300_001, 3), InlineData(100_001, 40), InlineData(20_001, 200)]
    public void Sums_of_columns_and_of_lines(int rows, int columns)
    {
        var x = Tensor.Full([rows, columns], 0.1);
        Near(rows * Tenth, x.Sum(0));
        Near(rows * Tenth, x.Transpose().Sum(1));
        Near(Tenth, x.Mean(0));
        Near((double)rows * columns * Tenth, x.Sum());
    }

    [Fact]
    public void Norms_and_deviations()
    {
        var x = Tensor.Full([5_000_001], 0.1);
        Near(Math.Sqrt(5_000_001) * Tenth, x.Norm());
        Near(5_000_001 * Tenth, x.Norm(1));
        Near(Math.Sqrt(300_000) * Tenth, Tensor.Full([300_000, 5], 0.1).Norm(2, 0));
        // ±2⁻¹⁰ about a large mean, which rounds.
        double[] signs = [.. Enumerable.Range(0, 1_000_001).Select(i => 4096 + (i % 2 == 0 ? 1 : -1) * 0.0009765625)];
        var large = Tensor.From([signs.Length], signs).To(DType.Float32);
        Near(0.0009765625 * 0.0009765625, large.Variance(correction: 0), 64);
        Near(0.0009765625, large.StandardDeviation(correction: 0), 64);
    }

    [Theory]
    [InlineData(1, 1), InlineData(3, 1), InlineData(1, 70), InlineData(3, 5), InlineData(20, 40)]
    public void Products_of_long_rows(int rows, int columns)
    {
        const int Depth = 200_003;
        var (x, y) = (Tensor.Full([rows, Depth], 0.1), Tensor.Ones([Depth, columns]));
        Near(Depth * Tenth, x.MatMul(y), 64);
        Near(Depth * Tenth, x.MatMul(y.Transpose(), transposeRight: true), 64);
        Near(Depth * Tenth, x.Transpose().MatMul(y, transposeLeft: true), 64);
        Near(Depth * Tenth, x[0].MatMul(y), 64);
    }

    [Fact]
    public void The_gradient_of_an_embedding_sums_what_many_rows_send_to_one()
    {
        const int Rows = 2_000_000;
        var table = Leaf(Tensor.Zeros([3, 2]));
        var rows = new int[Rows];
        rows[7] = 2;
        table.Select(rows).Backward(Tensor.Full([Rows, 2], 0.1));
        Near((Rows - 1) * Tenth, table.Grad![0], 2);
        Equal([2], [0, 0], table.Grad[1]);
        Near(Tenth, table.Grad[2]);

        var numbers = Leaf(Tensor.Zeros([5]));
        numbers.Select(new int[Many / 10]).Backward(Tensor.Ones([Many / 10]));
        Equal([5], [Many / 10, 0, 0, 0, 0], numbers.Grad);
    }

    [Fact]
    public void The_average_of_a_large_window_and_its_gradient()
    {
        var x = Leaf(Tensor.Full([1, 1, 2000, 3000], 0.1));
        Near(Tenth, x.AdaptiveAvgPool2D(1), 8);
        Near(Tenth, new GlobalAvgPool().Forward(x), 8);
        Near(Tenth, x.AvgPool2D((1000, 1500)), 2);

        // Each input is seen by up to 4000 windows.
        var line = Leaf(Tensor.Zeros([1, 1, 8000]));
        line.AvgPool1D(4000, 1).Backward(Tensor.Full([1, 1, 4001], 0.1));
        Near(4000 * (Tenth / 4000), line.Grad!.Flatten()[4000..4001], 4);
    }

    [Fact]
    public void A_softmax_over_very_many_classes()
    {
        const int Classes = 3_000_001;
        Near(1.0 / Classes, Tensor.Zeros([1, Classes]).Softmax(), 2);
        Near(Math.Log(Classes), Tensor.Zeros([Classes]).LogSumExp(), 2);
        Near(Math.Log(Classes), Losses.CrossEntropy(Tensor.Zeros([1, Classes]), [5]), 2);
    }

    [Fact]
    public void Normalisation_over_very_many_numbers()
    {
        const int Count = 1_000_000;
        var x = Tensor.Full([Count], 0.1) + Tensor.From([Count], [.. Enumerable.Range(0, Count).Select(i => i % 2 * 0.125f)]);
        var y = new BatchNorm1D(1).Forward(x.Reshape(Count, 1));
        Near(Math.Sqrt(1 / (1 + 1e-5 * 256)), y.Abs(), 64);      // the variance is 1/256
        var layer = new LayerNorm(4);
        var rows = Leaf(x.Reshape(Count / 4, 4));
        layer.Forward(rows).Backward(Tensor.Full([Count / 4, 4], 0.1));
        Near(Count / 4 * Tenth, layer.Bias!.Grad!, 16);
    }

    [Fact]
    public void The_weights_of_a_convolution_over_many_images()
    {
        const int Images = 20_000;
        var convolution = new Conv2D(1, 1, 2, bias: true);
        convolution.Forward(Tensor.Ones([Images, 1, 3, 3])).Backward(Tensor.Full([Images, 1, 2, 2], 0.1));
        Near(4 * Images * Tenth, convolution.Weight.Grad!, 32);
        Near(4 * Images * Tenth, convolution.Bias!.Grad!, 8);
    }
}
