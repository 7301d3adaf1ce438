using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace MicroGrad.Net.Tests.Study;

/// <summary>Whatever the numbers, a picture is drawn, in no time, at finite places and with a tick.</summary>
public sealed partial class HardNumbersTests
{
    [GeneratedRegex("-?[0-9]+(\\.[0-9]+)?(e[-+]?[0-9]+)?|NaN|Infinity|∞", RegexOptions.IgnoreCase)]
    static partial Regex AnyNumber { get; }

    [GeneratedRegex("<script type=\"application/json\" id=\"data\">(.*?)</script>", RegexOptions.Singleline)]
    static partial Regex Data { get; }

    [GeneratedRegex("<svg[ >].*?</svg>(\\s*</svg>)*", RegexOptions.Singleline)]
    static partial Regex Picture { get; }

    /// <summary>A loop that does not end is a failure, and no test run that hangs.</summary>
    static string Drawn(Func<string> draw)
    {
        var drawing = Task.Run(draw, TestContext.Current.CancellationToken);
        Assert.True(drawing.Wait(TimeSpan.FromSeconds(60)), "the picture is never done");
        return drawing.Result;
    }

    /// <summary>It is XML, and every number that places something is one, and not too large for a renderer.</summary>
    static XElement[] Sound(string svg)
    {
        XElement[] all = [.. XDocument.Parse(svg).Descendants()];
        foreach (var area in all.Attributes("d"))       // thousands of numbers
            Assert.False(area.Value.Contains("NaN", StringComparison.Ordinal) || area.Value.Contains("Inf", StringComparison.Ordinal));
        foreach (var attribute in all.Attributes())
            if (attribute.Name.LocalName is not ("href" or "class" or "d" or "fill" or "stroke" or "xmlns" or "style"))
                foreach (Match number in AnyNumber.Matches(attribute.Value))
                    Assert.True(Math.Abs(double.Parse(number.Value, CultureInfo.InvariantCulture)) < 1e10,
                        $"{attribute} of {attribute.Parent!.Name}");
        return all;
    }

    static void HasTicks(XElement[] parts, int left)
    {
        Assert.Contains(parts, part => part.Attribute("text-anchor")?.Value == "middle");
        Assert.Contains(parts, part => part.Attribute("text-anchor")?.Value == "end"
            && part.Attribute("x")?.Value == $"{left - 5}");
    }

    [Property(Arbitrary = [typeof(HardNumbers)], MaxTest = 300)]
    public void A_chart_of_any_numbers_is_drawn(double[] x, double[] y, bool logarithmic, bool points)
    {
        x = [.. x.Where(double.IsFinite).Take(y.Length)];
        y = [.. y.Take(x.Length)];
        var chart = new LineChart("t", "x") { Logarithmic = logarithmic }.Add("a", x, y, points);
        if (x.Length > 0) chart.Mark(x[0], "here").Mark(-x[^1], "there");
        var parts = Sound(Drawn(chart.ToSvg));
        HasTicks(parts, 44);
        Assert.InRange(parts.Count(part => part.Name.LocalName == "text"), 3, 40);
    }

    [Fact]
    public void Neighbours_equals_and_extremes_have_a_chart()
    {
        double[][] pairs =
        [
            [0.9, 0.9000000000000001], [1, 1], [1e17, 1e17], [1e308, 1e308], [-1e308, 1e308], [double.MinValue, double.MaxValue],
            [double.MaxValue, double.MaxValue], [0, double.Epsilon], [1e-310, 2e-310], [1e16, 1e16 + 2], [0, -0.0],
        ];
        foreach (var pair in pairs)
            foreach (var logarithmic in new[] { false, true })
            {
                var svg = Drawn(() => new LineChart("t", "x") { Logarithmic = logarithmic }.Add("a", pair, pair).ToSvg());
                HasTicks(Sound(svg), 44);
            }
    }

