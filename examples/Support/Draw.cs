using System.Globalization;
using System.Text;
using Spectre.Console;

namespace MicroGrad.Net.Examples;

/// <summary>Pictures made of characters.</summary>
public static class Draw
{
    const string Ink = " .:-=+*#%@";

    /// <summary>
    /// Gray images [height, width] with values in [0, 1] side by side, each under its title; as many as fit the line.
    /// </summary>
    public static void Images(IReadOnlyList<(string Title, Tensor Image)> images) =>
        Pictures([.. images.Select(item => (item.Title, Rows(item.Image)))]);

    static void Pictures((string Title, string[] Lines)[] pictures)
    {
        var width = pictures.Max(picture => Math.Max(picture.Title.Length, picture.Lines[0].Length));
        var line = Console.IsOutputRedirected ? 120 : AnsiConsole.Profile.Width;
        pictures = pictures[..Math.Clamp((line + 1) / (width + 2), 1, pictures.Length)];
        Console.WriteLine(string.Join("  ", pictures.Select(picture => picture.Title.PadRight(width))).TrimEnd());
        for (var row = 0; row < pictures[0].Lines.Length; row++)
            Console.WriteLine(string.Join("  ", pictures.Select(picture => picture.Lines[row].PadRight(width))).TrimEnd());
    }

    /// <summary>
    /// Gray images as <see cref="Images"/> draws them, each with two boxes x1, y1, x2, y2 in pixels: o around what is
    /// true, x around what was found, &amp; where both run.
    /// </summary>
    public static void Boxes(IReadOnlyList<(string Title, Tensor Image, Tensor Found, Tensor True)> images)
    {
        Pictures([.. images.Select(item =>
        {
            var lines = Array.ConvertAll(Rows(item.Image), row => row.ToCharArray());
            Outline(lines, item.True, 'o');
            Outline(lines, item.Found, 'x');
            return (item.Title, Array.ConvertAll(lines, line => new string(line)));
        })]);
    }

    static void Outline(char[][] lines, Tensor box, char mark)
    {
        // The pixels at the edges; a line holds two of them.
        var at = box.ToDoubles();
        int Column(double x) => Math.Clamp((int)Math.Floor(x), 0, lines[0].Length - 1);
        int Line(double y) => Math.Clamp((int)Math.Floor(y / 2), 0, lines.Length - 1);
        var (left, top, right, bottom) = (Column(at[0]), Line(at[1]), Column(at[2]), Line(at[3]));
        for (var line = top; line <= bottom; line++)
            for (var column = left; column <= right; column++)
                if (line == top || line == bottom || column == left || column == right)
                    lines[line][column] = lines[line][column] == 'o' ? '&' : mark;
    }

    /// <summary>The mistakes that a classifier was surest of.</summary>
    /// <param name="images">[n, 1, height, width].</param>
    /// <param name="labels">What they show.</param>
    /// <param name="logits">[n, classes]: what the classifier says.</param>
    public static void Mistakes(Tensor images, int[] labels, Tensor logits)
    {
        var (predicted, sureness) = (logits.ArgMax(axis: 1), logits.Softmax().Max(axes: 1).ToDoubles());
        var worst = Enumerable.Range(0, labels.Length).Where(i => predicted[i] != labels[i]).OrderByDescending(i => sureness[i]).Take(4).ToArray();
        if (worst.Length > 0)
            Images([.. worst.Select(i => (FormattableString.Invariant($"a {labels[i]}, taken for {predicted[i]} ({sureness[i]:P0})"), images[i, 0]))]);
    }

    /// <summary>One character for two pixels above each other, since characters are about twice as high as wide.</summary>
    static string[] Rows(Tensor image)
    {
        var (height, width) = (image.Shape[^2], image.Shape[^1]);
        var pixels = image.ToDoubles();
        return [.. Enumerable.Range(0, height / 2).Select(row => string.Concat(Enumerable.Range(0, width).Select(column =>
        {
            var gray = (pixels[2 * row * width + column] + pixels[(2 * row + 1) * width + column]) / 2;
            return Ink[(int)Math.Clamp(gray * Ink.Length, 0, Ink.Length - 1)];
        })))];
    }

