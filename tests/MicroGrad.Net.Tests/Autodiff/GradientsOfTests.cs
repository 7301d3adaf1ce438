using static MicroGrad.Net.Tests.Numbers;

namespace MicroGrad.Net.Tests;

public sealed class GradientsOfTests
{
    [Fact]
    public void Grad_is_left_alone()
    {
        var x = Leaf(3);
        (x * 2).Backward();
        Assert.Equal(6, Gradients.Of(x * x, [x])[0].Item());
        Assert.Equal(2, x.Grad!.Item());
    }

    [Fact]
    public void Intermediates_can_be_inputs()
    {
        var x = Leaf(3);
        var middle = x * x;
        var loss = middle * middle * 2;
        var gradients = Gradients.Of(loss, [middle, x, loss]);
        Assert.Equal(36, gradients[0].Item());
        Assert.Equal(216, gradients[1].Item());
        Assert.Equal(1, gradients[2].Item());
    }

    [Fact]
    public void An_input_named_twice_gets_the_gradient_twice()
    {
        var x = Leaf(3);
        Assert.Equal([6, 6], Gradients.Of(x * x, [x, x]).Select(g => g.Item()));
    }

    [Fact]
    public void An_unused_input_is_an_error_or_zeros()
    {
        var (x, unused) = (Leaf(3), Leaf([2], 1, 2));
        Assert.Equal("Gradients.Of: the loss does not depend on input 1 ([2]). Pass allowUnused: true to get zeros for it.",
            Assert.Throws<GradientException>(() => Gradients.Of(x * x, [x, unused])).Message);
        var gradients = Gradients.Of(x * x, [x, unused], allowUnused: true);
        Assert.Equal(6, gradients[0].Item());
        Equal([2], [0, 0], gradients[1]);
        Assert.Equal(DType.Float64, gradients[1].DType);
    }

    [Fact]
    public void A_loss_that_depends_on_nothing_gives_zeros_where_allowed()
    {
        var x = Leaf([2], 1, 2);
        var constant = Tensor.Scalar(3, DType.Float64);
        Assert.Throws<GradientException>(() => Gradients.Of(constant, [x]));
        Equal([2], [0, 0], Gradients.Of(constant, [x], allowUnused: true)[0]);
    }

    [Fact]
    public void An_input_without_gradient_is_an_error()
    {
        var (x, constant) = (Leaf(3), Tensor.Ones([4], DType.Float64));
        Assert.Equal("Gradients.Of: input 1 ([4]) does not require gradients: make it a Parameter, or set its RequiresGrad "
            + "before the forward.",
            Assert.Throws<GradientException>(() => Gradients.Of(x * x, [x, constant])).Message);
    }

    [Fact]
    public void Derivatives_of_x_to_the_fourth_to_the_fourth_order()
    {
        foreach (var function in new Func<Tensor, Tensor>[] { x => x.Pow(4), x => x * x * x * x, x => x.Square().Square() })
        {
            var x = Leaf([2], 3, -2);
            var y = function(x).Sum();
            double[][] expected = [[108, -32], [108, 48], [72, -48], [24, 24]];
            foreach (var values in expected)
            {
                var derivative = Gradients.Of(y, [x], createGraph: true)[0];
                Close(values, derivative);
                y = derivative.Sum();
            }
            Assert.Null(x.Grad);
        }
    }

    [Fact]
    public void CreateGraph_keeps_the_tape()
    {
        var x = Leaf(3);
        var y = x * x;
        Gradients.Of(y, [x], createGraph: true);
        Gradients.Of(y, [x], retainTape: true);
        Gradients.Of(y, [x]);
        Assert.Throws<GradientException>(() => Gradients.Of(y, [x]));
    }

    [Fact]
    public void Only_rules_that_lead_to_the_inputs_are_run()
    {
        var runs = new List<string>();
        Tensor Counted(string name, Tensor x) => Node.Record(name, x.Detach() * 1, (x, g => { runs.Add(name); return g; }));
        var (a, b) = (Leaf(1), Leaf(2));
        var (left, right) = (Counted("left", a), Counted("right", b));
        var loss = Counted("top", left + right);
        Gradients.Of(loss, [left], retainTape: true);
        Assert.Equal(["top"], runs);
        runs.Clear();
        Gradients.Of(loss, [b], retainTape: true);
        Assert.Equal(["top", "right"], runs);
        runs.Clear();
        loss.Backward();
        Assert.Equal(["top", "right", "left"], runs);
    }

    [Fact]
    public void A_seed_weighs_the_elements_of_the_result()
    {
        var x = Leaf([3], 1, 2, 3);
        Equal([3], [2, 40, 600], Gradients.Of(x * x, [x], seed: Vector(1, 10, 100))[0]);
        Assert.StartsWith("Gradients.Of: a gradient is of one number",
            Message<GradientException>(() => Gradients.Of(x * x, [x])), StringComparison.Ordinal);
    }

    [Fact]
    public void A_seed_can_be_differentiated_as_well()
    {
        // d/dv of vᵀJ is J: the trick that makes a forward-mode derivative of two reverse ones.
        var (x, v) = (Leaf([2], 3, 5), Leaf([2], 1, 1));
        var product = Gradients.Of(x * x * x, [x], createGraph: true, seed: v)[0];
        Equal([2], [27, 75], Gradients.Of(product.Sum(), [v])[0]);
    }

    [Fact]
    public void A_Hessian_vector_product_is_right()
    {
        // f = x²y: H = [[2y, 2x], [2x, 0]].
        var (x, y) = (Leaf(3), Leaf(5));
        var g = Gradients.Of(x * x * y, [x, y], createGraph: true);
        var hv = Gradients.Of(g[0] * 1 + g[1] * 10, [x, y]);
        Assert.Equal([10 + 60, 6], hv.Select(t => t.Item()));
    }

    [Fact]
    public void A_gradient_that_is_the_seed_itself_does_not_share_a_parameters_memory()
    {
        var seed = new Parameter(Tensor.From([1], [2.0]));
        var x = Tensor.From([1], [3.0]);
        x.RequiresGrad = true;
        var gradient = Gradients.Of(x + 1, [x], seed: seed)[0];
        seed.Assign(Tensor.From([1], [7.0]));
        Assert.Equal(2, gradient.Item());
    }
}
