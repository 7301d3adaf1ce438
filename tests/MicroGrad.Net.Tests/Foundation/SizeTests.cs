using static MicroGrad.Net.Tests.Numbers;

namespace MicroGrad.Net.Tests;

/// <summary>Sizes at the end of their range: right, or refused in words that say which are too large.</summary>
public sealed class SizeTests
{
    const int Huge = int.MaxValue;

    [Fact]
    public void Padding_whose_sizes_add_up_to_too_much_is_refused()
    {
        Assert.Equal("pad: a padded axis would have a size of 4294967297, which is more than fits a tensor (2^31 - 2^16).",
            Message<ShapeException>(() => Tensor.Ones([3]).Pad([(Huge, Huge)])));
        foreach (var mode in Enum.GetValues<PadMode>())
        {
            Assert.Throws<ShapeException>(() => Tensor.Ones([3]).Pad([(Huge, Huge)], mode));
            Assert.Throws<ShapeException>(() => Tensor.Ones([3, 4]).Pad([(Huge, Huge), (0, 0)], mode));
            Assert.Throws<ShapeException>(() => Tensor.Ones([3]).Pad([(0, Huge - 2)], mode));
        }
    }

    [Fact]
    public void Padding_beside_huge_axes_keeps_its_values()
    {
        // An axis as long as can be, of which there are no items: no sum of its sizes may wrap around.
        var x = Tensor.Zeros([0, Sizes.Most - 10]);
        Assert.Equal([0, Sizes.Most], x.Pad([(4, 6)]).Shape);
        Assert.Throws<ShapeException>(() => x.Pad([(4, 7)]));
    }

    [Theory]
    [InlineData(1_500_000_000, 1 << 30, 1)]
    [InlineData(1, int.MaxValue, 1)]
    [InlineData(1, 1 << 30, 1 << 30)]
    [InlineData(int.MaxValue, 0, int.MaxValue)]
    public void Windows_that_reach_too_far_are_refused(int stride, int padding, int dilation)
    {
        var (x, w) = (Tensor.Ones([1, 1, 8]), Tensor.Ones([1, 1, 3]));
        Assert.Throws<ShapeException>(() => x.Conv1D(w, stride: stride, padding: padding, dilation: dilation));
        Assert.Throws<ShapeException>(() => x.ConvTranspose1D(w, stride: stride, padding: padding, dilation: dilation));
    }

    [Fact]
    public void A_stride_beyond_the_end_leaves_one_position()
    {
        var x = Tensor.From([1, 1, 5], [1f, 2, 3, 4, 5]);
        Equal([1, 1, 1], [6], x.Conv1D(Tensor.Ones([1, 1, 3]), stride: Huge));
        Equal([1, 1, 1], [3], x.MaxPool1D(3, stride: Huge));
        Equal([1, 1, 1], [2], x.AvgPool1D(3, stride: Huge));
        Equal([1, 1, 2], [1, 5], x.MaxPool1D(1, stride: 4, dilation: Huge));
        // 40 planes, since the last of them are computed a vector at a time.
        var planes = Tensor.Arange(40 * 64).Reshape(1, 40, 8, 8);
        Assert.Equal(planes[.., .., ..2, ..2].Max([2, 3]).ToDoubles(), planes.MaxPool2D(2, stride: Huge).ToDoubles());
    }

    [Fact]
    public void A_window_far_larger_than_the_image_averages_what_it_sees()
    {
        var x = Tensor.From([1, 1, 4], [1f, 2, 3, 4]);
        Equal([1, 1, 1], [2.5], x.AvgPool1D(1 << 29, padding: 1 << 28, countPadding: false));
        Equal([1, 1, 1], [4], x.MaxPool1D(1 << 24, padding: 1 << 23));
        Assert.Equal("max pool2d: the window 5000x5000 has more cells than the 16777216 that Float32 can number.",
            Message<ShapeException>(() => Tensor.Ones([1, 1, 1, 1]).MaxPool2D(5000, padding: 2500)));
    }

    [Fact]
    public void A_number_of_heads_whose_triple_wraps_around_is_refused() =>
        Assert.Throws<ShapeException>(() => Tensor.Ones([1, 2, 12]).SelfAttention(1_431_655_766));      // · 3 is 2

    [Fact]
    public void A_number_of_groups_whose_product_wraps_around_is_refused()
    {
        const int Groups = (1 << 30) + 1;       // · 4 is 4
        Assert.Throws<ShapeException>(() => Tensor.Ones([0, 4, 3, 3]).Conv2D(Tensor.Ones([0, 4, 1, 1]), groups: Groups));
        Assert.Throws<ShapeException>(() => Tensor.Ones([1, 0, 3, 3]).ConvTranspose2D(Tensor.Ones([0, 4, 1, 1]), groups: Groups));
    }

