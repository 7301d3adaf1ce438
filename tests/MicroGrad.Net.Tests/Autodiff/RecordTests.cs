using static MicroGrad.Net.Tests.Numbers;

namespace MicroGrad.Net.Tests;

/// <summary>Operations of one's own: <see cref="Node.Record"/>, as a user calls it.</summary>
public sealed class RecordTests
{
    /// <summary>sin x, computed number by number outside of the library.</summary>
    static Tensor Sine(Tensor x) => Node.Record("sine",
        Tensor.From(x.Shape, Array.ConvertAll(x.ToDoubles(), Math.Sin)).To(x.DType), (x, g => g * x.Cos()));

    /// <summary>x·y/(1 + y²) with broadcasting, one rule per input, which use the result too.</summary>
    static Tensor Damped(Tensor x, Tensor y)
    {
        var (a, b) = (x.Detach(), y.Detach());
        var result = a * b / (1 + b * b);
        return Node.Record("damped", result,
            (x, g => g * y / (1 + y * y)),
            (y, g => g * (x - 2 * result * y) / (1 + y * y)));
    }

    [Fact]
    public void Derivatives_of_both_orders_follow_from_the_rules()
    {
        var rng = new Rng(1);
        var (x, y) = (Tensor.Normal([2, 3], 0, 1, rng, DType.Float64), Tensor.Normal([3], 0, 1, rng, DType.Float64));
        GradientCheck.Require(Sine, x);
        GradientCheck.Require(inputs => Damped(inputs[0], inputs[1]), [x, y]);
        GradientCheck.Require(inputs => Sine(Damped(inputs[0].Tanh(), inputs[1])).Square(), [x, y]);
    }

    /// <summary>x·y elementwise, whose two gradients come from one pass over the numbers.</summary>
    static Tensor Product(Tensor x, Tensor y, Action<bool[]>? seen = null) => Node.Record(
        "product", x.Detach() * y.Detach(), [x, y],
        (g, wanted) =>
        {
            seen?.Invoke(wanted);
            return [wanted[0] ? g * y : null, wanted[1] ? g * x : null];
        },
        inputs => inputs[0] * inputs[1]);

    [Fact]
    public void One_pass_may_give_the_gradients_of_all_inputs()
    {
        var (x, y) = (Vector(0.5, -2), Vector(3, 0.25));
        GradientCheck.Require(inputs => Product(inputs[0].Tanh(), inputs[1]), [x, y]);
        GradientCheck.Require(a => Product(a, a), x);
    }

    [Fact]
    public void It_runs_once_in_a_walk_and_is_asked_for_what_is_wanted()
    {
        var (x, y, passes) = (Leaf([2], 1, 2), Leaf([2], 3, 4), new List<string>());
        Tensor Sum(Tensor a, Tensor b) => Product(a, b, wanted => passes.Add(string.Join(' ', wanted))).Sum();
        Sum(x, y).Backward();
        Sum(x, Vector(3, 4)).Backward();
        Gradients.Of(Sum(x, y), [y]);
        Assert.Equal(["True True", "True False", "False True"], passes);
        Equal([2], [6, 8], x.Grad);
        Equal([2], [1, 2], y.Grad);
    }

    [Fact]
    public void The_third_derivative_follows_too()
    {
        var x = Leaf(0.7);
        var first = Gradients.Of(Sine(x), [x], createGraph: true)[0];
        var second = Gradients.Of(first, [x], createGraph: true)[0];
        Assert.Equal(-Math.Cos(0.7), Gradients.Of(second, [x])[0].Item(), 1e-12);
    }

    [Fact]
    public void It_is_on_the_tape_under_its_name_and_trains_in_single_precision()
    {
        var w = new Parameter(Tensor.From([2], [0.5f, 1f]));
        var loss = (1 - Sine(w)).Mean();
        Assert.Contains("sine", loss.Tape.Select(node => node.Op));
        loss.Backward();
        Close([-Math.Cos(0.5) / 2, -Math.Cos(1) / 2], w.Grad, 1e-6);
    }

    [Fact]
    public void Nothing_is_recorded_where_no_gradient_is_wanted()
    {
        Assert.Null(Sine(Vector(1, 2)).Node);
        using var off = Gradients.Off();
        Assert.Null(Sine(Leaf(1)).Node);
    }

