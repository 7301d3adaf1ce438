namespace MicroGrad.Net;

public static partial class Batches
{
    /// <summary>
    /// Batches of the windows of a series of numbers over time, each with the steps that follow it: window i is
    /// X[i] = series[i·stride .. i·stride + length], and Y[i] = the next <paramref name="horizon"/> steps. X is
    /// [windows, length, features], Y [windows, horizon, features], or [windows, horizon] of one feature alone; of
    /// a series [steps], X is [windows, length, 1] and Y [windows, horizon].
    /// </summary>
    /// <remarks>
    /// Neighbouring windows share steps, so windows must not be divided at random into training and test: the test
    /// would be on steps that were trained on. Cut the series in time, fit a <see cref="Standardizer"/> on the first
    /// part, and make windows of each part: <c>series[..cut]</c> and <c>series[cut..]</c>; or of
    /// <c>series[(cut − length)..]</c>, whose first window predicts the first step after the cut.
    /// </remarks>
    /// <param name="series">[steps] or [steps, features], in order of time.</param>
    /// <param name="length">The steps of a window.</param>
    /// <param name="horizon">The steps to be predicted.</param>
    /// <param name="target">The feature to be predicted; all if null.</param>
    /// <param name="stride">The steps from one window to the next.</param>
    /// <param name="size">The windows of a batch.</param>
    /// <param name="shuffle">Whether each epoch has its own random order.</param>
    /// <param name="dropLast">Whether an incomplete last batch is left out.</param>
    /// <param name="rng">The source of the order; <see cref="Rng.Default"/> if null.</param>
    /// <exception cref="ShapeException">The series is of another rank, or too short for one window.</exception>
    /// <exception cref="ArgumentOutOfRangeException">Length, horizon, stride or size is not positive, the target is no
    /// feature, or the size leaves no batch at all.</exception>
    public static Batches<Tensor, Tensor> OfWindows(Tensor series, int length, int horizon = 1, int? target = null,
        int stride = 1, int size = 64, bool shuffle = true, bool dropLast = false, Rng? rng = null)
    {
        const string Name = "Batches.OfWindows";
        if (series.Rank is not (1 or 2))
            Throw.Shapes(Name, $"expects [steps] or [steps, features], but got {series.Shape}.");
        if (length < 1) Throw.OutOfRange(Name, nameof(length), length, "at least 1");
        if (horizon < 1) Throw.OutOfRange(Name, nameof(horizon), horizon, "at least 1");
        if (stride < 1) Throw.OutOfRange(Name, nameof(stride), stride, "at least 1");
        var (steps, features) = (series.Shape[0], series.Rank == 1 ? 1 : series.Shape[1]);
        if (target is { } one) Throw.IfNoItem(Name, nameof(target), one, features);
        if ((long)length + horizon > steps)
            Throw.Shapes(Name, $"{steps} steps have no window of {length} and {horizon} to follow.");

        var windows = (steps - length - horizon) / stride + 1;
        var data = series.Detach().Reshape(steps, features);
        var wanted = target is { } feature ? data[.., feature] : series.Detach();
        int[] ahead = [.. wanted.Shape.Sizes[1..]];
        return Batches.Of(windows, rows => Steps(data, rows, 0, length, [features]),
            rows => Steps(wanted, rows, length, horizon, ahead), size, shuffle, dropLast, rng: rng);

        Tensor Steps(Tensor from, int[] rows, int first, int count, int[] rest) => from.Select(
            [.. rows.SelectMany(row => Enumerable.Range(row * stride + first, count))])
            .Reshape(Shape.Of([rows.Length, count, .. rest]));
    }
}
