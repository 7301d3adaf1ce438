using MicroGrad.Net.Tests.Oracle;

namespace MicroGrad.Net.Tests.Optimizers;

public class GradientClippingTests
{
    internal static string[] Ops { get; } = ["clip_grad_norm_", "clip_grad_value_"];

    public static IEnumerable<TheoryDataRow<string>> Cases =>
        OracleFiles.Names(() => OracleFiles.Train, one => Ops.Contains(one.Op));

    [Theory, MemberData(nameof(Cases))]
    public void Gradients_are_clipped_as_in_PyTorch(string name)
    {
        var one = OracleFiles.Case(() => OracleFiles.Train, name);
        Parameter[] parameters = [.. one.Tensors("inputs").Select(tensor => WithGradient(tensor.Values))];
        if (one.Op == "clip_grad_value_") GradientClipping.ByValue(parameters, one.Number("clip_value"));
        else
            Oracle.Proof.Same("norm", one.Tensor("outputs", "total_norm").Doubles,
                [GradientClipping.ByNorm(parameters, one.Number("max_norm"), one.Number("norm_type"))], Tolerance.Double);
        foreach (var (parameter, input) in parameters.Zip(one.Tensors("inputs")))
            Oracle.Proof.Same(input.Name, one.Tensor("outputs", input.Name), parameter.Grad!, Tolerance.Double);
    }

    [Theory]
    [InlineData(1, 7), InlineData(2, 5), InlineData(double.PositiveInfinity, 4)]
    public void The_norm_is_of_all_gradients_together(double type, double expected)
    {
        Parameter[] parameters = [WithGradient(Tensor.From([1], [3.0])), WithGradient(Tensor.From([2], [0f, -4f]))];
        Assert.Equal(expected, GradientClipping.ByNorm(parameters, maxNorm: 1, type), 12);
        Assert.Equal(3 / expected, parameters[0].Grad!.Item(), 5);
        Assert.Equal(1, GradientClipping.ByNorm(parameters, maxNorm: 2, type), 5);
    }

    [Fact]
    public void A_norm_within_the_bound_changes_no_bit()
    {
        var parameter = WithGradient(Tensor.From([2], [3f, -4f]));
        var gradient = parameter.Grad;
        GradientClipping.ByNorm([parameter], 5.1);
        Assert.Same(gradient, parameter.Grad);
    }

    [Fact]
    public void Squares_of_floats_do_not_overflow()
    {
        var parameter = WithGradient(Tensor.From([2], [3e30f, -4e30f]));
        Assert.Equal(5e30, GradientClipping.ByNorm([parameter], 1), 1e24);
        Assert.Equal([0.6f, -0.8f], parameter.Grad!.ToArray<float>().Select(value => MathF.Round(value, 5)));
    }

    [Fact]
    public void A_gradient_that_two_parameters_share_is_clipped_once_for_each()
    {
        var (a, b) = (new Parameter(Tensor.Ones([2])), new Parameter(Tensor.Ones([2])));
        (10 * (a + b)).Sum().Backward();
        GradientClipping.ByValue([a, b], 1);
        Assert.Equal([1f, 1f], a.Grad!.ToArray<float>());
        Assert.Equal([1f, 1f], b.Grad!.ToArray<float>());
    }

    [Fact]
    public void No_gradients_have_norm_0() => Assert.Equal(0, GradientClipping.ByNorm([new Parameter(Tensor.Ones([2]))], 1));

    [Fact]
    public void Norms_whose_powers_are_no_numbers_are_right()
    {
        foreach (var scale in new[] { 1e-300, 1e-200, 1e200, 1e300 })
            foreach (var (type, norm) in new[] { (1.0, 7.0), (2, 5), (4, 4.284572294953817), (double.PositiveInfinity, 4) })
            {
                var (a, b) = (new Parameter(Tensor.From([1], [0.0])), new Parameter(Tensor.From([1], [0.0])));
                (a.Grad, b.Grad) = (Tensor.From([1], [3 * scale]), Tensor.From([1], [-4 * scale]));
                Assert.Equal(norm, GradientClipping.ByNorm([a, b], 1, type) / scale, 1e-12);
                Assert.Equal(scale > 1 ? 3 / norm : 3 * scale, a.Grad.Item(), 1e-12);
            }
    }

    [Fact]
    public void A_norm_that_is_not_finite_can_be_an_error()
    {
        var (good, bad) = (WithGradient(Tensor.Ones([1])), WithGradient(Tensor.From([1], [double.NaN])));
        (good.Name, bad.Name) = ("good", "bad");
        var error = Assert.Throws<NonFiniteException>(() => GradientClipping.ByNorm([good, bad], 1, errorIfNonFinite: true));
        Assert.Contains("bad", error.Message);
        Assert.DoesNotContain("good", error.Message);
        Assert.Equal(1, good.Grad!.Item());
        Assert.True(double.IsNaN(GradientClipping.ByNorm([good, bad], 1)));
        Assert.True(double.IsNaN(good.Grad!.Item()));
    }

    [Fact]
    public void Bounds_below_0_are_errors()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => GradientClipping.ByNorm([], -1));
        Assert.Throws<ArgumentOutOfRangeException>(() => GradientClipping.ByNorm([], 1, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => GradientClipping.ByValue([], double.NaN));
    }

    static Parameter WithGradient(Tensor gradient) =>
        new(Tensor.Zeros(gradient.Shape, gradient.DType)) { Grad = gradient };
}
