using static MicroGrad.Net.Tests.Numbers;

namespace MicroGrad.Net.Tests;

public sealed class TapeTests
{
    static Tensor Small()
    {
        var (w, b) = (Named("0.weight", [1, 2], 1, 2), Named("0.bias", [1], 3));
        var x = Tensor.From([4, 2], new double[8]);
        return (x.MatMul(w, transposeRight: true) + b).Tanh().Mean();
    }

    static string Lines(string text) => text.ReplaceLineEndings("\n");

    [Fact]
    public void The_table_shows_operations_shapes_inputs_and_names()
    {
        Assert.Equal("""
            #   op         shape   inputs
            %0  parameter  [1, 2]  0.weight
            %1  parameter  [1]     0.bias
            %2  matmul     [4, 1]  %0
            %3  add        [4, 1]  %2, %1
            %4  tanh       [4, 1]  %3
            %5  mean       []      %4

            """.ReplaceLineEndings("\n"), Lines(Small().Tape.ToString()));
    }

    [Fact]
    public void The_Mermaid_drawing_is_exact() => Assert.Equal("""
        flowchart LR
            n0(["0.weight<br/>[1, 2]"])
            n1(["0.bias<br/>[1]"])
            n2["matmul<br/>[4, 1]"]
            n3["add<br/>[4, 1]"]
            n4["tanh<br/>[4, 1]"]
            n5["mean<br/>[]"]
            n0 --> n2
            n2 --> n3
            n1 --> n3
            n3 --> n4
            n4 --> n5

        """.ReplaceLineEndings("\n"), Small().Tape.ToMermaid());

    [Fact]
    public void The_DOT_drawing_is_exact()
    {
        var (w, x) = (Named("my \"w\"", [2], 1, 2), Leaf([2], 3, 4));
        Assert.Equal("""
            digraph tape {
                rankdir=LR;
                n0 [shape=ellipse, label="my 'w'\n[2]"];
                n1 [shape=ellipse, label="input\n[2]"];
                n2 [shape=box, label="multiply\n[2]"];
                n0 -> n2;
                n1 -> n2;
            }

            """.ReplaceLineEndings("\n"), (w * x).Tape.ToDot());
    }

    [Fact]
    public void Nodes_tell_about_their_operation()
    {
        var w = Named("0.weight", [2], 1, 2);
        var tape = (w * w).Sum().Tape;
        Assert.Equal(3, tape.Count);
        var (leaf, product, sum) = (tape[0], tape[1], tape[2]);
        Assert.Equal(("parameter", true, "0.weight"), (leaf.Op, leaf.IsLeaf, leaf.Name));
        Assert.Equal(("multiply", false, null), (product.Op, product.IsLeaf, product.Name));
        Assert.Equal((Shape.Of(2), DType.Float64), (product.Shape, product.DType));
        Assert.Equal((Shape.Scalar, DType.Float64), (sum.Shape, sum.DType));
        Assert.Empty(leaf.Inputs);
        Assert.Equal([leaf, leaf], product.Inputs);
        Assert.Equal([product], sum.Inputs);
        Assert.Equal(["parameter 0.weight [2]", "multiply [2]", "sum []"], tape.Select(node => node.ToString()));
    }

    [Fact]
    public void Inputs_come_before_results_whatever_the_order_of_use()
    {
        var (a, b) = (Leaf(1), Leaf(2));
        var late = a * b;
        var later = b * late;
        var tape = (later + a).Tape;
        Assert.Equal(5, tape.Count);
        var seen = new HashSet<Node>();
        foreach (var node in tape)
        {
            Assert.All(node.Inputs, input => Assert.Contains(input, seen));
            seen.Add(node);
        }
    }

    [Fact]
    public void Constants_do_not_appear()
    {
        var tape = (Leaf(1) * 3 + Tensor.Scalar(5, DType.Float64)).Tape;
        Assert.Equal(["input", "multiply", "add"], tape.Select(node => node.Op));
    }

    [Fact]
    public void A_freed_tape_prints_what_is_left()
    {
        var loss = Small();
        var tape = loss.Tape;
        loss.Backward();
        Assert.Equal("#   op    shape  inputs\n%0  mean  []\n", Lines(loss.Tape.ToString()));
        Assert.Equal("flowchart LR\n    n0[\"mean<br/>[]\"]\n", loss.Tape.ToMermaid());
        Assert.Equal(6, tape.Count);
        Assert.Contains("%2  matmul     [4, 1]\n", Lines(tape.ToString()), StringComparison.Ordinal);
        Assert.DoesNotContain("->", tape.ToDot(), StringComparison.Ordinal);
        Assert.DoesNotContain("-->", tape.ToMermaid(), StringComparison.Ordinal);
    }

    [Fact]
    public void What_depends_on_nothing_has_no_tape() =>
        Assert.StartsWith("Tape: this tensor depends on no parameter",
            Message<GradientException>(() => Tensor.Ones([2]).Tape), StringComparison.Ordinal);

    [Fact]
    public void The_tape_of_a_gradient_shows_how_it_was_computed()
    {
        var x = Leaf(2);
        var first = Gradients.Of(x.Sin(), [x], createGraph: true)[0];
        Assert.Equal(["input", "cos", "multiply"], first.Tape.Select(node => node.Op));
    }
}
