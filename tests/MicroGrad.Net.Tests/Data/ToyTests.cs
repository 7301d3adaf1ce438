namespace MicroGrad.Net.Tests;

public class ToyTests
{
    [Theory]
    [InlineData(2)]
    [InlineData(7)]
    [InlineData(400)]
    public void Moons_without_noise_lie_on_two_half_circles(int count)
    {
        var (x, y) = Toy.Moons(count, noise: 0, new Rng(1));
        Assert.Equal(Shape.Of(count, 2), x.Shape);
        Assert.Equal(Shape.Of(count, 1), y.Shape);
        Assert.Equal((DType.Float32, DType.Float32), (x.DType, y.DType));
        var (points, labels) = (x.ToDoubles(), y.ToDoubles());
        for (var i = 0; i < count; i++)
        {
            var (px, py) = (points[2 * i], points[2 * i + 1]);
            Assert.True(labels[i] is 0 or 1);
            // The upper half of the unit circle; the lower half of that around (1, 1/2).
            if (labels[i] == 1) (px, py) = (1 - px, 0.5 - py);
            Assert.Equal(1, px * px + py * py, 1e-6);
            Assert.True(py > -1e-6);
        }
        Assert.Equal(count / 2, labels.Sum());
    }

    [Fact]
    public void Moons_have_the_points_of_scikit_learn()
    {
        // make_moons(5, shuffle=False): two on the outer half circle by linspace(0, pi, 2), three on the inner one.
        // The larger class is 0 here, so the other way round.
        var (x, y) = Toy.Moons(5, noise: 0, new Rng(3));
        var points = x.ToDoubles();
        var found = y.ToDoubles().Select((label, i) =>
            (label, Math.Round(points[2 * i], 5) + 0.0, Math.Round(points[2 * i + 1], 5) + 0.0)).Order();
        Assert.Equal([(0, -1, 0), (0, 0, 1), (0, 1, 0), (1, 0, 0.5), (1, 2, 0.5)], found);
    }

    [Fact]
    public void Noise_has_the_deviation_asked_for()
    {
        var (x, y) = Toy.Circles(20_000, noise: 0.05, factor: 0, new Rng(2));
        var inner = Enumerable.Range(0, x.Shape[0]).Where(i => y.AsSpan<float>()[i] == 1)
            .Select(i => (double)x.AsSpan<float>()[2 * i]).ToArray();
        Assert.Equal(10_000, inner.Length);
        Assert.Equal(0.05, Math.Sqrt(inner.Average(v => v * v)), 0.002);
    }

    [Fact]
    public void Circles_without_noise_have_radius_one_and_factor()
    {
        var (x, y) = Toy.Circles(101, noise: 0, factor: 0.3, new Rng(1));
        var (points, labels) = (x.ToDoubles(), y.ToDoubles());
        for (var i = 0; i < labels.Length; i++)
            Assert.Equal(labels[i] == 0 ? 1 : 0.3, double.Hypot(points[2 * i], points[2 * i + 1]), 1e-6);
        Assert.Equal(50, labels.Sum());
    }

    [Fact]
    public void Spirals_wind_outwards_with_as_many_points_per_arm()
    {
        var (x, labels) = Toy.Spirals(302, classes: 4, noise: 0, new Rng(1));
        Assert.Equal(Shape.Of(302, 2), x.Shape);
        Assert.Equal([76, 76, 75, 75], labels.CountBy(l => l).OrderBy(c => c.Key).Select(c => c.Value));
        var points = x.ToDoubles();
        for (var i = 0; i < labels.Length; i++)
        {
            var radius = double.Hypot(points[2 * i], points[2 * i + 1]);
            var angle = 2 * Math.PI * labels[i] / 4 + 4 * radius;
            Assert.Equal(radius * Math.Sin(angle), points[2 * i], 1e-5);
            Assert.Equal(radius * Math.Cos(angle), points[2 * i + 1], 1e-5);
            Assert.InRange(radius, 0.01, 1 + 1e-6);
        }
    }

    [Fact]
    public void Blobs_surround_one_centre_per_class()
    {
        var (x, labels) = Toy.Blobs(3000, classes: 3, features: 4, deviation: 0.5, new Rng(5));
        Assert.Equal(Shape.Of(3000, 4), x.Shape);
        for (var label = 0; label < 3; label++)
            for (var feature = 0; feature < 4; feature++)
            {
                var column = Enumerable.Range(0, 3000).Where(i => labels[i] == label)
                    .Select(i => (double)x.AsSpan<float>()[4 * i + feature]).ToArray();
                Assert.Equal(1000, column.Length);
                var mean = column.Average();
                Assert.InRange(mean, -10.1, 10.1);
                Assert.Equal(0.5, Math.Sqrt(column.Average(v => (v - mean) * (v - mean))), 0.05);
            }
    }

    [Fact]
    public void Friedman1_follows_its_formula_and_its_noise()
    {
        var (x, y) = Toy.Friedman1(5000, noise: 0, new Rng(9));
        Assert.Equal(Shape.Of(5000, 10), x.Shape);
        Assert.Equal(Shape.Of(5000, 1), y.Shape);
        var column = Enumerable.Range(0, 5).Select(j => x[.., j..(j + 1)].To(DType.Float64)).ToArray();
        var expected = 10 * (Math.PI * column[0] * column[1]).Sin() + 20 * (column[2] - 0.5).Pow(2)
            + 10 * column[3] + 5 * column[4];
        Assert.True((expected - y.To(DType.Float64)).Abs().Max().Item() < 2e-6 * 30);
        Assert.All(x.ToDoubles(), v => Assert.InRange(v, 0, 1));
        // Friedman's function of uniform inputs has mean 14.4 and variance 23.8, roughly.
        Assert.Equal(14.4, y.Mean().Item(), 0.3);

        var noisy = Toy.Friedman1(5000, noise: 1, new Rng(9)).Y;
        Assert.Equal(1, (noisy - y).StandardDeviation().Item(), 0.05);
    }

