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
    public void A_step_is_that_of_the_formula_at_the_default_rate()
    {
        // f = x²/2 at 4: the first step is min(1, 1/Σ|g|)·(−g) = −1 at a rate of 1; the next, with the curvature known, is exact.
        var x = new Parameter(Tensor.From([1], [4.0]));
        var optimizer = new Lbfgs([x], maxIterations: 1);
        Assert.Equal(1, optimizer.LearningRate);
        optimizer.Step(() => (0.5 * x * x).Sum());
        Assert.Equal(3, x.Item(), 1e-12);
        optimizer.Step(() => (0.5 * x * x).Sum());
        Assert.Equal(0, x.Item(), 1e-12);
    }

    [Fact]
    public void Each_reason_to_stop_is_one_by_itself()
    {
        // Each of them alone ends a step long before its fifty changes; without any all are made.
        int Changes(Func<Parameter, Tensor> loss, double start, int evaluations = 1000, double gradient = 0, double change = 0)
        {
            var (x, count) = (new Parameter(Tensor.From([1], [start])), 0);
            new Lbfgs([x], 0.1, maxIterations: 50, maxEvaluations: evaluations, gradientTolerance: gradient, changeTolerance: change)
                .Step(() => { count++; return loss(x).Sum(); });
            return count;
        }
        static Tensor Bowl(Parameter x) => 0.5 * x * x;
        Assert.Equal(50, Changes(Bowl, 4));
        Assert.Equal(6, Changes(Bowl, 4, evaluations: 6));
        // 4, 3.9, 3.51, 3.159, 2.843.
        Assert.Equal(5, Changes(Bowl, 4, gradient: 3));
        // The first change is 0.1·min(1, 1/4)·4 of the weight, and 0.4 of the loss.
        Assert.Equal(2, Changes(Bowl, 4, change: 0.2));
        // Along a line of slope 0.6 the weight changes by 0.06 each time, the loss by 0.036.
        Assert.Equal(2, Changes(x => 0.6 * x, 40, change: 0.05));
        Assert.Equal(50, Changes(x => 0.6 * x, 40, change: 0.03));
        // Where the loss would fall by less than 0.4² at a rate of 1, nothing is tried.
        Assert.Equal(1, Changes(x => 0.4 * x, 40, change: 0.17));
    }

    [Fact]
    public void Parameters_without_elements_are_left_as_they_are()
    {
        var empty = new Parameter(Tensor.Zeros([0], DType.Float64));
        Assert.Equal(0, new Lbfgs([empty]).Step(() => empty.Sum()));
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
