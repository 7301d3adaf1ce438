using System.Globalization;
using System.Text;
using System.Text.Json;

namespace MicroGrad.Net;

/// <summary>
/// How a distribution changes in the course of time, as SVG: a column for each time, from the lowest values at the
/// bottom to the highest, the darker the more values lie there. Columns are evenly spaced.
/// </summary>
/// <param name="title">What is drawn.</param>
/// <param name="xLabel">What the times are.</param>
/// <param name="times">The time of each column.</param>
/// <param name="low">Where the values begin.</param>
/// <param name="high">Where they end.</param>
/// <param name="shares">For each time the share of values in each part of the range, lowest first.</param>
sealed class HeatMap(string title, string xLabel, double[] times, double low, double high, double[][] shares)
{
    const int Left = 44, Right = 10, Top = 22, Bottom = 20, Width = 300, Height = 130;
    const int PlotWidth = Width - Left - Right, PlotHeight = Height - Top - Bottom;

    readonly ChartAxis _values = new(low, high);

    /// <summary>Whether values are decimal logarithms.</summary>
    public bool Logarithmic { get; init; }

    /// <summary>The picture, for a page that has the style of charts.</summary>
    /// <param name="number">By which the page's script finds <see cref="WriteNumbers"/>.</param>
    public string ToPart(int number)
    {
        var svg = new StringBuilder();
        void Line(FormattableString text) => svg.Append(text.ToString(CultureInfo.InvariantCulture)).Append('\n');
        Line($"<svg class=\"chart\" data-chart=\"{number}\" tabindex=\"0\" width=\"{Width}\" height=\"{Height
            }\" viewBox=\"0 0 {Width} {Height}\">");
        Line($"<text class=\"title\" x=\"{Left}\" y=\"14\">{HtmlPage.Escaped(title)}</text>");
        if (times.Length > 0)
        {
            Line($"<image x=\"{Left}\" y=\"{Top}\" width=\"{PlotWidth}\" height=\"{PlotHeight
                }\" preserveAspectRatio=\"none\" style=\"image-rendering:pixelated\" href=\"{Picture()}\"/>");
            Line($"<text x=\"{Left}\" y=\"{Height - 6}\">{LineChart.Label(times[0])}</text>");
            Line($"<text x=\"{Width - Right}\" y=\"{Height - 6}\" text-anchor=\"end\">{xLabel} {
                LineChart.Label(times[^1])}</text>");
        }
        Line($"<rect class=\"grid\" fill=\"none\" x=\"{Left}\" y=\"{Top}\" width=\"{PlotWidth}\" height=\"{
            PlotHeight}\"/>");
        foreach (var tick in Ticks())
        {
            var y = Top + _values.FromHigh(tick) * PlotHeight;
            var text = Logarithmic ? LineChart.Label(Math.Pow(10, tick)) : LineChart.Label(tick);
            Line($"<line class=\"grid\" x1=\"{Left}\" y1=\"{y:0.#}\" x2=\"{Width - Right}\" y2=\"{y:0.#}\"/>");
            Line($"<text x=\"{Left - 5}\" y=\"{y + 4:0.#}\" text-anchor=\"end\">{text}</text>");
        }
        return svg.Append("</svg>").ToString();
    }

    /// <summary>What the page's script needs: where the plot is, and the shares in parts of a thousand.</summary>
    public void WriteNumbers(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("kind", "heat");
        json.WriteString("x", xLabel);
        json.WriteNumber("left", Left);
        json.WriteNumber("top", Top);
        json.WriteNumber("width", PlotWidth);
        json.WriteNumber("height", PlotHeight);
        json.WriteNumber("low", _values.Low);
        json.WriteNumber("high", _values.High);
        json.WriteBoolean("logarithmic", Logarithmic);
        json.WriteStartArray("at");
        foreach (var time in times) json.WriteNumberValue(time);
        json.WriteEndArray();
        json.WriteStartArray("shares");
        foreach (var column in shares)
        {
            json.WriteStartArray();
            foreach (var share in column) json.WriteNumberValue((int)Math.Round(1000 * share));
            json.WriteEndArray();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>At most four: a heat map is low.</summary>
    IEnumerable<double> Ticks()
    {
        var ticks = _values.Ticks(whole: Logarithmic);
        return ticks.Where((_, i) => i % ((ticks.Length + 3) / 4) == 0);
    }

    /// <summary>One colour, more or less opaque: it stands out on white and on black.</summary>
    string Picture()
    {
        var (columns, rows) = (shares.Length, shares[0].Length);
        // Full ink for the few most frequent values, of which one, such as the 0 of a relu, may be far above the others.
        double[] sorted = [.. shares.SelectMany(column => column).Where(share => share > 0).Order()];
        var most = sorted.Length == 0 ? 1 : sorted[(int)(0.97 * (sorted.Length - 1))];
        var pixels = new byte[columns * rows * 4];
        for (var row = 0; row < rows; row++)
            for (var column = 0; column < columns; column++)
            {
                // The root, so that what is rare is seen beside what is frequent.
                var opacity = Math.Sqrt(Math.Min(1, shares[column][rows - 1 - row] / most));
                ReadOnlySpan<byte> colour = [0x3b, 0x7d, 0xd8, (byte)Math.Round(255 * opacity)];
                colour.CopyTo(pixels.AsSpan((row * columns + column) * 4));
            }
        return Png.DataUri(columns, rows, pixels);
    }
}
