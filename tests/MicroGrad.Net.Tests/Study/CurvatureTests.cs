using MathNet.Numerics.LinearAlgebra;

namespace MicroGrad.Net.Tests.Study;

[Properties(Arbitrary = [typeof(Arbitraries)])]
public sealed class CurvatureTests
{
    static double[] Eigenvalues(Matrix<double> matrix) =>
        [.. matrix.Evd(Symmetricity.Symmetric).EigenValues.Select(value => value.Real).OrderDescending()];

    static void Close(double[] expected, double[] actual, double tolerance)
    {
        Assert.Equal(expected.Length, actual.Length);
        var scale = expected.Max(Math.Abs);
        foreach (var (one, other) in expected.Zip(actual))
            Assert.True(Math.Abs(one - other) <= tolerance * scale, $"{other:g17} instead of {one:g17}");
    }

    [Property(MaxTest = 100)]
    public void The_largest_eigenvalues_of_random_matrices_are_MathNets(Seed seed)
    {
        var rng = seed.Rng();
        var size = 1 + rng.Next(40);
        var half = Matrix<double>.Build.Dense(size, size, (_, _) => rng.Normal());
        var matrix = half + half.Transpose();
        var count = 1 + rng.Next(Math.Min(size, 6));
        var (values, _) = Curvature.Lanczos(v => matrix * v, size, count, 1e-9, size, rng);
        Close(Eigenvalues(matrix)[..count], values, 1e-7);
    }

    [Fact]
    public void Where_the_space_closes_it_goes_on_beside_it()
    {
        // One eigenvalue of each group is in the space of a single start; all steps together find the copies too.
        var diagonal = Matrix<double>.Build.DenseOfDiagonalArray([3.0, 3, 3, 1, 1, 0, 0, -2]);
        var (values, steps) = Curvature.Lanczos(v => diagonal * v, 8, 8, 1e-9, 8, new Rng(1));
        Close([3, 3, 3, 1, 1, 0, 0, -2], values, 1e-12);
        Assert.Equal(8, steps);
        Close([0, 0], Curvature.LargestEigenvalues(() => Zero.Sum() * 0, [Zero], count: 5), 1);
    }

    static Parameter Zero => Numbers.Named("zero", [2], 0, 0);

    [Fact]
    public void Few_products_suffice_for_few_eigenvalues()
    {
        var matrix = Matrix<double>.Build.DenseOfDiagonalArray([.. Enumerable.Range(1, 300).Select(i => (double)i * i)]);
        var (values, steps) = Curvature.Lanczos(v => matrix * v, 300, 2, 1e-6, 300, new Rng(1));
        Close([90000, 299.0 * 299], values, 1e-6);
        Assert.InRange(steps, 3, 100);
    }

