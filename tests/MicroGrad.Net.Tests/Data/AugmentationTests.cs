namespace MicroGrad.Net.Tests;

public class AugmentationTests
{
    static Tensor Images(int count = 6, int channels = 2, int height = 9, int width = 7) =>
        Tensor.Uniform([count, channels, height, width], rng: new Rng(1));

    static Tensor Image(int height, int width, params float[] pixels) => Tensor.From([1, 1, height, width], pixels);

    static void AssertNear(float[] expected, Tensor image) =>
        Assert.Equal(expected, image.ToArray<float>(), (a, b) => Math.Abs(a - b) < 1e-6);

    public static TheoryData<string, Augmentation> All => new()
    {
        { "shift", new Augmentation().Shift(3) },
        { "rotate", new Augmentation().Rotate(180) },
        { "scale", new Augmentation().Scale(0.3, 3) },
        { "elastic", new Augmentation().Elastic(2, 3) },
        { "noise", new Augmentation().Noise(2) },
        { "cutout", new Augmentation().Cutout(5) },
        { "all", new Augmentation().Shift(2).Rotate(20).Scale(0.8, 1.2).Elastic(1).Noise(0.2).Cutout(4).Rotate(5) },
        { "far", new Augmentation().Shift((1e15, 1e15), (-1e300, -1e300)) },
    };

    [Theory, MemberData(nameof(All))]
    public void Shape_and_range_stay_and_a_seed_repeats(string name, Augmentation augmentation)
    {
        var images = Images();
        var before = images.ToArray<float>();
        var (once, again) = (augmentation.Apply(images, new Rng(5)), augmentation.Apply(images, new Rng(5)));
        Assert.Equal(images.Shape, once.Shape);
        Assert.All(once.ToArray<float>(), pixel => Assert.InRange(pixel, 0f, 1f));
        Assert.Equal(once.ToArray<float>(), again.ToArray<float>());
        Assert.Equal(before, images.ToArray<float>());
        Assert.NotEqual(before, once.ToArray<float>());
        if (name != "far") Assert.NotEqual(once.ToArray<float>(), augmentation.Apply(images, new Rng(6)).ToArray<float>());
    }

    [Fact]
    public void Settings_that_ask_for_nothing_change_no_bit()
    {
        var images = Tensor.Concat([Images(), Tensor.Full([1, 2, 9, 7], double.NaN), Tensor.Full([1, 2, 9, 7], -0.0)]);
        var nothing = new Augmentation().Shift(0).Rotate(0).Scale(1, 1).Elastic(0).Noise(0).Cutout(0);
        foreach (var augmentation in new[] { new Augmentation(), nothing, nothing.Then(nothing) })
            Assert.Equal(Bits(images), Bits(augmentation.Apply(images, new Rng(1))));

        static int[] Bits(Tensor tensor) => Array.ConvertAll(tensor.ToArray<float>(), BitConverter.SingleToInt32Bits);
    }

    [Fact]
    public void Whole_pixels_shift_to_the_right_and_down()
    {
        var image = Image(2, 3, 1, 2, 3, 4, 5, 6);
        var wide = new Augmentation(0, 6, background: 0.5);
        AssertNear([0.5f, 1, 2, 0.5f, 4, 5], wide.Shift((1, 1), (0, 0)).Apply(image));
        AssertNear([0.5f, 0.5f, 0.5f, 1, 2, 3], wide.Shift((0, 0), (1, 1)).Apply(image));
        AssertNear([5, 6, 0.5f, 0.5f, 0.5f, 0.5f], wide.Shift((-1, -1), (-1, -1)).Apply(image));
        AssertNear([0.75f, 1.5f, 2.5f, 2.25f, 4.5f, 5.5f], wide.Shift((0.5, 0.5), (0, 0)).Apply(image));
    }

    [Fact]
    public void Quarter_turns_are_counter_clockwise()
    {
        var image = Image(3, 3, 1, 2, 3, 4, 5, 6, 7, 8, 9);
        AssertNear([3, 6, 9, 2, 5, 8, 1, 4, 7], new Augmentation(0, 9).Rotate(90, 90).Apply(image));
        AssertNear([9, 8, 7, 6, 5, 4, 3, 2, 1], new Augmentation(0, 9).Rotate(180, 180).Apply(image));
        AssertNear([7, 4, 1, 8, 5, 2, 9, 6, 3], new Augmentation(0, 9).Rotate(-90, -90).Apply(image));
        AssertNear([2, 4, 1, 3], new Augmentation(0, 9).Rotate(90, 90).Apply(Image(2, 2, 1, 2, 3, 4)));
    }

    [Fact]
    public void Scaling_enlarges_about_the_centre()
    {
        var image = Image(1, 5, 0, 1, 2, 3, 4);
        AssertNear([1, 1.5f, 2, 2.5f, 3], new Augmentation(0, 4).Scale(2, 2).Apply(image));
        AssertNear([0, 0, 2, 4, 0], new Augmentation(0, 4).Scale(0.5, 0.5).Apply(image));
    }

