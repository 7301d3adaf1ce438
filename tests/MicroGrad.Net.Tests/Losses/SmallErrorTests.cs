using static MicroGrad.Net.Tests.Numbers;

namespace MicroGrad.Net.Tests;

/// <summary>Losses of predictions that are nearly right, in Float32: value and slope by their series, not as noise.</summary>
public sealed class SmallErrorTests
{
    /// <summary>Value and slope in Float32 for one element; the numbers are given as they are in Float32.</summary>
    static (double Value, double Slope) At(Func<Tensor, Tensor, Tensor> loss, float prediction, float target)
    {
        var x = Leaf(Tensor.From([1], [prediction]));
        var value = loss(x, Tensor.From([1], [target]));
        value.Sum().Backward();
        return (value.Sum().Item(), x.Grad!.ToDoubles()[0]);
    }

    static void Near(double value, double slope, (double Value, double Slope) actual)
    {
        Assert.Equal(1, actual.Value / value, 2e-6);
        Assert.Equal(1, actual.Slope / slope, 2e-6);
    }

    public static TheoryData<float> Errors => [1e-1f, 1e-2f, 1e-3f, 1e-4f, 1e-5f, 1e-6f, 1e-7f, 1e-8f, 1e-12f, 1e-18f];

    [Theory]
    [MemberData(nameof(Errors))]
    public void Huber_smooth_l1_and_log_cosh(float e)
    {
        double x = e;
        Near(x * x / 2, x, At((p, t) => Losses.Huber(p, t), e, 0));
        Near(x * x / 2, -x, At((p, t) => Losses.Huber(p, t, 0.3), -e, 0));
        Near(x * x / 2, x, At((p, t) => Losses.SmoothL1(p, t), e, 0));
        Near(x * x / 2 / 0.7, x / 0.7, At((p, t) => Losses.SmoothL1(p, t, 0.7), e, 0));
        Near(x * x / 2 - Math.Pow(x, 4) / 12 + Math.Pow(x, 6) / 45, Math.Tanh(x), At((p, t) => Losses.LogCosh(p, t), e, 0));
    }

    [Fact]
    public void Outliers_have_slopes_of_their_own_up_to_infinity()
    {
        foreach (var e in (float[])[1.5f, 1e20f, 3e38f, float.PositiveInfinity])
        {
            Assert.Equal(0.4, At((p, t) => Losses.Huber(p, t, 0.4), e, 0).Slope, 1e-6);
            Assert.Equal(1, At((p, t) => Losses.SmoothL1(p, t, 0.4), e, 0).Slope);
            Assert.Equal(-1, At((p, t) => Losses.LogCosh(p, t), -e * 10, 0).Slope, 1e-6);
        }
    }

    [Theory]
    [MemberData(nameof(Errors))]
    public void Binary_cross_entropy_of_probabilities(float p)
    {
        double x = p;
        // double.LogP1 is no more than log(1 + x).
        var rest = x > 0.02 ? -Math.Log(1 - x) : x * (1 + x * (1.0 / 2 + x * (1.0 / 3 + x * (1.0 / 4 + x / 5))));
        Near(rest, 1 / (1 - x), At((p, t) => Losses.BinaryCrossEntropy(p, t), p, 0));
        Near(-Math.Log(x), -1 / x, At((p, t) => Losses.BinaryCrossEntropy(p, t), p, 1));
        var q = 1 - p;
        if (q < 1) Near(-Math.Log(1 - (double)q), 1 / (1 - (double)q), At((p, t) => Losses.BinaryCrossEntropy(p, t), q, 0));
    }

    [Theory]
    [MemberData(nameof(Errors))]
    public void Logarithmic_errors_of_nearly_equal_numbers(float e)
    {
        if (e < 1e-6) return;
        float t = 3, p = 3 + e;
        var error = double.LogP1(((double)p - t) / 4);
        Near(error * error, 2 * error / (1 + (double)p), At((a, b) => Losses.MeanSquaredLogarithmicError(a, b), p, t));
        Near(error * error, -2 * error / 4, At((a, b) => Losses.MeanSquaredLogarithmicError(a, b), t, p));
    }

    [Theory]
    [MemberData(nameof(Errors))]
    public void Divergences_of_nearly_equal_distributions(float e)
    {
        double v = e;
        var beyond = v > 0.01 ? Math.Exp(v) - 1 - v : v * v / 2 * (1 + v / 3 + v * v / 12);
        Near(beyond / 2, (Math.Exp(v) > 1 + 1e-5 ? Math.Exp(v) - 1 : v + v * v / 2) / 2, At(
            (x, m) => Losses.GaussianKullbackLeiblerDivergence(m, x), e, 0));

        if (e is < 1e-5f or > 1e-2f) return;
        // Probabilities ½ ± r: Jensen-Shannon's is about ½r²... with its slope in the logarithms.
        var (p, t) = (Tensor.From([1, 2], [0.5f - e, 0.5f + e]), Tensor.From([1, 2], [0.5f, 0.5f]));
        var exact = Losses.JensenShannonDivergence(p.To(DType.Float64).Log(), t.To(DType.Float64)).Item();
        Assert.Equal(1, Losses.JensenShannonDivergence(p.Log(), t).Item() / exact, 0.05 * 1e-5 / e + 1e-3);
        Assert.Equal(1, exact / (v * v / 2), 0.01);
    }

    [Theory]
    [MemberData(nameof(Errors))]
    public void Regions_and_boxes_that_nearly_agree(float e)
    {
        if (e < 1e-7) return;
        var p = 1 - e;
        double lacking = 1 - (double)p;
        foreach (var value in (double[])[
            Losses.Tversky(Tensor.Full([1, 1, 1], p), Tensor.Ones([1, 1, 1])).Item() / (0.7 * lacking / (2 - 0.3 * lacking)),
            Losses.Dice(Tensor.Full([1, 1, 1], p), Tensor.Ones([1, 1, 1])).Item() / (lacking / (3 - lacking)),
            Losses.Dice(Tensor.Full([1, 1, 1], p), Tensor.Ones([1, 1, 1]), squared: true).Item()
                / (lacking * lacking / (1 + 1 + p * (double)p))])
            Assert.Equal(1, value, 2e-6);
        double right = (float)(10 + e) - 10.0;
        if (right == 0) return;
        var box = Leaf(Tensor.From([1, 4], [0f, 0, 10 + e, 10]));
        var loss = Losses.IntersectionOverUnion(box, Tensor.From([1, 4], [0f, 0, 10, 10]));
        Assert.Equal(1, loss.Item() / ((right * 10 + 1e-7) / (100 + right * 10 + 1e-7)), 1e-5);     // with epsilon
    }

    [Theory]
    [MemberData(nameof(Errors))]
    public void Cosines_of_small_angles(float e)
    {
        if (e < 1e-3) return;
        double x = e;
        var (a, b) = (Leaf(Tensor.From([1, 2], [1f, 0])), Tensor.From([1, 2], [1f, e]));
        var loss = Losses.CosineEmbedding(a, b, Tensor.Ones([1]));
        Assert.Equal(1, loss.Item() / (1 - 1 / Math.Sqrt(1 + x * x)), 1e-5);
    }
}
