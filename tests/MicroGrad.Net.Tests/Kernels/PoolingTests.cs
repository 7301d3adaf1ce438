using FsCheck;
using FsCheck.Fluent;

namespace MicroGrad.Net.Tests.Kernels;

[Collection(nameof(ProcessSettings))]
[Properties(Arbitrary = [typeof(PoolingTests)])]
public sealed class PoolingTests : IDisposable
{
    readonly int _threads = Work.Threads;

    public void Dispose() => Work.Threads = _threads;

    [Property]
    public void The_largest_and_its_place_are_what_plain_loops_find(Case one)
    {
        var (random, distinct) = (new Random(5), one.Ties ? 2 : 1000);
        double[] x = [.. Enumerable.Range(0, one.Planes * one.Rows.Input * one.Columns.Input)
            .Select(_ => random.Next(distinct) == 0 ? double.NegativeInfinity : random.Next(distinct))];
        CheckMax(x, one.Planes, one.Rows.Sliding, one.Columns.Sliding);
        CheckMax([.. x.Select(value => (float)value)], one.Planes, one.Rows.Sliding, one.Columns.Sliding);
    }

    [Fact]
    public void A_not_a_number_is_the_largest()
    {
        float[] x = [1, 2, float.NaN, 3, 9, 1];
        var (result, cells) = (new float[3], new float[3]);
        Pooling.Max<float>(x, new(1, 1, 1, 1, 0, 1), new(6, 3, 2, 2, 0, 1), result, cells);
        Assert.Equal([2, float.NaN, 9], result);
        Assert.Equal([1, 0, 0], cells);
    }

    [Fact]
    public void A_not_a_number_wins_in_every_lane()
    {
        for (var place = 0; place < 80; place++)
        {
            var x = new float[80];
            x[place] = float.NaN;
            var (result, cells) = (new float[20], new float[20]);
            Pooling.Max<float>(x, new(2, 1, 2, 2, 0, 1), new(40, 20, 2, 2, 0, 1), result, cells);
            for (var i = 0; i < 20; i++) Assert.Equal(i == place % 40 / 2, float.IsNaN(result[i]));
            Assert.Equal(place / 40 * 2 + place % 2, cells[place % 40 / 2]);
        }
    }

    [Fact]
    public void Bits_do_not_depend_on_the_number_of_threads()
    {
        var random = new Random(6);
        float[] x = [.. Enumerable.Range(0, 40 * 30 * 31).Select(_ => random.NextSingle())];
        Segment[] rows = [.. Enumerable.Range(0, 15).Select(i => new Segment(2 * i, 2 * i + 2, 2))];
        Segment[] columns = [.. Enumerable.Range(0, 29).Select(i => new Segment(i, i + 3, 3))];
        (float[], float[], float[], float[], float[])? expected = null;
        foreach (var threads in new[] { 1, 2, 4 })
        {
            Work.Threads = threads;
            var (max, cells, average) = (new float[40 * 15 * 29], new float[40 * 15 * 29], new float[40 * 15 * 29]);
            var (back, spread) = (new float[x.Length], new float[x.Length]);
            var (down, across) = (new Sliding(30, 15, 2, 2, 0, 1), new Sliding(31, 29, 3, 1, 0, 1));
            Pooling.Max<float>(x, down, across, max, cells);
            Pooling.PutBack<float>(max, cells, down, across, back);
            Pooling.Average<float>(40, 31, rows, columns, x, average);
            Pooling.Spread<float>(40, 31, rows, columns, average, spread);
            expected ??= (max, cells, back, average, spread);
            Assert.Equal(expected, (max, cells, back, average, spread));
        }
    }

    static void CheckMax<T>(T[] x, int planes, Sliding rows, Sliding columns) where T : unmanaged, System.Numerics.IFloatingPointIeee754<T>
    {
        var count = planes * rows.Output * columns.Output;
        var (result, cells, places) = (new T[count], new T[count], new int[count]);
        Pooling.Max<T>(x, rows, columns, result, cells);
        Pooling.Places<T>(cells, rows, columns, places);
        T[] g = [.. Enumerable.Range(1, count).Select(T.CreateChecked)];
        var (back, expected) = (new T[x.Length], new T[x.Length]);
        Array.Fill(back, T.NaN);
        Pooling.PutBack<T>(g, cells, rows, columns, back);
        for (var i = 0; i < count; i++) expected[places[i]] += g[i];
        Assert.Equal(expected, back);
        for (var i = 0; i < count; i++)
        {
            var (plane, row, column) = (i / columns.Output / rows.Output, i / columns.Output % rows.Output, i % columns.Output);
            var seen =
                from k in Enumerable.Range(0, rows.Window)
                from l in Enumerable.Range(0, columns.Window)
                let y = row * rows.Stride + k * rows.Dilation - rows.Before
                let z = column * columns.Stride + l * columns.Dilation - columns.Before
                where y >= 0 && y < rows.Input && z >= 0 && z < columns.Input
                select (plane * rows.Input + y) * columns.Input + z;
            var best = seen.MaxBy(place => x[place]);       // the first of ties
            Assert.Equal(best, places[i]);
            Assert.Equal(x[best], result[i]);
        }
    }

    /// <summary>What is pooled; with few distinct values there are many ties.</summary>
    public sealed record Case(int Planes, bool Ties, Axis Rows, Axis Columns);

    public sealed record Axis(int Input, int Window, int Stride, int Dilation, int Before)
    {
        int Extent => (Window - 1) * Dilation + 1;

        internal Sliding Sliding =>
            new(Input, (Input + Before - Extent) / Stride + 1, Window, Stride, Before, Dilation);

        /// <summary>Whether the window sees at least one number at each position.</summary>
        internal bool Sees => Before <= Window / 2 && Extent <= Input + Before
            && Enumerable.Range(0, Sliding.Output).All(o => Enumerable.Range(0, Window).Any(k => o * Stride + Sliding.Offset(k) is var i && i >= 0 && i < Input));

        internal static readonly (int, int)[] Ranges = [(1, 40), (1, 4), (1, 3), (1, 2), (0, 2)];

        internal static Axis Of(ReadOnlySpan<int> n) => new(n[0], n[1], n[2], n[3], n[4]);

        internal int[] Numbers => [Input, Window, Stride, Dilation, Before];
    }

    public static Arbitrary<Case> Cases { get; } = Arbitraries.Of(
        n => new Case(n[0], n[1] == 1, Axis.Of(n.AsSpan(2, 5)), Axis.Of(n.AsSpan(7, 5))),
        one => [one.Planes, one.Ties ? 1 : 0, .. one.Rows.Numbers, .. one.Columns.Numbers],
        [(1, 3), (0, 1), .. Axis.Ranges, .. Axis.Ranges]).Filter(one => one.Rows.Sees && one.Columns.Sees);
}
