namespace MicroGrad.Net.Tests.Proof;

/// <summary>
/// Conversion between number types has no row: numerical differentiation sees the steps of Float32. The gradient is
/// the seed, converted; with seeds that are numbers of both types, exactly.
/// </summary>
public class GradientConversionTests
{
    [Theory]
    [InlineData(DType.Float32, DType.Float64)]
    [InlineData(DType.Float64, DType.Float32)]
    public void The_gradient_of_a_conversion_is_converted_back(DType from, DType to)
    {
        var x = Tensor.From([3], [1.5, -2, 0.1]).To(from);
        x.RequiresGrad = true;
        double[] weights = [0.5, -4, 3];
        var gradient = Gradients.Of(x.To(to), [x], seed: Tensor.From([3], weights).To(to))[0];
        Assert.Equal(from, gradient.DType);
        Assert.Equal(weights, gradient.ToDoubles());
    }

    [Theory]
    [InlineData(DType.Float32, DType.Float64)]
    [InlineData(DType.Float64, DType.Float32)]
    public void The_gradient_of_the_gradient_goes_through_conversions(DType from, DType to)
    {
        // (x²)² by way of the other type: 12 x² at small whole numbers, exact in both.
        var x = Tensor.From([3], [1.0, -2, 3]).To(from);
        x.RequiresGrad = true;
        var y = x.Square().To(to).Square().Sum();
        var first = Gradients.Of(y, [x], createGraph: true)[0];
        Assert.Equal([4.0, -32, 108], first.ToDoubles());
        var second = Gradients.Of(first.Sum(), [x])[0];
        Assert.Equal(from, second.DType);
        Assert.Equal([12.0, 48, 108], second.ToDoubles());
    }
}
