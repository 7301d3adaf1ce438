using static MicroGrad.Net.Tests.Numbers;

namespace MicroGrad.Net.Tests;

public sealed class GradientCheckTests
{
    static readonly Tensor Input = Tensor.From([2, 3], [0.5, -1.2, 2.0, 0.3, -0.7, 1.5]);

    /// <summary>x², with what the caller says is its derivative.</summary>
    static Tensor FaultySquare(Tensor x, Func<Tensor, Tensor> slope) =>
        Node.Record("faulty square", x.Detach() * x.Detach(), (x, g => g * slope(x)));

    [Fact]
    public void Right_formulas_pass()
    {
        var target = Tensor.From([2, 3], [0.1, 0.2, 0.3, 0.4, 0.5, 0.6]);
        GradientCheck.Require(x => x.Tanh() * x.Sin() + x.Pow(3), Input);
        GradientCheck.Require(x => Losses.MeanSquaredError(x, target), Input);
        GradientCheck.Require(p => p[0].MatMul(p[1], transposeRight: true).Exp(), [Input, target]);
        GradientCheck.Require(x => FaultySquare(x, y => 2 * y), Input);
    }

    [Fact]
    public void The_report_of_a_pass_names_the_worst_element()
    {
        var report = GradientCheck.Check(x => x.Exp(), Input);
        Assert.True(report.Passed);
        Assert.StartsWith("passed: ", report.ToString(), StringComparison.Ordinal);
        Assert.InRange(Math.Abs(report.Derivative - report.Difference), 0, 1e-6);
    }

