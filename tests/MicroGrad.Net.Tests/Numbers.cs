namespace MicroGrad.Net.Tests;

/// <summary>Short ways to write tensors and to look at their numbers.</summary>
static class Numbers
{
    public static Tensor Vector(params double[] values) => Tensor.From([values.Length], values);

    public static Tensor Leaf(Shape shape, params double[] values) => Leaf(Tensor.From(shape, values));

    public static Tensor Leaf(double value) => Leaf(Tensor.Scalar(value, DType.Float64));

    public static Tensor Leaf(Tensor tensor)
    {
        tensor.RequiresGrad = true;
        return tensor;
    }

    public static Parameter Named(string name, Shape shape, params double[] values) =>
        new(Tensor.From(shape, values)) { Name = name };

    /// <summary>The numbers and the shape at once.</summary>
    public static void Equal(Shape shape, double[] expected, Tensor? actual)
    {
        Assert.NotNull(actual);
        Assert.Equal(shape, actual.Shape);
        Assert.Equal(expected, actual.ToDoubles());
    }

    public static void Close(double[] expected, Tensor? actual, double tolerance = 1e-12)
    {
        Assert.NotNull(actual);
        var values = actual.ToDoubles();
        Assert.Equal(expected.Length, values.Length);
        for (var i = 0; i < expected.Length; i++)
            Assert.True(Math.Abs(expected[i] - values[i]) <= tolerance * Math.Max(1, Math.Abs(expected[i])),
                $"element {i}: {values[i]:g17} instead of {expected[i]:g17}");
    }

    /// <summary>Every bit of two tensors.</summary>
    public static void SameBits(Tensor expected, Tensor actual)
    {
        Assert.Equal(expected.Shape, actual.Shape);
        Assert.Equal(expected.DType, actual.DType);
        Assert.Equal(Bits(expected), Bits(actual));
    }

    public static long[] Bits(Tensor tensor) => Array.ConvertAll(tensor.ToDoubles(), BitConverter.DoubleToInt64Bits);

    /// <summary>The message of the exception that a call must throw.</summary>
    public static string Message<TException>(Func<object?> call) where TException : Exception =>
        Assert.Throws<TException>(() => { call(); }).Message;
}
