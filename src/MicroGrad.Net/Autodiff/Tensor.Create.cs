namespace MicroGrad.Net;

public partial class Tensor
{
    /// <summary>
    /// The numbers as they are written: <c>Tensor.From([1, 2, 3])</c>, <c>Tensor.From([[0.5, 1], [2, 3]])</c>, or an
    /// array such as <c>float[,]</c> or <c>int[][]</c>, whose shape the tensor gets. Of whatever type they are,
    /// they become Float32 unless <paramref name="dtype"/> asks for Float64.
    /// </summary>
    /// <exception cref="ShapeException">Rows are not equally long.</exception>
    /// <exception cref="ArgumentException">An array holds no numbers, or is missing.</exception>
    public static Tensor From(ArrayLike values, DType dtype = DType.Float32)
    {
        var (shape, numbers) = values.Read();
        return From(shape, numbers).To(dtype);
    }

    /// <summary>A tensor of float values in row-major order.</summary>
    /// <exception cref="ShapeException">The shape takes another number of values.</exception>
    public static Tensor From(Shape shape, ReadOnlySpan<float> values) => Copy(shape, values, DType.Float32);

    /// <summary>A tensor of double values in row-major order, in Float64, unlike <see cref="From(ArrayLike, DType)"/>:
    /// training wants <c>.To(DType.Float32)</c>.</summary>
    /// <exception cref="ShapeException">The shape takes another number of values.</exception>
    public static Tensor From(Shape shape, ReadOnlySpan<double> values) => Copy(shape, values, DType.Float64);

    /// <summary>A tensor of one number, without axes.</summary>
    public static Tensor Scalar(double value, DType dtype = DType.Float32) => Full([], value, dtype);

    /// <summary>All zeros.</summary>
    public static Tensor Zeros(Shape shape, DType dtype = DType.Float32) =>
        new(shape, new Storage(shape, dtype, clear: true, Recycler.Current));

    /// <summary>All ones.</summary>
    public static Tensor Ones(Shape shape, DType dtype = DType.Float32) => Full(shape, 1, dtype);

    /// <summary>Every element the same.</summary>
    public static Tensor Full(Shape shape, double value, DType dtype = DType.Float32)
    {
        var result = Empty(shape, dtype);
        if (dtype == DType.Float32) result.Write<float>().Fill((float)value);
        else result.Write<double>().Fill(value);
        return result;
    }

    /// <summary>
    /// Draws from the uniform distribution on [<paramref name="low"/>, <paramref name="high"/>): never high, unless
    /// both are the same.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">A bound is not a finite number of the type, or low is above
    /// high.</exception>
    public static Tensor Uniform(
        Shape shape, double low = 0, double high = 1, Rng? rng = null, DType dtype = DType.Float32)
    {
        rng ??= Rng.Default;
        Rng.RequireRange(low, high);
        if (dtype == DType.Float64) return Generate(shape, dtype, _ => rng.UniformDouble(low, high));
        if (!float.IsFinite((float)low)) Throw.OutOfRange("uniform", nameof(low), low, "a finite Float32");
        if (!float.IsFinite((float)high)) Throw.OutOfRange("uniform", nameof(high), high, "a finite Float32");
        return Generate(shape, dtype, _ => rng.UniformSingle(low, high));
    }

    /// <summary>Draws from the normal distribution.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An argument is not finite, or the deviation negative.</exception>
    public static Tensor Normal(
        Shape shape, double mean = 0, double deviation = 1, Rng? rng = null, DType dtype = DType.Float32)
    {
        rng ??= Rng.Default;
        return Generate(shape, dtype, _ => rng.Normal(mean, deviation));
    }

    /// <summary>0, 1, 2, … : a vector of <paramref name="count"/> elements.</summary>
    public static Tensor Arange(int count, DType dtype = DType.Float32) => Generate([count], dtype, i => i);

