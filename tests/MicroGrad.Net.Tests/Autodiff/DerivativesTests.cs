using FsCheck;
using MathNet.Numerics.Differentiation;
using MathNet.Numerics.LinearAlgebra;
using static MicroGrad.Net.Tests.Numbers;

namespace MicroGrad.Net.Tests;

/// <summary>Jacobians and Hessians against each other, MathNet's numerical derivatives and closed forms.</summary>
[Properties(Arbitrary = [typeof(Arbitraries), typeof(DerivativesTests.Place)])]
public sealed class DerivativesTests
{
    /// <summary>A bent function from [n] to [m], of fused and composed ops.</summary>
    static Tensor Curved(Tensor x, Tensor a)
    {
        var y = a.MatMul(x.Reshape(-1, 1)).Reshape(-1);
        return y.Tanh() * y.Square() + y.LogSoftmax(0) * x.Sin().Sum();
    }

    static Tensor Number(Tensor x, Tensor a) => (Curved(x, a) * Curved(x, 0.5 * a).Exp()).Sum();

    /// <summary>A place and the coefficients of a function there; shrinks to one of each.</summary>
    public sealed record Place(int Inputs, int Outputs, int Seed)
    {
        internal (Tensor X, Tensor A, Rng Rng) Draw()
        {
            var rng = new Rng((ulong)Seed);
            return (Tensor.Normal([Inputs], 0, 1, rng, DType.Float64),
                Tensor.Normal([Outputs, Inputs], 0, 0.5, rng, DType.Float64), rng);
        }

        public static Arbitrary<Place> Any { get; } = Arbitraries.Of(n => new Place(n[0], n[1], n[2]),
            place => [place.Inputs, place.Outputs, place.Seed], (1, 5), (1, 5), (0, int.MaxValue - 1));
    }

    static Tensor Like(Tensor x, Rng rng) => Tensor.Normal(x.Shape, 0, 1, rng, DType.Float64);

    [Property(MaxTest = 50)]
    public void The_Jacobian_is_MathNets_numerical_one(Place place)
    {
        var (x, a, _) = place.Draw();
        var derivative = new NumericalDerivative(5, 2) { StepType = StepType.Absolute, StepSize = 1.0 / 1024 };
        var expected = from i in Enumerable.Range(0, a.Shape[0])
                       from j in Enumerable.Range(0, x.Length)
                       select derivative.EvaluatePartialDerivative(at => Curved(Vector(at), a).ToDoubles()[i], x.ToDoubles(), j, 1);
        var jacobian = Derivatives.Jacobian(at => Curved(at, a), x);
        Assert.Equal(Shape.Of(a.Shape[0], x.Length), jacobian.Shape);
        Close([.. expected], jacobian, 1e-7);
    }

    [Property(MaxTest = 50)]
    public void Its_product_with_a_vector_is_the_matrix_times_the_vector(Place place)
    {
        var (x, a, rng) = place.Draw();
        var v = Like(x, rng);
        var expected = Derivatives.Jacobian(at => Curved(at, a), x).ToMatrix() * v.ToVector();
        Close(expected.ToArray(), Derivatives.JacobianVector(at => Curved(at, a), x, v), 1e-10);
    }

    [Property(MaxTest = 50)]
    public void The_Hessian_is_symmetric_and_MathNets_numerical_one(Place place)
    {
        var (x, a, _) = place.Draw();
        var hessian = Derivatives.Hessian(at => Number(at, a), x).ToMatrix();
        var numeric = new NumericalHessian(5, 2).Evaluate(at => Number(Vector(at), a).Item(), x.ToDoubles());
        var scale = 1 + hessian.Enumerate().Max(Math.Abs);
        Assert.True((hessian - hessian.Transpose()).Enumerate().Max(Math.Abs) <= 1e-12 * scale);
        Assert.True((hessian - Matrix<double>.Build.DenseOfArray(numeric)).Enumerate().Max(Math.Abs) <= 1e-4 * scale);
    }

    [Property(MaxTest = 50)]
    public void Its_product_with_a_vector_is_the_Hessian_times_the_vector(Place place)
    {
        var (x, a, rng) = place.Draw();
        var v = Like(x, rng);
        var expected = Derivatives.Hessian(at => Number(at, a), x).ToMatrix() * v.ToVector();
        Close(expected.ToArray(), Derivatives.HessianVector(at => Number(at, a), x, v), 1e-9);
    }

