using System.Globalization;
using System.Text;

namespace MicroGrad.Net;

public partial class Tensor
{
    const int Edge = 3;         // elements shown at either end of a long axis
    const int PrintAll = 1000;  // tensors up to this many elements are shown whole

    string DebuggerText => Length <= 8 ? ToString() : $"{Shape} {DType}";

    /// <summary>The values, shape and number type, in NumPy's manner; long axes are shown by their ends.</summary>
    public override string ToString()
    {
        var values = ToDoubles();
        var shown = values.Where(double.IsFinite).Select(Math.Abs).Where(v => v > 0).DefaultIfEmpty(1).ToArray();
        var format = shown.Max() >= 1e5 || shown.Min() < 1e-4 ? "0.0000e+00"
            : values.All(v => !double.IsFinite(v) || v == Math.Floor(v)) ? "0." : "0.0000";
        string Text(int i) => values[i].ToString(format, CultureInfo.InvariantCulture);
        var width = values.Length is > 0 and <= PrintAll ? Enumerable.Range(0, values.Length).Max(i => Text(i).Length) : 0;

        var text = new StringBuilder();
        var next = 0;
        void Print(int axis, int indent)
        {
            if (axis == Rank)
            {
                text.Append(Text(next++).PadLeft(width));
                return;
            }
            var size = Shape[axis];
            var stride = Shape.Of(Shape.Sizes[(axis + 1)..]).Length;
            text.Append('[');
            for (var i = 0; i < size; i++)
            {
                if (Length > PrintAll && i == Edge && size > 2 * Edge)
                {
                    text.Append(axis == Rank - 1 ? " ..." : $"\n{new string(' ', indent + 1)}...");
                    next += (size - 2 * Edge) * stride;
                    i = size - Edge;
                }
                if (i > 0) text.Append(axis == Rank - 1 ? " " : "\n" + new string(' ', indent + 1));
                Print(axis + 1, indent + 1);
            }
            text.Append(']');
        }
        Print(0, 0);
        return $"{text} {Shape} {DType}";
    }
}
