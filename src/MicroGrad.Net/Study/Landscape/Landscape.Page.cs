using System.Globalization;
using System.Text;
using System.Text.Json;

namespace MicroGrad.Net;

public sealed partial class Landscape
{
    /// <summary>
    /// A page that needs nothing else: the picture, on which the mouse reads positions and losses; the same as a
    /// surface, turned by dragging or with the arrow keys; and the path, walked along with a slider, the arrow keys or
    /// Play, with the loss at each recorded place. Light or dark as the reader's system is.
    /// </summary>
    public string ToHtml()
    {
        var walk = Path.Count == 0 ? "" : """
            <section class="card">
            <div class="row">
            <button id="play">Play</button>
            <input id="place" type="range" min="0" value="0" aria-label="place on the path">
            <output id="at-place" class="number"></output>
            </div>
            <svg id="losses" role="img" aria-label="the loss along the path"></svg>
            <p class="soft">The arrow keys walk along the path, from its start, the ring, to its end. The line is the
            loss at the recorded places themselves, the dashed one that of the plane where they are drawn: where the two
            differ, a place lies beside the plane.</p>
            </section>
            """;
        var about = Invariant($"On a plane {Directions}; {_x.Length} × {_y.Length} places.");
        var body = $"""
            <h1>{HtmlPage.Escaped(Title)}</h1>
            <p class="soft">{HtmlPage.Escaped(about)}</p>
            <div class="row top">
            <section class="card">
            <div id="map">{Picture(titled: false)}</div>
            <output id="under" class="number">&nbsp;</output>
            </section>
            <section class="card">
            <canvas id="surface" tabindex="0" role="img" aria-label="the loss as a surface"></canvas>
            <div class="row"><button id="heights" aria-pressed="false">Heights: loss</button>
            <span class="soft">Drag, or click and use the arrow keys, to turn it.</span></div>
            </section>
            </div>
            {walk}
            """;
        return HtmlPage.Text(Title, body, "landscape.js", Data(), "landscape.css");
    }

    /// <summary>Writes the page to a file: <c>landscape.SaveHtml("landscape.html")</c>.</summary>
    public void SaveHtml(string path) => File.WriteAllText(path, ToHtml());

    string Data()
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes))
        {
            var (low, high) = Range();
            json.WriteStartObject();
            Numbers("range", [low, high]);
            Numbers("x", _x);
            Numbers("y", _y);
            Numbers("values", _values.Cast<double>());      // row by row
            Numbers("pathX", Path.Select(place => place.X));
            Numbers("pathY", Path.Select(place => place.Y));
            Numbers("pathLosses", PathLosses);
            json.WriteStartArray("colours");
            foreach (var colour in s_bands) json.WriteStringValue(colour);
            json.WriteEndArray();
            json.WriteEndObject();

            void Numbers(string name, IEnumerable<double> numbers)
            {
                json.WriteStartArray(name);
                foreach (var number in numbers)
                    if (!double.IsFinite(number)) json.WriteNullValue();
                    else json.WriteRawValue(number.ToString("g7", CultureInfo.InvariantCulture));
                json.WriteEndArray();
            }
        }
        return Encoding.UTF8.GetString(bytes.ToArray());
    }
}
