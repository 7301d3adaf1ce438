using static MicroGrad.Net.Tests.Numbers;

namespace MicroGrad.Net.Tests;

public sealed class BackwardTests
{
    [Fact]
    public void Gradients_add_up_over_two_backwards()
    {
        var p = Named("w", [2], 3, 5);
        (p * p).Sum().Backward();
        Equal([2], [6, 10], p.Grad);
        (p * 4).Sum().Backward();
        Equal([2], [10, 14], p.Grad);
    }

    [Fact]
    public void A_node_used_twice_gets_both_gradients()
    {
        var a = Leaf(3);
        var b = a + a;
        var c = b + b;
        c.Backward();
        Assert.Equal(4, a.Grad!.Item());
    }

    [Fact]
    public void A_diamond_adds_up()
    {
        var a = Leaf(2);
        var left = a * 3;
        var right = a * a;
        (left * right).Backward();          // 3a³
        Assert.Equal(36, a.Grad!.Item());
    }

    [Fact]
    public void A_node_used_at_many_depths_has_the_closed_forms_gradient()
    {
        // ((((x·x + x)·x + x)·x + x)…: the polynomial x + x² + … + x^12, in Horner's form.
        const double At = 1.1;
        var x = Leaf(At);
        var y = x;
        for (var i = 1; i < 12; i++) y = y * x + x;
        y.Backward();
        Close([Enumerable.Range(1, 12).Sum(k => k * Math.Pow(At, k - 1))], x.Grad);
    }

    [Fact]
    public void Doubling_sixty_times_visits_each_node_once()
    {
        var x = Leaf(1);
        var y = x;
        for (var i = 0; i < 60; i++) y += y;        // 2^60 paths
        y.Backward();
        Assert.Equal(Math.Pow(2, 60), x.Grad!.Item());
    }

    [Fact]
    public void An_early_node_waits_for_a_late_user()
    {
        // The order of creation decides, not the distance from the loss: a is both next to the loss and far from it.
        var a = Leaf(2);
        var b = a * a;
        var far = b;
        for (var i = 0; i < 5; i++) far = far * 1.0;
        (far * b).Backward();       // a⁴
        Assert.Equal(32, a.Grad!.Item());
    }

    [Fact]
    public void Broadcast_inputs_get_gradients_of_their_own_shape()
    {
        var (x, row, scalar) = (Leaf([2, 3], 1, 2, 3, 4, 5, 6), Leaf([3], 1, 10, 100), Leaf(2));
        (x * row * scalar).Sum().Backward();
        Equal([2, 3], [2, 20, 200, 2, 20, 200], x.Grad);
        Equal([3], [10, 14, 18], row.Grad);
        Equal([], [5 + 70 + 900], scalar.Grad);
    }

    [Fact]
    public void Only_leaves_keep_gradients()
    {
        var x = Leaf(3);
        var middle = x * x;
        var constant = Tensor.Scalar(2, DType.Float64);
        var loss = middle * constant;
        loss.Backward();
        Assert.NotNull(x.Grad);
        Assert.Null(middle.Grad);
        Assert.Null(loss.Grad);
        Assert.Null(constant.Grad);
    }

    [Fact]
    public void RetainGrad_keeps_an_intermediate_gradient_and_the_results_own()
    {
        var x = Leaf(3);
        var middle = (x * x).RetainGrad();
        var loss = (middle * 5).RetainGrad();
        loss.Backward();
        Assert.Equal(5, middle.Grad!.Item());
        Assert.Equal(1, loss.Grad!.Item());
        Assert.Equal(30, x.Grad!.Item());
    }

    [Fact]
    public void RetainGrad_where_no_gradient_flows_says_so() =>
        Assert.StartsWith("RetainGrad: this tensor depends on no parameter",
            Message<GradientException>(() => Tensor.Ones([2]).RetainGrad()), StringComparison.Ordinal);

    [Fact]
    public void A_second_backward_says_that_the_tape_was_freed()
    {
        var x = Leaf(3);
        var loss = x.Tanh() * 2;
        loss.Backward();
        var before = x.Grad!.Item();
        Assert.Equal("backward: the tape was freed by an earlier backward (at 'multiply'). Run the forward again, or keep "
            + "the tape with retainTape: true.", Assert.Throws<GradientException>(() => loss.Backward()).Message);
        Assert.Equal(before, x.Grad!.Item());
    }

