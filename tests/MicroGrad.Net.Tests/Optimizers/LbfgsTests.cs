namespace MicroGrad.Net.Tests.Optimizers;

public class LbfgsTests
{
    [Theory]
    [InlineData(DType.Float64, 2, 20, 1e-5), InlineData(DType.Float64, 10, 40, 1e-5), InlineData(DType.Float32, 2, 20, 1e-2)]
    public void Rosenbrocks_valley_is_walked_to_its_end(DType dtype, int size, int steps, double tolerance)
    {
        var x = new Parameter(Tensor.Full([size], -1.2, dtype));
        var optimizer = new Lbfgs([x], lineSearch: true);
        Tensor Valley()
        {
            var (left, right) = (x[..^1], x[1..]);
            return (100 * (right - left * left).Square() + (1 - left).Square()).Sum();
        }
        var losses = Enumerable.Range(0, steps).Select(_ => optimizer.Step(Valley)).ToArray();
        Assert.All(losses.Zip(losses.Skip(1)), pair => Assert.True(pair.Second <= pair.First, "the loss rose"));
        Assert.All(x.ToDoubles(), value => Assert.Equal(1, value, tolerance));
    }

    [Fact]
    public void A_bowl_takes_hardly_more_changes_than_it_has_dimensions()
    {
        var x = new Parameter(Tensor.From([3], [1.0, -2, 3]));
        var scale = Tensor.From([3], [1.0, 10, 100]);
        var optimizer = new Lbfgs([x], maxIterations: 12, lineSearch: true);
        optimizer.Step(() => (scale * x * x).Sum());
        Assert.All(x.ToDoubles(), value => Assert.Equal(0, value, 1e-4));
    }

    [Fact]
    public void The_line_search_meets_the_strong_Wolfe_conditions()
    {
        foreach (var first in new[] { 1e-3, 0.1, 1, 30 })
        {
            // f(t) = −t/(t² + 2), a function of More and Thuente's; its slope is (t² − 2)/(t² + 2)².
            StrongWolfe.Point At(double t) => new(t, -t / (t * t + 2), [], (t * t - 2) / Math.Pow(t * t + 2, 2));
            var point = StrongWolfe.Search(At, At(0), first, largest: 1, tolerance: 1e-9);
            Assert.True(point.Loss <= 1e-4 * point.Step * -0.5, $"from {first}: no decrease at {point.Step}");
            Assert.True(Math.Abs(point.Slope) <= 0.9 * 0.5, $"from {first}: too steep at {point.Step}");
        }
    }

    [Theory, InlineData(3), InlineData(0.3)]
    public void The_line_search_finds_the_minimum_of_a_cubic_at_once(double first)
    {
        var tried = new List<double>();
        StrongWolfe.Point At(double t)
        {
            tried.Add(t);
            return new(t, t * t * t / 3 - t, [], t * t - 1);
        }
        Assert.Equal(1, StrongWolfe.Search(At, new(0, 0, [], -1), first, largest: 1, tolerance: 1e-9).Step, 12);
        Assert.Equal([first, tried[^1]], tried);
    }

    [Fact]
    public void It_stops_at_an_optimum_and_at_the_limits()
    {
        var x = new Parameter(Tensor.From([1], [0.0]));
        var count = 0;
        Tensor Loss(double at) { count++; return ((x - at) * (x - at)).Sum(); }

        var optimizer = new Lbfgs([x], maxIterations: 50);
        optimizer.Step(() => Loss(0));
        Assert.Equal((1, 0), (count, x.Version));

        count = 0;
        new Lbfgs([x], learningRate: 1e-3, maxIterations: 50, maxEvaluations: 7, changeTolerance: 0).Step(() => Loss(5));
        Assert.Equal(7, count);
    }

    [Fact]
    public void It_wants_the_loss_as_a_function()
    {
        var x = new Parameter(Tensor.Ones([1]));
        Assert.Contains("Step(() => loss)", Assert.Throws<InvalidOperationException>(() => new Lbfgs([x]).Step()).Message);
        var unused = new Parameter(Tensor.Ones([1]));
        Assert.Throws<GradientException>(() => new Lbfgs([x, unused]).Step(() => (x * x).Sum()));
        Assert.Equal(1, x.Item());
        new Lbfgs([x, unused]) { AllowMissingGradients = true }.Step(() => (x * x).Sum());
        Assert.NotEqual(1, x.Item());
        Assert.Equal(1, unused.Item());
        Assert.Throws<ArgumentOutOfRangeException>(() => new Lbfgs([x], historySize: 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Lbfgs([x], maxIterations: 0));
    }
}
