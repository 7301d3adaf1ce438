using System.Globalization;
using System.Xml.Linq;

namespace MicroGrad.Net.Tests.Study;

public sealed class LineChartTests
{
    static readonly double[] s_x = [0, 1, 2, 3, 4];

    static LineChart Chart(params double[] y) => new LineChart("loss", "epoch").Add("training", s_x, y);

    static XElement[] Parts(string svg, string name) =>
        [.. XDocument.Parse(svg).Descendants().Where(element => element.Name.LocalName == name)];

    static double[][] Points(XElement line) => [.. line.Attribute("points")!.Value.Split(' ')
        .Select(point => point.Split(',').Select(number => double.Parse(number, CultureInfo.InvariantCulture)).ToArray())];

    [Fact]
    public void Points_stand_where_the_axes_say()
    {
        var chart = new LineChart("loss", "epoch") { Width = 154, Height = 170, YRange = (0, 10) }.Add("", s_x, [0, 10, 5, 2.5, 7.5]);
        // 100 by 100 pixels of plot: x over 0..4, y downwards from 10.
        Assert.Equal([[0, 100], [25, 0], [50, 50], [75, 75], [100, 25]], Points(Assert.Single(Parts(chart.ToSvg(), "polyline"))));
    }

    [Fact]
    public void Measurements_are_points_without_a_line()
    {
        var chart = new LineChart("", "") { Width = 154, Height = 170, YRange = (0, 10) }
            .Add("", s_x, [0, 10, double.NaN, 2.5, 7.5], points: true);
        Assert.Empty(Parts(chart.ToSvg(), "polyline"));
        Assert.Equal([("0", "100"), ("25", "0"), ("75", "75"), ("100", "25")],
            Parts(chart.ToSvg(), "circle").Select(dot => (dot.Attribute("cx")!.Value, dot.Attribute("cy")!.Value)));
    }

    [Fact]
    public void A_line_breaks_where_there_is_no_number()
    {
        var pieces = Parts(Chart(1, double.NaN, 2, 3, double.PositiveInfinity).ToSvg(), "polyline");
        Assert.Equal([1, 2], pieces.Select(piece => Points(piece).Length));
        Assert.Empty(Parts(Chart(double.NaN, double.NaN, double.NaN, double.NaN, double.NaN).ToSvg(), "polyline"));
    }

    [Fact]
    public void A_constant_line_and_an_empty_chart_are_drawn()
    {
        Assert.All(Points(Assert.Single(Parts(Chart(3, 3, 3, 3, 3).ToSvg(), "polyline"))), point => Assert.True(double.IsFinite(point[1])));
        Assert.Contains("loss", new LineChart("loss", "x").ToSvg(), StringComparison.Ordinal);
        Assert.Single(Parts(new LineChart("", "").Add("", [1.0], [2.0]).ToSvg(), "polyline"));
    }

    [Theory]
    [InlineData(0, 10, new double[] { 0, 2, 4, 6, 8, 10 })]
    [InlineData(-0.1, 0.1, new[] { -0.1, -0.05, 0, 0.05, 0.1 })]
    [InlineData(0, 1234, new double[] { 0, 500, 1000 })]
    [InlineData(7.1, 7.9, new[] { 7.2, 7.4, 7.6, 7.8 })]
    public void Ticks_are_round(double low, double high, double[] expected)
    {
        var ticks = new ChartAxis(low, high).Ticks();
        Assert.Equal(expected.Length, ticks.Length);
        foreach (var (one, other) in expected.Zip(ticks)) Assert.Equal(one, other, 1e-12);
    }

    [Fact]
    public void Names_are_text_not_markup()
    {
        var svg = new LineChart("a < b & c", "x").Add("<tspan>", s_x, s_x).ToSvg();
        Assert.Contains(Parts(svg, "text"), text => text.Value == "a < b & c");
        Assert.Equal("<tspan>", Assert.Single(Parts(svg, "tspan")).Value);
    }

