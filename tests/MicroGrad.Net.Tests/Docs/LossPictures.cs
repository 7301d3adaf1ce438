namespace MicroGrad.Net.Tests.Docs;

/// <summary>A picture per loss: what one number does to it. A file per family.</summary>
static partial class LossPictures
{
    const string Error = "prediction − target", Logit = "logit", RightLogit = "logit of the right class";

    public static IReadOnlyDictionary<string, LossPicture> All { get; } =
        new[] { Regression, Classification, Ranking, Segmentation, Detection, Sequences, Distributions }
            .SelectMany(family => family).ToDictionary();

    static Tensor Number(double value) => Tensor.Scalar(value, DType.Float64);

    static Tensor Row(params double[] values) => Tensor.From([1, values.Length], values);

    /// <summary>[1, n] of a number that is swept and others that are not.</summary>
    static Tensor Row(Tensor x, params double[] others) => Tensor.Concat([x.Reshape(1, 1), Row(others)], axis: 1);

    /// <summary>A direction in the plane, [1, 2], at an angle in degrees from the first axis.</summary>
    static Tensor Direction(Tensor degrees)
    {
        var angle = (degrees * (Math.PI / 180)).Reshape(1, 1);
        return Tensor.Concat([angle.Cos(), angle.Sin()], axis: 1);
    }

    static Tensor Direction(double degrees) => Direction(Number(degrees));
}