    [Property(Arbitrary = [typeof(HardNumbers)], MaxTest = 200)]
    public void A_given_range_is_drawn_or_refused(double[] ends, double[] y, bool logarithmic)
    {
        if (ends.Length < 2) return;
        double[] x = [.. Enumerable.Range(0, y.Length)];
        string Draw() => new LineChart("t", "x") { YRange = (ends[0], ends[1]), Logarithmic = logarithmic }.Add("a", x, y).ToSvg();
        var fits = ends[0] < ends[1] && double.IsFinite(ends[0]) && double.IsFinite(ends[1]);
        if (fits && !(logarithmic && ends[0] <= 0)) HasTicks(Sound(Drawn(Draw)), 44);
        else Assert.Contains("LineChart: YRange", Assert.Throws<ArgumentException>(Draw).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_chart_has_a_size_that_can_be_drawn()
    {
        foreach (var size in new[] { int.MinValue, -1, 0, 54, 99, 100_001, int.MaxValue })
        {
            Assert.Throws<ArgumentOutOfRangeException>(() => new LineChart("", "") { Width = size });
            Assert.Throws<ArgumentOutOfRangeException>(() => new LineChart("", "") { Height = size });
        }
    }

    [Property(Arbitrary = [typeof(HardNumbers)], MaxTest = 200)]
    public void A_heat_map_of_any_numbers_is_drawn(double[] early, double[] late)
    {
        var (one, other) = (Histogram.OfValues(early), Histogram.OfValues(late));
        var high = Math.Max(one.High, other.High);
        Histogram[] same = [one.Over(high), other.Over(high)];
        Assert.Equal(early.Count(double.IsFinite), same[0].Counts.Sum());
        Assert.True(double.IsFinite(high) && same[0].High == high && same[1].High == high);
        double[][] shares = [.. same.Select(all => all.Counts.Select(count => count / (double)Math.Max(1, all.Counts.Sum())).ToArray())];
        Sound(Drawn(() => new HeatMap("h", "step", [1, 2], -high, high, shares).ToPart(0)));
        Sound(Drawn(() => new HeatMap("h", "step", [1, 2], -3.25, -2.25, shares) { Logarithmic = true }.ToPart(0)));
        Histogram.OfSizes(early, late);
    }

    [Property(Arbitrary = [typeof(HardNumbers)], MaxTest = 15)]
    public void A_landscape_of_any_numbers_is_drawn(double[] losses, double[] ends)
    {
        var place = new Parameter(Tensor.Zeros([2], DType.Float64));
        var path = new ParameterPath([place]);
        foreach (var end in ends)
        {
            place.Assign(Tensor.From([2], [end, -end]));
            path.Add();
        }
        var next = 0;
        Tensor Loss() => Tensor.Scalar(losses.Length == 0 ? 1 : losses[next++ % losses.Length], DType.Float64);
        double[] finite = [.. ends.Where(end => double.IsFinite(end / 2)).Append(0).Append(1).Order().Distinct()];
        var (low, high) = (finite[0], finite[^1]);
        if (!double.IsFinite(high - low)) (low, high) = (low / 2, high / 2);
        Landscape? drawn = null;
        HasTicks(Sound(Drawn(() => (drawn = Landscape.Over(place, Loss, (low, high), (low, high), 5, path)).ToSvg())), 48);
        Assert.Contains("across", drawn!.ToString(), StringComparison.Ordinal);
        using var data = JsonDocument.Parse(Data.Match(drawn.ToHtml()).Groups[1].Value);
        try
        {
            if (path.Count > 1) HasTicks(Sound(Drawn(Landscape.Along(path, Loss, 4).ToSvg)), 48);
        }
        catch (ArgumentException refused)
        {
            Assert.Contains("the path ", refused.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_path_of_tiny_or_huge_steps_has_a_landscape()
    {
        foreach (var scale in new[] { 1e-200, 1e-5, 1, 1e150 })
        {
            var place = new Parameter(Tensor.Zeros([3], DType.Float64));
            var path = new ParameterPath([place]);
            for (var i = 0; i < 4; i++)
            {
                place.Assign(Tensor.From([3], [scale * i, scale * i * i, 0]));
                path.Add();
            }
            var landscape = Landscape.Along(path, () => place.Sum(), 5);
            HasTicks(Sound(landscape.ToSvg()), 48);
            Assert.Equal(1, landscape.Share!.Value, 1e-9);
            Assert.All(landscape.Path, at => Assert.True(double.IsFinite(at.X / scale) && double.IsFinite(at.Y / scale)));
        }
    }

    [Property(Arbitrary = [typeof(HardNumbers)], MaxTest = 100)]
    public void A_report_and_a_drawing_of_characters_of_any_numbers_are_made(double[] loss, double[] other)
    {
        var history = new History(History.Loss, History.ValidationLoss, "figure", History.LearningRate);
        for (var i = 0; i < loss.Length; i++)
        {
            var second = other.Length == 0 ? double.NaN : other[i % other.Length];
            history.Add(loss[i], second, second, second);
        }
        var page = Drawn(() => history.ToHtml());
        using var data = JsonDocument.Parse(Data.Match(page).Groups[1].Value);
        var pictures = Picture.Matches(page);
        Assert.Equal(loss.Length == 0 ? 0 : 3, pictures.Count);
        foreach (Match picture in pictures) HasTicks(Sound(picture.Value), 44);
        foreach (var name in history.Names.Take(1).Append("figure"))
        {
            var drawing = Drawn(() => history.Chart(name, 30, 6));
            // Axis labels are numbers even where the span of the figures is not.
            Assert.DoesNotContain("NaN", drawing, StringComparison.Ordinal);
            Assert.DoesNotContain("Infinity", drawing, StringComparison.Ordinal);
        }
        Assert.NotEmpty(history.ToString());
    }
}