    [Fact]
    public void Charts_in_a_row_stand_side_by_side()
    {
        var svg = XDocument.Parse(LineChart.Row(Chart(1, 2, 3, 4, 5), Chart(5, 4, 3, 2, 1))).Root!;
        Assert.Equal("600", svg.Attribute("width")!.Value);
        Assert.Equal(["0", "300"], svg.Elements().Where(e => e.Name.LocalName == "svg").Select(e => e.Attribute("x")!.Value));
    }

    [Fact]
    public void The_picture_is_the_same_in_every_culture()
    {
        var expected = Chart(0.5, 1.5, 2.5, 3.5, 4.5).ToSvg();
        var culture = CultureInfo.CurrentCulture;
        try
        {
            // Named cultures may be missing: one that writes a comma for the point is made by hand.
            var comma = (CultureInfo)CultureInfo.InvariantCulture.Clone();
            comma.NumberFormat.NumberDecimalSeparator = ",";
            CultureInfo.CurrentCulture = comma;
            Assert.Equal(expected, Chart(0.5, 1.5, 2.5, 3.5, 4.5).ToSvg());
        }
        finally { CultureInfo.CurrentCulture = culture; }
    }

    [Fact]
    public void Lines_that_make_no_sense_are_refused()
    {
        Assert.Equal("LineChart: 'a' has 2 positions, but 1 values.",
            Numbers.Message<ShapeException>(() => new LineChart("", "").Add("a", [1.0, 2], [1.0])));
        Assert.Equal("LineChart: a position of 'a' is not finite.",
            Numbers.Message<ArgumentException>(() => new LineChart("", "").Add("a", [double.NaN], [1.0])));
    }

    [Fact]
    public void On_a_logarithmic_axis_powers_of_ten_are_evenly_spaced_and_the_rest_is_left_out()
    {
        var svg = new LineChart("loss", "epoch") { Width = 154, Height = 170, YRange = (0.01, 100), Logarithmic = true }
            .Add("", s_x, [0.01, 1, 100, 0, -1]).ToSvg();
        Assert.Equal([[0, 100], [25, 50], [50, 0]], Points(Assert.Single(Parts(svg, "polyline"))));
        Assert.Equal(["0.01", "0.1", "1", "10", "100"], Parts(svg, "text").Where(text => text.Attribute("x")!.Value == "39").Select(text => text.Value));
        // Less than two powers of ten have ticks in between, many have fewer.
        string[] Labels(double low, double high) => [.. Parts(new LineChart("", "") { YRange = (low, high), Logarithmic = true }
            .Add("", s_x, s_x).ToSvg(), "text").Where(text => text.Attribute("x")!.Value == "39").Select(text => text.Value)];
        Assert.Equal(["0.2", "0.5", "1", "2"], Labels(0.15, 3));
        Assert.Equal(["1e-10", "1e-8", "1e-6", "0.0001", "0.01", "1"], Labels(1e-11, 2));
    }

    [Fact]
    public void A_mark_stands_at_its_position_and_says_what_is_there()
    {
        var svg = new LineChart("loss", "epoch") { Width = 154, Height = 170 }.Add("", s_x, s_x).Mark(1, "here").Mark(4, "there").ToSvg();
        var lines = Parts(svg, "line").Where(line => line.Attribute("stroke-dasharray") is not null);
        Assert.Equal(["25", "100"], lines.Select(line => line.Attribute("x1")!.Value));
        Assert.Equal(["here", "there"], Parts(svg, "text").Select(text => text.Value).Where(text => text.EndsWith("here", StringComparison.Ordinal)));
        Assert.Contains("not finite", Assert.Throws<ArgumentException>(() => Chart(1, 2, 3, 4, 5).Mark(double.NaN, "x")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Lines_beyond_the_colours_are_dashed_and_epochs_have_whole_ticks()
    {
        var chart = new LineChart("", "epoch");
        for (var i = 0; i < 7; i++) chart.Add($"{i}", [1.0, 2], [i, i]);
        Assert.Equal(6, Parts(chart.ToSvg(), "polyline").Count(line => line.Attribute("stroke-dasharray") is null));
        Assert.Equal(["1", "2"], Parts(chart.ToSvg(), "text").Where(text => text.Attribute("text-anchor")?.Value == "middle").Select(text => text.Value));
    }
}
