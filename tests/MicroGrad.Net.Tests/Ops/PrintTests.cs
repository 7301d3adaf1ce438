using System.Globalization;

namespace MicroGrad.Net.Tests;

public sealed class PrintTests
{
    static string Print(Tensor tensor) => tensor.ToString().ReplaceLineEndings("\n");

    [Fact]
    public void A_scalar_and_a_vector()
    {
        Assert.Equal("3 [] Float32", Print(Tensor.Scalar(3)));
        Assert.Equal("0.5000 [] Float64", Print(Tensor.Scalar(0.5, DType.Float64)));
        Assert.Equal("[1 2 3] [3] Float32", Print(Tensor.From([3], [1f, 2, 3])));
        Assert.Equal("[ 1.5000 -2.0000 10.2500] [3] Float64", Print(Tensor.From([3], [1.5, -2, 10.25])));
    }

    [Fact]
    public void A_matrix_is_aligned() => Assert.Equal("""
        [[ 1.0000 -2.5000]
         [30.0000  4.0000]] [2, 2] Float64
        """.ReplaceLineEndings("\n"), Print(Tensor.From([2, 2], [1, -2.5, 30, 4])));

    [Fact]
    public void More_axes_nest() => Assert.Equal("""
        [[[0 1]
          [2 3]]
         [[4 5]
          [6 7]]] [2, 2, 2] Float32
        """.ReplaceLineEndings("\n"), Print(Tensor.Arange(8).Reshape(2, 2, 2)));

    [Fact]
    public void Large_and_small_numbers_take_an_exponent()
    {
        Assert.Equal("[1.0000e+00 1.0000e+06] [2] Float64", Print(Tensor.From([2], [1, 1e6])));
        Assert.Equal("[0.0000e+00 2.5000e-05] [2] Float64", Print(Tensor.From([2], [0, 2.5e-5])));
        Assert.Equal("[99999] [1] Float64", Print(Tensor.From([1], [99999.0])));
    }

    [Fact]
    public void NaN_and_infinities_stand_beside_numbers()
    {
        var x = Tensor.From([4], [double.NaN, double.PositiveInfinity, double.NegativeInfinity, 1.5]);
        Assert.Equal("[      NaN  Infinity -Infinity    1.5000] [4] Float64", Print(x));
        Assert.Equal("[NaN   1] [2] Float64", Print(Tensor.From([2], [double.NaN, 1])));
    }

    [Fact]
    public void Empty_tensors()
    {
        Assert.Equal("[] [0] Float32", Print(Tensor.Zeros([0])));
        Assert.Equal("[[]\n []] [2, 0] Float32", Print(Tensor.Zeros([2, 0])));
        Assert.Equal("[] [0, 2] Float32", Print(Tensor.Zeros([0, 2])));
    }

    [Fact]
    public void A_thousand_elements_are_shown_whole_and_more_by_their_ends()
    {
        Assert.DoesNotContain("...", Print(Tensor.Arange(1000)), StringComparison.Ordinal);
        Assert.Equal("[0 1 2 ... 998 999 1000] [1001] Float32", Print(Tensor.Arange(1001)));
        Assert.Equal("""
            [[0 1 2 ... 97 98 99]
             [100 101 102 ... 197 198 199]
             [200 201 202 ... 297 298 299]
             ...
             [1700 1701 1702 ... 1797 1798 1799]
             [1800 1801 1802 ... 1897 1898 1899]
             [1900 1901 1902 ... 1997 1998 1999]] [20, 100] Float32
            """.ReplaceLineEndings("\n"), Print(Tensor.Arange(2000).Reshape(20, 100)));
        Assert.Equal("""
            [[0 1 2 3]
             [4 5 6 7]
             [8 9 10 11]
             ...
             [1188 1189 1190 1191]
             [1192 1193 1194 1195]
             [1196 1197 1198 1199]] [300, 4] Float32
            """.ReplaceLineEndings("\n"), Print(Tensor.Arange(1200).Reshape(300, 4)));
    }

    [Fact]
    public void The_culture_does_not_show()
    {
        var before = CultureInfo.CurrentCulture;
        try
        {
            var other = (CultureInfo)CultureInfo.InvariantCulture.Clone();
            (other.NumberFormat.NumberDecimalSeparator, other.NumberFormat.NegativeSign) = (",", "~");
            CultureInfo.CurrentCulture = other;
            Assert.Equal("[-1.5000] [1] Float64", Print(Tensor.From([1], [-1.5])));
            Assert.Equal("Dropout(0.25)", new Dropout(0.25).Describe());
            Assert.Contains("learning rate is -0.5", Numbers.Message<ArgumentOutOfRangeException>(
                () => new Sgd([Numbers.Named("w", [1], 1)], -0.5)), StringComparison.Ordinal);
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Fact]
    public void Item_wants_one_element()
    {
        Assert.Equal(3, Tensor.From([1, 1], [3.0]).Item());
        Assert.Equal("Item: expects a tensor with one element, but got [2].", Numbers.Message<ShapeException>(() => Tensor.Ones([2]).Item()));
        Assert.Equal("Item: expects a tensor with one element, but got [0].", Numbers.Message<ShapeException>(() => Tensor.Ones([0]).Item()));
    }
}