    [Fact]
    public void Changes_follow_each_other_in_the_order_given()
    {
        var image = Image(3, 3, 1, 2, 3, 4, 5, 6, 7, 8, 9);
        // Turned: 3 6 9 / 2 5 8 / 1 4 7; then moved right.
        AssertNear([0, 3, 6, 0, 2, 5, 0, 1, 4], new Augmentation(0, 9).Rotate(90, 90).Shift((1, 1), (0, 0)).Apply(image));
        // Moved right: 0 1 2 / 0 4 5 / 0 7 8; then turned.
        AssertNear([2, 5, 8, 1, 4, 7, 0, 0, 0], new Augmentation(0, 9).Shift((1, 1), (0, 0)).Rotate(90, 90).Apply(image));
        AssertNear([2, 5, 8, 1, 4, 7, 0, 0, 0],
            new Augmentation(0, 9).Shift((1, 1), (0, 0)).Then(new Augmentation().Rotate(90, 90)).Apply(image));
    }

    [Fact]
    public void Elastic_movements_have_the_deviation_asked_for_and_channels_move_alike()
    {
        // A slope shows where a pixel came from: its value is its column.
        var slope = Enumerable.Range(0, 40 * 40).Select(i => (float)(i % 40)).ToArray();
        double squares = 0;
        var count = 0;
        var rng = new Rng(1);
        for (var trial = 0; trial < 40; trial++)
        {
            var image = Tensor.From([1, 2, 40, 40], [.. slope, .. slope]);
            var bent = new Augmentation(-100, 100).Elastic(1.0, spacing: 5).Apply(image, rng).ToArray<float>();
            Assert.Equal(bent[..1600], bent[1600..]);
            for (var i = 0; i < 1600; i++)
                if (i % 40 is >= 8 and < 32 && i / 40 is >= 8 and < 32)
                {
                    squares += Math.Pow(bent[i] - slope[i], 2);
                    count++;
                }
        }
        // Deviations are uniform from 0 to 1, their mean square is 1/3.
        Assert.InRange(Math.Sqrt(squares / count), 0.4, 0.75);
    }

    [Fact]
    public void Noise_has_the_deviation_asked_for()
    {
        var gray = Tensor.Full([4, 1, 50, 50], 0.5);
        var noisy = new Augmentation(-10, 10).Noise(0.2, 0.2).Apply(gray, new Rng(1));
        Assert.InRange(noisy.StandardDeviation().Item(), 0.19, 0.21);
        Assert.InRange(noisy.Mean().Item(), 0.49, 0.51);
    }

    [Fact]
    public void A_cutout_is_a_square_of_background_in_all_channels()
    {
        var cut = new Augmentation(0, 1, background: 0.25).Cutout(3, 3).Apply(Tensor.Ones([200, 2, 8, 8]), new Rng(1));
        var seen = new HashSet<int>();
        for (var image = 0; image < 200; image++)
        {
            var pixels = cut[image].ToArray<float>();
            Assert.Equal(pixels[..64], pixels[64..]);
            var hidden = Enumerable.Range(0, 64).Where(i => pixels[i] == 0.25f).ToArray();
            var (rows, columns) = (hidden.Select(i => i / 8).Distinct().Count(), hidden.Select(i => i % 8).Distinct().Count());
            Assert.InRange(rows, 2, 3);
            Assert.InRange(columns, 2, 3);
            Assert.Equal(rows * columns, hidden.Length);
            seen.UnionWith(hidden);
        }
        Assert.Equal(64, seen.Count);
    }

    [Fact]
    public void Bad_arguments_are_named()
    {
        Assert.Contains("augmentation: expects images [n, c, h, w], but got [3, 28]",
            Assert.Throws<ShapeException>(() => new Augmentation().Apply(Tensor.Zeros([3, 28]))).Message);
        Assert.Throws<DTypeException>(() => new Augmentation().Apply(Tensor.Zeros([1, 1, 2, 2], DType.Float64)));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Augmentation(1, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Augmentation(0, 1, background: 2));
        Assert.Contains("scale", Assert.Throws<ArgumentOutOfRangeException>(() => new Augmentation().Scale(0, 1)).Message);
        Assert.Throws<ArgumentOutOfRangeException>(() => new Augmentation().Scale(2, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Augmentation().Rotate(double.NaN));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Augmentation().Shift(double.PositiveInfinity));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Augmentation().Noise(-1, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Augmentation().Cutout(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Augmentation().Elastic(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Augmentation().Elastic(1, 0));
        Assert.Equal(Shape.Of(0, 1, 4, 4), new Augmentation().Noise(1).Apply(Tensor.Zeros([0, 1, 4, 4])).Shape);
    }
}
