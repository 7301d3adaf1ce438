using System.Numerics;

namespace MicroGrad.Net.Tests;

/// <summary>
/// Kernels that go through memory by pointers refuse arrays of other lengths than they need: each array in turn is given
/// one element too few.
/// </summary>
public sealed class KernelEntryTests
{
    [Fact]
    public void Elementwise_kernels_take_arrays_of_one_length()
    {
        EachIsNeeded(2, a => Elementwise.Map(default(Negate), a(0, 5), a(1, 5)));
        EachIsNeeded(3, a => Elementwise.Map(default(GaussianErrorLinear), a(0, 5), a(1, 5), a(2, 5)));
        EachIsNeeded(3, a => Elementwise.Zip(default(Add), a(0, 5), a(1, 5), a(2, 5)));
        EachIsNeeded(4, a => Elementwise.Zip(default(Choose), a(0, 5), a(1, 5), a(2, 5), a(3, 5)));
        EachIsNeeded(2, a => Update.Run(default(Rule), a(0, 5), a(1, 5), default(Span<float>), default, default));
        EachIsNeeded(5, a => Update.Run(default(Rule), a(0, 5), a(1, 5), a(2, 5), a(3, 5), a(4, 5)));
    }

    [Fact]
    public void Broadcasting_kernels_take_what_the_plan_reads()
    {
        foreach (var (result, x, y) in (ReadOnlySpan<(Shape, Shape, Shape)>)
            [([2, 3], [2, 3], [3]), ([2, 3], [2, 1], [3]), ([2, 3], [], [2, 3]), ([4, 2, 3], [4, 1, 3], [2, 1])])
        {
            var plan = new BroadcastPlan(result, x, y);
            var (n, nx, ny) = (result.Length, x.Length, y.Length);
            EachIsNeeded(3, a => Elementwise.Zip(default(Add), plan, a(0, nx), a(1, ny), a(2, n)));
            var three = new BroadcastPlan(result, x, y, x);
            EachIsNeeded(4, a => Elementwise.Zip(default(Choose), three, a(0, nx), a(1, ny), a(2, nx), a(3, n)));
        }
    }

    [Fact]
    public void Views_stay_within_their_array()
    {
        foreach (var (view, dense, length) in (ReadOnlySpan<(View, int, int)>)
        [
            (new View(1, [2, 3], [4, 1]), 6, 8), (new View(5, [2, 3], [-3, -1]), 6, 6),
            (new View(2, [3], [-1]), 3, 3), (new View(0, [2, 2], [0, 1]), 4, 2), (new View(3, [], []), 1, 4),
        ])
        {
            EachIsNeeded(2, a => Move.Gather(a(0, length), view, a(1, dense)));
            EachIsNeeded(2, a => Move.Scatter(a(1, dense), view, a(0, length)));
            Assert.Throws<ArgumentException>(() => Move.Gather(new float[length], view with { Offset = -1 }, new float[dense]));
        }
        Assert.Throws<ArgumentException>(() =>
            Move.Gather(new float[4], new View(0, [65536, 65536], [0, 0]), []));      // not 2³² = 0 elements
    }

    [Fact]
    public void Reductions_and_rows_take_what_their_sizes_say()
    {
        EachIsNeeded(2, a => Reduce.Fold(default(SumReduction), a(0, 24), 2, 3, 4, a(1, 8)));
        EachIsNeeded(2, a => Squares.Sums<float>(a(0, 24), 2, 3, 4, default, a(1, 8)));
        EachIsNeeded(2, a => RowSoftmax.Forward<float>(a(0, 6), 3, a(1, 6)));
        EachIsNeeded(3, a => RowSoftmax.Backward<float>(a(0, 6), a(1, 6), 3, a(2, 6)));
        EachIsNeeded(2, a => LabelSoftmax.Losses<float>(a(0, 6), [0, 2], a(1, 2)));
        EachIsNeeded(3, a => LabelSoftmax.Slopes<float>(a(0, 6), [0, 2], a(1, 2), a(2, 6)));
        foreach (var label in new[] { -1, 3, int.MaxValue, int.MinValue })
        {
            Assert.Throws<ArgumentOutOfRangeException>(() => LabelSoftmax.Losses(new float[6], [0, label], new float[2]));
            Assert.Throws<ArgumentOutOfRangeException>(() =>
                LabelSoftmax.Slopes(new float[6], [0, label], new float[2], new float[6]));
        }
    }

    [Fact]
    public void Standardizing_takes_whole_channels()
    {
        EachIsNeeded(6, a => Standardize.Forward<float>(a(0, 24), 3, 4, 0, a(1, 3), a(2, 3), a(3, 3), a(4, 3), a(5, 24)));
        EachIsNeeded(8, a => Standardize.Backward<float>(
            a(0, 24), a(1, 24), 4, 0, a(2, 3), a(3, 3), a(4, 3), a(5, 24), a(6, 3), a(7, 3)));
        EachIsNeeded(6, a => Standardize.Rows<float>(a(0, 12), 4, 0, a(1, 4), a(2, 4), a(3, 3), a(4, 3), a(5, 12)));
        EachIsNeeded(8, a => Standardize.RowsGradient<float>(
            a(0, 12), 4, a(1, 4), a(2, 3), a(3, 3), a(4, 12), a(5, 12), a(6, 4), a(7, 4)));
    }

