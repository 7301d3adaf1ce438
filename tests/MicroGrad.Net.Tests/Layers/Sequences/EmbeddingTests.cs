using static MicroGrad.Net.Tests.Numbers;

namespace MicroGrad.Net.Tests.Layers.Sequences;

public class EmbeddingTests
{
    [Fact]
    public void Ids_become_vectors_of_their_shape()
    {
        var layer = new Embedding(4, 2);
        layer.Weight.Assign(Tensor.Arange(8).Reshape(4, 2));
        Equal([3, 2], [6, 7, 0, 1, 6, 7], layer.Forward([3, 0, 3]));
        Equal([1, 3, 2], [6, 7, 0, 1, 6, 7], layer.Forward([3, 0, 3], [1, 3]));
        Equal([1, 3, 2], [6, 7, 0, 1, 6, 7], layer.Forward(Tensor.From([1, 3], [3f, 0f, 3f])));
        Equal([0, 2], [], layer.Forward([]));
        Assert.Equal(["weight"], layer.NamedParameters().Select(named => named.Name));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(-2)]
    public void The_padding_vector_starts_at_zero_and_gets_no_gradient(int padding)
    {
        var layer = new Embedding(4, 3, padding);
        Assert.Equal([0, 0, 0], layer.Weight[2].ToDoubles());
        layer.Forward([0, 2, 2, 3, 3]).Sum().Backward();
        Equal([4, 3], [1, 1, 1, 0, 0, 0, 0, 0, 0, 2, 2, 2], layer.Weight.Grad);
        // What a user writes there is shown all the same, as in PyTorch.
        layer.Weight.Assign(Tensor.Ones([4, 3]));
        Assert.Equal([1, 1, 1], layer.Forward([2]).ToDoubles());
    }

    [Fact]
    public void Wrong_ids_are_named_with_their_position_and_range()
    {
        var layer = new Embedding(4, 2, paddingIndex: 0);
        Assert.Equal("Embedding(4 x 2, padding 0): index 4 at position 1 is not in 0..3.",
            Message<ArgumentOutOfRangeException>(() => layer.Forward([0, 4])));
        Assert.Equal("Embedding(4 x 2, padding 0): index -1 at position 0 is not in 0..3.",
            Message<ArgumentOutOfRangeException>(() => layer.Forward(Tensor.From([1], [-1f]))));
        Assert.Equal("Embedding(4 x 2, padding 0): 1.5 at position 1 is no id: ids are whole numbers.",
            Message<ArgumentException>(() => layer.Forward(Tensor.From([2], [1f, 1.5f]))));
        Assert.Contains("NaN at position 0", Message<ArgumentException>(() => layer.Forward(Tensor.From([1], [float.NaN]))));
        Assert.Equal("Embedding(4 x 2, padding 0): [2, 2] takes 4 values, but 3 were given.",
            Message<ShapeException>(() => layer.Forward([0, 1, 2], [2, 2])));
        Assert.Equal("Embedding: paddingIndex is 4, but must be from -4 to 3.",
            Message<ArgumentOutOfRangeException>(() => new Embedding(4, 2, 4)));
        Assert.Contains("count is 0", Message<ArgumentOutOfRangeException>(() => new Embedding(0, 2)));
        Assert.Contains("width is -1", Message<ArgumentOutOfRangeException>(() => new Embedding(2, -1)));
    }

    [Fact]
    public void Vectors_start_from_the_standard_normal_distribution_by_the_seed()
    {
        var weight = new Embedding(200, 50, rng: new Rng(1)).Weight;
        Assert.Equal(0, weight.Mean().Item(), 0.05);
        Assert.Equal(1, weight.StandardDeviation().Item(), 0.05);
        SameBits(weight, new Embedding(200, 50, rng: new Rng(1)).Weight);
    }
}