    [Fact]
    public void A_loss_that_shares_a_freed_part_throws_too()
    {
        var x = Leaf(3);
        var shared = x * x;
        (shared * 2).Backward();
        var other = shared + 1;
        Assert.Contains("'multiply'", Assert.Throws<GradientException>(() => other.Backward()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void RetainTape_allows_a_second_backward_which_doubles()
    {
        var x = Leaf(3);
        var loss = x * x;
        loss.Backward(retainTape: true);
        Assert.Equal(6, x.Grad!.Item());
        loss.Backward(retainTape: true);
        Assert.Equal(12, x.Grad!.Item());
        loss.Backward();
        Assert.Equal(18, x.Grad!.Item());
        Assert.Throws<GradientException>(() => loss.Backward());
    }

    [Fact]
    public void CreateGraph_makes_gradients_that_can_be_differentiated()
    {
        var x = Leaf(2);
        (x * x * x).Backward(createGraph: true);
        var first = x.Grad!;
        Assert.Equal(12, first.Item());
        Assert.True(first.RequiresGrad);
        x.Grad = null;
        first.Backward();
        Assert.Equal(12, x.Grad!.Item());           // 6x
        Assert.False(x.Grad.RequiresGrad);
    }

    [Fact]
    public void Without_createGraph_gradients_are_constants()
    {
        var x = Leaf(2);
        (x * x * x).Backward();
        Assert.False(x.Grad!.RequiresGrad);
        Assert.True(Gradients.Enabled);
    }

    [Fact]
    public void A_result_of_several_elements_needs_a_seed()
    {
        var y = Leaf([2, 3], 1, 2, 3, 4, 5, 6) * 2;
        Assert.Equal("Backward: a gradient is of one number, but this tensor is [2, 3]. Reduce it first (.Mean() or .Sum()), "
            + "or pass a seed of shape [2, 3].", Assert.Throws<GradientException>(() => y.Backward()).Message);
    }

    [Fact]
    public void A_seed_weighs_the_elements()
    {
        var x = Leaf([3], 1, 2, 3);
        (x * x).Backward(Vector(1, 10, 100));
        Equal([3], [2, 40, 600], x.Grad);
    }

    [Fact]
    public void A_result_with_one_element_and_axes_needs_no_seed()
    {
        var x = Leaf([1, 1], 3);
        (x * x).Backward();
        Equal([1, 1], [6], x.Grad);
    }

    [Fact]
    public void A_seed_of_another_shape_or_type_is_refused()
    {
        var y = Leaf([3], 1, 2, 3) * 2;
        Assert.Equal("Backward: the seed is [1, 3], but must be [3], the shape of the tensor.",
            Assert.Throws<ShapeException>(() => y.Backward(Tensor.Ones([1, 3], DType.Float64))).Message);
        Assert.StartsWith("Backward: Float64 and Float32 do not mix",
            Assert.Throws<DTypeException>(() => y.Backward(Tensor.Ones([3]))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_seed_that_is_a_parameter_is_copied()
    {
        var (x, seed) = (Leaf([1], 1), Named("seed", [1], 7));
        (x + 0).Backward(seed);
        seed.Assign(Vector(8));
        Equal([1], [7], x.Grad);
    }

    [Fact]
    public void What_depends_on_nothing_cannot_be_differentiated()
    {
        const string Reason = "Backward: this tensor depends on no parameter and on no tensor that requires gradients, so there "
            + "is nothing to differentiate. Was it computed inside Gradients.Off(), or from Detach()ed values?";
        Assert.Equal(Reason, Assert.Throws<GradientException>(() => Tensor.Ones([]).Backward()).Message);
        var x = Leaf(3);
        Assert.Equal(Reason, Assert.Throws<GradientException>(() => (x.Detach() * 2).Backward()).Message);
        Tensor y;
        using (Gradients.Off()) y = x * x;
        Assert.Equal(Reason, Assert.Throws<GradientException>(() => y.Backward()).Message);
    }

    [Fact]
    public void Backward_inside_Off_works_on_what_was_recorded_outside()
    {
        var x = Leaf(3);
        var loss = x * x;
        using (Gradients.Off()) loss.Backward();
        Assert.Equal(6, x.Grad!.Item());
        Assert.False(x.Grad.RequiresGrad);
    }

    [Fact]
    public void A_leaf_is_its_own_loss()
    {
        var p = Named("w", [], 3);
        p.Backward();
        p.Backward();
        Assert.Equal(2, p.Grad!.Item());
    }

    [Fact]
    public void RequiresGrad_cannot_be_taken_from_a_computed_tensor()
    {
        var y = Leaf(3) * 2;
        Assert.Contains("the result of 'multiply'", Assert.Throws<InvalidOperationException>(() => y.RequiresGrad = false).Message,
            StringComparison.Ordinal);
        y.RequiresGrad = true;      // holds already
    }

    [Fact]
    public void A_frozen_leaf_gets_no_gradient()
    {
        var (a, b) = (Named("a", [], 2), Named("b", [], 3));
        a.RequiresGrad = false;
        (a * b).Backward();
        Assert.Null(a.Grad);
        Assert.Equal(2, b.Grad!.Item());
    }

    [Fact]
    public void Grad_takes_only_what_fits()
    {
        var p = Named("w", [2], 1, 2);
        Assert.Equal("Grad: a gradient of [3] does not fit a tensor of [2].",
            Assert.Throws<ShapeException>(() => p.Grad = Vector(1, 2, 3)).Message);
        Assert.Throws<DTypeException>(() => p.Grad = Tensor.Ones([2]));
    }

    [Fact]
    public void A_rule_is_run_once_per_edge()
    {
        var runs = 0;
        var x = Leaf(2);
        var y = Node.Record("counted", Tensor.Scalar(4, DType.Float64), (x, g => { runs++; return g; }));
        (y * y + y).Backward();
        Assert.Equal(1, runs);
        Assert.Equal(9, x.Grad!.Item());
    }
}
