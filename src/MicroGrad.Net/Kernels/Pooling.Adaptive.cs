using System.Numerics;

namespace MicroGrad.Net;

static unsafe partial class Pooling
{
    /// <summary>
    /// Where in x the largest number of the rows of segment i and the columns of segment j lies, plane by plane; the
    /// first of ties; a NaN counts as larger than every number.
    /// </summary>
    public static void AdaptiveMax<T>(
        int planes, int width, Segment[] rows, Segment[] columns, ReadOnlySpan<T> x, Span<int> places)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        Sizes.Require("adaptive max", Fits(planes, width, rows, columns, x.Length, places.Length));
        if (places.IsEmpty) return;
        var (plane, to) = (x.Length / planes, 0);
        for (var p = 0; p < planes; p++)
            foreach (var r in rows)
                foreach (var c in columns)
                {
                    var best = p * plane + r.Start * width + c.Start;
                    for (var row = r.Start; row < r.End; row++)
                        for (var at = p * plane + row * width + c.Start; at < p * plane + row * width + c.End; at++)
                            if (x[at] > x[best] || (T.IsNaN(x[at]) && !T.IsNaN(x[best]))) best = at;
                    places[to++] = best;
                }
    }
}