    [Property(MaxTest = 20)]
    public void The_Hessian_of_a_network_is_that_of_its_parameters_in_one_vector(Seed seed)
    {
        var rng = seed.Rng();
        var (x, y) = (Tensor.Normal([4, 2], 0, 1, rng, DType.Float64), Tensor.Normal([4, 1], 0, 1, rng, DType.Float64));
        var model = new Sequential(new Linear(2, 3, rng: rng), new Tanh(), new Linear(3, 1, rng: rng)).To(DType.Float64);
        var parameters = model.Parameters();
        Tensor Loss() => Losses.MeanSquaredError(model.Forward(x), y);
        Tensor Joined(Tensor all)
        {
            var hidden = (x.MatMul(all[..6].Reshape(3, 2), transposeRight: true) + all[6..9]).Tanh();
            return Losses.MeanSquaredError(hidden.MatMul(all[9..12].Reshape(1, 3), transposeRight: true) + all[12..], y);
        }
        var flat = Tensor.Concat([.. parameters.Select(parameter => parameter.Detach().Reshape(-1))]).Keep();
        var hessian = Derivatives.Hessian(Loss, parameters);
        Close(Derivatives.Hessian(Joined, flat).ToDoubles(), hessian, 1e-10);

        Tensor[] vectors = [.. parameters.Select(parameter => Like(parameter, rng))];
        var product = Derivatives.HessianVector(Loss, parameters, vectors);
        Assert.Equal(parameters.Select(parameter => parameter.Shape), product.Select(part => part.Shape));
        var vector = Tensor.Concat([.. vectors.Select(part => part.Reshape(-1))]).ToVector();
        Close((hessian.ToMatrix() * vector).ToArray(), Tensor.Concat([.. product.Select(part => part.Reshape(-1))]), 1e-10);
        Assert.All(parameters, parameter => Assert.Null(parameter.Grad));
    }

    [Fact]
    public void Shapes_are_those_of_output_and_input()
    {
        var x = Tensor.From([2, 1], [2.0, 3]);
        var cube = Derivatives.Hessian(at => at.Pow(3).Sum(), x);
        Equal([2, 1, 2, 1], [12, 0, 0, 18], cube);
        Equal([1, 2, 2, 1], [4, 0, 0, 6], Derivatives.Jacobian(at => at.Square().Transpose(0, 1), x));
        Equal([], [13], Derivatives.JacobianVector(at => at.Square().Sum() / 2, x, x));
        Equal([0, 2, 1], [], Derivatives.Jacobian(at => at[..0].Reshape(0), x));
        Assert.Equal(DType.Float32, Derivatives.Jacobian(at => at * 2, Tensor.Ones([2])).DType);
    }

    [Fact]
    public void What_does_not_depend_on_the_input_has_derivatives_of_zero()
    {
        var (x, c) = (Vector(1, 2), Vector(3, 4));
        Equal([2, 2], [0, 0, 0, 0], Derivatives.Jacobian(_ => c, x));
        Equal([2], [0, 0], Derivatives.JacobianVector(_ => c, x, x));
        Equal([2], [1, 2], Derivatives.JacobianVector(at => at, x, x));
        Equal([2, 2], [0, 0, 0, 0], Derivatives.Hessian(at => (at * c).Sum(), x));
        Equal([2], [0, 0], Derivatives.HessianVector(at => (at * c).Sum(), x, x));
        var (used, unused) = (Named("used", [1], 3), Named("unused", [1], 4));
        Equal([2, 2], [2, 0, 0, 0], Derivatives.Hessian(() => used.Square().Sum(), [used, unused]));
        Equal([1], [0], Derivatives.HessianVector(() => used.Square().Sum(), [used, unused], [Vector(5), Vector(6)])[1]);
    }

    [Fact]
    public void They_work_where_recording_is_off_and_leave_the_input_alone()
    {
        var x = Leaf([2], 1, 2);
        var y = x.Square();
        using (Gradients.Off())
        {
            Equal([2, 2], [2, 0, 0, 4], Derivatives.Jacobian(at => at.Square(), x));
            Equal([2], [6, 24], Derivatives.HessianVector(at => at.Pow(3).Sum(), y.Sqrt(), Vector(1, 2)));
        }
        Assert.Null(x.Grad);
        y.Sum().Backward();
        Equal([2], [2, 4], x.Grad);
    }

    [Fact]
    public void What_does_not_fit_is_refused()
    {
        var x = Vector(1, 2);
        Assert.Equal("JacobianVector: the vector is [1], but must be [2], the shape of the input.",
            Message<ShapeException>(() => Derivatives.JacobianVector(at => at, x, Vector(1))));
        Assert.Equal("Hessian: expects a tensor with one element, but got [2].",
            Message<ShapeException>(() => Derivatives.Hessian(at => at, x)));
        Assert.Contains("do not mix", Message<DTypeException>(() => Derivatives.HessianVector(at => at.Sum(), x, Tensor.Ones([2]))), StringComparison.Ordinal);
        Assert.Equal("HessianVector: 1 parameters, but 0 vectors.",
            Message<ShapeException>(() => Derivatives.HessianVector(() => x.Sum(), [Named("a", [1], 1)], [])));
    }
}