    [Fact]
    public void Layers_whose_weights_are_too_large_say_so()
    {
        Assert.Contains("Lstm: a weight would have a size of 4294967296", Message<ShapeException>(() => new Lstm(1, 1 << 30)));
        Assert.Throws<ShapeException>(() => new MultiheadAttention(1_431_655_766, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Gru(1, 1, layers: Huge));
        Assert.Equal("Conv2D: stride is -1, but must be positive.",
            Message<ArgumentOutOfRangeException>(() => new Conv2D(1, 1, 3, stride: -1)));
        Assert.Equal("MaxPool2D: window is 0, but must be positive.",
            Message<ArgumentOutOfRangeException>(() => new MaxPool2D(0)));
        Assert.Throws<ArgumentOutOfRangeException>(() => new SinusoidalPositions(0));
    }

    [Fact]
    public void Steps_larger_than_the_axis_take_the_first_item()
    {
        var x = Tensor.Arange(10);
        Equal([1], [0], x[AxisSlice.Every(Huge, ..)]);
        Equal([1], [3], x[AxisSlice.Every(Huge, 3..)]);
        Equal([0], [], x[AxisSlice.Every(Huge, 3..3)]);
        Equal([2], [0, 9], x[AxisSlice.Every(9, ..)]);
        Equal([4], [0, 3, 6, 9], x[AxisSlice.Every(3, ..)]);
        Equal([2, 1], [1, 4], Tensor.Arange(6).Reshape(2, 3)[.., AxisSlice.Every(Huge, 1..)]);
    }

    [Fact]
    public void The_default_slice_is_the_whole_axis()
    {
        var x = Tensor.Arange(6).Reshape(2, 3);
        Assert.Equal(x[.., 1].ToDoubles(), x[default, 1].ToDoubles());
        Assert.Equal("..|3|^1|1..2|Every(2, 0..^0)", string.Join('|', default(AxisSlice), (AxisSlice)3, (AxisSlice)(^1),
            (AxisSlice)(1..2), AxisSlice.Every(2, ..)));
        Assert.Throws<ShapeException>(() => x[Huge]);
        Assert.Throws<ShapeException>(() => x[^Huge]);
        Assert.Throws<ShapeException>(() => x[Huge..]);
        Assert.Throws<ShapeException>(() => x[..Huge]);
    }

    [Fact]
    public void Triangles_beyond_the_corners_are_all_or_nothing()
    {
        var (x, none) = (Tensor.Ones([2, 3]), Tensor.Zeros([2, 3]));
        foreach (var (triangle, all) in new[]
        {
            (x.Tril(Huge), true), (x.Tril(int.MinValue), false), (x.Triu(Huge), false), (x.Triu(int.MinValue), true),
            (x.Tril(Huge - 1), true), (x.Triu(Huge - 1), false),
        })
            Assert.Equal((all ? x : none).ToDoubles(), triangle.ToDoubles());
    }

    [Fact]
    public void Parts_larger_than_the_axis_are_the_axis()
    {
        Assert.Equal([3], Assert.Single(Tensor.Arange(3).Split(Huge)).Shape);
        Assert.Equal([2, 1], Tensor.Arange(3).Split(2).Select(part => part.Length));
        Assert.Throws<ShapeException>(() => Tensor.Arange(3).Split([3, Huge, Huge, 2]));
        Assert.Throws<ShapeException>(() => Tensor.Arange(3).Split([2, Huge]));
    }

    [Fact]
    public void Joined_axes_that_add_up_to_too_much_are_refused()
    {
        var x = Tensor.Zeros([1 << 30, 0]);
        Assert.Throws<ShapeException>(() => Tensor.Concat([x, x]));
        Assert.Equal([1 << 30, 0], Tensor.Concat([x, x], axis: 1).Shape);
    }

    [Fact]
    public void Tensors_as_large_as_no_array_are_refused_before_memory_is_asked_for()
    {
        Assert.Equal("[2147483647] has more elements than fit a tensor (2^31 - 2^16).",
            Message<ShapeException>(() => Tensor.Zeros([Huge])));
        Assert.Throws<ShapeException>(() => Tensor.Ones([Huge], DType.Float64));
        Assert.Throws<ShapeException>(() => Tensor.Eye(65536));
        Assert.Throws<ShapeException>(() => Tensor.Scalar(1).Expand([Huge]));
        // An empty one has strides too.
        Assert.Equal("[0, 65536, 65536] fits no tensor: the sizes other than 0 multiply to more than 2^31 - 2^16.",
            Message<ShapeException>(() => Tensor.Zeros([0, 65536, 65536])));
        Assert.Equal([0, 65536, 32767], Tensor.Zeros([0, 65536, 32767]).Shape);
        Assert.Throws<ShapeException>(() => Tensor.Zeros([0]).Reshape(0, 65536, 65536));
    }

    [Fact]
    public void A_range_of_too_many_values_or_of_none_that_are_numbers_is_refused()
    {
        Assert.Equal("arange: from 0 to 1000000000000 by 1 there are 1000000000000 values, more than fit a tensor (2^31 - 2^16).",
            Message<ShapeException>(() => Tensor.Arange(0, 1e12)));
        Assert.Throws<ShapeException>(() => Tensor.Arange(-double.MaxValue, double.MaxValue));
        Assert.Throws<ShapeException>(() => Tensor.Arange(0, 1, 1e-300));
        Assert.Throws<ShapeException>(() => Tensor.Arange(Huge));
        foreach (var (start, stop) in new[] { (0.0, double.NaN), (double.NaN, 1.0), (0.0, double.PositiveInfinity) })
            Assert.Throws<ArgumentOutOfRangeException>(() => Tensor.Arange(start, stop));
        Equal([0], [], Tensor.Arange(0, -1e300));
        Equal([3], [5, 3, 1], Tensor.Arange(5, 0, -2));
    }

    [Fact]
    public void A_shape_has_at_most_64_axes()
    {
        Assert.Equal(64, Shape.Of(Enumerable.Repeat(1, 64).ToArray()).Rank);
        Assert.Equal("A shape of 3000000 axes has more than fit a tensor (64).",
            Message<ShapeException>(() => Tensor.Scalar(1).Reshape(Enumerable.Repeat(1, 3_000_000).ToArray())));
        Assert.Throws<ShapeException>(() => Shape.Of(Enumerable.Repeat(1, 65).ToArray()));
        var x = Tensor.Ones(Enumerable.Repeat(1, 64).ToArray());
        Assert.Throws<ShapeException>(() => x.Unsqueeze(0));
        Assert.Equal(1, x.Sum().Item());
    }

    [Fact]
    public void Axes_of_a_shape_count_from_the_end_too()
    {
        var shape = Shape.Of(2, 3, 4);
        Assert.Equal((4, 2, 4, 2), (shape[-1], shape[-3], shape[^1], shape[^3]));
        Assert.Equal("shape: [2, 3, 4] has no axis 3; its axes are -3 to 2.", Message<ShapeException>(() => shape[3]));
        foreach (var axis in new[] { -4, Huge, int.MinValue }) Assert.Throws<ShapeException>(() => shape[axis]);
        foreach (var axis in new[] { ^4, ^Huge, ^0 }) Assert.Throws<ShapeException>(() => shape[axis]);
        Assert.Throws<ShapeException>(() => Shape.Scalar[-1]);
    }

    [Fact]
    public void Ids_that_no_int_holds_are_named()
    {
        var table = new Embedding(4, 2);
        Assert.Contains("index 1E+300 at position 1", Message<ArgumentOutOfRangeException>(() =>
            table.Forward(Tensor.From([2], [0, 1e300]))));
        Assert.Throws<ArgumentException>(() => table.Forward(Tensor.From([1], [double.NaN])));
        Assert.Throws<ArgumentOutOfRangeException>(() => table.Forward(Tensor.From([1], [double.NegativeInfinity])));
        Assert.Throws<ArgumentOutOfRangeException>(() => table.Forward(Tensor.From([1], [-1.0])));
    }

    [Fact]
    public void Positions_far_out_are_not_negative()
    {
        var x = Tensor.Ones([2, 2], DType.Float64);
        double[] angles = [Huge, Huge + 1.0];
        double[] expected = [.. angles.SelectMany(a => new[] { Math.Cos(a) - Math.Sin(a), Math.Cos(a) + Math.Sin(a) })];
        Close(expected, x.RotaryPositions(start: Huge), 1e-9);
    }

    [Fact]
    public void Sums_and_products_of_sizes_are_exact_or_refused()
    {
        Assert.Equal(6, Sizes.Sum("op", "it", 1, 2, 3));
        Assert.Equal(24, Sizes.Product("op", "it", 2, 3, 4));
        Assert.Equal(Sizes.Most, Sizes.Fit("op", "it", Sizes.Most));
        Assert.Equal(0, Sizes.Product("op", "it", Huge, Huge, Huge, 0));
        Assert.Equal(0, Sizes.Product(0, Huge, Huge, Huge, Huge));
        Assert.Equal(1L << 32, Sizes.Product(Huge, Huge, Huge, Huge, Huge));
        Assert.Throws<ShapeException>(() => Sizes.Sum("op", "it", Huge, Huge));
        Assert.Equal("op: it would have a size of 9903520300447984150353281023, which is more than fits a tensor (2^31 - 2^16).",
            Message<ShapeException>(() => Sizes.Product("op", "it", Huge, Huge, Huge)));
    }
}
