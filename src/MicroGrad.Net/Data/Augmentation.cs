namespace MicroGrad.Net;

/// <summary>
/// Random changes of images that leave their meaning, so that a network sees each image in many forms:
/// <c>batches.Augment(new Augmentation().Shift(2).Rotate(10).Scale(0.9, 1.1))</c>. Each image is changed for itself,
/// its channels alike, in the order in which changes are added; successive movements are made in one, so that the image
/// is interpolated (bilinearly) only once. Where a change draws nothing to do, the image keeps its very bits.
/// </summary>
public sealed class Augmentation
{
    readonly ImageChange[] _changes;
    readonly PixelRange _range;

    /// <summary>No change as yet, for pixels in a range, which they do not leave.</summary>
    /// <param name="low">The lowest value of a pixel.</param>
    /// <param name="high">The highest value of a pixel.</param>
    /// <param name="background">What is seen beyond the border, and where something was cut out; by default the
    /// lowest value.</param>
    /// <exception cref="ArgumentOutOfRangeException">The range is empty, or the background outside it.</exception>
    public Augmentation(double low = 0, double high = 1, double? background = null)
        : this([], new(low, high, background ?? low))
    {
        if (!(low < high))
            Throw.OutOfRange(nameof(Augmentation), nameof(high), high, $"more than low, {ColumnStatistics.Text(low)}");
        if (background is { } value && !(value >= low && value <= high))
            Throw.OutOfRange(nameof(Augmentation), nameof(background), value, "from low to high");
    }

    Augmentation(ImageChange[] changes, PixelRange range) => (_changes, _range) = (changes, range);

    /// <summary>Moves by up to so many pixels, each way.</summary>
    public Augmentation Shift(double pixels) => Shift((-pixels, pixels), (-pixels, pixels));

    /// <summary>Moves right by a number of pixels from the range x, and down by one from the range y.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A range is empty or not finite.</exception>
    public Augmentation Shift((double Low, double High) x, (double Low, double High) y) =>
        With(new ShiftChange(Range("shift", x), Range("shift", y)));

    /// <summary>Turns about the centre by up to so many degrees, either way.</summary>
    public Augmentation Rotate(double degrees) => Rotate(-degrees, degrees);

    /// <summary>Turns about the centre, counter-clockwise, by degrees from a range.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The range is empty or not finite.</exception>
    public Augmentation Rotate(double low, double high) => With(new RotateChange(Range("rotate", (low, high))));

    /// <summary>Enlarges about the centre by a factor from a range.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The range is empty or not positive.</exception>
    public Augmentation Scale(double low, double high) => With(new ScaleChange(Range("scale", (low, high), above: 0)));

    /// <summary>
    /// Bends, as an unsteady hand would (after Simard et al., 2003): control points on a grid move by normally
    /// distributed distances, and the pixels between them follow along cubic B-splines.
    /// </summary>
    /// <param name="strength">The largest standard deviation, in pixels, of the movement in x and in y; each image
    /// draws its own from 0 on.</param>
    /// <param name="spacing">The pixels between control points: the larger, the smoother.</param>
    /// <exception cref="ArgumentOutOfRangeException">The strength is negative, or the spacing less than 1.</exception>
    public Augmentation Elastic(double strength, double spacing = 7)
    {
        if (!(spacing >= 1 && double.IsFinite(spacing)))
            Throw.OutOfRange("elastic", nameof(spacing), spacing, "at least 1");
        return With(new ElasticChange(Range("elastic", (0, strength)), spacing));
    }

    /// <summary>Adds normally distributed noise; each image draws its deviation from 0 to the largest.</summary>
    public Augmentation Noise(double deviation) => Noise(0, deviation);

    /// <summary>Adds normally distributed noise; each image draws its deviation from a range.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The range is empty or negative.</exception>
    public Augmentation Noise(double low, double high) =>
        With(new NoiseChange(Range("noise", (low, high), least: 0), _range));

    /// <summary>Hides a square of up to so many pixels' width.</summary>
    public Augmentation Cutout(int size) => Cutout(0, size);

    /// <summary>
    /// Hides a square, its width from a range, about a random pixel (DeVries and Taylor, 2017); what lies beyond the
    /// border hides nothing.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The range is empty or negative.</exception>
    public Augmentation Cutout(int smallest, int largest)
    {
        Range("cutout", (smallest, largest), least: 0);
        if (largest > Sizes.Most) Throw.OutOfRange("cutout", "the end of the range", largest, $"at most {Sizes.Most}");
        return With(new CutoutChange(smallest, largest, _range));
    }

    /// <summary>These changes, and then those of another, with its own range of pixels.</summary>
    public Augmentation Then(Augmentation next) => new([.. _changes, .. next._changes], _range);

    /// <summary>Changes images; what is drawn follows from the state of the generator alone.</summary>
    /// <param name="images">[n, c, h, w], Float32.</param>
    /// <param name="rng">The source of the random numbers; <see cref="Rng.Default"/> if null.</param>
    /// <exception cref="ShapeException">There are not four axes.</exception>
    /// <exception cref="DTypeException">The images are not Float32.</exception>
    public Tensor Apply(Tensor images, Rng? rng = null)
    {
        if (images.Rank != 4) Throw.Shapes("augmentation", $"expects images [n, c, h, w], but got {images.Shape}.");
        rng ??= Rng.Default;
        var size = new ImageSize(images.Shape[1], images.Shape[2], images.Shape[3]);
        var source = images.Read<float>();
        var result = Tensor.Empty(images.Shape, DType.Float32);
        source.CopyTo(result.Write<float>());
        if (size.Length == 0) return result;
        var canvas = new ImageCanvas(size, (float)_range.Background);
        for (var image = 0; image < images.Shape[0]; image++)
        {
            // An image has numbers of its own, so that it does not matter how many another takes.
            var random = new Rng(rng.NextBits());
            var pixels = result.Write<float>().Slice(image * size.Length, size.Length);
            foreach (var change in _changes) change.Apply(canvas, pixels, random);
            canvas.Finish(pixels);
        }
        return result;
    }

    Augmentation With(ImageChange change) => new([.. _changes, change], _range);

    static (double Low, double High) Range(string change, (double Low, double High) range,
        double least = double.NegativeInfinity, double above = double.NegativeInfinity)
    {
        if (!double.IsFinite(range.High) || !(range.High >= range.Low))
            Throw.OutOfRange(change, "the end of the range", range.High,
                $"finite and at least its start, {ColumnStatistics.Text(range.Low)}");
        if (!double.IsFinite(range.Low) || range.Low < least || range.Low <= above)
            Throw.OutOfRange(change, "the start of the range", range.Low,
                above == 0 ? "positive" : least == 0 ? "0 or more" : "finite");
        return range;
    }
}
