using static MicroGrad.Net.Tests.Numbers;

namespace MicroGrad.Net.Tests;

/// <summary>Gradients are added up in place and their memory is used again, but never one that a user has.</summary>
public sealed class GradientMemoryTests
{
    static void Backward(Tensor x, double factor) => (x * factor).Sum().Backward();

    [Fact]
    public void A_gradient_that_was_handed_out_never_changes()
    {
        var x = Leaf([2], 1, 2);
        Backward(x, 3);
        var first = x.Grad!;
        Backward(x, 4);
        var second = x.Grad!;
        x.Grad = null;
        Backward(x, 5);
        Equal([2], [3, 3], first);
        Equal([2], [7, 7], second);
        Equal([2], [5, 5], x.Grad);
    }

    [Fact]
    public void A_gradient_that_the_user_set_never_changes()
    {
        var (x, own) = (Leaf([2], 1, 2), Vector(10, 20));
        x.Grad = own;
        Assert.Same(own, x.Grad);
        Backward(x, 3);
        Equal([2], [10, 20], own);
        Equal([2], [13, 23], x.Grad);
    }

    [Fact]
    public void A_parameter_as_a_gradient_is_its_values_of_that_time()
    {
        var (x, other) = (Leaf([2], 1, 2), new Parameter(Vector(10, 20)));
        x.Grad = other;
        other.Assign(Vector(0, 0));
        Equal([2], [10, 20], x.Grad);
        Equal([2], [10, 20], x.Gradient!);
    }

    [Fact]
    public void A_gradient_set_or_read_inside_a_scope_outlives_it()
    {
        var x = Leaf([2], 1, 2);
        Tensor seen, own;
        using (new StepScope())
        {
            Backward(x, 3);
            seen = x.Grad!;
            x.Grad = own = Vector(10, 20);
        }
        Equal([2], [3, 3], seen);
        Equal([2], [10, 20], own);
        Equal([2], [10, 20], x.Gradient!);
    }

    [Fact]
    public void A_recorded_gradient_adds_to_one_that_is_not_and_the_other_way_round()
    {
        var x = Leaf([2], 1, 2);
        Backward(x, 3);
        (x * x).Sum().Backward(createGraph: true);
        Equal([2], [5, 7], x.Grad);
        Assert.NotNull(x.Grad!.Node);
        Backward(x, 3);
        Equal([2], [8, 10], x.Grad);
        Assert.Null(x.Grad!.Node);
    }

    [Fact]
    public void The_sum_is_added_to_in_place_and_its_memory_used_again_whether_or_not_a_user_has_a_copy()
    {
        var x = Leaf([2], 1, 2);
        Backward(x, 3);
        var storage = x.Gradient!.Storage;
        var seen = x.Grad!;
        Backward(x, 4);
        Assert.Same(storage, x.Gradient!.Storage);
        Equal([2], [7, 7], x.Gradient);
        Equal([2], [3, 3], seen);
        Equal([2], [7, 7], x.Grad);
        Assert.Same(x.Grad, x.Grad);
        x.Grad = null;
        (x + 0).Backward(Vector(8, 9));     // the seed is the user's: it is copied to where the gradient was
        Assert.Same(storage, x.Gradient!.Storage);
        Equal([2], [8, 9], x.Gradient);
    }

    [Fact]
    public void Two_leaves_with_the_same_gradient_have_each_its_own()
    {
        var (x, y) = (Leaf([2], 1, 2), Leaf([2], 3, 4));
        (x + y).Exp().Sum().Backward();
        var before = y.Gradient!.ToDoubles();
        Backward(x, 1);
        Assert.Equal(before, y.Gradient!.ToDoubles());
        Assert.NotEqual(before, x.Gradient!.ToDoubles());
    }

    [Fact]
    public void A_pending_gradient_that_two_inputs_share_is_not_added_to_in_place()
    {
        var (x, y) = (Leaf([2], 1, 2), Leaf([2], 3, 4));
        var (u, v) = (x * 1, y * 1);
        var more = u * 3;
        ((u + v).Sum() + more.Sum()).Backward();        // u and v get one gradient, then u a second
        Equal([2], [4, 4], x.Grad);
        Equal([2], [1, 1], y.Grad);

        (x.Grad, y.Grad) = (null, null);
        (u, v) = (x * 1, y * 1);
        var part = u[..1];
        ((u + v).Sum() + part.Sum()).Backward();
        Equal([2], [2, 1], x.Grad);
        Equal([2], [1, 1], y.Grad);
    }

