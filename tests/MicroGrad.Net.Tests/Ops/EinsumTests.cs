using static MicroGrad.Net.Tests.Numbers;

namespace MicroGrad.Net.Tests;

public sealed class EinsumTests
{
    static readonly Tensor Matrix = Tensor.From([2, 3], [1.0, 2, 3, 4, 5, 6]);
    static readonly Tensor Square = Tensor.From([2, 2], [1.0, 2, 3, 4]);

    [Fact]
    public void Equations_mean_what_they_say()
    {
        Equal([2, 2], [14, 32, 32, 77], Tensor.Einsum("ij,kj->ik", Matrix, Matrix));
        Equal([3, 2], [1, 4, 2, 5, 3, 6], Tensor.Einsum("ij->ji", Matrix));
        Equal([2], [6, 15], Tensor.Einsum("ij->i", Matrix));
        Equal([], [21], Tensor.Einsum("ij->", Matrix));
        Equal([2], [1, 4], Tensor.Einsum("ii->i", Square));
        Equal([], [5], Tensor.Einsum("ii", Square));
        Equal([2, 3], [3, 4, 5, 6, 8, 10], Tensor.Einsum("i,j->ij", Vector(1, 2), Vector(3, 4, 5)));
        Equal([], [26], Tensor.Einsum("i,i", Vector(1, 2, 3), Vector(3, 4, 5)));
        Equal([2], [1 * 1 * 2, 2 * 4 * 5 + 0], Tensor.Einsum("i,ii,i->i", Vector(1, 2), Square, Vector(2, 5)));
        Equal([], [7], Tensor.Einsum("", Tensor.Scalar(7, DType.Float64)));
    }

    [Fact]
    public void Without_an_arrow_letters_come_in_alphabetical_order() =>
        Equal([3, 2], [1, 4, 2, 5, 3, 6], Tensor.Einsum("ba", Matrix));

    [Fact]
    public void An_ellipsis_stands_for_batch_axes_that_broadcast()
    {
        var rng = new Rng(1);
        var (a, b) = (Tensor.Normal([3, 1, 2, 4], rng: rng, dtype: DType.Float64), Tensor.Normal([5, 4, 3], rng: rng, dtype: DType.Float64));
        Close(a.MatMul(b).ToDoubles(), Tensor.Einsum("...ij,...jk->...ik", a, b));
        Assert.Equal(Shape.Of(3, 5, 2, 3), Tensor.Einsum("...ij,...jk->...ik", a, b).Shape);
        Assert.Equal(Shape.Of(3, 5, 2, 3), Tensor.Einsum("... i j, ... j k", a, b).Shape);
        Close(a.Sum([0, 1]).ToDoubles(), Tensor.Einsum("...ij->ij", a));
    }

    [Theory]
    [InlineData("ij,jk->ik", "names 2 tensors, but 1 were given")]
    [InlineData("ij->i->j", "has more than one '->'")]
    [InlineData("ijk->i", "names 3 axes for operand 0, which is [2, 3]")]
    [InlineData("i->i", "names 1 axes for operand 0, which is [2, 3]")]
    [InlineData("ij->ik", "names 'k' in the result, where it must occur once, and in an operand too")]
    [InlineData("ij->ii", "names 'i' in the result, where it must occur once, and in an operand too")]
    [InlineData("i1->i", "has '1', which is no letter")]
    [InlineData("......", "has more than one '...' for operand 0")]
    [InlineData("...i...->i", "has more than one '...' for operand 0")]
    public void Equations_that_cannot_be_read_say_why(string equation, string reason) =>
        Assert.Equal($"einsum: \"{equation}\" {reason}.", Message<ArgumentException>(() => Tensor.Einsum(equation, Matrix)));

    [Fact]
    public void Letters_of_two_sizes_are_named()
    {
        Assert.Equal("einsum \"ij,ji->\": 'j' is 3 and, in operand 1 [2, 2], 2.",
            Message<ShapeException>(() => Tensor.Einsum("ij,ji->", Matrix, Square)));
        Assert.Throws<ShapeException>(() => Tensor.Einsum("ii->", Matrix));
        Assert.Equal("einsum \"...i,...i->...\": the axes of '...' are 2 and 3.",
            Message<ShapeException>(() => Tensor.Einsum("...i,...i->...", Tensor.Zeros([2, 4]), Tensor.Zeros([3, 4]))));
        // A size of 1 broadcasts under an ellipsis only.
        Assert.Throws<ShapeException>(() => Tensor.Einsum("i,i->", Tensor.Zeros([1]), Tensor.Zeros([3])));
    }

    [Fact]
    public void Random_contractions_equal_plain_loops()
    {
        var rng = new Rng(7);
        Tensor Draw(params int[] sizes) => Tensor.Normal(sizes, 0, 1, rng, DType.Float64);
        var (a, b, c) = (Draw(2, 3, 4), Draw(4, 2, 5), Draw(5, 3));
        var expected = new double[2 * 3];
        for (var i = 0; i < 2; i++)
            for (var j = 0; j < 3; j++)
                for (var k = 0; k < 4; k++)
                    for (var l = 0; l < 5; l++)
                        expected[i * 3 + j] += a[i, j, k].Item() * b[k, i, l].Item() * c[l, j].Item();
        Close(expected, Tensor.Einsum("ijk,kil,lj->ij", a, b, c), 1e-12);
    }
}
