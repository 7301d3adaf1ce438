using System.Globalization;
using System.Text;
using System.Text.Json;

namespace MicroGrad.Net;

/// <summary>
/// A picture of one or several lines over a common axis, as SVG: no script, readable in light and in dark surroundings,
/// the same bytes for the same numbers. <c>new LineChart("loss", "epoch").Add("training", x,
/// y).SaveSvg("loss.svg")</c>.
/// </summary>
/// <param name="title">What is drawn; the title above the picture.</param>
/// <param name="xLabel">What the horizontal axis measures.</param>
[TypeFormatterSource]
public sealed class LineChart(string title, string xLabel)
{
    const int Left = 44, Right = 10, Top = 36, Bottom = 34;

    /// <summary>Told apart with any colour vision, on white and on black.</summary>
    static readonly string[] s_colours = ["#3b7dd8", "#e0722c", "#2a9d6f", "#a65fc9", "#c0a020", "#d1495b"];

    /// <summary>How charts look; in a page with several, once is enough.</summary>
    internal const string Style = "<style>text{font:11px system-ui,sans-serif;fill:#444}.title{font-weight:600}"
        + ".grid{stroke:#888;stroke-opacity:.25}.axis{stroke:#888}"
        + "@media(prefers-color-scheme:dark){text{fill:#bbb}}</style>";

    readonly List<(string Name, double[] X, double[] Y, bool Points)> _lines = [];
    readonly List<(double X, string Text)> _marks = [];

    /// <summary>The width in pixels; 300 by default.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Below 100, or above 100,000.</exception>
    public int Width { get; init => field = Pixels(nameof(Width), value); } = 300;

    /// <summary>The height in pixels; 200 by default.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Below 100, or above 100,000.</exception>
    public int Height { get; init => field = Pixels(nameof(Height), value); } = 200;

    /// <summary>The range of the vertical axis, beyond which lines are cut off; that of the values by
    /// default.</summary>
    /// <exception cref="ArgumentException">It is empty or not finite; where the axis is logarithmic, so is 0 or
    /// below, when it is drawn.</exception>
    public (double Low, double High)? YRange
    {
        get;
        init
        {
            if (value is { } range && !(range.Low < range.High && double.IsFinite(range.Low) && double.IsFinite(range.High)))
                Throw.Value("LineChart", Invariant($"YRange from {range.Low} to {range.High} is empty or not finite."));
            field = value;
        }
    }

    /// <summary>Whether the names of the lines stand under the title; they do by default.</summary>
    public bool HasLegend { get; init; } = true;

    /// <summary>Whether the vertical axis is one of powers of ten; values of 0 and below are then left out.</summary>
    public bool Logarithmic { get; init; }

    /// <summary>Adds a line through the points (x[i], y[i]), broken where y is NaN or infinite.</summary>
    /// <param name="name">Its name, for the legend; empty where there is only one.</param>
    /// <param name="x">The positions, [n], all finite.</param>
    /// <param name="y">The values, [n].</param>
    /// <param name="points">Draw the points only, with no line through them: for measurements.</param>
    /// <exception cref="ShapeException">The two differ in length.</exception>
    /// <exception cref="ArgumentException">A position is not finite.</exception>
    public LineChart Add(string name, ReadOnlySpan<double> x, ReadOnlySpan<double> y, bool points = false)
    {
        if (x.Length != y.Length) Throw.Shapes("LineChart", $"'{name}' has {x.Length} positions, but {y.Length} values.");
        foreach (var position in x)
            if (!double.IsFinite(position)) Throw.Value("LineChart", $"a position of '{name}' is not finite.");
        _lines.Add((name, x.ToArray(), y.ToArray(), points));
        return this;
    }

    /// <inheritdoc cref="Add(string, ReadOnlySpan{double}, ReadOnlySpan{double}, bool)"/>
    public LineChart Add(string name, Tensor x, Tensor y, bool points = false) =>
        Add(name, x.ToDoubles(), y.ToDoubles(), points);

    /// <summary>Marks a position by a dashed line from top to bottom, and says what is there.</summary>
    /// <exception cref="ArgumentException">The position is not finite.</exception>
    public LineChart Mark(double x, string text)
    {
        if (!double.IsFinite(x)) Throw.Value("LineChart", $"the position of '{text}' is not finite.");
        _marks.Add((x, text));
        return this;
    }

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

