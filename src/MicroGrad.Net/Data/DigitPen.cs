namespace MicroGrad.Net;

/// <summary>Draws digits on a square of paper; keeps its working memory from one to the next.</summary>
sealed class DigitPen(int size)
{
    const int PiecesPerSpan = 6;        // straight pieces between two points of a stroke

    // How much writers differ. Lengths in points of the outline (2 = the digit's height), angles in radians.
    const double Bend = 0.1;            // deviation of each second-order term of the digit's form
    const double Unsteadiness = 0.045;  // deviation of each point of a stroke
    const double Rotation = 0.09;
    const double Slant = 0.17;
    const double Shift = 0.65;          // pixels
    const double Noise = 0.06;          // the largest noise on a pixel; triangular

    readonly List<PenPoint> _points = [];

    /// <summary>Draws a digit into size·size pixels, row by row: 0 is paper, 1 is ink.</summary>
    public void Draw(int digit, Rng rng, Span<float> pixels)
    {
        pixels.Clear();
        var styles = DigitShapes.Styles[digit];
        var strokes = styles[rng.Next(styles.Length)];
        var hand = new Hand(rng, size);
        foreach (var stroke in strokes)
        {
            Wobble(stroke, hand, rng);
            // The pen presses differently at the two ends of a stroke.
            var (start, end) = (hand.PenRadius * rng.Uniform(0.8, 1.2), hand.PenRadius * rng.Uniform(0.8, 1.2));
            for (var span = 0; span + 1 < _points.Count; span++)
                DrawSpan(span, (float)start, (float)end, pixels);
        }
        Finish(hand.Ink, rng, pixels);
    }

    void Wobble(PenPoint[] stroke, Hand hand, Rng rng)
    {
        _points.Clear();
        for (var i = 0; i < stroke.Length; i++)
            // Both halves of a corner move together.
            _points.Add(i > 0 && stroke[i] == stroke[i - 1] ? _points[^1] : hand.Place(
                stroke[i].X + rng.Normal(0, Unsteadiness), stroke[i].Y + rng.Normal(0, Unsteadiness)));
    }

    /// <summary>How one digit is written: the bend and place of its outline, and the pen.</summary>
    sealed class Hand
    {
        readonly double _xx, _xy, _yx, _yy, _shiftX, _shiftY;
        readonly double[] _bend = new double[6];

        public Hand(Rng rng, int size)
        {
            // Half the height: the digit fills 20 of MNIST's 28 pixels when this is 10.
            var height = size / 28.0 * rng.Uniform(8.8, 10.4);
            var width = height * rng.Uniform(0.8, 1.2);
            var (sin, cos) = Math.SinCos(rng.Normal(0, Rotation));
            var slant = rng.Normal(0.12, Slant);
            // First lean (x - slant·y, y), then stretch, then rotate.
            (_xx, _xy) = (width * cos, -width * slant * cos - height * sin);
            (_yx, _yy) = (width * sin, -width * slant * sin + height * cos);
            _shiftX = (size - 1) / 2.0 + rng.Normal(0, Shift);
            _shiftY = (size - 1) / 2.0 + rng.Normal(0, Shift);
            for (var i = 0; i < _bend.Length; i++) _bend[i] = rng.Normal(0, Bend);
            PenRadius = size / 28.0 * rng.Uniform(0.8, 1.55);
            Ink = (float)rng.Uniform(0.75, 1.05);
        }

        public double PenRadius { get; }

        public float Ink { get; }

        public PenPoint Place(double x, double y)
        {
            var (a, b, c) = (x * x, x * y, y * y);
            x += _bend[0] * a + _bend[1] * b + _bend[2] * c;
            y += _bend[3] * a + _bend[4] * b + _bend[5] * c;
            return new PenPoint((float)(_xx * x + _xy * y + _shiftX), (float)(_yx * x + _yy * y + _shiftY));
        }
    }

    /// <summary>Draws from point <paramref name="span"/> to the next, on a uniform Catmull-Rom curve.</summary>
    void DrawSpan(int span, float startRadius, float endRadius, Span<float> pixels)
    {
        var (b, c) = (_points[span], _points[span + 1]);
        if (b == c) return;
        var a = span > 0 ? _points[span - 1] : b;
        var d = span + 2 < _points.Count ? _points[span + 2] : c;
        var from = b;
        for (var piece = 1; piece <= PiecesPerSpan; piece++)
        {
            var t = (float)piece / PiecesPerSpan;
            var to = new PenPoint(Curve(a.X, b.X, c.X, d.X, t), Curve(a.Y, b.Y, c.Y, d.Y, t));
            var way = (span + t) / (_points.Count - 1);
            DrawPiece(from, to, startRadius + (endRadius - startRadius) * way, pixels);
            from = to;
        }
    }

    static float Curve(float a, float b, float c, float d, float t) =>
        0.5f * (2 * b + t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a))));

    /// <summary>A straight piece with round ends: ink falls off over 1.5 pixels around the pen's edge.</summary>
    void DrawPiece(PenPoint from, PenPoint to, float radius, Span<float> pixels)
    {
        const float Edge = 0.75f;
        var reach = radius + Edge;
        var (dx, dy) = (to.X - from.X, to.Y - from.Y);
        var perLength = 1 / Math.Max(dx * dx + dy * dy, 1e-12f);
        var left = Math.Max(0, (int)MathF.Ceiling(Math.Min(from.X, to.X) - reach));
        var right = Math.Min(size - 1, (int)MathF.Floor(Math.Max(from.X, to.X) + reach));
        var top = Math.Max(0, (int)MathF.Ceiling(Math.Min(from.Y, to.Y) - reach));
        var bottom = Math.Min(size - 1, (int)MathF.Floor(Math.Max(from.Y, to.Y) + reach));
        for (var y = top; y <= bottom; y++)
        {
            var row = pixels.Slice(y * size, size);
            for (var x = left; x <= right; x++)
            {
                var (px, py) = (x - from.X, y - from.Y);
                var along = Math.Clamp((px * dx + py * dy) * perLength, 0, 1);
                (px, py) = (px - along * dx, py - along * dy);
                var distance = MathF.Sqrt(px * px + py * py);
                var ink = Math.Clamp((reach - distance) / (2 * Edge), 0, 1);
                row[x] = Math.Max(row[x], ink);
            }
        }
    }

    static void Finish(float ink, Rng rng, Span<float> pixels)
    {
        const float Scale = (float)Noise / 255;
        ulong bits = 0;
        for (var i = 0; i < pixels.Length; i++)
        {
            // The difference of two random bytes; four pixels to a draw.
            bits = i % 4 == 0 ? rng.NextBits() : bits >> 16;
            var noise = ((int)(bits & 255) - (int)(bits >> 8 & 255)) * Scale;
            pixels[i] = Math.Clamp(pixels[i] * ink + noise, 0, 1);
        }
    }
}
