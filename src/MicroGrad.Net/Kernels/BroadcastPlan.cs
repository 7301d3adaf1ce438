namespace MicroGrad.Net;

/// <summary>
/// How dense operands repeat to fill a result, by NumPy's rule, with neighbouring axes joined wherever all operands
/// allow it: equal shapes become one long row, [32, 10] with [10] becomes 32 rows of 10. Each operand's innermost
/// step is then 1 (moves along) or 0 (repeats).
/// </summary>
sealed class BroadcastPlan
{
    // Axes of the result from the outermost to the second innermost, and each operand's strides on them.
    readonly int[] _outer;
    readonly int[][] _strides;
    readonly int[] _steps;

    /// <summary>The number of rows: the product of all axes but the innermost.</summary>
    public int Rows { get; } = 1;

    /// <summary>The length of a row.</summary>
    public int Inner { get; }

    static readonly int[][] s_none = [[], [], []];

    public BroadcastPlan(Shape result, params ReadOnlySpan<Shape> operands)
    {
        // The common case: every operand fills the result, or is a single number.
        var steps = new int[operands.Length];
        var flat = true;
        for (var k = 0; k < operands.Length && flat; k++)
        {
            steps[k] = operands[k] == result ? 1 : 0;
            flat = steps[k] == 1 || operands[k].Length == 1;
        }
        if (flat)
        {
            (Inner, _outer, _strides, _steps) = (result.Length, [], s_none, steps);
            return;
        }
        var rank = result.Rank;
        Span<int> sizes = stackalloc int[rank + 1];
        var strides = new int[operands.Length][];
        for (var k = 0; k < strides.Length; k++) strides[k] = new int[rank + 1];
        var joined = 0;
        Span<int> full = stackalloc int[operands.Length];      // each operand's dense stride so far
        full.Fill(1);
        for (var back = 1; back <= rank; back++)
        {
            var size = result[^back];
            if (size == 1) continue;
            var joins = joined > 0;
            for (var k = 0; k < operands.Length; k++)
            {
                var own = back <= operands[k].Rank ? operands[k][^back] : 1;
                var stride = own == 1 ? 0 : full[k];
                full[k] *= own;
                strides[k][joined] = stride;
                joins = joins && stride == strides[k][joined - 1] * sizes[joined - 1];
            }
            if (joins) sizes[joined - 1] *= size;
            else sizes[joined++] = size;
        }
        if (joined == 0)
        {
            sizes[0] = result.Length;
            foreach (var s in strides) s[0] = 1;
            joined = 1;
        }
        Inner = sizes[0];
        _steps = Array.ConvertAll(strides, s => s[0]);
        _outer = sizes[1..joined].ToArray();
        Array.Reverse(_outer);
        _strides = Array.ConvertAll(strides, s => { var o = s[1..joined]; Array.Reverse(o); return o; });
        foreach (var size in _outer) Rows *= size;
    }

    /// <summary>The step of an operand along a row: 1, or 0 where one element repeats.</summary>
    public int Step(int operand) => _steps[operand];

    /// <summary>Where an operand's row starts.</summary>
    public int Offset(int operand, int row)
    {
        var strides = _strides[operand];
        if (strides.Length == 1) return row * strides[0];
        var offset = 0;
        for (var axis = _outer.Length - 1; axis >= 0; axis--)
        {
            (row, var index) = Math.DivRem(row, _outer[axis]);
            offset += index * strides[axis];
        }
        return offset;
    }

    /// <summary>Whether the result has the plan's length, and operands of these lengths reach as far as the plan goes.</summary>
    public bool Fits(int result, params ReadOnlySpan<int> operands)
    {
        if (result != (long)Rows * Inner) return false;
        for (var k = 0; k < operands.Length && result > 0; k++)
        {
            var last = (Inner - 1L) * _steps[k];
            for (var axis = 0; axis < _outer.Length; axis++) last += (_outer[axis] - 1L) * _strides[k][axis];
            if (last >= operands[k]) return false;
        }
        return true;
    }

    /// <summary>Hands out (first row, end row, first column, end column) in pieces of about <paramref name="grain"/>.</summary>
    public void Split(int grain, Action<int, int, int, int> body)
    {
        if (Rows == 1) Work.Split(Inner, grain, (low, high) => body(0, 1, low, high));
        else Work.Split(Rows, Math.Max(1, grain / Math.Max(1, Inner)), (low, high) => body(low, high, 0, Inner));
    }
}