    [Fact]
    public void A_wrong_first_derivative_is_found_with_element_and_numbers()
    {
        // Wrong at element [1, 2] only, by a factor of 3.
        var wrong = Tensor.From([2, 3], [2.0, 2, 2, 2, 2, 6]);
        var report = GradientCheck.Check(x => FaultySquare(x, y => wrong * y), Input);
        Assert.False(report.Passed);
        Assert.Equal((1, 0, "element [1, 2]"), (report.Order, report.Input, report.Place));
        Assert.Equal(3, report.Derivative / report.Difference, 1e-6);

        var message = Assert.Throws<GradientException>(() => GradientCheck.Require(x => FaultySquare(x, y => wrong * y), Input)).Message;
        Assert.StartsWith("GradientCheck FAILED: first order, worst at input 0, element [1, 2]: the tape says "
            + report.Derivative.ToString("g10", System.Globalization.CultureInfo.InvariantCulture) + ", differences say ",
            message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_wrong_input_of_several_is_named()
    {
        var report = GradientCheck.Check(p => p[0].Sin() * FaultySquare(p[1], y => 2.1 * y), [Input, Input]);
        Assert.Equal((false, 1, 1), (report.Passed, report.Order, report.Input));
    }

    [Fact]
    public void A_derivative_whose_own_derivative_is_wrong_is_found_at_second_order_only()
    {
        // The slope 2x is right in value, but tells the tape that it is a constant at element [0, 1].
        var half = Tensor.From([2, 3], [1.0, 0, 1, 1, 1, 1]);
        Tensor Slope(Tensor x) => 2 * (x * half) + 2 * (x.Detach() * (1 - half));
        Assert.True(GradientCheck.Check(x => FaultySquare(x, Slope), Input, order: 1).Passed);
        var report = GradientCheck.Check(x => FaultySquare(x, Slope), Input);
        Assert.Equal((false, 2, "element [0, 1]", 0.0), (report.Passed, report.Order, report.Place, report.Derivative));
        Assert.True(Math.Abs(report.Difference) > 0.01);
    }

    [Fact]
    public void A_small_fault_is_found_and_one_below_the_tolerance_is_not()
    {
        Assert.False(GradientCheck.Check(x => FaultySquare(x, y => 2.00001 * y), Input).Passed);
        Assert.True(GradientCheck.Check(x => FaultySquare(x, y => 2.00001 * y), Input, tolerance: 1e-4).Passed);
    }

    [Fact]
    public void Float32_inputs_are_refused() =>
        Assert.Equal("GradientCheck: input 1 is Float32, too coarse for differences: use DType.Float64, also in what the function "
            + "captures.", Message<DTypeException>(() => GradientCheck.Check(p => p[0], [Input, Tensor.Ones([2])])));

    [Fact]
    public void A_gradient_of_NaN_fails()
    {
        var report = GradientCheck.Check(x => FaultySquare(x, y => y * double.NaN), Input);
        Assert.False(report.Passed);
        Assert.True(double.IsNaN(report.Derivative));
        Assert.Throws<GradientException>(() => GradientCheck.Require(x => FaultySquare(x, y => y * double.NaN), Input));
    }

    [Fact]
    public void NaN_on_both_sides_is_no_pass() =>
        Assert.False(GradientCheck.Check(x => x.Sqrt(), Vector(-1, 4)).Passed);

    [Fact]
    public void A_large_input_is_checked_along_directions_and_one_faulty_element_is_found()
    {
        var rng = new Rng(3);
        var large = Tensor.Normal([40, 25], 0, 1, rng, DType.Float64);
        Assert.True(GradientCheck.Check(x => x * x * x, large).Passed);

        var factors = Enumerable.Repeat(2.0, 1000).ToArray();
        factors[617] = 3;
        var wrong = Tensor.From([40, 25], factors);
        var report = GradientCheck.Check(x => FaultySquare(x, y => wrong * y), large);
        Assert.False(report.Passed);
        Assert.StartsWith("random direction ", report.Place, StringComparison.Ordinal);
    }

    [Fact]
    public void The_bound_between_elements_and_directions_can_be_set()
    {
        Tensor Faulty(Tensor[] p) => FaultySquare(p[0], y => 3 * y);
        Assert.StartsWith("element", GradientCheck.Check(Faulty, [Input], maxElements: 6).Place, StringComparison.Ordinal);
        Assert.StartsWith("random direction", GradientCheck.Check(Faulty, [Input], maxElements: 5).Place, StringComparison.Ordinal);
    }

    [Fact]
    public void The_inputs_tape_and_gradients_are_left_alone()
    {
        var x = Leaf([2], 1, 2);
        GradientCheck.Require(y => y.Exp(), x);
        Assert.Null(x.Grad);
        Assert.True(Gradients.Enabled);
        var p = Named("w", [2], 1, 2);
        GradientCheck.Require(y => y * y, p);
        Assert.Equal((0, null), (p.Version, p.Grad));
    }

    [Fact]
    public void A_function_that_ignores_an_input_has_gradient_zero() =>
        Assert.True(GradientCheck.Check(p => p[0] * 2, [Input, Input]).Passed);

    [Fact]
    public void A_detached_path_is_found() =>
        Assert.False(GradientCheck.Check(x => x * x.Detach(), Input, order: 1).Passed);

    [Fact]
    public void A_function_that_gives_other_values_each_time_is_not_called_wrong()
    {
        var rng = new Rng(3);
        Func<Tensor, Tensor>[] random =
        [
            x => new Dropout(0.5, rng).Forward(x), x => x + Tensor.Normal(x.Shape, rng: rng, dtype: DType.Float64),
            x => new Dropout(0.5, rng).Forward(x[0, 0..1]), x => x[..(1 + rng.Next(2))],
        ];
        foreach (var function in random)
        {
            var report = GradientCheck.Check(function, Input);
            Assert.False(report.Passed);
            Assert.StartsWith("could not be made: the function gives other values each time", report.ToString(), StringComparison.Ordinal);
            var message = Message<GradientException>(() => { GradientCheck.Require(function, Input); return null; });
            Assert.Contains("gives other values each time", message, StringComparison.Ordinal);
            Assert.DoesNotContain("FAILED", message, StringComparison.Ordinal);
            Assert.DoesNotContain("kink", message, StringComparison.Ordinal);
        }
        GradientCheck.Require(x => { var dropout = new Dropout(0.5, new Rng(1)); return dropout.Forward(x); }, Input);
        GradientCheck.Require(x => { var dropout = new Dropout(); dropout.Eval(); return dropout.Forward(x); }, Input);
    }
}
