using MathNet.Numerics.LinearAlgebra;

namespace MicroGrad.Net.Tests.Optimizers;

/// <summary>What PyTorch 1.13 does not have, beside plain transcriptions of the papers.</summary>
public class LionAndMuonTests
{
    [Theory, InlineData(DType.Float32, 1e-5), InlineData(DType.Float64, 1e-14)]
    public void Lion_does_what_the_paper_says(DType dtype, double tolerance)
    {
        const double Rate = 0.01, Beta1 = 0.8, Beta2 = 0.95, Decay = 0.3;
        var rng = new Rng(3);
        var parameter = new Parameter(Tensor.Normal([11], rng: rng).To(dtype));
        var optimizer = new Lion([parameter], Rate, Beta1, Beta2, Decay);
        var (theta, m) = (parameter.ToDoubles(), new double[11]);
        for (var step = 0; step < 20; step++)
        {
            var gradient = Tensor.Normal([11], rng: rng).To(dtype);
            if (step % 5 == 0) gradient *= 0;       // Algorithm 2 of the paper, with sign(0) = 0
            parameter.Grad = gradient;
            optimizer.Step();
            for (var i = 0; i < theta.Length; i++)
            {
                var g = gradient.ToDoubles()[i];
                var c = Beta1 * m[i] + (1 - Beta1) * g;
                m[i] = Beta2 * m[i] + (1 - Beta2) * g;
                theta[i] -= Rate * (Math.Sign(c) + Decay * theta[i]);
            }
            Assert.All(theta.Zip(parameter.ToDoubles()), pair => Assert.Equal(pair.First, pair.Second, tolerance));
        }
    }

    [Theory]
    [InlineData(6, 4, true, DType.Float64, 1e-12), InlineData(4, 6, true, DType.Float64, 1e-12)]
    [InlineData(5, 5, false, DType.Float64, 1e-12), InlineData(6, 4, true, DType.Float32, 1e-4)]
    public void Muon_does_what_its_authors_code_does(int rows, int columns, bool nesterov, DType dtype, double tolerance)
    {
        const double Rate = 0.05, Momentum = 0.9, Decay = 0.2;
        var rng = new Rng(4);
        Tensor Normal(Shape shape) => Tensor.Normal(shape, rng: rng).To(dtype);
        var parameter = new Parameter(Normal([rows, columns]));
        var optimizer = new Muon([parameter], Rate, Momentum, Decay, nesterov);
        var (w, m) = (Dense(parameter), Matrix<double>.Build.Dense(rows, columns));
        for (var step = 0; step < 6; step++)
        {
            parameter.Grad = Normal([rows, columns]);
            var g = Dense(parameter.Grad);
            optimizer.Step();
            m = m * Momentum + g * (1 - Momentum);
            var x = nesterov ? g * (1 - Momentum) + m * Momentum : m;
            var flip = rows > columns;
            if (flip) x = x.Transpose();
            x /= x.FrobeniusNorm() + 1e-7;
            for (var i = 0; i < 5; i++)
            {
                var a = x * x.Transpose();
                x = 3.4445 * x + (-4.7750 * a + 2.0315 * a * a) * x;
            }
            if (flip) x = x.Transpose();
            w = w * (1 - Rate * Decay) - Rate * Math.Sqrt(Math.Max(1, (double)rows / columns)) * x;
            Assert.True((w - Dense(parameter)).L2Norm() < tolerance, $"step {step}: off by {(w - Dense(parameter)).L2Norm()}");
        }
    }

    [Theory, InlineData(8, 3), InlineData(3, 8), InlineData(5, 5)]
    public void The_iteration_makes_all_singular_values_nearly_1_and_keeps_the_singular_vectors(int rows, int columns)
    {
        var matrix = Tensor.Normal([rows, columns], rng: new Rng(9)).To(DType.Float64);
        var svd = Dense(matrix).Svd();
        var orthogonal = Dense(Muon.Orthogonal(matrix, 5));
        Assert.All(orthogonal.Svd().S, s => Assert.InRange(s, 0.6, 1.3));
        var rank = Math.Min(rows, columns);
        var middle = svd.U.SubMatrix(0, rows, 0, rank).Transpose() * orthogonal * svd.VT.SubMatrix(0, rank, 0, columns).Transpose();
        for (var i = 0; i < rank; i++)
            for (var j = 0; j < rank; j++)
                if (i != j) Assert.Equal(0, middle[i, j], 9);
    }

    [Fact]
    public void What_is_not_a_matrix_moves_by_AdamW()
    {
        var problem = new OptimizerTable.Problem();
        var other = new OptimizerTable.Problem();
        var muon = new Muon(problem.Weights, 0.02, weightDecay: 0.1, adamLearningRate: 0.01, byAdam: [problem.Weights[0]]);
        var adam = new AdamW(other.Weights, 0.01, 0.9, 0.95, 1e-10, 0.1);
        for (var step = 0; step < 4; step++)
        {
            muon.LearningRate = 0.02 / (1 << step);
            adam.LearningRate = 0.01 / (1 << step);
            Assert.Equal(adam.Step(other.Loss), muon.Step(problem.Loss));
        }
        Assert.Equal(other.Floats, problem.Floats);
    }

    [Fact]
    public void A_convolution_counts_as_a_matrix_of_its_first_axis_by_the_others()
    {
        var values = Tensor.Normal([4, 2, 3, 3], rng: new Rng(1));
        var (four, two) = (new Parameter(values), new Parameter(values.Reshape(4, 18)));
        var optimizer = new Muon([four, two]);
        four.Grad = Tensor.Normal([4, 2, 3, 3], rng: new Rng(2));
        two.Grad = four.Grad.Reshape(4, 18);
        optimizer.Step();
        Assert.Equal(two.ToArray<float>(), four.ToArray<float>());
    }

    static Matrix<double> Dense(Tensor matrix) =>
        Matrix<double>.Build.DenseOfRowMajor(matrix.Shape[0], matrix.Shape[1], matrix.ToDoubles());
}