    [Fact]
    public void Digits_are_balanced_images_of_ink_on_paper()
    {
        var (images, labels) = Toy.Digits(503, new Rng(4));
        Assert.Equal(Shape.Of(503, 1, 28, 28), images.Shape);
        Assert.Equal(DType.Float32, images.DType);
        Assert.Equal(10, labels.CountBy(l => l).Count());
        Assert.All(labels.CountBy(l => l), count => Assert.InRange(count.Value, 50, 51));
        Assert.InRange(images.Min().Item(), 0, 0.001);
        Assert.InRange(images.Max().Item(), 0.95, 1);
        Assert.False(images.AsSpan<float>().ContainsAny([float.NaN, -0f - float.Epsilon]));
        for (var i = 0; i < 503; i++)
        {
            var image = images.AsSpan<float>().Slice(784 * i, 784).ToArray();
            // MNIST's mean is 0.13; the stroke is there, and it stays off the border.
            Assert.InRange(image.Average(), 0.03, 0.35);
            Assert.InRange(image.Max(), 0.6, 1);
            var border = Enumerable.Range(0, 28).SelectMany(k => new[] { image[k], image[756 + k], image[28 * k] });
            Assert.InRange(border.Average(), 0, 0.15);
        }
    }

    [Fact]
    public void Digits_of_a_class_resemble_each_other_more_than_those_of_other_classes()
    {
        var (train, trainLabels) = Toy.Digits(2000, new Rng(1));
        var (test, testLabels) = Toy.Digits(500, new Rng(2));
        var means = new double[10, 784];
        for (var i = 0; i < 2000; i++)
            for (var p = 0; p < 784; p++) means[trainLabels[i], p] += train.AsSpan<float>()[784 * i + p] / 200;
        var right = Enumerable.Range(0, 500).Count(i =>
        {
            var image = test.AsSpan<float>().Slice(784 * i, 784).ToArray();
            return testLabels[i] == Enumerable.Range(0, 10).MinBy(c => image.Select((v, p) =>
                (v - means[c, p]) * (v - means[c, p])).Sum());
        });
        // Means of classes are a poor classifier: well above chance, well below what a network reaches.
        Assert.InRange(right / 500.0, 0.75, 0.97);
    }

    [Fact]
    public void The_same_seed_gives_the_same_bits_and_another_seed_others()
    {
        Func<Rng, Tensor>[] toys =
        [
            rng => Toy.Moons(50, rng: rng).X, rng => Toy.Circles(50, rng: rng).X, rng => Toy.Spirals(50, rng: rng).X,
            rng => Toy.Blobs(50, rng: rng).X, rng => Toy.Friedman1(50, rng: rng).Y, rng => Toy.Digits(300, rng).Images,
        ];
        foreach (var toy in toys)
        {
            Assert.Equal(toy(new Rng(7)).ToArray<float>(), toy(new Rng(7)).ToArray<float>());
            Assert.NotEqual(toy(new Rng(7)).ToArray<float>(), toy(new Rng(8)).ToArray<float>());
        }
    }

    [Fact]
    public void Digits_do_not_depend_on_the_number_of_threads()
    {
        var threads = Work.Threads;
        try
        {
            Work.Threads = 1;
            var alone = Toy.Digits(500, new Rng(7)).Images.ToArray<float>();
            Work.Threads = 4;
            Assert.Equal(alone, Toy.Digits(500, new Rng(7)).Images.ToArray<float>());
        }
        finally
        {
            Work.Threads = threads;
        }
    }

    [Fact]
    public void Classes_come_in_random_order()
    {
        var labels = Toy.Moons(1000, rng: new Rng(1)).Y.ToDoubles();
        var changes = Enumerable.Range(1, 999).Count(i => labels[i] != labels[i - 1]);
        Assert.InRange(changes, 420, 580);
    }

    [Fact]
    public void Bad_arguments_are_named()
    {
        Assert.Contains("count is 1", Assert.Throws<ArgumentOutOfRangeException>(() => Toy.Moons(1)).Message);
        Assert.Contains("noise is -1", Assert.Throws<ArgumentOutOfRangeException>(() => Toy.Moons(9, -1)).Message);
        Assert.Contains("noise is NaN",
            Assert.Throws<ArgumentOutOfRangeException>(() => Toy.Friedman1(9, double.NaN)).Message);
        Assert.Contains("factor is 1",
            Assert.Throws<ArgumentOutOfRangeException>(() => Toy.Circles(9, factor: 1)).Message);
        Assert.Contains("classes is 1", Assert.Throws<ArgumentOutOfRangeException>(() => Toy.Spirals(9, 1)).Message);
        Assert.Contains("at least 3", Assert.Throws<ArgumentOutOfRangeException>(() => Toy.Spirals(2)).Message);
        Assert.Contains("deviation", Assert.Throws<ArgumentOutOfRangeException>(
            () => Toy.Blobs(9, deviation: -1)).Message);
        Assert.Contains("features", Assert.Throws<ArgumentOutOfRangeException>(
            () => Toy.Blobs(9, features: 0)).Message);
        Assert.Contains("Toy.Digits", Assert.Throws<ArgumentOutOfRangeException>(() => Toy.Digits(0)).Message);
    }
}
