using System.Runtime.CompilerServices;
using static MicroGrad.Net.Tests.Numbers;

namespace MicroGrad.Net.Tests;

public sealed class CheckFiniteTests
{
    static int Line([CallerLineNumber] int line = 0) => line;

    static void Recorded(string message, int line, string method) =>
        Assert.Contains($"recorded at {nameof(CheckFiniteTests)}.cs:{line} ({method});", message, StringComparison.Ordinal);

    [Fact]
    public void The_logarithm_of_zero_is_named_with_shape_ranges_and_line()
    {
        var x = Leaf([2, 2], 1, 0.5, 0, 2);
        using var check = Gradients.CheckFinite();
        var line = Line() + 1;
        var message = Message<NonFiniteException>(() => x.Log());
        Assert.Equal("forward of 'log' gave [2, 2] in -0.6931..0.6931, 1 infinite, recorded at "
            + $"CheckFiniteTests.cs:{line} (<{nameof(The_logarithm_of_zero_is_named_with_shape_ranges_and_line)}>b__0); "
            + "input 0: [2, 2] in 0..2.", message.Replace("b__1", "b__0", StringComparison.Ordinal));
    }

    [Fact]
    public void Zero_over_zero_is_named_with_both_inputs()
    {
        using var check = Gradients.CheckFinite();
        var (line, message) = (0, "");
        try
        {
            line = Line() + 1;
            _ = Vector(1, 0) / Vector(2, 0);
        }
        catch (NonFiniteException error)
        {
            message = error.Message;
        }
        Assert.StartsWith("forward of 'divide' gave [2] in 0.5..0.5, 1 NaN,", message, StringComparison.Ordinal);
        Assert.EndsWith("input 0: [2] in 0..1; input 1: [2] in 0..2.", message, StringComparison.Ordinal);
        Recorded(message, line, nameof(Zero_over_zero_is_named_with_both_inputs));
    }

    [Fact]
    public void An_overflow_in_Float32_is_found_and_none_in_Float64()
    {
        using var check = Gradients.CheckFinite();
        Assert.Equal(1e60, (Vector(1e30) * 1e30).ToDoubles()[0], 1e45);
        Assert.StartsWith("forward of 'multiply' gave [1], 1 infinite,",
            Message<NonFiniteException>(() => Tensor.From([1], [1e30f]) * 1e30), StringComparison.Ordinal);
    }

    [Fact]
    public void The_slope_of_a_root_at_zero_is_found_in_the_backward()
    {
        var x = Leaf([2], 4, 0);
        using var check = Gradients.CheckFinite();
        var line = Line() + 1;
        var loss = x.Sqrt().Sum();
        var message = Assert.Throws<NonFiniteException>(() => loss.Backward()).Message;
        Assert.StartsWith("backward of 'sqrt' gave input 0 a gradient of [2] in 0.25..0.25, 1 infinite,", message, StringComparison.Ordinal);
        Assert.EndsWith("gradient of the result: [2] in 1..1; input 0: [2] in 0..4.", message, StringComparison.Ordinal);
        Recorded(message, line, nameof(The_slope_of_a_root_at_zero_is_found_in_the_backward));
        Assert.Null(x.Grad);
    }

    [Fact]
    public void A_backward_whose_forward_was_outside_says_so()
    {
        var loss = Leaf([1], 0).Sqrt().Sum();
        using var check = Gradients.CheckFinite();
        Assert.Contains("recorded at (unknown: run the forward inside Gradients.CheckFinite() too)",
            Assert.Throws<NonFiniteException>(() => loss.Backward()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Outside_the_scope_nothing_is_thrown()
    {
        Assert.Equal(double.NegativeInfinity, Vector(0).Log().ToDoubles()[0]);
        var x = Leaf([1], 0);
        x.Sqrt().Sum().Backward();
        Assert.Equal(double.PositiveInfinity, x.Grad!.Item());
        using (Gradients.CheckFinite()) _ = Vector(1).Log();
        Assert.Equal(double.NegativeInfinity, Vector(0).Log().ToDoubles()[0]);
    }

    [Fact]
    public void The_scope_ends_with_the_exception_it_throws()
    {
        Assert.Throws<NonFiniteException>(() =>
        {
            using var check = Gradients.CheckFinite();
            _ = Vector(0).Log();
        });
        Assert.Equal(double.NegativeInfinity, Vector(0).Log().ToDoubles()[0]);
    }

    [Fact]
    public void An_exception_in_the_backward_leaves_the_check_on_until_its_scope_ends()
    {
        using (Gradients.CheckFinite())
        {
            var loss = Leaf([1], 0).Sqrt().Sum();
            Assert.Throws<NonFiniteException>(() => loss.Backward());
            Assert.True(Gradients.ChecksFinite);
            Assert.True(Gradients.Enabled);
        }
        Assert.False(Gradients.ChecksFinite);
    }

    [Fact]
    public void It_also_watches_what_is_not_recorded()
    {
        using var check = Gradients.CheckFinite();
        using var off = Gradients.Off();
        Assert.Throws<NonFiniteException>(() => Vector(0).Log());
    }

    [Fact]
    public void A_healthy_training_step_passes()
    {
        using var check = Gradients.CheckFinite();
        var rng = new Rng(1);
        var model = new Sequential(new Linear(3, 8, rng: rng), new Gelu(), new Linear(8, 4, rng: rng));
        var loss = Losses.CrossEntropy(model.Forward(Tensor.Normal([5, 3], rng: rng)), [0, 1, 2, 3, 0], labelSmoothing: 0.1);
        loss.Backward();
        Assert.NotNull(model.Parameters()[0].Grad);
        Assert.All(loss.Tape, node => Assert.Null(node.Inputs.FirstOrDefault()));
    }

    [Fact]
    public void Nodes_tell_where_they_were_recorded_inside_the_scope_only()
    {
        var x = Leaf([1], 3);
        Assert.Null((x * x).Node!.RecordedAt);
        using var check = Gradients.CheckFinite();
        var line = Line() + 1;
        var y = x * x;
        Assert.StartsWith($"{nameof(CheckFiniteTests)}.cs:{line} ", y.Node!.RecordedAt, StringComparison.Ordinal);
    }
}