    /// <summary><paramref name="start"/>, start + step, … : all values before <paramref name="stop"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="step"/> is zero, or a number is not
    /// finite.</exception>
    /// <exception cref="ShapeException">They are more than fit a tensor.</exception>
    public static Tensor Arange(double start, double stop, double step = 1, DType dtype = DType.Float32)
    {
        if (step == 0 || !double.IsFinite(step)) Throw.OutOfRange("arange", "step", step, "finite and not 0");
        if (!double.IsFinite(start)) Throw.OutOfRange("arange", "start", start, "finite");
        if (!double.IsFinite(stop)) Throw.OutOfRange("arange", "stop", stop, "finite");
        var count = Math.Max(0, Math.Ceiling((stop - start) / step));
        if (count > Sizes.Most)
            Throw.Shapes("arange", string.Create(System.Globalization.CultureInfo.InvariantCulture,
                $"from {start} to {stop} by {step} there are {count} values, more than fit a tensor (2^31 - 2^16)."));
        return Generate([(int)count], dtype, i => start + i * step);
    }

    /// <summary>
    /// <paramref name="count"/> values from <paramref name="start"/> to <paramref name="stop"/>, both included, equally
    /// far apart; of one, start. PyTorch's <c>linspace</c>.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">A number is not finite, or the count negative.</exception>
    public static Tensor Linspace(double start, double stop, int count, DType dtype = DType.Float32)
    {
        if (!double.IsFinite(start)) Throw.OutOfRange("linspace", nameof(start), start, "finite");
        if (!double.IsFinite(stop)) Throw.OutOfRange("linspace", nameof(stop), stop, "finite");
        if (count < 0) Throw.OutOfRange("linspace", nameof(count), count, "at least 0");
        // From both ends, so that these are exact; divided first, as the difference can overflow.
        var (last, step) = (count - 1, stop / Math.Max(1, count - 1) - start / Math.Max(1, count - 1));
        return Generate([count], dtype, i => i <= last / 2 ? start + i * step : stop - (last - i) * step);
    }

    /// <summary>
    /// Labels as rows of zeros with a 1 at the label, [labels, classes]. PyTorch's <c>one_hot</c>.
    /// </summary>
    /// <param name="labels">Numbers of classes, from 0 on.</param>
    /// <param name="classes">How many classes there are.</param>
    /// <param name="dtype">The number type.</param>
    /// <exception cref="ArgumentOutOfRangeException">A label is no class; the message names row and label.</exception>
    public static Tensor OneHot(int[] labels, int classes, DType dtype = DType.Float32)
    {
        if (classes < 0) Throw.OutOfRange("one-hot", nameof(classes), classes, "at least 0");
        for (var row = 0; row < labels.Length; row++)
            if ((uint)labels[row] >= (uint)classes) Throw.LabelOutOfRange("one-hot", row, labels[row], classes);
        var result = Zeros([labels.Length, classes], dtype);
        for (var row = 0; row < labels.Length; row++)
            if (dtype == DType.Float32) result.Write<float>()[row * classes + labels[row]] = 1;
            else result.Write<double>()[row * classes + labels[row]] = 1;
        return result;
    }

    /// <summary>The identity matrix [size, size].</summary>
    public static Tensor Eye(int size, DType dtype = DType.Float32) =>
        Generate([size, size], dtype, i => i / size == i % size ? 1 : 0);

    /// <summary>A tensor for a kernel to fill: its elements are undefined until then.</summary>
    internal static Tensor Empty(Shape shape, DType dtype) =>
        new(shape, new Storage(shape, dtype, clear: false, Recycler.Current));

    static Tensor Generate(Shape shape, DType dtype, Func<int, double> value)
    {
        var result = Empty(shape, dtype);
        if (dtype == DType.Float32)
        {
            var span = result.Write<float>();
            for (var i = 0; i < span.Length; i++) span[i] = (float)value(i);
        }
        else
        {
            var span = result.Write<double>();
            for (var i = 0; i < span.Length; i++) span[i] = value(i);
        }
        return result;
    }

    static Tensor Copy<T>(Shape shape, ReadOnlySpan<T> values, DType dtype) where T : unmanaged
    {
        if (values.Length != shape.Length) Throw.ElementCount("From", shape, values.Length);
        var result = Empty(shape, dtype);
        values.CopyTo(result.Write<T>());
        return result;
    }
}
