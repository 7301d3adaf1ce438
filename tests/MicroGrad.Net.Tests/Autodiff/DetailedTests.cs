using System.Runtime.CompilerServices;
using static MicroGrad.Net.Tests.Numbers;

namespace MicroGrad.Net.Tests;

/// <summary>What a node tells beyond its shape, inside Tape.Detailed and outside.</summary>
public sealed class DetailedTests
{
    static Tensor Large() => Leaf(Tensor.Ones([40, 40], DType.Float64));

    [Fact]
    public void Outside_small_results_are_kept_until_the_backward_and_large_ones_are_not()
    {
        var loss = (Large() * 2).Sum();
        var tape = loss.Tape;
        Assert.NotNull(tape[0].Value);          // the leaf
        Assert.Null(tape[1].Value);
        Equal([], [3200], tape[2].Value);
        Assert.All(tape, node => Assert.Null(node.Detail));
        Assert.All(tape, node => Assert.Null(node.RecordedAt));
        loss.Backward();
        Assert.Null(tape[2].Value);
        Assert.NotNull(tape[0].Value);
    }

    [Fact]
    public void Inside_everything_is_kept_until_the_backward()
    {
        Tensor loss;
        using (Tape.Detailed()) loss = (Large() * Vector(2)).Sum();
        var tape = loss.Tape;
        Assert.Equal(1600, tape[1].Value!.ToDoubles().Count(value => value == 2));
        Assert.Null(tape[1].Value!.Node);
        Assert.Equal([1600, 1], tape[1].Detail!.Inputs.Select(input => input.Length));
        Assert.StartsWith("DetailedTests.cs:", tape[1].RecordedAt, StringComparison.Ordinal);
        Assert.EndsWith("DetailedTests.cs", tape[1].Detail!.File, StringComparison.Ordinal);
        Assert.True(tape[1].Detail!.Line > 0);
        loss.Backward();
        Assert.Null(tape[1].Value);
    }

    [Fact]
    public void The_scope_ends_also_by_an_exception_and_those_around_it_go_on()
    {
        var seen = new List<string>();
        var x = Leaf([2], 1, 2);
        using (Gradients.Observe(result => seen.Add(result.Node!.Op)))
        {
            Assert.Throws<InvalidOperationException>((Action)(() =>
            {
                using (Tape.Detailed())
                {
                    Assert.NotNull(x.Exp().Node!.Detail);
                    throw new InvalidOperationException();
                }
            }));
            Assert.Null(x.Sin().Node!.Detail);
        }
        Assert.Equal(["exp", "sin"], seen);
    }

    [Fact]
    public void Calls_name_modules_and_the_library_function()
    {
        var model = new Sequential(new Linear(2, 3), new Residual(new Sequential(new Linear(3, 3), new Tanh())));
        var results = new List<Tensor>();
        using (Gradients.Observe(results.Add))
        using (Tape.Detailed()) Losses.MeanSquaredError(model.Forward(Tensor.Ones([1, 2])), Tensor.Ones([1, 3]));
        string[] Calls(string op) => [.. results.Where(result => result.Node!.Op == op).Select(result =>
            string.Join(" > ",
                result.Node!.Detail!.Calls.Select(call => call.Name is null ? call.Text : $"{call.Name}: {call.Text}")))];
        Assert.Equal(["Sequential > 0: Linear(2 -> 3)",
            "Sequential > 1: Residual > body: Sequential > 0: Linear(3 -> 3)"], Calls("linear"));
        Assert.Equal(["Sequential > 1: Residual > body: Sequential > 1: Tanh"], Calls("tanh"));
        Assert.Equal(["Losses.MeanSquaredError"], Calls("mean"));
    }

    [Fact]
    [MethodImpl(MethodImplOptions.NoOptimization)]
    public void The_runtime_between_is_not_the_users_line()
    {
        Tensor[] inputs = [Leaf([2], 1, 2), Leaf([2], 3, 4)];
        using (Tape.Detailed())
            Assert.StartsWith(
                "DetailedTests.cs:", inputs.Aggregate(Tensor.Max).Node!.RecordedAt, StringComparison.Ordinal);
    }

    [Fact]
    public void A_part_that_throws_is_left()
    {
        var model = new Sequential(new Linear(2, 3), new Linear(4, 5));
        using (Tape.Detailed())
        {
            Assert.Throws<ShapeException>(() => model.Forward(Tensor.Ones([1, 2])));
            Assert.DoesNotContain(Leaf([2], 1, 2).Exp().Node!.Detail!.Calls, call => call.IsModule);
        }
    }

    [Fact]
    public void All_gradients_are_those_of_each_and_touch_no_Grad()
    {
        var (x, y) = (Leaf([2], 1, 2), Leaf([2, 2], 3, 4, 5, 6));
        var product = x * y;
        var loss = product.Tanh().Sum();
        var all = loss.Tape.AllGradients();
        Assert.Equal(loss.Tape.Count, all.Count);
        foreach (var tensor in (Tensor[])[x, y, product, loss])
            SameBits(Gradients.Of(loss, [tensor], retainTape: true)[0], all[loss.Tape.IndexOf(tensor.Node!)]);
        Assert.Null(x.Grad);
        Assert.Equal(-1, loss.Tape.IndexOf(Leaf(1).Node!));
        Equal([2], [6, 8], (x * x + 0).Tape.AllGradients(Vector(3, 2))[0]);
    }

    [Fact]
    public void A_rule_applied_is_the_part_of_the_gradient_that_comes_by_it()
    {
        var (x, y) = (Leaf([2], 1, 2), Leaf([2, 2], 3, 4, 5, 6));
        var node = (x * y).Node!;
        var g = Tensor.From([2, 2], [1.0, 10, 100, 1000]);
        Assert.Equal([0, 1], node.InputPlaces);
        Equal([2], [503, 6040], node.Pass(0, g));
        Equal([2, 2], [1, 20, 100, 2000], node.Pass(1, g));
        Assert.Null(node.Pass(0, g).Node);
        Assert.NotNull(node.Pass(0, g, createGraph: true).Node);
        Assert.Equal([1], (Vector(1, 2) * x).Node!.InputPlaces);
        Assert.Contains(
            "must be [2, 2]", Message<ShapeException>(() => node.Pass(0, Vector(1, 2))), StringComparison.Ordinal);
    }
}
