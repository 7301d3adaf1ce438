using static MicroGrad.Net.Tests.Numbers;

namespace MicroGrad.Net.Tests;

/// <summary>Images of other sizes.</summary>
public sealed class ImageOpTests
{
    static readonly Tensor Small = Tensor.From([[[[1, 2], [3, 4]]]], DType.Float64);

    [Fact]
    public void Bilinear_sizes_are_PyTorchs()
    {
        // From the documentation of PyTorch's Upsample.
        Close([1, 1.25, 1.75, 2, 1.5, 1.75, 2.25, 2.5, 2.5, 2.75, 3.25, 3.5, 3, 3.25, 3.75, 4], Small.UpsampleBilinear(2));
        Close([1, 4 / 3.0, 5 / 3.0, 2, 5 / 3.0, 2, 7 / 3.0, 8 / 3.0, 7 / 3.0, 8 / 3.0, 3, 10 / 3.0, 3, 10 / 3.0, 11 / 3.0, 4],
            Small.UpsampleBilinear(2, alignCorners: true));
        Assert.Equal([1, 1, 4, 6], Small.UpsampleBilinear((2, 3)).Shape);
    }

    [Fact]
    public void Bilinear_resizing_follows_its_formula()
    {
        var x = Tensor.Normal([2, 3, 5, 4], rng: new Rng(1), dtype: DType.Float64);
        foreach (var aligned in (bool[])[false, true])
            foreach (var (height, width) in ((int, int)[])[(5, 4), (1, 1), (2, 3), (9, 4), (5, 11), (13, 1)])
            {
                var expected = new List<double>();
                for (var plane = 0; plane < 6; plane++)
                    for (var i = 0; i < height; i++)
                        for (var j = 0; j < width; j++)
                        {
                            var (r, c) = (Place(i, 5, height), Place(j, 4, width));
                            var (r0, c0) = ((int)Math.Floor(r), (int)Math.Floor(c));
                            double Pixel(int row, int column) => x.ToDoubles()[plane * 20 + Math.Min(row, 4) * 4 + Math.Min(column, 3)];
                            expected.Add((1 - r + r0) * ((1 - c + c0) * Pixel(r0, c0) + (c - c0) * Pixel(r0, c0 + 1))
                                + (r - r0) * ((1 - c + c0) * Pixel(r0 + 1, c0) + (c - c0) * Pixel(r0 + 1, c0 + 1)));
                        }
                var resized = x.ResizeBilinear((height, width), aligned);
                Assert.Equal([2, 3, height, width], resized.Shape);
                Close([.. expected], resized);

                double Place(int at, int size, int count) => aligned ? (count == 1 ? 0 : at * (size - 1.0) / (count - 1))
                    : Math.Max(0, (at + 0.5) * size / count - 0.5);
            }
    }

    [Fact]
    public void Shuffled_pixels_come_from_the_channels_of_their_block()
    {
        var x = Tensor.Arange(2 * 8 * 3 * 2).Reshape(2, 8, 3, 2);
        var y = x.PixelShuffle(2);
        Assert.Equal([2, 2, 6, 4], y.Shape);
        for (var n = 0; n < 2; n++)
            for (var c = 0; c < 2; c++)
                for (var i = 0; i < 6; i++)
                    for (var j = 0; j < 4; j++)
                        Assert.Equal(x[n, c * 4 + i % 2 * 2 + j % 2, i / 2, j / 2].Item(), y[n, c, i, j].Item());
        SameBits(x, y.PixelUnshuffle(2));
        SameBits(x, x.PixelShuffle(1));
        Equal([0, 2, 4, 4], [], Tensor.Zeros([0, 8, 2, 2]).PixelShuffle(2));
        Equal([1, 0, 4, 4], [], Tensor.Zeros([1, 0, 2, 2]).PixelShuffle(2));
        Equal([1, 4, 0, 1], [], Tensor.Zeros([1, 1, 0, 2]).PixelUnshuffle(2));
    }

    [Fact]
    public void The_largest_of_each_part_wins_and_NaN_does()
    {
        var x = Leaf(Tensor.From([[[[1, 5, 2], [7, 3, 7], [0, double.NaN, 4]]]], DType.Float64));
        var y = x.AdaptiveMaxPool2D((2, 3));
        Equal([1, 1, 2, 3], [7, 5, 7, 7, double.NaN, 7], y);
        y[.., .., 0].Sum().Backward();
        Equal([1, 1, 3, 3], [0, 1, 0, 1, 0, 1, 0, 0, 0], x.Grad);
        Equal([1, 1, 1, 1], [2], Tensor.From([[[[2, 2], [2, 1]]]]).AdaptiveMaxPool2D(1));
        Equal([1, 1, 3, 1], [2, 3, 3], Tensor.From([[[[2], [3]]]]).AdaptiveMaxPool2D((3, 1)));
    }

    [Fact]
    public void What_does_not_fit_is_named()
    {
        var x = Tensor.Zeros([1, 6, 3, 4]);
        Assert.Equal("pixel shuffle: the 6 channels of [1, 6, 3, 4] are no multiple of 2².", Message<ShapeException>(() => x.PixelShuffle(2)));
        Assert.Equal("pixel unshuffle: height and width of [1, 6, 3, 4] are no multiples of 2.", Message<ShapeException>(() => x.PixelUnshuffle(2)));
        Assert.Equal("resize: expects [n, channels, height, width], but got [6, 3, 4].", Message<ShapeException>(() => x[0].ResizeBilinear(2)));
        Assert.Equal("resize: output is 0, but must be positive.", Message<ArgumentOutOfRangeException>(() => x.ResizeBilinear((0, 2))));
        Assert.Equal("upsample: scale is -1, but must be positive.", Message<ArgumentOutOfRangeException>(() => x.UpsampleBilinear(-1)));
        Assert.Throws<ShapeException>(() => Tensor.Zeros([1, 1, 0, 2]).ResizeBilinear(2));
        Assert.Throws<ArgumentOutOfRangeException>(() => x.AdaptiveMaxPool2D(0));
    }
}
