using static MicroGrad.Net.Tests.Numbers;

namespace MicroGrad.Net.Tests;

/// <summary>Fused operations against the compositions they stand for, at sizes around the width of a vector.</summary>
public sealed class FusedOpTests
{
    static readonly DType[] s_types = [DType.Float32, DType.Float64];

    static double Tolerance(DType dtype) => dtype == DType.Float32 ? 2e-6 : 1e-14;

    [Fact]
    public void Cross_entropy_of_labels_is_minus_the_log_softmax_at_the_label()
    {
        var rng = new Rng(3);
        foreach (var dtype in s_types)
            foreach (var classes in (int[])[.. Enumerable.Range(1, 35), 1024, 2500])
            {
                var labels = Enumerable.Range(0, 5).Select(_ => rng.Next(classes)).ToArray();
                var scores = Tensor.Normal([5, classes], 100, 20, rng, dtype);
                var g = Tensor.Normal([5], rng: rng, dtype: dtype);
                var (x, y) = (Leaf(scores.Detach()), Leaf(scores.Detach()));
                var (fused, composed) = (x.CrossEntropyOfLabels(labels), -y.LogSoftmax().Gather(labels));
                Close(composed.ToDoubles(), fused, 5 * Tolerance(dtype));
                fused.Backward(g);
                composed.Backward(g);
                Close(y.Grad!.ToDoubles(), x.Grad, 5 * Tolerance(dtype));
            }
    }

    [Fact]
    public void Cross_entropy_keeps_its_digits_where_scores_are_huge_and_a_NaN_stays_in_its_row()
    {
        var x = Leaf([4, 3], 1e6, 1e6 + 1, 1e6, -1e4, 1e4, 0, 1, double.NaN, 2, 0, double.NegativeInfinity, 0);
        var losses = x.CrossEntropyOfLabels([1, 0, 0, 2]);
        Assert.Equal([Math.Log(1 + 2 / Math.E), 2e4, double.NaN, Math.Log(2)], losses.ToDoubles(),
            (a, b) => a.Equals(b) || Math.Abs(a - b) < 1e-10);
        losses.Sum().Backward();
        var slopes = x.Grad!.ToDoubles();
        Assert.Equal([-1, 1, 0], slopes[3..6]);
        Assert.All(slopes[6..9], slope => Assert.True(double.IsNaN(slope)));
        Assert.Equal([0.5, 0, -0.5], slopes[9..]);
    }

    [Fact]
    public void Binary_cross_entropy_is_its_composition_of_log_sigmoids()
    {
        var rng = new Rng(4);
        foreach (var dtype in s_types)
            for (var count = 1; count < 35; count++)
            {
                var scores = Tensor.Normal([count], 0, 20, rng, dtype);
                var target = Tensor.Uniform([count], rng: rng, dtype: dtype);
                var (x, y) = (Leaf(scores.Detach()), Leaf(scores.Detach()));
                var (t, u) = (Leaf(target.Detach()), Leaf(target.Detach()));
                var fused = Tensor.BinaryCrossEntropy(x, t);
                var composed = -(u * y.LogSigmoid() + (1 - u) * (-y).LogSigmoid());
                Close(composed.ToDoubles(), fused, Tolerance(dtype));
                fused.Sum().Backward();
                composed.Sum().Backward();
                Close(y.Grad!.ToDoubles(), x.Grad, Tolerance(dtype));
                Close(u.Grad!.ToDoubles(), t.Grad, 5 * Tolerance(dtype));
            }
    }

    [Fact]
    public void Binary_cross_entropy_keeps_the_small_losses_of_what_is_certain_and_right()
    {
        foreach (var dtype in s_types)
        {
            var x = Leaf(Vector(50, -50, 1e4, -1e4, 1e4, double.NaN).To(dtype));
            var losses = Tensor.BinaryCrossEntropy(x, Vector(1, 0, 1, 0, 0, 1).To(dtype));
            var least = Math.Exp(-50);
            Relative([least, least, 0, 0, 1e4, double.NaN], losses);
            losses.Sum().Backward();
            Relative([-least, least, 0, 0, 1, double.NaN], x.Grad!);
        }

        static void Relative(double[] expected, Tensor actual) => Assert.Equal(expected, actual.ToDoubles(),
            (a, b) => a.Equals(b) || Math.Abs(a - b) <= 1e-6 * Math.Abs(a));
    }

    [Fact]
    public void Linear_is_a_product_plus_a_bias_and_one_operation()
    {
        var rng = new Rng(5);
        foreach (var dtype in s_types)
            foreach (var (inputs, outputs) in ((int, int)[])[(1, 1), (3, 1), (1, 5), (16, 16), (17, 33), (300, 40)])
                foreach (var rows in (int[][])[[], [0], [1], [7], [100], [2, 3], [2, 1, 4]])
                {
                    var x = Tensor.Normal([.. rows, inputs], rng: rng, dtype: dtype);
                    var w = Tensor.Normal([outputs, inputs], rng: rng, dtype: dtype);
                    var b = Tensor.Normal([outputs], rng: rng, dtype: dtype);
                    var fused = x.Linear(w, b);
                    Assert.Equal(Shape.Of([.. rows, outputs]), fused.Shape);
                    Close((x.MatMul(w, transposeRight: true) + b).ToDoubles(), fused, 20 * Tolerance(dtype));
                }
        var tape = new Linear(3, 2).Forward(Tensor.Ones([4, 3])).Tape;
        Assert.Equal(["parameter", "parameter", "linear"], tape.Select(node => node.Op));
    }

    [Fact]
    public void The_larger_and_the_smaller_of_NaN_and_anything_have_the_slope_NaN()
    {
        foreach (var choose in (Func<Tensor, Tensor, Tensor>[])[Tensor.Max, Tensor.Min])
        {
            var (x, y) = (Leaf([4], double.NaN, double.NaN, 1, 2), Leaf([4], double.NaN, 1, double.NaN, 2));
            choose(x, y).Sum().Backward();
            Assert.Equal([double.NaN, double.NaN, double.NaN, 0.5], x.Grad!.ToDoubles());
            Assert.Equal([double.NaN, double.NaN, double.NaN, 0.5], y.Grad!.ToDoubles());
        }
    }

    [Fact]
    public void A_step_of_a_small_network_allocates_little()
    {
        var model = new Sequential(new Linear(2, 16), new Tanh(), new Linear(16, 16), new Tanh(), new Linear(16, 1));
        var (x, y) = (Tensor.Normal([100, 2]), Tensor.Zeros([100, 1]));
        var optimizer = new Sgd(model.Parameters(), learningRate: 0.1);
        Assert.Equal(13, Losses.BinaryCrossEntropyWithLogits(model.Forward(x), y).Tape.Count);
        for (var i = 0; i < 3; i++) Step();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 10; i++) Step();
        Assert.InRange((GC.GetAllocatedBytesForCurrentThread() - before) / 10, 1, 12_000);

        void Step()
        {
            using var scope = new StepScope();
            optimizer.ZeroGrad();
            Losses.BinaryCrossEntropyWithLogits(model.Forward(x), y).Backward();
            optimizer.Step();
        }
    }
}
