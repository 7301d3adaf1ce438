using System.Globalization;
using System.Text;

namespace MicroGrad.Net;

/// <summary>
/// A picture of one or several lines over a common axis, as SVG: no script, readable in light and in dark surroundings,
/// the same bytes for the same numbers. <c>new LineChart("loss", "epoch").Add("training", x, y).SaveSvg("loss.svg")</c>.
/// </summary>
/// <param name="title">What is drawn; the title above the picture.</param>
/// <param name="xLabel">What the horizontal axis measures.</param>
public sealed class LineChart(string title, string xLabel)
{
    const int Left = 44, Right = 10, Top = 36, Bottom = 34;

    /// <summary>Told apart with any colour vision, on white and on black.</summary>
    static readonly string[] s_colours = ["#3b7dd8", "#e0722c", "#2a9d6f", "#a65fc9", "#c0a020", "#d1495b"];

    const string Style = "<style>text{font:11px system-ui,sans-serif;fill:#444}.title{font-weight:600}"
        + ".grid{stroke:#888;stroke-opacity:.25}.axis{stroke:#888}"
        + "@media(prefers-color-scheme:dark){text{fill:#bbb}}</style>";

    readonly List<(string Name, double[] X, double[] Y)> _lines = [];

    /// <summary>The width in pixels; 300 by default.</summary>
    public int Width { get; init; } = 300;

    /// <summary>The height in pixels; 200 by default.</summary>
    public int Height { get; init; } = 200;

    /// <summary>The range of the vertical axis, beyond which lines are cut off; that of the values by default.</summary>
    public (double Low, double High)? YRange { get; init; }

    /// <summary>Adds a line through the points (x[i], y[i]), broken where y is NaN or infinite.</summary>
    /// <param name="name">Its name, for the legend; empty where there is only one.</param>
    /// <param name="x">The positions, [n], all finite.</param>
    /// <param name="y">The values, [n].</param>
    /// <exception cref="ShapeException">The two differ in length.</exception>
    /// <exception cref="ArgumentException">A position is not finite.</exception>
    public LineChart Add(string name, ReadOnlySpan<double> x, ReadOnlySpan<double> y)
    {
        if (x.Length != y.Length) Throw.Shapes("LineChart", $"'{name}' has {x.Length} positions, but {y.Length} values.");
        foreach (var position in x)
            if (!double.IsFinite(position)) Throw.Value("LineChart", $"a position of '{name}' is not finite.");
        _lines.Add((name, x.ToArray(), y.ToArray()));
        return this;
    }

    /// <inheritdoc cref="Add(string, ReadOnlySpan{double}, ReadOnlySpan{double})"/>
    public LineChart Add(string name, Tensor x, Tensor y) => Add(name, x.ToDoubles(), y.ToDoubles());

    /// <summary>The picture as the text of an SVG file.</summary>
    public string ToSvg() => Row(this);

    /// <summary>Writes the picture to a file.</summary>
    public void SaveSvg(string path) => File.WriteAllText(path, ToSvg());

    /// <summary>Several charts side by side, as the text of one SVG file.</summary>
    public static string Row(params ReadOnlySpan<LineChart> charts)
    {
        var (svg, x, height) = (new StringBuilder(), 0, 0);
        foreach (var chart in charts)
        {
            chart.Draw(svg, x);
            (x, height) = (x + chart.Width, Math.Max(height, chart.Height));
        }
        return $"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{x}\" height=\"{height}\" viewBox=\"0 0 {x} {height}\">"
            + $"{Style}\n{svg}</svg>\n";
    }

