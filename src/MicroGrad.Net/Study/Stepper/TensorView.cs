using System.Text.Json;

namespace MicroGrad.Net;

/// <summary>The numbers of a tensor as a page shows them: all of a small one; of a larger one a heat map.</summary>
static class TensorView
{
    const int Small = 64;           // elements whose numbers are shown
    const int Side = 48;            // cells of a heat map along either side
    const int Tiles = 24;           // pictures of a heat map

    /// <summary>
    /// Writes an object: count, range, mean, zeros, NaN and infinities; numbers, or a map of at most so many cells.
    /// </summary>
    public static void Write(Utf8JsonWriter json, string name, Shape shape, DType dtype, double[] values, int cells)
    {
        var (min, max, sum, zeros, nans, infinities) = (double.PositiveInfinity, double.NegativeInfinity, 0.0, 0, 0, 0);
        foreach (var value in values)
        {
            if (double.IsNaN(value)) nans++;
            else if (double.IsInfinity(value)) infinities++;
            else (min, max, sum) = (Math.Min(min, value), Math.Max(max, value), sum + value);
            if (value == 0) zeros++;
        }
        json.WriteStartObject(name);
        json.WriteNumber("n", values.Length);
        if (min <= max)
        {
            Number(json, "min", min);
            Number(json, "max", max);
            Number(json, "mean", sum / (values.Length - nans - infinities));
        }
        json.WriteNumber("zeros", zeros);
        json.WriteNumber("nan", nans);
        json.WriteNumber("inf", infinities);
        if (values.Length <= Small)
        {
            json.WriteStartArray("v");
            foreach (var value in values) Number(json, value, dtype == DType.Float64);
            json.WriteEndArray();
        }
        else Map(json, shape, values, Math.Max(Math.Abs(min), Math.Abs(max)), cells);
        json.WriteEndObject();
    }

    /// <summary>
    /// The last two axes as pictures, as many as there is room for; of each block of elements that share a cell, the
    /// one of largest size. Cells are −127 to 127 for minus to plus the largest size; −128 is not finite.
    /// </summary>
    static void Map(Utf8JsonWriter json, Shape shape, double[] values, double largest, int most)
    {
        var (rows, columns) = (shape.Rank > 1 ? shape[^2] : 1, shape[^1]);
        var (height, width) = (Math.Min(rows, Side), Math.Min(columns, rows == 1 ? 2 * Side : Side));
        var all = values.Length / (rows * columns);
        var tiles = Math.Clamp(most / (height * width), 1, Math.Min(all, Tiles));
        var cells = new byte[tiles * height * width];
        for (var tile = 0; tile < tiles; tile++)
            for (var y = 0; y < height; y++)
                for (var x = 0; x < width; x++)
                    cells[(tile * height + y) * width + x] = (byte)Cell(tile, y, x);
        json.WriteStartObject("map");
        json.WriteNumber("rows", rows);
        json.WriteNumber("columns", columns);
        json.WriteNumber("height", height);
        json.WriteNumber("width", width);
        json.WriteNumber("tiles", tiles);
        json.WriteNumber("of", all);
        Number(json, "scale", largest);
        json.WriteBase64String("cells", cells);
        json.WriteEndObject();

        sbyte Cell(int tile, int y, int x)
        {
            var extreme = 0.0;
            for (var row = y * rows / height; row < (y + 1) * rows / height; row++)
                for (var column = x * columns / width; column < (x + 1) * columns / width; column++)
                {
                    var value = values[(tile * rows + row) * columns + column];
                    if (!double.IsFinite(value)) return sbyte.MinValue;
                    if (Math.Abs(value) > Math.Abs(extreme)) extreme = value;
                }
            if (extreme == 0 || !(largest > 0)) return 0;
            // What is not 0 is never drawn as 0.
            return (sbyte)(Math.Sign(extreme) * Math.Max(1, Math.Round(127 * Math.Abs(extreme) / largest)));
        }
    }

    public static void Number(Utf8JsonWriter json, string name, double value)
    {
        json.WritePropertyName(name);
        Number(json, value, exact: false);
    }

    /// <summary>A number of Float32's accuracy, or exact; what JSON has no number for, as text.</summary>
    public static void Number(Utf8JsonWriter json, double value, bool exact)
    {
        if (double.IsNaN(value)) json.WriteStringValue("NaN");
        else if (double.IsInfinity(value)) json.WriteStringValue(value > 0 ? "Infinity" : "-Infinity");
        else if (exact || float.IsInfinity((float)value) || Math.Abs(value) < 1e-30) json.WriteNumberValue(value);
        else json.WriteNumberValue((float)value);
    }
}