    [Property(MaxTest = 10)]
    public void Those_of_a_network_are_those_of_its_full_Hessian(Seed seed)
    {
        var rng = seed.Rng();
        var (x, y) = (Tensor.Normal([20, 2], 0, 1, rng, DType.Float64), Tensor.Normal([20, 1], 0, 1, rng, DType.Float64));
        var model = new Sequential(new Linear(2, 5, rng: rng), new Tanh(), new Linear(5, 1, rng: rng)).To(DType.Float64);
        Tensor Loss() => Losses.MeanSquaredError(model.Forward(x), y);
        var expected = Eigenvalues(Derivatives.Hessian(Loss, model.Parameters()).ToMatrix());
        Close(expected[..3], Curvature.LargestEigenvalues(Loss, model.Parameters(), count: 3), 1e-6);
        Close(expected, Curvature.LargestEigenvalues(Loss, model.Parameters(), count: 100), 1e-8);

        model.To(DType.Float32);
        Tensor Single() => Losses.MeanSquaredError(model.Forward(x.To(DType.Float32)), y.To(DType.Float32));
        Close(expected[..1], Curvature.LargestEigenvalues(Single, model.Parameters(), tolerance: 1e-5), 1e-4);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.5)]
    [InlineData(0.9)]
    public void A_quadratic_diverges_just_above_the_rate_and_converges_just_below(double momentum)
    {
        static double After(double share, double momentum)
        {
            var w = Numbers.Named("w", [3], 1, 1, 1);
            var bend = Numbers.Vector(0.5, 4, 40);
            Tensor Loss() => (w.Square() * bend).Sum() / 2;
            var rate = Curvature.LargestStableRate(Loss, [w], momentum);
            Assert.Equal(2 * (1 + momentum) / 40, rate, 1e-7);
            var optimizer = new Sgd([w], share * rate, momentum);
            for (var step = 0; step < 3000; step++)
            {
                optimizer.ZeroGrad();
                Loss().Backward();
                optimizer.Step();
            }
            return Loss().Item();
        }
        Assert.InRange(After(0.99, momentum), 0, 1e-6);
        Assert.True(After(1.01, momentum) is > 1e6 or double.NaN);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.7)]
    public void A_network_leaves_its_minimum_just_above_the_rate_and_stays_just_below(double momentum)
    {
        var rng = new Rng(5);
        var (x, noise) = (Tensor.Uniform([30, 1], -2, 2, rng, DType.Float64), Tensor.Normal([30, 1], 0, 0.2, rng, DType.Float64));
        var y = (2 * x).Sin() + noise;
        var model = new Sequential(new Linear(1, 4, rng: rng), new Tanh(), new Linear(4, 1, rng: rng)).To(DType.Float64);
        var parameters = model.Parameters();
        Tensor Loss() => Losses.MeanSquaredError(model.Forward(x), y);
        var descent = new Lbfgs(parameters, lineSearch: true);
        for (var i = 0; i < 100; i++) descent.Step(Loss);

        var (start, least) = (parameters.Select(parameter => parameter.Keep()).ToArray(), Loss().Item());
        var rate = Curvature.LargestStableRate(Loss, parameters, momentum);
        Assert.InRange(rate, 0.001, 10);

        double Growth(double share)
        {
            // From a little beside the minimum: how much further above it than at the start the loss ever comes.
            var (beside, highest) = (new Rng(1), 0.0);
            foreach (var (parameter, values) in parameters.Zip(start))
                parameter.Assign(values + Tensor.Normal(values.Shape, 0, 1e-5, beside, DType.Float64));
            var first = Loss().Item() - least;
            var optimizer = new Sgd(parameters, share * rate, momentum);
            for (var step = 0; step < 600; step++)
            {
                optimizer.ZeroGrad();
                var loss = Loss();
                loss.Backward();
                optimizer.Step();
                highest = Math.Max(highest, loss.Item() - least);
            }
            return highest / first;
        }
        Assert.InRange(Growth(0.95), 0, 10);
        Assert.True(Growth(1.05) > 1000);
    }

    [Fact]
    public void Where_nothing_bends_upwards_no_rate_is_too_large()
    {
        var w = Numbers.Named("w", [2], 1, 2);
        Assert.Equal(double.PositiveInfinity, Curvature.LargestStableRate(() => -w.Square().Sum(), [w]));
        Assert.Equal(-2, Curvature.LargestEigenvalues(() => -w.Square().Sum(), [w])[0], 1e-12);
        Assert.Equal([1, 2], w.ToDoubles());
    }

    [Fact]
    public void What_makes_no_sense_is_refused()
    {
        var w = Numbers.Named("w", [2], 0, 2);
        Assert.Equal("Curvature: there are no parameters.", Numbers.Message<ArgumentException>(() => Curvature.LargestEigenvalues(() => w.Sum(), [])));
        Assert.Equal("Curvature: expects a tensor with one element, but got [2].", Numbers.Message<ShapeException>(() => Curvature.LargestEigenvalues(() => w * 1, [w])));
        Assert.Throws<ArgumentOutOfRangeException>(() => Curvature.LargestStableRate(() => w.Sum(), [w], momentum: 1));
        Assert.Contains("not finite", Numbers.Message<NonFiniteException>(() => Curvature.LargestEigenvalues(() => w.Sqrt().Sum(), [w])), StringComparison.Ordinal);
    }
}