    void Draw(StringBuilder svg, int offset)
    {
        var (width, height) = (Width - Left - Right, Height - Top - Bottom);
        var (xLow, xHigh) = Range(_lines.SelectMany(line => line.X));
        var (yLow, yHigh) = YRange ?? Padded(Range(_lines.SelectMany(line => line.Y)));
        double AtX(double x) => (x - xLow) / (xHigh - xLow) * width;
        double AtY(double y) => (yHigh - y) / (yHigh - yLow) * height;

        Line(svg, $"<svg x=\"{offset}\" width=\"{Width}\" height=\"{Height}\">");
        Line(svg, $"<text class=\"title\" x=\"{Left}\" y=\"14\">{Escaped(title)}</text>");
        Line(svg, $"<text x=\"{Left + width}\" y=\"{Height - 5}\" text-anchor=\"end\">{Escaped(xLabel)}</text>");
        Legend(svg);
        foreach (var tick in Ticks(xLow, xHigh))
            Line(svg, $"<text x=\"{Left + AtX(tick):0.#}\" y=\"{Top + height + 13}\" text-anchor=\"middle\">{Label(tick)}</text>");
        foreach (var tick in Ticks(yLow, yHigh))
            Line(svg, $"<text x=\"{Left - 5}\" y=\"{Top + AtY(tick) + 4:0.#}\" text-anchor=\"end\">{Label(tick)}</text>");

        // An inner svg cuts off what is beyond its frame.
        Line(svg, $"<svg x=\"{Left}\" y=\"{Top}\" width=\"{width}\" height=\"{height}\">");
        foreach (var tick in Ticks(xLow, xHigh)) Rule(svg, tick == 0, AtX(tick), 0, AtX(tick), height);
        foreach (var tick in Ticks(yLow, yHigh)) Rule(svg, tick == 0, 0, AtY(tick), width, AtY(tick));
        for (var i = 0; i < _lines.Count; i++)
            foreach (var piece in Pieces(_lines[i].X, _lines[i].Y))
                Line(svg, $"<polyline fill=\"none\" stroke-width=\"1.8\" stroke=\"{Colour(i)}\" points=\"{
                    string.Join(' ', piece.Select(p => Invariant($"{AtX(p.X):0.#},{AtY(p.Y):0.#}")))}\"/>");
        Line(svg, $"</svg>\n</svg>");
    }

    void Legend(StringBuilder svg)
    {
        if (_lines.All(line => line.Name.Length == 0)) return;
        var names = _lines.Select((line, i) => $"<tspan fill=\"{Colour(i)}\" dx=\"{(i == 0 ? 0 : 8)}\">{Escaped(line.Name)}</tspan>");
        Line(svg, $"<text x=\"{Left}\" y=\"28\">{string.Concat(names)}</text>");
    }

    static string Colour(int line) => s_colours[line % s_colours.Length];

    static void Rule(StringBuilder svg, bool axis, double x1, double y1, double x2, double y2) =>
        Line(svg, $"<line class=\"{(axis ? "axis" : "grid")}\" x1=\"{x1:0.#}\" y1=\"{y1:0.#}\" x2=\"{x2:0.#}\" y2=\"{y2:0.#}\"/>");

    /// <summary>The runs of points whose values are finite.</summary>
    static IEnumerable<List<(double X, double Y)>> Pieces(double[] x, double[] y)
    {
        List<(double, double)> piece = [];
        for (var i = 0; i <= x.Length; i++)
        {
            if (i < x.Length && double.IsFinite(y[i])) piece.Add((x[i], y[i]));
            else if (piece.Count > 0)
            {
                yield return piece;
                piece = [];
            }
        }
    }

    static (double Low, double High) Range(IEnumerable<double> values)
    {
        var (low, high) = (double.PositiveInfinity, double.NegativeInfinity);
        foreach (var value in values.Where(double.IsFinite)) (low, high) = (Math.Min(low, value), Math.Max(high, value));
        if (low > high) return (0, 1);
        return low < high ? (low, high) : (low - 0.5, high + 0.5);
    }

    static (double Low, double High) Padded((double Low, double High) range)
    {
        var margin = 0.05 * (range.High - range.Low);
        return (range.Low - margin, range.High + margin);
    }

    /// <summary>Three to six round numbers in a range: multiples of 1, 2 or 5 times a power of ten.</summary>
    internal static IEnumerable<double> Ticks(double low, double high)
    {
        var rough = (high - low) / 5;
        var power = Math.Pow(10, Math.Floor(Math.Log10(rough)));
        var step = power * ((rough / power) switch { <= 1 => 1, <= 2 => 2, <= 5 => 5, _ => 10 });
        for (var i = Math.Ceiling(low / step - 1e-9); i * step <= high + 1e-9 * step; i++) yield return i * step + 0.0;
    }

    internal static string Label(double tick) => tick.ToString("0.######", CultureInfo.InvariantCulture);

    internal static string Escaped(string text) => text.Replace("&", "&amp;").Replace("<", "&lt;").Replace(">", "&gt;");

    static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    static void Line(StringBuilder svg, FormattableString text) => svg.Append(Invariant(text)).Append('\n');
}