    /// <summary>
    /// Points of two classes in the plane, over the regions in which a classifier says one or the other.
    /// </summary>
    /// <param name="points">[n, 2].</param>
    /// <param name="classes">The class of each point, 0 or 1.</param>
    /// <param name="classify">The probability of class 1 for points [m, 2], as m numbers.</param>
    public static void Plane(Tensor points, IReadOnlyList<int> classes, Func<Tensor, double[]> classify)
    {
        const int Width = 72, Height = 26;
        var at = points.ToDoubles();
        var (left, right) = Around(at.Where((_, i) => i % 2 == 0));
        var (bottom, top) = Around(at.Where((_, i) => i % 2 == 1));
        var centres = new float[Height * Width * 2];
        for (var cell = 0; cell < Height * Width; cell++)
        {
            centres[2 * cell] = (float)(left + (cell % Width + 0.5) / Width * (right - left));
            centres[2 * cell + 1] = (float)(top - (cell / Width + 0.5) / Height * (top - bottom));
        }
        var probabilities = classify(Tensor.From([Height * Width, 2], centres));
        var marks = new int[Height * Width];
        Array.Fill(marks, -1);
        for (var i = 0; i < classes.Count; i++)
        {
            var column = (int)((at[2 * i] - left) / (right - left) * Width);
            var row = (int)((top - at[2 * i + 1]) / (top - bottom) * Height);
            marks[Math.Clamp(row, 0, Height - 1) * Width + Math.Clamp(column, 0, Width - 1)] = classes[i];
        }
        for (var row = 0; row < Height; row++)
        {
            var line = new StringBuilder();
            for (var column = 0; column < Width; column++)
            {
                var cell = row * Width + column;
                var yes = probabilities[cell] > 0.5;
                var mark = marks[cell] switch { 0 => 'o', 1 => 'x', _ => yes ? '·' : ' ' };
                var ink = marks[cell] switch { 0 => "deepskyblue1", 1 => "orange1", _ => "grey50" };
                line.Append(CultureInfo.InvariantCulture, $"[{ink} on {(yes ? "#5f0000" : "#00005f")}]{mark}[/]");
            }
            AnsiConsole.MarkupLine(line.ToString());
        }
    }

    static (double Low, double High) Around(IEnumerable<double> values)
    {
        var (low, high) = (values.Min(), values.Max());
        var margin = 0.1 * (high - low);
        return (low - margin, high + margin);
    }

    /// <summary>
    /// Weights from 0 to 1 [rows, columns] as shades, two characters wide, with a character before each row and
    /// above each column.
    /// </summary>
    public static void HeatMap(Tensor weights, string rows, string columns)
    {
        var values = weights.ToDoubles();
        Console.WriteLine(("   " + string.Concat(columns.Select(label => $"{label} "))).TrimEnd());
        for (var row = 0; row < rows.Length; row++)
        {
            var line = new StringBuilder($" {rows[row]} ");
            for (var column = 0; column < columns.Length; column++)
            {
                var weight = Math.Clamp(values[row * columns.Length + column], 0, 1);
                var shade = (int)(255 * Math.Sqrt(weight));
                var ink = new string(Ink[(int)Math.Min(Math.Ceiling(weight * Ink.Length), Ink.Length - 1)], 2);
                line.Append(CultureInfo.InvariantCulture, $"[rgb(0,0,0) on rgb({shade},{shade / 2},{shade / 4})]{ink}[/]");
            }
            AnsiConsole.MarkupLine(line.ToString());
        }
    }

    /// <summary>A table of texts: names on the left, figures on the right.</summary>
    public static void Table(string[] columns, IEnumerable<string[]> rows)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumn(new TableColumn(columns[0]).NoWrap());
        foreach (var column in columns[1..]) table.AddColumn(new TableColumn(column).RightAligned());
        foreach (var row in rows) table.AddRow(row);
        AnsiConsole.Write(table);
    }

    /// <summary>How often each class (row) was taken for each (column), diagonal highlighted.</summary>
    public static void ConfusionMatrix(int[] truth, int[] predicted, int classes)
    {
        var counts = new int[classes, classes];
        for (var i = 0; i < truth.Length; i++) counts[truth[i], predicted[i]]++;
        var table = new Table().Border(TableBorder.Simple).AddColumn(new TableColumn("is \\ taken for").NoWrap());
        for (var c = 0; c < classes; c++) table.AddColumn(new TableColumn(c.ToString(CultureInfo.InvariantCulture)).RightAligned());
        for (var row = 0; row < classes; row++)
            table.AddRow([row.ToString(CultureInfo.InvariantCulture), .. Enumerable.Range(0, classes).Select(column => counts[row, column] switch
            {
                0 => "[grey50]·[/]",
                var n when row == column => string.Create(CultureInfo.InvariantCulture, $"[green]{n}[/]"),
                var n => string.Create(CultureInfo.InvariantCulture, $"[red]{n}[/]"),
            })]);
        AnsiConsole.Write(table);
    }
}
