using System.Globalization;
using System.Text;

namespace MicroGrad.Net;

public sealed partial class Landscape
{
    const int Plot = 300, Left = 48, Top = 36, Bar = 14, Width = Left + Plot + 82, Height = Top + Plot + 34;
    const int Cells = 200;          // drawn along each direction, at least; between the places by interpolation
    const string Ink = " .:-=+*#%@";

    /// <summary>From low to high: dark to bright, told apart with any colour vision (after viridis).</summary>
    static readonly string[] s_bands =
    [
        "#440154", "#482878", "#3e4a89", "#31688e", "#26828e", "#1f9e89", "#35b779", "#6ece58", "#b5de2b", "#fde725",
    ];

    const string Style = "<style>text{font:11px system-ui,sans-serif;fill:#444}.title{font-weight:600}"
        + "@media(prefers-color-scheme:dark){text{fill:#bbb}}</style>";

    readonly string _labels;

    string Directions => _labels + (Share is { } share ? Invariant($", which show {100 * share:0.#} % of it") : "");

    /// <summary>The title above the picture.</summary>
    public string Title { get; set; } = "loss";

    /// <summary>
    /// The picture as the text of an SVG file: bands of equal loss from dark (low) to bright, with a bar that says
    /// which is which; grey where the loss is not finite; the path as a line from a ring to a disc. Bands are narrow
    /// where the loss is low, so that a valley shows beside high walls.
    /// </summary>
    public string ToSvg() => Picture(titled: true);

