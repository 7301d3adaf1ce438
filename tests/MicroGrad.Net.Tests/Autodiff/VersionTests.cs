using static MicroGrad.Net.Tests.Numbers;

namespace MicroGrad.Net.Tests;

/// <summary>A parameter changed between forward and backward is an error that names it, never a wrong gradient.</summary>
public sealed class VersionTests
{
    static void Throws(string op, Parameter parameter, Tensor loss)
    {
        var message = Assert.Throws<GradientException>(() => loss.Backward()).Message;
        Assert.StartsWith($"backward: parameter {parameter.Name} {parameter.Shape} was changed after '{op}' recorded it (version ",
            message, StringComparison.Ordinal);
        Assert.EndsWith("Call Backward before the optimizer's Step, or run the forward again.", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Assign_between_forward_and_backward_throws()
    {
        var p = Named("0.weight", [2], 1, 2);
        var loss = (p * p).Sum();
        p.Assign(Vector(3, 4));
        Throws("multiply", p, loss);
    }

    [Fact]
    public void The_message_tells_both_versions()
    {
        var p = Named("w", [1], 1);
        p.Assign(Vector(2));
        var loss = p.Exp().Sum() + (p * p).Sum();
        p.Assign(Vector(3));
        p.Assign(Vector(4));
        Assert.Contains("(version 1, now 3)", Assert.Throws<GradientException>(() => loss.Backward()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Update_between_forward_and_backward_throws()
    {
        var p = Named("0.weight", [2], 1, 2);
        var loss = p.Sin().Sum();
        p.Update<double>()[0] = 7;
        Throws("sin", p, loss);
    }

    [Fact]
    public void An_optimizer_step_between_forward_and_backward_throws()
    {
        var p = Named("0.weight", [2], 1, 2);
        var sgd = new Sgd([p], 0.1);
        (p * p).Sum().Backward();
        var loss = (p * p).Sum();
        sgd.Step();
        Throws("multiply", p, loss);
    }

    [Fact]
    public void A_change_is_seen_through_Reshape()
    {
        var p = Named("0.weight", [2], 1, 2);
        var flat = p.Reshape(2, 1);
        var loss = (flat * flat).Sum();
        p.Assign(Vector(3, 4));
        Throws("multiply", p, loss);
    }

    [Fact]
    public void A_change_is_seen_through_Detach()
    {
        var (p, x) = (Named("0.weight", [2], 1, 2), Leaf([2], 5, 6));
        var loss = (x * p.Detach()).Sum();
        p.Assign(Vector(3, 4));
        Throws("multiply", p, loss);
    }

    [Fact]
    public void A_change_is_seen_in_the_condition_of_Where()
    {
        var (p, x) = (Named("mask", [2], 1, 0), Leaf([2], 5, 6));
        var loss = Tensor.Where(p, x, 0).Sum();
        p.Assign(Vector(0, 1));
        Throws("where", p, loss);
    }

    [Fact]
    public void A_conversion_to_another_number_type_counts_as_a_change()
    {
        var linear = new Linear(2, 1);
        var loss = linear.Forward(Tensor.Ones([1, 2])).Sum();
        linear.NamedParameters();
        var version = linear.Weight.Version;
        linear.To(DType.Float64);
        Assert.True(linear.Weight.Version > version);
        Assert.Contains("was changed after", Assert.Throws<GradientException>(() => loss.Backward()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_frozen_parameter_is_watched_too()
    {
        var (p, x) = (Named("0.weight", [2], 1, 2), Leaf([2], 5, 6));
        p.RequiresGrad = false;
        var loss = (x * p).Sum();
        p.Assign(Vector(3, 4));
        Throws("multiply", p, loss);
    }

    [Fact]
    public void Changes_after_backward_are_free()
    {
        var p = Named("0.weight", [2], 1, 2);
        for (var step = 0; step < 3; step++)
        {
            (p * p).Sum().Backward();
            p.Assign(p.Detach() * 2);
        }
        Equal([2], [2 + 4 + 8, 4 + 8 + 16], p.Grad);
    }

    [Fact]
    public void A_kept_tape_notices_changes_after_the_first_backward()
    {
        var p = Named("0.weight", [2], 1, 2);
        var loss = (p * p).Sum();
        loss.Backward(retainTape: true);
        p.Assign(Vector(3, 4));
        Throws("multiply", p, loss);
    }

    [Fact]
    public void Gradients_of_gradients_notice_changes_too()
    {
        var p = Named("0.weight", [], 2);
        var first = Gradients.Of(p * p * p, [p], createGraph: true)[0];
        p.Assign(Tensor.Scalar(3, DType.Float64));
        Assert.Throws<GradientException>(() => first.Backward());
    }

    [Fact]
    public void Parameters_take_only_values_that_fit()
    {
        var p = Named("0.weight", [2], 1, 2);
        Assert.Equal("Assign: parameter 0.weight [2] cannot take values of [3].",
            Assert.Throws<ShapeException>(() => p.Assign(Vector(1, 2, 3))).Message);
        Assert.Throws<DTypeException>(() => p.Assign(Tensor.Ones([2])));
        Assert.Equal(0, p.Version);
    }

    [Fact]
    public void A_parameter_copies_what_it_starts_with()
    {
        var (values, p) = (Vector(1, 2), Named("w", [2], 1, 2));
        var q = new Parameter(p);
        p.Assign(Vector(3, 4));
        Equal([2], [1, 2], q);
        new Parameter(values).Update<double>()[0] = 9;
        Equal([2], [1, 2], values);
    }

    [Fact]
    public void A_sum_over_no_axis_does_not_follow_the_parameter()
    {
        var p = Named("w", [], 2);
        var (sum, max, mean) = (p.Sum(), p.Max(), p.Mean());
        p.Assign(Tensor.Scalar(5, DType.Float64));
        Assert.Equal((2, 2, 2), (sum.Item(), max.Item(), mean.Item()));
    }
}