    [Fact]
    public void A_retained_gradient_is_not_that_of_the_leaf_below()
    {
        var x = Leaf([2], 1, 2);
        var y = x.Reshape(2, 1).Reshape(2).RetainGrad();
        var z = (y + x).RetainGrad();
        z.Exp().Sum().Backward(retainTape: true);
        var (atY, atZ) = (y.Gradient!.ToDoubles(), z.Gradient!.ToDoubles());
        Backward(x, 100);
        Assert.Equal(atY, y.Gradient!.ToDoubles());
        Assert.Equal(atZ, z.Gradient!.ToDoubles());
        Assert.Equal(atZ, atY);
    }

    [Fact]
    public void A_seed_is_left_alone()
    {
        var (x, seed) = (Leaf([2], 1, 2), Vector(1, 2));
        (x + 0).Backward(seed);
        Backward(x, 5);
        Assert.Equal([1, 2], seed.ToDoubles());
        Equal([2], [6, 7], x.Grad);
    }

    [Fact]
    public void A_conversion_drops_the_memory_of_the_old_type_also_of_a_frozen_parameter()
    {
        var layer = new Linear(2, 2);
        layer.Forward(Tensor.Ones([1, 2])).Sum().Backward();
        layer.Weight.RequiresGrad = false;
        layer.To(DType.Float64);
        layer.Weight.RequiresGrad = true;
        (layer.Weight + 0).Backward(Tensor.Ones([2, 2], DType.Float64));
        Equal([2, 2], [1, 1, 1, 1], layer.Weight.Grad);
    }

    [Fact]
    public void Clipping_changes_no_gradient_that_was_handed_out()
    {
        var x = new Parameter(Vector(1, 2));
        Backward(x, 3);
        var seen = x.Grad!;
        GradientClipping.ByValue([x], 1);
        Equal([2], [3, 3], seen);
        Equal([2], [1, 1], x.Gradient);
        x.Grad = null;
        Backward(x, 3);
        var storage = x.Gradient!.Storage;
        GradientClipping.ByValue([x], 2);
        Equal([2], [2, 2], x.Gradient);
        Assert.Same(storage, x.Gradient!.Storage);
    }

    [Fact]
    public void A_second_walk_with_the_same_seed_finds_nothing_of_the_first()
    {
        var rng = new Rng(1);
        var layer = new BatchNorm1D(3).To(DType.Float64);
        Tensor Normal() => Tensor.Normal([5, 3, 2], rng: rng, dtype: DType.Float64);
        var (x, seed) = (Leaf(Normal()), Normal());
        var y = layer.Forward(x);
        y.Backward(seed, retainTape: true);
        Tensor[] leaves = [x, .. layer.Parameters()];
        var first = leaves.Select(leaf => leaf.Gradient!.ToDoubles()).ToArray();
        y.Backward(seed, retainTape: true);
        foreach (var (leaf, gradient) in leaves.Zip(first))
            Assert.Equal(gradient.Select(g => 2 * g), leaf.Gradient!.ToDoubles());
    }

    [Fact]
    public void Slices_add_their_gradients_up_where_they_overlap_and_beside_other_uses()
    {
        var x = Leaf([4], 1, 2, 3, 4);
        (x[..3].Sum() + (x * 10).Sum() + (x[1..] * 100).Sum() + (x.Flip()[..1] * 1000).Sum()).Backward(retainTape: true);
        Equal([4], [11, 111, 111, 1110], x.Grad);
        var y = Leaf([4], 1, 2, 3, 4);
        (y[..3] + y[1..]).Backward(Vector(1, 2, 3), createGraph: true);
        Equal([4], [1, 3, 5, 3], y.Grad);
    }

    [Fact]
    public async Task Backwards_of_several_threads_over_one_leaf_and_one_kept_tape_add_up()
    {
        var x = Leaf(Tensor.Zeros([50_000], DType.Float64));
        var (shared, seed) = (x + 0, Tensor.Ones([50_000], DType.Float64));
        using var start = new Barrier(2);
        await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => Task.Run(() =>
        {
            start.SignalAndWait();
            for (var i = 0; i < 1000; i++)
            {
                using var scope = new StepScope();
                shared.Backward(seed, retainTape: true);
            }
        })));
        Assert.All(x.Grad!.ToDoubles(), g => Assert.Equal(2000, g));
    }
}