    [Fact]
    public void A_parameter_changed_in_between_is_an_error()
    {
        var w = new Parameter(Tensor.From([1], [0.5]));
        var y = Sine(w);
        w.Assign(Tensor.From([1], [0.6]));
        Assert.Throws<GradientException>(() => y.Sum().Backward());
    }

    [Fact]
    public void A_rule_that_gives_the_wrong_shape_is_named()
    {
        var x = Leaf([2], 1, 2);
        var y = Node.Record("faulty", Vector(1, 2), (x, g => Tensor.Ones([3], DType.Float64)));
        Assert.Equal("backward of 'faulty': the rule of input 0 gave a gradient of [3], which does not reduce to the "
            + "input's [2].",
            Assert.Throws<GradientException>(() => y.Sum().Backward()).Message);
    }

    [Fact]
    public void A_rule_that_gives_no_gradient_or_too_few_is_named()
    {
        var (x, y) = (Leaf([2], 1, 2), Leaf([2], 3, 4));
        Tensor Faulty(Func<Tensor, Tensor?[]> joint) => Node.Record(
            "faulty", Vector(1, 2), [x, y], (g, _) => joint(g), inputs => inputs[0] * inputs[1]);
        Assert.Equal("backward of 'faulty': the rule gave no gradient (null) for input 1, where one is wanted: give zeros "
            + "of its shape if it has none.",
            Assert.Throws<GradientException>(() => Faulty(g => [g, null]).Sum().Backward()).Message);
        Assert.Equal("backward of 'faulty': the joint rule gave 1 gradients for 2 inputs: give one for each, in their "
            + "order; null for one that is not wanted.",
            Assert.Throws<GradientException>(() => Faulty(g => [g]).Sum().Backward()).Message);
        Assert.Contains("input 0, where one is wanted", Assert.Throws<GradientException>(
            () => Node.Record("faulty", Vector(1, 2), (x, g => null!)).Sum().Backward()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_result_cannot_be_recorded_twice()
    {
        var x = Leaf(2);
        var y = x * x;
        Assert.Equal("Node.Record: the result of 'again' is on a tape already, as 'multiply []': compute it from "
            + "Detach()ed inputs or inside Gradients.Off(), so that only its rules differentiate it.",
            Assert.Throws<InvalidOperationException>(() => Node.Record("again", y, (x, g => g))).Message);
        // Not even where the input that it depends on is left out.
        Assert.Throws<InvalidOperationException>(() => Node.Record("again", y, (Vector(1), g => g)));
    }

    [Fact]
    public void A_rule_that_gives_another_number_type_is_named()
    {
        var x = Leaf([2], 1, 2);
        var y = Node.Record("faulty", Vector(1, 2), (Vector(3, 4), g => g), (x, g => g.To(DType.Float32)));
        Assert.Equal("backward of 'faulty': the rule of input 1 gave a gradient of Float32, but the input is Float64: "
            + "convert it with .To(DType.Float64).",
            Assert.Throws<DTypeException>(() => y.Sum().Backward()).Message);
    }

    [Fact]
    public void An_operation_needs_a_name() =>
        Assert.Equal("Node.Record: the operation needs a name, such as \"swish\".",
            Assert.Throws<ArgumentException>(() => Node.Record("", Vector(1), (Leaf(1), g => g))).Message);

    [Fact]
    public void A_buffer_cannot_be_a_result()
    {
        var buffer = new ModuleBuffer(Vector(1));
        Assert.Contains("buffer (unnamed) [1] itself",
            Assert.Throws<ArgumentException>(() => Node.Record("kept", buffer, (Leaf(1), g => g))).Message);
        Assert.Null(buffer.Node);
    }

    [Fact]
    public void A_wrong_derivative_fails_the_check_in_its_own_order()
    {
        // Right in value, but the slope is a bare number: the second derivative is lost.
        static Tensor Forgetful(Tensor x) => Node.Record("forgetful", x.Detach().Sin(), (x, g => g * x.Detach().Cos()));
        static Tensor Wrong(Tensor x) => Node.Record("wrong", x.Detach().Sin(), (x, g => g * x.Cos() * 1.001));
        Assert.Equal((false, 2), Outcome(Forgetful));
        Assert.Equal((false, 1), Outcome(Wrong));

        static (bool, int) Outcome(Func<Tensor, Tensor> op)
        {
            var report = GradientCheck.Check(op, Vector(0.3, -1.2));
            return (report.Passed, report.Order);
        }
    }
}