    /// <summary>The picture alone, for a page that has the style, and that shows numbers where the mouse is.</summary>
    /// <param name="number">By which the page's script finds <see cref="WriteNumbers"/>.</param>
    internal string ToPart(int number)
    {
        var svg = new StringBuilder();
        Line(svg, $"<svg class=\"chart\" data-chart=\"{number}\" tabindex=\"0\" width=\"{Width}\" height=\"{Height
            }\" viewBox=\"0 0 {Width} {Height}\">");
        Draw(svg, 0);
        return svg.Append("</svg>").ToString();
    }

    /// <summary>What the page's script needs: where the plot is, and the numbers of the lines.</summary>
    internal void WriteNumbers(Utf8JsonWriter json)
    {
        var plot = new Plot(this);
        json.WriteStartObject();
        json.WriteString("kind", "lines");
        json.WriteString("x", xLabel);
        json.WriteNumber("left", Left);
        json.WriteNumber("top", Top);
        json.WriteNumber("width", plot.Width);
        json.WriteNumber("height", plot.Height);
        json.WriteNumber("low", plot.X.Low);
        json.WriteNumber("high", plot.X.High);
        json.WriteStartArray("lines");
        foreach (var (index, (name, x, y, _)) in _lines.Index())
        {
            json.WriteStartObject();
            json.WriteString("name", name.Length > 0 ? name : title);
            json.WriteString("colour", Colour(index));
            json.WriteStartArray("at");
            foreach (var value in x) json.WriteNumberValue(value);
            json.WriteEndArray();
            json.WriteStartArray("values");
            foreach (var value in y)
                if (double.IsFinite(value)) json.WriteRawValue(value.ToString("g6", CultureInfo.InvariantCulture));
                else json.WriteStringValue(value.ToString(CultureInfo.InvariantCulture));
            json.WriteEndArray();
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>The frame of the lines, and where in it numbers stand.</summary>
    sealed class Plot
    {
        readonly bool _logarithmic, _whole;
        readonly ChartAxis _y;

        public Plot(LineChart chart)
        {
            _logarithmic = chart.Logarithmic;
            _whole = chart._lines.TrueForAll(line => Array.TrueForAll(line.X, x => x == Math.Round(x)));
            (Width, Height) = (chart.Width - Left - Right, chart.Height - Top - Bottom);
            X = ChartAxis.Of(chart._lines.SelectMany(line => line.X));
            if (_logarithmic && chart.YRange is { Low: <= 0 } wrong)
                Throw.Value("LineChart", Invariant($"YRange begins at {wrong.Low}, which no logarithmic axis has."));
            _y = chart.YRange is { } range ? new ChartAxis(Scale(range.Low), Scale(range.High))
                : ChartAxis.Of(chart._lines.SelectMany(line => line.Y).Select(Scale)).Padded();
        }

        public int Width { get; }
        public int Height { get; }
        public ChartAxis X { get; }

        public double AtX(double x) => X.At(x) * Width;

        public double AtY(double y) => _y.FromHigh(Scale(y)) * Height;

        /// <summary>Values on the axis as they are, or their decimal logarithms: what is 0 or below is
        /// nowhere.</summary>
        public double Scale(double y) => !_logarithmic ? y : y > 0 ? Math.Log10(y) : double.NaN;

        /// <summary>A value that is drawn, or NaN.</summary>
        public double Shown(double y) => double.IsNaN(Scale(y)) ? double.NaN : y;

        /// <summary>Round numbers, and whole ones where all positions are: there is no epoch 1.5.</summary>
        public double[] XTicks => X.Ticks(_whole);

        /// <summary>Round numbers; on a logarithmic axis powers of ten, or, where there are few, 1, 2 and 5 times
        /// them; where there are none, round numbers again.</summary>
        public double[] YTicks
        {
            get
            {
                if (!_logarithmic) return _y.Ticks();
                var (low, high) = (_y.Low, _y.High);
                var every = Math.Max(1, (int)Math.Ceiling((high - low) / 6));
                double[] steps = high - low < 2 ? [1, 2, 5] : [1];
                var (first, last) = ((int)Math.Floor(low), (int)Math.Ceiling(high));
                double[] powers = [.. Enumerable.Range(first, last - first + 1).Where(power => power % every == 0)
                    .SelectMany(power => steps.Select(step => step * Math.Pow(10, power)))
                    .Where(tick => Math.Log10(tick) >= low && Math.Log10(tick) <= high)];
                return powers.Length > 0 ? powers : [.. new ChartAxis(Math.Pow(10, low), Math.Pow(10, high)).Ticks()
                    .Where(tick => tick > 0)];
            }
        }
    }

    void Draw(StringBuilder svg, int offset)
    {
        var plot = new Plot(this);
        var (width, height) = (plot.Width, plot.Height);

        Line(svg, $"<svg x=\"{offset}\" width=\"{Width}\" height=\"{Height}\">");
        Line(svg, $"<text class=\"title\" x=\"{Left}\" y=\"14\">{HtmlPage.Escaped(title)}</text>");
        Line(svg, $"<text x=\"{Left + width}\" y=\"{Height - 5}\" text-anchor=\"end\">{HtmlPage.Escaped(xLabel)}</text>");
        Legend(svg);
        foreach (var tick in plot.XTicks)
            Line(svg, $"<text x=\"{Left + plot.AtX(tick):0.#}\" y=\"{Top + height + 13}\" text-anchor=\"middle\">{Label(tick)}</text>");
        foreach (var tick in plot.YTicks)
            Line(svg, $"<text x=\"{Left - 5}\" y=\"{Top + plot.AtY(tick) + 4:0.#}\" text-anchor=\"end\">{Label(tick)}</text>");

        // An inner svg cuts off what is beyond its frame.
        Line(svg, $"<svg x=\"{Left}\" y=\"{Top}\" width=\"{width}\" height=\"{height}\">");
        foreach (var tick in plot.XTicks) Rule(svg, tick == 0, plot.AtX(tick), 0, plot.AtX(tick), height);
        foreach (var tick in plot.YTicks) Rule(svg, tick == 0, 0, plot.AtY(tick), width, plot.AtY(tick));
        for (var i = 0; i < _lines.Count; i++)
            foreach (var piece in Pieces(_lines[i].X, Array.ConvertAll(_lines[i].Y, plot.Shown)))
            {
                // A line of one point is not to be seen.
                foreach (var (x, y) in _lines[i].Points || piece.Count == 1 ? piece : [])
                    Line(svg, $"<circle r=\"2.5\" fill=\"{Colour(i)}\" cx=\"{plot.AtX(x):0.#}\" cy=\"{
                        plot.AtY(y):0.#}\"/>");
                if (_lines[i].Points) continue;
                Line(svg, $"<polyline fill=\"none\" stroke-width=\"1.8\" stroke=\"{Colour(i)}\"{Dashes(i)} points=\"{
                    string.Join(' ', piece.Select(p => Invariant($"{plot.AtX(p.X):0.#},{plot.AtY(p.Y):0.#}")))}\"/>");
            }
        foreach (var (index, (x, text)) in _marks.OrderBy(mark => mark.X).Index())
        {
            // Words on the side where there is room, and each lower than the one before, so that they stay apart.
            var (at, left) = (plot.AtX(x), plot.AtX(x) > width / 2);
            Line(svg, $"<line class=\"axis\" stroke-dasharray=\"4 3\" x1=\"{at:0.#}\" y1=\"0\" x2=\"{at:0.#}\" y2=\"{
                height}\"/>");
            Line(svg, $"<text x=\"{(left ? at - 4 : at + 4):0.#}\" y=\"{11 + 14 * index}\" text-anchor=\"{
                (left ? "end" : "start")}\">{HtmlPage.Escaped(text)}</text>");
        }
        Line(svg, $"</svg>\n</svg>");
    }

    void Legend(StringBuilder svg)
    {
        if (!HasLegend || _lines.All(line => line.Name.Length == 0)) return;
        var names = _lines.Select((line, i) => $"<tspan fill=\"{Colour(i)}\" dx=\"{(i == 0 ? 0 : 8)}\">{HtmlPage.Escaped(line.Name)}</tspan>");
        Line(svg, $"<text x=\"{Left}\" y=\"28\">{string.Concat(names)}</text>");
    }

    /// <summary>The colour of a line.</summary>
    internal static string Colour(int line) => s_colours[line % s_colours.Length];

    /// <summary>Colours that come again are dashed.</summary>
    internal static string Dashes(int line) => line < s_colours.Length ? ""
        : $" stroke-dasharray=\"{(line < 2 * s_colours.Length ? "5 3" : "1.5 2.5")}\"";

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

    internal static string Label(double tick) => tick.ToString(
        tick != 0 && Math.Abs(tick) is < 1e-4 or >= 1e6 ? "0.##e0" : "0.######", CultureInfo.InvariantCulture);

    static int Pixels(string name, int value)
    {
        if (value is < 100 or > 100_000) Throw.OutOfRange("LineChart", name, value, "from 100 to 100,000");
        return value;
    }

    static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    static void Line(StringBuilder svg, FormattableString text) => svg.Append(Invariant(text)).Append('\n');
}