    [Fact]
    public void Windows_take_what_their_sizes_say()
    {
        var axis = new Sliding(6, 4, 3, 1, 0, 1);
        var sizes = new ConvolutionSizes(2, 4, 6, 2, axis, axis);
        const int X = 2 * 4 * 36, W = 6 * 2 * 9, Y = 2 * 6 * 16;
        EachIsNeeded(4, a => Convolution.Output<float>(sizes, a(0, X), a(1, W), a(2, 6), a(3, Y)));
        EachIsNeeded(3, a => Convolution.InputGradient<float>(sizes, a(0, Y), a(1, W), a(2, X)));
        EachIsNeeded(3, a => Convolution.WeightGradient<float>(sizes, a(0, X), a(1, Y), a(2, W)));
        EachIsNeeded(3, a => Pooling.Max<float>(a(0, 5 * 36), axis, axis, a(1, 5 * 16), a(2, 5 * 16)));
        EachIsNeeded(3, a => Pooling.PutBack<float>(a(0, 5 * 16), a(1, 5 * 16), axis, axis, a(2, 5 * 36)));
        Segment[] rows = [new(0, 2, 2), new(2, 6, 4)], columns = [new(0, 6, 6)];
        EachIsNeeded(2, a => Pooling.Average<float>(5, 6, rows, columns, a(0, 5 * 36), a(1, 5 * 2)));
        EachIsNeeded(2, a => Pooling.Spread<float>(5, 6, rows, columns, a(0, 5 * 2), a(1, 5 * 36)));
        foreach (var beyond in (ReadOnlySpan<Segment>)[new(-1, 2, 2), new(4, 7, 3)])
        {
            Segment[] wrong = [new(0, 2, 2), beyond];
            Assert.Throws<ArgumentException>(() => Pooling.Average(5, 6, wrong, columns, new float[180], new float[10]));
            Assert.Throws<ArgumentException>(() => Pooling.Spread(5, 6, columns, wrong, new float[10], new float[180]));
        }
    }

    [Fact]
    public void Attention_takes_what_its_layouts_say()
    {
        var sizes = new HeadSizes(2, 3, 4, 5, 6, 7, Causal: false);
        HeadLayout q = new(0, 72, 6, 18), k = new(0, 90, 6, 18), v = new(0, 105, 7, 21), r = new(0, 84, 7, 21);
        const int Q = 144, K = 180, V = 210, R = 168, Weights = 2 * 3 * 4 * 5;
        EachIsNeeded(5, a => HeadAttention.Forward<float>(
            sizes, a(0, Q), q, a(1, K), k, a(2, V), v, a(3, R), r, a(4, Weights)));
        EachIsNeeded(8, a => HeadAttention.Backward<float>(sizes, a(0, Q), q, a(1, K), k, a(2, V), v, a(3, Weights),
            a(4, R), r, a(5, Q), a(6, K), a(7, V)));
    }

    [Fact]
    public void Recurrences_take_what_their_sizes_say()
    {
        var sizes = new RecurrenceSizes(5, 2, 3, 4, Backward: false);
        const int Memory = 5 * 2 * 6 * 4, Result = 6 * 2 * 4;
        RecurrenceOperands<float> Operands(Func<int, int, float[]> a) => new()
        {
            Input = a(0, 5 * 2 * 3), InputWeight = a(1, 16 * 3), StateWeight = a(2, 16 * 4), InputBias = a(3, 16),
            StateBias = a(4, 16), State = a(5, 8), Cell = a(6, 8),
        };
        EachIsNeeded(9, a => Recurrence.Forward<float, LstmStep>(sizes, Operands(a), a(7, Memory), a(8, Result)));
        EachIsNeeded(12, a => Recurrence.Backward<float, LstmStep>(sizes, Operands(a), a(7, Memory), a(8, Result),
            a(9, Result), new RecurrenceGradients<float> { State = a(10, 8), Cell = a(11, 8) }));
    }

    static void EachIsNeeded(int arrays, Action<Func<int, int, float[]>> kernel)
    {
        kernel((_, length) => new float[length]);
        for (var i = 0; i < arrays; i++)
        {
            var cut = i;
            Assert.ThrowsAny<ArgumentException>(() =>
                kernel((array, length) => new float[array == cut ? length - 1 : length]));
        }
    }

    readonly struct Rule : IUpdate
    {
        public void Apply<T>(ref Vector<T> w, Vector<T> g, ref Vector<T> a, ref Vector<T> b, ref Vector<T> c)
            where T : unmanaged, IFloatingPointIeee754<T> => w -= g;
    }
}
