namespace MicroGrad.Net.Tests;

public class StandardizerTests
{
    [Theory]
    [InlineData(DType.Float32, 1e-5)]
    [InlineData(DType.Float64, 1e-12)]
    public void Training_features_get_mean_0_and_deviation_1(DType dtype, double tolerance)
    {
        var x = Tensor.Normal([200, 3], mean: 5, deviation: 3, new Rng(1), dtype);
        var standardizer = Standardizer.Fit(x);
        var z = standardizer.Transform(x);
        Assert.Equal(dtype, z.DType);
        Assert.All(z.Mean(0).ToDoubles(), m => Assert.Equal(0, m, tolerance));
        Assert.All(z.Variance(0, correction: 0).ToDoubles(), v => Assert.Equal(1, v, tolerance));
        Assert.True((standardizer.Inverse(z) - x).Abs().Max().Item() < 20 * tolerance);
    }

    [Fact]
    public void Other_parts_are_measured_by_the_training_part()
    {
        var standardizer = Standardizer.Fit(Tensor.From([4, 1], [1.0, 3, 1, 3]));      // mean 2, deviation 1
        Assert.Equal([8, -2], standardizer.Transform(Tensor.From([2, 1], [10.0, 0])).ToDoubles());
        Assert.Equal((2.0, 1.0), (standardizer.Mean.Item(), standardizer.Deviation.Item()));
    }

    [Fact]
    public void A_constant_feature_becomes_0_everywhere_and_comes_back_as_its_mean()
    {
        // The rounded sum of 0.1s is no multiple of 0.1: a careless deviation is 1e-17, not 0.
        var standardizer = Standardizer.Fit(Tensor.Full([1000, 2], 0.1, DType.Float64));
        var z = standardizer.Transform(Tensor.From([2, 2], [0.1, 7, 0.1, -7]));
        Assert.All(z.ToDoubles(), v => Assert.Equal(0, v));
        Assert.All(standardizer.Inverse(z).ToDoubles(), v => Assert.Equal(0.1, v));
    }

    [Fact]
    public void Bad_input_is_named()
    {
        Assert.Contains("[n, features]", Assert.Throws<ShapeException>(
            () => Standardizer.Fit(Tensor.Zeros([3]))).Message);
        Assert.Throws<ShapeException>(() => Standardizer.Fit(Tensor.Zeros([0, 3])));
        Assert.Equal("Standardizer.Fit: x[1, 0] is NaN.", Assert.Throws<ArgumentException>(
            () => Standardizer.Fit(Tensor.From([2, 2], [1.0, 2, double.NaN, 4]))).Message);
        var standardizer = Standardizer.Fit(Tensor.Zeros([3, 2]));
        Assert.Contains("expects [..., 2]", Assert.Throws<ShapeException>(
            () => standardizer.Transform(Tensor.Zeros([3, 1]))).Message);
        Assert.Throws<ShapeException>(() => standardizer.Inverse(Tensor.Scalar(1)));
    }
}
