using MathNet.Numerics.LinearAlgebra;

namespace MicroGrad.Net;

/// <summary>How much a nonlinearity asks weights to be enlarged so that signals keep their size.</summary>
public static class Gain
{
    /// <summary>1: linear layers, convolutions, sigmoid.</summary>
    public const double Linear = 1;

    /// <summary>5/3.</summary>
    public const double Tanh = 5.0 / 3;

    /// <summary>√2.</summary>
    public static double Relu { get; } = Math.Sqrt(2);

    /// <summary>¾.</summary>
    public const double Selu = 0.75;

    /// <summary>√(2/(1 + slope²)).</summary>
    public static double LeakyRelu(double slope = 0.01) => Math.Sqrt(2 / (1 + slope * slope));
}

/// <summary>Which number of connections keeps its signals' size: forward through a layer, or gradients backward.</summary>
public enum FanMode
{
    /// <summary>The inputs of each output: keeps the size of activations.</summary>
    In,

    /// <summary>The outputs of each input: keeps the size of gradients.</summary>
    Out,
}

/// <summary>
/// Starting values for weights, with PyTorch's bounds: <c>layer.Weight.Assign(Init.XavierUniform(layer.Weight.Shape))</c>.
/// Shapes are [outputs, inputs, …]; further axes (a convolution's window) multiply both fans.
/// </summary>
public static class Init
{
    /// <summary>Uniform on ±gain·√(3/fan) (He et al., 2015).</summary>
    public static Tensor KaimingUniform(
        Shape shape, double? gain = null, FanMode mode = FanMode.In, Rng? rng = null, DType dtype = DType.Float32) =>
        Symmetric(shape, (gain ?? Gain.Relu) * Math.Sqrt(3.0 / Fan(shape, mode)), rng, dtype);

    /// <summary>Normal with deviation gain/√fan (He et al., 2015).</summary>
    public static Tensor KaimingNormal(
        Shape shape, double? gain = null, FanMode mode = FanMode.In, Rng? rng = null, DType dtype = DType.Float32) =>
        Tensor.Normal(shape, 0, (gain ?? Gain.Relu) / Math.Sqrt(Fan(shape, mode)), rng, dtype);

    /// <summary>Uniform on ±gain·√(6/(fan in + fan out)) (Glorot and Bengio, 2010).</summary>
    public static Tensor XavierUniform(Shape shape, double gain = 1, Rng? rng = null, DType dtype = DType.Float32) =>
        Symmetric(shape, gain * Math.Sqrt(6.0 / (Fan(shape, FanMode.In) + Fan(shape, FanMode.Out))), rng, dtype);

    /// <summary>Normal with deviation gain·√(2/(fan in + fan out)) (Glorot and Bengio, 2010).</summary>
    public static Tensor XavierNormal(Shape shape, double gain = 1, Rng? rng = null, DType dtype = DType.Float32) =>
        Tensor.Normal(shape, 0, gain * Math.Sqrt(2.0 / (Fan(shape, FanMode.In) + Fan(shape, FanMode.Out))), rng, dtype);

    /// <summary>Uniform on [low, high).</summary>
    public static Tensor Uniform(Shape shape, double low, double high, Rng? rng = null, DType dtype = DType.Float32) =>
        Tensor.Uniform(shape, low, high, rng, dtype);

    /// <summary>Normal.</summary>
    public static Tensor Normal(
        Shape shape, double mean = 0, double deviation = 1, Rng? rng = null, DType dtype = DType.Float32) =>
        Tensor.Normal(shape, mean, deviation, rng, dtype);

    /// <summary>Zeros.</summary>
    public static Tensor Zeros(Shape shape, DType dtype = DType.Float32) => Tensor.Zeros(shape, dtype);

    /// <summary>
    /// A matrix with orthonormal rows or columns, whichever are fewer, times the gain (Saxe et al., 2014): the Q of a
    /// random normal matrix. Axes after the first count as columns.
    /// </summary>
    /// <exception cref="ShapeException">Fewer than two axes.</exception>
    public static Tensor Orthogonal(Shape shape, double gain = 1, Rng? rng = null, DType dtype = DType.Float32)
    {
        if (shape.Rank < 2) Throw.Shapes("orthogonal", $"expects [outputs, inputs, ...], but got {shape}.");
        rng ??= Rng.Default;
        var (rows, columns) = (shape[0], shape[0] == 0 ? 0 : shape.Length / shape[0]);
        if (shape.Length == 0) return Tensor.Zeros(shape, dtype);
        var q = Orthonormal(rows, columns, gain, rng);
        return Tensor.From(shape, q.ToRowMajorArray()).To(dtype);
    }

    static Matrix<double> Orthonormal(int rows, int columns, double gain, Rng rng)
    {
        var tall = Matrix<double>.Build.Dense(Math.Max(rows, columns), Math.Min(rows, columns), (_, _) => rng.Normal());
        var qr = tall.QR(MathNet.Numerics.LinearAlgebra.Factorization.QRMethod.Thin);
        // The signs of R's diagonal, without which Q would favour some rotations (Mezzadri, 2007).
        var q = qr.Q * Matrix<double>.Build.DenseOfDiagonalVector(qr.R.Diagonal().Map(d => d < 0 ? -gain : gain));
        return rows < columns ? q.Transpose() : q;
    }

    static Tensor Symmetric(Shape shape, double bound, Rng? rng, DType dtype) => Tensor.Uniform(shape, -bound, bound, rng, dtype);

    static long Fan(Shape shape, FanMode mode)
    {
        if (shape.Rank < 2) Throw.Shapes("init", $"fans need [outputs, inputs, ...], but got {shape}.");
        return Math.Max(1, shape[mode == FanMode.In ? 1 : 0] * (long)Shape.Of(shape.Sizes[2..]).Length);    // 0: nothing to draw
    }
}
