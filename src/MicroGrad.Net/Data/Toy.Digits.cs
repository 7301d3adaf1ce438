namespace MicroGrad.Net;

public static partial class Toy
{
    /// <summary>The width and height of a drawn digit, as in MNIST.</summary>
    const int DigitSize = 28;

    // Digits drawn by one piece of work; each has its own random numbers, so results do not depend on this.
    const int DigitsPerChunk = 64;

    /// <summary>
    /// Digits as if written by hand: pen strokes in several styles per digit, with random slant, rotation, size,
    /// place, pen width and pressure, unsteady points and pixel noise. A stand-in for MNIST that needs no download and
    /// is about as hard for a small network.
    /// </summary>
    /// <param name="count">The number of digits.</param>
    /// <param name="rng">The source of all variation; <see cref="Rng.Default"/> if null.</param>
    /// <returns>Images [count, 1, 28, 28], 0 for paper to 1 for ink, and labels from 0 to 9, in random order and of
    /// equal number to within one.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="count"/> is not positive.</exception>
    public static (Tensor Images, int[] Labels) Digits(int count, Rng? rng = null)
    {
        Require("Toy.Digits", count, 1, noise: 0);
        rng ??= Rng.Default;
        var (labels, _) = BalancedLabels(count, classes: 10, rng);
        var seeds = Sizes.New<ulong>("Toy.Digits", count);
        for (var i = 0; i < count; i++) seeds[i] = rng.NextBits();
        var images = Tensor.Empty([count, 1, DigitSize, DigitSize], DType.Float32);
        Work.Split(count, DigitsPerChunk, (low, high) =>
        {
            var pen = new DigitPen(DigitSize);
            var pixels = images.Write<float>();
            for (var i = low; i < high; i++)
            {
                const int Area = DigitSize * DigitSize;
                pen.Draw(labels[i], new Rng(seeds[i]), pixels.Slice(i * Area, Area));
            }
        });
        return (images, labels);
    }
}