    string Picture(bool titled)
    {
        var svg = new StringBuilder();
        var above = titled ? 0 : Top - 6;
        Line(svg, $"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{Width}\" height=\"{Height - above}\" viewBox=\"0 {
            above} {Width} {Height - above}\">");
        Line(svg, $"{Style}");
        if (titled)
        {
            Line(svg, $"<text class=\"title\" x=\"{Left}\" y=\"14\">{HtmlPage.Escaped(Title)}</text>");
            Line(svg, $"<text x=\"{Left}\" y=\"28\">{HtmlPage.Escaped(Directions)}</text>");
        }
        Line(svg, $"<svg class=\"plot\" x=\"{Left}\" y=\"{Top}\" width=\"{Plot}\" height=\"{Plot}\">");
        Bands(svg);
        DrawPath(svg);
        Line(svg, $"</svg>");
        foreach (var tick in Across.Ticks())
            Line(svg, $"<text x=\"{Left + AtX(tick):0.#}\" y=\"{Top + Plot + 14}\" text-anchor=\"middle\">{
                LineChart.Label(tick)}</text>");
        foreach (var tick in Up.Ticks())
            Line(svg, $"<text x=\"{Left - 5}\" y=\"{Top + AtY(tick) + 4:0.#}\" text-anchor=\"end\">{
                LineChart.Label(tick)}</text>");
        const int AtBar = Left + Plot + 12, BesideBar = AtBar + Bar + 4;
        var (low, high) = Range();
        for (var band = 0; band < s_bands.Length; band++)
        {
            var height = (double)Plot / s_bands.Length;
            var y = Top + Plot - (band + 1) * height;
            Line(svg, $"<rect class=\"bar\" x=\"{AtBar}\" y=\"{y:0.#}\" width=\"{Bar}\" height=\"{height:0.#}\" fill=\"{
                s_bands[band]}\"/>");
            Line(svg, $"<text x=\"{BesideBar}\" y=\"{y + height + 4:0.#}\">{Edge(band, low, high):g3}</text>");
        }
        Line(svg, $"<text x=\"{BesideBar}\" y=\"{Top + 4}\">{high:g3}</text>");
        return svg.Append("</svg>\n").ToString();
    }

    /// <summary>Writes the picture to a file.</summary>
    public void SaveSvg(string path) => File.WriteAllText(path, ToSvg());

    /// <summary>
    /// The picture for a terminal: from blank (low) over <c>.:-=+*#%</c> to <c>@</c> (high), <c>?</c> where the loss is
    /// not finite; the path from <c>S</c> over <c>o</c> to <c>E</c>. Two characters for each place.
    /// </summary>
    public override string ToString()
    {
        var (low, high) = Range();
        var rows = new char[_y.Length][];
        for (var row = 0; row < rows.Length; row++)
        {
            rows[row] = new char[2 * _x.Length];
            for (var column = 0; column < _x.Length; column++)
            {
                var band = Band(_values[row, column], low, high);
                Array.Fill(rows[row], band < 0 ? '?' : Ink[band], 2 * column, 2);
            }
        }
        // Start and end last, so that no place near them hides them.
        foreach (var place in Path) Mark(place, 'o');
        if (Path.Count > 0) Mark(Path[0], 'S');
        if (Path.Count > 0) Mark(Path[^1], 'E');
        var text = new StringBuilder();
        foreach (var row in rows.Reverse()) text.Append('|').Append(row).Append("|\n");
        return text.Append(Invariant($"{Title} {low:g4} (blank) to {high:g4} (@), {_labels}: {
            _x[0]:g3} to {_x[^1]:g3} across, {_y[0]:g3} to {_y[^1]:g3} up")).ToString();

        void Mark((double X, double Y) place, char mark)
        {
            if (!IsSomewhere(place)) return;
            var column = (int)Math.Round(Across.At(place.X) * (2 * _x.Length - 1));
            var row = (int)Math.Round(Up.At(place.Y) * (_y.Length - 1));
            if (row >= 0 && row < rows.Length && column >= 0 && column < rows[row].Length) rows[row][column] = mark;
        }
    }

    void Bands(StringBuilder svg)
    {
        var (low, high) = Range();
        var finer = (Cells + _x.Length - 2) / (_x.Length - 1);
        var cells = finer * (_x.Length - 1);
        var size = (double)Plot / cells;
        var runs = Enumerable.Range(0, s_bands.Length + 1).Select(_ => new StringBuilder()).ToArray();
        for (var row = 0; row < cells; row++)
            for (int column = 0, next; column < cells; column = next)
            {
                // Neighbours of one band are one rectangle; a little more high and wide, so that no gap shows.
                var band = Band(Between(row, column, finer), low, high);
                for (next = column + 1; next < cells && Band(Between(row, next, finer), low, high) == band;) next++;
                var width = Invariant($"{(next - column) * size + 0.3:0.##}");
                runs[band + 1].Append(Invariant($"M{column * size:0.##} {Plot - (row + 1) * size:0.##}h{width}v{
                    size + 0.3:0.##}h-{width}z"));
            }
        for (var band = -1; band < s_bands.Length; band++)
            if (runs[band + 1].Length > 0)
                // Whole pixels, so that no seams show where the picture is scaled.
                Line(svg, $"<path shape-rendering=\"crispEdges\" fill=\"{(band < 0 ? "#999" : s_bands[band])}\" d=\"{
                    runs[band + 1]}\"/>");
    }

    /// <summary>The loss in the middle of a drawn cell, from the four places around it.</summary>
    double Between(int row, int column, int finer)
    {
        var ((r, up), (c, right)) = (Math.DivRem(row, finer), Math.DivRem(column, finer));
        var (s, t) = ((up + 0.5) / finer, (right + 0.5) / finer);
        return (1 - s) * ((1 - t) * _values[r, c] + t * _values[r, c + 1])
            + s * ((1 - t) * _values[r + 1, c] + t * _values[r + 1, c + 1]);
    }

    void DrawPath(StringBuilder svg)
    {
        var places = Path.Where(IsSomewhere).ToArray();
        if (places.Length == 0) return;
        var points = string.Join(' ', places.Select(p => Invariant($"{AtX(p.X):0.##},{AtY(p.Y):0.##}")));
        Line(svg, $"<polyline fill=\"none\" stroke=\"#000\" stroke-width=\"3\" points=\"{points}\"/>");
        Line(svg, $"<polyline fill=\"none\" stroke=\"#fff\" stroke-width=\"1.5\" points=\"{points}\"/>");
        Circle("start", places[0], "fill=\"none\" stroke=\"#fff\" stroke-width=\"2\"");
        Circle("end", places[^1], "fill=\"#fff\" stroke=\"#000\"");

        void Circle(string name, (double X, double Y) place, string style) =>
            Line(svg, $"<circle class=\"{name}\" cx=\"{AtX(place.X):0.##}\" cy=\"{AtY(place.Y):0.##}\" r=\"4\" {style}/>");
    }

    ChartAxis Across => new(_x[0], _x[^1]);

    ChartAxis Up => new(_y[0], _y[^1]);

    double AtX(double x) => Across.At(x) * Plot;

    double AtY(double y) => Up.FromHigh(y) * Plot;

    /// <summary>Whether a place of the path is one: directions of no length have none.</summary>
    static bool IsSomewhere((double X, double Y) place) => double.IsFinite(place.X) && double.IsFinite(place.Y);

    (double Low, double High) Range()
    {
        var finite = _values.Cast<double>().Where(double.IsFinite).ToArray();
        return finite.Length == 0 ? (0, 1) : (finite.Min(), finite.Max());
    }

    /// <summary>Where a band begins: at even steps of the square root of the height above the lowest.</summary>
    static double Edge(int band, double low, double high) =>
        ChartAxis.Number(Math.Pow((double)band / s_bands.Length, 2), low, high);

    /// <summary>The band that a value is in; −1 for none.</summary>
    static int Band(double value, double low, double high) =>
        !double.IsFinite(value) ? -1
        : high > low
            ? Math.Clamp((int)(s_bands.Length * Math.Sqrt(ChartAxis.Share(value, low, high))), 0, s_bands.Length - 1) : 0;

    static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    static void Line(StringBuilder svg, FormattableString text) => svg.Append(Invariant(text)).Append('\n');
}
