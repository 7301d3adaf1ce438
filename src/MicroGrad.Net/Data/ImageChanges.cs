namespace MicroGrad.Net;

readonly record struct ImageSize(int Channels, int Height, int Width)
{
    public int Area => Height * Width;

    public int Length => Channels * Area;
}

readonly record struct PixelRange(double Low, double High, double Background);

/// <summary>Where a pixel of the changed image comes from: column and row in, column and row out.</summary>
delegate (double X, double Y) Movement(double x, double y);

/// <summary>One random change of an image.</summary>
abstract class ImageChange
{
    public abstract void Apply(ImageCanvas canvas, Span<float> pixels, Rng rng);

    protected static double Draw((double Low, double High) range, Rng rng) => rng.Uniform(range.Low, range.High);
}

/// <summary>Gathers movements, to make them in one.</summary>
sealed class ImageCanvas(ImageSize size, float background)
{
    readonly List<Movement> _movements = [];
    readonly float[] _before = new float[size.Length];

    public ImageSize Size => size;

    public void Move(Movement movement) => _movements.Add(movement);

    /// <summary>Makes the movements gathered so far.</summary>
    public void Finish(Span<float> pixels)
    {
        if (_movements.Count == 0) return;
        pixels.CopyTo(_before);
        for (var row = 0; row < size.Height; row++)
            for (var column = 0; column < size.Width; column++)
            {
                var (x, y) = ((double)column, (double)row);
                // From the result back to the source: the last movement is undone first.
                for (var i = _movements.Count - 1; i >= 0; i--) (x, y) = _movements[i](x, y);
                Sample(x, y, pixels[(row * size.Width + column)..]);
            }
        _movements.Clear();
    }

    /// <summary>The weighted mean of the four pixels around a place, for each channel.</summary>
    void Sample(double x, double y, Span<float> to)
    {
        // Far outside, only the background is near; and the place would not fit an int.
        if (!(x > -1 && y > -1 && x < size.Width && y < size.Height)) (x, y) = (-1, -1);
        var (left, top) = ((int)Math.Floor(x), (int)Math.Floor(y));
        var (right, down) = (x - left, y - top);
        for (var channel = 0; channel < size.Channels; channel++)
        {
            var plane = _before.AsSpan(channel * size.Area, size.Area);
            var upper = Between(At(plane, left, top), At(plane, left + 1, top), right);
            var lower = down == 0 ? upper : Between(At(plane, left, top + 1), At(plane, left + 1, top + 1), right);
            to[channel * size.Area] = (float)Between(upper, lower, down);
        }
    }

    static double Between(double a, double b, double share) => share == 0 ? a : a + share * (b - a);

    float At(ReadOnlySpan<float> plane, int x, int y) =>
        (uint)x < (uint)size.Width && (uint)y < (uint)size.Height ? plane[y * size.Width + x] : background;
}

sealed class ShiftChange((double, double) right, (double, double) down) : ImageChange
{
    public override void Apply(ImageCanvas canvas, Span<float> pixels, Rng rng)
    {
        var (dx, dy) = (Draw(right, rng), Draw(down, rng));
        if (dx != 0 || dy != 0) canvas.Move((x, y) => (x - dx, y - dy));
    }
}

sealed class RotateChange((double, double) degrees) : ImageChange
{
    public override void Apply(ImageCanvas canvas, Span<float> pixels, Rng rng)
    {
        var angle = Draw(degrees, rng);
        if (angle == 0) return;
        // Rows count downwards: counter-clockwise, as one sees it, takes right to up.
        var (sin, cos) = Math.SinCos(angle * Math.PI / 180);
        var (cx, cy) = ((canvas.Size.Width - 1) / 2.0, (canvas.Size.Height - 1) / 2.0);
        canvas.Move((x, y) => (cx + cos * (x - cx) - sin * (y - cy), cy + sin * (x - cx) + cos * (y - cy)));
    }
}

sealed class ScaleChange((double, double) factor) : ImageChange
{
    public override void Apply(ImageCanvas canvas, Span<float> pixels, Rng rng)
    {
        var scale = Draw(factor, rng);
        if (scale == 1) return;
        var (cx, cy) = ((canvas.Size.Width - 1) / 2.0, (canvas.Size.Height - 1) / 2.0);
        canvas.Move((x, y) => (cx + (x - cx) / scale, cy + (y - cy) / scale));
    }
}

sealed class ElasticChange((double, double) strength, double spacing) : ImageChange
{
    // The mean over an interval of the sum of the squared weights of a cubic B-spline, in one direction: what is left
    // of the deviation of control points in two.
    const double Smoothing = 151.0 / 315;

    public override void Apply(ImageCanvas canvas, Span<float> pixels, Rng rng)
    {
        var deviation = Draw(strength, rng) / Smoothing;
        if (deviation == 0) return;
        var (columns, rows) = (Points(canvas.Size.Width), Points(canvas.Size.Height));
        var moves = new (double X, double Y)[columns * rows];
        for (var i = 0; i < moves.Length; i++) moves[i] = (rng.Normal(0, deviation), rng.Normal(0, deviation));
        canvas.Move((x, y) =>
        {
            var (left, right) = Place(x, columns);
            var (top, down) = Place(y, rows);
            double dx = 0, dy = 0;
            for (var j = 0; j < 4; j++)
                for (var i = 0; i < 4; i++)
                {
                    var weight = Weight(i, right) * Weight(j, down);
                    var move = moves[(top + j) * columns + left + i];
                    (dx, dy) = (dx + weight * move.X, dy + weight * move.Y);
                }
            return (x + dx, y + dy);
        });
    }

    int Points(int length) => (int)((length - 1) / spacing) + 4;

    /// <summary>The first of the four control points about a place, and how far the place is past the second.</summary>
    (int First, double Past) Place(double at, int points)
    {
        var place = Math.Clamp(at / spacing, 0, points - 3);
        var first = Math.Min((int)place, points - 4);
        return (first, place - first);
    }

    static double Weight(int point, double t) => point switch
    {
        0 => (1 - t) * (1 - t) * (1 - t) / 6,
        1 => (3 * t * t * t - 6 * t * t + 4) / 6,
        2 => (-3 * t * t * t + 3 * t * t + 3 * t + 1) / 6,
        _ => t * t * t / 6,
    };
}

sealed class NoiseChange((double, double) deviation, PixelRange range) : ImageChange
{
    public override void Apply(ImageCanvas canvas, Span<float> pixels, Rng rng)
    {
        canvas.Finish(pixels);
        var spread = Draw(deviation, rng);
        if (spread == 0) return;
        foreach (ref var pixel in pixels)
            pixel = (float)Math.Clamp(pixel + rng.Normal(0, spread), range.Low, range.High);
    }
}

sealed class CutoutChange(int smallest, int largest, PixelRange range) : ImageChange
{
    public override void Apply(ImageCanvas canvas, Span<float> pixels, Rng rng)
    {
        canvas.Finish(pixels);
        var size = canvas.Size;
        var width = smallest + rng.Next(largest - smallest + 1);
        var (left, top) = (rng.Next(size.Width) - width / 2, rng.Next(size.Height) - width / 2);
        var (from, to) = (Math.Max(left, 0), (int)Math.Min((long)left + width, size.Width));
        if (from >= to) return;
        for (var channel = 0; channel < size.Channels; channel++)
            for (var row = Math.Max(top, 0); row < Math.Min((long)top + width, size.Height); row++)
                pixels.Slice(channel * size.Area + row * size.Width + from, to - from).Fill((float)range.Background);
    }
}
